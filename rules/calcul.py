"""How rules count days: the few operations that they all use, and what was counted while somebody asked to see it.

Nothing is noted unless :func:`noter` says so, in this thread or task only: what is shown is what was computed, never
written again beside it.
"""

import inspect
from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, timedelta
from typing import Final, NamedTuple


class Operation(NamedTuple):
    """Une opération sur des dates, telle qu'une règle l'a faite."""

    regle: str
    """The name of its file."""
    depart: date
    nombre: int
    """How many, backwards when negative; of the first working day, how many days it was put off."""
    unite: str
    """``mois``, ``jours``, ``jours ouvrés`` or ``report``."""
    fin: date


MOIS: Final = "mois"
JOURS: Final = "jours"
OUVRES: Final = "jours ouvrés"
REPORT: Final = "report"
"""To the first working day."""

_NOTES: Final[ContextVar[list[Operation] | None]] = ContextVar("operations", default=None)
_OUTILS: Final = frozenset({"rules.calcul", "rules.base", "rules.jours_ouvres"})


@contextmanager
def noter() -> Iterator[list[Operation]]:
    """Note what rules count in the block; what is computed lazily must be computed to its end inside it."""
    found: list[Operation] = []
    token = _NOTES.set(found)
    try:
        yield found
    finally:
        _NOTES.reset(token)


def note(depart: date, nombre: int, unite: str, fin: date) -> date:
    """``fin``, noted under the rule that asked for it, if somebody wants to see."""
    found = _NOTES.get()
    if found is not None:
        found.append(Operation(_regle(), depart, nombre, unite, fin))
    return fin


def _regle() -> str:
    frame = inspect.currentframe()
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith("rules.") and name not in _OUTILS:
            return str(name.removeprefix("rules."))
        frame = frame.f_back
    return ""


def quantieme(day: date, months: int) -> date:
    """The same day of the month, ``months`` later (earlier when negative), clamped to the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    end = date(year, month, day.day if day.day <= 28 else min(day.day, monthrange(year, month)[1]))  # noqa: PLR2004  # every month has 28 days
    return note(day, months, MOIS, end)


def decaler(day: date, jours: int) -> date:
    """So many days later, earlier when negative."""
    return note(day, jours, JOURS, day + timedelta(days=jours))


def lendemain(day: date) -> date:
    """The day after: the first day that a document valid until ``day`` no longer covers."""
    return decaler(day, 1)

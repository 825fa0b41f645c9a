"""A person as known on an instant and as true on a day; and what changed between two readings.

Two questions that are never mixed: *as known on* filters by the instant at which the ledger learned of a fact,
*as true on* by the day on which it happened. The same pure functions answer for today and for any other moment.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from pydantic import BaseModel

from ledger.entry import Entry
from ledger.retained import holding, known
from projections.couverture import Couverture, couverture
from projections.etat import EtatDossier, etats
from projections.historique import Ligne, historique


class Moment(msgspec.Struct, frozen=True):
    """From where one looks: ``connu_le`` (instant, ``None`` for now) and ``au`` (civil day in Paris, included)."""

    connu_le: datetime | None
    au: date


class Lecture(msgspec.Struct, frozen=True):
    """What the ledger says of a person from one moment."""

    connu_le: datetime | None
    au: date
    entrees: int
    etats: tuple[EtatDossier, ...]
    couverture: Couverture


class Ecart(msgspec.Struct, frozen=True):
    """What differs between two readings: the entries that only the second knows, and what they change."""

    avant: Lecture
    apres: Lecture
    nouvelles: tuple[Ligne, ...]
    changements: tuple[str, ...]


def lecture(entries: Sequence[Entry], moment: Moment) -> Lecture:
    """State and coverage of the person whose ``entries`` these are, from ``moment``."""
    held = holding(entries, at=moment.connu_le, on=moment.au)
    return Lecture(
        connu_le=moment.connu_le,
        au=moment.au,
        entrees=len(known(entries, moment.connu_le)),
        etats=etats(held),
        couverture=couverture(held, moment.au),
    )


def ecart(entries: Sequence[Entry], avant: Moment, apres: Moment) -> Ecart:
    """The difference between two readings of the same person."""
    first, second = lecture(entries, avant), lecture(entries, apres)
    before = {entry.event_id for entry in known(entries, avant.connu_le)}
    after = known(entries, apres.connu_le)
    new = {entry.fait.id for entry in after if entry.event_id not in before}
    return Ecart(
        avant=first,
        apres=second,
        nouvelles=tuple(line for line in historique(after) if line.id in new),
        changements=tuple(_changes(first, second)),
    )


def _changes(first: Lecture, second: Lecture) -> list[str]:
    """Each value of the state and of the coverage that is not the same, by its path."""
    changes: list[str] = []
    for name in ("etats", "couverture"):
        _walk(name, plain(getattr(first, name)), plain(getattr(second, name)), changes)
    return changes


def plain(value: Any) -> Any:
    """``value`` as JSON has it: dicts, lists, texts, numbers."""
    return msgspec.to_builtins(value, enc_hook=_dump)


def _dump(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return str(value)


def _walk(path: str, one: object, other: object, changes: list[str]) -> None:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in dict.fromkeys([*one, *other]):
            _walk(f"{path}.{name}", one.get(name), other.get(name), changes)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            _walk(f"{path}[{index}]", left, right, changes)
    elif one != other:
        changes.append(f"{path} : {one!r} → {other!r}")

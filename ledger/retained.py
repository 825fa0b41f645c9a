"""Which entries hold: as known on an instant, as true on a day, corrections applied, in the order of the facts.

Nothing is ever changed in the ledger, so every reading first answers two questions: what was recorded by then, and
what had happened by then. A fact that another names in ``corrige`` no longer holds; the one that corrects it does.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from ledger.days import LAST_DAY, last_instant
from ledger.entry import Entry
from ledger.events.correction import FaitRetire


def known(entries: Iterable[Entry], at: datetime | None) -> list[Entry]:
    """The entries recorded at or before the instant ``at`` (all when ``None``)."""
    return [entry for entry in entries if at is None or entry.recorded_at <= at]


Named = tuple[UUID, str]
"""Whose fact, and its id: a source gives an id once a person, and an incident of nobody has ids of its own."""


def named(entry: Entry) -> Named:
    """What ``entry`` is known by."""
    return entry.subject, entry.fait.id


def corrections(entries: Sequence[Entry]) -> dict[Named, Entry]:
    """For each corrected fact, the entry that replaces it: the last recorded one when several do.

    A correction may arrive before what it corrects. Of facts that correct each other in a circle, the last recorded
    holds.
    """
    correcting = [entry for entry in entries if entry.fait.corrige is not None]
    if not correcting:
        return {}
    by_name = {named(entry): entry for entry in entries}
    replaced: dict[Named, Entry] = {}
    for entry in correcting:
        target = _corrected(entry)
        if not (_in_circle(entry, by_name) and named(_last_of_circle(entry, by_name)) == target):
            replaced[target] = entry
    return replaced


def _corrected(entry: Entry) -> Named:
    return entry.subject, entry.fait.corrige or ""


def holding(entries: Iterable[Entry], *, at: datetime | None = None, on: date | None = None) -> list[Entry]:
    """The entries that hold, in the order in which the facts happened.

    ``at``: only what was recorded by this instant. ``on``: only what may have happened by the end of this civil day.
    Facts whose moment is not exact sort by the earliest moment, then the latest, then the order of arrival.
    """
    seen = known(entries, at)
    replaced = corrections(seen)
    end = None if on is None else last_instant(min(on, LAST_DAY))
    kept = [
        entry
        for entry in seen
        if not (replaced and named(entry) in replaced)
        and not isinstance(entry.fait.evenement, FaitRetire)
        and (end is None or entry.fait.survenu.debut <= end)
    ]
    return in_order(kept)


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """``entries``, which are in order of arrival, in the order of the facts."""
    return sorted(entries, key=lambda entry: (entry.fait.survenu.debut, entry.fait.survenu.fin))


def _circle(entry: Entry, by_name: dict[Named, Entry]) -> list[Entry]:
    """The entries that correct each other in a circle through ``entry``; empty when there is none."""
    path = [entry]
    while path[-1].fait.corrige is not None and (target := _corrected(path[-1])) in by_name:
        following = by_name[target]
        if named(following) == named(entry):
            return path
        if following in path:
            return []
        path.append(following)
    return []


def _in_circle(entry: Entry, by_name: dict[Named, Entry]) -> bool:
    return bool(_circle(entry, by_name))


def _last_of_circle(entry: Entry, by_name: dict[Named, Entry]) -> Entry:
    circle = _circle(entry, by_name)
    return max(circle, key=lambda each: list(by_name.values()).index(each))

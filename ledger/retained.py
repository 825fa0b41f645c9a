"""Which entries hold: as known on an instant, as true on a day, corrections applied, in the order of the facts.

Nothing is ever changed in the ledger, so every reading first answers two questions: what was recorded by then, and
what had happened by then. A fact that another names in ``corrige`` no longer holds; the one that corrects it does.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from ledger.entry import Entry
from ledger.events.correction import FaitRetire


def known(entries: Iterable[Entry], at: datetime | None) -> list[Entry]:
    """The entries recorded at or before the instant ``at`` (all when ``None``)."""
    return [entry for entry in entries if at is None or entry.recorded_at <= at]


def corrections(entries: Sequence[Entry]) -> dict[str, Entry]:
    """For each corrected fact's id, the entry that replaces it: the last recorded one when several do.

    A correction may arrive before what it corrects. Of facts that correct each other in a circle, the last recorded
    holds.
    """
    by_id = {entry.fait.id: entry for entry in entries}
    replaced: dict[str, Entry] = {}
    for entry in entries:
        target = entry.fait.corrige
        if target is not None and not (_in_circle(entry, by_id) and _last_of_circle(entry, by_id).fait.id == target):
            replaced[target] = entry
    return replaced


def holding(entries: Iterable[Entry], *, at: datetime | None = None, on: date | None = None) -> list[Entry]:
    """The entries that hold, in the order in which the facts happened.

    ``at``: only what was recorded by this instant. ``on``: only what may have happened by the end of this civil day.
    Facts whose moment is not exact sort by the earliest moment, then the latest, then the order of arrival.
    """
    seen = known(entries, at)
    replaced = corrections(seen)
    kept = [
        entry
        for entry in seen
        if entry.fait.id not in replaced
        and not isinstance(entry.fait.evenement, FaitRetire)
        and (on is None or entry.fait.survenu.jours.premier <= on)
    ]
    order = {entry.event_id: index for index, entry in enumerate(seen)}
    return sorted(kept, key=lambda entry: (entry.fait.survenu.debut, entry.fait.survenu.fin, order[entry.event_id]))


def _circle(entry: Entry, by_id: dict[str, Entry]) -> list[Entry]:
    """The entries that correct each other in a circle through ``entry``; empty when there is none."""
    path = [entry]
    while (target := path[-1].fait.corrige) is not None and target in by_id:
        following = by_id[target]
        if following.fait.id == entry.fait.id:
            return path
        if following in path:
            return []
        path.append(following)
    return []


def _in_circle(entry: Entry, by_id: dict[str, Entry]) -> bool:
    return bool(_circle(entry, by_id))


def _last_of_circle(entry: Entry, by_id: dict[str, Entry]) -> Entry:
    circle = _circle(entry, by_id)
    return max(circle, key=lambda each: list(by_id.values()).index(each))

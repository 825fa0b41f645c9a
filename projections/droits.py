"""Les droits de toutes les personnes (async) : segments, lacunes et effets, pour chercher et compter en SQL.

The same pure function as :func:`projections.couverture.couverture`, seen from the last day of the calendar: what is
open ends there, so a reader cuts at the day it asks about. One person is better read live, from the ledger.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from ledger.days import LAST_DAY
from ledger.entry import Entry
from projections.couverture import PERTINENTS, couverture
from projections.vue import Cells, PersonView


class Droits(PersonView):
    """Tables ``segment``, ``lacune`` and ``effet``; all intervals are inclusive civil days."""

    name: ClassVar[str] = "couverture"
    pertinents: ClassVar[frozenset[str]] = PERTINENTS
    tables: ClassVar[tuple[tuple[str, str], ...]] = (
        ("segment", "couche text, du date, au date, base text, certitude text, reference text, ouvert boolean"),
        ("lacune", "du date, au date, nature text, certitude text, ouverte boolean"),
        ("effet", "du date, au date, nature text, organisme text, reference text"),
    )

    def rows(self, entries: Sequence[Entry]) -> Iterable[tuple[str, Cells]]:
        """The rows of one person."""
        cover = couverture(entries, LAST_DAY)
        for couche, segments in (("droit", cover.droit), ("preuve", cover.preuve)):
            for each in segments:
                yield (
                    "segment",
                    (couche, each.du, each.au, each.base.value, each.certitude.value, each.reference, each.ouvert),
                )
        for gap in cover.lacunes:
            yield "lacune", (gap.du, gap.au, gap.nature.value, gap.certitude.value, gap.ouverte)
        for effect in cover.effets:
            yield "effet", (effect.du, effect.au or LAST_DAY, effect.nature, effect.organisme, effect.reference)

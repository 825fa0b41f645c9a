"""Les droits de toutes les personnes (async) : segments, lacunes et effets, pour chercher et compter en SQL.

The pure function that :func:`projections.couverture.couverture` rests on, without its sentences and other readings,
seen from the last day of the calendar: what is open ends there, so a reader cuts at the day it asks about. One person
is better read live, from the ledger.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar

from ledger.days import LAST_DAY
from ledger.entry import Entry
from projections.couverture import PERTINENTS, effets, ouverte, trame
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

    def rows(self, entries: Sequence[Entry], shared: Any = None) -> Iterable[tuple[str, Cells]]:  # noqa: ARG002 - nobody's
        """The rows of one person."""
        found = trame(entries, LAST_DAY)
        for couche, segments in (("droit", found.droit), ("preuve", found.preuve)):
            for each in segments:
                yield (
                    "segment",
                    (couche, each.du, each.au, each.base.value, each.certitude.value, each.reference, each.ouvert),
                )
        for gap in found.trous:
            days = date.fromordinal(gap.du), date.fromordinal(gap.au)
            yield "lacune", (*days, gap.nature.value, gap.certitude.value, ouverte(gap, found))
        for effect in effets(found.faits):
            yield "effet", (effect.du, effect.au or LAST_DAY, effect.nature, effect.organisme, effect.reference)

"""Correction : dire qu'un fait n'a pas eu lieu."""

from collections.abc import Iterator, Mapping
from typing import Final

from commands.base import Garde, Motif, Reponse
from commands.situation import Situation
from ledger.events import correction
from ledger.events.base import Event
from rules import constat_coherence as coherence


def retirer_fait(s: Situation, e: correction.FaitRetire) -> Iterator[Reponse]:
    """Dire qu'un fait n'a pas eu lieu ; il reste lisible au registre."""
    if s.corrige is None:
        yield Motif(
            "retrait_sans_fait", coherence.CORRECTION, "Le retrait ne nomme pas, par « corrige », le fait retiré."
        )
    if not e.motif.strip():
        yield Motif("retrait_sans_motif", coherence.CORRECTION, "Le retrait ne dit pas pourquoi.")


ACTES: Final[Mapping[type[Event], Garde]] = {correction.FaitRetire: retirer_fait}

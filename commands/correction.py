"""Correction : dire qu'un fait n'a pas eu lieu, ou le contester."""

from collections.abc import Iterator, Mapping
from typing import Final

from commands.base import Garde, Motif, Reponse, avertir
from commands.situation import Situation
from ledger.events import correction
from ledger.events.base import Event
from ledger.events.types import NatureActeur
from rules import constat_coherence as coherence


def retirer_fait(s: Situation, e: correction.FaitRetire) -> Iterator[Reponse]:
    """Dire qu'un fait n'a pas eu lieu ; il reste lisible au registre."""
    if s.corrige is None:
        yield Motif(
            "retrait_sans_fait", coherence.CORRECTION, "Le retrait ne nomme pas, par « corrige », le fait retiré."
        )
    if not e.motif.strip():
        yield Motif("retrait_sans_motif", coherence.CORRECTION, "Le retrait ne dit pas pourquoi.")


def contester_fait(s: Situation, e: correction.FaitConteste) -> Iterator[Reponse]:
    """Contester un fait : il reste lu, et la contestation à côté de lui."""
    if not e.faits_contestes:
        yield Motif("contestation_sans_fait", coherence.CORRECTION, "La contestation ne nomme aucun fait.")
    unknown = [ref for ref in e.faits_contestes if ref not in s.ids]
    if unknown:
        yield Motif(
            "conteste_inconnu", coherence.CORRECTION, f"Faits contestés qui ne sont pas connus : {len(unknown)}."
        )
    if not e.motif.strip():
        yield Motif("contestation_sans_motif", coherence.CORRECTION, "La contestation ne dit pas ce qui est faux.")
    if s.acteur.nature not in _PARTIE and s.acteur.au_nom_de is None:
        yield avertir(
            "contestation_par_un_autre",
            coherence.CORRECTION,
            "La contestation est dite celle de la personne ; un autre agit.",
        )


_PARTIE: Final = frozenset({NatureActeur.USAGER, NatureActeur.REPRESENTANT, NatureActeur.ACCOMPAGNANT})
ACTES: Final[Mapping[type[Event], Garde]] = {
    correction.FaitRetire: retirer_fait,
    correction.FaitConteste: contester_fait,
}

"""Why a day is uncovered, in French sentences, and the facts each sentence rests on."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from ledger.entry import Entry
from ledger.events.types import NatureDecision
from ledger.francais import jour
from projections.couverture.documents import SANS_FIN, Doc, Plage
from projections.couverture.faits import Bornes
from projections.couverture.lacunes import Regime, Trou
from projections.couverture.modeles import Certitude, NatureLacune
from rules import ceseda_l411_2_fin_de_droit

_DECISIONS: Final = {
    NatureDecision.REFUS_EXPRES: "Refus exprès notifié",
    NatureDecision.RETRAIT_TITRE: "Retrait du titre",
    NatureDecision.FAVORABLE: "Décision favorable retirée ou annulée",
}
_INEXACT: Final = (
    "Une date n'est connue que par un intervalle : ces jours ne sont classés ainsi que sous certaines lectures."
)
_FIN: Final = ceseda_l411_2_fin_de_droit.SOURCE.citation


def jour_fr(day: int) -> str:
    """« 1er octobre 2025 »."""
    return jour(date.fromordinal(day))


def jours_fr(days: Bornes) -> str:
    """One day, or « entre le … et le … »."""
    if days[0] == days[1]:
        return f"le {jour_fr(days[0])}"
    return f"entre le {jour_fr(days[0])} et le {jour_fr(days[1])}"


class Contexte(NamedTuple):
    """What the sentences are made from."""

    docs: Sequence[Doc]
    regimes: Sequence[Regime]
    protections: Sequence[tuple[Bornes, Entry]]
    favorables: Sequence[tuple[Bornes, Entry]]


Phrase = tuple[str, tuple[Entry, ...]]


def phrases(hole: Trou, context: Contexte) -> Iterator[Phrase]:
    """The sentences of one gap, each with its facts."""
    yield from _avant(hole, context.docs)
    match hole.nature:
        case NatureLacune.PREUVE_SEULE:
            yield from _sans_preuve(hole, context.docs)
        case NatureLacune.FIN_DE_DROIT:
            yield from _fin_de_droit(hole, context.regimes)
        case NatureLacune.RUPTURE:
            yield "Aucun titre, attestation, récépissé ni maintien de trois mois (L.433-3) ne couvre ces jours.", ()
            yield from _decision_sans_document(hole, context)
    for le, entry in context.protections:
        if le[0] <= hole.au and hole.nature is not NatureLacune.PREUVE_SEULE:
            yield f"La protection reconnue {jours_fr(le)} demeure : le droit continue, sa preuve manque.", (entry,)
    if hole.certitude is Certitude.INCERTAIN:
        yield _INEXACT, ()


def _avant(hole: Trou, docs: Sequence[Doc]) -> Iterator[Phrase]:
    eve = hole.du - 1
    for doc in docs:
        span = doc.preuve or doc.droit
        if span[0] <= eve and eve in {span[2], span[3]}:
            yield f"Couvert jusqu'au {jour_fr(eve)} : {_nom(doc)}.", doc.entries


def _nom(doc: Doc) -> str:
    return f"{doc.base.libelle} {doc.reference}" if doc.reference else doc.base.libelle


def _touche(span: Plage, hole: Trou) -> bool:
    return span[0] <= hole.au and hole.du <= span[3]


def _sans_preuve(hole: Trou, docs: Sequence[Doc]) -> Iterator[Phrase]:
    for doc in docs:
        if not _touche(doc.droit, hole):
            continue
        if doc.preuve is None:
            why = "rien n'établit qu'il était entre les mains de la personne"
        elif doc.preuve[1] >= SANS_FIN:
            why = "rien n'établit sous toutes les lectures qu'il le prouvait ces jours-là"
        elif doc.preuve[0] > hole.du:
            why = f"il n'a été mis à disposition ou remis que {jours_fr(doc.preuve[:2])}"
        else:
            continue
        yield f"Droit fondé par : {_nom(doc)} ({doc.source}) ; {why}.", doc.entries


def _fin_de_droit(hole: Trou, regimes: Sequence[Regime]) -> Iterator[Phrase]:
    for each in regimes:
        if each.possible[0] <= hole.au and hole.du <= each.possible[1]:
            text = (
                f"{_DECISIONS[each.fin.nature]} : dernier jour laissé couvert {jours_fr(each.fin.le)}. Fin de droit par"
                f" décision ({_FIN}), classée à part : ce n'est pas une interruption."
            )
            yield text, (each.fin.entry,)


def _decision_sans_document(hole: Trou, context: Contexte) -> Iterator[Phrase]:
    for le, entry in context.favorables:
        given = any(le[0] <= span[0] <= hole.au for doc in context.docs for span in [doc.preuve or doc.droit])
        if le[0] <= hole.au and not given:
            yield f"Décision favorable prise {jours_fr(le)} : aucun document n'en est connu ces jours-là.", (entry,)

"""Recours : former, juger, rejeter."""

from collections.abc import Iterator, Mapping
from typing import Final

from commands.base import Garde, Motif, Reponse, avertir
from commands.gardes import nom
from commands.situation import Situation
from ledger.events import recours
from ledger.events.base import Event
from ledger.events.types import BaseRecours, NatureDecision
from rules import ce_435594_tentatives as tentatives
from rules import cja_l521_3_mesures_utiles as utiles
from rules import cja_r522_1_refere as refere
from rules import constat_coherence as coherence

_REFERES: Final = frozenset({
    BaseRecours.REFERE_SUSPENSION,
    BaseRecours.REFERE_LIBERTE,
    BaseRecours.REFERE_MESURES_UTILES,
    BaseRecours.REFERE_PROVISION,
    BaseRecours.REFERE_CONSTAT,
})  # fmt: skip
_ADMINISTRATIFS: Final = frozenset({BaseRecours.GRACIEUX, BaseRecours.HIERARCHIQUE})


def former_recours(s: Situation, e: recours.RecoursForme) -> Iterator[Reponse]:
    """Former un recours."""
    if e.base in _REFERES:
        yield Motif("recours_est_un_refere", coherence.RECOURS, "Ce fondement est celui d'un référé.")
    yield from _decision_attaquee(s, e.vise)


def former_refere(s: Situation, e: recours.RefereForme) -> Iterator[Reponse]:
    """Former un référé."""
    if e.base not in _REFERES:
        yield Motif("refere_est_un_recours", coherence.RECOURS, "Ce fondement n'est pas celui d'un référé.")
    yield from _decision_attaquee(s, e.vise)
    implicit = s.dossier.refus_implicite
    if refere.copie_au_fond_exigee(e.base) and e.recours_au_fond is None:
        yield avertir("suspension_sans_fond", refere.SOURCE, "La requête au fond à joindre n'est pas nommée.")
    if e.base is not BaseRecours.REFERE_MESURES_UTILES:
        return
    if implicit is not None and implicit.debout:
        yield avertir(
            "mesures_utiles_fermees",
            utiles.FERMETURE,
            f"Un refus implicite est né le {implicit.ne_le} : les mesures utiles ne peuvent y faire obstacle.",
        )
    attempts = s.dossier.tentatives
    if (
        attempts.premiere_le
        and attempts.derniere_le
        and not tentatives.ecart_suffisant(attempts.premiere_le.premier, attempts.derniere_le.dernier)
    ):
        yield avertir(
            "tentatives_rapprochees",
            tentatives.LECTURES.source(),
            f"Les tentatives connues vont du {attempts.premiere_le} au {attempts.derniere_le} : moins de sept jours.",
        )


def _decision_attaquee(s: Situation, vise: NatureDecision | None) -> Iterator[Reponse]:
    dossier = s.dossier
    known: dict[NatureDecision, bool] = {
        NatureDecision.FAVORABLE: any(each.nature is vise for each in dossier.decisions),
        NatureDecision.REFUS_EXPRES: any(each.nature is vise for each in dossier.decisions),
        NatureDecision.REFUS_IMPLICITE: dossier.refus_implicite is not None,
        NatureDecision.CLOTURE: bool(dossier.clotures),
        NatureDecision.REFUS_ENREGISTREMENT: bool(dossier.refus_enregistrement),
    }
    if vise is not None and not known.get(vise, True):
        yield avertir(
            "decision_attaquee_inconnue", coherence.RECOURS, f"La décision attaquée ({vise.value}) n'est pas connue."
        )


def rendre_ordonnance(s: Situation, e: recours.OrdonnanceRendue) -> Iterator[Reponse]:
    """Constater une ordonnance du juge des référés."""
    if not any(each.refere and e.base in {None, each.base} for each in s.dossier.recours):
        yield Motif("refere_inconnu", coherence.RECOURS, f"Aucun référé de ce fondement n'est connu : {nom(s)}.")
    yield from _injonction(chargee=bool(e.injonctions), delai=e.delai_injonction_jours)


def rendre_jugement(s: Situation, e: recours.JugementRendu) -> Iterator[Reponse]:
    """Constater un jugement au fond."""
    if not any(not each.refere and each.base not in _ADMINISTRATIFS for each in s.dossier.recours):
        yield Motif("recours_inconnu", coherence.RECOURS, f"Aucun recours devant le juge n'est connu : {nom(s)}.")
    yield from _injonction(chargee=bool(e.injonctions), delai=e.delai_injonction_jours)


def _injonction(*, chargee: bool, delai: int | None) -> Iterator[Motif]:
    if delai is not None and not chargee:
        yield Motif("delai_sans_injonction", coherence.RECOURS, "Un délai d'exécution suppose une injonction.")


def rejeter_recours_administratif(s: Situation, e: recours.RecoursAdministratifRejete) -> Iterator[Reponse]:
    """Rejeter un recours gracieux ou hiérarchique."""
    lodged = [
        each
        for each in s.dossier.recours
        if each.base in _ADMINISTRATIFS and (e.recours is None or each.numero == e.recours)
    ]
    if not lodged:
        yield Motif(
            "recours_administratif_inconnu", coherence.RECOURS, f"Aucun recours administratif n'est connu : {nom(s)}."
        )
    elif all(each.rejete_le is not None for each in lodged):
        yield Motif("recours_deja_rejete", coherence.RECOURS, "Ce recours administratif a déjà été rejeté.")


ACTES: Final[Mapping[type[Event], Garde]] = {
    recours.RecoursForme: former_recours,
    recours.RefereForme: former_refere,
    recours.OrdonnanceRendue: rendre_ordonnance,
    recours.JugementRendu: rendre_jugement,
    recours.RecoursAdministratifRejete: rejeter_recours_administratif,
}

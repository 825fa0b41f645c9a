"""Décision : constater le silence, accorder, refuser, notifier, retirer, annuler."""

from collections.abc import Iterator, Mapping
from typing import Final

from commands.base import Garde, Motif, Reponse, avertir, avertir_de
from commands.gardes import (
    consentement,
    decision_attendue,
    demande_deposee,
    incidents_en_cours,
    nom,
    pas_decidee,
    pas_finie,
)
from commands.situation import Situation
from ledger.events import decision
from ledger.events.base import Event
from ledger.events.types import NatureDecision
from rules import ceseda_r432_1_silence as silence
from rules import cja_r421_1_delai_franc as franc
from rules import cja_r421_5_voies_et_delais as voies
from rules import constat_coherence as coherence
from rules import crpa_l211_5_motivation as motivation
from rules import crpa_l232_4_motifs as motifs
from rules import crpa_l242_1_retrait as retrait


def constater_refus_implicite(s: Situation, e: decision.RefusImpliciteNe) -> Iterator[Reponse]:
    """Constater que le silence a fait naître un refus implicite."""
    yield from demande_deposee(s)
    implicit = s.dossier.refus_implicite
    if implicit is not None and implicit.debout:
        yield Motif(
            "refus_implicite_deja_ne", coherence.DECISION, f"Un refus implicite est déjà né le {implicit.ne_le}."
        )
    express = s.dossier.decision
    if express is not None and express.prise_le is not None and express.prise_le.dernier < e.ne_le.premier:
        yield Motif(
            "decision_avant_silence",
            silence.SOURCE,
            f"Une décision expresse du {express.prise_le} a précédé : pas de silence.",
        )
    filed = s.dossier.depot
    if filed is None or not (filed.le.exact and e.ne_le.exact):
        return
    births = {delay.naissance(filed.le.premier): delay for delay in silence.delais(filed.motif_sejour, filed.fondement)}
    if e.ne_le.premier < min(births):
        first = births[min(births)]
        yield avertir(
            "refus_implicite_trop_tot",
            first.source,
            f"Le délai ({first.libelle}) depuis le dépôt ne finit que le {min(births)}.",
        )


def demander_motifs(s: Situation, e: decision.MotifsDemandes) -> Iterator[Reponse]:
    """Demander les motifs du refus implicite."""
    yield from demande_deposee(s)
    implicit = s.dossier.refus_implicite
    if implicit is None or not implicit.debout:
        yield avertir("motifs_sans_refus", motifs.SOURCE, f"Aucun refus implicite n'est connu : {nom(s)}.")
        return
    day = e.recue_le or e.demandes_le or s.le
    if implicit.ne_le.exact and day.exact and day.premier > franc.dernier_jour(implicit.ne_le.premier):
        yield avertir(
            "motifs_hors_delai",
            motifs.SOURCE,
            f"La demande du {day} vient après le délai de recours, s'il est opposable.",
        )


def communiquer_motifs(s: Situation, e: decision.MotifsCommuniques) -> Iterator[Reponse]:
    """Communiquer les motifs du refus implicite."""
    asked = s.dossier.motifs_demandes_le
    if asked is None:
        yield Motif("motifs_jamais_demandes", coherence.DECISION, f"Les motifs n'ont pas été demandés : {nom(s)}.")
    day = e.communiques_le or s.le
    if asked is not None and asked.exact and day.exact and day.premier > motifs.due_le(asked.premier):
        due = motifs.due_le(asked.premier)
        yield avertir(
            "motifs_tardifs", motifs.SOURCE, f"Les motifs, demandés le {asked}, étaient dus au plus tard le {due}."
        )
    yield from avertir_de(motivation.manquements(e.motifs, e.articles))
    yield from decision_attendue(situation=s, qualite=e.auteur_qualite)


def accorder_titre(s: Situation, e: decision.DecisionFavorablePrise) -> Iterator[Reponse]:
    """Prendre une décision favorable."""
    yield from _peut_decider(s)
    filed = s.dossier.depot
    if filed is not None and filed.le.premier > e.prise_le.dernier:
        yield Motif(
            "decision_avant_depot", coherence.TEMPS, f"La décision du {e.prise_le} précède le dépôt du {filed.le}."
        )
    if filed is not None and filed.titre_demande is not e.titre_accorde:
        yield avertir(
            "titre_accorde_autre",
            coherence.DECISION,
            f"Le titre accordé ({e.titre_accorde.value}) n'est pas celui demandé ({filed.titre_demande.value}).",
        )
    yield from decision_attendue(situation=s, qualite=e.auteur_qualite)


def _peut_decider(s: Situation) -> Iterator[Motif]:
    yield from demande_deposee(s)
    yield from pas_finie(s)
    yield from pas_decidee(s)


def decider_refus(s: Situation, e: decision.RefusDecide) -> Iterator[Reponse]:
    """Décider de refuser la demande."""
    yield from _peut_decider(s)
    filed = s.dossier.depot
    if filed is not None and filed.le.premier > e.decide_le.dernier:
        yield Motif(
            "decision_avant_depot", coherence.TEMPS, f"La décision du {e.decide_le} précède le dépôt du {filed.le}."
        )
    yield from avertir_de(motivation.manquements(e.motifs, e.articles))
    yield from decision_attendue(situation=s, qualite=e.auteur_qualite)
    yield from incidents_en_cours(s, "Refus")
    if any(
        each.en_attente and each.echeance and s.le.premier <= each.echeance.dernier for each in s.dossier.complements
    ):
        yield avertir(
            "refus_pendant_complement", silence.SUSPENSION, "Le délai donné à la personne pour compléter court encore."
        )


def notifier_refus(s: Situation, e: decision.RefusNotifie) -> Iterator[Reponse]:
    """Notifier le refus à la personne."""
    decided = s.dossier.decision
    if decided is None or decided.nature is not NatureDecision.REFUS_EXPRES:
        yield Motif(
            "refus_jamais_decide", coherence.DECISION, f"Aucun refus n'a été décidé : {nom(s)} n'a rien à notifier."
        )
    else:
        if decided.notifiee_le is not None:
            yield Motif(
                "refus_deja_notifie", coherence.DECISION, f"Le refus a déjà été notifié le {decided.notifiee_le}."
            )
        if decided.prise_le is not None and e.notifie_le.dernier < decided.prise_le.premier:
            yield Motif(
                "notifie_avant_decision",
                coherence.TEMPS,
                f"La notification du {e.notifie_le} précède le refus du {decided.prise_le}.",
            )
    if e.mention_voies_recours is not True:
        yield avertir(
            "sans_voies_recours", voies.SOURCE, "Sans voies et délais de recours, le délai n'est pas opposable."
        )
    yield from consentement(s, e.mode)
    yield from incidents_en_cours(s, "Notification")


def retirer_decision(s: Situation, e: decision.DecisionRetiree) -> Iterator[Reponse]:
    """Retirer une décision."""
    yield from _vise_ce_qui_tient(s, e.vise)
    taken = s.dossier.decision
    if e.vise is not NatureDecision.FAVORABLE or taken is None or taken.nature is not NatureDecision.FAVORABLE:
        return
    if taken.prise_le and taken.prise_le.exact and e.retiree_le.exact:
        if retrait.hors_delai(taken.prise_le.premier, e.retiree_le.premier):
            yield avertir(
                "retrait_tardif",
                retrait.SOURCE,
                f"La décision du {taken.prise_le} est retirée plus de quatre mois après.",
            )
        if e.retiree_le.premier < taken.prise_le.premier:
            yield Motif(
                "retrait_avant_decision", coherence.TEMPS, f"Le retrait précède la décision du {taken.prise_le}."
            )
    if not any(each.strip() for each in e.motifs):
        yield avertir("sans_motif_de_fait", motivation.PRINCIPE, "Le retrait n'énonce aucun motif.")


def annuler_decision(s: Situation, e: decision.DecisionAnnulee) -> Iterator[Reponse]:
    """Constater que le juge a annulé une décision."""
    yield from _vise_ce_qui_tient(s, e.vise)
    if not s.dossier.recours:
        yield avertir("annulation_sans_recours", coherence.RECOURS, "Aucun recours n'est connu sur ce dossier.")


def _vise_ce_qui_tient(s: Situation, vise: NatureDecision) -> Iterator[Motif]:
    """The decision that is undone is known and still stands; what lies outside the dossier is not checked."""
    dossier = s.dossier
    standing: dict[NatureDecision, bool] = {
        NatureDecision.FAVORABLE: any(each.debout and each.nature is vise for each in dossier.decisions),
        NatureDecision.REFUS_EXPRES: any(each.debout and each.nature is vise for each in dossier.decisions),
        NatureDecision.REFUS_IMPLICITE: dossier.refus_implicite is not None and dossier.refus_implicite.debout,
        NatureDecision.CLOTURE: dossier.cloture is not None,
        NatureDecision.REFUS_ENREGISTREMENT: any(each.debout for each in dossier.refus_enregistrement),
    }
    if not standing.get(vise, True):
        yield Motif(
            "rien_a_retirer", coherence.DECISION, f"Aucune décision de ce genre ({vise.value}) ne tient : {nom(s)}."
        )


ACTES: Final[Mapping[type[Event], Garde]] = {
    decision.RefusImpliciteNe: constater_refus_implicite,
    decision.MotifsDemandes: demander_motifs,
    decision.MotifsCommuniques: communiquer_motifs,
    decision.DecisionFavorablePrise: accorder_titre,
    decision.RefusDecide: decider_refus,
    decision.RefusNotifie: notifier_refus,
    decision.DecisionRetiree: retirer_decision,
    decision.DecisionAnnulee: annuler_decision,
}

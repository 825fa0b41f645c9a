"""Titre : remettre, constater l'expiration, restituer, rappeler, fabriquer, retirer."""

from collections.abc import Iterator, Mapping
from typing import Final

from commands.base import Garde, Motif, Reponse, avertir, avertir_de
from commands.gardes import decision_attendue
from commands.situation import Situation
from ledger.days import Jours
from ledger.events import titre
from ledger.events.base import Event
from ledger.events.types import NatureDecision
from rules import ceseda_r431_5_fenetre as fenetre
from rules import ceseda_r431_15_1_attestation as attestation
from rules import constat_coherence as coherence
from rules import crpa_l121_1_contradictoire as contradictoire
from rules import crpa_l211_5_motivation as motivation


def remettre_titre(s: Situation, e: titre.TitreRemis) -> Iterator[Reponse]:
    """Remettre un titre de séjour."""
    if s.ici(titre.TitreRemis):
        yield Motif("titre_deja_remis", coherence.TITRE, f"Le titre « {s.objet} » est déjà remis : corrigez ce fait.")
    if e.remis_le is not None and e.valide_au.dernier < e.remis_le.premier:
        yield avertir(
            "remis_apres_expiration", coherence.TITRE, f"Le titre, valable jusqu'au {e.valide_au}, est remis après."
        )
    if e.remis_le is None:
        yield avertir("remise_inconnue", coherence.TITRE, "Rien ne dit que la personne ait le titre en main.")
    if e.dossier is None:
        return
    decision = s.dossier.decision
    if decision is None or decision.nature is not NatureDecision.FAVORABLE:
        yield avertir(
            "titre_sans_decision", coherence.TITRE, f"Aucune décision favorable n'est connue : « {e.dossier} »."
        )


def _dernier_jour(s: Situation) -> Jours | None:
    return max((each.valide_au for each in _titres(s)), default=None)


def _titres(s: Situation) -> Iterator[titre.TitreRemis]:
    for fait in s.du_flux(titre.TitreRemis):
        if isinstance(fait.evenement, titre.TitreRemis):
            yield fait.evenement


def _remis(s: Situation) -> Iterator[Motif]:
    if not s.ici(titre.TitreRemis):
        yield Motif("titre_jamais_remis", coherence.TITRE, f"Aucun titre « {s.objet} » n'a été remis.")


def constater_expiration_titre(s: Situation, e: titre.TitreExpire) -> Iterator[Reponse]:
    """Constater que le titre a expiré."""
    yield from _remis(s)
    if s.le.dernier <= e.expire_le.premier:
        yield Motif(
            "titre_pas_expire", coherence.TEMPS, f"Le titre vaut encore le {e.expire_le} : il expire le lendemain."
        )
    last = _dernier_jour(s)
    if last is not None and last != e.expire_le:
        yield avertir("expiration_differente", coherence.TITRE, f"Le titre remis porte le {last} pour dernier jour.")
    if s.ici(titre.TitreExpire):
        yield Motif("titre_deja_expire", coherence.TITRE, "L'expiration est déjà constatée.")


def restituer_titre(s: Situation, _e: titre.TitrePrecedentRestitue) -> Iterator[Reponse]:
    """Restituer son titre précédent."""
    if s.ici(titre.TitrePrecedentRestitue):
        yield Motif("titre_deja_restitue", coherence.TITRE, "La restitution est déjà enregistrée.")


def signaler_restitution_non_enregistree(s: Situation, _e: titre.RestitutionNonEnregistree) -> Iterator[Reponse]:
    """Signaler que le système tient le titre précédent pour non restitué."""
    if s.connait(titre.TitrePrecedentRestitue):
        yield avertir("restitution_prouvee", coherence.TITRE, "Une restitution est pourtant enregistrée au registre.")


def envoyer_rappel_expiration(s: Situation, e: titre.RappelExpirationEnvoye) -> Iterator[Reponse]:
    """Rappeler l'expiration prochaine du titre."""
    last = _dernier_jour(s)
    if last is not None and e.expire_le is not None and last != e.expire_le:
        yield avertir(
            "rappel_date_differente", coherence.TITRE, f"Le rappel annonce le {e.expire_le} ; le titre porte le {last}."
        )
    if last is None or e.deposer_avant_le is None or not last.exact:
        return
    _, closing = fenetre.fenetre(last.premier)
    if e.deposer_avant_le.premier > closing:
        yield avertir(
            "rappel_hors_fenetre",
            fenetre.SOURCE,
            f"Le rappel annonce un dépôt possible après la fin de la fenêtre ({closing}).",
        )


def ouvrir_rappel_expiration(s: Situation, e: titre.RappelExpirationOuvert) -> Iterator[Reponse]:
    """Ouvrir le rappel d'expiration."""
    sent = [each for each in s.de(titre.RappelExpirationEnvoye) if e.message in {None, each.message}]
    if not sent:
        yield Motif("rappel_jamais_envoye", coherence.TITRE, "Aucun rappel de cette référence n'a été envoyé.")


def ouvrir_fenetre_depot(s: Situation, e: titre.FenetreDepotOuverte) -> Iterator[Reponse]:
    """Constater que la fenêtre de dépôt s'ouvre."""
    yield from _remis(s)
    last = _dernier_jour(s)
    if last is not None and last.exact and e.ouverte_le.exact:
        expected = {fenetre.fenetre(last.premier)[0], fenetre.fenetre(last.premier, teleservice=False)[0]}
        if e.ouverte_le.premier not in expected:
            days = " ou ".join(str(day) for day in sorted(expected))
            yield avertir("fenetre_differente", fenetre.SOURCE, f"D'après le titre, la fenêtre s'ouvre le {days}.")


def fermer_fenetre_depot(s: Situation, e: titre.FenetreDepotFermee) -> Iterator[Reponse]:
    """Constater que la fenêtre de dépôt se ferme."""
    yield from _remis(s)
    if s.le.dernier < e.fermee_le.premier:
        yield Motif(
            "fenetre_encore_ouverte", coherence.TEMPS, f"La fenêtre reste ouverte jusqu'au {e.fermee_le} inclus."
        )


def commander_fabrication(s: Situation, e: titre.FabricationCarteCommandee) -> Iterator[Reponse]:
    """Commander la fabrication de la carte."""
    yield from _decision_favorable(s, e.dossier)


def _decision_favorable(s: Situation, ref: str | None) -> Iterator[Reponse]:
    granted = [
        each
        for each in ([s.dossier] if ref is not None else s.dossiers.values())
        if each.decision is not None and each.decision.nature is NatureDecision.FAVORABLE
    ]
    if not granted:
        yield avertir("carte_sans_decision", attestation.DECISION_FAVORABLE, "Aucune décision favorable n'est connue.")


def annoncer_carte_prete(s: Situation, e: titre.CartePrete) -> Iterator[Reponse]:
    """Annoncer que la carte est prête."""
    yield from _decision_favorable(s, e.dossier)
    if not s.connait(titre.FabricationCarteCommandee):
        yield avertir("carte_jamais_commandee", coherence.TITRE, "Aucune commande de fabrication n'est connue.")


def retirer_titre(s: Situation, e: titre.TitreRetire) -> Iterator[Reponse]:
    """Retirer le titre."""
    yield from _remis(s)
    if s.ici(titre.TitreRetire):
        yield Motif("titre_deja_retire", coherence.TITRE, "Ce titre est déjà retiré.")
    if e.procedure_contradictoire is not True:
        yield avertir(
            "retrait_sans_contradictoire", contradictoire.SOURCE, "Aucune procédure contradictoire n'est établie."
        )
    yield from avertir_de(motivation.manquements(e.motifs, e.articles))
    yield from decision_attendue(situation=s, qualite=e.auteur_qualite)


def delivrer_attestation_demande_asile(s: Situation, _e: titre.AttestationDemandeAsileDelivree) -> Iterator[Reponse]:
    """Délivrer une attestation de demande d'asile."""
    held = s.de(titre.TitreRemis)
    if any(each.valide_du.premier <= s.le.premier <= each.valide_au.dernier for each in held):
        yield avertir("asile_avec_titre", coherence.TITRE, "La personne détient un titre en cours de validité.")


ACTES: Final[Mapping[type[Event], Garde]] = {
    titre.TitreRemis: remettre_titre,
    titre.TitreExpire: constater_expiration_titre,
    titre.TitrePrecedentRestitue: restituer_titre,
    titre.RestitutionNonEnregistree: signaler_restitution_non_enregistree,
    titre.RappelExpirationEnvoye: envoyer_rappel_expiration,
    titre.RappelExpirationOuvert: ouvrir_rappel_expiration,
    titre.FenetreDepotOuverte: ouvrir_fenetre_depot,
    titre.FenetreDepotFermee: fermer_fenetre_depot,
    titre.FabricationCarteCommandee: commander_fabrication,
    titre.CartePrete: annoncer_carte_prete,
    titre.TitreRetire: retirer_titre,
    titre.AttestationDemandeAsileDelivree: delivrer_attestation_demande_asile,
}

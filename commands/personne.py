"""Personne : compte, coordonnées, consentement, mandats, numéro étranger, protection, majorité."""

from collections.abc import Iterator, Mapping
from typing import Final

from commands.base import Garde, Motif, Reponse, avertir
from commands.situation import Situation
from ledger.events import personne
from ledger.events.base import Event
from ledger.mandats import revoque
from rules import ceseda_l424_1_protection as protection
from rules import ceseda_r431_2_substitution as substitution
from rules import constat_coherence as coherence
from rules import constat_sources_citees as citees


def creer_compte(s: Situation, e: personne.CompteCree) -> Iterator[Reponse]:
    """Créer un compte sur le téléservice."""
    if e.compte is not None and any(each.compte == e.compte for each in s.de(personne.CompteCree)):
        yield Motif("compte_deja_cree", coherence.PERSONNE, "Ce compte existe déjà.")
    if e.avec_courriel is False:
        yield avertir(
            "compte_sans_courriel", substitution.SOURCE, "Sans adresse électronique, la personne ne reçoit aucun avis."
        )


def signaler_echec_creation_compte(s: Situation, _e: personne.CreationCompteEchouee) -> Iterator[Reponse]:
    """Signaler que la création d'un compte a échoué."""
    if s.connait(personne.CompteCree):
        yield avertir("compte_deja_cree", coherence.PERSONNE, "La personne a déjà un compte.")


def demander_reinitialisation(s: Situation, e: personne.ReinitialisationMotDePasseDemandee) -> Iterator[Reponse]:
    """Demander la réinitialisation du mot de passe."""
    yield from _compte(s, e.compte)


def _compte(s: Situation, compte: str | None) -> Iterator[Motif]:
    """An account may be older than the ledger: only a named one that is not among those known is refused."""
    known = [each.compte for each in s.de(personne.CompteCree)]
    if known and compte is not None and compte not in known and None not in known:
        yield Motif("compte_inconnu", coherence.PERSONNE, f"Le compte « {compte} » n'est pas celui de la personne.")


def signaler_lien_non_recu(s: Situation, e: personne.LienReinitialisationNonRecu) -> Iterator[Reponse]:
    """Signaler que le lien de réinitialisation n'est pas arrivé."""
    yield from _compte(s, e.compte)
    if not s.connait(personne.ReinitialisationMotDePasseDemandee):
        yield avertir("lien_jamais_demande", coherence.PERSONNE, "Aucune réinitialisation n'est connue.")


def se_connecter(s: Situation, e: personne.ConnexionReussie) -> Iterator[Reponse]:
    """Se connecter à son compte."""
    yield from _compte(s, e.compte)


def signaler_connexion_echouee(s: Situation, e: personne.ConnexionEchouee) -> Iterator[Reponse]:
    """Signaler une connexion qui a échoué."""
    yield from _compte(s, e.compte)


def declarer_changement_adresse(_s: Situation, e: personne.ChangementAdresseDeclare) -> Iterator[Reponse]:
    """Déclarer un changement d'adresse."""
    if e.ancien_departement is not None and e.ancien_departement == e.nouveau_departement and e.confidentielle is None:
        yield avertir(
            "meme_departement", coherence.PERSONNE, "Le département ne change pas : le préfet compétent non plus."
        )


def voir_changement_adresse(s: Situation, e: personne.ChangementAdresseVuPrefecture) -> Iterator[Reponse]:
    """Constater que la préfecture a vu le changement d'adresse."""
    declared = [each for each in s.de(personne.ChangementAdresseDeclare) if e.numero in {None, each.numero}]
    if not declared:
        yield Motif("adresse_jamais_declaree", coherence.PERSONNE, "Aucun changement d'adresse n'a été déclaré.")


def modifier_coordonnees(_s: Situation, e: personne.CoordonneesModifiees) -> Iterator[Reponse]:
    """Modifier ses coordonnées."""
    if not (e.courriel or e.telephone or e.adresse_postale or e.domiciliation):
        yield Motif("rien_de_modifie", coherence.PERSONNE, "L'acte ne dit pas quelle coordonnée change.")


def donner_consentement(s: Situation, _e: personne.ConsentementNotificationElectroniqueDonne) -> Iterator[Reponse]:
    """Consentir aux notifications électroniques."""
    if _consent(s):
        yield Motif("consentement_deja_donne", coherence.PERSONNE, "Le consentement est déjà donné.")


def retirer_consentement(s: Situation, _e: personne.ConsentementNotificationElectroniqueRetire) -> Iterator[Reponse]:
    """Retirer son consentement aux notifications électroniques."""
    if not _consent(s):
        yield Motif("consentement_jamais_donne", coherence.PERSONNE, "Aucun consentement n'est en cours.")


def _consent(s: Situation) -> bool:
    given = False
    for fait in s.faits:
        if isinstance(fait.evenement, personne.ConsentementNotificationElectroniqueDonne):
            given = True
        elif isinstance(fait.evenement, personne.ConsentementNotificationElectroniqueRetire):
            given = False
    return given


def donner_mandat(s: Situation, e: personne.MandatDonne) -> Iterator[Reponse]:
    """Donner mandat d'agir en son nom."""
    if e.mandataire == s.personne:
        yield Motif("mandat_a_soi", coherence.MANDAT, "La personne ne se donne pas mandat à elle-même.")
    if e.mandat is not None and any(each.mandat == e.mandat for each in s.mandats_donnes()):
        yield Motif("mandat_deja_donne", coherence.PERSONNE, f"Le mandat « {e.mandat} » est déjà en cours.")
    unknown = [ref for ref in e.dossiers if ref not in s.dossiers]
    if unknown:
        yield avertir(
            "mandat_dossier_inconnu", coherence.PERSONNE, f"{len(unknown)} dossier(s) du mandat ne sont pas connus."
        )
    if not e.portee:
        yield avertir("mandat_sans_portee", coherence.MANDAT, "Le mandat ne dit pas quels actes il permet.")


def revoquer_mandat(s: Situation, e: personne.MandatRevoque) -> Iterator[Reponse]:
    """Mettre fin à un mandat."""
    if not any(revoque(e, each) for each in s.mandats_donnes()):
        yield Motif("mandat_jamais_donne", coherence.PERSONNE, "Aucun mandat donné ne correspond : rien à révoquer.")


def attribuer_numero_etranger(s: Situation, e: personne.NumeroEtrangerAttribue) -> Iterator[Reponse]:
    """Attribuer un numéro étranger."""
    known = [each.empreinte for each in s.de(personne.NumeroEtrangerAttribue)]
    if known and e.empreinte is not None and e.empreinte not in known:
        yield avertir("second_numero_etranger", coherence.PERSONNE, "Un autre numéro étranger est déjà attribué.")


def signaler_numero_etranger_manquant(s: Situation, _e: personne.NumeroEtrangerManquant) -> Iterator[Reponse]:
    """Signaler que le téléservice exige un numéro étranger que la personne n'a pas."""
    if s.connait(personne.NumeroEtrangerAttribue):
        yield avertir("numero_etranger_connu", coherence.PERSONNE, "Un numéro étranger est pourtant attribué.")


def reconnaitre_protection(s: Situation, e: personne.ProtectionReconnue) -> Iterator[Reponse]:
    """Reconnaître une protection internationale."""
    if any(each.statut is e.statut for each in s.de(personne.ProtectionReconnue)):
        yield Motif("protection_deja_reconnue", coherence.PERSONNE, "Cette protection est déjà reconnue.")
    rule = protection.REMISE_PAR_STATUT.get(e.statut)
    if rule is not None and e.reconnue_le.exact and s.le.exact:
        due = protection.carte_due_le(e.reconnue_le.premier)
        if s.le.premier > due:
            yield avertir("carte_deja_due", rule, f"La carte était due au plus tard le {due}.")


def envoyer_instructions_acces(s: Situation, e: personne.InstructionsAccesEnvoyees) -> Iterator[Reponse]:
    """Envoyer les instructions d'accès au téléservice."""
    if not s.connait(personne.ProtectionReconnue):
        yield avertir("instructions_sans_protection", coherence.PERSONNE, "Aucune protection reconnue n'est connue.")
    if e.envoyees_le and e.recues_le and e.recues_le.dernier < e.envoyees_le.premier:
        yield Motif("recue_avant_envoi", coherence.TEMPS, f"Reçues le {e.recues_le}, avant d'être envoyées.")


def constater_majorite(s: Situation, _e: personne.MajoriteAtteinte) -> Iterator[Reponse]:
    """Constater que la personne a dix-huit ans."""
    if s.connait(personne.MajoriteAtteinte):
        yield Motif("majorite_deja_atteinte", coherence.PERSONNE, "La majorité est déjà constatée.")


def signaler_vulnerabilite(_s: Situation, e: personne.VulnerabiliteSignalee) -> Iterator[Reponse]:
    """Signaler une situation de vulnérabilité."""
    if not e.consentement:
        yield Motif(
            "vulnerabilite_sans_consentement",
            citees.DONNEES_SENSIBLES,
            "Sans le consentement de la personne, la catégorie de vulnérabilité ne s'enregistre pas.",
        )


ACTES: Final[Mapping[type[Event], Garde]] = {
    personne.CompteCree: creer_compte,
    personne.CreationCompteEchouee: signaler_echec_creation_compte,
    personne.ReinitialisationMotDePasseDemandee: demander_reinitialisation,
    personne.LienReinitialisationNonRecu: signaler_lien_non_recu,
    personne.ConnexionReussie: se_connecter,
    personne.ConnexionEchouee: signaler_connexion_echouee,
    personne.ChangementAdresseDeclare: declarer_changement_adresse,
    personne.ChangementAdresseVuPrefecture: voir_changement_adresse,
    personne.CoordonneesModifiees: modifier_coordonnees,
    personne.ConsentementNotificationElectroniqueDonne: donner_consentement,
    personne.ConsentementNotificationElectroniqueRetire: retirer_consentement,
    personne.MandatDonne: donner_mandat,
    personne.MandatRevoque: revoquer_mandat,
    personne.NumeroEtrangerAttribue: attribuer_numero_etranger,
    personne.NumeroEtrangerManquant: signaler_numero_etranger_manquant,
    personne.ProtectionReconnue: reconnaitre_protection,
    personne.InstructionsAccesEnvoyees: envoyer_instructions_acces,
    personne.MajoriteAtteinte: constater_majorite,
    personne.VulnerabiliteSignalee: signaler_vulnerabilite,
}

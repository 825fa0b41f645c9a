"""Personne : compte, connexions, coordonnées, mandats, numéro étranger, protection, majorité (lignes 33 à 42)."""

from typing import Annotated

from pydantic import Field, model_validator

from ledger.days import Jours
from ledger.events.base import Article, Court, Event, Ref, Sha256, Texte
from ledger.events.listes import AutoriteProtection, CategorieVulnerabilite, PorteeMandat, QualiteMandataire
from ledger.events.parts import Departement, in_order
from ledger.events.types import Canal, CodeIncident, Flux, StatutProtection


class CompteCree(Event, nom="compte_cree", flux=Flux.PERSONNE, ligne=33):
    """Un compte a été créé sur le téléservice.

    Ne fait courir aucun délai ; le compte permet de déposer et de recevoir les messages (CESEDA R.431-2 al. 1).
    """

    compte: Ref | None = None
    """La référence pseudonyme du compte."""
    avec_courriel: bool | None = None
    """La présence d'une adresse électronique."""


class CreationCompteEchouee(Event, nom="creation_compte_echouee", flux=Flux.PERSONNE, ligne=33):
    """Une tentative de créer un compte a échoué.

    Sans compte, le dépôt en ligne est impossible ; l'échec appuie une impossibilité tenant au téléservice (CESEDA
    R.431-2 al. 3).
    """

    code_incident: CodeIncident | None = None
    """Le dysfonctionnement reconnu."""
    code_erreur: Court | None = None
    """Le code d'erreur affiché."""
    texte_erreur: Texte | None = None
    """Le message d'erreur affiché, gardé tel quel."""
    capture_sha256: Sha256 | None = None
    """L'empreinte de la capture d'écran."""
    incident: Ref | None = None
    """L'incident auquel l'échec est rattaché."""


class ReinitialisationMotDePasseDemandee(
    Event, nom="reinitialisation_mot_de_passe_demandee", flux=Flux.PERSONNE, ligne=34
):
    """La personne a demandé la réinitialisation de son mot de passe.

    Ne fait courir aucun délai ; la demande prouve une diligence et date l'attente du lien.
    """

    compte: Ref | None = None
    """La référence pseudonyme du compte."""


class LienReinitialisationNonRecu(Event, nom="lien_reinitialisation_non_recu", flux=Flux.PERSONNE, ligne=34):
    """Le lien de réinitialisation du mot de passe n'a pas été reçu.

    La personne ne peut ni déposer ni lire les messages qui lui sont adressés ; l'état de la messagerie d'envoi
    départage un lien jamais parti d'un lien non lu.
    """

    code_incident: CodeIncident | None = None
    """Le dysfonctionnement reconnu."""
    statut_envoi: Court | None = None
    """L'état donné par la messagerie d'envoi."""
    compte: Ref | None = None
    """La référence pseudonyme du compte."""
    incident: Ref | None = None
    """L'incident auquel l'échec est rattaché."""


class ConnexionReussie(Event, nom="connexion_reussie", flux=Flux.PERSONNE, ligne=35):
    """La personne s'est connectée à son compte.

    La connexion montre que le compte était accessible ; elle ne prouve pas la lecture d'un message (CRPA R.112-17 à
    R.112-20).
    """

    compte: Ref | None = None
    """La référence pseudonyme du compte."""


class ConnexionEchouee(Event, nom="connexion_echouee", flux=Flux.PERSONNE, ligne=35):
    """Une tentative de connexion a échoué.

    L'échec peut expliquer un dépôt tardif ou un message non lu ; il ne fait courir aucun délai.
    """

    code_incident: CodeIncident | None = None
    """Le dysfonctionnement reconnu."""
    code_erreur: Court | None = None
    """Le code d'erreur affiché."""
    texte_erreur: Texte | None = None
    """Le message d'erreur affiché, gardé tel quel."""
    capture_sha256: Sha256 | None = None
    """L'empreinte de la capture d'écran."""
    compte: Ref | None = None
    """La référence pseudonyme du compte."""
    incident: Ref | None = None
    """L'incident auquel l'échec est rattaché."""


class ChangementAdresseDeclare(Event, nom="changement_adresse_declare", flux=Flux.PERSONNE, ligne=36):
    """La personne a déclaré un changement d'adresse.

    L'administration est régulièrement saisie par l'envoi électronique (CRPA L.112-8). La résidence fixe le préfet
    compétent (CESEDA R.431-20). L'adresse elle-même n'est pas gardée.
    """

    declare_le: Jours | None = None
    """Le jour de la déclaration."""
    effet_le: Jours | None = None
    """Le jour du changement."""
    ancien_departement: Departement | None = None
    """L'ancien département de résidence."""
    nouveau_departement: Departement | None = None
    """Le nouveau département de résidence."""
    numero: Ref | None = None
    """Le numéro de la démarche."""
    confidentielle: bool | None = None
    """Le caractère confidentiel de l'adresse."""


class ChangementAdresseVuPrefecture(Event, nom="changement_adresse_vu_prefecture", flux=Flux.PERSONNE, ligne=36):
    """La préfecture a eu connaissance du changement d'adresse.

    L'écart avec la déclaration mesure le temps pendant lequel une démarche visible de la personne ne l'était pas de la
    préfecture (CRPA L.112-8, L.114-2).
    """

    vu_le: Jours | None = None
    """Le jour de la prise de connaissance."""
    prefecture: Court | None = None
    """La préfecture."""
    numero: Ref | None = None
    """Le numéro de la démarche."""


class CoordonneesModifiees(Event, nom="coordonnees_modifiees", flux=Flux.PERSONNE, ligne=37):
    """Les coordonnées de la personne ont été modifiées.

    Elles décident où une notification peut arriver. Seule la nature du changement est gardée, jamais la coordonnée.
    """

    courriel: bool = False
    """Le changement de l'adresse électronique."""
    telephone: bool = False
    """Le changement du numéro de téléphone."""
    adresse_postale: bool = False
    """Le changement de l'adresse postale."""
    domiciliation: Court | None = None
    """L'organisme de domiciliation."""


class ConsentementNotificationElectroniqueDonne(
    Event, nom="consentement_notification_electronique_donne", flux=Flux.PERSONNE, ligne=37
):
    """La personne a consenti à recevoir ses notifications par voie électronique.

    Sans consentement exprès, la notification électronique n'est pas opposable. Avec lui, un message non consulté sous
    quinze jours est réputé notifié le jour de sa mise à disposition (CRPA L.112-15, R.112-17 à R.112-20).
    """

    donne_le: Jours | None = None
    """Le jour du consentement."""
    portee: Court | None = None
    """Les démarches couvertes."""


class ConsentementNotificationElectroniqueRetire(
    Event, nom="consentement_notification_electronique_retire", flux=Flux.PERSONNE, ligne=37
):
    """La personne a retiré son consentement aux notifications électroniques.

    Le retrait prend effet après un préavis de trois mois au plus (CRPA R.112-17 à R.112-20) ; ensuite, la mise à
    disposition d'un message ne vaut plus notification.
    """

    retire_le: Jours | None = None
    """Le jour du retrait."""
    effet_le: Jours | None = None
    """Le jour d'effet du retrait."""


class MandatDonne(Event, nom="mandat_donne", flux=Flux.PERSONNE, ligne=38):
    """La personne a donné mandat pour agir en son nom.

    Le mandat ouvre l'accès au dossier dans sa portée et pour sa durée seulement. Chaque acte du mandataire nomme la
    personne représentée.
    """

    mandat: Ref | None = None
    """La référence du mandat."""
    mandataire: Ref
    """La référence pseudonyme du mandataire."""
    qualite: QualiteMandataire | None = None
    """La qualité du mandataire."""
    portee: Annotated[tuple[PorteeMandat, ...], Field(max_length=20)] = ()
    """Les actes permis."""
    dossiers: Annotated[tuple[Ref, ...], Field(max_length=1_000)] = ()
    """Les dossiers visés, aucun quand le mandat les vise tous."""
    valide_du: Jours | None = None
    """Le premier jour du mandat."""
    valide_au: Jours | None = None
    """Le dernier jour du mandat."""

    _ordre = model_validator(mode="after")(in_order("valide_du", "valide_au"))


class MandatRevoque(Event, nom="mandat_revoque", flux=Flux.PERSONNE, ligne=38):
    """Le mandat a pris fin.

    L'accès du mandataire cesse le jour d'effet ; ses actes passés restent au registre.
    """

    mandat: Ref | None = None
    """La référence du mandat."""
    mandataire: Ref | None = None
    """La référence pseudonyme du mandataire."""
    effet_le: Jours | None = None
    """Le jour d'effet de la fin du mandat."""
    motif: Texte | None = None
    """Le motif donné."""


class NumeroEtrangerAttribue(Event, nom="numero_etranger_attribue", flux=Flux.PERSONNE, ligne=39):
    """Un numéro étranger a été attribué à la personne.

    Le téléservice l'exige pour certaines démarches. Seule son empreinte salée est gardée.
    """

    attribue_le: Jours | None = None
    """Le jour de l'attribution."""
    empreinte: Sha256 | None = None
    """L'empreinte salée du numéro."""
    systeme: Court | None = None
    """Le système qui l'attribue."""


class NumeroEtrangerManquant(Event, nom="numero_etranger_manquant", flux=Flux.PERSONNE, ligne=39):
    """Le téléservice a exigé un numéro étranger que la personne n'avait pas.

    Touche notamment les parents d'enfants réfugiés (CESEDA L.424-3) ; appuie une impossibilité tenant au téléservice
    (CESEDA R.431-2 al. 3).
    """

    code_incident: CodeIncident | None = None
    """Le dysfonctionnement reconnu."""
    demarche: Court | None = None
    """La démarche empêchée."""
    incident: Ref | None = None
    """L'incident auquel le blocage est rattaché."""


class ProtectionReconnue(Event, nom="protection_reconnue", flux=Flux.PERSONNE, ligne=40):
    """Une protection internationale a été reconnue à la personne.

    Fait courir les trois mois de délivrance de la carte (CESEDA R.424-1) et ouvre droit, dès la demande de titre, à
    une attestation de six mois renouvelable (CESEDA R.431-15-3, R.431-15-4) et à toute profession (CESEDA L.424-2).
    """

    statut: StatutProtection
    """La protection reconnue."""
    reconnue_le: Jours
    """Le jour de la reconnaissance."""
    autorite: AutoriteProtection | None = None
    """L'autorité qui l'a reconnue."""
    decision: Ref | None = None
    """Le numéro de la décision."""
    membre_famille: bool | None = None
    """La reconnaissance au titre d'un membre de la famille (CESEDA L.424-3)."""


class InstructionsAccesEnvoyees(Event, nom="instructions_acces_envoyees", flux=Flux.PERSONNE, ligne=40):
    """Les instructions d'accès au téléservice ont été envoyées à la personne.

    Dues dès la reconnaissance de la protection (CESEDA R.431-15-3). L'envoi ne prouve la connaissance que s'il est
    ouvert ou reçu.
    """

    envoyees_le: Jours | None = None
    """Le jour de l'envoi."""
    recues_le: Jours | None = None
    """Le jour de la réception prouvée."""
    mode: Canal | None = None
    """Le canal d'envoi."""
    texte: Texte | None = None
    """Le texte envoyé, gardé tel quel."""


class MajoriteAtteinte(Event, nom="majorite_atteinte", flux=Flux.PERSONNE, ligne=41):
    """La personne a atteint l'âge de dix-huit ans.

    Fait courir le délai de la première demande : la veille du dix-neuvième anniversaire ou deux mois après le
    dix-huitième, selon le titre (CESEDA R.431-5 2°, 3°).
    """

    atteinte_le: Jours
    """Le jour du dix-huitième anniversaire."""
    regle: Article | None = None
    """La règle qui fixe le délai de la demande."""
    deposer_avant_le: Jours | None = None
    """Le dernier jour pour demander un titre."""


class VulnerabiliteSignalee(Event, nom="vulnerabilite_signalee", flux=Flux.PERSONNE, ligne=42):
    """Une situation de vulnérabilité a été signalée.

    Accès restreint : seule la catégorie est gardée, avec le consentement de la personne, jamais le récit (RGPD art.
    5, art. 9). Elle appelle un accompagnement (CESEDA R.431-2 al. 2).
    """

    categorie: CategorieVulnerabilite
    """La catégorie de vulnérabilité."""
    consentement: bool
    """Le consentement de la personne à ce signalement."""
    consentie_le: Jours | None = None
    """Le jour du consentement."""
    adresse_confidentielle: bool | None = None
    """La demande de confidentialité de l'adresse."""

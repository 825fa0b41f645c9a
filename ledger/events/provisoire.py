"""Documents provisoires : attestation de prolongation, récépissé, attestation de décision favorable (lignes 48 à 53).

Les dates se lisent sur le document, elles ne se calculent pas : des attestations réelles valent 90 jours, d'autres
trois mois moins un jour. Un document émis et jamais mis à disposition ne prouve rien.
"""

from pydantic import model_validator

from ledger.days import Jours
from ledger.events.base import Article, Court, Event, Ref, Sha256, Texte
from ledger.events.listes import ErreurAttestation
from ledger.events.parts import MiseADisposition, RemiseEnMain, in_order
from ledger.events.types import CodeIncident, Flux


class AttestationProlongationDue(Event, nom="attestation_prolongation_due", flux=Flux.TITRE, ligne=48):
    """L'attestation de prolongation d'instruction est devenue due.

    Le préfet est tenu de la mettre à disposition quand l'instruction d'une demande complète et faite à temps dépasse
    la validité du document détenu (CESEDA R.431-15-1 al. 2) ; pour un bénéficiaire d'une protection, dès la
    souscription de la demande (CESEDA R.431-15-3, R.431-15-4).
    """

    due_le: Jours
    """Le jour où elle est devenue due."""
    regle: Article | None = None
    """La règle qui la rend due."""
    dossier: Ref | None = None
    """La demande en cours d'instruction."""


class AttestationProlongationDelivree(
    Event, MiseADisposition, nom="attestation_prolongation_delivree", flux=Flux.TITRE, ligne=49
):
    """Une attestation de prolongation d'instruction a été délivrée.

    Accompagnée du document expiré, elle justifie de la régularité du séjour (CESEDA R.431-15-1 al. 2), trois mois au
    plus ; six mois renouvelables avec la mention « reconnu réfugié » (CESEDA R.431-15-3). Elle fait présumer le
    dossier complet et n'efface pas le refus implicite (CE avis 499904).
    """

    valide_du: Jours
    """Le premier jour de validité."""
    valide_au: Jours
    """Le dernier jour de validité."""
    dossier: Ref | None = None
    """La demande en cours d'instruction."""
    mention: Court | None = None
    """La mention portée, par exemple « reconnu réfugié »."""
    autorise_travail: bool | None = None
    """L'autorisation de travailler (CESEDA R.431-15-2)."""
    numero: Ref | None = None
    """Le numéro de l'attestation."""

    _ordre = model_validator(mode="after")(in_order("valide_du", "valide_au"))


class AttestationProlongationMiseADisposition(
    Event, nom="attestation_prolongation_mise_a_disposition", flux=Flux.TITRE, ligne=49
):
    """L'attestation de prolongation d'instruction a été mise à disposition de la personne.

    La couverture de la preuve commence ce jour-là, pas au jour d'émission : une attestation émise et jamais mise à
    disposition n'a pas retiré l'urgence (TA Paris 27 juin 2025). Le préfet est tenu à cette mise à disposition par le
    téléservice (CESEDA R.431-15-1 al. 2).
    """

    mise_a_disposition_le: Jours
    """Le jour de la mise à disposition de la personne."""
    numero: Ref | None = None
    """Le numéro de l'attestation."""
    dossier: Ref | None = None
    """La demande en cours d'instruction."""


class AttestationProlongationRenouvelee(
    Event, MiseADisposition, nom="attestation_prolongation_renouvelee", flux=Flux.TITRE, ligne=50
):
    """L'attestation de prolongation d'instruction a été renouvelée.

    Le renouvellement est dû aussi longtemps que le préfet n'a pas statué, sans que la personne ait à le demander
    (CESEDA R.431-15-1 al. 2) ; par périodes de six mois pour un bénéficiaire d'une protection (CESEDA R.431-15-3).
    """

    valide_du: Jours
    """Le premier jour de validité."""
    valide_au: Jours
    """Le dernier jour de validité."""
    dossier: Ref | None = None
    """La demande en cours d'instruction."""
    mention: Court | None = None
    """La mention portée, par exemple « reconnu réfugié »."""
    autorise_travail: bool | None = None
    """L'autorisation de travailler (CESEDA R.431-15-2)."""
    numero: Ref | None = None
    """Le numéro de l'attestation."""
    remplace: Ref | None = None
    """Le numéro de l'attestation remplacée."""

    _ordre = model_validator(mode="after")(in_order("valide_du", "valide_au"))


class RenouvellementAttestationDemande(Event, nom="renouvellement_attestation_demande", flux=Flux.TITRE, ligne=50):
    """La personne a demandé le renouvellement de son attestation de prolongation.

    L'obligation de renouveler ne dépend pas de cette demande (CESEDA R.431-15-1 al. 2) ; elle prouve seulement la
    diligence de la personne et ce que l'administration savait.
    """

    demande_le: Jours | None = None
    """Le jour de la demande."""
    message: Texte | None = None
    """Le texte de la demande, gardé tel quel."""
    numero: Ref | None = None
    """Le numéro de l'attestation à renouveler."""
    dossier: Ref | None = None
    """La demande en cours d'instruction."""


class RenouvellementAttestationEchoue(Event, nom="renouvellement_attestation_echoue", flux=Flux.TITRE, ligne=50):
    """Une tentative de renouveler l'attestation de prolongation a échoué.

    L'option absente ou l'erreur affichée ne libère pas le préfet de son obligation (CESEDA R.431-15-1 al. 2,
    R.431-15-3). Plusieurs tentatives espacées appuient un référé (CJA L.521-3, CE 435594).
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
    dossier: Ref | None = None
    """La demande en cours d'instruction."""


class AttestationProlongationExpiree(Event, nom="attestation_prolongation_expiree", flux=Flux.TITRE, ligne=50):
    """L'attestation de prolongation d'instruction a expiré.

    Le lendemain est le premier jour non couvert. Le renouvellement est dû si le préfet n'a pas statué (CESEDA
    R.431-15-1 al. 2).
    """

    expire_le: Jours
    """Le dernier jour de validité."""
    numero: Ref | None = None
    """Le numéro de l'attestation."""
    dossier: Ref | None = None
    """La demande en cours d'instruction."""


class ErreurAttestationSignalee(Event, nom="erreur_attestation_signalee", flux=Flux.TITRE, ligne=51):
    """La personne a signalé une erreur sur son attestation.

    Une durée ou une mention erronée peut priver de la preuve du droit au travail (CESEDA R.431-15-2, R.431-15-3)
    sans toucher au droit lui-même. Le signalement fixe le jour où l'administration l'a su.
    """

    signalee_le: Jours | None = None
    """Le jour du signalement."""
    erreur: ErreurAttestation | None = None
    """La nature de l'erreur."""
    mention_portee: Court | None = None
    """La mention portée sur l'attestation."""
    mention_attendue: Court | None = None
    """La mention attendue."""
    code_incident: CodeIncident | None = None
    """Le dysfonctionnement reconnu."""
    numero: Ref | None = None
    """Le numéro de l'attestation."""
    dossier: Ref | None = None
    """La demande en cours d'instruction."""


class AttestationProlongationCorrigee(
    Event, MiseADisposition, nom="attestation_prolongation_corrigee", flux=Flux.TITRE, ligne=51
):
    """L'attestation de prolongation d'instruction a été corrigée.

    La correction rend la preuve exacte à partir de sa mise à disposition (CESEDA R.431-15-1 al. 2) ; les jours
    passés avec un document erroné restent des jours sans preuve exacte.
    """

    valide_du: Jours | None = None
    """Le premier jour de validité corrigé."""
    valide_au: Jours | None = None
    """Le dernier jour de validité corrigé."""
    erreur: ErreurAttestation | None = None
    """La nature de l'erreur corrigée."""
    mention: Court | None = None
    """La mention portée après correction."""
    autorise_travail: bool | None = None
    """L'autorisation de travailler (CESEDA R.431-15-2)."""
    numero: Ref | None = None
    """Le numéro de l'attestation."""
    dossier: Ref | None = None
    """La demande en cours d'instruction."""

    _ordre = model_validator(mode="after")(in_order("valide_du", "valide_au"))


class RecepisseDelivre(Event, RemiseEnMain, nom="recepisse_delivre", flux=Flux.TITRE, ligne=52):
    """Un récépissé de demande de titre a été délivré.

    Dû à la personne admise à souscrire une demande hors du téléservice ; il autorise la présence en France pour la
    durée qu'il précise (CESEDA R.431-12). Il fait présumer le dossier complet et n'efface pas le refus implicite (CE
    avis 499904).
    """

    valide_du: Jours
    """Le premier jour de validité."""
    valide_au: Jours
    """Le dernier jour de validité."""
    dossier: Ref | None = None
    """La demande en cours d'instruction."""
    mention: Court | None = None
    """La mention portée sur le récépissé."""
    autorise_travail: bool | None = None
    """L'autorisation de travailler (CESEDA R.431-14)."""
    numero: Ref | None = None
    """Le numéro du récépissé."""

    _ordre = model_validator(mode="after")(in_order("valide_du", "valide_au"))


class RecepisseRenouvele(Event, RemiseEnMain, nom="recepisse_renouvele", flux=Flux.TITRE, ligne=52):
    """Le récépissé de demande de titre a été renouvelé.

    Il prolonge l'autorisation de présence pour la durée qu'il précise (CESEDA R.431-12) ; la circulaire du 25 juin
    2013 en prévoit deux au plus, sauf exception. Il n'efface pas le refus implicite (CE avis 499904).
    """

    valide_du: Jours
    """Le premier jour de validité."""
    valide_au: Jours
    """Le dernier jour de validité."""
    dossier: Ref | None = None
    """La demande en cours d'instruction."""
    mention: Court | None = None
    """La mention portée sur le récépissé."""
    autorise_travail: bool | None = None
    """L'autorisation de travailler (CESEDA R.431-14)."""
    numero: Ref | None = None
    """Le numéro du récépissé."""
    remplace: Ref | None = None
    """Le numéro du récépissé remplacé."""

    _ordre = model_validator(mode="after")(in_order("valide_du", "valide_au"))


class RecepisseExpire(Event, nom="recepisse_expire", flux=Flux.TITRE, ligne=52):
    """Le récépissé de demande de titre a expiré.

    Le lendemain est le premier jour non couvert, sauf nouveau récépissé ou décision (CESEDA R.431-12).
    """

    expire_le: Jours
    """Le dernier jour de validité."""
    numero: Ref | None = None
    """Le numéro du récépissé."""
    dossier: Ref | None = None
    """La demande en cours d'instruction."""


class AttestationDecisionFavorableDelivree(
    Event, MiseADisposition, nom="attestation_decision_favorable_delivree", flux=Flux.TITRE, ligne=53
):
    """Une attestation de décision favorable a été délivrée.

    Mise à disposition après une décision favorable, elle justifie de la régularité du séjour jusqu'à la remise de la
    carte (CESEDA R.431-15-1 al. 4). Elle met fin à l'obligation de prolonger l'instruction.
    """

    valide_du: Jours
    """Le premier jour de validité."""
    valide_au: Jours | None = None
    """Le dernier jour de validité, absent quand elle vaut jusqu'à la remise de la carte."""
    dossier: Ref | None = None
    """Le dossier qui a abouti à la décision."""
    autorise_travail: bool | None = None
    """L'autorisation de travailler."""
    numero: Ref | None = None
    """Le numéro de l'attestation."""

    _ordre = model_validator(mode="after")(in_order("valide_du", "valide_au"))

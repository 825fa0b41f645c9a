"""Support : centre de contact citoyen, point d'accueil numérique, attestation de blocage, substitution (58 à 63)."""

from ledger.days import Jours, Quand
from ledger.events.base import Court, Event, Ref, Sha256, Texte
from ledger.events.listes import ResultatCcc, ResultatPan, ServiceAttestant
from ledger.events.parts import Nombre
from ledger.events.types import Canal, CodeIncident, Flux


class CccContacte(Event, nom="ccc_contacte", flux=Flux.INCIDENT, ligne=58):
    """La personne a contacté le centre de contact citoyen.

    Première diligence avant la solution de substitution (CESEDA R.431-2 al. 3, arrêté du 1er août 2023). Ne fait
    courir aucun délai légal ; le silence du centre se mesure depuis ce jour.
    """

    ticket: Ref | None = None
    """Le numéro du ticket."""
    contacte_le: Jours | None = None
    """Le jour du contact."""
    mode: Canal | None = None
    """Le canal du contact."""
    objet: Court | None = None
    """L'objet de la demande d'aide."""
    texte: Texte | None = None
    """Le texte de la demande, gardé tel quel."""
    code_incident: CodeIncident | None = None
    """Le dysfonctionnement signalé."""
    dossier: Ref | None = None
    """Le dossier concerné."""


class CccRepondu(Event, nom="ccc_repondu", flux=Flux.INCIDENT, ligne=58):
    """Le centre de contact citoyen a répondu.

    La réponse informe, oriente ou résout ; l'échec de l'assistance ouvre la suite du parcours (arrêté du 1er août
    2023, CESEDA R.431-2 al. 3).
    """

    ticket: Ref | None = None
    """Le numéro du ticket."""
    repondu_le: Jours | None = None
    """Le jour de la réponse."""
    resultat: ResultatCcc | None = None
    """Le résultat de la réponse."""
    delai_jours: Nombre | None = None
    """Le délai de réponse annoncé par le centre, en jours."""
    texte: Texte | None = None
    """Le texte de la réponse, gardé tel quel."""
    dossier: Ref | None = None
    """Le dossier concerné."""


class SignalementTransmisDgef(Event, nom="signalement_transmis_dgef", flux=Flux.INCIDENT, ligne=59):
    """Le centre de contact citoyen a transmis l'anomalie à la direction générale des étrangers en France.

    Le centre identifie les anomalies et les transmet (arrêté du 1er août 2023) ; l'administration centrale en a
    connaissance à partir de ce jour.
    """

    ticket: Ref | None = None
    """Le numéro du ticket."""
    transmis_le: Jours | None = None
    """Le jour de la transmission."""
    anomalie: Ref | None = None
    """La référence de l'anomalie."""
    code_incident: CodeIncident | None = None
    """Le dysfonctionnement reconnu."""


class BlocageAtteste(Event, nom="blocage_atteste", flux=Flux.INCIDENT, ligne=60):
    """Une attestation de blocage a été délivrée.

    Constate l'impossibilité d'utiliser le téléservice pour une raison tenant à sa conception ou à son fonctionnement,
    et ouvre la solution de substitution (CESEDA R.431-2 al. 3).
    """

    atteste_le: Jours | None = None
    """Le jour de l'attestation."""
    service: ServiceAttestant | None = None
    """Le service qui atteste."""
    code_incident: CodeIncident | None = None
    """Le dysfonctionnement attesté."""
    texte: Texte | None = None
    """Le texte de l'attestation, gardé tel quel."""
    ticket: Ref | None = None
    """Le numéro du ticket."""
    document_sha256: Sha256 | None = None
    """L'empreinte de l'attestation."""
    signataire_qualite: Court | None = None
    """La qualité du signataire."""
    dossier: Ref | None = None
    """Le dossier concerné."""


class PanVisite(Event, nom="pan_visite", flux=Flux.INCIDENT, ligne=61):
    """La personne s'est rendue au point d'accueil numérique.

    L'accueil et l'accompagnement sont dus à qui ne peut déposer seul (CESEDA R.431-2 al. 2) ; le passage est une
    diligence avant la solution de substitution (CESEDA R.431-2 al. 3).
    """

    visite_le: Jours | None = None
    """Le jour de la visite."""
    lieu: Court | None = None
    """Le point d'accueil."""
    duree_minutes: Nombre | None = None
    """La durée de la visite, en minutes."""
    agent_present: bool | None = None
    """La présence d'un agent pour assister."""
    resultat: ResultatPan | None = None
    """Le résultat de la visite."""
    code_incident: CodeIncident | None = None
    """Le dysfonctionnement constaté."""
    observations: Texte | None = None
    """Les observations."""
    dossier: Ref | None = None
    """Le dossier concerné."""


class RendezVousPanIndisponible(Event, nom="rendez_vous_pan_indisponible", flux=Flux.INCIDENT, ligne=61):
    """Aucun rendez-vous au point d'accueil numérique n'était disponible.

    L'accompagnement dû n'a pas pu être obtenu (CESEDA R.431-2 al. 2) ; plusieurs constats espacés prouvent la
    diligence (CE 435594).
    """

    constate_le: Jours | None = None
    """Le jour du constat."""
    lieu: Court | None = None
    """Le point d'accueil."""
    premier_creneau_le: Jours | None = None
    """Le premier jour proposé, s'il y en a un."""
    en_ligne_seulement: bool | None = None
    """La prise de rendez-vous par internet seulement."""
    capture_sha256: Sha256 | None = None
    """L'empreinte de la capture d'écran."""
    code_incident: CodeIncident | None = None
    """Le dysfonctionnement reconnu."""


class SubstitutionDemandee(Event, nom="substitution_demandee", flux=Flux.INCIDENT, ligne=62):
    """La personne a demandé à déposer par la solution de substitution.

    Due à qui a fait toutes les diligences et dont l'impossibilité est constatée (CESEDA R.431-2 al. 3) ; avant le 24
    mars 2023, l'administration devait déjà permettre un autre dépôt (CE 452798). Fait courir un délai raisonnable.
    """

    demandee_le: Jours | None = None
    """Le jour de l'envoi."""
    recue_le: Jours | None = None
    """Le jour de la réception par la préfecture."""
    prefecture: Court | None = None
    """La préfecture saisie."""
    mode: Canal | None = None
    """Le canal de la demande."""
    numero_envoi: Ref | None = None
    """Le numéro de l'envoi recommandé."""
    dossier_complet_joint: bool | None = None
    """L'envoi du dossier complet avec la demande."""
    texte: Texte | None = None
    """Le texte de la demande, gardé tel quel."""
    dossier: Ref | None = None
    """Le dossier concerné."""


class SubstitutionRefusee(Event, nom="substitution_refusee", flux=Flux.INCIDENT, ligne=62):
    """La préfecture a refusé la solution de substitution.

    Le refus est motivé (CRPA L.211-2, L.211-5). Les conditions à discuter sont les diligences accomplies et
    l'impossibilité constatée (CESEDA R.431-2 al. 3).
    """

    refusee_le: Jours | None = None
    """Le jour du refus."""
    motif: Texte | None = None
    """Le motif du refus, gardé tel quel."""
    prefecture: Court | None = None
    """La préfecture."""
    mention_voies_recours: bool | None = None
    """La mention des voies et délais de recours."""
    dossier: Ref | None = None
    """Le dossier concerné."""


class SubstitutionProposee(Event, nom="substitution_proposee", flux=Flux.INCIDENT, ligne=62):
    """La préfecture a invité la personne à déposer par la solution de substitution.

    L'impossibilité technique est tenue pour établie (arrêté du 1er août 2023) ; le jour proposé se compare à
    l'expiration du titre (CESEDA R.431-5).
    """

    proposee_le: Jours | None = None
    """Le jour de l'invitation."""
    prevu: Quand | None = None
    """Le moment du rendez-vous proposé."""
    mode: Canal | None = None
    """Le canal du dépôt proposé."""
    prefecture: Court | None = None
    """La préfecture."""
    lieu: Court | None = None
    """Le lieu du rendez-vous."""
    dossier: Ref | None = None
    """Le dossier concerné."""


class RendezVousSubstitutionTenu(Event, nom="rendez_vous_substitution_tenu", flux=Flux.INCIDENT, ligne=62):
    """Le rendez-vous de substitution a eu lieu.

    L'accueil physique permet l'enregistrement de la demande (CESEDA R.431-2 al. 3), qui donne droit au récépissé
    (CESEDA R.431-12).
    """

    tenu_le: Jours | None = None
    """Le jour du rendez-vous."""
    demande_enregistree: bool | None = None
    """L'enregistrement de la demande ce jour-là."""
    prefecture: Court | None = None
    """La préfecture."""
    observations: Texte | None = None
    """Les observations."""
    dossier: Ref | None = None
    """Le dossier concerné."""


class ModalitesSubstitutionPubliees(Event, nom="modalites_substitution_publiees", flux=Flux.INCIDENT, ligne=63):
    """La préfecture a publié les modalités de la solution de substitution.

    L'inaction de la personne ne se compte qu'au regard d'une information claire, publiée et à jour (CESEDA
    R.431-2 al. 4).
    """

    publiees_le: Jours | None = None
    """Le jour de la publication."""
    prefecture: Court | None = None
    """La préfecture."""
    adresse: Court | None = None
    """L'adresse de la page."""
    capture_sha256: Sha256 | None = None
    """L'empreinte de la capture de la page."""
    texte: Texte | None = None
    """Le texte publié, gardé tel quel."""

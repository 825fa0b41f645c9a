"""Dépôt : tentatives, demande, accusés, attestation de dépôt et versement des pièces (lignes 1 à 10)."""

from ledger.days import Jours
from ledger.events.base import Article, Court, Event, Ref, Sha256, Texte
from ledger.events.listes import CauseVersement, Empreintes
from ledger.events.parts import Annees, Departement, Octets, PiecesDeclarees
from ledger.events.types import CodeIncident, Flux, NatureDemande, TypeTitre


class TentativeDepotEchouee(Event, nom="tentative_depot_echouee", flux=Flux.DOSSIER, ligne=1):
    """Une tentative de dépôt a échoué.

    Ne fait courir aucun délai. Plusieurs tentatives espacées appuient le référé mesures utiles (CJA L.521-3, CE
    435594) et comptent parmi les diligences qui ouvrent la solution de substitution (CESEDA R.431-2 al. 3).
    """

    etape: Court | None = None
    """L'étape du parcours où l'échec s'est produit."""
    code_incident: CodeIncident | None = None
    """Le dysfonctionnement reconnu."""
    code_erreur: Court | None = None
    """Le code d'erreur affiché."""
    texte_erreur: Texte | None = None
    """Le message d'erreur affiché, gardé tel quel."""
    capture_sha256: Sha256 | None = None
    """L'empreinte de la capture d'écran."""
    titre_demande: TypeTitre | None = None
    """Le titre que la personne voulait demander."""
    incident: Ref | None = None
    """L'incident auquel l'échec est rattaché."""


class DemandeDeposee(Event, nom="demande_deposee", flux=Flux.DOSSIER, ligne=2):
    """Le demandeur a déposé sa demande en ligne.

    Fait courir le délai de refus implicite (CESEDA R.*432-1, R.432-2) et les délais des accusés (CRPA L.112-11,
    R.112-11-2). Le jour du dépôt se compare à la fenêtre du 120e au 60e jour avant l'expiration (CESEDA R.431-5).
    """

    titre_demande: TypeTitre
    """Le titre demandé."""
    motif_sejour: Court | None = None
    """Le motif du séjour, par exemple « vie privée et familiale »."""
    duree_annees: Annees | None = None
    """La durée demandée, en années."""
    nature: NatureDemande
    """La nature de la demande."""
    deposee_le: Jours
    """Le jour du dépôt, celui de l'accusé de réception ou d'enregistrement (CRPA L.112-13)."""
    fondement: Article | None = None
    """Le fondement légal invoqué."""
    prefecture: Court | None = None
    """La préfecture saisie (CESEDA R.431-20)."""
    departement: Departement | None = None
    """Le département de résidence."""
    departement_liste_l433_3: bool | None = None
    """L'inscription du département sur la liste du maintien de trois mois (CESEDA L.433-3 al. 2)."""
    titre_precedent: Ref | None = None
    """Le titre détenu au dépôt."""
    en_teleservice_obligatoire: bool | None = None
    """L'obligation de passer par le téléservice ce jour-là (CESEDA R.431-2, annexe 9)."""
    pieces_declarees: PiecesDeclarees = ()
    """Les pièces jointes."""
    numero: Ref | None = None
    """Le numéro donné par le téléservice."""
    empreinte_ip: Sha256 | None = None
    """L'empreinte salée de l'adresse de connexion."""


class DemandePapierEnregistree(Event, nom="demande_papier_enregistree", flux=Flux.DOSSIER, ligne=3):
    """La préfecture a enregistré une demande hors du téléservice.

    Dépôt au guichet, par courrier ou par la solution de substitution (CESEDA R.431-2 al. 3, R.431-3). Fait courir
    le délai de refus implicite (CESEDA R.*432-1) et donne droit à un récépissé (CESEDA R.431-12).
    """

    titre_demande: TypeTitre
    """Le titre demandé."""
    motif_sejour: Court | None = None
    """Le motif du séjour, par exemple « étudiant »."""
    duree_annees: Annees | None = None
    """La durée demandée, en années."""
    nature: NatureDemande
    """La nature de la demande."""
    recue_le: Jours
    """Le jour de la réception par l'administration, même incompétente (CRPA L.114-3)."""
    fondement: Article | None = None
    """Le fondement légal invoqué."""
    prefecture: Court | None = None
    """La préfecture saisie (CESEDA R.431-20)."""
    departement: Departement | None = None
    """Le département de résidence."""
    departement_liste_l433_3: bool | None = None
    """L'inscription du département sur la liste du maintien de trois mois (CESEDA L.433-3 al. 2)."""
    titre_precedent: Ref | None = None
    """Le titre détenu au dépôt."""
    en_teleservice_obligatoire: bool | None = None
    """L'obligation de passer par le téléservice ce jour-là (CESEDA R.431-2, annexe 9)."""
    pieces_declarees: PiecesDeclarees = ()
    """Les pièces jointes."""
    numero: Ref | None = None
    """Le numéro donné par la préfecture."""
    incident: Ref | None = None
    """L'incident qui a empêché le dépôt en ligne."""


class AccuseReceptionDelivre(Event, nom="accuse_reception_delivre", flux=Flux.DOSSIER, ligne=4):
    """L'accusé de réception de la demande a été délivré.

    Dû pour tout envoi, sous dix jours ouvrés par voie électronique (CRPA L.112-3, L.112-11, R.112-11-2). Sans lui ou
    sans ses mentions, le délai de recours n'est pas opposable (CRPA L.112-6, L.112-12). Chaque mention est vraie si
    elle figure, fausse si elle manque, absente si la source ne permet pas de le dire (CRPA R.112-11-1).
    """

    numero: Ref | None = None
    """Le numéro de l'accusé."""
    delivre_le: Jours | None = None
    """Le jour de la délivrance."""
    recue_le: Jours | None = None
    """La date de réception écrite sur l'accusé."""
    mention_date_reception: bool | None = None
    """La mention de la date de réception."""
    mention_service: bool | None = None
    """La mention du service et de ses coordonnées."""
    mention_sens_du_silence: bool | None = None
    """La mention de ce que vaut le silence."""
    mention_date_decision_implicite: bool | None = None
    """La mention de la date de la décision implicite."""
    mention_voies_recours: bool | None = None
    """La mention des délais et voies de recours."""
    mention_sous_reserve_completude: bool | None = None
    """La réserve d'un dossier complet."""
    date_decision_implicite: Jours | None = None
    """La date de décision implicite écrite sur l'accusé."""


class AccuseEnregistrementDelivre(Event, nom="accuse_enregistrement_delivre", flux=Flux.DOSSIER, ligne=5):
    """L'accusé d'enregistrement de l'envoi a été délivré.

    Dû sur-le-champ ou sous un jour ouvré quand l'accusé de réception n'est pas instantané (CRPA L.112-11,
    R.112-11-2). Sa date fait foi pour le respect d'un délai (CRPA L.112-13).
    """

    numero: Ref | None = None
    """Le numéro de l'accusé."""
    delivre_le: Jours | None = None
    """Le jour de la délivrance."""
    recue_le: Jours | None = None
    """La date de réception écrite sur l'accusé."""


class AttestationDepotDelivree(Event, nom="attestation_depot_delivree", flux=Flux.DOSSIER, ligne=6):
    """L'attestation de dépôt en ligne a été délivrée.

    Remise immédiatement après le dépôt (CESEDA R.431-15-1 al. 1). Elle prouve le dépôt ; elle ne justifie pas de la
    régularité du séjour et ne fait courir aucun délai.
    """

    numero: Ref | None = None
    """Le numéro de l'attestation."""
    delivree_le: Jours | None = None
    """Le jour de la délivrance."""
    titre_demande: TypeTitre | None = None
    """Le titre demandé d'après l'attestation."""


class PieceVersee(Event, nom="piece_versee", flux=Flux.DOSSIER, ligne=7):
    """Une pièce a été versée au dossier.

    L'administration est régulièrement saisie par l'envoi électronique et ne peut en demander la répétition (CRPA
    L.112-8). Fait courir l'accusé de réception (CRPA L.112-11) et, si la pièce était réclamée, met fin à la
    suspension du délai de refus implicite (CRPA L.114-5).
    """

    piece: Court
    """La désignation de la pièce."""
    sha256: Sha256 | None = None
    """L'empreinte du fichier envoyé."""
    octets: Octets | None = None
    """La taille du fichier."""
    demandee: bool | None = None
    """Le versement répond à une demande de complément."""
    complement: Ref | None = None
    """La demande de complément à laquelle la pièce répond."""


class ReceptionPieceAccusee(Event, nom="reception_piece_accusee", flux=Flux.DOSSIER, ligne=8):
    """La réception d'une pièce a été accusée.

    Tout envoi électronique donne lieu à un accusé, pas seulement la demande (CRPA L.112-11). Il prouve que
    l'administration est saisie de la pièce (CRPA L.112-8) et à quelle date (CRPA L.112-13).
    """

    piece: Court | None = None
    """La désignation de la pièce."""
    sha256: Sha256 | None = None
    """L'empreinte du fichier reçu."""
    numero: Ref | None = None
    """Le numéro de l'accusé."""
    recue_le: Jours | None = None
    """La date de réception écrite sur l'accusé."""


class VersementEchoue(Event, nom="versement_echoue", flux=Flux.DOSSIER, ligne=9):
    """Le versement d'une pièce a échoué.

    Un envoi qui échoue ne saisit pas l'administration (CRPA L.112-8) et ne fait courir aucun délai ; il explique un
    dossier incomplet ou une réponse tardive (CRPA L.114-5).
    """

    piece: Court | None = None
    """La désignation de la pièce."""
    cause: CauseVersement | None = None
    """La cause de l'échec."""
    code_incident: CodeIncident | None = None
    """Le dysfonctionnement reconnu."""
    code_erreur: Court | None = None
    """Le code d'erreur affiché."""
    texte_erreur: Texte | None = None
    """Le message d'erreur affiché, gardé tel quel."""
    octets: Octets | None = None
    """La taille du fichier."""
    limite_octets: Octets | None = None
    """La taille maximale admise."""
    sha256: Sha256 | None = None
    """L'empreinte du fichier que la personne voulait verser."""
    capture_sha256: Sha256 | None = None
    """L'empreinte de la capture d'écran."""
    complement: Ref | None = None
    """La demande de complément à laquelle la pièce devait répondre."""
    incident: Ref | None = None
    """L'incident auquel l'échec est rattaché."""


class PieceRecueParPrefecture(Event, nom="piece_recue_par_prefecture", flux=Flux.DOSSIER, ligne=10):
    """La préfecture a reçu une pièce dans son outil.

    Le rapprochement des empreintes montre qu'une pièce envoyée est arrivée, altérée ou non. Son absence, quand la
    source aurait dû la contenir, révèle une pièce transmise et jamais reçue (CRPA L.112-8).
    """

    piece: Court | None = None
    """La désignation de la pièce."""
    sha256: Sha256 | None = None
    """L'empreinte du fichier reçu."""
    sha256_envoye: Sha256 | None = None
    """L'empreinte du fichier envoyé."""
    empreintes: Empreintes = Empreintes.NON_COMPAREES
    """Le rapprochement des deux empreintes."""
    recue_le: Jours | None = None
    """Le jour de la réception."""

"""Titre : remise, expiration, restitution, rappels, fenêtre de dépôt, fabrication, retrait (lignes 43 à 47, 54, 55)."""

from pydantic import model_validator

from ledger.days import Jours
from ledger.events.base import Article, Court, Event, Ref
from ledger.events.listes import ModeNotification
from ledger.events.parts import Annees, Articles, Centimes, Textes, in_order
from ledger.events.types import CodeIncident, Flux, TypeTitre


class TitreRemis(Event, nom="titre_remis", flux=Flux.TITRE, ligne=43):
    """Un titre de séjour a été remis à la personne.

    Le titre prouve la régularité du séjour (CESEDA L.411-1) du premier au dernier jour de validité inclus, une fois
    remis. Il arrête toute attestation provisoire et fixe la prochaine fenêtre de renouvellement (CESEDA R.431-5). Il
    ne comble pas une interruption passée.
    """

    type_titre: TypeTitre
    """Le type de titre."""
    motif_sejour: Court | None = None
    """Le motif du séjour inscrit sur le titre."""
    duree_annees: Annees | None = None
    """La durée du titre, en années."""
    valide_du: Jours
    """Le premier jour de validité."""
    valide_au: Jours
    """Le dernier jour de validité."""
    remis_le: Jours | None = None
    """Le jour de la remise, absent quand la remise n'est pas connue."""
    stipulation_internationale: bool = False
    """La délivrance en vertu d'une stipulation internationale (CESEDA L.433-3 al. 1)."""
    dossier: Ref | None = None
    """Le dossier qui a abouti à ce titre."""
    autorise_travail: bool | None = None
    """L'autorisation de travailler."""
    numero: Ref | None = None
    """Le numéro du titre."""
    fondement: Article | None = None
    """Le fondement légal du titre."""

    _ordre = model_validator(mode="after")(in_order("valide_du", "valide_au"))


class TitreExpire(Event, nom="titre_expire", flux=Flux.TITRE, ligne=44):
    """Le titre a expiré.

    Le lendemain est le premier jour sans titre. Rend exigible l'attestation de prolongation d'une demande complète et
    faite à temps (CESEDA R.431-15-1 al. 2), ouvre à certains titres le maintien de trois mois (CESEDA L.433-3) et
    fait courir les six mois au-delà desquels les conditions d'entrée sont de nouveau exigées (CESEDA R.431-8).
    """

    expire_le: Jours
    """Le dernier jour de validité."""
    type_titre: TypeTitre | None = None
    """Le type de titre."""
    dossier: Ref | None = None
    """La demande de renouvellement en cours."""


class TitrePrecedentRestitue(Event, nom="titre_precedent_restitue", flux=Flux.TITRE, ligne=45):
    """La personne a restitué son titre précédent.

    Le reçu de restitution prouve que la condition était remplie, quoi que dise ensuite le système qui bloque une
    nouvelle demande.
    """

    restitue_le: Jours | None = None
    """Le jour de la restitution."""
    recu: Ref | None = None
    """Le numéro du reçu de restitution."""
    numero: Ref | None = None
    """Le numéro du titre restitué."""
    prefecture: Court | None = None
    """La préfecture qui l'a reçu."""


class RestitutionNonEnregistree(Event, nom="restitution_non_enregistree", flux=Flux.TITRE, ligne=45):
    """Le système a considéré que le titre précédent n'avait pas été restitué.

    Ce signalement du fichier bloque le dépôt en ligne d'une nouvelle demande. Contredit par un reçu de restitution,
    il appuie une impossibilité tenant au téléservice (CESEDA R.431-2 al. 3).
    """

    systeme: Court | None = None
    """Le système qui porte le signalement."""
    code_incident: CodeIncident | None = None
    """Le dysfonctionnement reconnu."""
    numero: Ref | None = None
    """Le numéro du titre concerné."""
    incident: Ref | None = None
    """L'incident auquel le signalement est rattaché."""


class RappelExpirationEnvoye(Event, nom="rappel_expiration_envoye", flux=Flux.TITRE, ligne=46):
    """Un rappel de l'expiration prochaine du titre a été envoyé.

    Les rappels automatiques existent depuis la fin d'avril 2024. Un rappel envoyé ne prouve pas que la personne en a
    eu connaissance ; il ne fait courir aucun délai.
    """

    message: Ref | None = None
    """La référence du message."""
    mode: ModeNotification | None = None
    """Le mode d'envoi."""
    expire_le: Jours | None = None
    """La date d'expiration annoncée."""
    deposer_avant_le: Jours | None = None
    """La date limite de dépôt annoncée."""


class RappelExpirationOuvert(Event, nom="rappel_expiration_ouvert", flux=Flux.TITRE, ligne=46):
    """La personne a ouvert le rappel de l'expiration prochaine de son titre.

    L'ouverture prouve la connaissance de la date de dépôt (CESEDA R.431-5), ce que l'envoi seul ne prouve pas.
    """

    message: Ref | None = None
    """La référence du message."""
    ouvert_le: Jours | None = None
    """Le jour de l'ouverture."""


class FenetreDepotOuverte(Event, nom="fenetre_depot_ouverte", flux=Flux.TITRE, ligne=47):
    """La fenêtre de dépôt du renouvellement s'est ouverte.

    Pour un titre du téléservice, le 120e jour avant l'expiration ; sinon, deux mois avant (CESEDA R.431-5 1°).
    """

    ouverte_le: Jours
    """Le premier jour de la fenêtre."""
    fermee_le: Jours | None = None
    """Le dernier jour de la fenêtre."""
    regle: Article | None = None
    """La règle qui fixe la fenêtre."""

    _ordre = model_validator(mode="after")(in_order("ouverte_le", "fermee_le"))


class FenetreDepotFermee(Event, nom="fenetre_depot_fermee", flux=Flux.TITRE, ligne=47):
    """La fenêtre de dépôt du renouvellement s'est fermée.

    Pour un titre du téléservice, le 60e jour avant l'expiration (CESEDA R.431-5 1°). Le dépôt reste possible, sans
    droit à l'attestation de prolongation (CESEDA R.431-15-1 al. 2).
    """

    fermee_le: Jours
    """Le dernier jour de la fenêtre."""
    regle: Article | None = None
    """La règle qui fixe la fenêtre."""


class FabricationCarteCommandee(Event, nom="fabrication_carte_commandee", flux=Flux.TITRE, ligne=54):
    """La fabrication de la carte a été commandée.

    Ne fait courir aucun délai ; la personne est couverte par l'attestation de décision favorable jusqu'à la remise
    (CESEDA R.431-15-1 al. 4).
    """

    commandee_le: Jours | None = None
    """Le jour de la commande."""
    commande: Ref | None = None
    """La référence de la commande."""
    dossier: Ref | None = None
    """Le dossier concerné."""


class CartePrete(Event, nom="carte_prete", flux=Flux.TITRE, ligne=54):
    """La carte a été annoncée prête à être retirée.

    La carte prête n'est pas remise : l'attestation de décision favorable couvre encore le séjour (CESEDA R.431-15-1
    al. 4). L'annonce lue permet de savoir à qui tient le délai de retrait.
    """

    prete_le: Jours | None = None
    """Le jour où la carte est disponible."""
    avis: Ref | None = None
    """La référence de l'avis adressé à la personne."""
    lieu: Court | None = None
    """Le lieu du retrait."""
    dossier: Ref | None = None
    """Le dossier concerné."""
    taxe_centimes: Centimes | None = None
    """Le montant de la taxe réclamée, en centimes."""


class TitreRetire(Event, nom="titre_retire", flux=Flux.TITRE, ligne=55):
    """La préfecture a retiré le titre.

    Fin de droit par décision (CESEDA L.411-2), distincte d'une interruption. Le retrait est motivé et précédé d'une
    procédure contradictoire (CRPA L.121-1, L.122-1, L.211-2) ; il peut lui-même être annulé ou retiré.
    """

    notifie_le: Jours
    """Le jour de la notification du retrait."""
    effet_le: Jours | None = None
    """Le jour d'effet du retrait."""
    motifs: Textes = ()
    """Les motifs du retrait."""
    articles: Articles = ()
    """Les articles cités."""
    procedure_contradictoire: bool | None = None
    """La tenue d'une procédure contradictoire préalable."""
    auteur_qualite: Court | None = None
    """La qualité de l'auteur (CRPA L.212-1)."""


class AttestationDemandeAsileDelivree(Event, nom="attestation_demande_asile_delivree", flux=Flux.TITRE, ligne=0):
    """Une attestation de demande d'asile a été délivrée.

    Elle autorise le maintien sur le territoire pendant l'examen de la demande d'asile et exclut le récépissé (CESEDA
    R.431-12). Elle borne la couverture d'une personne qui n'a pas encore de titre.
    """

    valide_du: Jours
    """Le premier jour de validité."""
    valide_au: Jours
    """Le dernier jour de validité."""
    remise_le: Jours | None = None
    """Le jour de la remise."""
    autorise_travail: bool | None = None
    """L'autorisation de travailler."""
    numero: Ref | None = None
    """Le numéro de l'attestation."""

    _ordre = model_validator(mode="after")(in_order("valide_du", "valide_au"))

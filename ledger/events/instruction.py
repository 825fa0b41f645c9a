"""Instruction : complétude, compléments, rectification, transmission, relances, rendez-vous (11 à 19, 24 à 26)."""

from ledger.days import Jours, Quand
from ledger.events.base import Court, Event, Ref, Texte
from ledger.events.listes import ModeNotification, ObjetRendezVous, PartieAbsente, ResultatRendezVous
from ledger.events.parts import Departement, PiecesDeclarees, PiecesDemandees
from ledger.events.types import Canal, EtatCompletude, Flux


class CompletudeAppreciee(Event, nom="completude_appreciee", flux=Flux.DOSSIER, ligne=11):
    """La préfecture a apprécié si le dossier était complet.

    La complétude conditionne l'attestation de prolongation (CESEDA R.431-15-1 al. 2) ; elle se présume tant qu'aucune
    demande de complément régulière n'est faite, et se confirme par une attestation ou un récépissé (CE avis 499904).
    """

    etat: EtatCompletude
    """L'appréciation du service."""
    appreciee_le: Jours | None = None
    """Le jour de l'appréciation."""
    manquantes: PiecesDemandees = ()
    """Les pièces manquantes et leur texte."""


class ComplementDemande(Event, nom="complement_demande", flux=Flux.DOSSIER, ligne=12):
    """La préfecture a demandé de compléter le dossier.

    La demande nomme les pièces exigées par les textes, fixe un délai et rappelle l'effet de ce délai (CRPA L.114-5,
    R.112-11-4). Le délai de refus implicite est suspendu pendant ce délai. Une donnée que l'administration détient ne
    peut être réclamée (CRPA L.113-12, L.114-8).
    """

    complement: Ref | None = None
    """La référence de la demande de complément."""
    demande_le: Jours | None = None
    """Le jour de la demande."""
    pieces: PiecesDemandees = ()
    """Les pièces réclamées et leur texte."""
    echeance: Jours | None = None
    """Le dernier jour pour répondre, absent quand la demande ne fixe aucun délai."""
    mention_l114_5: bool | None = None
    """La mention de l'effet du délai (CRPA L.114-5)."""
    mode: ModeNotification | None = None
    """Le mode d'envoi."""
    message: Texte | None = None
    """Le message de l'agent, gardé tel quel."""
    auteur_qualite: Court | None = None
    """La qualité de l'auteur (CRPA L.111-2)."""


class ComplementMisADisposition(Event, nom="complement_mis_a_disposition", flux=Flux.DOSSIER, ligne=13):
    """La demande de complément a été mise à disposition sur le compte de la personne.

    Avec un consentement exprès, elle est réputée notifiée ce jour-là si elle n'est pas consultée sous quinze jours
    (CRPA L.112-15, R.112-17 à R.112-20). Sans consentement, la mise à disposition ne prouve pas la connaissance.
    """

    complement: Ref | None = None
    """La référence de la demande de complément."""
    message: Ref | None = None
    """La référence du message."""
    mis_a_disposition_le: Jours | None = None
    """Le jour de la mise à disposition."""
    lisible: bool | None = None
    """La possibilité de lire le message, fausse quand un incident l'empêchait."""


class ComplementOuvert(Event, nom="complement_ouvert", flux=Flux.DOSSIER, ligne=14):
    """La personne a ouvert la demande de complément.

    La première consultation vaut réception (CRPA R.112-17 à R.112-20) et prouve la connaissance.
    """

    complement: Ref | None = None
    """La référence de la demande de complément."""
    message: Ref | None = None
    """La référence du message."""
    ouvert_le: Jours | None = None
    """Le jour de la première consultation."""


class ComplementRepondu(Event, nom="complement_repondu", flux=Flux.DOSSIER, ligne=15):
    """La personne a répondu à la demande de complément.

    La production des pièces avant l'échéance met fin à la suspension du délai de refus implicite (CRPA L.114-5). Le
    dernier jour compte jusqu'à minuit, à la date de l'accusé (CRPA L.112-13).
    """

    complement: Ref | None = None
    """La référence de la demande de complément."""
    repondu_le: Jours | None = None
    """Le jour de la réponse."""
    pieces: PiecesDeclarees = ()
    """Les pièces produites."""
    toutes_les_pieces: bool | None = None
    """La production de toutes les pièces réclamées."""
    message: Texte | None = None
    """Le message joint, gardé tel quel."""


class DelaiComplementExpire(Event, nom="delai_complement_expire", flux=Flux.DOSSIER, ligne=16):
    """Le délai donné pour compléter le dossier a expiré.

    Met fin à la suspension du délai de refus implicite (CRPA L.114-5). Le texte n'en tire pas le pouvoir de clore
    le dossier.
    """

    complement: Ref | None = None
    """La référence de la demande de complément."""
    echeance: Jours | None = None
    """Le dernier jour du délai."""


class DelaiComplementProroge(Event, nom="delai_complement_proroge", flux=Flux.DOSSIER, ligne=17):
    """Le délai donné pour compléter le dossier a été prorogé.

    Prolonge la suspension du délai de refus implicite jusqu'à la nouvelle échéance (CRPA L.114-5).
    """

    complement: Ref | None = None
    """La référence de la demande de complément."""
    nouvelle_echeance: Jours
    """Le nouveau dernier jour pour répondre."""
    motif: Texte | None = None
    """Le motif de la prorogation."""


class RectificationDemandee(Event, nom="rectification_demandee", flux=Flux.DOSSIER, ligne=18):
    """La personne a demandé de rectifier une donnée de son dossier.

    Chacun peut régulariser une première erreur de bonne foi (CRPA L.123-1) et faire rectifier une donnée inexacte
    (RGPD art. 16). Ne fait courir aucun délai contre la personne.
    """

    champ: Court
    """La donnée visée."""
    avant: Texte | None = None
    """La valeur inscrite."""
    apres: Texte | None = None
    """La valeur demandée."""
    motif: Texte | None = None
    """Le motif de la demande."""


class RectificationAppliquee(Event, nom="rectification_appliquee", flux=Flux.DOSSIER, ligne=18):
    """Une donnée du dossier a été rectifiée.

    La valeur antérieure reste au registre ; rectifier une première erreur de bonne foi n'expose à aucune sanction
    (CRPA L.123-1).
    """

    champ: Court
    """La donnée visée."""
    avant: Texte | None = None
    """La valeur antérieure."""
    apres: Texte | None = None
    """La valeur inscrite."""
    appliquee_le: Jours | None = None
    """Le jour de la rectification."""


class AnnulationDemandee(Event, nom="annulation_demandee", flux=Flux.DOSSIER, ligne=19):
    """La personne a demandé l'annulation de sa demande.

    Tant que l'annulation n'est pas constatée, la demande reste en cours et peut en bloquer une autre ; le délai de
    refus implicite continue (CESEDA R.*432-1).
    """

    demandee_le: Jours | None = None
    """Le jour de la demande d'annulation."""
    motif: Texte | None = None
    """Le motif donné."""


class DemandeRetiree(Event, nom="demande_retiree", flux=Flux.DOSSIER, ligne=19):
    """La demande a été retirée par la personne.

    Arrête le délai de refus implicite (CESEDA R.*432-1) et l'obligation de prolonger l'instruction (CESEDA
    R.431-15-1).
    """

    retiree_le: Jours | None = None
    """Le jour du retrait."""
    motif: Texte | None = None
    """Le motif donné."""


class DemandeTransmise(Event, nom="demande_transmise", flux=Flux.DOSSIER, ligne=24):
    """La demande a été transmise à une autre préfecture.

    L'administration incompétente transmet et en avise la personne ; le délai de refus implicite court depuis la
    réception par la première saisie et ne repart pas (CRPA L.114-2, L.114-3).
    """

    de_prefecture: Court | None = None
    """La préfecture qui transmet."""
    vers_prefecture: Court | None = None
    """La préfecture qui reçoit."""
    vers_departement: Departement | None = None
    """Le département de la préfecture qui reçoit."""
    transmise_le: Jours | None = None
    """Le jour de la transmission."""
    usager_avise: bool | None = None
    """L'avis donné à la personne."""
    motif: Texte | None = None
    """Le motif de la transmission."""


class RelanceEnvoyee(Event, nom="relance_envoyee", flux=Flux.DOSSIER, ligne=25):
    """Une relance a été envoyée à l'administration.

    Ne fait courir aucun délai et n'est pas une condition des obligations de l'administration ; elle appuie l'urgence
    et l'utilité d'un référé (CJA L.521-1, L.521-3).
    """

    envoyee_le: Jours | None = None
    """Le jour de l'envoi."""
    recue_le: Jours | None = None
    """Le jour de la réception."""
    destinataire: Court | None = None
    """Le service relancé."""
    mode: Canal | None = None
    """Le canal de la relance."""
    numero_envoi: Ref | None = None
    """Le numéro de l'envoi recommandé ou du ticket."""
    texte: Texte | None = None
    """Le texte de la relance, gardé tel quel."""


class RendezVousPropose(Event, nom="rendez_vous_propose", flux=Flux.DOSSIER, ligne=26):
    """Un rendez-vous a été proposé à la personne.

    Ne fait courir aucun délai légal ; l'écart entre la proposition et le jour proposé compte dans le délai de
    l'administration.
    """

    rendez_vous: Ref | None = None
    """La référence du rendez-vous."""
    prevu: Quand
    """Le moment du rendez-vous."""
    objet: ObjetRendezVous | None = None
    """L'objet du rendez-vous."""
    lieu: Court | None = None
    """Le lieu du rendez-vous."""
    propose_le: Jours | None = None
    """Le jour de la proposition."""


class RendezVousTenu(Event, nom="rendez_vous_tenu", flux=Flux.DOSSIER, ligne=26):
    """Le rendez-vous a eu lieu.

    La comparution personnelle est accomplie ; une demande remise ce jour-là fait courir le délai de refus implicite
    (CESEDA R.*432-1).
    """

    rendez_vous: Ref | None = None
    """La référence du rendez-vous."""
    tenu_le: Jours | None = None
    """Le jour du rendez-vous."""
    objet: ObjetRendezVous | None = None
    """L'objet du rendez-vous."""
    resultat: ResultatRendezVous | None = None
    """Le résultat du rendez-vous."""
    observations: Texte | None = None
    """Les observations de l'agent."""


class RendezVousManque(Event, nom="rendez_vous_manque", flux=Flux.DOSSIER, ligne=26):
    """Le rendez-vous n'a pas eu lieu.

    Qui n'était pas là, et pourquoi, décide de l'attribution des jours qui suivent ; ne fait courir aucun délai.
    """

    rendez_vous: Ref | None = None
    """La référence du rendez-vous."""
    prevu_le: Jours | None = None
    """Le jour prévu."""
    objet: ObjetRendezVous | None = None
    """L'objet du rendez-vous."""
    partie_absente: PartieAbsente
    """La partie absente."""
    motif: Texte | None = None
    """Le motif donné."""

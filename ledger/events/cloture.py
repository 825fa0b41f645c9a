"""Clôture : fermeture automatique ou par un agent, refus d'enregistrement, réouverture (lignes 20 à 23)."""

from ledger.days import Jours
from ledger.events.base import Article, Court, Event, Ref, Texte
from ledger.events.listes import ModeNotification
from ledger.events.parts import Articles, Nombre, PiecesDemandees, Textes
from ledger.events.types import CodeIncident, Flux


class DossierClosAutomatiquement(Event, nom="dossier_clos_automatiquement", flux=Flux.DOSSIER, ligne=20):
    """Le système a clos le dossier automatiquement.

    Le délai donné pour compléter un dossier suspend le délai de refus implicite ; le texte n'en tire pas le pouvoir de
    clore (CRPA L.114-5). Une décision porte motifs, nom, qualité et service de son auteur (CRPA L.211-2, L.212-2) et,
    fondée sur un algorithme, le dit (CRPA L.311-3-1, R.311-3-1-1).
    """

    clos_le: Jours | None = None
    """Le jour de la clôture."""
    regle_systeme: Ref | None = None
    """La règle automatique appliquée."""
    apres_jours: Nombre | None = None
    """Le délai de la règle, en jours."""
    complement: Ref | None = None
    """La demande de complément jugée sans réponse."""
    motifs: Textes = ()
    """Les motifs affichés."""
    articles: Articles = ()
    """Les articles cités."""
    auteur_qualite: Court | None = None
    """La qualité de l'auteur affiché, absente quand aucun auteur n'est nommé."""
    mention_algorithme: bool | None = None
    """La mention d'un traitement algorithmique."""
    mention_voies_recours: bool | None = None
    """La mention des voies et délais de recours."""
    message: Texte | None = None
    """Le message affiché, gardé tel quel."""
    code_incident: CodeIncident | None = None
    """Le dysfonctionnement reconnu."""


class DossierClosParAgent(Event, nom="dossier_clos_par_agent", flux=Flux.DOSSIER, ligne=21):
    """Un agent a clos le dossier.

    Classement ou rejet : la décision porte motifs, nom, qualité et service (CRPA L.211-2, L.212-1, L.212-2). Fait
    courir le délai de recours si les voies et délais sont mentionnés (CJA R.421-5).
    """

    clos_le: Jours | None = None
    """Le jour de la clôture."""
    notifie_le: Jours | None = None
    """Le jour de la notification."""
    motifs: Textes = ()
    """Les motifs de la clôture."""
    articles: Articles = ()
    """Les articles cités."""
    auteur_qualite: Court | None = None
    """La qualité de l'auteur (CRPA L.212-1)."""
    mode: ModeNotification | None = None
    """Le mode de notification."""
    mention_voies_recours: bool | None = None
    """La mention des voies et délais de recours."""
    complement: Ref | None = None
    """La demande de complément jugée sans réponse."""
    message: Texte | None = None
    """Le message affiché, gardé tel quel."""


class EnregistrementRefuse(Event, nom="enregistrement_refuse", flux=Flux.DOSSIER, ligne=22):
    """L'enregistrement de la demande a été refusé.

    Ne fait grief que si le dossier n'était pas réellement incomplet : pièce d'état civil ou de nationalité (CESEDA
    R.431-10), ou pièce de l'annexe 10 sans laquelle l'examen est impossible (CESEDA R.431-11 ; CE avis 472831,
    494718).
    """

    refuse_le: Jours | None = None
    """Le jour du refus."""
    pieces_manquantes: PiecesDemandees = ()
    """Les pièces manquantes et leur texte."""
    motifs: Textes = ()
    """Les motifs du refus."""
    auteur_qualite: Court | None = None
    """La qualité de l'auteur (CRPA L.212-1)."""
    mention_voies_recours: bool | None = None
    """La mention des voies et délais de recours."""
    fondement: Article | None = None
    """Le texte cité."""


class DossierRouvert(Event, nom="dossier_rouvert", flux=Flux.DOSSIER, ligne=23):
    """Le dossier a été rouvert.

    L'instruction reprend. Ne fait courir aucun délai nouveau par elle-même ; le fait dit si l'administration tient la
    demande pour déposée à sa date d'origine.
    """

    rouvert_le: Jours | None = None
    """Le jour de la réouverture."""
    motif: Texte | None = None
    """Le motif de la réouverture."""
    cloture: Ref | None = None
    """La clôture sur laquelle l'administration revient."""
    date_depot_conservee: bool | None = None
    """Le maintien de la date de dépôt d'origine."""

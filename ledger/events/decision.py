"""Décision : refus implicite, motifs, décision favorable, refus, retrait et annulation (lignes 27 à 31)."""

from pydantic import model_validator

from ledger.days import Jours
from ledger.events.base import Article, Court, Event, Ref, Texte
from ledger.events.listes import ModeNotification
from ledger.events.parts import Annees, Articles, Nombre, Textes, in_order
from ledger.events.types import Flux, NatureDecision, TypeTitre


class RefusImpliciteNe(Event, nom="refus_implicite_ne", flux=Flux.DOSSIER, ligne=27):
    """Le silence de l'administration a fait naître un refus implicite.

    Naît après quatre mois, 90 ou 60 jours selon le titre (CESEDA R.*432-1, R.432-2), même si une attestation ou un
    récépissé a été délivré (CE avis 499904). Fait courir le délai de recours s'il est opposable (CRPA L.112-6,
    L.112-12) et ferme le référé mesures utiles (CJA L.521-3).
    """

    ne_le: Jours
    """Le jour où le refus est né."""
    regle: Article | None = None
    """La règle qui fixe le délai."""
    delai: Court | None = None
    """Le délai appliqué, par exemple « quatre mois »."""
    depuis_le: Jours | None = None
    """Le point de départ du délai."""
    jours_suspendus: Nombre | None = None
    """Le nombre de jours de suspension (CRPA L.114-5)."""


class MotifsDemandes(Event, nom="motifs_demandes", flux=Flux.DOSSIER, ligne=28):
    """La communication des motifs du refus implicite a été demandée.

    Formée dans le délai de recours, la demande oblige l'administration à répondre sous un mois (CRPA L.232-4) ; le
    délai de recours est alors prorogé.
    """

    demandes_le: Jours | None = None
    """Le jour de l'envoi."""
    recue_le: Jours | None = None
    """Le jour de la réception par l'administration."""
    mode: ModeNotification | None = None
    """Le mode d'envoi."""
    numero_envoi: Ref | None = None
    """Le numéro de l'envoi recommandé."""


class MotifsCommuniques(Event, nom="motifs_communiques", flux=Flux.DOSSIER, ligne=28):
    """L'administration a communiqué les motifs du refus implicite.

    Due sous un mois ; le délai de recours est prorogé jusqu'à deux mois après cette communication (CRPA L.232-4).
    """

    communiques_le: Jours | None = None
    """Le jour de la communication."""
    motifs: Textes = ()
    """Les motifs communiqués."""
    articles: Articles = ()
    """Les articles cités."""
    auteur_qualite: Court | None = None
    """La qualité de l'auteur (CRPA L.212-1)."""


class DecisionFavorablePrise(Event, nom="decision_favorable_prise", flux=Flux.DOSSIER, ligne=29):
    """La préfecture a pris une décision favorable.

    Arrête le délai de refus implicite ou remplace le refus déjà né, et oblige à mettre à disposition une attestation
    de décision favorable jusqu'à la remise de la carte (CESEDA R.431-15-1 al. 4).
    """

    prise_le: Jours
    """Le jour de la décision."""
    titre_accorde: TypeTitre
    """Le titre accordé."""
    motif_sejour: Court | None = None
    """Le motif du séjour retenu."""
    duree_annees: Annees | None = None
    """La durée accordée, en années."""
    valide_du: Jours | None = None
    """Le premier jour de validité."""
    valide_au: Jours | None = None
    """Le dernier jour de validité."""
    fondement: Article | None = None
    """Le fondement légal retenu."""
    auteur_qualite: Court | None = None
    """La qualité de l'auteur (CRPA L.212-1)."""

    _ordre = model_validator(mode="after")(in_order("valide_du", "valide_au"))


class RefusDecide(Event, nom="refus_decide", flux=Flux.DOSSIER, ligne=30):
    """La préfecture a décidé de refuser la demande.

    Le refus est écrit, motivé en droit et en fait (CRPA L.211-2, L.211-5), et porte le nom, la qualité et le service
    de son auteur (CRPA L.212-1, L.212-2). Il ne produit effet contre la personne qu'une fois notifié.
    """

    decide_le: Jours
    """Le jour de la décision."""
    motifs: Textes = ()
    """Les motifs du refus."""
    articles: Articles = ()
    """Les articles cités."""
    auteur_qualite: Court | None = None
    """La qualité de l'auteur (CRPA L.212-1)."""
    oqtf: bool | None = None
    """L'obligation de quitter le territoire assortit le refus."""
    delai_depart_jours: Nombre | None = None
    """Le délai de départ volontaire, en jours."""
    traitement_algorithmique: bool | None = None
    """La mention d'un traitement algorithmique (CRPA L.311-3-1)."""


class RefusNotifie(Event, nom="refus_notifie", flux=Flux.DOSSIER, ligne=30):
    """Le refus a été notifié à la personne.

    Met fin au droit au séjour à l'expiration du document détenu (CESEDA L.411-2). Fait courir le délai de recours
    si les voies et délais sont mentionnés (CJA R.421-5). Une notification électronique suppose un consentement
    exprès (CRPA L.112-15).
    """

    notifie_le: Jours
    """Le jour de la notification."""
    mode: ModeNotification | None = None
    """Le mode de notification."""
    numero_envoi: Ref | None = None
    """Le numéro de l'envoi recommandé."""
    mention_voies_recours: bool | None = None
    """La mention des voies et délais de recours."""
    delai_recours: Court | None = None
    """Le délai de recours indiqué."""
    oqtf: bool | None = None
    """L'obligation de quitter le territoire assortit le refus."""
    mis_a_disposition_le: Jours | None = None
    """Le jour de la mise à disposition électronique (CRPA R.112-17 à R.112-20)."""


class DecisionRetiree(Event, nom="decision_retiree", flux=Flux.DOSSIER, ligne=31):
    """L'administration a retiré sa décision.

    La décision est réputée n'avoir jamais existé. Une décision créatrice de droits ne peut être retirée que si elle
    est illégale et dans les quatre mois (CRPA L.242-1). Le passé se relit sans elle.
    """

    retiree_le: Jours
    """Le jour du retrait."""
    vise: NatureDecision
    """La décision retirée."""
    decision_du: Jours | None = None
    """Le jour de la décision retirée."""
    decision: Ref | None = None
    """La référence de la décision retirée."""
    motifs: Textes = ()
    """Les motifs du retrait."""


class DecisionAnnulee(Event, nom="decision_annulee", flux=Flux.DOSSIER, ligne=31):
    """Le juge a annulé la décision.

    La décision est réputée n'avoir jamais existé ; le juge peut enjoindre de délivrer ou de réexaminer (CJA L.911-1
    à L.911-3). La fin de droit qu'elle avait causée se relit comme une interruption.
    """

    annulee_le: Jours
    """Le jour de la lecture du jugement."""
    vise: NatureDecision
    """La décision annulée."""
    decision_du: Jours | None = None
    """Le jour de la décision annulée."""
    decision: Ref | None = None
    """La référence de la décision annulée."""
    juridiction: Court | None = None
    """La juridiction."""
    numero: Ref | None = None
    """Le numéro du jugement."""
    motif: Texte | None = None
    """Le motif de l'annulation."""
    injonction: Texte | None = None
    """L'injonction prononcée."""
    delai_injonction_jours: Nombre | None = None
    """Le délai d'exécution, en jours."""

"""Réclamation : Défenseur des droits, communication de documents et CADA (ligne 68)."""

from ledger.days import Jours
from ledger.events.base import Court, Event, Ref, Texte
from ledger.events.parts import Courts, Refs, Textes
from ledger.events.types import Flux


class ReclamationDddOuverte(Event, nom="reclamation_ddd_ouverte", flux=Flux.RECLAMATION, ligne=68):
    """Une réclamation a été ouverte devant le Défenseur des droits.

    La saisine fonde l'accès du Défenseur des droits aux informations utiles, sur demande motivée (loi organique
    2011-333 art. 18, art. 20). Elle n'interrompt pas le délai de recours.
    """

    numero: Ref
    """Le numéro de la réclamation."""
    ouverte_le: Jours | None = None
    """Le jour de l'ouverture."""
    objet: Texte | None = None
    """L'objet de la réclamation."""
    griefs: Courts = ()
    """Les points soulevés."""
    dossiers: Refs = ()
    """Les dossiers visés."""


class ExplicationsDddDemandees(Event, nom="explications_ddd_demandees", flux=Flux.RECLAMATION, ligne=68):
    """Le Défenseur des droits a demandé des explications.

    La personne mise en cause doit répondre ; l'échange est contradictoire (loi organique 2011-333 art. 18). Fait courir
    le délai fixé par la demande.
    """

    numero: Ref | None = None
    """Le numéro de la réclamation."""
    demandees_le: Jours | None = None
    """Le jour de la demande."""
    destinataire: Court | None = None
    """Le service interrogé."""
    echeance: Jours | None = None
    """Le dernier jour pour répondre."""
    questions: Textes = ()
    """Les questions posées."""
    constats_proposes: Textes = ()
    """Les constats soumis à la contradiction."""


class ExplicationsDddFournies(Event, nom="explications_ddd_fournies", flux=Flux.RECLAMATION, ligne=68):
    """Le service interrogé a fourni ses explications au Défenseur des droits.

    La réponse, y compris ce qu'elle conteste, est gardée à côté du constat qu'elle discute (loi organique 2011-333
    art. 18). Arrête le délai de réponse.
    """

    numero: Ref | None = None
    """Le numéro de la réclamation."""
    fournies_le: Jours | None = None
    """Le jour de la réponse."""
    service: Court | None = None
    """Le service qui répond."""
    explications: Texte | None = None
    """Les explications, gardées telles quelles."""
    faits_contestes: Refs = ()
    """Les faits contestés."""


class RecommandationDddEmise(Event, nom="recommandation_ddd_emise", flux=Flux.RECLAMATION, ligne=68):
    """Le Défenseur des droits a émis une recommandation.

    L'autorité rend compte des suites dans le délai fixé ; à défaut, le Défenseur peut enjoindre, puis publier un
    rapport spécial (loi organique 2011-333 art. 25).
    """

    numero: Ref | None = None
    """Le numéro de la réclamation."""
    decision: Ref | None = None
    """Le numéro de la décision."""
    emise_le: Jours | None = None
    """Le jour de la recommandation."""
    destinataire: Court | None = None
    """L'autorité visée."""
    echeance: Jours | None = None
    """Le dernier jour pour rendre compte."""
    recommandations: Textes = ()
    """Les recommandations."""


class SuiteRecommandationRapportee(Event, nom="suite_recommandation_rapportee", flux=Flux.RECLAMATION, ligne=68):
    """L'autorité a rendu compte des suites données à la recommandation.

    Arrête le délai fixé par le Défenseur des droits (loi organique 2011-333 art. 25).
    """

    numero: Ref | None = None
    """Le numéro de la réclamation."""
    rapportee_le: Jours | None = None
    """Le jour du compte rendu."""
    suivie: bool | None = None
    """La recommandation a été suivie."""
    suites: Texte | None = None
    """Les suites données, gardées telles quelles."""


class DocumentsAdministratifsDemandes(Event, nom="documents_administratifs_demandes", flux=Flux.RECLAMATION, ligne=68):
    """La communication de documents administratifs a été demandée.

    Le silence d'un mois vaut refus (CRPA R.*311-12, R.311-13) ; la personne a droit aux documents qui la concernent
    (CRPA L.311-1, L.311-6). Fait courir ensuite deux mois pour saisir la CADA (CRPA R.343-1).
    """

    demandes_le: Jours | None = None
    """Le jour de l'envoi."""
    recue_le: Jours | None = None
    """Le jour de la réception par l'administration."""
    administration: Court | None = None
    """L'administration saisie."""
    documents: Courts = ()
    """Les documents demandés."""


class DemandeCadaDeposee(Event, nom="demande_cada_deposee", flux=Flux.RECLAMATION, ligne=68):
    """La Commission d'accès aux documents administratifs a été saisie.

    Préalable obligatoire au juge (CRPA L.342-1), dans les deux mois du refus (CRPA R.343-1). Le silence gardé deux
    mois après l'enregistrement confirme le refus (CRPA R.*343-4, R.343-5).
    """

    numero: Ref | None = None
    """Le numéro d'enregistrement."""
    deposee_le: Jours | None = None
    """Le jour de la saisine."""
    enregistree_le: Jours | None = None
    """Le jour de l'enregistrement."""
    administration: Court | None = None
    """L'administration mise en cause."""
    documents: Courts = ()
    """Les documents demandés."""


class AvisCadaRendu(Event, nom="avis_cada_rendu", flux=Flux.RECLAMATION, ligne=68):
    """La Commission d'accès aux documents administratifs a rendu son avis.

    L'avis ne lie pas l'administration ; son refus confirmé ouvre le recours devant le juge (CRPA L.342-1).
    """

    numero: Ref | None = None
    """Le numéro de l'avis."""
    rendu_le: Jours | None = None
    """Le jour de l'avis."""
    favorable: bool | None = None
    """Le sens favorable de l'avis."""
    texte: Texte | None = None
    """Le texte de l'avis."""

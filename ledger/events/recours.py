"""Recours : administratifs, contentieux, référés et réponses du juge (ligne 32)."""

from typing import Annotated

from pydantic import Field, model_validator

from ledger.days import Jours
from ledger.events.base import Court, Event, Ref, Texte
from ledger.events.listes import Injonction, SensDecisionJustice
from ledger.events.parts import Articles, Centimes, Nombre, Textes, in_order
from ledger.events.types import BaseRecours, Flux, NatureDecision

Injonctions = Annotated[tuple[Injonction, ...], Field(max_length=20)]
"""Ce qui est demandé au juge, ou ordonné par lui."""


class RecoursForme(Event, nom="recours_forme", flux=Flux.DOSSIER, ligne=32):
    """Un recours a été formé.

    Le délai est de deux mois, opposable s'il a été notifié (CJA R.421-1, R.421-5). Un recours gracieux ou hiérarchique
    l'interrompt et le silence de deux mois vaut rejet (CRPA L.411-2, L.411-7). Devant le juge, la requête joint la
    décision ou la preuve de la date de la demande (CJA R.412-1).
    """

    base: BaseRecours
    """Le fondement du recours."""
    forme_le: Jours | None = None
    """Le jour du dépôt du recours."""
    vise: NatureDecision | None = None
    """La décision attaquée."""
    decision_du: Jours | None = None
    """Le jour de la décision attaquée."""
    juridiction: Court | None = None
    """La juridiction ou l'autorité saisie."""
    numero: Ref | None = None
    """Le numéro d'enregistrement."""
    injonctions_demandees: Injonctions = ()
    """Les injonctions demandées."""
    somme_demandee_centimes: Centimes | None = None
    """La somme demandée, en centimes."""
    recu_le: Jours | None = None
    """Le jour de la réception, pour un recours administratif."""


class RefereForme(Event, nom="refere_forme", flux=Flux.DOSSIER, ligne=32):
    """Un référé a été formé.

    Suspension d'une décision (CJA L.521-1), sauvegarde d'une liberté sous 48 heures (CJA L.521-2) ou mesures utiles
    sans décision préalable ni obstacle à une décision (CJA L.521-3). La requête justifie l'urgence (CJA R.522-1).
    """

    base: BaseRecours
    """Le fondement du référé."""
    forme_le: Jours | None = None
    """Le jour du dépôt du référé."""
    vise: NatureDecision | None = None
    """La décision attaquée."""
    recours_au_fond: Ref | None = None
    """Le numéro de la requête en annulation jointe."""
    juridiction: Court | None = None
    """La juridiction."""
    numero: Ref | None = None
    """Le numéro d'enregistrement."""
    injonctions_demandees: Injonctions = ()
    """Les injonctions demandées."""


class OrdonnanceRendue(Event, nom="ordonnance_rendue", flux=Flux.DOSSIER, ligne=32):
    """Le juge des référés a rendu une ordonnance.

    L'injonction est exécutoire dans le délai fixé, sous astreinte le cas échéant (CJA L.911-1 à L.911-3) ; elle fait
    courir ce délai contre l'administration.
    """

    base: BaseRecours | None = None
    """Le fondement du référé."""
    rendue_le: Jours | None = None
    """Le jour de l'ordonnance."""
    notifiee_le: Jours | None = None
    """Le jour de la notification."""
    juridiction: Court | None = None
    """La juridiction."""
    numero: Ref | None = None
    """Le numéro de l'ordonnance."""
    sens: SensDecisionJustice | None = None
    """Le sens de l'ordonnance."""
    urgence_retenue: bool | None = None
    """L'urgence retenue par le juge."""
    injonctions: Injonctions = ()
    """Les injonctions prononcées."""
    delai_injonction_jours: Nombre | None = None
    """Le délai d'exécution, en jours."""
    astreinte_par_jour_centimes: Centimes | None = None
    """L'astreinte par jour de retard, en centimes."""
    somme_accordee_centimes: Centimes | None = None
    """La somme accordée, en centimes."""
    dispositif: Texte | None = None
    """Le dispositif, gardé tel quel."""


class JugementRendu(Event, nom="jugement_rendu", flux=Flux.DOSSIER, ligne=32):
    """Le juge du fond a rendu sa décision.

    Annule ou non, enjoint (CJA L.911-1 à L.911-3), indemnise. L'annulation d'une décision s'inscrit aussi par le fait
    qui la désigne, afin que le passé se relise sans elle.
    """

    base: BaseRecours | None = None
    """Le fondement du recours."""
    rendu_le: Jours | None = None
    """Le jour de la lecture."""
    notifie_le: Jours | None = None
    """Le jour de la notification."""
    juridiction: Court | None = None
    """La juridiction."""
    numero: Ref | None = None
    """Le numéro du jugement."""
    sens: SensDecisionJustice | None = None
    """Le sens de la décision."""
    injonctions: Injonctions = ()
    """Les injonctions prononcées."""
    delai_injonction_jours: Nombre | None = None
    """Le délai d'exécution, en jours."""
    somme_accordee_centimes: Centimes | None = None
    """La somme accordée, en centimes."""
    indemnise_du: Jours | None = None
    """Le premier jour de la période indemnisée."""
    indemnise_au: Jours | None = None
    """Le dernier jour de la période indemnisée."""
    articles: Articles = ()
    """Les articles cités."""
    dispositif: Texte | None = None
    """Le dispositif, gardé tel quel."""

    _ordre = model_validator(mode="after")(in_order("indemnise_du", "indemnise_au"))


class RecoursAdministratifRejete(Event, nom="recours_administratif_rejete", flux=Flux.DOSSIER, ligne=32):
    """Le recours administratif a été rejeté.

    Rejet exprès, ou implicite après deux mois de silence (CRPA L.411-7). Le délai de recours contentieux, interrompu
    par le recours administratif (CRPA L.411-2), court de nouveau.
    """

    rejete_le: Jours
    """Le jour du rejet."""
    implicite: bool | None = None
    """Le caractère implicite du rejet."""
    recours: Ref | None = None
    """Le recours rejeté."""
    motifs: Textes = ()
    """Les motifs du rejet."""

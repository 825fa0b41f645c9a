"""Incident : ouverture, portée, panne, résolution (lignes 56, 57 et 64).

Un incident est déclaré une fois et relié à tous les dossiers qu'il a touchés.
"""

from pydantic import model_validator

from ledger.days import Jours, Quand
from ledger.events.base import Court, Event, Ref, Texte
from ledger.events.listes import ModeNotification
from ledger.events.parts import Courts, Nombre, Refs, in_order
from ledger.events.types import CodeIncident, Flux


class IncidentOuvert(Event, nom="incident_ouvert", flux=Flux.INCIDENT, ligne=56):
    """Un incident technique a été ouvert.

    Les jours bloqués sont neutralisés dans la fenêtre de dépôt (CESEDA R.431-5) seulement si l'incident a empêché un
    acte constaté. Il concourt à l'impossibilité tenant au téléservice (CESEDA R.431-2 al. 3).
    """

    code: CodeIncident
    """Le dysfonctionnement."""
    depuis: Quand
    """Le début de l'incident."""
    description: Texte | None = None
    """La description de l'incident."""
    systeme: Court | None = None
    """Le système touché."""
    signalement: Ref | None = None
    """La référence du signalement."""
    dossiers: Refs = ()
    """Les dossiers touchés connus à l'ouverture."""


class PorteeIncidentFixee(Event, nom="portee_incident_fixee", flux=Flux.INCIDENT, ligne=56):
    """La portée de l'incident a été fixée.

    Elle dit quels dossiers, titres ou préfectures l'incident touche ; elle sert au test de causalité, jamais de
    présomption à elle seule.
    """

    dossiers: Refs = ()
    """Les dossiers touchés."""
    prefectures: Courts = ()
    """Les préfectures touchées."""
    demarches: Courts = ()
    """Les démarches touchées."""
    nombre_usagers: Nombre | None = None
    """Le nombre de personnes touchées."""
    generale: bool = False
    """La portée générale, sans liste."""


class PannePlateformeConstatee(Event, nom="panne_plateforme_constatee", flux=Flux.INCIDENT, ligne=57):
    """Une panne du téléservice a été constatée.

    Une panne ne compte comme cause que si elle a empêché une tentative ou couvert la fin de la fenêtre (CESEDA
    R.431-5). Elle borne les moments où l'usager ne pouvait rien faire.
    """

    debut: Quand
    """Le début de la panne."""
    fin: Quand | None = None
    """La fin de la panne, absente quand elle dure encore."""
    portee: Court | None = None
    """La portée de la panne."""
    planifiee: bool | None = None
    """Le caractère planifié de l'interruption."""

    _ordre = model_validator(mode="after")(in_order("debut", "fin"))


class IncidentResolu(Event, nom="incident_resolu", flux=Flux.INCIDENT, ligne=64):
    """L'incident a été résolu.

    Arrête la neutralisation des jours bloqués ; l'inaction de la personne ne peut être comptée qu'après qu'elle en a
    été informée.
    """

    resolu_le: Jours | None = None
    """Le jour de la résolution."""
    description: Texte | None = None
    """La correction apportée."""
    dossiers: Refs = ()
    """Les dossiers débloqués."""


class UsagerInformeResolution(Event, nom="usager_informe_resolution", flux=Flux.INCIDENT, ligne=64):
    """La personne a été informée de la résolution de l'incident.

    La connaissance se prouve par un message ouvert, non par un message envoyé ; à partir d'elle, le temps de la
    personne court de nouveau.
    """

    informe_le: Jours | None = None
    """Le jour de l'information."""
    ouvert_le: Jours | None = None
    """Le jour de l'ouverture du message par la personne."""
    message: Ref | None = None
    """La référence du message."""
    mode: ModeNotification | None = None
    """Le mode d'information."""
    dossier: Ref | None = None
    """Le dossier concerné."""

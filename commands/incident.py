"""Incident : ouvrir, fixer la portée, constater une panne, résoudre, en informer la personne."""

from collections.abc import Iterator, Mapping
from typing import Final

from commands.base import Garde, Motif, Reponse, avertir
from commands.situation import Situation
from ledger.events import incident
from ledger.events.base import Event
from rules import constat_coherence as coherence


def ouvrir_incident(s: Situation, e: incident.IncidentOuvert) -> Iterator[Reponse]:
    """Ouvrir un incident technique."""
    if _ouvert(s):
        yield Motif("incident_deja_ouvert", coherence.INCIDENT, f"L'incident « {s.objet} » est déjà ouvert.")
    if e.depuis.jours.premier > s.le.dernier:
        yield Motif("incident_a_venir", coherence.TEMPS, f"L'incident commencerait le {e.depuis}, après l'acte.")


def _ouvert(s: Situation) -> bool:
    """Whether the incident of this stream was opened and is not resolved for everyone."""
    opened = False
    for fait in s.du_flux(incident.IncidentOuvert, incident.IncidentResolu):
        if isinstance(fait.evenement, incident.IncidentOuvert):
            opened = True
        elif isinstance(fait.evenement, incident.IncidentResolu) and not fait.evenement.dossiers:
            opened = False
    return opened


def _connu(s: Situation) -> Iterator[Motif]:
    if not s.ici(incident.IncidentOuvert, incident.PannePlateformeConstatee):
        yield Motif("incident_inconnu", coherence.INCIDENT, f"Aucun incident « {s.objet} » n'a été ouvert.")


def fixer_portee_incident(s: Situation, e: incident.PorteeIncidentFixee) -> Iterator[Reponse]:
    """Fixer la portée de l'incident."""
    yield from _connu(s)
    if not (e.generale or e.dossiers or e.prefectures or e.demarches):
        yield Motif("portee_vide", coherence.INCIDENT, "La portée ne nomme ni dossier, ni préfecture, ni démarche.")


def constater_panne(s: Situation, e: incident.PannePlateformeConstatee) -> Iterator[Reponse]:
    """Constater une panne du téléservice."""
    if e.debut.jours.premier > s.le.dernier and e.planifiee is not True:
        yield Motif("panne_a_venir", coherence.TEMPS, f"La panne commencerait le {e.debut}, et n'est pas planifiée.")


def resoudre_incident(s: Situation, e: incident.IncidentResolu) -> Iterator[Reponse]:
    """Résoudre l'incident."""
    if not s.ici(incident.IncidentOuvert):
        yield Motif(
            "incident_jamais_ouvert",
            coherence.INCIDENT,
            f"Aucun incident « {s.objet} » n'a été ouvert : rien à résoudre.",
        )
        return
    if not _ouvert(s):
        yield Motif("incident_deja_resolu", coherence.INCIDENT, f"L'incident « {s.objet} » est déjà résolu.")
    since = [each.evenement for each in s.du_flux(incident.IncidentOuvert)]
    day = e.resolu_le or s.le
    if all(isinstance(each, incident.IncidentOuvert) and day.dernier < each.depuis.jours.premier for each in since):
        yield Motif(
            "resolu_avant_ouverture", coherence.TEMPS, f"La résolution du {day} précède le début de l'incident."
        )
    if not s.ici(incident.UsagerInformeResolution):
        yield avertir(
            "personne_a_informer",
            coherence.INCIDENT,
            "Rien ne montre encore que la personne soit informée de la résolution.",
        )


def informer_resolution(s: Situation, e: incident.UsagerInformeResolution) -> Iterator[Reponse]:
    """Informer la personne que l'incident est résolu."""
    if not s.ici(incident.IncidentResolu):
        yield Motif("incident_non_resolu", coherence.INCIDENT, f"L'incident « {s.objet} » n'est pas résolu.")
    if e.ouvert_le is None:
        yield avertir(
            "message_non_ouvert", coherence.INCIDENT, "Un message envoyé ne prouve pas que la personne l'ait lu."
        )
    elif e.informe_le is not None and e.ouvert_le.dernier < e.informe_le.premier:
        yield Motif(
            "ouvert_avant_envoi", coherence.TEMPS, f"Le message serait ouvert le {e.ouvert_le}, avant son envoi."
        )


ACTES: Final[Mapping[type[Event], Garde]] = {
    incident.IncidentOuvert: ouvrir_incident,
    incident.PorteeIncidentFixee: fixer_portee_incident,
    incident.PannePlateformeConstatee: constater_panne,
    incident.IncidentResolu: resoudre_incident,
    incident.UsagerInformeResolution: informer_resolution,
}

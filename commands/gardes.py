"""The checks that several acts share, and those that every act passes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from commands.base import Acte, Motif, Reponse, avertir, avertir_de
from commands.situation import Situation
from ledger.days import Jours, paris_day
from ledger.etat import Etape
from ledger.events.listes import ModeNotification
from ledger.events.personne import (
    ConsentementNotificationElectroniqueDonne,
    ConsentementNotificationElectroniqueRetire,
)
from ledger.events.types import CodeIncident, Flux, NatureActeur
from rules import constat_coherence as coherence
from rules import crpa_l112_15_notification as notification
from rules import crpa_l113_12_une_seule_fois as une_fois
from rules import crpa_l212_1_auteur as auteur
from rules.base import Source

A_VENIR: Final = frozenset({
    "depuis_le", "deposer_avant_le", "effet_le", "expire_le", "fermee_le", "premier_creneau_le", "retablie_le"
})  # fmt: skip
"""The days that a payload may give in the future; every other « …_le » says that something was done."""

NOMMES: Final = frozenset({Flux.DOSSIER, Flux.TITRE, Flux.INCIDENT, Flux.EFFET, Flux.RECLAMATION})
REPRESENTANTS: Final = frozenset({NatureActeur.REPRESENTANT, NatureActeur.ACCOMPAGNANT})
CACHENT_LES_MESSAGES: Final = frozenset({
    CodeIncident.MESSAGES_NOT_READABLE,
    CodeIncident.PASSWORD_RESET_LINK_NOT_RECEIVED,
    CodeIncident.ACCOUNT_CREATION_ERROR,
    CodeIncident.NO_EMAIL_NO_NOTIFICATION,
})  # fmt: skip
EMPECHENT_DE_REPONDRE: Final = frozenset({
    CodeIncident.DOCUMENTS_SENT_NOT_RECEIVED,
    CodeIncident.NO_COMPLETION,
    CodeIncident.PROCEDURE_INVISIBLE_TO_PREFECTURE,
    CodeIncident.NO_RECTIFICATION,
})  # fmt: skip


# --------------------------------------------------------------------------- every act


def pas_dans_l_avenir(acte: Acte, now: datetime) -> Iterator[Reponse]:
    """An act is not dated later than the moment at which it is asked for, nor are the things it says were done."""
    if acte.survenu is not None and acte.survenu.debut > now:
        yield Motif(
            "acte_dans_l_avenir", coherence.TEMPS, f"L'acte est daté du {acte.survenu}, qui n'est pas encore venu."
        )
    today = paris_day(now)
    for name in type(acte.evenement).model_fields:
        value = getattr(acte.evenement, name)
        if isinstance(value, Jours) and name.endswith("_le") and name not in A_VENIR and value.premier > today:
            yield Motif(
                "date_dans_l_avenir", coherence.TEMPS, f"« {name} » donne le {value}, qui n'est pas encore venu."
            )


def validite_en_ordre(acte: Acte, _now: datetime) -> Iterator[Reponse]:
    """A document, a mandate or a permit does not end before it begins."""
    start = getattr(acte.evenement, "valide_du", None)
    end = getattr(acte.evenement, "valide_au", None)
    if isinstance(start, Jours) and isinstance(end, Jours) and end.premier < start.premier:
        yield Motif("validite_inversee", coherence.TEMPS, f"La validité finit le {end}, avant de commencer le {start}.")


def objet_nomme(acte: Acte, _now: datetime) -> Iterator[Reponse]:
    """An act names the person and, where the stream is that of an object, the object."""
    if acte.personne is None and acte.flux is not Flux.INCIDENT:
        yield Motif("personne_absente", coherence.DESIGNATION, "L'acte ne nomme pas la personne concernée.")
    if acte.objet is None and acte.flux in NOMMES:
        yield Motif(
            "objet_absent", coherence.DESIGNATION, f"L'acte ne nomme pas l'objet du flux « {acte.flux.value} »."
        )


def corrige_un_fait_connu(situation: Situation, acte: Acte) -> Iterator[Reponse]:
    """A correction names a fact of the ledger; a cause that is not known is only pointed out."""
    if acte.corrige is not None and acte.corrige not in situation.ids:
        yield Motif(
            "corrige_inconnu", coherence.CORRECTION, f"Aucun fait « {acte.corrige} » n'est connu : rien à corriger."
        )
    if acte.cause is not None and acte.cause not in situation.ids:
        yield avertir(
            "cause_inconnue", coherence.CORRECTION, f"Le fait « {acte.cause} », donné pour cause, n'est pas connu."
        )


def mandat_en_cours(situation: Situation, acte: Acte) -> Iterator[Reponse]:
    """Who acts for another has a mandate that stands: otherwise a warning, never a refusal."""
    actor = acte.acteur
    if actor.nature in REPRESENTANTS and actor.au_nom_de is None:
        yield avertir(
            "represente_non_nomme", coherence.MANDAT, "Le représentant ne nomme pas la personne pour qui il agit."
        )
    if actor.au_nom_de is None:
        return
    if acte.personne is not None and actor.au_nom_de != acte.personne:
        yield avertir(
            "represente_different", coherence.MANDAT, "La personne représentée n'est pas celle que l'acte concerne."
        )
    if not situation.mandats(actor.id):
        yield avertir(
            "sans_mandat", coherence.MANDAT, "Aucun mandat en cours n'est connu pour agir au nom de cette personne."
        )


# --------------------------------------------------------------------------- shared by several acts


def nom(situation: Situation) -> str:
    """How the dossier is named in a sentence."""
    return f"le dossier « {situation.nomme} »" if situation.nomme else "ce dossier"


def demande_deposee(situation: Situation) -> Iterator[Motif]:
    """The dossier has an application."""
    if not situation.dossier.depose:
        yield Motif(
            "dossier_inconnu", coherence.SOURCE, f"Aucune demande n'est connue : {nom(situation)} n'a pas été déposé."
        )


def demande_en_cours(situation: Situation) -> Iterator[Motif]:
    """The dossier has an application, and nothing has ended it."""
    yield from demande_deposee(situation)
    yield from pas_finie(situation)
    yield from pas_decidee(situation)


def pas_finie(situation: Situation) -> Iterator[Motif]:
    """The dossier is neither closed, nor withdrawn, nor turned away."""
    match situation.dossier.etape:
        case Etape.CLOS:
            yield Motif(
                "dossier_clos", coherence.SOURCE, f"L'acte suppose une demande en cours : {nom(situation)} est clos."
            )
        case Etape.RETIRE:
            yield Motif("demande_retiree", coherence.SOURCE, f"La personne a retiré sa demande : {nom(situation)}.")
        case Etape.ENREGISTREMENT_REFUSE:
            yield Motif(
                "enregistrement_refuse", coherence.SOURCE, f"La demande n'a pas été enregistrée : {nom(situation)}."
            )
        case _:
            return


def pas_decidee(situation: Situation) -> Iterator[Motif]:
    """No express decision stands; an implicit refusal does not count (CE avis 499904)."""
    decision = situation.dossier.decision
    if decision is not None:
        day = f" du {decision.prise_le}" if decision.prise_le else ""
        yield Motif(
            "decision_debout", coherence.DECISION, f"Une décision expresse{day} tient toujours : retirez-la d'abord."
        )


def decision_attendue(*, situation: Situation, qualite: str | None) -> Iterator[Reponse]:
    """A decision says who took it."""
    yield from avertir_de(auteur.manquements(qualite, teleservice=situation.canal.value == "teleservice"))


def incidents_en_cours(situation: Situation, acte: str) -> Iterator[Reponse]:
    """A harmful act while an incident runs is accepted, and the warning is kept with it."""
    for incident in {each.code: each for each in situation.incidents()}.values():
        said = (
            f"{acte} pendant l'incident « {incident.code.libelle} » ({incident.code.value}), ouvert depuis le"
            f" {incident.depuis} et non résolu"
        )
        rule = coherence.CLOTURE_INCIDENT
        if incident.code in CACHENT_LES_MESSAGES:
            effect = "la personne n'a peut-être pas pu lire ce qui lui était adressé"
            yield avertir("incident_cache_les_messages", rule, f"{said} : {effect}.")
        elif incident.code in EMPECHENT_DE_REPONDRE:
            effect = "la personne n'a peut-être pas pu répondre"
            yield avertir("incident_empeche_de_repondre", rule, f"{said} : {effect}.")
        else:
            yield avertir("incident_en_cours", rule, f"{said} : il peut avoir touché ce dossier.")


def consentement(
    situation: Situation, mode: ModeNotification | None, regle: Source = notification.SOURCE
) -> Iterator[Reponse]:
    """An electronic notification supposes an express consent that stands."""
    electronic = {
        ModeNotification.TELESERVICE,
        ModeNotification.COURRIEL,
        ModeNotification.LETTRE_RECOMMANDEE_ELECTRONIQUE,
    }
    if mode not in electronic:
        return
    given = None
    for fait in situation.faits:
        if isinstance(
            fait.evenement, ConsentementNotificationElectroniqueDonne | ConsentementNotificationElectroniqueRetire
        ):
            given = isinstance(fait.evenement, ConsentementNotificationElectroniqueDonne)
    if not given:
        yield avertir(
            "sans_consentement", regle, "Aucun consentement exprès à la notification électronique n'est connu."
        )


def deja_versee(situation: Situation, designation: str) -> bool:
    """Whether the person already sent a piece of this designation to the dossier."""
    return any(
        held.versee_le is not None and held.nom is not None and une_fois.meme_piece(held.nom, designation)
        for held in situation.dossier.pieces
    )

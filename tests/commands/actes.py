"""Acts and situations told in a few words, for the tests of decisions: every person is fictional."""

import ast
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from commands.base import Acte, Refused
from commands.decide import decide
from commands.situation import situation
from ledger.days import Jours, Quand
from ledger.entry import Acteur, Avertissement, Entry, Fait
from ledger.events import (
    acces,
    cloture,
    decision,
    depot,
    effet,
    incident,
    instruction,
    personne,
    provisoire,
    reclamation,
)
from ledger.events.base import Event
from ledger.events.incident import IncidentOuvert
from ledger.events.listes import DroitPersonne
from ledger.events.parts import PieceDemandee
from ledger.events.provisoire import AttestationProlongationDelivree
from ledger.events.titre import TitreRemis
from ledger.events.types import (
    Canal,
    CodeIncident,
    Flux,
    Grade,
    NatureActeur,
    NatureDemande,
    Prestation,
    Source,
    StatutProtection,
    TypeTitre,
)

NOW: Final = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
AGENT: Final = Acteur(nature=NatureActeur.AGENT, id="A-1", service="Préfecture du Rhône", qualite="chef de bureau")
OBJETS: Final = {Flux.PERSONNE: None, Flux.ACCES: None}


def le(day: str) -> Jours:
    """A day or an interval."""
    return Jours.lire(day)


DEPOSEE: Final = depot.DemandeDeposee(
    titre_demande=TypeTitre.CST, nature=NatureDemande.RENOUVELLEMENT, deposee_le=le("2025-07-01")
)
COMPLEMENT: Final = instruction.ComplementDemande(
    complement="C-1",
    demande_le=le("2025-07-20"),
    pieces=(PieceDemandee(nom="Bail", texte="CESEDA annexe 10"),),
    echeance=le("2025-08-31"),
    mention_l114_5=True,
    auteur_qualite="chef de bureau",
)
REFUS: Final = decision.RefusDecide(
    decide_le=le("2025-12-01"), motifs=("ressources",), articles=("CESEDA L.421-1",), auteur_qualite="préfète"
)
FAVORABLE: Final = decision.DecisionFavorablePrise(
    prise_le=le("2025-12-01"), titre_accorde=TypeTitre.CST, auteur_qualite="préfète"
)
CLOTURE: Final = cloture.DossierClosParAgent(motifs=("silence",), articles=("CRPA L.114-5",), auteur_qualite="préfète")
SILENCE: Final = decision.RefusImpliciteNe(ne_le=le("2025-11-01"))
ILLISIBLE: Final = IncidentOuvert(code=CodeIncident.MESSAGES_NOT_READABLE, depuis=Quand.lire("2025-08-01"))
TITRE: Final = TitreRemis(
    type_titre=TypeTitre.CST, valide_du=le("2024-10-01"), valide_au=le("2025-09-30"), remis_le=le("2024-10-01")
)
ATTESTATION: Final = AttestationProlongationDelivree(
    valide_du=le("2025-10-01"), valide_au=le("2025-12-31"), mise_a_disposition_le=le("2025-10-01"), dossier="D-1"
)
NOTIFIE: Final = decision.RefusNotifie(notifie_le=le("2025-12-05"), mention_voies_recours=True)
RENOUVELEE: Final = provisoire.AttestationProlongationRenouvelee(
    valide_du=le("2026-01-01"), valide_au=le("2026-03-31"), mise_a_disposition_le=le("2026-01-01"), dossier="D-1"
)
SUSPENDUE: Final = effet.PrestationSuspendue(prestation=Prestation.RSA, depuis_le=le("2025-10-01"))
MANDAT: Final = personne.MandatDonne(mandat="M-1", mandataire="avocat-1", valide_au=le("2026-12-31"))
RESOLU: Final = incident.IncidentResolu(resolu_le=le("2025-12-01"))
GEL: Final = acces.GelConservationPose(gel="G-1", fondement="réclamation")
PAPIER: Final = depot.DemandePapierEnregistree(
    titre_demande=TypeTitre.CST, nature=NatureDemande.PREMIERE_DEMANDE, recue_le=le("2025-07-01")
)
DROIT: Final = acces.DemandeDroitsRecue(demande="R-1", droit=DroitPersonne.ACCES, recue_le=le("2025-12-01"))
OFFRE: Final = effet.OffreEmploiRecue(depuis_le=le("2025-09-01"))
REFUGIE: Final = personne.ProtectionReconnue(statut=StatutProtection.REFUGIE, reconnue_le=le("2025-06-01"))
RECEPISSE: Final = provisoire.RecepisseDelivre(
    valide_du=le("2025-07-01"), valide_au=le("2025-12-31"), remis_le=le("2025-07-01"), dossier="D-1"
)
RECLAMATION: Final = reclamation.ReclamationDddOuverte(numero="25-1")


def objet(event: Event) -> str | None:
    """The object that a test's act or fact is about: one of each kind."""
    return OBJETS.get(event.flux, f"{event.flux.value[0].upper()}-1")


def entry(number: int, event: Event, survenu: str | None = None) -> Entry:
    """The entry of the fact ``event``, number ``number`` of the person's life, a day after the one before."""
    when = Quand.lire(survenu) if survenu else Quand.le(datetime(2025, 9, 1, number // 60, number % 60, tzinfo=UTC))
    fait = Fait(
        id=f"F-{number}",
        personne="fictif-1",
        objet=objet(event),
        survenu=when,
        acteur=AGENT,
        canal=Canal.TELESERVICE,
        source=Source.ANEF,
        grade=Grade.A,
        evenement=event,
    )
    return Entry(None, UUID(int=1), number, UUID(int=2), UUID(int=number), NOW, fait)


def life(*events: Event) -> list[Entry]:
    """A person's life, in order."""
    return [entry(number, event) for number, event in enumerate(events, start=1)]


def acte(event: Event, **given: Any) -> Acte:
    """The act that asks for ``event``, by an agent unless said otherwise."""
    values: dict[str, Any] = {
        "command_id": UUID(int=7),
        "acteur": AGENT,
        "canal": Canal.TELESERVICE,
        "personne": "fictif-1",
        "objet": objet(event),
        **given,
    }
    return Acte(evenement=event, **values)


def ask(before: Iterable[Event], event: Event, **given: Any) -> Fait:
    """The fact that asking for ``event`` gives after ``before``."""
    return ask_in(life(*before), event, **given)


def ask_in(entries: list[Entry], event: Event, **given: Any) -> Fait:
    """The fact that asking for ``event`` gives among ``entries``."""
    asked = acte(event, **given)
    return decide(situation(entries, asked, NOW), asked, NOW)


def refused(before: Iterable[Event], event: Event, **given: Any) -> list[str]:
    """The codes of the reasons for which ``event`` is refused after ``before``; none when it is accepted."""
    try:
        ask(before, event, **given)
    except Refused as refusal:
        return [motif.code for motif in refusal.motifs]
    return []


def warned(before: Iterable[Event], event: Event, **given: Any) -> dict[str, Avertissement]:
    """The warnings with which ``event`` is accepted after ``before``, by code."""
    return {each.code: each for each in ask(before, event, **given).avertissements}


def codes_of(name: str) -> set[str]:
    """The codes given to every call of ``name`` in the guards; for warnings, those that the rules yield too."""
    found = set()
    for path in sorted(Path("commands").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name and node.args:
                found |= _texts(node.args[0])
    if name == "avertir":
        for path in sorted(Path("rules").glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
                    found |= _texts(node.value.elts[0])
    return found


def _texts(node: ast.expr) -> set[str]:
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()

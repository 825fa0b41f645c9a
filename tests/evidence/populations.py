"""Invented populations for the bulk tables: lives with préfectures, titles and malfunctions, rare ones among them."""

import json
import random
from collections.abc import Iterator

from bench.dossiers import lines
from ledger.days import Jours, Quand
from ledger.entry import Fait
from ledger.events.incident import IncidentOuvert, PorteeIncidentFixee
from ledger.events.listes import AutoriteProtection
from ledger.events.personne import MajoriteAtteinte, ProtectionReconnue
from ledger.events.provisoire import AttestationProlongationDelivree
from ledger.events.types import CodeIncident, StatutProtection
from ledger.interchange import read_line
from tests.faits import fait

PREFECTURES = ("Préfecture de Police", "Rhône", "Nord", "Creuse")
TITRES = ("cst", "csp", "carte_resident", "titre_voyage")
CODES = ("B02", "B08", "B17")


def population(persons: int, seed: int = 1) -> Iterator[Fait]:
    """Thirty facts of each person; of the last préfecture and title, very few persons."""
    rng = random.Random(seed)  # noqa: S311 - seeded on purpose
    person, where, title = "", "", ""
    for line in lines(30 * persons):
        value = json.loads(line)
        if value["personne"] != person:
            person = value["personne"]
            [where] = rng.choices(PREFECTURES, (45, 30, 20, 5))
            [title] = rng.choices(TITRES, (60, 25, 13, 2))
        donnees = value["donnees"]
        if "prefecture" in donnees:
            donnees["prefecture"] = where
        for name in {"titre_demande", "type_titre", "titre_accorde"} & donnees.keys():
            donnees[name] = title
        if value["type"] == "tentative_depot_echouee":
            donnees["code_incident"] = rng.choice(CODES)
        yield read_line(json.dumps(value).encode())


def d_autres(persons: int) -> Iterator[Fait]:
    """What is sensitive, or of nobody: some are protected, one comes of age, an incident is declared for all."""
    for number in range(persons):
        who = f"fictif-{number}"
        known = ProtectionReconnue(
            statut=StatutProtection.REFUGIE, reconnue_le=Jours.lire("2024-09-01"), autorite=AutoriteProtection.OFPRA
        )
        short = AttestationProlongationDelivree(
            valide_du=Jours.lire("2025-02-01"),
            valide_au=Jours.lire("2025-04-30"),
            mise_a_disposition_le=Jours.lire("2025-02-01"),
            dossier=f"D-{number}",
        )
        yield fait(id=f"PR-{number}", personne=who, objet=None, survenu="2024-09-01", evenement=known)
        yield fait(id=f"AP-{number}", personne=who, objet=f"AP-{number}", survenu="2025-02-01", evenement=short)
    grown = MajoriteAtteinte(atteinte_le=Jours.lire("2025-03-17"))
    yield fait(id="M-1", personne="fictif-0", objet=None, survenu="2025-03-17", evenement=grown)
    opened = IncidentOuvert(
        code=CodeIncident.PROCEDURE_NOT_SELECTABLE, depuis=Quand.lire("2024-10-01"), description="Le nom de Mme Exemple"
    )
    yield fait(id="I-1", personne=None, objet="I-1", survenu="2024-10-01", evenement=opened)
    yield fait(id="I-2", personne=None, objet="I-1", survenu="2024-10-02", evenement=PorteeIncidentFixee(generale=True))

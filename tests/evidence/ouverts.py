"""A ledger with one person who has documents and others around her, and the settings under which it is exported."""

from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from obstore.store import LocalStore

from app.export_lecture import Demande
from app.export_paquet import Fait, faire
from app.exports import Remise, rafraichir, remettre
from app.open import Opened
from app.settings import Settings
from ledger.days import Quand
from ledger.documents import DocumentStore
from ledger.entry import Acteur, Entry, Piece
from ledger.events.acces import DossierConsulte
from ledger.events.incident import IncidentOuvert
from ledger.events.listes import FondementAcces, NatureExport
from ledger.events.types import CodeIncident, NatureActeur
from ledger.interchange import read_line
from ledger.kek import DeploymentKeys
from ledger.store import Ledger
from tests.faits import fait, faits

NOW: Final = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
AU: Final = date(2026, 11, 27)
WHO: Final = "P-1"
AGENT: Final = Acteur(nature=NatureActeur.AGENT, id="agent-dupont", service="Préfecture d'Exemple")
CONTENTS: Final = {
    "Capture n° 1": b"\x89PNG\r\n\x1a\n.." * 9,
    "bail/été": b"%PDF-1.7 un bail\n%%EOF\n",
    "证件": b"\xff\xd8\xff\xe0 une photo",
}


def ouvrir(ledger: Ledger, keys: DeploymentKeys, folder: Path) -> Opened:
    """The ledger with the person P-1, her documents, an agent who acted, an incident that she shares, other persons."""
    kept, given = folder / "kept", folder / "given"
    kept.mkdir()
    given.mkdir()
    pieces = [_piece(given, name, content) for name, content in CONTENTS.items()]
    lost = Piece(nom="jamais venu.pdf", octets=1, sha256="e" * 64)
    shared = IncidentOuvert(code=CodeIncident("B13"), depuis=Quand.lire("2025-06-01"), dossiers=("D-1", "D-autre"))
    look = DossierConsulte(fondement=FondementAcces.INSTRUCTION)
    ledger.append(list(faits(12, personnes=4, first=500, objets=1)))
    ledger.append([
        fait(id="F-1", pieces=(pieces[0], lost)), fait(id="F-2", acteur=AGENT), fait(id="F-3", pieces=tuple(pieces[:2])),
        fait(id="A-1", objet=None, evenement=look, acteur=AGENT, pieces=(pieces[2],)),
        fait(id="I-1", personne=None, objet="I-1", evenement=shared, acteur=AGENT),
    ])  # fmt: skip
    ledger.append(list(faits(12, personnes=4, first=600, objets=1)))
    documents = DocumentStore(LocalStore(kept))
    with ledger.connection() as conn:
        key = ledger.coffre.find(conn, [WHO])[WHO]
    assert all(documents.take(key, each, given) for each in pieces)
    return Opened(ledger, keys, documents)


def _piece(folder: Path, name: str, content: bytes) -> Piece:
    digest = sha256(content).hexdigest()
    (folder / digest).write_bytes(content)
    return Piece(nom=f"{name}.pdf", octets=len(content), sha256=digest, mime="application/pdf")


def reglages(folder: Path, **environment: str) -> Settings:
    """The settings of a deployment whose keys are in ``folder``."""
    return Settings.read({"CONSTAT_HOME": str(folder), **environment})


def samples(ledger: Ledger, *names: str) -> None:
    """Record the sample dossiers of these files."""
    demo = Path(__file__).parents[2] / "app" / "demo"
    for name in names:
        ledger.append([read_line(raw) for raw in (demo / name).read_bytes().splitlines()])


def demande(personne: str = WHO, au: date = AU, **given: object) -> Demande:
    """A bundle for an expert."""
    values: dict[str, object] = {"id": uuid4(), "personne": personne, "profil": "expert", "au": au, **given}
    return Demande(**values)  # type: ignore[arg-type]  # a builder of tests


def exporter(
    settings: Settings, opened: Opened, place: Path, asked: Demande | None = None, now: datetime = NOW
) -> tuple[Fait, Entry]:
    """Make, record and write a bundle, as the command does."""
    asked = asked or demande()
    rafraichir(settings, opened)
    made = faire(settings, opened, asked, now)
    return made, remettre(opened, asked.personne, made.produit, remise(made, asked.id), place, now)


def remise(made: Fait, export: UUID) -> Remise:
    """To whom it is handed over."""
    return Remise(
        id=export,
        nature=NatureExport.DOSSIER_DE_PREUVE,
        fondement=FondementAcces.JURIDICTION,
        profil="expert",
        reference="2609999",
        faits=len(made.lu.entries),
        vue=made.lu.vue,
        preuve=made.lu.preuve,
        point=made.lu.journal.tete.taille,
    )

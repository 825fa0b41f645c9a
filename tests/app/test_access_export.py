"""A person's own copy: whole or not there, without the others who are in it, and known to the ledger."""

import json
import os
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from obstore.store import LocalStore

from app import access_export
from app.access_export import export
from app.open import Opened
from ledger.days import Jours, Quand
from ledger.documents import DocumentStore
from ledger.entry import Acteur, Piece
from ledger.errors import ConstatError
from ledger.events import acces
from ledger.events.incident import IncidentOuvert, PorteeIncidentFixee, UsagerInformeResolution
from ledger.events.listes import FondementAcces
from ledger.events.personne import MandatDonne
from ledger.events.types import CodeIncident, NatureActeur
from ledger.interchange import read_line
from ledger.kek import DeploymentKeys
from ledger.store import Ledger
from projections.divulgation import DELAI
from replay.tiers import ELSEWHERE, Masque
from tests.evidence.lecture import d_un_trait, needs_poppler
from tests.faits import fait

NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
WHO = "P-1"
AGENT = Acteur(nature=NatureActeur.AGENT, id="agent-dupont", service="Préfecture d'Exemple")
CONTENTS = {
    "bail": b"%PDF-1.7 un bail",
    "photo": b"\xff\xd8\xff\xe0 une photo",
    "page": b"<html>" * 1000,
    "image": b"\x89PNG\r\n\x1a\n..",
}


@pytest.fixture
def opened(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> Opened:
    """A person with documents, an agent who acted and looked, and an incident that she shares with others."""
    kept, given = tmp_path / "kept", tmp_path / "given"
    kept.mkdir()
    given.mkdir()
    pieces = [piece(given, name, content) for name, content in CONTENTS.items()]
    lost = Piece(nom="jamais venu.pdf", octets=1, sha256="e" * 64)
    look = acces.DossierConsulte(fondement=FondementAcces.INSTRUCTION)
    mandat = MandatDonne(mandat="M-1", mandataire="avocat-martin", valide_au=Jours.lire("2027-01-01"))
    ouvert = IncidentOuvert(code=CodeIncident("B13"), depuis=Quand.lire("2025-06-01"), dossiers=("D-1", "D-autre"))
    ledger.append([
        fait(id="F-1", pieces=(*pieces, lost)), fait(id="F-2", acteur=AGENT), fait(id="F-3", acteur=AGENT),
        fait(id="F-4", objet=None, evenement=mandat),
        fait(id="F-5", acteur=Acteur(nature=NatureActeur.REPRESENTANT, id="avocat-martin", au_nom_de=WHO)),
        fait(id="A-1", objet=None, evenement=look, acteur=AGENT),
        fait(id="I-1", personne=None, objet="I-1", evenement=ouvert, acteur=AGENT),
        fait(id="I-2", personne=None, objet="I-1", evenement=PorteeIncidentFixee(dossiers=("D-1", "D-autre", "D-tiers"))),
        fait(id="I-3", personne=None, objet="I-1", evenement=UsagerInformeResolution(dossier="D-autre")),
        fait(id="F-9", personne="P-2"),
    ])  # fmt: skip
    documents = DocumentStore(LocalStore(kept))
    with ledger.connection() as conn:
        key = ledger.coffre.find(conn, [WHO])[WHO]
    assert all(documents.take(key, each, given) for each in pieces)
    return Opened(ledger, keys, documents)


def piece(folder: Path, name: str, content: bytes) -> Piece:
    """A document in the folder, declared a PDF whatever it is."""
    digest = sha256(content).hexdigest()
    (folder / digest).write_bytes(content)
    return Piece(nom=f"../{name}.pdf", octets=len(content), sha256=digest, mime="application/pdf")


def test_others_are_masked(opened: Opened, tmp_path: Path) -> None:
    """An agent is a number, the same all through; dossiers of others are not named; whom she mandated stays, and herself."""
    done = export(opened, WHO, tmp_path / "copie", NOW)
    text = "".join(path.read_text() for path in (tmp_path / "copie").glob("*.[jt]*"))
    for other in ("agent-dupont", "D-autre", "D-tiers", "P-2"):
        assert other not in text, other
    assert "Préfecture d'Exemple" in text
    facts = {each.id: each for each in map(read_line, (tmp_path / "copie" / "faits.jsonl").read_bytes().splitlines())}
    assert {facts[name].acteur.id for name in ("F-2", "F-3", "A-1", "I-1")} == {"tiers-1"}
    assert (facts["F-1"].acteur.id, facts["F-5"].acteur.id, facts["F-5"].acteur.au_nom_de) == (
        WHO,
        "avocat-martin",
        WHO,
    )
    assert facts["I-2"].evenement.lire_champ("dossiers") == ("D-1",)
    assert facts["I-3"].evenement.lire_champ("dossier") == ELSEWHERE
    assert done.masked == 8
    assert "8 mentions masquées" in (tmp_path / "copie" / "informations.txt").read_text()


def test_documents_are_given_as_they_are(opened: Opened, tmp_path: Path) -> None:
    """Each document is given once, byte for byte, under a safe name whose ending says what it is, not what was declared."""
    done = export(opened, WHO, tmp_path / "copie", NOW)
    told = json.loads((tmp_path / "copie" / "documents.json").read_text())
    assert (done.documents, done.missing) == (4, 1)
    assert [each["fichier"] for each in told] == [
        "documents/0001.pdf", "documents/0002.jpg", "documents/0003.bin", "documents/0004.png", "",
    ]  # fmt: skip
    assert told[-1]["absent_parce_que"] == "annoncé, jamais reçu"
    for each, content in zip(told, CONTENTS.values(), strict=False):
        assert (tmp_path / "copie" / each["fichier"]).read_bytes() == content


def test_a_damaged_document_is_left_out(opened: Opened, tmp_path: Path) -> None:
    """A document that was changed in the store is not given, and the list says why; all others are."""
    victim = max((tmp_path / "kept").iterdir(), key=lambda path: path.stat().st_size)
    victim.write_bytes(victim.read_bytes()[:-1])
    done = export(opened, WHO, tmp_path / "copie", NOW)
    told = json.loads((tmp_path / "copie" / "documents.json").read_text())
    assert (done.documents, done.missing) == (3, 2)
    assert "ne s'ouvre pas : modifié ou coupé" in {each["absent_parce_que"] for each in told}
    assert len(list((tmp_path / "copie" / "documents").iterdir())) == 3


def test_who_looked_and_to_whom_it_was_given(opened: Opened, tmp_path: Path) -> None:
    """Each access and each export is told, the copy before this one included, with the digest that it had."""
    first = export(opened, WHO, tmp_path / "une", NOW)
    export(opened, WHO, tmp_path / "deux", NOW)
    [looked] = json.loads((tmp_path / "une" / "acces.json").read_text())
    assert (looked["type"], looked["acteur"]["service"]) == ("dossier_consulte", "Préfecture d'Exemple")
    _, given = json.loads((tmp_path / "deux" / "acces.json").read_text())
    assert given["type"] == "export_produit"
    assert first.manifest_sha256 in {value for _, value in given["details"]}
    assert "Aucun export" in (tmp_path / "une" / "informations.txt").read_text()
    assert "la personne concernée" in (tmp_path / "deux" / "informations.txt").read_text()


@pytest.mark.parametrize("where", ["_documents", "_record", "_seal", "_sync"])
def test_half_a_copy_is_never_there(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Whatever fails on the way, no folder of the given name is there, and nothing is left beside it."""

    def broken(*_: object) -> None:
        raise OSError(28, "plus de place")

    monkeypatch.setattr(access_export, where, broken)
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(OSError, match="plus de place"):
        export(opened, WHO, tmp_path / "copie", NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_what_is_written_is_hers_alone(opened: Opened, tmp_path: Path) -> None:
    """The copy can be read by this user only; one that is there already, or a link, is not written into."""
    export(opened, WHO, tmp_path / "copie", NOW)
    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "copie").rglob("*")}
    assert modes == {0}
    assert (tmp_path / "copie").stat().st_mode & 0o777 == 0o700
    (tmp_path / "lien").symlink_to(tmp_path / "ailleurs")
    for name in ("copie", "lien"):
        with pytest.raises(ConstatError, match="existe déjà"):
            export(opened, WHO, tmp_path / name, NOW)
    with pytest.raises(ConstatError, match="aucune entrée"):
        export(opened, "inconnue", tmp_path / "rien", NOW)
    assert not os.path.lexists(tmp_path / "rien")


def test_masking_twice_masks_nothing_more(opened: Opened) -> None:
    """What was masked once is left as it is, and a person alone in her facts has nothing masked."""
    entries = opened.ledger.life(WHO)
    masque = Masque(WHO, entries)
    once = [masque.entry(entry) for entry in entries]
    assert masque.masked == 3
    alone = [entry for entry in entries if entry.fait.acteur.id == WHO]
    again = Masque(WHO, alone)
    assert [again.entry(entry) for entry in alone] == alone
    assert again.masked == 0
    assert [entry.fait.evenement for entry in once] == [entry.fait.evenement for entry in entries]


@needs_poppler
def test_others_are_masked_on_paper_too(opened: Opened, tmp_path: Path) -> None:
    """What is printed names nobody else: an agent is a number and a service, dossiers of others are not there."""
    export(opened, WHO, tmp_path / "copie", NOW)
    read = d_un_trait((tmp_path / "copie" / "historique.pdf").read_bytes(), tmp_path)
    assert not [other for other in ("agent-dupont", "D-autre", "D-tiers", "P-2") if other in read]
    assert "un agent (tiers-1), Préfecture d'Exemple" in read
    assert "un représentant (avocat-martin), en votre nom" in read


def test_the_looks_of_an_inquiry_are_counted_until_they_may_be_told(opened: Opened, tmp_path: Path) -> None:
    """Nowhere in the copy before their time; told in a copy that is made after it."""
    looked = acces.DossierConsulte(fondement=FondementAcces.CONTROLE, reference="IG-1", perimetre="chronologie")
    actor = Acteur(nature=NatureActeur.AGENT, id="inspecteur", service="Inspection d'essai")
    opened.ledger.append([fait(id="regard", personne=WHO, objet="consultations", acteur=actor, evenement=looked)])
    export(opened, WHO, tmp_path / "avant", NOW)
    told = b"".join(path.read_bytes() for path in (tmp_path / "avant").rglob("*.json*"))
    assert b"Inspection d'essai" not in told
    assert b"IG-1" not in told
    assert json.loads((tmp_path / "avant" / "manifeste.json").read_text())["consultations_tues"] == 1
    assert "1 consultation ne peut pas encore" in (tmp_path / "avant" / "informations.txt").read_text()
    export(opened, WHO, tmp_path / "apres", datetime.now(UTC) + 2 * DELAI)
    assert "Inspection d'essai" in (tmp_path / "apres" / "acces.json").read_text()

"""A document is laid out within bounds, says what it claims to be, and never obeys what it shows."""

import os
from datetime import date
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence import composition
from evidence.composition import CompositionError, composer
from evidence.documents import inventaire_pdf
from evidence.inventaire import Inventaire, Piece
from evidence.signes import RANGES, montrable
from tests import forked
from tests.evidence.pdf import verifier_pdf

JOUR = date(2026, 7, 1)
SIGNES = "".join(
    chr(code)
    for each in RANGES.split()
    for code in range(int(each.split("-")[0], 16), int(each.split("-")[-1], 16) + 1)
)


def inventaire(*libelles: str) -> Inventaire:
    """Un inventaire fictif."""
    return Inventaire().avec(Piece(libelle=each, sha256=f"{n:064x}") for n, each in enumerate(libelles))


def test_it_is_an_archive_and_accessible_and_the_same_twice() -> None:
    """PDF/A-3a and PDF/UA-1 as its metadata say, tagged, in French, fonts inside, one output intent; same bytes twice."""
    document = inventaire_pdf(inventaire("Passeport", "Attestation de dépôt"), JOUR, affaire="Requête fictive")
    assert document == inventaire_pdf(inventaire("Passeport", "Attestation de dépôt"), JOUR, affaire="Requête fictive")
    assert document != inventaire_pdf(inventaire("Passeport", "Attestation de dépôt"), date(2026, 7, 2))
    verifier_pdf(document, "inventaire", joints=[])
    with pikepdf.open(BytesIO(document)) as pdf, pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == "Inventaire détaillé des pièces"


def test_every_sign_that_is_said_to_be_shown_is() -> None:
    """All of them in one document: it would not be made if one had no glyph."""
    pieces = [" ".join(SIGNES[at : at + 60]) + " fin" for at in range(0, len(SIGNES), 60)]
    assert sum(montrable(sign) == sign for sign in SIGNES) > 3_400  # the others are not in NFC, or turn the line around
    assert montrable(montrable(SIGNES)) == montrable(SIGNES)
    verifier_pdf(inventaire_pdf(inventaire(*[f"Pièce {piece}" for piece in pieces]), JOUR))


@settings(max_examples=15)
@given(st.lists(st.text(min_size=3, max_size=80).filter(lambda text: len(text.strip()) > 2), min_size=1, max_size=40))
def test_no_text_stops_it(texts: list[str]) -> None:
    """Whatever was written, in any script, with any sign of markup: the document is made."""
    assert verifier_pdf(inventaire_pdf(inventaire(*[f"Pièce {text}" for text in texts]), JOUR), outils=False) >= 1


def test_what_was_written_is_shown_not_obeyed() -> None:
    """Markup of the template's language and signs without a glyph come out as text."""
    assert montrable("证 a\u202eb") == "[U+8BC1] a\\u202eb"
    hostile = '#read("/etc/passwd") #import "commun.typ" $x$ \\ `b` = titre <a> @b #panic()'
    document = inventaire_pdf(inventaire(hostile), JOUR)
    with pikepdf.open(BytesIO(document)) as pdf:
        assert len(pdf.pages) == 1


def test_it_is_bounded_in_memory_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound the process ends, and the message says what to do; nothing of the data is in it."""
    monkeypatch.setattr(composition, "MEMOIRE", 64 << 20)
    with pytest.raises(CompositionError, match="réduisez"):
        composer("inventaire", {"compte": "", "fichiers": []}, JOUR)
    monkeypatch.undo()
    with pytest.raises(CompositionError, match="secondes"):
        inventaire_pdf_slowly()
    with pytest.raises(CompositionError, match="« inventaire »") as failed:
        composer("inventaire", {"compte": "secret", "fichiers": [{}]}, JOUR)
    assert "secret" not in str(failed.value)


def inventaire_pdf_slowly() -> None:
    """A document that no process can make in so short a time."""
    composer("inventaire", {"compte": "", "fichiers": []}, JOUR, secondes=0.001)


def test_the_command(tmp_path: Path) -> None:
    """``constat export inventory`` writes the PDF whole, and the check of the folder takes it."""
    env = {**os.environ, "CONSTAT_HOME": str(tmp_path / "maison"), "COLUMNS": "160"}
    given = tmp_path / "inventaire.json"
    given.write_text(inventaire("Passeport de Nadia Exemple").model_dump_json())
    folder = tmp_path / "requete"
    folder.mkdir()
    (folder / "001 Passeport de Nadia Exemple.pdf").write_bytes(b"%PDF-1.7\n%%EOF\n")
    done = forked.constat(
        ["export", "inventory", given, "--output", folder, "--case", "Affaire fictive", "--on", "2026-07-01"], env=env
    )
    assert done.returncode == 0, done.stderr
    written = folder / "Inventaire detaille.pdf"
    expected = inventaire_pdf(inventaire("Passeport de Nadia Exemple"), JOUR, affaire="Affaire fictive")
    assert written.read_bytes() == expected
    assert "aucun manquement" in forked.constat(["export", "lint", folder], env=env).stdout
    given.write_bytes(b"\xff\xfe")
    refused = forked.constat(["export", "inventory", given, "--output", folder], env=env)
    assert refused.returncode == 1
    assert "n'est pas un inventaire de pièces" in refused.stderr
    assert written.read_bytes() == expected

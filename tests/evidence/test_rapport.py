"""The report is laid out: archive and accessible, one first page whatever is said, every page's text searched."""

import re
import shutil
import subprocess
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import msgspec
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.imputation import last_day, long_life
from evidence.rapport import donnees, rapport_pdf
from evidence.rapport_modeles import Rapport
from ledger.entry import Acteur, Entry, Piece
from ledger.events.instruction import RelanceEnvoyee
from ledger.events.types import NatureActeur
from projections.imputation.modeles import Cause, Constat, Statut
from tests.evidence.pdf import verifier_pdf
from tests.evidence.rapports import du_cas, note, rapport, scellement
from tests.evidence.test_rapport_cas import needs_poppler, texte
from tests.projections.vies import api, demande, e, titre

JOUR: Final = date(2026, 11, 27)
PARTIES: Final = (
    "Jours couverts et jours perdus",
    "Imputation de chaque intervalle",
    "Chronologie",
    "Obligations et manquements",
    "Textes suivis et conventions",
    "Ce qui est retenu et ce qui va en sens contraire",
    "Comment tout refaire sans ce logiciel",
)


def signets(document: bytes) -> list[tuple[str, int]]:
    """Every bookmark with the page that it leads to, from 1."""
    found: list[tuple[str, int]] = []
    with pikepdf.open(BytesIO(document)) as pdf, pdf.open_outline() as outline:
        pages = {page.objgen: number for number, page in enumerate(pdf.pages, start=1)}

        def walk(items: Any) -> None:
            for item in items:
                found.append((str(item.title), pages[item.destination[0].objgen]))
                walk(item.children)

        walk(outline.root)
    return found


def longue(texts: str, count: int) -> Rapport:
    """A life whose every sentence is ``texts`` and whose intervals, duties and findings are ``count`` each."""
    held = du_cas("M02", affaire=texts)
    [first, *_] = held.preuve.attributions
    finding = Constat(code="x", texte=texts, articles=tuple(f"CESEDA, art. R.431-{n}" for n in range(40)))
    duty = msgspec.structs.replace(
        next(each for each in held.preuve.obligations if each.manquements), texte=texts, dossier=texts[:200]
    )
    duties = tuple(msgspec.structs.replace(duty, code=f"c{n}") for n in range(count))
    causes = tuple(
        Cause(debiteur=duty.debiteur, code=f"c{n}", dossier=texts[:200], suffit=True, suppose=(texts,))
        for n in range(min(count, 20))
    )
    lost = tuple(
        msgspec.structs.replace(
            first, du=first.du + timedelta(days=n), causes=causes, chaine=(finding,) * 3, contre=(finding,) * 30,
            preuves_manquantes=(texts,) * 5, statut=list(Statut)[n % 4], reference=texts[:200],
            imputation=first.imputation,
        )
        for n in range(count)
    )  # fmt: skip
    proof = msgspec.structs.replace(held.preuve, obligations=duties, attributions=lost)
    return Rapport(
        personne=texts[:200], entries=held.entries, masques=3, couverture=held.couverture, preuve=proof,
        inventaire=held.inventaire, integrite=held.integrite, affaire=texts,
    )  # fmt: skip


def test_it_is_an_archive_and_accessible_and_the_same_twice() -> None:
    """PDF/A-3a and PDF/UA-1 as its metadata say, tagged, in French, fonts inside, one output intent; same bytes twice."""
    document = rapport_pdf(du_cas("C04"), JOUR)
    assert document == rapport_pdf(du_cas("C04"), JOUR)
    assert document != rapport_pdf(du_cas("C04"), date(2026, 11, 28))
    verifier_pdf(document, "rapport", joints=[])
    with pikepdf.open(BytesIO(document)) as pdf, pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == "Rapport de preuve"


def test_its_parts_follow_in_order_and_their_bookmarks_are_plain() -> None:
    """The parts are those of a reader who may stop; a bookmark has letters, figures, spaces and apostrophes only."""
    found = signets(rapport_pdf(du_cas("C04"), JOUR))
    names = [name for name, _ in found]
    assert [name for name in names if name in PARTIES] == list(PARTIES)
    assert all(re.fullmatch(r"[A-Za-z0-9 ']+", name) for name in names), names
    pages = [page for _, page in found]
    assert pages == sorted(pages)


@pytest.mark.parametrize(
    "held",
    [
        pytest.param(lambda: longue("W" * 5_000, 6), id="without a space"),
        pytest.param(lambda: longue("obligation interminable " * 200, 6), id="long sentences"),
        pytest.param(lambda: longue("mot et un autre", 120), id="many short ones"),
        pytest.param(lambda: rapport(long_life(150), last_day(long_life(150))), id="a long life"),
    ],
)
@needs_poppler
def test_the_first_page_is_one_page(held: Any, tmp_path: Path) -> None:
    """Whatever is said and however much, the second part begins on the second page, and no word of the first is lost."""
    document = rapport_pdf(held(), JOUR)
    assert dict(signets(document))["Jours couverts et jours perdus"] == 2
    first = texte(document, tmp_path, "-l", "1")
    assert "Ce rapport constate des faits" in first  # the last sentence of the page
    assert "Export EXP-2026-0001" in first
    assert texte(document, tmp_path, "-f", "2", "-l", "2").count("Jours couverts et jours perdus") == 1


@needs_poppler
def test_what_a_court_searches_is_found(tmp_path: Path) -> None:
    """Dates in words, articles, whole hashes, the lines of the checkpoint, the running header on every page."""
    held = du_cas("C04")
    whole = texte(rapport_pdf(held, JOUR), tmp_path)
    for searched in ("18 mars 2024", "23 juin 2024", "R.431-15-3", "R.424-1", "horodatage non qualifié"):
        assert searched in whole
    for sealed in held.integrite.scelles:
        assert sealed.feuille in whole
    for digest in (held.integrite.racine, held.integrite.verifier_html, held.integrite.verifier_pyz):
        assert digest in whole
    for line in held.integrite.note.split("\n"):
        assert line in whole
    assert held.preuve.regles in whole
    pages = int(re.search(r"page 1 sur (\d+)", whole)[1])  # type: ignore[index]  # none: the test fails
    for number in range(1, pages + 1):
        assert f"page {number} sur {pages}" in whole
    assert whole.count("rapport de preuve du 27 novembre 2026") == pages


@pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="pdfinfo is not installed")
def test_a_screen_reader_can_follow_it(tmp_path: Path) -> None:
    """Headings by level, tables with header cells, the strip and the QR code as figures with words in their place."""
    file = tmp_path / "rapport.pdf"
    file.write_bytes(rapport_pdf(du_cas("C04"), JOUR))
    told = subprocess.run(["pdfinfo", "-struct-text", str(file)], capture_output=True, check=True).stdout.decode()
    tables = re.split(r"\n\s+Table \(block\)", told)[1:]
    assert len(tables) > 10
    assert all(re.search(r"\bTH <", each) for each in tables)
    assert told.index('"Jours couverts') < told.index('"Chronologie"') < told.index('"Comment tout refaire')
    with pikepdf.open(file) as pdf:
        figures = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/Figure"]
        words = [str(each.get("/Alt", "")) for each in figures]
    assert len(words) == 2
    assert any(each.startswith("Frise de couverture") and "18 mars 2024" in each for each in words)
    assert any("QR" in each for each in words)


HOSTILE: Final = '#read("/etc/passwd") #panic() $x$ \\ `b` = titre <fait-1> @fait-1 ] ) #link("x")[y] \u202e证'


@settings(max_examples=12)
@given(st.text(min_size=3, max_size=120).filter(lambda each: bool(each.strip())) | st.just(HOSTILE))
def test_what_persons_wrote_is_shown_never_obeyed(written: str) -> None:
    """Any text in any place that a person writes in: the document is made, and has what it has without it."""
    entries = ecrits(written)
    document = rapport_pdf(rapport(entries, date(2026, 1, 31), affaire=written, personne=written), JOUR)
    verifier_pdf(document, "rapport", joints=[], outils=False)
    names = [name for name, _ in signets(document)]
    assert names == [name for name, _ in signets(rapport_pdf(rapport(ecrits("mot"), date(2026, 1, 31)), JOUR))]


def ecrits(written: str) -> list[Entry]:
    """A life in which every text is ``written``."""
    told = [
        titre("2024-10-01", "2025-09-30"),
        demande("2025-07-01", prefecture=written),
        e("D-1", "2025-10-10", RelanceEnvoyee(destinataire=written)),
        api("2025-11-12", "2026-02-11"),
    ]
    who = Acteur(nature=NatureActeur.AGENT, id=written[:200], service=written[:500], qualite=written[:500])
    piece = Piece(nom=written[:500], octets=3, sha256="0" * 64)
    return [
        msgspec.structs.replace(
            each, fait=each.fait.model_copy(update={"objet": written[:200], "acteur": who, "pieces": (piece,)})
        )
        for each in told
    ]


@needs_poppler
def test_a_hostile_text_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Signs of markup come out as signs, those without a glyph by their code."""
    entries = ecrits(HOSTILE)
    read = texte(rapport_pdf(rapport(entries, date(2026, 1, 31)), JOUR), tmp_path)
    assert '#read("/etc/passwd") #panic() $x$ \\ `b` = titre' in read
    assert "[U+8BC1]" in read


def test_bounds_hold_for_a_big_life() -> None:
    """Five hundred facts are laid out within the bounds of the composer, each with its number and its leaf."""
    entries = long_life(500)
    held = rapport(entries, last_day(entries), integrite=scellement(entries, note=note(3)))
    numbers = [n for year in donnees(held)["chronologie"] for line in year["lignes"] for n in line["n"]]
    assert sorted(map(int, numbers)) == list(range(1, 501))
    with pikepdf.open(BytesIO(rapport_pdf(held, JOUR))) as pdf:
        assert 100 < len(pdf.pages) < 300

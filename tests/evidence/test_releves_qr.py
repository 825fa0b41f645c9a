"""A code holds exactly what was put in it, of the smallest version, and is drawn as its matrix is."""

import random
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import segno
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence import qr as qr_module
from evidence.composition import MODELES
from evidence.joint import code
from evidence.qr import Qr, QrError, qr
from ledger import canonical
from tests.evidence.lecture import codes, needs_poppler, needs_zbar

AU_NIVEAU_M = {1: 14, 2: 26, 6: 106, 7: 122, 9: 180, 10: 213, 13: 331, 17: 504, 25: 997, 26: 1059, 40: 2331}
"""Bytes that some versions hold at level M (ISO/IEC 18004, table 7)."""
POINTS = 254
"""Ten pixels a millimetre, which is a module."""


def hasard(octets: int) -> bytes:
    """So many bytes, the same each time."""
    return random.Random(octets).randbytes(octets)  # noqa: S311 - no secret


def dessiner(made: Qr, folder: Path) -> bytes:
    """A page that is the code, one millimetre a module."""
    (folder / "qr.typ").write_bytes((MODELES / "qr.typ").read_bytes())
    (folder / "donnees.json").write_bytes(canonical.encode(made.donnees))
    (folder / "seul.typ").write_text(
        '#import "qr.typ": qr\n#set document(title: "Code")\n#set page(width: auto, height: auto, margin: 0pt)\n'
        '#qr(json("donnees.json"), module: 1mm, alt: "Code")'
    )
    compiler = typst.Compiler(folder / "seul.typ", root=folder, ignore_system_fonts=True)
    return bytes(
        compiler.compile(format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=datetime(2026, 7, 1, tzinfo=UTC))
        or b""
    )


@pytest.mark.parametrize(("version", "octets"), AU_NIVEAU_M.items())
def test_the_version_is_the_smallest_one(version: int, octets: int) -> None:
    """A content that fills a version at level M takes it; one byte more takes the next one, or is refused."""
    assert qr(b"x" * octets).version == version
    with pytest.raises(QrError, match=f"version {version}"):
        qr(b"x" * (octets + 1), version_max=version)


def test_what_does_not_fit_is_refused_in_french() -> None:
    """Nothing at all, and one byte above the largest version: the message gives the size and the bound."""
    with pytest.raises(QrError, match="2332 octets ne tiennent pas"):
        qr(b"x" * 2332)
    with pytest.raises(QrError, match="vide"):
        qr(b"")


def test_digits_and_capitals_are_bytes_like_others() -> None:
    """No mode is chosen by what the content happens to be: the same length has the same version."""
    assert {qr(each * 300).version for each in (b"7", b"A", b"a", b"\xff")} == {13}


@given(st.binary(min_size=1, max_size=997))
@settings(max_examples=25)
def test_the_rows_are_the_matrix_at_level_m(content: bytes) -> None:
    """Square, of the version's size, and the modules that segno gives for these bytes at that version and level."""
    made = qr(content)
    size = 17 + 4 * made.version
    assert {len(made.rangs), *map(len, made.rangs)} == {size}
    reference = segno.make(content, version=made.version, error="m", mode="byte", boost_error=False, micro=False)
    assert reference.error == "M"
    assert [[int(each) for each in row] for row in made.rangs] == [list(row) for row in reference.matrix]


@needs_poppler
@pytest.mark.parametrize("octets", [1, 270, 997])
def test_the_drawing_is_the_matrix(octets: int, tmp_path: Path) -> None:
    """At the centre of each module the page is black where the matrix is, white elsewhere; four modules around stay white."""
    made = qr(hasard(octets))
    path = tmp_path / "seul.pdf"
    path.write_bytes(dessiner(made, tmp_path))
    subprocess.run(["pdftoppm", "-r", str(POINTS), "-gray", "-singlefile", path, tmp_path / "seul"], check=True)
    _, size, _, pixels = (tmp_path / "seul.pgm").read_bytes().split(b"\n", 3)
    width = int(size.split()[0])
    side = len(made.rangs) + 8
    assert abs(width - 10 * side) <= 1
    white = "0" * side
    around = [white] * 4
    for y, row in enumerate([*around, *[f"0000{each}0000" for each in made.rangs], *around]):
        seen = [pixels[(10 * y + 5) * width + 10 * x + 5] for x in range(side)]
        assert [each < 128 for each in seen] == [each == "1" for each in row], y
        assert set(seen) <= {0, 255}


@needs_zbar
@pytest.mark.parametrize("octets", [1, 17, 331, 700, 997])
def test_an_independent_reader_gives_the_very_bytes(octets: int, tmp_path: Path) -> None:
    """Any bytes, of no text at all, come back from the page through zbar as they were."""
    content = hasard(octets)
    assert codes(dessiner(qr(content), tmp_path), tmp_path) == [content]


@needs_zbar
def test_french_comes_back(tmp_path: Path) -> None:
    """UTF-8 is neither guessed nor converted."""
    content = "Reçu n° 7 — « été » 证\n".encode()
    assert codes(dessiner(qr(content), tmp_path), tmp_path) == [content]


def test_the_first_content_that_can_be_read_on_paper_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too long gives its place to what is short, with its own words; nothing fits, and it is refused."""
    long, short = b"x" * 998, b"court"
    made = code([long, short], [("long",), ("court",)], "alt")
    assert made["qr"] == qr(short).donnees
    assert made["textes"] == ["court"]
    assert code([long[:997], short], [("long",), ("court",)], "alt")["textes"] == ["long"]
    with pytest.raises(QrError, match=f"version {qr_module.LISIBLE}"):
        code([long], [("long",)], "alt")

"""The archive has one form: each field of each header, each name, each place; memory does not grow with a file."""

import struct
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import archive
from evidence.archive import Membre
from evidence.verificateurs.assemblage import pyz
from evidence.verificateurs.pyz.archive import Archive
from evidence.verificateurs.pyz.examen import Echec
from evidence.verificateurs.pyz.textes import LIGNE, IllisibleError

FILES: Final = {"a": b"un", "b/c d": b"", "b/e": b"trois"}
BIG: Final = 192 << 20
PIECE: Final = 1 << 20


def written(files: dict[str, bytes], root: str = "R") -> bytes:
    """An archive of these files, as the ledger writes it."""
    made = BytesIO()
    archive.ecrire(made, root, (Membre(name, len(each), [each]) for name, each in sorted(files.items())))
    return made.getvalue()


def judged(octets: bytes, folder: Path) -> tuple[str, str] | None:
    """The code of its failure and the name in it, if it has not its one form."""
    path = folder / "a.zip"
    path.write_bytes(octets)
    with path.open("rb") as opened:
        try:
            Archive(opened).examiner()
        except Echec as failure:
            return failure.code, str(failure.parametres.get("nom", ""))
    return None


def test_the_one_form(tmp_path: Path) -> None:
    """What the ledger writes is read, by names under the root, with their digests; a file is given whole or by lines."""
    path = tmp_path / "a.zip"
    path.write_bytes(written(FILES | {"b/d": bytes(PIECE), "lignes": b"1\n\n3\nreste"}))
    with path.open("rb") as opened:
        read = Archive(opened)
        read.examiner()
        assert {name: read.lire(name, 10) for name in FILES} == FILES
        assert read.sous("b/") == ["c d", "d", "e"]
        assert list(read.lignes("lignes")) == [(1, b"1"), (2, b""), (3, b"3"), (4, b"")]
        with pytest.raises(IllisibleError):
            read.lire("b/e", 4)
        changed = bytearray(path.read_bytes())
        changed[changed.index(b"trois") - PIECE // 2] ^= 1
        path.write_bytes(changed)
        for reading in (lambda: read.lire("b/d", PIECE), lambda: list(read.lignes("b/d"))):
            with pytest.raises(OSError, match="pendant la lecture"):
                reading()


def test_lines_are_bounded(tmp_path: Path) -> None:
    """A line of 1 MiB is one; a longer one is none, and is not waited for to the end of the file."""
    path = tmp_path / "a.zip"
    path.write_bytes(
        written({"x": b"a" * LIGNE + b"\n" + b"b" * (LIGNE + 1) + b"\n" + b"c\n", "y": b"d" * (5 * LIGNE)})
    )
    with path.open("rb") as opened:
        read = Archive(opened)
        read.examiner()
        first, second, *_ = read.lignes("x")
        assert (first, second) == ((1, b"a" * LIGNE), (2, b""))
        assert next(iter(read.lignes("y"))) == (1, b"")


LOCAL: Final = {"version": 4, "time": 10, "date": 12, "crc": 14, "compressed": 18, "size": 22, "name": 26, "extra": 28}
CENTRAL: Final = {
    "made": 4,
    "version": 6,
    "time": 12,
    "date": 14,
    "compressed": 20,
    "disk": 34,
    "internal": 36,
    "external": 38,
}
END: Final = {"signature": 0, "disk": 4, "start": 6, "here": 8, "count": 10, "size": 12, "offset": 16, "comment": 20}


@pytest.mark.parametrize("field", [*LOCAL, "signature"])
def test_local_headers_have_one_form(field: str, tmp_path: Path) -> None:
    """Any other value of a field of a file's own header is refused."""
    octets = bytearray(written(FILES))
    octets[LOCAL.get(field, 0)] ^= 4
    assert judged(bytes(octets), tmp_path) == ("archive_entete", "R/a")


@pytest.mark.parametrize("field", CENTRAL)
def test_central_headers_have_one_form(field: str, tmp_path: Path) -> None:
    """Any other value of a field of the directory is refused."""
    octets = bytearray(written(FILES))
    octets[octets.index(b"PK\1\2") + CENTRAL[field]] ^= 4
    assert judged(bytes(octets), tmp_path) == ("archive_entete", "R/a")


@pytest.mark.parametrize("field", END)
def test_the_end_has_one_form(field: str, tmp_path: Path) -> None:
    """Any other value of a field of the end is refused."""
    octets = bytearray(written(FILES))
    octets[len(octets) - 22 + END[field]] ^= 4
    assert judged(bytes(octets), tmp_path) == ("archive_fin", "")


def test_what_compresses_or_hides(tmp_path: Path) -> None:
    """A method or the flag of encryption, in either header; what usual tools write is refused too."""
    for central in (False, True):
        for place in (6, 8):
            octets = bytearray(written(FILES))
            at = octets.index(b"PK\1\2") + 2 if central else 0
            octets[at + place] |= 1
            assert judged(bytes(octets), tmp_path) == ("archive_methode", "R/a")
    usual = BytesIO()
    with ZipFile(usual, "w", ZIP_DEFLATED) as made:
        made.writestr("R/a", b"un")
    assert judged(usual.getvalue(), tmp_path) == ("archive_methode", "R/a")
    usual = BytesIO()
    with ZipFile(usual, "w") as made:
        made.writestr(ZipInfo("R/a", (2026, 1, 5, 8, 0, 0)), b"un")
    assert judged(usual.getvalue(), tmp_path) == ("archive_entete", "R/a")


@pytest.mark.parametrize(
    "name",
    ["../a", "/a", "a/", "a//b", ".a", "a.", "a ", " a", "a/.b", "a/b./c", "a\\b", "a:b", "a\nb", "é", "a\0b", "a/b/c/d/e",
     "x" * 121, "CON:", "~a", "a*b"],
)  # fmt: skip
def test_names_that_are_refused(name: str, tmp_path: Path) -> None:
    """Whatever leads out of the folder, hides, or is not the same on every system; it is told in printable ASCII."""
    code, said = judged(rebuilt(name.encode()), tmp_path) or ("", "")
    assert code == "archive_nom"
    assert said.isprintable()
    assert said.isascii()
    assert judged(rebuilt(b"x" * 120), tmp_path) is None
    assert judged(rebuilt(b"a/b/c/-_ d.e"), tmp_path) is None


def rebuilt(name: bytes, root: bytes = b"R", more: bytes = b"") -> bytes:
    """An archive of one empty file of any name."""
    whole = root + b"/" + name
    common = struct.pack("<5H3I2H", 20, 0, 0, 0, 0x21, 0, 0, 0, len(whole), 0)
    local = b"PK\3\4" + common + whole + more
    central = b"PK\1\2" + struct.pack("<H", 0x0314) + common + struct.pack("<3H2I", 0, 0, 0, 0x81A40000, 0) + whole
    return local + central + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local), 0)


def test_places(tmp_path: Path) -> None:
    """Nothing before, between or after; names in order, none twice, one root; no archive of nothing."""
    whole = written(FILES)
    assert judged(rebuilt(b"a", more=b"!"), tmp_path) == ("archive_fin", "")
    assert judged(rebuilt(b"a", b""), tmp_path) == ("archive_nom", "/a")
    assert judged(rebuilt(b"a", b"R" * 81), tmp_path) == ("archive_nom", "R" * 81 + "/a")
    assert judged(whole.replace(b"R/b/e", b"S/b/e"), tmp_path) == ("archive_nom", "S/b/e")
    assert judged(whole.replace(b"R/b/e", b"R/b/b"), tmp_path) == ("archive_ordre", "R/b/b")
    assert judged(written({"a": b"", "b": b""}).replace(b"R/b", b"R/a"), tmp_path) == ("archive_doublon", "R/a")
    assert judged(written({"A": b"", "b": b""}).replace(b"R/b", b"R/a"), tmp_path) == ("archive_doublon", "R/a")
    moved = bytearray(whole)
    moved[moved.index(b"PK\1\2", moved.index(b"PK\1\2") + 1) + 42] ^= 1
    assert judged(bytes(moved), tmp_path) == ("archive_ordre", "R/b/c d")
    assert judged(struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0, 0, 0, 0, 0), tmp_path) == ("archive_fin", "")
    many = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 20_001, 20_001, 5, 0, 0)
    assert judged(bytes(5) + many, tmp_path) == ("archive_bornes", "")
    assert judged(whole.replace(b"trois", b"Trois"), tmp_path) == ("archive_crc", "R/b/e")


@pytest.mark.parametrize("other", ["b", "B", "B/f", "B/C d", "b/c d/f"])
def test_folders_have_one_name_too(other: str, tmp_path: Path) -> None:
    """A file named as a folder is, and a folder named as another but for case: on some disks they are one."""
    named, said = sorted([*FILES, other]), judged(written(FILES | {other: b""}), tmp_path)
    assert said is not None
    assert said[0] == "archive_doublon"
    assert said[1].removeprefix("R/") in named


def test_an_archive_of_four_gigabytes_is_not_opened(tmp_path: Path) -> None:
    """Its size alone refuses it."""
    path = tmp_path / "a.zip"
    with path.open("wb") as made:
        made.truncate(1 << 32)
    with path.open("rb") as opened, pytest.raises(Echec) as failure:
        Archive(opened).examiner()
    assert failure.value.code == "archive_bornes"


@given(st.binary(max_size=200))
def test_any_bytes_are_no_archive(octets: bytes) -> None:
    """They are refused, alone or before the end of an archive, and by no other exception."""
    with TemporaryDirectory() as folder:
        assert judged(octets, Path(folder)) is not None
        end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(octets), 0, 0)
        assert judged(octets + end, Path(folder)) is not None


def test_memory_does_not_grow_with_a_file(tmp_path: Path) -> None:
    """A bundle of 192 MiB is read to its end in a few dozen MB."""
    with (tmp_path / "a.zip").open("w+b") as made:
        pieces = (bytes(PIECE) for _ in range(BIG // PIECE))
        archive.ecrire(made, "R", [Membre("a", BIG, pieces)])
    (tmp_path / "verifier.pyz").write_bytes(pyz())
    done = subprocess.run([sys.executable, "-I", "-c", PEAK], cwd=tmp_path, capture_output=True, text=True, check=True)
    peak = int(done.stdout.rpartition("\n")[2])
    assert "sac_manque" in done.stdout
    assert f'"octets": {BIG + 30 + 3 + 46 + 3 + 22}' in done.stdout
    assert peak < 16 << 20


PEAK: Final = """
import sys, tracemalloc
sys.path.insert(0, "verifier.pyz")
from evidence.verificateurs.pyz.__main__ import main
tracemalloc.start()
main(["a.zip", "--json"])
sys.stdout.write(str(tracemalloc.get_traced_memory()[1]))
"""

"""How the documents are read back, by programs that are not ours: their text, their pictures, what they carry."""

import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Final

import pikepdf
import pytest

needs_poppler: Final = pytest.mark.skipif(
    shutil.which("pdftotext") is None or shutil.which("pdftoppm") is None, reason="poppler is not on this machine"
)
needs_zbar: Final = pytest.mark.skipif(
    shutil.which("zbarimg") is None or shutil.which("pdftoppm") is None, reason="zbarimg is not on this machine"
)


def texte(document: bytes, folder: Path) -> str:
    """What pdftotext reads of it, column by column; unbreakable spaces as spaces."""
    path = folder / "lu.pdf"
    path.write_bytes(document)
    done = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True)
    return done.stdout.decode().replace("\u202f", " ").replace("\u00a0", " ")


def d_un_trait(document: bytes, folder: Path) -> str:
    """The same, its lines joined: what a sentence says wherever it was cut."""
    return " ".join(texte(document, folder).split())


def joints(document: bytes) -> dict[str, tuple[bytes, str]]:
    """The attached files: content and relationship, by name."""
    with pikepdf.open(BytesIO(document)) as pdf:
        related = {str(each.UF): str(each.AFRelationship) for each in pdf.Root.get("/AF", [])}
        return {name: (spec.get_file().read_bytes(), related[name]) for name, spec in pdf.attachments.items()}


def images(document: bytes, folder: Path, points: int = 150) -> list[Path]:
    """Its pages as pictures, at so many points an inch."""
    path = folder / "image.pdf"
    path.write_bytes(document)
    for old in folder.glob("page-*.png"):
        old.unlink()
    subprocess.run(["pdftoppm", "-r", str(points), "-png", path, folder / "page"], check=True)
    return sorted(folder.glob("page-*.png"))


def codes(document: bytes, folder: Path) -> list[bytes]:
    """What zbar reads of each code in it, the very bytes."""
    read = []
    for page in images(document, folder):
        done = subprocess.run(
            ["zbarimg", "-q", "--raw", "--oneshot", "-Sbinary", page], capture_output=True, check=False
        )
        if done.returncode == 0:
            read.append(done.stdout)
    return read


def dans_la_page(document: bytes, folder: Path) -> None:
    """No word of it goes beyond the margins of an A4 page (poppler's boxes, in points)."""
    path = folder / "cadre.pdf"
    path.write_bytes(document)
    done = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True)
    words = [line for line in done.stdout.decode().splitlines() if "<word" in line]
    assert words
    edges = [float(line.split('xMax="')[1].split('"')[0]) for line in words]
    assert max(edges) <= 595.3 - 50

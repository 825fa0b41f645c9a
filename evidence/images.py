"""An image becomes one page of PDF: its bytes as they are, a title, and what a screen reader says of it.

The sizes are read from the first bytes and bounded before anything is decoded; typst decodes in its own process, with a
bound on memory and time. A JPEG stands in the page byte for byte; a PNG, whose pixels the PDF stores otherwise, is
joined to the page as it was.
"""

import struct
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from evidence.composition import CompositionError, composer
from evidence.signes import montrable
from ledger.errors import ConstatError
from projections.francais import compte

PNG: Final = b"\x89PNG\r\n\x1a\n"
JPEG: Final = b"\xff\xd8\xff"
COTE: Final = 30_000
"""Pixels a side may have."""
SURFACE: Final = 100_000_000
"""Pixels an image may have."""
TETE: Final = 1 << 20
"""How far into a JPEG its sizes are looked for."""
_SOF: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SEULS: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_LARGE: Final = 1.15


class ImageError(ConstatError):
    """Une image ne peut pas être mise en page."""


class Image(NamedTuple):
    """What the first bytes of an image say."""

    genre: str
    largeur: int
    hauteur: int


def image_de(path: Path) -> Image | None:
    """The image that ``path`` begins as; ``None`` when it is neither a PNG nor a JPEG.

    :raises ImageError: it begins so and its sizes cannot be read, or it is too large to be shown.
    """
    with path.open("rb") as file:
        head = file.read(TETE)
    if head.startswith(PNG):
        sizes = struct.unpack(">II", head[16:24]) if len(head) >= 24 and head[12:16] == b"IHDR" else None  # noqa: PLR2004  # the header's own length
        genre = "PNG"
    elif head.startswith(JPEG):
        sizes, genre = _jpeg(head), "JPEG"
    else:
        return None
    if sizes is None or 0 in sizes:
        msg = f"l'image {genre} est abîmée : ses dimensions ne se lisent pas"
        raise ImageError(msg)
    if max(sizes) > COTE or sizes[0] * sizes[1] > SURFACE:
        most = SURFACE // 1_000_000
        msg = f"l'image {genre} a {sizes[0]} points sur {sizes[1]} : réduisez-la à {most} millions de points"
        raise ImageError(msg)
    return Image(genre, *sizes)


def _jpeg(head: bytes) -> tuple[int, int] | None:
    """Width and height, from the first frame header."""
    at = 2
    while at + 9 <= len(head):
        if head[at] != 0xFF:  # noqa: PLR2004  # what begins a marker
            return None
        marker = head[at + 1]
        if marker == 0xFF:  # noqa: PLR2004  # a marker may be preceded by any number of these
            at += 1
        elif marker in _SEULS:
            at += 2
        elif marker in _SOF:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        else:
            at += 2 + int(struct.unpack(">H", head[at + 2 : at + 4])[0])
    return None


def en_pdf(path: Path, image: Image, libelle: str, sha256: str, jour: date, *, limite: int) -> bytes:
    """The page that shows the image at ``path``, dated ``jour``; the same bytes each time.

    ``limite``: bytes that the page may have, so that a heavy PNG is not joined to it a second time.

    :raises ImageError: it cannot be decoded, or its colours are those of print.
    """
    octets = path.stat().st_size
    ending, mime = ("png", "image/png") if image.genre == "PNG" else ("jpg", "image/jpeg")
    donnees = {
        "titre": montrable(libelle),
        "genre": image.genre,
        "octets": compte(octets, "octet"),
        "sha256": sha256,
        "fichier": f"image.{ending}",
        "mime": mime,
        "joindre": image.genre == "PNG" and 2 * octets < limite,
        "couchee": image.largeur > _LARGE * image.hauteur,
    }
    try:
        return composer("image", donnees, jour, joints={f"image.{ending}": path})
    except CompositionError as error:
        msg = f"l'image {image.genre} ne s'ouvre pas, ou ses couleurs sont celles de l'imprimerie (CMJN)"
        raise ImageError(msg) from error

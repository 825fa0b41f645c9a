"""What a published log consists of (C2SP tlog-tiles): its checkpoint, tiles and entry bundles, by their paths."""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import psycopg

from ledger.errors import ConstatError
from ledger.seal.log import StoredTiles
from ledger.seal.merkle import HEIGHT, WIDTH, right_edge

CHECKPOINT: Final = "checkpoint"
HIGHEST: Final = 63
LONGEST: Final = (1 << 16) - 1
DIGITS: Final = 3
_PATH: Final = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?"
)


class PublicationRefusedError(ConstatError):
    """Ce qui serait publié n'est pas ce que le journal a signé : rien n'est publié."""


@dataclass(frozen=True, slots=True, order=True)
class Resource:
    """A tile, or with no ``level`` an entry bundle: its number, and how much of it there is (256: all)."""

    level: int | None
    n: int
    width: int = WIDTH

    @classmethod
    def parse(cls, path: str) -> "Resource":
        """Read a path, without its first slash.

        :raises LookupError: it is not one, or not in its only form.
        """
        found = _PATH.fullmatch(path)
        if found is None:
            raise LookupError(path[:80])
        level = None if found[1] == "entries" else int(found[1])
        resource = cls(level, int(found[2].replace("x", "").replace("/", "")), int(found[3] or WIDTH))
        if (level or 0) > HIGHEST or resource.path != path:
            raise LookupError(path[:80])
        return resource

    @property
    def path(self) -> str:
        """Where it is, below the log's prefix."""
        level = "entries" if self.level is None else str(self.level)
        digits = str(self.n)
        digits = digits.zfill(-(-len(digits) // DIGITS) * DIGITS)
        groups = [digits[at : at + DIGITS] for at in range(0, len(digits), DIGITS)]
        number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        return f"tile/{level}/{number}{f'.p/{self.width}' if self.width < WIDTH else ''}"

    def within(self, size: int) -> bool:
        """Whether a tree of ``size`` leaves has it."""
        return self.n * WIDTH + self.width <= size >> HEIGHT * (self.level or 0)


def resources(before: int, size: int) -> list[Resource]:
    """All that a log of ``size`` leaves publishes and that one of ``before`` leaves did not."""
    tiles = []
    for level, stop, width in right_edge(size):
        tiles += [Resource(level, n) for n in range(before >> HEIGHT * (level + 1), stop)]
        if width and before >> HEIGHT * level != size >> HEIGHT * level:
            tiles.append(Resource(level, stop, width))
    return with_bundles(tiles)


def with_bundles(tiles: list[Resource]) -> list[Resource]:
    """Tiles with the entry bundles that go with them."""
    return tiles + [Resource(None, tile.n, tile.width) for tile in tiles if tile.level == 0]


def content(conn: psycopg.Connection[Any], resource: Resource) -> bytes:
    """The bytes of a tile or of an entry bundle, from the database.

    :raises LookupError: the log does not reach so far.
    :raises PublicationRefusedError: the lines of a bundle are not those of its tile.
    """
    tiles = StoredTiles(conn)
    if resource.level is not None:
        return tiles.tile(resource.level, resource.n, resource.width)
    hashes = tiles.tile(0, resource.n, resource.width)
    return bundle(_lines(conn, resource), hashes)


def bundle(lines: list[bytes], hashes: bytes) -> bytes:
    """An entry bundle: each line after its length, a whole number of 16 bits in network order.

    :raises PublicationRefusedError: a line is not the one that was hashed, or is too long for a bundle.
    """
    if b"".join(sha256(b"\0" + line).digest() for line in lines) != hashes:
        msg = "des lignes ne sont plus celles qui ont été scellées : rien n'est publié ; voyez « constat verify »"
        raise PublicationRefusedError(msg)
    if any(len(line) > LONGEST for line in lines):
        msg = f"une ligne de plus de {LONGEST} octets ne se publie pas"
        raise PublicationRefusedError(msg)
    return b"".join(len(line).to_bytes(2, "big") + line for line in lines)


def _lines(conn: psycopg.Connection[Any], resource: Resource) -> list[bytes]:
    first = resource.n * WIDTH
    rows = conn.execute(
        "SELECT line FROM ledger.leaf JOIN ledger.entry USING (notification_id)"
        " WHERE position > %b AND position <= %b ORDER BY position",
        (first, first + resource.width),
        binary=True,
        prepare=True,
    ).fetchall()
    return [line.encode() for (line,) in rows]

"""The Merkle tree of the log, as RFC 6962 section 2.1 hashes it, kept in tiles of 256 hashes (C2SP tlog-tiles).

This module *makes* trees, roots and proofs. What checks them, :mod:`ledger.seal.proof`, shares no code with it.
Hashes are 32 raw bytes of SHA-256. A tile is the concatenation of 1 to 256 of them; the tile ``n`` of level ``l`` holds
the roots of the subtrees of ``256**l`` leaves from leaf ``n * 256**(l+1)``; it is full when it has 256.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, NamedTuple, Protocol

HASH: Final = 32
WIDTH: Final = 256
HEIGHT: Final = 8
FULL: Final = HASH * WIDTH
EMPTY_ROOT: Final = sha256(b"").digest()
"""The root of a tree without leaves (RFC 6962 section 2.1)."""


class Tile(NamedTuple):
    """A full tile: its place, its 8 192 bytes, and the root of the subtree that it spans."""

    level: int
    n: int
    data: bytes
    root: bytes


class Tiles(Protocol):
    """Where tiles are read."""

    def tile(self, level: int, n: int, width: int) -> bytes:
        """The first ``width`` hashes of a tile.

        :raises LookupError: it does not hold as many.
        """


def leaf_hash(line: bytes) -> bytes:
    """RFC 6962 section 2.1: the hash of a zero byte and the leaf's bytes."""
    return sha256(b"\0" + line).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 section 2.1: the hash of a one byte and both children."""
    return sha256(b"\1" + left + right).digest()


def perfect_root(hashes: bytes) -> bytes:
    """The root over ``hashes``, whose number is a power of two."""
    digest = sha256
    while len(hashes) > HASH:
        hashes = b"".join(
            [digest(b"\1" + hashes[at : at + 2 * HASH]).digest() for at in range(0, len(hashes), 2 * HASH)]
        )
    return hashes


def _fold(subtrees: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees that stand side by side, each smaller than the one to its left."""
    root = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        root = node_hash(left, root)
    return root


def _perfect(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """The largest perfect subtrees of leaves ``start`` (where a tree begins) to ``stop`` (excluded): height, index."""
    while start < stop:
        height = (stop - start).bit_length() - 1
        yield height, start >> height
        start += 1 << height


@dataclass(slots=True)
class Growth:
    """A tree that leaves are added to. Keeps its right edge only: of each level, the tile that is not yet full."""

    size: int = 0
    edges: list[bytes] = field(default_factory=list)

    @classmethod
    def resume(cls, tiles: Tiles, size: int) -> "Growth":
        """The tree of ``size`` leaves whose tiles are there."""
        return cls(size, [tiles.tile(*edge) if edge[2] else b"" for edge in right_edge(size)])

    def add(self, hashes: bytes) -> list[Tile]:
        """Add leaf hashes, one after the other in ``hashes``; returns the tiles that became full."""
        filled: list[Tile] = []
        before, self.size = self.size, self.size + len(hashes) // HASH
        level, new = 0, hashes
        while new:
            if level == len(self.edges):
                self.edges.append(b"")
            first = before >> HEIGHT * (level + 1)
            row = self.edges[level] + new
            whole = len(row) // FULL
            tiles = [row[at * FULL : (at + 1) * FULL] for at in range(whole)]
            roots = [perfect_root(data) for data in tiles]
            filled += [
                Tile(level, first + at, data, root) for at, (data, root) in enumerate(zip(tiles, roots, strict=True))
            ]
            self.edges[level] = row[whole * FULL :]
            level, new = level + 1, b"".join(roots)
        return filled

    def root(self) -> bytes:
        """The root over all leaves."""
        below: list[bytes] = []
        for edge in self.edges:
            here = [
                perfect_root(edge[(index << height) * HASH : (index + 1 << height) * HASH])
                for height, index in _aligned(len(edge) // HASH)
            ]
            below = [_fold(here + below)] if here or below else []
        return below[0] if below else EMPTY_ROOT


def _aligned(count: int) -> Iterator[tuple[int, int]]:
    return _perfect(0, count)


def right_edge(size: int) -> list[tuple[int, int, int]]:
    """For each level of a tree, its last tile: level, number, and how many hashes it holds (0 to 255)."""
    edge = []
    level = 0
    while size >> HEIGHT * level:
        hashes = size >> HEIGHT * level
        edge.append((level, hashes >> HEIGHT, hashes & WIDTH - 1))
        level += 1
    return edge


class _Nodes:
    """The roots of perfect subtrees, read from tiles; each tile once."""

    def __init__(self, tiles: Tiles, size: int) -> None:
        self._tiles = tiles
        self._size = size
        self._read: dict[tuple[int, int], bytes] = {}

    def node(self, height: int, index: int) -> bytes:
        """The root of the leaves ``index << height`` to ``(index + 1) << height``."""
        level, inside = divmod(height, HEIGHT)
        n, at = divmod(index << inside, WIDTH)
        data = self._read.get((level, n))
        if data is None:
            width = min(WIDTH, (self._size >> HEIGHT * level) - n * WIDTH)
            data = self._read[level, n] = self._tiles.tile(level, n, width)
        return perfect_root(data[at * HASH : (at + (1 << inside)) * HASH])

    def root(self, start: int, stop: int) -> bytes:
        """The root over leaves ``start`` to ``stop`` (excluded), where a subtree begins."""
        return _fold([self.node(height, index) for height, index in _perfect(start, stop)])


def root_at(tiles: Tiles, size: int) -> bytes:
    """The root of the tree of the first ``size`` leaves."""
    return _Nodes(tiles, size).root(0, size) if size else EMPTY_ROOT


def inclusion(tiles: Tiles, index: int, size: int) -> list[bytes]:
    """The audit path of leaf ``index`` (from 0) in the tree of ``size`` leaves (RFC 6962 section 2.1.1).

    :raises ValueError: there is no such leaf in that tree.
    """
    if not 0 <= index < size:
        msg = f"no leaf {index} in a tree of {size}"
        raise ValueError(msg)
    beside: list[tuple[int, int]] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            beside.append((middle, stop))
            stop = middle
        else:
            beside.append((start, middle))
            start = middle
    nodes = _Nodes(tiles, size)
    return [nodes.root(*span) for span in reversed(beside)]


def consistency(tiles: Tiles, old: int, size: int) -> list[bytes]:
    """The proof that the tree of ``old`` leaves is the beginning of that of ``size`` (RFC 6962 section 2.1.2).

    Empty when ``old`` is 0 or ``size``.

    :raises ValueError: ``old`` is larger than ``size``.
    """
    if not 0 <= old <= size:
        msg = f"a tree of {old} leaves does not begin one of {size}"
        raise ValueError(msg)
    if old in {0, size}:
        return []
    beside: list[tuple[int, int]] = []
    start, stop = 0, size
    while old != stop:
        middle = start + _split(stop - start)
        if old <= middle:
            beside.append((middle, stop))
            stop = middle
        else:
            beside.append((start, middle))
            start = middle
    if start:
        beside.append((start, stop))
    nodes = _Nodes(tiles, size)
    return [nodes.root(*span) for span in reversed(beside)]


def _split(leaves: int) -> int:
    """The largest power of two below ``leaves``."""
    return 1 << (leaves - 1).bit_length() - 1

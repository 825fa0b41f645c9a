"""The tree, hashed again from the leaves: each tile and each checkpoint.

Independent of what made them: it knows neither tiles nor growth, only pairs of hashes (RFC 6962 section 2.1).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

import psycopg

from ledger.coffre import Id
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.log import own_stream
from ledger.seal.note import Note, NoteError, Verifier
from ledger.seal.policy import Policy
from ledger.seal.signing import KIND, succession
from replay.checks.report import Check, Report

BATCH: Final = 1 << 15
HASH: Final = 32
TILE: Final = 256
HEIGHT: Final = 8


def leaf_hash(line: str) -> bytes:
    """The leaf hash of a line (RFC 6962 section 2.1)."""
    return sha256(b"\0" + line.encode()).digest()


def root_of(hashes: bytes) -> bytes:
    """The root over the leaf hashes of a whole tile."""
    digest = sha256
    while len(hashes) > HASH:
        hashes = b"".join(
            [digest(b"\1" + hashes[at : at + 2 * HASH]).digest() for at in range(0, len(hashes), 2 * HASH)]
        )
    return hashes


@dataclass(slots=True)
class Peaks:
    """The roots of the perfect subtrees that the leaves so far make, the smallest last; and the roots of tiles."""

    size: int = 0
    peaks: list[bytes | None] = field(default_factory=list)
    filled: list[tuple[int, bytes]] = field(default_factory=list)

    def add(self, node: bytes, height: int = 0) -> None:
        """Add a leaf hash, or the root of ``2**height`` leaves where such a subtree begins.

        Each tile that it fills is kept in ``filled``: its level and its root.
        """
        digest, peaks = sha256, self.peaks
        self.size += 1 << height
        peaks += [None] * (height - len(peaks))
        while height < len(peaks) and (left := peaks[height]) is not None:
            node = digest(b"\1" + left + node).digest()
            peaks[height] = None
            height += 1
            if height % HEIGHT == 0:
                self.filled.append((height // HEIGHT - 1, node))
        if height == len(peaks):
            peaks.append(node)
        else:
            peaks[height] = node

    def extend(self, hashes: bytes) -> None:
        """Add leaf hashes, a whole tile at a time where one begins; of the tiles that they fill, nothing is kept."""
        at = 0
        while at < len(hashes):
            if self.size % TILE == 0 and len(hashes) - at >= TILE * HASH:
                self.add(root_of(hashes[at : at + TILE * HASH]), HEIGHT)
                at += TILE * HASH
            else:
                self.add(hashes[at : at + HASH])
                at += HASH
        self.filled.clear()

    def root(self) -> bytes:
        """The root of the tree of the leaves so far."""
        root: bytes | None = None
        for peak in self.peaks:
            if peak is not None:
                root = peak if root is None else sha256(b"\1" + peak + root).digest()
        return root if root is not None else sha256(b"").digest()


@dataclass(slots=True)
class Tree:
    """Checks what the log has sealed. ``keys``: the log's own, when they are known; ``policy``: whom to believe."""

    conn: psycopg.Connection[Any]
    origin: str
    keys: Sequence[Verifier] = ()
    policy: Policy | None = None
    _peaks: Peaks = field(default_factory=Peaks)
    _rows: dict[int, bytearray] = field(default_factory=dict)
    _stored: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    _tiles: int = 0
    _known: tuple[Verifier, ...] = ()

    def verify(self, report: Report) -> None:
        """Hash every leaf in the sealed order up to the last checkpoint, and compare all that is kept of it."""
        self._known = self._all_keys()
        if not self._known:
            report.not_possible[Check.POINTS] = "racines refaites ; signatures non vérifiées, ni clé ni politique"
        checkpoints = self._checkpoints()
        following = next(checkpoints, None)
        if following is None:
            for check in (Check.ARBRE, Check.POINTS, Check.TEMOINS):
                report.not_possible[check] = "le registre n'a encore aucun point de contrôle"
        while following is not None:
            following = self._up_to(following, checkpoints, report)
        report.hashed = self._peaks.size
        self._count_tiles(report)

    def _all_keys(self) -> tuple[Verifier, ...]:
        """The keys that are known, and those that they replaced."""
        own = Id(own_stream(self.origin, KIND))
        lines = self.conn.execute(
            "SELECT line FROM ledger.entry WHERE originator_id = %b ORDER BY originator_version", (own,)
        ).fetchall()
        known = dict.fromkeys([*self.keys, *(self.policy.logs if self.policy else ())])
        return succession((line for (line,) in lines), list(known))

    def _checkpoints(self) -> Iterator[tuple[int, bytes, str]]:
        with self.conn.cursor(name="checkpoints", binary=True) as cursor:
            cursor.execute("SELECT size, root, note FROM ledger.checkpoint ORDER BY size")
            for size, root, note in cursor:
                yield int(size), bytes(root), str(note)

    def _up_to(
        self, point: tuple[int, bytes, str], following: Iterator[tuple[int, bytes, str]], report: Report
    ) -> tuple[int, bytes, str] | None:
        """Add the leaves of one batch, checking each checkpoint on the way; the first one that lies beyond."""
        after = self._peaks.size
        upto = min(after + BATCH, point[0]) if point[0] > after + BATCH else after + BATCH
        hashes = self._hashes(after, upto)
        self._stored = self._read_tiles(0, after // TILE, upto // TILE)
        current: tuple[int, bytes, str] | None = point
        start = 0
        while current is not None and current[0] - after <= len(hashes) // HASH:
            self._add(hashes[start * HASH : (current[0] - after) * HASH], report)
            start = current[0] - after
            self._verify_checkpoint(*current, report)
            current = next(following, None)
        if current is not None:
            self._add(hashes[start * HASH :], report)
            if len(hashes) < (upto - after) * HASH:
                where = f"point de contrôle de {current[0]} lignes"
                report.add(Check.POINTS, where, f"il ne reste que {self._peaks.size} lignes : la fin a été retirée")
                return None
        return current

    def _hashes(self, after: int, upto: int) -> bytes:
        row = self.conn.execute(
            "SELECT string_agg(leaf_hash, ''::bytea ORDER BY position) FROM ledger.leaf"
            " WHERE position > %b AND position <= %b",
            (after, upto),
            binary=True,
        ).fetchone()
        return bytes(row[0]) if row and row[0] else b""

    def _add(self, hashes: bytes, report: Report) -> None:
        peaks, row = self._peaks, self._rows.setdefault(0, bytearray())
        at = 0
        while at < len(hashes):
            if peaks.size % TILE == 0 and len(hashes) - at >= TILE * HASH:
                row.extend(hashes[at : at + TILE * HASH])
                root = root_of(hashes[at : at + TILE * HASH])
                self._verify_tile(0, peaks.size // TILE, root, report)
                peaks.add(root, HEIGHT)
                at += TILE * HASH
            else:
                row.extend(hashes[at : at + HASH])
                peaks.add(hashes[at : at + HASH])
                at += HASH
            for level, root in peaks.filled:
                self._verify_tile(level, (peaks.size >> HEIGHT * (level + 1)) - 1, root, report)
            peaks.filled.clear()

    def _verify_tile(self, level: int, n: int, root: bytes, report: Report) -> None:
        expected = bytes(self._rows[level])
        self._rows[level].clear()
        self._rows.setdefault(level + 1, bytearray()).extend(root)
        row = self._stored.get(n) if level == 0 else self._read_tiles(level, n, n).get(n)
        self._tiles += row is not None
        if row is None:
            report.add(Check.ARBRE, f"tuile {level}/{n}", "elle manque")
        elif row != (expected, root):
            report.add(Check.ARBRE, f"tuile {level}/{n}", "elle n'est plus celle des lignes")

    def _read_tiles(self, level: int, first: int, last: int) -> dict[int, tuple[bytes, bytes]]:
        """The tiles of a level as they are kept, by number: their hashes and their root. Both ends included."""
        rows = self.conn.execute(
            "SELECT n, data, root FROM ledger.tile WHERE level = %b AND n BETWEEN %b AND %b",
            (level, first, last),
            binary=True,
            prepare=True,
        )
        return {n: (data, root) for n, data, root in rows}

    def _verify_checkpoint(self, size: int, root: bytes, note: str, report: Report) -> None:
        report.checkpoints += 1
        where = f"point de contrôle de {size} lignes"
        redone = self._peaks.root()
        if root != redone:
            report.add(Check.POINTS, where, "sa racine n'est pas celle des lignes")
        try:
            parsed = Note.parse(note.encode())
            if parsed.text != Checkpoint(self.origin, size, redone).text:
                report.add(Check.POINTS, where, "ce qui est signé n'est pas l'arbre des lignes")
            if self._known and not parsed.verified(self._known):
                report.add(Check.POINTS, where, "il n'est pas signé par une clé connue du journal")
        except NoteError as error:
            report.add(Check.POINTS, where, str(error))

    def _count_tiles(self, report: Report) -> None:
        row = self.conn.execute("SELECT count(*) FROM ledger.tile").fetchone()
        if row is not None and row[0] > self._tiles and not report.findings:
            report.add(Check.ARBRE, "table tile", f"{row[0] - self._tiles} tuiles au-delà du dernier point de contrôle")

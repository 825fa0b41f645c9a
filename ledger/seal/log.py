"""The sealed log as it is read from the database: its tiles, its checkpoints, and the proofs made from them."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import psycopg

from ledger.coffre import Id
from ledger.seal import merkle
from ledger.seal.checkpoint import Checkpoint, TlogProof
from ledger.seal.merkle import HASH, WIDTH
from ledger.seal.note import Note, Signature

LATEST: Final = "SELECT size, note FROM ledger.checkpoint ORDER BY size DESC LIMIT 1"


class StoredTiles:
    """Tiles as the ledger keeps them. One that is not full is put together from what lies below it."""

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self._conn = conn

    def tile(self, level: int, n: int, width: int) -> bytes:
        """The first ``width`` hashes of a tile.

        :raises LookupError: it does not hold as many.
        """
        if width == WIDTH:
            found = self._value("SELECT data FROM ledger.tile WHERE level = %b AND n = %b", (level, n))
        else:
            found = self._below(level, n * WIDTH, n * WIDTH + width)
        if len(found) != width * HASH:
            msg = f"tile {level}/{n} does not hold {width} hashes"
            raise LookupError(msg)
        return found

    def _below(self, level: int, first: int, stop: int) -> bytes:
        if level == 0:
            return self._value(
                "SELECT string_agg(leaf_hash, ''::bytea ORDER BY position) FROM ledger.leaf"
                " WHERE position > %b AND position <= %b",
                (first, stop),
            )
        return self._value(
            "SELECT string_agg(root, ''::bytea ORDER BY n) FROM ledger.tile WHERE level = %b AND n >= %b AND n < %b",
            (level - 1, first, stop),
        )

    def _value(self, query: str, values: tuple[int, ...]) -> bytes:
        row = self._conn.execute(query.encode(), values, binary=True, prepare=True).fetchone()
        return bytes(row[0]) if row and row[0] is not None else b""


def own_stream(origin: str, kind: str) -> bytes:
    """The stream (16 bytes) of the log's own leaves of one kind, as ``ledger.append_own`` names it."""
    return sha256(f"constat/1 registre\n{origin}\n{kind}".encode()).digest()[:16]


@dataclass(frozen=True, slots=True)
class SealedLog:
    """The log on one connection, which gives rows as tuples."""

    conn: psycopg.Connection[Any]

    @property
    def tiles(self) -> StoredTiles:
        """Its tiles."""
        return StoredTiles(self.conn)

    def latest(self) -> Note | None:
        """The last checkpoint with the cosignatures that came; ``None`` before the first one."""
        row = self.conn.execute(LATEST).fetchone()
        return self.cosigned(row[0], row[1]) if row else None

    def covering(self, position: int) -> Note | None:
        """The first checkpoint that holds ``position`` (from 1) and a cosignature, else the first that holds it."""
        row = self.conn.execute(
            "SELECT c.size, c.note FROM ledger.checkpoint AS c WHERE c.size >= %(position)s"
            " AND (EXISTS (SELECT FROM ledger.cosignature AS s WHERE s.size = c.size)"
            " OR NOT EXISTS (SELECT FROM ledger.cosignature AS s WHERE s.size >= %(position)s))"
            " ORDER BY c.size LIMIT 1",
            {"position": position},
        ).fetchone()
        return self.cosigned(row[0], row[1]) if row else None

    def cosigned(self, size: int, note: str) -> Note:
        """A checkpoint's note with its cosignatures, in the order in which they came."""
        lines = self.conn.execute(
            "SELECT line FROM ledger.cosignature WHERE size = %s ORDER BY received_at, witness", (size,)
        ).fetchall()
        return Note.parse(note.encode()).signed(*(Signature.parse(line.rstrip("\n")) for (line,) in lines))

    def prove(self, position: int, note: Note) -> TlogProof:
        """The proof that the line at ``position`` (from 1) is in the tree of a checkpoint.

        :raises ValueError: the checkpoint does not reach it.
        """
        size = Checkpoint.parse(note.text).size
        return TlogProof(position - 1, tuple(merkle.inclusion(self.tiles, position - 1, size)), note)

    def consistency(self, old: int, size: int) -> list[bytes]:
        """The proof that the tree of ``old`` leaves begins that of ``size``.

        :raises ValueError: ``old`` is larger than ``size``.
        """
        return merkle.consistency(self.tiles, old, size)

    def own_lines(self, origin: str, kind: str) -> list[str]:
        """The log's own lines of one kind, in their order, sealed or not."""
        rows = self.conn.execute(
            "SELECT line FROM ledger.entry WHERE originator_id = %b ORDER BY originator_version",
            (Id(own_stream(origin, kind)),),
        )
        return [line for (line,) in rows]

    def root(self, size: int) -> bytes:
        """The root of the tree of the first ``size`` leaves."""
        return merkle.root_at(self.tiles, size)

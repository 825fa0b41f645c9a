"""The recensement: a leaf that commits to the end of every stream, so that an export can prove that nothing is missing.

One canonical line a stream, ``{"leaf","pos","stream","subject"}``: hash and place of its last entry, by subject, then
stream; a Merkle tree over these lines (RFC 6962) whose root stands in the log's leaf. All streams of a
subject stand side by side, so that their neighbours show that there is no other.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import psycopg

from ledger.coffre import Id
from ledger.database import SEALER
from ledger.seal import merkle
from ledger.seal.log import SealedLog, own_stream
from ledger.seal.merkle import HASH, WIDTH, Growth, leaf_hash
from ledger.seal.sealer import CENSUS, Sealer

BATCH: Final = 4_096

HEAD: Final = "uuid_send(subject), uuid_send(stream), pos, leaf_hash"
NEW_HEADS: Final = """
INSERT INTO work.stream_head (subject, stream, pos, leaf_hash)
SELECT DISTINCT ON (e.originator_id) e.subject, e.originator_id, e.originator_version, e.leaf_hash
FROM ledger.leaf AS l JOIN ledger.entry AS e USING (notification_id)
WHERE l.position > %b AND l.position <= %b ORDER BY e.originator_id, e.originator_version DESC
ON CONFLICT (subject, stream) DO UPDATE SET pos = EXCLUDED.pos, leaf_hash = EXCLUDED.leaf_hash
"""


def head_line(subject: bytes, stream: bytes, pos: int, leaf: bytes) -> bytes:
    """The canonical line of a stream in the recensement."""
    return f'{{"leaf":"{leaf.hex()}","pos":{pos},"stream":"{stream.hex()}","subject":"{subject.hex()}"}}'.encode()


def take_census(sealer: Sealer) -> int:
    """Count every stream up to the last checkpoint and say so in the log; returns how many there are.

    Everything that is not yet in a checkpoint is left for the next one.
    """
    with sealer.database.acting_as(SEALER).connect() as conn:
        with conn.transaction():
            conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('constat.recensement', 0))")
            before = conn.execute("SELECT size FROM work.census").fetchone()
            size = _one(conn, "SELECT coalesce(max(size), 0) FROM ledger.checkpoint")
            conn.execute(NEW_HEADS.encode(), (before[0] if before else 0, size))
            growth = _tree_of_heads(conn)
            conn.execute(
                "INSERT INTO work.census (size, streams, root) VALUES (%s, %s, %s) ON CONFLICT (one) DO UPDATE"
                " SET size = EXCLUDED.size, streams = EXCLUDED.streams, root = EXCLUDED.root",
                (size, growth.size, growth.root()),
            )
        sealer.say(CENSUS, {"size": size, "streams": growth.size, "root": growth.root().hex()})
    return growth.size


def _one(conn: psycopg.Connection[Any], query: str) -> int:
    row = conn.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def _tree_of_heads(conn: psycopg.Connection[Any]) -> Growth:
    """Hash every stream's line, in order, and keep the tiles, the last ones not full included."""
    growth = Growth()
    conn.execute("DELETE FROM work.census_tile")
    for heads in _heads(conn):
        tiles = growth.add(b"".join([leaf_hash(head_line(*head)) for head in heads]))
        _keep(conn, [(tile.level, tile.n, tile.data) for tile in tiles])
    edge = merkle.right_edge(growth.size)
    _keep(conn, [(level, n, growth.edges[level]) for level, n, width in edge if width])
    return growth


def _heads(conn: psycopg.Connection[Any]) -> Iterator[list[tuple[bytes, bytes, int, bytes]]]:
    with conn.cursor(name="heads", binary=True) as cursor:
        cursor.execute(f"SELECT {HEAD} FROM work.stream_head ORDER BY subject, stream")
        while rows := cursor.fetchmany(BATCH):
            yield rows


def _keep(conn: psycopg.Connection[Any], tiles: list[tuple[int, int, bytes]]) -> None:
    if tiles:
        with conn.cursor() as cursor:
            cursor.executemany("INSERT INTO work.census_tile VALUES (%b, %b, %b)", tiles)


class _CensusTiles:
    """The tiles of the last recensement's tree."""

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self._conn = conn

    def tile(self, level: int, n: int, width: int) -> bytes:
        """The first ``width`` hashes of a tile.

        :raises LookupError: it does not hold as many.
        """
        row = self._conn.execute(
            "SELECT data FROM work.census_tile WHERE level = %b AND n = %b", (level, n), binary=True
        ).fetchone()
        data = bytes(row[0]) if row else b""
        if len(data) < width * HASH or width > WIDTH:
            msg = f"tile {level}/{n} of the recensement does not hold {width} hashes"
            raise LookupError(msg)
        return data[: width * HASH]


class Counted(msgspec.Struct, frozen=True):
    """A stream's line in the recensement, its index (from 0) and its audit path, in base64."""

    index: int
    line: str
    path: list[str]


class CensusProof(msgspec.Struct, frozen=True):
    """That a subject had these streams, ended there, and no other.

    ``leaf``: the line of the log that commits to the recensement; ``proof``: its inclusion (C2SP tlog-proof).
    ``counted``: the lines of the subject's streams, with the line before and the line after them, where there is one.
    """

    leaf: str
    proof: str
    counted: list[Counted]


@dataclass(frozen=True, slots=True)
class Census:
    """The last recensement, read on one connection."""

    conn: psycopg.Connection[Any]
    origin: str

    def prove(self, subject: bytes) -> CensusProof | None:
        """The proof for a subject; ``None`` before the first recensement, or until its leaf is in a checkpoint."""
        sealed = SealedLog(self.conn)
        said = self.leaf()
        if said is None:
            return None
        position, line = said
        note = sealed.covering(position)
        if note is None:
            return None
        return CensusProof(line, bytes(sealed.prove(position, note)).decode(), self.counted(subject))

    def leaf(self) -> tuple[int, str] | None:
        """The position (from 1) and the line of the leaf that commits to what the tables hold; ``None`` without one."""
        kept = self.conn.execute("SELECT root FROM work.census").fetchone()
        row = self.conn.execute(
            "SELECT l.position, e.line FROM ledger.entry AS e JOIN ledger.leaf AS l USING (notification_id)"
            " WHERE e.originator_id = %b ORDER BY e.originator_version DESC LIMIT 1",
            (Id(own_stream(self.origin, CENSUS)),),
        ).fetchone()
        if kept is None or row is None or msgspec.json.decode(row[1])["root"] != bytes(kept[0]).hex():
            return None
        return int(row[0]), str(row[1])

    def counted(self, subject: bytes) -> list[Counted]:
        """The subject's lines with their neighbours', each with its path."""
        size = _one(self.conn, "SELECT streams FROM work.census")
        row = self.conn.execute(
            "SELECT count(*) FILTER (WHERE subject < %(one)s), count(*) FILTER (WHERE subject = %(one)s)"
            " FROM work.stream_head WHERE subject <= %(one)s",
            {"one": Id(subject)},
        ).fetchone()
        before, own = row or (0, 0)
        first, stop = max(before - 1, 0), min(before + own + 1, size)
        heads = self.conn.execute(
            f"(SELECT {HEAD} FROM work.stream_head WHERE subject < %(one)b ORDER BY subject DESC, stream DESC LIMIT 1)"
            f" UNION ALL (SELECT {HEAD} FROM work.stream_head WHERE subject >= %(one)b ORDER BY subject, stream"
            " LIMIT %(limit)b)",
            {"one": Id(subject), "limit": own + 1},
            binary=True,
        ).fetchall()
        tiles = _CensusTiles(self.conn)
        lines = sorted((head_line(*head) for head in heads), key=_place)
        return [
            Counted(index, line.decode(), [b64encode(each).decode() for each in merkle.inclusion(tiles, index, size)])
            for index, line in zip(range(first, stop), lines, strict=True)
        ]


def _place(line: bytes) -> tuple[str, str]:
    """By what the lines are in order: subject, then stream."""
    said = msgspec.json.decode(line)
    return said["subject"], said["stream"]

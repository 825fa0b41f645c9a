"""What the sealed log shows of some subjects, as the files of ``data/journal/`` (docs/bundle.md).

All is read on one connection, in one snapshot: their lines, the proof that each stands in the log, the recensement that
shows that none is missing, and between which time-stamps each was logged.
"""

from base64 import b64encode
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
from psycopg.pq import TransactionStatus

from ledger.coffre import Id
from ledger.errors import ConstatError
from ledger.seal import merkle
from ledger.seal.census import Census
from ledger.seal.checkpoint import Checkpoint, TlogProof
from ledger.seal.couriers import STAMP
from ledger.seal.log import SealedLog, StoredTiles, own_stream
from ledger.seal.merkle import Tiles
from ledger.seal.note import Note, NoteError
from ledger.seal.policy import NOBODY, Policy

GRANTED: Final = bytes.fromhex("3003020100")
"""PKIStatusInfo: granted (RFC 3161 section 2.4.2)."""
LOOKED_AT: Final = 200
"""How many cosigned checkpoints are tried, the newest first, for one that the policy accepts."""
LINES: Final = """
SELECT l.position, e.line, uuid_send(e.subject), uuid_send(e.event_id), uuid_send(e.originator_id), e.originator_version
FROM ledger.entry AS e LEFT JOIN ledger.leaf AS l USING (notification_id) WHERE e.subject = ANY(%b) ORDER BY l.position
"""
OWN: Final = """
SELECT l.position, e.line, uuid_send(e.originator_id), e.originator_version
FROM ledger.entry AS e JOIN ledger.leaf AS l USING (notification_id) WHERE e.originator_id = %b ORDER BY l.position
"""


class PasScelleError(ConstatError):
    """Des faits de ce dossier ne sont pas encore scellés : lancez « constat seal once », ou attendez une seconde."""


class Ligne(NamedTuple):
    """A line of the log. ``rang``: its index, from 0; ``sujet`` and ``event_id`` are empty of the log's own."""

    rang: int
    texte: str
    sujet: bytes
    event_id: bytes
    flux: bytes
    pos: int


class Point(NamedTuple):
    """A checkpoint as it was frozen. ``jeton``: the RFC 3161 token over these very bytes, empty where there is none."""

    taille: int
    note: bytes
    jeton: bytes


class Bornes(NamedTuple):
    """Which points date a line: it came after the token of one was logged, and before that of the other."""

    apres: int | None
    avant: int | None


@dataclass(frozen=True, slots=True)
class Journal:
    """What the log shows of some subjects under one head. ``jetons``: the size that each leaf ``jeton`` shown is of."""

    origine: str
    lignes: tuple[Ligne, ...]
    chemins: tuple[tuple[bytes, ...], ...]
    points: tuple[Point, ...]
    coherences: tuple[tuple[int, int, tuple[bytes, ...]], ...]
    recensement: tuple[tuple[int, str, tuple[str, ...]], ...]
    jetons: Mapping[int, int] = field(default_factory=dict)

    @property
    def tete(self) -> Point:
        """The largest checkpoint: every line stands in its tree."""
        return self.points[-1]

    @property
    def actes(self) -> tuple[Ligne, ...]:
        """The lines of acts, without the log's own."""
        return tuple(each for each in self.lignes if each.sujet)

    def bornes(self, rang: int) -> Bornes:
        """Between which points' tokens the line ``rang`` was logged."""
        before = [taille for place, taille in self.jetons.items() if place < rang]
        after = (point.taille for point in self.points if point.jeton and point.taille > rang)
        return Bornes(max(before, default=None), next(after, None))

    def fichiers(self) -> dict[str, bytes]:
        """The files, by name in ``data/journal/``; those of the parts that are opened are made elsewhere."""
        proof = TlogProof(self.lignes[-1].rang, self.chemins[-1], Note.parse(self.tete.note))
        files = {
            "feuilles.jsonl": _lines(each.texte for each in self.lignes),
            "inclusions.jsonl": _lines(map(_inclusion, self.lignes, self.chemins)),
            "coherences.jsonl": _lines(
                f'{{"a":{a},"de":{de},"path":{_path(path)}}}' for de, a, path in self.coherences
            ),
            "tete.tlog-proof": bytes(proof),
        }
        if self.recensement:
            files["recensement.jsonl"] = _lines(_counted(*each) for each in self.recensement)
        for point in self.points:
            files[f"points/{point.taille}.note"] = point.note
            if point.jeton:
                files[f"points/{point.taille}.tsr"] = reponse(point.jeton)
        return files


def reponse(jeton: bytes) -> bytes:
    """The TimeStampResp (RFC 3161 section 2.4.2, DER) that granted a token, as ``openssl ts`` reads it."""
    body = GRANTED + jeton
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return b"\x30" + (size if len(body) < 128 else bytes([0x80 | len(size)]) + size) + body  # noqa: PLR2004 - X.690 8.1.3


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _path(path: Iterable[bytes]) -> str:
    return "[" + ",".join(f'"{b64encode(each).decode()}"' for each in path) + "]"


def _inclusion(ligne: Ligne, path: Sequence[bytes]) -> str:
    return f'{{"index":{ligne.rang},"path":{_path(path)},"pos":{ligne.pos},"stream":"{ligne.flux.hex()}"}}'


def _consistency(said: tuple[int, int, Sequence[bytes]]) -> str:
    de, a, path = said
    return f'{{"a":{a},"de":{de},"path":{_path(path)}}}'


def _counted(index: int, line: str, path: Sequence[str]) -> str:
    said = msgspec.json.decode(line)
    steps = "[" + ",".join(f'"{each}"' for each in path) + "]"
    return (
        f'{{"index":{index},"leaf":"{said["leaf"]}","path":{steps},"pos":{said["pos"]},"stream":"{said["stream"]}",'
        f'"subject":"{said["subject"]}"}}'
    )


class _Kept:
    """Tiles, each read once."""

    def __init__(self, tiles: Tiles) -> None:
        self._tiles = tiles
        self._read: dict[tuple[int, int, int], bytes] = {}

    def tile(self, level: int, n: int, width: int) -> bytes:
        """The first ``width`` hashes of a tile."""
        key = level, n, width
        if key not in self._read:
            self._read[key] = self._tiles.tile(level, n, width)
        return self._read[key]


def lire_journal(conn: psycopg.Connection[Any], origine: str, sujets: Sequence[bytes], politique: Policy) -> Journal:
    """What the log shows of ``sujets`` (16 bytes each), under a head that ``politique`` accepts, where there is one.

    ``conn``: in autocommit, or in a transaction that reads at one instant; its rows are tuples.

    :raises PasScelleError: a fact of theirs is in no checkpoint yet.
    """
    if conn.info.transaction_status is not TransactionStatus.IDLE:
        return _read(conn, origine, sujets, politique)
    conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        return _read(conn, origine, sujets, politique)
    finally:
        conn.execute("ROLLBACK")


def _read(conn: psycopg.Connection[Any], origine: str, sujets: Sequence[bytes], politique: Policy) -> Journal:
    rows = conn.execute(LINES.encode(), ([Id(each) for each in sujets],), binary=True).fetchall()
    if not rows or any(row[0] is None for row in rows):
        raise PasScelleError(PasScelleError.__doc__)
    acts = [Ligne(row[0] - 1, row[1], bytes(row[2]), bytes(row[3]), bytes(row[4]), row[5]) for row in rows]
    census, counted = _census(conn, origine, sujets)
    head = _head(SealedLog(conn), max(each.rang + 1 for each in (*acts, *census)), politique)
    stamped = _stamped(conn, head)
    stamps = {each.rang: size for each, size in _stamps(conn, origine, stamped)}
    below, above = _around(acts, stamps, stamped)
    own = [each for each, size in _stamps(conn, origine, stamped) if each.rang in below]
    sizes = sorted({head.taille, *(stamps[index] for index in below), *above})
    points = tuple(_point(conn, size, head) for size in sizes)
    lines = sorted({each.rang: each for each in (*acts, *census, *own)}.values())
    tiles = _Kept(StoredTiles(conn))
    return Journal(
        origine,
        tuple(lines),
        tuple(tuple(merkle.inclusion(tiles, each.rang, head.taille)) for each in lines),
        points,
        tuple((a, b, tuple(merkle.consistency(tiles, a, b))) for a, b in pairwise(sizes)),
        counted,
        {index: stamps[index] for index in below},
    )


def _own_lines(conn: psycopg.Connection[Any], origine: str, kind: str) -> list[Ligne]:
    rows = conn.execute(OWN.encode(), (Id(own_stream(origine, kind)),), binary=True).fetchall()
    return [Ligne(row[0] - 1, row[1], b"", b"", bytes(row[2]), row[3]) for row in rows]


def _census(
    conn: psycopg.Connection[Any], origine: str, sujets: Sequence[bytes]
) -> tuple[list[Ligne], tuple[tuple[int, str, tuple[str, ...]], ...]]:
    """The leaf of the last recensement, and its lines for these subjects; nothing before the first one."""
    census = Census(conn, origine)
    leaf = census.leaf()
    if leaf is None:
        return [], ()
    lines = [each for each in _own_lines(conn, origine, "recensement") if each.rang == leaf[0] - 1]
    counted = {each.index: each for sujet in sujets for each in census.counted(sujet)}
    return lines, tuple((index, each.line, tuple(each.path)) for index, each in sorted(counted.items()))


def _head(sealed: SealedLog, needed: int, politique: Policy) -> Point:
    """The checkpoint under which all is shown: stamped and accepted if one is, else accepted, else the last one."""
    last = None
    for point in _candidates(sealed, needed):
        last = last or point
        if _accepted(politique, point.note):
            return point
    if last is None:
        raise PasScelleError(PasScelleError.__doc__)
    return last


def _candidates(sealed: SealedLog, needed: int) -> Iterator[Point]:
    rows = sealed.conn.execute(
        "SELECT size, frozen, token FROM ledger.token WHERE size >= %s ORDER BY size, received_at LIMIT %s",
        (needed, LOOKED_AT),
    ).fetchall()
    yield from (Point(size, frozen.encode(), bytes(token)) for size, frozen, token in rows)
    rows = sealed.conn.execute(
        "SELECT size, note FROM ledger.checkpoint AS c WHERE size >= %(needed)s"
        " AND (EXISTS (SELECT FROM ledger.cosignature AS s WHERE s.size = c.size)"
        " OR size = (SELECT max(size) FROM ledger.checkpoint)) ORDER BY size DESC LIMIT %(limit)s",
        {"needed": needed, "limit": LOOKED_AT},
    ).fetchall()
    yield from (Point(size, bytes(sealed.cosigned(size, note)), b"") for size, note in rows)


def _accepted(politique: Policy, note: bytes) -> bool:
    try:
        said = politique.judge(Note.parse(note))
    except NoteError:
        return False
    return said.accepted or (politique.quorum == NOBODY and said.quorum)


def _stamped(conn: psycopg.Connection[Any], head: Point) -> dict[int, bytes]:
    """By size, the digest of the first token over a checkpoint up to the head; the head's own as it is in the head."""
    rows = conn.execute(
        "SELECT DISTINCT ON (size) size, sha256 FROM ledger.token WHERE size < %s ORDER BY size, received_at",
        (head.taille,),
    ).fetchall()
    return {size: bytes(digest) for size, digest in rows}


def _stamps(conn: psycopg.Connection[Any], origine: str, stamped: Mapping[int, bytes]) -> list[tuple[Ligne, int]]:
    """The log's own leaves that say of a token that it came, with the size that the token is of."""
    size_of = {digest.hex(): size for size, digest in stamped.items()}
    said = ((each, msgspec.json.decode(each.texte)["sha256"]) for each in _own_lines(conn, origine, STAMP))
    return [(each, size_of[digest]) for each, digest in said if digest in size_of]


def _around(
    acts: Sequence[Ligne], stamps: Mapping[int, int], stamped: Mapping[int, bytes]
) -> tuple[set[int], set[int]]:
    """The leaves ``jeton`` (by index) and the sizes between which the lines were logged."""
    places, sizes = sorted(stamps), sorted(stamped)
    below, above = set(), set()
    for each in acts:
        at = bisect_left(places, each.rang)
        if at:
            below.add(places[at - 1])
        at = bisect_left(sizes, each.rang + 1)
        if at < len(sizes):
            above.add(sizes[at])
    return below, above


def _point(conn: psycopg.Connection[Any], size: int, head: Point) -> Point:
    if size == head.taille:
        return head
    row = conn.execute(
        "SELECT frozen, token FROM ledger.token WHERE size = %s ORDER BY received_at LIMIT 1", (size,)
    ).fetchone()
    assert row is not None  # noqa: S101 - its digest was read in the same snapshot
    return Point(size, row[0].encode(), bytes(row[1]))


def taille(note: bytes) -> int:
    """The size that a checkpoint is of."""
    return Checkpoint.parse(Note.parse(note).text).size

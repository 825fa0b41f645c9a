"""The sealer: gives positions, hashes what is new into the tree, signs a checkpoint of it, all in one transaction.

A signature leaves this process only once its transaction is committed, and one size is never signed with two roots: the
tree that is extended is first redone from its tiles and must have the root of the last checkpoint, and a second sealer
does nothing while a first one is at work. What was published is remembered outside of the database too
(:class:`Memory`): a database that was set back behind it is not sealed again.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg
import structlog

from ledger.coffre import Id
from ledger.database import SEALER, Database
from ledger.days import paris_day
from ledger.errors import ConstatError
from ledger.seal import files, guards
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.log import SealedLog, StoredTiles, own_stream
from ledger.seal.merkle import HASH, Growth, Tile
from ledger.seal.note import Note, NoteError
from ledger.seal.restorations import tell_restorations
from ledger.seal.signing import SigningKeys, known_signers

BATCH: Final = 1 << 16
QUIET: Final = timedelta(hours=1)
"""Without anything new for so long, the log says so itself: a checkpoint is never older."""
LOCK: Final = "SELECT pg_try_advisory_xact_lock(hashtextextended('constat.sealer', 0))"
SILENCE: Final = "veille"
CENSUS: Final = "recensement"
ERASURE: Final = "effacement"

log = structlog.get_logger("constat.sealer")


class SetBackError(ConstatError):
    """Le registre a été ramené avant un point de contrôle déjà publié, ou refait autrement : il n'est plus scellé."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The last checkpoint that was published, in a file of its own, outside of the database that it binds."""

    path: Path

    def last(self) -> Checkpoint | None:
        """What was published last; ``None`` when nothing was.

        :raises SetBackError: the file cannot be read.
        """
        if not self.path.exists():
            return None
        try:
            return Checkpoint.parse(Note.parse(self.path.read_bytes()).text)
        except NoteError as error:
            msg = (
                f"{self.path.name} n'est pas un point de contrôle : restaurez-le, ou retirez-le si vous savez pourquoi"
            )
            raise SetBackError(msg) from error

    def keep(self, note: Note) -> None:
        """Remember ``note``: on disk before this returns."""
        files.replace(self.path, bytes(note))


@dataclass(slots=True)
class Sealer:
    """Seals one log. ``clock`` gives the present instant, with its time zone."""

    database: Database
    keys: SigningKeys
    memory: Memory
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _conn: psycopg.Connection[Any] | None = None
    _growth: Growth | None = None
    _said: datetime | None = None
    _guards: str | None = None

    def close(self) -> None:
        """Give the connection back, and forget what was known of the tree."""
        if self._conn is not None:
            self._conn.close()
        self._conn = self._growth = None

    def seal(self) -> Note | None:
        """Seal all that is committed now; the checkpoint, or ``None`` when there was nothing new.

        :raises SetBackError: the database is behind what was published, or is not what was published.
        :raises psycopg.Error: the database could not be reached; nothing was published.
        """
        try:
            conn = self._connection()
            sealed = self._seal_all(conn)
            if sealed is None and self._quiet(conn):
                self._said = self.clock()
                self.say(SILENCE, {})
                sealed = self._seal_all(conn)
        except BaseException:
            self.close()
            raise
        return sealed

    def _seal_all(self, conn: psycopg.Connection[Any]) -> Note | None:
        conn.execute("SELECT ledger.sequence()")
        sealed = None
        while (note := self._seal_batch(conn)) is not None:
            sealed = note
        return sealed

    def say(self, kind: str, said: dict[str, str | int], conn: psycopg.Connection[Any] | None = None) -> None:
        """Add a leaf of the log's own: text and whole numbers, nothing of a person. ``conn``: another thread's own.

        Whoever says something of the same kind at the same moment and comes second says nothing.
        """
        with suppress(psycopg.errors.UniqueViolation):
            (conn or self._connection()).execute(
                "SELECT ledger.append_own(%s, %s::json)", (kind, msgspec.json.encode(said, order="sorted").decode())
            )

    def latest(self) -> Note | None:
        """The last checkpoint with the cosignatures that came, remembered too; ``None`` before the first one."""
        note = SealedLog(self._connection()).latest()
        if note is not None:
            self.memory.keep(note)
        return note

    def watch_guards(self) -> bool:
        """Say in the log how the database is guarded, when that is not what it said last; whether it had to."""
        now = guards.fingerprint(self._connection())
        if self._guards is None:
            last = self._last_said(guards.KIND)
            self._guards = last[1].get("sha256", "") if last else ""
        if now == self._guards:
            return False
        self.say(guards.KIND, {"sha256": now})
        self._guards = now
        return True

    def tell_erasures(self) -> int:
        """Say in the log that keys were destroyed, each with the digest of its receipt; how many it had to."""
        last = self._last_said(ERASURE)
        told = int(last[1].get("number", 0)) if last else 0
        rows = self._connection().execute(
            "SELECT id, entries, encode(receipt, 'hex') FROM ledger.erasure WHERE id > %s ORDER BY id", (told,)
        )
        erasures = rows.fetchall()
        for number, entries, receipt in erasures:
            self.say(ERASURE, {"number": number, "entries": entries, "sha256": receipt})
        return len(erasures)

    def tell_restorations(self) -> int:
        """Say in the log what a mirror gave back after a restore, where that was cut off before it was said."""
        return tell_restorations(self._connection())

    def last_counted(self) -> date | None:
        """The civil day, in Paris, of the last recensement; ``None`` before the first."""
        last = self._last_said(CENSUS)
        return paris_day(last[0]) if last else None

    def _last_said(self, kind: str) -> tuple[datetime, dict[str, Any]] | None:
        """When the log last said something of a kind about itself, and what.

        :raises SetBackError: that leaf was made unreadable.
        """
        row = (
            self._connection()
            .execute(
                "SELECT recorded_at, line FROM ledger.entry WHERE originator_id = %b"
                " ORDER BY originator_version DESC LIMIT 1",
                (Id(own_stream(self.keys.origin, kind)),),
            )
            .fetchone()
        )
        if row is None:
            return None
        try:
            return row[0], msgspec.json.decode(row[1], type=dict[str, Any])
        except msgspec.DecodeError as error:
            msg = f"la dernière feuille « {kind} » du journal ne se lit plus : rien n'est scellé"
            raise SetBackError(msg) from error

    def _connection(self) -> psycopg.Connection[Any]:
        if self._conn is None or self._conn.closed:
            self._conn = self.database.acting_as(SEALER).connect()
            self._growth = None
            self._check_memory(SealedLog(self._conn))
        return self._conn

    def _check_memory(self, sealed: SealedLog) -> None:
        """Refuse a database that does not hold what was published from it."""
        last = self.memory.last()
        if last is None:
            return
        reached = self._value("SELECT coalesce(max(size), 0) FROM ledger.checkpoint")
        if reached < last.size:
            msg = (
                f"le dernier point de contrôle publié compte {last.size} lignes et ce registre n'en a scellé que"
                f" {reached} : les positions {reached + 1} à {last.size} manquent. Rien n'est scellé ; voyez"
                " docs/operations.md, « Après une restauration »"
            )
            raise SetBackError(msg)
        try:
            same = sealed.root(last.size) == last.root
        except LookupError:
            same = False
        if not same:
            msg = f"l'arbre de {last.size} lignes n'a plus la racine qui a été publiée : rien n'est scellé"
            raise SetBackError(msg)

    def _value(self, query: str) -> int:
        row = self._conn.execute(query.encode()).fetchone() if self._conn is not None else None
        return int(row[0]) if row else 0

    def _quiet(self, conn: psycopg.Connection[Any]) -> bool:
        """Whether an hour has passed without anything sealed, nor said to that effect by this sealer."""
        row = conn.execute("SELECT signed_at FROM ledger.checkpoint ORDER BY size DESC LIMIT 1").fetchone()
        moments = [*(row or ()), *([self._said] if self._said else ())]
        return all(self.clock() - moment >= QUIET for moment in moments)

    def _seal_batch(self, conn: psycopg.Connection[Any]) -> Note | None:
        """Hash and sign the next leaves, ``BATCH`` at most. What this returns is committed, and remembered."""
        with conn.transaction():
            locked = conn.execute(LOCK).fetchone()
            if locked is None or not locked[0]:
                return None
            growth = self._resumed(conn)
            # If this transaction fails, what is known of the tree is not what is in the database.
            self._growth = None
            hashes = _hashes(conn, growth.size, growth.size + BATCH)
            if not hashes:
                self._growth = growth
                return None
            self._keep_tiles(conn, growth.add(hashes))
            checkpoint = Checkpoint(self.keys.origin, growth.size, growth.root())
            note = self.keys.sign(checkpoint.text)
            conn.execute(
                "INSERT INTO ledger.checkpoint (size, root, note) VALUES (%b, %b, %s)",
                (checkpoint.size, checkpoint.root, bytes(note).decode()),
            )
        self.memory.keep(note)
        self._growth = growth
        return note

    @staticmethod
    def _keep_tiles(conn: psycopg.Connection[Any], tiles: list[Tile]) -> None:
        """Add full tiles.

        :raises SetBackError: there is one already where this one goes.
        """
        if not tiles:
            return
        levels, numbers, data, roots = zip(*tiles, strict=True)
        try:
            conn.execute(
                "INSERT INTO ledger.tile (level, n, data, root)"
                " SELECT * FROM unnest(%b::smallint[], %b::bigint[], %b::bytea[], %b::bytea[])",
                (list(levels), list(numbers), list(data), list(roots)),
            )
        except psycopg.errors.UniqueViolation as error:
            msg = "il y a des tuiles au-delà du dernier point de contrôle : rien n'est scellé"
            raise SetBackError(msg) from error

    def _resumed(self, conn: psycopg.Connection[Any]) -> Growth:
        """The tree of the last checkpoint, redone from its tiles unless this process has just made it.

        :raises SetBackError: it has not the root that was signed, or the log's keys did not sign it.
        """
        row = conn.execute("SELECT size, root, note FROM ledger.checkpoint ORDER BY size DESC LIMIT 1").fetchone()
        size, root = (int(row[0]), bytes(row[1])) if row else (0, None)
        if self._growth is not None and self._growth.size == size:
            return self._growth
        try:
            growth = Growth.resume(StoredTiles(conn), size)
        except LookupError as error:
            msg = f"des tuiles manquent sous le point de contrôle de {size} lignes : rien n'est scellé"
            raise SetBackError(msg) from error
        if row is not None and (growth.root() != root or not self._signed(row[2], size, growth.root())):
            msg = f"le point de contrôle de {size} lignes n'est pas celui de son arbre : rien n'est scellé"
            raise SetBackError(msg)
        return growth

    def _signed(self, note: str, size: int, root: bytes) -> bool:
        parsed = Note.parse(note.encode())
        return parsed.text == Checkpoint(self.keys.origin, size, root).text and bool(
            known_signers(parsed, self.keys.verifiers)
        )


def _hashes(conn: psycopg.Connection[Any], after: int, upto: int) -> bytes:
    """The leaf hashes at positions ``after`` + 1 to ``upto``, as far as there are any.

    :raises SetBackError: a position is missing between them.
    """
    row = conn.execute(
        "SELECT string_agg(leaf_hash, ''::bytea ORDER BY position), max(position) FROM ledger.leaf"
        " WHERE position > %b AND position <= %b",
        (after, upto),
        binary=True,
        prepare=True,
    ).fetchone()
    hashes, last = (bytes(row[0] or b""), row[1]) if row else (b"", None)
    if len(hashes) != ((last or after) - after) * HASH:
        msg = f"une position manque entre {after + 1} et {last} : rien n'est scellé"
        raise SetBackError(msg)
    return hashes

"""The writing half of an import: chunks get their places, in the order of the file, and are committed one by one."""

import os
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

import msgspec
import psycopg
import structlog
from psycopg.rows import tuple_row

from commands.import_reading import Chunk, Reject, reject
from ledger.coffre import Id, PersonKey
from ledger.identity import commitments
from ledger.mapper import Sealed
from ledger.recorder import Columns, unpacked
from ledger.store import LOST, PATIENCE_SECONDS, Ledger

SEQUENCE_EVERY: Final = 20
SMALLEST_STEP: Final = 10
SUBJECT: Final = Sealed._fields.index("subject")
EVENT_ID: Final = Sealed._fields.index("event_id")
RACES: Final = (
    psycopg.errors.UniqueViolation,
    psycopg.errors.ForeignKeyViolation,
    psycopg.errors.DeadlockDetected,
)
REUSED: Final = (
    "champ « id » : désigne déjà un autre fait de cette personne ;"
    " attendu : un identifiant neuf, et « corrige » s'il le remplace"
)

log = structlog.get_logger("constat.import")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file has been done. ``offset`` is in bytes; every line before it is recorded, repeated or rejected."""

    offset: int = 0
    lines: int = 0
    recorded: int = 0
    repeated: int = 0
    rejected: int = 0
    rejects_offset: int = 0


class Writer:
    """Places chunks and commits them, in order, on one connection."""

    def __init__(self, ledger: Ledger, digest: bytes, progress: Progress, rejects: Path) -> None:
        self.ledger = ledger
        self.digest = digest
        self.progress = progress
        self.rejects = rejects
        self._conn: psycopg.Connection[Any] | None = None
        self._chunks = 0
        self._landed: set[Id] = set()

    def write(self, chunk: Chunk) -> Progress:
        """Commit ``chunk``; a lost connection is waited out, a lost race is run again.

        Each lost race makes the steps smaller: others who write to the same streams all the time would win for ever
        against a thousand facts at once.
        """
        deadline = monotonic() + PATIENCE_SECONDS
        trust_new = True
        step = chunk.lines
        self._landed = set()
        while True:
            try:
                if self._conn is None or self._conn.closed:
                    self._conn = self.ledger.database.connect()
                    self._conn.row_factory = tuple_row
                    done = read_progress(self._conn, self.digest)
                    if done is not None and done.offset >= chunk.end:
                        self.progress = done
                        return done
                self.progress = self._commit(self._conn, chunk, step, trust_new=trust_new)
            except RACES:
                trust_new = False
                step = max(SMALLEST_STEP, step // 4)
                if monotonic() > deadline:
                    raise
            except LOST as error:
                if monotonic() > deadline:
                    raise
                log.warning("connection_lost", error=type(error).__name__)
                self.close()
                sleep(0.2)
                self.ledger.database.revive()
            else:
                return self.progress

    def close(self) -> None:
        """Give the connection back."""
        if self._conn is not None:
            self._conn.close()
        self._conn = None

    def keys(self, references: set[str]) -> dict[str, PersonKey]:
        """The keys of persons whose facts are about to be written; a lost connection is waited out."""
        deadline = monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with self.ledger.connection() as conn:
                    return self.ledger.coffre.find(conn, references)
            except LOST:
                if monotonic() > deadline:
                    raise
                sleep(0.2)
                self.ledger.database.revive()

    def _commit(self, conn: psycopg.Connection[Any], chunk: Chunk, step: int, *, trust_new: bool) -> Progress:
        fresh, repeated, rejects = self._sort_out(conn, chunk, trust_new=trust_new)
        landed = len(self._landed)
        fresh, added = self._append_most(conn, fresh, step)
        rejects_offset = self._write_rejects(sorted([*chunk.rejects, *rejects], key=lambda each: each.ligne))
        progress = Progress(
            offset=chunk.end,
            lines=self.progress.lines + chunk.lines,
            recorded=self.progress.recorded + added + landed,
            repeated=self.progress.repeated + repeated - landed,
            rejected=self.progress.rejected + len(chunk.rejects) + len(rejects),
            rejects_offset=rejects_offset,
        )
        with conn.transaction():
            if fresh:
                self.ledger.writer.append_silently(fresh, conn)
            write_progress(conn, self.digest, progress)
        self._chunks += 1
        if self._chunks % SEQUENCE_EVERY == 0:
            conn.execute("SELECT ledger.sequence()")
        return progress

    def _append_most(self, conn: psycopg.Connection[Any], fresh: Columns, step: int) -> tuple[Columns, int]:
        """Append all but the last ``step`` facts, step by step; the last ones, and how many facts there were."""
        added = len(fresh[EVENT_ID]) if fresh else 0
        if added <= step:
            return fresh, added
        fresh = unpacked(fresh)
        done = 0
        while added - done > step:
            part = [column[done : done + step] for column in fresh]
            self.ledger.writer.append_silently(part, conn)
            self._landed.update(part[EVENT_ID])
            done += step
        return [column[done:] for column in fresh], added

    def _sort_out(
        self, conn: psycopg.Connection[Any], chunk: Chunk, *, trust_new: bool
    ) -> tuple[Columns, int, list[Reject]]:
        """What of ``chunk`` is new, how much is there already, and which ids name another fact."""
        if not chunk.columns:
            return [], 0, []
        ids: list[Id] = chunk.columns[EVENT_ID]
        maybe = [
            i
            for i, subject in zip(ids, chunk.columns[SUBJECT], strict=True)
            if not (trust_new and subject in chunk.created)
        ]
        known = self._known(conn, maybe) if maybe else {}
        if not known and len(set(ids)) == len(ids):
            return chunk.columns, 0, []
        fresh: list[int] = []
        rejects: list[Reject] = []
        lists = unpacked(chunk.columns)
        for index, event in enumerate(map(Sealed._make, zip(*lists, strict=True))):
            before = known.get(event.event_id)
            if before is None:
                known[event.event_id] = commitments(event)
                fresh.append(index)
            elif before != commitments(event):
                number = chunk.numbers[index]
                rejects.append(reject(number, chunk.raws[number - chunk.first].strip(), [REUSED]))
        repeated = len(ids) - len(fresh) - len(rejects)
        return [[column[index] for index in fresh] for column in lists] if fresh else [], repeated, rejects

    @staticmethod
    def _known(conn: psycopg.Connection[Any], ids: list[Id]) -> dict[Id, dict[str, str]]:
        """The commitments of those of ``ids`` that the ledger holds."""
        rows = conn.execute(
            "SELECT uuid_send(event_id), line FROM ledger.entry WHERE event_id = ANY(%b)",
            (ids,),
            binary=True,
            prepare=True,
        )
        return {Id(event_id): msgspec.json.decode(line)["c"] for event_id, line in rows}

    def _write_rejects(self, rejects: list[Reject]) -> int:
        """Append the rejects at the place the last commit names: a killed run's half-written tail is overwritten."""
        start = self.progress.rejects_offset
        if not rejects:
            return start
        with self.rejects.open("r+b" if self.rejects.exists() else "w+b") as file:
            file.truncate(start)
            file.seek(start)
            for reject in rejects:
                file.write(
                    msgspec.json.encode(
                        {
                            "ligne": reject.ligne,
                            "problemes": reject.problemes,
                            "contenu": reject.contenu,
                        }
                    )
                    + b"\n"
                )
            file.flush()
            os.fsync(file.fileno())
            return file.tell()


def read_progress(conn: psycopg.Connection[Any], digest: bytes) -> Progress | None:
    """How far an interrupted import of the file with this keyed digest had come."""
    row = conn.execute(
        "SELECT byte_offset, line_number, recorded, repeated, rejected, rejects_offset FROM work.import_progress"
        " WHERE file_digest = %s",
        (digest,),
    ).fetchone()
    return Progress(*row) if row else None


def write_progress(conn: psycopg.Connection[Any], digest: bytes, progress: Progress) -> None:
    """Note how far the file has been done, in the transaction that did it."""
    conn.execute(
        "INSERT INTO work.import_progress VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (file_digest) DO UPDATE SET"
        " byte_offset = EXCLUDED.byte_offset, line_number = EXCLUDED.line_number, recorded = EXCLUDED.recorded,"
        " repeated = EXCLUDED.repeated, rejected = EXCLUDED.rejected, rejects_offset = EXCLUDED.rejects_offset,"
        " updated_at = clock_timestamp()",
        (
            digest,
            progress.offset,
            progress.lines,
            progress.recorded,
            progress.repeated,
            progress.rejected,
            progress.rejects_offset,
        ),
    )

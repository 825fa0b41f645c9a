"""Import: a file of facts in its order, streamed; nothing lost, nothing twice, resumable after a kill.

Three stages that never wait for one another: worker processes read lines and seal them; the main process keeps their
order; one thread places each chunk and commits it, together with how far the file has been done. A chunk that was
committed just before a crash is recognised by that mark, a fact that was there before by its id.
"""

import gc
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from hashlib import file_digest
from itertools import islice
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Any, Final

import msgspec
import psycopg
import structlog
from psycopg.rows import tuple_row

from ledger.coffre import Coffre, DeploymentKeys, Id, PersonKey
from ledger.database import Database
from ledger.documents import DocumentStore
from ledger.entry import Fait, Piece
from ledger.errors import UnreadableError
from ledger.interchange import MAX_LINE_BYTES, read_line
from ledger.mapper import EntryMapper, Sealed
from ledger.recorder import Columns, columns
from ledger.store import LOST, PATIENCE_SECONDS, Ledger, commitments, next_places, reference_of

CHUNK_LINES: Final = 1_000
IN_FLIGHT: Final = 6
INLINE_BYTES: Final = 1 << 20
SEQUENCE_EVERY: Final = 20
HEADS_KEPT: Final = 100_000
BOM: Final = b"\xef\xbb\xbf"
STREAM: Final = Sealed._fields.index("stream")
SUBJECT: Final = Sealed._fields.index("subject")
EVENT_ID: Final = Sealed._fields.index("event_id")
REUSED: Final = (
    "champ « id » : désigne déjà un autre fait de cette personne ;"
    " attendu : un identifiant neuf, et « corrige » s'il le remplace"
)

log = structlog.get_logger("constat.import")


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that was not taken: where it is, why, and what it says."""

    ligne: int
    problemes: tuple[str, ...]
    contenu: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file has been done. ``offset`` is in bytes; every line before it is recorded, repeated or rejected."""

    offset: int = 0
    lines: int = 0
    recorded: int = 0
    repeated: int = 0
    rejected: int = 0
    rejects_offset: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did. Counts include what an interrupted run of the same file had done before."""

    progress: Progress
    resumed_at: int
    documents_stored: int
    documents_missing: int
    rejects_file: Path | None
    dry_run: bool


@dataclass(slots=True)
class _Chunk:
    """One run of lines, read and sealed; ``numbers`` are the lines' numbers in the file."""

    first: int
    end: int
    lines: int
    columns: Columns = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    created: set[Id] = field(default_factory=set)
    documents: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    raws: list[bytes] = field(default_factory=list)


class _Reader:
    """Reads and seals chunks; one in each worker process, or one here for a small file."""

    def __init__(self, database: Database, keys: DeploymentKeys, origin: str, *, dry_run: bool) -> None:
        self.database = database
        self.coffre = Coffre(keys)
        self.mapper = EntryMapper(origin)
        self.dry_run = dry_run
        self._conn: psycopg.Connection[Any] | None = None

    def read(self, end: int, first: int, raws: list[bytes]) -> _Chunk:
        """Read the lines of one chunk, the first of which is line ``first`` of the file."""
        chunk = _Chunk(first, end, len(raws))
        faits: list[Fait] = []
        for number, raw in enumerate(raws, start=first):
            text = raw.strip().removeprefix(BOM)
            if not text:
                continue
            try:
                faits.append(read_line(text))
            except UnreadableError as error:
                chunk.rejects.append(_reject(number, text, [str(each) for each in error.problemes]))
            else:
                chunk.numbers.append(number)
        if faits and not self.dry_run:
            self._seal(chunk, faits)
        chunk.documents = [(reference_of(fait), piece.model_dump()) for fait in faits for piece in fait.pieces]
        return chunk

    def _seal(self, chunk: _Chunk, faits: list[Fait]) -> None:
        references = [reference_of(fait) for fait in faits]
        keys, created = self._keys(set(references))
        chunk.created = {keys[reference].subject for reference in created}
        seal, draft = self.mapper.seal, Ledger.draft
        chunk.columns = columns([seal(draft(keys[ref], fait)) for ref, fait in zip(references, faits, strict=True)])

    def _keys(self, references: set[str]) -> tuple[dict[str, PersonKey], set[str]]:
        deadline = monotonic() + PATIENCE_SECONDS
        while True:
            try:
                if self._conn is None or self._conn.closed:
                    self._conn = self.database.connect()
                return self.coffre.ensure(self._conn, references)
            except LOST:
                if monotonic() > deadline:
                    raise
                self._conn = None
                sleep(0.2)


_reader: _Reader | None = None


def _start_worker(database: Database, keys: DeploymentKeys, origin: str, dry_run: bool) -> None:  # noqa: FBT001 - initargs are positional
    global _reader  # noqa: PLW0603 - one reader a worker process, made once
    _reader = _Reader(database, keys, origin, dry_run=dry_run)
    # Chunks hold no cycles: looking for some at every few hundred objects costs a tenth of the time.
    gc.freeze()
    gc.disable()


def _work(end: int, first: int, raws: list[bytes]) -> _Chunk:
    assert _reader is not None  # noqa: S101 - the pool's initializer ran
    return _reader.read(end, first, raws)


def _reject(number: int, text: bytes, problems: Iterable[str]) -> Reject:
    return Reject(number, tuple(problems), text[:4096].decode("utf-8", "replace"))


class _Writer:
    """Places chunks and commits them, in order, on one connection."""

    def __init__(self, ledger: Ledger, digest: bytes, progress: Progress, rejects: Path) -> None:
        self.ledger = ledger
        self.digest = digest
        self.progress = progress
        self.rejects = rejects
        self._heads: dict[Id, int] = {}
        self._conn: psycopg.Connection[Any] | None = None
        self._chunks = 0

    def write(self, chunk: _Chunk) -> Progress:
        """Commit ``chunk``; a lost connection is waited out, a lost race is run again."""
        deadline = monotonic() + PATIENCE_SECONDS
        trust_new = True
        while True:
            try:
                if self._conn is None or self._conn.closed:
                    self._conn = self.ledger.database.connect()
                    self._conn.row_factory = tuple_row
                    done = read_progress(self._conn, self.digest)
                    if done is not None and done.offset >= chunk.end:
                        self.progress = done
                        return done
                self.progress = self._commit(self._conn, chunk, trust_new=trust_new)
            except (psycopg.errors.UniqueViolation, psycopg.errors.ForeignKeyViolation):
                self._heads.clear()
                trust_new = False
                if monotonic() > deadline:
                    raise
            except LOST as error:
                if monotonic() > deadline:
                    raise
                log.warning("connection_lost", error=type(error).__name__)
                self._conn = None
                sleep(0.2)
                self.ledger.database.revive()
            else:
                return self.progress

    def close(self) -> None:
        """Give the connection back and seal what is left."""
        if self._conn is not None:
            self._conn.close()
        self.ledger.sequence()

    def _commit(self, conn: psycopg.Connection[Any], chunk: _Chunk, *, trust_new: bool) -> Progress:
        fresh, repeated, rejects = self._sort_out(conn, chunk, trust_new=trust_new)
        heads = self._find_heads(conn, fresh, chunk.created if trust_new else set())
        recorded = len(fresh[0]) if fresh else 0
        rejects_offset = self._write_rejects([*chunk.rejects, *rejects])
        progress = Progress(
            offset=chunk.end,
            lines=self.progress.lines + chunk.lines,
            recorded=self.progress.recorded + recorded,
            repeated=self.progress.repeated + repeated,
            rejected=self.progress.rejected + len(chunk.rejects) + len(rejects),
            rejects_offset=rejects_offset,
        )
        with conn.transaction():
            if recorded:
                self.ledger.writer.append_silently(fresh, next_places(fresh[STREAM], heads), conn)
            write_progress(conn, self.digest, progress)
        self._heads |= heads
        if len(self._heads) > HEADS_KEPT:
            self._heads = dict(islice(reversed(self._heads.items()), HEADS_KEPT // 2))
        self._chunks += 1
        if self._chunks % SEQUENCE_EVERY == 0:
            conn.execute("SELECT ledger.sequence()")
        return progress

    def _sort_out(
        self, conn: psycopg.Connection[Any], chunk: _Chunk, *, trust_new: bool
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
        for index, event in enumerate(map(Sealed._make, zip(*chunk.columns, strict=True))):
            before = known.get(event.event_id)
            if before is None:
                known[event.event_id] = commitments(event)
                fresh.append(index)
            elif before != commitments(event):
                number = chunk.numbers[index]
                rejects.append(_reject(number, chunk.raws[number - chunk.first].strip(), [REUSED]))
        repeated = len(ids) - len(fresh) - len(rejects)
        return [[column[index] for index in fresh] for column in chunk.columns] if fresh else [], repeated, rejects

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

    def _find_heads(self, conn: psycopg.Connection[Any], fresh: Columns, created: set[Id]) -> dict[Id, int]:
        if not fresh:
            return {}
        streams = dict(zip(fresh[STREAM], fresh[SUBJECT], strict=True))
        heads = {stream: self._heads[stream] for stream in streams if stream in self._heads}
        unknown = [s for s, subject in streams.items() if s not in heads and subject not in created]
        return heads | (self.ledger.heads(conn, unknown) if unknown else {})

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


def import_file(
    ledger: Ledger,
    keys: DeploymentKeys,
    path: Path,
    *,
    documents: tuple[Path, DocumentStore] | None = None,
    dry_run: bool = False,
    workers: int | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Outcome:
    """Import the interchange file ``path``. ``documents``: where to take pieces from, and where to keep them.

    Lines that cannot be read are written to ``<path>.rejets.jsonl`` with their problems; all others are recorded. A dry
    run writes nothing at all.
    """
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").digest()
    rejects = path.with_name(path.name + ".rejets.jsonl")
    start = Progress()
    if not dry_run:
        with ledger.database.connect() as conn:
            start = read_progress(conn, digest) or Progress()
            if start.offset >= path.stat().st_size:
                start = Progress()
                conn.execute("DELETE FROM work.import_progress WHERE file_digest = %s", (digest,))
        if start.rejects_offset == 0:
            rejects.unlink(missing_ok=True)
    writer = _Writer(ledger, digest, start, rejects)
    state = _Run(ledger, writer, documents, dry_run=dry_run, progress=start)
    with path.open("rb") as file:
        file.seek(start.offset)
        chunks = _chunks(file, start)
        small = path.stat().st_size - start.offset <= INLINE_BYTES
        _pump(
            state,
            _results(ledger, keys, chunks, workers=0 if small and workers is None else workers, dry_run=dry_run),
            on_progress,
        )
    if not dry_run:
        writer.close()
    return Outcome(
        state.progress,
        start.lines,
        state.stored,
        state.missing,
        rejects if state.progress.rejected and not dry_run else None,
        dry_run,
    )


@dataclass(slots=True)
class _Run:
    """One import as it goes."""

    ledger: Ledger
    writer: _Writer
    documents: tuple[Path, DocumentStore] | None
    dry_run: bool
    progress: Progress
    stored: int = 0
    missing: int = 0

    def take(self, chunk: _Chunk) -> Progress:
        """Write one chunk, its documents first: a fact never names a document that a crash could have lost."""
        if self.dry_run:
            done = self.progress
            self.progress = replace(
                done,
                offset=chunk.end,
                lines=done.lines + chunk.lines,
                recorded=done.recorded + len(chunk.numbers),
                rejected=done.rejected + len(chunk.rejects),
            )
            return self.progress
        self._keep_documents(chunk)
        self.progress = self.writer.write(chunk)
        return self.progress

    def _keep_documents(self, chunk: _Chunk) -> None:
        if not chunk.documents:
            return
        if self.documents is None:
            self.missing += len(chunk.documents)
            return
        folder, store = self.documents
        with self.ledger.connection() as conn:
            keys = self.ledger.coffre.find(conn, {reference for reference, _ in chunk.documents})
        for reference, piece in chunk.documents:
            if store.take(keys[reference], Piece(**piece), folder):
                self.stored += 1
            else:
                self.missing += 1


def _chunks(file: IO[bytes], start: Progress) -> Iterator[tuple[int, int, list[bytes]]]:
    """Byte offset after each chunk, the number of its first line, its lines. A line is never held beyond the limit."""
    offset, number = start.offset, start.lines + 1
    raws: list[bytes] = []
    size = 0
    first = number
    while raw := file.readline(MAX_LINE_BYTES + 2):
        length = len(raw)
        while not raw.endswith(b"\n") and (more := file.readline(MAX_LINE_BYTES)):
            length += len(more)
            raw = raw if len(raw) > MAX_LINE_BYTES else raw + more
            if more.endswith(b"\n"):
                break
        offset += length
        number += 1
        raws.append(raw)
        size += len(raw)
        if len(raws) >= CHUNK_LINES or size >= MAX_LINE_BYTES:
            yield offset, first, raws
            raws, size, first = [], 0, number
    if raws:
        yield offset, first, raws


def _results(
    ledger: Ledger,
    keys: DeploymentKeys,
    chunks: Iterator[tuple[int, int, list[bytes]]],
    *,
    workers: int | None,
    dry_run: bool,
) -> Iterator[_Chunk]:
    """The chunks, read and sealed, in the order of the file."""
    count = min(2, os.cpu_count() or 1) if workers is None else workers
    plain = replace(ledger.database, revive=_nothing)
    if count == 0:
        reader = _Reader(ledger.database, keys, ledger.origin, dry_run=dry_run)
        for chunk in chunks:
            done = reader.read(*chunk)
            done.raws = chunk[2]
            yield done
        return
    with ProcessPoolExecutor(
        count,
        mp_context=_context(),
        initializer=_start_worker,
        initargs=(plain, keys, ledger.origin, dry_run),
    ) as pool:
        waiting = deque((pool.submit(_work, *chunk), chunk[2]) for chunk in islice(chunks, IN_FLIGHT))
        while waiting:
            future, raws = waiting.popleft()
            done = future.result()
            done.raws = raws  # kept here: sending them there and back would cost as much as reading them
            waiting.extend((pool.submit(_work, *chunk), chunk[2]) for chunk in islice(chunks, 1))
            yield done


def _context() -> BaseContext:
    """Workers forked from a clean process that has read the program once: quick to start, and its memory is shared."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _pump(state: _Run, chunks: Iterator[_Chunk], on_progress: Callable[[Progress], None]) -> None:
    """Write chunks on one thread while the next are being received on this one."""
    with ThreadPoolExecutor(1) as thread:
        writing: deque[Future[Progress]] = deque()
        for chunk in chunks:
            writing.append(thread.submit(state.take, chunk))
            if len(writing) > 1:
                on_progress(writing.popleft().result())
        while writing:
            on_progress(writing.popleft().result())


def _nothing() -> None:
    return None


def read_progress(conn: psycopg.Connection[Any], digest: bytes) -> Progress | None:
    """How far an interrupted import of the file with this SHA-256 had come."""
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

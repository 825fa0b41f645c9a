"""Import: a file of facts in its order, streamed; nothing lost, nothing twice, resumable after a kill.

Three stages that never wait for one another: worker processes read lines and seal them; the main process keeps their
order; one thread places each chunk and commits it, together with how far the file has been done. A small file is read
here, and so is the beginning of a large one, until the workers have started. A chunk that was committed just before a
crash is recognised by that mark, a fact that was there before by its id.
"""

import os
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import IO, Final

from commands.import_reading import Chunk, Reader, start_worker, work
from commands.import_writing import Progress, Writer, read_progress
from ledger.coffre import DeploymentKeys
from ledger.database import Database
from ledger.documents import DocumentStore
from ledger.entry import Piece
from ledger.follower import gc_paused
from ledger.interchange import MAX_LINE_BYTES
from ledger.store import Ledger
from ledger.workers import forkserver

CHUNK_LINES: Final = 1_000
IN_FLIGHT: Final = 6
INLINE_BYTES: Final = 1 << 23
LOOK_SECONDS: Final = 5.0
SWITCH_SECONDS: Final = 0.0005

__all__ = ["CHUNK_LINES", "Outcome", "Progress", "import_file"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did. Counts include what an interrupted run of the same file had done before."""

    progress: Progress
    resumed_at: int
    documents_stored: int
    documents_missing: int
    rejects_file: Path | None
    dry_run: bool


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
        digest = ledger.coffre.blind_index(f"\0import\0{file_digest(file, 'sha256').hexdigest()}")
    rejects = path.with_name(path.name + ".rejets.jsonl")
    start = Progress()
    if not dry_run:
        with ledger.database.connect() as conn:
            start = read_progress(conn, digest) or Progress()
            gone = start.rejects_offset > (rejects.stat().st_size if rejects.exists() else 0)
            if gone or start.offset >= path.stat().st_size:
                start = Progress()
                conn.execute("DELETE FROM work.import_progress WHERE file_digest = %s", (digest,))
        if start.rejects_offset == 0:
            rejects.unlink(missing_ok=True)
    writer = Writer(ledger, digest, start, rejects)
    state = _Run(ledger, writer, documents, dry_run=dry_run, progress=start)
    with path.open("rb") as file, closing(writer), gc_paused(), _prompt_switches():
        file.seek(start.offset)
        chunks = _chunks(file, start)
        small = path.stat().st_size - start.offset <= INLINE_BYTES
        count = 0 if small and workers is None else workers
        with closing(_results(ledger, keys, chunks, workers=count, dry_run=dry_run)) as results:
            _pump(state, results, on_progress)
    if not dry_run:
        ledger.sequence()
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
    writer: Writer
    documents: tuple[Path, DocumentStore] | None
    dry_run: bool
    progress: Progress
    stored: int = 0
    missing: int = 0

    def take(self, chunk: Chunk) -> Progress:
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

    def _keep_documents(self, chunk: Chunk) -> None:
        if not chunk.documents:
            return
        if self.documents is None:
            self.missing += len(chunk.documents)
            return
        folder, store = self.documents
        keys = self.writer.keys({reference for reference, _ in chunk.documents})
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
) -> Generator[Chunk, None, None]:
    """The chunks, read and sealed, in the order of the file."""
    count = min(2, os.cpu_count() or 1) if workers is None else workers
    with closing(Reader(ledger.database, keys, ledger.origin, dry_run=dry_run)) as reader:
        if count == 0:
            yield from (_read_here(reader, chunk) for chunk in chunks)
            return
        plain = replace(ledger.database, revive=_nothing)
        with ProcessPoolExecutor(
            count,
            mp_context=forkserver(__name__),
            initializer=start_worker,
            initargs=(plain, keys, ledger.origin, dry_run),
        ) as pool:
            started = [pool.submit(_nothing) for _ in range(count)]
            while not all(each.done() for each in started) and (chunk := next(chunks, None)) is not None:
                yield _read_here(reader, chunk)
            waiting = deque((pool.submit(work, *chunk), chunk[2]) for chunk in islice(chunks, IN_FLIGHT))
            while waiting:
                future, raws = waiting.popleft()
                done = _await(future, ledger.database)
                done.raws = raws  # kept here: sending them there and back would cost as much as reading them
                waiting.extend((pool.submit(work, *chunk), chunk[2]) for chunk in islice(chunks, 1))
                yield done


def _read_here(reader: Reader, chunk: tuple[int, int, list[bytes]]) -> Chunk:
    done = reader.read(*chunk)
    done.raws = chunk[2]
    return done


def _await(future: Future[Chunk], database: Database) -> Chunk:
    """The chunk that a worker is at. A worker cannot bring a server of ours back, so that is done from here."""
    while True:
        try:
            return future.result(timeout=LOOK_SECONDS)
        except TimeoutError:
            if future.done():
                raise
            database.revive()


def _pump(state: _Run, chunks: Iterator[Chunk], on_progress: Callable[[Progress], None]) -> None:
    """Write chunks on one thread while the next are being received on this one."""
    with ThreadPoolExecutor(1) as thread:
        writing: deque[Future[Progress]] = deque()
        for chunk in chunks:
            writing.append(thread.submit(state.take, chunk))
            if len(writing) > 1:
                on_progress(writing.popleft().result())
        while writing:
            on_progress(writing.popleft().result())


@contextmanager
def _prompt_switches() -> Iterator[None]:
    """The writing thread, which the database has just answered, is let in at once: it only hands over the next chunk.

    Left at its default, Python would let a thread that reads go on for five milliseconds each time, the database idle.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _nothing() -> None:
    return None

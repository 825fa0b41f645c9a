"""The reading half of an import: lines become facts, and facts become sealed columns, in any number of processes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any, Final, TypeVar

import psycopg

from ledger import holds
from ledger.coffre import Coffre, DeploymentKeys, Id
from ledger.database import Database
from ledger.entry import Fait
from ledger.errors import UnreadableError
from ledger.identity import reference_of
from ledger.interchange import MAX_LINE_BYTES, read_line
from ledger.mapper import EntryMapper
from ledger.recorder import Columns, packed
from ledger.store import LOST, PATIENCE_SECONDS, Ledger
from ledger.workers import settle_in

Answer = TypeVar("Answer")

BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that was not taken: where it is, why, and what it says."""

    ligne: int
    problemes: tuple[str, ...]
    contenu: str


@dataclass(slots=True)
class Chunk:
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


class Reader:
    """Reads and seals chunks; one in each worker process, or one here for a small file."""

    def __init__(self, database: Database, keys: DeploymentKeys, origin: str, *, dry_run: bool) -> None:
        self.database = database
        self.coffre = Coffre(keys)
        self.mapper = EntryMapper(origin)
        self.dry_run = dry_run
        self._conn: psycopg.Connection[Any] | None = None

    def read(self, end: int, first: int, raws: list[bytes]) -> Chunk:
        """Read the lines of one chunk, the first of which is line ``first`` of the file."""
        chunk = Chunk(first, end, len(raws))
        faits: list[Fait] = []
        for number, raw in enumerate(raws, start=first):
            # A line that was cut at the limit stays so: without the spaces at its cut it could look whole.
            cut = len(raw) > MAX_LINE_BYTES and not raw.endswith(b"\n")
            text = raw if cut else raw.strip().removeprefix(BOM)
            if not text:
                continue
            try:
                faits.append(read_line(text))
            except UnreadableError as error:
                chunk.rejects.append(reject(number, text, [str(each) for each in error.problemes]))
            else:
                chunk.numbers.append(number)
        if faits and not self.dry_run:
            self._seal(chunk, faits)
        citing = [fait for fait in faits if fait.pieces]
        chunk.documents = [(reference_of(fait), piece.model_dump()) for fait in citing for piece in fait.pieces]
        return chunk

    def close(self) -> None:
        """Give the connection back."""
        if self._conn is not None:
            self._conn.close()
        self._conn = None

    def _seal(self, chunk: Chunk, faits: list[Fait]) -> None:
        references = [reference_of(fait) for fait in faits]
        keys, created = self._patiently(lambda conn: self.coffre.ensure(conn, set(references)))
        drafts = [Ledger.draft(keys[ref], fait) for ref, fait in zip(references, faits, strict=True)]
        if held := holds.among(drafts):
            try:
                self._patiently(lambda conn: holds.place(conn, held, self.coffre))
            except psycopg.errors.ForeignKeyViolation:  # a key was destroyed a moment ago
                self._seal(chunk, faits)
                return
        chunk.created |= {keys[reference].subject for reference in created}
        chunk.columns = packed([self.mapper.seal(draft) for draft in drafts])

    def _patiently(self, act: Callable[[psycopg.Connection[Any]], Answer]) -> Answer:
        """The answer of ``act``, which may be repeated; waits out a lost server."""
        deadline = monotonic() + PATIENCE_SECONDS
        while True:
            try:
                if self._conn is None or self._conn.closed:
                    self._conn = self.database.connect()
                return act(self._conn)
            except LOST:
                if monotonic() > deadline:
                    raise
                self.close()
                sleep(0.2)
                self.database.revive()


_reader: Reader | None = None


def start_worker(database: Database, keys: DeploymentKeys, origin: str, dry_run: bool) -> None:  # noqa: FBT001 - initargs are positional
    """Make the one reader of this worker process."""
    global _reader  # noqa: PLW0603 - one reader a worker process, made once
    _reader = Reader(database, keys, origin, dry_run=dry_run)
    settle_in()


def work(end: int, first: int, raws: list[bytes]) -> Chunk:
    """Read one chunk in a worker process."""
    assert _reader is not None  # noqa: S101 - the pool's initializer ran
    return _reader.read(end, first, raws)


def reject(number: int, text: bytes, problems: Iterable[str]) -> Reject:
    """A line that was not taken, cut to what a person will look at."""
    return Reject(number, tuple(problems), text[:4096].decode("utf-8", "replace"))

"""The ledger: the only door by which facts are written and read.

The library's ``Application`` with our factory, mapper and recorder. Writing is idempotent (the same fact, or the same
command, again gives the same entries) and optimistic: ``append(..., after=history)`` says which history it follows.
"""

import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, Self, TypeVar
from uuid import UUID

import psycopg
import structlog
from eventsourcing.application import Application
from eventsourcing.persistence import BaseInfrastructureFactory, InterfaceError, OperationalError
from eventsourcing.postgres import PostgresFactory
from eventsourcing.utils import Environment

from ledger import holds
from ledger.coffre import Coffre, DeploymentKeys, Id, PersonKey, nobody, uuid_of
from ledger.database import Database
from ledger.entry import Entry, Fait
from ledger.errors import ConflictError, KeyDestroyedError
from ledger.events.types import Flux
from ledger.group_commit import GroupCommit
from ledger.identity import distinct, reference_of, reused, same_fact
from ledger.interchange import in_nfc
from ledger.mapper import ROW_COLUMNS, Draft, EntryMapper, Row
from ledger.reading import Reader
from ledger.recorder import Appended, Columns, Datastore, LedgerRecorder, Places, columns
from ledger.rows import as_tuples, read_entries

LOST: Final = (psycopg.OperationalError, psycopg.InterfaceError, OperationalError, InterfaceError)
PATIENCE_SECONDS: Final = 60.0
MAX_RACES: Final = 50
MOVED_ON: Final = "le dossier a changé pendant que vous agissiez : relisez-le, puis recommencez"

Answer = TypeVar("Answer")

log = structlog.get_logger("constat.ledger")


@dataclass(frozen=True, slots=True)
class History:
    """One stream as it was read. Handing it to ``append`` says: what I write follows this, or not at all."""

    stream: Id
    entries: tuple[Entry, ...]

    @property
    def version(self) -> int:
        """The place of the last entry read; 0 for an empty stream."""
        return self.entries[-1].pos if self.entries else 0


class LedgerFactory(PostgresFactory):
    """The library's factory on our datastore and recorder."""

    def __init__(self, env: Environment, database: Database) -> None:
        BaseInfrastructureFactory.__init__(self, env)
        self.datastore = Datastore(database)

    def application_recorder(self) -> LedgerRecorder:
        """The lock-free recorder on the ledger's tables."""
        return LedgerRecorder(self.datastore)


def stream_of(key: PersonKey, flux: Flux, objet: str | None) -> Id:
    """The stream of a kind of object of a person."""
    return key.stream(flux.value, objet or "")


class Ledger(Application[UUID]):
    """Facts in, entries out."""

    name = "constat"
    patience = PATIENCE_SECONDS
    """Seconds that a lost server is waited for."""

    def __init__(self, database: Database, keys: DeploymentKeys) -> None:
        self.database = database
        self.coffre = Coffre(keys)
        with database.connect() as conn:
            row = conn.execute("SELECT origin FROM ledger.log").fetchone()
            self.coffre.check(conn)
        self.origin = str(row[0]) if row else ""
        self.commits = GroupCommit(self._write)
        self.reader: Reader | None = None
        self.lender: Ledger | None = None
        super().__init__()

    def construct_env(self, name: str, env: Mapping[str, str] | None = None) -> Environment:
        """Nothing from the process environment: the database is an argument."""
        return Environment(name, dict(env or {}))

    def construct_factory(self, env: Environment) -> LedgerFactory:  # type: ignore[override]  # narrower on purpose
        """Our factory."""
        return LedgerFactory(env, self.database)

    def construct_mapper(self) -> EntryMapper:
        """Our mapper, which seals instead of pickling by import path."""
        return EntryMapper(self.origin)

    @property
    def entries(self) -> EntryMapper:
        """The mapper, under its own type."""
        mapper = self.mapper
        assert isinstance(mapper, EntryMapper)  # noqa: S101 - construct_mapper is above
        return mapper

    @property
    def writer(self) -> LedgerRecorder:
        """The recorder, under its own type."""
        recorder = self.recorder
        assert isinstance(recorder, LedgerRecorder)  # noqa: S101 - construct_factory is above
        return recorder

    def read_by(self, reader: Reader, *, patience: float = PATIENCE_SECONDS) -> Self:
        """The same ledger, which reads by ``reader``; it writes as before, and waits ``patience`` seconds at most."""
        other = copy(self)
        other.reader, other.lender, other.patience = reader, self, patience
        return other

    def close(self) -> None:
        """Give the connections back; those of a ledger that another one was made of are that one's to give."""
        if self.lender is None:
            super().close()

    def connection(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        """A pooled connection to read by, rows as tuples: the reader's where there is one, else as :meth:`writing`."""
        return self.writing() if self.reader is None else self.reader.connection()

    @contextmanager
    def writing(self) -> Iterator[psycopg.Connection[Any]]:
        """A pooled connection under the application's role, in autocommit, rows as tuples."""
        datastore = self.writer.datastore
        datastore.pool.open()
        with datastore.pool.connection() as conn, as_tuples(conn):
            yield conn

    # ------------------------------------------------------------------ writing

    def append(
        self, faits: Sequence[Fait], *, command_id: UUID | None = None, after: History | None = None
    ) -> tuple[Entry, ...]:
        """Write ``faits`` in one commit and return their entries, the ones already there included.

        Waits out a lost connection (up to :attr:`patience`): a fact that was committed before the answer was lost
        is recognised, never written twice.

        :raises ConflictError: the stream has moved on since ``after`` was read.
        :raises IdentityReusedError: a fact's id already names another fact of the same person.
        :raises UnreadableError: a fact could not be read back.
        """
        if not faits:
            return ()
        faits = [in_nfc(fait) for fait in faits]
        deadline = time.monotonic() + self.patience
        races = 0
        while races <= MAX_RACES:
            try:
                entries = self._append_or_find(faits, command_id, after)
            except LOST as error:
                if time.monotonic() > deadline:
                    raise
                log.warning("connection_lost", error=type(error).__name__)
                time.sleep(0.2)
                self.database.revive()
            else:
                if entries is not None:
                    return entries
                races += 1
        raise ConflictError(MOVED_ON)

    def _append_or_find(
        self, faits: Sequence[Fait], command_id: UUID | None, after: History | None
    ) -> tuple[Entry, ...] | None:
        """Write ``faits``, or find them when all are there already; ``None`` when that has to be tried again."""
        try:
            return self._try_append(faits, Id(command_id.bytes) if command_id else None, after)
        except (psycopg.errors.UniqueViolation, psycopg.errors.ForeignKeyViolation) as error:
            known = self.already(faits)
            if len(known) == len(faits):
                return tuple(known[index] for index in range(len(faits)))
            rest = distinct([fait for index, fait in enumerate(faits) if index not in known])
            if after is not None and (known or len(rest) == len(faits)):
                raise ConflictError(MOVED_ON) from error
            if len(rest) < len(faits):
                self.append(rest, command_id=command_id, after=after)
            return None

    def _try_append(self, faits: Sequence[Fait], command_id: Id | None, after: History | None) -> tuple[Entry, ...]:
        references = {reference_of(fait) for fait in faits}
        keys = self.coffre.opened(references)
        if len(keys) < len(references):
            with self.writing() as conn:
                keys, _ = self.coffre.ensure(conn, references)
        drafts = [self.draft(keys[reference_of(fait)], fait, command_id) for fait in faits]
        if held := holds.among(drafts):
            with self.writing() as conn:
                holds.place(conn, held, self.coffre)
        places = _places(drafts, after)
        appended = self.commits.append(columns([self.entries.seal(draft) for draft in drafts]), places)
        return tuple(_entry(*each) for each in zip(drafts, appended, strict=True))

    @staticmethod
    def draft(key: PersonKey, fait: Fait, command_id: Id | None = None) -> Draft:
        """A fact with the ids that its person's key gives it."""
        event_id = key.event_id(fait.id)
        return Draft(key, stream_of(key, fait.flux, fait.objet), event_id, command_id or event_id, fait)

    def _write(self, sealed: Columns, places: Places) -> list[Appended]:
        with self.writing() as conn:
            return self.writer.append(sealed, places, conn)

    def already(self, faits: Sequence[Fait]) -> dict[int, Entry]:
        """Which of ``faits``, by index, stand in the ledger already.

        :raises IdentityReusedError: one of them stands there with another content.
        """
        with self.writing() as conn:
            keys = self.coffre.find(conn, {reference_of(fait) for fait in faits})
            by_id: dict[Id, list[int]] = defaultdict(list)
            for index, fait in enumerate(faits):
                if reference_of(fait) in keys:
                    by_id[keys[reference_of(fait)].event_id(fait.id)].append(index)
            rows = conn.execute(
                f"SELECT entry.line, {ROW_COLUMNS} FROM ledger.entry LEFT JOIN ledger.leaf USING (notification_id)"
                " WHERE event_id = ANY(%b)",
                (list(by_id),),
                binary=True,
            ).fetchall()
        found: dict[int, Entry] = {}
        for line, *values in rows:
            row = Row(*values)
            for index in by_id[Id(row.event_id)]:
                key = keys[reference_of(faits[index])]
                if not same_fact(self.entries, key, row, line, faits[index]):
                    raise reused(faits[index])
                found[index] = self.entries.to_entry(row, key)
        return found

    def sequence(self) -> int:
        """Give positions to everything that is committed; returns how many entries were placed by this call."""
        return self._patiently(lambda: self.writer.sequence() or 0)

    def _patiently(self, act: Callable[[], Answer]) -> Answer:
        """The answer of ``act``, which only reads or may be repeated; waits out a lost server."""
        deadline = time.monotonic() + self.patience
        while True:
            try:
                return act()
            except LOST as error:
                if time.monotonic() > deadline:
                    raise
                log.warning("connection_lost", error=type(error).__name__)
                time.sleep(0.05)  # a pool that lost its server gives its dead connections one after the other
                self.database.revive()

    # ------------------------------------------------------------------ reading

    def life(self, personne: str) -> tuple[Entry, ...]:
        """Every entry of a person, in order of arrival, in one indexed read. Empty for an unknown person.

        :raises KeyDestroyedError: the person's key is gone.
        """
        reference = unicodedata.normalize("NFC", personne)  # as facts are stored
        return self._patiently(lambda: self._life(reference))

    def _life(self, personne: str) -> tuple[Entry, ...]:
        with self.connection() as conn:
            key = self.coffre.find(conn, [personne]).get(personne)
            return () if key is None else self.life_in(conn, key)

    def life_in(self, conn: psycopg.Connection[Any], key: PersonKey, *, sauf: Id | None = None) -> tuple[Entry, ...]:
        """Every entry of the person of ``key`` that ``conn`` shows, in order of arrival, but the stream ``sauf``."""
        which = "subject = %b" if sauf is None else "subject = %b AND originator_id <> %b"
        given = [key.subject] if sauf is None else [key.subject, sauf]
        rows = read_entries(conn, f"{which} ORDER BY entry.notification_id", *given)
        return tuple(self.entries.to_entry(row, key) for row in rows)

    def persons(self, after: bytes, limit: int) -> list[bytes]:
        """The next ``limit`` subjects that are persons, in the order of their random ids; ``b""``: from the first."""
        return self._patiently(lambda: self._persons(after, limit))

    def _persons(self, after: bytes, limit: int) -> list[bytes]:
        with self.connection() as conn:
            rows = conn.execute(
                "SELECT uuid_send(subject) FROM ledger.person_key AS k WHERE subject > %b AND NOT EXISTS"
                " (SELECT FROM ledger.shared_subject AS s WHERE s.subject = k.subject) ORDER BY subject LIMIT %b",
                (Id(after or bytes(16)), limit),
                binary=True,
                prepare=True,
            ).fetchall()
        return [bytes(subject) for (subject,) in rows]

    def lives(self, subjects: Sequence[bytes]) -> dict[bytes, list[Entry]]:
        """Every entry of each of ``subjects``, in order of arrival, in one read; one without entries is absent.

        :raises KeyDestroyedError: the key of one of them is gone.
        """
        return self._patiently(lambda: self._lives(subjects))

    def _lives(self, subjects: Sequence[bytes]) -> dict[bytes, list[Entry]]:
        with self.connection() as conn:
            keys = self.coffre.of_subjects(conn, subjects)
            subjects_read = [Id(each) for each in keys]
            rows = read_entries(conn, "subject = ANY(%b) ORDER BY entry.notification_id", subjects_read)
        found: dict[bytes, list[Entry]] = defaultdict(list)
        for row in rows:
            found[row.subject].append(self.entries.to_entry(row, keys[row.subject]))
        return found

    def shared(self, flux: Flux) -> tuple[Entry, ...]:
        """Every entry of the subjects of ``flux`` that are no person, in order of arrival.

        :raises KeyDestroyedError: the key of one of them is gone.
        """
        return self._patiently(lambda: self._shared(flux))

    def _shared(self, flux: Flux) -> tuple[Entry, ...]:
        with self.connection() as conn:
            theirs = "subject IN (SELECT subject FROM ledger.shared_subject WHERE flux = %s)"
            rows = read_entries(conn, f"{theirs} ORDER BY entry.notification_id", flux.value)
        return self.open(rows)

    def history(self, personne: str | None, flux: Flux, objet: str | None = None) -> History:
        """One stream, up to its last entry, sealed or not: a person reads their own write."""
        reference = personne if personne is not None else nobody(flux, objet or "")
        return self._patiently(lambda: self._history(reference, flux, objet))

    def _history(self, reference: str, flux: Flux, objet: str | None) -> History:
        with self.writing() as conn:
            keys, _ = self.coffre.ensure(conn, [reference])
        key = keys[reference]
        stream = stream_of(key, flux, objet)
        with self.connection() as conn:
            rows = read_entries(conn, "originator_id = %b ORDER BY originator_version", stream)
        return History(stream, tuple(self.entries.to_entry(row, key) for row in rows))

    def open(self, rows: Sequence[Row]) -> tuple[Entry, ...]:
        """Open rows of any persons.

        :raises KeyDestroyedError: the key of one of them is gone.
        """
        with self.connection() as conn:
            keys = self.coffre.of_subjects(conn, {row.subject for row in rows})
        opened = []
        for row in rows:
            key = keys.get(row.subject)
            if key is None:
                msg = f"la clé du sujet {row.subject.hex()} a été détruite"
                raise KeyDestroyedError(msg)
            opened.append(self.entries.to_entry(row, key))
        return tuple(opened)


def _places(drafts: Sequence[Draft], after: History | None) -> Places:
    """The place each draft must take if it follows ``after`` in the stream that was read; ``None``: the next one."""
    if after is None:
        return [None] * len(drafts)
    following = count(after.version + 1)
    return [next(following) if draft.stream == after.stream else None for draft in drafts]


def _entry(draft: Draft, said: Appended) -> Entry:
    return Entry(
        position=None,
        stream=uuid_of(draft.stream),
        pos=said.place,
        subject=uuid_of(draft.key.subject),
        event_id=uuid_of(draft.event_id),
        recorded_at=said.recorded_at,
        fait=draft.fait,
    )

"""A follower reads the sealed order in batches and keeps one projection current, each entry exactly once.

The projection's tables and the follower's place live in one PostgreSQL schema and move in one transaction. So a crash
anywhere leaves both as they were, two followers of one projection cannot apply a batch twice, and a rebuilt copy takes
the live one's place by a change of name. A batch is taken in first; what follows from it is settled once the backlog is
read, so that a life scattered over a long backlog is drawn once, not at each of its facts.
"""

import gc
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

import psycopg
import structlog
from eventsourcing.persistence import IntegrityError, Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier, Literal

from ledger.coffre import PersonKey
from ledger.errors import TamperedError
from ledger.mapper import OWN_FORM, EntryMapper, Row, StoredFait
from ledger.reading import show
from ledger.recorder import CHANNEL, Datastore, sequence
from ledger.rows import as_tuples, read_facts
from ledger.store import LOST, Ledger

UPSTREAM: Final = "constat"
BATCH: Final = 5_000
RETRY_SECONDS: Final = 0.2
WAIT_SECONDS: Final = 2.0
"""How long one look for a connection lasts, and so how late a follower of a lost server sees that it is to stop."""

log = structlog.get_logger("constat.follower")


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive entries of the sealed order, with what is needed to open them."""

    rows: Sequence[Row]
    keys: dict[bytes, PersonKey]
    mapper: EntryMapper
    set_aside: list[tuple[int, str]]

    def opened(self) -> "list[tuple[Row, PersonKey, StoredFait]]":
        """The entries that can be read. One that cannot is set aside, named, and never stops the others."""
        result = []
        for row in self.rows:
            if row.topic == OWN_FORM:
                continue
            key = self.keys.get(row.subject)
            if key is None:
                self.set_aside.append((row.position or 0, "clé détruite"))
                continue
            try:
                result.append((row, key, self.mapper.open_fait(row, key)))
            except TamperedError as error:
                log.exception("entry_set_aside", position=row.position)
                self.set_aside.append((row.position or 0, str(error)))
        return result


class Projection(Protocol):
    """What can be seen: tables that can be dropped and filled again from the ledger alone."""

    @property
    def name(self) -> str:
        """A short name: the schema is ``vue_<name>``."""

    @property
    def shape(self) -> str:
        """What the tables are made of, in short: tables of another shape are dropped and filled again."""

    def create(self, conn: psycopg.Connection[Any], schema: str) -> None:
        """Make the empty tables in ``schema``."""

    def apply(self, conn: psycopg.Connection[Any], schema: str, batch: Batch) -> None:
        """Take in ``batch``: all that the tables of ``schema`` need of it, though not yet all that follows from it."""

    def settle(self, conn: psycopg.Connection[Any], schema: str, ledger: Ledger) -> int:
        """Draw some of what follows from the batches taken in; 0 when there is nothing left to draw.

        ``ledger`` gives the keys, without those that were destroyed, and opens what they sealed.
        """


def live_schema(projection: Projection) -> str:
    """The schema that readers use."""
    return f"vue_{projection.name}"


@contextmanager
def gc_paused() -> Iterator[None]:
    """No search for cycles meanwhile: a batch is thousands of small objects and holds none."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Follower:
    """Keeps ``projection`` current in ``schema`` (the live one by default)."""

    def __init__(
        self, ledger: Ledger, projection: Projection, *, schema: str | None = None, batch: int = BATCH
    ) -> None:
        self.ledger = ledger
        self.projection = projection
        self.schema = schema or live_schema(projection)
        self.batch = batch
        self._datastore: Datastore | None = None
        self._tracking: PostgresTrackingRecorder | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._ahead: tuple[int, Future[list[Row]]] | None = None

    def close(self) -> None:
        """Give the connections back."""
        if self._thread is not None:
            # What it reads ahead is not wanted any more, and with the server away it would be waited for.
            self._thread.shutdown(wait=False, cancel_futures=True)
        self._thread = self._ahead = None
        if self._datastore is not None:
            self._datastore.close()
        self._datastore = self._tracking = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def catch_up(self, stop: threading.Event | None = None) -> int:
        """Apply everything that is committed now; returns how many entries were applied.

        Survives lost connections, and waits for a lost server until ``stop`` is set.
        """
        applied = 0
        while True:
            try:
                sequence(self._recorder()[1])  # on our own connections: the ledger waits for a lost server longer
                with gc_paused():
                    while step := self.step():
                        applied += step
                        if step < self.batch:
                            self.settle()
                    self.settle()
            except LOST as error:
                if stop is not None and stop.is_set():
                    return applied
                self._lost(error)
            except IntegrityError:
                log.info("other_follower_was_faster", projection=self.projection.name)
            else:
                return applied

    def run(self, stop: threading.Event) -> None:
        """Follow until ``stop`` is set: wakes on each sealing, and once a second in any case."""
        while not stop.is_set():
            self.catch_up(stop)
            try:
                with self.ledger.database.connect() as conn:
                    conn.execute(SQL("LISTEN {}").format(Identifier(CHANNEL)))
                    while not stop.is_set():
                        self.catch_up(stop)
                        for _ in conn.notifies(timeout=0.5, stop_after=1):
                            pass
            except LOST as error:
                if not stop.is_set():
                    self._lost(error)

    def step(self) -> int:
        """Apply one batch in one transaction; returns its size, 0 when there is nothing new."""
        tracking, datastore = self._recorder()
        with datastore.get_connection() as conn, as_tuples(conn), conn.transaction():
            after = self._place(conn)
            rows = self._read(conn, after)
            if not rows:
                return 0
            self._read_ahead(rows)
            keys = self.ledger.coffre.of_subjects(conn, {row.subject for row in rows})
            batch = Batch(rows, keys, self.ledger.entries, [])
            self.projection.apply(conn, self.schema, batch)
            self._note_set_aside(conn, batch)
            last = rows[-1].position or 0
            with conn.cursor(row_factory=dict_row) as cursor:
                # The library's hook for those who bring their own transaction.
                tracking._insert_tracking(cursor, Tracking(UPSTREAM, last))  # noqa: SLF001
        return len(rows)

    def settle(self) -> None:
        """Have the projection draw all that follows from what it was given, some at a time."""
        _, datastore = self._recorder()
        left = 1
        while left:
            with datastore.get_connection() as conn, as_tuples(conn), conn.transaction():
                self._place(conn)
                left = self.projection.settle(conn, self.schema, self.ledger)

    def position(self) -> int:
        """The last position applied."""
        tracking, _ = self._recorder()
        return tracking.max_tracking_id(UPSTREAM) or 0

    def _place(self, conn: psycopg.Connection[Any]) -> int:
        """The last position applied, locked: a second follower of the same tables waits here."""
        row = conn.execute(
            SQL("SELECT notification_id FROM {}.tracking WHERE application_name = %s FOR UPDATE").format(
                Identifier(self.schema)
            ),
            (UPSTREAM,),
        ).fetchone()
        return int(row[0]) if row else 0

    def _read(self, conn: psycopg.Connection[Any], after: int) -> list[Row]:
        """The next batch: what was read ahead, if it is what follows."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead[0] == after:
            rows = ahead[1].result()[: self.batch]
            if len(rows) == self.batch:
                return rows  # else more may have been sealed since
        return read_facts(conn, after, self.batch)

    def _read_ahead(self, rows: Sequence[Row]) -> None:
        """Have the batch after a full one fetched while this one is applied."""
        last = rows[-1].position
        if len(rows) < self.batch or last is None:
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="read-ahead")
        self._ahead = last, self._thread.submit(self._fetch, last)

    def _fetch(self, after: int) -> list[Row]:
        with self.ledger.connection() as conn:
            return read_facts(conn, after, self.batch)

    def _note_set_aside(self, conn: psycopg.Connection[Any], batch: Batch) -> None:
        if batch.set_aside:
            with conn.cursor() as cursor:
                cursor.executemany(
                    SQL("INSERT INTO {}.set_aside VALUES (%s, %s)").format(Identifier(self.schema)), batch.set_aside
                )

    def _recorder(self) -> tuple[PostgresTrackingRecorder, Datastore]:
        if self._tracking is None or self._datastore is None:
            with self.ledger.database.connect() as conn:
                self._ensure_schema(conn)
            self._datastore = Datastore(
                self.ledger.database, pool_size=1, max_overflow=1, schema=self.schema, timeout=WAIT_SECONDS
            )
            self._tracking = PostgresTrackingRecorder(self._datastore, tracking_table_name="tracking")
        return self._tracking, self._datastore

    def _ensure_schema(self, conn: psycopg.Connection[Any]) -> None:
        with conn.transaction():
            conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", (self.schema,))
            if _shape(conn, self.schema) == self.projection.shape:
                return
            schema = Identifier(self.schema)
            conn.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(schema))
            conn.execute(SQL("CREATE SCHEMA {}").format(schema))
            conn.execute(SQL("COMMENT ON SCHEMA {} IS {}").format(schema, Literal(self.projection.shape)))
            self.projection.create(conn, self.schema)
            conn.execute(SQL("CREATE TABLE {}.set_aside (position bigint, reason text)").format(schema))
            conn.execute(
                SQL("CREATE TABLE {}.tracking (application_name text PRIMARY KEY, notification_id bigint)").format(
                    schema
                )
            )
            conn.execute(SQL("INSERT INTO {}.tracking VALUES (%s, 0)").format(schema), (UPSTREAM,))
            if self.ledger.database.role is not None:
                show(conn, self.schema)

    def _lost(self, error: Exception) -> None:
        log.warning("connection_lost", projection=self.projection.name, error=type(error).__name__)
        self.close()
        time.sleep(RETRY_SECONDS)
        self.ledger.database.revive()


def _shape(conn: psycopg.Connection[Any], schema: str) -> str | None:
    """The shape that the tables of ``schema`` were made in; ``None`` when there are none."""
    row = conn.execute(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s", (schema,)
    ).fetchone()
    return row[0] if row else None


def follow(ledger: Ledger, projections: Sequence[Projection], stop: threading.Event) -> None:
    """Keep ``projections`` current, each on a thread of its own, until ``stop`` is set or the caller is interrupted."""
    followers = [Follower(ledger, projection) for projection in projections]
    threads = [threading.Thread(target=follower.run, args=(stop,), daemon=True) for follower in followers]
    for thread in threads:
        thread.start()
    try:
        while not stop.wait(1):
            pass
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for follower in followers:
            follower.close()

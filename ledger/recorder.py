"""The library's PostgreSQL recorder without its table lock, on the ledger's own tables.

Appends go through ``ledger.append`` (one statement, one commit, no lock). Readers follow the sealed order: what the
library calls a notification id is here a position, which has no gap and never appears late.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from select import POLLIN, poll
from struct import Struct
from time import sleep
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg
from eventsourcing.persistence import InterfaceError, Notification, OperationalError, StoredEvent
from eventsourcing.postgres import ConnectionPool, PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.utils import retry
from psycopg.adapt import Dumper
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Format
from psycopg.rows import dict_row, tuple_row

from ledger.coffre import Id
from ledger.database import Database
from ledger.mapper import Sealed

CHANNEL: Final = "constat_sealed"
BYTEA: Final = psycopg.postgres.types["bytea"].oid
HEADER: Final = Struct(">iiIii")  # of a binary array: dimensions, whether it may hold nulls, type, length, first index
PATIENCE: Final = 300.0
"""How many seconds a pool tries by itself to replace a connection, at longer and longer intervals."""
RETRY_SECONDS: Final = 1.0
"""The same where only living connections are given out; afterwards, whoever asks for one makes it try at once."""
SIZE: Final = Struct(">i")
NULL: Final = SIZE.pack(-1)
ARGUMENTS: Final = (
    "%t::int8[], %b::uuid[], %t::text[], %b::uuid[], %b::uuid[], %b::uuid[],"
    " %b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[]"
)
PACKED: Final = frozenset({"c_fait", "c_acteur", "c_pieces", "state", "acteur", "pieces"})
APPEND: Final = f"SELECT notification_id, originator_version, recorded_at, line FROM ledger.append({ARGUMENTS})"
APPEND_ONE: Final = APPEND.replace("%t::", "ARRAY[%t]::").replace("%b::", "ARRAY[%b]::")
"""The same, of one entry: most writes are of one, and arrays of one take longer to hand over than what they hold."""
APPEND_SILENTLY: Final = f"SELECT count(*) FROM ledger.append({ARGUMENTS})"


class Packed(bytes):
    """A column of byte strings as PostgreSQL takes it: the binary form of ``bytea[]``.

    Between processes, and to the server, it goes as one string that nobody looks into.
    """

    __slots__ = ()

    @classmethod
    def of(cls, values: Sequence[bytes | None]) -> "Packed":
        """The column of ``values``; there must be one."""
        size = SIZE.pack
        return cls(
            HEADER.pack(1, 1, BYTEA, len(values), 1)
            + b"".join([NULL if value is None else size(len(value)) + value for value in values])
        )

    def values(self) -> list[bytes | None]:
        """The byte strings again."""
        found: list[bytes | None] = []
        at = HEADER.size
        while at < len(self):
            (length,) = SIZE.unpack_from(self, at)
            at += SIZE.size
            found.append(None if length < 0 else bytes(self[at : at + length]))
            at += max(length, 0)
        return found


class PackedDumper(Dumper):
    """Hands a :class:`Packed` to PostgreSQL as it is."""

    format = Format.BINARY
    oid = psycopg.postgres.types["bytea"].array_oid

    def dump(self, obj: Packed) -> bytes:
        """The bytes themselves."""
        return obj


psycopg.adapters.register_dumper(Packed, PackedDumper)

Columns = list[Any]
"""A list, or a :class:`Packed`, for each field of :class:`ledger.mapper.Sealed`, all of one length."""


Places = Sequence[int | None]


class Appended(NamedTuple):
    """What the database says of an entry it has just taken."""

    notification_id: int
    place: int
    recorded_at: datetime
    line: str


class Datastore(PostgresDatastore):
    """The library's datastore over any libpq connection string. Who asks for a connection waits ``timeout`` seconds.

    ``alive_only``: for who does not try again, a connection that the server closed meanwhile is not given out.
    """

    def __init__(
        self,
        database: Database,
        *,
        pool_size: int = 2,
        max_overflow: int = 30,
        schema: str = "ledger",
        timeout: float = 30,
        alive_only: bool = False,
    ) -> None:
        given = conninfo_to_dict(database.conninfo)
        super().__init__(
            dbname=str(given.get("dbname", "")),
            host="",
            port="",
            user="",
            password="",
            schema=schema,
        )
        self.pool = ConnectionPool(
            conninfo=database.application_conninfo,
            connection_class=psycopg.Connection,
            kwargs={"row_factory": dict_row, "autocommit": True},
            min_size=pool_size,
            max_size=pool_size + max_overflow,
            open=False,
            timeout=timeout,
            check=entendre if alive_only else None,
            reconnect_timeout=RETRY_SECONDS if alive_only else PATIENCE,
        )


def entendre(conn: psycopg.Connection[Any]) -> None:
    """Find out whether the server closed ``conn`` while nobody used it: it has something to say then, and is asked.

    :raises psycopg.OperationalError: it did; the pool takes another one.
    """
    waiting = poll()
    waiting.register(conn.fileno(), POLLIN)
    if waiting.poll(0):
        ConnectionPool.check_connection(conn)


class LedgerRecorder(PostgresApplicationRecorder):
    """Append-only recorder whose notifications are sealed positions."""

    def __init__(self, datastore: PostgresDatastore, *, events_table_name: str = "entry") -> None:
        super().__init__(datastore, events_table_name=events_table_name)
        self.channel_name = CHANNEL

    def create_table(self) -> None:
        """Nothing: tables come from migrations, run once by the owner."""

    def append(self, columns: Columns, places: Places, conn: psycopg.Connection[Any]) -> list[Appended]:
        """Write the entries of ``columns`` at their ``places`` in one statement, the first write of its transaction.

        A place that is ``None`` is the next one of its stream; the entries of one stream come in their order.

        :raises psycopg.errors.UniqueViolation: a place in a stream, or an event id, is taken (see its ``diag``).
        :raises psycopg.errors.ForeignKeyViolation: a stream would have a gap.
        """
        with conn.cursor(row_factory=tuple_row, binary=True) as cursor:
            given = [list(places), *columns]
            if len(places) == 1 and not any(isinstance(each, Packed) for each in columns):
                cursor.execute(APPEND_ONE, [one for (one,) in given], prepare=True)
            else:
                cursor.execute(APPEND, given, prepare=True)
            return [Appended(*row) for row in cursor]

    def append_silently(self, columns: Columns, conn: psycopg.Connection[Any]) -> None:
        """The same, each entry at the next place of its stream, for a caller that will not look at what was written."""
        conn.execute(APPEND_SILENTLY, [[None] * len(columns[0]), *columns], prepare=True)

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """The library's way in: appends, seals, and returns the positions."""
        if not stored_events:
            return []
        with self.datastore.get_connection() as conn:
            places = [event.originator_version for event in stored_events]
            appended = self.append(columns([_foreign(event) for event in stored_events]), places, conn)
        return self.positions([each.notification_id for each in appended])

    def sequence(self) -> int | None:
        """Place what is committed in the sealed order. ``None`` when another session is doing it."""
        return sequence(self.datastore)

    def positions(self, notification_ids: Sequence[int]) -> list[int]:
        """The positions of rows that are committed; waits while older transactions are still in flight."""
        while True:
            self.sequence()
            with self.datastore.get_connection() as conn, conn.cursor(row_factory=tuple_row) as cursor:
                cursor.execute(
                    "SELECT position FROM ledger.leaf WHERE notification_id = ANY(%s) ORDER BY notification_id",
                    (list(notification_ids),),
                )
                found = [position for (position,) in cursor]
            if len(found) == len(notification_ids):
                return found
            sleep(0.002)

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Entries in the sealed order, ``start`` and ``stop`` being positions."""
        first = 1 if start is None else start if inclusive_of_start else start + 1
        query = (
            "SELECT leaf.position AS id, entry.originator_id, entry.originator_version, entry.topic, entry.state"
            " FROM ledger.leaf JOIN ledger.entry USING (notification_id)"
            " WHERE leaf.position >= %(first)s AND leaf.position <= coalesce(%(stop)s, 9223372036854775807)"
            " AND (%(topics)s::text[] = '{}' OR entry.topic = ANY(%(topics)s)) ORDER BY leaf.position LIMIT %(limit)s"
        )
        with self.datastore.get_connection() as conn, conn.cursor() as cursor:
            cursor.execute(query, {"first": first, "stop": stop, "topics": list(topics), "limit": limit})
            return [Notification(**{**row, "state": bytes(row["state"])}) for row in cursor]

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def max_notification_id(self) -> int | None:
        """The last position of the sealed order."""
        with self.datastore.get_connection() as conn, conn.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute("SELECT max(position) FROM ledger.leaf").fetchone()
            return row[0] if row else None


def sequence(datastore: PostgresDatastore) -> int | None:
    """Place what is committed in the sealed order. ``None`` when another session is doing it."""
    with datastore.get_connection() as conn, conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute("SELECT ledger.sequence()").fetchone()
        return row[0] if row else None


def columns(events: Sequence[Sealed]) -> Columns:
    """The same entries column by column, as the database takes them."""
    return [list(column) for column in zip(*events, strict=True)]


def packed(events: Sequence[Sealed]) -> Columns:
    """The same, what is sealed and what commits to it packed: for entries that another process seals than writes."""
    return [
        Packed.of(column) if name in PACKED else column
        for name, column in zip(Sealed._fields, columns(events), strict=True)
    ]


def unpacked(given: Columns) -> Columns:
    """Every column as a list again."""
    return [column.values() if isinstance(column, Packed) else column for column in given]


def _foreign(event: StoredEvent) -> Sealed:
    """A stored event made by other code than our mapper: it commits to its bytes and is its own subject."""
    stream = Id(UUID(str(event.originator_id)).bytes)
    place = sha256(f"{stream.hex()}/{event.originator_version}".encode()).digest()
    return Sealed(
        stream,
        event.topic,
        stream,
        Id(place[:16]),
        Id(place[16:]),
        sha256(event.topic.encode() + b"\0" + event.state).digest(),
        None,
        None,
        event.state,
        None,
        None,
    )

"""Reading under a role that sees the rows of the persons opened in its transaction, and no others: a second wall.

Who may look is decided elsewhere, which then says whom it opens. The server shows these persons' rows to whatever is
asked in the transaction, and nobody's when nothing is opened. The setting that names them ends with the transaction, so
that nothing of it stays on a pooled connection, and it is signed: a query that somebody slipped into a page may change
it, and opens nobody by that. The role is taken again with each transaction, in the same message.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, Final

import psycopg
from psycopg.sql import SQL, Identifier

from ledger.database import APPLICATION, LISTER, READER, Database
from ledger.recorder import Datastore
from ledger.rows import as_tuples

SETTING: Final = "constat.opened"
CONNECTIONS: Final = 2
"""Connections that a process keeps to read by; more are made when they are asked for."""
PATIENCE: Final = 5.0
"""Seconds that who reads waits for a connection: a server that was lost is told to be away."""

OPENED: Final = "subject = ANY ((SELECT ledger.opened())::uuid[])"
"""Which rows of a projection's tables the reader sees."""
UNLISTED: Final = ("gathered",)
"""Tables of which who lists needs nothing: facts, sealed as they are in the ledger."""

Opened = Callable[[], Iterable[bytes]]
"""Says whose rows may be read now: subjects, 16 bytes each."""


def show(conn: psycopg.Connection[Any], schema: str) -> None:
    """Let the tables of a projection be read: by the reader, of the persons opened; by who lists, across persons."""
    name, reader, lister = Identifier(schema), Identifier(READER), Identifier(LISTER)
    conn.execute(SQL("GRANT USAGE ON SCHEMA {} TO {}, {}").format(name, reader, lister))
    conn.execute(SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(name, lister))
    conn.execute(SQL("GRANT SELECT ON {} TO {}").format(Identifier(schema, "tracking"), reader))
    tables = conn.execute(
        "SELECT relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'subject'"
        " WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind = 'r'",
        (schema,),
    )
    for (table,) in tables.fetchall():
        where = Identifier(schema, table)
        conn.execute(SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(where))
        conn.execute(SQL("CREATE POLICY opened ON {} TO {} USING ({})").format(where, reader, SQL(OPENED)))
        conn.execute(SQL("GRANT SELECT ON {} TO {}").format(where, reader))
        if table in UNLISTED:
            conn.execute(SQL("REVOKE SELECT ON {} FROM {}").format(where, lister))
        else:
            conn.execute(SQL("CREATE POLICY listed ON {} TO {} USING (true)").format(where, lister))


def nobody() -> Iterable[bytes]:
    """Nobody's rows."""
    return ()


class Reader:
    """Connections of ``role``, one of ``READERS``; ``opened`` says whom each of their transactions opens."""

    def __init__(self, database: Database, role: str, opened: Opened = nobody) -> None:
        with database.acting_as(APPLICATION).connect() as conn:
            [(secret,)] = conn.execute("SELECT secret FROM work.reading", binary=True).fetchall()
        acting = database.acting_as(role)
        self._secret, self._role, self._opened = bytes(secret), acting.role, opened
        self._datastore = Datastore(acting, pool_size=CONNECTIONS, alive_only=True, timeout=PATIENCE)

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A pooled connection in a transaction that reads, at one instant, rows as tuples."""
        self._datastore.pool.open()
        with self._datastore.pool.connection() as conn, as_tuples(conn):
            role = f"SET LOCAL ROLE {self._role}; " if self._role else ""
            conn.execute(
                f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {role}{self._opening(self._opened())}".encode(),
                prepare=False,
            )
            yield conn

    def open(self, conn: psycopg.Connection[Any], subjects: Iterable[bytes]) -> None:
        """Have the transaction of ``conn`` show the rows of ``subjects``, and no longer those of the ones before."""
        conn.execute(self._opening(subjects).encode(), prepare=False)

    def close(self) -> None:
        """Give the connections back."""
        self._datastore.close()

    def _opening(self, subjects: Iterable[bytes]) -> str:
        """The statement that opens ``subjects``: their ids in hexadecimal, then the proof that this program says so."""
        named = ",".join(each.hex() for each in subjects)
        proof = sha256(self._secret + sha256(self._secret + named.encode()).digest()).hexdigest()
        return f"SET LOCAL {SETTING} = '{named and f'{named}.{proof}'}'"

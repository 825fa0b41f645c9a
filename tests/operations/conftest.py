"""Servers of their own for what happens between servers: an operator's, a mirror's, a standby's."""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from app import cli
from app.embedded import SETTINGS, EmbeddedServer
from ledger.coffre import DeploymentKeys
from ledger.database import Database, prepare
from ledger.mirror import publication, subscription
from ledger.mirror.tables import MIRRORED
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from tests.conftest import ORIGIN

PROMPT = {**SETTINGS, "wal_retrieve_retry_interval": "100ms"}
"""A mirror that is stopped by what it receives, or finds nobody, tries again at once: not in five seconds."""


def eventually(what: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until ``what`` holds."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def operator_server(workplace: Path) -> Iterator[EmbeddedServer]:
    """The operator's server."""
    server = EmbeddedServer(workplace / "exploitant")
    with server.running():
        yield server


@pytest.fixture(scope="session")
def mirror_server(workplace: Path) -> Iterator[EmbeddedServer]:
    """The server of the Défenseur des droits."""
    server = EmbeddedServer(workplace / "miroir", PROMPT)
    with server.running():
        yield server


@dataclass
class Pair:
    """An operator's ledger with its sealer, and the database that is to be its mirror."""

    ledger: Ledger
    sealer: Sealer
    keys: SigningKeys
    source: str
    mirror: Database
    slot: str

    def set_up(self) -> None:
        """Make the mirror, or repair it, and wait for its first copy."""
        subscription.set_up(self.mirror, self.source, slot=self.slot)
        eventually(lambda: self.state().following)

    def state(self) -> subscription.Here:
        """How the mirror fares."""
        with self.mirror.as_owner() as conn:
            return subscription.here(conn)

    def caught_up(self) -> bool:
        """Whether the mirror has received all that is there."""
        with self.mirror.as_owner() as here, subscription.reading(self.source) as there:
            return subscription.caught_up(here, there, self.slot, subscription.timedelta(seconds=20))

    def rows(self, database: Database, query: str) -> list[tuple[Any, ...]]:
        """What a query gives on one of the two sides."""
        with psycopg.connect(database.conninfo, autocommit=True, row_factory=tuple_row) as conn:
            return conn.execute(query.encode()).fetchall()

    def tamper(self, *statements: str) -> None:
        """What an operator's superuser can do, every guard taken off."""
        tables = [table.name for table in MIRRORED]
        with psycopg.connect(self.ledger.database.conninfo, autocommit=True) as conn:
            for table in tables:
                conn.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER append_only".encode())
            for statement in statements:
                conn.execute(statement.encode())
            for table in tables:
                conn.execute(f"ALTER TABLE ledger.{table} ENABLE ALWAYS TRIGGER append_only".encode())


@pytest.fixture
def pair(operator_server: EmbeddedServer, mirror_server: EmbeddedServer, tmp_path: Path) -> Iterator[Pair]:
    """A ledger that is published, and an empty database for its mirror; both are dropped at the end."""
    name = f"constat_{secrets.token_hex(4)}"
    operator_server.ensure_database(name)
    mirror_server.ensure_database(name)
    database = prepare(Database(operator_server.conninfo(name)), origin=ORIGIN)
    with database.as_owner() as conn:
        publication.publish(conn)
    keys = SigningKeys.generate(ORIGIN)
    ledger = Ledger(database, DeploymentKeys.generate())
    sealer = Sealer(database, keys, Memory(tmp_path / "point"))
    source = make_conninfo(database.conninfo, user=publication.ROLE)
    mirror = Database(mirror_server.conninfo(name))
    try:
        yield Pair(ledger, sealer, keys, source, mirror, name)
    finally:
        sealer.close()
        ledger.close()
        _drop(mirror_server, operator_server, name)


@dataclass
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


Constat = Callable[..., Said]


@pytest.fixture
def constat(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Constat:
    """Runs ``constat`` with these arguments on a database, with a home of its own; in this process, to be quick."""
    for name in [name for name in os.environ if name.startswith(("PG", "CONSTAT"))]:
        monkeypatch.delenv(name)

    def run(database: Database, home: Path, *arguments: str) -> Said:
        monkeypatch.setenv("DATABASE_URL", database.conninfo)
        monkeypatch.setenv("CONSTAT_HOME", str(home))
        monkeypatch.setattr("sys.argv", ["constat", *arguments])
        capsys.readouterr()
        try:
            cli.run()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    return run


def _drop(mirror: EmbeddedServer, operator: EmbeddedServer, name: str) -> None:
    with psycopg.connect(mirror.conninfo(name), autocommit=True) as conn:
        if conn.execute("SELECT 1 FROM pg_subscription WHERE subname = %s", (subscription.SUBSCRIPTION,)).fetchone():
            conn.execute(f"ALTER SUBSCRIPTION {subscription.SUBSCRIPTION} DISABLE".encode())
            conn.execute(f"ALTER SUBSCRIPTION {subscription.SUBSCRIPTION} SET (slot_name = NONE)".encode())
            conn.execute(f"DROP SUBSCRIPTION {subscription.SUBSCRIPTION}".encode())
    for server in (mirror, operator):
        with psycopg.connect(server.conninfo("postgres"), autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                " WHERE database = %s AND active_pid IS NOT NULL",
                (name,),
            )
            for _ in range(50):
                try:
                    conn.execute(
                        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = %s",
                        (name,),
                    )
                    break
                except psycopg.errors.ObjectInUse:
                    time.sleep(0.1)
            conn.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

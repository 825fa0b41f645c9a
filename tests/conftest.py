"""One real PostgreSQL for the whole run, one empty database a test, and the ledger verified when the test is over."""

import gc
import os
import random
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import psycopg
import psycopg_pool.base
import pytest
import structlog
from hypothesis import HealthCheck, settings
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier

from app.embedded import EmbeddedServer
from ledger.coffre import DeploymentKeys
from ledger.database import READERS, ROLES, Database, prepare
from ledger.store import Ledger
from replay.verify import verify

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("thorough", settings.get_profile("ci"), derandomize=False, max_examples=1000)
settings.load_profile("ci")

ORIGIN = "constat.test/essai"

# A pool spreads its reconnections by the shared generator, from a thread of its own, while hypothesis watches over it.
psycopg_pool.base.random = random.Random().random  # noqa: S311 - no secret


WAITING: Final = frozenset({"own_server", "serve", "start"})
"""What gives a test a server or a process of its own beside it."""


def pytest_configure(config: pytest.Config) -> None:
    """Each worker begins to read the whole suite with another folder, and finds compiled what the others have read."""
    worker = getattr(config, "workerinput", None)
    if worker is None or config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    folders = sorted(str(each) for each in Path(__file__).parent.iterdir() if any(each.glob("test_*.py")))
    first = int(worker["workerid"].removeprefix("gw")) * len(folders) // worker["workercount"]
    config.args = folders[first:] + folders[:first]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that wait for servers are spread among those that compute, the longest of these first.

    Three workers take one file after the other: while one waits for a server, two have the two cores.
    """
    waits = dict.fromkeys(sorted({item.path for item in items}, reverse=True), False)
    for item in items:
        waits[item.path] |= not WAITING.isdisjoint(getattr(item, "fixturenames", ()))
    groups = [[path for path in waits if waits[path] is each] for each in (True, False)]
    place = {path: number / len(group) for group in groups for number, path in enumerate(group)}
    items.sort(key=lambda item: (place[item.path], item.path))


def pytest_collection_finish() -> None:
    """What was read and collected stays: no search for garbage walks it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def logs_of_its_own() -> Iterator[None]:
    """What a test configured for its own output, which is closed with it, is nobody else's."""
    yield
    structlog.reset_defaults()


ROOM = 4 << 30
GUARD = """
import shutil, sys
from pathlib import Path
from app.embedded import EmbeddedServer

sys.stdin.read()
for running in Path(sys.argv[1]).rglob("postmaster.pid"):
    EmbeddedServer(running.parents[1]).stop()
shutil.rmtree(sys.argv[1], ignore_errors=True)
"""


def quick_folder() -> Path:
    """Where a run's servers are: in memory, where there is room for them and programs may run, else in ``/tmp``.

    No test cuts the power: what a killed server had flushed is there all the same. The servers flush as they always do;
    that flushing waits for no disk is half of the time of a test that has a database.
    """
    memory = Path("/dev/shm")  # noqa: S108 - the folder in it has a name nobody can guess
    with suppress(OSError):
        here = os.statvfs(memory)
        if here.f_bavail * here.f_frsize >= ROOM and not here.f_flag & (os.ST_NOEXEC | os.ST_RDONLY):
            return memory
    return Path("/tmp")  # noqa: S108 - as above


@pytest.fixture(scope="session")
def workplace() -> Iterator[Path]:
    """A folder that the server's user can pass through. It goes with the run, and so does every server in it.

    A guard sees to that: its input ends when this process does, also when it is killed and finishes nothing itself.
    """
    folder = Path(tempfile.mkdtemp(prefix="constat-", dir=quick_folder()))
    folder.chmod(0o755)
    guard = [sys.executable, "-c", GUARD, str(folder)]
    with subprocess.Popen(guard, cwd=Path(__file__).parents[1], stdin=subprocess.PIPE, start_new_session=True):
        yield folder


@pytest.fixture(scope="session")
def server_conninfo(workplace: Path) -> Iterator[str]:
    """A PostgreSQL server where databases can be created: the configured one, else an embedded one of our own."""
    configured = os.environ.get("DATABASE_URL") or ("" if os.environ.get("PGHOST") else None)
    if configured is not None:
        yield configured
        return
    server = EmbeddedServer(workplace / "pg")
    with server.running():
        with psycopg.connect(server.conninfo("postgres"), autocommit=True) as conn:
            # Its ANALYZE holds a transaction open, which rightly holds the sealed order back for a moment.
            conn.execute("ALTER SYSTEM SET autovacuum = off")
            conn.execute("SELECT pg_reload_conf()")
        yield server.conninfo("postgres")


@pytest.fixture
def own_server(workplace: Path) -> Iterator[EmbeddedServer]:
    """A server of the test's own, which it may stop."""
    server = EmbeddedServer(workplace / secrets.token_hex(4))
    with server.running():
        yield server


def on(conninfo: str, dbname: str) -> str:
    """The same server, another database."""
    return make_conninfo(conninfo, dbname=dbname)


@dataclass(frozen=True)
class Template:
    """A migrated database that tests copy. ``server``: a connection beside it, kept, since each new one takes its time."""

    server: psycopg.Connection[Any]
    database: Database

    @contextmanager
    def copy(self) -> Iterator[Database]:
        """A database with all that is in this one, prepared as it was; dropped at the end."""
        name = f"constat_{secrets.token_hex(6)}"
        makers = [role for role in ROLES if role not in READERS]
        copied, rights = Identifier(name), SQL(", ").join(map(Identifier, makers))
        original = Identifier(conninfo_to_dict(self.database.conninfo)["dbname"])
        # Its files are copied as they are: by way of the log, as is the rule, takes twice the time.
        self.server.execute(SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(copied, original))
        try:
            if self.database.role:  # rights on a database as a whole are the one thing that is not copied
                self.server.execute(SQL("GRANT CREATE, TEMPORARY ON DATABASE {} TO {}").format(copied, rights))
            yield replace(self.database, conninfo=on(self.database.conninfo, name))
        finally:
            self.server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(copied))


@pytest.fixture(scope="session")
def template(server_conninfo: str, workplace: Path) -> Iterator[Template]:
    """A migrated, empty database that each test copies; on a server of our own, its readers log in by themselves."""
    readers = "" if str(workplace) in server_conninfo else None
    name = f"constat_gabarit_{secrets.token_hex(4)}"
    with psycopg.connect(server_conninfo, autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        yield Template(server, prepare(Database(on(server_conninfo, name), readers=readers), origin=ORIGIN))
        server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture
def database(template: Template) -> Iterator[Database]:
    """An empty ledger's database, dropped at the end."""
    with template.copy() as database:
        yield database


@pytest.fixture(scope="session")
def keys() -> DeploymentKeys:
    """The keys of a deployment."""
    return DeploymentKeys.generate()


@pytest.fixture
def unchecked_ledger(database: Database, keys: DeploymentKeys) -> Iterator[Ledger]:
    """A ledger that a test is going to damage: not verified at the end."""
    ledger = Ledger(database, keys)
    try:
        yield ledger
    finally:
        ledger.close()


@pytest.fixture
def ledger(unchecked_ledger: Ledger) -> Iterator[Ledger]:
    """An empty ledger, verified when the test is over."""
    yield unchecked_ledger
    verified(unchecked_ledger)


def verified(ledger: Ledger) -> None:
    """The ledger is walked from end to end: every chain, every commitment, every position."""
    ledger.coffre.forget()
    ledger.sequence()
    report = verify(ledger)
    assert report.intact, report.findings[:5]
    assert report.sealed == report.entries

"""What PostgreSQL itself forbids: changing the past, writing by another door, and a server that could forget."""

import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier

from app.embedded import EmbeddedServer
from ledger.coffre import DeploymentKeys
from ledger.database import APPLICATION, OWNER, READER, READERS, ROLES, SQL_FOLDER, Database, prepare
from ledger.errors import DatabaseUnfitError
from ledger.reading import Reader
from ledger.recorder import columns
from ledger.store import Ledger
from replay.checks.streams import at_text
from replay.verify import verify
from tests.faits import fait, faits

FILLED_BY_THE_APPLICATION = ("person_key", "shared_subject")
CHANGES = {
    "entry": "UPDATE ledger.entry SET line = line",
    "leaf": "UPDATE ledger.leaf SET position = position",
    "sealing": "UPDATE ledger.sealing SET horizon = horizon",
    "log": "UPDATE ledger.log SET origin = origin",
    "person_key": "UPDATE ledger.person_key SET kek_id = kek_id",
    "shared_subject": "UPDATE ledger.shared_subject SET flux = flux",
    "tile": "UPDATE ledger.tile SET root = root",
    "checkpoint": "UPDATE ledger.checkpoint SET note = note",
    "cosignature": "UPDATE ledger.cosignature SET line = line",
    "token": "UPDATE ledger.token SET frozen = frozen",
    "hold": "UPDATE ledger.hold SET until = until",
    "erasure": "UPDATE ledger.erasure SET entries = entries",
    "rewrapping": "UPDATE ledger.rewrapping SET keys = keys",
    "kek_end": "UPDATE ledger.kek_end SET at = at",
    "receipt": "UPDATE ledger.receipt SET text = text",
    "claimed_attempt": "UPDATE ledger.claimed_attempt SET claim = claim",
}
TABLES = tuple(CHANGES)
PROJECT = SQL_FOLDER.parent.parent


@pytest.fixture
def written(ledger: Ledger) -> Ledger:
    """A ledger that holds a few sealed facts."""
    ledger.append(list(faits(4)))
    ledger.sequence()
    return ledger


@contextmanager
def session(ledger: Ledger, role: str | None, *statements: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the configured user, a superuser here, that has taken ``role``."""
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        for statement in statements:
            conn.execute(statement.encode())
        if role is not None:
            conn.execute(SQL("SET ROLE {}").format(Identifier(role)))
        yield conn


def refused(conn: psycopg.Connection[Any], statement: str, reason: str | None = None) -> None:
    """The statement is refused for want of a right."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=reason):
        conn.execute(statement.encode())


# ---------------------------------------------------------------------- the past


@pytest.mark.parametrize("table", TABLES)
def test_the_application_may_not_touch_the_past(written: Ledger, table: str) -> None:
    """The application's role can neither change, delete, empty nor directly fill a table of the ledger."""
    with session(written, APPLICATION) as conn:
        for statement in (
            CHANGES[table], f"DELETE FROM ledger.{table}", f"TRUNCATE ledger.{table} CASCADE", f"ALTER TABLE ledger.{table} ADD x int",
            f"ALTER TABLE ledger.{table} DISABLE TRIGGER append_only", f"DROP TRIGGER append_only ON ledger.{table}",
            f"DROP TABLE ledger.{table}", f"ALTER TABLE ledger.{table} OWNER TO {APPLICATION}", f"CREATE INDEX ON ledger.{table} ((1))",
        ):  # fmt: skip
            refused(conn, statement)
        if table not in FILLED_BY_THE_APPLICATION:
            refused(conn, f"INSERT INTO ledger.{table} OVERRIDING SYSTEM VALUE SELECT * FROM ledger.{table}")
            refused(conn, f"COPY ledger.{table} FROM STDIN")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", [OWNER, None])
def test_nobody_changes_the_past_without_breaking_a_guard(written: Ledger, role: str | None, table: str) -> None:
    """The owner, and a superuser who switches ordinary triggers off, are refused every change of the past."""
    replica = ("SET session_replication_role = replica",) if role is None else ()
    with session(written, role, *replica) as conn:
        refused(conn, CHANGES[table], "append-only: UPDATE")
        refused(conn, CHANGES[table] + " WHERE false", "append-only")
        refused(conn, f"TRUNCATE ledger.{table} CASCADE", "append-only: TRUNCATE")
        if table != "person_key":  # keys may be destroyed: that is what erasure is
            refused(conn, f"DELETE FROM ledger.{table}", "append-only: DELETE")
            refused(conn, f"DELETE FROM ledger.{table} WHERE false", "append-only")
    assert len(written.life("P-1")) == 1


def test_merge_and_conflict_clauses_are_no_way_around(written: Ledger) -> None:
    """Statements that change rows under another name are refused as well."""
    with session(written, OWNER) as conn:
        refused(
            conn,
            "MERGE INTO ledger.leaf AS t USING ledger.leaf AS s ON t.position = s.position"
            " WHEN MATCHED THEN UPDATE SET leaf_hash = ''",
        )
        refused(
            conn,
            "INSERT INTO ledger.leaf SELECT * FROM ledger.leaf ON CONFLICT (position) DO UPDATE SET leaf_hash = ''",
        )
        refused(conn, "WITH gone AS (DELETE FROM ledger.entry RETURNING 1) SELECT count(*) FROM gone")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE FUNCTION ledger.evil() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE ledger.evil (x int)",
        "CREATE VIEW ledger.evil AS SELECT 1",
        "CREATE OPERATOR ledger.=== (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int)",
        "CREATE OR REPLACE FUNCTION ledger.leaf_hash(line text) RETURNS bytea LANGUAGE sql AS 'SELECT ''x''::bytea'",
        "ALTER FUNCTION ledger.sequence RESET search_path",
        "DROP FUNCTION ledger.refuse_change CASCADE",
        "DROP SCHEMA ledger CASCADE",
        "ALTER SCHEMA ledger RENAME TO evil",
        "SET session_replication_role = replica",
        "INSERT INTO migration.applied VALUES ('x', 'y')",
        "SELECT nextval('ledger.entry_notification_id_seq')",
        "SELECT setval('ledger.entry_notification_id_seq', 1)",
        "SELECT ledger.refuse_change()",
    ],
    ids=lambda statement: " ".join(statement.split()[:4]),
)
def test_the_application_may_not_change_the_rules(written: Ledger, statement: str) -> None:
    """The application's role can add nothing to the ledger's schema and replace, drop or bypass nothing in it."""
    with session(written, APPLICATION) as conn:
        refused(conn, statement)


def test_what_the_application_makes_is_not_taken_for_the_ledger(written: Ledger) -> None:
    """Tables and functions that the application's role makes elsewhere never stand in for those of the ledger."""
    with written.connection() as conn:
        conn.execute("CREATE TEMP TABLE log (origin text)")
        conn.execute("INSERT INTO log VALUES ('evil')")
        conn.execute("CREATE TEMP TABLE entry (LIKE ledger.entry)")
        conn.execute("CREATE SCHEMA evil")
        conn.execute(
            "CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT now() - interval ''9 years'''"
        )
        conn.execute("CREATE FUNCTION evil.leaf_hash(text) RETURNS bytea LANGUAGE sql AS 'SELECT ''x''::bytea'")
        conn.execute("SET search_path = evil, pg_temp, pg_catalog, ledger")
        key = written.coffre.find(conn, ["P-1"])["P-1"]
        draft = written.draft(key, fait(id="X-1", objet="D-9"))
        [said] = written.writer.append(columns([written.entries.seal(draft)]), [1], conn)
        conn.execute("SELECT ledger.sequence()")
        conn.execute("RESET search_path")
        conn.execute("DROP SCHEMA evil CASCADE")
        conn.execute("DROP TABLE pg_temp.log, pg_temp.entry")
    assert f'"log":"{written.origin}"' in said.line
    assert written.history("P-1", draft.fait.flux, "D-9").entries[0].recorded_at == said.recorded_at


def test_time_is_the_database_s_clock(ledger: Ledger) -> None:
    """The time of an entry is the server's, in the row as in its line, whatever the client's settings pretend."""
    with ledger.connection() as conn:
        key = ledger.coffre.ensure(conn, ["P-1"])[0]["P-1"]
        for place, (zone, style) in enumerate(
            (("UTC", "ISO"), ("Asia/Tokyo", "German"), ("America/New_York", "SQL, DMY")), 1
        ):
            conn.execute("SELECT set_config('timezone', %s, false), set_config('datestyle', %s, false)", (zone, style))
            [(before,)] = conn.execute("SELECT clock_timestamp()", binary=True).fetchall()
            with conn.transaction():
                conn.execute("SELECT pg_sleep(0.02)")
                sealed = ledger.entries.seal(ledger.draft(key, fait(id=f"F-{place}", survenu="1999-01-01")))
                [said] = ledger.writer.append(columns([sealed]), [place], conn)
            [(after,)] = conn.execute("SELECT clock_timestamp()", binary=True).fetchall()
            assert before + timedelta(milliseconds=20) <= said.recorded_at <= after
            assert said.line.startswith(f'{{"at":"{at_text(said.recorded_at.astimezone(UTC))}"')
        conn.execute("RESET timezone")
        conn.execute("RESET datestyle")


# ---------------------------------------------------------------------- no lock


def append_within(ledger: Ledger, seconds: float, *given: Any) -> None:
    """Facts are appended, and committed, within ``seconds``."""
    done = threading.Thread(target=ledger.append, args=(list(given),), daemon=True)
    done.start()
    done.join(seconds)
    assert not done.is_alive(), "the append waits for a lock"


def test_appends_do_not_wait_for_one_another(written: Ledger) -> None:
    """An append is committed while another transaction holds an append open, even for the same person."""
    with written.connection() as conn:
        key = written.coffre.find(conn, ["P-1"])["P-1"]
        sealed = columns([written.entries.seal(written.draft(key, fait(id="X-1", objet="D-9")))])
        with conn.transaction():
            written.writer.append(sealed, [1], conn)
            append_within(
                written, 5, fait(id="X-2", objet="D-8"), fait(id="X-3", personne="P-2"), fait(personne="P-neuve")
            )
    assert len(written.history("P-1", fait().flux, "D-9").entries) == 1


def test_appends_do_not_wait_for_maintenance(written: Ledger) -> None:
    """Appends are committed while a VACUUM is at work on the table and while an index is being built beside them."""
    with written.connection() as conn, session(written, None) as watch, session(written, None) as worker:
        worker.execute("SET vacuum_cost_delay = 100")
        worker.execute("SET vacuum_cost_limit = 1")
        vacuum = threading.Thread(target=worker.execute, args=("VACUUM (FREEZE, DISABLE_PAGE_SKIPPING) ledger.entry",))
        vacuum.start()
        _wait_for(watch, "SELECT 1 FROM pg_stat_progress_vacuum")
        append_within(written, 5, fait(id="X-2"))
        assert watch.execute("SELECT 1 FROM pg_stat_progress_vacuum").fetchone(), (
            "the vacuum was over too soon to prove it"
        )
        vacuum.join()

        key = written.coffre.find(conn, ["P-1"])["P-1"]
        sealed = columns([written.entries.seal(written.draft(key, fait(id="X-3", objet="D-9")))])
        index = threading.Thread(
            target=worker.execute, args=("CREATE INDEX CONCURRENTLY trial ON ledger.entry (topic)",)
        )
        with conn.transaction():
            written.writer.append(sealed, [1], conn)
            index.start()
            _wait_for(watch, "SELECT 1 FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'")
            append_within(written, 5, fait(id="X-4"))
            assert index.is_alive()
        index.join()
        watch.execute("DROP INDEX ledger.trial")


def _wait_for(conn: psycopg.Connection[Any], query: str) -> None:
    deadline = time.monotonic() + 10
    while not conn.execute(query.encode()).fetchone():
        assert time.monotonic() < deadline, query
        time.sleep(0.005)


# ---------------------------------------------------------------------- migrations


@contextmanager
def new_database(server_conninfo: str) -> Iterator[Database]:
    """A database in which nothing has been made yet."""
    name = f"constat_nu_{secrets.token_hex(6)}"
    with psycopg.connect(server_conninfo, autocommit=True) as conn:
        conn.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        yield Database(make_conninfo(**{**conninfo_to_dict(server_conninfo), "dbname": name}))
        conn.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture
def bare(server_conninfo: str) -> Iterator[Database]:
    """A database in which nothing has been made yet."""
    with new_database(server_conninfo) as database:
        yield database


def applied(database: Database) -> list[tuple[Any, ...]]:
    """What has been applied, and when."""
    with database.as_owner() as conn:
        return conn.execute("SELECT * FROM migration.applied ORDER BY name").fetchall()


def test_migrations_run_once(bare: Database) -> None:
    """A second preparation changes nothing, not even the origin that was given first."""
    first = prepare(bare, origin="essai.test/un")
    before = applied(bare)
    assert [name for name, _, _ in before] == sorted(path.name for path in SQL_FOLDER.glob("*.sql"))
    assert prepare(bare, origin="essai.test/deux") == first
    assert applied(bare) == before
    with first.connect() as conn:
        assert conn.execute("SELECT origin FROM ledger.log").fetchall() == [("essai.test/un",)]
        assert conn.execute("SELECT current_user").fetchone() == (APPLICATION,)


def test_a_ledger_made_before_is_read_behind_the_same_wall(
    bare: Database, keys: DeploymentKeys, tmp_path: Path
) -> None:
    """Written by a program that knew no reader, it has the policies at the next start, and verifies."""
    for path in SQL_FOLDER.glob("*.sql"):
        if path.name < "012":
            shutil.copy(path, tmp_path)
    with Ledger(prepare(bare, origin="essai.test/un", folder=tmp_path), keys) as ledger:
        ledger.append(list(faits(4, personnes=2)))
    with Ledger(prepare(bare, origin="essai.test/un"), keys) as ledger:
        with ledger.connection() as conn:
            hers = bytes(ledger.coffre.find(conn, ["P-1"])["P-1"].subject)
        reader = Reader(ledger.database, READER, lambda: [hers])
        with reader.connection() as conn:
            assert [each.bytes for (each,) in conn.execute("SELECT DISTINCT subject FROM ledger.entry")] == [hers]
        reader.close()
        ledger.sequence()
        assert verify(ledger).intact


def test_migrations_by_several_processes_at_once(bare: Database) -> None:
    """Processes that prepare the same new database at the same time all succeed, and it is prepared once."""
    code = "import sys; from ledger.database import Database, prepare; prepare(Database(sys.argv[1]), origin='essai.test/un')"
    running = [
        subprocess.Popen([sys.executable, "-c", code, bare.conninfo], cwd=PROJECT, stderr=subprocess.PIPE, text=True)
        for _ in range(5)
    ]
    errors = [process.communicate(timeout=60)[1] for process in running]
    assert [process.returncode for process in running] == [0] * 5, errors
    assert len(applied(bare)) == len(list(SQL_FOLDER.glob("*.sql")))


def test_preparations_of_several_databases_at_once(server_conninfo: str, bare: Database) -> None:
    """Databases of one server that are prepared at the same time do not disturb one another over the roles they share."""
    with new_database(server_conninfo) as other, ThreadPoolExecutor(4) as pool:
        prepared = list(pool.map(lambda n: prepare((bare, other)[n % 2], origin="essai.test/un"), range(40)))
    assert {each.role for each in prepared} == {APPLICATION}


def test_a_changed_migration_is_refused(bare: Database) -> None:
    """A migration file that is no longer the one that was applied is refused by its name."""
    prepare(bare, origin="essai.test/un")
    with bare.as_owner() as conn:
        conn.execute("UPDATE migration.applied SET digest = repeat('0', 64) WHERE name = '001_ledger.sql'")
    with pytest.raises(DatabaseUnfitError, match=r"001_ledger\.sql a été modifiée après avoir été appliquée"):
        prepare(bare, origin="essai.test/un")


def test_a_newer_schema_is_refused(bare: Database) -> None:
    """A database prepared by a newer program is refused, and the migrations that are not known are named."""
    prepare(bare, origin="essai.test/un")
    with bare.as_owner() as conn:
        conn.execute("INSERT INTO migration.applied VALUES ('999_avenir.sql', '')")
    with pytest.raises(DatabaseUnfitError, match=r"plus récent que ce programme.*999_avenir\.sql"):
        prepare(bare, origin="essai.test/un")


def test_a_failed_migration_leaves_nothing(bare: Database) -> None:
    """A preparation that fails half-way leaves nothing behind, and the next one starts afresh."""
    with pytest.raises(psycopg.errors.CheckViolation):
        prepare(bare, origin="Pas une origine")
    with bare.as_owner() as conn:
        assert conn.execute("SELECT to_regclass('migration.applied'), to_regnamespace('ledger')").fetchone() == (
            None,
            None,
        )
    prepare(bare, origin="essai.test/un")


# ---------------------------------------------------------------------- a server that could forget


def test_commits_that_may_be_lost_are_refused(bare: Database) -> None:
    """A database whose commits are answered before they are durable is refused, and the setting is named."""
    with bare.as_owner() as conn:
        conn.execute(SQL("ALTER DATABASE {} SET synchronous_commit = off").format(Identifier(conn.info.dbname)))
    with pytest.raises(DatabaseUnfitError, match=r"synchronous_commit = off.*remettez-le à on"):
        prepare(bare, origin="essai.test/un")


@pytest.fixture(scope="module")
def own_server(workplace: Path) -> Iterator[EmbeddedServer]:
    """A server of this module's own, whose settings and roles can be changed."""
    server = EmbeddedServer(workplace / "gardes")
    with server.running():
        yield server


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_may_forget_is_refused(own_server: EmbeddedServer, setting: str) -> None:
    """A server that would lose pages or commits in a crash is refused, and accepted when it no longer does."""
    own_server.ensure_database("refus")
    database = Database(own_server.conninfo("refus"))
    with database.as_owner() as conn:
        conn.execute(f"ALTER SYSTEM SET {setting} = off".encode())
        conn.execute("SELECT pg_reload_conf()")
        _wait_for(conn, f"SELECT 1 WHERE current_setting('{setting}') = 'off'")
        try:
            with pytest.raises(DatabaseUnfitError, match=f"{setting} = off"):
                prepare(database, origin="essai.test/un")
        finally:
            conn.execute(f"ALTER SYSTEM RESET {setting}".encode())
            conn.execute("SELECT pg_reload_conf()")
            _wait_for(conn, f"SELECT 1 WHERE current_setting('{setting}') = 'on'")


def test_a_server_that_gives_one_role_only(own_server: EmbeddedServer, keys: DeploymentKeys) -> None:
    """Where no role can be made, the ledger works under the only one there is, and triggers still hold the past."""
    with psycopg.connect(own_server.conninfo("postgres"), autocommit=True) as conn:
        conn.execute("CREATE ROLE simple LOGIN")
        conn.execute("CREATE DATABASE simple OWNER simple")
    database = prepare(Database(make_conninfo(own_server.conninfo("simple"), user="simple")), origin="essai.test/un")
    assert database.role is None
    assert prepare(Database(database.conninfo), origin="essai.test/un") == database
    with Ledger(database, keys) as ledger:
        ledger.append([fait()])
        assert ledger.sequence() == 1
        assert [entry.fait for entry in ledger.life("P-1")] == [fait()]
        with ledger.connection() as conn:
            for table in ("entry", "leaf", "sealing", "log"):
                refused(conn, CHANGES[table], "append-only")
                refused(conn, f"DELETE FROM ledger.{table}", "append-only")
                refused(conn, f"TRUNCATE ledger.{table}", "append-only")
        reader = Reader(database, READER)
        with reader.connection() as conn:
            assert conn.execute("SELECT count(*) FROM ledger.entry").fetchone() == (1,)  # nothing is hidden here
        reader.close()
        assert verify(ledger).intact


def test_a_server_that_has_some_of_the_roles(own_server: EmbeddedServer) -> None:
    """Where none can be made and one is missing, the start says which and how to make it: rights are never dropped in silence."""
    with psycopg.connect(own_server.conninfo("postgres"), autocommit=True) as conn:
        conn.execute("CREATE ROLE modeste LOGIN")
        conn.execute("CREATE DATABASE modeste OWNER modeste")
        for name in set(ROLES) - {READER}:
            conn.execute(SQL("CREATE ROLE {} NOLOGIN").format(Identifier(name)))
    database = Database(make_conninfo(own_server.conninfo("modeste"), user="modeste"))
    with pytest.raises(DatabaseUnfitError, match=f"CREATE ROLE {READER} NOLOGIN; GRANT {READER} TO modeste"):
        prepare(database, origin="essai.test/un")


def test_readers_log_in_by_a_password_that_the_server_is_told_a_digest_of(own_server: EmbeddedServer) -> None:
    """Where roles can be made they are given it; where they cannot, the start says what is to be done, and by whom."""
    own_server.ensure_database("lus")
    password = "un mot de passe assez long"  # noqa: S105 - of this test's server
    database = prepare(Database(own_server.conninfo("lus"), readers=password), origin="essai.test/un")
    assert password not in repr(database)
    with psycopg.connect(own_server.conninfo("lus"), autocommit=True) as conn:
        held = conn.execute("SELECT rolcanlogin, rolpassword FROM pg_authid WHERE rolname = ANY(%s)", (list(READERS),))
        assert [(can, told.split("$")[0]) for can, told in held] == [(True, "SCRAM-SHA-256")] * 2
        for name in READERS:
            with database.acting_as(name).connect() as reading:
                assert reading.execute("SELECT session_user").fetchone() == (name,)
            conn.execute(SQL("ALTER ROLE {} NOLOGIN").format(Identifier(name)))
        conn.execute("CREATE ROLE discret LOGIN")
        for name in ROLES:
            conn.execute(SQL("GRANT {} TO discret").format(Identifier(name)))
    modest = Database(make_conninfo(own_server.conninfo("lus"), user="discret"), readers=password)
    with pytest.raises(DatabaseUnfitError, match=f"ALTER ROLE {READER} LOGIN PASSWORD"):
        prepare(modest, origin="essai.test/un")
    assert prepare(replace(modest, readers=None), origin="essai.test/un").role is not None

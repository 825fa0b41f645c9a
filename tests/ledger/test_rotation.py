"""Rotation of the deployment's key: every person's key is wrapped anew, whatever happens meanwhile, and none is lost."""

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from ledger import rotation
from ledger.coffre import Coffre
from ledger.database import APPLICATION, KEEPER, OWNER, Database
from ledger.errors import KeyFileError
from ledger.kek import DeploymentKeys
from ledger.rotation import RotationError, retire, rotate, states
from ledger.store import Ledger
from replay.verify import verify
from tests.faits import fait, faits

PROJECT = Path(__file__).parents[2]
ROTATE = """
import sys
from pathlib import Path
from ledger import rotation
from ledger.database import Database
from ledger.kek import DeploymentKeys

rotation.BATCH = int(sys.argv[3])
print("on y va", flush=True)
rotation.rotate(Database(sys.argv[1], role="constat_app"), DeploymentKeys.load(Path(sys.argv[2])))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A key file."""
    path = tmp_path / "keys.json"
    DeploymentKeys.generate().save(path)
    return path


@pytest.fixture
def filled(database: Database, path: Path) -> Iterator[Ledger]:
    """A ledger of forty persons under that key file; verified when the test is over, with the file as it is then."""
    with Ledger(database, DeploymentKeys.load(path)) as ledger:
        ledger.append(list(faits(80, personnes=40)))
        ledger.sequence()
        yield ledger
    with Ledger(database, DeploymentKeys.load(path)) as fresh:
        report = verify(fresh)
        assert report.intact, report.findings[:5]
        assert report.unreadable == 0


def by_kek(database: Database) -> dict[str, int]:
    """How many rows each KEK wraps."""
    with database.connect() as conn:
        return dict(conn.execute("SELECT kek_id, count(*) FROM ledger.person_key GROUP BY 1").fetchall())


# ---------------------------------------------------------------------- rotate


def test_every_key_is_wrapped_anew(filled: Ledger, path: Path) -> None:
    """After a rotation every row is of the new KEK, all else of it is as it was, and everybody can be read."""
    columns = "subject, blind_index, reference, created_at"
    with filled.database.connect() as conn:
        before = conn.execute(f"SELECT {columns} FROM ledger.person_key ORDER BY 1").fetchall()
        wrapped = {bytes(row[0]) for row in conn.execute("SELECT wrapped FROM ledger.person_key")}
    old = DeploymentKeys.load(path)
    seen: list[int] = []
    done = rotate(filled.database, old, progress=seen.append)
    assert (done.made, done.rewrapped, done.left, done.unreadable, sum(seen)) == (True, 40, 0, 0, 40)
    assert done.keys.current != old.current
    assert by_kek(filled.database) == {done.keys.current: 40}
    with filled.database.connect() as conn:
        assert conn.execute(f"SELECT {columns} FROM ledger.person_key ORDER BY 1").fetchall() == before
        assert wrapped.isdisjoint(bytes(row[0]) for row in conn.execute("SELECT wrapped FROM ledger.person_key"))
    filled.coffre.forget()
    assert all(len(filled.life(f"P-{n}")) == 2 for n in range(40))


def test_a_second_rotation_makes_another_key(filled: Ledger, path: Path) -> None:
    """Once a rotation is over, the next one makes a fresh KEK again; told to finish, it makes none."""
    first = rotate(filled.database, DeploymentKeys.load(path)).keys
    second = rotate(filled.database, DeploymentKeys.load(path)).keys
    third = rotate(filled.database, DeploymentKeys.load(path), finish=True)
    assert len({first.current, second.current}) == 2
    assert (third.made, third.rewrapped, third.keys.current) == (False, 0, second.current)
    assert not DeploymentKeys.load(path).rotating


@pytest.mark.parametrize("batches", [0, 1, 3])
def test_a_rotation_cut_off_is_finished(
    filled: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    """Cut off after any batch, rows of both KEKs open; the next run makes no third KEK and wraps what is left."""
    monkeypatch.setattr(rotation, "BATCH", 7)
    whole, calls = rotation._store, 0  # noqa: SLF001 - the moment of the end is chosen

    def store(*given: object) -> int:
        nonlocal calls
        calls += 1
        if calls > batches:
            raise KeyboardInterrupt
        return whole(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as cut:
        cut.setattr(rotation, "_store", store)
        with pytest.raises(KeyboardInterrupt):
            rotate(filled.database, DeploymentKeys.load(path))
    half = DeploymentKeys.load(path)
    assert half.rotating
    assert by_kek(filled.database).get(half.current, 0) == 7 * batches
    filled.coffre.forget()
    assert all(len(filled.life(f"P-{n}")) == 2 for n in range(40))
    done = rotate(filled.database, half)
    assert (done.made, done.rewrapped, done.keys.current) == (False, 40 - 7 * batches, half.current)
    assert by_kek(filled.database) == {half.current: 40}


def test_a_rotation_killed_again_and_again(filled: Ledger, path: Path) -> None:
    """Killed at moments of chance until it gets through, a rotation loses no key, and every file it left can be read."""
    with filled.database.connect() as conn:
        filled.coffre.ensure(conn, [f"X-{n}" for n in range(3_000)])
    chance = random.Random(1)  # noqa: S311 - seeded on purpose
    finished = killed = 0
    while not finished or killed < 4:
        with subprocess.Popen(
            [sys.executable, "-c", ROTATE, filled.database.conninfo, path, "40"], cwd=PROJECT, stdout=subprocess.PIPE
        ) as running:
            assert running.stdout is not None
            running.stdout.readline()
            time.sleep(chance.uniform(0, 0.15 if killed < 4 else 60))
            running.send_signal(signal.SIGKILL)
            running.wait()
        killed += running.returncode == -signal.SIGKILL
        finished += running.returncode == 0
        with Ledger(filled.database, DeploymentKeys.load(path)) as fresh:
            assert all(len(fresh.life(f"P-{n}")) == 2 for n in range(40))
        if killed >= 4:
            rotate(filled.database, DeploymentKeys.load(path))
            finished = 1
    assert by_kek(filled.database) == {DeploymentKeys.load(path).current: 3_040}


def test_facts_and_persons_come_meanwhile(filled: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process with the old file goes on writing for old and new persons all the time; nothing is lost or refused."""
    monkeypatch.setattr(rotation, "BATCH", 2)
    stop = threading.Event()
    written: list[str] = []

    def write() -> None:
        n = 0
        while not stop.is_set():
            n += 1
            filled.append([fait(id=f"N-{n}", personne=f"N-{n}"), fait(id=f"N-{n}", personne=f"P-{n % 40}")])
            written.append(f"N-{n}")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            rotate(filled.database, DeploymentKeys.load(path))
    finally:
        stop.set()
        writer.join()
    assert len(written) > 3
    done = rotate(filled.database, DeploymentKeys.load(path), finish=True)
    assert by_kek(filled.database) == {done.keys.current: 40 + len(written)}
    filled.coffre.forget()
    assert all(len(filled.life(name)) == 1 for name in written)


def test_one_run_at_a_time(filled: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a rotation goes on, a second one and a retirement are refused and touch nothing."""
    keys = DeploymentKeys.load(path)
    whole = rotation._store  # noqa: SLF001 - a moment in the middle

    def store(*given: object) -> int:
        for other in (lambda: rotate(filled.database, keys), lambda: retire(filled.database, keys, keys.current)):
            with pytest.raises(RotationError, match="attendez"):
                other()
        return whole(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(rotation, "_store", store)
    assert rotate(filled.database, keys).rewrapped == 40


def test_a_damaged_row_stops_nobody_else(database: Database, path: Path) -> None:
    """A row that does not open is told and left as it is; all others are wrapped anew, and its KEK cannot be retired."""
    keys = DeploymentKeys.load(path)
    with database.connect() as conn, database.as_owner() as owner:
        Coffre(keys).ensure(conn, ["P-1", "P-2", "P-3"])
        owner.execute("ALTER TABLE ledger.person_key DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE ledger.person_key SET wrapped = sha256(wrapped) WHERE subject = (SELECT min(subject::text)::uuid"
            " FROM ledger.person_key)"
        )
    done = rotate(database, keys)
    assert (done.rewrapped, done.unreadable, done.left) == (2, 1, 0)
    with pytest.raises(RotationError, match="enveloppe encore 1 clé"):
        retire(database, DeploymentKeys.load(path), keys.current)


# ---------------------------------------------------------------------- retire


def test_a_key_in_use_is_not_retired(filled: Ledger, path: Path) -> None:
    """The current KEK, one that a row needs, and one that nobody knows, are not retired; the file stays as it is."""
    old = DeploymentKeys.load(path)
    new = old.with_new_kek(rotating=False).save_over()
    before = path.read_bytes()
    for kek_id, why in (
        (new.current, "clé courante"),
        (old.current, "enveloppe encore 40"),
        ("inconnue", "aucune clé"),
    ):
        with pytest.raises(RotationError, match=why):
            retire(filled.database, new, kek_id)
    assert path.read_bytes() == before
    assert {each.kek_id: (each.current, each.keys, each.retired_at) for each in states(filled.database, new)} == {
        new.current: (True, 0, None), old.current: (False, 40, None),
    }  # fmt: skip


def test_a_retired_key_is_gone(filled: Ledger, path: Path) -> None:
    """After its retirement a KEK is in no file; a backup of the rows of its time opens no more; its end is dated."""
    old = DeploymentKeys.load(path)
    with filled.database.connect() as conn:
        conn.execute("CREATE TEMP TABLE backup AS SELECT * FROM ledger.person_key")
        rows = conn.execute("SELECT blind_index, uuid_send(subject), kek_id, wrapped, reference FROM backup").fetchall()
    rotate(filled.database, old)
    keys = retire(filled.database, DeploymentKeys.load(path), old.current)
    assert set(keys.keks) == {keys.current}
    assert old.keks[old.current].hex() not in path.read_text()
    coffre = Coffre(keys)
    assert len(rows) == 40
    assert all(coffre.opens(row) is None for row in rows)
    [_, gone] = states(filled.database, keys)
    assert (gone.kek_id, gone.place, gone.keys) == (old.current, "absente", 0)
    assert gone.retired_at is not None
    assert gone.destroyed_at is not None
    assert gone.retired_at <= gone.destroyed_at
    assert retire(filled.database, keys, old.current) == keys  # again: nothing left to do, and no harm


def _cut_off(_: DeploymentKeys) -> DeploymentKeys:
    raise KeyboardInterrupt


def test_a_retirement_cut_off_is_finished(filled: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off once the database knows, the KEK is still in the file and its end is not said; the same call goes on."""
    old = DeploymentKeys.load(path)
    rotate(filled.database, old)
    with monkeypatch.context() as cut:
        cut.setattr(DeploymentKeys, "save_over", _cut_off)
        with pytest.raises(KeyboardInterrupt):
            retire(filled.database, DeploymentKeys.load(path), old.current)
    keys = DeploymentKeys.load(path)
    half = next(each for each in states(filled.database, keys) if each.kek_id == old.current)
    assert (half.place, half.retired_at is None, half.destroyed_at) == ("fichier", False, None)
    keys = retire(filled.database, keys, old.current)
    assert next(each for each in states(filled.database, keys) if each.kek_id == old.current).destroyed_at is not None


def test_nobody_is_added_under_a_retired_key(filled: Ledger, path: Path) -> None:
    """A process that still has the old file is refused by the database, reads the file again, and goes on by itself."""
    old = DeploymentKeys.load(path)
    with Ledger(filled.database, old) as stale, Ledger(filled.database, replace(old, file=None)) as blind:
        stale.coffre.forget()
        rotate(filled.database, old)
        keys = retire(filled.database, DeploymentKeys.load(path), old.current)
        stale.append([fait(personne="P-neuve")])
        with pytest.raises(KeyFileError, match="retirée"):
            blind.append([fait(personne="P-autre")])
    assert by_kek(filled.database) == {keys.current: 41}
    with filled.database.connect() as conn, pytest.raises(psycopg.errors.RestrictViolation, match="retired"):
        Coffre(old)._make(conn, ["P-autre"])


# ---------------------------------------------------------------------- what the database refuses


def as_role(database: Database, role: str | None) -> psycopg.Connection:
    """A connection of the configured user that has taken ``role``."""
    conn = psycopg.connect(database.conninfo, autocommit=True)
    if role is not None:
        conn.execute(SQL("SET ROLE {}").format(Identifier(role)))
    return conn


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.person_key SET kek_id = 'x', wrapped = ''", "DELETE FROM ledger.person_key",
        "TRUNCATE ledger.person_key", "INSERT INTO ledger.rewrapping (kek_id, keys) VALUES ('x', 1)",
        "INSERT INTO ledger.kek_end VALUES ('x', 'retired')", "INSERT INTO ledger.erasure DEFAULT VALUES",
    ],
)  # fmt: skip
@pytest.mark.parametrize("role", [APPLICATION, KEEPER])
def test_rows_change_through_the_functions_only(filled: Ledger, role: str, statement: str) -> None:
    """Neither the application nor the keeper may touch a key row, nor say that they do, but through the functions."""
    with as_role(filled.database, role) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(statement.encode())


@pytest.mark.parametrize(
    "call",
    [
        "ledger.rewrap('x', '{}', '{}', '{}')", "ledger.retire_kek('x')", "ledger.end_kek('x')",
        "ledger.destroy_key(gen_random_uuid(), 0, '', '')", "ledger.guard_key()",
    ],
)  # fmt: skip
def test_the_application_may_not_keep_keys(filled: Ledger, call: str) -> None:
    """The application's role may not call what wraps keys anew, retires or destroys them: that is the keeper's alone."""
    with as_role(filled.database, APPLICATION) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(f"SELECT {call}".encode())


@pytest.mark.parametrize("column", ["blind_index", "subject", "reference", "created_at"])
@pytest.mark.parametrize("role", [OWNER, None])
def test_a_rewrapping_touches_the_wrapping_alone(filled: Ledger, role: str | None, column: str) -> None:
    """Even the owner, in a transaction that rewraps, changes nothing of a row but its wrapping; and nothing after it."""
    other = {
        "blind_index": "sha256(blind_index)", "subject": "gen_random_uuid()", "reference": "''", "created_at": "now()"
    }  # fmt: skip
    with as_role(filled.database, role) as conn:
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege, match="wrapped again, nothing else"),
            conn.transaction(),
        ):
            conn.execute("SELECT ledger.rewrap('x', '{}', '{}', '{}')")
            conn.execute(f"UPDATE ledger.person_key SET {column} = {other[column]}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            conn.execute("UPDATE ledger.person_key SET kek_id = kek_id")


def test_a_row_that_moved_is_left_alone(filled: Ledger) -> None:
    """A wrapping that is no longer the one that was read is not overwritten; every run leaves its trace."""
    with as_role(filled.database, KEEPER) as conn:
        row = conn.execute("SELECT subject, wrapped FROM ledger.person_key LIMIT 1").fetchone()
        assert row is not None
        call = "SELECT ledger.rewrap('x', %s::uuid[], %s::bytea[], %s::bytea[])"
        assert conn.execute(call, ([row[0]], [b"autre"], [b"neuve"])).fetchone() == (0,)
        assert conn.execute("SELECT wrapped FROM ledger.person_key WHERE subject = %s", (row[0],)).fetchone() == (
            row[1],
        )
        assert conn.execute("SELECT kek_id, keys FROM ledger.rewrapping").fetchall() == [("x", 1)]


@pytest.mark.slow
def test_a_hundred_thousand_keys(database: Database, path: Path) -> None:
    """A hundred thousand keys are wrapped anew in seconds."""
    coffre = Coffre(DeploymentKeys.load(path))
    with database.connect() as conn:
        for first in range(0, 100_000, 5_000):
            coffre.ensure(conn, [f"P-{n}" for n in range(first, first + 5_000)])
    begun = time.perf_counter()
    assert rotate(database, DeploymentKeys.load(path)).rewrapped == 100_000
    assert time.perf_counter() - begun < 20

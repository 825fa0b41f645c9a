"""After a restore: what was lost is said exactly, and a mirror gives it back, or nothing of it."""

import json
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.rows import tuple_row

from app.embedded import EmbeddedServer
from ledger.coffre import DeploymentKeys
from ledger.database import SQL_FOLDER, Database, prepare
from ledger.mirror import publication, subscription
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.log import SealedLog
from ledger.seal.sealer import Memory, Sealer, SetBackError
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from replay.bring_back import bring_back
from replay.restore import RestoreError, loss
from replay.schemas import schema
from replay.verify import Trust, verify
from tests.conftest import ORIGIN
from tests.faits import faits
from tests.operations.conftest import Constat, eventually
from tests.operations.servers import archive, archived, base_backup, restore

BEFORE, LOST, NEW_PERSONS, UNSEALED = 500, 150, 20, 9


@dataclass
class Disaster:
    """A ledger whose server is gone: its backup, its archive, what it had published, its mirror, its keys."""

    backup: EmbeddedServer
    archive: Path
    upto: datetime
    published: list[Checkpoint]
    point: Path
    keys: DeploymentKeys
    signing: SigningKeys
    mirror: Database


@pytest.fixture(scope="module")
def disaster(workplace: Path, mirror_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Disaster:
    """Backed up, then at work, then lost; the archive goes to the end, what is restored only up to an instant before."""
    server = EmbeddedServer(owned_root(workplace) / "perdu")
    name = f"constat_{secrets.token_hex(4)}"
    folder = tmp_path_factory.mktemp("publie")
    with server.running():
        archive(server, server.folder.parent / "archive")
        server.ensure_database(name)
        mirror_server.ensure_database(name)
        database = prepare(Database(server.conninfo(name)), origin=ORIGIN)
        keys, signing = DeploymentKeys.generate(), SigningKeys.generate(ORIGIN)
        ledger, sealer = Ledger(database, keys), Sealer(database, signing, Memory(folder / "point"))
        published = [sealed(ledger, sealer, 300, 0)]
        with database.as_owner() as conn:
            publication.publish(conn)
        mirror = Database(mirror_server.conninfo(name))
        source = make_conninfo(database.conninfo, user=publication.ROLE)
        subscription.set_up(mirror, source, slot=name)
        backup = base_backup(server, server.folder.parent / "copie")
        published.append(sealed(ledger, sealer, BEFORE - 300, 1000))
        time.sleep(0.05)
        with database.as_owner() as conn:
            row = conn.execute("SELECT clock_timestamp()").fetchone()
        time.sleep(0.05)
        published += [sealed(ledger, sealer, (LOST - NEW_PERSONS) // 3, 2000 + 100 * round_) for round_ in range(3)]
        ledger.append(list(faits(NEW_PERSONS + (LOST - NEW_PERSONS) % 3, first=5000, personne="nouvelle")))
        published.append(sealed(ledger, sealer, 0, 0))
        ledger.append(list(faits(UNSEALED, first=9000)))
        with mirror.as_owner() as here, subscription.reading(source) as there:
            assert subscription.caught_up(here, there, name, subscription.timedelta(seconds=30))
            here.execute(f"ALTER SUBSCRIPTION {subscription.SUBSCRIPTION} DISABLE".encode())
            here.execute(f"ALTER SUBSCRIPTION {subscription.SUBSCRIPTION} SET (slot_name = NONE)".encode())
            here.execute(f"DROP SUBSCRIPTION {subscription.SUBSCRIPTION}".encode())
        archived(server)
        sealer.close()
        ledger.close()
    assert row is not None
    return Disaster(
        backup, server.folder.parent / "archive", row[0], published, folder / "point", keys, signing, mirror
    )


def owned_root(workplace: Path) -> Path:
    """A folder that the server's user can pass through."""
    folder = workplace / secrets.token_hex(4)
    folder.mkdir()
    folder.chmod(0o755)
    return folder


def sealed(ledger: Ledger, sealer: Sealer, count: int, first: int) -> Checkpoint:
    """Record so many facts and seal them; what was published."""
    ledger.append(list(faits(count, first=first + 1)))
    note = sealer.seal()
    assert note is not None
    return Checkpoint.parse(note.text)


@contextmanager
def running(disaster: Disaster, workplace: Path, upto: datetime | None) -> Iterator[Database]:
    """The ledger as restored up to an instant, running; gone at the end."""
    server = restore(disaster.backup, owned_root(workplace) / "pg", disaster.archive, upto)
    name = psycopg.conninfo.conninfo_to_dict(disaster.mirror.conninfo)["dbname"]
    try:
        with server.running():
            database = Database(server.conninfo(str(name)))
            eventually(lambda: not recovering(database))
            yield database
    finally:
        shutil.rmtree(server.folder.parent)


@pytest.fixture
def restored(disaster: Disaster, workplace: Path) -> Iterator[Database]:
    """The ledger as it was restored, up to the instant before the loss."""
    with running(disaster, workplace, disaster.upto) as database:
        yield database


def recovering(database: Database) -> bool:
    """Whether the server still replays its archive."""
    with database.as_owner() as conn:
        return conn.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)


@contextmanager
def connected(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A connection as the owner, rows as tuples."""
    with psycopg.connect(database.conninfo, autocommit=True, row_factory=tuple_row) as conn:
        yield conn


def everything(database: Database) -> list[list[tuple[Any, ...]]]:
    """All that a log consists of."""
    with connected(database) as conn:
        return [
            conn.execute(query).fetchall()
            for query in (
                "SELECT * FROM ledger.entry ORDER BY notification_id",
                "SELECT * FROM ledger.leaf ORDER BY position",
                "SELECT * FROM ledger.sealing ORDER BY last_position",
                "SELECT * FROM ledger.tile ORDER BY level, n",
                "SELECT * FROM ledger.checkpoint ORDER BY size",
            )
        ]


def test_what_was_lost_is_said_exactly(disaster: Disaster, restored: Database) -> None:
    """From a checkpoint alone: which positions are missing; with the mirror: each entry, and from when to when."""
    last = disaster.published[-1]
    with connected(restored) as here, connected(disaster.mirror) as mirror:
        alone = loss(here, last)
        assert (alone.size, alone.reached, alone.other_history) == (BEFORE + LOST, BEFORE, False)
        assert (alone.missing.start, len(alone.missing), alone.nothing) == (BEFORE + 1, LOST, False)
        assert alone.count is None
        assert alone.last is not None
        assert alone.last < disaster.upto
        seen = loss(here, last, mirror)
        rows = mirror.execute(
            "SELECT position, replace(originator_id::text, '-', ''), originator_version, encode(e.leaf_hash, 'hex')"
            " FROM ledger.entry AS e LEFT JOIN ledger.leaf USING (notification_id) WHERE recorded_at > %s"
            " ORDER BY position NULLS LAST, notification_id",
            (disaster.upto,),
        ).fetchall()
    assert seen.count == len(rows) == LOST + UNSEALED
    assert [(each.position, each.stream, each.place, each.leaf) for each in seen.lost] == rows
    assert seen.first_lost is not None
    assert seen.last_lost is not None
    assert disaster.upto < seen.first_lost <= seen.last_lost
    with connected(restored) as here:
        assert loss(here, disaster.published[1]).nothing
        with pytest.raises(RestoreError, match=r"celui du journal autre\.test/journal"):
            loss(here, Checkpoint("autre.test/journal", 3, bytes(32)))
        assert loss(here, Checkpoint(ORIGIN, 400, bytes(32))).other_history


def test_restored_to_the_end_nothing_is_missing(disaster: Disaster, workplace: Path) -> None:
    """Restored up to the end of the archive, the ledger has every line that was published or that the mirror has."""
    with running(disaster, workplace, None) as database, connected(database) as here:
        assert loss(here, disaster.published[-1]).nothing
        with connected(disaster.mirror) as mirror:
            found = loss(here, disaster.published[-1], mirror)
            assert (found.nothing, found.count) == (True, 0)
            done = bring_back(here, mirror, disaster.published[-1])
        assert set(done.rows.values()) == {0}


def test_the_mirror_gives_everything_back(disaster: Disaster, restored: Database, tmp_path: Path) -> None:
    """The same rows at the same positions: the log goes on under every checkpoint that was published, and is intact."""
    shutil.copy(disaster.point, tmp_path / "point")
    sealer = Sealer(restored, disaster.signing, Memory(tmp_path / "point"))
    with pytest.raises(SetBackError, match=f"positions {BEFORE + 1} à {BEFORE + LOST} manquent"):
        sealer.seal()
    with connected(restored) as here, connected(disaster.mirror) as mirror:
        done = bring_back(here, mirror, disaster.published[-1])
        assert (done.first, done.last, done.rows["entry"]) == (BEFORE + 1, BEFORE + LOST, LOST + UNSEALED)
        assert done.erase_again == ()
    back = everything(restored)
    assert back[0][: BEFORE + LOST + UNSEALED] == everything(disaster.mirror)[0]
    assert back[1:] == everything(disaster.mirror)[1:]
    database = prepare(restored, origin=ORIGIN)
    ledger = Ledger(database, disaster.keys)
    ledger.append(list(faits(30, first=20_000)))
    note = sealer.seal()
    assert note is not None
    assert Checkpoint.parse(note.text).size == BEFORE + LOST + UNSEALED + 30 + 1
    with database.connect() as conn:
        log = SealedLog(conn)
        assert [log.root(each.size) for each in disaster.published] == [each.root for each in disaster.published]
    report = verify(ledger, trust=Trust(disaster.signing.verifiers))
    assert report.intact, report.findings[:5]
    assert report.sealed == report.entries == BEFORE + LOST + UNSEALED + 30 + 1
    assert report.unreadable == NEW_PERSONS + (LOST - NEW_PERSONS) % 3
    with ledger.connection() as conn:
        [said] = conn.execute("SELECT line FROM ledger.entry WHERE topic = 'constat/1/registre'").fetchone() or [""]
    assert {"kind": "restauration", "de": BEFORE + 1, "a": BEFORE + LOST}.items() <= json.loads(said).items()
    assert len(ledger.life("P-1")) > 0
    sealer.close()
    ledger.close()


def test_what_was_given_back_is_said_even_when_cut_off(
    disaster: Disaster, restored: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped once the rows are there and before the log says so: the sealer says it, once."""

    def cut_off(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("replay.bring_back.tell_restorations", cut_off)
    with connected(restored) as here, connected(disaster.mirror) as mirror, pytest.raises(KeyboardInterrupt):
        bring_back(here, mirror, disaster.published[-1])
    shutil.copy(disaster.point, tmp_path / "point")
    sealer = Sealer(prepare(restored, origin=ORIGIN), disaster.signing, Memory(tmp_path / "point"))
    assert [sealer.tell_restorations(), sealer.tell_restorations()] == [1, 0]
    with restored.connect() as conn:
        [[said]] = conn.execute("SELECT line FROM ledger.entry WHERE topic = 'constat/1/registre'").fetchall()
    assert {"kind": "restauration", "de": BEFORE + 1, "a": BEFORE + LOST}.items() <= json.loads(said).items()
    sealer.close()


def test_the_mirror_goes_on_after_the_restore(
    disaster: Disaster, restored: Database, mirror_server: EmbeddedServer
) -> None:
    """Set up again from the ledger that it completed, a mirror takes in what is new and is stopped by nothing."""
    copy = f"constat_{secrets.token_hex(4)}"
    name = psycopg.conninfo.conninfo_to_dict(disaster.mirror.conninfo)["dbname"]
    with connected(Database(mirror_server.conninfo("postgres"))) as conn:
        conn.execute(f"CREATE DATABASE {copy} TEMPLATE {name}".encode())
    mirror = Database(mirror_server.conninfo(copy))
    with connected(restored) as here, connected(mirror) as there:
        bring_back(here, there, disaster.published[-1])
    ledger = Ledger(prepare(restored, origin=ORIGIN), disaster.keys)
    ledger.append(list(faits(30, first=20_000)))
    ledger.sequence()
    ledger.close()
    source = make_conninfo(restored.conninfo, user=publication.ROLE)
    subscription.set_up(mirror, source)
    with mirror.as_owner() as here, subscription.reading(source) as there:
        assert subscription.caught_up(here, there, subscription.SLOT, subscription.timedelta(seconds=30))
        assert subscription.here(here).following
        here.execute(f"DROP SUBSCRIPTION {subscription.SUBSCRIPTION}".encode())
    assert everything(mirror) == everything(restored)


@pytest.mark.parametrize("act", ["append", "sequence"])
def test_after_anything_new_nothing_comes_back(disaster: Disaster, restored: Database, act: str) -> None:
    """Once a fact was recorded, or a position given, since the restore, the old rows are refused and nothing changes."""
    ledger = Ledger(prepare(restored, origin=ORIGIN), disaster.keys)
    ledger.append(list(faits(1, first=20_000)))
    if act == "sequence":
        ledger.sequence()
    ledger.close()
    before = everything(restored)
    with (
        connected(restored) as here,
        connected(disaster.mirror) as mirror,
        pytest.raises(RestoreError, match="depuis la restauration"),
    ):
        bring_back(here, mirror, disaster.published[-1])
    assert everything(restored) == before


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("UPDATE ledger.entry SET line = line || ' ' WHERE notification_id = 600", "n'ont pas leur empreinte"),
        (
            "UPDATE ledger.entry SET leaf_hash = sha256(leaf_hash) WHERE notification_id = 600",
            "n'ont pas leur empreinte",
        ),
        ("UPDATE ledger.tile SET data = overlay(data placing '\\x00' from 100)", "racines|propre"),
        ("UPDATE ledger.checkpoint SET root = sha256(root) WHERE size = 543", "racines"),
        ("DELETE FROM ledger.leaf WHERE position > 640", "n'a pas non plus les positions 641 à 650"),
        ("UPDATE ledger.log SET origin = 'autre.test/journal'", "autre registre"),
    ],
)
def test_what_was_not_signed_does_not_come_back(
    disaster: Disaster, restored: Database, tampering: str, said: str
) -> None:
    """From a mirror that was changed, or that lacks the end, nothing comes back."""
    table = tampering.split()[1 if tampering.startswith("UPDATE") else 2]
    before = everything(restored)
    with connected(restored) as here, connected(disaster.mirror) as mirror, mirror.transaction(force_rollback=True):
        mirror.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only".encode())
        mirror.execute(tampering.encode())
        with pytest.raises(RestoreError, match=said):
            bring_back(here, mirror, disaster.published[-1])
    assert everything(restored) == before


def test_where_there_is_nothing_to_complete(
    disaster: Disaster, restored: Database, tmp_path: Path, constat: Constat
) -> None:
    """A mirror is not completed, nor a database without a ledger; and such a database is nobody's mirror."""
    asked = ("--checkpoint", str(disaster.point), "--mirror")
    bare = Database(make_conninfo(restored.conninfo, dbname="postgres"))
    for database, command, mirror, said in (
        (disaster.mirror, "bring-back", restored, "cette base est un miroir"),
        (bare, "check", disaster.mirror, "cette base n'a pas de registre"),
        (bare, "bring-back", disaster.mirror, "cette base n'a pas de registre"),
        (restored, "check", bare, "--mirror n'a pas de registre"),
        (restored, "bring-back", bare, "--mirror n'a pas de registre"),
    ):
        told = constat(database, tmp_path, "restore", command, *asked, mirror.conninfo)
        assert (told.code, said in told.err) == (1, True), told


def test_a_backup_that_is_older_than_a_migration(
    disaster: Disaster, operator_server: EmbeddedServer, tmp_path: Path, constat: Constat
) -> None:
    """A ledger restored as it was before tables that the mirror has: its schema is brought up to date, and the rows come back."""
    older = tmp_path / "sql"
    older.mkdir()
    for path in SQL_FOLDER.glob("00[1-5]_*.sql"):
        shutil.copy(path, older)
    name = f"ancien_{secrets.token_hex(4)}"
    operator_server.ensure_database(name)
    try:
        database = prepare(Database(operator_server.conninfo(name)), origin=ORIGIN, folder=older)
        with connected(database) as here, connected(disaster.mirror) as mirror:
            here.execute("ALTER TABLE ledger.log DISABLE TRIGGER append_only")
            [(created_at,)] = mirror.execute("SELECT created_at FROM ledger.log").fetchall()
            here.execute("UPDATE ledger.log SET created_at = %s", (created_at,))
            here.execute("ALTER TABLE ledger.log ENABLE ALWAYS TRIGGER append_only")
        asked = ("--checkpoint", str(disaster.point), "--mirror", disaster.mirror.conninfo)
        assert constat(database, tmp_path, "restore", "check", *asked).code == 4
        done = constat(database, tmp_path, "restore", "bring-back", *asked)
        assert (done.code, "positions 1 à 650" in done.out) == (0, True), done
        assert constat(database, tmp_path, "restore", "check", *asked).code == 0
    finally:
        with psycopg.connect(operator_server.conninfo("postgres"), autocommit=True) as conn:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_as_an_operator_meets_it(disaster: Disaster, restored: Database, tmp_path: Path, constat: Constat) -> None:
    """``constat restore check`` says what is missing and exits with 4; brought back, it says that nothing is."""
    asked = ("--checkpoint", str(disaster.point))
    from_mirror = (*asked, "--mirror", disaster.mirror.conninfo)
    assert constat(restored, tmp_path, "restore", "check").code == 1
    told = constat(restored, tmp_path, "restore", "check", *asked)
    assert (told.code, "signature non vérifiée" in told.err) == (4, True), told.err
    disaster.signing.save(tmp_path / "seal.json")
    told = constat(restored, tmp_path, "restore", "check", *asked)
    assert (told.code, told.err) == (4, "")
    forged = tmp_path / "forge"
    forged.write_bytes(disaster.point.read_bytes().replace(b"\n650\n", b"\n500\n"))
    refused = constat(restored, tmp_path, "restore", "check", "--checkpoint", str(forged))
    assert (refused.code, refused.out, "signature" in refused.err) == (1, "", True), refused
    assert f"MANQUENT les positions {BEFORE + 1} à {BEFORE + LOST} : {LOST} lignes" in told.out
    named = constat(restored, tmp_path, "restore", "check", *from_mirror, "--json")
    assert (named.code, json.loads(named.out)["count"]) == (4, LOST + UNSEALED)
    jsonschema.validate(json.loads(named.out), schema("restore-check"))
    assert json.loads(named.out)["manquent"] == {"de": BEFORE + 1, "a": BEFORE + LOST, "nombre": LOST}
    assert "entrées que ce registre n'a plus" in constat(restored, tmp_path, "restore", "check", *from_mirror).out
    done = constat(restored, tmp_path, "restore", "bring-back", *from_mirror)
    assert (done.code, "remises depuis le miroir" in done.out) == (0, True), done.err
    told = constat(restored, tmp_path, "restore", "check", *from_mirror)
    assert (told.code, "rien ne manque" in told.out) == (0, True), told
    again = constat(restored, tmp_path, "restore", "bring-back", *from_mirror, "--json")
    jsonschema.validate(json.loads(again.out), schema("restore-bring-back"))
    assert (again.code, set(json.loads(again.out)["rows"].values())) == (0, {0})

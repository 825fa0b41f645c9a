"""The primary is lost under load: nothing that was acknowledged is, and everything goes on by itself."""

import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from app.embedded import EmbeddedServer
from ledger.coffre import DeploymentKeys
from ledger.database import Database, prepare
from ledger.entry import Entry
from ledger.follower import follow
from ledger.mirror import publication, subscription
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.log import SealedLog
from ledger.seal.note import Note
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.service import Courier, SealService
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from projections.toutes import PROJECTIONS
from replay.mirror import verify_mirror
from replay.verify import Trust, verify
from tests.conftest import ORIGIN
from tests.faits import faits
from tests.operations.conftest import eventually
from tests.operations.servers import either, kill, lead, promote, setting, standby

WRITERS = 4
STANDBY = "secours"


@pytest.fixture
def two(own_server: EmbeddedServer, workplace: Path) -> Iterator[tuple[EmbeddedServer, EmbeddedServer]]:
    """A primary, and a synchronous standby that keeps the slots of mirrors."""
    own_server.ensure_database("constat")
    prepare(Database(own_server.conninfo("constat")), origin=ORIGIN)
    other = standby(own_server, workplace / f"{own_server.folder.name}-b", STANDBY)
    with other.running():
        eventually(lambda: streaming(own_server))
        lead(own_server, STANDBY)
        yield own_server, other


def streaming(primary: EmbeddedServer) -> bool:
    """Whether the standby follows."""
    with psycopg.connect(primary.conninfo("postgres"), autocommit=True) as conn:
        row = conn.execute("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'").fetchone()
        return row == (1,)


@dataclass
class Work:
    """Writers, followers and a sealer at work on one ledger; what was acknowledged, and what was published."""

    ledger: Ledger
    keys: SigningKeys
    memory: Memory
    acknowledged: list[Entry] = field(default_factory=list)
    published: list[Note] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Set everybody to work."""
        sealer = Sealer(self.ledger.database, self.keys, self.memory)
        sealing = SealService(sealer, (Courier("garde", self.published.append),))
        self.threads = [threading.Thread(target=self.write, args=(number,)) for number in range(WRITERS)]
        self.threads += [
            threading.Thread(target=follow, args=(self.ledger, tuple(PROJECTIONS.values()), self.done)),
            threading.Thread(target=sealing.run, args=(self.done,)),
        ]
        for thread in self.threads:
            thread.start()

    def write(self, number: int) -> None:
        """One writer, until it is told to stop."""
        try:
            for n in range(10_000):
                if self.stop.is_set():
                    return
                self.acknowledged += self.ledger.append(list(faits(3, first=100_000 * number + 10 * n)))
        except BaseException as error:  # noqa: BLE001 - told to the test
            self.errors.append(error)

    def finish(self) -> None:
        """The writers stop; then, once everything is projected and sealed, the others."""
        self.stop.set()
        for thread in self.threads[:WRITERS]:
            thread.join()
        eventually(lambda: caught_up(self.ledger, len(self.acknowledged)), 40)
        self.done.set()
        for thread in self.threads[WRITERS:]:
            thread.join()

    def assert_nothing_was_lost(self) -> None:
        """All that was acknowledged is there, and every checkpoint that was published is of this log."""
        with self.ledger.database.connect() as conn:
            held = {
                (stream.hex, pos, event_id.hex)
                for stream, pos, event_id in conn.execute(
                    "SELECT originator_id, originator_version, event_id FROM ledger.entry"
                )
            }
            assert {(each.stream.hex, each.pos, each.event_id.hex) for each in self.acknowledged} <= held
            log = SealedLog(conn)
            points = [Checkpoint.parse(note.text) for note in self.published]
            assert [point.size for point in points] == sorted({point.size for point in points})
            assert [log.root(point.size) for point in points] == [point.root for point in points]


def test_a_standby_takes_over(
    two: tuple[EmbeddedServer, EmbeddedServer], mirror_server: EmbeddedServer, tmp_path: Path
) -> None:
    """Killed under load, the primary takes no acknowledged fact with it; writers, followers, sealer and mirror go on."""
    primary, other = two
    database = prepare(Database(either(primary, other, "constat")), origin=ORIGIN)
    work = Work(Ledger(database, DeploymentKeys.generate()), SigningKeys.generate(ORIGIN), Memory(tmp_path / "point"))
    mirror, source = mirrored(database, mirror_server, either(primary, other, "constat", publication.ROLE))
    eventually(lambda: slot_is_kept(other), 60)
    work.start()
    time.sleep(2)
    kill(primary)
    before, sealed_before = len(work.acknowledged), len(work.published)
    promote(other)
    eventually(lambda: len(work.acknowledged) > before + 100, 40)
    work.finish()
    assert not work.errors
    assert before > 100
    assert len(work.published) > sealed_before > 0
    work.assert_nothing_was_lost()
    report = verify(work.ledger, trust=Trust(work.keys.verifiers))
    assert report.intact, report.findings[:5]
    work.ledger.close()
    with mirror.as_owner() as here, subscription.reading(source) as there:
        assert subscription.caught_up(here, there, subscription.SLOT, subscription.timedelta(seconds=40))
        assert subscription.here(here).enabled
        here.execute(f"DROP SUBSCRIPTION {subscription.SUBSCRIPTION}".encode())
    copy = verify_mirror(mirror)
    assert copy.intact, copy.findings[:5]
    assert copy.entries == report.entries


def mirrored(
    database: Database, server: EmbeddedServer, source: str, slot: str = subscription.SLOT
) -> tuple[Database, str]:
    """A mirror of the ledger, which follows whichever server takes writes."""
    name = f"constat_{secrets.token_hex(4)}"
    with database.as_owner() as conn:
        publication.publish(conn)
    server.ensure_database(name)
    mirror = Database(server.conninfo(name))
    subscription.set_up(mirror, source, slot=slot)
    with mirror.as_owner() as conn:
        eventually(lambda: subscription.here(conn).following)
    return mirror, source


def slot_is_kept(server: EmbeddedServer) -> bool:
    """Whether the standby has the mirror's slot, ready to be used."""
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as conn:
        row = conn.execute(
            "SELECT synced AND NOT temporary FROM pg_replication_slots WHERE slot_name = %s", (subscription.SLOT,)
        ).fetchone()
        return row == (True,)


def caught_up(ledger: Ledger, count: int) -> bool:
    """Whether every projection and the seal are at the end of the log."""
    with ledger.connection() as conn:
        row = conn.execute(
            "SELECT max(position), (SELECT max(size) FROM ledger.checkpoint) FROM ledger.leaf"
        ).fetchone() or (0, 0)
        behind = [
            conn.execute(f"SELECT max(notification_id) FROM vue_{view.name}.tracking".encode()).fetchone()
            for view in PROJECTIONS.values()
        ]
    return row[0] >= count and row[1] == row[0] and all(each == (row[0],) for each in behind)


def test_a_mirror_whose_slot_was_lost_says_so_and_is_repaired(
    two: tuple[EmbeddedServer, EmbeddedServer], mirror_server: EmbeddedServer
) -> None:
    """After a failover to a server that did not keep its slot, the mirror says that it must be set up again, and is whole."""
    primary, other = two
    setting(other, "sync_replication_slots", "off")
    with psycopg.connect(other.conninfo("postgres"), autocommit=True) as conn:
        eventually(lambda: conn.execute("SELECT count(*) FROM pg_replication_slots WHERE synced").fetchone() == (0,))
    database = prepare(Database(either(primary, other, "constat")), origin=ORIGIN)
    ledger = Ledger(database, DeploymentKeys.generate())
    mirror, source = mirrored(database, mirror_server, either(primary, other, "constat", publication.ROLE), "m2")
    ledger.append(list(faits(50)))
    with mirror.as_owner() as here, subscription.reading(source) as there:
        assert subscription.caught_up(here, there, "m2", subscription.timedelta(seconds=30))
    kill(primary)
    promote(other)
    ledger.append(list(faits(50, first=1000)))
    ledger.sequence()
    with mirror.as_owner() as here, subscription.reading(source) as there:
        assert subscription.there(there, "m2").slot is None
        subscription.set_up(mirror, source)
        assert subscription.caught_up(here, there, "m2", subscription.timedelta(seconds=30))
        here.execute(f"DROP SUBSCRIPTION {subscription.SUBSCRIPTION}".encode())
        assert here.execute("SELECT count(*) FROM ledger.entry").fetchone() == (100,)
    ledger.close()
    assert verify_mirror(mirror).intact

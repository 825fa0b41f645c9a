"""A migration while the ledger is at work: nobody is refused, nobody waits for long, nothing is lost."""

import shutil
import threading
import time
from pathlib import Path
from typing import Self

import psycopg
import pytest

from ledger.coffre import DeploymentKeys
from ledger.database import PAUSES, SQL_FOLDER, Database, prepare
from ledger.errors import DatabaseUnfitError
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.service import SealService
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from tests.conftest import ORIGIN
from tests.faits import faits

WRITERS = 4
LONGEST = 3.0
NEXT = """
-- A column of the entries that are to come.
ALTER TABLE ledger.entry ADD COLUMN essai text;
-- A table more.
CREATE TABLE ledger.essai (position bigint PRIMARY KEY);
GRANT SELECT ON ledger.essai TO :app;
-- An index of the entries.
CREATE INDEX entry_essai ON ledger.entry (essai) WHERE essai IS NOT NULL;
"""


@pytest.fixture
def next_version(tmp_path: Path) -> Path:
    """The migrations of the program, and one more."""
    folder = tmp_path / "sql"
    shutil.copytree(SQL_FOLDER, folder)
    (folder / "900_essai.sql").write_text(NEXT)
    return folder


def bare(database: Database) -> Database:
    """The database under the configured user."""
    return Database(database.conninfo)


class Writers:
    """So many threads that append until they are stopped; how long the longest wait was, and what went wrong."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.longest = 0.0
        self.written = 0
        self.errors: list[BaseException] = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _write(self, number: int) -> None:
        try:
            for n in range(100_000):
                if self._stop.is_set():
                    return
                started = time.monotonic()
                done = len(self.ledger.append(list(faits(2, first=1_000_000 * number + 10 * n))))
                with self._lock:
                    self.longest = max(self.longest, time.monotonic() - started)
                    self.written += done
        except BaseException as error:  # noqa: BLE001 - told to the test
            self.errors.append(error)


def test_at_work_meanwhile(ledger: Ledger, next_version: Path, tmp_path: Path) -> None:
    """While four writers append and a sealer seals, a table is altered: all that was written is there, sealed and intact."""
    sealer = Sealer(ledger.database, SigningKeys.generate(ORIGIN), Memory(tmp_path / "point"))
    stop = threading.Event()
    sealing = threading.Thread(target=SealService(sealer).run, args=(stop,))
    sealing.start()
    with Writers(ledger) as writers:
        time.sleep(0.5)
        prepare(bare(ledger.database), origin=ORIGIN, folder=next_version)
        time.sleep(0.5)
    stop.set()
    sealing.join()
    assert not writers.errors
    assert writers.longest < LONGEST
    with ledger.connection() as conn:
        facts = conn.execute("SELECT count(*) FROM ledger.entry WHERE topic <> 'constat/1/registre'").fetchone()
        assert facts == (writers.written,)
        assert conn.execute("SELECT count(*), max(essai) FROM ledger.entry WHERE essai IS NULL").fetchone()
        assert conn.execute("SELECT count(*) FROM migration.applied WHERE name = '900_essai.sql'").fetchone() == (1,)
    last = sealer.memory.last()
    assert last is not None
    assert last.size > 0


def test_a_reader_that_lasts_holds_up_the_migration_and_nobody_else(ledger: Ledger, next_version: Path) -> None:
    """Behind a long reading the migration lets appends pass and tries again; it is applied once the reading has ended."""
    ended: list[float] = []

    def read() -> None:
        with psycopg.connect(ledger.database.conninfo) as conn:
            conn.execute("SELECT count(*) FROM ledger.entry")
            time.sleep(4)
            ended.append(time.monotonic())

    reader = threading.Thread(target=read)
    reader.start()
    time.sleep(0.2)
    with Writers(ledger) as writers:
        prepare(bare(ledger.database), origin=ORIGIN, folder=next_version)
        assert ended
    reader.join()
    assert not writers.errors
    assert writers.written > 0
    assert writers.longest < LONGEST


def test_a_reader_that_never_ends(database: Database, next_version: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the reading does not end, the migration gives up, says why, and has changed nothing."""
    assert sum(PAUSES) > 30
    monkeypatch.setattr("ledger.database.PAUSES", (0.1, 0.1))
    with psycopg.connect(database.conninfo) as reader:
        reader.execute("SELECT count(*) FROM ledger.entry")
        with pytest.raises(DatabaseUnfitError, match="transaction longue"):
            prepare(bare(database), origin=ORIGIN, folder=next_version)
    with bare(database).as_owner() as conn:
        assert conn.execute("SELECT to_regclass('ledger.essai')").fetchone() == (None,)
    ledger = Ledger(database, DeploymentKeys.generate())
    assert len(ledger.append(list(faits(3)))) == 3
    ledger.close()

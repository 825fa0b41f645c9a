"""The sealed order: dense, the same for everybody, and nothing in it ever appears late."""

import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from ledger.entry import Fait
from ledger.recorder import CHANNEL, columns
from ledger.rows import read_sealed
from ledger.store import Ledger
from tests.faits import fait, faits


def put(ledger: Ledger, conn: psycopg.Connection[Any], batch: Sequence[Fait], places: Sequence[int]) -> list[int]:
    """Append ``batch`` on ``conn``, whose transaction is the test's; returns the numbers of arrival."""
    keys = ledger.coffre.find(conn, {str(each.personne) for each in batch})
    sealed = [ledger.entries.seal(ledger.draft(keys[str(each.personne)], each)) for each in batch]
    return [said.notification_id for said in ledger.writer.append(columns(sealed), places, conn)]


def leaves(ledger: Ledger) -> list[tuple[int, int]]:
    """Position and number of arrival of everything that is sealed."""
    with ledger.connection() as conn:
        return conn.execute("SELECT position, notification_id FROM ledger.leaf ORDER BY position").fetchall()


def known(ledger: Ledger, *personnes: str) -> None:
    """Make the keys of ``personnes``, so that nothing else than appends takes a transaction number later."""
    with ledger.connection() as conn:
        ledger.coffre.ensure(conn, personnes)


def test_concurrent_writers_and_a_reader_on_their_heels(ledger: Ledger) -> None:
    """Under eight writers, some of whose transactions fail, a reader that follows positions sees each entry once, in order."""
    known(ledger, *(f"P-{n}" for n in range(8)))
    committed: set[int] = set()
    done = threading.Event()

    def write(number: int) -> None:
        rng = random.Random(number)  # noqa: S311 - a test wants the same luck every time
        place = 0
        with ledger.database.connect() as conn:
            for n in range(40):
                batch = [fait(id=f"F-{number}-{n}-{i}", personne=f"P-{number}") for i in range(rng.randint(1, 4))]
                fails = rng.random() < 0.2
                with conn.transaction(force_rollback=fails):
                    numbers = put(ledger, conn, batch, range(place + 1, place + 1 + len(batch)))
                    if rng.random() < 0.3:
                        conn.execute("SELECT pg_sleep(%s)", (rng.random() / 100,))
                if not fails:
                    place += len(batch)
                    committed.update(numbers)

    def follow() -> list[tuple[int, bytes, int]]:
        seen: list[tuple[int, bytes, int]] = []
        deadline = time.monotonic() + 30
        with ledger.database.connect() as conn:
            while not done.is_set() or len(seen) < len(committed):
                assert time.monotonic() < deadline, "what is committed is never sealed"
                ledger.sequence()
                seen += [(row.position or 0, row.stream, row.pos) for row in read_sealed(conn, len(seen), 50)]
        return seen

    with ThreadPoolExecutor(10) as pool:
        readers = [pool.submit(follow) for _ in range(2)]
        list(pool.map(write, range(8)))
        done.set()
        one, other = (reader.result() for reader in readers)
    assert one == other
    assert [position for position, _, _ in one] == list(range(1, len(committed) + 1))
    assert {arrival for _, arrival in leaves(ledger)} == committed
    places: dict[bytes, int] = {}
    for _, stream, pos in one:
        assert pos == places.get(stream, 0) + 1, "an entry comes before the one it follows"
        places[stream] = pos


@pytest.mark.parametrize("kept", [True, False])
def test_an_open_transaction_holds_back_those_after_it(ledger: Ledger, kept: bool) -> None:
    """While an older append is open, later ones wait for their position; then the older one, if it stays, comes first."""
    known(ledger, "P-1", "P-2")
    with ledger.connection() as older, ledger.connection() as later:
        with older.transaction(force_rollback=not kept):
            first = put(ledger, older, [fait()], [1])
            second = put(ledger, later, [fait(personne="P-2")], [1])
            third = put(ledger, later, [fait(personne="P-2", id="F-2")], [2])
            assert ledger.sequence() == 0
            assert leaves(ledger) == []
            assert len(ledger.life("P-2")) == 2
        assert ledger.sequence() == 2 + kept
    arrivals = [*(first if kept else []), *second, *third]
    assert leaves(ledger) == list(enumerate(arrivals, 1))


def test_who_only_reads_holds_back_nobody(ledger: Ledger) -> None:
    """A transaction that only reads, however long it is open, does not delay the sealed order."""
    with ledger.connection() as reader, reader.transaction():
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reader.execute("SELECT count(*) FROM ledger.entry")
        ledger.append([fait()])
        assert ledger.sequence() == 1


def test_several_sequencers_at_once(ledger: Ledger) -> None:
    """Whoever sequences, and however many at once, each entry gets one position and is counted once."""
    ledger.append(list(faits(30)))
    start = threading.Barrier(8)

    def sequence(_: int) -> list[int | None]:
        start.wait()
        return [ledger.writer.sequence() for _ in range(5)]

    with ThreadPoolExecutor(8) as pool:
        answers = [answer for each in pool.map(sequence, range(8)) for answer in each]
    assert sum(answer or 0 for answer in answers) == 30
    assert [position for position, _ in leaves(ledger)] == list(range(1, 31))


def test_a_sequencer_at_work_is_not_waited_for(ledger: Ledger) -> None:
    """While one session sequences, another is told so at once; if the first fails, its work is done by the next."""
    ledger.append([fait()])
    with ledger.connection() as conn:
        with conn.transaction(force_rollback=True):
            assert conn.execute("SELECT ledger.sequence()").fetchone() == (1,)
            assert ledger.writer.sequence() is None
        assert leaves(ledger) == []
    assert ledger.writer.sequence() == 1


def test_sealing_is_announced(ledger: Ledger) -> None:
    """Each sealing that placed something, and no other, is announced with the last position."""
    with ledger.database.connect() as conn:
        conn.execute(f"LISTEN {CHANNEL}")
        ledger.append(list(faits(3)))
        assert [each.payload for each in conn.notifies(timeout=0.2)] == [], "an append alone announces nothing"
        ledger.sequence()
        assert [each.payload for each in conn.notifies(timeout=5, stop_after=1)] == ["3"]
        ledger.sequence()
        ledger.append([fait(id="F-9")])
        ledger.sequence()
        assert [each.payload for each in conn.notifies(timeout=0.3)] == ["4"]


def test_sealings_are_written_down(ledger: Ledger) -> None:
    """Every sealing leaves its last position, its horizon and its time, each after the one before."""
    for number in range(4):
        ledger.append([fait(id=f"F-{number}-{n}") for n in range(number + 1)])
        assert ledger.sequence() == number + 1
        assert ledger.sequence() == 0
    with ledger.connection() as conn:
        rows = conn.execute(
            "SELECT last_position, horizon::text::bigint, sealed_at FROM ledger.sealing ORDER BY 1"
        ).fetchall()
        recorded = conn.execute("SELECT max(recorded_at) FROM ledger.entry").fetchall()[0][0]
    assert [row[0] for row in rows] == [1, 3, 6, 10]
    for column in (1, 2):
        assert [row[column] for row in rows] == sorted({row[column] for row in rows})
    assert rows[-1][2] >= recorded

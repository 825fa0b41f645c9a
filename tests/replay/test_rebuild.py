"""A projection rebuilt from zero is the same, row by row; where it is not, the difference is told and repaired."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from ledger.follower import Batch, Follower
from ledger.store import Ledger
from replay.rebuild import Difference, Rebuilt, _finish, rebuild
from tests.cles import detruire
from tests.faits import fait, faits

LIVE, FRESH, OLD = "vue_vies", "vue_vies_neuve", "vue_vies_ancienne"


class Lives:
    """How many facts each person has, and of which types: two tables that name their subject first."""

    name = "vies"
    shape = "1"

    def settle(self, conn: psycopg.Connection[Any], schema: str, ledger: Ledger) -> int:
        """Nothing: each batch is drawn as it comes."""
        return 0

    def create(self, conn: psycopg.Connection[Any], schema: str) -> None:
        """Make both tables."""
        conn.execute(SQL("CREATE TABLE {} (subject uuid PRIMARY KEY, n bigint)").format(Identifier(schema, "vies")))
        conn.execute(SQL("CREATE TABLE {} (subject uuid, nom text)").format(Identifier(schema, "types")))

    def apply(self, conn: psycopg.Connection[Any], schema: str, batch: Batch) -> None:
        """Add what the batch brings."""
        opened = [(str(row.subject.hex()), fait.nom) for row, _, fait in batch.opened()]
        for subject, n in Counter(subject for subject, _ in opened).items():
            conn.execute(
                SQL(
                    "INSERT INTO {} AS v VALUES (%s, %s) ON CONFLICT (subject) DO UPDATE SET n = v.n + EXCLUDED.n"
                ).format(Identifier(schema, "vies")),
                (subject, n),
            )
        with conn.cursor() as cursor:
            cursor.executemany(SQL("INSERT INTO {} VALUES (%s, %s)").format(Identifier(schema, "types")), opened)


def schemas(ledger: Ledger) -> dict[str, int]:
    """The projection's schemas, live or left over, with their identity."""
    with ledger.connection() as conn:
        return dict(
            conn.execute("SELECT nspname::text, oid::int FROM pg_namespace WHERE nspname LIKE 'vue\\_%'").fetchall()
        )


def lives(ledger: Ledger) -> dict[str, int]:
    """What readers see."""
    with ledger.connection() as conn:
        return {subject.hex: n for subject, n in conn.execute(f"SELECT subject, n FROM {LIVE}.vies")}


def change(ledger: Ledger, statement: str, *values: object) -> None:
    """Damage the live tables; they are nobody's evidence and have no guard."""
    with ledger.connection() as conn:
        conn.execute(statement.encode(), values)


@pytest.fixture
def followed(ledger: Ledger) -> Ledger:
    """A ledger of 60 facts of ten persons, with its projection up to date."""
    ledger.append(list(faits(60)))
    with Follower(ledger, Lives(), batch=13) as follower:
        assert follower.catch_up() == 60
    return ledger


def test_the_same_rows(followed: Ledger) -> None:
    """Rebuilt from zero, the tables are new ones with the same rows, and a follower goes on from their place."""
    before, rows = schemas(followed), lives(followed)
    steps: list[int] = []
    assert rebuild(followed, Lives(), progress=steps.append) == Rebuilt("vies", 60, 60, (), swapped=True)
    assert sum(steps) == 60
    assert schemas(followed).keys() == before.keys() == {LIVE}
    assert schemas(followed)[LIVE] != before[LIVE]
    assert lives(followed) == rows
    followed.append([fait(personne="P-1", id="X")])
    with Follower(followed, Lives()) as follower:
        assert follower.catch_up() == 1
    assert sum(lives(followed).values()) == 61
    assert rebuild(followed, Lives()).differences == ()


def test_a_projection_that_never_was(ledger: Ledger) -> None:
    """A projection that has no tables yet is built by its first rebuild; an empty ledger gives empty tables."""
    assert rebuild(ledger, Lives()) == Rebuilt("vies", 0, 0, (), swapped=True)
    ledger.append(list(faits(5)))
    assert rebuild(ledger, Lives()) == Rebuilt("vies", 5, 5, (), swapped=True)
    assert sum(lives(ledger).values()) == 5


@pytest.mark.parametrize(
    ("statement", "table", "only_before", "only_after"),
    [
        (f"UPDATE {LIVE}.vies SET n = n + 1 WHERE subject = %s", "vies", 1, 1),
        (f"DELETE FROM {LIVE}.vies WHERE subject = %s", "vies", 0, 1),
        (f"INSERT INTO {LIVE}.types SELECT * FROM {LIVE}.types WHERE subject = %s", "types", 6, 0),
        (f"UPDATE {LIVE}.types SET nom = 'autre' WHERE subject = %s", "types", 6, 6),
        (f"UPDATE {LIVE}.types SET nom = NULL WHERE subject = %s", "types", 6, 6),
        (
            f"DELETE FROM {LIVE}.types WHERE ctid = (SELECT min(ctid) FROM {LIVE}.types WHERE subject = %s)",
            "types", 0, 1,
        ),
    ],
)  # fmt: skip
def test_a_damaged_row(followed: Ledger, statement: str, table: str, only_before: int, only_after: int) -> None:
    """A row that was changed, lost or doubled is told with its table and its person, and is right again afterwards."""
    rows = lives(followed)
    subject = followed.life("P-3")[0].subject
    change(followed, statement, subject)
    found = (Difference(table, only_before, only_after, (str(subject),)),)
    assert rebuild(followed, Lives(), check_only=True).differences == found
    assert rebuild(followed, Lives()).differences == found
    assert rebuild(followed, Lives()).differences == ()
    assert lives(followed) == rows


def test_many_damaged_rows_name_a_few_persons(followed: Ledger) -> None:
    """However many rows differ, the count is exact and only a few persons are named."""
    change(followed, f"UPDATE {LIVE}.vies SET n = 0")
    [difference] = rebuild(followed, Lives()).differences
    assert (difference.only_before, difference.only_after, len(difference.subjects)) == (10, 10, 5)


def test_a_check_changes_nothing(followed: Ledger) -> None:
    """A check without repair leaves the live tables as they are, wrong rows included, and nothing else behind."""
    change(followed, f"UPDATE {LIVE}.vies SET n = 1000 WHERE subject = %s", followed.life("P-3")[0].subject)
    before, rows = schemas(followed), lives(followed)
    result = rebuild(followed, Lives(), check_only=True)
    assert (result.swapped, result.position, len(result.differences)) == (False, 60, 1)
    assert (schemas(followed), lives(followed)) == (before, rows)


def test_facts_that_arrive_during_a_rebuild(followed: Ledger) -> None:
    """Facts appended and followed while the tables are rebuilt are in both, so they are no difference."""
    arrived: list[int] = []

    def more(_: int) -> None:
        if len(arrived) < 5:
            arrived.append(len(followed.append([fait(id=f"X-{len(arrived)}", personne=f"P-{len(arrived)}")])))
            with Follower(followed, Lives()) as live:
                live.catch_up()

    result = rebuild(followed, Lives(), progress=more)
    assert (result.differences, result.position, result.entries) == ((), 65, 65)
    assert sum(lives(followed).values()) == 65


def test_the_new_tables_stop_where_the_live_ones_stand(followed: Ledger) -> None:
    """The new tables are brought to the live ones' very position, not further, whatever was read ahead."""
    with Follower(followed, Lives(), schema=FRESH, batch=5) as follower:
        assert _finish(follower, 12) == 12
        assert follower.position() == 12
    with Follower(followed, Lives(), schema=FRESH, batch=5) as follower:
        assert (_finish(follower, 12), _finish(follower, 21), follower.position()) == (0, 9, 21)


def test_readers_and_a_follower_go_on(followed: Ledger) -> None:
    """While the tables are rebuilt again and again, readers read, a follower follows, and no fact is lost or doubled."""
    stop = threading.Event()

    def read() -> int:
        reads = 0
        with followed.database.connect() as conn:
            while not stop.is_set():
                [(total,)] = conn.execute(f"SELECT sum(n) FROM {LIVE}.vies", prepare=True).fetchall()
                assert total >= 60
                reads += 1
        return reads

    def write() -> int:
        number = 0
        while not stop.is_set():
            followed.append([fait(id=f"X-{number}", personne=f"P-{number % 10}")])
            number += 1
            time.sleep(0.005)
        return number

    follower = Follower(followed, Lives())
    with ThreadPoolExecutor(4) as pool:
        reading, writing, following = pool.submit(read), pool.submit(write), pool.submit(follower.run, stop)
        try:
            for _ in range(6):
                result = rebuild(followed, Lives())
                assert result.differences == ()
        finally:
            stop.set()
        assert reading.result() > 20
        written = writing.result()
        following.result()
    follower.catch_up()
    follower.close()
    assert written > 6
    assert sum(lives(followed).values()) == 60 + written
    assert schemas(followed).keys() == {LIVE}
    assert rebuild(followed, Lives(), check_only=True).differences == ()


class KilledError(Exception):
    """Stands for the end of the process, at a moment of the test's choice."""


@pytest.mark.parametrize("check_only", [True, False])
def test_a_rebuild_that_was_killed(followed: Ledger, check_only: bool) -> None:
    """What a rebuild leaves behind when it ends half-way harms nobody, and the next one clears it away."""
    rows = lives(followed)

    def kill(_: int) -> None:
        raise KilledError

    with pytest.raises(KilledError):
        rebuild(followed, Lives(), progress=kill)
    assert schemas(followed).keys() == {LIVE, FRESH}
    assert lives(followed) == rows
    change(followed, f"CREATE SCHEMA {OLD}")
    change(followed, f"CREATE TABLE {OLD}.vies (x int)")
    result = rebuild(followed, Lives(), check_only=check_only)
    assert (result.entries, result.differences) == (60, ())
    assert schemas(followed).keys() == ({LIVE, OLD} if check_only else {LIVE})
    assert rebuild(followed, Lives()).swapped
    assert schemas(followed).keys() == {LIVE}


def test_a_killed_session_changes_nothing(followed: Ledger) -> None:
    """A rebuild whose session ends while places are being changed leaves the live tables where they were."""
    before, rows = schemas(followed), lives(followed)
    cut: Callable[[], int] = lambda: len(_cut(followed, "query LIKE '%%EXCEPT ALL%%' OR query LIKE 'ALTER SCHEMA%%'"))  # noqa: E731
    stop = threading.Event()

    def keep_cutting() -> int:
        total = 0
        while not stop.is_set() and total == 0:
            total += cut()
        return total

    change(
        followed,
        f"INSERT INTO {LIVE}.types SELECT subject, repeat('x', 100) FROM {LIVE}.types, generate_series(1, 4000)",
    )
    with ThreadPoolExecutor(1) as pool:
        cutting = pool.submit(keep_cutting)
        try:
            with pytest.raises(psycopg.OperationalError):
                rebuild(followed, Lives())
        finally:
            stop.set()
        assert cutting.result() == 1
    assert (schemas(followed)[LIVE], lives(followed)) == (before[LIVE], rows)
    [difference] = rebuild(followed, Lives()).differences
    assert (difference.table, difference.only_before) == ("types", 60 * 4000)


def _cut(ledger: Ledger, where: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        return conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'constat'"
            f" AND state = 'active' AND datname = current_database() AND ({where})".replace("%%", "%").encode()
        ).fetchall()


def test_what_a_destroyed_key_takes_away_is_told(followed: Ledger) -> None:
    """After a person's key was destroyed, a rebuild loses what was theirs and says so, by their pseudonym."""
    subject = followed.life("P-3")[0].subject
    detruire(followed, subject)
    differences = {each.table: each for each in rebuild(followed, Lives()).differences}
    assert (differences["vies"].only_before, differences["vies"].subjects) == (1, (str(subject),))
    assert differences["types"].only_before == differences["set_aside"].only_after == 6
    assert subject.hex not in lives(followed)

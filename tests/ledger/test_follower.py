"""A follower keeps its projection current with each entry exactly once, whatever breaks on the way."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from app.embedded import EmbeddedServer
from ledger.coffre import DeploymentKeys
from ledger.database import Database, prepare
from ledger.events.correction import FaitRetire
from ledger.events.depot import TentativeDepotEchouee
from ledger.events.types import Flux
from ledger.follower import Batch, Follower, follow
from ledger.store import Ledger
from tests.cles import detruire
from tests.faits import fait, faits


class Counts:
    """How many entries there are of each type, by adding: an entry applied twice or not at all shows."""

    name = "comptes"
    shape = "1"

    def settle(self, conn: psycopg.Connection[Any], schema: str, ledger: Ledger) -> int:
        """Nothing: each batch is drawn as it comes."""
        return 0

    def create(self, conn: psycopg.Connection[Any], schema: str) -> None:
        """One row a type."""
        conn.execute(
            SQL("CREATE TABLE {} (nom text PRIMARY KEY, n bigint NOT NULL)").format(Identifier(schema, "comptes"))
        )

    def apply(self, conn: psycopg.Connection[Any], schema: str, batch: Batch) -> None:
        """Add what the batch brings."""
        for nom, n in Counter(opened.nom for _, _, opened in batch.opened()).items():
            conn.execute(
                SQL("INSERT INTO {0} AS c VALUES (%s, %s) ON CONFLICT (nom) DO UPDATE SET n = c.n + EXCLUDED.n").format(
                    Identifier(schema, "comptes")
                ),
                (nom, n),
            )


def counts(ledger: Ledger, schema: str = "vue_comptes") -> dict[str, int]:
    """What readers see."""
    with ledger.connection() as conn:
        return dict(conn.execute(SQL("SELECT nom, n FROM {}").format(Identifier(schema, "comptes"))).fetchall())


def set_aside(ledger: Ledger) -> list[tuple[int, str]]:
    """The entries that could not be read."""
    with ledger.connection() as conn:
        return conn.execute("SELECT position, reason FROM vue_comptes.set_aside ORDER BY position").fetchall()


def fill(ledger: Ledger, count: int, *, first: int = 1) -> None:
    """Append and seal ``count`` failed attempts."""
    ledger.append(list(faits(count, first=first)))
    ledger.sequence()


def cut(ledger: Ledger, where: str = "true") -> int:
    """End the application's sessions; returns how many there were."""
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        return len(conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE application_name = 'constat' AND datname = current_database() AND {where}".encode()
        ).fetchall())  # fmt: skip


def wait_for(what: Callable[[], bool], seconds: float = 10) -> float:
    """How long it took until ``what`` was true."""
    start = time.monotonic()
    while not what():
        assert time.monotonic() - start < seconds, "waited in vain"
        time.sleep(0.005)
    return time.monotonic() - start


@contextmanager
def running(follower: Follower) -> Iterator[threading.Event]:
    """The follower running in a thread, stopped at the end."""
    stop = threading.Event()
    thread = threading.Thread(target=follower.run, args=(stop,))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive(), "the follower does not stop"


# ---------------------------------------------------------------------- exactly once


def test_batches(ledger: Ledger) -> None:
    """Entries are applied in batches of the size asked for, in order, and the place is that of the last one."""
    fill(ledger, 20)
    with Follower(ledger, Counts(), batch=7) as follower:
        assert [follower.step() for _ in range(4)] == [7, 7, 6, 0]
        assert follower.position() == 20
        ledger.append([fait(id="R", evenement=FaitRetire(motif="x"), flux_choisi=Flux.DOSSIER)])
        assert follower.step() == 0, "what is not sealed is not followed"
        assert follower.catch_up() == 1
    assert counts(ledger) == {"tentative_depot_echouee": 20, "fait_retire": 1}
    assert set_aside(ledger) == []


def test_what_was_read_ahead_is_never_stale(ledger: Ledger) -> None:
    """Batches that were fetched while others were applied are those that follow, whatever was sealed meanwhile."""
    fill(ledger, 5)
    with Follower(ledger, Counts(), batch=5) as follower:
        assert follower.step() == 5
        fill(ledger, 7, first=100)
        assert follower.catch_up() == 7
        fill(ledger, 10, first=200)
        assert follower.step() == 5
        follower.batch = 2
        assert [follower.step() for _ in range(3)] == [2, 2, 1]
        assert follower.position() == 22
    assert counts(ledger) == {"tentative_depot_echouee": 22}


def test_a_follower_goes_on_where_the_last_one_stopped(ledger: Ledger) -> None:
    """A new follower of the same projection goes on from the stored place, and so does one that has been closed."""
    fill(ledger, 5)
    with Follower(ledger, Counts(), batch=3) as follower:
        assert follower.step() == 3
    with Follower(ledger, Counts()) as follower:
        assert (follower.position(), follower.catch_up()) == (3, 2)
        follower.close()
        fill(ledger, 4, first=50)
        assert follower.catch_up() == 4
    assert counts(ledger) == {"tentative_depot_echouee": 9}


def test_a_backend_killed_in_the_middle_of_a_batch(ledger: Ledger) -> None:
    """A session that ends when half of a batch is applied leaves nothing of it; the batch is then applied whole."""
    fill(ledger, 30)
    killed: list[int] = []

    class Suicidal(Counts):
        def apply(self, conn: psycopg.Connection[Any], schema: str, batch: Batch) -> None:
            super().apply(conn, schema, batch)
            if len(killed) < 3:
                killed.append(batch.rows[0].position or 0)
                assert cut(ledger, f"pid = {conn.info.backend_pid}") == 1

    with Follower(ledger, Suicidal(), batch=10) as follower:
        assert follower.catch_up() == 30
    assert killed == [1, 1, 1]
    assert counts(ledger) == {"tentative_depot_echouee": 30}


def test_sessions_killed_at_any_moment(ledger: Ledger) -> None:
    """Sessions that end at random moments, just before or after a commit included, cost no entry and repeat none."""
    fill(ledger, 240)
    with Follower(ledger, Counts(), batch=2) as follower, ThreadPoolExecutor(1) as pool:
        done = pool.submit(follower.catch_up)
        cuts = 0
        while not done.done():
            cuts += cut(ledger, "state <> 'idle'")
            time.sleep(0.005 if cuts == 0 else 0.03)
        assert cuts > 0
        assert done.result() <= 240
        ledger.writer.datastore.pool.check()
        follower.catch_up()
        assert follower.position() == 240
    assert counts(ledger) == {"tentative_depot_echouee": 240}


def test_a_projection_that_fails_leaves_nothing(ledger: Ledger) -> None:
    """An error of the projection's own stops the follower, visibly, with its tables and its place as they were."""
    fill(ledger, 6)

    class Failing(Counts):
        def apply(self, conn: psycopg.Connection[Any], schema: str, batch: Batch) -> None:
            super().apply(conn, schema, batch)
            if (batch.rows[-1].position or 0) > 3:
                raise ZeroDivisionError

    with Follower(ledger, Failing(), batch=3) as follower:
        with pytest.raises(ZeroDivisionError):
            follower.catch_up()
        assert follower.position() == 3
    assert counts(ledger) == {"tentative_depot_echouee": 3}
    with Follower(ledger, Counts()) as follower:
        assert follower.catch_up() == 3


def test_several_followers_of_one_projection(ledger: Ledger) -> None:
    """Followers of one projection, started at once on an empty database and at once on a full one, share the work."""
    fill(ledger, 150)
    start = threading.Barrier(4)

    def follow(_: int) -> int:
        with Follower(ledger, Counts(), batch=4) as follower:
            start.wait()
            return follower.catch_up()

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(follow, range(4)))
    assert sum(shares) == 150
    assert counts(ledger) == {"tentative_depot_echouee": 150}


def test_projections_do_not_disturb_one_another(ledger: Ledger) -> None:
    """Each projection has its own tables and its own place."""
    fill(ledger, 10)

    class Other(Counts):
        name = "autres"

    with Follower(ledger, Counts(), batch=4) as one, Follower(ledger, Other()) as other:
        assert (one.step(), other.catch_up()) == (4, 10)
        assert (one.position(), other.position()) == (4, 10)
    assert (counts(ledger), counts(ledger, "vue_autres")) == (
        {"tentative_depot_echouee": 4},
        {"tentative_depot_echouee": 10},
    )


# ---------------------------------------------------------------------- what cannot be read


def test_entries_of_a_destroyed_key_are_set_aside(ledger: Ledger) -> None:
    """Entries whose person's key is destroyed are named and left out; all others are applied and the place moves on."""
    ledger.append([fait(), fait(personne="P-2"), fait(id="F-2", personne="P-2"), fait(id="F-3")])
    ledger.sequence()
    [subject] = {entry.subject for entry in ledger.life("P-2")}
    detruire(ledger, subject)
    with Follower(ledger, Counts()) as follower:
        assert follower.catch_up() == 4
    assert counts(ledger) == {"tentative_depot_echouee": 2}
    assert set_aside(ledger) == [(2, "clé détruite"), (3, "clé détruite")]


def test_a_damaged_entry_is_set_aside(unchecked_ledger: Ledger) -> None:
    """An entry that was changed in the database is named and left out, and does not stop the others."""
    ledger = unchecked_ledger
    [_, damaged, _] = ledger.append(list(faits(3, evenement=TentativeDepotEchouee())))
    ledger.sequence()
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        conn.execute("ALTER TABLE ledger.entry DISABLE TRIGGER append_only")
        conn.execute(
            "UPDATE ledger.entry SET state = set_byte(state, 20, get_byte(state, 20) # 1) WHERE event_id = %s",
            (damaged.event_id,),
        )
    with Follower(ledger, Counts()) as follower:
        assert follower.catch_up() == 3
    assert counts(ledger) == {"tentative_depot_echouee": 2}
    [(position, reason)] = set_aside(ledger)
    assert position == 2
    assert "elle a été modifiée" in reason


# ---------------------------------------------------------------------- running


def test_it_wakes_on_each_sealing(ledger: Ledger) -> None:
    """A running follower applies what is sealed at once, not at its next look round."""
    with Follower(ledger, Counts()) as follower, running(follower):
        wait_for(lambda: _exists(ledger))
        waited = []
        for number in range(1, 9):
            fill(ledger, 1, first=number)
            waited.append(wait_for(lambda n=number: counts(ledger) == {"tentative_depot_echouee": n}))  # type: ignore[misc]
    assert max(waited) < 1
    assert sum(waited) < 2, "it looks round twice a second, it does not listen"


def test_it_sees_to_the_sealing_itself(ledger: Ledger) -> None:
    """A running follower has what is committed sealed, also when nobody else does."""
    with Follower(ledger, Counts()) as follower, running(follower):
        ledger.append(list(faits(3)))
        wait_for(lambda: _exists(ledger) and counts(ledger) == {"tentative_depot_echouee": 3})


def test_it_goes_on_after_its_sessions_were_ended(ledger: Ledger) -> None:
    """A running follower that loses every session, the listening one included, takes up its work again by itself."""
    with Follower(ledger, Counts()) as follower, running(follower):
        for number in range(1, 4):
            fill(ledger, 1, first=number)
            wait_for(lambda n=number: _exists(ledger) and counts(ledger) == {"tentative_depot_echouee": n})  # type: ignore[misc]
            cut(ledger)
            ledger.writer.datastore.pool.check()


@pytest.mark.parametrize("together", [False, True], ids=["run", "follow"])
def test_it_stops_while_the_server_is_away(own_server: EmbeddedServer, keys: DeploymentKeys, together: bool) -> None:
    """A follower told to stop does so within two seconds or so, also when it is looking for a server that is gone."""
    own_server.ensure_database("suivi")
    with Ledger(prepare(Database(own_server.conninfo("suivi")), origin="essai.test/suivi"), keys) as ledger:
        stop, projection = threading.Event(), Counts()
        follower = Follower(ledger, projection)
        work = (lambda: follow(ledger, [projection], stop)) if together else (lambda: follower.run(stop))
        thread = threading.Thread(target=work)
        thread.start()
        fill(ledger, 1)
        wait_for(lambda: _exists(ledger) and counts(ledger) == {"tentative_depot_echouee": 1})
        own_server.stop()
        time.sleep(1)  # it has noticed, and looks for its server
        asked = time.monotonic()
        stop.set()
        thread.join(40)
        assert time.monotonic() - asked < 3
        follower.close()


def test_it_goes_on_when_the_server_is_back(own_server: EmbeddedServer, keys: DeploymentKeys) -> None:
    """A follower whose server was away for a while applies what comes after, each entry once."""
    own_server.ensure_database("suivi")
    with Ledger(prepare(Database(own_server.conninfo("suivi")), origin="essai.test/suivi"), keys) as ledger:
        fill(ledger, 2)
        with Follower(ledger, Counts()) as follower, running(follower):
            wait_for(lambda: _exists(ledger) and counts(ledger) == {"tentative_depot_echouee": 2})
            own_server.stop()
            time.sleep(1)
            own_server.start()
            fill(ledger, 2, first=10)
            wait_for(lambda: counts(ledger) == {"tentative_depot_echouee": 4})


def _exists(ledger: Ledger) -> bool:
    with ledger.connection() as conn:
        return conn.execute("SELECT to_regclass('vue_comptes.tracking')").fetchone() != (None,)

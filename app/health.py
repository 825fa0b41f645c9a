"""How a deployment fares: figures (Prometheus text format), and two answers: does it live, is it ready.

Read from the database at each request, by the database's own clock, under the application's role and in a read-only
transaction. Counts and ages only: nothing of a person, and no label but the names of projections, witnesses and slots.
"""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import psycopg
from prometheus_client.core import CollectorRegistry, CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from app.http_service import NOT_FOUND, UNAVAILABLE, Answer, Asked
from ledger.database import APPLICATION, PLANS, Database
from ledger.follower import live_schema
from ledger.seal.policy import Policy
from projections.toutes import PROJECTIONS

CONNECT_SECONDS: Final = 5
STATEMENT_SECONDS: Final = 5
WAIT_SECONDS: Final = 10.0
"""One reading at a time: who comes meanwhile waits for so long, then is told that it is not available."""

BACKLOG: Final = """
SELECT (SELECT coalesce(max(position), 0) FROM ledger.leaf), (SELECT coalesce(max(size), 0) FROM ledger.checkpoint),
    count(*), extract(epoch FROM clock_timestamp() - min(e.recorded_at))::float8
FROM ledger.entry AS e
WHERE e.xid >= coalesce((SELECT horizon FROM ledger.sealing ORDER BY last_position DESC LIMIT 1), '0'::xid8)
    AND NOT EXISTS (SELECT FROM ledger.leaf AS l WHERE l.notification_id = e.notification_id)
"""
UNSEALED_AGE: Final = """
SELECT extract(epoch FROM clock_timestamp() - e.recorded_at)::float8
FROM ledger.leaf AS l JOIN ledger.entry AS e USING (notification_id) WHERE l.position = %s
"""
CHECKPOINT_AGE: Final = """
SELECT extract(epoch FROM clock_timestamp() - signed_at)::float8 FROM ledger.checkpoint ORDER BY size DESC LIMIT 1
"""
UNCOSIGNED_AGE: Final = """
SELECT extract(epoch FROM clock_timestamp() - signed_at)::float8 FROM ledger.checkpoint
WHERE size > (SELECT coalesce(max(size), 0) FROM ledger.cosignature) ORDER BY size LIMIT 1
"""
WITNESSES: Final = """
SELECT w.witness, (SELECT count(*) FROM ledger.checkpoint AS c WHERE c.size > w.size),
    extract(epoch FROM clock_timestamp() - w.received_at)::float8
FROM (SELECT witness, max(size) AS size, max(received_at) AS received_at FROM ledger.cosignature GROUP BY witness) AS w
"""
STAMP_AGE: Final = "SELECT extract(epoch FROM clock_timestamp() - max(received_at))::float8 FROM ledger.token"
VERIFICATION: Final = """
SELECT extract(epoch FROM clock_timestamp() - finished_at)::float8, intact::int
FROM work.verification ORDER BY finished_at DESC LIMIT 1
"""
SLOTS: Final = """
SELECT slot_name::text, active::int, coalesce(wal_status = 'lost', false)::int,
    CASE WHEN pg_is_in_recovery() THEN NULL ELSE (pg_current_wal_lsn() - restart_lsn)::float8 END
FROM pg_replication_slots WHERE slot_type = 'logical' AND database = current_database()
"""


@dataclass(slots=True)
class Follower:
    """How far a projection is behind (positions), and how many entries it could not read."""

    behind: int
    set_aside: int


@dataclass(slots=True)
class Measures:
    """The figures of one reading; what is not known, or not there yet, is ``None`` or absent. Ages in seconds."""

    position: int
    sealed: int
    unplaced: int
    seal_lag: float
    checkpoint_age: float | None
    uncosigned_age: float | None
    token_age: float | None
    verification: tuple[float, int] | None
    witnesses: dict[str, tuple[int, float | None]] = field(default_factory=dict)
    followers: dict[str, Follower] = field(default_factory=dict)
    slots: list[tuple[str, int, int, float | None]] = field(default_factory=list)


def connect(database: Database) -> psycopg.Connection[Any]:
    """A connection that reads only and does not last, under the application's role where there is one.

    :raises psycopg.OperationalError: the database cannot be reached.
    """
    options = f"-c statement_timeout={STATEMENT_SECONDS}s {PLANS}"
    conninfo = make_conninfo(
        database.conninfo, options=options, connect_timeout=CONNECT_SECONDS, application_name="constat-mesures"
    )
    conn = psycopg.connect(conninfo, autocommit=True)
    conn.execute("SET default_transaction_read_only = on")  # in the options, libpq would take it for a standby
    if _one(conn, "SELECT 1 FROM pg_roles WHERE rolname = %s", APPLICATION) is not None:
        conn.execute(SQL("SET ROLE {}").format(Identifier(APPLICATION)))
    return conn


def measure(conn: psycopg.Connection[Any], policy: Policy | None = None) -> Measures:
    """Read every figure. ``policy``: names the witnesses, those too that never cosigned."""
    with conn.transaction():
        position, sealed, unplaced, waiting = _row(conn, BACKLOG) or (0, 0, 0, None)
        ages = [waiting or 0.0, _one(conn, UNSEALED_AGE, sealed + 1) or 0.0]
        return Measures(
            position=position,
            sealed=sealed,
            unplaced=unplaced,
            seal_lag=max(ages),
            checkpoint_age=_one(conn, CHECKPOINT_AGE),
            uncosigned_age=_one(conn, UNCOSIGNED_AGE),
            token_age=_one(conn, STAMP_AGE),
            verification=_verification(conn),
            witnesses=_witnesses(conn, policy),
            followers=dict(_followers(conn, position)),
            slots=conn.execute(SLOTS.encode()).fetchall(),
        )


def _verification(conn: psycopg.Connection[Any]) -> tuple[float, int] | None:
    row = _row(conn, VERIFICATION)
    return (row[0], row[1]) if row else None


def _witnesses(conn: psycopg.Connection[Any], policy: Policy | None) -> dict[str, tuple[int, float | None]]:
    """For each witness: how many checkpoints it has not cosigned since its last one, and how long ago that was."""
    seen = {vkey: (missing, age) for vkey, missing, age in conn.execute(WITNESSES.encode())}
    if policy is None:
        return {vkey.partition("+")[0]: figures for vkey, figures in seen.items()}
    never = (_one(conn, "SELECT count(*) FROM ledger.checkpoint") or 0, None)
    return {name: seen.get(witness.verifier.vkey, never) for name, witness in policy.witnesses.items()}


def _followers(conn: psycopg.Connection[Any], position: int) -> Iterator[tuple[str, Follower]]:
    for name, projection in PROJECTIONS.items():
        schema = live_schema(projection)
        if _one(conn, "SELECT to_regclass(format('%%I.tracking', %s::text))", schema) is None:
            continue
        reached, set_aside = conn.execute(
            SQL("SELECT (SELECT max(notification_id) FROM {0}.tracking), (SELECT count(*) FROM {0}.set_aside)").format(
                Identifier(schema)
            )
        ).fetchone() or (0, 0)
        yield name, Follower(max(0, position - (reached or 0)), set_aside)


def families(found: Measures | None) -> Iterator[Metric]:
    """The figures as Prometheus takes them; of a database that cannot be reached, only that."""
    yield _gauge("constat_up", "Whether the database could be read (1) or not (0).", found is not None)
    if found is None:
        return
    entries = CounterMetricFamily("constat_entries", "Entries in the ledger.")
    entries.add_metric([], found.position + found.unplaced)
    yield entries
    yield _gauge("constat_entries_unplaced", "Entries that wait for a position.", found.unplaced)
    yield _gauge("constat_positions_unsealed", "Positions beyond the last checkpoint.", found.position - found.sealed)
    yield _gauge("constat_checkpoint_size", "Lines that the last checkpoint counts.", found.sealed)
    yield _gauge("constat_seal_lag_seconds", "Age of the oldest entry that no checkpoint holds.", found.seal_lag)
    yield from _ages(found)
    yield from _of_witnesses(found.witnesses)
    yield from _of_followers(found.followers)
    yield from _of_slots(found.slots)


def _ages(found: Measures) -> Iterator[Metric]:
    verified, intact = found.verification or (None, None)
    for name, said, value in (
        ("constat_checkpoint_age_seconds", "Age of the last checkpoint.", found.checkpoint_age),
        (
            "constat_uncosigned_age_seconds",
            "Age of the oldest checkpoint that waits for a witness.",
            found.uncosigned_age,
        ),
        ("constat_token_age_seconds", "Age of the last timestamp token.", found.token_age),
        ("constat_verification_age_seconds", "Time since the last whole verification.", verified),
        ("constat_verification_intact", "Whether the last verification found nothing (1) or something (0).", intact),
    ):
        if value is not None:
            yield _gauge(name, said, value)


def _of_witnesses(witnesses: dict[str, tuple[int, float | None]]) -> Iterator[Metric]:
    missing = GaugeMetricFamily(
        "constat_cosignatures_missing", "Checkpoints since the last one that a witness cosigned.", labels=["witness"]
    )
    age = GaugeMetricFamily("constat_cosignature_age_seconds", "Time since a witness cosigned.", labels=["witness"])
    for name, (count, seconds) in witnesses.items():
        missing.add_metric([name], count)
        if seconds is not None:
            age.add_metric([name], seconds)
    yield from (missing, age)


def _of_followers(followers: dict[str, Follower]) -> Iterator[Metric]:
    behind = GaugeMetricFamily("constat_follower_lag", "Positions a projection is behind.", labels=["projection"])
    aside = GaugeMetricFamily("constat_set_aside", "Entries a projection could not read.", labels=["projection"])
    for name, follower in followers.items():
        behind.add_metric([name], follower.behind)
        aside.add_metric([name], follower.set_aside)
    yield from (behind, aside)


def _of_slots(slots: Iterable[tuple[str, int, int, float | None]]) -> Iterator[Metric]:
    active = GaugeMetricFamily("constat_mirror_active", "Whether a mirror is connected.", labels=["slot"])
    lost = GaugeMetricFamily("constat_mirror_lost", "Whether a mirror must be set up again.", labels=["slot"])
    kept = GaugeMetricFamily("constat_mirror_wal_bytes", "Log bytes kept for a mirror.", labels=["slot"])
    for name, is_active, is_lost, size in slots:
        active.add_metric([name], is_active)
        lost.add_metric([name], is_lost)
        if size is not None:
            kept.add_metric([name], size)
    yield from (active, lost, kept)


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(name, said, value=value)


class _Once(Collector):
    """Hands over the figures of one reading."""

    def __init__(self, found: Measures | None) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        """Every family."""
        return families(self._found)


def exposition(found: Measures | None) -> bytes:
    """The figures in Prometheus text format, from a registry of their own: nothing of this process is in it."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Once(found))
    return generate_latest(registry)


class HealthService:
    """Answers ``/metrics``, ``/health`` (it lives) and ``/ready`` (the ledger can be read)."""

    def __init__(self, database: Database, policy: Policy | None = None) -> None:
        self._database = database
        self._policy = policy
        self._reading = threading.Lock()

    def __call__(self, asked: Asked) -> Answer:
        """The answer to one request."""
        match asked.path:
            case "health":
                return Answer(b"ok\n")
            case "ready" | "metrics":
                if not self._reading.acquire(timeout=WAIT_SECONDS):
                    return UNAVAILABLE
                try:
                    found = read(self._database, self._policy)
                finally:
                    self._reading.release()
                if asked.path == "metrics":
                    return Answer(exposition(found), HTTPStatus.OK, CONTENT_TYPE_LATEST)
                return Answer(b"ok\n") if found is not None else UNAVAILABLE
            case _:
                return NOT_FOUND


def read(database: Database, policy: Policy | None = None) -> Measures | None:
    """The figures now; ``None`` when the database cannot be reached, or has no ledger."""
    try:
        with connect(database) as conn:
            return measure(conn, policy)
    except psycopg.Error:
        return None


def _row(conn: psycopg.Connection[Any], query: str, *values: object) -> tuple[Any, ...] | None:
    return conn.execute(query.encode(), values or None).fetchone()


def _one(conn: psycopg.Connection[Any], query: str, *values: object) -> Any:
    row = _row(conn, query, *values)
    return row[0] if row else None

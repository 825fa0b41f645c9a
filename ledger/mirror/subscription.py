"""The mirror's side: a database that subscribes to the operator's inserts, and what can be said of how it fares."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier, Literal

from ledger.database import SQL_FOLDER, Database, prepare
from ledger.errors import ConstatError
from ledger.mirror.publication import PUBLICATION, shortfall
from ledger.mirror.tables import MIRRORED

SUBSCRIPTION: Final = "constat_mirror"
SLOT: Final = "constat_mirror"
SYNCED_SLOTS: Final = 170000
"""The first server version whose slots a standby can keep (``failover``)."""
POLL_SECONDS: Final = 0.1
STEADY: Final = timedelta(seconds=2)
"""Where receiving has failed before, a connection counts once it has lasted for so long."""
FARES: Final = """
WITH subscribed AS (
    SELECT oid, subenabled FROM pg_subscription WHERE subname = %(name)s
        AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
), failed AS (
    SELECT coalesce(max(e.apply_error_count + e.sync_error_count), 0) AS errors
    FROM subscribed JOIN pg_stat_subscription_stats AS e ON e.subid = subscribed.oid
)
SELECT subenabled, errors, last_msg_receipt_time, last_msg_receipt_time IS NOT NULL
    AND (errors = 0 OR backend_start < clock_timestamp() - %(steady)s)
FROM subscribed CROSS JOIN failed
LEFT JOIN pg_stat_subscription AS s ON s.subid = subscribed.oid AND s.relid IS NULL
LEFT JOIN pg_stat_activity AS a ON a.pid = s.pid
ORDER BY last_msg_receipt_time DESC NULLS LAST LIMIT 1
"""
SUBSCRIBED: Final = (
    "SELECT subconninfo, subslotname::text FROM pg_subscription WHERE subname = %s"
    " AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class MirrorError(ConstatError):
    """Le miroir n'est pas en place, ou ce qui est là n'en est pas un."""


@dataclass(frozen=True, slots=True)
class Here:
    """How the mirror fares. ``size``: of the last checkpoint received; ``errors``: how often receiving failed.

    ``enabled``: nobody stopped it by hand. A row that it cannot take in has it begin again each few seconds.
    """

    enabled: bool
    connected: bool
    copying: tuple[str, ...]
    errors: int
    last_message: datetime | None
    position: int
    size: int
    signed_at: datetime | None
    refused: int

    @property
    def following(self) -> bool:
        """Whether it is receiving."""
        return self.enabled and self.connected and not self.copying


@dataclass(frozen=True, slots=True)
class Slot:
    """What the operator's server keeps for the mirror: bytes not yet received, and whether they are still all there."""

    active: bool
    behind: int
    lost: bool
    survives_failover: bool


@dataclass(frozen=True, slots=True)
class There:
    """How the operator's ledger stands, seen from the mirror. ``slot``: ``None`` when the server has none for it."""

    position: int
    size: int
    signed_at: datetime | None
    slot: Slot | None
    missing: tuple[str, ...]
    partial: tuple[str, ...]


def reading(conninfo: str, *, seconds: int = 10) -> psycopg.Connection[Any]:
    """A connection to the other side's database, which reads and does not wait for ever.

    :raises MirrorError: ``conninfo`` cannot be read. What it holds is not shown: it may be a password.
    :raises psycopg.OperationalError: the database cannot be reached.
    """
    options = "-c timezone=UTC -c bytea_output=hex"
    try:
        whole = make_conninfo(conninfo, options=options, connect_timeout=seconds, application_name="constat-miroir")
    except psycopg.ProgrammingError as error:
        msg = "ce n'est pas une chaîne de connexion (attendu : postgresql://hôte/base, ou host=… dbname=…)"
        raise MirrorError(msg) from error
    conn = psycopg.connect(whole, autocommit=True)
    # Not in the options: libpq would look for a server that takes writes and find none (target_session_attrs).
    conn.execute("SET default_transaction_read_only = on")
    return conn


def origin_of(conn: psycopg.Connection[Any]) -> str | None:
    """The origin of the log in a database; ``None`` when it has no log, or has not received it yet."""
    if _one(conn, "SELECT to_regclass('ledger.log')") is None:
        return None
    origin = _one(conn, "SELECT origin FROM ledger.log")
    return str(origin) if origin is not None else None


def same_log(here: psycopg.Connection[Any], there: psycopg.Connection[Any]) -> None:
    """Refuse another database than the operator's of this mirror (``here``).

    :raises MirrorError: ``there`` has no ledger, or another one.
    """
    ours, theirs = origin_of(here), origin_of(there)
    if theirs is None:
        msg = "la base de l'exploitant n'a pas de registre : vérifiez la chaîne de connexion donnée à --from"
        raise MirrorError(msg)
    if ours is not None and ours != theirs:
        msg = "la base de l'exploitant est celle d'un autre registre : vérifiez la chaîne de connexion donnée à --from"
        raise MirrorError(msg)


def set_up(database: Database, conninfo: str, *, slot: str = SLOT) -> None:
    """Make ``database`` a mirror of the ledger that ``conninfo`` leads to; again repairs, and takes in what is missing.

    :raises MirrorError: it is a ledger of its own, or another's mirror; the operator does not publish everything, or
        answers here and not the mirror's server.
    :raises DatabaseUnfitError: a server does not fit.
    """
    with reading(conninfo) as there:
        lacking = shortfall(there)
        if lacking.missing or lacking.partial:
            names = ", ".join((*lacking.missing, *lacking.partial))
            msg = (
                f"l'exploitant ne publie pas, ou pas en entier : {names} ;"
                " « constat mirror publish » est à refaire chez lui"
            )
            raise MirrorError(msg)
        origin = _one(there, "SELECT origin FROM ledger.log")
        _prepare(database, str(origin))
        with database.as_owner() as here:
            slot = _slot_in_use(here) or slot
            if not _reattach(here, there, conninfo, slot):
                failover = min(there.info.server_version, here.info.server_version) >= SYNCED_SLOTS
                _subscribe(here, conninfo, slot, failover=failover)


def _prepare(database: Database, origin: str) -> None:
    """The schema of the ledger with the guards of a mirror: empty of a ledger's own row, which will be received."""
    with database.as_owner() as conn:
        mirror = _one(conn, "SELECT to_regclass('mirror.refused') IS NOT NULL")
        used = _one(conn, "SELECT to_regclass('ledger.log') IS NOT NULL") and _one(
            conn, "SELECT EXISTS (SELECT FROM ledger.entry) OR EXISTS (SELECT FROM ledger.person_key)"
        )
        if used and not mirror:
            msg = "cette base est un registre, pas un miroir : donnez au miroir une base à lui"
            raise MirrorError(msg)
        if mirror and _one(conn, "SELECT coalesce((SELECT origin FROM ledger.log), %s)", origin) != origin:
            msg = "cette base est le miroir d'un autre registre"
            raise MirrorError(msg)
    prepare(database, origin=origin)
    with database.as_owner() as conn, conn.transaction():
        if not mirror:
            conn.execute("ALTER TABLE ledger.log DISABLE TRIGGER append_only")
            conn.execute("DELETE FROM ledger.log")
            conn.execute("ALTER TABLE ledger.log ENABLE ALWAYS TRIGGER append_only")
        conn.execute((SQL_FOLDER / "mirror" / "guards.sql").read_bytes())
        for table in MIRRORED:
            conn.execute("CALL mirror.guard(%s)", (table.name,))


def _slot_in_use(here: psycopg.Connection[Any]) -> str | None:
    row = here.execute(SUBSCRIBED, (SUBSCRIPTION,)).fetchone()
    return row[1] if row else None


def _reattach(here: psycopg.Connection[Any], there: psycopg.Connection[Any], conninfo: str, slot: str) -> bool:
    """Go on with the subscription that is there, if the operator's server still keeps all that it has not received."""
    name = Identifier(SUBSCRIPTION)
    kept = slot_of(there, slot)
    ours = _slot_in_use(here) is not None
    if ours:
        here.execute(SQL("ALTER SUBSCRIPTION {} DISABLE").format(name))
        here.execute(SQL("ALTER SUBSCRIPTION {} CONNECTION {}").format(name, Literal(conninfo)))
        if kept is not None and not kept.lost and not _copying(here):
            here.execute(SQL("ALTER SUBSCRIPTION {} ENABLE").format(name))
            here.execute(SQL("ALTER SUBSCRIPTION {} REFRESH PUBLICATION").format(name))
            return True
        # All is copied again, behind a new slot: the guards let pass what is the same, and stop at what is not.
        if kept is None:
            here.execute(SQL("ALTER SUBSCRIPTION {} SET (slot_name = NONE)").format(name))
        here.execute(SQL("DROP SUBSCRIPTION {}").format(name))
        return False
    if kept is not None:
        msg = (
            f"le serveur de l'exploitant garde déjà « {slot} » : c'est celui d'un autre miroir (donnez un autre nom"
            " avec --slot), ou le reste d'un essai (pg_drop_replication_slot le retire)"
        )
        raise MirrorError(msg)
    return False


def _subscribe(here: psycopg.Connection[Any], conninfo: str, slot: str, *, failover: bool) -> None:
    # What is confirmed is on disk: after a crash, a first copy whose end was lost would wait for ever for what was let
    # go. And no disable_on_error: PostgreSQL takes a lost connection for an error too, and nobody would come back.
    asked = SQL(
        "CREATE SUBSCRIPTION {} CONNECTION {} PUBLICATION {}"
        " WITH (slot_name = {}, copy_data = true, synchronous_commit = on {})"
    ).format(
        Identifier(SUBSCRIPTION),
        Literal(conninfo),
        Identifier(PUBLICATION),
        Literal(slot),
        SQL(", failover = true" if failover else ""),
    )
    try:
        here.execute(asked)
    except psycopg.OperationalError as error:
        if here.closed:
            raise
        msg = (
            "l'exploitant répond à cette commande et pas au serveur du miroir : c'est le réseau entre eux,"
            " pg_hba.conf, ou chez lui plus de place (max_replication_slots, max_wal_senders) ; les journaux le disent"
        )
        raise MirrorError(msg) from error


def subscribed(conn: psycopg.Connection[Any]) -> tuple[str, str]:
    """The mirror's own way to the operator's server, and the name of its slot there.

    :raises MirrorError: this database does not subscribe.
    """
    row = conn.execute(SUBSCRIBED, (SUBSCRIPTION,)).fetchone()
    if row is None:
        msg = "cette base n'est pas un miroir : « constat mirror setup » en fait un"
        raise MirrorError(msg)
    return row[0], row[1]


def here(conn: psycopg.Connection[Any]) -> Here:
    """How the mirror of ``conn`` fares.

    :raises MirrorError: this database does not subscribe.
    """
    subscribed(conn)
    row = conn.execute(FARES.encode(), {"name": SUBSCRIPTION, "steady": STEADY}).fetchone()
    enabled, errors, last, connected = row or (False, 0, None, False)
    position, size, signed_at = _reached(conn)
    refused = conn.execute("SELECT count(*) FROM mirror.refused").fetchone()
    return Here(
        enabled=enabled,
        connected=connected,
        copying=_copying(conn),
        errors=errors,
        last_message=last,
        position=position,
        size=size,
        signed_at=signed_at,
        refused=refused[0] if refused else 0,
    )


def there(conn: psycopg.Connection[Any], slot: str) -> There:
    """How the operator's ledger stands, on a connection to it."""
    lacking = shortfall(conn)
    return There(*_reached(conn), slot_of(conn, slot), lacking.missing, lacking.partial)


def slot_of(conn: psycopg.Connection[Any], slot: str) -> Slot | None:
    """What the operator's server keeps under the name ``slot``."""
    failover = "failover" if conn.info.server_version >= SYNCED_SLOTS else "false"
    row = conn.execute(
        f"SELECT active, coalesce(pg_current_wal_lsn() - confirmed_flush_lsn, 0)::bigint,"
        f" coalesce(wal_status = 'lost', false), {failover} FROM pg_replication_slots WHERE slot_name = %s".encode(),
        (slot,),
    ).fetchone()
    return Slot(*row) if row else None


def caught_up(here: psycopg.Connection[Any], there: psycopg.Connection[Any], slot: str, patience: timedelta) -> bool:
    """Wait until the mirror (``here``) holds all that the operator's server (``there``) has written by now."""
    deadline = time.monotonic() + patience.total_seconds()
    row = there.execute("SELECT pg_current_wal_lsn()").fetchone()
    now = row[0] if row else None
    while True:
        reached = there.execute(
            "SELECT confirmed_flush_lsn >= %s::pg_lsn FROM pg_replication_slots WHERE slot_name = %s", (now, slot)
        ).fetchone()
        # What is confirmed of a table that is still being copied was left to its copy: it may not be there yet.
        if reached is not None and reached[0] and not _copying(here):
            return True
        if reached is None or time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)


def _copying(conn: psycopg.Connection[Any]) -> tuple[str, ...]:
    """The tables whose first copy is not finished."""
    rows = conn.execute(
        "SELECT c.relname::text FROM pg_subscription_rel AS r JOIN pg_class AS c ON c.oid = r.srrelid"
        " WHERE r.srsubstate <> 'r' ORDER BY 1"
    ).fetchall()
    return tuple(name for (name,) in rows)


def go_on(conn: psycopg.Connection[Any]) -> None:
    """Have the subscription go on, now."""
    conn.execute(SQL("ALTER SUBSCRIPTION {} DISABLE").format(Identifier(SUBSCRIPTION)))
    conn.execute(SQL("ALTER SUBSCRIPTION {} ENABLE").format(Identifier(SUBSCRIPTION)))


def _reached(conn: psycopg.Connection[Any]) -> tuple[int, int, datetime | None]:
    row = conn.execute("SELECT coalesce(max(position), 0) FROM ledger.leaf").fetchone()
    last = conn.execute("SELECT size, signed_at FROM ledger.checkpoint ORDER BY size DESC LIMIT 1").fetchone()
    size, signed_at = last or (0, None)
    return (row[0] if row else 0), size, signed_at


def _one(conn: psycopg.Connection[Any], query: str, *values: str) -> object:
    row = conn.execute(query.encode(), values or None).fetchone()
    return row[0] if row else None

"""A mirror verified alone: without any key of a person, and without a word from the operator.

What can be redone from what a mirror holds: each line's hash and place in its stream, the chain of each stream, the
sealed order, the tree, its checkpoints, their signatures, cosignatures and time-stamps, the recensement. What a line
commits to is not readable here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg

from ledger.database import Database
from ledger.mirror.tables import MIRRORED
from replay.checks.census import NOTHING, Census
from replay.checks.report import MAX_FINDINGS, Check, Report
from replay.checks.streams import Streams
from replay.verify import SCANS, Trust, last_arrival, verify_seal, verify_streams

WITHOUT_KEYS: Final = "un miroir n'a aucune clé de personne"
SESSION: Final = f"{SCANS}; SET timezone = 'UTC'; SET bytea_output = 'hex'"
SNAPSHOT: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


@contextmanager
def at_one_instant(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """What is read on ``conn`` (in autocommit) meanwhile is what there is now, and is read from end to end."""
    conn.execute(SESSION.encode())
    with conn.transaction():
        conn.execute(SNAPSHOT.encode())
        conn.execute("SELECT pg_current_snapshot()")
        yield


def verify_mirror(
    database: Database, trust: Trust | None = None, *, progress: Callable[[int], None] | None = None
) -> Report:
    """Check all that a mirror holds, at one instant. ``trust``: whose signatures, cosignatures and time to believe."""
    report = Report()
    report.not_possible |= dict.fromkeys((Check.OUVERTURE, Check.ENGAGEMENT, Check.LECTURE), WITHOUT_KEYS)
    with database.as_owner() as conn, at_one_instant(conn):
        row = conn.execute("SELECT origin FROM ledger.log").fetchone()
        origin = str(row[0]) if row else ""
        upto = last_arrival(conn)
        census = Census.said(conn, origin, upto, report)
        counted = census.bound if census is not None else NOTHING
        found = verify_streams(Streams(conn, origin, None, upto=upto, counted=counted), progress)
        report.take(found.report)
        if census is not None:
            census.add(found.heads)
            census.verify(report)
        _verify_order(conn, report)
        verify_seal(conn, origin, trust or Trust(), report)
        _verify_guards(conn, report)
    return report


def _verify_order(conn: psycopg.Connection[Any], report: Report) -> None:
    """The positions, dense and each with its entry's own hash. Horizons mean nothing on another server."""
    row = conn.execute(
        "SELECT count(*), coalesce(min(position), 1), coalesce(max(position), 0),"
        " (SELECT coalesce(max(last_position), 0) FROM ledger.sealing) FROM ledger.leaf"
    ).fetchone()
    count, first, last, sealed = row or (0, 1, 0, 0)
    report.sealed = count
    if first != 1 or last != count or sealed != last:
        found = f"positions de {first} à {last}, {count} en tout, scellées jusqu'à {sealed} : il en manque"
        report.add(Check.POSITIONS, "ordre scellé", found)
    wrong = conn.execute(
        "SELECT leaf.position, entry.notification_id IS NULL"
        " FROM ledger.leaf LEFT JOIN ledger.entry USING (notification_id)"
        " WHERE entry.leaf_hash IS DISTINCT FROM leaf.leaf_hash ORDER BY 1 LIMIT %s",
        (MAX_FINDINGS,),
    )
    for position, missing in wrong:
        found = "l'entrée n'est pas arrivée" if missing else "l'empreinte n'est pas celle de l'entrée"
        report.add(Check.POSITIONS, f"position {position}", found)


def _verify_guards(conn: psycopg.Connection[Any], report: Report) -> None:
    """That the mirror only receives: of each table, the three triggers that see to it."""
    on = {
        (table, trigger, enabled)
        for table, trigger, enabled in conn.execute(
            "SELECT c.relname::text, t.tgname::text, t.tgenabled::text FROM pg_trigger AS t"
            " JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'ledger' AND NOT t.tgisinternal"
        )
    }
    for table in MIRRORED:
        wanted = {(table.name, *guard) for guard in (("append_only", "A"), ("received_only", "O"), ("admit", "R"))}
        if not wanted <= on:
            report.add(
                Check.GARDES, f"table {table.name}", "un déclencheur qui garde le miroir manque ou est désactivé"
            )

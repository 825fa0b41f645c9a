"""The sealed order: dense, a position for each entry, the same hash, transactions in order and in their horizons.

The order is made anew from the entries, as the sequencer makes it, and compared with what was sealed. Only where they
differ is it asked, position by position, what is wrong.
"""

from typing import Any, Final

import psycopg

from replay.checks.report import MAX_FINDINGS, Check, Report

BATCH: Final = 1 << 15
PLACED: Final = 40
"""Bytes of an arrival (8, big-endian) and of the hash of its line."""


def verify_order(conn: psycopg.Connection[Any], report: Report) -> None:
    """Check the positions and the sealings against the entries."""
    row = conn.execute(
        "SELECT count(*), coalesce(min(position), 1), coalesce(max(position), 0) FROM ledger.leaf"
    ).fetchone()
    count, first, last = row or (0, 1, 0)
    report.sealed = count
    if first != 1 or last != count:
        report.add(Check.POSITIONS, "ordre scellé", f"positions de {first} à {last}, {count} en tout : il en manque")
    sealed_to = conn.execute("SELECT coalesce(max(last_position), 0) FROM ledger.sealing").fetchone()
    if sealed_to is not None and sealed_to[0] != last:
        report.add(
            Check.POSITIONS,
            "ordre scellé",
            f"le dernier scellement dit {sealed_to[0]}, la dernière position est {last}",
        )
    if not _made_anew(conn, last):
        _verify_each(conn, report)
        _verify_late(conn, report)
    _verify_horizons(conn, report)


def _made_anew(conn: psycopg.Connection[Any], last: int) -> bool:
    """Whether the entries below the last horizon, in the order of their transactions, are those of the positions."""
    after, xid, arrival = 0, "0", 0
    while True:
        row = conn.execute(
            "SELECT string_agg(int8send(notification_id) || leaf_hash, ''::bytea ORDER BY xid, notification_id),"
            " max(xid)::text FROM (SELECT xid, notification_id, leaf_hash FROM ledger.entry"
            " WHERE xid >= %(xid)b::xid8 AND (xid, notification_id) > (%(xid)b::xid8, %(arrival)b)"
            " AND xid < (SELECT horizon FROM ledger.sealing ORDER BY last_position DESC LIMIT 1)"
            " ORDER BY xid, notification_id LIMIT %(batch)b) AS entry",
            {"xid": xid, "arrival": arrival, "batch": BATCH},
            binary=True,
            prepare=False,
        ).fetchone()
        if row is None or row[0] is None:
            return after == last
        entries, xid = row
        arrival, upto = int.from_bytes(entries[-PLACED : 8 - PLACED]), after + len(entries) // PLACED
        sealed = conn.execute(
            "SELECT string_agg(int8send(notification_id) || leaf_hash, ''::bytea ORDER BY position) FROM ledger.leaf"
            " WHERE position > %b AND position <= %b",
            (after, upto),
            binary=True,
            prepare=False,
        ).fetchone()
        if sealed is None or sealed[0] != entries:
            return False
        after = upto


EACH: Final = """
SELECT position, missing, other_hash, disorder FROM (
    SELECT position, entry.notification_id IS NULL AS missing,
        entry.leaf_hash IS DISTINCT FROM leaf.leaf_hash AS other_hash,
        (lag(entry.xid) OVER w, lag(leaf.notification_id) OVER w) >= (entry.xid, leaf.notification_id) AS disorder
    FROM ledger.leaf LEFT JOIN ledger.entry USING (notification_id)
    WINDOW w AS (ORDER BY position)
) AS each WHERE missing OR other_hash OR disorder ORDER BY position LIMIT %s
"""
"""Every position against its entry and the position before."""


def _verify_each(conn: psycopg.Connection[Any], report: Report) -> None:
    for position, missing, other_hash, disorder in conn.execute(EACH, (MAX_FINDINGS,)):
        where = f"position {position}"
        if missing:
            report.add(Check.POSITIONS, where, "l'entrée a disparu")
        elif other_hash:
            report.add(Check.POSITIONS, where, "l'empreinte n'est plus celle qui a été scellée")
        if disorder:
            report.add(Check.POSITIONS, where, "l'ordre scellé ne suit plus celui des transactions")


def _verify_late(conn: psycopg.Connection[Any], report: Report) -> None:
    late = conn.execute(
        "SELECT e.notification_id FROM ledger.entry AS e LEFT JOIN ledger.leaf USING (notification_id)"
        " WHERE leaf.position IS NULL"
        " AND e.xid < (SELECT horizon FROM ledger.sealing ORDER BY last_position DESC LIMIT 1)"
        " LIMIT %s",
        (MAX_FINDINGS,),
    )
    for (notification_id,) in late:
        report.add(
            Check.POSITIONS,
            f"arrivée {notification_id}",
            "une entrée ancienne n'a pas de position : elle a été glissée après coup",
        )


HORIZONS: Final = """
SELECT last_position, disorder, CASE WHEN first.xid < from_xid THEN first_position END,
    CASE WHEN last.xid >= horizon THEN last_position END
FROM (
    SELECT last_position, horizon, lag(horizon) OVER w AS from_xid,
        lag(last_position, 1, 0::bigint) OVER w + 1 AS first_position,
        horizon <= lag(horizon) OVER w OR horizon > pg_snapshot_xmax(pg_current_snapshot()) AS disorder
    FROM ledger.sealing WINDOW w AS (ORDER BY last_position)
) AS sealing
LEFT JOIN (ledger.leaf AS first_leaf JOIN ledger.entry AS first USING (notification_id))
    ON first_leaf.position = first_position
LEFT JOIN (ledger.leaf AS last_leaf JOIN ledger.entry AS last USING (notification_id))
    ON last_leaf.position = last_position
WHERE disorder OR first.xid < from_xid OR last.xid >= horizon ORDER BY last_position LIMIT %s
"""
"""Each sealing against the one before, and against the transactions of its first and last position: all lie between."""


def _verify_horizons(conn: psycopg.Connection[Any], report: Report) -> None:
    for last, disorder, *outside in conn.execute(HORIZONS, (MAX_FINDINGS,)):
        if disorder:
            found = "son horizon ne suit pas celui du scellement précédent"
            report.add(Check.POSITIONS, f"scellement {last}", found)
        for position in filter(None, dict.fromkeys(outside)):
            found = "sa transaction n'est pas de celles de son scellement"
            report.add(Check.POSITIONS, f"position {position}", found)

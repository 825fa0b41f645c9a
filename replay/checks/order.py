"""The sealed order: dense, a position for each entry, the same hash, transactions in order and in their horizons."""

from typing import Any, Final

import psycopg

from replay.checks.report import MAX_FINDINGS, Check, Report


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
    _verify_each(conn, report)
    _verify_late(conn, report)
    _verify_horizons(conn, report)


EACH: Final = """
SELECT position, missing, other_hash, disorder, outside FROM (
    SELECT l.position, e.notification_id IS NULL AS missing, e.leaf_hash IS DISTINCT FROM l.leaf_hash AS other_hash,
        (lag(e.xid) OVER w, lag(l.notification_id) OVER w) >= (e.xid, l.notification_id) AS disorder,
        e.xid >= s.horizon OR e.xid < s.from_xid AS outside
    FROM (
        SELECT last_position, horizon, lag(horizon) OVER o AS from_xid, lag(last_position, 1, 0::bigint) OVER o AS after
        FROM ledger.sealing WINDOW o AS (ORDER BY last_position)
    ) AS s
    JOIN ledger.leaf AS l ON l.position > s.after AND l.position <= s.last_position
    LEFT JOIN ledger.entry AS e USING (notification_id)
    WINDOW w AS (ORDER BY l.position)
) AS o WHERE missing OR other_hash OR disorder OR outside ORDER BY position LIMIT %s
"""
"""Every position against its entry, the one before, and the transactions of its sealing, in one reading."""


def _verify_each(conn: psycopg.Connection[Any], report: Report) -> None:
    for position, missing, other_hash, disorder, outside in conn.execute(EACH, (MAX_FINDINGS,)):
        where = f"position {position}"
        if missing:
            report.add(Check.POSITIONS, where, "l'entrée a disparu")
        elif other_hash:
            report.add(Check.POSITIONS, where, "l'empreinte n'est plus celle qui a été scellée")
        if disorder:
            report.add(Check.POSITIONS, where, "l'ordre scellé ne suit plus celui des transactions")
        if outside:
            report.add(Check.POSITIONS, where, "sa transaction n'est pas de celles de son scellement")


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


def _verify_horizons(conn: psycopg.Connection[Any], report: Report) -> None:
    disorder = conn.execute(
        "SELECT last_position FROM (SELECT last_position, horizon, lag(horizon) OVER (ORDER BY last_position) AS before"
        " FROM ledger.sealing) AS s"
        " WHERE horizon <= before OR horizon > pg_snapshot_xmax(pg_current_snapshot()) LIMIT %s",
        (MAX_FINDINGS,),
    )
    for (last,) in disorder:
        report.add(Check.POSITIONS, f"scellement {last}", "son horizon ne suit pas celui du scellement précédent")

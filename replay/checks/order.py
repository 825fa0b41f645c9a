"""The sealed order: dense, a position for each entry, the same hash, transactions in order and in their horizons."""

from typing import Any

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
    wrong = conn.execute(
        "SELECT leaf.position, entry.notification_id IS NULL"
        " FROM ledger.leaf LEFT JOIN ledger.entry USING (notification_id)"
        " WHERE entry.leaf_hash IS DISTINCT FROM leaf.leaf_hash ORDER BY 1 LIMIT %s",
        (MAX_FINDINGS,),
    )
    for position, missing in wrong:
        report.add(
            Check.POSITIONS,
            f"position {position}",
            "l'entrée a disparu" if missing else "l'empreinte n'est plus celle qui a été scellée",
        )
    _verify_sequence(conn, report)
    _verify_horizons(conn, report)


def _verify_sequence(conn: psycopg.Connection[Any], report: Report) -> None:
    disorder = conn.execute(
        "SELECT position FROM (SELECT position, xid, notification_id,"
        " lag(xid) OVER w AS xid_before, lag(notification_id) OVER w AS id_before"
        " FROM ledger.leaf JOIN ledger.entry USING (notification_id) WINDOW w AS (ORDER BY position)) AS o"
        " WHERE (xid_before, id_before) >= (xid, notification_id) LIMIT %s",
        (MAX_FINDINGS,),
    )
    for (position,) in disorder:
        report.add(Check.POSITIONS, f"position {position}", "l'ordre scellé ne suit plus celui des transactions")
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
    outside = conn.execute(
        "SELECT leaf.position FROM (SELECT last_position, horizon, lag(horizon) OVER w AS from_xid,"
        " lag(last_position, 1, 0::bigint) OVER w AS after"
        " FROM ledger.sealing WINDOW w AS (ORDER BY last_position)) AS s"
        " JOIN ledger.leaf ON leaf.position > s.after AND leaf.position <= s.last_position"
        " JOIN ledger.entry USING (notification_id)"
        " WHERE entry.xid >= s.horizon OR entry.xid < s.from_xid ORDER BY 1 LIMIT %s",
        (MAX_FINDINGS,),
    )
    for (position,) in outside:
        report.add(Check.POSITIONS, f"position {position}", "sa transaction n'est pas de celles de son scellement")

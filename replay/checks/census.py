"""The recensement, taken again from the entries: every stream that the log counted is there, and ends no earlier."""

import json
from typing import Any, Final

import psycopg

from ledger.coffre import Id
from ledger.seal.log import own_stream
from ledger.seal.sealer import CENSUS
from replay.checks.report import Check, Report
from replay.checks.tree import Peaks, leaf_hash

FETCH: Final = 4_096
HEADS: Final = (
    "SELECT DISTINCT ON (e.subject, e.originator_id) uuid_send(e.subject), uuid_send(e.originator_id),"
    " e.originator_version, e.leaf_hash FROM ledger.leaf AS l JOIN ledger.entry AS e USING (notification_id)"
    " WHERE l.position <= %b ORDER BY e.subject, e.originator_id, e.originator_version DESC"
)


def verify_census(conn: psycopg.Connection[Any], origin: str, report: Report) -> None:
    """Redo the last recensement of the log: its streams, where they ended, its root."""
    row = conn.execute(
        "SELECT line FROM ledger.entry JOIN ledger.leaf USING (notification_id) WHERE originator_id = %b"
        " ORDER BY originator_version DESC LIMIT 1",
        (Id(own_stream(origin, CENSUS)),),
    ).fetchone()
    if row is None:
        report.not_possible[Check.RECENSEMENT] = "le journal n'a encore rien recensé"
        return
    try:
        said = json.loads(row[0])
        size, streams, root = int(said["size"]), int(said["streams"]), str(said["root"])
    except (ValueError, KeyError, TypeError):
        report.add(Check.RECENSEMENT, "dernier recensement", "sa feuille ne se lit pas")
        return
    redone = _redo(conn, size)
    if (redone.size, redone.root().hex()) != (streams, root):
        found = f"{streams} flux y étaient comptés, {redone.size} sont là, ou ne finissent plus où ils finissaient"
        report.add(Check.RECENSEMENT, f"jusqu'à la position {size}", found)


def _redo(conn: psycopg.Connection[Any], size: int) -> Peaks:
    peaks = Peaks()
    with conn.cursor(name="census", binary=True) as cursor:
        cursor.execute(HEADS, (size,))
        while rows := cursor.fetchmany(FETCH):
            for subject, stream, pos, leaf in rows:
                line = f'{{"leaf":"{leaf.hex()}","pos":{pos},"stream":"{stream.hex()}","subject":"{subject.hex()}"}}'
                peaks.add(leaf_hash(line))
            peaks.filled.clear()
    return peaks

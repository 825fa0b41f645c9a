"""What the log says of itself, leaf by leaf; a leaf that was made unreadable says nothing, and is told of elsewhere."""

import json
from datetime import datetime
from typing import Any

import psycopg

from ledger.coffre import Id
from ledger.seal.log import own_stream


def own_leaves(conn: psycopg.Connection[Any], origin: str, kind: str) -> list[tuple[datetime, dict[str, Any]]]:
    """When the log said something of ``kind``, and what, in order."""
    rows = conn.execute(
        "SELECT recorded_at, line FROM ledger.entry WHERE originator_id = %b ORDER BY originator_version",
        (Id(own_stream(origin, kind)),),
    ).fetchall()
    return [(at, _said(line)) for at, line in rows]


def _said(line: str) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}

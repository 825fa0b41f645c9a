"""Whether a file was handed over by this ledger, by its digest: from the table of exports, kept current."""

from threading import Lock
from typing import Final

import psycopg
from psycopg.sql import SQL, Identifier

from app.open import Opened
from ledger.follower import Follower, live_schema
from projections.remises import Remise, Remises, remises

VUE: Final = Remises()
PROCHE: Final = 20_000
"""Entries that one search may take in; further behind, a follower is at it or should be (``constat follow``)."""
_UN_SEUL: Final = Lock()


def trouver(opened: Opened, sha256: str) -> tuple[Remise, ...]:
    """The exports of this digest (64 lowercase hexadecimal digits)."""
    if _retard(opened) <= PROCHE and _UN_SEUL.acquire(blocking=False):
        try:
            with Follower(opened.ledger, VUE) as follower:
                follower.catch_up()
        finally:
            _UN_SEUL.release()
    try:
        with opened.ledger.connection() as conn:
            return remises(conn, live_schema(VUE), sha256)
    except psycopg.errors.UndefinedTable:
        return ()


def _retard(opened: Opened) -> int:
    """How many entries the table has not taken in."""
    try:
        with opened.ledger.connection() as conn:
            row = conn.execute(
                SQL(
                    "SELECT (SELECT coalesce(max(notification_id), 0) FROM ledger.entry)"
                    " - (SELECT coalesce(max(notification_id), 0) FROM {})"
                ).format(Identifier(live_schema(VUE), "tracking"))
            ).fetchone()
    except psycopg.errors.UndefinedTable:
        with opened.ledger.connection() as conn:
            row = conn.execute("SELECT coalesce(max(notification_id), 0) FROM ledger.entry").fetchone()
    return int(row[0]) if row else 0

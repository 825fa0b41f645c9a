"""The log says of itself that a mirror gave back what a restore had lost: from which position to which."""

from contextlib import suppress
from typing import Any, Final

import psycopg

KIND: Final = "restauration"
NOTE: Final = "INSERT INTO work.restoration (first_position, last_position) VALUES (%s, %s)"
"""Run in the transaction that gives the rows back."""


def tell_restorations(conn: psycopg.Connection[Any]) -> int:
    """Add the leaf of each restoration that is noted, the note going with it; how many. ``conn``: in autocommit."""
    told = 0
    while (noted := _next(conn)) is not None and _tell(conn, *noted):
        told += 1
    return told


def _next(conn: psycopg.Connection[Any]) -> tuple[int, int, int] | None:
    return conn.execute(
        "SELECT number, first_position, last_position FROM work.restoration ORDER BY number LIMIT 1"
    ).fetchone()


def _tell(conn: psycopg.Connection[Any], number: int, first: int, last: int) -> bool:
    """False when another one says it at the same moment."""
    with suppress(psycopg.errors.UniqueViolation), conn.transaction() as transaction:
        conn.execute("SELECT ledger.append_own(%s, %s::json)", (KIND, f'{{"a":{last},"de":{first}}}'))
        if conn.execute("DELETE FROM work.restoration WHERE number = %s", (number,)).rowcount:
            return True
        raise psycopg.Rollback(transaction)
    return False

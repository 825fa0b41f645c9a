"""How rows of the ledger are read, one statement each: in the sealed order, or those of a subject or stream."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row, tuple_row

from ledger.mapper import FACT_COLUMNS, ROW_COLUMNS, Row


@contextmanager
def as_tuples(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """Rows as tuples for a while; the library expects dictionaries of its pool."""
    pooled: Any = conn
    pooled.row_factory = tuple_row
    try:
        yield
    finally:
        pooled.row_factory = dict_row


def read_sealed(conn: psycopg.Connection[Any], after: int, limit: int) -> list[Row]:
    """The next entries of the sealed order after position ``after``, at most ``limit``."""
    return _read_leaves(conn, ROW_COLUMNS, after, limit)


def read_facts(conn: psycopg.Connection[Any], after: int, limit: int) -> list[Row]:
    """The same without the parts ``acteur`` and ``pieces``: what a follower opens."""
    return _read_leaves(conn, FACT_COLUMNS, after, limit)


def _read_leaves(conn: psycopg.Connection[Any], wanted: str, after: int, limit: int) -> list[Row]:
    rows = conn.execute(
        f"SELECT {wanted} FROM ledger.leaf JOIN ledger.entry USING (notification_id)"
        " WHERE leaf.position > %b AND leaf.position <= %b ORDER BY leaf.position",
        (after, after + limit),
        binary=True,
        prepare=True,
    ).fetchall()
    return [Row(*row) for row in rows]


def read_entries(conn: psycopg.Connection[Any], which: LiteralString, *values: object) -> list[Row]:
    """The entries of which ``which`` holds for ``values``, sealed or not, in the order that ``which`` ends with."""
    rows = conn.execute(
        f"SELECT {ROW_COLUMNS} FROM ledger.entry LEFT JOIN ledger.leaf USING (notification_id) WHERE {which}",
        values,
        binary=True,
        prepare=True,
    ).fetchall()
    return [Row(*row) for row in rows]

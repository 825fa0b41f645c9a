"""Rebuild a projection from zero beside the live one, compare the two row by row, then change places.

Readers and the live follower go on all the while. The change is two renames in one transaction, made while the live
follower's place is locked and both stand at the same position: so a difference is a difference, not a delay.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.sql import SQL, Identifier

from ledger.follower import UPSTREAM, Follower, Projection, live_schema
from ledger.store import Ledger

SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of one table that only one side has. ``subjects`` names a few of the persons concerned, by pseudonym."""

    table: str
    only_before: int
    only_after: int
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: entries read, position reached, and every difference between the old rows and the new."""

    projection: str
    entries: int
    position: int
    differences: tuple[Difference, ...]
    swapped: bool


def rebuild(
    ledger: Ledger, projection: Projection, *, check_only: bool = False, progress: Callable[[int], None] | None = None
) -> Rebuilt:
    """Refill ``projection`` from position zero and put it in the live one's place, unless ``check_only``.

    A rebuild that was killed half-way leaves its tables behind; the next one starts them again.
    """
    live, fresh = live_schema(projection), f"{live_schema(projection)}_neuve"
    with ledger.database.connect() as conn:
        conn.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(fresh)))
    applied = 0
    with Follower(ledger, projection) as current, Follower(ledger, projection, schema=fresh) as rebuilt:
        current.catch_up()
        while step := rebuilt.step():
            applied += step
            if progress is not None:
                progress(step)
        with ledger.database.connect() as conn, conn.transaction():
            target = _lock_place(conn, live)
            applied += _finish(rebuilt, target)
            while projection.settle(conn, live, ledger):
                pass  # what a follower that was stopped half-way had not drawn yet
            differences = tuple(_compare(conn, live, fresh))
            if not check_only:
                _swap(conn, live, fresh)
    with ledger.database.connect() as conn:
        conn.execute(
            SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(fresh if check_only else f"{live}_ancienne"))
        )
    return Rebuilt(projection.name, applied, target, differences, swapped=not check_only)


def _lock_place(conn: psycopg.Connection[Any], live: str) -> int:
    row = conn.execute(
        SQL("SELECT notification_id FROM {} WHERE application_name = %s FOR UPDATE").format(
            Identifier(live, "tracking")
        ),
        (UPSTREAM,),
    ).fetchone()
    return int(row[0]) if row else 0


def _finish(rebuilt: Follower, target: int) -> int:
    """Bring the new tables to exactly ``target``, where the live ones stand and wait."""
    applied = 0
    while (missing := target - rebuilt.position()) > 0:
        rebuilt.batch = min(rebuilt.batch, missing)
        applied += rebuilt.step()
    rebuilt.settle()
    return applied


def _tables(conn: psycopg.Connection[Any], schema: str) -> list[str]:
    rows = conn.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND table_name NOT IN ('tracking')"
        " ORDER BY table_name",
        (schema,),
    )
    return [name for (name,) in rows]


def _compare(conn: psycopg.Connection[Any], live: str, fresh: str) -> list[Difference]:
    found = []
    for table in _tables(conn, fresh):
        before, after = Identifier(live, table), Identifier(fresh, table)
        only = SQL(
            "SELECT count(*), (array_agg(first::text))[1:{shown}]"
            " FROM (SELECT * FROM {one} EXCEPT ALL SELECT * FROM {other}) AS d(first)"
        )
        gone = conn.execute(only.format(one=before, other=after, shown=SHOWN)).fetchone() or (0, None)
        come = conn.execute(only.format(one=after, other=before, shown=SHOWN)).fetchone() or (0, None)
        if gone[0] or come[0]:
            subjects = tuple(dict.fromkeys([*(gone[1] or ()), *(come[1] or ())]))[:SHOWN]
            found.append(Difference(table, gone[0], come[0], subjects))
    return found


def _swap(conn: psycopg.Connection[Any], live: str, fresh: str) -> None:
    old = f"{live}_ancienne"
    conn.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(old)))
    conn.execute(SQL("ALTER SCHEMA {} RENAME TO {}").format(Identifier(live), Identifier(old)))
    conn.execute(SQL("ALTER SCHEMA {} RENAME TO {}").format(Identifier(fresh), Identifier(live)))

"""A mirror against the operator's database: every row that the operator no longer has, has otherwise, or never sent.

Both sides are read in the order of each table's key, through digests of whole rows. What the mirror holds was committed
at the operator's when it was sent: it must be there. What is there must have been sent, once the mirror has caught up.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed, Identifier, Placeholder

from ledger.mirror.conflicts import Conflict, against, where
from ledger.mirror.subscription import caught_up
from ledger.mirror.tables import BY_NAME, MIRRORED, SCHEMA, Mirrored
from replay.mirror import at_one_instant

FETCH: Final = 5_000
MAX_SUSPECTS: Final = 10_000
PATIENCE: Final = timedelta(seconds=30)

Key = tuple[Any, ...]

DIGEST: Final = SQL("sha256(convert_to(to_jsonb(t)::text, 'UTF8'))")
"""As ``mirror.digest`` works it out, on a server that has no such function."""
POSITION: Final = ", (SELECT position FROM ledger.leaf WHERE leaf.notification_id = t.notification_id) AS position"
ENTRY_AT: Final = SQL(
    "SELECT {} AS digest FROM ledger.entry AS t WHERE originator_id = %s AND originator_version = %s"
).format(DIGEST)
TEXTS: Final = frozenset({"witness", "act", "kek_id", "stage"})
"""Key columns that are texts."""


class What(StrEnum):
    """In what a row differs."""

    ABSENTE = "absente"
    AUTRE = "autre"
    JAMAIS_ENVOYEE = "jamais envoyée"


@dataclass(frozen=True, slots=True)
class Divergence:
    """One row on which the two do not agree.

    ``where``: the stream and the place, or the table and the key; ``position``: in the sealed order, from 1;
    ``recorded_at``: UTC. ``kept`` and ``found``: SHA-256 of the whole row at the mirror and at the operator's;
    ``leaf``: the hash that the mirror keeps of the line, to which the checkpoints commit. All three in hexadecimal.
    """

    what: What
    table: str
    where: str
    position: int | None
    recorded_at: str | None
    kept: str | None
    found: str | None
    leaf: str | None


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row whose digests, at the mirror and at the operator's, were not the same. ``None``: it was not there."""

    table: Mirrored
    key: Key
    kept: bytes | None
    found: bytes | None


@dataclass(slots=True)
class Comparison:
    """What was compared, and found. ``caught_up``: whether what was never sent could be looked for."""

    rows: int = 0
    caught_up: bool = False
    more: int = 0
    divergences: list[Divergence] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether the operator still has all that the mirror holds."""
        return not self.divergences


def compare(
    here: psycopg.Connection[Any],
    there: psycopg.Connection[Any],
    slot: str,
    *,
    progress: Callable[[int], None] | None = None,
    patience: timedelta = PATIENCE,
) -> Comparison:
    """Compare the mirror (``here``) and the operator's database (``there``), both in autocommit, row by row."""
    done = Comparison()
    suspects: list[Suspect] = []
    ahead: list[Suspect] = []
    # The mirror's instant comes first: what it holds then had been committed before the operator's instant.
    with at_one_instant(here), at_one_instant(there):
        for suspect in _differing(here, there, done, progress):
            known = ahead if suspect.kept is None else suspects
            if len(known) < MAX_SUSPECTS:
                known.append(suspect)
            elif suspect.kept is not None:
                done.more += 1
    done.caught_up = caught_up(here, there, slot, patience) and len(ahead) < MAX_SUSPECTS
    for suspect in (*suspects, *(ahead if done.caught_up else ())):
        divergence = _judged(here, there, suspect)
        if divergence is not None:
            done.divergences.append(divergence)
    return done


def rewritten(here: psycopg.Connection[Any], there: psycopg.Connection[Any], tables: Collection[str]) -> list[Conflict]:
    """The rows of ``tables`` that the operator has now, and that the mirror cannot take in beside its own."""
    found: list[Conflict] = []
    with at_one_instant(here), at_one_instant(there):
        for suspect in _differing(here, there, Comparison(), None, [BY_NAME[name] for name in tables]):
            row = _row(there, suspect.table, suspect.key) if suspect.found else None
            if row is not None:
                found += against(here, suspect.table.name, json.dumps(row["whole"]))
    return found


def _differing(
    here: psycopg.Connection[Any],
    there: psycopg.Connection[Any],
    done: Comparison,
    progress: Callable[[int], None] | None,
    tables: Sequence[Mirrored] = MIRRORED,
) -> Iterator[Suspect]:
    """The rows whose digests are not the same on both sides, or that one side does not have."""
    for table in tables:
        for key, kept, found in merged(_digests(here, table), _digests(there, table)):
            done.rows += kept is not None
            if progress is not None and kept is not None:
                progress(1)
            if kept != found:
                yield Suspect(table, key, kept, found)


def merged(
    ours: Iterator[tuple[Key, bytes]], theirs: Iterator[tuple[Key, bytes]]
) -> Iterator[tuple[Key, bytes | None, bytes | None]]:
    """Two sequences in the order of their keys as one: each key, with what either side has under it."""
    one, other = next(ours, None), next(theirs, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one[0] < other[0]):
            assert one is not None  # noqa: S101 - one of the two is there
            yield one[0], one[1], None
            one = next(ours, None)
        elif one is None or other[0] < one[0]:
            yield other[0], None, other[1]
            other = next(theirs, None)
        else:
            yield one[0], one[1], other[1]
            one, other = next(ours, None), next(theirs, None)


def _digests(conn: psycopg.Connection[Any], table: Mirrored) -> Iterator[tuple[Key, bytes]]:
    with conn.cursor(name=f"digests_{table.name}", binary=True) as cursor:
        cursor.itersize = FETCH
        cursor.execute(
            SQL("SELECT {}, {} FROM {} AS t ORDER BY {}").format(
                SQL(", ").join(Identifier("t", column) for column in table.key),
                DIGEST,
                Identifier(SCHEMA, table.name),
                SQL(", ").join(_ordered(column) for column in table.key),
            )
        )
        for *key, digest in cursor:
            yield tuple(key), bytes(digest)


def _ordered(column: str) -> Composed:
    """A column as Python orders it: texts by their characters, whatever the database's language."""
    return SQL('{} COLLATE "C"' if column in TEXTS else "{}").format(Identifier("t", column))


def _judged(here: psycopg.Connection[Any], there: psycopg.Connection[Any], suspect: Suspect) -> Divergence | None:
    """What is to be said of a row that differed, looked at again; ``None`` when it does not any more."""
    ours, theirs = _row(here, suspect.table, suspect.key), _row(there, suspect.table, suspect.key)
    if ours is None and theirs is None:
        return None
    if ours is None:
        return _divergence(What.JAMAIS_ENVOYEE, suspect.table, theirs or {}, None, theirs)
    if theirs is None and suspect.table.name == "entry":
        # Under another number, another entry may have been put in its place in the stream.
        theirs = _one(there, ENTRY_AT, (ours["originator_id"], ours["originator_version"]))
    if theirs is None:
        return _divergence(What.ABSENTE, suspect.table, ours, ours, None)
    return _divergence(What.AUTRE, suspect.table, ours, ours, theirs) if ours["digest"] != theirs["digest"] else None


def _divergence(
    what: What,
    table: Mirrored,
    row: Mapping[str, Any],
    ours: Mapping[str, Any] | None,
    theirs: Mapping[str, Any] | None,
) -> Divergence:
    recorded_at = row.get("recorded_at")
    leaf = (ours or {}).get("leaf_hash")
    return Divergence(
        what=what,
        table=table.name,
        where=where(table.name, dict(row)),
        position=row.get("position"),
        recorded_at=recorded_at.isoformat() if recorded_at else None,
        kept=bytes(ours["digest"]).hex() if ours else None,
        found=bytes(theirs["digest"]).hex() if theirs else None,
        leaf=bytes(leaf).hex() if leaf else None,
    )


def _row(conn: psycopg.Connection[Any], table: Mirrored, key: Key) -> dict[str, Any] | None:
    position = SQL(POSITION if table.name == "entry" else "")
    return _one(
        conn,
        SQL("SELECT t.*, to_jsonb(t) AS whole, {} AS digest {} FROM {} AS t WHERE ({}) = ({})").format(
            DIGEST,
            position,
            Identifier(SCHEMA, table.name),
            SQL(", ").join(Identifier("t", column) for column in table.key),
            SQL(", ").join([Placeholder()] * len(key)),
        ),
        key,
    )


def _one(conn: psycopg.Connection[Any], query: Composed, values: Key) -> dict[str, Any] | None:
    with conn.cursor(row_factory=dict_row, binary=True) as cursor:
        return cursor.execute(query, values).fetchone()

"""What stopped a mirror: a row that the operator's server sent for a place where another one stands already.

An honest ledger never sends one: what was written is never written again otherwise. The row that came is still in what
the operator's server keeps for the mirror, whatever was done to its tables since, and is read there.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed, Identifier

from ledger.mirror.pgoutput import Insert, inserts
from ledger.mirror.publication import PUBLICATION
from ledger.mirror.tables import BY_NAME, SCHEMA

FIRST_LOOK: Final = 1_000
FURTHEST_LOOK: Final = 1_000_000
"""How many waiting changes are looked through for those that cannot be taken in."""
FETCH: Final = 500
PATIENCE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two rows for one place. ``ours`` and ``theirs``: their digests (see ``mirror.digest``).

    ``content``: the one that came, as JSON. ``kept_leaf`` and ``sent_leaf``: the leaf hashes that the two name,
    where they name one.
    """

    table: str
    where: str
    ours: bytes
    theirs: bytes
    kept_leaf: bytes | None
    sent_leaf: bytes | None
    content: str


def conflicts(here: psycopg.Connection[Any], there: psycopg.Connection[Any], slot: str) -> list[Conflict]:
    """The rows that wait at the operator's server (``there``) and that the mirror cannot take in beside its own.

    What stops a mirror is in the first transaction that it does not have: a little way is looked, and further only
    where all that was seen is there already. ``[]`` when nothing stops it, or when it is receiving at this moment.
    """
    refused = {(table, bytes(theirs)) for table, theirs in here.execute("SELECT relation, theirs FROM mirror.refused")}
    look = FIRST_LOOK
    while True:
        seen = _look(here, there, slot, look)
        new = [each for each in seen.found if (each.table, each.theirs) not in refused]
        if new or seen.fresh or seen.read < look or look >= FURTHEST_LOOK:
            return new
        look *= 10


@dataclass(slots=True)
class _Seen:
    """What waits: how many messages were read, whether they bring rows that the mirror has not, and what clashes."""

    read: int = 0
    fresh: bool = False
    found: list[Conflict] = field(default_factory=list)


def _look(here: psycopg.Connection[Any], there: psycopg.Connection[Any], slot: str, most: int) -> _Seen:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        seen = _Seen()
        try:
            for insert in inserts(_waiting(there, slot, most, seen)):
                if insert.schema == SCHEMA and insert.table in BY_NAME:
                    _compare(here, insert, seen)
        except psycopg.errors.ObjectInUse:
            # The subscription tries again each few seconds, for a moment; one that goes on receiving is not stopped.
            if time.monotonic() > deadline:
                return _Seen()
            time.sleep(0.1)
        else:
            return seen


def _waiting(there: psycopg.Connection[Any], slot: str, most: int, seen: _Seen) -> Iterator[bytes]:
    with there.transaction(), there.cursor(name="waiting", binary=True) as cursor:
        cursor.itersize = FETCH
        cursor.execute(
            "SELECT data FROM pg_logical_slot_peek_binary_changes(%s, NULL, %s, 'proto_version', '1',"
            " 'publication_names', %s)",
            (slot, most, PUBLICATION),
        )
        for (data,) in cursor:
            seen.read += 1
            yield bytes(data)


def _compare(here: psycopg.Connection[Any], insert: Insert, seen: _Seen) -> None:
    """Note whether the mirror has the row of ``insert``, has not, or has another one in its place."""
    beside = _beside(here, insert.table, json.dumps(insert.values))
    seen.fresh = seen.fresh or not beside
    seen.found += clashes(insert.table, beside)


def against(here: psycopg.Connection[Any], table: str, content: str) -> list[Conflict]:
    """The rows of the mirror that stand where the row that ``content`` (JSON) describes was to stand, and differ."""
    return clashes(table, _beside(here, table, content))


def clashes(table: str, beside: list[dict[str, Any]]) -> list[Conflict]:
    """Of the rows at one place, those that are not the same."""
    return [
        _conflict(table, row["kept"], row["sent"], row["ours"], row["theirs"])
        for row in beside
        if row["ours"] != row["theirs"]
    ]


def _conflict(table: str, ours: dict[str, Any], theirs: dict[str, Any], our_digest: bytes, digest: bytes) -> Conflict:
    content = json.dumps(theirs, sort_keys=True)
    return Conflict(table, where(table, ours), bytes(our_digest), bytes(digest), _leaf(ours), _leaf(theirs), content)


def _beside(here: psycopg.Connection[Any], table: str, content: str) -> list[dict[str, Any]]:
    """The rows of the mirror with a key of the row that ``content`` (JSON) describes: ``kept``, beside ``sent``."""
    with here.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            SQL(
                "SELECT mirror.digest(t) AS ours, mirror.digest(s) AS theirs, to_jsonb(t) AS kept, to_jsonb(s) AS sent"
                " FROM jsonb_populate_record(NULL::{0}, %s::jsonb) AS s JOIN {0} AS t ON {1}"
            ).format(Identifier(SCHEMA, table), _same_place(here, table)),
            (content,),
        ).fetchall()


def _same_place(here: psycopg.Connection[Any], table: str) -> Composed:
    """Whether ``s`` and ``t`` have a key in common, by any unique index of the table."""
    keys = here.execute(
        "SELECT array_agg(a.attname::text) FROM pg_index AS i JOIN pg_attribute AS a"
        " ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey::smallint[])"
        " WHERE i.indrelid = %s::regclass AND i.indisunique"
        " AND array_position(i.indkey::smallint[], a.attnum) < i.indnkeyatts GROUP BY i.indexrelid",
        (f"{SCHEMA}.{table}",),
    ).fetchall()
    places = [
        SQL(" AND ").join(SQL("t.{0} = s.{0}").format(Identifier(column)) for column in columns) for (columns,) in keys
    ]
    return SQL(" OR ").join(SQL("({})").format(place) for place in places)


def keep(here: psycopg.Connection[Any], found: list[Conflict]) -> None:
    """Keep the rows that came as evidence, for ever; a row that is kept no longer stops the mirror."""
    with here.transaction():
        for conflict in found:
            here.execute(
                SQL(
                    "INSERT INTO mirror.refused (relation, theirs, ours, content)"
                    " SELECT %s, %s, %s, to_jsonb(s) FROM jsonb_populate_record(NULL::{}, %s::jsonb) AS s"
                    " ON CONFLICT DO NOTHING"
                ).format(Identifier(SCHEMA, conflict.table)),
                (conflict.table, conflict.theirs, conflict.ours, conflict.content),
            )


def kept(here: psycopg.Connection[Any]) -> list[Conflict]:
    """The rows that were refused since the mirror is one, in the order in which they were seen."""
    rows = here.execute(
        "SELECT relation, theirs, ours, content FROM mirror.refused ORDER BY seen_at, relation, theirs"
    ).fetchall()
    found = []
    for table, theirs, ours, sent in rows:
        beside = _beside(here, table, json.dumps(sent))
        found.append(_conflict(table, beside[0]["kept"] if beside else sent, sent, ours, theirs))
    return found


def where(table: str, row: dict[str, Any]) -> str:
    """How a report names a row (its columns as JSON gives them)."""
    if table == "entry":
        stream = str(row["originator_id"]).replace("-", "")
        return f"flux {stream}, entrée {row['originator_version']}"
    key = ", ".join(f"{column} {row[column]}" for column in BY_NAME[table].key)
    return f"table {table}, {key}"


def _leaf(row: dict[str, Any]) -> bytes | None:
    value = row.get("leaf_hash")
    return bytes.fromhex(value.removeprefix("\\x")) if value else None

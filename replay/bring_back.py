"""The rows that a restored ledger lost, put back from a mirror: the same rows, at the same positions, to the same root.

It can be done soundly only before anything new was recorded or placed. The order of the log is that of transaction
numbers, and a restored server gives out again numbers that lost transactions had: so numbers are used up, first, until
the next one is beyond all that come back. Then the rows are added as they were, identity and transaction number
included, and nothing is kept unless the tree over them has every root that was signed.

What does not come back: a mirror has no key. Of a person whose key was made after the moment of the restore, the lines
are back with every proof, and what they committed to cannot be read any more. A key that was destroyed after that
moment is there again: it is named, and has to be destroyed again; that alone writes the erasure anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

import psycopg
from psycopg.sql import SQL, Composable, Identifier, Literal

from ledger.mirror.tables import BY_NAME, MIRRORED, SCHEMA
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.log import StoredTiles
from ledger.seal.merkle import Growth, Tile
from ledger.seal.restorations import NOTE, tell_restorations
from replay.restore import BATCH, LAST_HORIZON, RestoreError, leaf_hashes, root_of, same_log

MOST_NUMBERS: Final = 200_000_000
"""Transaction numbers used up at most: more would bring the server near its own limits (wraparound)."""
LOCKS: Final = (
    "LOCK TABLE ledger.entry IN SHARE ROW EXCLUSIVE MODE",
    "SELECT pg_advisory_xact_lock(hashtextextended('constat.sequencer', 0))",
    "SELECT pg_advisory_xact_lock(hashtextextended('constat.sealer', 0))",
)


MAX_POSITION: Final = "SELECT coalesce(max(position), 0) FROM ledger.leaf"
MAX_SIZE: Final = "SELECT coalesce(max(size), 0) FROM ledger.checkpoint"
BOUNDS: Final[dict[str, tuple[LiteralString, str]]] = {
    "entry": ("xid >= {}::xid8", LAST_HORIZON),
    "leaf": ("position > {}::bigint", MAX_POSITION),
    "sealing": ("last_position > {}::bigint", "SELECT coalesce(max(last_position), 0) FROM ledger.sealing"),
    "tile": ("n >= {}::bigint >> (8 * (level + 1))", MAX_SIZE),
    "checkpoint": ("size > {}::bigint", MAX_SIZE),
    # A receipt is committed at once: one that was rendered a day before the last one here cannot be missing.
    "receipt": (
        "rendered_at > {}::timestamptz",
        "SELECT coalesce(max(rendered_at) - interval '1 day', '-infinity')::text FROM ledger.receipt",
    ),
}
"""Of the tables that grow with the log, from where a restored ledger may lack rows: a condition, and its bound."""
COLUMNS: Final = (
    "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
    " ORDER BY attnum"
)
SIGNED: Final = "SELECT size, root FROM ledger.checkpoint WHERE size > %s"
NEXT_NUMBER: Final = (
    "SELECT setval(s, greatest(pg_sequence_last_value(s), (SELECT max(notification_id) FROM ledger.entry), 1))"
    " FROM (SELECT pg_get_serial_sequence('ledger.entry', 'notification_id')::regclass) AS i(s)"
)
ERASURE: Final = "erasure"
ERASE_AGAIN: Final = (
    "SELECT replace(subject::text, '-', '') FROM back_erasure AS s"
    " WHERE NOT EXISTS (SELECT FROM ledger.erasure AS t WHERE t.subject = s.subject)"
    " AND EXISTS (SELECT FROM ledger.person_key AS k WHERE k.subject = s.subject) ORDER BY 1"
)
USE_UP: Final = "DO $$ BEGIN FOR i IN 1..{count} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """How many rows of each table came back, and the first and the last position that the log has again.

    ``erase_again``: the subjects (hexadecimal) whose keys had been destroyed and are there again.
    """

    rows: dict[str, int]
    first: int
    last: int
    erase_again: tuple[str, ...]


def bring_back(here: psycopg.Connection[Any], mirror: psycopg.Connection[Any], checkpoint: Checkpoint) -> BroughtBack:
    """Put back in the ledger of ``here`` what ``mirror`` has and it has not: all of it, or nothing.

    Both connections in autocommit, ``here`` as the ledger's owner. ``checkpoint``: the last one that was published.

    :raises RestoreError: something was recorded or placed since the restore, or what comes back is not what was signed.
    """
    check_sides(here, mirror)
    _use_up_numbers(here, mirror)
    try:
        with here.transaction():
            done = _bring_all(here, mirror, checkpoint)
    except psycopg.errors.UniqueViolation as error:
        msg = "des faits ont été enregistrés, ou des positions données, depuis la restauration : rien n'a été remis"
        raise RestoreError(msg) from error
    tell_restorations(here)
    return done


def check_sides(here: psycopg.Connection[Any], mirror: psycopg.Connection[Any]) -> None:
    """Refuse to complete a mirror, or from another log.

    :raises RestoreError: that would be done.
    """
    same_log(here, mirror)
    if _one(here, "SELECT to_regclass('mirror.refused')::text") is not None:
        msg = "cette base est un miroir : c'est le registre restauré qui se complète, vérifiez DATABASE_URL"
        raise RestoreError(msg)


def _bring_all(here: psycopg.Connection[Any], mirror: psycopg.Connection[Any], checkpoint: Checkpoint) -> BroughtBack:
    for lock in LOCKS:
        here.execute(lock.encode())
    owner = _one(here, "SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE oid = 'ledger.entry'::regclass")
    here.execute(SQL("SET LOCAL ROLE {}").format(Identifier(str(owner))))
    reached, sealed = int(_one(here, MAX_POSITION)), int(_one(here, MAX_SIZE))
    staged = [_stage(here, mirror, table.name) for table in MIRRORED]
    _refuse_what_came_since(here)
    rows = {
        table.name: _add(here, table.name, columns)
        for table, columns in zip(MIRRORED, staged, strict=True)
        if table.name != ERASURE
    }
    last = int(_one(here, MAX_POSITION))
    _check_lines(here, reached)
    _check_tree(here, sealed, last, checkpoint)
    here.execute(NEXT_NUMBER.encode())
    if any(rows.values()):
        here.execute(NOTE, (reached + 1, last))
    return BroughtBack(rows, reached + 1, last, tuple(subject for (subject,) in here.execute(ERASE_AGAIN)))


def _use_up_numbers(here: psycopg.Connection[Any], mirror: psycopg.Connection[Any]) -> None:
    """Take the server of ``here`` beyond every transaction number that the rows of the mirror bear."""
    beyond = int(
        _one(
            mirror,
            "SELECT coalesce(greatest((SELECT xid FROM ledger.entry ORDER BY xid DESC LIMIT 1),"
            " (SELECT horizon FROM ledger.sealing ORDER BY last_position DESC LIMIT 1)), '0'::xid8)::text",
        )
    )
    left = beyond - int(_one(here, "SELECT pg_current_xact_id()::text"))
    if left > MOST_NUMBERS:
        msg = f"les transactions perdues sont trop nombreuses ({left}) pour que leurs rangées reviennent"
        raise RestoreError(msg)
    if left > 0:
        here.execute("SET synchronous_commit = off")  # there is nothing in these transactions to be lost
        here.execute(USE_UP.format(count=left).encode())
        here.execute("RESET synchronous_commit")


def _stage(here: psycopg.Connection[Any], mirror: psycopg.Connection[Any], table: str) -> list[str]:
    """Copy the mirror's rows of one table beside the ledger's; returns the table's columns."""
    columns = [name for (name,) in here.execute(COLUMNS, (f"{SCHEMA}.{table}",))]
    names, aside = SQL(", ").join(map(Identifier, columns)), Identifier(f"back_{table}")
    here.execute(SQL("CREATE TEMP TABLE {} (LIKE {}) ON COMMIT DROP").format(aside, Identifier(SCHEMA, table)))
    since = _bounds(here, table)
    give = SQL("COPY (SELECT {} FROM {} WHERE {}) TO STDOUT (FORMAT binary)")
    take = SQL("COPY {} ({}) FROM STDIN (FORMAT binary)")
    with (
        mirror.cursor().copy(give.format(names, Identifier(SCHEMA, table), since)) as out,
        here.cursor().copy(take.format(aside, names)) as into,
    ):
        for chunk in out:
            into.write(chunk)
    return columns


def _bounds(here: psycopg.Connection[Any], table: str) -> Composable:
    """Which rows of a table the ledger of ``here`` may not have, as a condition to ask the mirror."""
    if table not in BOUNDS:
        return SQL("true")
    condition, bound = BOUNDS[table]
    return SQL(condition).format(Literal(str(_one(here, bound))))


def _refuse_what_came_since(here: psycopg.Connection[Any]) -> None:
    """Refuse a ledger that has entries which the mirror has not, and lacks others: it went on after its restore."""
    since = _bounds(here, "entry")
    here.execute("CREATE INDEX ON back_entry (notification_id)")
    count = SQL(
        "SELECT EXISTS (SELECT FROM ledger.entry AS t WHERE {} AND NOT EXISTS"
        " (SELECT FROM back_entry AS s WHERE s.notification_id = t.notification_id))"
        " AND EXISTS (SELECT FROM back_entry AS s WHERE NOT EXISTS"
        " (SELECT FROM ledger.entry AS t WHERE s.notification_id = t.notification_id))"
    ).format(since)
    row = here.execute(count).fetchone()
    if row is not None and row[0]:
        msg = "des faits ont été enregistrés depuis la restauration : les anciens ne peuvent plus revenir à leur place"
        raise RestoreError(msg)


def _add(here: psycopg.Connection[Any], table: str, columns: Sequence[str]) -> int:
    """Add the staged rows that the ledger has not; how many there were. One that it has otherwise violates its keys."""
    names = SQL(", ").join(map(Identifier, columns))
    key = SQL(" AND ").join(SQL("t.{0} = s.{0}").format(Identifier(column)) for column in BY_NAME[table].key)
    return here.execute(
        SQL(
            "INSERT INTO {0} ({1}) OVERRIDING SYSTEM VALUE SELECT {1} FROM {2} AS s WHERE NOT EXISTS"
            " (SELECT FROM {0} AS t WHERE {3} AND ({4}) IS NOT DISTINCT FROM ({5}))"
        ).format(
            Identifier(SCHEMA, table),
            names,
            Identifier(f"back_{table}"),
            key,
            SQL(", ").join(Identifier("t", column) for column in columns),
            SQL(", ").join(Identifier("s", column) for column in columns),
        )
    ).rowcount


def _check_lines(here: psycopg.Connection[Any], reached: int) -> None:
    """Each line that came back has its hash, and each position the hash of its line."""
    wrong = here.execute(
        "SELECT EXISTS (SELECT FROM back_entry WHERE leaf_hash <> sha256('\\x00'::bytea || convert_to(line, 'UTF8')))"
        " OR EXISTS (SELECT FROM ledger.leaf LEFT JOIN ledger.entry USING (notification_id)"
        " WHERE position > %s AND entry.leaf_hash IS DISTINCT FROM leaf.leaf_hash)",
        (reached,),
    ).fetchone()
    if wrong is not None and wrong[0]:
        msg = "des lignes du miroir n'ont pas leur empreinte : rien n'a été remis"
        raise RestoreError(msg)


def _check_tree(here: psycopg.Connection[Any], sealed: int, last: int, checkpoint: Checkpoint) -> None:
    """Every root that was signed beyond ``sealed`` lines, and every tile, is that of the lines that are there now."""
    if last < checkpoint.size:
        msg = f"le miroir n'a pas non plus les positions {last + 1} à {checkpoint.size} : rien n'a été remis"
        raise RestoreError(msg)
    signed = {size: bytes(root) for size, root in here.execute(SIGNED, (sealed,))}
    if checkpoint.size > sealed:
        signed.setdefault(checkpoint.size, checkpoint.root)
    sound = checkpoint.size > sealed or root_of(here, checkpoint.size) == checkpoint.root
    growth, tiles = Growth.resume(StoredTiles(here), sealed), list[Tile]()
    for size in sorted(signed):
        while growth.size < size:
            tiles += growth.add(leaf_hashes(here, growth.size, min(size, growth.size + BATCH)))
        sound = sound and growth.root() == signed[size]
    sound = sound and signed.get(checkpoint.size, checkpoint.root) == checkpoint.root
    if not sound or any(_tile(here, tile) != (tile.data, tile.root) for tile in tiles):
        msg = "l'arbre des lignes du miroir n'a pas les racines qui ont été signées : rien n'a été remis"
        raise RestoreError(msg)


def _tile(here: psycopg.Connection[Any], tile: Tile) -> tuple[bytes, bytes] | None:
    row = here.execute(
        "SELECT data, root FROM ledger.tile WHERE level = %s AND n = %s", (tile.level, tile.n)
    ).fetchone()
    return (bytes(row[0]), bytes(row[1])) if row else None


def _one(conn: psycopg.Connection[Any], query: str) -> Any:
    row = conn.execute(query.encode()).fetchone()
    return row[0] if row else None

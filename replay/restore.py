"""A restored ledger held against what was published before: what is missing, exactly; and a mirror's rows put back.

A restore ends where its archive ends. What it lost cannot be seen from within: a checkpoint that was kept elsewhere
says how many lines there were, and under which root; a mirror says which. Nothing may be recorded, nor given a
position, before this was asked: the positions that are missing would be given to others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import psycopg

from ledger.errors import ConstatError
from ledger.mirror.subscription import origin_of
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.merkle import HASH, Growth
from replay.mirror import at_one_instant

BATCH: Final = 1 << 16
FETCH: Final = 5_000
MAX_SHOWN: Final = 1_000
LAST_HORIZON: Final = (
    "SELECT coalesce((SELECT horizon FROM ledger.sealing ORDER BY last_position DESC LIMIT 1), '0'::xid8)::text"
)
"""Below it everything was finished and had its position: a restored ledger has all of it."""


class RestoreError(ConstatError):
    """Le registre restauré ne peut pas être comparé, ou pas complété."""


@dataclass(frozen=True, slots=True)
class Lost:
    """An entry that the mirror has and the restored ledger has not. ``leaf``: the hash of its line, hexadecimal."""

    position: int | None
    stream: str
    place: int
    recorded_at: datetime
    leaf: str


@dataclass(frozen=True, slots=True)
class Loss:
    """What a restored ledger has not of what was published.

    ``size``: lines that the checkpoint counts; ``reached``: positions that the ledger has; ``other_history``: it has
    as many, or more, and not the same. ``last``: when the last entry that it has was recorded. By the mirror, where one
    was at hand: ``lost`` (the first ones), ``count`` of all, and between which instants they were recorded.
    """

    origin: str
    size: int
    reached: int
    other_history: bool
    last: datetime | None
    lost: tuple[Lost, ...] = ()
    count: int | None = None
    first_lost: datetime | None = None
    last_lost: datetime | None = None

    @property
    def missing(self) -> range:
        """The positions that are missing."""
        return range(self.reached + 1, self.size + 1)

    @property
    def nothing(self) -> bool:
        """Whether nothing is missing, as far as could be seen."""
        return not self.missing and not self.other_history and not self.count


def loss(here: psycopg.Connection[Any], checkpoint: Checkpoint, mirror: psycopg.Connection[Any] | None = None) -> Loss:
    """What the ledger of ``here`` has not of what ``checkpoint`` (kept elsewhere) and ``mirror`` have. Writes nothing.

    :raises RestoreError: there is no ledger here; or the checkpoint, or the mirror, is another log's.
    """
    with at_one_instant(here):
        origin = _restored(here)
        if checkpoint.origin != origin:
            msg = f"ce point de contrôle est celui du journal {checkpoint.origin}, ce registre est {origin}"
            raise RestoreError(msg)
        reached = int(_one(here, "SELECT coalesce(max(position), 0) FROM ledger.leaf"))
        last = _one(here, "SELECT max(recorded_at) FROM ledger.entry")
        other = reached >= checkpoint.size and root_of(here, checkpoint.size) != checkpoint.root
        found = Loss(origin, checkpoint.size, reached, other, last)
        return found if mirror is None else _seen_from(mirror, here, found)


def root_of(conn: psycopg.Connection[Any], size: int) -> bytes:
    """The root over the first ``size`` positions, redone from the leaves alone."""
    growth = Growth()
    while growth.size < size:
        growth.add(leaf_hashes(conn, growth.size, min(size, growth.size + BATCH)))
    return growth.root()


def leaf_hashes(conn: psycopg.Connection[Any], after: int, upto: int) -> bytes:
    """The leaf hashes at positions ``after`` + 1 to ``upto``.

    :raises RestoreError: one is missing.
    """
    row = conn.execute(
        "SELECT string_agg(leaf_hash, ''::bytea ORDER BY position) FROM ledger.leaf"
        " WHERE position > %b AND position <= %b",
        (after, upto),
        binary=True,
    ).fetchone()
    hashes = bytes(row[0]) if row and row[0] else b""
    if len(hashes) != (upto - after) * HASH:
        msg = f"il manque des positions entre {after + 1} et {upto}"
        raise RestoreError(msg)
    return hashes


def _seen_from(mirror: psycopg.Connection[Any], here: psycopg.Connection[Any], found: Loss) -> Loss:
    with at_one_instant(mirror):
        same_log(here, mirror)
        horizon = str(_one(here, LAST_HORIZON))
        present = {number for (number,) in _numbers(here, horizon)}
        lost: list[Lost] = []
        count, first, last = 0, None, None
        for number, *columns in _recent(mirror, horizon):
            if number not in present:
                row = Lost(*columns)
                count += 1
                first = min(first or row.recorded_at, row.recorded_at)
                last = max(last or row.recorded_at, row.recorded_at)
                lost += [row] if len(lost) < MAX_SHOWN else []
    return Loss(
        found.origin, found.size, found.reached, found.other_history, found.last, tuple(lost), count, first, last
    )


def _restored(here: psycopg.Connection[Any]) -> str:
    """The origin of the log that was restored."""
    origin = origin_of(here)
    if origin is None:
        msg = "cette base n'a pas de registre : vérifiez DATABASE_URL, et que la sauvegarde est restaurée"
        raise RestoreError(msg)
    return origin


def same_log(here: psycopg.Connection[Any], mirror: psycopg.Connection[Any]) -> None:
    """Refuse a mirror of another log, or of none.

    :raises RestoreError: it is one; or there is no ledger here.
    """
    ours, origin = _restored(here), origin_of(mirror)
    if origin != ours:
        what = "n'a pas de registre" if origin is None else "est le miroir d'un autre registre"
        msg = f"la base donnée à --mirror {what} : vérifiez sa chaîne de connexion"
        raise RestoreError(msg)


def _numbers(conn: psycopg.Connection[Any], horizon: str) -> list[tuple[int]]:
    return conn.execute("SELECT notification_id FROM ledger.entry WHERE xid >= %s::xid8", (horizon,)).fetchall()


def _recent(mirror: psycopg.Connection[Any], horizon: str) -> Iterator[tuple[Any, ...]]:
    with mirror.cursor(name="recent") as cursor:
        cursor.itersize = FETCH
        cursor.execute(
            "SELECT e.notification_id, l.position, replace(e.originator_id::text, '-', ''), e.originator_version,"
            " e.recorded_at, encode(e.leaf_hash, 'hex') FROM ledger.entry AS e LEFT JOIN ledger.leaf AS l"
            " USING (notification_id) WHERE e.xid >= %s::xid8 ORDER BY l.position NULLS LAST, e.notification_id",
            (horizon,),
        )
        yield from cursor


def _one(conn: psycopg.Connection[Any], query: str) -> Any:
    row = conn.execute(query.encode()).fetchone()
    return row[0] if row else None

"""Erasure: a person's key is destroyed, and with it all that it opens; lines, leaves and proofs stay.

One transaction decides: the fact that tells it (sealed with the very key that goes, so that nobody reads it again), the
row that stays in ``ledger.erasure``, the key, and her rows in every projection's tables. Before it, nothing is erased;
after it, what is left to do (documents, which nobody can open any more, and the receipt) stands in ``work.erasure`` and
is done by the same command, however often it is killed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier

from ledger.coffre import Id, PersonKey
from ledger.database import APPLICATION, KEEPER, Database
from ledger.documents import DocumentStore
from ledger.entry import Entry
from ledger.errors import ConstatError
from ledger.mapper import Draft
from ledger.recorder import columns
from ledger.rotation import keeping
from ledger.store import Ledger

LOCK_MILLISECONDS: Final = 30_000
VIEWS: Final = """
SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname LIKE 'vue\\_%%' AND (c.relname = %(name)s OR EXISTS (SELECT FROM pg_attribute AS a
    WHERE a.attrelid = c.oid AND a.attname = %(column)s AND a.atttypid = 'uuid'::regtype AND NOT a.attisdropped))
ORDER BY 1, 2
"""
"""The tables of the projections, also of those being rebuilt, by name or by a column."""
CLAIMED: Final = """
SELECT DISTINCT uuid_send(attempt.subject) FROM ledger.entry AS hers
    JOIN ledger.claimed_attempt AS c ON c.claim = hers.event_id
    JOIN ledger.entry AS attempt ON attempt.event_id = c.attempt
WHERE hers.subject = %b AND c.turn %% 2 = 1 AND NOT EXISTS (
    SELECT FROM ledger.claimed_attempt AS since WHERE since.attempt = c.attempt AND since.turn > c.turn)
"""


class HeldError(ConstatError):
    """Un gel de conservation court : la clé de cette personne ne peut pas être détruite."""


class MovedError(ConstatError):
    """Des faits sont arrivés, ou la clé est partie, entre la lecture et l'effacement : relisez, puis recommencez."""


@dataclass(frozen=True, slots=True)
class Pending:
    """An erasure that is committed and not finished."""

    subject: Id
    documents: tuple[str, ...]
    receipt: str


@dataclass(frozen=True, slots=True)
class Erased:
    """A row of the register of erasures.

    ``final_at``: when the KEK that wrapped the key was destroyed, and those before it were already; ``None``: not yet.
    """

    subject: Id
    at: datetime
    kek_id: str
    key_digest: bytes
    entries: int
    receipt: bytes
    final_at: datetime | None


def documents_of(key: PersonKey, entries: Sequence[Entry]) -> tuple[str, ...]:
    """The names under which the documents that a person's ``entries`` cite are stored, each once."""
    return tuple(sorted({key.document(piece.sha256) for entry in entries for piece in entry.fait.pieces}))


def leaves_of(conn: psycopg.Connection[Any], subject: Id) -> dict[UUID, bytes]:
    """The leaf hash of each entry of a person, by event id."""
    rows = conn.execute("SELECT event_id, leaf_hash FROM ledger.entry WHERE subject = %b", (subject,), binary=True)
    return {event_id: bytes(leaf) for event_id, leaf in rows}


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt of nobody that the person claimed: it says what she said, and goes with her."""

    subject: Id
    entries: int
    key_digest: bytes
    documents: Sequence[str]


def attempts_of(ledger: Ledger, subject: Id) -> list[Attempt]:
    """The attempts of nobody that the person ``subject`` claimed."""
    with ledger.connection() as conn:
        rows = conn.execute(CLAIMED, (subject,), binary=True).fetchall()
        keys = ledger.coffre.of_subjects(conn, [bytes(claimed) for (claimed,) in rows])
        digests = {each: ledger.coffre.digest(conn, Id(each)) for each in keys}
    lives = ledger.lives(list(keys))
    return [
        Attempt(Id(each), len(lives[each]), digest[1], documents_of(keys[each], lives[each]))
        for each in keys
        if each in lives and (digest := digests[each]) is not None
    ]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be destroyed, as it was read and judged. ``entries``: how many of hers, ``told`` not counted."""

    told: Draft
    entries: int
    kek_id: str
    key_digest: bytes
    receipt: str
    """As it will be handed over."""
    documents: Sequence[str]
    """Those of the attempts too."""
    attempts: Sequence[Attempt] = ()


def destroy(ledger: Ledger, order: Order) -> None:
    """Append the fact that tells it and destroy the key it is sealed with, in one transaction.

    :raises HeldError: the database holds the key.
    :raises MovedError: facts have come since they were read, the key was wrapped anew, or it is gone.
    """
    try:
        with keeping(ledger.database) as conn, conn.transaction():
            conn.execute(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}".encode())
            _destroy(conn, ledger, order)
    except psycopg.errors.RestrictViolation as error:
        raise HeldError(HeldError.__doc__) from error
    except (psycopg.errors.SerializationFailure, psycopg.errors.NoDataFound, psycopg.errors.UniqueViolation) as error:
        raise MovedError(MovedError.__doc__) from error
    except psycopg.errors.LockNotAvailable as error:
        msg = "une vue est en cours de calcul depuis trop longtemps : rien n'est effacé, recommencez"
        raise MovedError(msg) from error
    ledger.coffre.forget()


def _destroy(conn: psycopg.Connection[Any], ledger: Ledger, order: Order) -> None:
    key = order.told.key
    with _as(conn, ledger.database, APPLICATION):
        _lock_views(conn)
        ledger.writer.append(columns([ledger.entries.seal(order.told)]), [None], conn)
    if _destroy_key(conn, order, key.subject, order.entries + 1, order.key_digest) != order.kek_id:
        raise MovedError(MovedError.__doc__)
    for each in order.attempts:
        _destroy_key(conn, order, each.subject, each.entries, each.key_digest)
    conn.execute(
        "INSERT INTO work.erasure VALUES (%b, %b, %s, %s)",
        (key.subject, ledger.coffre.blind_index(key.reference), list(order.documents), order.receipt),
    )
    with _as(conn, ledger.database, APPLICATION):
        _purge_views(conn, key.subject)


def _destroy_key(conn: psycopg.Connection[Any], order: Order, subject: Id, entries: int, digest: bytes) -> str | None:
    """Destroy one key, with the receipt's digest; which KEK wrapped it."""
    row = conn.execute(
        "SELECT wrapped_by FROM ledger.destroy_key(%b, %b, %b, %b)",
        (subject, entries, digest, sha256(order.receipt.encode()).digest()),
    ).fetchone()
    return str(row[0]) if row else None


def pending(ledger: Ledger, reference: str) -> Pending | None:
    """The erasure of ``reference`` that was begun and not finished; ``None`` when there is none."""
    with keeping(ledger.database) as conn:
        row = conn.execute(
            "SELECT uuid_send(subject), documents, receipt FROM work.erasure WHERE blind_index = %b",
            (ledger.coffre.blind_index(reference),),
            binary=True,
        ).fetchone()
    return Pending(Id(row[0]), tuple(row[1]), row[2]) if row else None


def delete_documents(ledger: Ledger, store: DocumentStore, left: Pending) -> int:
    """Delete the documents of an erased person, and once more her rows in tables that were being made meanwhile.

    Returns how many documents were there.
    """
    with ledger.connection() as conn, conn.transaction():
        _lock_views(conn)
        _purge_views(conn, left.subject)
    return sum(store.delete(name) for name in left.documents)


def close(ledger: Ledger, left: Pending) -> None:
    """Forget that an erasure was under way: its receipt has been handed over."""
    with keeping(ledger.database) as conn:
        conn.execute("DELETE FROM work.erasure WHERE subject = %b", (left.subject,))


def finish(ledger: Ledger, kek_id: str) -> int:
    """Write anew the tables of the projections, when erasures became final with ``kek_id``; returns how many.

    Rows that were deleted stay in a table's file, and values of theirs in its statistics, unseen, until then. Each
    table is closed to all while it is written.
    """
    with ledger.connection() as conn:
        row = conn.execute("SELECT 1 FROM ledger.erasure WHERE kek_id = %s LIMIT 1", (kek_id,)).fetchone()
        tables = conn.execute(VIEWS, {"name": "", "column": "subject"}).fetchall() if row is not None else []
        for schema, table in tables:
            conn.execute(SQL("VACUUM (FULL, ANALYZE) {}").format(Identifier(schema, table)))
    return len(tables)


def register(ledger: Ledger) -> list[Erased]:
    """Every erasure, in order."""
    with ledger.connection() as conn:
        rows = conn.execute(
            "SELECT uuid_send(e.subject), e.at, e.kek_id, e.key_digest, e.entries, e.receipt, k.at"
            " FROM ledger.erasure AS e LEFT JOIN ledger.kek_end AS k ON k.kek_id = e.kek_id AND k.act = 'destroyed'"
            " ORDER BY e.id",
            binary=True,
        ).fetchall()
    return [
        Erased(Id(subject), at, kek, bytes(key), n, bytes(receipt), end)
        for subject, at, kek, key, n, receipt, end in rows
    ]


@contextmanager
def _as(conn: psycopg.Connection[Any], database: Database, role: str) -> Iterator[None]:
    """Act as another role for a while, within one transaction; where the server has one role only, as that one."""
    if database.role is None:
        yield
        return
    conn.execute(SQL("SET LOCAL ROLE {}").format(Identifier(role)))
    yield
    conn.execute(SQL("SET LOCAL ROLE {}").format(Identifier(KEEPER)))


def _lock_views(conn: psycopg.Connection[Any]) -> None:
    """Wait for each follower to end the batch it is at, and keep it from the next one. Takes no transaction id."""
    for schema, table in conn.execute(VIEWS, {"name": "tracking", "column": ""}).fetchall():
        conn.execute(SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(Identifier(schema, table)))


def _purge_views(conn: psycopg.Connection[Any], subject: Id) -> None:
    for schema, table in conn.execute(VIEWS, {"name": "", "column": "subject"}).fetchall():
        conn.execute(SQL("DELETE FROM {} WHERE subject = %b").format(Identifier(schema, table)), (subject,))

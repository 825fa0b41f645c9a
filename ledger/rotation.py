"""Rotation of the deployment's key: a fresh KEK, every person's key wrapped anew, the old KEK retired and destroyed.

Facts are appended and persons added all the while: a process that still knows the old KEK goes on with it, and reads
the key file again when it meets a row of the new one, or when the database refuses the old one as retired. A run that
was killed leaves rows of both KEKs, which both open; the next run goes on from there. One run at a time, held by a
lock of the database.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import psycopg
import structlog
from cryptography.exceptions import InvalidTag

from ledger.coffre import Id
from ledger.database import KEEPER, Database
from ledger.errors import ConstatError
from ledger.kek import DeploymentKeys, Kek

BATCH: Final = 5_000
PASSES: Final = 10
"""Rows of the old KEK that are added while a pass goes on are taken by the next one; after so many, they are told."""

log = structlog.get_logger("constat.coffre")


class RotationError(ConstatError):
    """La clé de déploiement ne peut pas être remplacée ou retirée maintenant."""


@dataclass(frozen=True, slots=True)
class KekState:
    """One KEK: where it is, how many persons' keys it wraps, and its end."""

    kek_id: str
    place: str
    """``fichier``, ``module`` (PKCS#11), or ``absente``: rows need it, or it was destroyed."""
    current: bool
    keys: int
    retired_at: datetime | None
    destroyed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did. ``left``: rows of other KEKs, added meanwhile. ``unreadable``: rows that no KEK opens."""

    keys: DeploymentKeys
    made: bool
    rewrapped: int
    left: int
    unreadable: int


def states(database: Database, keys: DeploymentKeys) -> list[KekState]:
    """Every KEK that is kept, that a row needs, or that was retired; the current one first."""
    with keeping(database) as conn:
        counts, kept = _counts(conn), set(_ours(conn, keys))
        ends: dict[tuple[str, str], datetime] = {
            (kek_id, act): at for kek_id, act, at in conn.execute("SELECT kek_id, act, at FROM ledger.kek_end")
        }
    known = {keys.current: None, **dict.fromkeys(sorted({*kept, *counts, *(kek_id for kek_id, _ in ends)}))}
    return [
        KekState(
            kek_id,
            "fichier" if kek_id in keys.keks else "module" if kek_id in kept else "absente",
            kek_id == keys.current,
            counts.get(kek_id, 0),
            ends.get((kek_id, "retired")),
            ends.get((kek_id, "destroyed")),
        )
        for kek_id in known
    ]


def rotate(
    database: Database,
    keys: DeploymentKeys,
    *,
    finish: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Rotated:
    """Make a fresh KEK current and wrap every person's key with it. A rotation that was cut off is finished instead.

    ``finish``: make none; only wrap with the current one what others still wrap.

    :raises RotationError: another run is at it.
    """
    with _alone(database) as conn:
        keys = keys.reloaded() or keys
        made = not (finish or keys.rotating)
        if made:
            keys = keys.with_new_kek().save_over()
            log.info("kek_made", kek_id=keys.current)
        rewrapped, unreadable = _rewrap_all(conn, keys, progress)
        if keys.rotating:
            keys = replace(keys, rotating=False).save_over()
        left = sum(count for kek_id, count in _counts(conn).items() if kek_id != keys.current)
    log.info("keys_rewrapped", kek_id=keys.current, keys=rewrapped, left=left, unreadable=unreadable)
    return Rotated(keys, made, rewrapped, left - unreadable, unreadable)


def retire(database: Database, keys: DeploymentKeys, kek_id: str) -> DeploymentKeys:
    """Destroy a KEK that wraps nothing any more, where it is kept; from now on no row may be wrapped with it.

    What backups still hold of keys that it wrapped opens no more: erasures of that time are final. After a kill, the
    same call goes on.

    :raises RotationError: it is the current one, rows need it, an older one is not retired, or it is not known.
    """
    with _alone(database) as conn:
        keys = keys.reloaded() or keys
        if kek_id == keys.current:
            msg = f"{kek_id} est la clé courante : faites d'abord « constat keys rotate »"
            raise RotationError(msg)
        if kek_id not in _ours(conn, keys) and not _retired(conn, kek_id):
            msg = f"aucune clé {kek_id[:64]} : « constat keys » les donne toutes"
            raise RotationError(msg)
        _oldest_first(conn, keys, kek_id)
        _retire(conn, kek_id)
        if kek_id in keys.keks:
            keys = keys.without(kek_id).save_over()
        elif keys.token is not None:
            from ledger.kek_token import destroy  # noqa: PLC0415 - the extra "hsm" is needed by those who use it

            destroy(keys.token, kek_id)
        conn.execute("SELECT ledger.end_kek(%s)", (kek_id,))
    log.info("kek_destroyed", kek_id=kek_id)
    return keys


@contextmanager
def keeping(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A connection under the keeper's role, in autocommit."""
    with database.acting_as(KEEPER).connect() as conn:
        yield conn


@contextmanager
def _alone(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """The keeper's connection, while no other run is at the deployment's keys."""
    with keeping(database) as conn:
        row = conn.execute("SELECT pg_try_advisory_lock(hashtextextended('constat.rotation', 0))").fetchone()
        if row != (True,):
            msg = "une autre commande remplace ou retire une clé de déploiement : attendez qu'elle finisse"
            raise RotationError(msg)
        yield conn


def _counts(conn: psycopg.Connection[Any]) -> dict[str, int]:
    return dict(conn.execute("SELECT kek_id, count(*) FROM ledger.person_key GROUP BY kek_id").fetchall())


def _ours(conn: psycopg.Connection[Any], keys: DeploymentKeys) -> list[str]:
    """The KEKs that are kept and are this ledger's: a token may hold those of others, which must never be destroyed."""
    used = {
        kek_id
        for (kek_id,) in conn.execute(
            "SELECT kek_id FROM ledger.person_key UNION SELECT kek_id FROM ledger.rewrapping"
            " UNION SELECT kek_id FROM ledger.erasure"
        )
    }
    mine = used | keys.keks.keys() | {keys.current}
    return [each for each in keys.kek().ids() if each in mine or each.startswith(keys.mark.hex())]


def _rewrap_all(
    conn: psycopg.Connection[Any], keys: DeploymentKeys, progress: Callable[[int], None]
) -> tuple[int, int]:
    """How many keys were wrapped anew, and how many could not be opened."""
    kek, done = keys.kek(), 0
    for _ in range(PASSES):
        moved = unreadable = 0
        for kek_id in (each for each in kek.ids() if each != keys.current):
            for opened, failed in _rewrap_of(conn, kek, kek_id):
                moved, unreadable = moved + opened, unreadable + failed
                progress(opened)
        done += moved
        if not moved:
            break
    return done, unreadable


def _rewrap_of(conn: psycopg.Connection[Any], kek: Kek, kek_id: str) -> Iterator[tuple[int, int]]:
    """Wrap anew what ``kek_id`` wraps, a batch at a time, each in a transaction of its own: moved, and unreadable."""
    last = Id(bytes(16))
    while True:
        rows = conn.execute(
            "SELECT uuid_send(subject), blind_index, wrapped FROM ledger.person_key"
            " WHERE kek_id = %s AND subject > %b ORDER BY kek_id, subject LIMIT %b",
            (kek_id, last, BATCH),
            binary=True,
            prepare=True,
        ).fetchall()
        if not rows:
            return
        last = Id(rows[-1][0])
        fresh = [each for row in rows if (each := _rewrapped(kek, kek_id, *row)) is not None]
        moved = _store(conn, kek.current, fresh) if fresh else 0
        yield moved, len(rows) - len(fresh)


def _rewrapped(kek: Kek, kek_id: str, raw: bytes, index: bytes, before: bytes) -> tuple[Id, bytes, bytes] | None:
    """A row's subject, its wrapping and the new one, which was opened again; ``None`` when it does not open."""
    subject, bound = Id(raw), bytes(raw) + bytes(index)
    try:
        key = kek.unwrap(kek_id, bytes(before), bound)
    except InvalidTag:
        log.warning("key_row_unreadable", subject=subject.hex())
        return None
    after = kek.wrap(key, bound)
    if kek.unwrap(kek.current, after, bound) != key:
        msg = f"la clé {kek.current} ne rend pas ce qu'elle enveloppe : rien n'a été modifié"
        raise RotationError(msg)
    return subject, bytes(before), after


def _store(conn: psycopg.Connection[Any], kek_id: str, fresh: list[tuple[Id, bytes, bytes]]) -> int:
    row = conn.execute(
        "SELECT ledger.rewrap(%s, %b::uuid[], %b::bytea[], %b::bytea[])",
        (kek_id, *(list(column) for column in zip(*fresh, strict=True))),
        binary=True,
    ).fetchone()
    return int(row[0]) if row else 0


def _retired(conn: psycopg.Connection[Any], kek_id: str) -> bool:
    return conn.execute("SELECT 1 FROM ledger.kek_end WHERE kek_id = %s", (kek_id,)).fetchone() is not None


def _oldest_first(conn: psycopg.Connection[Any], keys: DeploymentKeys, kek_id: str) -> None:
    """Refuse to retire a KEK before one that wrapped keys earlier: backups of that time would still open."""
    first: dict[str, int] = dict(
        conn.execute("SELECT kek_id, min(id) FROM ledger.rewrapping GROUP BY kek_id").fetchall()
    )
    older = [each for each in _ours(conn, keys) if first.get(each, 0) < first.get(kek_id, 0)]
    if older:
        msg = f"la clé {older[0]} est plus ancienne et n'est pas retirée : retirez-la d'abord"
        raise RotationError(msg)


def _retire(conn: psycopg.Connection[Any], kek_id: str) -> None:
    try:
        conn.execute("SELECT ledger.retire_kek(%s)", (kek_id,))
    except psycopg.errors.RestrictViolation as error:
        count = _counts(conn).get(kek_id, 0)
        msg = (
            f"la clé {kek_id} enveloppe encore {count} clé(s) de personnes :"
            " faites d'abord « constat keys rotate », ou « constat keys rotate --finish »"
        )
        raise RotationError(msg) from error

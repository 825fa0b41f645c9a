"""Redo every line, chain, commitment, position, tile and checkpoint. Trusts nothing that the database says of itself.

For each entry, in the order of its stream:

1. ``place``: its place follows the one before, without a gap; the stream begins at 1.
2. ``ligne``: the line is canonical JSON and says the same stream, place, time and log as the row.
3. ``empreinte``: the stored hash is that of the line.
4. ``chaine``: the line names the hash of the line before.
5. ``ouverture``: every part opens with the person's key in this very place (subject, ids and form included).
6. ``engagement``: each opened part gives back the commitment in the line; no part is missing or added.
7. ``lecture``: the fact is one of the vocabulary and reads without an error.

Over the keys: each one opens with the deployment's, in its own row (``ouverture``). Over the sealed order:
``positions`` (dense from 1, one for each entry, same hash as the entry's own, entries in the order of their
transactions and within the horizons of their sealing). Over the seal: ``arbre`` (every tile, from the leaves),
``points`` (every checkpoint is signed and has the root of its lines), ``temoins`` (cosignatures, by the policy),
``jetons`` (timestamps), ``dates`` (entries are dated between what others dated), ``recensement`` (no stream is
missing). And ``gardes`` (triggers, grants, functions and policies as the program made them, and untouched since).

A person's key that was destroyed makes checks 5 to 7 *not possible* for her, never failed.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from ledger.coffre import Coffre, DeploymentKeys
from ledger.database import Database
from ledger.seal import timestamp
from ledger.seal.note import Verifier
from ledger.seal.policy import Policy
from ledger.store import Ledger
from ledger.workers import forkserver, settle_in
from replay.checks.census import NOTHING, Bound, Census
from replay.checks.guards import verify_guards, verify_untouched
from replay.checks.keys import verify_keys
from replay.checks.order import verify_order
from replay.checks.report import Check, Report
from replay.checks.streams import Found, Streams
from replay.checks.third_parties import verify_cosignatures, verify_dates, verify_tokens
from replay.checks.tree import Tree
from replay.resume import Resumption

ALONE: Final = 20_000
"""Up to so many entries, workers would take longer to come than to work."""
SLICES: Final = 64
SCANS: Final = "SET enable_seqscan = on; SET enable_hashjoin = on; SET enable_mergejoin = on"
"""Here everything is read: the plans that suit one person's look-up would take hours."""
PATIENT: Final = "SET idle_in_transaction_session_timeout = 0"
"""The transaction whose instant the workers share asks nothing while they read, which may take long."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom a verification believes: the log's keys, the policy that names keys and witnesses, and who about time."""

    keys: tuple[Verifier, ...] = ()
    policy: Policy | None = None
    time: timestamp.Trust | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """What a worker is given: a range of streams, seen at one instant."""

    number: int
    database: Database
    origin: str
    keys: DeploymentKeys | None
    snapshot: str
    first: bytes
    last: bytes
    upto: int
    reading: bool
    counted: Bound


def verify(
    ledger: Ledger,
    *,
    progress: Callable[[int], None] | None = None,
    trust: Trust | None = None,
    opening: bool = True,
    reading: bool = True,
    workers: tuple[DeploymentKeys, int] | None = None,
    resume: Resumption | None = None,
) -> Report:
    """Check the whole ledger at one instant (one snapshot), streaming: memory grows by 64 bytes a stream.

    ``opening``: checks 5 and 6, which need the persons' keys; ``reading``: check 7 too. ``workers``: the deployment's
    keys and how many processes share the streams. ``resume``: what an earlier run has read, with ``workers`` only.
    """
    report = Report()
    trust = trust or Trust()
    ledger.coffre.forget()
    with ExitStack() as stack:
        conn = stack.enter_context(ledger.database.connect(autocommit=False))
        conn.execute(f"{SCANS}; {PATIENT}".encode())
        conn.commit()
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        upto = resume.upto if resume is not None else last_arrival(conn)
        census = Census.said(conn, ledger.origin, upto, report)
        counted = census.bound if census is not None else NOTHING
        shared = workers if upto > ALONE or resume is not None else None
        parts = _parts(ledger, conn, shared, upto, counted, opening=opening, reading=reading)
        sharing = stack.enter_context(_shared_out(parts, shared[1], resume)) if shared else None
        if opening:
            verify_keys(conn, ledger.coffre, report)
        verify_order(conn, report)
        verify_seal(conn, ledger.origin, trust, report)
        verify_guards(conn, report)
        verify_untouched(conn, ledger.origin, report)
        if sharing is not None:
            found, told = _as_they_come(sharing.result(), resume), progress
        else:
            coffre = ledger.coffre if opening else None
            alone = Streams(conn, ledger.origin, coffre, reading, upto=upto, counted=counted)
            found, told = iter([verify_streams(alone, progress)]), None
        _gather(found, census, report, told)
    if resume is not None:
        resume.end()
    for check, asked in ((Check.OUVERTURE, opening), (Check.ENGAGEMENT, opening), (Check.LECTURE, opening and reading)):
        if not asked:
            report.not_possible[check] = "non demandé"
    return report


def verify_seal(conn: psycopg.Connection[Any], origin: str, trust: Trust, report: Report) -> None:
    """Check the tree and its checkpoints, then what others have said of them. The order was checked before."""
    Tree(conn, origin, trust.keys, trust.policy).verify(report)
    if report.sealed > report.hashed > 0:
        waiting = f"{report.sealed - report.hashed} lignes attendent le prochain point de contrôle"
        report.not_possible.setdefault(Check.POINTS, waiting)
    dated = verify_cosignatures(conn, trust.policy, report.hashed, report)
    dated += verify_tokens(conn, origin, trust.time, report)
    verify_dates(conn, dated, report)


def verify_streams(streams: Streams, progress: Callable[[int], None] | None) -> Found:
    """Check the streams; a value that no program reads ends the reading, and is told."""
    report = Report()
    try:
        return streams.verify(report, progress)
    except (psycopg.DataError, OverflowError) as error:
        report.add(Check.LIGNE, "table entry", f"une valeur ne se lit pas, la suite n'a pas été lue ({error})")
        return Found(report)


def _parts(
    ledger: Ledger,
    conn: psycopg.Connection[Any],
    workers: tuple[DeploymentKeys, int] | None,
    upto: int,
    counted: Bound,
    *,
    opening: bool,
    reading: bool,
) -> list[_Part]:
    """The streams in ranges for the workers, all seen at the instant of ``conn``; none without workers."""
    if workers is None:
        return []
    [(snapshot,)] = conn.execute("SELECT pg_export_snapshot()").fetchall()
    given = (ledger.database, ledger.origin, workers[0] if opening else None, str(snapshot))
    return [_Part(number, *given, *bounds, upto, reading, counted) for number, bounds in enumerate(_slices())]


def last_arrival(conn: psycopg.Connection[Any]) -> int:
    """The id of the last entry that came, in the order of arrival; 0 when there is none."""
    row = conn.execute("SELECT max(notification_id) FROM ledger.entry").fetchone()
    return int(row[0] or 0) if row else 0


def _slices() -> Iterator[tuple[bytes, bytes]]:
    """The streams in so many ranges of their random ids, both ends included."""
    width = (1 << 128) // SLICES
    for number in range(SLICES):
        yield (number * width).to_bytes(16, "big"), ((number + 1) * width - 1).to_bytes(16, "big")


@contextmanager
def _shared_out(
    parts: Sequence[_Part], workers: int, resume: Resumption | None
) -> Iterator[Future[list[Found | Future[Found]]]]:
    """The parts under way in so many processes; of those that were done in an earlier run, what was found.

    Begun beside, since the first process is half a second in coming, and nobody need wait for it.
    """

    def begin() -> list[Found | Future[Found]]:
        return [
            (resume.result(part.number) if resume is not None else None) or pool.submit(_verify_part, part)
            for part in parts
        ]

    with (
        ProcessPoolExecutor(workers, mp_context=forkserver(__name__), initializer=settle_in) as pool,
        ThreadPoolExecutor(1) as beside,
    ):
        try:
            yield beside.submit(begin)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # who interrupts does not wait for every part


def _as_they_come(under_way: Sequence[Found | Future[Found]], resume: Resumption | None) -> Iterator[Found]:
    """The result of each part, kept for a later run as soon as it is there."""
    for number, part in enumerate(under_way):
        if isinstance(part, Found):
            yield part
            continue
        if resume is not None:
            resume.keep(number, part.result())
        yield part.result()


def _gather(
    found: Iterator[Found], census: Census | None, report: Report, progress: Callable[[int], None] | None
) -> None:
    """Take what was found in each part, and the recensement made anew from all of them in their order."""
    for done in found:
        report.take(done.report)
        if census is not None:
            census.add(done.heads)
        if progress is not None:
            progress(done.report.entries)
    if census is not None:
        census.verify(report)


def _verify_part(part: _Part) -> Found:
    with part.database.connect(autocommit=False) as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        conn.execute(f"SET TRANSACTION SNAPSHOT '{part.snapshot}'".encode())
        coffre = Coffre(part.keys) if part.keys else None
        given = (part.reading, part.first, part.last, part.upto, part.counted)
        return verify_streams(Streams(conn, part.origin, coffre, *given), None)

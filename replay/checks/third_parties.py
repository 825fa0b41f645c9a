"""What others have said of the log: cosignatures, time-stamps, and the dates that follow from them.

A cosignature or a token is somebody else's clock. What was sealed under it was recorded before, what came after it
later; an entry that says otherwise was dated by a clock that was moved.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import psycopg

from ledger.seal import timestamp
from ledger.seal.couriers import STAMP
from ledger.seal.note import Note, NoteError, Signature
from ledger.seal.policy import NOBODY, Policy
from ledger.seal.tsp import TimestampError
from replay.checks.own import own_leaves
from replay.checks.report import Check, Report

TOLERANCE: Final = timedelta(minutes=10)
"""How far clocks may be apart, and an entry under way, before a date is called impossible."""


@dataclass(frozen=True, slots=True)
class Dated:
    """That a checkpoint of ``size`` existed at ``at``, by somebody else's clock."""

    size: int
    at: datetime


def verify_cosignatures(conn: psycopg.Connection[Any], policy: Policy | None, size: int, report: Report) -> list[Dated]:
    """Check every cosignature against the policy; the dates that witnesses give. ``size``: of the last checkpoint."""
    if policy is None:
        report.not_possible[Check.TEMOINS] = "aucune politique ne nomme les témoins"
        return []
    dated, enough = [], 0
    for point, note, lines in conn.execute(
        "SELECT size, note, array_agg(line ORDER BY witness) FROM ledger.checkpoint"
        " JOIN ledger.cosignature USING (size) GROUP BY size, note ORDER BY size"
    ).fetchall():
        try:
            signed = Note.parse(note.encode()).signed(*(Signature.parse(line.rstrip("\n")) for line in lines))
            judgement = policy.judge(signed)
            dated += [Dated(int(point), datetime.fromtimestamp(at, UTC)) for at in judgement.cosigned.values()]
        except (NoteError, OverflowError, ValueError, OSError) as error:
            report.add(Check.TEMOINS, f"point de contrôle de {point} lignes", str(error))
            continue
        if judgement.quorum:
            enough = int(point)
    if policy.quorum == NOBODY:
        report.not_possible[Check.TEMOINS] = "la politique ne demande aucun témoin"
    elif not enough and size:
        report.add(Check.TEMOINS, "journal", "aucun point de contrôle n'a les cosignatures que la politique exige")
    elif enough < size:
        waiting = f"cosigné jusqu'à {enough} lignes ; les {size - enough} suivantes attendent leurs témoins"
        report.not_possible[Check.TEMOINS] = waiting
    return dated


def verify_tokens(
    conn: psycopg.Connection[Any], origin: str, trust: timestamp.Trust | None, report: Report
) -> list[Dated]:
    """Check every token against the checkpoint that it stamps, and that the log tells of it; the dates they give."""
    rows = conn.execute(
        "SELECT sha256, size, frozen, token, note FROM ledger.token JOIN ledger.checkpoint USING (size)"
        " ORDER BY size, sha256"
    ).fetchall()
    told = {str(said["sha256"]) for _, said in own_leaves(conn, origin, STAMP) if "sha256" in said}
    if not rows and not told:
        report.not_possible[Check.JETONS] = "aucun jeton d'horodatage n'a été demandé"
        return []
    if trust is None:
        report.not_possible[Check.JETONS] = "aucune autorité d'horodatage n'est donnée à croire"
    dated = []
    for digest, size, frozen, token, note in rows:
        where = f"jeton {bytes(digest).hex()[:16]}, point de contrôle de {size} lignes"
        try:
            if sha256(token).digest() != bytes(digest) or bytes(digest).hex() not in told:
                report.add(Check.JETONS, where, "il a été changé, ou le journal n'en dit rien")
            if Note.parse(frozen.encode()).text != Note.parse(note.encode()).text:
                report.add(Check.JETONS, where, "il n'horodate pas ce point de contrôle")
            elif trust is not None:
                stamp = timestamp.verify(token, sha256(frozen.encode()).digest(), trust)
                dated.append(Dated(int(size), stamp.latest))
        except (NoteError, TimestampError) as error:
            report.add(Check.JETONS, where, str(error))
    for missing in sorted(told - {bytes(digest).hex() for digest, *_ in rows}):
        report.add(Check.JETONS, f"jeton {missing[:16]}", "le journal en parle et il n'est plus là")
    return dated


ENTRIES: Final = """
SELECT min(recorded_at), max(recorded_at) FROM ledger.leaf JOIN ledger.entry USING (notification_id)
WHERE position > %s AND position <= %s
"""


def verify_dates(conn: psycopg.Connection[Any], dated: list[Dated], report: Report) -> None:
    """Check that entries are dated after the last checkpoint that others dated, and before the one that holds them."""
    if not dated:
        report.not_possible[Check.DATES] = "personne d'autre n'a daté ce journal : ni témoin, ni horodatage vérifiés"
        return
    earliest: dict[int, datetime] = {}
    for each in dated:
        earliest[each.size] = min(each.at, earliest.get(each.size, each.at))
    before = 0
    for size in sorted(earliest):
        row = conn.execute(ENTRIES, (before, size)).fetchone()
        first, last = row or (None, None)
        where = f"positions {before + 1} à {size}"
        if last is not None and last > earliest[size] + TOLERANCE:
            found = f"une entrée se dit de {last:%d/%m/%Y %H:%M} (UTC), après que d'autres ont vu ce qui la contient"
            report.add(Check.DATES, where, found)
        if first is not None and before and first < earliest[before] - TOLERANCE:
            found = f"une entrée se dit de {first:%d/%m/%Y %H:%M} (UTC), avant ce que d'autres ont vu sans elle"
            report.add(Check.DATES, where, found)
        before = size

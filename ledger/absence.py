"""Whether a promised line stands in a copy of the log: in a mirror's tables, or in a file of its lines.

A line that was promised and is in no later copy of the log was dropped by whoever keeps it: the promise, which they
signed, then shows it by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import psycopg

from ledger.coffre import Id
from ledger.seal.note import NoteError
from ledger.seal.receipt import Line

DELAY: Final = timedelta(hours=1)
"""A copy whose last line is younger than a promise by less than this may have been made before the line came."""


class Presence(StrEnum):
    """What a copy of the log has of a promised line."""

    PRESENTE = "presente"
    REMPLACEE = "remplacee"
    ABSENTE = "absente"
    TROP_TOT = "trop_tot"


@dataclass(frozen=True, slots=True)
class Search:
    """What was found, in French. ``lines``: how many lines the copy has; ``last``: the latest instant that they say."""

    presence: Presence
    said: str
    lines: int
    last: str | None


def in_mirror(conn: psycopg.Connection[Any], promised: Line) -> Search:
    """Look for a line in the tables of a ledger, or of its mirror, on a connection that gives tuples."""
    stream = Id(bytes.fromhex(promised.stream))
    there = conn.execute(
        "SELECT line FROM ledger.entry WHERE originator_id = %b AND originator_version = %b", (stream, promised.pos)
    ).fetchone()
    row = conn.execute(
        "SELECT l.position, e.recorded_at FROM ledger.leaf AS l JOIN ledger.entry AS e USING (notification_id)"
        " ORDER BY l.position DESC LIMIT 1"
    ).fetchone()
    lines, last = (int(row[0]), row[1]) if row else (0, None)
    return _judged(promised, there[0] if there else None, lines, last)


def in_lines(raw_lines: Iterable[bytes], promised: Line) -> Search:
    """Look for a line in a file of lines, one after the other; those that are of no act are only counted."""
    there, last, count = None, None, 0
    for raw in raw_lines:
        count += 1
        try:
            line = Line.parse(raw.rstrip(b"\n").decode())
            at = datetime.fromisoformat(line.at)
        except (NoteError, ValueError):
            continue
        last = max(last or at, at)
        if (line.log, line.stream, line.pos) == (
            promised.log,
            promised.stream,
            promised.pos,
        ) and there != promised.text:
            there = line.text
    return _judged(promised, there, count, last)


def _judged(promised: Line, there: str | None, lines: int, last: datetime | None) -> Search:
    place = f"place {promised.pos} du flux {promised.stream}"
    until = None if last is None else f"{last:%Y-%m-%dT%H:%M:%SZ}"
    if there == promised.text:
        return Search(Presence.PRESENTE, f"la ligne promise est là, {place}", lines, until)
    if there is not None:
        said = f"une autre ligne est à sa place ({place}) : ce qui a été promis a été remplacé"
        return Search(Presence.REMPLACEE, said, lines, until)
    if last is None or last < datetime.fromisoformat(promised.at) + DELAY:
        ends = f"s'arrête le {until}" if until else "est vide"
        said = f"rien ne peut être dit : la copie {ends}, la promesse est du {promised.at}"
        return Search(Presence.TROP_TOT, said, lines, until)
    said = (
        f"la ligne promise le {promised.at} n'est pas parmi les {lines} lignes de la copie, qui va jusqu'au {until}"
        f" ({place} : rien) ; si cette copie est entière, elle a été retirée"
    )
    return Search(Presence.ABSENTE, said, lines, until)

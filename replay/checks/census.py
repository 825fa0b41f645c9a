"""The recensement, taken again from the entries: every stream that the log counted is there, and ends no earlier."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, NamedTuple, Self

import psycopg

from ledger.coffre import Id
from ledger.seal.log import own_stream
from ledger.seal.sealer import CENSUS
from replay.checks.report import Check, Report
from replay.checks.tree import HASH, TILE, Peaks, leaf_hash

HEAD: Final = 16 + 16 + HASH


class Bound(NamedTuple):
    """The last entry that was counted, by what orders the log: its transaction and its arrival."""

    xid: str
    arrival: int


NOTHING: Final = Bound("0", 0)


def head_of(stream: bytes, subject: bytes, pos: int, leaf: bytes) -> bytes:
    """Where a stream ends: its subject and its id, which order the recensement, and the leaf hash of its line there."""
    line = f'{{"leaf":"{leaf.hex()}","pos":{pos},"stream":"{stream.hex()}","subject":"{subject.hex()}"}}'
    return subject + stream + leaf_hash(line)


@dataclass(slots=True)
class Census:
    """The last recensement that the log tells of, and the same made anew. ``size``: the positions that it counted."""

    size: int
    streams: int
    root: str
    bound: Bound
    _runs: list[bytes] = field(default_factory=list)

    @classmethod
    def said(cls, conn: psycopg.Connection[Any], origin: str, upto: int, report: Report) -> Self | None:
        """What the log last said of the ends of its streams, in an entry that came no later than ``upto``."""
        row = conn.execute(
            "SELECT line FROM ledger.entry JOIN ledger.leaf USING (notification_id)"
            " WHERE originator_id = %b AND notification_id <= %b ORDER BY originator_version DESC LIMIT 1",
            (Id(own_stream(origin, CENSUS)), upto),
        ).fetchone()
        if row is None:
            report.not_possible[Check.RECENSEMENT] = "le journal n'a encore rien recensé"
            return None
        try:
            said = json.loads(row[0])
            size, streams, root = int(said["size"]), int(said["streams"]), str(said["root"])
        except (ValueError, KeyError, TypeError):
            report.add(Check.RECENSEMENT, "dernier recensement", "sa feuille ne se lit pas")
            return None
        last = conn.execute(
            "SELECT xid::text, notification_id FROM ledger.leaf JOIN ledger.entry USING (notification_id)"
            " WHERE position = %b",
            (size,),
        ).fetchone()
        return cls(size, streams, root, Bound(*last) if last else NOTHING)

    def add(self, heads: bytes) -> None:
        """More ends of streams, in their order: 64 bytes for each, kept until all are there."""
        self._runs.append(heads)

    def verify(self, report: Report) -> None:
        """Compare what was said with the streams that were read."""
        peaks = Peaks()
        for heads in _batched(self._in_order(), TILE):
            peaks.extend(b"".join([head[-HASH:] for head in heads]))
        if (peaks.size, peaks.root().hex()) != (self.streams, self.root):
            found = f"{self.streams} flux y étaient comptés, {peaks.size} sont là"
            if peaks.size == self.streams:
                found += ", mais ne finissent plus où ils finissaient"
            report.add(Check.RECENSEMENT, f"jusqu'à la position {self.size}", found)

    def _in_order(self) -> Iterator[bytes]:
        """Every head: the runs, each sorted, merged by their first bytes, a small part of each at a time."""
        read = [0] * len(self._runs)
        for first in range(256):
            heads: list[bytes] = []
            for number, run in enumerate(self._runs):
                at = read[number]
                while at < len(run) and run[at] == first:
                    heads.append(run[at : at + HEAD])
                    at += HEAD
                read[number] = at
            yield from sorted(heads)


def _batched(items: Iterator[bytes], size: int) -> Iterator[tuple[bytes, ...]]:
    """The items in tuples of ``size``, the last one shorter (Python 3.12 has it)."""
    while batch := tuple(islice(items, size)):
        yield batch

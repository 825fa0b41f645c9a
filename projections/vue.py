"""A view kept per person (async): the facts that matter, gathered as they arrive, and the rows they add up to.

Facts arrive late, out of order and corrected, so rows are never adjusted in place: each batch gathers what it brings
for the persons it touches, and recomputes their rows from all that matters with a pure function. What is gathered is
plain text in the projection's own tables; erasing a person purges it.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from ledger.coffre import Id
from ledger.entry import Acteur, Entry
from ledger.events.types import NatureActeur
from ledger.follower import Batch
from ledger.mapper import Row, StoredFait, entry_of
from ledger.retained import holding

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNKNOWN_ACTOR: Final = Acteur(nature=NatureActeur.INCONNU)


class Gathered(msgspec.Struct, array_like=True, frozen=True):
    """One fact that matters to a view, as it is kept between batches."""

    position: int
    stream: bytes
    pos: int
    event_id: bytes
    recorded_us: int
    fait: StoredFait


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(list[Gathered]).decode

Cells = tuple[Any, ...]


class PersonView(ABC):
    """A projection computed person by person from the facts named in ``pertinents``."""

    name: ClassVar[str]
    pertinents: ClassVar[frozenset[str]]
    tables: ClassVar[tuple[tuple[str, str], ...]]
    """Name and columns of each table; the first column of each is ``subject uuid``."""

    @abstractmethod
    def rows(self, entries: Sequence[Entry]) -> Iterable[tuple[str, Cells]]:
        """The rows, each with its table and without the subject, that the holding entries of one person add up to."""

    def create(self, conn: psycopg.Connection[Any], schema: str) -> None:
        """Make the empty tables."""
        conn.execute(
            SQL("CREATE TABLE {} (subject uuid PRIMARY KEY, faits bytea NOT NULL)").format(
                Identifier(schema, "gathered")
            )
        )
        for table, columns in self.tables:
            where = Identifier(schema, table)
            conn.execute(SQL("CREATE TABLE {} (subject uuid NOT NULL, {})").format(where, SQL(columns)))
            conn.execute(SQL("CREATE INDEX ON {} (subject)").format(where))

    def apply(self, conn: psycopg.Connection[Any], schema: str, batch: Batch) -> None:
        """Gather what ``batch`` brings and recompute the rows of the persons it touches."""
        arriving: dict[Id, list[Gathered]] = defaultdict(list)
        references: dict[Id, str] = {}
        for row, key, fait in batch.opened():
            if fait.nom in self.pertinents or fait.corrige is not None:
                arriving[key.subject].append(_gather(row, fait))
                references[key.subject] = key.reference
        if not arriving:
            return
        gathered = self._gathered(conn, schema, list(arriving))
        kept: list[tuple[Id, bytes]] = []
        cells: dict[str, list[Cells]] = {table: [] for table, _ in self.tables}
        for subject, new in arriving.items():
            facts = [*gathered.get(subject, ()), *new]
            kept.append((subject, _encode(facts)))
            entries = holding(_entries(facts, subject, references[subject]))
            for table, values in self.rows(entries):
                cells[table].append((subject.hex(), *map(_storable, values)))
        self._write(conn, schema, kept, cells)

    def _gathered(self, conn: psycopg.Connection[Any], schema: str, subjects: list[Id]) -> dict[Id, list[Gathered]]:
        rows = conn.execute(
            SQL("SELECT uuid_send(subject), faits FROM {} WHERE subject = ANY(%b)").format(
                Identifier(schema, "gathered")
            ),
            (subjects,),
            binary=True,
        )
        return {Id(subject): _decode(faits) for subject, faits in rows}

    def _write(
        self, conn: psycopg.Connection[Any], schema: str, kept: list[tuple[Id, bytes]], cells: dict[str, list[Cells]]
    ) -> None:
        subjects = [subject for subject, _ in kept]
        conn.execute(
            SQL(
                "INSERT INTO {} SELECT * FROM unnest(%b::uuid[], %b::bytea[])"
                " ON CONFLICT (subject) DO UPDATE SET faits = EXCLUDED.faits"
            ).format(Identifier(schema, "gathered")),
            (subjects, [faits for _, faits in kept]),
        )
        for table, rows in cells.items():
            where = Identifier(schema, table)
            conn.execute(SQL("DELETE FROM {} WHERE subject = ANY(%b)").format(where), (subjects,))
            with conn.cursor() as cursor, cursor.copy(SQL("COPY {} FROM STDIN").format(where)) as copy:
                for row in rows:
                    copy.write_row(row)


def _storable(value: Any) -> Any:
    """PostgreSQL's text cannot hold U+0000: in these tables, not in the ledger, it becomes U+FFFD."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _gather(row: Row, fait: StoredFait) -> Gathered:
    recorded_us = (row.recorded_at - EPOCH) // timedelta(microseconds=1)
    return Gathered(row.position or 0, row.stream, row.pos, row.event_id, recorded_us, fait)


def _entries(facts: Iterable[Gathered], subject: Id, reference: str) -> list[Entry]:
    return [
        entry_of(
            Row(
                position=fact.position,
                stream=fact.stream,
                pos=fact.pos,
                subject=subject,
                event_id=fact.event_id,
                command_id=fact.event_id,
                recorded_at=EPOCH + timedelta(microseconds=fact.recorded_us),
                topic="",
                state=b"",
                acteur=None,
                pieces=None,
            ),
            fact.fait,
            reference,
            acteur=_UNKNOWN_ACTOR,
        )
        for fact in facts
    ]

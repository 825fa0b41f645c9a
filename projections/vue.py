"""A view kept per person (async): the facts that matter, gathered as they arrive, and the rows they add up to.

Facts arrive late, out of order and corrected, so rows are never adjusted in place: a batch gathers what it brings and
marks the persons it touches; settling recomputes their rows, with a pure function, from all that matters. While a long
backlog is being read, nobody is settled twice. What is gathered is plain text in the projection's own tables; it leaves
with the person's key.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from operator import attrgetter
from typing import Any, ClassVar, Final

import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from ledger.coffre import Id
from ledger.entry import Acteur, Entry
from ledger.events.types import NatureActeur
from ledger.follower import Batch, Keys
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
_decode: Final = msgspec.json.Decoder(Gathered).decode
_position: Final = attrgetter("position")

GATHERED: Final = "fait bytea NOT NULL"
SETTLED_AT_ONCE: Final = 1_000

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

    @property
    def shape(self) -> str:
        """A digest of what the tables are made of: which facts, which columns."""
        made_of = (GATHERED, sorted(self.pertinents), self.tables)
        return sha256(repr(made_of).encode()).hexdigest()[:16]

    def create(self, conn: psycopg.Connection[Any], schema: str) -> None:
        """Make the empty tables."""
        for table, columns in (("gathered", GATHERED), *self.tables):
            where = Identifier(schema, table)
            conn.execute(SQL("CREATE TABLE {} (subject uuid NOT NULL, {})").format(where, SQL(columns)))
            conn.execute(SQL("CREATE INDEX ON {} (subject)").format(where))
        conn.execute(SQL("CREATE TABLE {} (subject uuid PRIMARY KEY)").format(Identifier(schema, "unsettled")))

    def apply(self, conn: psycopg.Connection[Any], schema: str, batch: Batch) -> None:
        """Gather what ``batch`` brings, and mark the persons it touches."""
        gathered = [
            (key.subject, _encode(_gather(row, fait)))
            for row, key, fait in batch.opened()
            if fait.nom in self.pertinents or fait.corrige is not None
        ]
        if not gathered:
            return
        subjects = [subject for subject, _ in gathered]
        conn.execute(
            SQL("INSERT INTO {} SELECT * FROM unnest(%b::uuid[], %b::bytea[])").format(Identifier(schema, "gathered")),
            (subjects, [fait for _, fait in gathered]),
        )
        conn.execute(
            SQL("INSERT INTO {} SELECT DISTINCT unnest(%b::uuid[]) ON CONFLICT DO NOTHING").format(
                Identifier(schema, "unsettled")
            ),
            (subjects,),
        )

    def settle(self, conn: psycopg.Connection[Any], schema: str, keys: Keys) -> int:
        """Recompute the rows of some of the persons that are marked; returns how many, 0 when nobody was."""
        unsettled = Identifier(schema, "unsettled")
        marked = conn.execute(
            SQL(
                "DELETE FROM {} WHERE subject IN (SELECT subject FROM {} ORDER BY subject LIMIT %b)"
                " RETURNING uuid_send(subject)"
            ).format(unsettled, unsettled),
            (SETTLED_AT_ONCE,),
            binary=True,
        ).fetchall()
        subjects = [Id(subject) for (subject,) in marked]
        if not subjects:
            return 0
        references = {subject: key.reference for subject, key in keys(subjects).items()}
        cells: dict[str, list[Cells]] = {table: [] for table, _ in self.tables}
        for subject, facts in self._gathered(conn, schema, [each for each in subjects if each in references]):
            for table, values in self.rows(holding(_entries(facts, subject, references[subject]))):
                cells[table].append((subject.hex(), *map(_storable, values)))
        self._write(conn, schema, subjects, cells)
        self._purge(conn, schema, [each for each in subjects if each not in references])
        return len(subjects)

    @staticmethod
    def _gathered(
        conn: psycopg.Connection[Any], schema: str, subjects: list[Id]
    ) -> Iterator[tuple[Id, Iterable[Gathered]]]:
        """The facts that matter of each person, in order of arrival."""
        rows = conn.execute(
            SQL("SELECT uuid_send(subject), fait FROM {} WHERE subject = ANY(%b)").format(
                Identifier(schema, "gathered")
            ),
            (subjects,),
            binary=True,
        )
        facts: dict[bytes, list[Gathered]] = defaultdict(list)
        for subject, fait in rows:
            facts[subject].append(_decode(fait))
        for subject, theirs in facts.items():
            yield Id(subject), sorted(theirs, key=_position)

    @staticmethod
    def _write(
        conn: psycopg.Connection[Any], schema: str, subjects: list[Id], cells: Mapping[str, Iterable[Cells]]
    ) -> None:
        for table, rows in cells.items():
            where = Identifier(schema, table)
            conn.execute(SQL("DELETE FROM {} WHERE subject = ANY(%b)").format(where), (subjects,))
            with conn.cursor() as cursor, cursor.copy(SQL("COPY {} FROM STDIN").format(where)) as copy:
                for row in rows:
                    copy.write_row(row)

    @staticmethod
    def _purge(conn: psycopg.Connection[Any], schema: str, subjects: list[Id]) -> None:
        """Forget what was gathered of persons whose key is gone."""
        if subjects:
            where = Identifier(schema, "gathered")
            conn.execute(SQL("DELETE FROM {} WHERE subject = ANY(%b)").format(where), (subjects,))


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

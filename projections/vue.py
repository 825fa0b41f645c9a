"""A view kept per person (async): the facts that matter, gathered as they arrive, and the rows they add up to.

Facts arrive late, out of order and corrected, so rows are never adjusted in place: a batch gathers what it brings and
marks the persons it touches; settling recomputes their rows, with a pure function, from all that matters. While a long
backlog is being read, nobody is settled twice. What is gathered stays sealed as it is in the ledger: once the person's
key is gone nothing opens it, wherever a copy may be. What is nobody's is taken in by the views that share it only.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from operator import attrgetter
from pathlib import Path
from typing import Any, ClassVar, Final

import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from ledger.coffre import Id, PersonKey
from ledger.entry import Acteur, Entry
from ledger.events.types import Flux, NatureActeur
from ledger.follower import Batch
from ledger.mapper import EntryMapper, Row, entry_of
from ledger.retained import holding
from ledger.store import Ledger

_UNKNOWN_ACTOR: Final = Acteur(nature=NatureActeur.INCONNU)


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Row).decode
_position: Final = attrgetter("position")

_ROOT: Final = Path(__file__).parents[1]
_FOLDERS: Final = ("ledger", "rules", "projections")
GATHERED: Final = "fait bytea NOT NULL"
SETTLED_AT_ONCE: Final = 1_000

Cells = tuple[Any, ...]


class PersonView(ABC):
    """A projection computed person by person from the facts named in ``pertinents``."""

    name: ClassVar[str]
    pertinents: ClassVar[frozenset[str]]
    tables: ClassVar[tuple[tuple[str, str], ...]]
    """Name and columns of each table; the first column of each is ``subject uuid``."""
    acteurs: ClassVar[frozenset[str]] = frozenset()
    """Those of ``pertinents`` of which rows need who acted: a batch does not bring it, so it is read beside."""
    partage: ClassVar[Flux | None] = None
    """The kind of stream of which what is nobody's bears on persons, and is read with each of them."""

    @abstractmethod
    def rows(self, entries: Sequence[Entry], shared: Any = None) -> Iterable[tuple[str, Cells]]:
        """The rows, each with its table and without the subject, that the holding entries of one person add up to.

        ``shared`` is what :meth:`share` made of the entries that are nobody's.
        """

    def share(self, entries: Sequence[Entry]) -> Any:
        """What each person's rows need of the holding ``entries`` that are nobody's: made once for many persons."""
        return entries

    def reached(  # noqa: B027 - nothing to mark where nothing is shared
        self, conn: psycopg.Connection[Any], schema: str, subjects: Sequence[Id]
    ) -> None:
        """Mark the persons whom what is nobody's, of these ``subjects``, bears on; called before and after it moves."""

    @property
    def shape(self) -> str:
        """A digest of what the tables are made of: which facts, which columns, and the program that draws the rows.

        A rule read anew, or a reading mended, changes what the same facts say: rows drawn before it are not kept.
        """
        made_of = (GATHERED, sorted(self.pertinents), self.tables, _programme())
        return sha256(repr(made_of).encode()).hexdigest()[:16]

    def create(self, conn: psycopg.Connection[Any], schema: str) -> None:
        """Make the empty tables."""
        for table, columns in (("gathered", GATHERED), *self.tables):
            where = Identifier(schema, table)
            conn.execute(SQL("CREATE TABLE {} (subject uuid NOT NULL, {})").format(where, SQL(columns)))
            conn.execute(SQL("CREATE INDEX ON {} (subject)").format(where))
        for table in ("unsettled", *(["shared"] if self.partage else [])):
            conn.execute(SQL("CREATE TABLE {} (subject uuid PRIMARY KEY)").format(Identifier(schema, table)))

    def apply(self, conn: psycopg.Connection[Any], schema: str, batch: Batch) -> None:
        """Gather what ``batch`` brings, and mark the persons it touches."""
        kept = [
            (row, key, fait.nom)
            for row, key, fait in batch.opened()
            if (fait.nom in self.pertinents or fait.corrige is not None) and key.shared in {None, self.partage}
        ]
        if not kept:
            return
        actors = _actors(conn, [row.event_id for row, _, nom in kept if nom in self.acteurs])
        gathered = [(key, _encode(_with_actor(row, actors))) for row, key, _ in kept]
        subjects = [key.subject for key, _ in gathered]
        conn.execute(
            SQL("INSERT INTO {} SELECT * FROM unnest(%b::uuid[], %b::bytea[])").format(Identifier(schema, "gathered")),
            (subjects, [fait for _, fait in gathered]),
        )
        _name(conn, Identifier(schema, "unsettled"), subjects)
        if self.partage is not None:
            shared = [key.subject for key, _ in gathered if key.shared is not None]
            _name(conn, Identifier(schema, "shared"), shared)

    def settle(self, conn: psycopg.Connection[Any], schema: str, ledger: Ledger) -> int:
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
        opened = ledger.coffre.of_subjects(conn, subjects)
        moved = [each for each in subjects if self.partage and each in opened and opened[each].shared]
        if moved:
            self.reached(conn, schema, moved)
        shared = self._shared(conn, schema, ledger)
        cells: dict[str, list[Cells]] = {table: [] for table, _ in self.tables}
        for subject, entries in self._lives(conn, schema, opened, ledger.entries):
            for table, values in self.rows(entries, shared):
                cells[table].append((subject.hex(), *map(_storable, values)))
        self._write(conn, schema, subjects, cells)
        if moved:
            self.reached(conn, schema, moved)
        self._purge(conn, schema, [each for each in subjects if each not in opened])
        return len(subjects)

    def _shared(self, conn: psycopg.Connection[Any], schema: str, ledger: Ledger) -> Any:
        if self.partage is None:
            return None
        rows = conn.execute(SQL("SELECT uuid_send(subject) FROM {}").format(Identifier(schema, "shared")), binary=True)
        keys = ledger.coffre.of_subjects(conn, [bytes(subject) for (subject,) in rows.fetchall()])
        lives = self._lives(conn, schema, keys, ledger.entries)
        return self.share([entry for _, entries in lives for entry in entries])

    @classmethod
    def _lives(
        cls, conn: psycopg.Connection[Any], schema: str, keys: Mapping[bytes, PersonKey], mapper: EntryMapper
    ) -> Iterator[tuple[Id, list[Entry]]]:
        """The holding entries that matter of each person."""
        for subject, rows in cls._gathered(conn, schema, [Id(each) for each in keys]):
            yield subject, holding([_entry(row, keys[subject], mapper) for row in rows])

    @staticmethod
    def _gathered(conn: psycopg.Connection[Any], schema: str, subjects: list[Id]) -> Iterator[tuple[Id, Iterable[Row]]]:
        """The facts that matter of each person, in order of arrival."""
        rows = conn.execute(
            SQL("SELECT uuid_send(subject), fait FROM {} WHERE subject = ANY(%b)").format(
                Identifier(schema, "gathered")
            ),
            (subjects,),
            binary=True,
        )
        facts: dict[bytes, list[Row]] = defaultdict(list)
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


@cache
def _programme() -> str:
    """That of this process, read once: files that another version replaces meanwhile are not what it draws rows by."""
    return programme()


def programme(root: Path = _ROOT) -> str:
    """A digest of all that rows are drawn by: every file of the folders of ``root`` that say what facts mean."""
    read = sha256()
    for path in sorted(path for folder in _FOLDERS for path in (root / folder).rglob("*.py")):
        content = path.read_bytes()
        read.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)
    return read.hexdigest()


def _name(conn: psycopg.Connection[Any], table: Identifier, subjects: Iterable[Id]) -> None:
    """Add ``subjects`` to a table that only names them."""
    conn.execute(
        SQL("INSERT INTO {} SELECT DISTINCT unnest(%b::uuid[]) ON CONFLICT DO NOTHING").format(table),
        (list(subjects),),
    )


def _storable(value: Any) -> Any:
    """PostgreSQL's text cannot hold U+0000: in these tables, not in the ledger, it becomes U+FFFD."""
    if isinstance(value, list):
        return [_storable(each) for each in value]
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _actors(conn: psycopg.Connection[Any], events: Sequence[bytes]) -> dict[bytes, bytes]:
    """The sealed part ``acteur`` of each of these facts."""
    if not events:
        return {}
    rows = conn.execute(
        "SELECT uuid_send(event_id), acteur FROM ledger.entry WHERE event_id = ANY(%b)",
        ([Id(each) for each in events],),
        binary=True,
    )
    return {bytes(event): bytes(actor) for event, actor in rows.fetchall() if actor is not None}


def _with_actor(row: Row, actors: Mapping[bytes, bytes]) -> Row:
    actor = actors.get(row.event_id)
    return row if actor is None else msgspec.structs.replace(row, acteur=actor)


def _entry(row: Row, key: PersonKey, mapper: EntryMapper) -> Entry:
    if row.acteur is not None:
        return mapper.to_entry(row, key)
    return entry_of(row, mapper.open_fait(row, key), key.reference, acteur=_UNKNOWN_ACTOR)

"""Each stream from its first entry: place, line, hash, chain; and, with the person's key, what the line commits to.

The line that an entry must have is written anew, from the row and from the commitments of its opened parts, and
compared byte for byte. Only where they differ is it asked which check failed.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, LiteralString, NamedTuple

import psycopg
from pydantic import ValidationError

from ledger import canonical
from ledger.coffre import Coffre, Id, PersonKey
from ledger.entry import Acteur
from ledger.errors import KeyDestroyedError, KeyFileError, TamperedError
from ledger.events.upcast import UnknownEventError
from ledger.mapper import OWN_FORM, ROW_COLUMNS, STORED_FORM, EntryMapper, Row
from ledger.seal.log import own_stream
from replay.checks.report import Check, Report

FETCH: Final = 2_000
HEX64: Final = "[0-9a-f]{64}"
COMMITTED: Final = re.compile(f'(?:"acteur":"({HEX64})",)?"fait":"({HEX64})"(?:,"pieces":"({HEX64})")?')
"""What a line commits to, as it stands between the braces of ``c``."""
OPENING: Final = len('{"at":"2025-01-01T00:00:00.000000Z","c":{')

AT: Final = """to_char(entry.recorded_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
"""The time of a line as the row has it: rendered by the server, since Python takes three times as long."""
READ_COLUMNS: Final = ROW_COLUMNS.replace("leaf.position", "NULL::bigint", 1)
OPENED_COLUMNS: Final = READ_COLUMNS.replace("entry.recorded_at", "NULL::timestamptz", 1)
SEALED_COLUMNS: Final = (
    "NULL::bigint, uuid_send(entry.originator_id), entry.originator_version, uuid_send(entry.subject), ''::bytea,"
    " ''::bytea, NULL::timestamptz, entry.topic, substr(entry.state, 1, 1), NULL::bytea, NULL::bytea"
)
"""What is read of an entry that is not opened; of its parts, whether there is any."""
MEMBERS: Final = frozenset({"at", "c", "log", "pos", "prev", "stream", "v"})


class Stored(NamedTuple):
    """An entry as it stands: its line, the hash that is kept beside it, its time as text, its row."""

    line: str
    leaf_hash: bytes
    at: str
    row: Row

    @property
    def where(self) -> str:
        """How a finding names it."""
        return f"flux {self.row.stream.hex()}, entrée {self.row.pos}"


def at_text(moment: datetime) -> str:
    """The time of a line: UTC, microseconds, ``Z``."""
    return moment.isoformat(timespec="microseconds")[:26] + "Z"


def line_of(at: str, committed: str, origin: str, pos: int, previous: str, stream: bytes) -> str:
    """The line of an entry. ``committed``: the inside of ``c``; ``previous``: the member ``prev`` and its comma."""
    return f'{{"at":"{at}","c":{{{committed}}},"log":"{origin}","pos":{pos}{previous},"stream":"{stream.hex()}","v":1}}'


@dataclass(slots=True)
class Streams:
    """Checks the streams whose ids lie in a range, up to an arrival. ``coffre``: without one, no part is opened."""

    conn: psycopg.Connection[Any]
    origin: str
    coffre: Coffre | None
    reading: bool = True
    first: bytes = bytes(16)
    last: bytes = b"\xff" * 16
    upto: int = 2**63 - 1

    def verify(self, report: Report, progress: Callable[[int], None] | None = None) -> None:
        """Check every entry of these streams, in their order."""
        mapper = EntryMapper(self.origin)
        before: Stored | None = None
        for chunk in self._chunks():
            before = self._verify_chunk(mapper, chunk, before, report)
            report.entries += len(chunk)
            if progress is not None:
                progress(len(chunk))

    def _verify_chunk(
        self, mapper: EntryMapper, chunk: list[Stored], before: Stored | None, report: Report
    ) -> Stored | None:
        """Check the entries of ``chunk``, which follow ``before``; returns the last one."""
        digest, none = sha256, b""
        keys = self._keys({stored.row.subject for stored in chunk}) if self.coffre else {}
        stream, subject, expected, previous = (
            (before.row.stream, before.row.subject, before.row.pos + 1, _prev(before.leaf_hash))
            if before
            else (none, none, 1, "")
        )
        for stored in chunk:
            line, leaf, row = stored.line, stored.leaf_hash, stored.row
            if row.stream != stream:
                stream, subject, expected, previous, before = row.stream, row.subject, 1, "", None
                report.streams += 1
            key = keys.get(row.subject)
            if self.coffre and key is None and row.topic == STORED_FORM:
                report.unreadable += 1
            sound = (
                row.topic == STORED_FORM
                and row.pos == expected
                and row.subject == subject
                and digest(b"\0" + line.encode()).digest() == leaf
                and (committed := self._committed(mapper, line, row, key)) is not None
                and line == line_of(stored.at, committed, self.origin, row.pos, previous, stream)
            )
            if not sound:
                self._diagnose(mapper, stored, before, key, report)
            subject, expected, previous, before = row.subject, row.pos + 1, _prev(leaf), stored
        return before

    def _committed(self, mapper: EntryMapper, line: str, row: Row, key: PersonKey | None) -> str | None:
        """What the line must commit to: redone from the parts where they can be opened, else as it says itself."""
        if key is None:
            found = COMMITTED.match(line, OPENING)
            return found[0] if found else None
        try:
            parts = mapper.open_parts(row, key)
        except TamperedError:
            return None
        if self.reading and not _reads(mapper, row, key, parts):
            return None
        return ",".join([f'"{name}":"{value}"' for name, value in sorted(redone(parts, row, key).items())])

    @property
    def _columns(self) -> LiteralString:
        """What is read of each row: no more than is checked."""
        if self.coffre is None:
            return SEALED_COLUMNS
        return READ_COLUMNS if self.reading else OPENED_COLUMNS

    def _chunks(self) -> Iterator[list[Stored]]:
        with self.conn.cursor(name="streams", binary=True) as cursor:
            cursor.itersize = FETCH
            cursor.execute(
                f"SELECT entry.line, entry.leaf_hash, {AT}, {self._columns} FROM ledger.entry"
                " WHERE originator_id BETWEEN %b AND %b AND notification_id <= %b"
                " ORDER BY originator_id, originator_version",
                (Id(self.first), Id(self.last), self.upto),
            )
            while rows := cursor.fetchmany(FETCH):
                yield [Stored(line, leaf, at, Row(*columns)) for line, leaf, at, *columns in rows]

    def _keys(self, subjects: set[bytes]) -> dict[bytes, PersonKey]:
        """The keys that open; those that do not are told of elsewhere, once each."""
        assert self.coffre is not None  # noqa: S101 - asked for only with a coffre
        try:
            return self.coffre.of_subjects(self.conn, subjects)
        except (KeyDestroyedError, KeyFileError):
            found: dict[bytes, PersonKey] = {}
            for subject in subjects:
                with suppress(KeyDestroyedError, KeyFileError):
                    found |= self.coffre.of_subjects(self.conn, [subject])
            return found

    def _diagnose(
        self, mapper: EntryMapper, stored: Stored, before: Stored | None, key: PersonKey | None, report: Report
    ) -> None:
        """Name what is wrong with an entry."""
        row = stored.row
        expected = before.row.pos + 1 if before else 1
        if row.pos != expected:
            report.add(Check.PLACE, stored.where, f"place {expected} attendue : une entrée manque avant celle-ci")
        if sha256(b"\0" + stored.line.encode()).digest() != stored.leaf_hash:
            report.add(Check.EMPREINTE, stored.where, "l'empreinte stockée n'est pas celle de la ligne")
        if before is not None and before.row.subject != row.subject:
            report.add(Check.OUVERTURE, stored.where, "le sujet n'est pas celui de l'entrée précédente du même flux")
        said = _said(stored, report)
        if said is not None:
            self._compare(stored, before, said, report)
        if row.topic == OWN_FORM:
            _check_own(stored, said, self.origin, report)
        elif row.topic != STORED_FORM:
            report.add(Check.LECTURE, stored.where, f"forme stockée inconnue : {row.topic[:40]!r}")
        elif key is not None:
            _check_parts(mapper, stored, said, key, report)

    def _compare(self, stored: Stored, before: Stored | None, said: dict[str, Any], report: Report) -> None:
        row = stored.row
        for name, value in {
            "at": stored.at,
            "log": self.origin,
            "pos": row.pos,
            "stream": row.stream.hex(),
            "v": 1,
        }.items():
            if said.get(name) != value:
                found = f"« {name} » : la ligne dit {said.get(name)!r}, la table {value!r}"
                report.add(Check.LIGNE, stored.where, found)
        if said.get("prev") != (before.leaf_hash.hex() if before else None):
            report.add(Check.CHAINE, stored.where, "la ligne ne nomme pas l'empreinte de la précédente")
        if row.topic == STORED_FORM and not (said.keys() <= MEMBERS and COMMITTED.match(stored.line, OPENING)):
            report.add(Check.LIGNE, stored.where, "la ligne n'est pas celle d'un fait")


def _prev(leaf: bytes) -> str:
    return f',"prev":"{leaf.hex()}"'


def redone(parts: Mapping[str, bytes], row: Row, key: PersonKey) -> dict[str, str]:
    """The commitments (hex) of opened parts: SHA-256 of the part's salt and its canonical bytes."""
    return {name: sha256(key.salt(row.event_id, name.encode()) + plain).hexdigest() for name, plain in parts.items()}


def _reads(mapper: EntryMapper, row: Row, key: PersonKey, parts: Mapping[str, bytes]) -> bool:
    try:
        mapper.entry_of_parts(row, key, parts)
    except (UnknownEventError, ValidationError, ValueError, KeyError):
        return False
    return True


def _said(stored: Stored, report: Report) -> dict[str, Any] | None:
    try:
        said = json.loads(stored.line)
        canonical.check(said)
        if isinstance(said, dict) and canonical.encode(said) == stored.line.encode():
            return said
    except (ValueError, RecursionError):
        pass
    report.add(Check.LIGNE, stored.where, "la ligne n'est pas du JSON canonique")
    return None


def _check_own(stored: Stored, said: dict[str, Any] | None, origin: str, report: Report) -> None:
    """A leaf of the log's own: in the stream of its kind, which is nobody's, and with nothing beside its line."""
    row = stored.row
    if said is not None and row.stream != own_stream(origin, str(said.get("kind"))):
        report.add(Check.LIGNE, stored.where, "le flux n'est pas celui des feuilles de cette sorte")
    if row.subject != row.stream or row.state or row.acteur is not None or row.pieces is not None:
        report.add(Check.OUVERTURE, stored.where, "une feuille du journal lui-même n'est à personne et ne cache rien")


def _check_parts(
    mapper: EntryMapper, stored: Stored, said: dict[str, Any] | None, key: PersonKey, report: Report
) -> None:
    try:
        parts = mapper.open_parts(stored.row, key)
    except TamperedError:
        report.add(Check.OUVERTURE, stored.where, "une partie ne s'ouvre pas : contenu, sujet ou identifiant modifié")
        return
    if said is not None and redone(parts, stored.row, key) != said.get("c"):
        report.add(Check.ENGAGEMENT, stored.where, "une partie ne correspond pas à son engagement")
    try:
        Acteur.model_validate_json(parts.get("acteur", b"null"))
        mapper.entry_of_parts(stored.row, key, parts)
    except (UnknownEventError, ValidationError, ValueError, KeyError) as error:
        report.add(Check.LECTURE, stored.where, f"le fait ne se lit pas ({type(error).__name__})")

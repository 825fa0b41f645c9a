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
from typing import Any, Final

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
_C: Final = f'(?:"acteur":"({HEX64})",)?"fait":"({HEX64})"(?:,"pieces":"({HEX64})")?'
LINE: Final = re.compile(
    r'\{"at":"([^"\\]+)","c":\{' + _C + r'\},"log":"([^"\\]+)","pos":([1-9][0-9]*)'
    r'(?:,"prev":"(' + HEX64 + r')")?,"stream":"([0-9a-f]{32})","v":1\}'
)
"""A line of a fact, whole: its time, commitments, log, place, hash of the line before, and stream."""

Commitments = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it stands: its row, its line, the hash that is kept beside it."""

    row: Row
    line: str
    leaf_hash: bytes

    @property
    def where(self) -> str:
        """How a finding names it."""
        return f"flux {self.row.stream.hex()}, entrée {self.row.pos}"


def at_text(moment: datetime) -> str:
    """The time of a line: UTC, microseconds, ``Z``."""
    return moment.isoformat(timespec="microseconds")[:26] + "Z"


def line_of(row: Row, commitments: Commitments, origin: str, previous: str | None) -> str:
    """The line that a row must have, given what it commits to and the hash (hex) of the line before."""
    acteur, pieces = commitments.get("acteur"), commitments.get("pieces")
    first = f'"acteur":"{acteur}",' if acteur else ""
    last = f',"pieces":"{pieces}"' if pieces else ""
    chain = f',"prev":"{previous}"' if previous else ""
    return (
        f'{{"at":"{at_text(row.recorded_at)}","c":{{{first}"fait":"{commitments["fait"]}"{last}}},"log":"{origin}"'
        f',"pos":{row.pos}{chain},"stream":"{row.stream.hex()}","v":1}}'
    )


@dataclass(slots=True)
class Streams:
    """Checks the streams whose ids lie in a range. ``coffre``: without one, no part is opened."""

    conn: psycopg.Connection[Any]
    origin: str
    coffre: Coffre | None
    reading: bool = True
    first: bytes = bytes(16)
    last: bytes = b"\xff" * 16

    def verify(self, report: Report, progress: Callable[[int], None] | None = None) -> None:
        """Check every entry of these streams, in their order."""
        mapper = EntryMapper(self.origin)
        before: Stored | None = None
        for chunk in self._chunks():
            keys = self._keys({stored.row.subject for stored in chunk}) if self.coffre else {}
            for stored in chunk:
                if before is not None and before.row.stream != stored.row.stream:
                    before = None
                if before is None:
                    report.streams += 1
                if not self._as_written(mapper, stored, before, keys.get(stored.row.subject)):
                    self._diagnose(mapper, stored, before, keys.get(stored.row.subject), report)
                if self.coffre and stored.row.topic == STORED_FORM and stored.row.subject not in keys:
                    report.unreadable += 1
                before = stored
            report.entries += len(chunk)
            if progress is not None:
                progress(len(chunk))

    def _chunks(self) -> Iterator[list[Stored]]:
        with self.conn.cursor(name="streams", binary=True) as cursor:
            cursor.itersize = FETCH
            cursor.execute(
                f"SELECT entry.line, entry.leaf_hash, {ROW_COLUMNS.replace('leaf.position', 'NULL::bigint', 1)}"
                " FROM ledger.entry WHERE originator_id BETWEEN %b AND %b ORDER BY originator_id, originator_version",
                (Id(self.first), Id(self.last)),
            )
            while rows := cursor.fetchmany(FETCH):
                yield [Stored(Row(*columns), line, digest) for line, digest, *columns in rows]

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

    def _as_written(self, mapper: EntryMapper, stored: Stored, before: Stored | None, key: PersonKey | None) -> bool:
        """Whether all about an entry is as it must be, at the least cost; a ``False`` is still to be explained."""
        row, line = stored.row, stored.line
        if row.topic != STORED_FORM or row.pos != (before.row.pos + 1 if before else 1):
            return False
        if before is not None and before.row.subject != row.subject:
            return False
        if sha256(b"\0" + line.encode()).digest() != stored.leaf_hash:
            return False
        if key is None:
            commitments = _committed(line)
        else:
            try:
                parts = mapper.open_parts(row, key)
            except TamperedError:
                return False
            commitments = redone(parts, row, key)
            if self.reading and not _reads(mapper, row, key, parts):
                return False
        return commitments is not None and line == line_of(
            row, commitments, self.origin, before.leaf_hash.hex() if before else None
        )

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
            "at": at_text(row.recorded_at),
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
        if row.topic == STORED_FORM and not LINE.fullmatch(stored.line):
            report.add(Check.LIGNE, stored.where, "la ligne n'est pas celle d'un fait")


def redone(parts: Mapping[str, bytes], row: Row, key: PersonKey) -> dict[str, str]:
    """The commitments (hex) of opened parts: SHA-256 of the part's salt and its canonical bytes."""
    return {name: sha256(key.salt(row.event_id, name.encode()) + plain).hexdigest() for name, plain in parts.items()}


def _committed(line: str) -> dict[str, str] | None:
    found = LINE.fullmatch(line)
    if found is None:
        return None
    named = {"acteur": found[2], "fait": found[3], "pieces": found[4]}
    return {name: value for name, value in named.items() if value is not None}


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

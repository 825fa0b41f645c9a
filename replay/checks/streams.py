"""Each stream from its first entry: place, line, hash, chain; and, with the person's key, what the line commits to.

The line that an entry must have is written anew, from the row and from the commitments of its opened parts, and
compared byte for byte. Only an entry where they differ is read again, whole, to say which check failed.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.types.numeric import Int8BinaryLoader
from psycopg.types.string import ByteaBinaryLoader
from pydantic import ValidationError

from ledger import canonical
from ledger.coffre import Coffre, Id, PersonKey
from ledger.entry import Acteur
from ledger.errors import KeyDestroyedError, KeyFileError, TamperedError
from ledger.events.upcast import UnknownEventError
from ledger.mapper import OWN_FORM, ROW_COLUMNS, STORED_FORM, EntryMapper, Row
from ledger.seal.log import own_stream
from replay.checks.census import NOTHING, Bound, head_of
from replay.checks.report import Check, Report

FETCH: Final = 2_000
HEX64: Final = "[0-9a-f]{64}"
COMMITTED: Final = re.compile(f'(?:"acteur":"({HEX64})",)?"fait":"({HEX64})"(?:,"pieces":"({HEX64})")?')
"""What a line commits to, as it stands between the braces of ``c``."""
NAMES: Final = ("acteur", "fait", "pieces")
OPENING: Final = len('{"at":"2025-01-01T00:00:00.000000Z","c":{')

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""From where PostgreSQL counts the microseconds of a ``timestamptz``."""
PLACED: Final = (
    "line, leaf_hash, recorded_at, originator_id, originator_version, subject, topic,"
    " (xid, notification_id) <= (%b::xid8, %b)"
)
OPENED: Final = f"{PLACED}, event_id, command_id, state, acteur, pieces"
"""What is read of each entry: no more than is checked."""
SUBJECT: Final = 5
WHOLE: Final = ROW_COLUMNS.replace("leaf.position", "NULL::bigint", 1)
MEMBERS: Final = frozenset({"at", "c", "log", "pos", "prev", "stream", "v"})


class Stored(NamedTuple):
    """An entry as it stands: its line, the hash that is kept beside it, its row."""

    line: str
    leaf_hash: bytes
    row: Row

    @property
    def where(self) -> str:
        """How a finding names it."""
        return f"flux {self.row.stream.hex()}, entrée {self.row.pos}"


@dataclass(slots=True)
class Found:
    """What reading a range of streams gave: the report, and where each stream ended when the log last counted them.

    ``heads``: these ends as :mod:`replay.checks.census` writes them, in the order of the recensement.
    """

    report: Report = field(default_factory=Report)
    heads: bytes = b""


class Place(NamedTuple):
    """Where an entry stands, which the next one must follow: its stream, subject and place, and the hash of its line.

    Place 0 is before the first entry of a stream.
    """

    stream: bytes
    subject: bytes
    pos: int
    leaf_hash: bytes


NOWHERE: Final = Place(b"", b"", 0, b"")


def at_text(moment: datetime) -> str:
    """The time of a line: UTC, microseconds, ``Z``."""
    return moment.isoformat(timespec="microseconds")[:26] + "Z"


@lru_cache(maxsize=4096)
def _second(since_epoch: int) -> str:
    """The time of a line up to its second and the dot; empty past the calendar. Most lines share their second."""
    try:
        return at_text(EPOCH + timedelta(seconds=since_epoch))[:20]
    except OverflowError:
        return ""


@dataclass(slots=True)
class Streams:
    """Checks the streams whose ids lie in a range, up to an arrival. ``coffre``: without one, no part is opened.

    ``counted``: up to where the recensement counted, whose lines are made anew.
    """

    conn: psycopg.Connection[Any]
    origin: str
    coffre: Coffre | None
    reading: bool = True
    first: bytes = bytes(16)
    last: bytes = b"\xff" * 16
    upto: int = 2**63 - 1
    counted: Bound = NOTHING
    _heads: list[bytes] = field(default_factory=list)
    _head: Place = NOWHERE

    def verify(self, report: Report, progress: Callable[[int], None] | None = None) -> Found:
        """Check every entry of these streams, in their order."""
        mapper = EntryMapper(self.origin)
        before = NOWHERE
        for chunk in self._chunks():
            before = self._verify_chunk(mapper, chunk, before, report)
            report.entries += len(chunk)
            if progress is not None:
                progress(len(chunk))
        if self._head.pos:
            self._heads.append(head_of(*self._head))
        return Found(report, b"".join(sorted(self._heads)))

    def _verify_chunk(self, mapper: EntryMapper, chunk: list[tuple[Any, ...]], before: Place, report: Report) -> Place:
        """Check the entries of ``chunk``, which follow ``before``; returns the place of the last one.

        In one loop, without an object or a call for each entry: all the time of a verification is spent here.
        """
        digest, second, said_to_commit = sha256, _second, COMMITTED.match
        log = f'}},"log":"{self.origin}","pos":'
        keys = self._keys({row[SUBJECT] for row in chunk}) if self.coffre else {}
        stream, subject, pos, leaf = before
        previous, closing = f',"prev":"{leaf.hex()}"', _closing(stream)
        head_pos, head = self._head.pos, self._head.leaf_hash
        suspects: dict[tuple[bytes, int], Place] = {}
        for line, its_leaf, recorded, its_stream, its_pos, its_subject, topic, counted, *rest in chunk:
            if its_stream != stream:
                if head_pos:
                    self._heads.append(head_of(stream, subject, head_pos, head))
                    head_pos = 0
                stream, subject, pos, leaf = its_stream, its_subject, 0, b""
                previous, closing = "", _closing(stream)
                report.streams += 1
            if rest and (key := keys.get(its_subject)) is not None:
                event_id, command_id, *parts = rest
                at = EPOCH + timedelta(microseconds=recorded) if self.reading else EPOCH
                row = Row(None, stream, its_pos, its_subject, event_id, command_id, at, topic, *parts)
                committed = self._redone(mapper, row, key)
            else:
                report.unreadable += bool(rest) and topic == STORED_FORM
                committed = found[0] if (found := said_to_commit(line, OPENING)) else None
            seconds, micros = divmod(recorded, 1_000_000)
            if not (
                its_pos == pos + 1
                and its_subject == subject
                and topic == STORED_FORM
                and digest(b"\0" + line.encode()).digest() == its_leaf
                and line
                == f'{{"at":"{second(seconds)}{micros:06d}Z","c":{{{committed}{log}{its_pos}{previous}{closing}'
            ):
                suspects[stream, its_pos] = Place(stream, subject, pos, leaf)
            subject, pos, leaf = its_subject, its_pos, its_leaf
            previous = f',"prev":"{leaf.hex()}"'
            if counted:
                head_pos, head = pos, leaf
        self._head = Place(stream, subject, head_pos, head)
        if suspects:
            self._diagnose(mapper, suspects, keys, report)
        return Place(stream, subject, pos, leaf)

    def _redone(self, mapper: EntryMapper, row: Row, key: PersonKey) -> str | None:
        """What the line must commit to, redone from the parts; ``None`` where one does not open or does not read."""
        try:
            parts = mapper.open_parts(row, key)
        except TamperedError:
            return None
        if self.reading and not _reads(mapper, row, key, parts):
            return None
        made = redone(parts, row, key)
        return ",".join([f'"{name}":"{made[name]}"' for name in NAMES if name in made])

    def _chunks(self) -> Iterator[list[tuple[Any, ...]]]:
        with self.conn.cursor(name="streams", binary=True) as cursor:
            cursor.itersize = FETCH
            cursor.adapters.register_loader("uuid", ByteaBinaryLoader)
            cursor.adapters.register_loader("timestamptz", Int8BinaryLoader)
            cursor.execute(
                f"SELECT {OPENED if self.coffre else PLACED} FROM ledger.entry"
                " WHERE originator_id BETWEEN %b AND %b AND notification_id <= %b"
                " ORDER BY originator_id, originator_version",
                (*self.counted, Id(self.first), Id(self.last), self.upto),
            )
            while rows := cursor.fetchmany(FETCH):
                yield rows

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
        self,
        mapper: EntryMapper,
        suspects: Mapping[tuple[bytes, int], Place],
        keys: Mapping[bytes, PersonKey],
        report: Report,
    ) -> None:
        """Name what is wrong with each of these entries, which follow the given places."""
        streams, places = zip(*suspects, strict=True)
        rows = self.conn.execute(
            f"SELECT line, leaf_hash, {WHOLE} FROM ledger.entry"
            " WHERE (originator_id, originator_version) IN (SELECT * FROM unnest(%b::uuid[], %b::bigint[]))"
            " ORDER BY originator_id, originator_version",
            ([Id(stream) for stream in streams], list(places)),
            binary=True,
        )
        for line, leaf, *columns in rows:
            stored = Stored(line, leaf, Row(*columns))
            self._diagnose_one(mapper, stored, suspects[stored.row.stream, stored.row.pos], keys, report)

    def _diagnose_one(
        self, mapper: EntryMapper, stored: Stored, before: Place, keys: Mapping[bytes, PersonKey], report: Report
    ) -> None:
        row = stored.row
        if row.pos != before.pos + 1:
            report.add(Check.PLACE, stored.where, f"place {before.pos + 1} attendue : une entrée manque avant celle-ci")
        if sha256(b"\0" + stored.line.encode()).digest() != stored.leaf_hash:
            report.add(Check.EMPREINTE, stored.where, "l'empreinte stockée n'est pas celle de la ligne")
        if before.subject != row.subject:
            report.add(Check.OUVERTURE, stored.where, "le sujet n'est pas celui de l'entrée précédente du même flux")
        said = _said(stored, report)
        if said is not None:
            self._compare(stored, before, said, report)
        if row.topic == OWN_FORM:
            _check_own(stored, said, self.origin, report)
        elif row.topic != STORED_FORM:
            report.add(Check.LECTURE, stored.where, f"forme stockée inconnue : {row.topic[:40]!r}")
        elif (key := keys.get(row.subject)) is not None:
            _check_parts(mapper, stored, said, key, report)

    def _compare(self, stored: Stored, before: Place, said: dict[str, Any], report: Report) -> None:
        row = stored.row
        for name, value in {
            "at": at_text(row.recorded_at.astimezone(UTC)),
            "log": self.origin,
            "pos": row.pos,
            "stream": row.stream.hex(),
            "v": 1,
        }.items():
            if said.get(name) != value:
                found = f"« {name} » : la ligne dit {said.get(name)!r}, la table {value!r}"
                report.add(Check.LIGNE, stored.where, found)
        if said.get("prev") != (before.leaf_hash.hex() or None):
            report.add(Check.CHAINE, stored.where, "la ligne ne nomme pas l'empreinte de la précédente")
        if row.topic == STORED_FORM and not (said.keys() <= MEMBERS and COMMITTED.match(stored.line, OPENING)):
            report.add(Check.LIGNE, stored.where, "la ligne n'est pas celle d'un fait")


def _closing(stream: bytes) -> str:
    """How each line of a stream ends."""
    return f',"stream":"{stream.hex()}","v":1}}'


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

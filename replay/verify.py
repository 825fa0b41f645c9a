"""Walk every chain and say which entry is wrong, by name of check. Trusts nothing that the database says of itself.

For each entry, in the order of its stream:

1. ``place``: its place follows the one before, without a gap; the stream begins at 1.
2. ``ligne``: the line is canonical JSON and says the same stream, place, time and log as the row.
3. ``empreinte``: the stored hash is that of the line.
4. ``chaine``: the line names the hash of the line before.
5. ``ouverture``: every part opens with the person's key in this very place (subject, ids and form included).
6. ``engagement``: each opened part gives back the commitment in the line; no part is missing or added.
7. ``lecture``: the fact is one of the vocabulary and reads without an error.

Then over the keys: each one opens with the deployment's, in its own row (``ouverture``). Over the sealed order:
``positions`` (dense from 1, one for each entry, same hash as the entry's own, entries in the order of their
transactions and within the horizons of their sealing) and ``gardes`` (triggers, grants and functions as migrated).

A person's key that was destroyed makes checks 5 to 7 *not possible*, never failed.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

import psycopg
from pydantic import ValidationError

from ledger import canonical
from ledger.coffre import KEY_COLUMNS, PersonKey
from ledger.database import APPLICATION, SQL_FOLDER
from ledger.entry import Acteur
from ledger.errors import KeyDestroyedError, KeyFileError, TamperedError
from ledger.events.upcast import UnknownEventError
from ledger.mapper import ROW_COLUMNS, STORED_FORM, Row
from ledger.store import Ledger, leaf_hash

FETCH: Final = 2_000
MAX_FINDINGS: Final = 1_000
GUARDED: Final = ("entry", "leaf", "sealing", "log", "person_key", "shared_subject")
FILLED_BY_THE_APPLICATION: Final = frozenset({"person_key", "shared_subject"})
BEFORE, DELETE, UPDATE, TRUNCATE = 2, 8, 16, 32  # bits of pg_trigger.tgtype


class Check(StrEnum):
    """The named checks."""

    PLACE = "place"
    LIGNE = "ligne"
    EMPREINTE = "empreinte"
    CHAINE = "chaine"
    OUVERTURE = "ouverture"
    ENGAGEMENT = "engagement"
    LECTURE = "lecture"
    POSITIONS = "positions"
    GARDES = "gardes"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: which check, where, and what was found."""

    check: Check
    where: str
    found: str


@dataclass(slots=True)
class Report:
    """What a verification did and found. ``intact`` only when every check was passed or not possible."""

    entries: int = 0
    streams: int = 0
    sealed: int = 0
    unreadable: int = 0
    findings: list[Finding] = field(default_factory=list)
    more: int = 0

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def add(self, check: Check, where: str, found: str) -> None:
        """Keep a finding; past ``MAX_FINDINGS`` they are only counted."""
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(check, where, found))
        else:
            self.more += 1


@dataclass(frozen=True, slots=True)
class _Stored:
    row: Row
    line: str
    leaf_hash: bytes

    @property
    def where(self) -> str:
        return f"flux {self.row.stream.hex()}, entrée {self.row.pos}"


def verify(ledger: Ledger, *, progress: Callable[[int], None] | None = None) -> Report:
    """Check the whole ledger at one instant (one snapshot), streaming: memory does not grow with it."""
    report = Report()
    ledger.coffre.forget()
    with ledger.database.connect(autocommit=False) as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        _verify_keys(ledger, conn, report)
        try:
            _verify_streams(ledger, conn, report, progress)
        except psycopg.DataError as error:
            report.add(Check.LIGNE, "table entry", f"une valeur ne se lit pas, la suite n'a pas été lue ({error})")
        _verify_positions(conn, report)
        _verify_guards(conn, report)
    return report


def _verify_streams(
    ledger: Ledger, conn: psycopg.Connection[Any], report: Report, progress: Callable[[int], None] | None
) -> None:
    before: _Stored | None = None
    for chunk in _chunks(conn):
        keys = _keys(ledger, chunk)
        for stored in chunk:
            if before is None or before.row.stream != stored.row.stream:
                before = None
                report.streams += 1
            _verify_chain(ledger, stored, before, report)
            key = keys.get(stored.row.subject)
            if stored.row.topic != STORED_FORM:
                report.add(Check.LECTURE, stored.where, f"forme stockée inconnue : {stored.row.topic[:40]!r}")
            elif key is None:
                report.unreadable += 1
            else:
                _verify_parts(ledger, stored, key, report)
            before = stored
        report.entries += len(chunk)
        if progress is not None:
            progress(len(chunk))


def _chunks(conn: psycopg.Connection[Any]) -> Iterator[list[_Stored]]:
    with conn.cursor(name="verify", binary=True) as cursor:
        cursor.itersize = FETCH
        cursor.execute(
            f"SELECT entry.line, entry.leaf_hash, {ROW_COLUMNS} FROM ledger.entry"
            " LEFT JOIN ledger.leaf USING (notification_id) ORDER BY originator_id, originator_version"
        )
        while rows := cursor.fetchmany(FETCH):
            yield [_Stored(Row(*columns), line, bytes(digest)) for line, digest, *columns in rows]


def _verify_keys(ledger: Ledger, conn: psycopg.Connection[Any], report: Report) -> None:
    with conn.cursor(name="keys", binary=True) as cursor:
        cursor.itersize = FETCH
        cursor.execute(
            f"SELECT (SELECT flux FROM ledger.shared_subject AS s WHERE s.subject = k.subject), {KEY_COLUMNS}"
            " FROM ledger.person_key AS k ORDER BY subject"
        )
        for flux, *row in cursor:
            key = ledger.coffre.opens(tuple(row))
            where = f"clé du sujet {row[1].hex()}"
            if key is None:
                report.add(Check.OUVERTURE, where, "elle ne s'ouvre pas à cette place : sa ligne a été modifiée")
            elif key.shared != flux:
                report.add(Check.OUVERTURE, where, "la table shared_subject ne dit pas ce qu'il est")


def _keys(ledger: Ledger, chunk: list[_Stored]) -> dict[bytes, PersonKey]:
    """The keys that open; those that do not are told of by :func:`_verify_keys`."""
    subjects = {stored.row.subject for stored in chunk}
    with ledger.connection() as conn:
        try:
            return ledger.coffre.of_subjects(conn, subjects)
        except (KeyDestroyedError, KeyFileError):
            found: dict[bytes, PersonKey] = {}
            for subject in subjects:
                with suppress(KeyDestroyedError, KeyFileError):
                    found |= ledger.coffre.of_subjects(conn, [subject])
            return found


def _verify_chain(ledger: Ledger, stored: _Stored, before: _Stored | None, report: Report) -> None:
    row = stored.row
    expected = before.row.pos + 1 if before else 1
    if row.pos != expected:
        report.add(Check.PLACE, stored.where, f"place {expected} attendue : une entrée manque avant celle-ci")
    if leaf_hash(stored.line) != stored.leaf_hash:
        report.add(Check.EMPREINTE, stored.where, "l'empreinte stockée n'est pas celle de la ligne")
    said = _line(stored, report)
    if said is None:
        return
    written = {"at": at_text(row.recorded_at), "log": ledger.origin, "pos": row.pos, "stream": row.stream.hex(), "v": 1}
    for name, value in written.items():
        if said.get(name) != value:
            report.add(Check.LIGNE, stored.where, f"« {name} » : la ligne dit {said.get(name)!r}, la table {value!r}")
    previous = before.leaf_hash.hex() if before else None
    if said.get("prev") != previous:
        report.add(Check.CHAINE, stored.where, "la ligne ne nomme pas l'empreinte de la précédente")
    if before is not None and before.row.subject != row.subject:
        report.add(Check.OUVERTURE, stored.where, "le sujet n'est pas celui de l'entrée précédente du même flux")


def _line(stored: _Stored, report: Report) -> dict[str, Any] | None:
    try:
        said = json.loads(stored.line)
        canonical.check(said)
        if isinstance(said, dict) and canonical.encode(said) == stored.line.encode():
            return said
    except (ValueError, RecursionError):
        pass
    report.add(Check.LIGNE, stored.where, "la ligne n'est pas du JSON canonique")
    return None


def _verify_parts(ledger: Ledger, stored: _Stored, key: PersonKey, report: Report) -> None:
    try:
        parts = ledger.entries.open_parts(stored.row, key)
    except TamperedError:
        report.add(Check.OUVERTURE, stored.where, "une partie ne s'ouvre pas : contenu, sujet ou identifiant modifié")
        return
    redone = {
        name: sha256(key.salt(stored.row.event_id, name.encode()) + plain).hexdigest() for name, plain in parts.items()
    }
    try:
        committed = json.loads(stored.line).get("c")
    except (ValueError, AttributeError, RecursionError):
        return
    if redone != committed:
        report.add(Check.ENGAGEMENT, stored.where, "une partie ne correspond pas à son engagement")
    try:
        Acteur.model_validate_json(parts.get("acteur", b"null"))
        ledger.entries.to_entry(stored.row, key)
    except (UnknownEventError, ValidationError, ValueError, KeyError) as error:
        report.add(Check.LECTURE, stored.where, f"le fait ne se lit pas ({type(error).__name__})")


def at_text(moment: datetime) -> str:
    """The time of a line: UTC, microseconds, ``Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _verify_positions(conn: psycopg.Connection[Any], report: Report) -> None:
    row = conn.execute(
        "SELECT count(*), coalesce(min(position), 1), coalesce(max(position), 0) FROM ledger.leaf"
    ).fetchone()
    count, first, last = row or (0, 1, 0)
    report.sealed = count
    if first != 1 or last != count:
        report.add(Check.POSITIONS, "ordre scellé", f"positions de {first} à {last}, {count} en tout : il en manque")
    sealed_to = conn.execute("SELECT coalesce(max(last_position), 0) FROM ledger.sealing").fetchone()
    if sealed_to is not None and sealed_to[0] != last:
        report.add(
            Check.POSITIONS,
            "ordre scellé",
            f"le dernier scellement dit {sealed_to[0]}, la dernière position est {last}",
        )
    wrong = conn.execute(
        "SELECT leaf.position, entry.notification_id IS NULL"
        " FROM ledger.leaf LEFT JOIN ledger.entry USING (notification_id)"
        " WHERE entry.leaf_hash IS DISTINCT FROM leaf.leaf_hash ORDER BY 1 LIMIT %s",
        (MAX_FINDINGS,),
    )
    for position, missing in wrong:
        report.add(
            Check.POSITIONS,
            f"position {position}",
            "l'entrée a disparu" if missing else "l'empreinte n'est plus celle qui a été scellée",
        )
    _verify_order(conn, report)
    _verify_horizons(conn, report)


def _verify_order(conn: psycopg.Connection[Any], report: Report) -> None:
    disorder = conn.execute(
        "SELECT position FROM (SELECT position, xid, notification_id,"
        " lag(xid) OVER w AS xid_before, lag(notification_id) OVER w AS id_before"
        " FROM ledger.leaf JOIN ledger.entry USING (notification_id) WINDOW w AS (ORDER BY position)) AS o"
        " WHERE (xid_before, id_before) >= (xid, notification_id) LIMIT %s",
        (MAX_FINDINGS,),
    )
    for (position,) in disorder:
        report.add(Check.POSITIONS, f"position {position}", "l'ordre scellé ne suit plus celui des transactions")
    late = conn.execute(
        "SELECT e.notification_id FROM ledger.entry AS e LEFT JOIN ledger.leaf USING (notification_id)"
        " WHERE leaf.position IS NULL"
        " AND e.xid < (SELECT horizon FROM ledger.sealing ORDER BY last_position DESC LIMIT 1)"
        " LIMIT %s",
        (MAX_FINDINGS,),
    )
    for (notification_id,) in late:
        report.add(
            Check.POSITIONS,
            f"arrivée {notification_id}",
            "une entrée ancienne n'a pas de position : elle a été glissée après coup",
        )


def _verify_horizons(conn: psycopg.Connection[Any], report: Report) -> None:
    disorder = conn.execute(
        "SELECT last_position FROM (SELECT last_position, horizon, lag(horizon) OVER (ORDER BY last_position) AS before"
        " FROM ledger.sealing) AS s"
        " WHERE horizon <= before OR horizon > pg_snapshot_xmax(pg_current_snapshot()) LIMIT %s",
        (MAX_FINDINGS,),
    )
    for (last,) in disorder:
        report.add(Check.POSITIONS, f"scellement {last}", "son horizon ne suit pas celui du scellement précédent")
    outside = conn.execute(
        "SELECT leaf.position FROM (SELECT last_position, horizon, lag(horizon) OVER w AS from_xid,"
        " lag(last_position, 1, 0::bigint) OVER w AS after"
        " FROM ledger.sealing WINDOW w AS (ORDER BY last_position)) AS s"
        " JOIN ledger.leaf ON leaf.position > s.after AND leaf.position <= s.last_position"
        " JOIN ledger.entry USING (notification_id)"
        " WHERE entry.xid >= s.horizon OR entry.xid < s.from_xid ORDER BY 1 LIMIT %s",
        (MAX_FINDINGS,),
    )
    for (position,) in outside:
        report.add(Check.POSITIONS, f"position {position}", "sa transaction n'est pas de celles de son scellement")


def _verify_guards(conn: psycopg.Connection[Any], report: Report) -> None:
    _verify_functions(conn, report)
    on = {
        name
        for (name,) in conn.execute(
            "SELECT c.relname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
            " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " CROSS JOIN LATERAL ("
            "SELECT %(acts)s - CASE c.relname WHEN 'person_key' THEN %(delete)s ELSE 0 END) AS a(acts)"
            " WHERE n.nspname = 'ledger' AND t.tgname = 'append_only' AND t.tgenabled = 'A' AND t.tgqual IS NULL"
            " AND t.tgfoid = to_regproc('ledger.refuse_change') AND t.tgtype & a.acts = a.acts",
            {"acts": BEFORE | DELETE | UPDATE | TRUNCATE, "delete": DELETE},
        )
    }
    for table in GUARDED:
        if table not in on:
            report.add(
                Check.GARDES, f"table {table}", "le déclencheur qui refuse toute modification manque ou est désactivé"
            )
    if conn.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (APPLICATION,)).fetchone() is None:
        return
    for table in GUARDED:
        columns = "UPDATE" if table in FILLED_BY_THE_APPLICATION else "INSERT, UPDATE"
        rights = conn.execute(
            "SELECT has_any_column_privilege(%(role)s, %(table)s, %(columns)s)"
            " OR has_table_privilege(%(role)s, %(table)s, 'DELETE, TRUNCATE')",
            {"role": APPLICATION, "table": f"ledger.{table}", "columns": columns},
        ).fetchone()
        if rights is not None and rights[0]:
            report.add(
                Check.GARDES, f"table {table}", "le rôle de l'application peut y écrire sans passer par ledger.append"
            )


def _verify_functions(conn: psycopg.Connection[Any], report: Report) -> None:
    migrations = "".join(path.read_text(encoding="utf-8") for path in SQL_FOLDER.glob("*.sql"))
    for name, body in conn.execute(
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'ledger'::regnamespace AND prokind = 'f' ORDER BY 1"
    ):
        if body not in migrations:
            report.add(Check.GARDES, f"fonction {name}", "son texte n'est pas celui des migrations")

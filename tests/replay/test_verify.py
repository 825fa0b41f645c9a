"""The verification finds what a superuser can do to the ledger, and says which check failed and where."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from ledger.coffre import DeploymentKeys
from ledger.entry import Entry, Piece
from ledger.follower import Follower
from ledger.store import Ledger
from projections.interruptions import Interruptions
from replay.checks.report import MAX_FINDINGS, Check, Finding, Report
from replay.checks.streams import at_text
from replay.verify import verify
from tests.conftest import Template
from tests.faits import fait, faits

TABLES = ("entry", "leaf", "sealing", "log", "person_key", "shared_subject")
PIECE = (Piece(nom="attestation.pdf", octets=12, sha256="a" * 64),)


@dataclass(frozen=True, slots=True)
class Victim:
    """A sound ledger, four entries of one stream in it, and one of another person."""

    ledger: Ledger
    entries: tuple[Entry, ...]
    other: Entry

    def where(self, number: int) -> str:
        """How a finding names the entry of this place in the stream."""
        return f"flux {self.entries[0].stream.hex}, entrée {number}"


@pytest.fixture(scope="module")
def victim(template: Template, keys: DeploymentKeys) -> Iterator[Victim]:
    """One ledger for all tests of this module: each puts back what it broke."""
    with template.copy() as database, Ledger(database, keys) as ledger:
        for number in range(1, 5):
            ledger.append([fait(id=f"F-{number}", pieces=PIECE if number != 1 else ())])
            ledger.sequence()
            ledger.append([fait(id=f"G-{number}", personne="P-2")])
            ledger.sequence()
        sound = verify(ledger)
        assert sound.intact, sound.findings
        with psycopg.connect(database.conninfo, autocommit=True) as admin:
            for table in TABLES:
                admin.execute(f"CREATE TABLE public.kept_{table} AS TABLE ledger.{table}")
        yield Victim(ledger, ledger.life("P-1"), ledger.life("P-2")[-1])


@pytest.fixture
def break_in(victim: Victim) -> Iterator[Callable[..., None]]:
    """Runs statements as a superuser whom no trigger holds back; what they did to the rows is undone at the end."""
    with psycopg.connect(victim.ledger.database.conninfo, autocommit=True) as conn:

        def run(*statements: str, **values: object) -> None:
            _triggers(conn, "DISABLE TRIGGER")
            for statement in statements:
                conn.execute(statement.encode(), values)
            _triggers(conn, "ENABLE ALWAYS TRIGGER")

        yield run
        _triggers(conn, "DISABLE TRIGGER")
        for table in TABLES:
            conn.execute(f"TRUNCATE ledger.{table}")
            conn.execute(f"INSERT INTO ledger.{table} OVERRIDING SYSTEM VALUE SELECT * FROM public.kept_{table}")
        _triggers(conn, "ENABLE ALWAYS TRIGGER")
    assert verify(victim.ledger).intact


def _triggers(conn: psycopg.Connection[Any], act: str) -> None:
    for table in TABLES:
        conn.execute(f"ALTER TABLE ledger.{table} {act} append_only")
    conn.execute(f"ALTER TABLE ledger.person_key {act} guard_key".encode())


def flipped(column: str) -> str:
    """SQL for a bytea column with its last bit flipped."""
    return f"set_byte({column}, length({column}) - 1, get_byte({column}, length({column}) - 1) # 1)"


def flipped_id(column: str) -> str:
    """SQL for a uuid column with one bit flipped."""
    return f"encode({flipped(f'uuid_send({column})')}, 'hex')::uuid"


def found(report: Report, check: Check, where: str) -> bool:
    """Whether a finding of this check names this place."""
    return any(each.check is check and where in each.where for each in report.findings)


def test_a_sound_ledger_is_intact(victim: Victim) -> None:
    """Nothing is found where nothing was changed, and the report says how much was read."""
    seen: list[int] = []
    report = verify(victim.ledger, progress=seen.append)
    assert report.intact
    assert (report.entries, report.streams, report.sealed, report.unreadable, report.more) == (8, 2, 8, 0, 0)
    assert sum(seen) == 8


# ---------------------------------------------------------------------- one column of one entry

THIRD = "UPDATE ledger.entry SET {} WHERE event_id = %(third)s"
ENTRY_COLUMNS = {
    "originator_id": [(f"originator_id = {flipped_id('originator_id')}", Check.LIGNE, 0)],
    "originator_version": [("originator_version = 9", Check.PLACE, 9), ("originator_version = 9", Check.LIGNE, 9)],
    "topic": [("topic = 'constat/2'", Check.LECTURE, 3), ("topic = 'subprocess:Popen'", Check.LECTURE, 3)],
    "state": [
        (f"state = {flipped('state')}", Check.OUVERTURE, 3),
        ("state = set_byte(state, 0, get_byte(state, 0) # 1)", Check.OUVERTURE, 3),
        ("state = ''", Check.OUVERTURE, 3),
        ("state = state || '\\x00'", Check.OUVERTURE, 3),
        ("state = acteur", Check.OUVERTURE, 3),
    ],
    "acteur": [(f"acteur = {flipped('acteur')}", Check.OUVERTURE, 3), ("acteur = NULL", Check.ENGAGEMENT, 3)],
    "pieces": [
        (f"pieces = {flipped('pieces')}", Check.OUVERTURE, 3),
        ("pieces = NULL", Check.ENGAGEMENT, 3),
        ("pieces = acteur", Check.OUVERTURE, 3),
    ],
    "notification_id": [("notification_id = 999", Check.POSITIONS, "position 5")],
    "subject": [(f"subject = {flipped_id('subject')}", Check.OUVERTURE, 3), ("subject = %(other)s", Check.OUVERTURE, 3)],
    "event_id": [(f"event_id = {flipped_id('event_id')}", Check.OUVERTURE, 3)],
    "command_id": [(f"command_id = {flipped_id('command_id')}", Check.OUVERTURE, 3)],
    "recorded_at": [
        ("recorded_at = recorded_at + interval '1 microsecond'", Check.LIGNE, 3),
        ("recorded_at = 'infinity'", Check.LIGNE, "table entry"),
        ("recorded_at = '4000-01-01 BC'", Check.LIGNE, "table entry"),
    ],
    "xid": [
        ("xid = (xid::text::bigint + 1)::text::xid8", Check.POSITIONS, "position 5"),
        ("xid = (xid::text::bigint + 2)::text::xid8", Check.POSITIONS, "position 5"),
        ("xid = '3'", Check.POSITIONS, "position 5"),
        ("xid = '999999999'", Check.POSITIONS, "position 5"),
    ],
    "line": [
        ("line = replace(line, '\"pos\":3', '\"pos\":4')", Check.LIGNE, 3),
        ("line = replace(line, '\"v\":1', '\"v\":2')", Check.LIGNE, 3),
        ("line = line || ' '", Check.LIGNE, 3),
        ("line = line || ' '", Check.EMPREINTE, 3),
        ("line = overlay(line placing (CASE substr(line, 60, 1) WHEN '0' THEN '1' ELSE '0' END) from 60)", Check.EMPREINTE, 3),
        ("line = '[]'", Check.LIGNE, 3),
        ("line = repeat('[', 100000)", Check.LIGNE, 3),
        ("line = 'null'", Check.LIGNE, 3),
    ],
    "leaf_hash": [
        (f"leaf_hash = {flipped('leaf_hash')}", Check.EMPREINTE, 3),
        (f"leaf_hash = {flipped('leaf_hash')}", Check.CHAINE, 4),
        (f"leaf_hash = {flipped('leaf_hash')}", Check.POSITIONS, "position 5"),
    ],
}  # fmt: skip


def test_every_column_is_tried(victim: Victim) -> None:
    """The list of changes below covers every column that an entry has."""
    with victim.ledger.connection() as conn:
        names = {row[0] for row in conn.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'ledger' AND table_name = 'entry'"
        )}  # fmt: skip
    assert names == ENTRY_COLUMNS.keys()


@pytest.mark.parametrize(
    ("change", "check", "where"),
    [case for cases in ENTRY_COLUMNS.values() for case in cases],
    ids=lambda value: str(value)[:60],
)
def test_a_changed_column(
    victim: Victim, break_in: Callable[..., None], change: str, check: Check, where: int | str
) -> None:
    """One changed byte or unit in any column of one entry is found by its check, in its place."""
    break_in(
        "ALTER TABLE ledger.entry ALTER notification_id SET GENERATED BY DEFAULT",
        THIRD.format(change),
        "ALTER TABLE ledger.entry ALTER notification_id SET GENERATED ALWAYS",
        third=victim.entries[2].event_id, other=victim.other.subject,
    )  # fmt: skip
    report = verify(victim.ledger)
    place = where if isinstance(where, str) else victim.where(where) if where else "entrée 3"
    assert found(report, check, place), report.findings


def test_a_rewritten_line_with_its_hash(victim: Victim, break_in: Callable[..., None]) -> None:
    """A line that was rewritten together with its hash no longer fits its parts, its follower, or the sealed order."""
    break_in(
        THIRD.format('line = replace(line, \'"fait":"\', \'"fait":"0\')'),
        THIRD.format("line = regexp_replace(line, '(\"fait\":\"0.{63}).', '\\1')"),
        THIRD.format("leaf_hash = sha256('\\x00'::bytea || convert_to(line, 'UTF8'))"),
        third=victim.entries[2].event_id,
    )
    report = verify(victim.ledger)
    assert found(report, Check.ENGAGEMENT, victim.where(3))
    assert found(report, Check.CHAINE, victim.where(4))
    assert found(report, Check.POSITIONS, "position 5")
    assert not found(report, Check.EMPREINTE, "")


# ---------------------------------------------------------------------- the other tables


@pytest.mark.parametrize(
    ("statement", "check", "where"),
    [
        ("UPDATE ledger.leaf SET position = 9 WHERE position = 8", Check.POSITIONS, "ordre scellé"),
        ("UPDATE ledger.leaf SET position = 0 WHERE position = 1", Check.POSITIONS, "ordre scellé"),
        ("UPDATE ledger.leaf SET position = 9 WHERE position = 4", Check.POSITIONS, "ordre scellé"),
        (f"UPDATE ledger.leaf SET leaf_hash = {flipped('leaf_hash')} WHERE position = 4", Check.POSITIONS, "position 4"),
        ("UPDATE ledger.leaf SET notification_id = 99 WHERE position = 4", Check.POSITIONS, "position 4"),
        ("DELETE FROM ledger.leaf WHERE position = 4", Check.POSITIONS, "ordre scellé"),
        ("DELETE FROM ledger.leaf WHERE position = 8", Check.POSITIONS, "ordre scellé"),
        ("DELETE FROM ledger.leaf WHERE position = 8", Check.POSITIONS, "arrivée"),
        ("UPDATE ledger.sealing SET last_position = 9 WHERE last_position = 8", Check.POSITIONS, "ordre scellé"),
        ("UPDATE ledger.sealing SET horizon = '999999999' WHERE last_position = 8", Check.POSITIONS, "scellement 8"),
        ("UPDATE ledger.sealing SET horizon = '999999999' WHERE last_position = 4", Check.POSITIONS, "scellement 5"),
        ("UPDATE ledger.sealing SET horizon = '3' WHERE last_position = 4", Check.POSITIONS, "position 4"),
        (
            "UPDATE ledger.sealing SET horizon = (horizon::text::bigint - 1)::text::xid8 WHERE last_position = 4",
            Check.POSITIONS, "position 4",
        ),
        ("DELETE FROM ledger.sealing WHERE last_position = 8", Check.POSITIONS, "ordre scellé"),
        ("UPDATE ledger.person_key SET blind_index = sha256(blind_index)", Check.OUVERTURE, "clé du sujet"),
        (f"UPDATE ledger.person_key SET subject = {flipped_id('subject')}", Check.OUVERTURE, "clé du sujet"),
        ("UPDATE ledger.person_key SET kek_id = 'autre'", Check.OUVERTURE, "clé du sujet"),
        (f"UPDATE ledger.person_key SET wrapped = {flipped('wrapped')}", Check.OUVERTURE, "clé du sujet"),
        ("UPDATE ledger.person_key SET wrapped = ''", Check.OUVERTURE, "clé du sujet"),
        (f"UPDATE ledger.person_key SET reference = {flipped('reference')}", Check.OUVERTURE, "clé du sujet"),
        ("INSERT INTO ledger.shared_subject SELECT subject, 'incident' FROM ledger.person_key", Check.OUVERTURE, "clé du sujet"),
        ("UPDATE ledger.log SET origin = 'un.autre/registre'", Check.LIGNE, "entrée 1"),
    ],
    ids=lambda value: str(value)[:70],
)  # fmt: skip
def test_a_change_beside_the_entries(
    victim: Victim, keys: DeploymentKeys, break_in: Callable[..., None], statement: str, check: Check, where: str
) -> None:
    """A change of the sealed order, of the sealings, of a person's key or of the log's name is found in its place."""
    break_in(statement)
    report = verify(victim.ledger)
    if "ledger.log" in statement:
        origin, victim.ledger.origin = victim.ledger.origin, "un.autre/registre"
        report = verify(victim.ledger)
        victim.ledger.origin = origin
    assert found(report, check, where), report.findings


def test_two_keys_exchanged(victim: Victim, break_in: Callable[..., None]) -> None:
    """Keys that were given to each other's persons open neither."""
    break_in(
        "UPDATE ledger.person_key AS a SET wrapped = b.wrapped, reference = b.reference"
        " FROM ledger.person_key AS b WHERE a.subject <> b.subject"
    )
    report = verify(victim.ledger)
    for entry in (victim.entries[0], victim.other):
        assert found(report, Check.OUVERTURE, f"clé du sujet {entry.subject.hex}")


@pytest.mark.parametrize("with_leaf", [False, True])
@pytest.mark.parametrize(
    ("number", "check"), [(3, Check.PLACE), (3, Check.CHAINE), (4, Check.POSITIONS), (1, Check.PLACE)]
)
def test_a_deleted_entry(
    victim: Victim, break_in: Callable[..., None], number: int, check: Check, with_leaf: bool,
) -> None:  # fmt: skip
    """An entry that was deleted, in the middle or at the end of its stream, with or without its position, is missed."""
    break_in(
        *(["DELETE FROM ledger.leaf WHERE notification_id = (SELECT notification_id FROM ledger.entry WHERE event_id = %(id)s)"]
          if with_leaf else []),
        "DELETE FROM ledger.entry WHERE event_id = %(id)s",
        id=victim.entries[number - 1].event_id,
    )  # fmt: skip
    report = verify(victim.ledger)
    assert found(report, check, victim.where(number + 1) if check is not Check.POSITIONS else "")
    assert found(report, Check.POSITIONS, "ordre scellé" if with_leaf else f"position {2 * number - 1}")


@pytest.mark.parametrize("with_leaf", [False, True])
def test_the_last_entry_deleted(victim: Victim, break_in: Callable[..., None], with_leaf: bool) -> None:
    """The very last entry of the ledger is missed too, with or without its position."""
    break_in(
        *(["DELETE FROM ledger.leaf WHERE position = 8"] if with_leaf else []),
        "DELETE FROM ledger.entry WHERE event_id = %(id)s",
        id=victim.other.event_id,
    )
    assert found(verify(victim.ledger), Check.POSITIONS, "ordre scellé" if with_leaf else "position 8")


EXCHANGE = (
    "UPDATE ledger.{0} AS a SET {1} FROM ledger.{0} AS b"
    " WHERE a.{2} IN (%(one)s, %(two)s) AND b.{2} IN (%(one)s, %(two)s) AND a.{2} <> b.{2}"
)


@pytest.mark.parametrize(
    ("columns", "check"),
    [
        ("line = b.line, leaf_hash = b.leaf_hash", Check.LIGNE),
        ("line = b.line", Check.EMPREINTE),
        ("state = b.state, acteur = b.acteur, pieces = b.pieces", Check.OUVERTURE),
        ("recorded_at = b.recorded_at", Check.LIGNE),
        ("xid = b.xid", Check.POSITIONS),
        ("subject = b.subject, state = b.state, acteur = b.acteur, pieces = b.pieces", Check.OUVERTURE),
    ],
)
@pytest.mark.parametrize("same_person", [True, False])
def test_two_entries_exchanged(
    victim: Victim, break_in: Callable[..., None], columns: str, check: Check, same_person: bool,
) -> None:  # fmt: skip
    """Two entries whose content, line or time were exchanged are both found."""
    two = victim.entries[2] if same_person else victim.other
    break_in(EXCHANGE.format("entry", columns, "event_id"), one=victim.entries[1].event_id, two=two.event_id)
    report = verify(victim.ledger)
    places = {Check.POSITIONS: ("position",)}.get(check, (victim.where(2), f"flux {two.stream.hex}, entrée {two.pos}"))
    for place in places:
        assert found(report, check, place), report.findings


def test_two_places_exchanged(victim: Victim, break_in: Callable[..., None]) -> None:
    """Two entries that changed places in their stream are found by their lines, which name their places."""
    move = "UPDATE ledger.entry SET originator_version = {} WHERE event_id = %({})s"
    ids = {"one": victim.entries[1].event_id, "two": victim.entries[2].event_id}
    break_in(move.format(99, "one"), move.format(2, "two"), move.format(3, "one"), **ids)
    report = verify(victim.ledger)
    for place in (2, 3):
        assert found(report, Check.LIGNE, victim.where(place))
        assert found(report, Check.CHAINE, victim.where(place))


def test_two_positions_exchanged(victim: Victim, break_in: Callable[..., None]) -> None:
    """Two entries that changed positions in the sealed order are found by the order of their transactions."""
    columns = "notification_id = b.notification_id, leaf_hash = b.leaf_hash"
    break_in(
        "ALTER TABLE ledger.leaf DROP CONSTRAINT leaf_notification_id_key",
        EXCHANGE.format("leaf", columns, "position"),
        "ALTER TABLE ledger.leaf ADD CONSTRAINT leaf_notification_id_key UNIQUE (notification_id)",
        one=3, two=5,
    )  # fmt: skip
    report = verify(victim.ledger)
    for position in (4, 5):
        assert found(report, Check.POSITIONS, f"position {position}")


# ---------------------------------------------------------------------- what was never said


FORGED = (
    "INSERT INTO ledger.entry (originator_id, originator_version, topic, state, acteur, subject, event_id, command_id,"
    " recorded_at, line, leaf_hash, xid) VALUES (%(stream)s, %(pos)s, 'constat/1', %(state)s, %(acteur)s, %(subject)s,"
    " %(event_id)s, %(event_id)s, %(at)s, %(line)s, %(hash)s, coalesce(%(xid)s::xid8, pg_current_xact_id()))"
)


def forged(victim: Victim, *, xid: str | None = None) -> dict[str, object]:
    """A row that follows the stream's last entry and is consistent with itself, made without the person's key."""
    with victim.ledger.connection() as conn:
        [(line, at)] = conn.execute(
            "SELECT line, recorded_at FROM ledger.entry WHERE event_id = %s", (victim.entries[3].event_id,)
        ).fetchall()
    before = sha256(b"\0" + line.encode()).hexdigest()
    stream = victim.entries[3].stream
    forged_line = (
        f'{{"at":"{at_text(at)}","c":{{"acteur":"{"a" * 64}","fait":"{"b" * 64}"}},"log":"{victim.ledger.origin}","pos":5,'
        f'"prev":"{before}","stream":"{stream.hex}","v":1}}'
    )
    return {
        "stream": stream, "pos": 5, "state": secrets.token_bytes(300), "acteur": secrets.token_bytes(80), "at": at,
        "subject": victim.entries[3].subject, "event_id": uuid4(), "line": forged_line, "xid": xid,
        "hash": sha256(b"\0" + forged_line.encode()).digest(),
    }  # fmt: skip


def test_a_forged_entry(victim: Victim, break_in: Callable[..., None]) -> None:
    """An entry inserted by another hand, its line, hash and chain right, does not open, sealed or not."""
    break_in(FORGED, **forged(victim))
    assert found(verify(victim.ledger), Check.OUVERTURE, victim.where(5))
    assert victim.ledger.sequence() == 1
    report = verify(victim.ledger)
    assert {(each.check, each.where) for each in report.findings} == {(Check.OUVERTURE, victim.where(5))}


def test_an_entry_slipped_into_the_past(victim: Victim, break_in: Callable[..., None]) -> None:
    """An entry that pretends to an old transaction is never sealed, and is found for that as well."""
    break_in(FORGED, **forged(victim, xid="3"))
    assert victim.ledger.sequence() == 0
    report = verify(victim.ledger)
    assert found(report, Check.POSITIONS, "arrivée")
    assert found(report, Check.OUVERTURE, victim.where(5))


# ---------------------------------------------------------------------- guards


WEAKER = (
    "CREATE OR REPLACE TRIGGER append_only {1} ON ledger.{0} EXECUTE FUNCTION {2}();"
    "ALTER TABLE ledger.{0} ENABLE ALWAYS TRIGGER append_only"
)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "act",
    [
        "ALTER TABLE ledger.{0} DISABLE TRIGGER append_only",
        "ALTER TABLE ledger.{0} ENABLE TRIGGER append_only",
        "ALTER TABLE ledger.{0} ENABLE REPLICA TRIGGER append_only",
        "ALTER TABLE ledger.{0} DISABLE TRIGGER ALL",
        "DROP TRIGGER append_only ON ledger.{0}",
        "ALTER TRIGGER append_only ON ledger.{0} RENAME TO ancien",
        WEAKER.format("{0}", "BEFORE TRUNCATE", "ledger.refuse_change"),
        WEAKER.format("{0}", "BEFORE UPDATE OR DELETE OR TRUNCATE", "suppress_redundant_updates_trigger"),
        "GRANT UPDATE ON ledger.{0} TO constat_app",
        "GRANT UPDATE ({1}) ON ledger.{0} TO constat_app",
        "GRANT DELETE ON ledger.{0} TO constat_app",
        "GRANT TRUNCATE ON ledger.{0} TO PUBLIC",
        "ALTER TABLE ledger.{0} OWNER TO constat_app",
    ],
)
def test_a_guard_that_was_removed(victim: Victim, table: str, act: str) -> None:
    """A trigger that is off, gone, weaker or other, and a right too many, are found with their table."""
    column = {
        "entry": "line", "leaf": "leaf_hash", "sealing": "horizon", "log": "origin", "person_key": "wrapped",
        "shared_subject": "flux",
    }[table]  # fmt: skip
    with psycopg.connect(victim.ledger.database.conninfo, autocommit=True) as conn:
        conn.execute(act.format(table, column).encode())
        report = verify(victim.ledger)
        conn.execute(f"ALTER TABLE ledger.{table} OWNER TO constat_owner")
        conn.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON ledger.{table} FROM constat_app, PUBLIC")
        conn.execute(f"GRANT SELECT ON ledger.{table} TO constat_app")
        conn.execute(f"DROP TRIGGER IF EXISTS ancien ON ledger.{table}")
        acts = "UPDATE OR TRUNCATE" if table == "person_key" else "UPDATE OR DELETE OR TRUNCATE"
        conn.execute(
            f"CREATE OR REPLACE TRIGGER append_only BEFORE {acts} ON ledger.{table} EXECUTE FUNCTION ledger.refuse_change()"
        )
        conn.execute(f"ALTER TABLE ledger.{table} ENABLE ALWAYS TRIGGER append_only")
        conn.execute("ALTER TABLE ledger.person_key ENABLE ALWAYS TRIGGER guard_key")
    assert {(each.check, each.where) for each in report.findings} == {(Check.GARDES, f"table {table}")}
    assert verify(victim.ledger).intact


@pytest.mark.parametrize("table", ["entry", "leaf", "sealing", "log"])
@pytest.mark.parametrize("grantee", ["constat_app", "PUBLIC"])
def test_a_second_door(victim: Victim, table: str, grantee: str) -> None:
    """The right to insert past ``ledger.append`` is found, given to the application or to everybody."""
    with psycopg.connect(victim.ledger.database.conninfo, autocommit=True) as conn:
        conn.execute(f"GRANT INSERT ON ledger.{table} TO {grantee}")
        report = verify(victim.ledger)
        conn.execute(f"REVOKE INSERT ON ledger.{table} FROM {grantee}")
    assert [(each.check, each.where) for each in report.findings] == [(Check.GARDES, f"table {table}")]


@pytest.mark.parametrize(
    ("act", "undo", "where"),
    [
        (
            "ALTER TABLE ledger.entry DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE ledger.entry ENABLE ROW LEVEL SECURITY",
            "table entry",
        ),
        (
            "ALTER POLICY opened ON ledger.entry RENAME TO ancien",
            "ALTER POLICY ancien ON ledger.entry RENAME TO opened",
            "table entry",
        ),
        (
            "ALTER POLICY opened ON ledger.person_key TO constat_lister",
            "ALTER POLICY opened ON ledger.person_key TO constat_reader, constat_lister",
            "table person_key",
        ),
        (
            "CREATE POLICY more ON vue_interruptions.perdu TO constat_reader USING (true)",
            "DROP POLICY more ON vue_interruptions.perdu",
            "table vue_interruptions.perdu",
        ),
        (
            "ALTER TABLE vue_interruptions.gathered DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE vue_interruptions.gathered ENABLE ROW LEVEL SECURITY",
            "table vue_interruptions.gathered",
        ),
        (
            "GRANT SELECT ON ledger.hold TO constat_reader",
            "REVOKE SELECT ON ledger.hold FROM constat_reader",
            "table hold",
        ),
        (
            "GRANT UPDATE (line) ON ledger.entry TO constat_lister",
            "REVOKE ALL (line) ON ledger.entry FROM constat_lister",
            "table entry",
        ),
        ("ALTER ROLE constat_lister BYPASSRLS", "ALTER ROLE constat_lister NOBYPASSRLS", "rôle constat_lister"),
        ("GRANT constat_app TO constat_reader", "REVOKE constat_app FROM constat_reader", "rôle constat_reader"),
    ],
    ids=lambda text: " ".join(text.split()[:5]),
)
def test_a_reader_that_sees_more(victim: Victim, act: str, undo: str, where: str) -> None:
    """Rows past the persons opened, a table more, a right to write, a role beyond policies: each is found."""
    with Follower(victim.ledger, Interruptions()) as follower:
        follower.position()  # its tables are there from now on
    with psycopg.connect(victim.ledger.database.conninfo, autocommit=True) as conn:
        conn.execute(act.encode())
        report = verify(victim.ledger)
        conn.execute(undo.encode())
    assert where in {each.where for each in report.findings}
    assert {each.check for each in report.findings} == {Check.GARDES}
    assert verify(victim.ledger).intact


@pytest.mark.parametrize("name", ["refuse_change", "append", "sequence", "leaf_hash", "next_line"])
def test_a_function_that_was_replaced(victim: Victim, name: str) -> None:
    """A function of the ledger that no longer does what the migrations say is found by its name."""
    with (
        psycopg.connect(victim.ledger.database.conninfo, autocommit=True) as conn,
        conn.transaction(force_rollback=True),
    ):
        [(before,)] = conn.execute("SELECT pg_get_functiondef(%s::regproc)", (f"ledger.{name}",)).fetchall()
    with psycopg.connect(victim.ledger.database.conninfo, autocommit=True) as conn:
        conn.execute("UPDATE pg_proc SET prosrc = prosrc || ' ' WHERE oid = %s::regproc", (f"ledger.{name}",))
        report = verify(victim.ledger)
        conn.execute(before.encode())
    assert [(each.check, each.where) for each in report.findings] == [(Check.GARDES, f"fonction {name}")]
    assert verify(victim.ledger).intact


# ---------------------------------------------------------------------- what is not wrong


def test_a_destroyed_key_is_not_a_fault(victim: Victim, break_in: Callable[..., None]) -> None:
    """Entries whose key was destroyed are counted as not readable; their chain is still checked and nothing is found."""
    break_in("DELETE FROM ledger.person_key WHERE subject = %(subject)s", subject=victim.other.subject)
    report = verify(victim.ledger)
    assert report.intact
    assert (report.entries, report.unreadable) == (8, 4)
    break_in("UPDATE ledger.entry SET line = line || ' ' WHERE event_id = %(id)s", id=victim.other.event_id)
    assert found(verify(victim.ledger), Check.EMPREINTE, f"flux {victim.other.stream.hex}, entrée 4")


def test_verifying_while_the_ledger_grows(ledger: Ledger) -> None:
    """A verification sees one instant: what is appended and sealed meanwhile is neither counted nor found wrong."""
    ledger.append(list(faits(20)))
    ledger.sequence()

    def grow(_: int) -> None:
        ledger.append([fait(id=f"X-{UUID(bytes=secrets.token_bytes(16))}", personne="P-neuve")])
        ledger.sequence()

    report = verify(ledger, progress=grow)
    assert report.intact
    assert (report.entries, report.sealed) == (20, 20)
    assert len(ledger.life("P-neuve")) == 1


def test_findings_are_bounded() -> None:
    """A ledger that is wrong everywhere fills no memory: past a bound, findings are counted only."""
    report = Report()
    for number in range(MAX_FINDINGS + 7):
        report.add(Check.LIGNE, str(number), "x")
    assert (len(report.findings), report.more) == (MAX_FINDINGS, 7)
    assert not report.intact
    assert report.findings[0] == Finding(Check.LIGNE, "0", "x")

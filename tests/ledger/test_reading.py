"""Whatever is asked under a reading role, PostgreSQL shows the rows of the persons opened in the transaction, and no others."""

import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import psycopg
import pytest

from ledger.coffre import DeploymentKeys, Id
from ledger.database import LISTER, READER, READERS
from ledger.events.incident import IncidentOuvert
from ledger.events.types import CodeIncident
from ledger.follower import Follower
from ledger.reading import SETTING, Reader
from ledger.seal.guards import fingerprint
from ledger.store import Ledger
from projections.interruptions import Interruptions
from replay.verify import verify
from tests.conftest import Template
from tests.faits import fait, faits

TABLES = ("ledger.entry", "ledger.person_key", "vue_interruptions.gathered", "vue_interruptions.touche")
SUBJECTS = " UNION ".join(f"SELECT subject FROM {table}" for table in TABLES)


@dataclass
class Read:
    """A ledger of two persons and an incident of nobody, read by a reader that opens whom it is told to."""

    ledger: Ledger
    reader: Reader
    lister: Reader
    elle: bytes
    autre: bytes
    incident: bytes
    opened: list[bytes] = field(default_factory=list)

    def seen(self, *opened: bytes, query: str = SUBJECTS, **values: object) -> set[bytes]:
        """The subjects that a query shows while ``opened`` are."""
        self.opened[:] = opened
        with self.reader.connection() as conn:
            return {row[-1].bytes for row in conn.execute(query.encode(), values).fetchall()}


@pytest.fixture(scope="module", params=["roles taken", "logins of their own"])
def read(request: pytest.FixtureRequest, template: Template, keys: DeploymentKeys) -> Iterator[Read]:
    """The ledger of this module, verified at its end; read by the service's own user, then by readers that log in."""
    with template.copy() as copied:
        opened: list[bytes] = []
        database = copied if request.param == "logins of their own" else replace(copied, readers=None)
        if request.param == "logins of their own" and database.readers is None:
            pytest.skip("the readers of this server do not log in")
        with Ledger(database, keys) as ledger, Follower(ledger, Interruptions()) as follower:
            declared = IncidentOuvert(code=CodeIncident("B19"), depuis=fait().survenu)
            ledger.append([*faits(6, personnes=2), fait(id="I-1", personne=None, objet="I-1", evenement=declared)])
            follower.catch_up()
            with ledger.connection() as given:
                [elle, autre] = (bytes(ledger.coffre.find(given, [each])[each].subject) for each in ("P-0", "P-1"))
                [(incident,)] = given.execute("SELECT subject FROM ledger.shared_subject").fetchall()
            reader, lister = Reader(database, READER, lambda: opened), Reader(database, LISTER)
            yield Read(ledger, reader, lister, elle, autre, incident.bytes, opened)
            reader.close()
            lister.close()
            report = verify(ledger)
            assert report.intact, report.findings[:5]


# ---------------------------------------------------------------------- the rows


def test_a_query_without_its_filter_shows_the_person_opened(read: Read) -> None:
    """And the incidents that are everybody's; of the others nothing, in the ledger as in a projection."""
    for table in TABLES:
        hers = read.seen(read.elle, query=f"SELECT subject FROM {table}")
        assert read.elle in hers
        assert hers <= {read.elle, read.incident}
    assert read.seen(read.elle, read.autre) == {read.elle, read.autre, read.incident}


def test_a_query_that_names_somebody_else_shows_nothing(read: Read) -> None:
    """By her subject, by one of her facts, by the digest of her reference."""
    with read.ledger.connection() as conn:
        [(event,)] = conn.execute(
            "SELECT event_id FROM ledger.entry WHERE subject = %b LIMIT 1", (Id(read.autre),)
        ).fetchall()
    named = {"autre": Id(read.autre), "event": event, "index": read.ledger.coffre.blind_index("P-1")}
    for which in (
        "ledger.entry WHERE subject = %(autre)b", "ledger.entry WHERE event_id = %(event)s",
        "ledger.person_key WHERE subject = %(autre)b", "ledger.person_key WHERE blind_index = %(index)s",
        "vue_interruptions.touche WHERE subject = %(autre)b OR true",
    ):  # fmt: skip
        assert read.autre not in read.seen(read.elle, query=f"SELECT subject FROM {which}", **named)
        assert read.autre in read.seen(read.autre, query=f"SELECT subject FROM {which}", **named)


def test_nothing_is_shown_while_nobody_is_opened(read: Read) -> None:
    """Not even what is everybody's; nor to a connection that somebody makes under the role by himself."""
    assert read.seen() == set()
    for role in READERS:
        with read.ledger.database.acting_as(role).connect() as conn:
            assert conn.execute("SELECT count(*) FROM ledger.person_key").fetchone() == (0,)


@pytest.mark.parametrize(
    "said",
    [
        "",
        ".",
        "*",
        "{autre}",
        "{autre}.",
        "{autre}.{proof}",
        "{autre},{proof}",
        "' OR true --",
        "%",
        "{autre}" * 4_000,
        "é.\n",
    ],
    ids=range(11),
)
def test_a_setting_that_the_program_did_not_sign_opens_nobody(read: Read, said: str) -> None:
    """Slipped into a query of a page on somebody else, with the proof of that page: nothing of the other comes of it."""
    hostile = f"SELECT set_config('{SETTING}', %(said)s, true), subject FROM ({SUBJECTS}) AS s"
    read.opened[:] = [read.elle]
    with read.reader.connection() as conn:
        [(signed,)] = conn.execute("SELECT current_setting(%s)", (SETTING,)).fetchall()
        given = said.format(autre=read.autre.hex(), proof=signed.partition(".")[2])
        conn.execute("SELECT set_config(%s, %s, true)", (SETTING, given))
        assert conn.execute(SUBJECTS.encode()).fetchall() == []
        found = conn.execute(hostile.encode(), {"said": given}).fetchall()
    assert read.autre not in {subject.bytes for _, subject in found}


# ---------------------------------------------------------------------- the connections


def test_a_connection_that_is_used_again_opens_nobody(read: Read) -> None:
    """After a reading that ended well, one that failed, and one that ended its own transaction or changed its role."""
    for last in ("SELECT 1", "SELECT 1/0", "ROLLBACK", "SELECT set_config('role', 'constat_app', false)", "COMMIT"):
        read.opened[:] = [read.elle]
        try:
            with read.reader.connection() as conn:
                used = conn.info.backend_pid
                conn.execute(last.encode())
                if last in {"ROLLBACK", "COMMIT"}:
                    assert conn.execute(SUBJECTS.encode()).fetchall() == []
        except psycopg.errors.DivisionByZero:
            pass
        except psycopg.errors.InsufficientPrivilege:
            assert read.ledger.database.readers is not None
        read.opened[:] = []
        again = False
        for _ in range(4):
            with read.reader.connection() as conn:
                again = again or conn.info.backend_pid == used
                assert conn.execute("SELECT current_user, current_setting(%s)", (SETTING,)).fetchone() == (READER, "")
                assert conn.execute(SUBJECTS.encode()).fetchall() == []
        assert again, "no connection was used twice: nothing is proved"


@pytest.mark.parametrize("role", READERS)
def test_a_login_of_its_own_is_not_left(read: Read, role: str) -> None:
    """By no statement, nor by one that is run inside another, which a role that was taken does not stop."""
    if read.ledger.database.readers is None:
        pytest.skip("these readers are roles that the service's user takes")
    inside = "SELECT query_to_xml('SELECT subject FROM ledger.entry', true, false, '')"
    for leaving in (
        "SET ROLE constat_app",
        "SET SESSION AUTHORIZATION postgres",
        "SELECT set_config('role', 'postgres', false)",
    ):
        with read.ledger.database.acting_as(role).connect() as conn:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(leaving.encode())
            for kept in ("RESET ROLE", "RESET SESSION AUTHORIZATION", "SET ROLE NONE", "DISCARD ALL"):
                conn.execute(kept.encode())
            assert conn.execute("SELECT current_user, session_user").fetchone() == (role, role)
            if role == READER:
                [(seen,)] = conn.execute(inside.encode()).fetchall()
                assert "<row>" not in seen


def test_two_readings_at_once_each_see_their_own(read: Read) -> None:
    """On two connections of one pool, many times over."""
    mine = threading.local()
    reader = Reader(read.ledger.database, READER, lambda: [mine.subject])
    wrong: list[set[bytes]] = []
    together = threading.Barrier(2, timeout=20)

    def look(subject: bytes) -> None:
        mine.subject = subject
        for _ in range(20):
            together.wait()
            with reader.connection() as conn:
                together.wait()  # both transactions are open now
                seen = {row[0].bytes for row in conn.execute(SUBJECTS.encode()).fetchall()}
            if seen != {subject, read.incident}:
                wrong.append(seen)

    threads = [threading.Thread(target=look, args=(each,)) for each in (read.elle, read.autre)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reader.close()
    assert wrong == []


# ---------------------------------------------------------------------- the rights


@pytest.mark.parametrize("role", READERS)
def test_a_reading_role_writes_nothing_and_reads_no_secret(read: Read, role: str) -> None:
    """Outside of the transactions that only read, too; nor may it be told whom the ledger's other tables name."""
    with read.ledger.database.acting_as(role).connect() as conn:
        for statement in (
            "INSERT INTO ledger.shared_subject VALUES (gen_random_uuid(), 'incident')", "DELETE FROM ledger.person_key",
            "UPDATE vue_interruptions.touche SET subject = subject", "SELECT secret FROM work.reading", "TABLE ledger.hold",
            "TABLE ledger.erasure", "SELECT ledger.sequence()", "ALTER POLICY opened ON ledger.entry USING (true)",
            "ALTER TABLE vue_interruptions.touche DISABLE ROW LEVEL SECURITY", "CREATE SCHEMA mine", "SELECT * FROM web.compte",
        ):  # fmt: skip
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable)):
                conn.execute(statement.encode())


def test_who_lists_sees_conclusions_and_the_keys_of_those_it_names(read: Read) -> None:
    """No fact, in the ledger or gathered beside it; no key, until the persons to be named are opened."""
    with read.lister.connection() as conn:
        assert len(conn.execute("SELECT DISTINCT subject FROM vue_interruptions.touche").fetchall()) == 2
        assert read.ledger.coffre.person(conn, "P-1") == read.autre
        assert conn.execute("SELECT count(*) FROM ledger.person_key").fetchone() == (0,)
        read.lister.open(conn, [read.autre])
        keys = conn.execute("SELECT subject FROM ledger.person_key").fetchall()
        assert {subject.bytes for (subject,) in keys} == {read.autre, read.incident}
    for table in ("ledger.entry", "vue_interruptions.gathered"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), read.lister.connection() as conn:
            conn.execute(f"SELECT count(*) FROM {table}".encode())


# ---------------------------------------------------------------------- plans, guards


@pytest.mark.parametrize(
    "which",
    [
        "ledger.entry WHERE subject = {uuid}", "ledger.entry WHERE subject = ANY (ARRAY[{uuid}])",
        "ledger.entry WHERE originator_id = {uuid} ORDER BY originator_version", "ledger.entry WHERE event_id = ANY (ARRAY[{uuid}])",
        "ledger.entry LEFT JOIN ledger.leaf USING (notification_id) WHERE subject = {uuid} ORDER BY entry.notification_id",
        "ledger.person_key WHERE subject = ANY (ARRAY[{uuid}])", "ledger.person_key WHERE blind_index = '\\x00'",
        "vue_interruptions.touche WHERE subject = {uuid}",
    ],
    ids=range(8),
)  # fmt: skip
def test_rows_are_still_found_by_their_index(read: Read, which: str) -> None:
    """What a query asks for is the condition of the index; whose rows it may see is asked of those only."""
    read.opened[:] = [read.elle]
    asked = which.format(uuid=f"'{secrets.token_hex(16)}'::uuid")
    with read.reader.connection() as conn:
        plan = "\n".join(line for (line,) in conn.execute(f"EXPLAIN SELECT * FROM {asked}".encode()))
    assert "Index Cond" in plan, plan
    assert "Seq Scan on entry" not in plan, plan
    assert "Seq Scan on person_key" not in plan, plan


def test_a_policy_that_was_put_back_is_another_guard(read: Read) -> None:
    """As with triggers: it reads the same, and the digest that the log tells of is another one."""
    with psycopg.connect(read.ledger.database.conninfo) as conn:
        before = fingerprint(conn)
        [(qual,)] = conn.execute(
            "SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polname = 'opened' AND polrelid = 'ledger.entry'::regclass"
        ).fetchall()
        conn.execute("DROP POLICY opened ON ledger.entry")
        conn.execute(f"CREATE POLICY opened ON ledger.entry AS RESTRICTIVE TO constat_reader USING ({qual})".encode())
        assert fingerprint(conn) != before
        conn.rollback()

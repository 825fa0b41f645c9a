"""The mirror keeps what it received, whatever happens at the operator's; what differs is named."""

import os
import re
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from app.embedded import EmbeddedServer
from ledger.database import Database
from ledger.entry import Acteur
from ledger.errors import DatabaseUnfitError
from ledger.events.types import NatureActeur
from ledger.mirror import publication, subscription
from ledger.mirror.subscription import MirrorError
from ledger.mirror.tables import MIRRORED, WITHHELD
from replay.checks.report import Check
from replay.mirror import verify_mirror
from replay.verify import Trust, verify
from tests.faits import faits
from tests.operations.conftest import Pair, eventually
from tests.operations.mirrors import compared, fill, policy, same_everywhere

# ------------------------------------------------------------------------------------------------- what it receives


def test_it_receives_everything_and_no_key(pair: Pair) -> None:
    """What was there before and what comes after is the same on both sides, row by row; no person's key leaves."""
    fill(pair, 300)
    pair.set_up()
    fill(pair, 300, first=1000)
    assert pair.caught_up()
    assert same_everywhere(pair)
    assert pair.rows(pair.mirror, "SELECT count(*) FROM ledger.person_key") == [(0,)]
    assert pair.rows(pair.mirror, "SELECT count(*) FROM ledger.shared_subject") == [(0,)]
    report = verify_mirror(pair.mirror, Trust(policy=policy(pair)))
    assert report.intact, report.findings[:3]
    assert (report.entries, report.sealed, report.hashed) == (600, 600, 600)
    assert report.not_possible.keys() >= {Check.OUVERTURE, Check.ENGAGEMENT, Check.LECTURE}
    found = compared(pair)
    assert (found.divergences, found.caught_up) == ([], True)
    assert found.rows == sum(len(pair.rows(pair.mirror, f"SELECT 1 FROM ledger.{table.name}")) for table in MIRRORED)


def test_each_table_is_mirrored_or_withheld_for_a_reason(pair: Pair) -> None:
    """No table of the ledger is forgotten: it is sent, or there is a reason why it is not."""
    tables = pair.rows(pair.ledger.database, "SELECT tablename::text FROM pg_tables WHERE schemaname = 'ledger'")
    assert {name for (name,) in tables} == {table.name for table in MIRRORED} | set(WITHHELD)
    for table in MIRRORED:
        unique = pair.rows(
            pair.ledger.database,
            f"SELECT 1 FROM pg_index WHERE indisunique AND indrelid = 'ledger.{table.name}'::regclass"
            f" AND ARRAY{sorted(table.key)} = (SELECT array_agg(attname::text ORDER BY attname) FROM pg_attribute"
            " WHERE attrelid = indrelid AND attnum = ANY(indkey::smallint[])"
            " AND array_position(indkey::smallint[], attnum) < indnkeyatts)",
        )
        assert unique, f"{table.name} has no unique index on {table.key}"


def test_nothing_readable_is_in_it(pair: Pair, mirror_server: EmbeddedServer, tmp_path: Path) -> None:
    """In a dump of the whole mirror no word of any fact, nor of who did it, is found; in the facts it was there."""
    words = ("Zénobie-Tout-À-Fait-Unique", "texte-que-personne-d-autre-ecrit", "guichet-introuvable-42")
    secret = list(
        faits(
            20,
            acteur=Acteur(nature=NatureActeur.USAGER, id=words[0]),
            objet=words[1],
            correlation=words[2],
        )
    )
    pair.ledger.append(secret)
    pair.sealer.seal()
    pair.set_up()
    assert pair.caught_up()
    history = pair.ledger.life("P-1")
    assert history[0].fait.acteur.id == words[0]
    dump = subprocess.run(
        [mirror_server.binary("pg_dump"), "--dbname", pair.mirror.conninfo],
        check=True,
        capture_output=True,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    ).stdout
    assert pair.rows(pair.mirror, "SELECT count(*) FROM ledger.entry") == [(20,)]
    assert dump.count(b"constat/1") >= 20
    for word in (*words, "P-1", "E-503", "demande", "tentative_depot_echouee", "teleservice"):
        assert not re.search(rb"(?<![0-9a-z])" + re.escape(word.encode()) + rb"(?![0-9a-z])", _data(dump)), word


def _data(dump: bytes) -> bytes:
    """The rows of a dump, without the schema's own text (functions, comments)."""
    return b"".join(re.findall(rb"(?ms)^COPY .*? FROM stdin;\n(.*?)^\\\.$", dump))


def test_it_only_receives(pair: Pair) -> None:
    """Nobody changes the mirror by mistake: its owner's UPDATE, DELETE, TRUNCATE, INSERT and DROP are refused."""
    fill(pair, 10)
    pair.set_up()
    with pair.mirror.as_owner() as conn:
        for table in MIRRORED:
            row = conn.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND attidentity = ''",
                (f"ledger.{table.name}",),
            ).fetchone()
            column = row[0] if row else ""
            for act in (
                f"DELETE FROM ledger.{table.name}",
                f"UPDATE ledger.{table.name} SET {column} = {column}",
                f"TRUNCATE ledger.{table.name} CASCADE",
                f"INSERT INTO ledger.{table.name} DEFAULT VALUES",
                f"DROP TABLE ledger.{table.name} CASCADE",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    conn.execute(act.encode())
        for act in ("DROP SCHEMA ledger CASCADE", "DROP SCHEMA mirror CASCADE", "DELETE FROM mirror.refused"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(act.encode())
    assert same_everywhere(pair)
    with pair.mirror.as_owner() as conn:
        conn.execute("ALTER TABLE ledger.leaf DISABLE TRIGGER received_only")
        conn.execute("ALTER TABLE ledger.entry ENABLE TRIGGER append_only")
    report = verify_mirror(pair.mirror)
    assert [finding.where for finding in report.findings] == ["table entry", "table leaf"]
    assert {finding.check for finding in report.findings} == {Check.GARDES}


def test_the_role_that_follows_reads_what_is_published_and_nothing_else(pair: Pair) -> None:
    """With what is handed over, keys cannot be read, nothing can be written, and no other table can be published."""
    fill(pair, 1)
    refused = psycopg.errors.InsufficientPrivilege
    with psycopg.connect(pair.source, autocommit=True) as conn:
        assert conn.execute("SELECT count(*) FROM ledger.entry").fetchone() == (1,)
        for act in (
            "SELECT * FROM ledger.person_key",
            "SELECT * FROM ledger.shared_subject",
            "SELECT * FROM work.import_progress",
            "DELETE FROM ledger.entry",
            "INSERT INTO ledger.leaf VALUES (9, 9, '')",
            "SELECT ledger.sequence()",
            "CREATE PUBLICATION tout FOR TABLE ledger.person_key",
            "CREATE TABLE public.t (x int)",
            "SELECT pg_read_file('postgresql.conf')",
        ):
            with pytest.raises(refused):
                conn.execute(act.encode())


def test_what_is_published_is_no_breach_of_the_guards(pair: Pair) -> None:
    """A role more that reads leaves the verification of the ledger as it was; a right to write is told of."""
    fill(pair, 3)
    assert pair.sealer.watch_guards()
    with pair.ledger.database.as_owner() as conn:
        publication.publish(conn, role=f"suit_{pair.slot}")
        try:
            assert not pair.sealer.watch_guards()
            fill(pair, 3, first=100)
            report = verify(pair.ledger, trust=Trust(pair.keys.verifiers))
            assert report.intact, report.findings[:3]
            conn.execute(f"GRANT INSERT ON ledger.leaf TO suit_{pair.slot}".encode())
            assert Check.GARDES in {each.check for each in verify(pair.ledger).findings}
        finally:
            conn.execute(f"DROP OWNED BY suit_{pair.slot}; DROP ROLE suit_{pair.slot}".encode())


def test_what_else_would_let_keys_out_is_told(pair: Pair) -> None:
    """A publication of another table, and a line of pg_hba.conf that lets the server be copied, are named."""
    with pair.ledger.database.as_owner() as conn:
        conn.execute("CREATE PUBLICATION de_trop FOR TABLE ledger.person_key")
        told = publication.exposures(conn, publication.ROLE)
    assert any("« de_trop »" in each for each in told)
    assert sum("copier le serveur entier" in each for each in told) == 3
    assert any("max_slot_wal_keep_size" in each for each in told)


def test_with_the_lines_of_the_document_the_server_cannot_be_copied(
    pair: Pair, operator_server: EmbeddedServer, tmp_path: Path
) -> None:
    """With the lines of pg_hba.conf that docs/operations.md gives, nothing is told, a base backup is refused, a mirror follows."""
    text = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    [lines] = re.findall(r"```text\n# pg_hba.conf, above every other line\n(.*?)```", text, flags=re.DOTALL)
    rules = operator_server.data / "pg_hba.conf"
    before = rules.read_text()

    def reload() -> list[str]:
        with pair.ledger.database.as_owner() as conn:
            conn.execute("SELECT pg_reload_conf()")
            conn.execute("SELECT pg_sleep(0.2)")
            return [each for each in publication.exposures(conn, publication.ROLE) if "pg_hba" in each]

    copy = ("pg_basebackup", "-d", make_conninfo(pair.source, dbname="postgres"), "-X", "none", "-c", "fast", "-D")
    operator_server.run(*copy, str(operator_server.folder / f"copie-{pair.slot}"))
    try:
        rules.write_text("\n".join(line for line in lines.splitlines() if "hostssl" not in line) + "\n" + before)
        assert reload() == []
        with pytest.raises(DatabaseUnfitError, match="pg_basebackup a échoué"):
            operator_server.run(*copy, str(operator_server.folder / f"refus-{pair.slot}"))
        fill(pair, 5)
        pair.set_up()
        assert pair.caught_up()
        assert same_everywhere(pair)
    finally:
        rules.write_text(before)
        assert len(reload()) == 3


# ------------------------------------------------------------------------------------------------ what breaks between


def test_away_for_a_while_it_catches_up(pair: Pair, workplace: Path) -> None:
    """While the mirror's server is down the operator goes on; when it is back, the mirror has every row."""
    away = EmbeddedServer(workplace / f"absent-{pair.slot[-4:]}")
    with away.running():
        away.ensure_database("constat")
        mirror = Database(away.conninfo("constat"))
        slot = f"{pair.slot}_absent"
        fill(pair, 50)
        subscription.set_up(mirror, pair.source, slot=slot)
        with mirror.as_owner() as conn:
            eventually(lambda: subscription.here(conn).following)
        os.kill(int((away.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        fill(pair, 200, first=1000)
        with subscription.reading(pair.source) as there:
            eventually(lambda: (kept := subscription.slot_of(there, slot)) is not None and not kept.active)
        away.start()
        with mirror.as_owner() as here, subscription.reading(pair.source) as there:
            assert subscription.caught_up(here, there, slot, subscription.timedelta(seconds=30))
        count = pair.rows(mirror, "SELECT count(*) FROM ledger.entry")
        assert count == [(250,)]
        assert verify_mirror(mirror, Trust(policy=policy(pair))).intact


def test_an_operator_that_could_not_keep_all_says_so(pair: Pair) -> None:
    """When the operator's server had to let go of what it kept for the mirror, that shows, and setting up again fills the gap."""
    fill(pair, 20)
    pair.set_up()
    assert pair.caught_up()
    with (
        pair.mirror.as_owner() as here,
        subscription.reading(pair.source) as there,
        pair.ledger.database.as_owner() as conn,
    ):
        here.execute(f"ALTER SUBSCRIPTION {subscription.SUBSCRIPTION} DISABLE".encode())
        try:
            conn.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'")
            conn.execute("SELECT pg_reload_conf()")
            for round_ in range(3):
                fill(pair, 5, first=1000 + 10 * round_)
                conn.execute("SELECT pg_switch_wal()")
            conn.execute("CHECKPOINT")
            eventually(lambda: (slot := subscription.slot_of(there, pair.slot)) is not None and slot.lost)
        finally:
            conn.execute("ALTER SYSTEM RESET max_slot_wal_keep_size")
            conn.execute("SELECT pg_reload_conf()")
    pair.set_up()
    assert pair.caught_up()
    assert same_everywhere(pair)
    assert verify_mirror(pair.mirror, Trust(policy=policy(pair))).intact


def test_set_up_again_and_again(pair: Pair) -> None:
    """Set up again at any moment, also in the middle of its first copy, the mirror ends whole, with each row once."""
    fill(pair, 2000)
    for round_ in range(3):
        subscription.set_up(pair.mirror, pair.source, slot=pair.slot)
        fill(pair, 5, first=5000 + 10 * round_)
    pair.set_up()
    assert pair.caught_up()
    assert same_everywhere(pair)
    assert verify_mirror(pair.mirror, Trust(policy=policy(pair))).intact
    slots = f"SELECT count(*) FROM pg_replication_slots WHERE database = '{pair.slot}'"
    assert pair.rows(pair.ledger.database, slots) == [(1,)]


def test_a_ledger_is_not_made_a_mirror(pair: Pair) -> None:
    """A database that is a ledger itself, and a slot that is another mirror's, are refused, and nothing is changed."""
    fill(pair, 5)
    with pytest.raises(MirrorError, match="est un registre"):
        subscription.set_up(Database(pair.ledger.database.conninfo), pair.source)
    with psycopg.connect(pair.ledger.database.conninfo, autocommit=True) as conn:
        conn.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (pair.slot,))
    with pytest.raises(MirrorError, match="--slot"):
        subscription.set_up(pair.mirror, pair.source, slot=pair.slot)
    with pytest.raises(MirrorError, match="n'est pas un miroir"):
        pair.state()


def test_an_operator_that_has_no_place_left_is_told_so(pair: Pair) -> None:
    """Where the operator's server keeps all the slots that it may, that is said, nothing is left behind, and it can be asked again."""
    fill(pair, 3)
    with pair.ledger.database.as_owner() as conn:
        conn.execute(
            "SELECT pg_create_logical_replication_slot(format('plein_%s_%s', current_database(), i), 'pgoutput')"
            " FROM generate_series((SELECT count(*) + 1 FROM pg_replication_slots),"
            " current_setting('max_replication_slots')::int) AS i"
        )
        with pytest.raises(MirrorError, match="max_replication_slots"):
            subscription.set_up(pair.mirror, pair.source, slot=pair.slot)
        conn.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
            " WHERE slot_name LIKE format('plein_%s_%%', current_database())"
        )
    pair.set_up()
    assert pair.caught_up()
    assert same_everywhere(pair)


def test_an_operator_that_does_not_publish_is_told_so(pair: Pair) -> None:
    """A mirror of a ledger that is not published whole is not set up, and the tables are named."""
    with pair.ledger.database.as_owner() as conn:
        conn.execute(f"ALTER PUBLICATION {publication.PUBLICATION} DROP TABLE ledger.checkpoint, ledger.tile".encode())
    with pytest.raises(MirrorError, match="tile, checkpoint"):
        pair.set_up()

"""What the operator does afterwards does not reach the mirror, and is named; and how its users meet all that."""

import json
from pathlib import Path
from typing import Any, Final

import jsonschema
import psycopg
import pytest

from app.embedded import EmbeddedServer
from ledger.database import Database, prepare
from ledger.mirror import conflicts, publication, subscription
from ledger.mirror.publication import shortfall
from ledger.seal import timestamp
from ledger.seal.census import take_census
from ledger.seal.couriers import Authority, Stamping
from ledger.seal.log import SealedLog
from replay.checks.report import Check, Verdict
from replay.divergences import What, rewritten
from replay.mirror import verify_mirror
from replay.schemas import schema
from replay.verify import Trust
from tests.faits import faits
from tests.operations.conftest import Constat, Pair, Said, eventually
from tests.operations.mirrors import compared, fill, policy, rewrite, same_everywhere
from tests.seal import tsa
from tests.seal.tsa import LocalTsa, certify

local_tsa = tsa.local_tsa


def test_what_the_operator_destroys_is_kept_and_named(pair: Pair) -> None:
    """DELETE, UPDATE, TRUNCATE and DROP do not reach the mirror; each row that is gone or changed is named, with its digest."""
    fill(pair, 300)
    pair.set_up()
    assert pair.caught_up()
    before = pair.rows(pair.mirror, "SELECT * FROM ledger.entry ORDER BY notification_id")
    [(stream, place, at, leaf)] = pair.rows(
        pair.mirror,
        "SELECT replace(originator_id::text, '-', ''), originator_version, recorded_at, encode(leaf_hash, 'hex')"
        " FROM ledger.entry WHERE notification_id = 42",
    )
    pair.tamper(
        "DELETE FROM ledger.entry WHERE notification_id = 42",
        "UPDATE ledger.entry SET state = sha256(state) WHERE notification_id = 43",
        "DELETE FROM ledger.leaf WHERE position = 300",
        "TRUNCATE ledger.token",
        "DROP TABLE ledger.tile CASCADE",
        "CREATE TABLE ledger.tile (level smallint, n bigint, data bytea, root bytea)",
        "GRANT SELECT ON ledger.tile TO constat_mirror",
        "CREATE TRIGGER append_only BEFORE UPDATE ON ledger.tile EXECUTE FUNCTION ledger.refuse_change()",
    )
    pair.ledger.append(list(faits(5, first=5000)))
    eventually(lambda: pair.rows(pair.mirror, "SELECT count(*) FROM ledger.entry") == [(305,)])
    assert pair.rows(pair.mirror, "SELECT * FROM ledger.entry ORDER BY notification_id")[:300] == before
    assert pair.rows(pair.mirror, "SELECT count(*) FROM ledger.tile") == [(1,)]
    assert verify_mirror(pair.mirror, Trust(policy=policy(pair))).intact
    found = compared(pair).divergences
    assert [(each.what, each.table) for each in found] == [
        (What.ABSENTE, "entry"),
        (What.AUTRE, "entry"),
        (What.ABSENTE, "leaf"),
        (What.ABSENTE, "tile"),
    ]
    gone = found[0]
    assert (gone.where, gone.position) == (f"flux {stream}, entrée {place}", 42)
    assert gone.recorded_at == at.isoformat()
    assert (gone.leaf, gone.found) == (leaf, None)
    assert found[1].kept != found[1].found
    assert (found[2].where, found[2].position) == ("table leaf, position 300", 300)


def test_a_rewritten_entry_stops_the_mirror_and_is_evidence(pair: Pair) -> None:
    """Another entry at a place that is taken stops the mirror; both digests are told, kept for ever, and it can go on."""
    fill(pair, 100)
    pair.set_up()
    assert pair.caught_up()
    stream, place = rewrite(pair)
    fill(pair, 3, first=5000)
    eventually(lambda: pair.state().errors > 0)
    assert not pair.state().following
    # Even when the operator hides it again.
    pair.tamper("DELETE FROM ledger.entry WHERE notification_id = (SELECT min(notification_id) FROM ledger.entry"
                " WHERE notification_id > 100)")  # fmt: skip
    with pair.mirror.as_owner() as here, subscription.reading(pair.source) as there:
        [found] = conflicts.conflicts(here, there, pair.slot)
        assert (found.table, found.where) == ("entry", f"flux {stream.replace('-', '')}, entrée {place}")
        [(ours,)] = pair.rows(pair.mirror, "SELECT leaf_hash FROM ledger.entry WHERE notification_id = 42")
        assert (found.kept_leaf, found.sent_leaf is not None) == (ours, True)
        assert found.ours != found.theirs
        conflicts.keep(here, [found])
        conflicts.keep(here, [found])
        subscription.go_on(here)
        eventually(lambda: pair.state().following)
        assert pair.caught_up()
        assert conflicts.kept(here) == [found]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            here.execute("DELETE FROM mirror.refused")
    assert pair.rows(pair.mirror, "SELECT count(*) FROM ledger.entry") == [(103,)]
    named = [each for each in compared(pair).divergences if each.table == "entry"]
    assert [(each.what, each.position) for each in named] == [(What.ABSENTE, 42)]


def test_a_rewritten_entry_is_found_while_everything_is_copied_again(pair: Pair) -> None:
    """Where the operator also let go of what it kept for the mirror, the copy stops at the rewritten entry, which is named."""
    fill(pair, 100)
    pair.set_up()
    assert pair.caught_up()
    with pair.mirror.as_owner() as here, subscription.reading(pair.source) as there:
        here.execute(f"DROP SUBSCRIPTION {subscription.SUBSCRIPTION}".encode())
        stream, place = rewrite(pair)
        fill(pair, 20, first=5000)
        subscription.set_up(pair.mirror, pair.source, slot=pair.slot)
        eventually(lambda: pair.state().errors > 0)
        assert "entry" in pair.state().copying
        found = rewritten(here, there, pair.state().copying)
        assert {each.where for each in found} == {f"flux {stream.replace('-', '')}, entrée {place}"}
        conflicts.keep(here, found)
        subscription.go_on(here)
        eventually(lambda: pair.state().following)
        assert conflicts.kept(here) == found
    assert pair.caught_up()
    assert pair.rows(pair.mirror, "SELECT count(*) FROM ledger.entry") == [(120,)]


def test_a_row_that_was_never_sent_is_named(pair: Pair) -> None:
    """An entry that the operator recorded while the publication did not send it is found, once the mirror has caught up."""
    fill(pair, 20)
    pair.set_up()
    with pair.ledger.database.as_owner() as conn:
        conn.execute(f"ALTER PUBLICATION {publication.PUBLICATION} DROP TABLE ledger.entry".encode())
        fill(pair, 1, first=500)
        with subscription.reading(pair.source) as there:
            assert shortfall(there).missing == ("entry",)
        conn.execute(
            f"ALTER PUBLICATION {publication.PUBLICATION} ADD TABLE ledger.entry WHERE (topic <> 'x')".encode()
        )
        with subscription.reading(pair.source) as there:
            assert shortfall(there) == publication.Shortfall((), ("entry",))
        publication.publish(conn)
        with subscription.reading(pair.source) as there:
            assert shortfall(there) == publication.Shortfall((), ())
    fill(pair, 2, first=600)
    found = compared(pair)
    assert found.caught_up
    assert [(each.what, each.table, each.position) for each in found.divergences] == [
        (What.JAMAIS_ENVOYEE, "entry", 21)
    ]
    assert not verify_mirror(pair.mirror).intact
    # Setting the mirror up again copies what it had not been sent, once its slot is gone.
    with pair.mirror.as_owner() as here, subscription.reading(pair.source) as there:
        here.execute(f"ALTER SUBSCRIPTION {subscription.SUBSCRIPTION} DISABLE".encode())
        eventually(lambda: (slot := subscription.slot_of(there, pair.slot)) is not None and not slot.active)
        there.execute("SELECT pg_drop_replication_slot(%s)", (pair.slot,))
    pair.set_up()
    assert pair.caught_up()
    assert same_everywhere(pair)
    assert verify_mirror(pair.mirror, Trust(policy=policy(pair))).intact


def change_mirror(pair: Pair, tampering: str) -> None:
    """What the mirror's own superuser can do to it."""
    with pair.mirror.as_owner() as conn:
        table = tampering.split()[1 if tampering.startswith("UPDATE") else 2]
        conn.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only".encode())
        conn.execute(tampering.encode())
        conn.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only".encode())


@pytest.mark.parametrize(
    ("tampering", "check"),
    [
        (
            "UPDATE ledger.entry SET line = replace(line, '\"v\":1', '\"v\":2') WHERE notification_id = 7",
            Check.EMPREINTE,
        ),
        ("UPDATE ledger.leaf SET leaf_hash = sha256(leaf_hash) WHERE position = 7", Check.POSITIONS),
        ("DELETE FROM ledger.leaf WHERE position = 280", Check.POSITIONS),
        ("UPDATE ledger.tile SET root = sha256(root)", Check.ARBRE),
        ("UPDATE ledger.checkpoint SET note = replace(note, E'\\n300\\n', E'\\n301\\n')", Check.POINTS),
    ],
)
def test_the_mirror_is_not_believed_either(pair: Pair, tampering: str, check: Check) -> None:
    """Were the mirror itself changed, by its own superuser, its verification would name the check that fails."""
    fill(pair, 300)
    pair.set_up()
    assert pair.caught_up()
    change_mirror(pair, tampering)
    report = verify_mirror(pair.mirror, Trust(policy=policy(pair)))
    assert check in {finding.check for finding in report.findings}


@pytest.fixture
def said_of(pair: Pair, local_tsa: LocalTsa) -> Trust:
    """A mirror of a ledger that was counted, cosigned and stamped; whom to believe about that."""
    fill(pair, 30)
    take_census(pair.sealer)
    fill(pair, 5, first=1000)
    with pair.ledger.connection() as conn:
        note = SealedLog(conn).latest()
    assert note is not None
    time_trust = timestamp.Trust(roots=[local_tsa.root.certificate])
    Stamping(pair.sealer, Authority(local_tsa.url, time_trust), pair.sealer.clock).stamp(note)
    pair.sealer.seal()
    pair.set_up()
    assert pair.caught_up()
    return Trust(policy=policy(pair), time=time_trust)


SAID: Final = (Check.TEMOINS, Check.JETONS, Check.DATES, Check.RECENSEMENT)


def test_what_others_said_is_judged_on_the_mirror(pair: Pair, said_of: Trust) -> None:
    """Cosignatures, time-stamps, dates and recensement are redone there; what nobody is believed about is not called passed."""
    known, unknown = verify_mirror(pair.mirror, said_of), verify_mirror(pair.mirror)
    assert known.intact, known.findings[:3]
    assert unknown.intact
    assert {each.check: each.verdict for each in known.outcomes if each.check in SAID[1:]} == dict.fromkeys(
        SAID[1:], Verdict.PASSED
    )
    assert "attendent leurs témoins" in known.not_possible[Check.TEMOINS]
    assert {each.check for each in unknown.outcomes if each.verdict is Verdict.IMPOSSIBLE} >= {*SAID[:3], Check.POINTS}
    stranger = timestamp.Trust(roots=[certify("Racine d'un autre", ca=True).certificate])
    assert {each.check for each in verify_mirror(pair.mirror, Trust(time=stranger)).findings} == {Check.JETONS}


@pytest.mark.parametrize(
    ("tampering", "check"),
    [
        ("UPDATE ledger.cosignature SET line = regexp_replace(line, '.{8}$', 'AAAAAAA=')", Check.TEMOINS),
        ("DELETE FROM ledger.cosignature", Check.TEMOINS),
        ("DELETE FROM ledger.token", Check.JETONS),
        ("UPDATE ledger.token SET token = set_byte(token, 200, get_byte(token, 200) # 1)", Check.JETONS),
        ("DELETE FROM ledger.entry WHERE topic <> 'constat/1/registre'", Check.RECENSEMENT),
    ],
)
def test_what_others_said_cannot_be_changed_on_it(pair: Pair, said_of: Trust, tampering: str, check: Check) -> None:
    """Were a cosignature, a token or a counted stream changed or taken away on the mirror, the check that says so fails."""
    change_mirror(pair, tampering)
    assert check in {finding.check for finding in verify_mirror(pair.mirror, said_of).findings}


def printed(nom: str, said: Said) -> Any:
    """What a command printed, which its published schema accepts."""
    found = json.loads(said.out)
    jsonschema.validate(found, schema(nom), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    return found


def test_as_its_users_meet_it(pair: Pair, tmp_path: Path, constat: Constat) -> None:
    """Published, set up, checked, verified; then stopped by a rewritten entry, resumed, and the evidence stays."""
    trusted = tmp_path / "politique"
    trusted.write_text(policy(pair).text)

    def there(*arguments: str) -> Said:
        return constat(Database(pair.ledger.database.conninfo), tmp_path / "exploitant", "mirror", *arguments)

    def here(*arguments: str) -> Said:
        return constat(pair.mirror, tmp_path / "miroir", "mirror", *arguments)

    fill(pair, 60)
    assert here("check").code == 1
    assert here("publish").code == 1
    shown = there("publish", "--new-password")
    assert (shown.code, f"user={publication.ROLE} password=" in shown.out) == (0, True), shown.err
    done = here("setup", "--from", pair.source, "--slot", pair.slot)
    assert done.code == 0, done.err
    eventually(lambda: pair.state().following)
    assert pair.caught_up()
    checked = here("check")
    assert (checked.code, "le miroir suit" in checked.out) == (0, True), checked
    assert printed("mirror-check", here("check", "--json"))["exploitant"]["slot"]["active"]
    verified = here("verify", "--policy", str(trusted), "--compare")
    assert "registre intact : chaque chaîne et chaque position ont été refaites\n" in verified.out
    assert (verified.code, "l'exploitant a toujours tout" in verified.out) == (0, True), verified
    rewrite(pair)
    eventually(lambda: pair.state().errors > 0)
    checked = here("check")
    assert (checked.code, "RÉÉCRITURE : flux" in checked.out) == (4, True), checked
    told = printed("mirror-check", here("check", "--json"))
    assert (told["suit"], told["reecritures"][0]["table"]) == (False, "entry")
    assert f"empreinte de la rangée {told['reecritures'][0]['theirs']}" in checked.out
    resumed = printed("mirror-resume", here("resume", "--json"))
    assert resumed == told["reecritures"]
    eventually(lambda: pair.state().following)
    verified = here("verify", "--compare")
    assert verified.code == 4
    assert "Réécritures gardées en preuve" in verified.out
    assert "L'EXPLOITANT N'A PLUS LE MÊME REGISTRE" in verified.out
    told = printed("mirror-verify", here("verify", "--compare", "--json"))
    assert told["reecritures"] == resumed
    assert (told["intact"], len(told["reecritures"]), told["comparaison"]["caught_up"]) == (True, 1, True)
    assert here("check").code == 4


def test_without_its_operator(pair: Pair, tmp_path: Path, constat: Constat) -> None:
    """A connection string that leads nowhere is refused without being shown; stopped by hand, the mirror says so."""
    nowhere = "host=/nulle/part dbname=x user=y password=ne-pas-montrer"
    refused = constat(pair.mirror, tmp_path, "mirror", "setup", "--from", nowhere)
    assert (refused.code, "--from" in refused.err, "ne-pas-montrer" in refused.err) == (1, True, False)
    refused = constat(pair.mirror, tmp_path, "mirror", "setup", "--from", "ne-pas-montrer")
    assert (refused.code, "chaîne de connexion" in refused.err, "ne-pas-montrer" in refused.err) == (1, True, False)
    fill(pair, 5)
    pair.set_up()
    checked = constat(pair.mirror, tmp_path, "mirror", "check", "--from", nowhere)
    assert (checked.code, "n'a pas pu être joint" in checked.out) == (5, True)
    verified = constat(pair.mirror, tmp_path, "mirror", "verify", "--compare", "--from", nowhere)
    assert (verified.code, "registre intact" in verified.out, "rien n'a été comparé" in verified.out) == (5, True, True)
    with pair.mirror.as_owner() as conn:
        conn.execute(f"ALTER SUBSCRIPTION {subscription.SUBSCRIPTION} DISABLE".encode())
    checked = constat(pair.mirror, tmp_path, "mirror", "check")
    assert (checked.code, "arrêté à la main" in checked.out) == (5, True), checked
    assert constat(pair.mirror, tmp_path, "mirror", "resume").code == 0
    eventually(lambda: pair.state().following)


@pytest.mark.parametrize(
    ("origin", "said"), [(None, "n'a pas de registre"), ("autre.test/journal", "celle d'un autre registre")]
)
def test_another_database_than_its_operators(
    pair: Pair, operator_server: EmbeddedServer, tmp_path: Path, constat: Constat, origin: str | None, said: str
) -> None:
    """A mirror is not compared with another ledger, nor with a database that has none: what to look at is said."""
    fill(pair, 5)
    pair.set_up()
    other = f"autre_{pair.slot}"
    operator_server.ensure_database(other)
    try:
        if origin is not None:
            prepare(Database(operator_server.conninfo(other)), origin=origin)
        for command in ("check", "resume", "verify"):
            told = constat(pair.mirror, tmp_path, "mirror", command, "--from", operator_server.conninfo(other))
            assert (told.code, said in told.err) == (1, True), told
    finally:
        with psycopg.connect(operator_server.conninfo("postgres"), autocommit=True) as conn:
            conn.execute(f"DROP DATABASE {other} WITH (FORCE)".encode())


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--role", ""), 2, "63 lettres minuscules"),
        (("--role", "É;DROP"), 2, "63 lettres minuscules"),
        (("--role", "x" * 64), 2, "63 lettres minuscules"),
        (("--role", "postgres", "--new-password"), 1, "ne fait pas que suivre"),
        (("--role", "constat_app"), 1, "ne fait pas que suivre"),
    ],
)
def test_only_a_role_that_does_nothing_but_follow_is_given_out(
    pair: Pair, tmp_path: Path, constat: Constat, options: tuple[str, ...], code: int, said: str
) -> None:
    """A role that may do more, or a name that PostgreSQL would read otherwise, is refused; no password is changed."""
    passwords = "SELECT rolname::text, rolpassword FROM pg_authid ORDER BY 1"
    before = pair.rows(pair.ledger.database, passwords)
    told = constat(pair.ledger.database, tmp_path, "mirror", "publish", *options)
    assert (told.code, said in told.err, told.out) == (code, True, "")
    assert pair.rows(pair.ledger.database, passwords) == before


def test_a_slot_has_a_name_that_a_server_takes(pair: Pair, tmp_path: Path, constat: Constat) -> None:
    """A name that no slot can have is a wrong usage, before anything was made."""
    told = constat(pair.mirror, tmp_path, "mirror", "setup", "--from", pair.source, "--slot", "Le miroir")
    assert (told.code, "63 lettres minuscules" in told.err) == (2, True)
    assert pair.rows(pair.mirror, "SELECT to_regclass('ledger.log')") == [(None,)]


def test_without_the_rights_for_it(pair: Pair, tmp_path: Path, constat: Constat) -> None:
    """An account that may not do what a command asks is told so, in a sentence."""
    told = constat(Database(pair.source), tmp_path, "mirror", "publish")
    assert (told.code, told.err.count("\n"), "droits" in told.err) == (5, 1, True), told.err

"""The verification of the seal: tree, checkpoints, recensement, guards, whatever a superuser does to them."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier

from ledger.coffre import DeploymentKeys
from ledger.database import Database, prepare
from ledger.seal.census import take_census
from ledger.seal.checks import Verdict
from ledger.seal.policy import Policy
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from replay.checks.report import Check, Finding, Report
from replay.checks.streams import Found
from replay.resume import ResumeError, Resumption
from replay.verify import SLICES, Trust, verify
from tests.faits import faits

ORIGIN: Final = "sceau.test/verifie"
TABLES: Final = ("entry", "leaf", "sealing", "tile", "checkpoint", "cosignature", "token")


@pytest.fixture(scope="module")
def sealed(
    server_conninfo: str, keys: DeploymentKeys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Ledger, SigningKeys]]:
    """A ledger of two tiles, ten checkpoints and a recensement; each test puts back what it broke."""
    name = f"constat_{secrets.token_hex(6)}"
    with psycopg.connect(server_conninfo, autocommit=True) as conn:
        conn.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        database = prepare(
            Database(make_conninfo(**{**conninfo_to_dict(server_conninfo), "dbname": name})), origin=ORIGIN
        )
        signing = SigningKeys.generate(ORIGIN)
        with Ledger(database, keys) as ledger:
            sealer = Sealer(database, signing, Memory(tmp_path_factory.mktemp("memoire") / "point"))
            for number in range(8):
                ledger.append(list(faits(70, first=100 * number + 1)))
                sealer.seal()
            take_census(sealer)
            sealer.seal()
            sealer.watch_guards()
            sealer.seal()
            sealer.close()
            assert _verified(ledger, signing).intact
            with psycopg.connect(database.conninfo, autocommit=True) as admin:
                for table in TABLES:
                    admin.execute(f"CREATE TABLE public.kept_{table} AS TABLE ledger.{table}".encode())
            yield ledger, signing
        conn.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture
def break_in(sealed: tuple[Ledger, SigningKeys]) -> Iterator[Callable[..., None]]:
    """Runs statements as a superuser whom no trigger holds back; what they did to the rows is undone at the end."""
    with psycopg.connect(sealed[0].database.conninfo, autocommit=True) as conn:

        def run(*statements: str) -> None:
            _triggers(conn, "DISABLE TRIGGER")
            for statement in statements:
                conn.execute(statement.encode())
            _triggers(conn, "ENABLE ALWAYS TRIGGER")

        yield run
        _triggers(conn, "DISABLE TRIGGER")
        for table in reversed(TABLES):
            conn.execute(f"DELETE FROM ledger.{table}".encode())
        for table in TABLES:
            conn.execute(
                f"INSERT INTO ledger.{table} OVERRIDING SYSTEM VALUE SELECT * FROM public.kept_{table}".encode()
            )
        _triggers(conn, "ENABLE ALWAYS TRIGGER")
    assert _verified(*sealed).intact


def _triggers(conn: psycopg.Connection[tuple[object, ...]], act: str) -> None:
    for table in TABLES:
        conn.execute(f"ALTER TABLE ledger.{table} {act} append_only".encode())


def _verified(ledger: Ledger, signing: SigningKeys, policy: Policy | None = None) -> Report:
    report = verify(ledger, trust=Trust(signing.verifiers, policy))
    # Breaking in touches the guards, as it must; what this module looks at is the rest.
    report.findings = [each for each in report.findings if each.check is not Check.GARDES]
    return report


def found(report: Report, check: Check, where: str) -> bool:
    """Whether a finding of this check names this place."""
    return any(each.check is check and where in each.where for each in report.findings)


def test_a_sound_seal(sealed: tuple[Ledger, SigningKeys]) -> None:
    """Everything that was sealed is hashed again, and every check that can be made passes."""
    report = _verified(*sealed)
    assert (report.intact, report.hashed, report.checkpoints) == (True, 562, 10)
    outcomes = {each.check: each.verdict for each in report.outcomes}
    for check in (Check.ARBRE, Check.POINTS, Check.RECENSEMENT, Check.POSITIONS, Check.CHAINE):
        assert outcomes[check] is Verdict.PASSED
    assert outcomes[Check.TEMOINS] is outcomes[Check.JETONS] is Verdict.IMPOSSIBLE


HASHED: Final = "leaf_hash = sha256('\\x00'::bytea || convert_to(line, 'UTF8'))"


@pytest.mark.parametrize(
    ("statements", "check", "where"),
    [
        (["UPDATE ledger.tile SET data = set_byte(data, 77, get_byte(data, 77) # 1) WHERE n = 1"], Check.ARBRE, "tuile 0/1"),
        (["UPDATE ledger.tile SET root = sha256(root) WHERE n = 0"], Check.ARBRE, "tuile 0/0"),
        (["DELETE FROM ledger.tile WHERE n = 1"], Check.ARBRE, "tuile 0/1"),
        (["INSERT INTO ledger.tile SELECT 0, 2, data, root FROM ledger.tile WHERE n = 1"], Check.ARBRE, "table tile"),
        (["UPDATE ledger.checkpoint SET root = sha256(root) WHERE size = 210"], Check.POINTS, "210 lignes"),
        (["UPDATE ledger.checkpoint SET note = replace(note, E'\n210\n', E'\n211\n')"], Check.POINTS, "210 lignes"),
        (["UPDATE ledger.checkpoint SET size = 211 WHERE size = 210"], Check.POINTS, "211 lignes"),
        (["UPDATE ledger.checkpoint SET note = 'rien' WHERE size = 210"], Check.POINTS, "210 lignes"),
        (
            ["UPDATE ledger.checkpoint SET note = left(note, length(note) - 9) || 'AAAAAAA=' || E'\n' WHERE size = 210"],
            Check.POINTS, "210 lignes",
        ),
        (
            ["UPDATE ledger.leaf SET leaf_hash = sha256(leaf_hash) WHERE position = 300",
             ("UPDATE ledger.entry SET leaf_hash = l.leaf_hash FROM ledger.leaf AS l"
             " WHERE l.notification_id = entry.notification_id AND position = 300")],
            Check.ARBRE, "tuile 0/1",
        ),
        (
            ["UPDATE ledger.leaf SET leaf_hash = sha256(leaf_hash) WHERE position = 540"], Check.POINTS, "560 lignes",
        ),
        (
            ["DELETE FROM ledger.leaf WHERE position > 500", "DELETE FROM ledger.sealing WHERE last_position > 500",
             "DELETE FROM ledger.entry WHERE notification_id NOT IN (SELECT notification_id FROM ledger.leaf)"],
            Check.POINTS, "560 lignes",
        ),
        (["UPDATE ledger.entry SET line = replace(line, '\"streams\":', '\"streams\":1')"], Check.EMPREINTE, "entrée 1"),
        (
            [("DELETE FROM ledger.entry WHERE originator_id ="
              " (SELECT originator_id FROM ledger.entry ORDER BY notification_id LIMIT 1)"),
             "DELETE FROM ledger.leaf WHERE notification_id NOT IN (SELECT notification_id FROM ledger.entry)"],
            Check.RECENSEMENT, "position 560",
        ),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_what_is_done_to_the_seal(
    sealed: tuple[Ledger, SigningKeys], break_in: Callable[..., None], statements: list[str], check: Check, where: str
) -> None:
    """A tile, a checkpoint, a leaf or the tail that was changed or taken away is found by its check, in its place."""
    break_in(*statements)
    report = _verified(*sealed)
    assert found(report, check, where), report.findings


def test_signed_by_somebody_else(sealed: tuple[Ledger, SigningKeys]) -> None:
    """Checkpoints that are not signed by a key that is known are found, each one, by the verifier's own keys."""
    ledger, _ = sealed
    report = _verified(ledger, SigningKeys.generate(ORIGIN))
    assert {each.check for each in report.findings} == {Check.POINTS}
    assert len(report.findings) == 10


def test_witnesses_that_are_missing(sealed: tuple[Ledger, SigningKeys]) -> None:
    """Where the policy wants a witness and none cosigned, the check of the witnesses fails, and only it."""
    ledger, signing = sealed
    witness = SigningKeys.generate("temoin.test/w").signers[0]
    vkey = type(witness.verifier)(witness.name, 4, witness.verifier.key).vkey
    policy = Policy.parse(f"log {signing.verifiers[0].vkey}\nwitness w {vkey}\nquorum w\n")
    report = _verified(ledger, signing, policy)
    assert [each.check for each in report.findings] == [Check.TEMOINS]


def test_guards_that_were_touched(unchecked_ledger: Ledger, database: Database, tmp_path: Path) -> None:
    """A trigger that was dropped and put back, exactly as it was, is told of, at once and for ever."""
    ledger = unchecked_ledger
    signing = SigningKeys.generate(ledger.origin)
    sealer = Sealer(database, signing, Memory(tmp_path / "point"))
    ledger.append(list(faits(3)))
    assert sealer.watch_guards()
    assert not sealer.watch_guards()
    sealer.seal()
    assert verify(ledger, trust=Trust(signing.verifiers)).intact
    with psycopg.connect(database.conninfo, autocommit=True) as conn:
        [(again,)] = conn.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'append_only'"
            " AND tgrelid = 'ledger.entry'::regclass"
        ).fetchall()
        conn.execute("DROP TRIGGER append_only ON ledger.entry")
        conn.execute(again.encode())
        conn.execute("ALTER TABLE ledger.entry ENABLE ALWAYS TRIGGER append_only")
    at_once = verify(ledger, trust=Trust(signing.verifiers))
    assert [each.check for each in at_once.findings] == [Check.GARDES]
    assert "même si remises" in at_once.findings[0].found
    assert sealer.watch_guards()
    sealer.seal()
    sealer.close()
    for_ever = verify(ledger, trust=Trust(signing.verifiers))
    assert [each.check for each in for_ever.findings] == [Check.GARDES]
    assert "touchées, sans qu'une migration" in for_ever.findings[0].found


def test_keys_that_took_over(ledger: Ledger, database: Database, tmp_path: Path) -> None:
    """With the newest key alone, the checkpoints of those before it verify, since the log says who followed whom."""
    signing = SigningKeys.generate(ledger.origin)
    memory = Memory(tmp_path / "point")
    for number in range(3):
        ledger.append(list(faits(3, first=10 * number + 1)))
        sealer = Sealer(database, signing, memory)
        sealer.seal()
        sealer.close()
        both = signing.with_new()
        sealer = Sealer(database, both, memory)
        sealer.say("cle", {"ancienne": signing.verifiers[0].vkey, "nouvelle": both.verifiers[1].vkey})
        sealer.seal()
        sealer.close()
        signing = both.without(signing.verifiers[0].id.hex())
    assert verify(ledger, trust=Trust(signing.verifiers)).intact
    stranger = SigningKeys.generate(ledger.origin)
    assert not verify(ledger, trust=Trust(stranger.verifiers)).intact


def test_workers_find_the_same(
    sealed: tuple[Ledger, SigningKeys], keys: DeploymentKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shared out between processes, a verification reads as much and finds as much."""
    ledger, signing = sealed
    alone = verify(ledger, trust=Trust(signing.verifiers))
    monkeypatch.setattr("replay.verify.ALONE", 10)
    steps: list[int] = []
    shared = verify(ledger, trust=Trust(signing.verifiers), workers=(keys, 2), progress=steps.append)
    assert shared == alone
    assert sum(steps) == alone.entries


def test_a_verification_goes_on_where_it_was_cut_off(
    sealed: tuple[Ledger, SigningKeys], keys: DeploymentKeys, tmp_path: Path
) -> None:
    """What was read before a break is not read again, what was found then is told, and the whole is one instant's."""
    ledger, signing = sealed
    trust, path = Trust(signing.verifiers), tmp_path / "reprise"
    whole = verify(ledger, trust=trust)
    first = Resumption.open(path, origin=ORIGIN, upto=whole.entries, how="tout")
    first.keep(0, Found(Report(entries=7, streams=3, findings=[Finding(Check.CHAINE, "là", "cela")])))
    for number in range(1, SLICES // 2):
        first.keep(number, Found())
    resumed = Resumption.open(path, origin=ORIGIN, upto=10**9, how="tout")
    assert resumed.upto == whole.entries
    rest = verify(ledger, trust=trust, workers=(keys, 2), resume=resumed)
    assert found(rest, Check.CHAINE, "là")
    assert 7 < rest.entries < whole.entries
    assert rest.sealed == whole.sealed
    assert not path.exists()


def test_killed_and_taken_up_again(sealed: tuple[Ledger, SigningKeys], keys: DeploymentKeys, tmp_path: Path) -> None:
    """Killed again and again, a verification that is taken up each time ends, and has read everything once."""
    ledger, signing = sealed
    whole = verify(ledger, trust=Trust(signing.verifiers))
    path = tmp_path / "reprise"
    kept = 0
    while kept < 20:
        state = Resumption.open(path, origin=ORIGIN, upto=whole.entries, how="tout")
        stop_at = kept + 7

        def interrupted(number: int, report: Found, state: Resumption = state, stop_at: int = stop_at) -> None:
            Resumption.keep(state, number, report)
            if number + 1 == stop_at:
                raise KeyboardInterrupt

        state.keep = interrupted  # type: ignore[method-assign]  # the break comes just after a range is kept
        with pytest.raises(KeyboardInterrupt):
            verify(ledger, trust=Trust(signing.verifiers), workers=(keys, 2), resume=state)
        kept = stop_at
    last = Resumption.open(path, origin=ORIGIN, upto=0, how="tout")
    assert verify(ledger, trust=Trust(signing.verifiers), workers=(keys, 2), resume=last) == whole


def test_the_instant_lasts_as_long_as_the_workers(
    sealed: tuple[Ledger, SigningKeys], keys: DeploymentKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the workers read, nothing is asked in the transaction whose instant they share: it stays open."""
    ledger, signing = sealed
    whole = verify(ledger, trust=Trust(signing.verifiers))
    monkeypatch.setattr("ledger.database.IDLE_MILLISECONDS", 50)
    resume = Resumption.open(tmp_path / "reprise", origin=ORIGIN, upto=10**9, how="tout")
    assert verify(ledger, trust=Trust(signing.verifiers), workers=(keys, 1), resume=resume) == whole


@pytest.mark.parametrize("content", [b"", b"{}", b"rien"])
def test_a_file_that_is_not_of_this_verification(tmp_path: Path, content: bytes) -> None:
    """A file of another ledger, of another kind of verification or of none is not gone on with."""
    path = tmp_path / "reprise"
    path.write_bytes(content)
    with pytest.raises(ResumeError):
        Resumption.open(path, origin=ORIGIN, upto=1, how="tout")
    path.unlink()
    Resumption.open(path, origin=ORIGIN, upto=1, how="tout").keep(0, Found())
    for origin, how in (("un.autre/journal", "tout"), (ORIGIN, "scellé")):
        with pytest.raises(ResumeError):
            Resumption.open(path, origin=origin, upto=1, how=how)


@pytest.mark.parametrize("line", ["[]", "rien", "{}", '{"sha256":1}'])
def test_leaves_of_the_log_that_were_made_unreadable(
    sealed: tuple[Ledger, SigningKeys], break_in: Callable[..., None], line: str
) -> None:
    """A verification goes on past leaves of the log that say nothing any more, and names them."""
    break_in(f"UPDATE ledger.entry SET line = '{line}' WHERE topic = 'constat/1/registre'")
    report = _verified(*sealed)
    assert found(report, Check.EMPREINTE, "entrée 1")
    assert found(report, Check.RECENSEMENT, "")

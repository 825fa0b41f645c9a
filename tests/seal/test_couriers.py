"""From a fact to a cosigned and stamped checkpoint: real witnesses, a real authority, and what verification says of them."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg
import pytest

from ledger.database import Database
from ledger.seal import timestamp
from ledger.seal.census import take_census
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.checks import Verdict
from ledger.seal.couriers import Authority, Cosigning, Publishing, Stamping
from ledger.seal.log import SealedLog
from ledger.seal.note import Note
from ledger.seal.policy import Policy
from ledger.seal.post import PostError
from ledger.seal.publish import published
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.service import Courier, SealService
from ledger.seal.signing import SigningKeys
from ledger.seal.tsp import TimestampError
from ledger.store import Ledger
from replay.checks.report import Check, Report
from replay.verify import Trust, verify
from tests.faits import faits
from tests.seal import tsa
from tests.witness import conftest as witnesses
from witness.evidence import pieces
from witness.state import State

local_tsa = tsa.local_tsa
serve = witnesses.serve
NOTHING: Final = Checkpoint("", 0, b"")
NAMES: Final = ("temoin.test/ddd", "temoin.test/barreau")


class Watched:
    """A log with two witnesses that run."""

    def __init__(self, folder: Path, signing: SigningKeys, serve: witnesses.Serve) -> None:
        self.states = [State(folder / name.replace("/", "-")) for name in NAMES]
        for state, name in zip(self.states, NAMES, strict=True):
            state.create(name)
            for verifier in signing.verifiers:
                state.add_log(verifier)
        self.served = [serve(state.folder) for state in self.states]
        self.signing = signing

    def policy(self, quorum: str = "group tous all a b\nquorum tous") -> Policy:
        """What a verifier outside would use."""
        lines = [f"log {each.vkey}" for each in self.signing.verifiers]
        lines += [
            f"witness {name} {state.signer().verifier.vkey} {served.url}"
            for name, state, served in zip("ab", self.states, self.served, strict=True)
        ]
        return Policy.parse("\n".join([*lines, quorum, ""]))


@pytest.fixture
def watched(
    signing_keys: SigningKeys, tmp_path: Path, serve: witnesses.Serve, monkeypatch: pytest.MonkeyPatch
) -> Watched:
    """Two witnesses of the test's log, waited for as long as a round lasts: a busy machine makes them slow."""
    monkeypatch.setattr("ledger.seal.witnesses.TIMEOUT_SECONDS", 9.0)
    return Watched(tmp_path, signing_keys, serve)


def outcome(report: Report, check: Check) -> Verdict:
    """How a check ended."""
    return next(each.verdict for each in report.outcomes if each.check is check)


def latest(database: Database) -> Note:
    """The last checkpoint with its cosignatures."""
    with database.connect() as conn:
        note = SealedLog(conn).latest()
    assert note is not None
    return note


def test_two_witnesses_cosign(ledger: Ledger, sealer: Sealer, watched: Watched) -> None:
    """Each checkpoint gets both cosignatures, again and again, and the verification by the policy passes."""
    cosign = Cosigning(ledger.database, watched.policy())
    for number in range(3):
        ledger.append(list(faits(20, first=100 * number + 1)))
        note = sealer.seal()
        assert note is not None
        assert cosign(note)
        judgement = watched.policy().judge(latest(ledger.database))
        assert judgement.accepted
        assert set(judgement.cosigned) == {"a", "b"}
    report = verify(ledger, trust=Trust(sealer.keys.verifiers, watched.policy()))
    assert report.intact
    assert outcome(report, Check.TEMOINS) is outcome(report, Check.DATES) is Verdict.PASSED


def test_a_witness_that_is_away_stops_nothing(ledger: Ledger, sealer: Sealer, watched: Watched) -> None:
    """With one witness gone the log goes on, one cosignature is kept, and what is missing is told by the verification."""
    policy = watched.policy()
    cosign = Cosigning(ledger.database, policy)
    watched.served[1].stop()
    ledger.append(list(faits(5)))
    note = sealer.seal()
    assert note is not None
    assert not cosign(note)
    assert set(policy.judge(latest(ledger.database)).cosigned) == {"a"}
    report = verify(ledger, trust=Trust(sealer.keys.verifiers, policy))
    assert [each.check for each in report.findings] == [Check.TEMOINS]
    one = watched.policy("group un any a b\nquorum un")
    assert verify(ledger, trust=Trust(sealer.keys.verifiers, one)).intact


def test_a_log_that_went_back_is_not_cosigned(
    ledger: Ledger, sealer: Sealer, watched: Watched, signing_keys: SigningKeys, tmp_path: Path
) -> None:
    """A checkpoint of a fork, signed with the log's real key, gets no cosignature: the witness has seen another tree."""
    cosign = Cosigning(ledger.database, watched.policy())
    ledger.append(list(faits(8)))
    note = sealer.seal()
    assert note is not None
    cosign(note)
    forked = Checkpoint(signing_keys.origin, 9, b"\7" * 32)
    ledger.append(list(faits(1, first=50)))
    sealer.seal()
    cosign(signing_keys.sign(forked.text))
    with ledger.database.connect() as conn:
        assert conn.execute("SELECT count(*) FROM ledger.cosignature WHERE size = 9").fetchone() == (0,)
    assert [len(pieces(state.evidence)[0]) for state in watched.states] == [1, 1]


def test_stamped_once_a_day(ledger: Ledger, sealer: Sealer, local_tsa: tsa.LocalTsa, tmp_path: Path) -> None:
    """The newest checkpoint is stamped once a day, the log tells of it, and ``openssl ts`` agrees with the token."""
    now = [datetime.now(UTC)]
    trust = timestamp.Trust(roots=[local_tsa.root.certificate])
    stamping = Stamping(sealer, Authority(local_tsa.url, trust), lambda: now[0])
    for days in (0, 0, 2):
        now[0] += timedelta(days=days)
        ledger.append(list(faits(3, first=1000 * days + 10 * len(local_tsa.asked) + 1 + days)))
        note = sealer.seal()
        assert note is not None
        stamping(note)
    assert len(local_tsa.asked) == 2
    sealer.seal()
    with ledger.database.connect() as conn:
        rows = conn.execute("SELECT frozen, token FROM ledger.token").fetchall()
    assert len(rows) == 2
    for frozen, token in rows:
        assert tsa.second_opinion(bytes(token), frozen.encode(), local_tsa.root.certificate, tmp_path)
    report = verify(ledger, trust=Trust(sealer.keys.verifiers, None, trust))
    assert report.intact
    assert outcome(report, Check.JETONS) is outcome(report, Check.DATES) is Verdict.PASSED
    other = timestamp.Trust(roots=[tsa.certify("Une autre racine", ca=True).certificate])
    findings = verify(ledger, trust=Trust(sealer.keys.verifiers, None, other)).findings
    assert {each.check for each in findings} == {Check.JETONS}


@pytest.mark.parametrize("behaviour", [tsa.Behaviour.FAIL, tsa.Behaviour.REDIRECT])
def test_an_authority_that_fails_leaves_nothing(
    ledger: Ledger, sealer: Sealer, local_tsa: tsa.LocalTsa, behaviour: tsa.Behaviour
) -> None:
    """A token that does not come, or does not hold, is not kept, and the log says nothing of it."""
    trust = timestamp.Trust(roots=[local_tsa.root.certificate])
    local_tsa.behaviour = behaviour
    ledger.append(list(faits(3)))
    note = sealer.seal()
    assert note is not None
    with pytest.raises((TimestampError, PostError)):
        Stamping(sealer, Authority(local_tsa.url, trust), sealer.clock)(note)
    assert sealer.seal() is None
    with ledger.database.connect() as conn:
        assert conn.execute("SELECT count(*) FROM ledger.token").fetchone() == (0,)


def test_a_clock_that_was_moved(unchecked_ledger: Ledger, sealer: Sealer, watched: Watched) -> None:
    """Entries that the database dates before or after what witnesses saw are told, though every hash is right."""
    ledger, database = unchecked_ledger, unchecked_ledger.database
    cosign = Cosigning(database, watched.policy())
    trust = Trust(sealer.keys.verifiers, watched.policy())
    ledger.append(list(faits(3)))
    for number, shift in enumerate(("-3 hours", "2 days")):
        with psycopg.connect(database.conninfo, autocommit=True) as conn:
            [(body,)] = conn.execute("SELECT pg_get_functiondef('ledger.append'::regproc)").fetchall()
            conn.execute(body.replace("clock_timestamp()", f"clock_timestamp() + interval '{shift}'").encode())
            ledger.append(list(faits(3, first=100 + 10 * number)))
            conn.execute(body.encode())
        if number == 0:
            # What was seen before, so that the shifted entries come after it.
            note = sealer.seal()
            assert note is not None
            cosign(note)
            ledger.append(list(faits(3, first=200)))
    with psycopg.connect(database.conninfo, autocommit=True) as conn:
        [(body,)] = conn.execute("SELECT pg_get_functiondef('ledger.append'::regproc)").fetchall()
        conn.execute(body.replace("clock_timestamp()", "clock_timestamp() - interval '3 hours'").encode())
        ledger.append(list(faits(3, first=300)))
        conn.execute(body.encode())
    note = sealer.seal()
    assert note is not None
    cosign(note)
    findings = [each for each in verify(ledger, trust=trust).findings if each.check is Check.DATES]
    assert len(findings) == 2
    assert any("après que d'autres" in each.found for each in findings)
    assert any("avant ce que d'autres" in each.found for each in findings)


def test_the_service_does_it_all(
    ledger: Ledger, signing_keys: SigningKeys, watched: Watched, local_tsa: tsa.LocalTsa, tmp_path: Path
) -> None:
    """Left to itself, the service seals within a second, has it cosigned, stamped and published, and counts the streams."""
    database = ledger.database
    sealer = Sealer(database, signing_keys, Memory(tmp_path / "point"))
    trust = timestamp.Trust(roots=[local_tsa.root.certificate])
    policy = watched.policy()
    service = SealService(
        sealer,
        (
            Courier("cosign", Cosigning(database, policy)),
            Courier("stamp", Stamping(sealer, Authority(local_tsa.url, trust), sealer.clock)),
            Courier("publish", Publishing(database, tmp_path / "public")),
        ),
    )
    with running(service):
        for number in range(5):
            ledger.append(list(faits(10, first=100 * number + 1)))
            wait_until(lambda number=number: sealed(database) >= 10 * (number + 1), 5)
        wait_until(lambda: policy.judge(latest(database)).accepted, 20)
        wait_until(lambda: (published(tmp_path / "public") or NOTHING).size >= 50, 20)
        wait_until(lambda: len(local_tsa.asked) == 1, 20)
    sealer.seal()
    sealer.close()
    report = verify(ledger, trust=Trust(signing_keys.verifiers, watched.policy("quorum a"), trust))
    assert report.intact, report.findings
    assert outcome(report, Check.RECENSEMENT) is outcome(report, Check.JETONS) is Verdict.PASSED
    assert outcome(report, Check.GARDES) is Verdict.PASSED


@contextmanager
def running(service: SealService) -> Iterator[None]:
    """The service, at work."""
    stop = threading.Event()
    thread = threading.Thread(target=service.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_what_is_published_and_stamped_bears_the_cosignatures(
    ledger: Ledger, signing_keys: SigningKeys, watched: Watched, local_tsa: tsa.LocalTsa, tmp_path: Path
) -> None:
    """Those who come after the witnesses are handed what the witnesses cosigned; nothing is published without, then with."""
    database, policy, public = ledger.database, watched.policy(), tmp_path / "public"
    sealer = Sealer(database, signing_keys, Memory(tmp_path / "point"))
    trust = timestamp.Trust(roots=[local_tsa.root.certificate])
    after = (
        Courier("stamp", Stamping(sealer, Authority(local_tsa.url, trust), sealer.clock)),
        Courier("publish", Publishing(database, public)),
    )
    with running(SealService(sealer, (Courier("cosign", Cosigning(database, policy), after=after),))):
        for number in range(3):
            ledger.append(list(faits(10, first=100 * number + 1)))
            wait_until(lambda number=number: (published(public) or NOTHING).size >= 10 * (number + 1), 10)
            assert policy.judge(Note.parse((public / "checkpoint").read_bytes())).accepted
        wait_until(lambda: len(_frozen(database)) == 1, 10)
    assert policy.judge(_frozen(database)[0]).accepted


def test_a_checkpoint_that_a_killed_service_left_behind_is_handed_on(
    ledger: Ledger, sealer: Sealer, watched: Watched, tmp_path: Path
) -> None:
    """Killed once it had sealed, the service does the rest when it is back, though there is nothing new."""
    ledger.append(list(faits(5)))
    sealer.watch_guards()
    take_census(sealer)
    sealer.seal()
    size, public = sealed(ledger.database), tmp_path / "public"
    publish = Courier("publish", Publishing(ledger.database, public))
    cosign = Courier("cosign", Cosigning(ledger.database, watched.policy()), after=(publish,))
    with running(SealService(sealer, (cosign,))):
        wait_until(lambda: published(public) is not None, 10)
    assert (published(public) or NOTHING).size == size == sealed(ledger.database)
    assert watched.policy().judge(Note.parse((public / "checkpoint").read_bytes())).accepted


def test_a_folder_that_was_published_further_by_hand(ledger: Ledger, sealer: Sealer, tmp_path: Path) -> None:
    """A checkpoint that comes after a newer one was published changes nothing and is no refusal."""
    ledger.append(list(faits(3)))
    older = sealer.seal()
    ledger.append(list(faits(3, first=100)))
    newer = sealer.seal()
    assert older is not None
    assert newer is not None
    for note in (newer, older):
        Publishing(ledger.database, tmp_path / "public")(note)
        assert (published(tmp_path / "public") or NOTHING).size == Checkpoint.parse(newer.text).size


def _frozen(database: Database) -> list[Note]:
    with database.connect() as conn:
        return [Note.parse(frozen.encode()) for (frozen,) in conn.execute("SELECT frozen FROM ledger.token")]


def sealed(database: Database) -> int:
    """How many leaves the last checkpoint signs."""
    with database.connect() as conn:
        row = conn.execute("SELECT coalesce(max(size), 0) FROM ledger.checkpoint").fetchone()
    return int(row[0]) if row else 0


def wait_until(holds: Callable[[], bool], seconds: float) -> None:
    """Wait for it, for so long at most."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not come in time"
        time.sleep(0.02)


def test_a_token_of_another_tree(unchecked_ledger: Ledger, sealer: Sealer, local_tsa: tsa.LocalTsa) -> None:
    """A sound token over a forged checkpoint of the same size dates nothing, and is found."""
    ledger = unchecked_ledger
    trust = timestamp.Trust(roots=[local_tsa.root.certificate])
    ledger.append(list(faits(3)))
    sealer.seal()
    forged = sealer.keys.sign(Checkpoint(sealer.keys.origin, 3, b"\7" * 32).text)
    Stamping(sealer, Authority(local_tsa.url, trust), sealer.clock).stamp(forged)
    sealer.seal()
    report = verify(ledger, trust=Trust(sealer.keys.verifiers, None, trust))
    assert [(each.check, each.found) for each in report.findings] == [
        (Check.JETONS, "il n'horodate pas ce point de contrôle")
    ]
    assert outcome(report, Check.DATES) is Verdict.IMPOSSIBLE

"""The log's side: cosignatures that come are verified, and whatever else comes is a value."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.seal import witnesses
from ledger.seal.note import COSIGNATURE, Note, Signature, Signer, Verifier
from ledger.seal.policy import Policy
from ledger.seal.post import Answer
from ledger.seal.witnesses import Behind, Gathered, Reason, Reply, WitnessFailure, ask, gather
from tests.witness.conftest import ORIGIN_HASH, folder_of
from tests.witness.journal import Journal, Key
from tests.witness.test_server import listening
from witness.service import Witness

HONEST: Final = Journal()
OTHER: Final = Journal(branch="autre ", fork=5)
IMPOSTOR: Final = Signer("temoin.example/w1", COSIGNATURE, Ed25519PrivateKey.from_private_bytes(b"\4" * 32))
TRUE: Final = Signer("temoin.example/w1", COSIGNATURE, Ed25519PrivateKey.from_private_bytes(b"\6" * 32))


def note(size: int, journal: Journal = HONEST) -> Note:
    """A checkpoint as our log signed it."""
    return Note.parse(journal.note(size).encode())


def policy_of(*witnesses: tuple[Verifier, str | None]) -> Policy:
    """A policy that wants all of these, named ``t0``, ``t1``…"""
    lines = [f"witness t{n} {verifier.vkey} {url or ''}" for n, (verifier, url) in enumerate(witnesses)]
    return Policy.parse("\n".join([f"log {HONEST.keys[0].vkey}", *lines, "quorum none"]))


@contextmanager
def answering(status: int, body: bytes, *headers: tuple[str, str], pause: float = 0) -> Iterator[str]:
    """A server that answers so to everything, ``body`` an octet a ``pause`` when there is one."""

    class Fixed(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            for name, value in headers or (("Content-Length", str(len(body))),):
                self.send_header(name, value)
            self.end_headers()
            try:
                for octet in [body[n : n + 1] for n in range(len(body))] if pause else [body]:
                    self.wfile.write(octet)
                    time.sleep(pause)
            except ConnectionError:
                return

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Fixed) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def reason(reply: Reply) -> Reason:
    """Why there is no cosignature."""
    assert isinstance(reply, WitnessFailure)
    return reply.reason


def test_one_question(witness: Witness) -> None:
    """A cosignature comes back verified; another size comes back as the size; the prefix may end with a slash."""
    verifier = witness.signer.verifier
    with listening(witness, "/t") as (host, port):
        url = f"http://{host}:{port}/t/"
        signature = ask(url, 0, [], note(8), verifier)
        assert isinstance(signature, Signature)
        assert verifier.verify(HONEST.text(8), signature.value)
        assert ask(url, 3, HONEST.proof(3, 9), note(9), verifier) == Behind(8)
        assert isinstance(ask(url, 8, HONEST.proof(8, 9), note(9), verifier), Signature)
        assert ask(url, 0, [], note(8), verifier) == WitnessFailure(verifier.name, Reason.AHEAD, 9)
        assert reason(ask(url, 9, [], note(9, OTHER), verifier)) == Reason.INCONSISTENT
        stranger = Journal((Key("autre.example/b", 1, b"\7" * 32),), origin="autre.example/b")
        assert reason(ask(url, 0, [], note(3, stranger), verifier)) == Reason.REFUSED


def test_every_witness_of_a_policy_is_brought_up_to_date(tmp_path: Path) -> None:
    """Witnesses that hold nothing, an older size and the same size all cosign; each proof comes from our own log."""
    opened = [Witness.open(folder_of(tmp_path / str(n), HONEST)) for n in range(3)]
    opened[1].add_checkpoint(HONEST.request(0, 5))
    opened[2].add_checkpoint(HONEST.request(0, 8))
    asked: list[tuple[int, int, int]] = []

    def consistency(old: int, size: int) -> Sequence[bytes]:
        asked.append((old, size, threading.get_ident()))
        return HONEST.proof(old, size)

    with listening(opened[0]) as a, listening(opened[1]) as b, listening(opened[2]) as c:
        policy = policy_of(
            *((w.signer.verifier, f"http://{h}:{p}") for w, (h, p) in zip(opened, (a, b, c), strict=True))
        )
        first = gather(policy, note(8), consistency)
        assert not first.failures
        assert set(policy.judge(first.note).cosigned) == {"t0", "t1", "t2"}
        assert asked == [(5, 8, threading.get_ident())]
        asked.clear()
        known = gather(policy, note(12), consistency, {"t0": 8, "t1": 8, "t2": 7})
        assert not known.failures
        assert sorted(each[:2] for each in asked) == [(7, 12), (8, 12), (8, 12)]
    assert gather(policy, first.note, consistency) == first
    assert [w.latest(ORIGIN_HASH).checkpoint.size for w in opened] == [12, 12, 12]  # type: ignore[union-attr] # it is there


def test_a_log_that_went_back_is_told_apart_from_silence(tmp_path: Path) -> None:
    """The witness that has seen more says so with its size; the one that is not there is unreachable; a fork is neither."""
    ahead, forked = (Witness.open(folder_of(tmp_path / name, HONEST)) for name in ("a", "b"))
    ahead.add_checkpoint(HONEST.request(0, 12))
    forked.add_checkpoint(OTHER.request(0, 8))
    with listening(ahead) as a, listening(forked) as b:
        policy = policy_of(
            (ahead.signer.verifier, f"http://127.0.0.1:{a[1]}"),
            (forked.signer.verifier, f"http://127.0.0.1:{b[1]}"),
            (TRUE.verifier, "http://127.0.0.1:1"),
            (IMPOSTOR.verifier, None),
        )
        gathered = gather(policy, note(8), HONEST.proof)
    assert gathered.note == note(8)
    assert {each.name: (each.reason, each.size) for each in gathered.failures} == {
        "t0": (Reason.AHEAD, 12),
        "t1": (Reason.INCONSISTENT, None),
        "t2": (Reason.UNREACHABLE, None),
        "t3": (Reason.UNREACHABLE, None),
    }
    assert "il a vu plus que ce que nous avons" in str(gathered.failures[0])


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"", Reason.UNREADABLE),
        (200, b"ok\n", Reason.UNREADABLE),
        (200, b"\xff\n", Reason.UNREADABLE),
        (200, str(IMPOSTOR.cosign(HONEST.text(8), 9)).encode(), Reason.FALSE),
        (200, str(TRUE.cosign(HONEST.text(9), 9)).encode(), Reason.FALSE),
        (200, str(TRUE.cosign(HONEST.text(8), 0)).encode(), Reason.FALSE),
        (200, str(TRUE.sign(HONEST.text(8))).encode(), Reason.FALSE),
        (200, str(TRUE.cosign(HONEST.text(8), 9)).encode()[:-1], Reason.UNREADABLE),
        (200, b"texte\n\n" + str(TRUE.cosign(HONEST.text(8), 9)).encode(), Reason.UNREADABLE),
        (200, b"x" * 70_000, Reason.UNREACHABLE),
        (409, b"9\n", Reason.AHEAD),
        (409, b"", Reason.UNREADABLE),
        (409, b"-1\n", Reason.UNREADABLE),
        (409, b"08\n", Reason.UNREADABLE),
        (409, b"9" * 30, Reason.UNREADABLE),
        (409, b"<html>", Reason.UNREADABLE),
        (422, b"", Reason.INCONSISTENT),
        (400, b"", Reason.REFUSED),
        (403, b"", Reason.REFUSED),
        (404, b"", Reason.REFUSED),
        (500, b"", Reason.REFUSED),
        (503, b"", Reason.REFUSED),
        (204, b"", Reason.REFUSED),
    ],
    ids=lambda value: str(value)[:40],
)
def test_whatever_is_answered_is_a_value(status: int, body: bytes, expected: Reason) -> None:
    """Each answer that is no cosignature of this witness on this checkpoint has its reason."""
    with answering(status, body) as url:
        assert reason(ask(url, 0, [], note(8), TRUE.verifier)) == expected


def test_cosignatures_of_unknown_keys_are_ignored() -> None:
    """Of several lines the one of the policy's key is taken; the others are not added."""
    lines = [IMPOSTOR.cosign(HONEST.text(8), 9), TRUE.cosign(HONEST.text(8), 9), TRUE.cosign(HONEST.text(8), 10)]
    with answering(200, "".join(map(str, lines)).encode()) as url:
        gathered = gather(policy_of((TRUE.verifier, url)), note(8), HONEST.proof)
    assert gathered.note == note(8).signed(lines[1])


def test_no_redirection_is_followed(witness: Witness) -> None:
    """A witness that sends elsewhere, even to itself, is not followed."""
    with listening(witness) as (host, port):
        for status in (301, 302, 307, 308):
            elsewhere = ("Location", f"http://{host}:{port}/add-checkpoint"), ("Content-Length", "0")
            with answering(status, b"", *elsewhere) as url:
                assert reason(ask(url, 0, [], note(8), witness.signer.verifier)) == Reason.REFUSED
    assert witness.latest(ORIGIN_HASH) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "temoin",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://",
        "http://[",
        "http://a:x/",
        "http://a b/",
        "//a",
    ],
)
def test_an_address_that_is_none_is_unreachable(url: str) -> None:
    """An address of another kind than http(s), or that cannot be read, is never followed and raises nothing."""
    assert reason(ask(url, 0, [], note(8), TRUE.verifier)) == Reason.UNREACHABLE


def test_slow_and_silent_witnesses_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that never answers, one that drips and one that never ends cost one time-out together; the fast one counts."""
    monkeypatch.setattr(witnesses, "TIMEOUT_SECONDS", 0.5)
    fast = TRUE.cosign(HONEST.text(8), 9)
    keys = [Signer(f"t.example/{n}", COSIGNATURE, Ed25519PrivateKey.generate()) for n in range(3)]
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        answering(200, b"x" * 400, pause=0.1) as dripping,
        answering(200, b"x" * 9, ("Content-Length", "900")) as endless,
        answering(200, str(fast).encode()) as url,
    ):
        policy = policy_of(
            (keys[0].verifier, f"http://127.0.0.1:{silent.getsockname()[1]}"),
            (keys[1].verifier, dripping),
            (keys[2].verifier, endless),
            (TRUE.verifier, url),
        )
        before = time.monotonic()
        gathered = gather(policy, note(8), HONEST.proof)
        assert time.monotonic() - before < 3
    assert gathered.note == note(8).signed(fast)
    assert [each.reason for each in gathered.failures] == [Reason.UNREACHABLE] * 3


def test_who_cannot_be_hurried_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question that no time-out ends (a name that does not resolve) is left to its thread when the round is over."""
    monkeypatch.setattr(witnesses, "ROUND_SECONDS", 0.2)
    released = threading.Event()

    def stuck(*_: object) -> Reply:
        released.wait(20)
        return Behind(0)

    monkeypatch.setattr(witnesses, "ask", stuck)
    gathered = gather(policy_of((TRUE.verifier, "http://t.example")), note(8), HONEST.proof)
    released.set()
    assert [each.reason for each in gathered.failures] == [Reason.UNREACHABLE]


def test_a_witness_whose_size_moves_is_asked_twice_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two different sizes in a row are told as such, without a third question."""
    sizes = iter([3, 4, 5])
    monkeypatch.setattr(witnesses, "ask", lambda *_: Behind(next(sizes)))
    gathered = gather(policy_of((TRUE.verifier, "http://t.example")), note(8), HONEST.proof)
    assert gathered.failures == (WitnessFailure("t0", Reason.OUTRUN, 4),)
    assert next(sizes) == 5


@pytest.mark.parametrize("error", [LookupError("tile"), ValueError("size")])
def test_a_proof_that_we_cannot_make_is_told(witness: Witness, error: Exception) -> None:
    """A log that cannot show that it extends what the witness saw says so of itself, and asks nothing more."""
    witness.add_checkpoint(HONEST.request(0, 5))

    def unable(old: int, size: int) -> Sequence[bytes]:
        raise error

    with listening(witness) as (host, port):
        gathered = gather(policy_of((witness.signer.verifier, f"http://{host}:{port}")), note(8), unable)
    assert gathered == Gathered(note(8), (WitnessFailure("t0", Reason.UNPROVEN, 5),))


@given(st.sampled_from([200, 409]), st.binary(max_size=300))
def test_garbage_is_a_value(status: int, body: bytes) -> None:
    """Whatever octets come with 200 or 409, there is a reply, and it is no cosignature."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(witnesses, "post", lambda *_, **__: Answer(status, body))
        assert isinstance(ask("http://t.example", 0, [], note(8), TRUE.verifier), (Behind, WitnessFailure))

"""The witness as a program: its routes, what it refuses to read, several at once, killed, stopped, without a disk."""

import http.client
import json
import random
import resource
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from typing import Final

import pytest
import structlog

from ledger import metered
from tests.witness.conftest import ORIGIN_HASH, Serve, Served
from tests.witness.journal import Journal, assert_one_history, cosigned_at
from witness.core import MAX_REQUEST
from witness.server import Server
from witness.service import Witness
from witness.state import State

HONEST: Final = Journal()
OTHER: Final = Journal(branch="autre ", fork=40)
LATEST: Final = f"/{ORIGIN_HASH}/checkpoint"

Cosignatures = list[tuple[Journal, int, int]]


@contextmanager
def listening(witness: Witness, prefix: str = "") -> Iterator[tuple[str, int]]:
    """The server on a thread of this process; stopped when left."""
    stop = threading.Event()
    with Server(("127.0.0.1", 0), witness, prefix) as server:
        thread = threading.Thread(target=server.run, args=(stop,))
        thread.start()
        try:
            yield "127.0.0.1", server.server_address[1]
        finally:
            stop.set()
            thread.join()


def spoken(address: tuple[str, int], *parts: bytes, pause: float = 0) -> bytes:
    """All that is answered to octets sent as they are; unless there is a ``pause`` after each, no more are announced."""
    received = b""
    with closing(socket.create_connection(address, timeout=20)) as connection, suppress(ConnectionError):
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)
        if not pause:
            with suppress(
                OSError
            ):  # whoever was refused at once may be cut off already, and what was said is read all the same
                connection.shutdown(socket.SHUT_WR)
        while more := connection.recv(65536):
            received += more
    return received


def posted(body: bytes, *headers: str, path: str = "/add-checkpoint") -> bytes:
    """A request as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: t", *(headers or (f"Content-Length: {len(body)}",)), "", ""]
    return "\r\n".join(lines).encode() + body


def test_a_checkpoint_is_cosigned_and_served(state: State, serve: Serve) -> None:
    """Over HTTP: cosigned, then served to monitors with the log's signature and the very cosignature answered."""
    vkey = state.signer().verifier.vkey
    served = serve(state.folder)
    assert served.send("GET", LATEST)[0] == 404
    status, media_type, line = served.send("POST", "/add-checkpoint", HONEST.request(0, 8))
    assert (status, media_type) == (200, "text/plain; charset=utf-8")
    assert abs(cosigned_at(line, HONEST.text(8), vkey) - time.time()) < 60
    assert served.send("GET", LATEST) == (200, "text/plain; charset=utf-8", HONEST.note(8) + line)
    assert served.send("POST", "/add-checkpoint", HONEST.request(0, 9)) == (409, "text/x.tlog.size", "8\n")
    assert served.send("GET", "/health")[::2] == (200, "ok\n")
    assert served.stop() == 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/add-checkpoint", 404),
        ("GET", f"/{'0' * 64}/checkpoint", 404),
        ("GET", f"/{ORIGIN_HASH.upper()}/checkpoint", 404),
        ("GET", f"/{ORIGIN_HASH}/checkpoint/", 404),
        ("GET", f"/{ORIGIN_HASH}/../key", 404),
        ("GET", "/key", 404),
        ("GET", "/../key", 404),
        ("GET", f"/{ORIGIN_HASH}/checkpoint?x=1", 404),
        ("POST", "/", 404),
        ("POST", "/health", 404),
        ("POST", LATEST, 404),
        ("PUT", "/add-checkpoint", 501),
        ("DELETE", LATEST, 501),
    ],
)
def test_there_is_nothing_else(witness: Witness, method: str, path: str, status: int) -> None:
    """No other path and no other method is answered, least of all the key."""
    with listening(witness) as address:
        head = f"{method} {path} HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n".encode()
        answer = spoken(address, head)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"PRIVATE" not in answer


def test_a_prefix_is_taken_to_the_letter(witness: Witness) -> None:
    """Under a prefix, the same paths are found below it only; health stays at the root."""
    with listening(witness, "/temoin/v1") as (host, port):
        connection = http.client.HTTPConnection(host, port, timeout=20)
        statuses = []
        for method, path in [
            ("POST", "/temoin/v1/add-checkpoint"),
            ("POST", "/add-checkpoint"),
            ("GET", f"/temoin/v1{LATEST}"),
            ("GET", LATEST),
            ("GET", "/health"),
        ]:
            connection.request(method, path, HONEST.request(0, 8) if method == "POST" else None)
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()
    assert statuses == [200, 404, 200, 404, 200]


def test_a_connection_is_kept(witness: Witness) -> None:
    """The question about the size and the request that follows go over one connection."""
    with listening(witness) as (host, port):
        connection = http.client.HTTPConnection(host, port, timeout=20)
        connection.request("POST", "/add-checkpoint", HONEST.request(0, 8))
        connection.getresponse().read()
        kept = connection.sock
        for old, status in ((3, 409), (8, 200)):
            connection.request("POST", "/add-checkpoint", HONEST.request(old, 9))
            answer = connection.getresponse()
            answer.read()
            assert (answer.status, connection.sock) == (status, kept)
        connection.close()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (posted(b"", "Content-Length: 131073"), 413),
        (posted(b"", "Content-Length: 99999999999999999999"), 400),
        (posted(b"", "Content-Length: -1"), 400),
        (posted(b"", "Content-Length: +1"), 400),
        (posted(b"", "Content-Length: 1_0"), 400),
        (posted(b"", "Content-Length: 0", "Content-Length: 7"), 400),
        (posted(b"", "X: y"), 411),
        (posted(b"0\r\n\r\n", "Transfer-Encoding: chunked"), 411),
        (posted(b"0\r\n\r\n", "Transfer-Encoding: chunked", "Content-Length: 5"), 411),
        (posted(b""), 400),
        (posted(b"\0" * 1000), 400),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/9.9\r\n\r\n", 505),
        (b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET\r\n\r\n", 400),
    ],
    ids=lambda value: str(value)[:50],
)
def test_what_is_not_read_is_refused_and_its_connection_closed(witness: Witness, sent: bytes, status: int) -> None:
    """A body too large or of no known length, and what is no HTTP, are refused without being read to the end."""
    with listening(witness) as address:
        answer = spoken(address, sent)
        assert f" {status} ".encode() in answer or answer.startswith(f"{status} ".encode())
        assert b"Traceback" not in answer
        assert b"200" not in spoken(address, posted(b"x"))


@pytest.mark.parametrize("said", ["Content-Length: 36", "Transfer-Encoding: chunked"])
def test_the_body_of_a_question_is_no_other_question(witness: Witness, said: str) -> None:
    """What a GET carries is not taken for the next request: a proxy would give its answer to somebody else."""
    within = b"GET /nowhere HTTP/1.1\r\nHost: other\r\n\r\n"
    with listening(witness) as address:
        answer = spoken(address, f"GET /health HTTP/1.1\r\nHost: t\r\n{said}\r\n\r\n".encode() + within)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_the_largest_body_is_read(witness: Witness) -> None:
    """A body as large as is allowed is read, and answered for what it says."""
    with listening(witness) as address:
        assert b" 400 " in spoken(
            address, posted(b"x" * MAX_REQUEST, f"Content-Length: {MAX_REQUEST}", "Connection: close")
        )


def test_headers_without_end_are_cut(witness: Witness) -> None:
    """A hundred headers of the largest length allowed each are not read: the connection ends before."""
    with listening(witness) as address:
        answer = spoken(address, b"GET /health HTTP/1.1\r\n", *[b"X: " + b"a" * 60_000 + b"\r\n"] * 90, b"\r\n")
    assert b" 200 " not in answer


@pytest.mark.parametrize(
    "begun", [b"", b"GET /hea", b"GET /health HTTP/1.1\r\nX: ", posted(b"old", "Content-Length: 9")]
)
def test_slow_clients_are_let_go(witness: Witness, monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    """A client that sends nothing, or an octet now and then, is let go when its time is over; others are served."""
    monkeypatch.setattr(metered, "IDLE_SECONDS", 0.3)
    monkeypatch.setattr(metered, "REQUEST_SECONDS", 0.6)
    with listening(witness) as address, ThreadPoolExecutor(1) as beside:
        before = time.monotonic()
        slow = beside.submit(spoken, address, begun, *[b"a"] * (40 if begun else 0), pause=0.1)
        assert b" 200 " in spoken(address, b"GET /health HTTP/1.0\r\n\r\n")
        assert b" 200 " not in slow.result()
        assert time.monotonic() - before < 3.5
    assert witness.latest(ORIGIN_HASH) is None


def test_too_many_connections_are_refused_at_once(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many connections the next is told 503; when one leaves, there is room again."""
    monkeypatch.setattr(metered, "MAX_CONNECTIONS", 3)
    with listening(witness) as address:
        held = [socket.create_connection(address, timeout=20) for _ in range(3)]
        for each in held:
            each.sendall(b"GET /health HTTP/1.1\r\n\r\n")
            assert b" 200 " in each.recv(4096)
        assert b" 503 " in spoken(address)
        for each in held:
            each.close()
        deadline = time.monotonic() + 10
        while b" 200 " not in spoken(address, b"GET /health HTTP/1.0\r\n\r\n"):
            assert time.monotonic() < deadline


def test_a_body_cut_short_is_not_answered(witness: Witness) -> None:
    """A request whose sender leaves before its end changes nothing, though it begins as a good one."""
    whole = HONEST.request(0, 8)
    with listening(witness) as address, closing(socket.create_connection(address, timeout=20)) as connection:
        connection.sendall(posted(whole, f"Content-Length: {len(whole) + 1}"))
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(4096) == b""
    assert witness.latest(ORIGIN_HASH) is None


def test_a_defect_of_ours_shows_no_stack(
    witness: Witness, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What nobody foresaw ends the connection and is logged by its kind; neither has a stack or a text."""

    def broken(_: Witness) -> bool:
        raise RuntimeError("texte confidentiel")  # noqa: EM101, TRY003 - what must not be seen

    monkeypatch.setattr(Witness, "healthy", broken)
    with structlog.testing.capture_logs() as logged, listening(witness) as address:
        assert spoken(address, b"GET /health HTTP/1.1\r\n\r\n") == b""
    assert {"event": "request_failed", "error": "RuntimeError", "log_level": "error"} in logged
    told = capfd.readouterr()
    assert "Traceback" not in told.err + told.out
    assert "confidentiel" not in str(logged) + told.err + told.out


def test_logs_hold_ids_and_sizes_only(state: State, serve: Serve) -> None:
    """Standard error is JSON lines that name no origin and hold nothing of what was sent."""
    served = serve(state.folder)
    for body in (HONEST.request(0, 8), Journal(branch="x", fork=3).request(8, 8), b"\0secret", HONEST.request(9, 9)):
        served.add(body)
    served.stop()
    lines = [json.loads(line) for line in served.log.read_text().splitlines()]
    assert [line["event"] for line in lines] == [
        "checkpoint_answered",
        "misconduct",
        "checkpoint_answered",
        "checkpoint_answered",
    ]
    allowed = {"event", "level", "timestamp", "origin", "size", "status", "kind"}
    assert not set().union(*lines) - allowed
    assert {line["origin"] for line in lines} == {ORIGIN_HASH}


def test_sigterm_lets_what_is_being_answered_be_answered(state: State, serve: Serve) -> None:
    """Stopped while it answers, what it had cosigned arrives; idle connections do not hold it up; exit code 0."""
    served = serve(state.folder)
    idle = http.client.HTTPConnection(served.host, served.port, timeout=20)
    idle.request("GET", "/health")
    idle.getresponse().read()
    with ThreadPoolExecutor(1) as beside:
        with state.locked(ORIGIN_HASH):
            waiting = beside.submit(served.add, HONEST.request(0, 8))
            time.sleep(0.5)
            served.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert served.process.poll() is None
        released = time.monotonic()
        assert waiting.result()[0] == 200
    assert served.process.wait(timeout=20) == 0
    assert time.monotonic() - released < 4
    idle.close()


def test_without_room_on_the_disk_nothing_is_cosigned(state: State, serve: Serve) -> None:
    """While files, its log too, cannot grow, a checkpoint gets 503 and a fork its refusal; afterwards it goes on."""
    served = serve(state.folder)
    assert served.add(HONEST.request(0, 8))[0] == 200
    limits = resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (20, limits[1]))
    status, text = served.add(HONEST.request(8, 9))
    assert status == 503
    assert "— " not in text
    assert served.add(Journal(branch="x", fork=3).request(8, 8))[0] == 422
    assert "\n8\n" in served.send("GET", LATEST)[2]
    resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, limits)
    assert served.add(HONEST.request(8, 9))[0] == 200
    assert not list(state.folder.rglob("*.new"))


def insist(served: Served, journal: Journal, size: int, vkey: str, gathered: Cosignatures) -> None:
    """Do as a log does: ask, learn the size, ask again; note each cosignature that arrives."""
    old = 0
    for _ in range(4):
        status, text = served.add(journal.request(old, size))
        if status == 200:
            gathered.append((journal, size, cosigned_at(text, journal.text(size), vkey)))
        if status != 409:
            return
        old = int(text)
        if old > size:
            return


def held_size(state: State) -> int:
    """The size in the file at this moment."""
    last = state.latest(ORIGIN_HASH, state.signer().verifier)
    return last.checkpoint.size if last else 0


def test_two_processes_and_many_threads_cosign_one_history(state: State, serve: Serve) -> None:
    """Two branches of a log sent to two processes of one folder by eight threads: one history, never a lower size."""
    vkey = state.signer().verifier.vkey
    both = [serve(state.folder), serve(state.folder)]
    gathered: Cosignatures = []
    watched: list[int] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            watched.append(held_size(state))

    def send(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - a draw that can be repeated
        for step in range(25):
            size = max(1, step * 3 + chance.randrange(-9, 10))
            insist(chance.choice(both), chance.choice([HONEST, OTHER]), size, vkey, gathered)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(send, range(8)))
    over.set()
    watcher.join()
    assert_one_history(gathered)
    assert watched == sorted(watched)
    assert len({size for _, size, _ in gathered}) > 15
    assert held_size(state) == max(size for _, size, _ in gathered)
    assert all("Traceback" not in each.log.read_text() for each in both)


def test_killed_again_and_again_it_keeps_its_word(state: State, serve: Serve) -> None:
    """Killed at random moments while two branches are sent, all it ever cosigned is one history that it still holds."""
    vkey = state.signer().verifier.vkey
    chance = random.Random(20_260_301)  # noqa: S311 - as above
    gathered: Cosignatures = []
    interrupted = 0
    for turn in range(12):
        served = serve(state.folder)
        dead = threading.Event()

        def send(served: Served = served, dead: threading.Event = dead, turn: int = turn) -> bool:
            size = turn * 8
            while not dead.is_set():
                size += 1
                for journal in (HONEST, OTHER) if turn % 2 else (OTHER, HONEST):
                    try:
                        insist(served, journal, size, vkey, gathered)
                    except (OSError, http.client.HTTPException):
                        return True
            return False

        with ThreadPoolExecutor(2) as threads:
            sending = [threads.submit(send) for _ in range(2)]
            time.sleep(chance.uniform(0.02, 0.25))
            served.stop(signal.SIGKILL)
            dead.set()
            interrupted += sum(each.result() for each in sending)
        size = held_size(state)
        assert size >= max((size for _, size, _ in gathered), default=0)
        assert_one_history(gathered)
    assert interrupted > 12
    assert len(gathered) > 10
    served = serve(state.folder)
    assert not list(state.folder.rglob("*.new"))
    size = held_size(state)
    last = state.latest(ORIGIN_HASH, state.signer().verifier)
    assert last is not None
    held = HONEST if last.checkpoint.root == HONEST.root(size) else OTHER
    assert_one_history([*gathered, (held, size, last.time)])
    insist(served, held, size + 1, vkey, gathered)
    assert_one_history(gathered)
    assert gathered[-1][1] == size + 1

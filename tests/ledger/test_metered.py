"""What a stranger may cost a server is bounded, in every server of this program by the same figures."""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus

import pytest

from app.http_service import Service
from guichet.server import Server as GuichetServer
from ledger import metered
from ledger.metered import FAILED, HEAD_OCTETS, LOST, TOO_MANY
from witness.server import Server as WitnessServer

BODY = 1000
GET = b"GET /a HTTP/1.1\r\n\r\n"


class Echo(metered.Handler):
    """Answers with the path, or with the length of what was sent to it."""

    max_body = BODY
    server: "Told"

    def do_GET(self) -> None:  # noqa: N802 - the library's name
        """The path."""
        self.server.answering(self.path)
        self.send(HTTPStatus.OK, {"Content-Type": "text/plain"}, self.path.encode())

    def do_POST(self) -> None:  # noqa: N802 - the library's name
        """How many octets came."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send(HTTPStatus.OK, {}, str(len(body)).encode())


class Told(metered.Server):
    """Keeps what it tells. ``answering``: what happens while it answers."""

    def __init__(self, answering: Callable[[str], None] = lambda _: None) -> None:
        self.told: list[tuple[str, dict[str, str]]] = []
        self.answering = answering
        super().__init__(("127.0.0.1", 0), Echo)

    def tell(self, event: str, **said: str) -> None:
        """Remember it."""
        self.told.append((event, said))


@contextmanager
def running(server: Told) -> Iterator[tuple[str, int]]:
    """The server, on a thread; stopped when left."""
    stop = threading.Event()
    thread = threading.Thread(target=server.run, args=(stop,))
    thread.start()
    try:
        yield "127.0.0.1", server.server_address[1]
    finally:
        stop.set()
        thread.join()


def spoken(address: tuple[str, int], *parts: bytes, pause: float = 0) -> bytes:
    """All that is answered to octets sent as they are."""
    received = b""
    with closing(socket.create_connection(address, timeout=20)) as connection, suppress(ConnectionError):
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)
        while more := connection.recv(65536):
            received += more
    return received


def test_every_server_is_one_of_these() -> None:
    """The log's, the figures', the guichet's and the witness's: none has limits of its own."""
    for each in (Service, GuichetServer, WitnessServer):
        assert issubclass(each, metered.Server)
        own = set(vars(each)) & {name for name in vars(metered.Server) if not name.startswith("__")}
        assert own <= {"tell", "run"}, each


def test_a_request_is_bounded_in_octets() -> None:
    """A body of the largest size is read; one octet more than it and its head may be ends the connection, unanswered."""
    server = Told()
    with running(server) as address:
        post = b"POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        assert spoken(address, post % BODY, b"x" * BODY).endswith(b"\r\n\r\n1000")
        assert spoken(address, post % 10**6, b"x" * (BODY + HEAD_OCTETS + 1)) == b""
        assert spoken(address, GET[:-2], *[b"X: " + b"a" * 60_000 + b"\r\n"] * 3, b"\r\n") == b""
    assert server.told == [(LOST, {"error": "ConnectionAbortedError"})] * 2


@pytest.mark.parametrize("begun", [b"", b"G", GET[:-2], b"POST / HTTP/1.1\r\nContent-Length: 900\r\n\r\n"])
def test_a_request_is_bounded_in_seconds(monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    """Whoever says nothing, or goes on saying it slowly, is let go; the others are served meanwhile."""
    monkeypatch.setattr(metered, "IDLE_SECONDS", 0.3)
    monkeypatch.setattr(metered, "REQUEST_SECONDS", 0.6)
    with running(Told()) as address:
        before = time.monotonic()
        assert b"200" not in spoken(address, begun, *[b"a"] * (30 if begun else 0), pause=0.1)
        assert time.monotonic() - before < 4
        assert b"200" in spoken(address, b"GET /a HTTP/1.0\r\n\r\n")


def test_whoever_does_not_take_the_answer_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that asks again and again and reads nothing loses its connection once what is sent no longer leaves."""
    monkeypatch.setattr(metered, "REQUEST_SECONDS", 0.5)
    server = Told()
    with running(server) as address, closing(socket.create_connection(address, timeout=20)) as greedy:
        greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        long = b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\n\r\n"
        with pytest.raises((ConnectionError, TimeoutError)):
            for _ in range(1000):
                greedy.sendall(long)


def test_a_connection_does_not_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection is kept for several requests; after its time, an answer says that it is the last, and it is."""
    monkeypatch.setattr(metered, "LIFETIME_SECONDS", 0.5)
    with running(Told()) as (host, port), closing(http.client.HTTPConnection(host, port, timeout=20)) as connection:
        said = []
        while not said or said[-1] is None:
            connection.request("GET", "/a")
            answer = connection.getresponse()
            assert answer.read() == b"/a"
            said.append(answer.headers["Connection"])
            time.sleep(0.1)
        assert said[-1] == "close"
        assert len(said) > 2
        assert connection.sock is None


def test_connections_are_bounded_in_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """When every place is taken the next one is told to come back; when one leaves, there is room again."""
    monkeypatch.setattr(metered, "MAX_CONNECTIONS", 3)
    server = Told()
    with running(server) as address:
        held = [socket.create_connection(address, timeout=20) for _ in range(3)]
        for each in held:
            each.sendall(GET)
            assert b"200" in each.recv(4096)
        refused = spoken(address)
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: 5\r\n" in refused
        assert server.told == [(TOO_MANY, {})]
        for each in held:
            each.close()
        deadline = time.monotonic() + 10
        while b"200" not in spoken(address, b"GET /a HTTP/1.0\r\n\r\n"):
            assert time.monotonic() < deadline


@pytest.mark.parametrize("header", [b"Content-Length: 19", b"Transfer-Encoding: chunked"])
def test_the_body_of_a_reading_is_not_taken_for_a_request(header: bytes) -> None:
    """What follows the head of a GET that announces a body is not answered, whatever it says."""
    with running(Told()) as address:
        answered = spoken(address, b"GET /b HTTP/1.1\r\n" + header + b"\r\n\r\n" + GET)
    assert answered.count(b"HTTP/1.1 200") == 1
    assert answered.endswith(b"Connection: close\r\n\r\n/b")


def test_a_defect_of_ours_is_told_by_its_kind(capfd: pytest.CaptureFixture[str]) -> None:
    """What nobody foresaw ends the connection; its text and the path that was asked for are told to nobody."""

    def broken(_: str) -> None:
        raise ValueError("texte confidentiel")  # noqa: EM101, TRY003 - what must not be seen

    server = Told(broken)
    with running(server) as address:
        assert spoken(address, GET) == b""
    assert server.told == [(FAILED, {"error": "ValueError"})]
    shown = capfd.readouterr()
    assert shown.out + shown.err == ""


def test_stopped_it_answers_what_it_was_answering() -> None:
    """What was being answered is, and says that it is the last; who says nothing, or is half way, does not hold it up."""
    begun, go_on = threading.Event(), threading.Event()

    def slowly(_: str) -> None:
        begun.set()
        go_on.wait(20)

    with running(Told(slowly)) as address:
        idle, half, asked = (socket.create_connection(address, timeout=20) for _ in range(3))
        half.sendall(GET[:9])
        asked.sendall(GET)
        assert begun.wait(20)
        threading.Timer(0.3, go_on.set).start()
        before = time.monotonic()
    assert time.monotonic() - before < 3
    answer = b"".join(iter(lambda: asked.recv(4096), b""))
    assert answer.endswith(b"Connection: close\r\n\r\n/a")
    for each in (idle, half, asked):
        each.close()

"""The witness's HTTP interface (C2SP tlog-witness v1): ``add-checkpoint``, the latest checkpoint of a log, health.

Everybody may send anything: a request is bounded in octets and in seconds from its first octet to its last, connections
in number. TLS is for a reverse proxy in front.
"""

import io
import re
import socket
import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Final

import structlog

from witness.core import MAX_REQUEST, TEXT_TYPE, Answer
from witness.service import UNAVAILABLE, Witness
from witness.state import WitnessError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

log = structlog.get_logger("constat.witness")

IDLE_SECONDS: Final = 5.0
"""For how long a connection may say nothing between two requests."""

REQUEST_SECONDS: Final = 10.0
MAX_OCTETS: Final = MAX_REQUEST + (1 << 16)
MAX_CONNECTIONS: Final = 64
_MONITORED: Final = re.compile(r"/([0-9a-f]{64})/checkpoint")
_LENGTH: Final = re.compile(r"[0-9]{1,9}")
_BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Metered(io.RawIOBase):
    """What a client sends, as long as it is sent in time and is not too much."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.next_request()

    def next_request(self) -> None:
        """Count from here."""
        self._octets, self._until, self._begun = 0, time.monotonic() + IDLE_SECONDS, False

    def readable(self) -> bool:
        """True: it is there to be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Read what is there.

        :raises TimeoutError: the request takes too long.
        :raises ConnectionAbortedError: it is too large.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        count = self._connection.recv_into(buffer)
        if not self._begun:
            self._begun, self._until = True, time.monotonic() + REQUEST_SECONDS
        self._octets += count
        if self._octets > MAX_OCTETS:
            raise ConnectionAbortedError
        return count


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: "Server"
    protocol_version = "HTTP/1.1"
    server_version = "constat-witness"
    sys_version = ""
    disable_nagle_algorithm = True  # else an answer's body waits 40 ms for its head to be acknowledged

    def setup(self) -> None:
        """Read through the meter."""
        super().setup()
        self._metered = Metered(self.connection)
        self.rfile = io.BufferedReader(self._metered)

    def handle_one_request(self) -> None:
        """Read and answer one request; the last one when the server stops."""
        self._metered.next_request()
        super().handle_one_request()
        self.close_connection = self.close_connection or self.server.stopping

    def do_GET(self) -> None:
        """Health, or the latest checkpoint of a log."""
        # A body is not read: kept open, the connection would take it for the next request.
        self.close_connection |= "Content-Length" in self.headers or "Transfer-Encoding" in self.headers
        monitored = _MONITORED.fullmatch(self.path.removeprefix(self.server.prefix))
        if self.path == "/health":
            healthy = self.server.witness.healthy()
            self._answer(Answer(HTTPStatus.OK, "ok\n") if healthy else UNAVAILABLE)
        elif monitored and self.path.startswith(self.server.prefix):
            self._answer(self._checkpoint(monitored[1]))
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _checkpoint(self, origin: str) -> Answer:
        try:
            found = self.server.witness.checkpoint(origin)
        except (WitnessError, OSError) as error:
            log.error("state_unavailable", origin=origin, error=type(error).__name__)  # noqa: TRY400 - never a stack
            return UNAVAILABLE
        if found is None:
            return Answer(HTTPStatus.NOT_FOUND, "ce témoin n'a rien cosigné pour ce journal\n")
        return Answer(HTTPStatus.OK, found.decode())

    def do_POST(self) -> None:
        """``add-checkpoint``."""
        lengths = self.headers.get_all("Content-Length", [])
        if self.path != f"{self.server.prefix}/add-checkpoint":
            self.send_error(HTTPStatus.NOT_FOUND)
        elif "Transfer-Encoding" in self.headers or not lengths:
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
        elif len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]):
            self.send_error(HTTPStatus.BAD_REQUEST)
        elif int(lengths[0]) > MAX_REQUEST:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            body = self.rfile.read(int(lengths[0]))
            if len(body) < int(lengths[0]):
                self.close_connection = True
                return
            self._answer(self.server.witness.add_checkpoint(body))

    def _answer(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.connection.settimeout(REQUEST_SECONDS)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Say what is wrong with a request that was not read to its end; its connection closes."""
        del message, explain
        self.close_connection = True
        status = HTTPStatus(code)
        self._answer(Answer(status, f"{status.value} {status.phrase}\n", TEXT_TYPE))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing: what a client sent is not ours to keep. What was answered is logged where it is decided."""


class Server(ThreadingMixIn, TCPServer):
    """A thread a connection, so many at most."""

    allow_reuse_address = True
    request_queue_size = 128
    stopping = False

    def __init__(self, address: tuple[str, int], witness: Witness, prefix: str = "") -> None:
        self.witness, self.prefix = witness, prefix
        self._places = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._open: set[socket.socket] = set()
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, Handler)

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override] # narrower: this server has no datagrams
        """Give the connection a thread, or refuse it at once."""
        if self._places.acquire(blocking=False):
            self._open.add(request)
            try:
                super().process_request(request, client_address)
            except RuntimeError:  # the system has no thread to give
                self._leave(request)
                raise
            return
        log.warning("too_many_connections", connections=MAX_CONNECTIONS)
        request.settimeout(0)
        try:
            request.send(_BUSY)
        except OSError:
            log.info("connection_lost")
        self.shutdown_request(request)

    def process_request_thread(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override] # as above
        """Serve the connection to its end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._leave(request)

    def _leave(self, request: socket.socket) -> None:
        self._open.discard(request)
        self._places.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Log the kind of what went wrong, never its text or where in the code."""
        del request, client_address
        kind = sys.exc_info()[0]
        lost = kind is not None and issubclass(kind, (ConnectionError, TimeoutError))
        (log.info if lost else log.error)("connection_lost" if lost else "request_failed", error=kind and kind.__name__)

    def run(self, stop: threading.Event) -> None:
        """Serve until ``stop`` is set; what was being answered is answered, what was being read is not."""
        serving = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1})
        serving.start()
        stop.wait()
        self.stopping = True
        self.shutdown()
        serving.join()
        for each in tuple(self._open):
            _no_more(each)
        self.server_close()


def _no_more(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        return

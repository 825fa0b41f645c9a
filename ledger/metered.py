"""An HTTP server that strangers speak to, of the standard library: what each may cost it is bounded.

A request is bounded in octets, and in seconds from its first octet to its last; a connection in how long it says
nothing and how long it lasts; connections in number. Every server of this program is one of these, with these figures.
Nothing of what a client sent, nor from where, is told of. TLS is for a reverse proxy in front.
"""

import io
import socket
import sys
import threading
import time
from abc import abstractmethod
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

IDLE_SECONDS: Final = 5.0
"""For how long a connection may say nothing before a request begins."""
REQUEST_SECONDS: Final = 15.0
"""From a request's first octet to its last; and, again, for its answer to be taken."""
LIFETIME_SECONDS: Final = 120.0
"""The first answer after so long is a connection's last."""
HEAD_OCTETS: Final = 1 << 16
"""What a request may be beside its body; or what is read of one that is refused."""
MAX_CONNECTIONS: Final = 64
BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

TOO_MANY: Final = "too_many_connections"
LOST: Final = "connection_lost"
FAILED: Final = "request_failed"
LEVELS: Final[Mapping[str, str]] = MappingProxyType({TOO_MANY: "warning", LOST: "info", FAILED: "error"})
"""What a server tells of, and at which level it is logged."""


class Metered(io.RawIOBase):
    """What a client sends, as long as it is sent in time and is not too much. ``most``: octets of a request."""

    def __init__(self, connection: socket.socket, most: int) -> None:
        self._connection, self._most = connection, most
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
        if self._octets > self._most:
            raise ConnectionAbortedError
        return count


class Handler(BaseHTTPRequestHandler):
    """One connection. A subclass says what it answers; ``max_body``: the octets of the largest body that it reads."""

    server: "Server"
    max_body: ClassVar[int] = 0
    protocol_version = "HTTP/1.1"
    server_version = "constat"
    sys_version = ""
    disable_nagle_algorithm = True  # else an answer's body waits 40 ms for its head to be acknowledged

    def setup(self) -> None:
        """Read through the meter."""
        super().setup()
        self._ends = time.monotonic() + LIFETIME_SECONDS
        self._metered = Metered(self.connection, self.max_body + HEAD_OCTETS)
        self.rfile = io.BufferedReader(self._metered)

    def handle_one_request(self) -> None:
        """Read and answer one request."""
        self._metered.next_request()
        super().handle_one_request()

    def parse_request(self) -> bool:
        """Read the head of a request. Only the body of a POST is read: after another one, nothing more is."""
        read = super().parse_request()
        if read and self.command != "POST":
            body = self.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in self.headers
            self.close_connection = self.close_connection or body
        return read

    def send(self, status: HTTPStatus, headers: Mapping[str, str], body: bytes) -> None:
        """Answer; the last answer of a connection says that it is."""
        self.connection.settimeout(REQUEST_SECONDS)
        over = self.server.stopping or time.monotonic() > self._ends
        self.close_connection = self.close_connection or over
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing: what a client sent, and from where, is not ours to keep."""


class Server(ThreadingMixIn, TCPServer):
    """A thread a connection, so many at most."""

    allow_reuse_address = True
    request_queue_size = 128
    stopping = False

    def __init__(self, address: tuple[str, int], handler: type[Handler]) -> None:
        self._places = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._open: set[socket.socket] = set()
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, handler)

    @abstractmethod
    def tell(self, event: str, **said: str) -> None:
        """Log ``event``, one of :data:`LEVELS`. ``error``: the kind of what went wrong, never its text."""

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
        self.tell(TOO_MANY)
        request.settimeout(0)
        try:
            request.send(BUSY)
        except OSError as error:
            self.tell(LOST, error=type(error).__name__)
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
        """Tell the kind of what went wrong, never its text or where in the code."""
        del request, client_address
        kind = sys.exc_info()[0]
        lost = kind is not None and issubclass(kind, (ConnectionError, TimeoutError))
        self.tell(LOST if lost else FAILED, error=kind.__name__ if kind else "")

    def run(self, stop: threading.Event) -> None:
        """Serve until ``stop`` is set; what was being answered is answered, what was being read is not."""
        serving = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1})
        serving.start()
        try:
            stop.wait()
        finally:
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

"""A small web server for what only reads: answers to GET and HEAD, and nothing that a stranger can make grow.

Of the standard library. So many connections at once and not more, each for so long and not longer; what a client sends
beside its path is not used, nor logged.
"""

import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn
from typing import Any, Final

import structlog

CONNECTIONS: Final = 32
SILENCE_SECONDS: Final = 10.0
"""A client that sends nothing, or takes nothing, for so long is let go."""
LIFETIME_SECONDS: Final = 120.0
"""So is one that makes it last."""
LONGEST_PATH: Final = 200
TEXT: Final = "text/plain; charset=utf-8"

log = structlog.get_logger("constat.http")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    body: bytes
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = TEXT
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: the path without its first slash, and whether a compressed answer would be read."""

    path: str
    gzip: bool


Answering = Callable[[Asked], Answer]

NOT_FOUND: Final = Answer(b"introuvable\n", HTTPStatus.NOT_FOUND)
UNAVAILABLE: Final = Answer("la base ne répond pas\n".encode(), HTTPStatus.SERVICE_UNAVAILABLE, TEXT)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "constat"
    sys_version = ""
    timeout = SILENCE_SECONDS
    error_content_type = TEXT
    error_message_format = "%(code)d\n"
    server: "Service"

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        # What is sent with the request is not read: kept open, the connection would take it for the next one.
        self.close_connection |= "Content-Length" in self.headers or "Transfer-Encoding" in self.headers
        path = self.path.removeprefix("/")
        asked = Asked(path, "gzip" in self.headers.get("Accept-Encoding", ""))
        answer = self.server.answering(asked) if len(path) <= LONGEST_PATH else NOT_FOUND
        log.info("served", status=int(answer.status))
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in answer.headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if body:
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing of the client's: the answer's status has been logged."""


class Service(ThreadingMixIn, HTTPServer):
    """Listens as soon as it is made; ``serve_forever`` answers until ``shutdown``."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = CONNECTIONS

    def __init__(self, listen: tuple[str, int], answering: Answering) -> None:
        self.address_family = socket.AF_INET6 if ":" in listen[0] else socket.AF_INET
        self.answering = answering
        self._free = threading.BoundedSemaphore(CONNECTIONS)
        self._open: dict[socket.socket, float] = {}  # guarded by _lock: since when each connection is open
        self._lock = threading.Lock()
        super().__init__(listen, _Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self.server_address[:2]
        return f"http://[{host!s}]:{port}/" if self.address_family == socket.AF_INET6 else f"http://{host!s}:{port}/"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer on a thread of its own, if one is free; else let the client go."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        with self._lock:
            self._open[request] = time.monotonic()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """The thread of one connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open.pop(request, None)
            self._free.release()

    def service_actions(self) -> None:
        """Let go of connections that last too long; called twice a second."""
        oldest = time.monotonic() - LIFETIME_SECONDS
        with self._lock:
            late = [request for request, since in self._open.items() if since < oldest]
        for request in late:
            try:
                request.shutdown(socket.SHUT_RDWR)
            except OSError:
                log.info("connection_already_closed")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left, or a defect of ours: the name of the error, and nothing of the client's."""
        del request, client_address
        log.warning("request_failed", error=type(sys.exception()).__name__)


def serve(service: Service, stop: threading.Event) -> None:
    """Answer until ``stop`` is set or the caller is interrupted."""
    thread = threading.Thread(target=service.serve_forever, daemon=True)
    thread.start()
    try:
        while not stop.wait(1):
            pass
    finally:
        service.shutdown()
        service.server_close()
        thread.join()

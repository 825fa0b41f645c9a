"""The guichet's HTTP interface: a page, its public key, and ``POST /tentative``.

Everybody may send anything: a request is bounded in octets and in seconds, connections in number, deposits by address.
Nothing of what is sent is logged, nor from where: counts only. TLS is for a reverse proxy in front.
"""

import io
import json
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from math import ceil
from socketserver import TCPServer, ThreadingMixIn
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from guichet import forms, page
from guichet.limits import Limits
from guichet.spool import Spool
from ledger.seal.attempt import AttemptReceipt, sign
from ledger.seal.signing import SigningKeys
from ledger.seal.spool import SpoolError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

REQUEST_SECONDS: Final = 15.0
DISCARDED: Final = 1 << 15
MAX_REQUEST: Final = forms.MAX_BODY + DISCARDED
MAX_CONNECTIONS: Final = 64
COUNTS_EVERY_SECONDS: Final = 60.0
TEXT: Final = "text/plain; charset=utf-8"
BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
SAFE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Content-Security-Policy": page.POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "Connection": "close",
    }
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: HTTPStatus
    body: str
    media_type: str = TEXT
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Guichet:
    """Takes deposits. ``clock`` gives the present instant; ``counts``: what was answered, by how it ended."""

    spool: Spool
    keys: SigningKeys
    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    counts: Counter[str] = field(default_factory=Counter)

    def deposit(self, body: bytes, media_type: str, address: str) -> Answer:
        """Keep what is sent, and answer with its receipt; or say why it is not kept."""
        wait = self.limits.wait(address)
        if wait > 0:
            return self._refused("limited", HTTPStatus.TOO_MANY_REQUESTS, _too_often(wait), ceil(wait))
        try:
            value = forms.read(body, media_type)
        except forms.FormError as error:
            return self._refused("unreadable", HTTPStatus.BAD_REQUEST, f"Rien n'a été déposé.\n{error}\n")
        try:
            receipt = sign(self.keys, self.spool.append(value, self.clock()))
        except (SpoolError, OSError) as error:
            self.counts[type(error).__name__] += 1  # told with the counts: a line each would fill the disk of the log
            said = "Rien n'a été déposé : le guichet ne peut rien garder pour l'instant. Recommencez plus tard.\n"
            return self._refused("failed", HTTPStatus.SERVICE_UNAVAILABLE, said, 60)
        self.counts["deposited"] += 1
        return _handed(receipt, as_json=media_type == forms.JSON)

    def _refused(self, count: str, status: HTTPStatus, said: str, wait: int | None = None) -> Answer:
        self.counts[count] += 1
        return Answer(status, said, headers={} if wait is None else {"Retry-After": str(wait)})


def _too_often(wait: float) -> str:
    return (
        f"Trop de dépôts viennent de votre réseau : celui-ci n'a pas été pris. Recommencez dans {ceil(wait)} s.\n"
        "Ce qui a déjà été déposé est gardé : vos reçus restent valables.\n"
    )


def _handed(receipt: AttemptReceipt, *, as_json: bool) -> Answer:
    raw = bytes(receipt).decode()
    if as_json:
        said = {"numero": receipt.line.id, "sel": receipt.line.salt.hex(), "promesse": bytes(receipt.promise).decode()}
        return Answer(HTTPStatus.CREATED, json.dumps({**said, "recu": raw}, ensure_ascii=False), forms.JSON)
    name = f'attachment; filename="{receipt.line.id}.recu"'
    return Answer(HTTPStatus.CREATED, raw, headers={"Content-Disposition": name})


def log(event: str, **said: str | int) -> None:
    """A line of JSON on standard error: what happened and how often, never what was said nor by whom."""
    line = {"event": event, **said, "timestamp": datetime.now(UTC).isoformat()}
    sys.stderr.write(json.dumps(line) + "\n")
    sys.stderr.flush()


class _Metered(io.RawIOBase):
    """What a client sends, as long as it is sent in time and is not too much."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._until, self._left = time.monotonic() + REQUEST_SECONDS, MAX_REQUEST

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
        self._left -= count
        if self._left < 0:
            raise ConnectionAbortedError
        return count


class Handler(BaseHTTPRequestHandler):
    """One connection, one request."""

    server: "Server"
    protocol_version = "HTTP/1.1"
    server_version = "constat-guichet"
    sys_version = ""

    def setup(self) -> None:
        """Read through the meter."""
        super().setup()
        self.rfile = io.BufferedReader(_Metered(self.connection))

    def do_GET(self) -> None:
        """The page, or the public keys."""
        match self.path:
            case "/":
                self._answer(Answer(HTTPStatus.OK, page.PAGE, "text/html; charset=utf-8"))
            case "/cle":
                keys = self.server.guichet.keys.verifiers
                self._answer(Answer(HTTPStatus.OK, "".join(f"{each.vkey}\n" for each in keys)))
            case "/health":
                self._answer(Answer(HTTPStatus.OK, "ok\n"))
            case _:
                self.send_error(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """``/tentative``."""
        length = self.headers.get("Content-Length", "")
        media_type = self.headers.get_content_type()
        if self.path != "/tentative":
            self.send_error(HTTPStatus.NOT_FOUND)
        elif "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
        elif len(length) > 9 or int(length) > forms.MAX_BODY:  # noqa: PLR2004 - more digits than any size here
            self.rfile.read(min(int(length[:9]), DISCARDED))  # so that the answer is read before the connection closes
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        elif media_type not in {forms.FORM, forms.JSON}:
            self.send_error(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        else:
            body = self.rfile.read(int(length))
            if len(body) < int(length):
                self.close_connection = True
                return
            self._answer(self.server.guichet.deposit(body, media_type, self._address()))

    def _address(self) -> str:
        """Where the request comes from: as the proxy in front says when there is one, in the last place of its list."""
        if self.server.behind_proxy:
            forwarded = self.headers.get_all("X-Forwarded-For", [])
            return ",".join(forwarded).rpartition(",")[2].strip()
        return str(self.client_address[0])

    def _answer(self, answer: Answer) -> None:
        body = answer.body.encode(errors="replace")
        self.connection.settimeout(REQUEST_SECONDS)
        self.send_response(answer.status)
        headers = {"Content-Type": answer.media_type, "Content-Length": str(len(body)), **SAFE, **answer.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Say what is wrong with a request that was not taken."""
        del message, explain
        self.server.guichet.counts["refused"] += 1
        status = HTTPStatus(code)
        said = {
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE: f"Rien n'a été déposé : {forms.MAX_BODY} octets au plus.",
            HTTPStatus.NOT_FOUND: "Cette page n'existe pas : le guichet est à l'adresse /.",
        }.get(status, f"{status.value} {status.phrase}")
        self._answer(Answer(status, f"{said}\n"))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing: what a client sent, and from where, is not ours to keep."""


class Server(ThreadingMixIn, TCPServer):
    """A thread a connection, so many at most."""

    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], guichet: Guichet, *, behind_proxy: bool = False) -> None:
        self.guichet, self.behind_proxy = guichet, behind_proxy
        self._places = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._counted, self._counted_at = Counter[str](), time.monotonic()
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, Handler)

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override] # narrower: this server has no datagrams
        """Give the connection a thread, or refuse it at once."""
        if self._places.acquire(blocking=False):
            try:
                super().process_request(request, client_address)
            except RuntimeError:  # the system has no thread to give
                self._places.release()
                raise
            return
        self.guichet.counts["busy"] += 1
        request.settimeout(0)
        try:
            request.send(BUSY)
        except OSError:
            self.guichet.counts["lost"] += 1
        self.shutdown_request(request)

    def process_request_thread(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override] # as above
        """Serve the connection to its end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Count what was lost on the way; log the kind of anything else, never its text or where in the code."""
        del request, client_address
        kind = sys.exc_info()[0]
        if kind is not None and issubclass(kind, (ConnectionError, TimeoutError)):
            self.guichet.counts["lost"] += 1
        else:
            log("request_failed", error=kind.__name__ if kind else "")

    def service_actions(self) -> None:
        """Now and then, say how much was answered."""
        if time.monotonic() - self._counted_at >= COUNTS_EVERY_SECONDS:
            self.tell_counts()

    def tell_counts(self) -> None:
        """Say how much was answered, when that changed."""
        self._counted_at = time.monotonic()
        counts = self.guichet.counts.copy()
        if counts != self._counted:
            log("counts", **dict(sorted(counts.items())))
            self._counted = counts

    def run(self, stop: threading.Event) -> None:
        """Serve until ``stop`` is set; what was being answered is answered."""
        serving = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1})
        serving.start()
        stop.wait()
        self.shutdown()
        serving.join()
        self.server_close()
        self.tell_counts()

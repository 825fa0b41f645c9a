"""A small web server for what only reads: answers to GET and HEAD, and nothing that a stranger can make grow.

What a client may cost is bounded by :mod:`ledger.metered`; what it sends beside its path is not used, nor logged.
"""

import errno
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import structlog

from ledger import metered

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


class _Handler(metered.Handler):
    server: "Service"

    def do_GET(self) -> None:  # noqa: N802 - the library's name
        path = self.path.removeprefix("/")
        asked = Asked(path, "gzip" in self.headers.get("Accept-Encoding", ""))
        answer = self.server.answering(asked) if len(path) <= LONGEST_PATH else NOT_FOUND
        log.info("served", status=int(answer.status))
        headers = {"Content-Type": answer.content_type, "X-Content-Type-Options": "nosniff", **dict(answer.headers)}
        self.send(answer.status, headers, answer.body)

    do_HEAD = do_GET  # noqa: N815 - the library's name

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Say by its number what is wrong with a request; its connection closes."""
        del message, explain
        self.close_connection = True
        self.send(HTTPStatus(code), {"Content-Type": TEXT}, f"{code}\n".encode())


class Service(metered.Server):
    """Listens as soon as it is made; ``run`` answers."""

    def __init__(self, listen: tuple[str, int], answering: Answering) -> None:
        self.answering = answering
        super().__init__(listen, _Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self.server_address[:2]
        return f"http://[{host!s}]:{port}/" if self.address_family == socket.AF_INET6 else f"http://{host!s}:{port}/"

    def tell(self, event: str, **said: str) -> None:
        """Log it."""
        getattr(log, metered.LEVELS[event])(event, **said)


def serve(listen: tuple[str, int], answering: Answering, announce: Callable[[str], None]) -> None:
    """Answer until SIGTERM or Ctrl-C; ``announce`` is told where.

    :raises OSError: it cannot be listened there; names the address.
    """
    try:
        service = Service(listen, answering)
    except OSError as error:
        unknown = isinstance(error, socket.gaierror)
        raise OSError(errno.EADDRNOTAVAIL if unknown else error.errno, "", f"{listen[0]}:{listen[1]}") from error
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    announce(service.url)
    service.run(stop)

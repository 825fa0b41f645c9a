"""Who receives webhooks, in tests: a small web server that keeps what it was sent and answers what it is told."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook


@dataclass
class Recepteur:
    """``recus``: headers and body of each message, in order; ``reponses``: what to answer next (200 beyond)."""

    recus: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    reponses: list[int | Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=list)
    port: int = 0

    @property
    def adresse(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/avis"

    def verifies(self, secret: str) -> list[Any]:
        """What the messages say, each checked by the library of Standard Webhooks."""
        return [Webhook(secret).verify(body, headers) for headers, body in self.recus]

    def noms(self) -> list[str]:
        """The names of the messages."""
        return [headers["webhook-id"] for headers, _ in self.recus]


@contextmanager
def recepteur(tls: ssl.SSLContext | None = None) -> Iterator[Recepteur]:
    """One that listens on this machine, for the time of the block; with ``tls``, in that name."""
    kept = Recepteur()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.recus.append(({name.lower(): value for name, value in self.headers.items()}, body))
            wanted = kept.reponses.pop(0) if kept.reponses else 200
            if callable(wanted):
                wanted(self)
                return
            self.send_response(wanted)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""The guichet's HTTP interface: a page, its public key, and ``POST /tentative``.

Everybody may send anything: what that may cost is bounded by :mod:`ledger.metered`, and deposits by address.
Nothing of what is sent is logged, nor from where: counts only.
"""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from math import ceil
from types import MappingProxyType
from typing import Final

from guichet import forms, page
from guichet.limits import Limits
from guichet.spool import Spool
from ledger import metered
from ledger.seal.attempt import AttemptReceipt, sign
from ledger.seal.signing import SigningKeys
from ledger.seal.spool import SpoolError

DISCARDED: Final = 1 << 15
COUNTS_EVERY_SECONDS: Final = 60.0
TEXT: Final = "text/plain; charset=utf-8"
SAFE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Content-Security-Policy": page.POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
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


class Handler(metered.Handler):
    """One connection, one request."""

    server: "Server"
    server_version = "constat-guichet"
    max_body = forms.MAX_BODY

    def do_GET(self) -> None:  # noqa: N802 - the library's name
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

    def do_POST(self) -> None:  # noqa: N802 - the library's name
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
        self.close_connection = True
        headers = {"Content-Type": answer.media_type, **SAFE, **answer.headers}
        self.send(answer.status, headers, answer.body.encode(errors="replace"))

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


class Server(metered.Server):
    """Serves one guichet."""

    def __init__(self, address: tuple[str, int], guichet: Guichet, *, behind_proxy: bool = False) -> None:
        self.guichet, self.behind_proxy = guichet, behind_proxy
        self._counted, self._counted_at = Counter[str](), time.monotonic()
        super().__init__(address, Handler)

    def tell(self, event: str, **said: str) -> None:
        """Count what was refused or lost on the way; log what went wrong here."""
        if event == metered.FAILED:
            log(event, **said)
        else:
            self.guichet.counts["busy" if event == metered.TOO_MANY else "lost"] += 1

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
        """Serve until ``stop`` is set, then say how much was answered."""
        super().run(stop)
        self.tell_counts()

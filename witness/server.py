"""The witness's HTTP interface (C2SP tlog-witness v1): ``add-checkpoint``, the latest checkpoint of a log, health.

Everybody may send anything: what that may cost is bounded by :mod:`ledger.metered`.
"""

import re
from http import HTTPStatus
from typing import Final

import structlog

from ledger import metered
from witness.core import MAX_REQUEST, TEXT_TYPE, Answer
from witness.service import UNAVAILABLE, Witness
from witness.state import WitnessError

log = structlog.get_logger("constat.witness")

_MONITORED: Final = re.compile(r"/([0-9a-f]{64})/checkpoint")
_LENGTH: Final = re.compile(r"[0-9]{1,9}")


class Handler(metered.Handler):
    """One connection."""

    server: "Server"
    server_version = "constat-witness"
    max_body = MAX_REQUEST

    def do_GET(self) -> None:  # noqa: N802 - the library's name
        """Health, or the latest checkpoint of a log."""
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

    def do_POST(self) -> None:  # noqa: N802 - the library's name
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
        self.send(answer.status, {"Content-Type": answer.media_type}, answer.body.encode())

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Say what is wrong with a request that was not read to its end; its connection closes."""
        del message, explain
        self.close_connection = True
        status = HTTPStatus(code)
        self._answer(Answer(status, f"{status.value} {status.phrase}\n", TEXT_TYPE))


class Server(metered.Server):
    """Serves one witness, under ``prefix``."""

    def __init__(self, address: tuple[str, int], witness: Witness, prefix: str = "") -> None:
        self.witness, self.prefix = witness, prefix
        super().__init__(address, Handler)

    def tell(self, event: str, **said: str) -> None:
        """Log it."""
        getattr(log, metered.LEVELS[event])(event, **said)

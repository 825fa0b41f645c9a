"""What libraries log, as lines of ours: what happened and where in the code, never what was asked or by whom.

Django logs the path of a request, axes the name of an account, psycopg the values of a row: none of it is passed on.
The number of the request, which its answer carries too, leads from a line here to the one who saw it fail.
"""

import logging
import traceback
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

import structlog

SURS: Final = frozenset({"_granian"})
"""Loggers whose messages hold process numbers and addresses to listen on, nothing of a request."""
TRAME: Final = 40
"""Frames told of a failure, from its end."""


class Relais(logging.Handler):
    """Says it by structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say one record, unless the line of its answer already does."""
        if record.name == "django.request" and getattr(record, "status_code", 500) < HTTPStatus.INTERNAL_SERVER_ERROR:
            return
        told: dict[str, object] = dict(_dit(record))
        structlog.get_logger("constat.web").log(max(record.levelno, logging.WARNING), "library_said", **told)


def _dit(record: logging.LogRecord) -> Iterator[tuple[str, object]]:
    yield "logger", record.name
    if record.name in SURS:
        yield "message", record.getMessage()
    elif record.args and isinstance(record.msg, str):
        yield "template", record.msg  # a constant: what varies is in the arguments, and stays there
    if record.exc_info and record.exc_info[0] is not None:
        yield "failure", record.exc_info[0].__name__
        frames = traceback.extract_tb(record.exc_info[2])[-TRAME:]
        yield "where", [f"{each.filename}:{each.lineno} {each.name}" for each in frames]


CONFIGURATION: Final = {
    "handlers": {"console": {"class": "web.journal.Relais"}},
    "loggers": {"_granian": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
"""As granian takes it."""


def configurer() -> None:
    """Everything that the libraries of this process say goes this way, warnings and worse."""
    root = logging.getLogger()
    root.handlers, root.level = [Relais()], logging.WARNING

"""Logs for operators: JSON lines on standard error, ids and counts only. Evidence is in the ledger, never here."""

import logging
import sys
from contextlib import suppress

import structlog


class _Teller:
    """Writes to standard error what it takes: a full disk, or a reader that has left, ends nobody's work."""

    def msg(self, message: str) -> None:
        with suppress(OSError):
            # In one piece, so that threads do not write into one another's lines.
            sys.stderr.write(f"{message}\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = msg


def configure(*, verbose: bool = False) -> None:
    """Configure structlog once, at the edge. Without ``verbose``, only warnings and worse are shown."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO if verbose else logging.WARNING),
        logger_factory=lambda *_: _Teller(),
        cache_logger_on_first_use=False,
    )

"""Logs for operators: JSON lines on standard error, ids and counts only. Evidence is in the ledger, never here."""

import logging
import sys

import structlog


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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )

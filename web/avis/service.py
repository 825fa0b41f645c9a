"""The process that tells: one thread sorts what arrived, others send, until it is asked to stop."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final

import structlog
from django.db import close_old_connections

from ledger.store import Ledger
from web.avis.distribution import distribuer
from web.avis.tri import trier
from web.base import CONNEXIONS
from web.pages.erreurs import AU_LOIN

REPOS: Final = 1.0
"""Seconds between two looks for something to do, and after a server that was away."""

log = structlog.get_logger("constat.avis")


def une_fois(ledger: Ledger, now: datetime) -> int:
    """Sort all that is committed, and send all that is due now; how many messages were dealt with."""
    ledger.sequence()
    while trier(ledger):
        pass
    sent = 0
    while distribuer(now):
        sent += 1
    return sent


def tourner(ledger: Ledger, stop: threading.Event) -> None:
    """Sort and send until ``stop`` is set or the caller is interrupted; survives a server that is away for a while."""
    with ThreadPoolExecutor(CONNEXIONS - 1, thread_name_prefix="avis") as pool:
        senders = [pool.submit(_sans_fin, _distribuer, stop) for _ in range(CONNEXIONS - 1)]
        _sans_fin(lambda: bool(_trier(ledger)), stop)
    for each in senders:
        each.result()  # whatever ended one of them ends this process, and is said


def _distribuer() -> bool:
    return distribuer(datetime.now(UTC))


def _trier(ledger: Ledger) -> int:
    ledger.sequence()
    return trier(ledger)


def _sans_fin(faire: Callable[[], bool], stop: threading.Event) -> None:
    """Do it again and again; rest when there was nothing to do. However one ends, all do."""
    try:
        while not stop.is_set():
            try:
                busy = faire()
            except AU_LOIN as error:
                log.warning("server_away", failure=type(error).__name__)
                busy = False
            finally:
                close_old_connections()
            if not busy:
                stop.wait(REPOS)
    finally:
        stop.set()

"""Followers that a process keeps open, to read across persons many times."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import psycopg
import structlog

from ledger.errors import ConstatError
from ledger.follower import Follower
from ledger.store import Ledger
from projections.attaches import AttachesDeTous
from projections.interruptions import Interruptions
from projections.vue import PersonView

VUE: Final = Interruptions()
ATTACHES: Final = AttachesDeTous()
ARRIERE: Final = 5_000
"""How many entries a reader waits for; beyond, they are read beside, and the reader is told to come back."""
PATIENCE: Final = 10.0
"""Seconds that one reader waits for another who brings the same tables up to date."""

log = structlog.get_logger("constat.suivi")


class ArriereError(ConstatError):
    """Les tables qui servent à cette page se remplissent : revenez dans quelques minutes."""


class _Delai(threading.Event):
    """Set when ``PATIENCE`` is over: a lost server is not waited for longer than that by who reads a page."""

    def __init__(self) -> None:
        super().__init__()
        self._until = time.monotonic() + PATIENCE

    def is_set(self) -> bool:
        return time.monotonic() > self._until or super().is_set()


class Suivi:
    """Followers that stay open, for a process that reads across persons many times; any thread may ask.

    What is read holds for all that was committed when it was asked for, as on the command line. Where much is missing
    (tables of another version, a long absence), a thread reads it, and nobody is kept waiting.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._followers = {view.name: (Follower(ledger, view), threading.Lock()) for view in (VUE, ATTACHES)}
        self._stop = threading.Event()
        self._threads: dict[str, threading.Thread] = {}

    def close(self) -> None:
        """Stop, and give the connections back."""
        self._stop.set()
        for thread in self._threads.values():
            thread.join()
        for follower, _ in self._followers.values():
            follower.close()

    @contextmanager
    def lire(self, *views: PersonView) -> Iterator[psycopg.Connection[Any]]:
        """A connection, once the tables of ``views`` hold all that is committed.

        :raises ArriereError: too much is missing for who asks to wait.
        """
        for view in views:
            self._avancer(view)
        with self._ledger.connection() as conn:
            yield conn

    def _avancer(self, view: PersonView) -> None:
        follower, lock = self._followers[view.name]
        beside = self._threads.get(view.name)
        if beside is not None and beside.is_alive():
            raise ArriereError
        if not lock.acquire(timeout=PATIENCE):
            raise ArriereError
        with ExitStack() as stack:
            stack.callback(lock.release)
            if self._manque(follower) <= ARRIERE:
                late = _Delai()
                follower.catch_up(late)
                if late.is_set():
                    raise ArriereError
                return
            thread = threading.Thread(target=self._rattraper, args=(follower, stack.pop_all()), daemon=True)
            self._threads[view.name] = thread
            thread.start()
        raise ArriereError

    def _manque(self, follower: Follower) -> int:
        with self._ledger.connection() as conn:
            row = conn.execute("SELECT coalesce(max(position), 0) FROM ledger.leaf").fetchone()
        return int(row[0] if row else 0) - follower.position()

    def _rattraper(self, follower: Follower, held: ExitStack) -> None:
        """Read what is missing; the lock is held until it is done, so that no reader waits for it one by one."""
        with held:
            log.info("catching_up", projection=follower.projection.name)
            while not self._stop.is_set() and follower.step() == follower.batch:
                pass  # batch by batch, so that the process may stop between two
            if not self._stop.is_set():
                follower.catch_up(self._stop)

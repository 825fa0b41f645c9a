"""Followers that a process keeps open, to read across persons many times."""

import threading
import time
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import psycopg
import structlog
from psycopg.sql import SQL, Identifier

from ledger.errors import ConstatError
from ledger.follower import Follower, Projection, live_schema
from ledger.reading import Reader
from ledger.store import Ledger
from projections.attaches import AttachesDeTous
from projections.interruptions import Interruptions
from projections.recherches import Recherches

VUE: Final = Interruptions()
ATTACHES: Final = AttachesDeTous()
RECHERCHES: Final = Recherches()
ARRIERE: Final = 5_000
"""How many entries a reader waits for; beyond, they are read beside, and the reader is told to come back."""
PATIENCE: Final = 10.0
"""Seconds that one reader waits for another who brings the same tables up to date."""

_SUIVIES: Final[tuple[Projection, ...]] = (VUE, ATTACHES, RECHERCHES)
RETENUS: Final = 64
"""How many computed answers a process keeps."""

Calcul = TypeVar("Calcul")

log = structlog.get_logger("constat.suivi")


class ArriereError(ConstatError):
    """Les tables qui servent à cette page se remplissent : revenez dans quelques minutes."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class _Delai(threading.Event):
    """Set when ``PATIENCE`` is over: a lost server is not waited for longer than that by who reads a page."""

    def __init__(self) -> None:
        super().__init__()
        self._until = time.monotonic() + PATIENCE

    def is_set(self) -> bool:
        return time.monotonic() > self._until or super().is_set()


class Suivi:
    """Followers that stay open, for a process that reads across persons many times; any thread may ask.

    ``lister``: by what the tables are read, where the ledger's own connections would see more than lists need.

    What is read holds for all that was committed when it was asked for, as on the command line. Where much is missing
    (tables of another version, a long absence), a thread reads it, and nobody is kept waiting.
    """

    def __init__(self, ledger: Ledger, lister: Reader | None = None) -> None:
        self._ledger = ledger
        self._lister = lister
        self._followers = {view.name: (Follower(ledger, view), threading.Lock()) for view in _SUIVIES}
        self._stop = threading.Event()
        self._threads: dict[str, threading.Thread] = {}
        self._retenus: dict[Hashable, Any] = {}

    def close(self) -> None:
        """Stop, and give the connections back."""
        self._stop.set()
        for thread in self._threads.values():
            thread.join()
        for follower, _ in self._followers.values():
            follower.close()

    @contextmanager
    def lire(self, *views: Projection) -> Iterator[psycopg.Connection[Any]]:
        """A connection, once the tables of ``views`` hold all that is committed.

        :raises ArriereError: too much is missing for who asks to wait.
        """
        for view in views:
            self._avancer(view)
        with (self._lister or self._ledger).connection() as conn:
            yield conn

    def noms(self, conn: psycopg.Connection[Any], sujets: Collection[bytes]) -> dict[bytes, str]:
        """By subject, the reference that each of these persons is known by; one whose key was destroyed is absent.

        Of those who are listed and nobody else, ``conn`` shows the keys.
        """
        if self._lister is not None:
            self._lister.open(conn, sujets)
        return {each: key.reference for each, key in self._ledger.coffre.of_subjects(conn, sujets).items()}

    def retenir(
        self, conn: psycopg.Connection[Any], view: Projection, demande: Hashable, faire: Callable[[], Calcul]
    ) -> Calcul:
        """What ``faire`` reads from the tables of ``view``, read once as long as nothing was added to them."""
        query = SQL("SELECT max(notification_id) FROM {}").format(Identifier(live_schema(view), "tracking"))
        row = conn.execute(query).fetchone()
        return self.garder((view.name, row[0] if row else 0, demande), faire)

    def garder(self, cle: Hashable, faire: Callable[[], Calcul]) -> Calcul:
        """What ``faire`` computes from what ``cle`` names whole, computed once."""
        found: Calcul | None = self._retenus.get(cle)
        if found is None:
            found = faire()
            self._retenus[cle] = found
            while len(self._retenus) > RETENUS:
                self._retenus.pop(next(iter(self._retenus)), None)
        return found

    def _avancer(self, view: Projection) -> None:
        follower, lock = self._followers[view.name]
        if self._remplit(view.name) or not lock.acquire(timeout=PATIENCE):
            raise ArriereError
        try:
            far = self._manque(follower) > ARRIERE
            if not far:
                late = _Delai()
                follower.catch_up(late)
        finally:
            lock.release()
        if far:
            self._remplir()
        if far or late.is_set():
            raise ArriereError

    def _remplit(self, name: str) -> bool:
        """Whether a thread reads what is missing of these tables."""
        thread = self._threads.get(name)
        return thread is not None and thread.is_alive()

    def _remplir(self) -> None:
        """Have threads read what is missing, of every table at once: who came for one page will open the others."""
        for name, (follower, lock) in self._followers.items():
            if not self._remplit(name):
                self._threads[name] = threading.Thread(target=self._rattraper, args=(follower, lock), daemon=True)
                self._threads[name].start()

    def _manque(self, follower: Follower) -> int:
        with self._ledger.connection() as conn:
            row = conn.execute("SELECT coalesce(max(position), 0) FROM ledger.leaf").fetchone()
        return int(row[0] if row else 0) - follower.position()

    def _rattraper(self, follower: Follower, lock: threading.Lock) -> None:
        """Read what is missing, with the lock held: no reader waits for it."""
        with lock:
            log.info("catching_up", projection=follower.projection.name)
            while not self._stop.is_set() and follower.step() == follower.batch:
                pass  # batch by batch, so that the process may stop between two
            if not self._stop.is_set():
                follower.catch_up(self._stop)

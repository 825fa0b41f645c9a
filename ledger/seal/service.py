"""What seals a running ledger: checkpoints each second, guards watched, a recensement each day, witnesses asked.

One loop seals; what may wait for somebody else (a witness, an authority of timestamps, a disk) runs on threads of its
own and never holds it up. Each part that fails is tried again; nothing that fails here stops a filing.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import psycopg
import structlog

from ledger.days import paris_day
from ledger.errors import ConstatError, KeyFileError
from ledger.seal.census import take_census
from ledger.seal.note import Note
from ledger.seal.sealer import Sealer, SetBackError
from ledger.seal.signing import SigningKeys
from ledger.store import LOST

PACE_SECONDS: Final = 0.5
REFUSED_SECONDS: Final = 30.0
AGAIN_SECONDS: Final = 60.0

log = structlog.get_logger("constat.seal")

Task = Callable[[Note], bool | None]
"""What is done with a checkpoint once it is published: have it cosigned, stamped, written out. ``False``: not all."""


@dataclass(slots=True)
class Courier:
    """Does one task with the newest checkpoint, on a thread of its own, no more often than each ``pause`` seconds.

    Done or not, the checkpoint is then handed to those that come ``after``. One that comes while it is at work replaces
    the one that waits: an older one proves nothing more. What could not be done is tried again, each ``AGAIN_SECONDS``.
    """

    name: str
    task: Task
    pause: float = 0.0
    after: tuple["Courier", ...] = ()
    _newest: Note | None = None
    _undone: tuple[float, Note] | None = None  # when to try again; touched by its own thread only
    _ready: threading.Condition = field(default_factory=threading.Condition)

    def hand(self, note: Note) -> None:
        """Give it a newer checkpoint."""
        with self._ready:
            self._newest = note
            self._ready.notify()

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        while not stop.is_set():
            note = self._next(stop)
            if note is None:
                continue
            self._undone = None if self._do(note) else (time.monotonic() + AGAIN_SECONDS, note)
            for each in self.after:
                each.hand(note)
            stop.wait(self.pause)

    def _next(self, stop: threading.Event) -> Note | None:
        with self._ready:
            self._ready.wait_for(lambda: self._newest is not None or stop.is_set(), timeout=1)
            note, self._newest = self._newest, None
        if note is None and self._undone is not None and time.monotonic() >= self._undone[0]:
            note = self._undone[1]
        return note

    def _do(self, note: Note) -> bool:
        try:
            return self.task(note) is not False
        except (ConstatError, OSError, psycopg.Error) as error:
            log.warning("seal_task_failed", task=self.name, error=type(error).__name__)
            return False

    def everyone(self) -> Iterator["Courier"]:
        """Itself and those that come after it."""
        yield self
        for each in self.after:
            yield from each.everyone()


@dataclass(slots=True)
class SealService:
    """Seals until it is stopped. ``couriers`` are handed every new checkpoint, and one that nobody was handed before.

    ``keys`` reads the signing keys at every round: one that was added or retired meanwhile needs no restart.
    """

    sealer: Sealer
    couriers: tuple[Courier, ...] = ()
    keys: Callable[[], SigningKeys] | None = None
    _handed: bool = False
    _counted_on: date | None = None

    def run(self, stop: threading.Event) -> None:
        """Seal each ``PACE_SECONDS``, until ``stop`` is set; survives a lost server."""
        everyone = [one for each in self.couriers for one in each.everyone()]
        threads = [threading.Thread(target=each.run, args=(stop,), daemon=True) for each in everyone]
        for thread in threads:
            thread.start()
        try:
            while not stop.is_set():
                stop.wait(self._round())
        finally:
            stop.set()
            for thread in threads:
                thread.join()
            self.sealer.close()

    def _round(self) -> float:
        """One round; how long to wait before the next."""
        try:
            if self.keys is not None:
                self.sealer.keys = self.keys()
            self.sealer.watch_guards()
            self.sealer.tell_erasures()
            self.sealer.tell_restorations()
            handed, self._handed = self._handed, False
            note = self.sealer.seal()
            if note is None and not handed:
                # Whoever sealed it was killed, or failed, once it was committed and before anybody was handed it.
                note = self.sealer.latest()
            if note is not None:
                for courier in self.couriers:
                    courier.hand(note)
            self._handed = True
            self._count_the_day()
        except (SetBackError, KeyFileError) as error:
            log.critical("sealing_refused", reason=str(error))
            return REFUSED_SECONDS
        except OSError as error:
            reason = f"la clé, ou la mémoire du dernier point de contrôle, ne se lit ou ne s'écrit pas ({error.errno})"
            log.critical("sealing_refused", reason=reason)
            return REFUSED_SECONDS
        except LOST as error:
            log.warning("connection_lost", error=type(error).__name__)
            self.sealer.close()
            self.sealer.database.revive()
        return PACE_SECONDS

    def _count_the_day(self) -> None:
        """Take a recensement on each civil day in Paris, once."""
        today = paris_day(self.sealer.clock())
        if self._counted_on is None:
            self._counted_on = self.sealer.last_counted()
        if self._counted_on is None or self._counted_on < today:
            streams = take_census(self.sealer)
            self._counted_on = today
            log.info("census_taken", streams=streams)

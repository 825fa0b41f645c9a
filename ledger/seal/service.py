"""What seals a running ledger: checkpoints each second, guards watched, a recensement each day, witnesses asked.

One loop seals; what may wait for somebody else (a witness, an authority of timestamps, a disk) runs on threads of its
own and never holds it up. Each part that fails is tried again; nothing that fails here stops a filing.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import psycopg
import structlog

from ledger.days import paris_day
from ledger.errors import ConstatError
from ledger.seal.census import take_census
from ledger.seal.note import Note
from ledger.seal.sealer import Sealer, SetBackError
from ledger.store import LOST

PACE_SECONDS: Final = 0.5
REFUSED_SECONDS: Final = 30.0

log = structlog.get_logger("constat.seal")

Task = Callable[[Note], None]
"""What is done with a checkpoint once it is published: have it cosigned, stamped, written out."""


@dataclass(slots=True)
class Courier:
    """Does one task with the newest checkpoint, on a thread of its own, no more often than each ``pause`` seconds.

    A checkpoint that comes while it is at work replaces the one that waits: an older one proves nothing more.
    """

    name: str
    task: Task
    pause: float = 0.0
    _newest: Note | None = None
    _ready: threading.Condition = field(default_factory=threading.Condition)

    def hand(self, note: Note) -> None:
        """Give it a newer checkpoint."""
        with self._ready:
            self._newest = note
            self._ready.notify()

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        while not stop.is_set():
            with self._ready:
                self._ready.wait_for(lambda: self._newest is not None or stop.is_set(), timeout=1)
                note, self._newest = self._newest, None
            if note is None:
                continue
            try:
                self.task(note)
            except (ConstatError, OSError, psycopg.Error) as error:
                log.warning("seal_task_failed", task=self.name, error=type(error).__name__)
            stop.wait(self.pause)


@dataclass(slots=True)
class SealService:
    """Seals until it is stopped. ``couriers`` are handed every new checkpoint."""

    sealer: Sealer
    couriers: tuple[Courier, ...] = ()
    _counted_on: date | None = None

    def run(self, stop: threading.Event) -> None:
        """Seal each ``PACE_SECONDS``, until ``stop`` is set; survives a lost server."""
        threads = [threading.Thread(target=each.run, args=(stop,), daemon=True) for each in self.couriers]
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
            self.sealer.watch_guards()
            self.sealer.tell_erasures()
            note = self.sealer.seal()
            if note is not None:
                for courier in self.couriers:
                    courier.hand(note)
            self._count_the_day()
        except SetBackError as error:
            log.critical("sealing_refused", reason=str(error))
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

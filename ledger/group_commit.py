"""Group commit inside one process: threads that append at the same moment share one statement and one flush to disk.

Whoever comes while nobody writes, writes. Meanwhile the others queue up; the first of them then writes for all. If the
common statement is refused, each append is tried alone, so that one writer's lost race or repeated fact is never
another's error.
"""

from collections.abc import Callable
from threading import Event, Lock

import psycopg

from ledger.recorder import Appended, Columns, Places

Append = Callable[[Columns, Places], list[Appended]]


class _Request:
    """One caller's entries and, once ``done``, its answer. Woken undone, the caller writes for all that wait."""

    __slots__ = ("columns", "done", "error", "places", "woken", "written")

    def __init__(self, columns: Columns, places: Places) -> None:
        self.columns = columns
        self.places = places
        self.done = False
        self.woken = Event()
        self.written: list[Appended] = []
        self.error: psycopg.Error | None = None


class GroupCommit:
    """Appends through ``append``, for any number of threads."""

    def __init__(self, append: Append) -> None:
        self._append = append
        self._queue = Lock()
        self._waiting: list[_Request] = []  # guarded by _queue
        self._led = False  # guarded by _queue: somebody writes, or has been woken to

    def append(self, columns: Columns, places: Places) -> list[Appended]:
        """Write the entries of ``columns`` at ``places``, in one commit, perhaps with those of other threads.

        :raises psycopg.Error: what the database said of these entries alone.
        """
        request = _Request(columns, places)
        with self._queue:
            self._waiting.append(request)
            leads, self._led = not self._led, True
        if not leads:
            request.woken.wait()
        if not request.done:
            self._lead()
        if request.error is not None:
            raise request.error
        return request.written

    def _lead(self) -> None:
        """Write for everybody who waits, oneself included, then hand over."""
        with self._queue:
            batch, self._waiting = self._waiting, []
        try:
            self._write(batch)
        finally:
            for request in batch:
                if not request.done:
                    # The writer died of something else than the database: whoever waited asks again.
                    request.error, request.done = psycopg.InterfaceError("group commit interrupted"), True
                request.woken.set()
            with self._queue:
                following = self._waiting[0] if self._waiting else None
                self._led = following is not None
            if following is not None:
                following.woken.set()

    def _write(self, batch: list[_Request]) -> None:
        if len(batch) > 1 and self._write_together(batch):
            return
        for request in batch:
            try:
                request.written = self._append(request.columns, request.places)
            except psycopg.Error as error:
                request.error = error
            request.done = True

    def _write_together(self, batch: list[_Request]) -> bool:
        """Write all in one statement; ``False`` when it was refused and nothing is written."""
        columns = [
            [value for part in parts for value in part]
            for parts in zip(*(request.columns for request in batch), strict=True)
        ]
        try:
            written = self._append(columns, [place for request in batch for place in request.places])
        except (psycopg.IntegrityError, psycopg.errors.DeadlockDetected):
            return False
        except psycopg.Error as error:
            for request in batch:
                request.error, request.done = error, True
            return True
        start = 0
        for request in batch:
            end = start + len(request.places)
            request.written, request.done = written[start:end], True
            start = end
        return True

"""The bodies of requests: of the threads that answer, one never waits for what a client sends.

Nothing bounds the time that a body takes to arrive, and whoever reads it waits: a few clients that send one byte a
second would hold every thread. A proxy that receives bodies whole before it hands them on takes this away; not all do.
"""

from collections.abc import Callable, Iterable
from threading import BoundedSemaphore
from typing import Any, Final, Protocol

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
ENTREE: Final = "wsgi.input"


class Entree(Protocol):
    """What a server gives to read a body by (PEP 3333)."""

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes, or what is left."""

    def readline(self, size: int = -1, /) -> bytes:
        """A line, or so many bytes of it."""


class Corps:
    """A body that is read while there is a place for one more reader, and refused otherwise."""

    def __init__(self, entree: Entree, places: BoundedSemaphore) -> None:
        self._entree, self._places = entree, places
        self.refuse = False

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or what is left.

        :raises OSError: too many bodies are waited for.
        """
        return self._lire(self._entree.read, size)

    def readline(self, size: int = -1) -> bytes:
        """A line, or so many bytes of it.

        :raises OSError: as :meth:`read`.
        """
        return self._lire(self._entree.readline, size)

    def _lire(self, lire: Callable[[int], bytes], size: int) -> bytes:
        if self.refuse or not self._places.acquire(blocking=False):
            self.refuse = True
            msg = "too many bodies are being received"
            raise OSError(msg)  # which Django takes for a client that went away
        try:
            return lire(size)
        finally:
            self._places.release()


def borner(application: Application, lecteurs: int) -> Application:
    """The same application, in which at most ``lecteurs`` threads of this process wait for a body at a time."""
    places = BoundedSemaphore(lecteurs)

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ[ENTREE] = Corps(environ[ENTREE], places)
        return application(environ, start_response)

    return answer

"""Whose rows may be read of the ledger now: nobody's, until access has been decided. The server holds to it.

Said by :func:`web.gardes.consulter` alone, once who may look is decided and the trace written, and until the end of the
request; and for the time of reading her by what reads a life for that decision.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_OUVERTS: Final = ContextVar[tuple[bytes, ...]]("ouverts", default=())


def ouverts() -> tuple[bytes, ...]:
    """The subjects that are open."""
    return _OUVERTS.get()


def ouvrir(sujet: bytes) -> None:
    """Open this person, until the end of the block of :func:`seulement` that this is in."""
    _OUVERTS.set((sujet,))


@contextmanager
def seulement(*sujets: bytes) -> Iterator[None]:
    """Open these persons and nobody else for the time of the block; what was open before is open again after it."""
    before = _OUVERTS.set(sujets)
    try:
        yield
    finally:
        _OUVERTS.reset(before)

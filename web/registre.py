"""The ledger that this process serves: opened once, at start, and read by every page."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.open import Opened
from app.settings import Settings
from app.suivi import Suivi
from web.lecture import Lecteur


@dataclass(frozen=True, slots=True)
class Registre:
    """The open ledger and the settings it was opened with."""

    settings: Settings
    opened: Opened
    lecteur: Lecteur
    suivi: Suivi
    """What is read across persons."""


_SERVI: list[Registre] = []


def registre() -> Registre:
    """The ledger that is served.

    :raises RuntimeError: none is: pages are asked for outside of a server.
    """
    if not _SERVI:
        msg = "no ledger is served in this process"
        raise RuntimeError(msg)
    return _SERVI[-1]


@contextmanager
def servir(settings: Settings, opened: Opened) -> Iterator[Registre]:
    """Serve this ledger for the time of the block."""
    served = Registre(settings, opened, Lecteur(opened.ledger), Suivi(opened.ledger))
    _SERVI.append(served)
    try:
        yield served
    finally:
        _SERVI.remove(served)
        served.suivi.close()

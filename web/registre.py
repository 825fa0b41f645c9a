"""The ledger that this process serves: opened once, at start, and read by every page."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from app.open import Opened
from app.settings import Settings
from app.suivi import Suivi
from ledger.database import LISTER, READER
from ledger.reading import PATIENCE, Reader
from web.lecture import Lecteur
from web.ouverts import ouverts


@dataclass(frozen=True, slots=True)
class Registre:
    """The open ledger and the settings it was opened with."""

    settings: Settings
    opened: Opened
    """What pages read and write by: of persons, they read who is open (:mod:`web.ouverts`)."""
    exploitant: Opened
    """The same, which reads everybody: for what is about the ledger and not about persons."""
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
    reader = Reader(opened.ledger.database, READER, ouverts)
    lister = Reader(opened.ledger.database, LISTER)
    opened.ledger.writer.datastore.pool.timeout = PATIENCE  # a page waits no longer to write than to read
    pages = replace(opened, ledger=opened.ledger.read_by(reader, patience=PATIENCE))
    served = Registre(settings, pages, opened, Lecteur(pages.ledger), Suivi(opened.ledger, lister))
    _SERVI.append(served)
    try:
        yield served
    finally:
        _SERVI.remove(served)
        served.suivi.close()
        lister.close()
        reader.close()

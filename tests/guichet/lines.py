"""Lines of a spool as tests deposit them, and who claims them."""

from typing import Final

from ledger.entry import Acteur
from ledger.events.types import NatureActeur
from ledger.seal.attempt import Line

SPOOL: Final = "ab" * 16
NADIA: Final = Acteur(nature=NatureActeur.USAGER, id="P-1")
AGENT: Final = Acteur(nature=NatureActeur.AGENT, id="agent-7", au_nom_de="P-1")


def line(n: int, at: str = "2026-11-27T08:30:00.000120Z", **value: str) -> Line:
    """The line ``n`` of a spool; chained to nothing that exists."""
    return Line(SPOOL, n, at, bytes([n % 256]) * 32, {"message": f"Erreur {n}", **value}, None if n == 1 else "0" * 64)

"""Every attack, by name."""

from typing import Final

from tests.evidence.attaques import contre_archive, contre_jetons, contre_journal, contre_points, contre_sac
from tests.evidence.attaques.attaque import Attaque

ATTAQUES: Final[dict[str, Attaque]] = {
    f"{part}/{nom}": attaque
    for part, recueil in (
        ("archive", contre_archive.RECUEIL),
        ("sac", contre_sac.RECUEIL),
        ("journal", contre_journal.RECUEIL),
        ("points", contre_points.RECUEIL),
        ("jetons", contre_jetons.RECUEIL),
    )
    for nom, attaque in recueil.toutes.items()
}

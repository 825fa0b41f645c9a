"""Every attack, by name."""

from typing import Final

from tests.evidence.attaques import (
    contre_archive,
    contre_contenus,
    contre_dossier,
    contre_jetons,
    contre_jetons_ecrits,
    contre_journal,
    contre_le_reste,
    contre_points,
    contre_politiques,
    contre_recensement,
    contre_sac,
)
from tests.evidence.attaques.attaque import Attaque, Recueil

PARTS: Final[dict[str, Recueil]] = {
    "archive": contre_archive.RECUEIL,
    "sac": contre_sac.RECUEIL,
    "journal": contre_journal.RECUEIL,
    "points": contre_points.RECUEIL,
    "politiques": contre_politiques.RECUEIL,
    "jetons": contre_jetons.RECUEIL,
    "jetons-ecrits": contre_jetons_ecrits.RECUEIL,
    "recensement": contre_recensement.RECUEIL,
    "contenus": contre_contenus.RECUEIL,
    "dossier": contre_dossier.RECUEIL,
    "reste": contre_le_reste.RECUEIL,
}
ATTAQUES: Final[dict[str, Attaque]] = {
    f"{part}/{nom}": attaque for part, recueil in PARTS.items() for nom, attaque in recueil.toutes.items()
}

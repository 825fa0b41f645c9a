"""The documents that leave, each from what it says to its PDF."""

from datetime import date
from typing import Any, Final

from evidence.composition import composer
from evidence.inventaire import Fichier, Inventaire
from evidence.signes import montrable
from projections.francais import compte

AFFAIRE: Final = 300
"""Signs that may stand under the title."""


def inventaire_pdf(inventaire: Inventaire, jour: date, *, affaire: str | None = None) -> bytes:
    """The detailed inventory as it is filed, dated ``jour``. ``affaire``: what stands under the title.

    :raises CompositionError: it could not be laid out.
    """
    donnees = {
        "affaire": montrable(affaire) if affaire is not None else None,
        "compte": compte(len(inventaire.lignes), "pièce"),
        "fichiers": [_fichier(fichier) for fichier in inventaire.fichiers],
    }
    return composer("inventaire", donnees, jour)


def _fichier(fichier: Fichier) -> dict[str, Any]:
    serie = fichier.lignes[0].piece.serie
    return {
        "nom": fichier.nom,
        "serie": montrable(serie) if serie is not None else None,
        "lignes": [
            {
                "numero": each.numero,
                "libelle": montrable(each.piece.libelle),
                "sha256": each.piece.sha256,
                "depose": each.piece.depose,
            }
            for each in fichier.lignes
        ],
    }

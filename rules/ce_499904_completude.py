"""Un dossier se présume complet tant qu'aucune demande de pièces conforme n'est au registre.

Source      CE, avis, 6 mai 2025, n° 499904, d'après des commentaires. [S] Présomption tirée de l'absence de demande
            conforme. [I]
Résumé      La délivrance d'un récépissé ou d'une attestation de prolongation présume un dossier complet. Elle n'empêche
            ni n'efface le refus implicite (voir ``ceseda_r432_1_silence``).
Convention  [I] Une demande de pièces conforme (CRPA L.114-5, R.112-11-4) met la complétude en question ; un récépissé
            ou une attestation délivrés ce jour-là ou après la confirment.
Non codé    La preuve contraire : elle s'apprécie. Les termes de l'avis n'ont pas été lus.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

SOURCE: Final = Source(
    code="CE",
    article="avis, 6 mai 2025, n° 499904 (dossier complet)",
    libelle="Un récépissé ou une attestation présume un dossier complet",
    verification=Verification.S,
    en_vigueur_depuis=date(2025, 5, 6),
    url_ou_copie="lexcase-immigration.com ; juricaf.org ; Me Oloumi",
    publiee_le=date(2025, 5, 6),
)
SANS_DEMANDE: Final = Source(
    code="Convention de calcul",
    article="dossier présumé complet",
    libelle="Sans demande de pièces conforme au registre, le dossier est présumé complet",
    verification=Verification.I,
)
SOURCES: Final = (SOURCE, SANS_DEMANDE)


def presume_complet(demande_conforme_le: date | None, delivre_le: date | None) -> bool:
    """Whether the file is presumed complete: no conforming request, or a document given on its day or later."""
    return demande_conforme_le is None or (delivre_le is not None and delivre_le >= demande_conforme_le)

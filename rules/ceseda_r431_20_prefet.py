"""Le préfet compétent est celui de la résidence.

Source      CESEDA, art. R.431-20, en vigueur depuis le 1er mai 2021. [S] Connu par un résumé en anglais.
Résumé      Le titre est délivré par le préfet du département où réside l'étranger ; à Paris, par le préfet de police.
Convention  [I] La résidence est le département que dit la demande.
Non codé    Le changement de résidence pendant l'instruction : voir ``crpa_l114_3_transmission``.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

SOURCE: Final = Source(
    code="CESEDA",
    article="R.431-20",
    libelle="Préfet de la résidence",
    verification=Verification.S,
    en_vigueur_depuis=date(2021, 5, 1),
)

PARIS: Final = "75"


def autorite(departement: str) -> str:
    """Who decides on the application of a person who lives in ``departement``."""
    return "préfet de police" if departement == PARIS else "préfet"


def competent(saisi: str | None, residence: str | None) -> bool | None:
    """Whether the département that was seized is that of residence; ``None`` when either is not known."""
    return None if saisi is None or residence is None else saisi == residence

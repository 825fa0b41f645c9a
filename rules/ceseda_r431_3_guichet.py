"""Le titre qui n'est pas sur la liste se demande à la préfecture.

Source      CESEDA, art. R.431-3, en vigueur depuis le 1er mai 2021. [F]
Résumé      Hors de la liste du téléservice, la demande se dépose à la préfecture ou à la sous-préfecture (à Paris, à la
            préfecture de police). Le préfet peut prescrire l'envoi postal pour des catégories de titres.
Non codé    Les catégories que chaque préfet fait envoyer par la poste : elles n'ont pas été recherchées.
"""

from datetime import date
from typing import Final

from ledger.events.types import Canal
from rules.base import Source, Verification

SOURCE: Final = Source(
    code="CESEDA",
    article="R.431-3",
    libelle="Dépôt à la préfecture des titres hors de la liste",
    verification=Verification.F,
    en_vigueur_depuis=date(2021, 5, 1),
    url_ou_copie="legal.tricoteuses.fr, JORFARTI000043286078 ; justice.pappers.fr",
)


def voies(*, en_ligne: bool | None, courrier_prescrit: bool = False) -> frozenset[Canal] | None:
    """The channels by which an application is filed; ``None`` when it is not known whether its title is on the list."""
    if en_ligne is None:
        return None
    if en_ligne:
        return frozenset({Canal.TELESERVICE})
    return frozenset({Canal.COURRIER} if courrier_prescrit else {Canal.GUICHET})

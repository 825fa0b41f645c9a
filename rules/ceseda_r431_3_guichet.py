"""Le titre qui n'est pas sur la liste se demande à la préfecture.

Source      CESEDA, art. R.431-3, en vigueur depuis le 1er mai 2021. [F]
Résumé      Hors de la liste du téléservice, la demande se dépose à la préfecture ou à la sous-préfecture (à Paris, à la
            préfecture de police). Le préfet peut prescrire l'envoi postal pour des catégories de titres.
Convention  [I] Qui demande un rendez-vous à temps, là où le guichet est la seule voie, est reçu avant la fin de
            validité du document qu'il détient.
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
RECUE_A_TEMPS: Final = Source(
    code="Convention de calcul",
    article="rendez-vous de dépôt donné avant l'expiration (R.431-3)",
    libelle="Qui demande à temps un rendez-vous de dépôt est reçu avant la fin de validité du document détenu",
    verification=Verification.I,
)
SOURCES: Final = (SOURCE, RECUE_A_TEMPS)


def voies(*, en_ligne: bool | None, courrier_prescrit: bool = False) -> frozenset[Canal] | None:
    """The channels by which an application is filed; ``None`` when it is not known whether its title is on the list."""
    if en_ligne is None:
        return None
    if en_ligne:
        return frozenset({Canal.TELESERVICE})
    return frozenset({Canal.COURRIER} if courrier_prescrit else {Canal.GUICHET})

"""Le récépissé vaut un mois au moins, et se renouvelle.

Source      CESEDA, art. R.431-13 : numéro donné de mémoire. [M] Ancien art. R.311-5 : un mois au moins. [S]
Résumé      Le récépissé ne peut valoir moins d'un mois ; il peut être renouvelé. Trois mois sont l'usage.
Convention  [I] Un mois finit la veille du même quantième.
Non codé    Le nombre de renouvellements : voir ``circulaire_2013_06_25_point_de_depart``. Le texte en vigueur n'a pas
            été lu.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification, decaler, quantieme

SOURCE: Final = Source(
    code="CESEDA",
    article="R.431-13",
    libelle="Durée et renouvellement du récépissé",
    verification=Verification.M,
    en_vigueur_depuis=date(2021, 5, 1),
)
ANCIEN: Final = Source(
    code="CESEDA",
    article="R.311-5 (ancien)",
    libelle="Récépissé d'un mois au moins",
    verification=Verification.S,
    url_ou_copie="lematindz.net",
)
SOURCES: Final = (SOURCE, ANCIEN)

MOIS_AU_MOINS: Final = 1


def fin_au_plus_tot(valide_du: date) -> date:
    """The earliest last day that a receipt valid from ``valide_du`` may say."""
    return decaler(quantieme(valide_du, MOIS_AU_MOINS), -1)

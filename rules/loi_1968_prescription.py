"""Une créance sur l'administration se prescrit par quatre ans, comptés du 1er janvier qui suit.

Source      Loi du 31 décembre 1968, prescription quadriennale. [M]
Résumé      Quatre ans à partir du 1er janvier de l'année qui suit le fait : les preuves d'une interruption de 2025 se
            gardent au moins jusqu'au 31 décembre 2029.
Non codé    Ce qui interrompt ou suspend la prescription : texte non lu.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

SOURCE: Final = Source(
    code="Loi du 31 décembre 1968",
    article="prescription quadriennale",
    libelle="Quatre ans pour réclamer une somme à l'administration",
    verification=Verification.M,
)

ANNEES: Final = 4


def dernier_jour(fait_le: date) -> date:
    """The last day on which a sum may be claimed for what happened on ``fait_le``; evidence is kept until then."""
    return date(fait_le.year + ANNEES, 12, 31)

"""Une requête dit qui demande quoi, pour quels faits et par quels moyens.

Source      CJA, art. R.411-1, lu dans des copies du 5 octobre 2012 et du 16 avril 2024, qui ne disent pas depuis quand
            il vaut. [F]
Texte       « La requête indique les nom et domicile des parties. Elle contient l'exposé des faits et moyens, ainsi que
            l'énoncé des conclusions soumises au juge. » (art. R.411-1)
Non codé    Le contenu d'une requête n'est pas dans le registre : l'article guide l'export, il ne se vérifie pas ici.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "legifrance/Les-codes-en-vigueur, justice_administrative.txt (5 octobre 2012)"

SOURCE: Final = Source(
    code="CJA",
    article="R.411-1",
    libelle="Contenu de la requête",
    verification=Verification.F,
    en_vigueur_depuis=date(2012, 10, 5),
    url_ou_copie=f"{_COPY} ; legifrance.gouv.fr (16 avril 2024)",
)

"""L'autorité répond au Défenseur des droits, et lui dit dans le délai qu'il fixe quelles suites elle donne.

Source      Loi organique n° 2011-333, art. 25, version LEGIARTI000023782424, publiée le 30 mars 2011, en vigueur depuis
            le 31. [F] Art. 18, version LEGIARTI000023782412. [F]
Texte       « Les autorités ou personnes intéressées informent le Défenseur des droits, dans le délai qu'il fixe, des
            suites données à ses recommandations. » (art. 25)
Résumé      Art. 18 : il peut demander des explications à toute personne mise en cause ; les agents autorisés à cet
            effet sont tenus de répondre. Art. 25 : sans réponse dans ce délai, ou si la recommandation n'a pas été
            suivie, il peut enjoindre, puis publier un rapport spécial.
Convention  [I] Le délai est celui que la demande ou la recommandation écrit : il se lit, il ne se calcule pas.
Non codé    Les articles 19 à 22 (pièces, vérifications) : aucun délai n'y a été relevé, et certains n'ont été vus que
            dans des débats.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

SOURCE: Final = Source(
    code="Loi organique n° 2011-333",
    article="art. 25",
    libelle="Suites données aux recommandations du Défenseur des droits",
    verification=Verification.F,
    en_vigueur_depuis=date(2011, 3, 31),
    version="LEGIARTI000023782424",
    url_ou_copie="doctrine.fr, LEGIARTI000023782424",
    publiee_le=date(2011, 3, 30),
)
EXPLICATIONS: Final = Source(
    code="Loi organique n° 2011-333",
    article="art. 18",
    libelle="Explications demandées par le Défenseur des droits",
    verification=Verification.F,
    en_vigueur_depuis=date(2011, 3, 31),
    version="LEGIARTI000023782412",
    url_ou_copie="legifrance.gouv.fr, LEGIARTI000023782412 ; tricoteuses",
    publiee_le=date(2011, 3, 30),
)
SOURCES: Final = (SOURCE, EXPLICATIONS)


def en_retard(fixee_au: date, informe_le: date | None, au: date) -> bool:
    """Whether, on ``au``, the Défenseur des droits was told too late, or is still waiting after the day he set."""
    return (informe_le or au) > fixee_au

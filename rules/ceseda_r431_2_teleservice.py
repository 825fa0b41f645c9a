"""Le téléservice est la voie de dépôt ; qui ne peut l'utiliser est accompagné, puis accueilli autrement.

Source      CESEDA, art. R.431-2, version en vigueur depuis le 24 mars 2023. [F] Arrêté du 1er août 2023. [S]
            CRPA, art. L.112-9 : le téléservice est la seule voie électronique. [F]
Résumé      Al. 1 : les titres de la liste se demandent par le téléservice. Al. 2 : accueil et accompagnement. Al. 3 :
            solution de substitution pour qui a fait les diligences et dont l'impossibilité, tenant à la conception ou
            au fonctionnement du téléservice, est constatée.
Non codé    Les modes de preuve de l'arrêté du 1er août 2023 : texte non lu.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

SOURCE: Final = Source(
    code="CESEDA",
    article="R.431-2 al. 3",
    libelle="Solution de substitution",
    verification=Verification.F,
    en_vigueur_depuis=date(2023, 3, 24),
    url_ou_copie="lexbase.fr",
)
TELESERVICE: Final = Source(
    code="CESEDA",
    article="R.431-2 al. 1",
    libelle="Titres demandés par le téléservice",
    verification=Verification.F,
    en_vigueur_depuis=date(2021, 5, 1),
    url_ou_copie="lexbase.fr",
)
ARRETE: Final = Source(
    code="Arrêté du 1er août 2023",
    article="parcours de substitution",
    libelle="Centre de contact, point d'accueil, puis invitation de la préfecture",
    verification=Verification.S,
    en_vigueur_depuis=date(2023, 8, 5),
    url_ou_copie="infomie.net, article 6704",
)
SOURCES: Final = (SOURCE, TELESERVICE, ARRETE)

"""Sans décision encore née, le juge peut ordonner toute mesure utile ; un refus, même implicite, ferme cette voie.

Source      CJA, art. L.521-3, version LEGIARTI000006449328, en vigueur depuis le 1er janvier 2001. [F]
            Sa fermeture par un refus implicite : résumé de tiers. [S]
Texte       « En cas d'urgence et sur simple requête qui sera recevable même en l'absence de décision administrative
            préalable, le juge des référés peut ordonner toutes autres mesures utiles sans faire obstacle à l'exécution
            d'aucune décision administrative. » (art. L.521-3)
Convention  [I] La voie est ouverte jusqu'à la veille du jour où le refus naît.
Non codé    L'urgence et l'utilité : elles s'apprécient. L'espacement des tentatives est dans
            ``ce_435594_tentatives``.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification, decaler

SOURCE: Final = Source(
    code="CJA",
    article="L.521-3",
    libelle="Mesures utiles, même sans décision préalable",
    verification=Verification.F,
    en_vigueur_depuis=date(2001, 1, 1),
    version="LEGIARTI000006449328",
    url_ou_copie="doctrine.fr",
    publiee_le=date(2000, 7, 1),
)
FERMETURE: Final = Source(
    code="CJA",
    article="L.521-3",
    libelle="Mesures utiles, sans faire obstacle à une décision : fermé par un refus implicite",
    verification=Verification.S,
    url_ou_copie="alexia.fr, fiche 12647",
)
SOURCES: Final = (SOURCE, FERMETURE)


def dernier_jour(refus_le: date) -> date:
    """The last day on which the way is open, for a refusal born on ``refus_le``."""
    return decaler(refus_le, -1)


def ouvert(day: date, refus_le: date | None) -> bool:
    """Whether no decision stands in the way on ``day``."""
    return refus_le is None or day <= dernier_jour(refus_le)

"""Une décision créatrice de droits ne se retire que si elle est illégale, et dans les quatre mois.

Source      CRPA, art. L.242-1, en vigueur depuis le 1er janvier 2016. [F]
Résumé      L'administration ne retire de son initiative une décision créatrice de droits que si elle est illégale,
            et dans les quatre mois qui la suivent.
Convention  [I] Les quatre mois se comptent de la décision, de quantième à quantième.
Non codé    L'illégalité, la fraude : elles s'apprécient. La procédure qui précède le retrait est dans
            ``crpa_l121_1_contradictoire``.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification, quantieme

SOURCE: Final = Source(
    code="CRPA",
    article="L.242-1",
    libelle="Retrait d'une décision créatrice de droits dans les quatre mois",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367657",
    url_ou_copie="SocialGouv/legi-data, LEGITEXT000031366350",
    publiee_le=date(2015, 10, 25),
)

MOIS: Final = 4


def hors_delai(prise_le: date, retiree_le: date) -> bool:
    """Whether a withdrawal on ``retiree_le`` comes more than four months after the decision."""
    return retiree_le > quantieme(prise_le, MOIS)

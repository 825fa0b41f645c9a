"""Une décision créatrice de droits ne se retire que si elle est illégale, et dans les quatre mois.

Source      CRPA, art. L.242-1, en vigueur depuis le 1er janvier 2016. [F] Art. L.121-1 et L.122-1 : procédure
            contradictoire préalable, sauf quand il est statué sur une demande. [F]
Résumé      L'administration ne retire de son initiative une décision créatrice de droits que si elle est illégale,
            et dans les quatre mois qui la suivent.
Convention  [I] Les quatre mois se comptent de la décision, de quantième à quantième.
Non codé    L'illégalité, la fraude : elles s'apprécient.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification, quantieme

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.242-1",
    libelle="Retrait d'une décision créatrice de droits dans les quatre mois",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367657",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
CONTRADICTOIRE: Final = Source(
    code="CRPA",
    article="L.121-1",
    libelle="Procédure contradictoire préalable",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367424",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
SOURCES: Final = (SOURCE, CONTRADICTOIRE)

MOIS: Final = 4


def hors_delai(prise_le: date, retiree_le: date) -> bool:
    """Whether a withdrawal on ``retiree_le`` comes more than four months after the decision."""
    return retiree_le > quantieme(prise_le, MOIS)

"""Une décision défavorable que la personne n'a pas demandée suppose qu'elle ait pu présenter ses observations.

Source      CRPA, art. L.121-1 et L.122-1, en vigueur depuis le 1er janvier 2016. [F]
Résumé      Les décisions individuelles à motiver sont précédées d'une procédure contradictoire : la personne est mise
            à même de présenter des observations écrites et, à sa demande, orales. Exception : quand il est statué sur
            une demande.
Non codé    L'urgence et les autres exceptions : textes non relevés.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.121-1",
    libelle="Procédure contradictoire préalable",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367424",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
OBSERVATIONS: Final = Source(
    code="CRPA",
    article="L.122-1",
    libelle="Observations écrites et orales avant la décision",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367431",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
SOURCES: Final = (SOURCE, OBSERVATIONS)


def exigee(*, sur_demande: bool) -> bool:
    """Whether the person must be heard first: not when the decision answers an application."""
    return not sur_demande

"""Un vice de forme réparable se signale, avec un délai et les textes ; sinon le délai de recours ne court pas.

Source      CRPA, art. L.114-6, en vigueur depuis le 1er janvier 2016. [F]
Résumé      L'administration invite à régulariser la demande affectée d'un vice de forme ou de procédure : elle indique
            le délai, les formalités à respecter et les dispositions qui les prévoient. Les délais de recours ne sont
            pas opposables quand sa réponse ne porte pas ces indications.
Convention  [I] Une indication dont la source ne dit rien n'est pas tenue pour absente.
Non codé    Ce qui est un vice réparable : cela s'apprécie.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.114-6",
    libelle="Invitation à régulariser un vice de forme",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367404",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)


def opposable(*, delai: bool | None, formalites: bool | None, textes: bool | None) -> bool | None:
    """Whether the appeal period runs after an answer that bears these indications; ``None`` when one is not known."""
    indications = (delai, formalites, textes)
    if False in indications:
        return False
    return None if None in indications else True

"""Sans accusé de réception complet, le délai de recours ne court pas contre le demandeur.

Source      CRPA, art. L.112-6 (papier) et L.112-12 (voie électronique) ; mentions de R.112-11-1. [F]
Résumé      Les délais de recours ne sont pas opposables au demandeur quand l'accusé de réception n'a pas été transmis
            ou ne porte pas les mentions exigées, sauf si une décision expresse lui a été notifiée avant la naissance
            de la décision implicite.
Convention  [I] Une mention dont la source ne dit rien n'est pas tenue pour absente : l'opposabilité est alors inconnue.
Non codé    Le délai raisonnable d'un an des décisions notifiées sans voies de recours : texte non lu.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.112-12",
    libelle="Inopposabilité des délais sans accusé de réception électronique complet",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367361",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
PAPIER: Final = Source(
    code="CRPA",
    article="L.112-6",
    libelle="Inopposabilité des délais sans accusé de réception complet",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367340",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
MENTIONS: Final = Source(
    code="CRPA",
    article="R.112-11-1",
    libelle="Mentions de l'accusé de réception électronique",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 11, 7),
    version="LEGIARTI000033288138",
    url_ou_copie=_COPY,
    publiee_le=date(2016, 10, 22),
)
SOURCES: Final = (SOURCE, PAPIER, MENTIONS)


def opposable(mentions: Iterable[bool | None] | None) -> bool | None:
    """Whether the appeal period runs; ``None`` when the source does not say.

    ``mentions`` are those of the receipt, ``None`` when there is no receipt.
    """
    if mentions is None:
        return False
    values = tuple(mentions)
    if False in values:
        return False
    return None if None in values or not values else True

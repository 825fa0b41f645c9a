"""Sans accusé de réception complet, le délai de recours ne court pas contre le demandeur.

Source      CRPA, art. L.112-6 (papier) et L.112-12 (voie électronique), en vigueur depuis le 1er janvier 2016. [F]
Résumé      Les délais de recours ne sont pas opposables au demandeur quand l'accusé de réception n'a pas été transmis
            ou ne porte pas les mentions exigées (``crpa_r112_11_1_mentions``). Le défaut d'accusé ne compte plus quand
            une décision expresse lui a été notifiée avant le jour où la décision implicite serait née.
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
SOURCES: Final = (SOURCE, PAPIER)


def opposable(
    mentions: Iterable[bool | None] | None,
    *,
    expresse_notifiee_le: date | None = None,
    implicite_le: date | None = None,
) -> bool | None:
    """Whether the receipt lets the appeal period run; ``None`` when the source does not say.

    ``mentions`` are those of the receipt, ``None`` when there is no receipt. ``implicite_le`` is the day on which the
    implicit decision would be born: an express one notified before it makes up for a missing receipt.
    """
    if mentions is None:
        return expresse_notifiee_le is not None and implicite_le is not None and expresse_notifiee_le < implicite_le
    values = tuple(mentions)
    if False in values:
        return False
    return None if None in values or not values else True

"""Quand un téléservice existe, il est la seule voie électronique.

Source      CRPA, art. L.112-9, en vigueur depuis le 1er janvier 2016. [F]
Résumé      L'administration qui a mis en place un téléservice réservé à une démarche n'est régulièrement saisie par
            voie électronique que par lui ; elle en rend accessibles les modalités d'utilisation.
Non codé    La publication des modalités : elle entre dans le registre comme un fait.
"""

from datetime import date
from typing import Final

from ledger.events.types import Canal
from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.112-9",
    libelle="Le téléservice, seule voie électronique",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367350",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)


def ecarte(canal: Canal, *, teleservice: bool | None) -> bool | None:
    """Whether the rule shuts ``canal`` out; ``None`` when it is not known whether an online service exists."""
    return teleservice if canal is Canal.COURRIEL else False

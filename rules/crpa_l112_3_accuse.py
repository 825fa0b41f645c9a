"""Toute demande reçoit un accusé de réception.

Source      CRPA, art. L.112-3 et R.112-5, en vigueur depuis le 1er janvier 2016. [F]
Résumé      L'accusé dit la date de réception, le service et ses coordonnées, si le silence vaut acceptation ou rejet et
            à quelle date, les délais et les voies de recours. L'envoi électronique suit une autre règle (L.112-11, voir
            ``crpa_r112_11_2_accuses``). L'article L.112-2 écarte seulement les rapports entre l'administration et ses
            agents.
Non codé    Le délai d'envoi de l'accusé papier : il n'a pas été relevé. Les demandes abusives ou qui n'appellent que
            la délivrance d'un document : elles s'apprécient.
"""

from datetime import date
from typing import Final

from ledger.events.types import Canal
from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.112-3",
    libelle="Accusé de réception de toute demande",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367338",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
MENTIONS: Final = Source(
    code="CRPA",
    article="R.112-5",
    libelle="Mentions de l'accusé de réception",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031369981",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
SOURCES: Final = (SOURCE, MENTIONS)

_ELECTRONIQUES: Final = frozenset({Canal.TELESERVICE, Canal.COURRIEL})


def s_applique(canal: Canal) -> bool:
    """Whether the receipt of an application made through ``canal`` follows these articles."""
    return canal not in _ELECTRONIQUES

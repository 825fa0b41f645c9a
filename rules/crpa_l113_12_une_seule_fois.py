"""L'administration ne réclame pas ce qu'elle détient déjà.

Source      CRPA, art. L.113-12 et L.114-8, version en vigueur depuis le 23 février 2022. [F]
Résumé      Une personne ne peut être tenue de produire une donnée que l'administration détient ou peut obtenir d'une
            autre. Les administrations échangent entre elles ce qui est nécessaire pour traiter une demande. L'envoi
            électronique, lui, ne se répète pas : voir ``crpa_l112_8_saisine``.
Convention  [I] Une pièce de même désignation, déjà versée au dossier, est une pièce détenue.
Non codé    Ce que d'autres administrations détiennent : le registre ne le sait pas.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.113-12",
    libelle="Dites-le-nous une fois : une pièce détenue ne se réclame pas",
    verification=Verification.F,
    en_vigueur_depuis=date(2022, 2, 23),
    version="LEGIARTI000045213328",
    url_ou_copie=_COPY,
    publiee_le=date(2022, 2, 22),
)
ECHANGE: Final = Source(
    code="CRPA",
    article="L.114-8",
    libelle="Échange de données entre administrations",
    verification=Verification.F,
    en_vigueur_depuis=date(2022, 2, 23),
    version="LEGIARTI000045213315",
    url_ou_copie=_COPY,
    publiee_le=date(2022, 2, 22),
)
SOURCES: Final = (SOURCE, ECHANGE)


def meme_piece(une: str, autre: str) -> bool:
    """Whether two designations are the same, spaces and capitals aside."""
    return une.casefold().split() == autre.casefold().split()

"""L'administration ne réclame pas ce qu'elle détient déjà.

Source      CRPA, art. L.113-12 et L.114-8, version en vigueur depuis le 23 février 2022. [F]
            CRPA, art. L.112-8 : l'envoi électronique saisit l'administration, sans répétition sous une autre forme. [F]
Résumé      Une personne ne peut être tenue de produire une donnée que l'administration détient ou peut obtenir d'une
            autre. L'administration traite l'envoi électronique sans en demander la répétition.
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
SAISINE: Final = Source(
    code="CRPA",
    article="L.112-8",
    libelle="L'envoi électronique saisit l'administration",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367348",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
SOURCES: Final = (SOURCE, SAISINE)


def meme_piece(une: str, autre: str) -> bool:
    """Whether two designations are the same, spaces and capitals aside."""
    return une.casefold().split() == autre.casefold().split()

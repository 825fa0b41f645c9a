"""Six mois après l'expiration, les conditions d'entrée doivent de nouveau être justifiées.

Source      CESEDA, art. R.431-8, en vigueur depuis le 1er mai 2021. [F] Appliqué par CAA Douai, 18 juin 2025,
            n° 24DA02148. [S]
Résumé      L'étranger qui n'a pas demandé un nouveau document dans les six mois qui suivent l'expiration du précédent
            doit justifier à nouveau des conditions de l'entrée, visa compris quand il est exigé pour un premier titre.
            Ne vise pas le résident de longue durée-UE.
Convention  Six mois de quantième à quantième ; le dernier jour est inclus.
Non codé    La liste des titres pour lesquels un visa est exigé.
"""

from datetime import date
from typing import Final

from ledger.events.types import TypeTitre
from rules.base import Source, Verification, quantieme

SOURCE: Final = Source(
    code="CESEDA",
    article="R.431-8",
    libelle="Demande faite plus de six mois après l'expiration",
    verification=Verification.F,
    en_vigueur_depuis=date(2021, 5, 1),
    url_ou_copie="juriblio.fr, article-r431-8",
)
APPLICATION: Final = Source(
    code="CAA Douai",
    article="18 juin 2025, n° 24DA02148",
    libelle="Une demande faite après six mois se traite comme une première demande",
    verification=Verification.S,
    en_vigueur_depuis=date(2025, 6, 18),
    publiee_le=date(2025, 6, 18),
)
SOURCES: Final = (SOURCE, APPLICATION)

MOIS: Final = 6


def vise(type_titre: TypeTitre) -> bool:
    """Whether the six months are counted for the holder of such a document."""
    return type_titre is not TypeTitre.RESIDENT_LONGUE_DUREE_UE


def limite(expire_le: date) -> date:
    """The last day on which an application still counts as a renewal."""
    return quantieme(expire_le, MOIS)


def hors_delai(deposee_le: date, expire_le: date) -> bool:
    """Whether an application filed on ``deposee_le`` comes after that day."""
    return deposee_le > limite(expire_le)

"""Un préjudice se répare s'il est prouvé que le défaut de document l'a causé.

Source      CAA Paris, 1er décembre 2025, n° 24PA02879 ; CAA Paris, 2 mars 2022, n° 21PA01297 ; CAA Toulouse, 20 février
            2025, n° 23TL00930 ; CAA Versailles, n° 15VE03953 ; CAA Bordeaux, n° 18BX01770 et 17BX01260 ; d'après des
            commentaires. [S]
Résumé      Un récépissé tardif ou un refus illégal engage la responsabilité de l'administration. Sommes vues :
            4 595,02 € (21PA01297), 4 800 € (15VE03953), 1 000 € (23TL00930), 500 € (18BX01770), une provision de
            1 500 € (17BX01260), et 1 500 € quand la plupart des chefs ont été rejetés parce que leur lien de causalité
            n'était pas prouvé (24PA02879). Le RSA perdu sur une période exacte a été remboursé.
Convention  [I] Une perte née pendant un jour découvert est compatible avec ce lien ; née avant ou après, elle ne l'est
            pas par ses seules dates.
Non codé    La preuve du lien et le montant : le juge les apprécie. Aucune somme n'est calculée.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

SOURCE: Final = Source(
    code="CAA Paris",
    article="1er décembre 2025, n° 24PA02879",
    libelle="Chefs de préjudice rejetés sans lien de causalité prouvé",
    verification=Verification.S,
    en_vigueur_depuis=date(2025, 12, 1),
    publiee_le=date(2025, 12, 1),
)
RECEPISSE_TARDIF: Final = Source(
    code="CAA Paris",
    article="2 mars 2022, n° 21PA01297",
    libelle="Récépissé tardif : réparation accordée",
    verification=Verification.S,
    en_vigueur_depuis=date(2022, 3, 2),
    publiee_le=date(2022, 3, 2),
)
INSTRUCTION: Final = Source(
    code="CAA Toulouse",
    article="20 février 2025, n° 23TL00930",
    libelle="Dix-sept mois d'instruction plaidés : réparation accordée",
    verification=Verification.S,
    en_vigueur_depuis=date(2025, 2, 20),
    publiee_le=date(2025, 2, 20),
)
VERSAILLES: Final = Source(
    code="CAA Versailles",
    article="n° 15VE03953",
    libelle="Réparation accordée",
    verification=Verification.S,
)
BORDEAUX: Final = Source(
    code="CAA Bordeaux",
    article="n° 18BX01770",
    libelle="Réparation accordée",
    verification=Verification.S,
)
PROVISION: Final = Source(
    code="CAA Bordeaux",
    article="n° 17BX01260",
    libelle="Provision accordée",
    verification=Verification.S,
)
SOURCES: Final = (SOURCE, RECEPISSE_TARDIF, INSTRUCTION, VERSAILLES, BORDEAUX, PROVISION)


def dates_compatibles(perte_le: date, decouvert_du: date, decouvert_au: date) -> bool:
    """Whether a loss begins on a day that no document covered."""
    return decouvert_du <= perte_le <= decouvert_au

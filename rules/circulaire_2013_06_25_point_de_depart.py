"""Le titre renouvelé après l'expiration commence le jour de la décision : ce qui était découvert le reste.

Source      Circulaire du 25 juin 2013, d'après des commentaires. [S]
Résumé      Quand l'ancien titre a expiré, le nouveau commence à la date de la décision, sans remonter. Pas plus de deux
            récépissés, sauf exception.
Convention  [I] Les jours du lendemain de l'expiration à la veille de la décision restent sans titre.
Non codé    Le point de départ quand l'ancien titre court encore : la circulaire, telle qu'elle est résumée, ne le dit
            pas. Les exceptions aux deux récépissés.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification, decaler, lendemain

SOURCE: Final = Source(
    code="Circulaire du 25 juin 2013",
    article="point de départ",
    libelle="Le titre renouvelé commence le jour de la décision",
    verification=Verification.S,
    url_ou_copie="ash.tm.fr, hebdo 2816 ; lexcase-immigration.com",
)
DEUX_RECEPISSES: Final = Source(
    code="Circulaire du 25 juin 2013",
    article="récépissés",
    libelle="Deux récépissés au plus, sauf exception",
    verification=Verification.S,
    url_ou_copie="ash.tm.fr, hebdo 2816",
)
SOURCES: Final = (SOURCE, DEUX_RECEPISSES)

RECEPISSES_AU_PLUS: Final = 2


def debut(decision_le: date, expire_le: date) -> date | None:
    """The first day of the new title; ``None`` when the old one still runs on the day of the decision."""
    return decision_le if decision_le > expire_le else None


def jours_sans_titre(decision_le: date, expire_le: date) -> tuple[date, date] | None:
    """The first and the last day that neither the old title nor the new one covers, or ``None``."""
    first, last = lendemain(expire_le), decaler(decision_le, -1)
    return (first, last) if first <= last else None

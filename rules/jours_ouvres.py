"""Les jours ouvrés et les jours fériés nationaux.

Source      Convention de calcul. [I] Les fêtes légales viennent du paquet « holidays » (France métropolitaine).
Résumé      Ouvré : du lundi au vendredi, hors jours fériés nationaux.
Non codé    Les jours fériés propres à l'Alsace-Moselle et à l'outre-mer ; les ponts et fermetures décidés localement.
"""

from datetime import date, timedelta
from typing import Final

from holidays import country_holidays

from rules.base import Source, Verification

SOURCE: Final = Source(
    code="Convention de calcul",
    article="jours ouvrés",
    libelle="Du lundi au vendredi, hors jours fériés nationaux",
    verification=Verification.I,
)

_HOLIDAYS: Final = country_holidays("FR")
_SATURDAY: Final = 5


def est_ouvre(day: date) -> bool:
    """Whether ``day`` is a working day."""
    return day.weekday() < _SATURDAY and day not in _HOLIDAYS


def premier_ouvre(day: date) -> date:
    """``day`` itself, or the next working day."""
    while not est_ouvre(day):
        day += timedelta(days=1)
    return day


def apres(day: date, jours: int) -> date:
    """The ``jours``-th working day after ``day``."""
    for _ in range(jours):
        day = premier_ouvre(day + timedelta(days=1))
    return day

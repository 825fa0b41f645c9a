"""Les jours ouvrés et les jours fériés nationaux.

Source      Convention de calcul. [I] Les fêtes légales viennent du paquet « holidays » (France métropolitaine).
Résumé      Ouvré : du lundi au vendredi, hors jours fériés nationaux. En Alsace-Moselle et outre-mer, d'autres jours
            sont fériés : ce qui s'y compte en jours ouvrés est incertain, et ``calendrier_certain`` le dit.
Non codé    Les jours fériés propres à l'Alsace-Moselle et à l'outre-mer ; les ponts et fermetures décidés localement.
"""

from datetime import date, timedelta
from functools import cache
from typing import Final

from holidays import HolidayBase, country_holidays

from rules.base import Source, Verification
from rules.calcul import OUVRES, REPORT, note

SOURCE: Final = Source(
    code="Convention de calcul",
    article="jours ouvrés",
    libelle="Du lundi au vendredi, hors jours fériés nationaux",
    verification=Verification.I,
)
LOCAUX: Final = Source(
    code="Convention de calcul",
    article="jours fériés locaux",
    libelle="Jours fériés d'Alsace-Moselle et d'outre-mer non comptés : résultat incertain",
    verification=Verification.I,
)
SOURCES: Final = (SOURCE, LOCAUX)

_ALSACE_MOSELLE: Final = frozenset({"57", "67", "68"})
_OUTRE_MER: Final = ("97", "98")
_SATURDAY: Final = 5


@cache
def _feries() -> HolidayBase:
    """The package reads the calendars of every country when it is first asked: not before a day is."""
    return country_holidays("FR")


def est_ouvre(day: date) -> bool:
    """Whether ``day`` is a working day."""
    return day.weekday() < _SATURDAY and day not in _feries()


def premier_ouvre(day: date) -> date:
    """``day`` itself, or the next working day."""
    found = _ouvre_des(day)
    return note(day, (found - day).days, REPORT, found)


def _ouvre_des(day: date) -> date:
    while not est_ouvre(day):
        day += timedelta(days=1)
    return day


def apres(day: date, jours: int) -> date:
    """The ``jours``-th working day after ``day``."""
    found = day
    for _ in range(jours):
        found = _ouvre_des(found + timedelta(days=1))
    return note(day, jours, OUVRES, found)


def calendrier_certain(departement: str | None) -> bool | None:
    """Whether the national holidays are all there are in ``departement``; ``None`` when it is not known."""
    if departement is None:
        return None
    return departement not in _ALSACE_MOSELLE and not departement.startswith(_OUTRE_MER)

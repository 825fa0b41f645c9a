"""Le juge peut enjoindre à l'administration d'agir, dans un délai, sous astreinte.

Source      CJA, art. L.911-1 et L.911-2, versions en vigueur depuis le 25 mars 2019, et L.911-3, lu dans une copie du
            5 octobre 2012. [F]
Lectures    1. La copie de 2012 : le juge n'enjoint que si on le lui demande. 2. Les versions d'aujourd'hui : aussi
            d'office.
Résumé      Quand la décision du juge implique une mesure, il la prescrit (L.911-1), ou prescrit une nouvelle décision
            dans un délai (L.911-2), si on le lui demande ou d'office ; il peut y ajouter une astreinte (L.911-3).
Convention  [I] Le délai d'exécution, en jours, se compte du lendemain de la notification.
Non codé    Le montant de l'astreinte et sa liquidation : le juge les fixe. La version d'aujourd'hui de L.911-3 : non
            relue.
"""

from dataclasses import replace
from datetime import date
from typing import Final

from ledger.days import LAST_DAY
from rules.base import COPIE_DE_2012, RECHERCHE_JURIDIQUE, RELECTURE, Source, Verification, decaler
from rules.jeux import Lecture, lectures

CALENDRIER: Final = 300 * 366
"""More days than the calendar has: a source may write any number of them."""

_MESURE: Final = Source(
    code="CJA",
    article="L.911-1",
    libelle="Injonction de prendre une mesure d'exécution",
    verification=Verification.F,
    en_vigueur_depuis=date(2019, 3, 25),
    version="LEGIARTI000038311379",
    url_ou_copie="justice.pappers.fr",
    connue_le=RELECTURE,
    lecture=2,
)
_NOUVELLE_DECISION: Final = Source(
    code="CJA",
    article="L.911-2",
    libelle="Injonction de statuer de nouveau dans un délai",
    verification=Verification.F,
    en_vigueur_depuis=date(2019, 3, 25),
    version="LEGIARTI000038311371",
    url_ou_copie="doctrine.fr",
    connue_le=RELECTURE,
    lecture=2,
)
ASTREINTE: Final = Source(
    code="CJA",
    article="L.911-3",
    libelle="Astreinte",
    verification=Verification.F,
    en_vigueur_depuis=date(2012, 10, 5),
    url_ou_copie=COPIE_DE_2012,
)
_COPIE: Final = tuple(
    replace(
        each,
        en_vigueur_depuis=date(2012, 10, 5),
        en_vigueur_jusqu_au=date(2019, 3, 24),
        version=None,
        url_ou_copie=COPIE_DE_2012,
        connue_le=RECHERCHE_JURIDIQUE,
        lecture=1,
    )
    for each in (_MESURE, _NOUVELLE_DECISION)
)


def _sur_demande() -> bool:
    return False


def _aussi_d_office() -> bool:
    return True


LECTURES: Final = lectures(
    __name__,
    Lecture((*_COPIE, ASTREINTE), _sur_demande),
    Lecture((_MESURE, _NOUVELLE_DECISION, ASTREINTE), _aussi_d_office),
)
SOURCES: Final = LECTURES.sources


def source(*, nouvelle_decision: bool) -> Source:
    """L.911-2 where a new decision is ordered, L.911-1 where a measure is; in the reading that is followed."""
    return LECTURES.suivie().sources[1 if nouvelle_decision else 0]


def d_office() -> bool:
    """Whether the judge may order without having been asked to."""
    return LECTURES.suivie().calcul()


def execution_due_le(notifiee_le: date, jours: int) -> date:
    """The last day to carry out an injunction that gives ``jours`` days; the calendar's last one when it is beyond."""
    return min(decaler(notifiee_le, min(jours, CALENDRIER)), LAST_DAY)

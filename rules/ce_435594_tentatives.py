"""Plusieurs tentatives espacées d'une semaine au moins montrent que l'accès est bloqué.

Source      CE, 10 juin 2020, n° 435594, et 9 juin 2022, n° 453391, d'après des commentaires et le résumé de la
            décision. [S] La mesure de l'espacement. [I]
Lectures    1. D'après des commentaires seuls : des tentatives qui n'ont pas été faites la même semaine. 2. D'après le
            résumé de la décision : l'écart entre les jours.
Résumé      Qui ne peut accéder au service peut saisir le juge des mesures utiles s'il prouve plusieurs tentatives qui
            n'ont pas été faites la même semaine ; l'urgence est présumée pour un renouvellement. Il en va de même d'un
            dysfonctionnement des formalités préalables en ligne. Quatre captures du vendredi 13 au mercredi 18
            septembre 2019, soit cinq jours sur deux semaines du calendrier, n'ont pas suffi.
Convention  [I] On mesure l'écart entre la première tentative et la dernière : sept jours au moins. On ne compare
            jamais des numéros de semaine.
Non codé    Le nombre de tentatives qui suffit : « plusieurs » commence ici à deux jours différents.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final

from rules.base import Source, Verification
from rules.jeux import Lecture, lectures

_COMMENTAIRES: Final = Source(
    code="CE",
    article="10 juin 2020, n° 435594",
    libelle="Tentatives espacées avant un référé mesures utiles",
    verification=Verification.S,
    en_vigueur_depuis=date(2020, 6, 10),
    url_ou_copie="ash.tm.fr, hebdo 3165",
    publiee_le=date(2020, 6, 10),
)
_RESUME: Final = replace(_COMMENTAIRES, url_ou_copie="ash.tm.fr, hebdo 3165 ; résumé de la décision", lecture=2)
DYSFONCTIONNEMENT: Final = Source(
    code="CE",
    article="9 juin 2022, n° 453391",
    libelle="Dysfonctionnement d'une formalité préalable en ligne",
    verification=Verification.S,
    en_vigueur_depuis=date(2022, 6, 9),
    url_ou_copie="vincenttchen, juin 2022 ; consultation.avocat.fr",
    publiee_le=date(2022, 6, 9),
)
_ECART: Final = Source(
    code="Convention de calcul",
    article="tentatives espacées de sept jours",
    libelle="Sept jours au moins entre la première et la dernière tentative",
    verification=Verification.I,
)

JOURS_D_ECART: Final = 7


def _deux_semaines(premiere: date, derniere: date) -> bool:
    return premiere.isocalendar()[:2] != derniere.isocalendar()[:2]


def _sept_jours(premiere: date, derniere: date) -> bool:
    return (derniere - premiere).days >= JOURS_D_ECART


LECTURES: Final = lectures(
    __name__,
    Lecture((_COMMENTAIRES, DYSFONCTIONNEMENT), _deux_semaines),
    Lecture((_RESUME, DYSFONCTIONNEMENT, _ECART), _sept_jours),
)
SOURCES: Final = LECTURES.sources


def ecart_suffisant(premiere: date, derniere: date) -> bool:
    """Whether the stretch of time between two attempts is long enough."""
    return LECTURES.suivie().calcul(premiere, derniere)


def suffisantes_le(jours: Iterable[date]) -> date | None:
    """The first day on which the attempts made until then suffice; ``None`` while they do not."""
    days = sorted(jours)
    return next((day for day in days if ecart_suffisant(days[0], day)), None)


def tentatives_suffisantes(jours: Iterable[date]) -> bool:
    """Whether attempts made on these days suffice."""
    return suffisantes_le(jours) is not None

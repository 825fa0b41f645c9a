"""Plusieurs tentatives espacées d'une semaine au moins montrent que l'accès est bloqué.

Source      CE, 10 juin 2020, n° 435594, et 9 juin 2022, n° 453391, d'après des commentaires et le résumé de la
            décision. [S] La mesure de l'espacement. [I]
Résumé      Qui ne peut accéder au service peut saisir le juge des mesures utiles s'il prouve plusieurs tentatives qui
            n'ont pas été faites la même semaine ; l'urgence est présumée pour un renouvellement. Il en va de même d'un
            dysfonctionnement des formalités préalables en ligne. Quatre captures du vendredi 13 au mercredi 18
            septembre 2019, soit cinq jours sur deux semaines du calendrier, n'ont pas suffi.
Convention  [I] On mesure l'écart entre la première tentative et la dernière : sept jours au moins. On ne compare
            jamais des numéros de semaine.
Non codé    Le nombre de tentatives qui suffit : « plusieurs » commence ici à deux jours différents.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from rules.base import Source, Verification

SOURCE: Final = Source(
    code="CE",
    article="10 juin 2020, n° 435594",
    libelle="Tentatives espacées avant un référé mesures utiles",
    verification=Verification.S,
    en_vigueur_depuis=date(2020, 6, 10),
    url_ou_copie="ash.tm.fr, hebdo 3165",
    publiee_le=date(2020, 6, 10),
)
DYSFONCTIONNEMENT: Final = Source(
    code="CE",
    article="9 juin 2022, n° 453391",
    libelle="Dysfonctionnement d'une formalité préalable en ligne",
    verification=Verification.S,
    en_vigueur_depuis=date(2022, 6, 9),
    url_ou_copie="vincenttchen, juin 2022 ; consultation.avocat.fr",
    publiee_le=date(2022, 6, 9),
)
ECART: Final = Source(
    code="Convention de calcul",
    article="tentatives espacées de sept jours",
    libelle="Sept jours au moins entre la première et la dernière tentative",
    verification=Verification.I,
)
SOURCES: Final = (SOURCE, DYSFONCTIONNEMENT, ECART)

JOURS_D_ECART: Final = 7


def ecart_suffisant(premiere: date, derniere: date) -> bool:
    """Whether the stretch of time between two attempts is long enough."""
    return (derniere - premiere).days >= JOURS_D_ECART


def suffisantes_le(jours: Iterable[date]) -> date | None:
    """The first day on which the attempts made until then suffice; ``None`` while they do not."""
    days = sorted(jours)
    return next((day for day in days if ecart_suffisant(days[0], day)), None)


def tentatives_suffisantes(jours: Iterable[date]) -> bool:
    """Whether attempts made on these days suffice."""
    return suffisantes_le(jours) is not None

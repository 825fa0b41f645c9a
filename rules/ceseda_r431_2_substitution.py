"""Qui ne peut déposer par le téléservice, malgré ses diligences, dépose autrement.

Source      CE, Section, 3 juin 2022, n° 452798 et autres. [F-part] CESEDA, art. R.431-2 al. 3 et 4, en vigueur depuis
            le 24 mars 2023 (décret 2023-191, publié la veille). [F] Arrêté du 1er août 2023, publié le 4, en vigueur
            le 5. [S]
Résumé      Avant le 3 juin 2022, aucun texte. Du 3 juin 2022 au 23 mars 2023, l'administration est « tenue » de
            permettre à la personne bloquée de déposer par une autre voie. Depuis le 24 mars 2023, l'accueil physique
            permet l'enregistrement de la demande de qui a fait « toutes les diligences qui lui incombent » et dont est
            constatée l'impossibilité, « pour des raisons tenant à la conception ou au mode de fonctionnement » du
            téléservice. Depuis le 5 août 2023, l'arrêté organise le parcours : le centre de contact aide, reconnaît
            l'anomalie et la transmet ; s'il échoue, il peut adresser au point d'accueil ; l'impossibilité établie, la
            préfecture invite la personne.
Convention  [I] L'invitation est l'acte même que l'administration doit : elle n'est pas une condition de ce devoir.
            [I] La dernière condition remplie fixe le jour à partir duquel il est dû.
Non codé    Le délai raisonnable pour recevoir la personne : il s'apprécie. Les modes de preuve et l'exception de
            l'arrêté, ce que le point d'accueil vérifie : texte non lu, commentaires contradictoires.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from rules.base import Source, Verification

PONT: Final = Source(
    code="CE",
    article="Section, 3 juin 2022, n° 452798",
    libelle="Obligation de permettre un autre dépôt, dans l'attente d'un texte",
    verification=Verification.F_PART,
    en_vigueur_depuis=date(2022, 6, 3),
    en_vigueur_jusqu_au=date(2023, 3, 23),
    url_ou_copie="conseil-etat.fr, 452798 ; infomie.net, article 6365",
    publiee_le=date(2022, 6, 3),
)
SOURCE: Final = Source(
    code="CESEDA",
    article="R.431-2 al. 3",
    libelle="Solution de substitution",
    verification=Verification.F,
    en_vigueur_depuis=date(2023, 3, 24),
    url_ou_copie="lexbase.fr, L2609MH4 ; infomie.net, article 6598",
    publiee_le=date(2023, 3, 23),
)
ARRETE: Final = Source(
    code="Arrêté du 1er août 2023",
    article="parcours de substitution",
    libelle="Centre de contact, point d'accueil, puis invitation de la préfecture",
    verification=Verification.S,
    en_vigueur_depuis=date(2023, 8, 5),
    url_ou_copie="infomie.net, article 6704",
    publiee_le=date(2023, 8, 4),
)
SOURCES: Final = (PONT, SOURCE, ARRETE)


class Condition(StrEnum):
    """Ce qui doit être réuni pour que le dépôt autrement soit dû."""

    BLOCAGE = "blocage"
    """La personne ne peut pas déposer par le téléservice."""
    DILIGENCES = "diligences"
    """Elle a fait les diligences qui lui incombent, l'accompagnement compris."""
    CONSTAT = "constat"
    """L'impossibilité, qui tient au téléservice, est constatée."""


@dataclass(frozen=True, slots=True)
class Regime:
    """Ce qui est dû pendant une période, et à quelles conditions."""

    libelle: str
    source: Source
    depuis: date
    jusqu_au: date
    conditions: frozenset[Condition]


REGIMES: Final = (
    Regime("autre dépôt, par décision de justice", PONT, date(2022, 6, 3), date(2023, 3, 23),
           frozenset({Condition.BLOCAGE})),
    Regime("solution de substitution", SOURCE, date(2023, 3, 24), date(2023, 8, 4),
           frozenset({Condition.DILIGENCES, Condition.CONSTAT})),
    Regime("solution de substitution, parcours de l'arrêté", ARRETE, date(2023, 8, 5), date.max,
           frozenset({Condition.DILIGENCES, Condition.CONSTAT})),
)  # fmt: skip


def regime(day: date) -> Regime | None:
    """The regime of ``day``; ``None`` before 3 June 2022, when no text gave another way to file."""
    return next((each for each in REGIMES if each.depuis <= day <= each.jusqu_au), None)


def due_le(remplies: Mapping[Condition, date]) -> date | None:
    """The first day on which another way to file is due, given the day each condition was met; ``None`` if it never is.

    A condition met under an earlier regime stays met under the next one.
    """
    for each in REGIMES:
        if each.conditions <= remplies.keys():
            met = max(each.depuis, *(remplies[condition] for condition in each.conditions))
            if met <= each.jusqu_au:
                return met
    return None

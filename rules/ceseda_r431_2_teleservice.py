"""Les titres d'une liste se demandent par le téléservice ; qui ne peut l'utiliser seul est accompagné.

Source      CESEDA, art. R.431-2 al. 1 et 2 : version du 1er mai 2021 (décret 2021-313), puis du 24 mars 2023 (décret
            2023-191, publié la veille). [F]
Résumé      Al. 1 : les titres d'une liste fixée par arrêté (annexe 9) se demandent par le téléservice, à partir du jour
            que dit l'arrêté (voir ``ceseda_annexe_9_listes``). Al. 2 : accueil et accompagnement de qui ne peut déposer
            seul en ligne. La solution de substitution est dans ``ceseda_r431_2_substitution``.
Convention  [I] L'accompagnement est dû dès le jour où la personne ne peut déposer seule. [I] Les jours où le
            dépôt en ligne était impossible sont neutralisés : ils reportent d'autant la fin de la fenêtre de R.431-5.
Non codé    La qualité de l'accompagnement : elle s'apprécie.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

TELESERVICE_2021: Final = Source(
    code="CESEDA",
    article="R.431-2 al. 1",
    libelle="Titres demandés par le téléservice (version de 2021)",
    verification=Verification.F,
    en_vigueur_depuis=date(2021, 5, 1),
    en_vigueur_jusqu_au=date(2023, 3, 23),
    url_ou_copie="legal.tricoteuses.fr, JORFARTI000043286078",
)
TELESERVICE: Final = Source(
    code="CESEDA",
    article="R.431-2 al. 1",
    libelle="Titres demandés par le téléservice",
    verification=Verification.F,
    en_vigueur_depuis=date(2023, 3, 24),
    url_ou_copie="lexbase.fr, L2609MH4 ; justice.pappers.fr",
    publiee_le=date(2023, 3, 23),
)
ACCUEIL: Final = Source(
    code="CESEDA",
    article="R.431-2 al. 2",
    libelle="Accueil et accompagnement de qui ne peut déposer seul",
    verification=Verification.F,
    en_vigueur_depuis=date(2021, 5, 1),
    url_ou_copie="lexbase.fr, L2609MH4 ; justice.pappers.fr",
)
NEUTRALISATION: Final = Source(
    code="Convention de calcul",
    article="jours de dépôt impossible reportés (R.431-5)",
    libelle="Les jours où le dépôt était impossible reportent d'autant la fin de la fenêtre",
    verification=Verification.I,
)
SOURCES: Final = (TELESERVICE_2021, TELESERVICE, ACCUEIL, NEUTRALISATION)


def version(day: date) -> Source | None:
    """The version of paragraph 1 that was in force on ``day``; ``None`` before the online service."""
    return next((each for each in (TELESERVICE_2021, TELESERVICE) if each.en_vigueur(day)), None)


def accueil_exigible_le(empeche_le: date) -> date | None:
    """The day from which help is due to who cannot file alone since ``empeche_le``; ``None`` before the text."""
    return empeche_le if ACCUEIL.en_vigueur(empeche_le) else None

"""Une décision fondée sur un traitement algorithmique le dit.

Source      CRPA, art. L.311-3-1, R.311-3-1-1 et R.311-3-1-2, en vigueur depuis le 9 octobre 2016 et le 1er septembre
            2017. [F]
Résumé      La décision individuelle prise sur le fondement d'un traitement algorithmique comporte une mention explicite
            en informant la personne : la finalité, et le droit d'obtenir les règles du traitement. Le degré de
            contribution, les données et les paramètres sont communiqués à qui les demande.
Convention  [I] Une clôture automatique après un délai est tenue pour un tel traitement.
Non codé    Le délai de la communication : celui des documents administratifs (``crpa_r311_12_acces``).
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.311-3-1",
    libelle="Mention d'un traitement algorithmique",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 10, 9),
    version="LEGIARTI000033205535",
    url_ou_copie=_COPY,
    publiee_le=date(2016, 10, 8),
)
CLOTURE: Final = Source(
    code="CRPA",
    article="L.311-3-1 (lecture)",
    libelle="Une clôture automatique est une décision fondée sur un traitement algorithmique",
    verification=Verification.I,
)
MENTION: Final = Source(
    code="CRPA",
    article="R.311-3-1-1",
    libelle="Contenu de la mention d'un traitement algorithmique",
    verification=Verification.F,
    en_vigueur_depuis=date(2017, 9, 1),
    version="LEGIARTI000034195878",
    url_ou_copie=_COPY,
    publiee_le=date(2017, 3, 16),
)
COMMUNICATION: Final = Source(
    code="CRPA",
    article="R.311-3-1-2",
    libelle="Degré de contribution, données et paramètres communiqués sur demande",
    verification=Verification.F,
    en_vigueur_depuis=date(2017, 9, 1),
    version="LEGIARTI000034195881",
    url_ou_copie=_COPY,
    publiee_le=date(2017, 3, 16),
)
SOURCES: Final = (SOURCE, MENTION, COMMUNICATION, CLOTURE)


def manquements(mention: bool | None) -> Iterator[tuple[str, Source, str]]:  # noqa: FBT001 - one mention, three answers
    """Code, source and French sentence when an automatic closure does not say that it is one."""
    if mention is not True:
        yield "sans_mention_algorithme", CLOTURE, "La clôture automatique ne mentionne aucun traitement algorithmique."

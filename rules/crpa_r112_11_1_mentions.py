"""L'accusé de réception électronique dit ce que vaut le silence, et quand.

Source      CRPA, art. R.112-11-1, en vigueur depuis le 7 novembre 2016. [F]
Résumé      L'accusé porte la date de réception de l'envoi, le service chargé du dossier et ses coordonnées. Pour une
            demande, il dit en outre si le silence vaut acceptation ou rejet, à quelle date, sous réserve que la demande
            soit complète, et, dans le second cas, les délais et les voies de recours.
Non codé    L'exactitude de la date annoncée : elle se compare à ``ceseda_r432_1_silence``.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="R.112-11-1",
    libelle="Mentions de l'accusé de réception électronique",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 11, 7),
    version="LEGIARTI000033288138",
    url_ou_copie=_COPY,
    publiee_le=date(2016, 10, 22),
)


class Mention(StrEnum):
    """Ce que l'accusé d'une demande doit porter, dans les mots qu'on montre."""

    DATE_RECEPTION = "la date de réception"
    SERVICE = "le service"
    SENS_DU_SILENCE = "le sens du silence"
    DATE_DECISION_IMPLICITE = "la date de la décision implicite"
    VOIES_RECOURS = "les voies de recours"


def manquantes(mentions: Mapping[Mention, bool | None]) -> tuple[Mention, ...]:
    """The mentions that the receipt is not known to bear, in the order of the text."""
    return tuple(mention for mention in Mention if mentions.get(mention) is not True)

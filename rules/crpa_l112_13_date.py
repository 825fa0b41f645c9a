"""Un délai est tenu par un envoi électronique le dernier jour ; la date de l'accusé fait foi.

Source      CRPA, art. L.112-13, en vigueur depuis le 1er janvier 2016. [F] Sans accusé, toute preuve. [I]
Résumé      Fait foi la date figurant sur l'accusé de réception ou, le cas échéant, sur l'accusé d'enregistrement. La
            règle ne vaut pas quand la présence personnelle est exigée.
Convention  [I] Sans accusé, le jour du dépôt se prouve par tout moyen, et il est montré comme contestable.
Non codé    La présence personnelle exigée : le texte qui l'exige la dit.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.112-13",
    libelle="Date de l'accusé électronique",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367365",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
SANS_ACCUSE: Final = Source(
    code="Convention de calcul",
    article="jour du dépôt sans accusé",
    libelle="Sans accusé, toute preuve du jour du dépôt est retenue, et contestable",
    verification=Verification.I,
)
SOURCES: Final = (SOURCE, SANS_ACCUSE)


@dataclass(frozen=True, slots=True)
class Depot:
    """Le jour retenu pour un envoi."""

    le: date
    contestable: bool
    """No receipt says it."""


def depot(
    *, accuse_reception: date | None, accuse_enregistrement: date | None, autre_preuve: date | None
) -> Depot | None:
    """The day that counts for a sending: the receipt's, else the registration's, else another proof's, else none."""
    stated = accuse_reception or accuse_enregistrement
    if stated is not None:
        return Depot(stated, contestable=False)
    return None if autre_preuve is None else Depot(autre_preuve, contestable=True)

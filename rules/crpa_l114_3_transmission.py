"""L'administration incompétente transmet la demande et en avise la personne ; le délai du silence ne repart pas.

Source      CRPA, art. L.114-2, L.114-3 et L.114-4, en vigueur depuis le 1er janvier 2016. [F]
Résumé      La demande adressée à une administration incompétente est transmise à la compétente et l'intéressé en est
            avisé. Le délai du refus implicite court de la réception par l'administration d'abord saisie. L'accusé vient
            de l'administration compétente.
Convention  [I] La transmission et l'avis, sans délai dans le texte, sont dus dès la réception.
Non codé    La compétence elle-même : voir ``ceseda_r431_20_prefet``.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.114-3",
    libelle="Le délai du refus implicite court de la première réception",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367396",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
AVIS: Final = Source(
    code="CRPA",
    article="L.114-2",
    libelle="Transmission à l'administration compétente et avis à l'intéressé",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367394",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
ACCUSE: Final = Source(
    code="CRPA",
    article="L.114-4",
    libelle="L'accusé de réception vient de l'administration compétente",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367398",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
SOURCES: Final = (SOURCE, AVIS, ACCUSE)


def depart(receptions: Iterable[date]) -> date:
    """The day from which silence is counted: the first reception, by whichever authority."""
    return min(receptions)


def transmission_due_le(recue_le: date) -> date:
    """The day from which an authority that is not competent owes the transfer, and the word of it to the person."""
    return recue_le

"""L'administration incompétente transmet la demande et en avise la personne ; le délai du silence ne repart pas.

Source      CRPA, art. L.114-2 et L.114-3, en vigueur depuis le 1er janvier 2016. [F]
Résumé      La demande adressée à une administration incompétente est transmise à la compétente et l'intéressé en est
            avisé. Le délai du refus implicite court de la réception par l'administration d'abord saisie.
Non codé    La compétence elle-même (CESEDA R.431-20) : elle tient à la résidence, qui n'est pas dans le registre.
"""

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
SOURCES: Final = (SOURCE, AVIS)

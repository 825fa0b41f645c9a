"""La personne de bonne foi qui s'est trompée peut régulariser sans être sanctionnée.

Source      CRPA, art. L.123-1 et L.123-2, en vigueur depuis le 12 août 2018. [F]
Résumé      Qui a méconnu une règle pour la première fois, ou s'est trompé en renseignant sa situation, n'est pas
            sanctionné s'il régularise de lui-même ou après y avoir été invité, dans le délai indiqué. La mauvaise foi
            se prouve, et c'est à l'administration de la prouver.
Non codé    La bonne foi : elle s'apprécie. Le délai pour régulariser : l'invitation le dit.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.123-1",
    libelle="Droit à l'erreur",
    verification=Verification.F,
    en_vigueur_depuis=date(2018, 8, 12),
    version="LEGIARTI000037309224",
    url_ou_copie=_COPY,
    publiee_le=date(2018, 8, 11),
)
MAUVAISE_FOI: Final = Source(
    code="CRPA",
    article="L.123-2",
    libelle="La mauvaise foi est prouvée par l'administration",
    verification=Verification.F,
    en_vigueur_depuis=date(2018, 8, 12),
    version="LEGIARTI000037309231",
    url_ou_copie=_COPY,
    publiee_le=date(2018, 8, 11),
)
SOURCES: Final = (SOURCE, MAUVAISE_FOI)

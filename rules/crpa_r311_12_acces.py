"""Un mois de silence refuse l'accès ; la commission d'accès se saisit dans les deux mois, avant le juge.

Source      CRPA, art. R.*311-12, R.311-13, R.343-1, R.*343-4, R.343-5, en vigueur depuis le 1er janvier 2016, et
            L.342-1, depuis le 23 février 2022. [F]
Résumé      Le silence gardé un mois sur une demande de communication vaut refus. L'intéressé a deux mois pour saisir la
            Commission d'accès aux documents administratifs (CADA) ; deux mois après l'enregistrement par elle, le
            silence confirme le refus. Sans avis demandé à la commission, le juge ne peut être saisi.
Convention  [I] Ces délais vont de quantième à quantième, sans jour de plus ni report.
Non codé    Le refus exprès, qui fait courir les deux mois de sa notification : son jour est un fait.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification, quantieme

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="R.*311-12",
    libelle="Silence valant refus de communiquer",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031370407",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
UN_MOIS: Final = Source(
    code="CRPA",
    article="R.311-13",
    libelle="Refus né après un mois",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031370409",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
SAISINE: Final = Source(
    code="CRPA",
    article="R.343-1",
    libelle="Saisine de la commission dans les deux mois",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031370507",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
CONFIRMATION: Final = Source(
    code="CRPA",
    article="R.*343-4",
    libelle="Silence confirmant le refus après la saisine",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031370513",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
DEUX_MOIS: Final = Source(
    code="CRPA",
    article="R.343-5",
    libelle="Confirmation née deux mois après l'enregistrement",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031370515",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
PREALABLE: Final = Source(
    code="CRPA",
    article="L.342-1",
    libelle="Avis de la commission avant le juge",
    verification=Verification.F,
    en_vigueur_depuis=date(2022, 2, 23),
    version="LEGIARTI000045213381",
    url_ou_copie=_COPY,
    publiee_le=date(2022, 2, 22),
)
SOURCES: Final = (SOURCE, UN_MOIS, SAISINE, CONFIRMATION, DEUX_MOIS, PREALABLE)

MOIS_REFUS: Final = 1
MOIS_SAISINE: Final = 2
MOIS_CONFIRMATION: Final = 2


def refus_le(recue_le: date) -> date:
    """The day on which silence refuses access."""
    return quantieme(recue_le, MOIS_REFUS)


def saisir_avant_le(refus: date) -> date:
    """The last day to seize the commission, after a refusal born or notified on ``refus``."""
    return quantieme(refus, MOIS_SAISINE)


def confirmation_le(enregistree_le: date) -> date:
    """The day on which silence confirms the refusal, once the commission has registered the request."""
    return quantieme(enregistree_le, MOIS_CONFIRMATION)

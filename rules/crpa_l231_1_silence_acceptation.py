"""En règle générale, deux mois de silence valent acceptation ; le titre de séjour est une exception.

Source      CRPA, art. L.231-1, L.231-4, L.231-5 et L.231-6, en vigueur depuis le 1er janvier 2016. [F]
Résumé      Le silence gardé deux mois sur une demande vaut acceptation. Il vaut rejet pour les réclamations et les
            recours administratifs, pour ce qui n'est pas une décision individuelle, et là où un décret le dit ; un
            décret peut aussi fixer un autre délai, comme pour les titres (``ceseda_r432_1_silence``).
Convention  [I] Les deux mois se comptent de la réception, de quantième à quantième.
Non codé    La liste des exceptions : elle est dans des décrets qui n'ont pas été lus.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification, quantieme

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.231-1",
    libelle="Silence de deux mois valant acceptation",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367611",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
REJET: Final = Source(
    code="CRPA",
    article="L.231-4",
    libelle="Cas où le silence de deux mois vaut rejet",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367619",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
EXCEPTION: Final = Source(
    code="CRPA",
    article="L.231-5",
    libelle="Exceptions par décret à l'acceptation implicite",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367621",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
AUTRE_DELAI: Final = Source(
    code="CRPA",
    article="L.231-6",
    libelle="Délai différent fixé par décret",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367625",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
SOURCES: Final = (SOURCE, REJET, EXCEPTION, AUTRE_DELAI)

MOIS: Final = 2


def naissance(recue_le: date) -> date:
    """The day on which the implicit decision is born, where no other text sets another delay."""
    return quantieme(recue_le, MOIS)

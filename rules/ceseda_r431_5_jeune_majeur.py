"""Le jeune majeur demande son titre au plus tard la veille de ses dix-neuf ans, ou deux mois après ses dix-huit ans.

Source      CESEDA, art. R.431-5 2° et 3° et perte de la nationalité, version LEGIARTI000043292776, en vigueur depuis le
            1er mai 2021. [F] Le numéro 4° donné au cas de la nationalité par R.431-15-1 : lecture. [I]
Résumé      2° : au plus tard la veille du dix-neuvième anniversaire, pour les titres d'une liste (L.423-21, L.423-22,
            L.424-1, L.424-3…). 3° : au plus tard deux mois après le dix-huitième anniversaire, pour les autres. Qui
            perd la nationalité française a deux mois.
Convention  [I] Deux mois de quantième à quantième ; le dernier jour est inclus.
Non codé    La fin de la liste du 2°, qui n'a pas été relevée : pour un article qui n'y est pas vu, les deux limites
            sont données. La date de naissance n'est pas dans le registre : le jour des dix-huit ans y entre comme un
            fait.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification, articles_cites, decaler, quantieme

_LEGIARTI: Final = "LEGIARTI000043292776"
_SINCE: Final = date(2021, 5, 1)

SOURCE: Final = Source(
    code="CESEDA",
    article="R.431-5 2°",
    libelle="Demande au plus tard la veille du dix-neuvième anniversaire",
    verification=Verification.F,
    en_vigueur_depuis=_SINCE,
    version=_LEGIARTI,
    url_ou_copie="doctrine.fr",
)
DEUX_MOIS: Final = Source(
    code="CESEDA",
    article="R.431-5 3°",
    libelle="Demande au plus tard deux mois après le dix-huitième anniversaire",
    verification=Verification.F,
    en_vigueur_depuis=_SINCE,
    version=_LEGIARTI,
    url_ou_copie="doctrine.fr",
)
NATIONALITE: Final = Source(
    code="CESEDA",
    article="R.431-5 (perte de la nationalité française)",
    libelle="Demande dans les deux mois de la perte de la nationalité",
    verification=Verification.F,
    en_vigueur_depuis=_SINCE,
    version=_LEGIARTI,
    url_ou_copie="doctrine.fr",
)
NUMERO: Final = Source(
    code="CESEDA",
    article="R.431-5 4° (lecture)",
    libelle="Le 4° que cite R.431-15-1 est le cas de la nationalité",
    verification=Verification.I,
)
SOURCES: Final = (SOURCE, DEUX_MOIS, NATIONALITE, NUMERO)

MOIS: Final = 2
MOIS_DE_L_ANNEE: Final = 12
TITRES_DU_2: Final = frozenset({"L.423-21", "L.423-22", "L.424-1", "L.424-3"})
"""The articles of the list that were noted; the list goes on."""


def limites(majorite_le: date, fondement: str | None = None) -> tuple[date, ...]:
    """The last day to apply for who turns 18 on ``majorite_le``: one if the text is sure, else both, soonest first."""
    eve = decaler(quantieme(majorite_le, MOIS_DE_L_ANNEE), -1)
    if articles_cites(fondement) & TITRES_DU_2:
        return (eve,)
    return quantieme(majorite_le, MOIS), eve


def limite_nationalite(perdue_le: date) -> date:
    """The last day to apply after the loss of French nationality."""
    return quantieme(perdue_le, MOIS)

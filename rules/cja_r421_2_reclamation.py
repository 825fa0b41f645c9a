"""Deux mois de silence rejettent une réclamation ; le jour de son dépôt se prouve par tous moyens.

Source      CJA, art. R.421-2, lu dans une copie de 2012. [F]
Texte       « La date du dépôt de la réclamation à l'administration, constatée par tous moyens, doit être établie à
            l'appui de la requête. » (art. R.421-2)
Résumé      Sauf texte contraire, le silence gardé plus de deux mois sur une réclamation vaut rejet ; deux mois
            s'ouvrent alors pour aller devant le juge. Le titre de séjour a ses délais (``ceseda_r432_1_silence``).
Convention  [I] Le rejet naît au même quantième, à zéro heure.
Non codé    La réponse expresse donnée ensuite, qui fait courir de nouveau le délai : son jour est un fait.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification, quantieme
from rules.cja_r421_1_delai_franc import dernier_jour

_COPY: Final = "legifrance/Les-codes-en-vigueur, justice_administrative.txt (5 octobre 2012)"

SOURCE: Final = Source(
    code="CJA",
    article="R.421-2",
    libelle="Silence de deux mois sur une réclamation ; preuve du dépôt par tous moyens",
    verification=Verification.F,
    en_vigueur_depuis=date(2012, 10, 5),
    url_ou_copie=_COPY,
)

MOIS: Final = 2


def rejet_le(recue_le: date) -> date:
    """The day on which silence rejects a complaint."""
    return quantieme(recue_le, MOIS)


def dernier_jour_recours(recue_le: date) -> date:
    """The last day to go to court against that silence."""
    return dernier_jour(rejet_le(recue_le))

"""Deux mois de silence rejettent une réclamation ; le jour de son dépôt se prouve par tous moyens.

Source      CJA, art. R.421-2, version LEGIARTI000039807000, en vigueur depuis le 1er janvier 2020. [F]
Lectures    1. Une copie de 2012 : l'article dit lui-même que deux mois de silence rejettent une réclamation. [F] 2. Le
            texte d'aujourd'hui, qui le laisse au CRPA. Les jours calculés sont les mêmes.
Texte       « La date du dépôt de la demande à l'administration, constatée par tous moyens, doit être établie à l'appui
            de la requête. » (art. R.421-2)
Résumé      Quand le silence vaut rejet, deux mois s'ouvrent pour aller devant le juge, à compter du jour où le rejet
            est né. Une réclamation est rejetée après deux mois (CRPA L.231-4, voir
            ``crpa_l231_1_silence_acceptation`` ; jusqu'en septembre 2015, l'article le disait lui-même). Le titre de
            séjour a ses propres délais (``ceseda_r432_1_silence``).
Convention  [I] Le rejet naît au même quantième, à zéro heure.
Non codé    La réponse expresse donnée ensuite, qui fait courir de nouveau le délai : son jour est un fait.
"""

from datetime import date
from typing import Final

from rules.base import COPIE_DE_2012, RELECTURE, Source, Verification, quantieme
from rules.cja_r421_1_delai_franc import dernier_jour
from rules.crpa_l231_1_silence_acceptation import naissance
from rules.jeux import Lecture, lectures

_RELU: Final = Source(
    code="CJA",
    article="R.421-2",
    libelle="Deux mois pour attaquer un silence ; preuve du dépôt par tous moyens",
    verification=Verification.F,
    en_vigueur_depuis=date(2020, 1, 1),
    version="LEGIARTI000039807000",
    url_ou_copie="doctrine.fr",
    connue_le=RELECTURE,
    lecture=2,
)
_COPIE: Final = Source(
    code="CJA",
    article="R.421-2",
    libelle="Silence de deux mois sur une réclamation ; preuve du dépôt par tous moyens",
    verification=Verification.F,
    en_vigueur_depuis=date(2012, 10, 5),
    en_vigueur_jusqu_au=date(2019, 12, 31),
    url_ou_copie=COPIE_DE_2012,
)

MOIS: Final = 2
"""As the article said it itself."""


def _par_l_article(recue_le: date) -> date:
    return quantieme(recue_le, MOIS)


LECTURES: Final = lectures(__name__, Lecture((_COPIE,), _par_l_article), Lecture((_RELU,), naissance))
SOURCES: Final = LECTURES.sources


def rejet_le(recue_le: date) -> date:
    """The day on which silence rejects a complaint."""
    return LECTURES.suivie().calcul(recue_le)


def dernier_jour_recours(recue_le: date) -> date:
    """The last day to go to court against that silence."""
    return dernier_jour(rejet_le(recue_le))

"""Deux mois de silence rejettent une réclamation ; le jour de son dépôt se prouve par tous moyens.

Source      CJA, art. R.421-2, version LEGIARTI000039807000, en vigueur depuis le 1er janvier 2020. [F]
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

from rules.base import RELECTURE, Source, Verification
from rules.cja_r421_1_delai_franc import dernier_jour
from rules.crpa_l231_1_silence_acceptation import naissance

SOURCE: Final = Source(
    code="CJA",
    article="R.421-2",
    libelle="Deux mois pour attaquer un silence ; preuve du dépôt par tous moyens",
    verification=Verification.F,
    en_vigueur_depuis=date(2020, 1, 1),
    version="LEGIARTI000039807000",
    url_ou_copie="doctrine.fr",
    connue_le=RELECTURE,
)


def rejet_le(recue_le: date) -> date:
    """The day on which silence rejects a complaint."""
    return naissance(recue_le)


def dernier_jour_recours(recue_le: date) -> date:
    """The last day to go to court against that silence."""
    return dernier_jour(rejet_le(recue_le))

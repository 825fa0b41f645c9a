"""Demander de l'argent au juge suppose un avocat.

Source      CJA, art. R.431-2, version LEGIARTI000033340889, en vigueur depuis le 1er janvier 2017. [F]
Lectures    1. Une copie de 2012. [F] 2. La version d'aujourd'hui. Ce qui s'en calcule est le même.
Texte       « Les requêtes et les mémoires doivent, à peine d'irrecevabilité, être présentés soit par un avocat, soit
            par un avocat au Conseil d'Etat et à la Cour de cassation, lorsque les conclusions de la demande tendent au
            paiement d'une somme d'argent » (art. R.431-2, extrait)
Convention  [I] Le recours indemnitaire et la demande de provision tendent au paiement d'une somme d'argent.
Non codé    Les exceptions de R.431-3 et la cassation : pour toute autre requête, la question reste ouverte.
"""

from datetime import date
from typing import Final

from ledger.events.types import BaseRecours
from rules.base import COPIE_DE_2012, RELECTURE, Source, Verification
from rules.cja_r421_1_delai_franc import SOMME_D_ARGENT
from rules.jeux import Lecture, lectures

_RELU: Final = Source(
    code="CJA",
    article="R.431-2",
    libelle="Avocat obligatoire pour demander une somme d'argent",
    verification=Verification.F,
    en_vigueur_depuis=date(2017, 1, 1),
    version="LEGIARTI000033340889",
    url_ou_copie="doctrine.fr",
    connue_le=RELECTURE,
    lecture=2,
)
_COPIE: Final = Source(
    code="CJA",
    article="R.431-2",
    libelle="Avocat obligatoire pour demander une somme d'argent",
    verification=Verification.F,
    en_vigueur_depuis=date(2012, 10, 5),
    en_vigueur_jusqu_au=date(2016, 12, 31),
    url_ou_copie=COPIE_DE_2012,
)
LECTURES: Final = lectures(__name__, Lecture((_COPIE,), None), Lecture((_RELU,), None))
SOURCES: Final = LECTURES.sources


def avocat_exige(base: BaseRecours) -> bool | None:
    """Whether a lawyer must present the request; ``None`` where this article does not decide."""
    return True if base in SOMME_D_ARGENT else None

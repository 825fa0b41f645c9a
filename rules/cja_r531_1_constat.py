"""Le juge peut faire constater des faits sans attendre, et sans décision préalable.

Source      CJA, art. R.531-1, version LEGIARTI000027849833, en vigueur depuis le 1er janvier 2014. [F]
Lectures    1. Une copie de 2012. [F] 2. La version d'aujourd'hui. Rien ne s'en calcule.
Résumé      Sur simple requête, même sans avocat et sans décision préalable, le juge des référés désigne un expert pour
            constater sans délai des faits qui pourraient donner lieu à un litige.
Non codé    L'utilité du constat : elle s'apprécie.
"""

from datetime import date
from typing import Final

from rules.base import COPIE_DE_2012, RELECTURE, Source, Verification
from rules.jeux import Lecture, lectures

_RELU: Final = Source(
    code="CJA",
    article="R.531-1",
    libelle="Référé-constat",
    verification=Verification.F,
    en_vigueur_depuis=date(2014, 1, 1),
    version="LEGIARTI000027849833",
    url_ou_copie="doctrine.fr",
    connue_le=RELECTURE,
    lecture=2,
)
_COPIE: Final = Source(
    code="CJA",
    article="R.531-1",
    libelle="Référé-constat",
    verification=Verification.F,
    en_vigueur_depuis=date(2012, 10, 5),
    en_vigueur_jusqu_au=date(2013, 12, 31),
    url_ou_copie=COPIE_DE_2012,
)
LECTURES: Final = lectures(__name__, Lecture((_COPIE,), None), Lecture((_RELU,), None))
SOURCES: Final = LECTURES.sources

"""Le juge peut faire constater des faits sans attendre, et sans décision préalable.

Source      CJA, art. R.531-1, version LEGIARTI000027849833, en vigueur depuis le 1er janvier 2014. [F]
Résumé      Sur simple requête, même sans avocat et sans décision préalable, le juge des référés désigne un expert pour
            constater sans délai des faits qui pourraient donner lieu à un litige.
Non codé    L'utilité du constat : elle s'apprécie.
"""

from datetime import date
from typing import Final

from rules.base import RELECTURE, Source, Verification

SOURCE: Final = Source(
    code="CJA",
    article="R.531-1",
    libelle="Référé-constat",
    verification=Verification.F,
    en_vigueur_depuis=date(2014, 1, 1),
    version="LEGIARTI000027849833",
    url_ou_copie="doctrine.fr",
    connue_le=RELECTURE,
)

"""Le juge peut faire constater des faits sans attendre, et sans décision préalable.

Source      CJA, art. R.531-1, lu dans une copie de 2012. [F]
Résumé      Sur simple requête, même sans avocat et sans décision préalable, le juge des référés désigne un expert pour
            constater sans délai des faits qui pourraient donner lieu à un litige.
Non codé    L'utilité du constat : elle s'apprécie.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "legifrance/Les-codes-en-vigueur, justice_administrative.txt (5 octobre 2012)"

SOURCE: Final = Source(
    code="CJA",
    article="R.531-1",
    libelle="Référé-constat",
    verification=Verification.F,
    en_vigueur_depuis=date(2012, 10, 5),
    url_ou_copie=_COPY,
)

"""Le juge peut accorder une provision quand l'obligation n'est pas sérieusement contestable.

Source      CJA, art. R.541-1, lu dans une copie du 5 octobre 2012, qui ne dit pas depuis quand il vaut. [F]
Résumé      Même sans demande au fond, le juge des référés accorde une provision au créancier dont la créance n'est pas
            sérieusement contestable.
Non codé    Le caractère contestable et le montant : ils s'apprécient. La version d'aujourd'hui : non relue.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "legifrance/Les-codes-en-vigueur, justice_administrative.txt (5 octobre 2012)"

SOURCE: Final = Source(
    code="CJA",
    article="R.541-1",
    libelle="Référé-provision",
    verification=Verification.F,
    en_vigueur_depuis=date(2012, 10, 5),
    url_ou_copie=_COPY,
)

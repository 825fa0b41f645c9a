"""Un délai de recours n'est opposable que si la notification l'a dit, avec les voies de recours.

Source      CJA, art. R.421-5, version LEGIARTI000006449946, en vigueur depuis le 1er janvier 2001. [F]
Texte       « Les délais de recours contre une décision administrative ne sont opposables qu'à la condition d'avoir été
            mentionnés, ainsi que les voies de recours, dans la notification de la décision. » (art. R.421-5)
Convention  [I] Une mention dont la source ne dit rien laisse la question ouverte.
Non codé    Le délai raisonnable d'un an : texte non lu.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

SOURCE: Final = Source(
    code="CJA",
    article="R.421-5",
    libelle="Délais opposables seulement s'ils ont été notifiés avec les voies de recours",
    verification=Verification.F,
    en_vigueur_depuis=date(2001, 1, 1),
    version="LEGIARTI000006449946",
    url_ou_copie="doctrine.fr",
)


def opposable(notifiee_le: date | None, *, mention: bool | None) -> bool | None:
    """Whether the period runs against the person: notified, with its mention; ``None`` if the mention is not known."""
    return False if notifiee_le is None else mention

"""Une demande d'urgence expose les faits et justifie l'urgence ; la suspension joint la requête au fond.

Source      CJA, art. R.522-1, version LEGIARTI000006450004, en vigueur depuis le 1er janvier 2001. [F]
Texte       « La requête visant au prononcé de mesures d'urgence doit contenir l'exposé au moins sommaire des faits et
            moyens et justifier de l'urgence de l'affaire. A peine d'irrecevabilité, les conclusions tendant à la
            suspension d'une décision administrative ou de certains de ses effets doivent être présentées par requête
            distincte de la requête à fin d'annulation ou de réformation et accompagnées d'une copie de cette
            dernière. » (art. R.522-1)
Non codé    La justification de l'urgence : elle s'apprécie.
"""

from datetime import date
from typing import Final

from ledger.events.types import BaseRecours
from rules.base import Source, Verification

SOURCE: Final = Source(
    code="CJA",
    article="R.522-1",
    libelle="La demande de suspension joint la requête au fond",
    verification=Verification.F,
    en_vigueur_depuis=date(2001, 1, 1),
    version="LEGIARTI000006450004",
    url_ou_copie="doctrine.fr",
    publiee_le=date(2000, 11, 23),
)


def copie_au_fond_exigee(base: BaseRecours) -> bool:
    """Whether the request must enclose a copy of the request on the merits."""
    return base is BaseRecours.REFERE_SUSPENSION

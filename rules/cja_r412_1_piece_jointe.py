"""La requête joint la décision attaquée ou, contre un silence, la preuve du jour de la demande.

Source      CJA, art. R.412-1, lu dans des copies du 5 octobre 2012 et du 16 avril 2024, qui ne disent pas depuis quand
            il vaut. [F]
Texte       « La requête doit, à peine d'irrecevabilité, être accompagnée, sauf impossibilité justifiée, de l'acte
            attaqué ou, dans le cas mentionné à l'article R. 421-2, de la pièce justifiant de la date de dépôt de la
            réclamation. » (art. R.412-1 ; en 2012, « de la décision attaquée »)
Non codé    L'impossibilité justifiée : elle s'apprécie.
"""

from datetime import date
from enum import StrEnum
from typing import Final

from ledger.events.types import NatureDecision
from rules.base import Source, Verification

_COPY: Final = "legifrance/Les-codes-en-vigueur, justice_administrative.txt (5 octobre 2012)"

SOURCE: Final = Source(
    code="CJA",
    article="R.412-1",
    libelle="Décision attaquée, ou preuve du jour de la demande, jointe à la requête",
    verification=Verification.F,
    en_vigueur_depuis=date(2012, 10, 5),
    url_ou_copie=f"{_COPY} ; legifrance.gouv.fr (16 avril 2024)",
)


class PieceJointe(StrEnum):
    """Ce que la requête doit joindre."""

    DECISION = "decision"
    PREUVE_DU_DEPOT = "preuve_du_depot"


def a_joindre(vise: NatureDecision) -> PieceJointe:
    """What a request against a decision of this kind must enclose."""
    return PieceJointe.PREUVE_DU_DEPOT if vise is NatureDecision.REFUS_IMPLICITE else PieceJointe.DECISION

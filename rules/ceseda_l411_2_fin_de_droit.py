"""Le refus ou le retrait met fin au droit au séjour ; ce n'est pas une interruption.

Source      CESEDA, art. L.411-2, en vigueur depuis le 1er mai 2021. [F]
Résumé      À l'expiration de son document, l'étranger quitte la France sauf renouvellement ou délivrance d'un autre ;
            de même quand la délivrance ou le renouvellement est refusé, ou le document retiré.
Convention  [I] Le jour de la notification est encore couvert ; le lendemain est le premier jour de la fin de droit. Une
            décision annulée ou retirée est réputée n'avoir jamais existé : les mêmes jours se relisent comme une
            interruption.
Non codé    Le délai de départ volontaire d'une obligation de quitter le territoire : il ne rend pas le séjour régulier.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification, lendemain

SOURCE: Final = Source(
    code="CESEDA",
    article="L.411-2",
    libelle="Fin du droit au séjour par refus ou retrait",
    verification=Verification.F,
    en_vigueur_depuis=date(2021, 5, 1),
    url_ou_copie="legifrance.gouv.fr, LEGISCTA000042771448 (captures de mars et avril 2024)",
)


def premier_jour(notifie_le: date) -> date:
    """The first day after the notification of the decision."""
    return lendemain(notifie_le)

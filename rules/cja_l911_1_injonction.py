"""Le juge peut enjoindre à l'administration d'agir, dans un délai, sous astreinte.

Source      CJA, art. L.911-1 et L.911-2, versions en vigueur depuis le 25 mars 2019, et L.911-3, lu dans une copie du
            5 octobre 2012. [F]
Résumé      Quand la décision du juge implique une mesure, il la prescrit (L.911-1), ou prescrit une nouvelle décision
            dans un délai (L.911-2), si on le lui demande ou d'office ; il peut y ajouter une astreinte (L.911-3).
Convention  [I] Le délai d'exécution, en jours, se compte du lendemain de la notification.
Non codé    Le montant de l'astreinte et sa liquidation : le juge les fixe. La version d'aujourd'hui de L.911-3 : non
            relue.
"""

from datetime import date, timedelta
from typing import Final

from rules.base import RELECTURE, Source, Verification

_COPY: Final = "legifrance/Les-codes-en-vigueur, justice_administrative.txt (5 octobre 2012)"

SOURCE: Final = Source(
    code="CJA",
    article="L.911-1",
    libelle="Injonction de prendre une mesure d'exécution",
    verification=Verification.F,
    en_vigueur_depuis=date(2019, 3, 25),
    version="LEGIARTI000038311379",
    url_ou_copie="justice.pappers.fr",
    connue_le=RELECTURE,
)
NOUVELLE_DECISION: Final = Source(
    code="CJA",
    article="L.911-2",
    libelle="Injonction de statuer de nouveau dans un délai",
    verification=Verification.F,
    en_vigueur_depuis=date(2019, 3, 25),
    version="LEGIARTI000038311371",
    url_ou_copie="doctrine.fr",
    connue_le=RELECTURE,
)
ASTREINTE: Final = Source(
    code="CJA",
    article="L.911-3",
    libelle="Astreinte",
    verification=Verification.F,
    en_vigueur_depuis=date(2012, 10, 5),
    url_ou_copie=_COPY,
)
SOURCES: Final = (SOURCE, NOUVELLE_DECISION, ASTREINTE)


def execution_due_le(notifiee_le: date, jours: int) -> date:
    """The last day to carry out an injunction that gives ``jours`` days."""
    return notifiee_le + timedelta(days=jours)

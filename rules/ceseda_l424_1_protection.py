"""La protection reconnue fonde le droit au séjour, même les jours où aucun document ne le prouve.

Source      CESEDA, art. L.424-1 (réfugié), version LEGIARTI000042776581, et L.424-9 (protection subsidiaire), en
            vigueur depuis le 1er mai 2021. [F] Art. R.424-1 : carte remise dans les trois mois de la décision. [F]
            L'apatride (L.424-18) : article donné de mémoire. [M]
Résumé      Le réfugié reçoit une carte de résident de dix ans ; le bénéficiaire de la protection subsidiaire, une carte
            pluriannuelle de quatre ans au plus. Le préfet remet la carte du réfugié dans les trois mois.
Convention  [I] Le droit se compte du jour de la reconnaissance. Il n'est pas une preuve : un jour sans document reste
            un jour d'interruption.
Non codé    Le caractère récognitif du statut, qui ferait remonter le droit à l'entrée en France.
"""

from datetime import date
from typing import Final

from ledger.events.types import StatutProtection
from rules.base import Source, Verification, quantieme

_SINCE: Final = date(2021, 5, 1)

SOURCE: Final = Source(
    code="CESEDA",
    article="L.424-1",
    libelle="Droit au séjour du réfugié",
    verification=Verification.F,
    en_vigueur_depuis=_SINCE,
    version="LEGIARTI000042776581",
    url_ou_copie="legifrance.gouv.fr",
)
PROTECTION_SUBSIDIAIRE: Final = Source(
    code="CESEDA",
    article="L.424-9",
    libelle="Droit au séjour du bénéficiaire de la protection subsidiaire",
    verification=Verification.F,
    en_vigueur_depuis=_SINCE,
    url_ou_copie="french-business-law.com",
)
APATRIDE: Final = Source(
    code="CESEDA",
    article="L.424-18",
    libelle="Droit au séjour de l'apatride",
    verification=Verification.M,
)
REMISE: Final = Source(
    code="CESEDA",
    article="R.424-1",
    libelle="Remise de la carte dans les trois mois de la reconnaissance",
    verification=Verification.F,
    en_vigueur_depuis=_SINCE,
    version="LEGIARTI000042807154",
    url_ou_copie="legal.tricoteuses.fr",
)
SOURCES: Final = (SOURCE, PROTECTION_SUBSIDIAIRE, APATRIDE, REMISE)

PAR_STATUT: Final = {
    StatutProtection.REFUGIE: SOURCE,
    StatutProtection.PROTECTION_SUBSIDIAIRE: PROTECTION_SUBSIDIAIRE,
    StatutProtection.APATRIDE: APATRIDE,
}

MOIS_POUR_REMETTRE: Final = 3


def carte_due_le(reconnue_le: date) -> date:
    """The last day on which the refugee's card is handed over in time."""
    return quantieme(reconnue_le, MOIS_POUR_REMETTRE)

"""La protection reconnue fonde le droit au séjour, même les jours où aucun document ne le prouve.

Source      CESEDA, art. L.424-1 (réfugié), version LEGIARTI000042776581, L.424-2 (travail) et L.424-9 (protection
            subsidiaire), en vigueur depuis le 1er mai 2021. [F] Art. L.424-3 (famille), dont le 4° n'a pas été lu en
            entier. [F-part] Art. R.424-1 : carte remise dans les trois mois de la décision. [F] Même délai pour la
            protection subsidiaire, d'après une ancienne fiche. [S] L'apatride (L.424-18) : article de mémoire. [M]
Résumé      Le réfugié reçoit une carte de résident de dix ans, sa famille aussi ; le bénéficiaire de la protection
            subsidiaire, une carte pluriannuelle de quatre ans au plus. Le préfet remet la carte dans les trois mois de
            la décision de l'OFPRA ou de la CNDA. De la demande à la remise, toute profession est permise au réfugié.
Convention  [I] Le droit se compte du jour de la reconnaissance. Il n'est pas une preuve : un jour sans document reste
            un jour d'interruption. [I] Les trois mois finissent au même quantième, dimanche compris.
Non codé    Le caractère récognitif du statut, qui ferait remonter le droit à l'entrée en France. La famille venue par
            la réunification (L.561-2), que R.424-1 exclut : le registre ne dit pas la voie d'entrée. Le numéro de
            l'article qui donne trois mois à la protection subsidiaire (R.424-7 ?), L.424-10 et L.424-11 : non vérifiés.
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
PROFESSION: Final = Source(
    code="CESEDA",
    article="L.424-2",
    libelle="Toute profession est permise au réfugié, de la demande à la remise de la carte",
    verification=Verification.F,
    en_vigueur_depuis=_SINCE,
    url_ou_copie="legifrance.gouv.fr",
)
FAMILLE: Final = Source(
    code="CESEDA",
    article="L.424-3",
    libelle="Carte de résident de la famille du réfugié",
    verification=Verification.F_PART,
    en_vigueur_depuis=_SINCE,
    url_ou_copie="legifrance.gouv.fr",
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
REMISE_PROTECTION_SUBSIDIAIRE: Final = Source(
    code="Service-Public",
    article="fiche F2689 (copie ancienne)",
    libelle="Remise de la carte de la protection subsidiaire dans les trois mois",
    verification=Verification.S,
    url_ou_copie="saint-morillon.fr, F2689",
)
SOURCES: Final = (
    SOURCE,
    PROFESSION,
    FAMILLE,
    PROTECTION_SUBSIDIAIRE,
    APATRIDE,
    REMISE,
    REMISE_PROTECTION_SUBSIDIAIRE,
)

PAR_STATUT: Final = {
    StatutProtection.REFUGIE: SOURCE,
    StatutProtection.PROTECTION_SUBSIDIAIRE: PROTECTION_SUBSIDIAIRE,
    StatutProtection.APATRIDE: APATRIDE,
}

REMISE_PAR_STATUT: Final = {
    StatutProtection.REFUGIE: REMISE,
    StatutProtection.PROTECTION_SUBSIDIAIRE: REMISE_PROTECTION_SUBSIDIAIRE,
}
"""What gives three months to hand over the card; nothing was found for the stateless person."""

MOIS_POUR_REMETTRE: Final = 3


def carte_due_le(reconnue_le: date) -> date:
    """The last day on which the card is handed over in time."""
    return quantieme(reconnue_le, MOIS_POUR_REMETTRE)

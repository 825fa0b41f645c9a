"""Le récépissé autorise la présence en France pour la durée qu'il précise.

Source      CESEDA, art. R.431-12, version LEGIARTI000042806980, en vigueur depuis le 1er mai 2021. [F]
Résumé      L'étranger admis à souscrire une première demande ou un renouvellement reçoit un récépissé qui autorise sa
            présence pour la durée qu'il précise. Le demandeur d'asile qui détient une attestation n'en reçoit pas.
Convention  [I] Il est dû le jour où la demande est reçue au guichet ou par courrier.
Non codé    La fin de validité : elle se lit sur le document. Sa durée au moins est dans ``ceseda_r431_13_duree``.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

SOURCE: Final = Source(
    code="CESEDA",
    article="R.431-12",
    libelle="Récépissé de demande de titre de séjour",
    verification=Verification.F,
    en_vigueur_depuis=date(2021, 5, 1),
    version="LEGIARTI000042806980",
    url_ou_copie="legal.tricoteuses.fr",
)


def exigible_le(recue_le: date, *, attestation_asile: bool = False) -> date | None:
    """The day from which the receipt is due; ``None`` for who holds a certificate of asylum application."""
    return None if attestation_asile else recue_le

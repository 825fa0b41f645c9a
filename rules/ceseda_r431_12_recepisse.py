"""Le récépissé autorise la présence en France pour la durée qu'il précise.

Source      CESEDA, art. R.431-12, version LEGIARTI000042806980, en vigueur depuis le 1er mai 2021. [F]
Résumé      L'étranger admis à souscrire une première demande ou un renouvellement reçoit un récépissé qui autorise sa
            présence pour la durée qu'il précise. Le demandeur d'asile qui détient une attestation n'en reçoit pas.
Non codé    La durée d'un mois au moins (R.431-14) : numéro donné de mémoire. Les dates se lisent sur le document.
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

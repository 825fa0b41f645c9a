"""Le renouvellement se demande entre le 120e et le 60e jour qui précèdent l'expiration.

Source      CESEDA, art. R.431-5 1°, version LEGIARTI000043292776, en vigueur depuis le 1er mai 2021. [F]
Résumé      Le titulaire d'un document de séjour qui en demande le renouvellement par le téléservice dépose sa demande
            entre le 120e et le 60e jour avant l'expiration. Pour un titre hors du téléservice, il la dépose « dans le
            courant des deux mois précédant l'expiration ». Ne vise pas le résident de longue durée-UE.
Convention  [I] Les deux bornes sont incluses (lecture favorable au demandeur ; l'inclusion du 60e jour n'est pas
            tranchée). « Quatre à deux mois » est une paraphrase : on compte des jours. Une fenêtre qui finit un
            dimanche n'est pas prolongée.
Non codé    R.431-5 2° et 3° (veille du 19e anniversaire, deux mois après le 18e) : il faut la date de naissance, qui
            n'est pas dans le registre. Le dimanche au guichet : non tranché. L'effet d'un dépôt trop précoce : non
            tranché, seulement signalé.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from rules.base import Source, Verification, quantieme

SOURCE: Final = Source(
    code="CESEDA",
    article="R.431-5 1°",
    libelle="Fenêtre de dépôt d'une demande de renouvellement",
    verification=Verification.F,
    en_vigueur_depuis=date(2021, 5, 1),
    version="LEGIARTI000043292776",
    url_ou_copie="doctrine.fr",
)
BORNES: Final = Source(
    code="Convention de calcul",
    article="bornes de la fenêtre de R.431-5",
    libelle="Le 120e et le 60e jour sont inclus",
    verification=Verification.I,
)
SOURCES: Final = (SOURCE, BORNES)

OUVERTURE: Final = 120
FERMETURE: Final = 60


class Moment(StrEnum):
    """Où un dépôt tombe par rapport à la fenêtre."""

    TROP_TOT = "trop_tot"
    DANS_LA_FENETRE = "dans_la_fenetre"
    TARDIF = "tardif"
    APRES_EXPIRATION = "apres_expiration"


def fenetre(expire_le: date, *, teleservice: bool = True) -> tuple[date, date]:
    """The first and the last day of the window for a document valid until ``expire_le``, both included."""
    if not teleservice:
        return quantieme(expire_le, -2), expire_le
    return expire_le - timedelta(days=OUVERTURE), expire_le - timedelta(days=FERMETURE)


def moment(deposee_le: date, expire_le: date, *, teleservice: bool = True) -> Moment:
    """Where a filing on ``deposee_le`` falls."""
    first, last = fenetre(expire_le, teleservice=teleservice)
    if deposee_le < first:
        return Moment.TROP_TOT
    if deposee_le <= last:
        return Moment.DANS_LA_FENETRE
    return Moment.TARDIF if deposee_le <= expire_le else Moment.APRES_EXPIRATION

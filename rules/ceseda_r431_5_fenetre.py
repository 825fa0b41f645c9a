"""Le renouvellement se demande entre le 120e et le 60e jour qui précèdent l'expiration.

Source      CESEDA, art. R.431-5 1°, version LEGIARTI000043292776, en vigueur depuis le 1er mai 2021. [F]
Résumé      Le titulaire d'un document des 2° à 8° de L.411-1 qui en demande le renouvellement par le téléservice dépose
            entre le 120e et le 60e jour avant l'expiration. Pour un titre hors du téléservice, il la dépose « dans le
            courant des deux mois précédant l'expiration ». Ne vise pas le résident de longue durée-UE.
Convention  [I] Les deux bornes sont incluses (lecture favorable au demandeur ; l'inclusion du 60e jour n'est pas
            tranchée). « Quatre à deux mois » est une paraphrase : on compte des jours. Une fenêtre qui finit un
            dimanche n'est pas prolongée.
Non codé    Le dimanche au guichet : non tranché. L'effet d'un dépôt trop précoce : non tranché, seulement signalé. Les
            documents des accords bilatéraux, que L.411-1 n'énumère pas. Les 2° et 3° sont dans
            ``ceseda_r431_5_jeune_majeur``.
"""

from datetime import date
from enum import StrEnum
from typing import Final

from ledger.events.types import TypeTitre
from rules.base import Source, Verification, decaler, quantieme
from rules.ceseda_l411_1_titres import PAS_DES_TITRES, RANGS

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


def vise(type_titre: TypeTitre) -> bool | None:
    """Whether the window is that of the holder of such a document; ``None`` for one that L.411-1 does not list."""
    if type_titre in PAS_DES_TITRES or type_titre is TypeTitre.RESIDENT_LONGUE_DUREE_UE:
        return False
    rank = RANGS.get(type_titre)
    return None if rank is None else rank > 1


def fenetre(expire_le: date, *, teleservice: bool = True) -> tuple[date, date]:
    """The first and the last day of the window for a document valid until ``expire_le``, both included."""
    if not teleservice:
        return quantieme(expire_le, -2), expire_le
    return decaler(expire_le, -OUVERTURE), decaler(expire_le, -FERMETURE)


def moment(deposee_le: date, expire_le: date, *, teleservice: bool = True) -> Moment:
    """Where a filing on ``deposee_le`` falls."""
    first, last = fenetre(expire_le, teleservice=teleservice)
    if deposee_le < first:
        return Moment.TROP_TOT
    if deposee_le <= last:
        return Moment.DANS_LA_FENETRE
    return Moment.TARDIF if deposee_le <= expire_le else Moment.APRES_EXPIRATION

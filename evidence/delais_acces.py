"""Les jours d'une demande de communication : refus par le silence, saisine de la CADA, réponse sur les données.

Pure functions of the day of sending and of the way. The law counts from the reception by the administration: where that
day is not known, the days given are the earliest possible, counted from the sending, so that none is ever missed.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from ledger.days import FIRST_DAY, LAST_DAY
from ledger.errors import ConstatError
from rules import crpa_r311_12_acces, jours_ouvres, rgpd_art12_acces
from rules.base import quantieme

MOIS_APRES: Final = 6
"""Months after the reception within which every day computed here falls."""


class DelaiError(ConstatError):
    """Les délais de la demande ne peuvent pas se compter."""


class Mode(StrEnum):
    """Comment la demande est remise."""

    COURRIEL = "courriel"
    RECOMMANDE = "recommande"
    COURRIER = "courrier"
    REMISE = "remise"

    @property
    def libelle(self) -> str:
        """As a letter says it."""
        return _MODES[self]

    @property
    def immediat(self) -> bool:
        """Whether it is received on the day it is sent."""
        return self in {Mode.COURRIEL, Mode.REMISE}


_MODES: Final = {
    Mode.COURRIEL: "par courriel",
    Mode.RECOMMANDE: "par lettre recommandée avec avis de réception",
    Mode.COURRIER: "par lettre simple",
    Mode.REMISE: "remise au guichet contre récépissé",
}


class Delais(NamedTuple):
    """The days, all civil days in Paris. ``sure``: the day of reception is known, so that these are the days."""

    recue_le: date
    sure: bool
    repondre_avant: date
    """The last day on which an answer comes before silence refuses."""
    refus: date
    """The day on which silence refuses (CRPA R.*311-12, R.311-13)."""
    cada: date
    """The last day to seize the commission (CRPA R.343-1)."""
    cada_ouvre: date
    """The last working day not after it: no postponement is counted upon."""
    rgpd: date
    """The last day to answer on the data (RGPD art. 12(3))."""


def delais(envoyee_le: date, mode: Mode, recue_le: date | None = None) -> Delais:
    """The days of a request sent on ``envoyee_le``; ``recue_le``: the day that the receipt says, once it is known.

    :raises DelaiError: it would be received before it was sent, or a day is out of the ledger's calendar.
    """
    if recue_le is not None and recue_le < envoyee_le:
        msg = "la demande ne peut pas être reçue avant d'être envoyée : vérifiez les deux jours"
        raise DelaiError(msg)
    start = recue_le or envoyee_le
    if not FIRST_DAY <= envoyee_le <= start <= quantieme(LAST_DAY, -MOIS_APRES):
        msg = f"jour hors du calendrier du registre ({FIRST_DAY} à {LAST_DAY}) : vérifiez la date de la demande"
        raise DelaiError(msg)
    refus = crpa_r311_12_acces.refus_le(start)
    cada = crpa_r311_12_acces.saisir_avant_le(refus)
    return Delais(
        recue_le=start,
        sure=recue_le is not None or mode.immediat,
        repondre_avant=refus - timedelta(days=1),
        refus=refus,
        cada=cada,
        cada_ouvre=_dernier_ouvre(cada),
        rgpd=rgpd_art12_acces.reponse_due_le(start),
    )


def _dernier_ouvre(day: date) -> date:
    while not jours_ouvres.est_ouvre(day):
        day -= timedelta(days=1)
    return day

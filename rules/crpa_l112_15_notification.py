"""Une notification électronique suppose un consentement exprès.

Source      CRPA, art. L.112-15 et R.112-17 à R.112-20, en vigueur depuis le 9 octobre 2016 et le 24 décembre 2017. [F]
Résumé      La notification par voie électronique qui remplace une lettre recommandée suppose le consentement exprès.
            Elle est reçue à la première consultation ; non consultée sous quinze jours, elle est réputée notifiée le
            jour de sa mise à disposition.
Convention  [I] Les quinze jours se comptent du lendemain de la mise à disposition ; le quinzième est inclus.
Non codé    Le préavis de retrait du consentement (trois mois au plus) : il s'apprécie selon la convention d'usage.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification, decaler

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.112-15",
    libelle="Consentement exprès à la notification électronique",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 10, 9),
    version="LEGIARTI000033220034",
    url_ou_copie=_COPY,
    publiee_le=date(2016, 10, 8),
)
DATE: Final = Source(
    code="CRPA",
    article="R.112-20",
    libelle="Notification reçue à la première consultation, ou réputée faite le jour de la mise à disposition",
    verification=Verification.F,
    en_vigueur_depuis=date(2017, 12, 24),
    version="LEGIARTI000036254179",
    url_ou_copie=_COPY,
    publiee_le=date(2017, 12, 23),
)
AVIS: Final = Source(
    code="CRPA",
    article="R.112-19",
    libelle="Avis qui annonce le document, son jour et le délai pour le consulter",
    verification=Verification.F,
    en_vigueur_depuis=date(2017, 12, 24),
    version="LEGIARTI000036254177",
    url_ou_copie=_COPY,
    publiee_le=date(2017, 12, 23),
)
SOURCES: Final = (SOURCE, DATE, AVIS)

JOURS: Final = 15


def dernier_jour_pour_consulter(disponible_le: date) -> date:
    """The last day on which opening the document sets the date of its notification."""
    return decaler(disponible_le, JOURS)


def notifiee_le(disponible_le: date, consultee_le: date | None, au: date) -> date | None:
    """The day on which the document counts as notified, seen on ``au``; ``None`` while it may still be opened."""
    last = dernier_jour_pour_consulter(disponible_le)
    if consultee_le is not None and consultee_le <= min(last, au):
        return consultee_le
    return disponible_le if au > last else None

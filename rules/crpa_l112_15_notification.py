"""Une notification électronique suppose un consentement exprès.

Source      CRPA, art. L.112-15 et R.112-17 à R.112-20, en vigueur depuis le 9 octobre 2016 et le 24 décembre 2017. [F]
Résumé      La notification par voie électronique qui remplace une lettre recommandée suppose le consentement exprès.
            Elle est reçue à la première consultation ; non consultée sous quinze jours, elle est réputée notifiée le
            jour de sa mise à disposition.
Non codé    Le préavis de retrait du consentement (trois mois au plus) : il s'apprécie selon la convention d'usage.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

SOURCE: Final = Source(
    code="CRPA",
    article="L.112-15",
    libelle="Consentement exprès à la notification électronique",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 10, 9),
    version="LEGIARTI000033220034",
    url_ou_copie="SocialGouv/legi-data, LEGITEXT000031366350",
    publiee_le=date(2016, 10, 8),
)

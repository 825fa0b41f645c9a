"""Tout envoi électronique reçoit un accusé d'enregistrement sous un jour ouvré et un accusé de réception sous dix.

Source      CRPA, art. R.112-11-2, en vigueur depuis le 7 novembre 2016. [F] Art. L.112-11. [F]
Résumé      L'accusé d'enregistrement est envoyé instantanément ou, à défaut, sous un jour ouvré ; l'accusé de réception
            électronique, sous dix jours ouvrés. La règle vaut pour chaque envoi, chaque pièce comprise.
Convention  [I] Le délai se compte du lendemain de l'envoi, en jours ouvrés (voir ``jours_ouvres``).
Non codé    Les envois abusifs, qui ne reçoivent pas d'accusé : cela s'apprécie. La saisine d'une administration
            incompétente : les dix jours ne courent qu'une fois la compétente saisie (``crpa_l114_3_transmission``).
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification
from rules.jours_ouvres import apres

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="R.112-11-2",
    libelle="Délais des accusés d'un envoi électronique",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 11, 7),
    version="LEGIARTI000033288135",
    url_ou_copie=_COPY,
    publiee_le=date(2016, 10, 22),
)
PRINCIPE: Final = Source(
    code="CRPA",
    article="L.112-11",
    libelle="Accusé de tout envoi électronique",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 10, 9),
    version="LEGIARTI000033219980",
    url_ou_copie=_COPY,
    publiee_le=date(2016, 10, 8),
)
SOURCES: Final = (SOURCE, PRINCIPE)

JOURS_ENREGISTREMENT: Final = 1
JOURS_RECEPTION: Final = 10


def accuse_enregistrement_du_le(envoye_le: date) -> date:
    """The last day for the registration receipt."""
    return apres(envoye_le, JOURS_ENREGISTREMENT)


def accuse_reception_du_le(envoye_le: date) -> date:
    """The last day for the acknowledgement of receipt."""
    return apres(envoye_le, JOURS_RECEPTION)

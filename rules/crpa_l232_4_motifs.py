"""Les motifs d'un refus implicite, demandés dans le délai de recours, sont dus sous un mois.

Source      CRPA, art. L.232-4, en vigueur depuis le 1er janvier 2016. [F]
Résumé      Le défaut de motifs ne rend pas illégale la décision implicite ; demandés dans le délai de recours, ils sont
            communiqués dans le mois, et le délai de recours est prorogé de deux mois après cette communication.
Convention  [I] Le mois se compte de la réception de la demande, de quantième à quantième.
            [I] Les deux mois de prorogation se comptent francs, comme le délai de recours.
Non codé    Le délai de recours lui-même : voir ``cja_r421_1_delai_franc``.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification, quantieme
from rules.cja_r421_1_delai_franc import dernier_jour

SOURCE: Final = Source(
    code="CRPA",
    article="L.232-4",
    libelle="Motifs d'une décision implicite, communiqués dans le mois",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367639",
    url_ou_copie="SocialGouv/legi-data, LEGITEXT000031366350",
    publiee_le=date(2015, 10, 25),
)

MOIS: Final = 1


def due_le(recue_le: date) -> date:
    """The last day on which the reasons are given in time."""
    return quantieme(recue_le, MOIS)


def demandes_a_temps(recue_le: date, dernier_jour_recours: date) -> bool:
    """Whether the reasons were asked for within the appeal period."""
    return recue_le <= dernier_jour_recours


def recours_proroge(communiques_le: date) -> date:
    """The last day to appeal once the reasons were given on ``communiques_le``."""
    return dernier_jour(communiques_le)

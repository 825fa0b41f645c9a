"""Une demande d'accès à ses données reçoit réponse dans le mois.

Source      RGPD, art. 12(3) et 15, de mémoire. [M]
Résumé      La personne obtient dans le mois une copie de ses données et la liste de ceux qui les ont reçues.
Convention  [I] Le mois va de quantième à quantième.
Non codé    La prolongation du délai : texte non lu.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification, quantieme

SOURCE: Final = Source(
    code="RGPD",
    article="art. 12(3)",
    libelle="Réponse à une demande d'accès dans le mois",
    verification=Verification.M,
)

MOIS: Final = 1


def reponse_due_le(recue_le: date) -> date:
    """The last day to answer a request for access."""
    return quantieme(recue_le, MOIS)

"""Une première demande se fait dans les deux mois de l'entrée en France.

Source      CESEDA, art. R.431-4, en vigueur depuis le 1er mai 2021. [F]
Résumé      Cas général : l'étranger demande son titre dans les deux mois de son entrée.
Convention  [I] Deux mois de quantième à quantième ; le dernier jour est inclus.
Non codé    Les cas où un autre texte fixe un autre délai : voir ``ceseda_r431_5_fenetre`` et
            ``ceseda_r431_5_jeune_majeur``.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification, quantieme

SOURCE: Final = Source(
    code="CESEDA",
    article="R.431-4",
    libelle="Demande dans les deux mois de l'entrée",
    verification=Verification.F,
    en_vigueur_depuis=date(2021, 5, 1),
    url_ou_copie="juriblio.fr",
)

MOIS: Final = 2


def limite(entree_le: date) -> date:
    """The last day on which a first application is made in time."""
    return quantieme(entree_le, MOIS)

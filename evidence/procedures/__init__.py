"""Cinq procédures devant le tribunal administratif : ce qu'il faut documenter, les pièces à réunir, les pièges du jour.

Tout est lu dans les faits d'une personne, un jour donné : rien n'est plaidé, rien n'est jugé. Chaque piège porte son
texte, la source et son étiquette, et les faits sur lesquels il repose.
"""

from evidence.procedures.affaire import Affaire, affaire
from evidence.procedures.argent import Intervalles, intervalles
from evidence.procedures.modeles import (
    ADocumenter,
    Attendue,
    Chef,
    Citation,
    Condition,
    Etat,
    Gravite,
    Piege,
    Procedure,
    Situation,
)
from evidence.procedures.prejudice import chefs
from evidence.procedures.table import a_documenter, pieges

__all__ = [
    "ADocumenter",
    "Affaire",
    "Attendue",
    "Chef",
    "Citation",
    "Condition",
    "Etat",
    "Gravite",
    "Intervalles",
    "Piege",
    "Procedure",
    "Situation",
    "a_documenter",
    "affaire",
    "chefs",
    "intervalles",
    "pieges",
]

"""What the API shows or does, and so what a token may be limited to."""

from collections.abc import Mapping
from typing import Final

from web.acces import Objet

PORTEES: Final[Mapping[Objet, str]] = {
    Objet.CHRONOLOGIE: "lire la chronologie, les faits, l'état et les droits jour par jour",
    Objet.PREUVES: "lire les preuves : à qui chaque jour perdu est dû, et ce qui le montre",
    Objet.CONNU: "lire ce qui était connu à une date",
    Objet.CONSULTATIONS: "lire qui a regardé",
    Objet.STATISTIQUES: "lire les statistiques",
    Objet.ABONNEMENT: "être averti de ce qui arrive aux dossiers suivis",
    Objet.SIGNALEMENT: "contester un fait : un fait de plus, rien d'effacé",
    Objet.ACTES: "demander les actes de votre fonction",
}
"""Each with the words a person reads. One's own account is read by every token."""

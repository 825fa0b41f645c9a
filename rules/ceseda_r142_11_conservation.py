"""Les données d'un dossier d'étranger ne se gardent pas sans fin.

Source      CESEDA, art. R.142-11 et suivants (AGDREF2), d'après d'anciennes pages. [S]
Résumé      Les données se gardent tant qu'un titre est tenu, puis un temps ; cinq ans sans mise à jour sont cités pour
            certaines d'entre elles.
Convention  [I] Cinq ans, de quantième à quantième. Rien ne se détruit sur ce seul calcul : il signale, une personne
            décide, et un gel l'emporte.
Non codé    La règle en vigueur et les données qu'elle vise : non trouvées. La circulaire du 15 novembre 2011 sur
            l'archivage : non lue.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification, quantieme

SOURCE: Final = Source(
    code="CESEDA",
    article="R.142-11",
    libelle="Durée de conservation des données du fichier des étrangers",
    verification=Verification.S,
    url_ou_copie="cnil.fr, page ancienne ; ash.tm.fr, hebdo 2743",
)

MOIS: Final = 60


def a_revoir_le(mise_a_jour_le: date) -> date:
    """The day from which data left without update call for a decision."""
    return quantieme(mise_a_jour_le, MOIS)

"""Un délai en mois finit au même quantième, ramené au dernier jour d'un mois plus court.

Source      Convention de calcul. [S]
Résumé      Trois mois après le 31 janvier finissent le 30 avril. Le calcul est ``rules.base.quantieme`` : toutes les
            règles qui comptent en mois s'en servent.
Non codé    Le report d'un délai qui finit un dimanche ou un jour férié : chaque règle dit si elle en connaît un.
"""

from typing import Final

from rules.base import Source, Verification

SOURCE: Final = Source(
    code="Convention de calcul",
    article="mois, même quantième",
    libelle="Un délai en mois finit au même quantième, ramené au dernier jour d'un mois plus court",
    verification=Verification.S,
    url_ou_copie="wiki.ouvre-boite.org ; mlgm-avocat.fr",
)

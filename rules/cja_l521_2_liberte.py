"""Le juge protège en quarante-huit heures une liberté fondamentale gravement atteinte.

Source      CJA, art. L.521-2, version LEGIARTI000006449327, en vigueur depuis le 1er janvier 2001. [F]
Texte       « Saisi d'une demande en ce sens justifiée par l'urgence, le juge des référés peut ordonner toutes mesures
            nécessaires à la sauvegarde d'une liberté fondamentale à laquelle une personne morale de droit public ou un
            organisme de droit privé chargé de la gestion d'un service public aurait porté, dans l'exercice d'un de ses
            pouvoirs, une atteinte grave et manifestement illégale. Le juge des référés se prononce dans un délai de
            quarante-huit heures. » (art. L.521-2)
Convention  [I] Quarante-huit heures se lisent deux jours civils : le registre ne compte pas d'heures.
Non codé    L'urgence à quarante-huit heures, la liberté, l'atteinte : elles s'apprécient.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification, decaler

SOURCE: Final = Source(
    code="CJA",
    article="L.521-2",
    libelle="Référé-liberté : atteinte grave et manifestement illégale, quarante-huit heures",
    verification=Verification.F,
    en_vigueur_depuis=date(2001, 1, 1),
    version="LEGIARTI000006449327",
    url_ou_copie="doctrine.fr",
    publiee_le=date(2000, 7, 1),
)

JOURS: Final = 2


def ordonnance_attendue_le(saisi_le: date) -> date:
    """The day by which the judge rules."""
    return decaler(saisi_le, JOURS)

"""Une décision, même de rejet, peut être suspendue : il y faut l'urgence, un doute sérieux et une requête au fond.

Source      CJA, art. L.521-1, version LEGIARTI000006449326, en vigueur depuis le 1er janvier 2001. [F]
Texte       « Quand une décision administrative, même de rejet, fait l'objet d'une requête en annulation ou en
            réformation, le juge des référés, saisi d'une demande en ce sens, peut ordonner la suspension de l'exécution
            de cette décision, ou de certains de ses effets, lorsque l'urgence le justifie et qu'il est fait état d'un
            moyen propre à créer, en l'état de l'instruction, un doute sérieux quant à la légalité de la décision. »
            (art. L.521-1)
Convention  [I] Le refus implicite est une décision dès le jour où il naît.
Non codé    L'urgence et le doute sérieux : ils s'apprécient. La présomption d'urgence est dans
            ``ce_498497_urgence``, les pièces à joindre dans ``cja_r522_1_refere``.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

SOURCE: Final = Source(
    code="CJA",
    article="L.521-1",
    libelle="Référé-suspension : décision attaquée, urgence, doute sérieux",
    verification=Verification.F,
    en_vigueur_depuis=date(2001, 1, 1),
    version="LEGIARTI000006449326",
    url_ou_copie="doctrine.fr",
    publiee_le=date(2000, 7, 1),
)


def ouvert_le(decision_le: date | None, requete_au_fond_le: date | None) -> date | None:
    """The first day on which suspension may be asked for: the decision exists and is attacked; ``None`` before."""
    return None if decision_le is None or requete_au_fond_le is None else max(decision_le, requete_au_fond_le)

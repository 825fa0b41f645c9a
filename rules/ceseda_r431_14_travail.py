"""Certains récépissés de première demande autorisent à travailler.

Source      CESEDA, art. R.431-14, en vigueur depuis le 1er mai 2021 ; la liste n'a été lue qu'en partie. [F-part]
            Récépissé de renouvellement : R.431-15, de mémoire. [M]
Résumé      Le récépissé d'une première demande permet de travailler pour les titres d'une liste : salarié, vie privée
            et familiale de L.423-1, L.423-7, L.423-8, L.423-13…, passeport talent.
Convention  [I] Un titre qui n'est pas dans la partie lue laisse la question ouverte.
Non codé    La fin de la liste, et le récépissé de renouvellement : textes non lus. La mention portée sur le document
            se lit sur lui.
"""

import re
from datetime import date
from typing import Final

from ledger.events.types import NatureDemande
from rules.base import Source, Verification, articles_cites, sans_accents

SOURCE: Final = Source(
    code="CESEDA",
    article="R.431-14",
    libelle="Récépissés de première demande qui autorisent à travailler",
    verification=Verification.F_PART,
    en_vigueur_depuis=date(2021, 5, 1),
    url_ou_copie="legifrance.gouv.fr, LEGISCTA000043288804 (2 décembre 2023)",
)
RENOUVELLEMENT: Final = Source(
    code="CESEDA",
    article="R.431-15",
    libelle="Récépissé de renouvellement et droit au travail",
    verification=Verification.M,
)
SOURCES: Final = (SOURCE, RENOUVELLEMENT)

ARTICLES: Final = frozenset({"L.423-1", "L.423-7", "L.423-8", "L.423-13"})
_MOTS: Final = re.compile(r"\b(salariee?s?|talents?)\b")


def autorise(nature: NatureDemande, motif: str | None, fondement: str | None = None) -> bool | None:
    """Whether the receipt allows work: ``True`` for what was read of the list, ``None`` for all the rest."""
    if nature is not NatureDemande.PREMIERE_DEMANDE:
        return None
    listed = bool(articles_cites(fondement) & ARTICLES or _MOTS.search(sans_accents(motif or "")))
    return True if listed else None

"""Une décision dit qui l'a prise, et en quelle qualité.

Source      CRPA, art. L.212-1 (version en vigueur depuis le 15 juin 2025) et L.212-2 (depuis le 1er mars 2019). [F]
Résumé      Toute décision porte la signature, le prénom, le nom et la qualité de son auteur. Par un téléservice, la
            signature n'est pas exigée ; le prénom, le nom, la qualité et le service le restent.
Non codé    L'anonymat pour un motif de sécurité (L.111-2, L.212-1). La signature : le registre ne la porte pas. La
            version de L.212-1 antérieure au 15 juin 2025 : non lue.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.212-1",
    libelle="Nom et qualité de l'auteur d'une décision",
    verification=Verification.F,
    en_vigueur_depuis=date(2025, 6, 15),
    version="LEGIARTI000051740675",
    url_ou_copie=_COPY,
    publiee_le=date(2025, 6, 14),
)
TELESERVICE: Final = Source(
    code="CRPA",
    article="L.212-2",
    libelle="Nom, qualité et service de l'auteur, sans signature, par un téléservice",
    verification=Verification.F,
    en_vigueur_depuis=date(2019, 3, 1),
    version="LEGIARTI000037403280",
    url_ou_copie=_COPY,
    publiee_le=date(2018, 9, 11),
)
SOURCES: Final = (SOURCE, TELESERVICE)


def manquements(auteur_qualite: str | None, *, teleservice: bool) -> Iterator[tuple[str, Source, str]]:
    """Code, source and French sentence when a decision does not say in which capacity it was taken."""
    if auteur_qualite is None or not auteur_qualite.strip():
        yield "sans_auteur", TELESERVICE if teleservice else SOURCE, "La décision ne dit pas la qualité de son auteur."

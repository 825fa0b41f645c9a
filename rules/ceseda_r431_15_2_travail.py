"""L'attestation de prolongation permet de travailler selon le titre demandé ou renouvelé.

Source      CESEDA, art. R.431-15-2, en vigueur depuis le 1er mai 2021 ; la fin n'a pas été lue. [F-part] La phrase sur
            le renouvellement n'est connue que par un commentaire. [S]
Résumé      Première demande : travail permis pour les titres d'une longue liste ; pour L.421-1, L.421-3 et L.421-34, si
            la condition du code du travail (L.5221-2) est remplie ; pour L.426-12, non, sauf L.426-13 après un an.
            Renouvellement d'un titre qui permettait de travailler : permis.
Convention  [I] Un titre qui n'est pas dans la partie lue laisse la question ouverte : jamais « non ».
Non codé    La fin de la liste. La modification possible du 16 juin 2025 : vue dans un fichier de tiers, texte non lu.
            Le réfugié et le protégé subsidiaire, à qui R.431-15-3 et R.431-15-4 ouvrent toute profession.
"""

from datetime import date
from enum import StrEnum
from typing import Final

from ledger.events.types import NatureDemande
from rules.base import Source, Verification, articles_cites

SOURCE: Final = Source(
    code="CESEDA",
    article="R.431-15-2",
    libelle="Droit au travail sous attestation de prolongation",
    verification=Verification.F_PART,
    en_vigueur_depuis=date(2021, 5, 1),
    url_ou_copie="french-business-law.com",
)
RENOUVELLEMENT: Final = Source(
    code="CESEDA",
    article="R.431-15-2 (renouvellement)",
    libelle="L'attestation qui prolonge un titre permettant de travailler le permet aussi",
    verification=Verification.S,
    en_vigueur_depuis=date(2021, 5, 1),
    url_ou_copie="vincenttchen.typepad.fr, mars 2021",
)
SOURCES: Final = (SOURCE, RENOUVELLEMENT)

PERMIS: Final = frozenset({
    "L.423-1", "L.423-6", "L.423-7", "L.423-11", "L.423-12", "L.423-13", "L.423-14", "L.423-15", "L.423-16",
    "L.423-22", "L.424-1", "L.424-3", "L.424-9", "L.424-11", "L.424-13", "L.424-18", "L.424-19", "L.424-21",
    "L.425-1", "L.425-3", "L.426-1",
})  # fmt: skip
SOUS_CONDITION: Final = frozenset({"L.421-1", "L.421-3", "L.421-34"})


class Travail(StrEnum):
    """Ce que l'attestation permet."""

    PERMIS = "permis"
    SOUS_CONDITION = "sous_condition"
    """Si la condition du code du travail, L.5221-2, est remplie."""
    APRES_UN_AN = "apres_un_an"
    EXCLU = "exclu"
    INCONNU = "inconnu"


def travail(
    nature: NatureDemande, fondement: str | None, *, titre_precedent_le_permettait: bool | None = None
) -> Travail:
    """What the certificate allows, as far as the text was read."""
    if nature is NatureDemande.RENOUVELLEMENT:
        return Travail.PERMIS if titre_precedent_le_permettait else Travail.INCONNU
    articles = articles_cites(fondement)
    if articles & PERMIS:
        return Travail.PERMIS
    if articles & SOUS_CONDITION:
        return Travail.SOUS_CONDITION
    if "L.426-13" in articles:
        return Travail.APRES_UN_AN
    return Travail.EXCLU if "L.426-12" in articles else Travail.INCONNU

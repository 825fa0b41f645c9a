"""Qui séjourne plus de trois mois détient l'un des documents que la loi énumère.

Source      CESEDA, art. L.411-1, en vigueur depuis le 1er mai 2021. [F]
Résumé      Visa de long séjour, visa valant titre, carte temporaire, pluriannuelle, de résident, de résident de longue
            durée-UE, « retraité », ou autorisation provisoire de séjour.
Convention  [I] Un document valable jusqu'au jour J couvre J. Ses dates se lisent sur lui, elles ne se calculent pas.
Non codé    Les titres propres aux citoyens de l'Union et aux accords bilatéraux : leurs textes n'ont pas été lus. Le
            titre de voyage, le document de circulation et l'attestation de demande d'asile ne sont pas des titres de
            séjour : ils ne couvrent pas au titre de cet article.
"""

from datetime import date
from typing import Final

from ledger.events.types import TypeTitre
from rules.base import Source, Verification

SOURCE: Final = Source(
    code="CESEDA",
    article="L.411-1",
    libelle="Documents de séjour",
    verification=Verification.F,
    en_vigueur_depuis=date(2021, 5, 1),
    url_ou_copie="legifrance.gouv.fr, LEGISCTA000042771448 (captures de mars et avril 2024)",
)

PAS_DES_TITRES: Final = frozenset(
    {TypeTitre.TITRE_VOYAGE, TypeTitre.DOCUMENT_CIRCULATION_MINEUR, TypeTitre.ATTESTATION_DEMANDE_ASILE}
)

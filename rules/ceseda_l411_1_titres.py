"""Qui séjourne plus de trois mois détient l'un des documents que la loi énumère.

Source      CESEDA, art. L.411-1, en vigueur depuis le 1er mai 2021. [F]
Résumé      L'étranger de plus de dix-huit ans qui séjourne plus de trois mois détient l'un de ces documents : 1° visa
            de long séjour, 2° visa valant titre, 3° carte temporaire, 4° pluriannuelle, 5° de résident, 6° de résident
            de longue durée-UE, 7° « retraité », 8° autorisation provisoire de L.425-4, L.425-10 ou L.426-21.
Convention  [I] Un document valable jusqu'au jour J couvre J. Ses dates se lisent sur lui, elles ne se calculent pas.
            [I] Les trois mois se comptent de l'entrée, de quantième à quantième ; le document est exigé le lendemain.
Non codé    Les titres propres aux citoyens de l'Union et aux accords bilatéraux : leurs textes n'ont pas été lus. Le
            titre de voyage, le document de circulation et l'attestation de demande d'asile ne sont pas des titres de
            séjour : ils ne couvrent pas au titre de cet article.
"""

from datetime import date
from typing import Final

from ledger.events.types import TypeTitre
from rules.base import Source, Verification, lendemain, quantieme

SOURCE: Final = Source(
    code="CESEDA",
    article="L.411-1",
    libelle="Documents de séjour",
    verification=Verification.F,
    en_vigueur_depuis=date(2021, 5, 1),
    url_ou_copie="legifrance.gouv.fr, LEGISCTA000042771448 (captures de mars et avril 2024)",
)

MOIS_SANS_DOCUMENT: Final = 3

RANGS: Final = {
    TypeTitre.VISA_LONG_SEJOUR: 1,
    TypeTitre.VLS_TS: 2,
    TypeTitre.CST: 3,
    TypeTitre.CSP: 4,
    TypeTitre.CARTE_RESIDENT: 5,
    TypeTitre.RESIDENT_LONGUE_DUREE_UE: 6,
    TypeTitre.CARTE_RETRAITE: 7,
    TypeTitre.APS: 8,
}
"""The number under which the article lists each document."""

PAS_DES_TITRES: Final = frozenset(
    {TypeTitre.TITRE_VOYAGE, TypeTitre.DOCUMENT_CIRCULATION_MINEUR, TypeTitre.ATTESTATION_DEMANDE_ASILE}
)


def exige_le(entree_le: date) -> date:
    """The first day on which a document is required of an adult who entered on ``entree_le``."""
    return lendemain(quantieme(entree_le, MOIS_SANS_DOCUMENT))

"""L'urgence se présume quand un titre n'est pas renouvelé.

Source      CE, 6 mars 2025, n° 498497. [F] CE, 12 décembre 2024, n° 497389 ; 17 juin 2025, n° 503085 ; 24 octobre 2025,
            numéro non trouvé. [S] CE, 14 mars 2001, Ameur, de mémoire. [M]
Résumé      Le refus de renouveler un titre crée en principe l'urgence. Elle a été reconnue pour une autorisation
            provisoire de séjour (498497), pour une lenteur propre à l'administration (497389), pour le refus implicite
            fait à un bénéficiaire de la protection subsidiaire (503085). Tenir une attestation de prolongation ne
            renverse pas la présomption (24 octobre 2025).
Convention  [I] La présomption vaut pour un renouvellement, et pour la protection subsidiaire. Ailleurs la question
            reste ouverte : l'urgence se justifie.
Non codé    Les circonstances qui renversent la présomption : elles s'apprécient.
"""

from datetime import date
from typing import Final

from ledger.events.types import NatureDemande, StatutProtection
from rules.base import Source, Verification

SOURCE: Final = Source(
    code="CE",
    article="6 mars 2025, n° 498497",
    libelle="Urgence présumée : autorisation provisoire de séjour",
    verification=Verification.F,
    en_vigueur_depuis=date(2025, 3, 6),
    url_ou_copie="copie de la décision, adresse non notée",
    publiee_le=date(2025, 3, 6),
)
AMEUR: Final = Source(
    code="CE",
    article="14 mars 2001, Ameur",
    libelle="Urgence présumée du refus de renouvellement",
    verification=Verification.M,
    en_vigueur_depuis=date(2001, 3, 14),
    publiee_le=date(2001, 3, 14),
)
LENTEUR: Final = Source(
    code="CE",
    article="12 décembre 2024, n° 497389",
    libelle="Lenteur propre à l'administration",
    verification=Verification.S,
    en_vigueur_depuis=date(2024, 12, 12),
    publiee_le=date(2024, 12, 12),
)
SUBSIDIAIRE: Final = Source(
    code="CE",
    article="17 juin 2025, n° 503085",
    libelle="Refus implicite fait à un bénéficiaire de la protection subsidiaire",
    verification=Verification.S,
    en_vigueur_depuis=date(2025, 6, 17),
    publiee_le=date(2025, 6, 17),
)
MALGRE_ATTESTATION: Final = Source(
    code="CE",
    article="24 octobre 2025 (numéro non trouvé)",
    libelle="Tenir une attestation de prolongation ne renverse pas la présomption",
    verification=Verification.S,
    en_vigueur_depuis=date(2025, 10, 24),
    url_ou_copie="gillioen-avocat.com",
    publiee_le=date(2025, 10, 24),
)
SOURCES: Final = (SOURCE, AMEUR, LENTEUR, SUBSIDIAIRE, MALGRE_ATTESTATION)


def presumee(nature: NatureDemande, statut: StatutProtection | None = None) -> bool | None:
    """Whether urgency is presumed of a refusal; ``None`` where it has to be justified."""
    protected = statut is StatutProtection.PROTECTION_SUBSIDIAIRE
    return True if protected or nature is NatureDemande.RENOUVELLEMENT else None

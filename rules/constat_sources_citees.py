"""Les textes que Constat cite dans un avertissement sans en calculer rien.

Source      RGPD, art. 17. [S] RGPD, art. 9, de mémoire. [M] TA Paris, 27 juin 2025. [S]
Résumé      Les données sensibles et leur effacement ; la mise à disposition réelle d'une attestation.
Non codé    Tout : ces textes s'apprécient. Ceux qui se calculent ont chacun leur fichier.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

EFFACEMENT: Final = Source(
    code="RGPD",
    article="art. 17",
    libelle="L'effacement cède devant la défense de droits en justice",
    verification=Verification.S,
    url_ou_copie="monexpertrgpd.com",
)
DONNEES_SENSIBLES: Final = Source(
    code="RGPD",
    article="art. 9",
    libelle="Consentement au signalement d'une vulnérabilité",
    verification=Verification.M,
)
REMISE: Final = Source(
    code="TA Paris",
    article="27 juin 2025",
    libelle="Une attestation jamais mise à disposition ne prouve rien",
    verification=Verification.S,
    en_vigueur_depuis=date(2025, 6, 27),
    publiee_le=date(2025, 6, 27),
)
SOURCES: Final = (EFFACEMENT, DONNEES_SENSIBLES, REMISE)

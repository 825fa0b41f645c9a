"""Les textes que Constat cite dans un avertissement sans en calculer rien.

Source      CJA, art. L.521-1, L.521-3, R.421-5, R.522-1 : lus dans une copie de 2012, textes stables. [F] La portée de
            L.521-3 en présence d'un refus implicite et l'espacement des tentatives (CE 435594) : résumés. [S]
            RGPD, art. 17. [S] RGPD, art. 9, de mémoire. [M] Circulaire du 25 juin 2013. [S]
            TA Paris, 27 juin 2025. [S]
Résumé      Les voies d'urgence et leurs conditions, l'opposabilité des délais, les données sensibles et leur
            effacement, la durée des récépissés, la mise à disposition réelle d'une attestation.
Non codé    Les conditions d'urgence et d'utilité, qui s'apprécient.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "legifrance/Les-codes-en-vigueur (2012)"

SOURCE: Final = Source(
    code="CJA",
    article="R.421-5",
    libelle="Délais opposables seulement s'ils ont été notifiés avec les voies de recours",
    verification=Verification.F,
    en_vigueur_depuis=date(2001, 1, 1),
    url_ou_copie=_COPY,
)
SUSPENSION: Final = Source(
    code="CJA",
    article="R.522-1",
    libelle="La demande de suspension joint la requête au fond",
    verification=Verification.F,
    en_vigueur_depuis=date(2001, 1, 1),
    url_ou_copie=_COPY,
)
MESURES_UTILES: Final = Source(
    code="CJA",
    article="L.521-3",
    libelle="Mesures utiles, sans faire obstacle à une décision : fermé par un refus implicite",
    verification=Verification.S,
    url_ou_copie="alexia.fr, fiche 12647",
)
TENTATIVES: Final = Source(
    code="CE",
    article="10 juin 2020, n° 435594",
    libelle="Tentatives espacées avant un référé mesures utiles",
    verification=Verification.S,
    url_ou_copie="ash.tm.fr, hebdo 3165",
)
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
DEUX_RECEPISSES: Final = Source(
    code="Circulaire du 25 juin 2013",
    article="récépissés",
    libelle="Deux récépissés au plus, sauf exception",
    verification=Verification.S,
    url_ou_copie="ash.tm.fr, hebdo 2816",
)
REMISE: Final = Source(
    code="TA Paris",
    article="27 juin 2025",
    libelle="Une attestation jamais mise à disposition ne prouve rien",
    verification=Verification.S,
)
SOURCES: Final = (
    SOURCE,
    SUSPENSION,
    MESURES_UTILES,
    TENTATIVES,
    EFFACEMENT,
    DONNEES_SENSIBLES,
    DEUX_RECEPISSES,
    REMISE,
)

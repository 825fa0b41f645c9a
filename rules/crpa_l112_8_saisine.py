"""L'envoi électronique saisit l'administration ; elle n'en demande ni confirmation ni répétition.

Source      CRPA, art. L.112-8, en vigueur depuis le 1er janvier 2016. [F]
Texte       « Cette administration est régulièrement saisie et traite la demande, la déclaration, le document ou
            l'information sans lui demander la confirmation ou la répétition de son envoi sous une autre forme. »
            (art. L.112-8)
Non codé    L'identification préalable de la personne : elle n'est pas vérifiée ici.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.112-8",
    libelle="L'envoi électronique saisit l'administration",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367348",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)

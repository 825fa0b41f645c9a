"""Toute personne a le droit de savoir qui instruit sa demande.

Source      CRPA, art. L.111-2, en vigueur depuis le 1er janvier 2016. [F]
Résumé      Prénom, nom, qualité et adresse administratives de l'agent chargé de la demande sont dus à la personne et
            figurent sur les courriers qu'elle reçoit. L'anonymat est respecté quand la sécurité le justifie.
Non codé    L'identité des agents n'est pas dans le registre, qui ne garde que leur service et leur qualité : le
            respect de cet article se lit sur les courriers.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.111-2",
    libelle="Prénom, nom, qualité et adresse de l'agent chargé de la demande",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367321",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)

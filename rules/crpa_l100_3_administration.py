"""Les organismes de sécurité sociale sont des administrations.

Source      CRPA, art. L.100-3, en vigueur depuis le 1er janvier 2016. [F]
Texte       Sont des administrations « les administrations de l'Etat, les collectivités territoriales, leurs
            établissements publics administratifs et les organismes et personnes de droit public et de droit privé
            chargés d'une mission de service public administratif, y compris les organismes de sécurité sociale »
            (art. L.100-3).
Convention  [I] La caisse d'allocations familiales et celle d'assurance maladie doivent donc ce que ce code impose.
Non codé    La nature d'un organisme : le fait qui le nomme la dit, elle ne se calcule pas.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.100-3",
    libelle="Administrations, organismes de sécurité sociale compris",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367308",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)

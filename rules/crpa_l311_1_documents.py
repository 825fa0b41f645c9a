"""Les documents administratifs se communiquent ; ceux qui touchent une personne, à elle seule.

Source      CRPA, art. L.300-2, L.311-1, L.311-2, L.311-6 et L.311-9, en vigueur depuis 2016 à 2018 selon l'article. [F]
Résumé      Dossiers, correspondances et codes sources sont des documents administratifs. Leur communication est un
            droit ; il ne porte pas sur les documents préparatoires, tant que la décision s'élabore. Ceux dont la
            communication toucherait la vie privée ne se communiquent qu'à l'intéressé, au choix sur place, en copie ou
            par courriel.
Non codé    Les secrets protégés (L.311-5) : texte non relevé. Le délai de réponse est dans ``crpa_r311_12_acces``.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.311-1",
    libelle="Droit à communication des documents administratifs",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 10, 9),
    version="LEGIARTI000033218946",
    url_ou_copie=_COPY,
    publiee_le=date(2016, 10, 8),
)
DOCUMENTS: Final = Source(
    code="CRPA",
    article="L.300-2",
    libelle="Documents administratifs, codes sources compris",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 10, 9),
    version="LEGIARTI000033218936",
    url_ou_copie=_COPY,
    publiee_le=date(2016, 10, 8),
)
PREPARATOIRES: Final = Source(
    code="CRPA",
    article="L.311-2",
    libelle="Documents préparatoires, tant que la décision s'élabore",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367700",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
INTERESSE: Final = Source(
    code="CRPA",
    article="L.311-6",
    libelle="Documents communicables à l'intéressé seul",
    verification=Verification.F,
    en_vigueur_depuis=date(2018, 8, 1),
    version="LEGIARTI000037269056",
    url_ou_copie=_COPY,
    publiee_le=date(2018, 7, 31),
)
MODALITES: Final = Source(
    code="CRPA",
    article="L.311-9",
    libelle="Consultation, copie ou courriel, au choix",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 10, 9),
    version="LEGIARTI000033218942",
    url_ou_copie=_COPY,
    publiee_le=date(2016, 10, 8),
)
SOURCES: Final = (SOURCE, DOCUMENTS, PREPARATOIRES, INTERESSE, MODALITES)


def communicable(*, preparatoire: bool, personnel: bool, a_l_interesse: bool) -> bool:
    """Whether a document is communicated to who asks for it."""
    return not preparatoire and (a_l_interesse or not personnel)

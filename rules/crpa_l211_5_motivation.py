"""Un refus est écrit et motivé, en droit et en fait.

Source      CRPA, art. L.211-2 et L.211-5, en vigueur depuis le 1er janvier 2016. [F]
Résumé      Les décisions défavorables sont motivées : la motivation est écrite et énonce les considérations de droit et
            de fait qui fondent la décision.
Non codé    La motivation stéréotypée et l'urgence absolue : elles s'apprécient.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.211-5",
    libelle="Motivation écrite, en droit et en fait",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367513",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
PRINCIPE: Final = Source(
    code="CRPA",
    article="L.211-2",
    libelle="Décisions défavorables à motiver",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367505",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
SOURCES: Final = (SOURCE, PRINCIPE)


def manquements(motifs: Sequence[str], articles: Sequence[str]) -> Iterator[tuple[str, Source, str]]:
    """Code, source and French sentence of what the reasons of a decision leave out."""
    if not any(motif.strip() for motif in motifs):
        yield "sans_motif_de_fait", PRINCIPE, "La décision n'énonce aucun motif de fait."
    if not articles:
        yield "sans_motif_de_droit", SOURCE, "La décision ne cite aucun texte."

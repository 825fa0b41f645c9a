"""Un refus d'enregistrer nomme la pièce sans laquelle le dossier ne peut être examiné.

Source      CESEDA, art. R.431-10 et R.431-11, annexe 10, en vigueur depuis le 1er mai 2021. [S] CE, avis, 10 octobre
            2023, n° 472831 et 10 octobre 2024, n° 493514, 494718. [F]
Résumé      Le refus d'enregistrer un dossier réellement incomplet ne fait pas grief. Est incomplet le dossier auquel
            manque un document de R.431-10 (état civil, nationalité), ou une pièce de l'annexe 10 sans laquelle
            l'examen est impossible. Le silence vaut refus implicite de la demande, sauf s'il est établi que le dossier
            était incomplet : il vaut alors refus de l'enregistrer.
Non codé    La liste des pièces de l'annexe 10 par titre : texte non lu.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from ledger.events.parts import PieceDemandee
from ledger.events.types import NatureDecision
from rules.base import Source, Verification

SOURCE: Final = Source(
    code="CE",
    article="avis, 10 octobre 2024, n° 494718",
    libelle="Refus d'enregistrer un dossier réellement incomplet",
    verification=Verification.F,
    en_vigueur_depuis=date(2024, 10, 10),
    url_ou_copie="conseil-etat.fr, analyse 494718 ; infomie.net, article 7056",
    publiee_le=date(2024, 10, 10),
)
PREMIER_AVIS: Final = Source(
    code="CE",
    article="avis, 10 octobre 2023, n° 472831",
    libelle="Le refus d'enregistrer un dossier réellement incomplet ne fait pas grief",
    verification=Verification.F,
    en_vigueur_depuis=date(2023, 10, 10),
    url_ou_copie="conseil-etat.fr, analyse 494718 ; infomie.net, article 7056",
    publiee_le=date(2023, 10, 10),
)
PIECES: Final = Source(
    code="CESEDA",
    article="R.431-10",
    libelle="Documents d'état civil et de nationalité",
    verification=Verification.S,
    en_vigueur_depuis=date(2021, 5, 1),
    url_ou_copie="résumé des avis du Conseil d'État",
)
ANNEXE_10: Final = Source(
    code="CESEDA",
    article="R.431-11",
    libelle="Pièces propres à chaque titre, fixées par arrêté (annexe 10)",
    verification=Verification.S,
    en_vigueur_depuis=date(2021, 5, 1),
    url_ou_copie="résumé des avis du Conseil d'État",
)
SOURCES: Final = (SOURCE, PREMIER_AVIS, PIECES, ANNEXE_10)


def manquements(pieces: Sequence[PieceDemandee], fondement: str | None) -> Iterator[tuple[str, Source, str]]:
    """Code, source and French sentence of what a refusal to register leaves out."""
    if not pieces:
        yield "enregistrement_refuse_sans_piece", SOURCE, "Le refus d'enregistrer ne nomme aucune pièce manquante."
    if fondement is None and not any(piece.texte for piece in pieces):
        yield "enregistrement_refuse_sans_texte", PIECES, "Le refus d'enregistrer ne cite aucun texte."


def fait_grief(*, incomplet_etabli: bool) -> bool:
    """Whether a refusal to register may be attacked: not when the file is shown to have been incomplete."""
    return not incomplet_etabli


def silence_vaut(*, incomplet_etabli: bool) -> NatureDecision:
    """What the silence amounts to once its time has run."""
    return NatureDecision.REFUS_ENREGISTREMENT if incomplet_etabli else NatureDecision.REFUS_IMPLICITE

"""Une demande de complément nomme les pièces exigées par les textes, fixe un délai et en dit l'effet.

Source      CRPA, art. L.114-5 et R.112-11-4. [F] Art. L.114-5-1 (pièce indispensable). [F] CAA Paris, 12 décembre 2025,
            n° 25PA00512 : un classement sans suite annulé. [S]
Résumé      L'administration indique les pièces manquantes exigées par les textes et fixe un délai pour les produire. Le
            délai du refus implicite est suspendu pendant ce délai. Une pièce manquante ne permet de suspendre
            l'instruction que si elle est indispensable.
Convention  [I] Le texte ne donne pas le pouvoir de clore le dossier quand le délai est passé. [I] Une pièce que la
            personne a tenté de produire dans le délai, et que le téléservice a refusée, n'est pas un défaut de réponse.
Non codé    Le délai raisonnable à fixer : il s'apprécie. Les jours de suspension se comptent dans
            ``ceseda_r432_1_silence``.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from ledger.events.parts import PieceDemandee
from rules.base import Source, Verification

_COPY: Final = "SocialGouv/legi-data, LEGITEXT000031366350"

SOURCE: Final = Source(
    code="CRPA",
    article="L.114-5",
    libelle="Demande de complément : pièces exigées par les textes, délai, effet du délai",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367402",
    url_ou_copie=_COPY,
    publiee_le=date(2015, 10, 25),
)
ELECTRONIQUE: Final = Source(
    code="CRPA",
    article="R.112-11-4",
    libelle="Demande de complément par voie électronique",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 11, 7),
    version="LEGIARTI000033288129",
    url_ou_copie=_COPY,
    publiee_le=date(2016, 10, 22),
)
INDISPENSABLE: Final = Source(
    code="CRPA",
    article="L.114-5-1",
    libelle="Seule une pièce indispensable suspend l'instruction",
    verification=Verification.F,
    en_vigueur_depuis=date(2018, 8, 12),
    version="LEGIARTI000037309543",
    url_ou_copie=_COPY,
    publiee_le=date(2018, 8, 11),
)
CLOTURE: Final = Source(
    code="CRPA",
    article="L.114-5 (lecture)",
    libelle="Le délai passé ne donne pas le pouvoir de clore",
    verification=Verification.I,
)
VERSEMENT: Final = Source(
    code="Convention de calcul",
    article="pièce que le téléservice empêche de verser (CRPA L.114-5)",
    libelle="Ce que le téléservice a empêché de produire ne rend pas le dossier incomplet",
    verification=Verification.I,
)
CLASSEMENT: Final = Source(
    code="CAA Paris",
    article="12 décembre 2025, n° 25PA00512",
    libelle="Annulation d'un classement sans suite prononcé pour incomplétude",
    verification=Verification.S,
    en_vigueur_depuis=date(2025, 12, 12),
    url_ou_copie="kohenavocats.com",
    publiee_le=date(2025, 12, 12),
)
SOURCES: Final = (SOURCE, ELECTRONIQUE, INDISPENSABLE, CLOTURE, VERSEMENT, CLASSEMENT)

MONTREES: Final = 3


def manquements(
    pieces: Sequence[PieceDemandee], *, echeance: bool, mention: bool | None
) -> Iterator[tuple[str, Source, str]]:
    """Code, source and French sentence of each thing that a request for pieces leaves out."""
    if not pieces:
        yield "complement_sans_piece", SOURCE, "La demande ne nomme aucune pièce."
    without = [piece.nom for piece in pieces if piece.texte is None]
    if without:
        yield "piece_sans_texte", SOURCE, f"Aucun texte n'est cité pour : {enumeration(without)}."
    if not echeance:
        yield "complement_sans_delai", SOURCE, "La demande ne fixe aucun délai pour répondre."
    if mention is not True:
        yield "complement_sans_effet", ELECTRONIQUE, "La demande ne dit pas que le délai du silence est suspendu."


def enumeration(noms: Sequence[str]) -> str:
    """The first three designations, and how many there are."""
    shown = ", ".join(f"« {nom[:100]} »" for nom in noms[:MONTREES])
    return shown if len(noms) <= MONTREES else f"{shown} ({len(noms)} pièces en tout)"

"""Le silence gardé sur une demande de titre fait naître un refus implicite.

Source      CESEDA, art. R.*432-1 et R.432-2, en vigueur depuis le 1er mai 2021 (version 2 de R.432-2 ; sa date n'a pas
            été vue). [F] Le lien entre R.422-5 et le titre étudiant est donné de mémoire. [M]
Résumé      Quatre mois de silence valent refus. 90 jours pour les titres de R.421-43, R.421-47, R.421-54, R.421-60,
            R.422-5, R.422-12, R.426-14 et R.426-17 ; 60 jours pour celui de R.421-26. Une attestation ou un récépissé
            n'empêche pas le refus de naître (CE, avis, 6 mai 2025, n° 499904). [S] Une demande de pièces conforme
            suspend le délai pendant le temps donné pour y répondre (CRPA L.114-5). [F]
Convention  [I] Le refus naît au même quantième, à zéro heure ; ni dimanche ni jour férié ne le reportent.
Non codé    Les délais propres de R.421-23 et R.421-37-7 : leur texte n'a pas été lu.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from rules.base import Source, Verification, decaler, quantieme, sans_accents

SOURCE: Final = Source(
    code="CESEDA",
    article="R.*432-1",
    libelle="Refus implicite après quatre mois de silence",
    verification=Verification.F,
    en_vigueur_depuis=date(2021, 5, 1),
    version="LEGIARTI000042806946",
    url_ou_copie="legal.tricoteuses.fr",
)
DELAIS_COURTS: Final = Source(
    code="CESEDA",
    article="R.432-2",
    libelle="Refus implicite après 90 ou 60 jours pour certains titres",
    verification=Verification.F,
    en_vigueur_depuis=date(2021, 5, 1),
    url_ou_copie="juriblio.fr, article-r432-2",
)
ETUDIANT: Final = Source(
    code="CESEDA",
    article="R.432-2 al. 2",
    libelle="90 jours pour le titre étudiant (R.422-5)",
    verification=Verification.M,
)
RECHERCHE_EMPLOI: Final = Source(
    code="CESEDA",
    article="R.432-2 al. 2",
    libelle="90 jours pour la recherche d'emploi ou la création d'entreprise (R.422-12)",
    verification=Verification.F,
    en_vigueur_depuis=date(2021, 5, 1),
    url_ou_copie="legal.tricoteuses.fr, LEGISCTA000042807184",
)
AVIS_499904: Final = Source(
    code="CE",
    article="avis, 6 mai 2025, n° 499904",
    libelle="Une attestation ou un récépissé n'empêche ni n'efface le refus implicite",
    verification=Verification.S,
    en_vigueur_depuis=date(2025, 5, 6),
    url_ou_copie="lexcase-immigration.com ; juricaf.org",
    publiee_le=date(2025, 5, 6),
)
SUSPENSION: Final = Source(
    code="CRPA",
    article="L.114-5",
    libelle="Suspension du délai pendant le temps donné pour compléter la demande",
    verification=Verification.F,
    en_vigueur_depuis=date(2016, 1, 1),
    version="LEGIARTI000031367402",
    url_ou_copie="SocialGouv/legi-data, LEGITEXT000031366350",
    publiee_le=date(2015, 10, 25),
)
SOURCES: Final = (SOURCE, DELAIS_COURTS, ETUDIANT, RECHERCHE_EMPLOI, AVIS_499904, SUSPENSION)

_NINETY: Final = re.compile(r"R\.? ?(421-(43|47|54|60)|422-(5|12)|426-(14|17))(?!\d)")
_SIXTY: Final = re.compile(r"R\.? ?421-26(?!\d)")
_STUDENT: Final = re.compile(r"\betudiante?s?\b")
_JOB_SEARCH: Final = re.compile(r"\brecherche d.emploi\b")


@dataclass(frozen=True, slots=True)
class Delai:
    """How long silence must last, and under which condition that length holds."""

    libelle: str
    source: Source
    mois: int = 0
    jours: int = 0

    def naissance(self, deposee_le: date) -> date:
        """The day on which the refusal is born, for an application received on ``deposee_le``."""
        born = quantieme(deposee_le, self.mois) if self.mois else deposee_le
        return decaler(born, self.jours) if self.jours else born


QUATRE_MOIS: Final = Delai("4 mois", SOURCE, mois=4)
JOURS_90: Final = Delai("90 jours", DELAIS_COURTS, jours=90)
JOURS_60: Final = Delai("60 jours", DELAIS_COURTS, jours=60)
JOURS_90_ETUDIANT: Final = Delai("90 jours si titre étudiant", ETUDIANT, jours=90)
JOURS_90_RECHERCHE: Final = Delai("90 jours si recherche d'emploi", RECHERCHE_EMPLOI, jours=90)


@lru_cache(maxsize=4096)
def delais(motif_sejour: str | None = None, fondement: str | None = None) -> tuple[Delai, ...]:
    """The lengths that may apply, soonest first: one when the text is sure, both when only the motive suggests it."""
    return tuple(_delais(motif_sejour or "", fondement or ""))


def _delais(motif_sejour: str, fondement: str) -> Iterator[Delai]:
    if _SIXTY.search(fondement):
        yield JOURS_60
        return
    if _NINETY.search(fondement):
        yield JOURS_90
        return
    plain = sans_accents(motif_sejour)
    if _STUDENT.search(plain):
        yield JOURS_90_ETUDIANT
    elif _JOB_SEARCH.search(plain):
        yield JOURS_90_RECHERCHE
    yield QUATRE_MOIS


def suspendu_jusqu_au(ne_le: date, jours: int) -> date:
    """The day of birth put off by ``jours`` days of suspension."""
    return decaler(ne_le, jours)


def jours_suspendus(demande_le: date, limite_le: date, repondu_le: date | None) -> int:
    """The days between the request and the answer, never more than the time that was given."""
    end = limite_le if repondu_le is None else min(repondu_le, limite_le)
    return max(0, (end - demande_le).days)

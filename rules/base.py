"""What every rule carries: its source, how far that source was checked, and the two ways the law counts time.

The law counts civil days and months, never hours: nothing here knows what an hour is. A rule without a checked source
stays usable, but whoever shows it to a person must say « non vérifié » (:attr:`Source.citation` does).

A source has three dates: since when its text holds, when that text was published, and when the project learned the
reading written here. A text that is read anew becomes a new :class:`Source` with the next ``lecture``; the old one
stays, with what was computed from it (``rules.jeux``), so that what was concluded from it can be concluded again.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from rules.calcul import decaler, lendemain, quantieme

__all__ = [
    "COPIE_DE_2012",
    "RECHERCHE_JURIDIQUE",
    "RELECTURE",
    "Source",
    "Verification",
    "articles_cites",
    "decaler",
    "lendemain",
    "quantieme",
    "sans_accents",
]


class Verification(StrEnum):
    """Jusqu'où la source d'une règle a été vérifiée."""

    F = "F"
    """Texte lu dans une copie."""
    F_PART = "F-part"
    """Texte lu en partie : la copie s'arrêtait avant la fin."""
    S = "S"
    """Connu par un résumé de tiers ; les termes exacts n'ont pas été lus."""
    M = "M"
    """De mémoire, non vérifié."""
    I = "I"  # noqa: E741  # the label itself, as written in the legal ground
    """Interprétation ou convention de calcul ; ce n'est pas du droit."""

    @property
    def sens(self) -> str:
        """The French meaning of the label, to be shown beside it."""
        return _SENS[self]


_SENS: Final = {
    Verification.F: "texte lu dans une copie",
    Verification.F_PART: "texte lu en partie",
    Verification.S: "connu par un résumé de tiers, texte non lu",
    Verification.M: "de mémoire, non vérifié",
    Verification.I: "interprétation ou convention de calcul",
}
_A_VERIFIER: Final = frozenset({Verification.M, Verification.S, Verification.I})
_ACCENTS: Final = re.compile(r"[\u0300-\u036f]")
_ARTICLE: Final = re.compile(r"\b([LRD])\.? ?\*?(\d+(?:-\d+)*)")

RECHERCHE_JURIDIQUE: Final = date(2026, 11, 23)
"""The day of the legal research: a source is known since then, unless it says otherwise."""
RELECTURE: Final = date(2026, 11, 26)
"""The day on which articles known from an old copy were read again, in their version of today."""
COPIE_DE_2012: Final = "legifrance/Les-codes-en-vigueur, justice_administrative.txt (5 octobre 2012)"
"""The old copy in which articles of the CJA were read first."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from, since when it holds, and how far that was checked."""

    code: str
    article: str
    libelle: str
    verification: Verification
    en_vigueur_depuis: date | None = None
    """``None`` when the date was not found: only a source that is still to be checked may say so.

    When the copy that was read gives no beginning, this is the day of the copy: the text held by then.
    """
    en_vigueur_jusqu_au: date | None = None
    """``None`` while no end is known; the eve of the version that was read later, when nothing says it ended before."""
    version: str | None = None
    """The LEGIARTI identifier of the version that was read."""
    url_ou_copie: str | None = None
    """The site or the copy in which the text was read."""
    publiee_le: date | None = None
    """The day on which the text was published, or the ruling read out; ``None`` when it was not found."""
    connue_le: date = RECHERCHE_JURIDIQUE
    """The day on which the project learned this reading of the source."""
    lecture: int = 1
    """The number of this reading of the source: a later one takes the next number and leaves this one in place."""

    @property
    def reference(self) -> str:
        """The article as one cites it: « CESEDA, art. R.431-5 1° »."""
        separator = "art. " if self.article[:1] in "LRDA" and self.article[1:2] in ".*" else ""
        return f"{self.code}, {separator}{self.article}"

    @property
    def a_verifier(self) -> bool:
        """Whether every use shown to a person must say « non vérifié »."""
        return self.verification in _A_VERIFIER

    @property
    def citation(self) -> str:
        """The reference, followed by « (non vérifié) » when the source was not checked."""
        return f"{self.reference} (non vérifié)" if self.a_verifier else self.reference

    def en_vigueur(self, day: date) -> bool:
        """Whether the rule was in force on ``day``, as far as its dates are known."""
        started = self.en_vigueur_depuis is None or self.en_vigueur_depuis <= day
        return started and (self.en_vigueur_jusqu_au is None or day <= self.en_vigueur_jusqu_au)


def sans_accents(texte: str) -> str:
    """``texte`` in small letters without accents, so that « Réfugié » and « refugie » read the same."""
    return _ACCENTS.sub("", unicodedata.normalize("NFD", texte.lower()))


def articles_cites(fondement: str | None) -> frozenset[str]:
    """The articles that a legal basis names, written one way: « CESEDA R. 431-5 1° » names ``R.431-5``."""
    return frozenset(f"{letter}.{number}" for letter, number in _ARTICLE.findall(fondement or ""))

"""The sets of readings that this program can run under, and which one is being followed.

A rule that was read more than once keeps every reading in its own file, executable, numbered from 1 (:func:`lectures`).
A set says which reading of each rule it follows; the last set of :data:`JEUX` is followed unless :func:`sous` says
otherwise, as the ``decimal`` module does with its context. A set, once published, is never edited: a rule read anew
takes its new reading in its file, and a new set here.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Generic, TypeVar

from rules.base import RECHERCHE_JURIDIQUE, RELECTURE, Source

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Jeu:
    """Un jeu de règles : pour chaque règle lue plus d'une fois, la lecture suivie."""

    nom: str
    adopte_le: date
    texte: str
    """Ce qui le distingue du précédent, en une phrase."""
    suivies: Mapping[str, int] = field(default_factory=dict)
    """By the name of the rule; a rule that is not here is followed in its first reading."""

    def lecture(self, identifiant: str) -> int:
        """The number of the reading followed of that rule."""
        return self.suivies.get(identifiant, 1)


PREMIER: Final = Jeu("premières notes", RECHERCHE_JURIDIQUE, "Chaque règle dans sa première lecture.")
RECHERCHE: Final = Jeu(
    "recherche",
    RECHERCHE_JURIDIQUE,
    "L'espacement des tentatives est relu dans le résumé de la décision : sept jours, jamais des semaines.",
    {"ce_435594_tentatives": 2},
)
RELUS: Final = Jeu(
    "relecture",
    RELECTURE,
    "Cinq règles de procédure connues par une copie de 2012 sont relues dans leur version d'aujourd'hui.",
    {
        **RECHERCHE.suivies,
        "cja_l911_1_injonction": 2,
        "cja_r421_1_delai_franc": 2,
        "cja_r421_2_reclamation": 2,
        "cja_r431_2_avocat": 2,
        "cja_r531_1_constat": 2,
    },
)
EFFACEMENT: Final = Jeu(
    "effacement",
    date(2026, 11, 27),
    "La copie des données, l'effacement et ses exceptions sont écrits pour la première fois ; rien d'autre ne change.",
    {**RELUS.suivies, "rgpd_art15_copie": 2, "rgpd_art17_effacement": 2},
)
JEUX: Final = (PREMIER, RECHERCHE, RELUS, EFFACEMENT)
"""In the order in which they were adopted; the last one is followed by default."""
ACTUEL: Final = JEUX[-1]

_SUIVI: Final[ContextVar[Jeu]] = ContextVar("jeu", default=ACTUEL)


@contextmanager
def sous(jeu: Jeu) -> Iterator[None]:
    """Follow ``jeu`` in the block, in this thread or task only.

    What is computed lazily must be computed to its end inside the block.
    """
    token = _SUIVI.set(jeu)
    try:
        yield
    finally:
        _SUIVI.reset(token)


def suivi() -> Jeu:
    """The set that is being followed."""
    return _SUIVI.get()


@dataclass(frozen=True, slots=True)
class Lecture(Generic[T]):
    """One reading of a rule: its sources, and what is computed from them."""

    sources: tuple[Source, ...]
    """The first one is the one to be cited; empty for a rule that was not known yet."""
    calcul: T
    """What differs from the other readings; ``None`` when nothing that is computed does."""


@dataclass(frozen=True, slots=True)
class Lectures(Generic[T]):
    """Every reading of one rule, in the order of their numbers."""

    identifiant: str
    toutes: tuple[Lecture[T], ...]

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources of all readings, the latest reading first, each once."""
        return tuple(dict.fromkeys(source for each in reversed(self.toutes) for source in each.sources))

    def suivie(self) -> Lecture[T]:
        """The reading that the set being followed chose."""
        return self.toutes[_SUIVI.get().lecture(self.identifiant) - 1]

    def source(self) -> Source:
        """The source to be cited under the set being followed."""
        return self.suivie().sources[0]


def lectures(module: str, *toutes: Lecture[T]) -> Lectures[T]:
    """The readings of the rule whose file says ``lectures(__name__, ...)``, the first one first."""
    return Lectures(module.removeprefix("rules."), toutes)

"""A rule read anew keeps its old reading, executable; a published set of readings never changes, and leaks nowhere."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import pairwise
from pathlib import Path
from threading import Barrier
from types import ModuleType
from typing import Any, Final

import pytest

import projections
import replay
import rules
from ledger.events.types import BaseRecours
from rules import (
    catalogue,
    ce_435594_tentatives,
    cja_l911_1_injonction,
    cja_r421_1_delai_franc,
    cja_r421_2_reclamation,
)
from rules.base import Source
from rules.catalogue import REGLES, Regle, empreinte, jeux_nommes, regle
from rules.jeux import ACTUEL, JEUX, PREMIER, Jeu, Lecture, Lectures, lectures, sous

GOLDEN: Final = Path(__file__).parents[1] / "golden" / "rule_sets.txt"
RELUES: Final = tuple(each for each in REGLES if len(each.lectures) > 1)
VENDREDI, MERCREDI, SEPT_JOURS_APRES = date(2019, 9, 13), date(2019, 9, 18), date(2019, 9, 20)

EXEMPLES: Final[Mapping[str, tuple[Callable[[], object], tuple[object, ...]]]] = {
    "ce_435594_tentatives": (
        lambda: (
            ce_435594_tentatives.suffisantes_le([VENDREDI, MERCREDI]),
            ce_435594_tentatives.suffisantes_le([VENDREDI, MERCREDI, SEPT_JOURS_APRES]),
        ),
        ((MERCREDI, MERCREDI), (None, SEPT_JOURS_APRES)),
    ),
    "cja_l911_1_injonction": (cja_l911_1_injonction.d_office, (False, True)),
    "cja_r421_1_delai_franc": (
        lambda: cja_r421_1_delai_franc.demande_prealable_exigee(BaseRecours.INDEMNITAIRE),
        (None, True),
    ),
    "cja_r421_2_reclamation": (
        lambda: cja_r421_2_reclamation.rejet_le(date(2025, 12, 31)),
        (date(2026, 2, 28), date(2026, 2, 28)),
    ),
}
"""For each rule of which a calculation was read anew: a call, and its answer under each reading."""


def lues(identifiant: str) -> Lectures[Any]:
    """The readings that the file of a rule declares."""
    found = importlib.import_module(f"rules.{identifiant}").LECTURES
    assert isinstance(found, Lectures)
    return found


def defauts(found: Lectures[Any], essayee: bool) -> list[str]:
    """What keeps a rule from being followed in each of its readings, in words."""
    lacks = []
    computed = [callable(each.calcul) for each in found.toutes]
    if any(each.calcul is not None and not callable(each.calcul) for each in found.toutes):
        lacks.append("une lecture n'est pas exécutable")
    if any(computed) and not all(computed):
        lacks.append("une lecture calcule et une autre non")
    if any(computed) and not essayee:
        lacks.append("aucun exemple n'exécute ses lectures")
    if len({each.sources for each in found.toutes}) < len(found.toutes):
        lacks.append("deux lectures ont les mêmes sources")
    if any(not each.sources for each in found.toutes[1:]):
        lacks.append("une lecture n'a pas de source")
    return lacks


def test_the_digests_of_the_published_sets_never_change() -> None:
    """A set that no longer has the digest it was published under was edited: put it back, and add a set instead."""
    assert GOLDEN.read_text(encoding="utf-8").splitlines() == [f"{empreinte(jeu)} {jeu.nom}" for jeu in JEUX]


def test_the_sets_follow_one_another() -> None:
    """The last one is the default; days of adoption do not go back, nor does the reading of any rule."""
    assert JEUX[-1] is ACTUEL
    for one, other in pairwise(JEUX):
        assert one.adopte_le <= other.adopte_le
        assert one.texte != other.texte
        assert all(one.lecture(each.identifiant) <= other.lecture(each.identifiant) for each in REGLES)
    assert len({empreinte(jeu) for jeu in JEUX}) == len({jeu.nom for jeu in JEUX}) == len(JEUX)


@pytest.mark.parametrize("jeu", JEUX, ids=lambda jeu: jeu.nom)
def test_a_set_follows_readings_that_exist_and_were_known(jeu: Jeu) -> None:
    """It names rules of the catalogue and readings they have; each of its sources was known when it was adopted."""
    assert set(jeu.suivies) <= {each.identifiant for each in REGLES}
    for rule in REGLES:
        assert 1 <= jeu.lecture(rule.identifiant) <= len(rule.lectures)
        assert all(source.connue_le <= jeu.adopte_le for source in rule.suivies(jeu)), rule.identifiant


@pytest.mark.parametrize("rule", RELUES, ids=lambda rule: rule.identifiant)
def test_every_reading_is_followed_by_a_set(rule: Regle) -> None:
    """A reading that no set follows could not be run: it is refused."""
    assert {jeu.lecture(rule.identifiant) for jeu in JEUX} == set(range(1, len(rule.lectures) + 1))


@pytest.mark.parametrize("rule", RELUES, ids=lambda rule: rule.identifiant)
def test_every_reading_can_be_run(rule: Regle) -> None:
    """Under a set that follows it, each reading gives its own answer, by the functions that everyone calls."""
    found = lues(rule.identifiant)
    assert defauts(found, essayee=rule.identifiant in EXEMPLES) == []
    assert found.identifiant == rule.identifiant
    if rule.identifiant in EXEMPLES:
        call, expected = EXEMPLES[rule.identifiant]
        assert len(expected) == len(found.toutes)
        for number, answer in enumerate(expected, start=1):
            with sous(Jeu("essai", ACTUEL.adopte_le, "Essai.", {rule.identifiant: number})):
                assert call() == answer
                assert found.source() is rule.lectures[number - 1][0]


SOURCES: Final = ce_435594_tentatives.LECTURES.toutes[0].sources
AUTRES: Final = ce_435594_tentatives.LECTURES.toutes[1].sources


@pytest.mark.parametrize(
    ("toutes", "essayee"),
    [
        ((Lecture(SOURCES, None), Lecture(AUTRES, bool)), True),
        ((Lecture(SOURCES, 7), Lecture(AUTRES, bool)), True),
        ((Lecture(SOURCES, bool), Lecture(AUTRES, bool)), False),
        ((Lecture(SOURCES, bool), Lecture(SOURCES, bool)), True),
        ((Lecture(SOURCES, bool), Lecture((), bool)), True),
    ],
    ids=["old one gone", "not a function", "never run", "same sources", "no source"],
)
def test_the_check_itself_refuses_a_reading_that_cannot_be_run(toutes: tuple[Lecture[Any], ...], essayee: bool) -> None:
    """An old reading without its calculation, one never run, or one that nothing tells from another, is refused."""
    assert defauts(lectures("rules.essai", *toutes), essayee)


@pytest.mark.parametrize("rule", RELUES, ids=lambda rule: rule.identifiant)
def test_a_source_of_one_reading_alone_is_cited_through_the_set(rule: Regle) -> None:
    """No file can import it by name, and cite it under a set that does not follow it: its name is private."""
    shared = set.intersection(*(set(each) for each in rule.lectures))
    public = {
        name
        for name, value in vars(importlib.import_module(f"rules.{rule.identifiant}")).items()
        if isinstance(value, Source) and value not in shared and not name.startswith("_")
    }
    assert public == set()


def test_a_rule_that_a_set_did_not_know_is_not_in_its_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new rule whose first reading has no source leaves the digests of the older sets as they were."""
    before = [empreinte(jeu) for jeu in JEUX]
    known = regle("crpa_l211_5_motivation")
    new = Regle("essai", "Essai.", known.sources, ((), known.sources), "", "")
    monkeypatch.setattr(catalogue, "REGLES", (*REGLES, new))
    again = empreinte.__wrapped__
    assert [again(jeu) for jeu in JEUX] == before
    assert again(Jeu("essai", ACTUEL.adopte_le, "Essai.", {**ACTUEL.suivies, "essai": 2})) not in before
    assert new.connue_le(1) is None


def test_a_set_is_named_by_its_digest_or_the_beginning_of_it() -> None:
    """The whole digest names one set; nothing names all; what begins no digest names none."""
    for jeu in JEUX:
        assert jeux_nommes(empreinte(jeu)) == jeux_nommes(empreinte(jeu)[:12]) == (jeu,)
    assert jeux_nommes("") == JEUX
    assert jeux_nommes("x") == ()


def suivi() -> int:
    """The reading of the attempts that is followed here and now."""
    return ce_435594_tentatives.LECTURES.toutes.index(ce_435594_tentatives.LECTURES.suivie()) + 1


def test_a_set_is_followed_in_its_block_only() -> None:
    """Blocks nest, and the one around holds again after each, an error included."""
    assert suivi() == 2
    with sous(PREMIER):
        assert suivi() == 1
        with sous(ACTUEL):
            assert suivi() == 2
        assert suivi() == 1
        with pytest.raises(ZeroDivisionError), sous(ACTUEL):
            _ = 1 / 0
        assert suivi() == 1
    assert suivi() == 2


def test_two_sets_followed_at_once_do_not_mix() -> None:
    """Two threads inside their blocks at the same time each follow their own set; a third follows the default."""
    both_inside = Barrier(3)

    def seen(jeu: Jeu | None) -> list[int]:
        if jeu is None:
            both_inside.wait(10)
            return [suivi() for _ in range(1000)]
        with sous(jeu):
            both_inside.wait(10)
            return [suivi() for _ in range(1000)]

    with ThreadPoolExecutor(3) as pool:
        first, last, default = pool.map(seen, (PREMIER, ACTUEL, None))
    assert (set(first), set(last), set(default)) == ({1}, {2}, {2})


def modules(*packages: ModuleType) -> Iterator[ModuleType]:
    """Every module of these packages."""
    for package in packages:
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def test_nothing_that_depends_on_the_set_is_remembered() -> None:
    """A remembered answer would be given under another set: what is remembered is known, and reads no reading."""
    remembered = {
        f"{value.__module__}.{value.__qualname__}"
        for module in modules(rules, projections, replay)
        for value in vars(module).values()
        if hasattr(value, "cache_info")
    }
    own = {name for name in remembered if name.split(".")[0] in {"rules", "projections", "replay"}}
    assert own == {
        "rules.ceseda_r432_1_silence.delais",
        "rules.catalogue.empreinte",
        "rules.jours_ouvres._feries",
        "projections.francais.libelle",
        "projections.francais._libelles",
        "projections.vue._programme",
        "replay.checks.streams._second",
    }
    assert not hasattr(importlib.import_module("rules.ceseda_r432_1_silence"), "LECTURES")

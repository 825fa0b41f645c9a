"""Every rule says where it comes from, since when, and how far that was checked; no rule module may do without."""

import ast
import importlib
import pkgutil
from dataclasses import replace
from datetime import date
from types import ModuleType
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rules
from rules.base import RECHERCHE_JURIDIQUE, Source, Verification, articles_cites, sans_accents

NO_RULES: Final = {"base", "calcul", "catalogue", "jeux"}
MODULES: Final = tuple(sorted(name for _, name, _ in pkgutil.iter_modules(rules.__path__) if name not in NO_RULES))
ALLOWED: Final = ("rules", "ledger.days", "ledger.events.parts", "ledger.events.types")
VERIFIED: Final = {Verification.F, Verification.F_PART}
OLD: Final = Source(code="C", article="L.1", libelle="x", verification=Verification.M)


def sources_of(module: ModuleType) -> tuple[Source, ...]:
    """The sources that a rule module declares."""
    many = getattr(module, "SOURCES", None)
    return tuple(many) if many is not None else (module.SOURCE,)


def incomplete(source: object) -> list[str]:
    """What a source lacks, in words."""
    if not isinstance(source, Source):
        return ["n'est pas une Source"]
    lacks = [name for name in ("code", "article", "libelle") if not getattr(source, name).strip()]
    if source.verification in VERIFIED:
        lacks += [name for name in ("en_vigueur_depuis", "url_ou_copie") if getattr(source, name) is None]
    if source.version is not None and not source.version.startswith("LEGIARTI"):
        lacks.append("version")
    if not isinstance(source.connue_le, date):
        lacks.append("connue_le")
    elif source.publiee_le is not None and source.publiee_le > source.connue_le:
        lacks.append("publiee_le")
    if source.lecture < 1:
        lacks.append("lecture")
    return lacks


@pytest.mark.parametrize("name", MODULES)
def test_every_rule_module_has_complete_sources(name: str) -> None:
    """A rule module without SOURCE or SOURCES, or with a verified source that has no date or no copy, is refused."""
    module = importlib.import_module(f"rules.{name}")
    found = sources_of(module)
    assert found
    assert {each.reference: incomplete(each) for each in found if incomplete(each)} == {}


@pytest.mark.parametrize("name", MODULES)
def test_every_declared_source_is_listed(name: str) -> None:
    """A Source kept out of SOURCES would escape the check above: none is."""
    module = importlib.import_module(f"rules.{name}")
    own = {value for value in vars(module).values() if isinstance(value, Source) and _is_own(module, value)}
    assert own <= set(sources_of(module))


def _is_own(module: ModuleType, source: Source) -> bool:
    imported = {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(module_text(module)))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return any(value is source and key not in imported for key, value in vars(module).items())


def module_text(module: ModuleType) -> str:
    """The source text of a module."""
    assert module.__spec__ is not None
    assert module.__spec__.origin is not None
    with open(module.__spec__.origin, encoding="utf-8") as file:  # noqa: PTH123  # importlib gives a string
        return file.read()


@pytest.mark.parametrize("name", MODULES)
def test_a_rule_knows_facts_and_days_only(name: str) -> None:
    """A rule reads no file, no clock, no database: it imports the other rules, days, the events' lists and pure modules."""
    tree = ast.parse(module_text(importlib.import_module(f"rules.{name}")))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    pure = {"collections.abc", "dataclasses", "datetime", "enum", "functools", "holidays", "re", "typing"}
    assert {each for each in imported if each not in pure and not str(each).startswith(ALLOWED)} == set()
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not called & {"today", "now", "utcnow"}


@pytest.mark.parametrize("name", MODULES)
def test_every_rule_tells_its_text_above_the_code(name: str) -> None:
    """The docstring opens with the rule in a sentence, gives source and summary or text, and says what is not coded."""
    told = importlib.import_module(f"rules.{name}").__doc__ or ""
    assert told.split("\n", 1)[0].endswith(".")
    assert "\nSource " in told
    assert "\nRésumé " in told or "\nTexte " in told
    assert "\nNon codé " in told


@pytest.mark.parametrize("name", MODULES)
def test_the_label_above_the_code_is_the_one_in_the_data(name: str) -> None:
    """Each label of the sources is written in the docstring too, so that reader and machine are told the same."""
    module = importlib.import_module(f"rules.{name}")
    told = module.__doc__ or ""
    missing = {s.verification.value for s in sources_of(module) if f"[{s.verification.value}]" not in told}
    assert missing == set()


@pytest.mark.parametrize(
    ("label", "unchecked"),
    [("F", False), ("F-part", False), ("S", True), ("M", True), ("I", True)],
)
def test_an_unchecked_source_says_so_wherever_it_is_cited(label: str, unchecked: bool) -> None:
    """Summary, memory and interpretation say « non vérifié »; a text that was read does not."""
    source = Source(code="CESEDA", article="R.431-5 1°", libelle="x", verification=Verification(label))
    assert source.reference == "CESEDA, art. R.431-5 1°"
    assert source.a_verifier is unchecked
    assert source.citation.endswith("(non vérifié)") is unchecked
    assert source.verification.sens


@pytest.mark.parametrize(
    ("code", "article", "reference"),
    [
        ("CESEDA", "R.*432-1", "CESEDA, art. R.*432-1"),
        ("CRPA", "L.112-12", "CRPA, art. L.112-12"),
        ("CE", "avis, 6 mai 2025, n° 499904", "CE, avis, 6 mai 2025, n° 499904"),
        ("Convention de calcul", "jours ouvrés", "Convention de calcul, jours ouvrés"),
    ],
)
def test_a_reference_is_written_as_one_cites_it(code: str, article: str, reference: str) -> None:
    """« art. » stands before an article of a code, not before a decision or a convention."""
    assert Source(code=code, article=article, libelle="x", verification=Verification.F).reference == reference


@given(day=st.dates(), since=st.none() | st.dates(), until=st.none() | st.dates())
def test_a_rule_is_in_force_between_its_dates_included(day: date, since: date | None, until: date | None) -> None:
    """In force from its first day to its last, both included; a date that was not found excludes nothing."""
    source = Source("C", "L.1", "x", Verification.M, en_vigueur_depuis=since, en_vigueur_jusqu_au=until)
    assert source.en_vigueur(day) == ((since or date.min) <= day <= (until or date.max))


@pytest.mark.parametrize(
    "broken",
    [
        Source(code=" ", article="L.1", libelle="x", verification=Verification.M),
        Source(code="C", article="L.1", libelle="x", verification=Verification.F, url_ou_copie="copie"),
        Source(code="C", article="L.1", libelle="x", verification=Verification.F, en_vigueur_depuis=date(2021, 5, 1)),
        Source(code="C", article="L.1", libelle="x", verification=Verification.M, version="R.431-5"),
        replace(OLD, connue_le=None),  # type: ignore[arg-type]
        replace(OLD, publiee_le=date(2026, 11, 24)),
        replace(OLD, lecture=0),
        "CESEDA, art. L.1",
    ],
)
def test_the_check_itself_refuses_what_is_incomplete(broken: object) -> None:
    """A source without code, date, copy or the day it was known, published after that day, or only a text, is refused."""
    assert incomplete(broken)


def test_a_source_has_three_dates_and_a_reading() -> None:
    """In force, published, known: the last is the day of the legal research unless said; a new reading is a new source."""
    assert (OLD.en_vigueur_depuis, OLD.publiee_le, OLD.connue_le) == (None, None, RECHERCHE_JURIDIQUE)
    assert date(2026, 11, 23) == RECHERCHE_JURIDIQUE
    again = replace(OLD, lecture=2, connue_le=date(2027, 1, 4))
    assert (OLD.lecture, again.lecture) == (1, 2)
    assert again != OLD
    assert incomplete(again) == []


@pytest.mark.parametrize("name", MODULES)
def test_no_reading_of_a_source_is_lost(name: str) -> None:
    """The readings of one article in one rule are numbered from 1 without a gap."""
    readings: dict[str, set[int]] = {}
    for source in sources_of(importlib.import_module(f"rules.{name}")):
        readings.setdefault(source.reference, set()).add(source.lecture)
    assert {key: seen for key, seen in readings.items() if seen != set(range(1, len(seen) + 1))} == {}


@pytest.mark.parametrize(
    ("fondement", "articles"),
    [
        ("CESEDA R. 431-5 1°", {"R.431-5"}),
        ("CESEDA L.423-7", {"L.423-7"}),
        ("CESEDA, art. R.*432-1 et R.432-2", {"R.432-1", "R.432-2"}),
        ("L421-1 ; code du travail L.5221-2", {"L.421-1", "L.5221-2"}),
        ("Accord franco-algérien du 27 décembre 1968, art. 7 bis", set()),
        (None, set()),
    ],
)
def test_the_articles_of_a_legal_basis_are_read_however_they_are_written(
    fondement: str | None, articles: set[str]
) -> None:
    """With or without a point, a space or a star, an article reads the same; an agreement names none."""
    assert articles_cites(fondement) == articles


def test_a_motive_reads_the_same_with_and_without_accents() -> None:
    """Capitals and accents do not hide a word."""
    assert sans_accents("Réfugié ÉTUDIANTE") == "refugie etudiante"

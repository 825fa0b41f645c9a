"""Every rule says where it comes from, since when, and how far that was checked; no rule module may do without."""

import ast
import importlib
import pkgutil
from datetime import date
from types import ModuleType
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rules
from rules.base import Source, Verification

MODULES: Final = tuple(sorted(name for _, name, _ in pkgutil.iter_modules(rules.__path__) if name != "base"))
VERIFIED: Final = {Verification.F, Verification.F_PART}


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
        "CESEDA, art. L.1",
    ],
)
def test_the_check_itself_refuses_what_is_incomplete(broken: object) -> None:
    """A source without code, without date, without copy, with a false version, or that is only a text, is refused."""
    assert incomplete(broken)

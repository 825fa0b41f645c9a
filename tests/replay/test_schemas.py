"""What the answers about a person print is what their published schemas say, no more and no less."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from jsonschema import Draft202012Validator

from ledger.entry import Entry
from ledger.retained import holding
from projections.imputation.blocage import releve
from projections.imputation.prevision import previsions
from replay.as_of import Moment, plain
from replay.checks.report import Check, Finding, Report
from replay.deux_jeux import ecart_regles
from replay.ensemble import PreuveDe
from replay.preuve import Fait, preuve
from replay.results import Verification
from replay.schemas import DUES, NOMS, descriptions, schema
from replay.what_if import what_if
from rules.jeux import ACTUEL, PREMIER
from tests.replay.test_deux_jeux import MOMENT, VIE
from tests.samples.test_samples import FILES, as_entries, facts

DE_TOUS: Final = {"queue", "incidents", "incident", "stats"}
"""The answers across persons: they are checked with the commands that print them."""
CONTROLES: Final = {nom for nom in NOMS if nom.partition("-")[0] in {"verify", "mirror", "restore"}}
"""The checks: as above."""
STORED: Final = Path(__file__).parents[2] / "docs" / "schema"
VALIDATORS: Final = {
    nom: Draft202012Validator(schema(nom), format_checker=Draft202012Validator.FORMAT_CHECKER) for nom in NOMS
}


def lives() -> Iterator[list[Entry]]:
    """Every sample person, then the life that two sets of rules do not answer the same."""
    told = [fait for name in FILES for fait in facts(name)]
    for person in dict.fromkeys(fait.personne for fait in told):
        yield as_entries(fait for fait in told if fait.personne == person)
    yield VIE


LIVES: Final = tuple(lives())


def as_json(value: object) -> Any:
    """What a reader gets of ``value``."""
    return json.loads(json.dumps(plain(value)))


def answers(life: list[Entry], moment: Moment) -> Iterator[tuple[str, Any]]:
    """Each answer about a person, under the name of its schema."""
    found = preuve(life, moment)
    yield "evidence", as_json(found)
    yield "duties", as_json({name: getattr(found, name) for name in DUES})
    yield "forecast", as_json(previsions(holding(life, on=moment.au), moment.au, 60))
    yield "what-if", as_json(what_if(life, moment, [life[-1].fait.id], []))
    yield "against-rules", as_json(ecart_regles(life, moment, PREMIER, ACTUEL))
    yield "everybody", as_json(PreuveDe(personne=life[0].fait.personne or "", preuve=found))
    yield "blockage", as_json(releve(holding(life, on=moment.au), moment.au))


@pytest.mark.parametrize("nom", NOMS)
def test_the_stored_schema_is_the_published_one(nom: str) -> None:
    """``docs/schema`` holds what ``constat schema`` prints: a change of an answer is seen where its readers look."""
    written = json.dumps(schema(nom), ensure_ascii=False, indent=2) + "\n"
    assert (STORED / f"{nom}.json").read_text(encoding="utf-8") == written
    assert {path.stem for path in STORED.iterdir()} == set(NOMS)


@pytest.mark.parametrize("nom", NOMS)
def test_a_published_schema_is_one(nom: str) -> None:
    """An independent validator accepts the schema itself, and each of its types says what it is."""
    found = schema(nom)
    Draft202012Validator.check_schema(found)
    assert all(each.get("description") for each in found["$defs"].values())


def test_every_answer_about_every_sample_person_is_valid() -> None:
    """An independent validator accepts what is printed of each life, seen at three moments."""
    assert len(LIVES) > 20
    checked = dict.fromkeys(set(NOMS) - DE_TOUS - CONTROLES, 0)
    for life in LIVES:
        for moment in (Moment(None, date(2025, 4, 1)), MOMENT, Moment(life[-1].recorded_at, date(2026, 6, 1))):
            for nom, answer in answers(life, moment):
                errors = [f"{error.json_path} : {error.message}" for error in VALIDATORS[nom].iter_errors(answer)]
                assert errors == [], nom
                checked[nom] += bool(answer)
    assert min(checked.values()) > 10


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Every object in ``value``, by its path."""
    if isinstance(value, dict):
        yield path, value
        for name, each in value.items():
            yield from places(each, (*path, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from places(each, (*path, index))


def test_an_answer_with_a_property_more_or_less_is_refused() -> None:
    """Wherever it is in the evidence, what the schema does not describe, or what it describes and is not there."""
    whole = as_json(preuve(VIE, MOMENT))
    validator = VALIDATORS["evidence"]
    for path, found in places(whole):
        for name in found:
            broken = deepcopy(whole)
            at: Any = broken
            for step in path:
                at = at[step]
            del at[name]
            assert not validator.is_valid(broken), (*path, name)
            at["autre"] = found[name]
            at[name] = found[name]
            assert not validator.is_valid(broken), (*path, "autre")


def test_a_result_whose_property_is_missing_is_refused() -> None:
    """Of a result that is a dataclass too, nothing may be missing, and nothing else be there."""
    found = as_json(Finding(Check.ARBRE, "tuile 0/0", "elle manque"))
    report = as_json(Verification.of(Report(findings=[Finding(Check.ARBRE, "tuile 0/0", "elle manque")])))
    assert report["findings"] == [found]
    assert VALIDATORS["verify"].is_valid(report)
    for broken in ({**found, "autre": 1}, {name: found[name] for name in ("check", "where")}):
        assert not VALIDATORS["verify"].is_valid({**report, "findings": [broken]})


class _Base(msgspec.Struct):
    """A type."""

    commun: int
    """Said above."""


class _Autre(_Base):
    """Another."""

    propre: int
    """Said here,
    in two lines.
    """
    muet: int


def test_the_text_under_a_field_describes_it() -> None:
    """Inherited or its own; a field without text has no description."""
    assert descriptions(_Autre) == {"commun": "Said above.", "propre": "Said here,\nin two lines."}
    assert schema("evidence")["$defs"]["Fait"]["properties"]["id"]["description"] == descriptions(Fait)["id"]

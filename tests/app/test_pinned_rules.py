"""Old rules, new rules and published schemas as a user meets them on the command line."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ledger.interchange import json_schema, write_line
from replay.schemas import NOMS, schema
from rules.catalogue import empreinte
from rules.jeux import ACTUEL, PREMIER, RECHERCHE
from tests.app.test_cli import Constat, constat  # noqa: F401 - the fixture of the command line
from tests.replay.test_deux_jeux import VIE

OLD, NEW = empreinte(PREMIER)[:12], empreinte(ACTUEL)[:12]
SEEN = ("P-1", "--true-on", "2025-10-31")


@pytest.fixture(scope="module")
def told(constat: Constat, tmp_path_factory: pytest.TempPathFactory) -> Constat:  # noqa: F811 - as above
    """The command line on a ledger that holds the life which two sets of rules do not answer the same."""
    file: Path = tmp_path_factory.mktemp("vie") / "vie.jsonl"
    file.write_bytes(b"".join(write_line(entry.fait) + b"\n" for entry in VIE))
    assert constat("import", str(file)).returncode == 0
    return constat


def answer(told: Constat, *arguments: str) -> Any:
    """What a command prints as JSON."""
    done = told(*arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_a_report_is_made_under_the_rules_it_is_asked_under(told: Constat) -> None:
    """By the beginning of their digest; the report names the whole of it; without it, the last set is followed."""
    old, new = answer(told, "evidence", *SEEN, "--rules", OLD), answer(told, "evidence", *SEEN)
    assert (old["regles"], new["regles"]) == (empreinte(PREMIER), empreinte(ACTUEL))
    assert [each["imputation"] for each in old["attributions"]] == ["ADMINISTRATION"]
    assert [each["imputation"] for each in new["attributions"]] == ["UNDETERMINED"]
    duties = answer(told, "duties", *SEEN, "--rules", OLD)
    assert duties == {name: old[name] for name in ("au", "regles", "obligations", "journal", "faits")}


def test_two_sets_of_rules_are_compared(told: Constat) -> None:
    """As text: the reading that differs, both counts of days, what each set says; as JSON, what the schema describes."""
    found = answer(told, "evidence", *SEEN, "--rules", OLD, "--against-rules", NEW)
    jsonschema.validate(found, schema("against-rules"))
    assert (found["avant"], found["apres"]) == (empreinte(PREMIER), empreinte(ACTUEL))
    text = told("evidence", *SEEN, "--rules", OLD, "--against-rules", NEW).stdout
    assert "ce_435594_tentatives, lecture 1 puis 2 : Plusieurs tentatives espacées" in text
    assert "jours sans preuve, imputables à l'administration : 31 puis 0" in text
    assert "jours sans preuve, imputation indéterminée : 0 puis 31" in text
    assert "obligation retirée\n    avant : l'administration, du 1er octobre 2025 sans fin connue" in text
    assert "    avant : la personne, du 2 juin 2025 au 7 août 2025 : " in text
    assert "    après : la personne, du 2 juin 2025 au 1er août 2025 : " in text


def test_rules_that_change_nothing_are_said_to(told: Constat) -> None:
    """Procedure read again does not touch this life."""
    done = told("evidence", *SEEN, "--rules", empreinte(RECHERCHE), "--against-rules", NEW)
    assert done.returncode == 0
    assert "cja_r421_2_reclamation, lecture 1 puis 2 : " in done.stdout
    assert "ces règles ne changent rien à cette preuve" in done.stdout


@pytest.mark.parametrize("nom", NOMS)
def test_the_schema_of_an_answer_is_printed(constat: Constat, nom: str) -> None:  # noqa: F811 - as above
    """``constat schema NAME`` prints the schema of what that command prints."""
    assert json.loads(constat("schema", nom).stdout) == schema(nom)


def test_without_a_name_the_schema_is_that_of_the_interchange_format(constat: Constat) -> None:  # noqa: F811 - as above
    """Named or not, the interchange format; another name is a usage error that says which there are."""
    assert json.loads(constat("schema").stdout) == json.loads(constat("schema", "interchange").stdout) == json_schema()
    done = constat("schema", "autre")
    assert (done.returncode, done.stdout) == (2, "")
    assert "attendu : interchange, evidence, duties, forecast, what-if, against-rules" in done.stderr

"""duties, evidence, forecast and what-if as a user meets them: what they print, as text and as JSON, good input and bad."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import app
from tests.app.test_cli import Constat, constat  # noqa: F401 - the fixture of the command line

SAMPLES = Path(app.__file__).parent / "demo" / "cas.jsonl"
M02 = "lina-exemple-m02"


@pytest.fixture(scope="module")
def told(constat: Constat) -> Constat:  # noqa: F811 - as above
    """The command line on a ledger that holds the worked cases."""
    assert constat("import", str(SAMPLES)).returncode == 0
    return constat


def answer(told: Constat, *arguments: str) -> Any:
    """What a command prints as JSON."""
    done = told(*arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_evidence_says_to_whom_the_days_are_due_and_cites_facts_it_lists(told: Constat) -> None:
    """Each finding's facts are found again by their ids, and the text says the same as the JSON."""
    found = answer(told, "evidence", M02, "--true-on", "2025-06-16")
    [lost] = found["attributions"]
    assert (lost["du"], lost["au"], lost["jours"], lost["imputation"]) == ("2025-05-03", "2025-06-15", 44, "SHARED")
    listed = {each["event_id"] for each in found["faits"]}
    cited = {each for link in (*lost["chaine"], *lost["contre"]) for each in link["entries"]}
    assert cited
    assert cited <= listed
    text = told("evidence", M02, "--true-on", "2025-06-16").stdout
    assert "du 3 mai 2025 au 15 juin 2025, 44 jours : imputables à l'une et à l'autre (établi)" in text
    assert found["regles"] in text


def test_duties_give_each_side_its_own_and_in_whose_hands_the_dossier_was(told: Constat) -> None:
    """The window put off by blocked days, its breach, and the day ledger, whose intervals follow one another."""
    found = answer(told, "duties", M02, "--true-on", "2025-06-16")
    [window] = [each for each in found["obligations"] if each["code"] == "depot_dans_la_fenetre"]
    assert (window["debiteur"], window["au"]) == ("usager", "2025-03-10")
    held = [each for each in found["journal"] if each["dossier"] == "D-M02-1"]
    assert all(one["avant"] == other["du"] for one, other in pairwise(held))
    assert "entre les mains de qui : D-M02-1" in told("duties", M02, "--true-on", "2025-06-16").stdout


def test_duties_that_bear_on_covered_days_come_first_and_appeals_last(told: Constat) -> None:
    """Three groups, each under its heading, and a receipt that never came among the second."""
    text = told("duties", "amina-exemple-c01", "--true-on", "2026-02-11").stdout
    headings = ("ce dont dépendent des jours couverts", "dû tout autant", "ce que la personne peut faire")
    places = [text.index(each) for each in (*headings, "entre les mains de qui")]
    assert places == sorted(places)
    assert places[1] < text.index("l'accusé de réception électronique") < places[2]
    assert text.index("Saisir le juge contre le refus implicite du 1er novembre 2025") > places[2]
    found = answer(told, "duties", "amina-exemple-c01", "--true-on", "2026-02-11")
    assert {each["portee"] for each in found["obligations"]} == {"jours", "hors_jours", "faculte"}


def test_forecast_names_the_act_that_prevents_the_loss(told: Constat) -> None:
    """Ten days before expiry, the certificate, its debtor and its last day."""
    [ahead] = answer(told, "forecast", "amina-exemple-c01", "--true-on", "2025-09-20")
    assert (ahead["du"], ahead["jours_restants"]) == ("2025-10-01", 11)
    assert [act["au_plus_tard"] for act in ahead["actes"]] == ["2025-09-30"]


def test_what_if_records_nothing(told: Constat) -> None:
    """Without the failed attempt the gap is the person's alone; the ledger has not one entry more."""
    before = answer(told, "history", M02)
    found = answer(told, "what-if", M02, "--without", "M02-002", "--true-on", "2025-06-16")
    assert [each["imputation"] for each in found["supposee"]["attributions"]] == ["APPLICANT"]
    assert answer(told, "history", M02) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("evidence", "personne-inconnue"), "aucune entrée pour « personne-inconnue »"),
        (("evidence", M02, "--rules", "autre"), "« autre » n'est l'empreinte d'aucun jeu de règles"),
        (("duties", M02, "--rules", ""), "peut être l'empreinte de plusieurs jeux de règles"),
        (("evidence", M02, "--against-rules", "autre"), "« premières notes », 23 novembre 2026"),
        (("what-if", M02, "--without", "absent"), "aucun fait 'absent' pour cette personne"),
        (("what-if", M02, "--with", "{}"), "illisible"),
    ],
)
def test_what_cannot_be_answered_is_said_in_french(told: Constat, arguments: tuple[str, ...], said: str) -> None:
    """An unknown person, other rules, an unknown fact, an unreadable line: exit 1 and the reason."""
    done = told(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr


def test_evidence_says_since_when_it_is_known(told: Constat) -> None:
    """One import is one moment: nothing was believed before it; asked without the past, the rest is the same."""
    found = answer(told, "evidence", M02, "--true-on", "2025-06-16")
    [lost] = found["attributions"]
    assert (lost["avant"], found["abandonnees"], found["rejouee_depuis"]) == ([], [], None)
    assert lost["connue_depuis"] is not None
    assert "connu depuis le" in told("evidence", M02, "--true-on", "2025-06-16").stdout
    [bare] = answer(told, "evidence", M02, "--true-on", "2025-06-16", "--without-past")["attributions"]
    assert bare == {**lost, "connue_depuis": None}

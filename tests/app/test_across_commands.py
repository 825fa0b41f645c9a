"""incidents, the queue, stats and the evidence of everybody as a user meets them, good input and bad."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import app
from ledger.days import Quand
from ledger.events.incident import IncidentOuvert
from ledger.interchange import write_line
from replay.schemas import schema
from tests.app.test_cli import Constat, constat  # noqa: F401 - the fixture of the command line
from tests.faits import fait
from tests.projections.test_interruptions import CODES, shared

SAMPLES = Path(app.__file__).parent / "demo" / "cas.jsonl"
C05 = "dalia-exemple-c05"


@pytest.fixture(scope="module")
def told(constat: Constat) -> Constat:  # noqa: F811 - as above
    """The command line on a ledger that holds the worked cases, and an incident of nobody that lists a dossier."""
    assert constat("import", str(SAMPLES)).returncode == 0
    opened = IncidentOuvert(code=CODES[0], depuis=Quand.lire("2025-02-01"), dossiers=("D-exemple",))
    tried = fait(id="T-1", personne="nadir-exemple", objet="D-exemple", survenu="2025-02-28")
    for told in (shared(1, opened, "2025-02-01"), tried):
        assert constat("record", write_line(told).decode()).returncode == 0
    return constat


def answer(told: Constat, *arguments: str, comme: str | None = None) -> Any:
    """What a command prints as JSON, which its published schema ``comme`` describes."""
    done = told(*arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    if comme is not None:
        jsonschema.validate(found, schema(comme))
    return found


def test_incidents_from_the_list_to_the_person(told: Constat) -> None:
    """An incident, what it hit, and the statement of whom it hit name one another."""
    on = ("--true-on", "2025-06-01")
    listed = {each["reference"]: each for each in answer(told, "incidents", *on, comme="incidents")}
    assert (listed["I-1"]["personnes"], listed["I-1"]["tentatives"]) == (1, 1)
    [hit] = answer(told, "incidents", "I-1", *on, comme="incident")
    assert (hit["personne"], hit["dossier"], hit["genre"], hit["lien"]) == (
        "nadir-exemple", "D-exemple", "tentative", "liste",
    )  # fmt: skip
    assert "I-1 (B02), du 1er février 2025 toujours en cours" in told("incidents", *on).stdout
    assert "tentative de dépôt échouée, le 28 février 2025" in told("incidents", "I-1", *on).stdout


def test_the_history_of_whom_it_hit_tells_of_the_incident(told: Constat) -> None:
    """The incident stands in its place without a number; another person's history does not have it."""
    lines = answer(told, "history", "nadir-exemple")
    assert [(line["type"], line["numero"]) for line in lines] == [
        ("incident_ouvert", None),
        ("tentative_depot_echouee", 1),
    ]
    assert "déclaré pour tous ; il a touché la personne" in told("history", "nadir-exemple").stdout
    assert all(line["numero"] for line in answer(told, "history", C05))


def test_the_statement_of_blockage_is_printed_with_its_gaps(told: Constat) -> None:
    """Attempts, steps, dates and what is not on record, in French and as JSON."""
    found = answer(told, "incidents", "--person", C05, "--true-on", "2025-07-01", comme="blockage")
    [blocked] = found["blocages"]
    assert (blocked["du"], blocked["au"], blocked["en_cours"]) == ("2025-05-20", "2025-07-01", True)
    text = told("incidents", "--person", C05, "--true-on", "2025-07-01").stdout
    assert "dépôt impossible du 20 mai 2025 au 1er juillet 2025, toujours en cours (établi)" in text
    assert "n'est pas au registre : La demande de déposer autrement" in text
    early = answer(told, "incidents", "--person", C05, "--known-on", "2001-01-01")
    assert early["blocages"] == []


def test_the_queue_says_why_each_person_is_there(told: Constat) -> None:
    """The person without proof comes before the one who is about to be, each with the act that prevents it."""
    queue = answer(told, "forecast", "--true-on", "2025-10-15", comme="queue")
    names = [each["personne"] for each in queue]
    assert names.index("amina-exemple-c01") < names.index("elio-exemple-c06")
    amina = queue[names.index("amina-exemple-c01")]
    assert amina["raisons"][0] == "sans preuve depuis le 1er octobre 2025, 15 jours"
    assert [act["code"] for lost in amina["pertes"] for act in lost["actes"]] == ["attestation_prolongation"]
    assert (
        "amina-exemple-c01 : sans preuve depuis le 1er octobre 2025"
        in told("forecast", "--true-on", "2025-10-15").stdout
    )
    assert len(answer(told, "forecast", "--true-on", "2025-10-15", "--limit", "1")) == 1
    assert answer(told, "forecast", "--prefecture", "Préfecture d'ailleurs") == []


def test_statistics_name_their_denominators_and_nobody(told: Constat) -> None:
    """Every table says what it counts; the sample's persons are nowhere in it."""
    found = answer(told, "stats", "--from", "2024-01-01", "--to", "2026-06-01", "--min-cell", "5", comme="stats")
    assert all(table["unite"] and table["question"] and table["articles"] for table in found["tableaux"])
    text = told("stats", "--from", "2024-01-01", "--to", "2026-06-01", "--min-cell", "5").stdout
    assert "jours sans preuve du séjour" in text
    assert "exemple" not in text.lower()
    assert answer(told, "stats", "--by", "incident", "--from", "2024-01-01", "--to", "2026-06-01")["par"] == "incident"


def test_the_evidence_of_everybody_is_one_line_each(told: Constat) -> None:
    """As many lines as persons, each the evidence that the person's own command gives."""
    done = told("evidence", "--all", "--true-on", "2025-06-16", "--as-of", "2030-01-01", "--workers", "1")
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == len({each["personne"] for each in lines}) > 10
    for each in lines[:3]:
        jsonschema.validate(each, schema("everybody"))
    lina = next(each["preuve"] for each in lines if each["personne"] == "lina-exemple-m02")
    alone = ("evidence", "lina-exemple-m02", "--true-on", "2025-06-16", "--as-of", "2030-01-01", "--without-past")
    assert lina == answer(told, *alone)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("incidents", "absent"), 1, "aucun fait touché par « absent »"),
        (("incidents", "--person", "inconnue"), 1, "aucune entrée pour « inconnue »"),
        (("incidents", "I-1", "--person", C05), 2, "--person exclut"),
        (("incidents", "--known-on", "2025-01-01"), 2, "--known-on va avec --person"),
        (("forecast", "--known-on", "2025-01-01"), 2, "--known-on demande une personne"),
        (("stats", "--from", "2026-01-02", "--to", "2026-01-01"), 2, "--from (2026-01-02) est après"),
        (("stats", "--min-cell", "3"), 2, "5"),
        (("stats", "--by", "agent"), 2, "prefecture"),
        (("evidence",), 2, "--all"),
        (("evidence", C05, "--all"), 2, "--all"),
        (("evidence", C05, "--workers", "2"), 2, "--workers va avec --all"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_said(told: Constat, arguments: tuple[str, ...], code: int, said: str) -> None:
    """Unknown names end with 1, contradictory options with 2, each with the reason in French and nothing printed."""
    done = told(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr

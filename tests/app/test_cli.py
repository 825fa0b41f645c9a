"""The command line as a user meets it: a process, its two outputs, its exit code."""

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import jsonschema
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from projections.toutes import PROJECTIONS
from tests import forked

FAIT = {
    "id": "essai-1",
    "personne": "nadia-exemple",
    "objet": "D-1",
    "type": "demande_deposee",
    "survenu": "2025-07-01T10:14:00+02:00",
    "acteur": {"nature": "usager"},
    "canal": "teleservice",
    "source": "anef",
    "grade": "A",
    "donnees": {"titre_demande": "cst", "nature": "renouvellement", "deposee_le": "2025-07-01"},
}
TITRE = {
    **FAIT,
    "id": "essai-0",
    "objet": "T-1",
    "type": "titre_remis",
    "survenu": "2024-10-01",
    "grade": "B",
    "donnees": {
        "type_titre": "cst",
        "duree_annees": 1,
        "valide_du": "2024-10-01",
        "valide_au": "2025-09-30",
        "remis_le": "2024-10-01",
    },
}


COMMAND = (str(Path(sys.executable).with_name("constat")),)


class Constat:
    """Runs ``constat`` on a database and a home of its own."""

    def __init__(self, conninfo: str, home: Path) -> None:
        self.home = home
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PG", "CONSTAT_"))},
            "DATABASE_URL": conninfo,
            "CONSTAT_HOME": str(home),
            "COLUMNS": "200",
        }

    def __call__(self, *arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        return forked.constat(arguments, env=self.environment | settings, stdin=stdin)

    def from_nothing(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """The same in an interpreter of its own, which reads its settings as it starts."""
        return subprocess.run(
            [*COMMAND, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=self.environment | settings,
            timeout=120,
        )


@pytest.fixture(scope="module")
def constat(server_conninfo: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Constat]:
    """The command on a fresh database that holds two facts of one person."""
    name = f"constat_cli_{secrets.token_hex(4)}"
    with psycopg.connect(server_conninfo, autocommit=True) as conn:
        conn.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    home = tmp_path_factory.mktemp("cli")
    command = Constat(make_conninfo(server_conninfo, dbname=name), home)
    (home / "faits.jsonl").write_text("\n".join(json.dumps(each) for each in (TITRE, FAIT)), encoding="utf-8")
    done = command("import", str(home / "faits.jsonl"))
    assert done.returncode == 0, done.stderr
    yield command
    with psycopg.connect(server_conninfo, autocommit=True) as conn:
        conn.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def test_the_same_file_imported_again_adds_nothing(constat: Constat) -> None:
    """The second import of a file reports every fact as already there."""
    done = constat("import", str(constat.home / "faits.jsonl"), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["enregistres"], told["deja_la"], told["rejetes"]) == (0, 2, 0)


def test_a_line_that_cannot_be_read_is_named_and_the_exit_code_says_so(constat: Constat) -> None:
    """A rejected line is reported with its number, field and expectation; the good ones are recorded."""
    path = constat.home / "mele.jsonl"
    path.write_text(
        json.dumps({**FAIT, "id": "essai-2"}) + "\n" + json.dumps({**FAIT, "id": "essai-3", "grade": "Z"}) + "\n"
    )
    done = constat("import", str(path))
    assert done.returncode == 1
    assert "1 fait enregistré, 0 déjà là, 1 rejeté\n" in done.stdout
    [reject] = [json.loads(line) for line in path.with_name("mele.jsonl.rejets.jsonl").read_text().splitlines()]
    assert reject["ligne"] == 2
    assert "« grade »" in reject["problemes"][0]
    assert "attendu" in reject["problemes"][0]


@pytest.mark.parametrize("command", ["history", "state", "coverage", "as-of"])
def test_every_reading_command_answers_in_french_and_in_json(constat: Constat, command: str) -> None:
    """Each reading command prints French for people and parseable JSON for programs."""
    arguments = [command, "nadia-exemple"] + ([] if command == "history" else ["--true-on", "2025-10-31"])
    told = constat(*arguments)
    assert told.returncode == 0, told.stderr
    assert "nadia-exemple" in told.stdout
    assert json.loads(constat(*arguments, "--json").stdout)


def test_coverage_names_the_day_the_interruption_begins(constat: Constat) -> None:
    """A title that ends on 30 September leaves an interruption from 1 October."""
    told = json.loads(constat("coverage", "nadia-exemple", "--true-on", "2025-10-31", "--json").stdout)
    [gap] = told["lacunes"]
    assert (gap["du"], gap["au"], gap["jours"], gap["nature"]) == ("2025-10-01", "2025-10-31", 31, "rupture")


def test_an_unknown_person_is_a_french_error(constat: Constat) -> None:
    """Asking for somebody that the ledger does not know says so and exits with 1."""
    done = constat("history", "personne-inconnue")
    assert done.returncode == 1
    assert "aucune entrée pour « personne-inconnue »" in done.stderr
    assert "Traceback" not in done.stderr


def test_record_takes_one_fact_from_standard_input_or_refuses_what_it_cannot_read(constat: Constat) -> None:
    """A readable fact is recorded whatever the law says of it; an unreadable one names all its problems."""
    done = constat("record", "-", stdin=json.dumps({**FAIT, "id": "essai-9", "survenu": "2024-01"}))
    assert done.returncode == 0, done.stderr
    assert "enregistré" in done.stdout
    bad = constat("record", json.dumps({**FAIT, "id": "essai-10", "grade": "Z", "canal": "pigeon"}))
    assert bad.returncode == 1
    assert "« grade »" in bad.stderr
    assert "« canal »" in bad.stderr


def test_ask_refuses_with_every_reason_and_records_with_warnings(constat: Constat) -> None:
    """Withdrawing a dossier that was never filed is refused with its source; filing one is recorded."""
    act = {key: FAIT[key] for key in ("personne", "acteur", "canal")} | {
        "survenu": "2025-08-01T10:00:00Z",
        "objet": "D-inconnu",
    }
    refused = constat("ask", json.dumps({**act, "type": "demande_retiree", "donnees": {}}))
    assert refused.returncode == 1, refused.stdout
    assert "Traceback" not in refused.stderr
    filed = constat("ask", json.dumps({**act, "type": "demande_deposee", "objet": "D-2", "donnees": FAIT["donnees"]}))
    assert filed.returncode == 0, filed.stderr


def test_verify_says_intact_and_rebuild_says_identical(constat: Constat) -> None:
    """An honest ledger verifies, and every projection rebuilt from zero has the same rows."""
    done = constat("verify")
    assert done.returncode == 0, done.stdout
    assert "registre intact" in done.stdout
    built = constat("rebuild")
    assert built.returncode == 0, built.stdout
    assert "identique, ligne à ligne" in built.stdout


def test_follow_once_brings_every_projection_to_the_last_position(constat: Constat) -> None:
    """After ``follow --once`` each projection stands at the position of the last sealed entry."""
    done = constat("follow", "--once")
    assert done.returncode == 0, done.stderr
    again = constat("follow", "--once").stdout.splitlines()
    assert [line.split(" : ")[1].startswith("0 entrée") for line in again] == [True] * len(PROJECTIONS)
    assert len({line.rsplit(" ", 1)[1] for line in again}) == 1


def test_the_published_schema_accepts_a_fact(constat: Constat) -> None:
    """``constat schema`` prints a JSON Schema that a fact of the interchange format satisfies."""
    schema = json.loads(constat("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(FAIT, schema)


def test_a_wrong_instant_is_a_usage_error(constat: Constat) -> None:
    """A day that does not exist is refused before anything is read, with exit code 2."""
    done = constat("coverage", "nadia-exemple", "--true-on", "2025-02-30")
    assert done.returncode == 2
    assert "2025-02-30" in done.stderr


def test_no_server_is_said_in_one_line() -> None:
    """A server that does not answer gives one French line and exit code 5."""
    environment = {**os.environ, "DATABASE_URL": "host=127.0.0.1 port=1 dbname=rien connect_timeout=2"}
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "verify"], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 5
    assert "ne répond pas" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_keys_of_a_ledger_that_has_facts_are_never_made_anew(constat: Constat) -> None:
    """With the key file away the command refuses to go on, says how to mend it, and writes no other keys."""
    keys = constat.home / "keys.json"
    away = keys.rename(constat.home / "ailleurs.json")
    try:
        done = constat("history", "nadia-exemple")
        assert done.returncode == 5
        assert "restaurez-le" in done.stderr
        assert not keys.exists()
    finally:
        away.rename(keys)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"DATABASE_URL": "motdepasse"}, "DATABASE_URL n'est pas une chaîne de connexion"),
        ({"CONSTAT_DOCUMENTS": "motdepasse"}, "CONSTAT_DOCUMENTS n'est pas l'adresse d'un dépôt de documents"),
        ({"CONSTAT_DOCUMENTS": "ftp://motdepasse"}, "CONSTAT_DOCUMENTS n'est pas l'adresse d'un dépôt de documents"),
        ({"CONSTAT_DOCUMENTS": "file:///dev/null/ici"}, "/dev/null/ici : ce n'est pas un dossier"),
        ({"CONSTAT_ORIGIN": "l'a b"}, "CONSTAT_ORIGIN ne convient pas"),
        ({"CONSTAT_KEYS": "/"}, "/ : c'est un dossier, un fichier est attendu"),
        ({"CONSTAT_READERS": "/nulle/part"}, "CONSTAT_READERS ne se lit pas : /nulle/part"),
        ({"CONSTAT_READERS": "/dev/null"}, "CONSTAT_READERS ne convient pas"),
    ],
    ids=str,
)
def test_a_setting_that_cannot_be_followed_is_named(constat: Constat, settings: dict[str, str], told: str) -> None:
    """A wrong setting gives one French line with what was expected, without what it holds, and exit code 5."""
    done = constat("verify", **settings)
    assert done.returncode == 5
    [line] = done.stderr.splitlines()
    assert told in line
    assert "motdepasse" not in line


def test_a_full_disk_is_said_in_one_line(constat: Constat) -> None:
    """An answer that cannot be written gives one French line and exit code 5, and no traceback."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "schema"], stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=constat.environment
        )
    assert done.returncode == 5
    assert "plus de place" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terminal_of_another_encoding_is_written_to(constat: Constat) -> None:
    """A terminal that has no sign for a character is shown another one; JSON stays whole, in UTF-8."""
    arguments = ("coverage", "nadia-exemple", "--true-on", "2025-10-31")
    done = constat.from_nothing(*arguments, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "?" in done.stdout
    assert json.loads(constat.from_nothing(*arguments, "--json", PYTHONIOENCODING="ascii").stdout) == json.loads(
        constat(*arguments, "--json").stdout
    )


@pytest.mark.parametrize(("sent", "code", "told"), [(signal.SIGINT, 130, "interrompu"), (signal.SIGTERM, 0, "")])
def test_following_stops_when_it_is_told_to(constat: Constat, sent: signal.Signals, code: int, told: str) -> None:
    """Ctrl-C interrupts ``follow`` with a French line; a service manager's SIGTERM is its ordinary end."""
    with subprocess.Popen(
        [*COMMAND, "follow"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=constat.environment,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - as in a terminal, one call
    ) as following:
        try:
            assert following.stdout is not None
            assert "projections suivies" in following.stdout.readline()
            following.send_signal(sent)
            _, err = following.communicate(timeout=20)
        finally:
            following.kill()
    assert following.returncode == code
    assert told in err
    assert "Traceback" not in err

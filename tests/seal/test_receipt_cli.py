"""The commands of the receipts, as a user meets them."""

import json
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from ledger.seal.receipt import Receipt
from tests.app.test_cli import FAIT, Constat

ACT = json.dumps({**FAIT, "acteur": {"nature": "usager", "id": "nadia-exemple"}})


@pytest.fixture(scope="module")
def constat(server_conninfo: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Constat]:
    """The command on a fresh database that holds one act of one person, sealed."""
    name = f"constat_recu_{secrets.token_hex(4)}"
    with psycopg.connect(server_conninfo, autocommit=True) as conn:
        conn.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    command = Constat(make_conninfo(server_conninfo, dbname=name), tmp_path_factory.mktemp("recus"))
    done = command("record", ACT, "--receipt", str(command.home / "promis.recu"))
    assert done.returncode == 0, done.stderr
    assert command("seal", "once").returncode == 0
    yield command
    with psycopg.connect(server_conninfo, autocommit=True) as conn:
        conn.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture(scope="module")
def policy(constat: Constat) -> Path:
    """A policy with the log's key and its key of promises."""
    keys = constat("seal", "key").stdout.split() + constat("receipt", "key").stdout.split()
    path = constat.home / "politique.txt"
    path.write_text("".join(f"log {key}\n" for key in keys) + "quorum none\n")
    return path


def test_recorded_with_its_receipt_and_asked_for_again(constat: Constat, policy: Path) -> None:
    """The receipt comes with the fact, its content shown; later it is asked for by its id, the same, and proved."""
    promised = (constat.home / "promis.recu").read_bytes()
    assert Receipt.parse(promised).proof is None
    assert b"demande_deposee" in promised
    assert (constat.home / "promis.recu").stat().st_mode & 0o777 == 0o600
    first = constat("receipt", "nadia-exemple", "--entry", "essai-1")
    assert first.returncode == 0, first.stderr
    assert first.stdout == constat("receipt", "of", "nadia-exemple", "--entry", "essai-1").stdout
    receipt = Receipt.parse(first.stdout.encode())
    assert receipt.promise == Receipt.parse(promised).promise
    assert receipt.proof is not None
    assert not receipt.opened
    (constat.home / "acte.recu").write_text(first.stdout)
    done = constat("verify", str(constat.home / "acte.recu"), "--policy", str(policy))
    assert done.returncode == 0, done.stdout + done.stderr
    output = constat.home / "ouvert.recu"
    done = constat(
        "receipt", "nadia-exemple", "--entry", "essai-1", "--open", "--mention", "dépôt", "--output", str(output)
    )
    assert done.returncode == 0, done.stderr
    assert Receipt.parse(output.read_bytes()).mention == "dépôt"


def test_an_act_that_is_asked_for_has_its_receipt(constat: Constat) -> None:
    """``ask`` hands the receipt of the act over too."""
    act = {
        "acte": "signaler_echec_depot", "personne": "nadia-exemple", "objet": "D-2", "canal": "teleservice",
        "acteur": {"nature": "usager"}, "donnees": {"texte_erreur": "Erreur"},
    }  # fmt: skip
    path = constat.home / "demande.recu"
    done = constat("ask", json.dumps(act), "--receipt", str(path))
    assert done.returncode == 0, done.stderr
    assert b"tentative_depot_echouee" in path.read_bytes()


def test_a_receipt_that_cannot_be_written_takes_nothing_back(constat: Constat) -> None:
    """Where the file cannot be written the act is recorded, and said to be, before the error is."""
    act = json.dumps({**json.loads(ACT), "id": "essai-7"})
    done = constat("record", act, "--receipt", "/proc/non.recu")
    assert done.returncode == 5
    assert "enregistré" in done.stdout
    assert "/proc/non.recu" in done.stderr
    assert constat("receipt", "nadia-exemple", "--entry", "essai-7").returncode == 0


def test_no_receipt_of_what_others_did_and_nothing_written(constat: Constat) -> None:
    """A receipt of what a préfecture did is refused before the fact is written."""
    fact = {**FAIT, "id": "essai-9", "acteur": {"nature": "prefecture"}}
    path = constat.home / "non.recu"
    done = constat("record", json.dumps(fact), "--receipt", str(path))
    assert done.returncode == 1
    assert "acte de la personne" in done.stderr
    assert not path.exists()
    assert "essai-9" not in constat("history", "nadia-exemple", "--json").stdout
    assert constat("record", '{"acteur": {"nature": []}}', "--receipt", str(path)).returncode == 1
    assert constat("receipt", "nadia-exemple", "--entry", "inconnu").returncode == 1
    assert constat("receipt").returncode == 2
    for where in (constat.home, constat.home / "absent" / "acte.recu"):
        assert constat("record", json.dumps(fact), "--receipt", str(where)).returncode == 2
    assert "entry" in constat("receipt", "nadia-exemple").stderr


def test_a_copy_of_the_log_has_the_line_or_has_not(constat: Constat, policy: Path) -> None:
    """Against the database itself the line is there; against a file of lines without it, it is missed."""
    receipt = str(constat.home / "promis.recu")
    mirror = constat.environment["DATABASE_URL"]
    done = constat("receipt", "check", receipt, "--policy", str(policy), "--mirror", mirror)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "la ligne promise est là" in done.stdout
    line = Receipt.parse(Path(receipt).read_bytes()).line.text
    lines = constat.home / "lignes.jsonl"
    lines.write_text(line.replace('{"at":"20', '{"at":"21') + "\n")
    done = constat("receipt", "check", receipt, "--policy", str(policy), "--lines", str(lines), "--json")
    assert done.returncode == 4
    assert json.loads(done.stdout)["recherche"]["presence"] == "remplacee"
    lines.write_text("{}\n")
    assert constat("receipt", "check", receipt, "--policy", str(policy), "--lines", str(lines)).returncode == 1
    done = constat("receipt", "check", receipt, "--policy", str(policy), "--mirror", "dbname")
    assert done.returncode == 1
    assert "miroir" in done.stderr
    assert constat("receipt", "check", receipt, "--lines", str(lines)).returncode == 1
    assert constat("receipt", "check", receipt, "--policy", str(policy)).returncode == 2
    damaged = constat.home / "abime.recu"
    damaged.write_bytes(Path(receipt).read_bytes().replace(b"place 1", b"place 2"))
    done = constat("receipt", "check", str(damaged), "--policy", str(policy), "--mirror", mirror)
    assert done.returncode == 1
    assert "rien n'a été cherché" in done.stdout


def test_the_keys_of_promises_follow_each_other(constat: Constat, policy: Path) -> None:
    """A key can be added and the older one retired; a lost file is not replaced once something was promised."""
    [old] = constat("receipt", "key").stdout.split()
    both = constat("receipt", "key", "--add").stdout.split()
    assert both[0] == old
    [new] = constat("receipt", "key", "--retire", old.split("+")[1]).stdout.split()
    assert new == both[1]
    assert constat("receipt", "nadia-exemple", "--entry", "essai-1").stdout == (constat.home / "acte.recu").read_text()
    shutil.move(constat.home / "promises.json", constat.home / "ailleurs.json")
    done = constat("receipt", "key")
    assert done.returncode == 5
    assert "restaurez" in done.stderr
    shutil.move(constat.home / "ailleurs.json", constat.home / "promises.json")

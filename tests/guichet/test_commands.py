"""The commands of the attempts, as a user meets them."""

import json
import re
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from guichet.spool import Spool
from ledger.seal.attempt import AttemptReceipt
from ledger.seal.spool import segments
from tests.app.test_cli import Constat
from tests.guichet.conftest import Guichet


@pytest.fixture(scope="module")
def constat(server_conninfo: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Constat]:
    """The command on a fresh database."""
    name = f"constat_guichet_{secrets.token_hex(4)}"
    with psycopg.connect(server_conninfo, autocommit=True) as conn:
        conn.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    yield Constat(make_conninfo(server_conninfo, dbname=name), tmp_path_factory.mktemp("guichet"))
    with psycopg.connect(server_conninfo, autocommit=True) as conn:
        conn.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def test_from_the_page_to_the_dossier(constat: Constat, start: Callable[..., Guichet], tmp_path: Path) -> None:
    """Deposited, drained while the guichet runs, listed, claimed with the receipt, and seen in the history."""
    guichet = start()
    raw = guichet.post({"message": "Erreur E-503", "page": "Étape 3", "reference": "ANEF-1"})[2]
    guichet.post({"message": "Autre erreur"})
    done = constat("attempts", "drain", str(guichet.spool))
    assert done.returncode == 0, done.stderr
    assert "2 tentatives enregistrées, 0 déjà là" in done.stdout
    again = json.loads(constat("attempts", "drain", str(guichet.spool), "--json").stdout)
    assert (again["enregistrees"], again["deja_la"], again["dommages"]) == (0, 2, [])
    listed = json.loads(constat("attempts", "list", "--json").stdout)
    assert [each["message"] for each in listed] == ["Autre erreur", "Erreur E-503"]
    assert "Erreur E-503" in constat("attempts", "list").stdout
    receipt, policy = tmp_path / "tentative.recu", tmp_path / "politique.txt"
    receipt.write_bytes(raw)
    policy.write_text(guichet.policy.text)
    assert constat("verify", str(receipt), "--policy", str(policy)).returncode == 0
    claim = ("attempts", "claim", "nadia", "--dossier", "D-1", "--receipt", str(receipt))
    assert constat(*claim).returncode == 1  # no policy says whom to believe
    done = constat(*claim, "--policy", str(policy))
    assert done.returncode == 0, done.stderr
    [fact] = json.loads(constat("history", "nadia", "--json").stdout)
    assert (fact["grade"], fact["source"], fact["type"]) == ("D", "declaration", "tentative_depot_echouee")
    assert constat(*claim, "--policy", str(policy)).returncode == 0
    other = constat("attempts", "claim", "omar", "--dossier", "D-2", "--receipt", str(receipt), "--policy", str(policy))
    assert other.returncode == 1
    assert "déjà rattachée" in other.stderr
    number = AttemptReceipt.parse(raw).line.id[:-1] + "2"
    done = constat("attempts", "claim", "omar", "--dossier", "D-2", "--attempt", number, "--agent", "agent-7", "--json")
    assert json.loads(done.stdout)["grade"] == "D"
    assert constat("attempts", "list", "--json").stdout.strip() == "[]"
    back = ("attempts", "release", number, "--reason", "Rattachée par erreur.")
    assert constat(*back).returncode == 2
    assert "pas rattachée à cette personne" in constat(*back, "--person", "nadia").stderr
    done = constat(*back, "--agent", "agent-7")
    assert "peut être rattachée de nouveau" in done.stdout
    assert constat(*back, "--agent", "agent-7").returncode == 1
    assert len(json.loads(constat("attempts", "list", "--json").stdout)) == 1
    assert (
        constat("attempts", "claim", "x" * 201, "--dossier", "D", "--attempt", number, "--agent", "a").returncode == 1
    )
    assert constat("attempts", "claim", "omar", "--dossier", "D-2", "--attempt", number).returncode == 2
    assert constat("attempts", "claim", "omar", "--dossier", "D-2").returncode == 2


def test_a_receipt_of_an_unknown_guichet_is_not_believed(
    constat: Constat, start: Callable[..., Guichet], tmp_path: Path
) -> None:
    """A receipt that no known guichet signed attaches nothing, even where the attempt exists."""
    guichet = start()
    raw = guichet.post({"message": "Erreur"})[2]
    constat("attempts", "drain", str(guichet.spool))
    (tmp_path / "t.recu").write_bytes(raw)
    (tmp_path / "p.txt").write_text("quorum none\n")
    done = constat(
        "attempts",
        "claim",
        "x",
        "--dossier",
        "D",
        "--receipt",
        str(tmp_path / "t.recu"),
        "--policy",
        str(tmp_path / "p.txt"),
    )
    assert done.returncode == 1
    assert "n'est pas retenu" in done.stderr
    assert constat("history", "x").returncode == 1


def test_an_instant_that_never_was_stops_no_drain(constat: Constat, start: Callable[..., Guichet]) -> None:
    """A line whose date was changed to one that does not exist is named, and those around it are recorded."""
    guichet = start()
    for n in range(3):
        guichet.post({"message": f"Message {n}"})
    guichet.stop()
    [path] = segments(guichet.spool)
    first, second, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + re.sub(rb'"at":"....-..', b'"at":"2026-19', second) + third)
    done = constat("attempts", "drain", str(guichet.spool))
    assert done.returncode == 4, done.stderr
    assert "2 tentatives enregistrées" in done.stdout
    assert "000001.jsonl, ligne 2" in done.stdout


def test_what_is_drained_may_be_removed(constat: Constat, tmp_path: Path) -> None:
    """Whole, the older segments go and the last stays, so that the chain goes on; where anything is damaged all stays."""
    spool = Spool(tmp_path, segment_bytes=1_500)
    for n in range(12):
        spool.append({"message": f"Erreur {n}" * 20}, datetime.now(UTC))
    *older, last = segments(tmp_path)
    whole = older[0].read_bytes()
    older[0].write_bytes(whole.replace(b"Erreur 1", b"Erreur 7"))
    assert constat("attempts", "drain", str(tmp_path), "--remove").returncode == 4
    assert segments(tmp_path) == [*older, last]
    older[0].write_bytes(whole)
    done = constat("attempts", "drain", str(tmp_path), "--remove")
    assert done.returncode == 0, done.stdout + done.stderr
    assert segments(tmp_path) == [last]
    spool.append({"message": "après"}, datetime.now(UTC))
    spool.close()
    done = constat("attempts", "drain", str(tmp_path), "--remove")
    assert (done.returncode, done.stdout.splitlines()[0].split()[0]) == (0, "1")


def test_a_folder_of_something_else_is_no_spool(constat: Constat, tmp_path: Path) -> None:
    """A folder that no guichet wrote in is refused: nothing drained is not the same as nothing there."""
    done = constat("attempts", "drain", str(tmp_path))
    assert done.returncode == 1
    assert "n'est pas le dossier d'un guichet" in done.stderr


def test_a_damaged_spool_is_drained_of_what_stands_and_says_so(constat: Constat, start: Callable[..., Guichet]) -> None:
    """A changed line is named and ends with the code of what is not intact; the others are recorded."""
    guichet = start()
    for n in range(3):
        guichet.post({"message": f"Message {n}"})
    guichet.stop()
    [path] = segments(guichet.spool)
    path.write_bytes(path.read_bytes().replace(b"Message 1", b"Message 7"))
    done = constat("attempts", "drain", str(guichet.spool))
    assert done.returncode == 4
    assert "2 tentatives enregistrées" in done.stdout
    assert "000001.jsonl, ligne 2" in done.stdout
    assert "000001.jsonl, ligne 3" in done.stdout

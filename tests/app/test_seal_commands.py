"""The commands of the seal and of the verification, as a user types them: good input, bad input, exit codes."""

import json
import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import jsonschema
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from ledger.seal.checkpoint import Checkpoint, TlogProof
from ledger.seal.note import Note, Verifier
from ledger.seal.policy import Policy
from replay.schemas import schema
from tests import forked
from tests.conftest import on
from tests.seal import tsa
from tests.witness.journal import WITNESS
from tests.witness.test_server import listening
from witness.service import Witness
from witness.state import State

FACT: Final = {
    "id": "F-9", "type": "demande_deposee", "personne": "amina-exemple", "objet": "D-1", "survenu": "2025-07-01",
    "acteur": {"nature": "usager"}, "canal": "teleservice", "source": "anef", "grade": "A",
    "donnees": {"titre_demande": "cst", "nature": "renouvellement", "deposee_le": "2025-07-01"},
}  # fmt: skip
local_tsa = tsa.local_tsa

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def home(workplace: Path) -> Path:
    """A home of the module's own."""
    folder = workplace / "sceau"
    folder.mkdir(mode=0o755)
    return folder


@pytest.fixture(scope="module")
def constat(home: Path, server_conninfo: str) -> Iterator[Run]:
    """``constat`` in that home, on a database that holds one sealed and counted fact."""
    name = f"constat_{secrets.token_hex(6)}"
    with psycopg.connect(server_conninfo, autocommit=True) as conn:
        conn.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "DATABASE_URL", "CONSTAT"))}

    def run(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        environment = {**bare, "CONSTAT_HOME": str(home), "DATABASE_URL": on(server_conninfo, name), **settings}
        return forked.constat(arguments, env=environment)

    assert run("record", json.dumps(FACT)).returncode == 0
    assert run("seal", "census").returncode == 0
    yield run
    with psycopg.connect(server_conninfo, autocommit=True) as conn:
        conn.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture(scope="module")
def policy(constat: Run, home: Path) -> Path:
    """The policy of somebody who believes the log's key, and asks for no witness."""
    path = home / "politique"
    path.write_text(f"log {constat('seal', 'key').stdout.strip()}\nquorum none\n")
    return path


def test_a_checkpoint_is_signed_by_the_key_that_is_told(constat: Run) -> None:
    """``seal checkpoint`` prints a C2SP checkpoint that the key of ``seal key`` verifies."""
    note = Note.parse(constat("seal", "checkpoint").stdout.encode())
    verifier = Verifier.parse(constat("seal", "key").stdout.strip())
    assert list(note.verified([verifier])) == [verifier]
    assert Checkpoint.parse(note.text).size >= 2


def test_a_proof_is_verified_without_a_server(constat: Run, home: Path, policy: Path) -> None:
    """``seal prove`` prints a proof that ``verify FILE`` accepts with no ledger at hand, and refuses once changed."""
    printed = constat("seal", "prove", "amina-exemple", "--entry", "F-9").stdout
    proof = home / "f.tlog-proof"
    proof.write_text(printed)
    assert TlogProof.parse(printed.encode()).index == 0
    nowhere = {"CONSTAT_HOME": "/nonexistent", "DATABASE_URL": "host=/nonexistent"}
    done = constat("verify", str(proof), "--policy", str(policy), **nowhere)
    assert done.returncode == 0, done.stderr
    assert "CE FICHIER TIENT" in done.stdout
    proof.write_text(printed.replace("index 0", "index 1"))
    line = home / "ligne"
    line.write_text("{}\n")
    refused = constat("verify", str(proof), "--policy", str(policy), "--line", str(line), "--json")
    assert refused.returncode == 4
    said = json.loads(refused.stdout)
    jsonschema.validate(said, schema("verify-file"))
    assert said["tient"] is False
    assert {each["name"]: each["outcome"] for each in said["controles"]}["inclusion"] == "échoué"


def test_the_whole_ledger(constat: Run) -> None:
    """``verify`` prints every check; ``--closed`` opens nothing; ``--record`` leaves a fact; ``--resume`` no file."""
    done = constat("verify", "--json", "--record")
    said = json.loads(done.stdout)
    jsonschema.validate(said, schema("verify"))
    assert (done.returncode, said["intact"]) == (0, True)
    ended = {each["check"]: each["verdict"] for each in said["controles"]}
    assert ended["arbre"] == ended["points"] == ended["recensement"] == ended["lecture"] == "passé"
    assert ended["temoins"] == ended["jetons"] == "impossible"
    again = json.loads(constat("verify", "--json", "--closed").stdout)
    ended = {each["check"]: each["verdict"] for each in again["controles"]}
    assert ended["ouverture"] == ended["engagement"] == ended["lecture"] == "impossible"
    assert ended["arbre"] == "passé"
    assert again["entries"] > said["entries"]


def test_verifying_goes_on_from_a_file(constat: Run, home: Path) -> None:
    """``--resume FILE`` ends with no file left; a file that is no such file is refused and left."""
    path = home / "reprise"
    assert constat("verify", "--resume", str(path)).returncode == 0
    assert not path.exists()
    path.write_text("rien")
    refused = constat("verify", "--resume", str(path))
    assert refused.returncode == 1
    assert "fichier de reprise" in refused.stderr
    assert path.read_text() == "rien"


def test_a_key_is_replaced_and_retired(constat: Run) -> None:
    """After a new key both sign; once the older is retired the whole ledger still verifies; the only one stays."""
    [old] = constat("seal", "key").stdout.split()
    assert constat("seal", "rotate-key").returncode == 0
    assert len(constat("seal", "key").stdout.split()) == 2
    identity = old.split("+")[1]
    assert constat("seal", "retire-key", identity).returncode == 0
    [new] = constat("seal", "key").stdout.split()
    assert new != old
    assert constat("verify").returncode == 0
    refused = constat("seal", "retire-key", new.split("+")[1])
    assert refused.returncode == 5
    assert "la seule" in refused.stderr


def test_a_key_that_signed_the_last_checkpoint_alone_is_not_retired(constat: Run, home: Path) -> None:
    """Where a process still sealed with the older key only, that key stays: without it nothing could be sealed on."""
    file = home / "seal.json"
    before = file.read_text()
    [old] = constat("seal", "key").stdout.split()
    assert constat("seal", "rotate-key").returncode == 0
    both = file.read_text()
    file.write_text(before)
    assert constat("record", json.dumps({**FACT, "id": "F-10"})).returncode == 0
    assert constat("seal", "once").returncode == 0
    file.write_text(both)
    refused = constat("seal", "retire-key", old.split("+")[1])
    assert refused.returncode == 1
    assert "dernier point de contrôle" in refused.stderr
    assert file.read_text() == both
    assert constat("record", json.dumps({**FACT, "id": "F-11"})).returncode == 0
    assert constat("seal", "once").returncode == 0
    assert constat("seal", "retire-key", old.split("+")[1]).returncode == 0
    assert constat("verify").returncode == 0


def test_sealed_once_and_cosigned(constat: Run, home: Path, tmp_path: Path) -> None:
    """``seal once`` has the witnesses of the policy cosign, and names in French the one that is not there."""
    state = State(tmp_path / "temoin")
    state.create(WITNESS)
    keys = [Verifier.parse(each) for each in constat("seal", "key").stdout.split()]
    for each in keys:
        state.add_log(each)
    witness = Witness.open(state)
    policy = home / "avec-temoin"
    with listening(witness) as (host, port):
        lines = [f"log {each.vkey}" for each in keys]
        lines += [f"witness ddd {witness.signer.verifier.vkey} http://{host}:{port}", "quorum ddd", ""]
        policy.write_text("\n".join(lines))
        done = constat("seal", "once", CONSTAT_POLICY=str(policy))
        assert (done.returncode, "témoin" in done.stdout) == (0, False), done.stderr
        note = Note.parse(constat("seal", "checkpoint").stdout.encode())
        assert Policy.parse(policy.read_text()).judge(note).accepted
    assert constat("record", json.dumps({**FACT, "id": "F-12"})).returncode == 0
    done = constat("seal", "once", CONSTAT_POLICY=str(policy))
    assert (done.returncode, "témoin ddd : pas de réponse à temps" in done.stdout) == (0, True)
    said = json.loads(constat("seal", "once", "--json", CONSTAT_POLICY=str(policy)).stdout)
    assert said["temoins_manquants"] == {"ddd": "unreachable"}


def test_stamped_on_demand(constat: Run, home: Path, local_tsa: tsa.LocalTsa) -> None:
    """``seal stamp`` has the last checkpoint stamped, says it is not qualified, and ``verify`` then checks the token."""
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - of this test alone

    roots = home / "racines.pem"
    roots.write_bytes(local_tsa.root.certificate.public_bytes(Encoding.PEM))
    refused = constat("seal", "stamp")
    assert refused.returncode == 1
    assert "CONSTAT_TSA_URL" in refused.stderr
    settings = {"CONSTAT_TSA_URL": local_tsa.url, "CONSTAT_TSA_ROOTS": str(roots)}
    done = constat("seal", "stamp", **settings)
    assert done.returncode == 0, done.stderr
    assert "horodatage non qualifié" in done.stdout
    said = json.loads(constat("verify", "--json", **settings).stdout)
    ended = {each["check"]: each["verdict"] for each in said["controles"]}
    assert ended["jetons"] == ended["dates"] == "passé"
    said = json.loads(constat("verify", "--json", CONSTAT_TSA_ROOTS=str(roots)).stdout)
    assert {"check": "jetons", "verdict": "passé", "why": ""} in said["controles"]


def test_published(constat: Run, tmp_path: Path) -> None:
    """``seal publish`` writes a folder with the checkpoint, tiles and lines."""
    assert constat("seal", "publish", str(tmp_path / "public")).returncode == 0
    note = Note.parse((tmp_path / "public" / "checkpoint").read_bytes())
    size = Checkpoint.parse(note.text).size
    assert (tmp_path / "public" / "tile" / "0" / "000.p" / str(size)).stat().st_size == 32 * size


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("seal",), 2, "il manque une commande"),
        (("seal", "prove", "amina-exemple"), 2, "--entry"),
        (("seal", "prove", "amina-exemple", "--entry", "inconnu"), 1, "vérifiez l'identifiant"),
        (("seal", "prove", "personne-inconnue", "--entry", "F-9"), 1, "vérifiez la référence"),
        (("seal", "retire-key", "00000000"), 5, "n'est pas de celles qui signent"),
        (("verify", "/nonexistent"), 2, "/nonexistent"),
        (("verify", __file__), 1, "--policy"),
        (("verify", __file__, "--policy", __file__), 1, "politique, ligne 1"),
        (("verify", "--workers", "0"), 2, "--workers"),
        (
            ("verify", "--policy", __file__),
            2,
            "--policy ne vaut qu'avec un fichier ; pour le registre, réglez CONSTAT_POLICY",
        ),
        (("verify", "--line", __file__), 2, "--line ne vaut qu'avec un fichier"),
        (("verify", __file__, "--record"), 2, "--record ne vaut que sans fichier"),
        (("verify", __file__, "--workers", "2"), 2, "--workers ne vaut que sans fichier"),
    ],
    ids=lambda value: " ".join(value)[:50] if isinstance(value, tuple) else None,
)
def test_what_is_wrong_is_said(constat: Run, arguments: tuple[str, ...], code: int, told: str) -> None:
    """Bad input is answered in French, by what is wrong and what to do, with its exit code."""
    done = constat(*arguments)
    assert done.returncode == code, done.stderr
    assert told in done.stderr


def test_a_missing_key_file_is_not_replaced(constat: Run, home: Path) -> None:
    """Once the log is signed, a missing file of keys is asked for, never made again."""
    kept = (home / "seal.json").read_bytes()
    (home / "seal.json").unlink()
    refused = constat("seal", "once")
    (home / "seal.json").write_bytes(kept)
    assert refused.returncode == 5
    assert "restaurez-le" in refused.stderr

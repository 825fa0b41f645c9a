"""The bundle as a user meets it: made, judged by the published verifier, made again, listed; good input and bad."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import app
from ledger.seal.signing import SigningKeys
from tests.app.test_cli import Constat, constat  # noqa: F401 - the fixture of the command line

SAMPLES = Path(app.__file__).parent / "demo" / "cas.jsonl"
LATE = Path(app.__file__).parent / "demo" / "tardif.jsonl"
WHO = "amina-exemple-c01"
INTEGRE, ALTERE, COHERENT = 0, 1, 2


@pytest.fixture(scope="module")
def told(constat: Constat) -> Constat:  # noqa: F811 - as above
    """The command line on a ledger that holds the worked cases."""
    assert constat("import", str(SAMPLES)).returncode == 0
    return constat


def test_a_bundle_from_the_command_to_the_verifier(told: Constat, tmp_path: Path) -> None:
    """Made on a ledger that nobody had sealed, judged by the program that is published apart, refused once changed;
    made again to the byte; listed, with the later fact that changed what it concluded.
    """
    place = tmp_path / "p.zip"
    done = told(
        "export", "bundle", WHO, "--output", str(place), "--true-on", "2026-01-20", "--ground", "mandat",
        "--recipient", "avocate", "--reference", "2600001", "--json",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    made = json.loads(done.stdout)
    assert (made["fichier"], made["faits"]) == ("p.zip", made["faits"])
    told("export", "verifier", "--output", str(tmp_path))
    assert _judge(tmp_path, place) == COHERENT
    changed = bytearray(place.read_bytes())
    changed[len(changed) // 2] ^= 1
    (tmp_path / "q.zip").write_bytes(changed)
    assert _judge(tmp_path, tmp_path / "q.zip") == ALTERE

    again = told("export", "again", WHO, made["export"][:8], "--output", str(tmp_path / "r.zip"))
    assert again.returncode == 0
    assert (tmp_path / "r.zip").read_bytes() == place.read_bytes()
    [before] = json.loads(told("export", "list", WHO, "--json").stdout)
    assert (before["fondement"], before["destinataire"], before["reference"]) == ("mandat", "avocate", "2600001")
    assert (before["empreinte"], before["conclusion_refaite"], before["change_par"]) == (made["empreinte"], True, None)
    assert told("import", str(LATE)).returncode == 0
    [after] = json.loads(told("export", "list", WHO, "--json").stdout)
    assert (after["conclusion_refaite"], after["change_par"]) == (True, "C01-090")
    assert "sa conclusion a changé" in told("export", "list", WHO).stdout


def test_a_policy_from_elsewhere_anchors_it(told: Constat, tmp_path: Path) -> None:
    """The verifier published with the policy names what it lacks; another log's policy refuses the bundle."""
    who = "bilal-exemple-c02"
    assert told("export", "bundle", who, "--output", str(tmp_path / "p.zip")).returncode == 0
    keys = told("export", "key").stdout.splitlines()
    log_keys = [line for line in told("seal", "key").stdout.splitlines() if "+" in line]
    policy = "".join(f"log {each}\n" for each in (*log_keys, *keys)) + "quorum none\n"
    (tmp_path / "politique.txt").write_text(policy)
    told("export", "verifier", "--output", str(tmp_path), "--policy", str(tmp_path / "politique.txt"))
    assert _judge(tmp_path, tmp_path / "p.zip") == COHERENT  # nobody has stamped it
    [log] = log_keys
    other = SigningKeys.generate(log.partition("+")[0]).verifiers[0].vkey
    (tmp_path / "autre.txt").write_text(policy.replace(log, other))
    assert _judge(tmp_path, tmp_path / "p.zip", "--policy", "autre.txt") == ALTERE


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bundle", "personne-inconnue", "--output", "x.zip"), "vérifiez la référence"),
        (("bundle", WHO, "--output", "{there}"), "existe déjà"),
        (("bundle", WHO, "--output", "x.zip", "--withhold", "F-99"), "aucun fait"),
        (("again", WHO, "zzz", "--output", "x.zip"), "aucun export ne porte"),
        (("list", "personne-inconnue"), "vérifiez la référence"),
        (("verifier", "--output", ".", "--policy", "{there}"), "politique C2SP"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(
    told: Constat, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    """Each says in French what was wrong; no file is there afterwards that was not before."""
    (tmp_path / "déjà.zip").write_bytes(b"x")
    given = [each.format(there=tmp_path / "déjà.zip") for each in arguments]
    done = told("export", *[str(tmp_path / each) if each in {"x.zip", "."} else each for each in given])
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"déjà.zip"}


def _judge(folder: Path, bundle: Path, *more: str) -> int:
    """The exit code of the published verifier, run by itself where nothing of ours can be imported."""
    command = [sys.executable, "-I", "verifier.pyz", str(bundle), *more]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, env={}).returncode

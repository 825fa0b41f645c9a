"""The witness's commands, with the ledger and without it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import click
import pytest

from ledger.seal.note import COSIGNATURE, Verifier
from ledger.seal.policy import Policy
from tests.witness.conftest import ORIGIN_HASH, ROOT, Serve
from tests.witness.journal import WITNESS, Journal, Key
from witness import cli
from witness.service import Witness
from witness.state import State

HONEST: Final = Journal()
VKEY: Final = HONEST.keys[0].vkey
FOREIGN: Final = {
    "psycopg",
    "psycopg_pool",
    "eventsourcing",
    "pydantic",
    "obstore",
    "msgspec",
    "holidays",
    "platformdirs",
}


def alone(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """``python -m witness`` as a user runs it."""
    command = [sys.executable, "-m", "witness", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def told(
    arguments: list[str | Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of ``python -m witness``, in this process."""
    monkeypatch.setattr("sys.argv", ["witness", *map(str, arguments)])
    try:
        cli.main()
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_witness_needs_nothing_of_the_ledger() -> None:
    """All its modules, the commands included, are imported without the database's driver and the ledger's libraries."""
    modules = sorted(f"witness.{path.stem}" for path in (ROOT / "witness").glob("[a-z]*.py"))
    assert "witness.cli" in modules
    code = f"import sys, witness.__main__, {', '.join(modules)}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = run.stdout.split()
    assert "witness.server" in loaded
    assert not FOREIGN & {name.split(".")[0] for name in loaded}
    ours = {
        name
        for name in loaded
        if name.split(".")[0] in {"ledger", "app", "console", "rules", "commands", "replay", "projections"}
    }
    seal = {f"ledger.seal.{name}" for name in ("note", "checkpoint", "proof", "files")}
    spoken = {f"console.{name}" for name in ("address", "logs", "usage")}
    assert ours == {"ledger", "ledger.errors", "ledger.metered", "ledger.seal", *seal, "console", *spoken}


def test_from_nothing_to_a_cosignature(tmp_path: Path) -> None:
    """``init`` prints the key that policies name; ``add-log`` follows a log, twice the same once; ``show`` tells both."""
    folder = tmp_path / "temoin"
    made = alone("init", folder, "--name", WITNESS)
    assert (made.returncode, made.stderr) == (0, "")
    verifier = Verifier.parse(made.stdout.strip())
    assert (verifier.name, verifier.algorithm) == (WITNESS, COSIGNATURE)
    second = Key(HONEST.origin, 1, b"\x22" * 32).vkey
    added = alone("add-log", folder, VKEY, second, VKEY)
    assert added.stdout.splitlines() == [
        f"{HONEST.origin} : clé {VKEY.split('+')[1]} suivie",
        f"{HONEST.origin} : clé {second.split('+')[1]} suivie",
        f"{HONEST.origin} : clé {VKEY.split('+')[1]} déjà suivie",
    ]
    shown = alone("show", folder)
    assert shown.stdout.splitlines() == [
        f"témoin {WITNESS}",
        f"clé publique {verifier.vkey}",
        f"journal {HONEST.origin}",
        f"  clé {VKEY}",
        f"  clé {second}",
        "  jamais cosigné",
        "aucune pièce conservée",
    ]


def test_show_tells_what_was_cosigned_and_what_shows_misconduct(
    state: State, witness: Witness, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sizes, roots, dates and pieces of evidence, as text and as JSON; the key's file is never shown."""
    witness.add_checkpoint(HONEST.request(0, 8))
    witness.add_checkpoint(Journal(branch="autre ", fork=5).request(8, 8))
    code, text, _ = told(["show", state.folder], monkeypatch, capsys)
    assert code == 0
    root = HONEST.text(8).split("\n")[2]
    assert re.search(
        rf"  taille 8, racine {re.escape(root)}, cosigné le \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00\n", text
    )
    assert "pièce : bifurcation" in text
    code, text, _ = told(["show", state.folder, "--json"], monkeypatch, capsys)
    [log], [piece] = json.loads(text)["logs"], json.loads(text)["evidence"]
    assert (log["hash"], log["size"], log["root"], log["problem"]) == (ORIGIN_HASH, 8, root, None)
    assert (piece["kind"], piece["size"], piece["origin"]) == ("fork", 8, HONEST.origin)
    assert (state.evidence / piece["file"]).is_file()
    assert "PRIVATE" not in text


def test_show_tells_damage_and_fails(
    state: State, witness: Witness, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A lost checkpoint and a damaged piece are told beside what is well, with exit code 1."""
    witness.add_checkpoint(HONEST.request(0, 8))
    (state.origins / f"{ORIGIN_HASH}.latest").unlink()
    (state.evidence / "x.json").write_text("{")
    code, text, _ = told(["show", state.folder], monkeypatch, capsys)
    assert code == 1
    assert "PROBLÈME : " in text
    assert "ne cosignez plus sous ce nom" in text
    assert "pièce illisible : evidence/x.json" in text
    assert alone("serve", state.folder, "--listen", "127.0.0.1:0").returncode == 1


def test_names_are_shown_and_never_obeyed(
    state: State, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An origin that would turn the line around is shown with its code."""
    state.add_log(Verifier.parse(Key("a\u202eb", 1, b"\3" * 32).vkey))
    _, text, _ = told(["show", state.folder], monkeypatch, capsys)
    assert "journal a\\u202eb" in text


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "il manque une commande ; les commandes sont add-log, init, serve, show"),
        (["montre"], 2, "la commande « montre » n'existe pas"),
        (["init", "DOSSIER"], 2, "il manque l'option --name"),
        (["init", "DOSSIER", "--name", "a b"], 1, "n'est pas un nom de témoin"),
        (["init", "TEMOIN", "--name", "a"], 5, "il y a déjà une clé de témoin"),
        (["init", "TEMOIN/key/x", "--name", "a"], 5, "erreur 20 du système"),
        (["add-log", "TEMOIN"], 2, "il manque l'argument VKEY"),
        (["add-log", "TEMOIN", "x"], 1, "« x » : une clé de vérification s'écrit nom+identifiant+clé"),
        (["add-log", "TEMOIN", Key("a", 4, b"\1" * 32).vkey], 1, "est la clé d'un témoin, pas celle d'un journal"),
        (["add-log", "AILLEURS", VKEY], 5, "key manque : « init » le crée"),
        (["show", "AILLEURS"], 5, "key manque : « init » le crée"),
        (["show", "TEMOIN", "DE TROP"], 2, "un argument en trop"),
        (["serve", "TEMOIN"], 2, "il manque l'option --listen"),
        (["serve", "TEMOIN", "--listen", "8080"], 2, "« 8080 » n'est pas une adresse"),
        (["serve", "TEMOIN", "--listen", "127.0.0.1:70000"], 2, "« 127.0.0.1:70000 » n'est pas une adresse"),
        (["serve", "TEMOIN", "--listen", "192.0.2.1:80"], 1, "cette adresse est prise, ou n'est pas d'ici"),
        (["serve", "TEMOIN", "--listen", "127.0.0.1:0", "--prefix", "x"], 2, "« x » n'est pas un début de chemin"),
        (["serve", "TEMOIN", "--listen", "127.0.0.1:0", "--prefix", "/x/"], 2, "« /x/ » n'est pas un début de chemin"),
        (["serve", "AILLEURS", "--listen", "127.0.0.1:0"], 5, "key manque : « init » le crée"),
    ],
    ids=lambda value: " ".join(map(str, value))[:40] if isinstance(value, list) else "",
)
def test_refusals_are_told_in_french(
    state: State,
    arguments: list[str],
    code: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One message and an exit code, on standard error; nothing on standard output."""
    given = [each.replace("TEMOIN", str(state.folder)).replace("AILLEURS", "/nulle/part") for each in arguments]
    got, out, err = told(list(given), monkeypatch, capsys)
    assert (got, out) == (code, "")
    assert err.startswith("témoin : ")
    assert message in err


def test_every_type_of_value_speaks_french() -> None:
    """No option and no argument has a type whose refusals click words itself."""
    params = [param for command in cli.witness.commands.values() for param in command.params]
    worded_by_click = {type(each.type).__name__ for each in params if type(each.type).__module__.startswith("click.")}
    assert worded_by_click == {type(click.STRING).__name__, type(click.BOOL).__name__}


def test_the_same_commands_under_constat(
    state: State, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``constat witness`` has the same commands and gives the same answers."""
    from app.cli import run  # noqa: PLC0415 - the ledger's command line is for this test only

    monkeypatch.setattr("sys.argv", ["constat", "witness", "show", str(state.folder)])
    run()
    assert capsys.readouterr().out == told(["show", state.folder], monkeypatch, capsys)[1]
    monkeypatch.setattr("sys.argv", ["constat", "witness", "show", "/nulle/part"])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 5


def test_the_commands_of_the_document_run(tmp_path: Path, serve: Serve) -> None:
    """Every command of the witness in its document runs as it is written, and the policy shown there is one."""
    text = (ROOT / "docs" / "witness.md").read_text(encoding="utf-8")
    commands = re.findall(r"temoin/bin/python -m witness ([^`\n]+)", text)
    assert [each.split()[0] for each in commands] == ["init", "add-log", "serve", "show"]
    folder = tmp_path / "temoin"
    for command in commands:
        arguments = command.replace("DOSSIER", str(folder)).replace("CLE_DU_JOURNAL", VKEY).split()
        if arguments[0] == "serve":
            assert arguments[2:] == ["--listen", "127.0.0.1:8080"]
            served = serve(folder)
            assert served.add(HONEST.request(0, 8))[0] == 200
            assert served.stop() == 0
        else:
            assert alone(*arguments).returncode == 0
    [policy] = re.findall(r"```\n(witness .+?)```", text, flags=re.DOTALL)
    assert Policy.parse(policy).quorum == "ddd"

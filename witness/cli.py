"""The witness's commands: ``constat witness`` where the ledger is, ``python -m witness`` where it is not.

Exit codes: 0 done; 1 refused or unreadable; 2 wrong usage; 5 no key or no access; 130 interrupted.
"""

import io
import json
import re
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from console import logs, usage
from console.address import Address
from ledger.errors import ConstatError, KeyFileError
from ledger.seal.note import NoteError, Verifier
from witness.core import Misconduct
from witness.evidence import Piece, pieces
from witness.server import Server
from witness.service import Witness
from witness.state import State, WitnessError

REFUSED: Final = 1
USAGE: Final = 2
UNAVAILABLE: Final = 5
INTERRUPTED: Final = 130

KINDS: Final = {
    Misconduct.FORK: "bifurcation (deux racines pour une même taille : le journal s'est contredit)",
    Misconduct.INCONSISTENT: "incohérence (rien ne montre qu'il prolonge le précédent : au journal de le prouver)",
    Misconduct.ROLLBACK: "recul (plus petit que le précédent : journal revenu en arrière, ou vieux point renvoyé)",
}
_PREFIX: Final = re.compile(r"(/[A-Za-z0-9._~-]+)*")


class _Prefix(click.ParamType[str]):
    name = "prefix"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """``value`` when it can begin the path of a URL."""
        if not _PREFIX.fullmatch(str(value)):
            self.fail(f"« {value} » n'est pas un début de chemin (attendu : /temoin)", param, ctx)
        return str(value)


class _Folder(click.ParamType[Path]):
    name = "folder"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path that ``value`` writes; what is there, or is not, the command says."""
        del param, ctx
        return Path(value)


_with_folder = click.argument("folder", type=_Folder())


@click.group(cls=usage.Group, name="witness", invoke_without_command=True, subcommand_metavar="COMMAND [ARGS]...")
@click.pass_context
def witness(ctx: click.Context) -> None:
    """Run a witness: it cosigns what logs sign as long as they only grow, and keeps what shows that one did not."""
    usage.require_command(ctx)


@witness.command("init")
@_with_folder
@click.option("--name", required=True, help="The witness's name, written as an address: temoin.example/w1.")
def init_command(folder: Path, name: str) -> None:
    """Make FOLDER with a fresh private key; print the public one, for the policies of those who trust it."""
    click.echo(State(folder).create(name).verifier.vkey)


@witness.command("add-log")
@_with_folder
@click.argument("vkeys", metavar="VKEY...", nargs=-1, required=True)
def add_log_command(folder: Path, vkeys: tuple[str, ...]) -> None:
    """Follow the log of each VKEY; a second key of a log is followed beside the first. No restart is needed."""
    state = State(folder)
    state.signer()
    for verifier in [_verifier(each) for each in vkeys]:
        added = state.add_log(verifier)
        click.echo(_shown(f"{verifier.name} : clé {verifier.id.hex()} {'suivie' if added else 'déjà suivie'}"))


@witness.command("serve")
@_with_folder
@click.option("--listen", type=Address(), required=True, help="Address and port: 127.0.0.1:8080, or [::1]:8080.")
@click.option("--prefix", type=_Prefix(), default="", help="Beginning of the path of its URLs: /temoin.")
def serve_command(folder: Path, listen: tuple[str, int], prefix: str) -> None:
    """Answer logs and monitors until it is stopped (SIGTERM, Ctrl-C). Logs what it answers, as JSON lines."""
    logs.configure(verbose=True)
    opened = Witness.open(State(folder))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with _bound(listen, opened, prefix) as server:
        host, port = (str(each) for each in server.server_address[:2])
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}{prefix}"
        click.echo(f"{opened.signer.name} écoute sur {url} ; Ctrl-C pour arrêter")
        server.run(stop)


@witness.command("show")
@_with_folder
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of French text.")
def show_command(folder: Path, *, as_json: bool) -> None:
    """What the witness of FOLDER follows and cosigned, and what shows a log's misconduct."""
    state = State(folder)
    verifier = state.signer().verifier
    found = [_log(state, verifier, origin) for origin in state.logs()]
    kept, damaged = pieces(state.evidence)
    report = {
        "name": verifier.name,
        "vkey": verifier.vkey,
        "logs": found,
        "evidence": [_piece(each) for each in kept],
        "damaged": [path.name for path in damaged],
    }
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2).encode())
    else:
        for line in _lines(report):
            click.echo(_shown(line))
    if damaged or any(each["problem"] for each in found):
        sys.exit(REFUSED)


def _bound(listen: tuple[str, int], opened: Witness, prefix: str) -> Server:
    try:
        return Server(listen, opened, prefix)
    except OSError as error:
        msg = f"{listen[0]}:{listen[1]} : cette adresse est prise, ou n'est pas d'ici (erreur {error.errno})"
        raise WitnessError(msg) from error


def _log(state: State, verifier: Verifier, origin: str) -> dict[str, Any]:
    shown: dict[str, Any] = dict.fromkeys(("origin", "keys", "size", "root", "cosigned_at", "problem"))
    shown["hash"] = origin
    try:
        keys = state.keys(origin)
        shown |= {"origin": keys[0].name if keys else None, "keys": [each.vkey for each in keys]}
        last = state.latest(origin, verifier)
    except WitnessError as error:
        return shown | {"problem": str(error)}
    if last is None:
        return shown
    return shown | {
        "size": last.checkpoint.size,
        "root": last.checkpoint.text.split("\n")[2],
        "cosigned_at": datetime.fromtimestamp(last.time, UTC).isoformat(),
    }


def _piece(piece: Piece) -> dict[str, Any]:
    checkpoint = piece.request.checkpoint
    return {
        "kind": piece.kind,
        "received_at": piece.received_at,
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.text.split("\n")[2],
        "file": piece.path.name,
    }


def _lines(report: dict[str, Any]) -> list[str]:
    lines = [f"témoin {report['name']}", f"clé publique {report['vkey']}"]
    lines += ["aucun journal suivi"] if not report["logs"] else []
    for each in report["logs"]:
        lines.append(f"journal {each['origin'] or each['hash']}")
        lines += [f"  clé {vkey}" for vkey in each["keys"] or ()]
        if each["problem"]:
            lines.append(f"  PROBLÈME : {each['problem']}")
        elif each["size"] is None:
            lines.append("  jamais cosigné")
        else:
            lines.append(f"  taille {each['size']}, racine {each['root']}, cosigné le {each['cosigned_at']}")
    lines += [] if report["evidence"] else ["aucune pièce conservée"]
    for each in report["evidence"]:
        lines.append(f"pièce : {KINDS[each['kind']]}")
        lines.append(f"  {each['origin']}, taille {each['size']}, racine {each['root']}, reçu le {each['received_at']}")
        lines.append(f"  evidence/{each['file']}")
    return [*lines, *(f"pièce illisible : evidence/{name}" for name in report["damaged"])]


def _verifier(vkey: str) -> Verifier:
    try:
        return Verifier.parse(vkey)
    except NoteError as error:
        msg = f"« {vkey} » : {error}"
        raise WitnessError(msg) from error


def _shown(line: str) -> str:
    """``line`` with what could command a terminal or turn the line around shown, and not obeyed."""
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in line)


def main() -> None:
    """Run the commands by themselves and turn every refusal into one French message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        witness.main(prog_name="python -m witness", standalone_mode=False)
    except click.UsageError as error:
        _fail(usage.explanation(error), USAGE)
    except KeyFileError as error:
        _fail(str(error), UNAVAILABLE)
    except ConstatError as error:
        _fail(str(error), REFUSED)
    except OSError as error:
        _fail(f"{error.filename or 'réseau ou disque'} : erreur {error.errno} du système", UNAVAILABLE)
    except click.Abort:
        _fail("interrompu", INTERRUPTED)


def _fail(message: str, code: int) -> NoReturn:
    for line in f"témoin : {message}".splitlines():
        click.echo(_shown(line), err=True)
    sys.exit(code)

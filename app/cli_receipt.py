"""The commands of the receipts: of an act, whether what was promised stands in a copy of the log, the keys."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
import psycopg

from app import affichage
from app.cli_common import life, print_json, with_json, with_person
from app.open import Opened, open_ledger, policy_of
from app.options import Existing, Reference
from app.promises import keys_file, promise_keys, receipts
from app.settings import Settings
from console import usage
from ledger.absence import Presence, Search, in_lines, in_mirror
from ledger.entry import Entry
from ledger.errors import ConstatError
from ledger.interchange import MAX_LINE_BYTES, json_object
from ledger.receipts import HERS, NoReceiptError
from ledger.seal import checks, files
from ledger.seal.policy import Policy
from ledger.seal.receipt import Receipt, verify_receipt
from ledger.seal.sheet import MAX_BYTES
from replay.as_of import plain

REFUSED: Final = 1
NOT_INTACT: Final = 4


class Written(click.ParamType[Path]):
    """A file that will be written, over what it held: its folder is there."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path that ``value`` writes; a usage error where no file can be written."""
        if not str(value):
            self.fail("le nom est vide", param, ctx)
        path = Path(value)
        if path.is_dir():
            self.fail(f"« {path} » est un dossier (attendu : un fichier)", param, ctx)
        if path.exists() and not path.is_file():
            self.fail(f"« {path} » n'est pas un fichier ordinaire : donnez un autre nom", param, ctx)
        if not path.parent.is_dir():
            self.fail(f"le dossier « {path.parent} » n'existe pas", param, ctx)
        return path


with_receipt = click.option("--receipt", type=Written(), help="Also write a receipt of the act to this file.")
with_policy = click.option(
    "--policy", type=Existing(dir_okay=False, path_type=Path), help="Whom to believe (default: CONSTAT_POLICY)."
)


class _Group(usage.Group):
    """A group whose first word, when it is none of its commands, is the PERSON of ``of``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Name the command that is meant."""
        if args and args[0] not in {*self.commands, "-h", "--help"}:
            args = ["of", *args]
        return super().parse_args(ctx, args)


@click.group("receipt", cls=_Group, invoke_without_command=True, subcommand_metavar="PERSON | COMMAND [ARGS]...")
@click.pass_context
def receipt_group(ctx: click.Context) -> None:
    """The receipt of an act of PERSON (--entry ID), which nobody can deny later; `of` may be left out."""
    usage.require_command(ctx)


@receipt_group.command("of")
@with_person
@click.option("--entry", required=True, type=Reference(), help="The id of the fact, as `constat history` shows it.")
@click.option("--open", "show", is_flag=True, help="Show what was sent, so that it can be proved; not who acted.")
@click.option("--mention", default="", help="What to write of the act on the receipt; nothing proves it.")
@click.option("--output", type=Written(), help="Write to this file, not to the screen.")
@click.pass_obj
def of_command(settings: Settings, person: str, entry: str, mention: str, output: Path | None, *, show: bool) -> None:
    """The receipt of an act of PERSON: the promise made of it, and its proof once it is sealed and cosigned."""
    with open_ledger(settings) as opened:
        found = [each for each in life(opened, person) if entry in {each.fait.id, str(each.event_id)}]
        if not found:
            msg = f"« {entry} » n'est pas un fait de cette personne : « constat history » donne les identifiants"
            raise ConstatError(msg)
        receipt = receipts(settings, opened).of(found[0], opened=show, mention=mention)
    if output is None:
        click.echo(bytes(receipt), nl=False)
    else:
        files.replace(output, bytes(receipt), mode=0o600)
        affichage.ecrire(f"reçu écrit : {output}")


@receipt_group.command("check")
@click.argument("file", type=Existing(dir_okay=False, path_type=Path))
@with_policy
@click.option(
    "--lines", type=Existing(dir_okay=False, path_type=Path), help="A later copy of the log: a file of lines."
)
@click.option("--mirror", help="A later copy of the log: the libpq connection string of a mirror.")
@with_json
@click.pass_obj
def check_command(
    settings: Settings, file: Path, policy: Path | None, lines: Path | None, mirror: str | None, *, as_json: bool
) -> None:
    """Verify the receipt FILE, then say whether the line that it promises stands in a later copy of the log."""
    if (lines is None) == (mirror is None):
        msg = "donnez --lines ou --mirror : la copie du journal où chercher la ligne"
        raise click.UsageError(msg)
    raw = read_bounded(file)
    found = verify_receipt(raw, chosen_policy(settings, policy), datetime.now(UTC))
    search = _search(Receipt.parse(raw), lines, mirror) if checks.holding(found) else None
    if as_json:
        print_json({"controles": plain(found), "recherche": plain(search)})
    else:
        affichage.controles(found, tient=checks.holding(found))
        affichage.ecrire(search.said if search else "ce reçu n'est pas retenu : rien n'a été cherché")
    if search is None or search.presence is Presence.TROP_TOT:
        sys.exit(REFUSED)
    if search.presence is not Presence.PRESENTE:
        sys.exit(NOT_INTACT)


def _search(receipt: Receipt, lines: Path | None, mirror: str | None) -> Search:
    if lines is not None:
        with lines.open("rb") as file:
            return in_lines(iter(lambda: file.readline(MAX_LINE_BYTES), b""), receipt.line)
    try:
        with psycopg.connect(mirror or "", autocommit=True) as conn:
            return in_mirror(conn, receipt.line)
    except (psycopg.ProgrammingError, psycopg.OperationalError) as error:
        msg = "--mirror ne mène pas à un miroir (attendu : postgresql://hôte/base, ou host=… dbname=…)"
        raise ConstatError(msg) from error


@receipt_group.command("key")
@click.option("--add", is_flag=True, help="Add a key: both sign from now on.")
@click.option("--retire", type=Reference(), help="Stop signing with the key of this id (8 hexadecimal digits).")
@click.pass_obj
def key_command(settings: Settings, retire: str | None, *, add: bool) -> None:
    """Print the public keys that sign promises (vkeys), for a `log` line of the policy of whoever verifies."""
    with open_ledger(settings) as opened:
        keys = promise_keys(settings, opened)
    kept = keys.with_new() if add else keys
    kept = kept.without(retire) if retire else kept
    if kept != keys:
        kept.save(keys_file(settings))
    for verifier in kept.verifiers:
        click.echo(verifier.vkey)


def require_hers(raw: bytes, receipt: Path | None) -> bytes:
    """The line as it is. Before anything is written, a receipt of what is no act of the person is refused.

    :raises NoReceiptError: it is asked for.
    :raises UnreadableError: one is asked for, and the line is no JSON object.
    """
    if receipt is not None:
        acteur = json_object(raw).get("acteur")
        told = acteur if isinstance(acteur, dict) else {}
        if str(told.get("nature")) not in HERS and not told.get("au_nom_de"):
            raise NoReceiptError(NoReceiptError.__doc__)
    return raw


def write_receipt(settings: Settings, opened: Opened, entries: tuple[Entry, ...], path: Path | None) -> None:
    """Write the receipt of what was just recorded, its content shown; nothing when none is asked for."""
    if path is not None:
        files.replace(path, bytes(receipts(settings, opened).of(entries[0], opened=True)), mode=0o600)


def chosen_policy(settings: Settings, given: Path | None) -> Policy:
    """The policy of a file, or the deployment's.

    :raises ConstatError: there is none, or it cannot be read.
    """
    policy = Policy.parse(read_bounded(given).decode("utf-8", "surrogateescape")) if given else policy_of(settings)
    if policy is None:
        msg = (
            "qui croire ? Donnez --policy, ou réglez CONSTAT_POLICY : la politique vient d'ailleurs que de ce qu'elle"
            " juge (docs/receipts.md)"
        )
        raise ConstatError(msg)
    return policy


def read_bounded(path: Path) -> bytes:
    """The content of a file, of which no more is read than a receipt may hold."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


COMMANDES: Final = (receipt_group,)

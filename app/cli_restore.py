"""The commands that follow a restore: what the ledger has lost, exactly, and what a mirror can give back."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
import psycopg

from app import affichage_miroir
from app.cli_common import print_json, with_json
from app.open import bare_database, policy_of
from app.options import Existing
from app.settings import Settings
from console import usage
from ledger.database import prepare
from ledger.errors import ConstatError
from ledger.mirror.subscription import reading
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.note import Note, Verifier
from ledger.seal.signing import SigningKeys
from replay.bring_back import bring_back, check_sides
from replay.restore import Loss, loss
from replay.results import Perte

NOT_INTACT: Final = 4

with_checkpoint = click.option(
    "--checkpoint",
    type=Existing(dir_okay=False, path_type=Path),
    help="The last checkpoint that was published, kept elsewhere (default: the sealer's own file).",
)


@click.group("restore", cls=usage.Group, invoke_without_command=True, subcommand_metavar="COMMAND [ARGS]...")
@click.pass_context
def restore_group(ctx: click.Context) -> None:
    """After a restore, before anything else runs: what is missing, and what a mirror gives back."""
    usage.require_command(ctx)


@restore_group.command("check")
@with_checkpoint
@click.option("--mirror", "mirror", help="libpq connection string to a mirror: names every entry that was lost.")
@with_json
@click.pass_obj
def check_command(settings: Settings, checkpoint: Path | None, mirror: str | None, *, as_json: bool) -> None:
    """What the restored ledger has lost of what was published: positions, count, instants; exit code 4 if anything."""
    with bare_database(settings) as database, database.as_owner() as here, _mirror(mirror) as other:
        found = loss(here, _published(settings, checkpoint), other)
    _tell(found, as_json=as_json)
    if not found.nothing:
        sys.exit(NOT_INTACT)


@restore_group.command("bring-back")
@with_checkpoint
@click.option("--mirror", "mirror", required=True, help="libpq connection string to a mirror.")
@with_json
@click.pass_obj
def bring_back_command(settings: Settings, checkpoint: Path | None, mirror: str, *, as_json: bool) -> None:
    """Put the lost rows back from a mirror, the same at the same positions; refused once anything new was recorded."""
    with bare_database(settings) as database, database.as_owner() as here, _mirror(mirror) as other:
        assert other is not None  # noqa: S101 - the option is required
        point = _published(settings, checkpoint)
        check_sides(here, other)
        prepare(database, origin=point.origin)  # a backup may be older than the tables that are brought back
        done = bring_back(here, other, point)
    if as_json:
        print_json(done)
    else:
        affichage_miroir.retour(done)


@contextmanager
def _mirror(conninfo: str | None) -> Iterator[psycopg.Connection[Any] | None]:
    if conninfo is None:
        yield None
        return
    with reading(conninfo) as conn:
        yield conn


def _published(settings: Settings, path: Path | None) -> Checkpoint:
    path = path or settings.memory
    if not path.exists():
        msg = (
            f"aucun point de contrôle à {path} : donnez à --checkpoint le dernier qui a été gardé ailleurs"
            " (par un témoin, un miroir, un dossier publié)"
        )
        raise ConstatError(msg)
    note = Note.parse(path.read_bytes())
    point = Checkpoint.parse(note.text)
    if not note.verified(_known(settings, point.origin)):
        # Said, and no more: a key that was lost with the server must not keep anybody from knowing what is missing.
        click.echo(f"{path.name} : signature non vérifiée, aucune clé connue ici ne l'a signé", err=True)
    return point


def _known(settings: Settings, origin: str) -> tuple[Verifier, ...]:
    """The keys that may have signed a checkpoint of this log: the deployment's own, and those of its policy.

    :raises KeyFileError: the file is no key file, or another log's.
    """
    policy = policy_of(settings)
    keys = SigningKeys.load(settings.seal_keys, origin).verifiers if settings.seal_keys.exists() else ()
    return (*keys, *(policy.logs if policy is not None else ()))


def _tell(found: Loss, *, as_json: bool) -> None:
    if as_json:
        print_json(Perte.of(found))
    else:
        affichage_miroir.perte(found)


COMMANDES: Final = (restore_group,)

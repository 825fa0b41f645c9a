"""``constat export tribunal``: one procedure, its traps before anything is made, then the folder to file."""

import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import click
from pydantic import ValidationError

from app import affichage_tribunal, export_tribunal, tribunal_export
from app.affichage import ecrire
from app.cli_common import life_and_incidents, moment_of, print_json, with_json, with_known_on, with_person
from app.inventory_file import read_inventory
from app.open import Opened, open_ledger
from app.options import Choice, Day, Existing, Place, Whole, Words
from app.settings import Settings
from console import usage
from evidence.controle import LIMITE, MO
from evidence.documents import AFFAIRE
from evidence.inventaire import Inventaire, Piece
from evidence.noms import IntituleError
from evidence.procedures import Procedure
from evidence.tribunal import Ajout, Options, Projet, intitule, projeter
from ledger.entry import Piece as Cite
from ledger.errors import ConstatError
from projections.francais import compte

REFUSED: Final = 1


class Named(click.ParamType[tuple[str, Path]]):
    """A file with what it is: ``WORD=FILE``; a label holds no « = »."""

    name = "word=file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Path]:
        """What ``value`` writes; a usage error when it is not so made, or the file is not there."""
        if isinstance(value, tuple):
            return value
        word, sign, name = str(value).partition("=")
        if not sign or not word.strip() or not name:
            self.fail(f"« {value} » ne s'écrit pas LIBELLÉ=FICHIER", param, ctx)
        path = Existing(dir_okay=False, path_type=Path).convert(name, param, ctx)
        return word.strip(), path


class Labelled(Named):
    """The same, the word being a label that can name a file."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Path]:
        """What ``value`` writes; a usage error when its label cannot stand in an inventory."""
        label, path = super().convert(value, param, ctx)
        try:
            Piece(libelle=label, sha256="0" * 64)
            intitule(label)
        except ValidationError:
            self.fail(f"« {label[:60]} » ne peut pas être un libellé (attendu : de 3 à 300 caractères)", param, ctx)
        except IntituleError as error:
            self.fail(str(error), param, ctx)
        return label, path


@click.command("tribunal", cls=usage.Command)
@with_person
@click.option("--procedure", required=True, type=Choice([each.value for each in Procedure]), help="Which one.")
@click.option("--output", type=Place(path_type=Path), help="Folder to make; it must not exist.")
@click.option("--on", "day", type=Day(), help="The day on which one looks, and files (default: today in Paris).")
@with_known_on
@click.option(
    "--inventory",
    type=Existing(dir_okay=False, path_type=Path),
    help="inventaire.json of what was filed before: its numbers stay, new pieces take the next ones.",
)
@click.option("--add", "added", multiple=True, type=Labelled(), metavar="LABEL=FILE", help="One more piece.")
@click.option("--without", "left_out", multiple=True, help="A piece to leave out: NUMBER shown by --check, or digest.")
@click.option(
    "--converted",
    multiple=True,
    type=Named(),
    metavar="SHA256=FILE",
    help="The PDF made of a document that the court does not take.",
)
@click.option("--report", type=Existing(dir_okay=False, path_type=Path), help="Another report (PDF) than the one made.")
@click.option("--no-report", is_flag=True, help="No report among the pieces.")
@click.option(
    "--max-size", type=Whole(1, 1000), default=LIMITE // MO, show_default=True, help="Megabytes a file may have."
)
@click.option("--no-series", is_flag=True, help="One file a document, nothing grouped.")
@click.option("--split", is_flag=True, help="Cut a series that is too heavy into several files.")
@click.option("--case", "affaire", type=Words(AFFAIRE), help="What stands under the title of the inventory.")
@click.option("--yes", is_flag=True, help="Go on whatever the traps are.")
@click.option("--check", is_flag=True, help="Show all that is known, and make nothing.")
@with_json
@click.pass_obj
def tribunal_command(
    settings: Settings,
    person: str,
    *,
    procedure: str,
    output: Path | None,
    day: date | None,
    known_on: datetime | None,
    inventory: Path | None,
    added: tuple[tuple[str, Path], ...],
    left_out: tuple[str, ...],
    converted: tuple[tuple[str, Path], ...],
    report: Path | None,
    no_report: bool,
    max_size: int,
    affaire: str | None,
    no_series: bool,
    split: bool,
    yes: bool,
    check: bool,
    as_json: bool,
) -> None:
    """The folder to file for PERSON: one PDF a piece, numbered, with the detailed inventory (CJA R.412-2, R.414-5).

    What the procedure must establish, what is lacking and the traps of the day are shown first. With --check, only
    that.
    """
    if output is None and not check:
        msg = "il manque l'option --output, le dossier à créer (ou --check)"
        raise click.UsageError(msg)
    options = Options(
        procedure=Procedure(procedure),
        moment=moment_of(None if known_on is None else min(known_on, datetime.now(UTC)), day),
        deja=read_inventory(inventory) if inventory is not None else Inventaire(),
        precedent=inventory.parent if inventory is not None else None,
        ajouts=tuple(Ajout(*each) for each in added),
        ecartees=left_out,
        conversions=converted,
        limite=max_size * MO,
        series=not no_series,
        scinder=split,
        affaire=affaire,
    )
    if report is not None and no_report:
        msg = "--report et --no-report s'excluent"
        raise click.UsageError(msg)
    with open_ledger(settings) as opened:
        found = projet(opened, person, options, rapport=not no_report)
        if check or output is None:
            _montrer(person, found, as_json=as_json)
            return
        tribunal_export.absent(output)
        if not as_json:
            affichage_tribunal.projet(person, found)
        _accord(found, yes=yes)
        act = export_tribunal.Acte(settings, opened, person, options)
        given = (lambda _: report.read_bytes()) if report is not None else act.rapport
        done = tribunal_export.exporter(
            opened, person, found, output, rapport=given if found.rapport else None, avant_publication=act.inscrire
        )
    if as_json:
        print_json({**tribunal_export.resume(done), "export": str(act.id), "expertise": asdict(act.expertise)})
    else:
        affichage_tribunal.ecrit(done)
        affichage_tribunal.expertise(act.expertise, done.folder / export_tribunal.EXPERTISE)


def projet(opened: Opened, person: str, options: Options, *, rapport: bool) -> Projet:
    """What the file of ``person`` (her reference, in NFC) will be, read from the open ledger; nothing is written."""
    entries = life_and_incidents(opened, person)
    with opened.ledger.connection() as conn:
        key = opened.ledger.coffre.find(conn, [person]).get(person)

    def received(piece: Cite) -> bool:
        return key is not None and opened.documents.holds(key, piece)

    return projeter(entries, options, recu=received, rapport=rapport)


def _montrer(person: str, found: Projet, *, as_json: bool) -> None:
    if not as_json:
        affichage_tribunal.projet(person, found)
        return
    print_json(
        {
            "a_documenter": found.a_documenter,
            "pieges": found.pieges,
            "inventaire": found.inventaire.model_dump(mode="json", exclude_none=True),
            "retenues": found.retenues,
        }
    )


def _accord(found: Projet, *, yes: bool) -> None:
    """Go on past the traps only if somebody says so.

    :raises ConstatError: nobody can, or nobody does.
    """
    if not found.pieges or yes:
        return
    told = compte(len(found.pieges), "piège")
    if not sys.stdin.isatty():
        msg = f"{told} : rien n'a été écrit ; relisez-les, puis ajoutez --yes pour faire le dossier quand même"
        raise ConstatError(msg)
    answer = click.prompt(f"{told}. Faire le dossier quand même ?", type=Choice(["oui", "non"]), default="non")
    if answer != "oui":
        ecrire("rien n'a été écrit")
        sys.exit(REFUSED)


COMMANDES: Final = (tribunal_command,)

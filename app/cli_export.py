"""The commands of what leaves the building."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import click

from app import (
    affichage,
    cli_export_echange,
    cli_export_paquet,
    cli_export_releves,
    cli_export_sceau,
    cli_export_tribunal,
)
from app.cli_common import print_json, with_json
from app.inventory_file import read_inventory
from app.options import Day, Existing, Place, Whole, Words
from console import usage
from evidence.controle import LIMITE, MO, Manquement, controler
from evidence.documents import AFFAIRE, inventaire_pdf
from ledger.days import paris_day
from ledger.seal import files
from projections.francais import compte

REFUSED: Final = 1
INVENTORY: Final = "Inventaire detaille.pdf"


@click.group("export", cls=usage.Group, invoke_without_command=True, subcommand_metavar="COMMAND [ARGS]...")
@click.pass_context
def export_group(ctx: click.Context) -> None:
    """What leaves for a court."""
    usage.require_command(ctx)


@export_group.command("lint")
@click.argument("folder", type=Existing(file_okay=False, path_type=Path))
@click.option(
    "--inventory", type=Existing(dir_okay=False, path_type=Path), help="The inventory (JSON) that goes with the folder."
)
@click.option(
    "--max-size", type=Whole(1, 1000), default=LIMITE // MO, show_default=True, help="Megabytes a file may have."
)
@with_json
def lint_command(folder: Path, inventory: Path | None, max_size: int, *, as_json: bool) -> None:
    """Whether the court would take the files of FOLDER as they are: names, numbers, sizes, contents (CJA R.414-5).

    Each breach is told with the way out; exit code 1 if there is any. Nothing is changed.
    """
    breaches = list(controler(folder, read_inventory(inventory) if inventory else None, limite=max_size * MO))
    if as_json:
        print_json([each._asdict() for each in breaches])
    else:
        _tell(folder, breaches)
    if breaches:
        sys.exit(REFUSED)


@export_group.command("inventory")
@click.argument("inventory", type=Existing(dir_okay=False, path_type=Path))
@click.option("--output", required=True, type=Place(file_okay=False, path_type=Path), help="Folder to write it into.")
@click.option("--case", "affaire", type=Words(AFFAIRE), help="What stands under the title.")
@click.option("--on", "day", type=Day(), help="Its date (default: today in Paris).")
def inventory_command(inventory: Path, output: Path, affaire: str | None, day: date | None) -> None:
    """The detailed inventory INVENTORY (JSON) as a PDF to file with the pieces (CJA R.412-2).

    PDF/A-3a and PDF/UA-1; the same bytes each time for the same inventory and date.
    """
    document = inventaire_pdf(read_inventory(inventory), day or paris_day(datetime.now(UTC)), affaire=affaire)
    files.replace(output / INVENTORY, document, mode=0o600)
    affichage.ecrire(f"{output / INVENTORY} : {len(document):,} octets".replace(",", "\u202f"))


def _tell(folder: Path, breaches: list[Manquement]) -> None:
    if not breaches:
        affichage.ecrire(f"{folder.name} : aucun manquement, le dossier peut être déposé", "bold green")
        return
    for each in breaches:
        affichage.ecrire(each.fichier or folder.name, "bold")
        for said in (each.constat, f"→ {each.remede}", each.texte):
            affichage.ecrire(f"  {said}")
    affichage.ecrire(f"{compte(len(breaches), 'manquement')} : corrigez, puis relancez", "bold red")


for _command in (
    *cli_export_paquet.COMMANDES,
    *cli_export_releves.COMMANDES,
    *cli_export_echange.COMMANDES,
    *cli_export_tribunal.COMMANDES,
    *cli_export_sceau.COMMANDES,
):
    export_group.add_command(_command)

COMMANDES: Final = (export_group,)

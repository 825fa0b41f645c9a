"""The command that judges the seal of a PDF: whose it is, since when, and whether anything was written since."""

import sys
from pathlib import Path
from typing import Final

import click

from app import affichage
from app.cli_common import print_json, with_json
from app.open import confiance_of
from app.options import Existing
from app.settings import Settings
from console import usage
from evidence.sceau import Etat, Verdict
from evidence.sceau_part import verifier_fichier

REFUSED: Final = 1
DIT: Final = {Etat.TIENT: "tient", Etat.NON_CONFIRME: "n'est pas confirmé", Etat.NE_TIENT_PAS: "ne tient pas"}
STYLES: Final = {Etat.TIENT: "bold green", Etat.NON_CONFIRME: "bold yellow", Etat.NE_TIENT_PAS: "bold red"}


@click.command("seal-check", cls=usage.Command)
@click.argument("file", type=Existing(dir_okay=False, path_type=Path))
@with_json
@click.pass_obj
def seal_check_command(settings: Settings, file: Path, *, as_json: bool) -> None:
    """Whether the seal of a PDF holds (PAdES): whose, since when, changed since or not, and what nobody verified.

    Whom to believe: CONSTAT_SEAL_ROOTS and CONSTAT_TSA_ROOTS. Exit code 1 when it does not hold or is not confirmed.
    """
    found = verifier_fichier(file, confiance_of(settings))
    if as_json:
        print_json(_json(found))
    else:
        _tell(file, found)
    if not found.tient:
        sys.exit(REFUSED)


def _json(found: Verdict) -> dict[str, object]:
    return {
        "etat": found.etat.value,
        "constats": found.constats,
        "signataire": found.signataire,
        "emetteur": found.emetteur,
        "niveau": found.niveau.value,
        "qualifie": found.qualifie,
        "date": found.date,
        "horodatage": found.horodatage.time if found.horodatage else None,
        "horodatage_qualifie": found.horodatage.qualified if found.horodatage else None,
        "reserves": found.reserves,
    }


def _tell(file: Path, found: Verdict) -> None:
    affichage.ecrire(f"{file.name} : le sceau {DIT[found.etat]} (PAdES {found.niveau.value})", STYLES[found.etat])
    affichage.ecrire(f"  scellé par {found.signataire}, certificat de {found.emetteur}")
    if found.horodatage is not None:
        stamp = found.horodatage
        affichage.ecrire(f"  au plus tard le {stamp.latest:%Y-%m-%d %H:%M:%S} UTC ({stamp.label}, {stamp.tsa})")
    for each in found.constats:
        affichage.ecrire(f"  {each}", "yellow")
    for each in found.reserves:
        affichage.ecrire(f"  {each}", "dim")


COMMANDES: Final = (seal_check_command,)

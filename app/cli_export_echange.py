"""The commands of what leaves for who counts: bulk tables, and figures that anybody redoes."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

import click
import msgspec

from app import affichage, bulk_export
from app.bulk_export import Exporte, Options
from app.cli_common import print_json, progress_bar, with_json
from app.exports import Remise, tracer
from app.open import Opened, open_ledger
from app.options import Choice, Day, Existing, Place, Whole
from app.settings import Settings
from console import usage
from evidence import chiffres
from evidence.chiffres import Chiffres, Fichiers
from ledger.errors import ConstatError
from ledger.events.listes import FondementAcces, NatureExport
from ledger.seal import files
from projections.francais import compte
from projections.statistiques import MINIMUM, PLANCHER

DIFFERS: Final = 1
LARGEST: Final = 64_000_000
MONTH: Final = "month"

_minimum = click.option(
    "--min-cell",
    type=Whole(PLANCHER, 1_000_000),
    default=MINIMUM,
    show_default=True,
    help="Fewer persons than this share a préfecture and a title, or are in a cell: generalised, or masked.",
)
_since = click.option(
    "--from", "since", type=Day(), help="First day the figures count, that of a month (default: twelve months before)."
)


@click.command("bulk", cls=usage.Command)
@click.option("--output", required=True, type=Place(file_okay=False, path_type=Path), help="Folder to create.")
@click.option("--checkpoint", type=Whole(1, 2**62), help="Size of the checkpoint (default: the last one).")
@click.option("--true-on", type=Day(), help="Day from which lost days are seen (default: that of the checkpoint).")
@_since
@click.option("--dates", type=Choice(["day", MONTH]), default="day", show_default=True, help="How exact days are.")
@_minimum
@click.option(
    "--pseudonyms-key",
    type=Place(dir_okay=False, path_type=Path),
    help="File that keeps the key of the pseudonyms, made if missing: later exports can then be joined to this one.",
)
@with_json
@click.pass_obj
def bulk_command(
    settings: Settings,
    output: Path,
    checkpoint: int | None,
    true_on: date | None,
    since: date | None,
    dates: str,
    min_cell: int,
    pseudonyms_key: Path | None,
    *,
    as_json: bool,
) -> None:
    """The facts of everybody at one checkpoint as CSV and Parquet, pseudonymised, with their dictionary and figures.

    Without --pseudonyms-key, pseudonyms are drawn anew and their key is thrown away: nobody, the operator included,
    can join two exports. Pseudonymised is not anonymous: the folder is for its addressee alone; only the figures
    (statistiques.json), whose small cells are masked, may be published.
    """
    options = Options(checkpoint, true_on, since, min_cell, dates == MONTH, pseudonyms_key)
    with open_ledger(settings) as opened:
        with opened.ledger.connection() as conn:
            row = conn.execute("SELECT max(size) FROM ledger.checkpoint").fetchone()
        with progress_bar(checkpoint or (row[0] if row else None) or 0, "feuilles", quiet=as_json) as bar:
            done = bulk_export.export(
                opened,
                output,
                options,
                lambda leaves: bar.advance(bar.task_ids[0], leaves),
                lambda written: _inscrire(opened, written),
            )
    if as_json:
        print_json({"dossier": str(done.dossier), "manifeste_sha256": done.manifeste, "bilan": done.bilan})
    else:
        _dire(done)


def _inscrire(opened: Opened, done: Exporte) -> None:
    """All is written and nothing has its name yet: the act of export is recorded from here.

    It is not kept: the same facts, checkpoint, options and key of pseudonyms give the same bytes.
    """
    octets = sum(path.stat().st_size for path in done.dossier.rglob("*") if path.is_file())
    remise = Remise(
        id=uuid4(),
        nature=NatureExport.STATISTIQUES,
        fondement=FondementAcces.STATISTIQUE,
        profil="faits pseudonymisés et statistiques",
        point=done.bilan.taille,
    )
    tracer(opened, None, remise, done.manifeste, octets, datetime.now(UTC))


@click.command("stats", cls=usage.Command)
@click.argument("folder", type=Existing(file_okay=False, path_type=Path))
@_since
@click.option("--to", "until", type=Day(), help="Last day they count, that of a month (default: the observation).")
@_minimum
@click.option("--output", type=Place(dir_okay=False, path_type=Path), help="File to write them into (JSON).")
@click.option("--check", is_flag=True, help="Redo the published figures of FOLDER, and say what differs.")
def stats_command(
    folder: Path, since: date | None, until: date | None, min_cell: int, output: Path | None, *, check: bool
) -> None:
    """The figures that FOLDER, a bulk export, gives: question, query, result, denominator, what is masked and why.

    Reads the published files only, by DuckDB: no ledger, no keys. With --check, exit code 1 when a figure differs.
    """
    if check and (since, until, output) != (None, None, None):
        msg = "--check refait les chiffres publiés tels quels : sans --from, --to ni --output"
        raise click.UsageError(msg)
    with Fichiers(folder) as fichiers:
        if check:
            _verifier(fichiers)
            return
        du, au = chiffres.periode(fichiers.bilan.observe_le, since, until)
        found = chiffres.chiffres(fichiers, du, au, min_cell)
    if output is None:
        print_json(found)
        return
    files.replace(output, bulk_export.en_json(found), mode=0o600)
    affichage.ecrire(f"{output} : {compte(len(found.chiffres), 'tableau', 'tableaux')}, du {du} au {au}")


def _verifier(fichiers: Fichiers) -> None:
    path = fichiers.dossier / chiffres.NOM
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError  # noqa: TRY301 - as any file that is none of ours
        published = msgspec.json.decode(path.read_bytes(), type=Chiffres)
    except (ValueError, OSError) as error:
        msg = f"« {fichiers.dossier.name} » n'a pas de {chiffres.NOM} qui se lise"
        raise ConstatError(msg) from error
    gaps = list(chiffres.refaire(fichiers, published))
    for each in gaps:
        affichage.ecrire(each, "bold red")
    if gaps:
        sys.exit(DIFFERS)
    affichage.ecrire(
        f"{compte(len(published.chiffres), 'tableau refait', 'tableaux refaits')}, aucun écart", "bold green"
    )


def _dire(done: Exporte) -> None:
    bilan, counts, found = done.bilan, done.bilan.comptes, done.bilan.verifiee
    affichage.ecrire(
        f"{done.dossier} : {compte(counts.faits, 'fait')} de {compte(found.personnes, 'personne')}", "bold"
    )
    affichage.ecrire(
        f"  au point de contrôle de {compte(bilan.taille, 'feuille')}, dont {compte(counts.du_registre, 'ligne')} du"
        f" registre lui-même et {compte(counts.illisibles, 'fait')} dont la clé est détruite"
    )
    affichage.ecrire(
        f"  {compte(counts.intervalles, 'ligne')} de jours perdus, {compte(counts.unites, 'unité')},"
        f" {compte(done.chiffres, 'tableau', 'tableaux')} de chiffres ; observé le {bilan.observe_le}"
    )
    affichage.ecrire(
        f"  généralisés : {compte(bilan.masques.prefectures, 'préfecture')}, le titre de"
        f" {compte(bilan.masques.titres, 'personne')}, {compte(sum(bilan.masques.valeurs.values()), 'autre valeur')}"
    )
    if found.plus_petite is not None:
        style = None if found.plus_petite >= bilan.masques.minimum else "bold yellow"
        affichage.ecrire(
            f"  la plus petite case préfecture × titre réunit {compte(found.plus_petite, 'personne')}"
            f" (minimum {bilan.masques.minimum})",
            style,
        )
    affichage.ecrire(
        f"  {compte(found.uniques, 'personne')} sur {found.personnes} seules de leur profil (préfectures, titres, mois"
        " du premier fait) : ces tables restent des données personnelles, pour leur seul destinataire",
        "yellow",
    )
    affichage.ecrire(f"  pseudonymes : {bilan.pseudonymes}")
    affichage.ecrire(f"  manifeste : {done.manifeste}")


COMMANDES: Final = (bulk_command, stats_command)

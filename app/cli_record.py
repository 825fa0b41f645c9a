"""The commands that write facts: a file of them, one that another system reports, one act that is asked for."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from app import affichage
from app.cli_common import print_json, progress_bar, with_json
from app.cli_receipt import require_hers, with_receipt, write_receipt
from app.open import open_ledger
from app.options import Existing
from app.settings import Settings
from commands.ask import ask
from commands.importer import Progress as ImportProgress
from commands.importer import import_file
from commands.record import record as record_line
from console import usage
from ledger.entry import Entry
from ledger.interchange import MAX_LINE_BYTES

REFUSED: Final = 1


@click.command(cls=usage.Command, name="import")
@click.argument("file", type=Existing(dir_okay=False, path_type=Path))
@click.option(
    "--documents",
    type=Existing(file_okay=False, path_type=Path),
    help="Folder of documents, each named by the SHA-256 of its content (any ending).",
)
@click.option("--dry-run", is_flag=True, help="Read and check every line; write nothing.")
@with_json
@click.pass_obj
def import_command(settings: Settings, file: Path, documents: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Import FILE, one fact per line, in its order. Importing twice adds nothing; after a kill, run it again.

    Lines that cannot be read are written to FILE.rejets.jsonl with their line number, field and what was expected.
    """
    with open_ledger(settings) as opened, progress_bar(file.stat().st_size, "octets", quiet=as_json) as bar:

        def moved(progress: ImportProgress) -> None:
            bar.update(bar.task_ids[0], completed=progress.offset)

        outcome = import_file(
            opened.ledger,
            opened.keys,
            file,
            documents=(documents, opened.documents) if documents else None,
            dry_run=dry_run,
            on_progress=moved,
        )
    if as_json:
        print_json(
            {
                "fichier": file.name,
                "lignes": outcome.progress.lines,
                "enregistres": outcome.progress.recorded,
                "deja_la": outcome.progress.repeated,
                "rejetes": outcome.progress.rejected,
                "repris_a_la_ligne": outcome.resumed_at,
                "documents_gardes": outcome.documents_stored,
                "documents_attendus": outcome.documents_missing,
                "rejets": str(outcome.rejects_file) if outcome.rejects_file else None,
                "essai": outcome.dry_run,
            }
        )
    else:
        affichage.bilan_import(file, outcome)
    if outcome.progress.rejected:
        sys.exit(REFUSED)


@click.command(cls=usage.Command, name="record")
@click.argument("fact", default="-")
@with_receipt
@with_json
@click.pass_obj
def record_command(settings: Settings, fact: str, receipt: Path | None, *, as_json: bool) -> None:
    """Record one FACT that another system reports (a JSON line, or - for standard input), legal or not."""
    raw = require_hers(_argument(fact), receipt)
    with open_ledger(settings) as opened:
        entries = record_line(opened.ledger, raw)
        opened.ledger.sequence()
        _written(entries, as_json=as_json)  # first: a receipt that cannot be written takes nothing back
        write_receipt(settings, opened, entries, receipt)


@click.command(cls=usage.Command, name="ask")
@click.argument("act", default="-")
@with_receipt
@with_json
@click.pass_obj
def ask_command(settings: Settings, act: str, receipt: Path | None, *, as_json: bool) -> None:
    """Ask for one ACT (a JSON line, or -): refused with all its reasons, or recorded with its warnings."""
    raw = require_hers(_argument(act), receipt)
    with open_ledger(settings) as opened:
        entries = ask(opened.ledger, raw, datetime.now(UTC))
        opened.ledger.sequence()
        _written(entries, as_json=as_json)  # first: a receipt that cannot be written takes nothing back
        write_receipt(settings, opened, entries, receipt)


def _argument(given: str) -> bytes:
    if given != "-":
        return os.fsencode(given)
    return sys.stdin.buffer.read(MAX_LINE_BYTES + 1)


def _written(entries: tuple[Entry, ...], *, as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {
                    "event_id": str(each.event_id),
                    "flux": each.stream.hex,
                    "place": each.pos,
                    "enregistre_le": each.recorded_at.isoformat(),
                    "avertissements": [a.model_dump(mode="json") for a in each.fait.avertissements],
                }
                for each in entries
            ]
        )
    else:
        affichage.enregistres(entries)


COMMANDES: Final = (import_command, record_command, ask_command)

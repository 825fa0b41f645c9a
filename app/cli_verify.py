"""``constat verify``: the whole ledger, or a file that somebody holds; and the ledger's audit of itself."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from click.core import ParameterSource

from app import affichage
from app.audit import record_audit
from app.cli_common import print_json, progress_bar, with_json
from app.cli_receipt import chosen_policy, read_bounded
from app.open import Opened, open_ledger, trust_of
from app.options import Existing, Place, Whole
from app.settings import Settings
from console import usage
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.checks import holding
from ledger.seal.log import SealedLog
from ledger.seal.verify_file import verify_file, verify_proof_file
from replay.checks.report import Report
from replay.results import FichierVerifie, Verification
from replay.resume import Resumption
from replay.verify import last_arrival, verify

NOT_INTACT: Final = 4
OF_A_FILE: Final = frozenset({"policy", "line"})
OF_THE_LEDGER: Final = frozenset({"closed", "no_read", "workers", "resume", "record"})


@click.command(cls=usage.Command, name="verify")
@click.argument("file", type=Existing(dir_okay=False, path_type=Path), required=False)
@click.option("--policy", type=Existing(dir_okay=False, path_type=Path), help="Whom to believe (C2SP tlog-policy).")
@click.option("--line", type=Existing(dir_okay=False, path_type=Path), help="With a proof: the line that it is of.")
@click.option("--closed", is_flag=True, help="Leave the sealed parts closed: what needs no person's key.")
@click.option("--no-read", is_flag=True, help="Do not read each fact once opened (check « lecture »).")
@click.option("--workers", type=Whole(1, 64), default=2, show_default=True, help="How many processes.")
@click.option("--resume", type=Place(dir_okay=False), help="Go on, after a break, from this file.")
@click.option("--record", is_flag=True, help="Record the result in the ledger, whose audit is missed when it is late.")
@with_json
@click.pass_context
def verify_command(
    ctx: click.Context,
    file: Path | None,
    policy: Path | None,
    line: Path | None,
    workers: int,
    resume: Path | None,
    *,
    closed: bool,
    no_read: bool,
    record: bool,
    as_json: bool,
) -> None:
    """Verify the whole ledger, and name everything that is wrong; or FILE: a receipt, a proof, a checkpoint.

    FILE needs no ledger and no server, only a policy that comes from elsewhere.
    """
    settings: Settings = ctx.obj
    _refuse_others(ctx, file)
    if file is not None:
        _verify_file(settings, file, policy, line, as_json=as_json)
        return
    with open_ledger(settings) as opened:
        report = _verify_ledger(
            settings, opened, workers, resume, opening=not closed, reading=not no_read, quiet=as_json
        )
        if record:
            _record(opened, report)
    if as_json:
        print_json(Verification.of(report))
    else:
        affichage.rapport(report)
    if not report.intact:
        sys.exit(NOT_INTACT)


def _refuse_others(ctx: click.Context, file: Path | None) -> None:
    """A usage error where an option is given that would be left aside: who gave it would believe that it counted."""
    others, needed = (OF_A_FILE, "qu'avec un fichier") if file is None else (OF_THE_LEDGER, "que sans fichier")
    for each in ctx.command.params:
        if each.name in others and ctx.get_parameter_source(each.name) is ParameterSource.COMMANDLINE:
            setting = " ; pour le registre, réglez CONSTAT_POLICY" if each.name == "policy" else ""
            msg = f"{each.opts[0]} ne vaut {needed}{setting}"
            raise click.UsageError(msg)


def _verify_ledger(
    settings: Settings,
    opened: Opened,
    workers: int,
    resume: Path | None,
    *,
    opening: bool,
    reading: bool,
    quiet: bool,
) -> Report:
    ledger = opened.ledger
    ledger.sequence()
    with ledger.connection() as conn:
        row = conn.execute("SELECT count(*) FROM ledger.entry").fetchone()
        upto = last_arrival(conn)
    how = f"ouvert={opening} lu={reading}"
    with progress_bar(row[0] if row else 0, "entrées", quiet=quiet) as bar:
        return verify(
            ledger,
            progress=lambda step: bar.advance(bar.task_ids[0], step),
            trust=trust_of(settings, ledger),
            opening=opening,
            reading=reading,
            workers=(opened.keys, workers),
            resume=Resumption.open(resume, origin=ledger.origin, upto=upto, how=how) if resume is not None else None,
        )


def _record(opened: Opened, report: Report) -> None:
    with opened.ledger.connection() as conn:
        note = SealedLog(conn).latest()
    point = Checkpoint.parse(note.text) if note is not None else None
    record_audit(opened.ledger, report, point, datetime.now(UTC))
    opened.ledger.sequence()


def _verify_file(settings: Settings, file: Path, given: Path | None, line: Path | None, *, as_json: bool) -> None:
    policy, raw = chosen_policy(settings, given), read_bounded(file)
    if line is not None:
        checks = verify_proof_file(raw, policy, line=read_bounded(line).rstrip(b"\n"))
    else:
        checks = verify_file(raw, policy, datetime.now(UTC))
    holds = holding(checks)
    if as_json:
        print_json(FichierVerifie(fichier=file.name, controles=checks, tient=holds))
    else:
        affichage.controles(checks, tient=holds)
    if not holds:
        sys.exit(NOT_INTACT)


COMMANDES: Final = (verify_command,)

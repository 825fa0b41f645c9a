"""The command line ``constat``: help in English, answers in French, ``--json`` on all that reads.

Exit codes: 0 done; 1 refused or unreadable (what was refused is said, nothing else was written); 2 wrong usage;
3 the dossier changed meanwhile; 4 the ledger is not intact, or a rebuilt projection differed; 5 no server, no keys or
no access; 130 interrupted (an import goes on where it stopped when it is run again).
"""

import gc
import io
import os
import signal
import sys
import threading
from datetime import date, datetime
from typing import Final, NoReturn

import click
import psycopg

from app import affichage, demo
from app.cli_attempts import COMMANDES as ATTEMPTS
from app.cli_common import (
    life,
    life_and_incidents,
    moment_of,
    print_json,
    with_json,
    with_known_on,
    with_person,
    with_true_on,
)
from app.cli_evidence import COMMANDES as EVIDENCE
from app.cli_export import COMMANDES as EXPORT
from app.cli_health import COMMANDES as HEALTH
from app.cli_keys import COMMANDES as KEYS
from app.cli_mirror import COMMANDES as MIRROR
from app.cli_receipt import COMMANDES as RECEIPTS
from app.cli_record import COMMANDES as RECORD
from app.cli_restore import COMMANDES as RESTORE
from app.cli_seal import COMMANDES as SEAL
from app.cli_verify import COMMANDES as VERIFY
from app.open import open_ledger, sealer_of
from app.options import Choice, Instant
from app.settings import Settings, SettingsError
from commands.base import Refused
from console import logs, usage
from ledger.documents import StoreAwayError
from ledger.errors import (
    ConflictError,
    ConstatError,
    DatabaseUnfitError,
    KeyDestroyedError,
    KeyFileError,
    UnreadableError,
    cause,
)
from ledger.follower import Follower, follow
from ledger.retained import known
from projections import francais
from projections.historique import historique
from projections.toutes import PROJECTIONS
from replay.as_of import Moment, ecart, lecture
from replay.rebuild import rebuild as rebuild_projection
from replay.vie import touchants
from witness.cli import witness

REFUSED: Final = 1
USAGE: Final = 2
CONFLICT: Final = 3
NOT_INTACT: Final = 4
UNAVAILABLE: Final = 5

SERVER_SAID: Final = {
    True: "le serveur PostgreSQL ne répond pas ; rien n'a été écrit à moitié, recommencez la même commande",
    False: "ce compte n'a pas, sur la base, les droits que cette commande demande",
}
"""What to say of a server that does not answer, and of one that refuses."""


@click.group(
    cls=usage.Group,
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",
    epilog="Exit codes: 0 done, 1 refused or unreadable, 2 wrong usage, 3 changed meanwhile, 4 ledger not intact,"
    " 5 no server, keys or access, 130 interrupted.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option("--demo", "use_demo", is_flag=True, help="Use the ledger of the sample dossiers, made by `constat demo`.")
@click.option("--verbose", is_flag=True, help="Log what is done, as JSON lines on standard error.")
@click.version_option(package_name="constat")
@click.pass_context
def cli(ctx: click.Context, *, use_demo: bool, verbose: bool) -> None:
    """Event-sourced ledger of French residence-permit dossiers (titres de séjour).

    Every act and every failure is kept as an immutable fact; state, history and rights are rebuilt from the facts.
    """
    usage.require_command(ctx)
    logs.configure(verbose=verbose)
    ctx.obj = Settings.read(os.environ, demo=use_demo)


@cli.command("demo")
@click.option(
    "--serve/--no-serve", "serve", default=None, help="Then open the site (default: when the output is a terminal)."
)
@click.pass_context
def demo_command(ctx: click.Context, *, serve: bool | None) -> None:
    """Record the sample dossiers in a ledger of their own, show what it says of them, and open the site."""
    settings = Settings.read(os.environ, demo=True)
    with open_ledger(settings) as opened:
        if not demo.run(opened, sealer_of(settings, opened)):
            sys.exit(NOT_INTACT)
    if serve if serve is not None else sys.stdout.isatty():
        ctx.obj = settings
        ctx.invoke(SITE[0].load(), host="127.0.0.1", port=8000, workers=None, quiet=True)
    else:
        affichage.ecrire("Pour ouvrir le site, avec un compte pour chaque fonction : .venv/bin/constat --demo serve")


@cli.command("history")
@with_person
@with_known_on
@with_json
@click.pass_obj
def history_command(settings: Settings, person: str, known_on: datetime | None, *, as_json: bool) -> None:
    """The complete history of PERSON: every entry, both times, source, grade, corrections in place.

    With the incidents declared for all that reached PERSON, which have no number of their own there.
    """
    with open_ledger(settings) as opened:
        lines = historique(touchants(known(life_and_incidents(opened, person), known_on)))
    if as_json:
        print_json(lines)
    else:
        affichage.historique(person, lines)


@cli.command("state")
@with_person
@with_known_on
@with_true_on
@with_json
@click.pass_obj
def state_command(
    settings: Settings, person: str, known_on: datetime | None, true_on: date | None, *, as_json: bool
) -> None:
    """The state of each dossier of PERSON."""
    with open_ledger(settings) as opened:
        read = lecture(life(opened, person), moment_of(known_on, true_on))
    if as_json:
        print_json(read.etats)
    else:
        affichage.etats(person, read.etats)


@cli.command("coverage")
@with_person
@with_known_on
@with_true_on
@with_json
@click.pass_obj
def coverage_command(
    settings: Settings, person: str, known_on: datetime | None, true_on: date | None, *, as_json: bool
) -> None:
    """The rights of PERSON day by day: right, proof and effect, never merged, with every gap."""
    with open_ledger(settings) as opened:
        read = lecture(life(opened, person), moment_of(known_on, true_on))
    if as_json:
        print_json(read.couverture)
    else:
        affichage.couverture(person, read)


@cli.command("as-of")
@with_person
@with_known_on
@with_true_on
@click.option("--against", type=Instant(), help="A second instant or day: show what changed between the two.")
@with_json
@click.pass_obj
def as_of_command(
    settings: Settings,
    person: str,
    known_on: datetime | None,
    true_on: date | None,
    against: datetime | None,
    *,
    as_json: bool,
) -> None:
    """State and coverage of PERSON as known on an instant and as true on a day; with --against, the difference."""
    with open_ledger(settings) as opened:
        entries = life(opened, person)
    here = moment_of(known_on, true_on)
    if against is None:
        read = lecture(entries, here)
        if as_json:
            print_json(read)
        else:
            affichage.lecture(person, read)
        return
    gap = ecart(entries, here, Moment(against, here.au))
    if as_json:
        print_json(gap)
    else:
        affichage.ecart(person, gap)


@cli.command("rebuild")
@click.argument("projection", type=Choice([*PROJECTIONS, "all"]), default="all")
@click.option("--check", "check_only", is_flag=True, help="Compare only: leave the live tables in place.")
@with_json
@click.pass_obj
def rebuild_command(settings: Settings, projection: str, *, check_only: bool, as_json: bool) -> None:
    """Rebuild PROJECTION from zero beside the live one, compare every row, change places."""
    names = list(PROJECTIONS) if projection == "all" else [projection]
    with open_ledger(settings) as opened:
        results = [rebuild_projection(opened.ledger, PROJECTIONS[name], check_only=check_only) for name in names]
    if as_json:
        print_json(results)
    else:
        affichage.reconstructions(results)
    if any(result.differences for result in results):
        sys.exit(NOT_INTACT)


@cli.command("follow")
@click.option("--once", is_flag=True, help="Catch up and stop.")
@click.pass_obj
def follow_command(settings: Settings, *, once: bool) -> None:
    """Keep every projection current: gives committed facts their position, applies them, survives a lost server."""
    with open_ledger(settings) as opened:
        if once:
            for view in PROJECTIONS.values():
                with Follower(opened.ledger, view) as follower:
                    affichage.suivi(view.name, follower.catch_up(), follower.position())
            return
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        affichage.ecrire("projections suivies ; Ctrl-C pour arrêter")
        follow(opened.ledger, tuple(PROJECTIONS.values()), stop)


SITE: Final = (
    usage.Lazy("serve", "web.commandes:serve", "Serve the pages and the API, behind a proxy that adds TLS."),
    usage.Lazy("notify", "web.commandes:notify", "Send signed webhooks to the programs that follow dossiers."),
    usage.Lazy("account", "web.commandes_comptes:account", "Add, list and close the accounts of the site."),
)
"""Commands of the layer above, by their names: nothing here imports it."""

for _some in (
    ATTEMPTS,
    EVIDENCE,
    EXPORT,
    HEALTH,
    KEYS,
    MIRROR,
    RECEIPTS,
    RECORD,
    RESTORE,
    SEAL,
    SITE,
    VERIFY,
    (witness,),
):
    for _each in _some:
        cli.add_command(_each)


def main() -> None:
    """Run the command line in a process that is there for it alone."""
    # What was read to begin is never garbage: walked again as the process ends, it is a quarter of a short command.
    gc.freeze()
    run()


def run() -> None:
    """Run the command line and turn every refusal into one French message and an exit code."""
    _replace_what_cannot_be_shown()
    try:
        cli.main(prog_name="constat", standalone_mode=False)
    except click.UsageError as error:
        _fail(usage.explanation(error), USAGE)
    except Refused as error:
        _fail(str(error), REFUSED)
    except UnreadableError as error:
        _fail("\n- ".join(["illisible :", *map(str, error.problemes)]), REFUSED)
    except ConflictError as error:
        _fail(str(error), CONFLICT)
    except (DatabaseUnfitError, KeyFileError, KeyDestroyedError, SettingsError, StoreAwayError) as error:
        _fail(str(error), UNAVAILABLE)
    except (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege) as error:
        _fail(SERVER_SAID[isinstance(error, psycopg.OperationalError)], UNAVAILABLE)
    except ConstatError as error:
        _fail(str(error), REFUSED)
    except OSError as error:
        _fail(f"{error.filename or 'lecture ou écriture'} : {cause(error)}", UNAVAILABLE)
    except click.Abort:
        _fail("interrompu ; ce qui a été acquitté est enregistré, la même commande reprend où elle en était", 130)


def _replace_what_cannot_be_shown() -> None:
    """A terminal of another encoding than UTF-8 shows « ? » for what it has no sign for."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _fail(message: str, code: int) -> NoReturn:
    for line in f"constat : {message}".splitlines():
        click.echo(francais.propre(line), err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()

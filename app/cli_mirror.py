"""The commands of the mirror: the operator publishes it; the Défenseur des droits holds, verifies and serves it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
import psycopg

from app import affichage, affichage_miroir
from app.cli_common import print_json, progress_bar, with_json
from app.http_service import serve
from app.log_service import LogService
from app.open import bare_database, policy_of, time_of
from app.options import Existing, ServerName
from app.settings import Settings
from console import usage
from console.address import Address
from ledger.database import Database
from ledger.mirror import conflicts, publication, subscription
from ledger.mirror.subscription import MirrorError
from replay.divergences import Comparison, compare, rewritten
from replay.mirror import verify_mirror
from replay.results import EtatMiroir, Reecriture, VerificationMiroir
from replay.verify import Trust

NOT_INTACT: Final = 4
UNAVAILABLE: Final = 5

with_from = click.option(
    "--from", "source", help="libpq connection string to the operator's database (default: the subscription's own)."
)


@click.group("mirror", cls=usage.Group, invoke_without_command=True, subcommand_metavar="COMMAND [ARGS]...")
@click.pass_context
def mirror_group(ctx: click.Context) -> None:
    """A copy of the log that the operator cannot change, held by a third party (Défenseur des droits)."""
    usage.require_command(ctx)


@mirror_group.command("publish")
@click.option("--role", default=publication.ROLE, show_default=True, type=ServerName(), help="Who will follow.")
@click.option("--new-password", is_flag=True, help="Give the role another password.")
@click.pass_obj
def publish_command(settings: Settings, role: str, *, new_password: bool) -> None:
    """On the operator's side: publish inserts, to a role that may follow them; prints what to hand over."""
    with bare_database(settings) as database, database.as_owner() as conn:
        done = publication.publish(conn, role=role, new_password=new_password)
    affichage_miroir.publication(done)


@mirror_group.command("setup")
@click.option("--from", "source", required=True, help="libpq connection string to the operator's database.")
@click.option(
    "--slot", default=subscription.SLOT, show_default=True, type=ServerName(), help="Its name at the operator's."
)
@click.pass_obj
def setup_command(settings: Settings, source: str, slot: str) -> None:
    """Make this database the mirror of the ledger at --from; run again, it repairs and takes in what is missing."""
    with bare_database(settings) as database, _explained():
        subscription.set_up(database, source, slot=slot)
    affichage.ecrire("le miroir reçoit ; « constat mirror check » dit où il en est")


@mirror_group.command("check")
@with_from
@with_json
@click.pass_obj
def check_command(settings: Settings, source: str | None, *, as_json: bool) -> None:
    """Whether the mirror follows, how late it is, and what stopped it: exit code 5 when it does not, 4 on evidence."""
    with _mirror(settings) as (_, here):
        state = subscription.here(here)
        there, stopped_by = _seen_from_here(here, source, state)
    if as_json:
        written = [*map(Reecriture.of, stopped_by)]
        print_json(EtatMiroir(suit=state.following, ici=state, exploitant=there, reecritures=written))
    else:
        affichage_miroir.etat(state, there, stopped_by)
    if (
        stopped_by
        or state.refused
        or (there is not None and (there.missing or there.partial or there.position < state.position))
    ):
        sys.exit(NOT_INTACT)
    if not state.following or there is None or there.slot is None or there.slot.lost:
        sys.exit(UNAVAILABLE)


@mirror_group.command("resume")
@with_from
@with_json
@click.pass_obj
def resume_command(settings: Settings, source: str | None, *, as_json: bool) -> None:
    """Keep the rows that stopped the mirror as evidence, for ever, then let it go on."""
    with _mirror(settings) as (_, here):
        with _operator(here, source) as (there, slot):
            found = _stopped_by(here, there, slot, subscription.here(here))
        conflicts.keep(here, found)
        subscription.go_on(here)
    if as_json:
        print_json([*map(Reecriture.of, found)])
    else:
        affichage_miroir.conflits(found)
        affichage.ecrire("le miroir reprend" if found else "aucune réécriture n'attendait ; le miroir reprend")


@mirror_group.command("verify")
@click.option("--policy", type=Existing(dir_okay=False, path_type=Path), help="Trust policy (C2SP tlog-policy).")
@click.option("--compare", "comparing", is_flag=True, help="Also compare every row with the operator's database.")
@with_from
@with_json
@click.pass_obj
def verify_command(
    settings: Settings, policy: Path | None, source: str | None, *, comparing: bool, as_json: bool
) -> None:
    """Redo lines, tree, checkpoints, signatures and time-stamps on the mirror alone, without any person's key.

    Time-stamps are judged by the certificates of CONSTAT_TSA_ROOTS and CONSTAT_TSA_QUALIFIED.
    With --compare, name every row that the operator no longer has, has otherwise, or never sent.
    """
    trust = Trust(policy=policy_of(settings, policy), time=time_of(settings))
    with _mirror(settings) as (database, here):
        rows = _count(here)
        with _counting(rows, "entrées", quiet=as_json) as step:
            report = verify_mirror(database, trust, progress=step)
        refused = conflicts.kept(here)
        comparing = comparing or source is not None
        found = _compared(here, source, quiet=as_json) if comparing else None
    if as_json:
        print_json(VerificationMiroir.with_evidence(report, refused, found))
    else:
        affichage.rapport(report)
        affichage_miroir.refus_gardes(refused)
        if comparing:
            affichage_miroir.comparaison(found)
    if not report.intact or refused or (found is not None and not found.same):
        sys.exit(NOT_INTACT)
    if comparing and found is None:
        sys.exit(UNAVAILABLE)


@mirror_group.command("serve")
@click.option("--listen", type=Address(), default="127.0.0.1:8470", show_default=True, help="Where to listen.")
@click.pass_obj
def serve_command(settings: Settings, listen: tuple[str, int]) -> None:
    """Serve the log over HTTP: /checkpoint, /tile/L/N, /tile/entries/N (C2SP tlog-tiles), /proof/STREAM/PLACE."""
    with bare_database(settings) as database:
        answering = LogService(database)
        try:
            serve(
                listen, answering, lambda url: affichage.ecrire(f"le journal est servi sur {url} ; Ctrl-C pour arrêter")
            )
        finally:
            answering.close()


@contextmanager
def _mirror(settings: Settings) -> Iterator[tuple[Database, psycopg.Connection[Any]]]:
    """The mirror's database, with a connection to it."""
    with bare_database(settings) as database, database.as_owner() as here:
        here.execute("SET timezone = 'UTC'")
        here.execute("SET bytea_output = 'hex'")
        subscription.subscribed(here)
        yield database, here


@contextmanager
def _operator(here: psycopg.Connection[Any], source: str | None) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """A connection to the operator's database, and the name of the mirror's slot there."""
    conninfo, slot = subscription.subscribed(here)
    with subscription.reading(source or conninfo) as there:
        subscription.same_log(here, there)
        yield there, slot


def _seen_from_here(
    here: psycopg.Connection[Any], source: str | None, state: subscription.Here
) -> tuple[subscription.There | None, list[conflicts.Conflict]]:
    try:
        with _operator(here, source) as (conn, slot):
            there = subscription.there(conn, slot)
            return there, _stopped_by(here, conn, slot, state)
    except psycopg.OperationalError:
        return None, []


def _stopped_by(
    here: psycopg.Connection[Any], there: psycopg.Connection[Any], slot: str, state: subscription.Here
) -> list[conflicts.Conflict]:
    """The rewritten rows that stop the mirror: among those that wait, or in the tables that it is copying."""
    kept = subscription.slot_of(there, slot)
    if kept is None or kept.lost or state.following:
        return []
    if state.copying and state.errors:
        return rewritten(here, there, state.copying)
    return conflicts.conflicts(here, there, slot)


def _compared(here: psycopg.Connection[Any], source: str | None, *, quiet: bool) -> Comparison | None:
    """What the comparison found; ``None`` when the operator does not answer, which costs nothing of the rest."""
    try:
        with _operator(here, source) as (there, slot), _counting(_count(here), "rangées", quiet=quiet) as step:
            return compare(here, there, slot, progress=step)
    except psycopg.OperationalError:
        return None


@contextmanager
def _counting(total: int, unit: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    with progress_bar(total, unit, quiet=quiet) as bar:
        yield lambda step: bar.advance(bar.task_ids[0], step)


def _count(conn: psycopg.Connection[Any]) -> int:
    row = conn.execute("SELECT count(*) FROM ledger.entry").fetchone()
    return row[0] if row else 0


@contextmanager
def _explained() -> Iterator[None]:
    """Say in French what PostgreSQL refused of a set-up. Its own words may hold the connection string: not shown."""
    try:
        yield
    except psycopg.OperationalError as error:
        msg = "l'exploitant ne répond pas, ou refuse ce compte : vérifiez la chaîne de connexion donnée à --from"
        raise MirrorError(msg) from error
    except psycopg.errors.InsufficientPrivilege as error:
        msg = "ce compte ne peut pas créer d'abonnement dans la base du miroir : il lui faut pg_create_subscription"
        raise MirrorError(msg) from error


COMMANDES: Final = (mirror_group,)

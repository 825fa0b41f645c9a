"""The commands of the seal: sealing, the log's keys, checkpoints and proofs."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from app import affichage
from app.audit import AuditWatch
from app.cli_common import life, print_json, with_json, with_person
from app.open import Opened, authority_of, open_ledger, policy_of, sealer_of, signing_keys
from app.options import Place, Reference
from app.settings import Settings
from console import usage
from ledger.errors import ConstatError
from ledger.seal.census import take_census
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.couriers import Cosigning, Publishing, Stamping
from ledger.seal.log import SealedLog
from ledger.seal.publish import publish
from ledger.seal.sealer import Sealer
from ledger.seal.service import Courier, SealService
from ledger.seal.signing import KIND, SigningKeys, known_signers
from projections.francais import compte


@click.group("seal", cls=usage.Group, invoke_without_command=True, subcommand_metavar="COMMAND [ARGS]...")
@click.pass_context
def seal_group(ctx: click.Context) -> None:
    """Seal the log: tree, signed checkpoints, recensement, keys."""
    usage.require_command(ctx)


@seal_group.command("run")
@click.option("--publish", "folder", type=Place(file_okay=False), help="Folder to publish the log in.")
@click.pass_obj
def run_command(settings: Settings, folder: Path | None) -> None:
    """Seal until stopped: a checkpoint within a second of anything new, at least one an hour, a recensement a day.

    The witnesses of CONSTAT_POLICY are asked to cosign, the authority of CONSTAT_TSA_URL to stamp once a day.
    """
    with open_ledger(settings) as opened:
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        signal.signal(signal.SIGINT, lambda *_: stop.set())
        sealer = sealer_of(settings, opened)
        couriers = tuple(_couriers(settings, opened, sealer, folder))
        affichage.ecrire("scellement en marche ; Ctrl-C pour arrêter")
        SealService(sealer, couriers, lambda: SigningKeys.load(settings.seal_keys, opened.ledger.origin)).run(stop)


@seal_group.command("once")
@with_json
@click.pass_obj
def once_command(settings: Settings, *, as_json: bool) -> None:
    """Seal all that is committed now, have it cosigned by the witnesses of CONSTAT_POLICY, and stop."""
    policy = policy_of(settings)
    with open_ledger(settings) as opened:
        sealer = sealer_of(settings, opened)
        sealer.watch_guards()
        sealer.tell_erasures()
        sealer.tell_restorations()
        sealer.seal()
        note = sealer.latest()
        sealer.close()
        if note is None:
            raise ConstatError(NO_CHECKPOINT)
        failures = Cosigning(sealer.database, policy).ask(note) if policy is not None else ()
    point = Checkpoint.parse(note.text)
    if as_json:
        missing = {each.name: each.reason.value for each in failures}
        print_json(
            {"origine": point.origin, "taille": point.size, "racine": point.root.hex(), "temoins_manquants": missing}
        )
    else:
        affichage.point(point)
        for each in failures:
            affichage.ecrire(str(each), "yellow")


@seal_group.command("census")
@with_json
@click.pass_obj
def census_command(settings: Settings, *, as_json: bool) -> None:
    """Count every stream now, and seal the count: what an export made from here on can be shown to hold in full."""
    with open_ledger(settings) as opened:
        sealer = sealer_of(settings, opened)
        sealer.seal()
        streams = take_census(sealer)
        sealer.seal()
        sealer.close()
        point = _latest(opened)
    if as_json:
        print_json({"flux": streams, "taille": point.size, "racine": point.root.hex()})
    else:
        affichage.ecrire(f"{compte(streams, 'flux')} recensés")
        affichage.point(point)


@seal_group.command("publish")
@click.argument("folder", type=Place(file_okay=False))
@click.pass_obj
def publish_command(settings: Settings, folder: Path) -> None:
    """Write to FOLDER all that the last checkpoint signs, for any web server to give out (C2SP tlog-tiles)."""
    with open_ledger(settings) as opened, opened.ledger.connection() as conn:
        done = publish(SealedLog(conn), folder)
    affichage.ecrire(f"{compte(done.size, 'ligne publiée')}, {compte(done.written, 'fichier écrit')}")


@seal_group.command("stamp")
@with_json
@click.pass_obj
def stamp_command(settings: Settings, *, as_json: bool) -> None:
    """Have the last checkpoint stamped now by the authority of CONSTAT_TSA_URL, as for an export."""
    with open_ledger(settings) as opened:
        authority = authority_of(settings)
        if authority is None:
            msg = "aucune autorité d'horodatage : donnez CONSTAT_TSA_URL et CONSTAT_TSA_ROOTS"
            raise ConstatError(msg)
        with opened.ledger.connection() as conn:
            note = SealedLog(conn).latest()
        if note is None:
            raise ConstatError(NO_CHECKPOINT)
        sealer = sealer_of(settings, opened)
        stamp = Stamping(sealer, authority, sealer.clock).stamp(note)
        sealer.seal()
        sealer.close()
    if as_json:
        print_json(
            {"le": stamp.time.isoformat(), "tsa": stamp.tsa, "qualifie": stamp.qualified, "reserves": stamp.reserves}
        )
    else:
        affichage.ecrire(f"horodaté le {stamp.time:%Y-%m-%d %H:%M:%S} UTC par {stamp.tsa} ({stamp.label})")
        for reserve in stamp.reserves:
            affichage.ecrire(f"  {reserve}", "yellow")


@seal_group.command("checkpoint")
@click.pass_obj
def checkpoint_command(settings: Settings) -> None:
    """Print the last checkpoint, signed and cosigned, as C2SP tlog-checkpoint writes it."""
    with open_ledger(settings) as opened, opened.ledger.connection() as conn:
        note = SealedLog(conn).latest()
    if note is None:
        raise ConstatError(NO_CHECKPOINT)
    click.echo(bytes(note), nl=False)


@seal_group.command("prove")
@with_person
@click.option("--entry", required=True, type=Reference(), help="The id of the fact, as `constat history` shows it.")
@click.pass_obj
def prove_command(settings: Settings, person: str, entry: str) -> None:
    """Print the proof (C2SP tlog-proof) that the line of a fact of PERSON stands in the sealed log."""
    with open_ledger(settings) as opened:
        found = [each for each in life(opened, person) if each.fait.id == entry]
        if not found or found[0].position is None:
            msg = f"« {entry} » n'est pas un fait scellé de cette personne : vérifiez l'identifiant, ou scellez d'abord"
            raise ConstatError(msg)
        with opened.ledger.connection() as conn:
            log = SealedLog(conn)
            note = log.covering(found[0].position)
            if note is None:
                raise ConstatError(NO_CHECKPOINT)
            proof = log.prove(found[0].position, note)
    click.echo(bytes(proof), nl=False)


@seal_group.command("key")
@click.pass_obj
def key_command(settings: Settings) -> None:
    """Print the public keys that sign this log (vkeys), for the policy of whoever verifies it."""
    with open_ledger(settings) as opened:
        for verifier in signing_keys(settings, opened.ledger).verifiers:
            click.echo(verifier.vkey)


@seal_group.command("rotate-key")
@click.pass_obj
def rotate_command(settings: Settings) -> None:
    """Add a signing key: both sign from now on, and the log says that the one follows the other."""
    with open_ledger(settings) as opened:
        keys = signing_keys(settings, opened.ledger)
        both = keys.with_new()
        sealer = sealer_of(settings, opened)
        # Said before it is kept: a key that signs and that the log does not name could not be followed.
        sealer.say(KIND, {"ancienne": keys.verifiers[-1].vkey, "nouvelle": both.verifiers[-1].vkey})
        both.save(settings.seal_keys)
        sealer.keys = both
        sealer.seal()
        sealer.close()
    affichage.ecrire(
        "les deux clés signent ; faites connaître la nouvelle, puis `constat seal retire-key` l'ancienne :"
    )
    for verifier in both.verifiers:
        click.echo(verifier.vkey)


@seal_group.command("retire-key")
@click.argument("key_id")
@click.pass_obj
def retire_command(settings: Settings, key_id: str) -> None:
    """Stop signing with the key KEY_ID (8 hexadecimal digits); refused for the only one."""
    with open_ledger(settings) as opened:
        kept = signing_keys(settings, opened.ledger).without(key_id)
        with opened.ledger.connection() as conn:
            note = SealedLog(conn).latest()
        if note is not None and not known_signers(note, kept.verifiers):
            msg = (
                "le dernier point de contrôle n'est signé que par cette clé, et sans elle rien ne pourrait plus être"
                " scellé à sa suite : réessayez après le prochain, dans l'heure si `constat seal run` tourne"
            )
            raise ConstatError(msg)
        kept.save(settings.seal_keys)
    affichage.ecrire("cette clé ne signe plus ; ce qu'elle a signé reste vérifiable par qui la connaît")


NO_CHECKPOINT: Final = "ce registre n'a encore aucun point de contrôle : lancez `constat seal once`"


def _couriers(settings: Settings, opened: Opened, sealer: Sealer, folder: Path | None) -> Iterator[Courier]:
    """Who is handed each checkpoint. The witnesses come first: what is stamped and published bears what they signed."""
    yield Courier("audit", AuditWatch(opened.ledger, sealer.clock), pause=3600)
    policy, authority = policy_of(settings), authority_of(settings)
    after: list[Courier] = []
    if authority is not None:
        after.append(Courier("stamp", Stamping(sealer, authority, sealer.clock), pause=60))
    if folder is not None:
        after.append(Courier("publish", Publishing(sealer.database, folder), pause=1))
    if policy is not None and policy.witnesses:
        yield Courier("cosign", Cosigning(sealer.database, policy), pause=1, after=tuple(after))
    else:
        yield from after


def _latest(opened: Opened) -> Checkpoint:
    with opened.ledger.connection() as conn:
        note = SealedLog(conn).latest()
    if note is None:
        raise ConstatError(NO_CHECKPOINT)
    return Checkpoint.parse(note.text)


COMMANDES: Final = (seal_group,)

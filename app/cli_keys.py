"""The commands of the coffre: the deployment's keys, erasure, opening one part, a person's own copy."""

import os
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import click

from app import affichage_cles
from app.access_export import export
from app.cli_common import print_json, progress_bar, with_json, with_person
from app.erase import Done, Request, erase, handed_over, preview
from app.open import open_ledger
from app.options import Choice, Existing, Place, Reference
from app.settings import Settings
from console import usage
from ledger import erasure
from ledger.erasure import Erased
from ledger.rotation import KekState, retire, rotate, states
from replay.effacement import MAX_RECEIPT, ReceiptError, lire
from replay.ouverture import Partie, ouvrir


@click.group("keys", cls=usage.Group, invoke_without_command=True, subcommand_metavar="[COMMAND] [ARGS]...")
@with_json
@click.pass_context
def keys_group(ctx: click.Context, *, as_json: bool) -> None:
    """List the deployment's keys with how many persons' keys each wraps; rotate and retire them."""
    if ctx.invoked_subcommand is not None:
        return
    with open_ledger(ctx.obj) as opened:
        found = states(opened.ledger.database, opened.keys)
    if as_json:
        print_json([_state(each) for each in found])
    else:
        affichage_cles.cles(found)


@keys_group.command("rotate")
@click.option("--finish", is_flag=True, help="Make no key: wrap with the current one what others still wrap.")
@with_json
@click.pass_obj
def rotate_command(settings: Settings, *, finish: bool, as_json: bool) -> None:
    """Make a fresh deployment key and wrap every person's key with it. After a kill, run it again: it goes on."""
    with open_ledger(settings) as opened:
        total = sum(each.keys for each in states(opened.ledger.database, opened.keys))
        with progress_bar(total, "clés", quiet=as_json) as bar:
            done = rotate(
                opened.ledger.database,
                opened.keys,
                finish=finish,
                progress=lambda step: bar.advance(bar.task_ids[0], step),
            )
    if as_json:
        print_json(
            {
                "cle": done.keys.current,
                "neuve": done.made,
                "enveloppees": done.rewrapped,
                "restantes": done.left,
                "illisibles": done.unreadable,
            }
        )
    else:
        affichage_cles.rotation(done)


@keys_group.command("retire")
@click.argument("kek_id", metavar="ID", type=Reference())
@click.pass_obj
def retire_command(settings: Settings, kek_id: str) -> None:
    """Destroy the deployment key ID, for ever; refused while any row still needs it.

    Erasures of its time become final: the tables of the projections are written anew, each closed to readers meanwhile.
    """
    with open_ledger(settings) as opened:
        retire(opened.ledger.database, opened.keys, kek_id)
        erasure.finish(opened.ledger, kek_id)
        affichage_cles.cles(states(opened.ledger.database, opened.keys.reloaded() or opened.keys))


@click.command(cls=usage.Command, name="erase")
@with_person
@click.option(
    "--reason", required=True, type=Reference(), help="Why; sealed with the key, so that nobody reads it after."
)
@click.option("--rule", type=Reference(), help="The rule applied, by its identifier (see `constat rules`).")
@click.option("--request", "reference", type=Reference(), help="The person's own request, by its reference.")
@click.option("--output", type=Place(file_okay=False), help="Folder for the receipt, as JSON and as text.")
@click.option("--dry-run", is_flag=True, help="Judge and show the receipt as it would be; destroy nothing.")
@with_json
@click.pass_obj
def erase_command(
    settings: Settings,
    person: str,
    reason: str,
    rule: str | None,
    reference: str | None,
    output: Path | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Destroy the key of PERSON for ever, and all it opens. Refused with all reasons; a legal hold always blocks it.

    Lines, leaves and proofs stay. The receipt says which findings lose their proof. After a kill, run it again.
    """
    request, now = Request(person, reason, rule, reference), datetime.now(UTC)
    with open_ledger(settings) as opened:
        if dry_run:
            receipt, weighed = preview(opened, request, now)
            if as_json:
                print_json({"recu": receipt, "a_peser": weighed})
            else:
                affichage_cles.essai(receipt, weighed)
            return
        done = erase(opened, request, now)
        if output is not None:
            _keep_receipt(output, done)
        if as_json:
            print_json({"recu": done.receipt, "documents_effaces": done.documents, "repris": done.resumed})
        else:
            affichage_cles.recu(done.receipt, None)
        sys.stdout.flush()
        handed_over(opened, person)


@click.command(cls=usage.Command, name="erasures")
@click.option("--receipt", type=Existing(dir_okay=False, path_type=Path), help="A receipt to check and to print again.")
@with_json
@click.pass_obj
def erasures_command(settings: Settings, receipt: Path | None, *, as_json: bool) -> None:
    """The register of erasures: when, how many entries, and since when final. Names nobody."""
    with open_ledger(settings) as opened:
        found = erasure.register(opened.ledger)
    if receipt is not None:
        _told_again(receipt, found, as_json=as_json)
    elif as_json:
        print_json([_erased(each) for each in found])
    else:
        affichage_cles.registre(found)


@click.command(cls=usage.Command, name="open")
@with_person
@click.option("--entry", required=True, type=Reference(), help="The fact's id at its source, or its event_id.")
@click.option("--part", required=True, type=Choice([each.value for each in Partie]))
@click.option("--bytes", "raw", is_flag=True, help="Print the bytes that are committed to: pipe them into sha256sum.")
@click.pass_obj
def open_command(settings: Settings, person: str, entry: str, part: str, *, raw: bool) -> None:
    """Open one part of one entry of PERSON: its salt and its value, and nothing of any other.

    The SHA-256 of the salt and of the value's canonical JSON is the commitment in the entry's line.
    """
    with open_ledger(settings) as opened:
        found = ouvrir(opened.ledger, person, entry, Partie(part))
    click.echo(found.committed if raw else found.line(), nl=not raw)


@click.command(cls=usage.Command, name="access-export")
@with_person
@click.option("--output", required=True, type=Place(file_okay=False), help="Folder to make; it must not exist.")
@with_json
@click.pass_obj
def access_export_command(settings: Settings, person: str, output: Path, *, as_json: bool) -> None:
    """The copy that PERSON may ask for (RGPD art. 15): facts, documents, who looked, purposes, retention, rights."""
    with open_ledger(settings) as opened:
        done = export(opened, person, output, datetime.now(UTC))
    if as_json:
        print_json({**done._asdict(), "folder": str(done.folder)})
    else:
        affichage_cles.copie(done)


def _keep_receipt(folder: Path, done: Done) -> None:
    """Write the receipt, whole or not at all; again, the same."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"recu-effacement-{done.receipt.sujet[:12]}"
    for ending, content in ((".json", done.text + "\n"), (".txt", affichage_cles.en_francais(done.receipt, None))):
        beside = folder / f".{name}{ending}.partiel"
        with beside.open("w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(folder / f"{name}{ending}")


def _told_again(path: Path, found: list[Erased], *, as_json: bool) -> None:
    with path.open(encoding="utf-8", errors="replace") as file:
        text = file.read(MAX_RECEIPT).rstrip("\n")
    receipt = lire(text)
    digest = sha256(text.encode()).digest()
    row = next((each for each in found if each.subject.hex() == receipt.sujet and each.receipt == digest), None)
    if row is None:
        raise ReceiptError(ReceiptError.__doc__)
    if as_json:
        print_json({"recu": receipt, **_erased(row)})
    else:
        affichage_cles.recu(receipt, row.final_at)


def _state(each: KekState) -> dict[str, object]:
    return {
        "cle": each.kek_id,
        "lieu": each.place,
        "courante": each.current,
        "personnes": each.keys,
        "retiree_le": each.retired_at,
        "detruite_le": each.destroyed_at,
    }


def _erased(each: Erased) -> dict[str, object]:
    return {
        "sujet": each.subject.hex(),
        "efface_le": each.at,
        "cle_deploiement": each.kek_id,
        "empreinte_cle": each.key_digest.hex(),
        "entrees": each.entries,
        "recu_sha256": each.receipt.hex(),
        "definitif_le": each.final_at,
    }


COMMANDES: Final = (keys_group, erase_command, erasures_command, open_command, access_export_command)

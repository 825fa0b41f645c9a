"""The commands of attempts deposited at the guichet: bring them in, list them, attach one to a dossier, detach it."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from app import affichage
from app.cli_common import print_json, with_json, with_person
from app.cli_receipt import chosen_policy, read_bounded, with_policy
from app.open import open_ledger
from app.options import Existing, Reference, Whole
from app.settings import Settings
from commands.attempts import drain, unclaimed
from commands.claims import ClaimError, acting, claim, release
from console import usage
from ledger.seal import checks
from ledger.seal.attempt import AttemptReceipt, Line, verify_attempt
from ledger.seal.spool import Damage, segments, walk
from projections.francais import compte
from replay.as_of import plain

NOT_INTACT: Final = 4
LIMIT: Final = 100


@click.group("attempts", cls=usage.Group, invoke_without_command=True, subcommand_metavar="COMMAND [ARGS]...")
@click.pass_context
def attempts_group(ctx: click.Context) -> None:
    """Failed attempts deposited at the guichet, without login."""
    usage.require_command(ctx)


@attempts_group.command("drain")
@click.argument("spool", type=Existing(file_okay=False, path_type=Path))
@click.option("--remove", is_flag=True, help="Then remove the segments that are full, if all of it is recorded.")
@with_json
@click.pass_obj
def drain_command(settings: Settings, spool: Path, *, remove: bool, as_json: bool) -> None:
    """Record what is in the folder SPOOL, as nobody's and of grade D; what was recorded before is not again.

    Lines that were changed, or between which one is missing, are named; what still stands by itself is recorded.
    """
    damages: list[Damage] = []
    older = segments(spool)[:-1]  # before anything is read: whatever another one follows is whole
    with open_ledger(settings) as opened:
        done = drain(opened.ledger, opened.documents, _sound(spool, damages))
        opened.ledger.sequence()
    if as_json:
        print_json(
            {
                "enregistrees": done.recorded,
                "deja_la": done.repeated,
                "autres": done.differing,
                "dommages": plain(damages),
            }
        )
    else:
        again = compte(done.repeated, "déjà là", "déjà là")
        affichage.ecrire(f"{compte(done.recorded, 'tentative enregistrée')}, {again}")
        for each in done.differing:
            affichage.ecrire(f"{each} : le registre tient autre chose sous ce numéro", "bold red")
        for damage in damages:
            affichage.ecrire(f"{damage.file}, ligne {damage.number} : {damage.found}", "bold red")
    if damages or done.differing:
        sys.exit(NOT_INTACT)
    for path in older if remove else ():
        path.unlink(missing_ok=True)


def _sound(spool: Path, damages: list[Damage]) -> Iterator[Line]:
    for each in walk(spool):
        if isinstance(each, Damage):
            damages.append(each)
        else:
            yield each


@attempts_group.command("list")
@click.option("--limit", type=Whole(1, 100_000), default=LIMIT, show_default=True, help="How many lines at most.")
@with_json
@click.pass_obj
def list_command(settings: Settings, limit: int, *, as_json: bool) -> None:
    """The attempts that nobody has claimed, the newest first."""
    with open_ledger(settings) as opened:
        found = unclaimed(opened.ledger, limit)
    if as_json:
        print_json(
            [
                {"numero": e.fait.id, "survenu": str(e.fait.survenu), "depose": str(e.fait.connu_de_la_source),
                 "message": e.fait.evenement.lire_champ("texte_erreur"), "page": e.fait.evenement.lire_champ("etape")}
                for e in found
            ]
        )  # fmt: skip
        return
    affichage.ecrire(f"{compte(len(found), 'tentative')} sans personne")
    for entry in found:
        message = str(entry.fait.evenement.lire_champ("texte_erreur")).split("\n", 1)[0]
        affichage.ecrire(f"{entry.fait.id}  {entry.fait.survenu}  {message[:80]}")


@attempts_group.command("claim")
@with_person
@click.option("--dossier", required=True, type=Reference(), help="The dossier of PERSON to attach the attempt to.")
@click.option("--receipt", type=Existing(dir_okay=False, path_type=Path), help="The receipt that the guichet gave.")
@click.option("--attempt", type=Reference(), help="The number of the attempt, where an agent vouches for it.")
@click.option("--agent", type=Reference(), help="The pseudonymous id of the agent who attaches it.")
@with_policy
@with_json
@click.pass_obj
def claim_command(
    settings: Settings,
    person: str,
    dossier: str,
    receipt: Path | None,
    attempt: str | None,
    agent: str | None,
    policy: Path | None,
    *,
    as_json: bool,
) -> None:
    """Attach one attempt to a dossier of PERSON: by its receipt, or by an agent (--attempt --agent).

    It is one person's at a time; `constat attempts release` gives it back.
    """
    if (receipt is None) == (attempt is None) or (attempt is not None and agent is None):
        msg = "donnez --receipt, ou --attempt avec --agent"
        raise click.UsageError(msg)
    shown = None if receipt is None else _shown(settings, receipt, policy)
    acteur = acting(person, agent)
    with open_ledger(settings) as opened:
        number = shown.id if shown else attempt or ""
        entry = claim(opened.ledger, opened.documents, number, person, dossier, acteur, shown=shown)
        opened.ledger.sequence()
    if as_json:
        print_json({"event_id": str(entry.event_id), "id": entry.fait.id, "grade": entry.fait.grade})
    else:
        affichage.enregistres((entry,))


@attempts_group.command("release")
@click.argument("attempt", type=Reference())
@click.option("--reason", required=True, type=Reference(), help="Why; whose it was reads it: name nobody else.")
@click.option("--person", type=Reference(), help="The person who attached it, and gives it back.")
@click.option("--agent", type=Reference(), help="The pseudonymous id of the agent who takes it back, whoever has it.")
@with_json
@click.pass_obj
def release_command(
    settings: Settings, attempt: str, reason: str, person: str | None, agent: str | None, *, as_json: bool
) -> None:
    """Detach ATTEMPT (its number) from the dossier it was wrongly attached to: it may be claimed again.

    Nothing is removed: a fact withdraws the claim, in the history of whose it was, and says why and who did.
    """
    if (person is None) == (agent is None):
        msg = "donnez --person (qui l'a rattachée la rend), ou --agent (un agent la reprend à qui l'a)"
        raise click.UsageError(msg)
    acteur = acting(person, agent)
    with open_ledger(settings) as opened:
        entry = release(opened.ledger, attempt, reason, acteur, datetime.now(UTC))
        opened.ledger.sequence()
    if as_json:
        print_json({"event_id": str(entry.event_id), "id": entry.fait.id})
    else:
        affichage.ecrire(f"{attempt} : détachée, elle peut être rattachée de nouveau")


def _shown(settings: Settings, receipt: Path, policy: Path | None) -> Line:
    """The line of a receipt that a known guichet signed.

    :raises ClaimError: it does not hold.
    """
    raw = read_bounded(receipt)
    found = verify_attempt(raw, chosen_policy(settings, policy))
    if not checks.holding(found):
        wrong = next((each.said for each in found if each.outcome is not checks.Verdict.PASSED), "")
        msg = f"ce reçu n'est pas retenu : {wrong}"
        raise ClaimError(msg)
    return AttemptReceipt.parse(raw).line


COMMANDES: Final = (attempts_group,)

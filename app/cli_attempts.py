"""The commands of the attempts deposited at the guichet: bring them in, list them, attach one to a dossier."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from app import affichage
from app.cli_common import print_json, with_json, with_person
from app.cli_receipt import chosen_policy, read_bounded, with_policy
from app.open import open_ledger
from app.options import Existing, Reference, Whole
from app.settings import Settings
from commands.attempts import ClaimError, claim, drain, unclaimed
from console import usage
from ledger.entry import Acteur
from ledger.events.types import NatureActeur
from ledger.seal import checks
from ledger.seal.attempt import AttemptReceipt, Line, verify_attempt
from ledger.seal.spool import Damage, walk
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
@with_json
@click.pass_obj
def drain_command(settings: Settings, spool: Path, *, as_json: bool) -> None:
    """Record what is in the folder SPOOL, as nobody's and of grade D; what was recorded before is not again.

    Lines that were changed, or between which one is missing, are named; what still stands by itself is recorded.
    """
    damages: list[Damage] = []
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
        affichage.ecrire(f"{compte(done.recorded, 'tentative enregistrée')}, {done.repeated} déjà là")
        for each in done.differing:
            affichage.ecrire(f"{each} : le registre tient autre chose sous ce numéro", "bold red")
        for damage in damages:
            affichage.ecrire(f"{damage.file}, ligne {damage.number} : {damage.found}", "bold red")
    if damages or done.differing:
        sys.exit(NOT_INTACT)


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
    """Attach one attempt to a dossier of PERSON, once: by its receipt, or by an agent (--attempt --agent)."""
    if (receipt is None) == (attempt is None) or (attempt is not None and agent is None):
        msg = "donnez --receipt, ou --attempt avec --agent"
        raise click.UsageError(msg)
    shown = None if receipt is None else _shown(settings, receipt, policy)
    acteur = (
        Acteur(nature=NatureActeur.USAGER, id=person)
        if agent is None
        else Acteur(nature=NatureActeur.AGENT, id=agent, au_nom_de=person)
    )
    with open_ledger(settings) as opened:
        number = shown.id if shown else attempt or ""
        entry = claim(opened.ledger, opened.documents, number, person, dossier, acteur, shown=shown)
        opened.ledger.sequence()
    if as_json:
        print_json({"event_id": str(entry.event_id), "id": entry.fait.id, "grade": entry.fait.grade})
    else:
        affichage.enregistres((entry,))


def _shown(settings: Settings, receipt: Path, policy: Path | None) -> Line:
    """The line of a receipt that a known guichet signed.

    :raises ClaimError: it does not hold.
    """
    raw = read_bounded(receipt)
    found = verify_attempt(raw, chosen_policy(settings, policy))
    if not checks.holding(found):
        wrong = next((each.said for each in found if each.outcome is not checks.Outcome.PASSED), "")
        msg = f"ce reçu n'est pas retenu : {wrong}"
        raise ClaimError(msg)
    return AttemptReceipt.parse(raw).line


COMMANDES: Final = (attempts_group,)

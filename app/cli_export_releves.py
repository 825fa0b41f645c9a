"""``constat export``: receipts, statements, a person's history and her request for access, each as a PDF.

What is made from a file alone (``receipt``, ``attempt``, ``erasure``) needs no ledger. What holds a person's data
(``blockage``, ``history``, ``access-request``) is handed over in one place, :func:`_hand_over`.
"""

from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import click

from app import affichage, releves
from app.cli_common import with_known_on, with_person, with_true_on
from app.cli_receipt import Written, read_bounded, with_policy
from app.open import Opened, open_ledger, policy_of
from app.options import Choice, Day, Existing, Reference, Words
from app.releves import Demandee, Releve
from app.settings import Settings
from console import usage
from evidence.delais_acces import Mode
from evidence.demande_acces import Demandeur
from evidence.recu_effacement import effacement_pdf
from evidence.recus import recu_pdf, tentative_pdf
from ledger import erasure
from ledger.days import paris_day
from ledger.errors import ConstatError
from ledger.seal import files
from projections.francais import compte
from replay.effacement import MAX_RECEIPT, ReceiptError, lire

LINES: Final = 20
"""Lines a name, an address or an addressee may have."""
SIGNS: Final = 2_000

with_output = click.option("--output", required=True, type=Written(), help="The PDF to write.")
with_on = click.option("--on", "day", type=Day(), help="Its date (default: today in Paris).")
with_file = click.argument("file", type=Existing(dir_okay=False, path_type=Path))


@click.command("receipt", cls=usage.Command)
@with_file
@with_output
@with_policy
@with_on
@click.pass_obj
def receipt_command(settings: Settings, file: Path, output: Path, policy: Path | None, day: date | None) -> None:
    """The receipt of an act FILE (.recu) as a page, with the file attached and its promise in a code to scan.

    It is verified first, and refused if it does not hold; without a policy, who signed is not verified, and the page
    says so.
    """
    trust = policy_of(settings, policy)
    _write(output, recu_pdf(read_bounded(file), day or _today(), policy=trust, now=datetime.now(UTC)))


@click.command("attempt", cls=usage.Command)
@with_file
@with_output
@with_policy
@with_on
@click.pass_obj
def attempt_command(settings: Settings, file: Path, output: Path, policy: Path | None, day: date | None) -> None:
    """The receipt of a failed attempt FILE (.recu), as `export receipt` has that of an act."""
    trust = policy_of(settings, policy)
    _write(output, tentative_pdf(read_bounded(file), day or _today(), policy=trust, now=datetime.now(UTC)))


@click.command("erasure", cls=usage.Command)
@with_file
@with_output
@click.option("--check", is_flag=True, help="Look into the ledger's register: it must know it, and since when final.")
@with_on
@click.pass_obj
def erasure_command(settings: Settings, file: Path, output: Path, day: date | None, *, check: bool) -> None:
    """The receipt of an erasure FILE (.json, as `constat erase` wrote it) as a page, with the file attached."""
    with file.open("rb") as opened_file:
        raw = opened_file.read(MAX_RECEIPT)
    final = _final_at(settings, raw) if check else None
    _write(output, effacement_pdf(raw, day or _today(), definitif_le=final))


@click.command("blockage", cls=usage.Command)
@with_person
@with_output
@with_known_on
@with_true_on
@with_on
@click.pass_obj
def blockage_command(
    settings: Settings,
    person: str,
    output: Path,
    known_on: datetime | None,
    true_on: date | None,
    day: date | None,
) -> None:
    """The statement of blockage of PERSON, which the substitution channel asks for (CESEDA R.431-2 al. 3)."""
    known_on = None if known_on is None else min(known_on, datetime.now(UTC))
    with open_ledger(settings) as opened:
        made = releves.blocage(opened, person, output.name, day or _today(), connu_le=known_on, vu_le=true_on)
        _hand_over(opened, person, made, output)


@click.command("history", cls=usage.Command)
@with_person
@with_output
@with_on
@click.pass_obj
def history_command(settings: Settings, person: str, output: Path, day: date | None) -> None:
    """The whole history of PERSON, for her to read: both dates, who looked, her rights (RGPD art. 15).

    Others are masked. A long life goes in volumes: X.pdf, X-2.pdf and so on.
    """
    with open_ledger(settings) as opened:
        made = releves.historique(opened, person, output.name, day or _today(), datetime.now(UTC))
        _hand_over(opened, person, made, output)


@click.command("access-request", cls=usage.Command)
@with_person
@click.option("--prefecture", required=True, type=Reference(), help="To whom it is addressed; lines end with \\n.")
@click.option("--name", type=Reference(), help="Who signs (default: a line to fill in).")
@click.option("--address", type=Reference(), help="Her address (default: a line to fill in).")
@click.option("--dossier", "dossiers", type=Words(200), multiple=True, help="Only this dossier; may be repeated.")
@click.option("--mode", type=Choice([each.value for each in Mode]), default=Mode.RECOMMANDE.value, show_default=True)
@click.option("--received", type=Day(), help="The day on which it was received, once the receipt says it.")
@with_output
@click.option("--on", "day", type=Day(), help="The day it is sent (default: today in Paris).")
@click.pass_obj
def access_request_command(
    settings: Settings,
    person: str,
    output: Path,
    *,
    prefecture: str,
    name: str | None,
    address: str | None,
    dossiers: tuple[str, ...],
    mode: str,
    received: date | None,
    day: date | None,
) -> None:
    """A letter asking the préfecture for the dossier of PERSON (CRPA L.311-1) and for her data (RGPD art. 15).

    It names what the ledger knows to be there; a sheet apart gives the days: silence, CADA, data.
    """
    who = Demandeur(
        person,
        _text("--prefecture", prefecture),
        None if name is None else _text("--name", name),
        None if address is None else _text("--address", address),
    )
    with open_ledger(settings) as opened:
        asked = Demandee(Mode(mode), received, dossiers)
        made = releves.demande(opened, who, output.name, day or _today(), asked)
        _hand_over(opened, person, made, output)


def _hand_over(opened: Opened, person: str, made: Releve, output: Path) -> None:
    """Record what leaves of a person's data, then write it, each document whole or not at all.

    The only way out of these commands: a crash leaves one trace too many, never one too few.
    """
    releves.consigner(opened, person, made, datetime.now(UTC))
    for name, content in made.documents.items():
        _write(output.with_name(name), content)


def _write(path: Path, content: bytes) -> None:
    files.replace(path, content, mode=0o600)
    affichage.ecrire(f"{path} : {compte(len(content), 'octet')}, SHA-256 {sha256(content).hexdigest()}")


def _final_at(settings: Settings, raw: bytes) -> datetime | None:
    """Since when the erasure is final, as the register says.

    :raises ReceiptError: the register does not know this receipt.
    """
    text = raw.decode("utf-8", "replace").rstrip("\n")
    subject, digest = lire(text).sujet, sha256(text.encode()).digest()
    with open_ledger(settings) as opened:
        found = erasure.register(opened.ledger)
    for row in found:
        if row.subject.hex() == subject and row.receipt == digest:
            return row.final_at
    raise ReceiptError(ReceiptError.__doc__)


def _text(option: str, value: str) -> str:
    """What is to be written on a letter; a backslash and an n, as typed, end a line.

    :raises ConstatError: it is empty, or too long.
    """
    text = value.replace("\\n", "\n").strip()
    if not text or len(text) > SIGNS or text.count("\n") >= LINES:
        msg = f"{option} : de 1 à {SIGNS} signes, sur {LINES} lignes au plus"
        raise ConstatError(msg)
    return text


def _today() -> date:
    return paris_day(datetime.now(UTC))


COMMANDES: Final = (
    receipt_command,
    attempt_command,
    erasure_command,
    blockage_command,
    history_command,
    access_request_command,
)

"""What the commands share: their options, how a person and a moment are read, how an answer is printed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app import affichage
from app.open import Opened
from app.options import Day, Instant, Reference
from ledger.days import paris_day
from ledger.entry import Entry
from ledger.errors import (
    ConstatError,
)
from replay.as_of import Moment, plain
from replay.vie import vie

with_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of French text.")
with_known_on = click.option(
    "--known-on", type=Instant(), help="Only what the ledger had recorded by this instant or day."
)
with_true_on = click.option(
    "--true-on", type=Day(), help="Only what had happened by this civil day (default: today in Paris)."
)
with_person = click.argument("person", type=Reference())


def life(opened: Opened, person: str) -> tuple[Entry, ...]:
    """The person's own entries."""
    return _known_person(person, opened.ledger.life(person))


def life_and_incidents(opened: Opened, person: str) -> tuple[Entry, ...]:
    """The same, with the incidents of nobody."""
    return _known_person(person, vie(opened.ledger, person))


def _known_person(person: str, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    if not entries:
        msg = f"aucune entrée pour « {person} » : vérifiez la référence"
        raise ConstatError(msg)
    return entries


def moment_of(known_on: datetime | None, true_on: date | None) -> Moment:
    """From where one looks; on today's civil day in Paris unless another one is given."""
    return Moment(known_on, true_on or paris_day(datetime.now(UTC)))


def print_json(value: Any) -> None:
    """An answer as JSON, on standard output, in UTF-8 whatever the terminal's encoding."""
    click.echo(json.dumps(plain(value), ensure_ascii=False, indent=2).encode())


@contextmanager
def progress_bar(total: int, unit: str, *, quiet: bool) -> Iterator[Progress]:
    """A bar on standard error; nothing where that is no terminal, or ``quiet``."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=affichage.errors, transient=True, disable=quiet or not affichage.errors.is_terminal
    ) as bar:
        bar.add_task("", total=total)
        yield bar

"""How the command line reads an instant and a day: the ledger's own forms, errors in French."""

from datetime import date, datetime
from typing import Any

import click

from ledger.days import Quand


class Instant(click.ParamType[datetime]):
    """An instant, or a day taken to its last instant in Paris."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The instant that ``value`` writes; a usage error when it cannot be read."""
        if isinstance(value, datetime):
            return value
        try:
            return Quand.lire(str(value)).fin
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Day(click.ParamType[date]):
    """A civil day in Paris."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day that ``value`` writes; a usage error when it cannot be read."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} n'est pas un jour (attendu : AAAA-MM-JJ)", param, ctx)

"""How the command line reads an instant, a day, a path, a reference and a choice: errors in French."""

import os
import re
import unicodedata
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import click

from ledger.days import FIRST_DAY, LAST_DAY, Quand

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _named(kind: click.ParamType[Path], value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
    """The path that ``value`` writes; without a name it would be the folder that one is in."""
    if not str(value):
        kind.fail("le nom est vide", param, ctx)
    return Path(value)


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
            self.fail(f"{error} ; un instant s'écrit 2025-07-01T08:14:00Z", param, ctx)


class Day(click.ParamType[date]):
    """A civil day in Paris."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day that ``value`` writes; a usage error when it cannot be read."""
        if isinstance(value, date):
            return value
        text = str(value)
        try:
            day = date.fromisoformat(text if _DAY.fullmatch(text) else "")
        except ValueError:
            self.fail(f"« {value} » n'est pas un jour (attendu : AAAA-MM-JJ)", param, ctx)
        if not FIRST_DAY <= day <= LAST_DAY:
            self.fail(f"« {value} » est hors du calendrier du registre ({FIRST_DAY} à {LAST_DAY})", param, ctx)
        return day


class Existing(click.Path[Path]):
    """A file, or a folder, that is there and that we may read."""

    def convert(self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path that ``value`` writes; a usage error when what is there is not what we asked for."""
        path = _named(self, value, param, ctx)
        kind = "dossier" if self.dir_okay else "fichier"
        if not path.exists():
            self.fail(f"le {kind} « {path} » n'existe pas", param, ctx)
        if not (path.is_dir() if self.dir_okay else path.is_file()):
            self.fail(f"« {path} » n'est pas un {kind}", param, ctx)
        if not os.access(path, os.R_OK):
            self.fail(f"le {kind} « {path} » ne vous est pas ouvert en lecture", param, ctx)
        return path


class Place(click.Path[Path]):
    """Where a file, or a folder, is to be written."""

    def convert(self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path that ``value`` writes; a usage error when nothing of that kind can be written there.

        A device is no file: what takes its name would take its place.
        """
        path = _named(self, value, param, ctx)
        kind = "dossier" if self.dir_okay else "fichier"
        either = self.dir_okay and self.file_okay
        if path.exists() and not either and not (path.is_dir() if self.dir_okay else path.is_file()):
            self.fail(f"« {path} » est là et n'est pas un {kind}", param, ctx)
        if not path.absolute().parent.is_dir():
            self.fail(f"le dossier « {path.parent} » n'existe pas", param, ctx)
        return path


class Reference(click.ParamType[str]):
    """The reference of a person."""

    name = "reference"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """``value`` as facts write it (NFC); a usage error when it is no text: the ledger could not hold it."""
        text = str(value)
        if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
            self.fail("ce n'est pas un texte en UTF-8", param, ctx)
        return unicodedata.normalize("NFC", text)


class Words(Reference):
    """A few words that the ledger will keep."""

    def __init__(self, most: int) -> None:
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """``value`` as it is; a usage error when it says nothing, or too much."""
        text = super().convert(value, param, ctx)
        if not text.strip() or len(text) > self.most:
            self.fail(f"attendu : de 1 à {self.most} signes", param, ctx)
        return text


class ServerName(click.ParamType[str]):
    """The name of something on a PostgreSQL server (a role, a slot), which is the same with and without quotes."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """``value`` as it is; a usage error when it needs quotes, or is cut by the server."""
        text = str(value)
        if re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", text) is None:
            expected = "attendu : de 1 à 63 lettres minuscules sans accent, chiffres ou _"
            self.fail(f"« {text[:80]} » n'est pas un nom qui convient ({expected})", param, ctx)
        return text


class Choice(click.Choice[str]):
    """One of a few words."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """What to say of a word that is none of them."""
        del ctx
        return f"« {value} » n'est pas un choix possible (attendu : {', '.join(self.choices)})"


class Whole(click.ParamType[int]):
    """A whole number between two bounds, both included."""

    name = "number"

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number that ``value`` writes; a usage error when it is none, or out of bounds."""
        text = str(value)
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(self.most))):
            self.fail(f"« {text} » n'est pas un nombre (attendu : de {self.least} à {self.most})", param, ctx)
        number = int(text)
        if not self.least <= number <= self.most:
            self.fail(f"{number} est hors des bornes (attendu : de {self.least} à {self.most})", param, ctx)
        return number

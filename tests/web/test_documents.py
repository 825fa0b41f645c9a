"""docs/web.md: every command it shows is one that the program takes, every setting one that it reads."""

import re
import shlex
from pathlib import Path

import click
import pytest

from app.cli import cli
from console import usage

DOCUMENT = (Path(__file__).parents[2] / "docs" / "web.md").read_text(encoding="utf-8")
SETTINGS = (Path(__file__).parents[2] / "app" / "settings.py").read_text(encoding="utf-8")
TYPED = re.findall(r"^\$ constat (.+)$", DOCUMENT, flags=re.MULTILINE)
UNIT = re.findall(r"^ExecStart=\S+/constat (.+)$", DOCUMENT, flags=re.MULTILINE)
CONTAINER = [
    " ".join(re.findall(r'"([^"]+)"', each)[1:]) for each in re.findall(r"^CMD (\[.+\])$", DOCUMENT, flags=re.MULTILINE)
]


def lire(arguments: list[str]) -> click.Command:
    """The command that these arguments name, once it has read all of them; it is not carried out."""
    command: click.Command = cli
    ctx = click.Context(cli, info_name="constat")
    arguments = [each for each in arguments if each != "--demo"]
    while isinstance(command, click.Group):
        found = command.commands[arguments.pop(0)]
        command = found.load() if isinstance(found, usage.Lazy) else found
    command.make_context(str(command.name), arguments, parent=ctx)
    return command


@pytest.mark.parametrize("line", [*TYPED, *UNIT, *CONTAINER])
def test_a_command_that_is_shown_is_taken(line: str) -> None:
    """With its options, as they stand."""
    assert lire(shlex.split(line)).name


def test_there_are_commands_to_read() -> None:
    """In the text, in the unit and in the container."""
    assert len(TYPED) >= 10
    assert len(UNIT) == len(CONTAINER) == 1


def test_every_setting_of_the_site_is_told_and_read() -> None:
    """The table and the program name the same ones."""
    told = set(re.findall(r"`(CONSTAT_(?:WEB|OIDC|THEME)\w*)`", DOCUMENT))
    read = set(re.findall(r'"(CONSTAT_(?:WEB|THEME)\w*)"', SETTINGS)) | {"CONSTAT_OIDC_ALG", "CONSTAT_OIDC_PKCE"}
    read |= {f"CONSTAT_OIDC_{each}" for each in ("ISSUER", "CLIENT", "SECRET")}
    assert told == read


def test_no_host_of_a_package_index_is_named() -> None:
    """What is installed comes from where the deployment says."""
    assert not re.search(r"pypi|index-url|docker\.io", DOCUMENT)

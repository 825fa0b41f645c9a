"""What the documents say is what the program does."""

import json
import re
from pathlib import Path

import pytest

from app.cli import cli
from evidence.controle import controler
from evidence.inventaire import Inventaire
from ledger.interchange import read_line

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_every_command_is_documented_and_every_documented_command_exists() -> None:
    """The table of commands and the command line have the same names."""
    table = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `constat ([a-z-]+)", table, flags=re.MULTILINE))
    assert documented == set(cli.commands)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_command_named_in_a_document_exists(path: Path) -> None:
    """No document names a command that the program does not have."""
    for name in re.findall(
        r"`(?:\.venv/bin/)?constat (?:--demo )?([a-z][a-z-]*)[^`]*`", path.read_text(encoding="utf-8")
    ):
        assert name in cli.commands, name


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_link_to_a_file_leads_somewhere(path: Path) -> None:
    """Every relative link of a document points to a file that is there."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_the_example_line_of_the_interchange_format_reads() -> None:
    """The line shown in the format's document is read as it stands."""
    text = (ROOT / "docs" / "interchange.md").read_text(encoding="utf-8")
    [line] = re.findall(r"```json\n(.+?)\n```", text, flags=re.DOTALL)
    assert read_line(line.encode()).evenement.nom == json.loads(line)["type"]


def test_the_example_inventory_goes_with_the_files_it_names(tmp_path: Path) -> None:
    """The inventory shown in the document is read, names the files that the document names, and the check accepts them."""
    text = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"```json\n(.+?)\n```", text, flags=re.DOTALL)
    inventaire = Inventaire.model_validate_json(shown)
    names = [fichier.nom for fichier in inventaire.fichiers]
    assert names == re.findall(r"`(\d[^`]*\.pdf)`", text)
    for name in names:
        (tmp_path / name).write_bytes(b"%PDF-1.7\n%%EOF\n")
    assert list(controler(tmp_path)) == []


def test_every_make_target_that_the_readme_names_exists() -> None:
    """``make X`` in the README is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = set(re.findall(r"make ([a-z]+)`", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert named
    assert named <= targets

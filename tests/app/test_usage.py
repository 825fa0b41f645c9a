"""A command line that cannot be read is answered in French: what is wrong, where, and how to go on."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from app.cli import cli, run
from console.usage import Command, Group, Lazy

ENGLISH = re.compile(
    r"\b(error|usage error|missing|invalid|no such|did you mean|try|unexpected|requires|does not|is not|value for)\b",
    re.IGNORECASE,
)


def answer(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int | str | None, list[str]]:
    """The exit code and the lines that ``constat`` writes on standard error; it writes nothing on standard output."""
    monkeypatch.setattr("sys.argv", ["constat", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    told = capsys.readouterr()
    assert told.out == ""
    return ended.value.code, told.err.splitlines()


@pytest.mark.parametrize(
    ("arguments", "fault", "command"),
    [
        ([], "il manque une commande ; les commandes sont access-export, account, as-of", None),
        (["--demo"], "il manque une commande ; les commandes sont access-export, account, as-of", None),
        (["histori", "x"], "la commande « histori » n'existe pas ; vouliez-vous dire history ?", None),
        (["zzz"], "la commande « zzz » n'existe pas ; les commandes sont access-export, account, as-of", None),
        (["--dem", "verify"], "l'option --dem n'existe pas ; vouliez-vous dire --demo ?", None),
        (["--demo=oui", "verify"], "l'option --demo ne prend pas de valeur", None),
        (["-z"], "l'option -z n'existe pas", None),
        (["history"], "il manque l'argument PERSON", "history"),
        (["import"], "il manque l'argument FILE", "import"),
        (["history", "a", "b"], "un argument en trop : « b »", "history"),
        (["history", "a", "b", "c"], "des arguments en trop : « b », « c »", "history"),
        (["verify", "tout"], "l'argument FILE ne convient pas : le fichier « tout » n'existe pas", "verify"),
        (["verify", ".", "tout"], "l'argument FILE ne convient pas : « . » n'est pas un fichier", "verify"),
        (["follow", "tout"], "un argument en trop : « tout »", "follow"),
        (["history", "a", "--jsn"], "l'option --jsn n'existe pas ; vouliez-vous dire --json ?", "history"),
        (["history", "a", "--zzz"], "l'option --zzz n'existe pas", "history"),
        (["history", "a", "-x"], "l'option -x n'existe pas", "history"),
        (["history", "a", "--known-on"], "l'option --known-on attend une valeur", "history"),
        (["as-of", "a", "--against"], "l'option --against attend une valeur", "as-of"),
        (["history", "a", "--json=oui"], "l'option --json ne prend pas de valeur", "history"),
        (["history", "--help=oui"], "l'option --help ne prend pas de valeur", "history"),
        (["history", "a\udcff"], "l'argument PERSON ne convient pas : ce n'est pas un texte en UTF-8", "history"),
        (
            ["history", "a", "--known-on", "hier"],
            "l'option --known-on ne convient pas : date illisible : 'hier' (attendu AAAA-MM-JJ, AAAA-MM, AAAA ou deux dates séparées par /) ; un instant s'écrit 2025-07-01T08:14:00Z",
            "history",
        ),
        (
            ["coverage", "a", "--true-on", "2025-02-30"],
            "l'option --true-on ne convient pas : « 2025-02-30 » n'est pas un jour (attendu : AAAA-MM-JJ)",
            "coverage",
        ),
        *(
            (
                ["coverage", "a", "--true-on", day],
                f"l'option --true-on ne convient pas : « {day} » n'est pas un jour (attendu : AAAA-MM-JJ)",
                "coverage",
            )
            for day in ("20260101", "2026-W01-1", "2026-1-01", "")
        ),
        *(
            (
                ["coverage", "a", "--true-on", day],
                f"l'option --true-on ne convient pas : « {day} » est hors du calendrier du registre (1900-01-01 à",
                "coverage",
            )
            for day in ("0001-01-01", "9999-12-31")
        ),
        (
            ["export", "history", "a", "--output", "/dev/null"],
            "l'option --output ne convient pas : « /dev/null » n'est pas un fichier ordinaire : donnez un autre nom",
            "export history",
        ),
        (["export", "lint", ""], "l'argument FOLDER ne convient pas : le nom est vide", "export lint"),
        (
            ["export", "history", "a", "--output", ""],
            "l'option --output ne convient pas : le nom est vide",
            "export history",
        ),
        (
            ["export", "bundle", "a", "--output", ""],
            "l'option --output ne convient pas : le nom est vide",
            "export bundle",
        ),
        *(
            (
                ["export", "bundle", "a", "--output", "b.zip", option, words],
                f"l'option {option} ne convient pas : attendu : de 1 à",
                "export bundle",
            )
            for option in ("--recipient", "--reference")
            for words in ("", " ", "x" * 501)
        ),
        *(
            (
                ["export", "tribunal", "a", "--procedure", "l521-1", "--check", "--case", words],
                "l'option --case ne convient pas : attendu : de 1 à 300 signes",
                "export tribunal",
            )
            for words in ("", "x" * 301)
        ),
        (["export", "key", "trop"], "un argument en trop : « trop »", "export key"),
        (["export", "list", "a", "b", "c"], "des arguments en trop : « b », « c »", "export list"),
        (
            ["export", "stats", ".", "--output", "/dev/null"],
            "l'option --output ne convient pas : « /dev/null » est là et n'est pas un fichier",
            "export stats",
        ),
        (
            ["rebuild", "droits"],
            "l'argument PROJECTION ne convient pas : « droits » n'est pas un choix possible (attendu : etat, couverture, interruptions, remises, attaches, recherches, all)",
            "rebuild",
        ),
        (
            ["import", "/nulle/part"],
            "l'argument FILE ne convient pas : le fichier « /nulle/part » n'existe pas",
            "import",
        ),
        (["import", "/"], "l'argument FILE ne convient pas : « / » n'est pas un fichier", "import"),
        (["import", "/dev/null"], "l'argument FILE ne convient pas : « /dev/null » n'est pas un fichier", "import"),
        (
            ["import", __file__, "--documents", "/nulle/part"],
            "l'option --documents ne convient pas : le dossier « /nulle/part » n'existe pas",
            "import",
        ),
        (
            ["import", __file__, "--documents", __file__],
            f"l'option --documents ne convient pas : « {__file__} » n'est pas un dossier",
            "import",
        ),
    ],
    ids=lambda value: " ".join(value).encode(errors="replace").decode() if isinstance(value, list) else "",
)
def test_a_usage_error_is_told_in_french(
    arguments: list[str],
    fault: str,
    command: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 2, the fault with its remedy, then the usage of the command concerned and how to get its help."""
    code, [told, usage, help_] = answer(arguments, monkeypatch, capsys)
    path = f"constat {command}" if command else "constat"
    assert code == 2
    assert told.startswith(f"constat : {fault}")
    assert usage.startswith(f"usage : {path} [OPTIONS]")
    assert help_ == f"aide (en anglais) : {path} --help"
    assert not ENGLISH.search(told)


def every(group: click.Group) -> Iterator[click.Command]:
    """The commands of ``group`` and of its groups."""
    for named in group.commands.values():
        each = named.load() if isinstance(named, Lazy) else named
        yield each
        if isinstance(each, click.Group):
            yield from every(each)


def test_every_command_says_its_faults_in_french() -> None:
    """What is too much is said by us: click's own words are English."""
    assert [each.name for each in every(cli) if not isinstance(each, Command | Group)] == []


def test_a_file_closed_to_us_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is there and may not be read is named with that."""
    path = tmp_path / "faits.jsonl"
    path.touch()
    monkeypatch.setattr("os.access", lambda *_: False)
    code, told = answer(["import", str(path)], monkeypatch, capsys)
    assert code == 2
    assert f"le fichier « {path} » ne vous est pas ouvert en lecture" in told[0]


def test_what_was_typed_is_shown_and_never_obeyed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A control character typed in a name reaches the terminal as text."""
    code, told = answer(["\x1b[31mrouge"], monkeypatch, capsys)
    assert code == 2
    assert "« \\x1b[31mrouge »" in told[0]


@pytest.mark.parametrize("command", [None, *cli.commands])
def test_help_stays_in_english(
    command: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--help`` of every command is click's own, on standard output, and no error."""
    monkeypatch.setattr("sys.argv", ["constat", *([command] if command else []), "--help"])
    run()
    assert capsys.readouterr().out.startswith(f"Usage: constat {command or '[OPTIONS] COMMAND'}")


def test_every_type_of_value_speaks_french() -> None:
    """No option and no argument has a type whose refusals click words itself."""
    read = [each.load() if isinstance(each, Lazy) else each for each in cli.commands.values()]
    params = [param for command in (cli, *read) for param in command.params]
    worded_by_click = {
        type(param.type).__name__ for param in params if type(param.type).__module__.startswith("click.")
    }
    assert worded_by_click <= {type(click.STRING).__name__, type(click.BOOL).__name__}

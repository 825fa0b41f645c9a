"""The demonstration, as a stranger runs it: on an embedded server of its own, in a home that does not exist yet."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from tests import forked

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def home(workplace: Path) -> Path:
    """A short folder that an unprivileged server user can reach, not yet there."""
    return workplace / "maison"


def constat(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command without any configured server."""
    environment = {n: v for n, v in os.environ.items() if not n.startswith("PG") and n != "DATABASE_URL"}
    return forked.constat(arguments, env={**environment, "CONSTAT_HOME": str(home), "COLUMNS": "160"}, timeout=300)


@pytest.fixture(scope="module")
def told(home: Path) -> str:
    """What the first demonstration prints."""
    done = constat(home, "demo")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_demonstration_shows_the_interruption_of_sayed(told: str) -> None:
    """Sayed's 98 days without a document stand in the table and in his own section."""
    assert "2024-03-18 → 2024-06-23 : 98 jours" in told
    assert "sayed-exemple" in told
    assert "registre intact" in told


def test_piped_it_ends_and_says_how_the_site_is_opened(told: str) -> None:
    """As in a pipeline: nothing is served unless the output is a terminal, or ``--serve`` asks for it."""
    assert told.rstrip().endswith(".venv/bin/constat --demo serve")


def test_a_late_fact_changes_the_answer_and_the_old_answer_stays(told: str) -> None:
    """The late receipt shortens the interruption, and both answers are shown."""
    section = told.split("4. Un fait arrive en retard")[1]
    before, after = section.split("après :")
    assert "42 jours" in before.split("avant :")[1]
    assert "35 jours" in after


def test_played_again_it_adds_nothing_and_says_the_same(home: Path, told: str) -> None:
    """The second run records no fact and shows the same table."""
    again = constat(home, "demo")
    assert again.returncode == 0, again.stderr
    assert not re.search(r"jsonl : [1-9]\d* faits? enregistrés?", again.stdout)
    section = re.compile(r"2\. Les interruptions.*?3\. Une vie", re.DOTALL)
    first, second = section.search(told), section.search(again.stdout)
    assert first is not None
    assert second is not None
    assert first.group() == second.group()


def test_every_command_that_the_demonstration_names_works(home: Path, told: str) -> None:
    """What « où regarder ensuite » proposes can be typed as it stands."""
    proposed = re.findall(r"\.venv/bin/constat (.+)", told.split("Où regarder ensuite")[1])
    assert len(proposed) >= 3
    for line in proposed:
        if line == "--demo serve":
            continue  # it runs until it is stopped: the next test
        done = constat(home, *line.split(" > ")[0].split())
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_the_site_is_opened_with_an_account_for_each_role(home: Path, told: str) -> None:
    """The accounts and the address are printed; one comes in with what is printed; Ctrl-C ends all of it."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port = tried.getsockname()[1]
    command = [sys.executable, "-m", "app.cli", "--demo", "serve", "--port", str(port)]
    environment = {n: v for n, v in os.environ.items() if not n.startswith("PG") and n != "DATABASE_URL"}
    environment |= {"CONSTAT_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = ""
        while f"http://127.0.0.1:{port}/" not in printed:
            line = process.stdout.readline()
            assert line, printed
            printed += line
        accounts = dict(re.findall(r"^  (\w+) +(\S{16}) ", printed, flags=re.MULTILINE))
        assert accounts.keys() >= {"usager", "avocat", "agent", "defenseur", "administrateur"}
        assert enter(f"http://127.0.0.1:{port}", "usager", accounts["usager"]) == "/compte/"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0


def enter(site: str, account: str, password: str) -> str:
    """Log in as a browser does; where one arrives."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    for _ in range(600):
        try:
            page = browser.open(f"{site}/connexion/?next=/compte/").read().decode()
            break
        except urllib.error.URLError:
            time.sleep(0.1)
    [token] = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    form = {"csrfmiddlewaretoken": token, "username": account, "password": password, "next": "/compte/"}
    asked = urllib.request.Request(f"{site}/connexion/", urllib.parse.urlencode(form).encode())  # noqa: S310 - of this machine
    return urllib.parse.urlsplit(browser.open(asked).url).path


def test_the_readme_shows_what_the_demonstration_prints(told: str) -> None:
    """Every line of the README's excerpt is a line of the demonstration."""
    [excerpt] = re.findall(r"```text\n(.+?)\n```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    printed = {line.strip() for line in told.splitlines()}
    for line in excerpt.splitlines():
        assert line == "…" or line.strip() in printed, line

"""The commands of the site: a real server of workers, the demonstration, and accounts without a password in sight."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.error import HTTPError, URLError

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.sql import SQL, Identifier
from setuptools import find_packages

from app import cli
from app.settings import Settings
from console import usage
from ledger.errors import ConstatError
from tests import forked
from tests.conftest import on
from tests.web.conftest import Site
from tests.web.coupure import coupee
from web import commandes, commandes_comptes
from web.comptes.models import Compte
from web.serveur import FILS

ROOT = Path(__file__).parents[2]
LIMITE = 90
MOT = "une phrase assez longue, 2026"


@pytest.fixture
def site(served: Site) -> Site:
    """The site; nothing here is written in the ledger, so it is not walked after each test."""
    return served


@pytest.fixture
def environnement(server_conninfo: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A home and a database of this module's own, on the server of the tests."""
    name = f"constat_cmd_{os.getpid()}"
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("PG", "CONSTAT")) and n != "DATABASE_URL"}
    with psycopg.connect(server_conninfo, autocommit=True) as conn:
        conn.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    yield {
        **kept,
        "CONSTAT_HOME": str(tmp_path),
        "DATABASE_URL": on(server_conninfo, name),
        "COLUMNS": "160",
    }
    with psycopg.connect(server_conninfo, autocommit=True) as conn:
        conn.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def port() -> int:
    """One that is free."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def lire(url: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """What a server answers."""
    try:
        asked = urllib.request.Request(url, headers=headers)  # noqa: S310 - of this machine
        with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310 - as above
            return answer.status, dict(answer.headers), answer.read().decode()
    except HTTPError as error:
        return error.code, dict(error.headers), error.read().decode()


def attendre(url: str, process: "subprocess.Popen[str]") -> None:
    """Until it lives."""
    deadline = time.monotonic() + LIMITE
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        try:
            if lire(url)[0] == 200:
                return
        except URLError:
            time.sleep(0.1)
    raise AssertionError(url)


def lents_sont_contenus(here: int, behind: dict[str, str]) -> None:
    """Clients that send a body for ever, more than there are threads, stop neither a page nor, once gone, a form."""
    base = f"http://127.0.0.1:{here}"
    cookie = re.findall(r"csrftoken=(\w+)", lire(f"{base}/verifier/", **behind)[1]["set-cookie"])[0]
    headers = {
        **behind,
        "Cookie": f"csrftoken={cookie}",
        "Content-Length": "99999",
        "Origin": "https://constat.example",
    }
    headers |= {"Content-Type": "application/x-www-form-urlencoded"}
    begun = "".join(
        ["POST /verifier/ HTTP/1.1\r\n", *(f"{name}: {said}\r\n" for name, said in headers.items()), "\r\na="]
    )
    with ExitStack() as stack:
        lents = [stack.enter_context(socket.create_connection(("127.0.0.1", here))) for _ in range(12)]
        for each in lents:
            each.sendall(begun.encode())
        time.sleep(1)
        assert [lire(f"{base}/aide/", **behind)[0] for _ in range(8)] == [200] * 8
        refused = [each.recv(4096).decode() for each in _arrives(lents)]
        assert len(refused) == 12 - (FILS - 1)
        for told in refused:
            assert told.startswith("HTTP/1.1 503")
            assert "retry-after: 10" in told.lower()
    form = {**headers, "Content-Length": "2", "X-CSRFToken": cookie}
    deadline = time.monotonic() + LIMITE
    while (status := envoyer(f"{base}/verifier/", form)) == 503 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert status == 422


def _arrives(several: list[socket.socket]) -> list[socket.socket]:
    return select.select(several, [], [], 5)[0]


def envoyer(url: str, headers: dict[str, str]) -> int:
    """The status of a form of two bytes."""
    try:
        asked = urllib.request.Request(url, b"a=", headers)  # noqa: S310 - of this machine
        with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310 - as above
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_workers_answer_behind_a_proxy_and_stop_when_they_are_told(
    environnement: dict[str, str], server_conninfo: str
) -> None:
    """Pages, static files, health; whose word is taken; logs without addresses; the port given back, no process left.

    A database that is lost meanwhile is told to be away, and is there again without anybody starting anything.
    """
    here = port()
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(here), "--workers", "1"]
    given = {**environnement, "CONSTAT_WEB_PROXY": "127.0.0.1", "CONSTAT_WEB_HOSTS": "constat.example"}
    with subprocess.Popen(
        command, cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        base = f"http://127.0.0.1:{here}"
        attendre(f"{base}/sante", process)
        behind = {"Host": "constat.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        assert lire(f"{base}/pret")[2] == "prêt\n"
        status, headers, page = lire(f"{base}/connexion/", **behind)
        assert status == 200
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "Connexion" in page
        for name in re.findall(r'(?:href|src)="(/statique/[^"]+)"', page):
            assert lire(base + name, **behind)[0] == 200, name
        assert lire(f"{base}/connexion/", **{**behind, "Host": "ailleurs.example"})[0] == 400
        assert lire(f"{base}/dossiers/{'a' * 32}/", **behind)[0] == 200  # the way to log in
        assert lire(f"{base}/api/v1/compte", **behind)[0] == 401
        known = {**behind, "Cookie": f"sessionid={'a' * 32}"}
        with coupee(server_conninfo, environnement["DATABASE_URL"]):
            status, headers, page = lire(f"{base}/connexion/", **known)
            assert (status, headers["retry-after"]) == (503, "10")
            assert "ne répond pas" in page
            assert lire(f"{base}/pret")[0] == 503
            assert lire(f"{base}/aide/", **behind)[0] == lire(f"{base}/sante")[0] == 200
        assert lire(f"{base}/connexion/", **known)[0] == 200
        assert lire(f"{base}/pret")[0] == 200
        lents_sont_contenus(here, behind)
        with pytest.raises(OSError, match="127"):
            commandes.ouvrir_site(
                Settings.read({"CONSTAT_WEB_HTTP": "1"}), ("127.0.0.1", here), 1,
                avant=print, annonce=print, bavard=False,
            )  # fmt: skip
        process.send_signal(signal.SIGTERM)
        told, logged = process.communicate(timeout=LIMITE)
    assert process.returncode == 0, logged
    assert f"http://127.0.0.1:{here}/" in told
    lines = [json.loads(line) for line in logged.splitlines()]
    assert {"connexion", "api-v1:lire_compte"} <= {line.get("page") for line in lines}
    assert "a" * 32 not in logged
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tried.bind(("127.0.0.1", here))


def test_a_service_without_tls_or_proxy_is_refused_with_what_to_set(environnement: dict[str, str]) -> None:
    """Before anything is opened."""
    done = forked.constat(["serve"], env=environnement)
    assert done.returncode == 1
    assert "CONSTAT_WEB_PROXY" in done.stderr
    wrong = forked.constat(["serve", "--host", "partout"], env=environnement)
    assert wrong.returncode == 2
    assert "n'est pas une adresse" in wrong.stderr


def test_accounts_are_made_listed_and_closed_without_telling_a_secret(site: Site) -> None:
    """A password is shown once, when it was made here; invitations once; the list tells none."""

    def constat(*arguments: str, typed: str = "") -> str:
        done = CliRunner().invoke(commandes_comptes.account, arguments, obj=site.registre.settings, input=typed)
        assert done.exit_code == 0, done.exception
        return done.output

    def refused(*arguments: str, typed: str = "") -> str:
        done = CliRunner().invoke(commandes_comptes.account, arguments, obj=site.registre.settings, input=typed)
        assert isinstance(done.exception, ConstatError), done.output
        return str(done.exception)

    agent = ("--role", "agent", "--service", "Préfecture A", "--prefecture", "Préfecture A")
    made = constat("add", "agent-1", *agent, "--generate")
    [secret] = re.findall(r"cette seule fois : (\S{20})$", made, flags=re.MULTILINE)
    invited = constat("add", "ddd-1", "--role", "ddd", "--service", "Défenseur des droits", "--proconnect")
    [code] = re.findall(r"(?:[a-z0-9]{4}-){3}[a-z0-9]{4}", invited)
    typed = f"{MOT}\n{MOT}\n"
    assert MOT not in constat("add", "tape-1", *agent, typed=typed)
    listed = constat("list") + constat("list", "--json")
    assert not any(each in listed for each in (secret, code, MOT))
    told = {each["identifiant"]: each for each in json.loads(constat("list", "--json"))}
    assert told["agent-1"]["entree"] == "par mot de passe"
    assert told["ddd-1"]["entree"] == "invité à ProConnect"
    assert re.search(r"cette seule fois : \S{20}", constat("password", "agent-1", "--generate"))
    assert "second facteur oublié" in constat("factor", "agent-1")
    assert code not in constat("invite", "ddd-1")
    assert "compte fermé" in constat("close", "agent-1")
    assert "déjà" in refused("add", "agent-1", *agent, "--generate")
    assert "aucun compte" in refused("close", "personne")
    assert "trop court" in refused("add", "faible", *agent, typed="bref\nbref\n")
    person = ("--role", "usager", "--service", "S", "--person", "inconnue")
    assert "aucune entrée" in refused("add", "u", *person, "--generate")
    assert "fermé" in refused("invite", "agent-1")
    Compte.objects.filter(identifiant__in=["agent-1", "ddd-1", "tape-1"]).delete()


def test_no_command_takes_a_password_as_an_argument() -> None:
    """It would stay in the shell's history and in the list of processes."""
    for command in commandes_comptes.account.commands.values():
        for param in command.params:
            assert param.name not in {"password", "secret", "mot_de_passe"}


def test_a_command_of_the_layer_above_is_read_when_it_is_asked_for() -> None:
    """Listed with its help, found under its name; its types speak French."""
    for each in cli.SITE:
        found = each.load()
        assert found.name == each.name
        assert isinstance(cli.cli.commands[str(each.name)], usage.Lazy)
        assert each.help is not None
        assert (found.help or "").startswith(each.help.split(",")[0].rstrip("."))


def test_every_file_that_pages_need_is_in_what_is_installed() -> None:
    """Templates, styles, scripts: from a wheel as from here."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    packages = set(find_packages(str(ROOT), include=told["packages"]["find"]["include"]))
    folders = {path.parent.relative_to(ROOT) for path in (ROOT / "web").rglob("*.py")}
    assert {".".join(each.parts) for each in folders} <= packages
    shipped = {path for glob in told["package-data"]["web"] for path in (ROOT / "web").glob(glob)}
    needed = {path for path in (ROOT / "web").rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}}
    assert needed <= shipped

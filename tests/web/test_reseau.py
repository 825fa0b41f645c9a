"""Who asks, behind a proxy: only a declared one is believed; and what is logged names nobody and no dossier."""

import io
import json
import logging
from contextlib import AbstractContextManager, redirect_stderr
from dataclasses import replace
from ipaddress import ip_network

import psycopg
import pytest
from django.core.checks import run_checks
from django.test import Client, override_settings
from hypothesis import given
from hypothesis import strategies as st

from app.settings import Settings, SettingsError, Web
from console import logs
from tests.web.conftest import HERE, Site
from web import journal
from web.acces import Role
from web.registre import Registre, servir
from web.reglages import reglages
from web.reseau import client
from web.serveur import ServiceError, convenir

PROXIES = (ip_network("10.0.0.0/24"), ip_network("127.0.0.1"), ip_network("::1"))


@pytest.fixture
def site(served: Site) -> Site:
    """The site; nothing here is written in the ledger, so it is not walked after each test."""
    return served


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("", "10.0.0.1"),
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.7, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("n'importe quoi", "10.0.0.1"),
        ("203.0.113.9, <script>", "10.0.0.1"),
        ("2001:db8::5", "2001:db8::5"),
        ("127.0.0.1, 203.0.113.9", "203.0.113.9"),
    ],
)
def test_the_address_is_the_first_that_no_proxy_has_from_the_end(told: str, expected: str) -> None:
    """What stands before it was written by whoever asked."""
    assert client("10.0.0.1", told, PROXIES) == expected


@given(st.text(max_size=60), st.ip_addresses(v=4).map(str))
def test_nothing_that_is_sent_changes_who_the_proxy_saw(sent: str, seen: str) -> None:
    """Whatever header comes in, the address that the proxy adds is the one that is taken."""
    if not any(ip_network(seen)[0] in network for network in PROXIES):
        assert client("10.0.0.1", f"{sent},{seen}", PROXIES) == seen


def servi(site: Site, web: Web) -> AbstractContextManager[Registre]:
    """Serve with other settings for a while."""
    return servir(replace(site.registre.settings, web=web), site.registre.exploitant)


def test_lockout_follows_the_proxys_word_and_nobody_elses(site: Site) -> None:
    """Behind a declared proxy each client has its own attempts; without one, a header changes nothing."""

    def essais(remote: str, *forwarded: str) -> list[int]:
        return [
            Client()
            .post(
                "/connexion/",
                {"username": f"personne-{remote}", "password": "faux"},
                REMOTE_ADDR=remote,
                headers={"X-Forwarded-For": each},
            )
            .status_code
            for each in forwarded
        ]

    five = ["203.0.113.1"] * 5
    with servi(site, replace(HERE, proxies=PROXIES)):
        assert essais("10.0.0.1", *five, "203.0.113.1", "203.0.113.2")[-2:] == [429, 200]
    turning = [f"203.0.113.{each}" for each in range(6)]
    assert essais("192.0.2.50", *turning)[-1] == 429


def test_a_scheme_is_believed_of_a_declared_proxy_only(site: Site) -> None:
    """Who writes ``X-Forwarded-Proto: https`` himself is sent to TLS all the same."""
    production = replace(HERE, https=True, proxies=PROXIES)
    with servi(site, production), override_settings(**_production()):
        for remote, status in (("10.0.0.1", 200), ("192.0.2.1", 301)):
            answer = Client().get("/", REMOTE_ADDR=remote, headers={"X-Forwarded-Proto": "https"})
            assert answer.status_code == status, remote
        cookie = Client().get("/connexion/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-Proto": "https"})
        assert "max-age=31536000" in cookie["Strict-Transport-Security"]
        assert cookie.cookies["csrftoken"]["secure"]


def _production() -> dict[str, object]:
    """What a deployment sets."""
    web = replace(HERE, https=True, demo=False, hosts=("testserver", "constat.example"))
    made = reglages(web, {}, "s" * 20 + "0123456789abcdefghijklmnopqrstuvwxyzABCDEF")
    return {
        name: value for name, value in made.items() if name.startswith(("SECURE", "SESSION", "CSRF", "SECRET", "X_"))
    }


def test_django_finds_nothing_to_say_of_a_deployment(site: Site) -> None:
    """``check --deploy``, under the settings of production: no warning."""
    with override_settings(**_production()):
        assert run_checks(include_deployment_checks=True) == []


@pytest.mark.parametrize(
    ("environment", "host", "fine"),
    [
        ({}, "127.0.0.1", False),
        ({"CONSTAT_WEB_PROXY": "127.0.0.1"}, "0.0.0.0", True),  # noqa: S104 - behind its proxy
        ({"CONSTAT_WEB_HTTP": "1"}, "127.0.0.1", True),
        ({"CONSTAT_WEB_HTTP": "1"}, "::1", True),
        ({"CONSTAT_WEB_HTTP": "1"}, "0.0.0.0", False),  # noqa: S104 - refused
        ({"CONSTAT_WEB_HTTP": "1"}, "192.0.2.1", False),
    ],
)
def test_passwords_never_cross_a_network_in_clear(environment: dict[str, str], host: str, fine: bool) -> None:
    """Without TLS, this machine only; with it, a proxy that adds it."""
    settings = Settings.read(environment)
    if fine:
        convenir(settings, host)
    else:
        with pytest.raises(ServiceError):
            convenir(settings, host)


@pytest.mark.parametrize("wrong", ["partout", "10.0.0.0/33", "10.0.0.1/24"])
def test_a_proxy_that_is_no_address_is_refused(wrong: str) -> None:
    """Never taken for none."""
    with pytest.raises(SettingsError):
        Settings.read({"CONSTAT_WEB_PROXY": wrong})


# --------------------------------------------------------------------------- health


def test_health_is_answered_to_whoever_asks_in_whatever_name(site: Site) -> None:
    """No host, no TLS, no session; not ready when the ledger does not answer; nothing else is told."""
    with override_settings(ALLOWED_HOSTS=["constat.example"], SECURE_SSL_REDIRECT=True):
        for path, text in (("/sante", "vivant\n"), ("/pret", "prêt\n")):
            answer = Client().get(path, headers={"Host": "10.0.0.7"})
            assert (answer.status_code, answer.content.decode()) == (200, text)
            assert not answer.cookies
    served = site.registre
    away = replace(served.opened.ledger.database, conninfo="host=127.0.0.1 port=9 dbname=x")
    ledger = served.opened.ledger
    kept, ledger.database = ledger.database, away
    try:
        answer = Client().get("/pret")
    finally:
        ledger.database = kept
    assert (answer.status_code, answer.content.decode()) == (503, "pas prêt\n")
    assert Client().get("/sante").status_code == 200


# --------------------------------------------------------------------------- logs


def ecrit(site: Site, *actions: object) -> list[dict[str, object]]:
    """The lines that are logged while these are done."""
    told = io.StringIO()
    root = logging.getLogger()
    kept = root.handlers, root.level
    with redirect_stderr(told):
        logs.configure(verbose=True)
        journal.configurer()
        try:
            for each in actions:
                each()  # type: ignore[operator] # calls
        finally:
            root.handlers, root.level = kept
    return [json.loads(line) for line in told.getvalue().splitlines()]


def test_an_answer_is_one_line_without_its_address(site: Site) -> None:
    """Number, page, status, duration; no path, no dossier, no name, no filter. The answer carries the number."""
    client_ = site.visiteur(Role.AGENT)
    answers: list[object] = []
    path = f"/dossiers/{site.sujet()}/?texte=secret"
    [line] = ecrit(site, lambda: answers.append(client_.get(path)))
    assert line.keys() == {"event", "level", "timestamp", "request", "method", "page", "status", "ms"}
    assert (line["page"], line["status"], line["method"]) == ("chronologie", 200, "GET")
    assert line["request"] == answers[0]["X-Request-Id"]  # type: ignore[index] # an answer


def test_what_libraries_say_of_a_request_is_not_passed_on(site: Site) -> None:
    """Not found, a name that is not ours, a locked account, a failure: none of it names what was asked or who."""
    visitor = site.visiteur(Role.USAGER)
    path = "/dossiers/" + "a" * 32 + "/"

    def lever() -> None:
        try:
            msg = "valeur (sayed-exemple) déjà là"
            raise psycopg.errors.UniqueViolation(msg)
        except psycopg.Error:
            logging.getLogger("django.request").exception("Internal Server Error: %s", path)

    lines = ecrit(
        site,
        lambda: visitor.get(path),
        lambda: Client().get(path, headers={"Host": "secret.example"}),
        lambda: [Client().post("/connexion/", {"username": "secret", "password": "x"}) for _ in range(7)],
        lambda: logging.getLogger("axes").warning("tentative de secret"),
        lambda: logging.getLogger("django.security").error("Invalid HTTP_HOST header: %r.", "secret.example"),
        lambda: logging.getLogger("_granian").warning("Stopped worker-1"),
        lever,
    )
    text = json.dumps(lines)
    assert "secret" not in text
    assert "a" * 32 not in text
    assert "sayed" not in text
    [failed] = [each for each in lines if each.get("failure") == "UniqueViolation"]
    assert failed["template"] == "Internal Server Error: %s"
    assert "test_reseau.py" in str(failed["where"])
    assert any(each.get("message") == "Stopped worker-1" for each in lines)

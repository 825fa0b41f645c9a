"""How often one may ask: a token of the API, a stranger's address on the forms; what is answered beyond."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection
from django.test import Client

from app.settings import Settings, SettingsError
from tests.web.conftest import Site
from tests.web.programme import demander, jeton, lu
from web.acces import Role
from web.api.problemes import TYPE
from web.debit import MINUTE, prendre, reseau
from web.registre import servir

T0 = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture
def site(served: Site) -> Site:
    """The site; nothing here is written in the ledger, so it is not walked after each test."""
    return served


@contextmanager
def bornes(site: Site, jeton: int | None = None, adresse: int | None = None) -> Iterator[None]:
    """The site, with these bounds."""
    settings = site.registre.settings
    web = replace(settings.web, debit_jeton=jeton, debit_adresse=adresse)
    with servir(replace(settings, web=web), site.registre.exploitant):
        yield


def test_a_bucket_gives_what_it_holds_then_one_at_its_pace(site: Site) -> None:
    """As many at once as a minute allows; then one each sixtieth; full again after a minute; each its own."""
    assert [prendre("essai", "a", 6, T0).reste for _ in range(6)] == [5, 4, 3, 2, 1, 0]
    refused = prendre("essai", "a", 6, T0)
    assert (refused.accepte, refused.attendre, refused.entetes["Retry-After"]) == (False, 10, "10")
    assert prendre("essai", "b", 6, T0).accepte
    assert not prendre("essai", "a", 6, T0 + timedelta(seconds=9)).accepte
    assert prendre("essai", "a", 6, T0 + timedelta(seconds=10)).accepte
    assert not prendre("essai", "a", 6, T0 + timedelta(seconds=10)).accepte
    assert prendre("essai", "a", 6, T0 + 3 * MINUTE).reste == 5
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM seau WHERE position(%s in cle) > 0", [b"essai"])
        assert cursor.fetchone() == (0,)


def test_many_at_once_get_no_more_than_there_is(site: Site) -> None:
    """Twenty requests of four threads on one bucket of five: five pass."""
    passed: list[bool] = []

    def ask() -> None:
        passed.extend(prendre("essai", "ensemble", 5, T0).accepte for _ in range(5))
        connection.close()

    threads = [Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (len(passed), sum(passed)) == (20, 5)


def test_a_token_that_asks_too_often_is_told_when_to_come_back(site: Site) -> None:
    """A problem that programs read, with the pace in the headers; another token is not concerned."""
    with bornes(site, jeton=10):
        headers = jeton(site, Role.USAGER)
        answers = [demander("/compte", headers) for _ in range(11)]
        assert [each.status_code for each in answers] == [200] * 10 + [429]
        assert answers[0]["RateLimit-Policy"] == '"jeton";q=10;w=60'
        assert answers[0]["RateLimit"].startswith('"jeton";r=9;t=')
        refused = answers[-1]
        assert (refused["Content-Type"], lu(refused)["code"]) == (TYPE, "debit_depasse")
        assert 1 <= int(refused["Retry-After"]) <= 6
        assert demander("/compte", jeton(site, Role.USAGER)).status_code == 200
        client = site.visiteur(Role.USAGER)
        assert client.get("/api/v1/compte")["RateLimit-Policy"].startswith('"compte"')
    assert "RateLimit" not in demander("/compte", headers)


@pytest.mark.parametrize("page", ["/connexion/", "/verifier/"])
def test_a_stranger_who_sends_a_form_too_often_is_told_so_on_a_page(site: Site, page: str) -> None:
    """By address; what is only looked at is not counted; neither is another address."""
    with bornes(site, adresse=5):
        client = Client(REMOTE_ADDR=f"198.51.100.{len(page)}")
        assert {client.get(page).status_code for _ in range(8)} == {200}
        answers = [client.post(page, {}) for _ in range(6)]
        assert [each.status_code for each in answers[-2:]][-1] == 429
        assert 429 not in {each.status_code for each in answers[:-1]}
        assert "Trop de demandes en peu de temps" in answers[-1].content.decode()
        assert int(answers[-1]["Retry-After"]) >= 1
        assert Client(REMOTE_ADDR="203.0.113.9").post(page, {}).status_code != 429


def test_a_subscriber_of_ipv6_is_one_network() -> None:
    """Who is given a /64 cannot change address at each request."""
    assert reseau("2001:db8:1:2::1") == reseau("2001:db8:1:2:ffff::9") != reseau("2001:db8:1:3::1")
    assert reseau("192.0.2.1") != reseau("192.0.2.2")


@pytest.mark.parametrize("given", ["0", "9", "60001", "-1", "1e3", "beaucoup"])
def test_a_bound_that_is_none_is_refused(given: str) -> None:
    """With what is expected; the demonstration has none."""
    with pytest.raises(SettingsError, match="de 10 à 60000"):
        Settings.read({"CONSTAT_WEB_RATE": given})
    assert Settings.read({}).web.debit_jeton == 600
    assert Settings.read({"CONSTAT_WEB_RATE": given}, demo=True).web.debit_jeton is None

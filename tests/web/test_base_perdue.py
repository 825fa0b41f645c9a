"""The database lost in the middle: said in French, nothing by half, no look without its trace, back by itself."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from commands.actes import ACTES
from ledger.events.instruction import ComplementDemande
from ledger.reading import PATIENCE as PATIENCE_DES_PAGES
from tests.web.conftest import Site
from tests.web.coupure import coupee, perdre, retrouver
from tests.web.programme import demander, jeton, lu
from tests.web.visiteurs import Visiteur
from web import demo
from web.acces import Role
from web.lecture import Lecteur, sujet_de

PATIENCE = 0.2
"""Seconds that the pools of this test wait for a server that is away."""


@contextmanager
def impatience(site: Site) -> Iterator[None]:
    """Who waits for the database does not wait long, for the time of the block."""
    pools: list[Any] = [connections["default"].pool, site.ledger.writer.datastore.pool]  # type: ignore[attr-defined] # PostgreSQL's
    kept = [(each.timeout, each.reconnect_timeout) for each in pools]
    for each in pools:
        each.timeout, each.reconnect_timeout = PATIENCE, PATIENCE / 2
    try:
        yield
    finally:
        for each, before in zip(pools, kept, strict=True):
            each.timeout, each.reconnect_timeout = before


@pytest.fixture
def base(site: Site, server_conninfo: str) -> tuple[str, str]:
    """The server, and the database that is lost."""
    return server_conninfo, site.ledger.database.conninfo


def perdue_avant(
    monkeypatch: pytest.MonkeyPatch, when: str, base: tuple[str, str], then: Callable[[], None] = lambda: None
) -> None:
    """Lose the database just before the reader of pages does this the next time, once."""
    real = getattr(Lecteur, when)

    def lost(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(Lecteur, when, real)
        perdre(*base)
        then()
        return real(*args, **kwargs)

    monkeypatch.setattr(Lecteur, when, lost)


def regards(site: Site) -> int:
    """How many looks at the person of the demonstration the ledger holds."""
    vie = site.registre.lecteur.vie(sujet_de(site.sujet()) or b"")
    assert vie is not None
    return len(site.consultations(vie))


def acte(site: Site) -> tuple[str, dict[str, str]]:
    """The address and the fields of an act of an agent."""
    fields = {"command_id": str(uuid4()), "objet": "D-C04-1", "etape": "faire", "pieces": "Justificatif de domicile"}
    return f"/dossiers/{site.sujet()}/actes/{ACTES[ComplementDemande].__name__}/", fields


def test_what_is_asked_meanwhile_is_told_so_and_all_is_back_at_once(site: Site, base: tuple[str, str]) -> None:
    """503 in French with a time to come back, on pages, forms and the API; then the first request is answered."""
    her, agent, program = (
        Visiteur(site.visiteur(Role.USAGER)),
        Visiteur(site.visiteur(Role.AGENT)),
        jeton(site, Role.DDD),
    )
    hers, (where, fields) = site.sujet(), acte(site)
    page = f"/dossiers/{hers}/"
    assert her.get(page).status_code == agent.get(where).status_code == 200
    before, facts = regards(site), len(site.ledger.life(demo.PERSONNE))
    with impatience(site), coupee(*base):
        for answer in (her.get(page), agent.post(where, fields), her.get("/compte/")):
            assert (answer.status_code, answer["Retry-After"]) == (503, "10")
            assert "ne répond pas" in answer.content.decode()
            assert demo.PERSONNE not in answer.content.decode()
        told = demander("/dossiers/{sujet}/faits", program, hers)
        assert (told.status_code, told["Retry-After"], lu(told)["code"]) == (503, "10", "indisponible")
        assert her.get("/pret").status_code == 503
        assert her.get("/sante").status_code == 200
    assert her.get(page).status_code == 200
    assert demander("/dossiers/{sujet}/faits", program, hers).status_code == 200
    done = [agent.post(where, fields).status_code for _ in range(2)]
    assert done == [303, 303]
    assert regards(site) == before + 4
    assert len(site.ledger.life(demo.PERSONNE)) == facts + 5  # her four looks and one act, which was sent three times


@pytest.mark.parametrize("when", ["vie", "tracer"])
def test_lost_while_a_page_is_made_no_page_is_shown_without_its_trace(
    site: Site, base: tuple[str, str], monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Before her life is read, or before her trace is written: an answer is a trace, whatever becomes of it."""
    client = Visiteur(site.visiteur(Role.DDD))
    page = f"/dossiers/{site.sujet()}/"
    assert client.get(page).status_code == 200
    before = regards(site)
    back = threading.Timer(0.6, retrouver, base)
    perdue_avant(monkeypatch, when, base, back.start)
    answer = client.get(page)
    back.join()
    assert answer.status_code in {200, 503}
    assert regards(site) == before + (answer.status_code == 200)
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("when", ["vie", "tracer"])
def test_who_asks_is_told_within_seconds_while_the_database_stays_away(
    site: Site, base: tuple[str, str], monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Whenever it is lost: a thread that waits for it answers nobody else. Nothing is shown, nothing is left by half."""
    client = Visiteur(site.visiteur(Role.DDD))
    page = f"/dossiers/{site.sujet()}/"
    assert client.get(page).status_code == 200
    before = regards(site)
    perdue_avant(monkeypatch, when, base)
    begun = time.monotonic()
    try:
        assert client.get(page).status_code == 503
        assert time.monotonic() - begun < 4 * PATIENCE_DES_PAGES
    finally:
        retrouver(*base)
    assert regards(site) == before
    assert client.get(page).status_code == 200

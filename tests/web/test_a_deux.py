"""Two people on one dossier at once: nothing is lost, nothing is there twice, the second is told what happened."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import close_old_connections
from django.test import Client

from commands.actes import ACTES
from ledger.events.base import Event
from ledger.events.cloture import DossierClosParAgent
from ledger.events.correction import FaitConteste
from ledger.events.instruction import ComplementDemande
from replay.verify import verify
from tests.web.conftest import Site
from tests.web.programme import jeton
from tests.web.test_api_actes import AUTRE, acte, deposer
from tests.web.visiteurs import Visiteur
from web import demo
from web.acces import Role

PIECE = {"pieces": "Justificatif de domicile"}


@pytest.fixture(scope="module")
def site(served: Site) -> Iterator[Site]:
    """The site; the ledger is walked from end to end once all of this was done."""
    yield served
    served.ledger.sequence()
    assert verify(served.ledger).intact


def ensemble(*actions: Callable[[], Any]) -> list[Any]:
    """What each answers, all begun at the same moment."""
    start = Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        start.wait(timeout=30)
        try:
            return action()
        finally:
            close_old_connections()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def page(site: Site, event: type[Event]) -> str:
    """Where the form of an act is."""
    return f"/dossiers/{site.sujet()}/actes/{ACTES[event].__name__}/"


def champs(**more: str) -> dict[str, str]:
    """The form of an act, as its page made it."""
    return {"command_id": str(uuid4()), "objet": "D-C04-1", "etape": "faire", **more}


def faits(site: Site, event: type[Event], personne: str = demo.PERSONNE) -> int:
    """How many facts of this kind she has."""
    return sum(isinstance(each.fait.evenement, event) for each in site.ledger.life(personne))


def test_one_form_sent_by_two_windows_at_once_is_one_act(site: Site) -> None:
    """Both are led to the fact."""
    before, fields = faits(site, ComplementDemande), champs(**PIECE)
    visitors = [Visiteur(site.visiteur(role)) for role in (Role.AGENT, Role.AGENT)]
    answers = ensemble(*(lambda who=who: who.post(page(site, ComplementDemande), fields) for who in visitors))
    assert [each.status_code for each in answers] == [303, 303]
    assert len({each["Location"] for each in answers}) == 1
    assert faits(site, ComplementDemande) == before + 1


def test_two_acts_at_once_are_both_there_or_one_is_told_why_not(site: Site) -> None:
    """As many facts as acts that were said to be done; who was refused reads why, in French, and keeps the form."""
    before = faits(site, ComplementDemande)
    visitors = [Visiteur(site.visiteur(role)) for role in (Role.AGENT, Role.SUPERVISEUR) for _ in range(2)]
    where, forms = page(site, ComplementDemande), [champs(**PIECE) for _ in visitors]
    answers = ensemble(
        *(lambda who=who, form=form: who.post(where, form) for who, form in zip(visitors, forms, strict=True))
    )
    done = [each for each in answers if each.status_code == 303]
    assert faits(site, ComplementDemande) == before + len(done)
    for each in answers:
        if each.status_code != 303:
            assert each.status_code == 409
            assert "le dossier a changé" in each.content.decode()
            assert "Justificatif de domicile" in each.content.decode()


def test_who_sends_a_form_of_before_is_told_what_the_dossier_became(site: Site) -> None:
    """An agent asks for a document while another closes the dossier: nothing is written, and the reason is said."""
    one, other = Visiteur(site.visiteur(Role.AGENT)), Visiteur(site.visiteur(Role.SUPERVISEUR))
    assert one.get(page(site, ComplementDemande)).status_code == 200
    closed = other.post(page(site, DossierClosParAgent), champs(motifs_de_fait="Doublon", motif="Doublon"))
    assert closed.status_code == 303
    before = faits(site, ComplementDemande)
    late = one.post(page(site, ComplementDemande), champs(**PIECE))
    assert late.status_code == 200
    assert "clos" in late.content.decode()
    assert "Justificatif de domicile" in late.content.decode()
    assert faits(site, ComplementDemande) == before


def test_a_report_sent_twice_at_once_is_one_report(site: Site) -> None:
    """By the person, from two windows; the text is there once, whole."""
    before = faits(site, FaitConteste)
    fields = {"command_id": str(uuid4()), "fait": "1", "texte": "Ce n'est pas le bon jour."}
    visitors = [Visiteur(site.visiteur(Role.USAGER)) for _ in range(2)]
    where = f"/dossiers/{site.sujet()}/signaler/"
    answers = ensemble(*(lambda who=who: who.post(where, fields) for who in visitors))
    assert [each.status_code for each in answers] == [303, 303]
    assert faits(site, FaitConteste) == before + 1


def test_one_key_sent_by_four_programs_at_once_is_one_act(site: Site) -> None:
    """All are given the same answer; the key with another act is refused."""
    deposer(site, "D-DEUX")
    headers = {**jeton(site, Role.AGENT), "Idempotency-Key": str(uuid4())}
    where = f"/api/v1/dossiers/{site.sujet(AUTRE)}/actes"

    def ask(body: object) -> Any:
        return Client().post(where, json.dumps(body), content_type="application/json", headers=headers)

    answers = ensemble(*[lambda: ask(acte("D-DEUX"))] * 4)
    assert [each.status_code for each in answers] == [201] * 4
    assert len({each.content for each in answers}) == 1
    assert faits(site, ComplementDemande, AUTRE) == 1
    assert ask(acte("D-DEUX", complement="C-2")).status_code == 422


def test_the_same_export_asked_for_twice_at_once_is_made_once(site: Site) -> None:
    """One button pressed twice: one document in the ledger, the same for both."""
    fields = {"quoi": "historique", "envoi": str(uuid4())}
    visitors = [Visiteur(site.visiteur(Role.USAGER)) for _ in range(2)]
    where = f"/dossiers/{site.sujet()}/recus/"
    answers = ensemble(*(lambda who=who: who.post(where, fields) for who in visitors))
    assert [each.status_code for each in answers] == [303, 303]
    [location] = {each["Location"] for each in answers}
    kept = [
        each
        for each in site.ledger.life(demo.PERSONNE)
        if each.fait.evenement.lire_champ("export") == location.split("/")[-2]
    ]
    assert len(kept) == 1

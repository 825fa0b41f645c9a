"""A right that ends, ends at the next request; and what is another's is not reached by a name that one knows of it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ledger.days import Jours, Quand, paris_day
from ledger.entry import Acteur, Fait
from ledger.events.base import Event
from ledger.events.listes import PorteeMandat
from ledger.events.personne import MandatDonne, MandatRevoque
from ledger.events.types import Canal, Grade, NatureActeur, Source
from tests.web.conftest import Site
from tests.web.programme import demander, jeton
from tests.web.test_api_actes import AUTRE, acte
from web import demo
from web.acces import FONDEMENTS, Role
from web.comptes.models import Compte, Jeton, Session
from web.gardes import MOTIFS


@pytest.fixture(scope="module")
def site(walked: Site) -> Site:
    """The site, walked at the end of this file."""
    return walked


@pytest.fixture
def comptes(site: Site) -> Iterator[None]:
    """Accounts are as they were, after the test."""
    kept = list(Compte.objects.all())
    yield
    for each in kept:
        each.save()


def dire(site: Site, event: Event) -> None:
    """A fact of the person of the demonstration."""
    one = Fait(
        id=f"essai-{uuid4()}", personne=demo.PERSONNE, survenu=Quand.le(datetime.now(UTC)),
        acteur=Acteur(nature=NatureActeur.USAGER), canal=Canal.TELESERVICE, source=Source.CONSTAT, grade=Grade.A,
        evenement=event,
    )  # fmt: skip
    site.ledger.append([one])


def mandats(site: Site) -> list[MandatDonne]:
    """Those she gave to the representative, that hold."""
    vie = site.registre.lecteur.vie(bytes.fromhex(site.sujet()))
    assert vie is not None
    return [each for each in vie.attaches.mandats if each.mandataire == demo.MANDATAIRE]


def fermer(site: Site, role: Role) -> None:
    """The account is closed."""
    Compte.objects.filter(role=role.value).update(is_active=False)


def deconnecter(site: Site, role: Role) -> None:
    """Its sessions are ended from elsewhere."""
    Session.objects.filter(compte=site.compte(role)).delete()


def muter(site: Site, role: Role) -> None:
    """Its holder works for another préfecture now."""
    Compte.objects.filter(role=role.value).update(prefecture="Préfecture d'Ailleurs")


@pytest.mark.usefixtures("comptes")
@pytest.mark.parametrize(
    ("role", "finir", "page", "api"),
    [
        (Role.AGENT, fermer, 302, 401),
        (Role.USAGER, fermer, 302, 401),
        (Role.DDD, deconnecter, 302, 401),
        (Role.AGENT, muter, 404, 404),
        (Role.SUPERVISEUR, muter, 404, 404),
    ],
)
def test_an_open_session_gives_no_more_than_its_account_has_now(
    site: Site, role: Role, finir: Callable[[Site, Role], None], page: int, api: int
) -> None:
    """Closed, ended elsewhere, or of another préfecture: the next page and the next call of the API are refused."""
    client = site.visiteur(role)
    where = (f"/dossiers/{site.sujet()}/", f"/api/v1/dossiers/{site.sujet()}/faits")
    assert [client.get(each).status_code for each in where] == [200, 200]
    finir(site, role)
    assert [client.get(each).status_code for each in where] == [page, api]
    for more in ("faits/1/", "preuves/", "actes/clore_dossier/", "recus/", "acces/", "motif/"):
        assert client.get(where[0] + more).status_code in {page, 403}, more
        assert client.post(where[0] + more, {"etape": "faire"}).status_code in {page, 403, 405}, more


@pytest.mark.usefixtures("comptes")
def test_a_program_of_an_agent_who_left_does_nothing_there(site: Site) -> None:
    """Neither reads nor acts, by the token that it has."""
    headers = jeton(site, Role.AGENT) | {"Idempotency-Key": str(uuid4())}
    muter(site, Role.AGENT)
    assert demander("/dossiers/{sujet}/etat", headers, site.sujet()).status_code == 404
    asked = demander("/dossiers/{sujet}/actes", headers, site.sujet(), method="POST", body=acte("D-C04-1"))
    assert asked.status_code == 404


def test_a_mandate_that_is_over_opens_nothing_even_to_who_is_there(site: Site) -> None:
    """Revoked while the dossier is open, then given for days that are past: page, export, report and API are refused."""
    client, headers = site.visiteur(Role.REPRESENTANT), jeton(site, Role.REPRESENTANT)
    page = f"/dossiers/{site.sujet()}/"
    given = mandats(site)
    assert client.get(page).status_code == demander("/dossiers/{sujet}/etat", headers, site.sujet()).status_code == 200

    def refused() -> None:
        for more in ("", "mon-historique/", "export/", "signaler/", "recus/", "acces/", "faits/1/"):
            assert client.get(page + more).status_code == 404, more
        assert demander("/dossiers/{sujet}/etat", headers, site.sujet()).status_code == 404

    for each in given:
        dire(site, MandatRevoque(mandat=each.mandat))
    refused()
    yesterday = paris_day(datetime.now(UTC)) - timedelta(days=1)
    dire(
        site,
        MandatDonne(
            mandataire=demo.MANDATAIRE, mandat="M-PASSE", portee=tuple(PorteeMandat),
            valide_du=Jours.lire("2020-01-01"), valide_au=Jours.le(yesterday),
        ),
    )  # fmt: skip
    refused()
    dire(site, MandatDonne(mandataire=demo.MANDATAIRE, mandat="M-NEUF", portee=tuple(PorteeMandat)))
    assert client.get(page).status_code == 200


def test_a_reason_said_for_one_dossier_opens_no_other(site: Site) -> None:
    """A complaint of one person, sent for another or put in the session: there is no such dossier for the Defender."""
    client = site.visiteur(Role.DDD)
    hers = site.sujet(AUTRE)
    session = client.session
    session[MOTIFS] = {hers: [FONDEMENTS[Role.DDD][0].value, demo.RECLAMATION]}
    session.save()
    assert client.get(f"/dossiers/{hers}/").status_code == 404
    assert (
        client.post(
            f"/dossiers/{hers}/motif/", {"fondement": "reclamation_ddd", "reference": demo.RECLAMATION}
        ).status_code
        == 404
    )
    assert demander("/dossiers/{sujet}/etat", jeton(site, Role.DDD), hers).status_code == 404


def test_what_one_dossier_holds_is_not_found_in_another(site: Site) -> None:
    """A piece by its digest, a receipt by its id: given in hers, in another that the same agent sees they are nothing."""
    her, agent = site.visiteur(Role.USAGER), site.visiteur(Role.AGENT)
    hers, other = site.sujet(), site.sujet(AUTRE)
    session = agent.session
    session[MOTIFS] = {each: [FONDEMENTS[Role.AGENT][0].value, None] for each in (hers, other)}
    session.save()
    content = b"%PDF-1.4 essai"
    sent = {
        "command_id": str(uuid4()),
        "fait": "1",
        "texte": "Non.",
        "piece": SimpleUploadedFile("a\r\nX-Injecte: 1.pdf", content),
    }
    assert her.post(f"/dossiers/{hers}/signaler/", sent).status_code == 303
    made = agent.post(f"/dossiers/{hers}/recus/", {"quoi": "historique", "envoi": str(uuid4())})
    assert made.status_code == 303
    digest, receipt = sha256(content).hexdigest(), made["Location"].split("/")[-2]
    for name in (f"pieces/{digest}/", f"recus/{receipt}/"):
        found = agent.get(f"/dossiers/{hers}/{name}")
        assert found.status_code == 200, name
        assert found["Content-Disposition"].startswith("attachment")
        assert found["Content-Security-Policy"].startswith("sandbox")
        assert "X-Injecte" not in found.headers
        found.close()
        assert agent.get(f"/dossiers/{other}/{name}").status_code == 404, name
    assert her.get(f"/dossiers/{other}/pieces/{digest}/").status_code == 404


def test_an_account_is_not_changed_by_another(site: Site) -> None:
    """Not by who is no administrator, nor its tokens and sessions by the names they have."""
    victim = site.compte(Role.DDD)
    token, _ = Jeton.creer(victim, "programme", ["chronologie"], datetime.now(UTC) + timedelta(days=1))
    theirs = site.visiteur(Role.DDD)
    for role in (Role.AGENT, Role.SUPERVISEUR, Role.USAGER):
        client: Client = site.visiteur(role)
        for what in ("desactiver", "mot_de_passe", "facteur", "sessions", "perimetre"):
            assert client.post(f"/comptes/{victim.pk}/", {"acte": what}).status_code == 403
        client.post("/compte/jetons/revoquer/", {"jeton": str(token.id)})
        for each in victim.sessions.all():
            client.post("/compte/sessions/fermer/", {"session": sha256(each.session_key.encode()).hexdigest()[:24]})
    token.refresh_from_db()
    assert token.revoque_le is None
    assert theirs.get("/compte/").status_code == 200


def test_a_fragment_and_a_cache_tell_no_more_than_a_page(site: Site) -> None:
    """Asked for by htmx or with what another account was answered: the same refusal, and nothing is ever kept."""
    allowed, refused = site.visiteur(Role.USAGER), site.visiteur(Role.CCC, motif=False)
    page = f"/dossiers/{site.sujet()}/"
    first: Any = allowed.get(page)
    assert first["Cache-Control"] == "no-store"
    assert "ETag" not in first.headers
    assert "Last-Modified" not in first.headers
    for headers in (
        {"If-None-Match": "*"},
        {"If-Modified-Since": "Fri, 27 Nov 2099 00:00:00 GMT"},
        {"HX-Request": "true"},
    ):
        assert allowed.get(page, headers=headers).status_code == 200
        other = refused.get(page, headers=headers)
        assert demo.PERSONNE not in other.content.decode()
        assert other.status_code == (200 if "HX-Request" in headers else 302)
        assert "/motif/" in (other.get("HX-Redirect") or other["Location"])
        assert refused.get(f"/dossiers/{site.sujet(AUTRE)}/", headers=headers).status_code == 404

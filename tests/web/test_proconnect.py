"""ProConnect: only who it recognised, with two factors, signed for us, now, and whom an administrator invited."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from app.settings import Oidc, Settings, SettingsError
from tests.web.conftest import Site
from tests.web.fournisseur import CLIENT, SECRET, Fournisseur, servi
from web import proconnect
from web.acces import Role
from web.comptes import gestion
from web.comptes.models import Compte
from web.registre import servir


@pytest.fixture
def site(served: Site) -> Site:
    """The site; nothing here is written in the ledger, so it is not walked after each test."""
    return served


@pytest.fixture(scope="module")
def toujours() -> Iterator[Fournisseur]:
    """One provider for all tests: a key takes a while to make."""
    with servi(Fournisseur()) as made:
        yield made


@pytest.fixture
def fournisseur(toujours: Fournisseur, site: Site, tmp_path: Path) -> Iterator[Fournisseur]:
    """The site as it is served where ProConnect is set, and that provider, which tells the truth."""
    toujours.mentir, toujours.sub, toujours.amr = "", "sub-invite", ["pwd", "mfa"]
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n", encoding="utf-8")
    with configure(site, Oidc(toujours.issuer, CLIENT, secret)):
        yield toujours
    Compte.objects.filter(identifiant__startswith="invite").delete()


@contextmanager
def configure(site: Site, oidc: Oidc) -> Iterator[None]:
    """Serve with this provider for a while."""
    served = site.registre
    proconnect.oublier()
    with servir(replace(served.settings, web=replace(served.settings.web, oidc=oidc)), served.exploitant):
        yield


def inviter(identifiant: str = "invite") -> tuple[Compte, str]:
    """An account without a password, and the code that ties it."""
    compte = gestion.ajouter(identifiant, Role.DDD, "Défenseur des droits (essai)", None)
    return compte, gestion.inviter(compte, datetime.now(UTC))


def venir(fournisseur: Fournisseur, client: Client, suite: str = "") -> object:
    """Go there and come back."""
    away = client.get("/proconnect/" + (f"?next={suite}" if suite else ""))
    assert away.status_code == 302
    assert away["Location"].startswith(f"{fournisseur.issuer}/authorization?"), away["Location"]
    code, state = fournisseur.aller(away["Location"])
    return client.get("/proconnect/retour/", {"code": code, "state": state})


def entre(client: Client) -> bool:
    """Whether this browser is logged in."""
    return client.get("/compte/").status_code == 200


def lie(fournisseur: Fournisseur) -> Compte:
    """An account tied to whom the provider recognises."""
    compte, _ = inviter()
    assert gestion.lier(compte, fournisseur.sub, datetime.now(UTC))
    return compte


def test_who_was_invited_comes_in_and_needs_no_other_factor(fournisseur: Fournisseur) -> None:
    """The code ties the account once; the session is rotated, verified, and its role that of the account."""
    compte, code = inviter()
    client = Client()
    assert client.post("/proconnect/invitation/", {"code": "aaaa-aaaa-aaaa-aaaa"}).status_code == 200
    typed = client.post("/proconnect/invitation/", {"code": f" {code.upper()} "})
    assert (typed.status_code, typed["Location"]) == (302, "/proconnect/")
    before = client.session.session_key
    assert venir(fournisseur, client, "/compte/")["Location"] == "/compte/"  # type: ignore[index] # an answer
    assert client.session.session_key != before
    assert entre(client)
    compte.refresh_from_db()
    assert (compte.oidc_sub, compte.invitation) == (fournisseur.sub, None)
    assert "Défenseur des droits" in client.get("/compte/").content.decode()
    fournisseur.sub = "sub-d-un-autre"
    second = Client()
    assert second.post("/proconnect/invitation/", {"code": code}).status_code == 200
    venir(fournisseur, second)
    assert not entre(second)


def test_what_is_asked_is_what_proconnect_takes(fournisseur: Fournisseur) -> None:
    """State and nonce of 32 signs at least, drawn anew each time; how one was recognised; no parameter it would refuse."""
    venir(fournisseur, Client())
    venir(fournisseur, Client())
    first, second = fournisseur.recu[-2:]
    assert first.keys() == {"response_type", "scope", "client_id", "redirect_uri", "state", "nonce", "claims"}
    assert min(len(first["state"][0]), len(first["nonce"][0])) >= 32
    assert first["state"] != second["state"]
    assert first["nonce"] != second["nonce"]
    assert first["scope"] == ["openid"]
    assert first["redirect_uri"] == ["http://testserver/proconnect/retour/"]


@pytest.mark.parametrize(
    "mensonge",
    [
        "nonce", "autre_cle", "signature", "alg_none", "alg_hs256", "kid", "expire", "sans_exp", "emetteur", "audience",
        "sans_amr", "userinfo_nu", "userinfo_autre", "userinfo_signature", "userinfo_none",
    ],
)  # fmt: skip
def test_what_does_not_hold_lets_nobody_in(fournisseur: Fournisseur, mensonge: str) -> None:
    """Each lie alone, of a provider that is otherwise right, of a person who has an account."""
    lie(fournisseur)
    fournisseur.mentir = mensonge
    client = Client()
    answer = venir(fournisseur, client)
    assert answer["Location"] == "/connexion/"  # type: ignore[index] # an answer
    assert not entre(client)
    told = client.get("/connexion/").content.decode()
    assert "second facteur" in told if mensonge == "sans_amr" else "pas pu vous identifier" in told
    fournisseur.mentir = ""
    venir(fournisseur, client)
    assert entre(client)


@pytest.mark.parametrize("amr", [[], ["pwd"], ["mail"], "mfa", [["mfa"]], [None]])
def test_one_factor_is_not_enough(fournisseur: Fournisseur, amr: object) -> None:
    """Whatever shape the claim has."""
    lie(fournisseur)
    fournisseur.amr = amr  # type: ignore[assignment] # that is the point
    client = Client()
    venir(fournisseur, client)
    assert not entre(client)


def test_an_answer_is_good_once_and_in_the_browser_that_asked(fournisseur: Fournisseur) -> None:
    """Presented again, to another browser, or without having asked: nobody comes in, and no code is spent on it."""
    lie(fournisseur)
    client, other = Client(), Client()
    code, state = fournisseur.aller(client.get("/proconnect/")["Location"])
    other.get("/proconnect/retour/", {"code": code, "state": state})
    assert not entre(other)
    assert code in fournisseur.codes
    client.get("/proconnect/retour/", {"code": code, "state": state})
    assert entre(client)
    again = client.get("/proconnect/retour/", {"code": code, "state": state})
    assert again["Location"] == "/connexion/"
    for query in (
        {},
        {"code": code},
        {"state": state},
        {"error": "access_denied", "state": state},
        {"code": "x" * 9_000},
    ):
        assert Client().get("/proconnect/retour/", query)["Location"] == "/connexion/"


def test_nobody_is_let_in_without_an_account_or_with_one_that_was_closed(fournisseur: Fournisseur) -> None:
    """Whatever the provider says; and a session that is open ends with its account."""
    fournisseur.sub = "sub-inconnu"
    stranger = Client()
    venir(fournisseur, stranger)
    assert not entre(stranger)
    assert "code d&#39;invitation" in stranger.get("/connexion/").content.decode()
    fournisseur.sub = "sub-invite"
    compte, client = lie(fournisseur), Client()
    venir(fournisseur, client)
    assert entre(client)
    gestion.fermer(compte, datetime.now(UTC))
    assert not entre(client)
    again = Client()
    venir(fournisseur, again)
    assert not entre(again)


def test_an_invitation_ends_with_its_week_and_with_another_one(fournisseur: Fournisseur) -> None:
    """An old code ties nothing, nor does it after the form was filled in time."""
    compte, first = inviter()
    second = gestion.inviter(compte, datetime.now(UTC))
    now = datetime.now(UTC)
    assert gestion.invite(first, now) is None
    assert gestion.invite(second, now) == compte
    assert gestion.invite(second, now + timedelta(days=8)) is None
    client = Client()
    client.post("/proconnect/invitation/", {"code": second})
    Compte.objects.filter(pk=compte.pk).update(invitation_expire_le=now - timedelta(minutes=1))
    venir(fournisseur, client)
    assert not entre(client)


def test_logging_out_offers_to_end_the_session_there(fournisseur: Fournisseur) -> None:
    """By the token that was given, to come back here; our own session has ended already."""
    lie(fournisseur)
    client = Client()
    venir(fournisseur, client)
    page = client.post("/deconnexion/").content.decode()
    [href] = [each.split('"')[0] for each in page.split('href="') if each.startswith(fournisseur.issuer)]
    said = parse_qs(urlsplit(href.replace("&amp;", "&")).query)
    assert said.keys() == {"id_token_hint", "state", "post_logout_redirect_uri"}
    assert said["post_logout_redirect_uri"] == ["http://testserver/connexion/"]
    assert not entre(client)


def test_it_may_sign_by_elliptic_curve_and_ask_for_pkce(site: Site, tmp_path: Path) -> None:
    """Where the deployment says so; the proof of the code is then sent, and never else."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    with servi(Fournisseur("ES256")) as made:
        made.sub = "sub-invite"
        with configure(site, Oidc(made.issuer, CLIENT, secret, "ES256", pkce=True)):
            compte = lie(made)
            client = Client()
            venir(made, client)
            assert entre(client)
            assert {"code_challenge", "code_challenge_method"} <= made.recu[-1].keys()
            compte.delete()


def test_a_provider_that_is_away_or_another_is_said(fournisseur: Fournisseur, site: Site) -> None:
    """The page says what to do; nothing is kept of it."""
    proconnect.oublier()
    fournisseur.mentir = "decouverte"
    assert Client().get("/proconnect/")["Location"] == "/connexion/"
    oidc = proconnect.fournisseur()
    assert oidc is not None
    with configure(site, replace(oidc, issuer="http://127.0.0.1:9")):
        client = Client()
        assert client.get("/proconnect/")["Location"] == "/connexion/"
        assert "ne répond pas" in client.get("/connexion/").content.decode()


def test_where_it_is_not_set_there_is_nothing_of_it(site: Site) -> None:
    """No page, no button."""
    for path in ("", "retour/", "invitation/"):
        assert Client().get(f"/proconnect/{path}").status_code == 404
    assert "ProConnect" not in Client().get("/connexion/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"CONSTAT_OIDC_ISSUER": "http://fca.example"},
        {"CONSTAT_OIDC_ISSUER": "http://localhost.example"},
        {"CONSTAT_OIDC_ALG": "HS256"},
        {"CONSTAT_OIDC_ALG": "none"},
        {"CONSTAT_OIDC_SECRET": ""},
    ],
)
def test_settings_that_would_trust_anybody_are_refused(wrong: dict[str, str]) -> None:
    """No provider in clear, no signature that a client can make."""
    right = {
        "CONSTAT_OIDC_ISSUER": "https://fca.example/api/v2",
        "CONSTAT_OIDC_CLIENT": "c",
        "CONSTAT_OIDC_SECRET": "/s",
    }
    assert Settings.read(right).web.oidc is not None
    with pytest.raises(SettingsError):
        Settings.read({**right, **wrong})

"""Accounts: made, limited and closed by administrators, told in the log by ids, never without an administrator."""

import threading
from collections.abc import Iterator
from http import HTTPStatus

import psycopg
import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from structlog.testing import capture_logs

from ledger.events.acces import CompteChange
from tests.web.conftest import Site
from web import demo
from web.acces import Role
from web.comptes import gestion
from web.comptes.gestion import DernierAdministrateurError
from web.comptes.models import Application, Compte, Jeton, Session
from web.lecture import Lecteur

NEW = {
    "identifiant": "nouveau",
    "acteur": "nouveau-p",
    "role": "agent",
    "service": "Préfecture X",
    "prefecture": "Préfecture X",
}


PHRASE = "une phrase assez longue, 2026"


@pytest.fixture
def admin(site: Site) -> Iterator[Client]:
    """An administrator; the accounts that a test makes are gone after it."""
    known = set(Compte.objects.values_list("pk", flat=True))
    yield site.visiteur(Role.ADMINISTRATEUR)
    Compte.objects.exclude(pk__in=known).delete()


def made(admin: Client, **given: str) -> Compte:
    """A new account, made by the page."""
    answer = admin.post("/comptes/creer/", {**NEW, **given})
    assert answer.status_code == HTTPStatus.OK, answer.content.decode()
    return Compte.objects.get(identifiant=given.get("identifiant", NEW["identifiant"]))


def logged_in(compte: Compte) -> Client:
    """A session of this account."""
    client = Client()
    client.force_login(compte, backend="django.contrib.auth.backends.ModelBackend")
    return client


def verified(compte: Compte) -> Client:
    """A session of this account, with its second factor."""
    client = logged_in(compte)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = Application.objects.get(user=compte).persistent_id
    session.save()
    return client


def act(admin: Client, compte: Compte, acte: str, **given: str) -> str:
    """What the page of an account answers to an act, followed to where it leads."""
    answer = admin.post(f"/comptes/{compte.pk}/", {"acte": acte, **given}, follow=True)
    return str(answer.content.decode())


def test_an_account_is_made_with_a_code_by_which_its_holder_alone_chooses_a_password(admin: Client) -> None:
    """Shown once, good once. The log tells who made which account, by ids, and neither login nor secret."""
    with capture_logs() as logs:
        answer = admin.post("/comptes/creer/", NEW)
    compte = Compte.objects.get(identifiant="nouveau")
    [told] = [each for each in logs if each["event"] == "account_changed"]
    assert (told["act"], told["account"]) == ("creer", str(compte.pk))
    assert "nouveau" not in str(told)
    secret = answer.content.decode().split('<p class="chapo"><code>')[1].split("</code>")[0]
    assert secret not in str(logs)
    assert secret not in str(vars(compte))
    given = {"code": secret.upper(), "nouveau": PHRASE, "encore": PHRASE}
    other = Client()
    for wrong, said in (
        ({"code": "aaaa-aaaa-aaaa-aaaa"}, "demandez-en un autre"),
        ({"encore": "x"}, "saisies diffèrent"),
        ({"nouveau": "court", "encore": "court"}, "trop court"),
        ({"nouveau": "nouveau.nouv", "encore": "nouveau.nouv"}, "trop semblable"),
    ):
        assert said in other.post("/connexion/invitation/", {**given, **wrong}).content.decode(), wrong
    assert other.post("/connexion/invitation/", given)["Location"] == "/connexion/"
    assert "demandez-en un autre" in other.post("/connexion/invitation/", given).content.decode()
    compte.refresh_from_db()
    assert compte.check_password(PHRASE)
    assert gestion.changements(compte)[-1].fait.acteur.id == "nouveau-p"
    assert secret not in admin.get(f"/comptes/{compte.pk}/").content.decode()
    assert (compte.role, compte.prefecture, compte.sujet) == ("agent", "Préfecture X", None)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"prefecture": ""}, "laquelle"),
        ({"identifiant": "agent"}, "déjà cet identifiant"),
        ({"acteur": "agent-exemple"}, "déjà ce pseudonyme"),
        ({"role": "usager", "sujet": "0" * 32}, "Personne au registre"),
        ({"role": "usager", "sujet": "x"}, "32 signes"),
        ({"role": "usager"}, "Personne au registre"),
        ({"role": "tout"}, "À corriger"),
        ({"service": "s" * 10_000}, "À corriger"),
        ({"identifiant": "a\0b"}, "À corriger"),
    ],
)
def test_an_account_that_cannot_be_is_refused_in_place(admin: Client, given: dict[str, str], said: str) -> None:
    """Nothing is made, and what was typed is kept."""
    before = Compte.objects.count()
    text = admin.post("/comptes/creer/", {**NEW, **given}).content.decode()
    assert said in text
    assert Compte.objects.count() == before
    assert 'value="Préfecture X"' in text or "service" in given


def test_who_is_known_by_proconnect_gets_no_code(admin: Client) -> None:
    """And an account that was invited to ProConnect does not take a password by its code."""
    assert "se connecte par ProConnect" in admin.post("/comptes/creer/", {**NEW, "oidc_sub": "s-1"}).content.decode()
    compte = gestion.ajouter("a-lier", Role.DDD, "DDD", None)
    code = gestion.inviter(compte, timezone.now())
    given = {"code": code, "nouveau": PHRASE, "encore": PHRASE}
    assert "demandez-en un autre" in Client().post("/connexion/invitation/", given).content.decode()
    compte.refresh_from_db()
    assert not compte.has_usable_password()


def test_what_is_typed_comes_back_escaped(admin: Client) -> None:
    """In the list, the page and the form."""
    compte = made(admin, identifiant="<script>x", service="<img src=x>", acteur="\u202etest")
    for path in ("/comptes/", f"/comptes/{compte.pk}/"):
        text = admin.get(path).content.decode()
        assert "<script>x" not in text
        assert "<img" not in text
        assert "\u202e" not in text.replace('value="\u202etest"', "")


def test_a_role_keeps_no_scope_of_another_and_closes_what_was_open(site: Site, admin: Client) -> None:
    """The sessions and tokens of the old rights are gone; the préfecture too, where the role has none."""
    compte = made(admin)
    logged_in(compte)
    token, _ = Jeton.creer(compte, "j", [], compte.cree_le)
    text = act(admin, compte, "perimetre", role="ddd", service="DDD", prefecture="Préfecture X", sujet="")
    assert "sont changés" in text
    compte.refresh_from_db()
    token.refresh_from_db()
    assert (compte.role, compte.prefecture, compte.service) == ("ddd", "", "DDD")
    assert not Session.objects.filter(compte=compte).exists()
    assert token.revoque_le is not None
    person = site.sujet()
    act(admin, compte, "perimetre", role="usager", service="Usager", prefecture="", sujet=person)
    compte.refresh_from_db()
    assert compte.sujet is not None
    assert compte.sujet.hex == person


def test_a_closed_account_cannot_come_and_can_be_opened_again(admin: Client) -> None:
    """At once: its open sessions are closed."""
    compte = made(admin)
    client = logged_in(compte)
    act(admin, compte, "desactiver")
    assert client.get("/file/")["Location"].startswith("/connexion/")
    compte.refresh_from_db()
    assert not compte.is_active
    act(admin, compte, "reactiver")
    compte.refresh_from_db()
    assert compte.is_active


def test_a_second_factor_is_wiped_and_a_password_drawn_anew(admin: Client) -> None:
    """Each closes the sessions; the account has to enrol again."""
    compte = made(admin)
    Application.de(compte, confirmee=True)
    client = logged_in(compte)
    act(admin, compte, "facteur")
    assert not Application.objects.filter(user=compte).exists()
    assert client.get("/file/").status_code == HTTPStatus.FOUND
    old = Compte.objects.get(pk=compte.pk).password
    assert "ne sera plus montré" in act(admin, compte, "mot_de_passe")
    assert Compte.objects.get(pk=compte.pk).password != old


def test_the_last_administrator_cannot_be_locked_out(site: Site, admin: Client) -> None:
    """Neither closed nor given another role, from the command line either; once there is another one, they can."""
    last = site.compte(Role.ADMINISTRATEUR)
    for doing in (
        lambda: gestion.fermer(last, timezone.now()),
        lambda: gestion.changer_role(last, {"role": "ddd"}, gestion.EXPLOITANT, timezone.now()),
    ):
        with pytest.raises(DernierAdministrateurError, match="dernier administrateur actif"):
            doing()
        last.refresh_from_db()
        assert (last.is_active, last.role) == (True, "administrateur")
    other = made(admin, role="administrateur", identifiant="second", acteur="second-p")
    assert "est fermé" in act(admin, other, "desactiver")


@pytest.mark.parametrize("acte", ["perimetre", "mot_de_passe", "facteur", "sessions", "desactiver"])
def test_nobody_changes_their_own_account_as_an_administrator(site: Site, admin: Client, acte: str) -> None:
    """Nor gives themself a role: another administrator does, who is named in the ledger."""
    own = site.compte(Role.ADMINISTRATEUR)
    before = (own.role, own.password, len(gestion.changements(own)))
    text = act(admin, own, acte, role="ddd", service="DDD")
    assert "propre compte" in text
    assert 'name="acte"' not in text
    own.refresh_from_db()
    assert (own.role, own.password, len(gestion.changements(own))) == before
    assert own.is_active
    assert Application.objects.filter(user=own).exists()


def test_every_change_of_an_account_is_in_the_ledger_by_who_made_it(admin: Client) -> None:
    """What, to which pseudonym, with which rights, by whom; the login is nowhere in it. Administrators read it back."""
    compte = made(admin, identifiant="prenom.nom@exemple.fr")
    act(admin, compte, "perimetre", role="ddd", service="DDD", prefecture="", sujet="")
    for each in ("mot_de_passe", "facteur", "desactiver", "reactiver"):
        text = act(admin, compte, each)
    gestion.inviter(Compte.objects.get(pk=compte.pk), timezone.now())
    told = [entry.fait for entry in gestion.changements(compte)]
    assert [(each.evenement.acte.value, each.evenement.role, each.evenement.prefecture) for each in told] == [
        ("ouverture", "agent", "Préfecture X"),
        ("invitation", "agent", "Préfecture X"),
        ("role", "ddd", None),
        ("invitation", "ddd", None),
        ("second_facteur", "ddd", None),
        ("fermeture", "ddd", None),
        ("reouverture", "ddd", None),
        ("invitation", "ddd", None),
    ]
    assert {each.evenement.compte for each in told} == {"nouveau-p"}
    assert [each.acteur.id for each in told] == ["admin-exemple"] * 7 + [None]
    assert "prenom" not in str(told)
    page = admin.get(f"/comptes/{compte.pk}/").content.decode()
    assert "Compte ouvert, par admin-exemple, Administration des comptes" in page
    assert "Code d&#39;invitation remis pour le compte, par Exploitation du site" in page
    assert "Compte rouvert" in text


def test_a_person_reads_what_was_done_to_the_accounts_that_open_her_dossier(site: Site, admin: Client) -> None:
    """Who makes themself an account on somebody's dossier is seen by her, and by those who check, before it opens."""
    her = site.visiteur(Role.USAGER)
    path = f"/dossiers/{site.sujet()}/acces/?genre=compte"

    def changes() -> list[str]:
        facts = (entry.fait.evenement for entry in site.ledger.life(demo.PERSONNE))
        return [each.acte.value for each in facts if isinstance(each, CompteChange)]

    known = changes()
    compte = made(admin, role="usager", service="Usager", prefecture="", sujet=site.sujet())
    act(admin, compte, "mot_de_passe")
    act(admin, compte, "perimetre", role="ccc", service="Centre", prefecture="", sujet="")
    text = her.get(path).content.decode()
    assert "a changé un compte qui ouvre ce dossier" in text
    assert changes() == [*known, "ouverture", "invitation", "invitation", "role"]
    for said in ("Compte ouvert", "Code d&#39;invitation remis", "Rôle, service ou périmètre du compte changés"):
        assert said in text
    assert "Administration des comptes" in text
    assert "admin-exemple" not in text
    assert "admin-exemple" in site.visiteur(Role.DDD).get(path).content.decode()


@pytest.mark.parametrize("acte", ["perimetre", "mot_de_passe", "facteur", "desactiver", "creer"])
def test_what_cannot_be_recorded_is_not_done(admin: Client, acte: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger is away: no account is made, no right or secret changes, and one is told to come back."""
    compte = made(admin)
    Application.de(compte, confirmee=True)
    monkeypatch.setattr(Lecteur, "tracer_compte", _au_loin)
    given = {"role": "ddd", "service": "DDD", "prefecture": "", "sujet": ""}
    path, form = f"/comptes/{compte.pk}/", {"acte": acte, **given}
    if acte == "creer":
        path, form = "/comptes/creer/", {**NEW, "identifiant": "autre", "acteur": "autre-p"}
    assert admin.post(path, form).status_code == HTTPStatus.SERVICE_UNAVAILABLE
    found = Compte.objects.get(pk=compte.pk)
    assert (found.role, found.password, found.is_active) == ("agent", compte.password, True)
    assert Application.objects.filter(user=compte).exists()
    assert not Compte.objects.filter(identifiant="autre").exists()


def _au_loin(*_: object) -> None:
    raise psycopg.OperationalError


def test_two_administrators_who_close_each_other_at_once_leave_one(site: Site, admin: Client) -> None:
    """Whoever comes second is refused."""
    first = site.compte(Role.ADMINISTRATEUR)
    second = made(admin, role="administrateur", identifiant="second", acteur="second-p")
    together = threading.Barrier(2)
    Application.de(second, confirmee=True)
    clients = {each.pk: verified(each) for each in (first, second)}

    def close(compte: Compte) -> None:
        other = second if compte.pk == first.pk else first
        together.wait()
        try:
            act(clients[other.pk], compte, "desactiver")
        finally:
            connections.close_all()

    closing = [threading.Thread(target=close, args=(each,)) for each in (first, second)]
    for each in closing:
        each.start()
    for each in closing:
        each.join()
    left = Compte.objects.filter(role="administrateur", is_active=True).count()
    Compte.objects.filter(pk=first.pk).update(is_active=True)
    assert left == 1


def test_an_account_is_found_by_its_login_and_lists_are_filtered(admin: Client) -> None:
    """By a form, since a login may name somebody; by role and state in the address."""
    compte = made(admin)
    answer = admin.post("/comptes/", {"identifiant": "nouveau"})
    assert (answer.status_code, answer["Location"]) == (HTTPStatus.SEE_OTHER, f"/comptes/{compte.pk}/")
    assert "Aucun compte" in admin.post("/comptes/", {"identifiant": "personne"}).content.decode()
    agents = admin.get("/comptes/?role=agent").content.decode()
    assert "nouveau" in agents
    assert "defenseur" not in agents
    assert "nouveau" not in admin.get("/comptes/?actif=false").content.decode()
    for bad in ("role=tout", "page=0", "page=999", "actif=peut-etre"):
        assert admin.get(f"/comptes/?{bad}").status_code == HTTPStatus.OK


def test_an_act_that_is_none_and_an_account_that_is_none_are_not_found(admin: Client) -> None:
    """The same answer."""
    compte = made(admin)
    assert admin.post(f"/comptes/{compte.pk}/", {"acte": "effacer_tout"}).status_code == HTTPStatus.NOT_FOUND
    assert admin.get("/comptes/00000000-0000-4000-8000-000000000000/").status_code == HTTPStatus.NOT_FOUND
    assert Compte.objects.filter(pk=compte.pk).exists()

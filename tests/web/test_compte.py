"""One's own account: sessions seen and closed, a second factor, tokens; and how a session begins, rests and ends."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib import import_module

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.web.conftest import Site
from web.acces import Role
from web.comptes import gestion
from web.comptes.coffre import CoffreFermeError
from web.comptes.entree import appareil
from web.comptes.gestion import CompteError
from web.comptes.models import Application, CodeDeSecours, Compte, Jeton, Secours, Session
from web.gardes import REPOS, VERIFIE
from web.pages.compte import nom

MOT = "une phrase assez longue, 2026"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def site(served: Site) -> Site:
    """The site; nothing here is written in the ledger, so it is not walked after each test."""
    return served


@pytest.fixture
def compte(site: Site) -> Iterator[Compte]:
    """An account of the contact centre, with a password and no second factor."""
    AccessAttempt.objects.all().delete()
    made = gestion.ajouter("essai", Role.CCC, "Centre de contact (essai)", MOT)
    yield made
    made.delete()


def entrer(compte: Compte, mot: str = MOT, **options: str) -> tuple[Client, int]:
    """Log in by the form, as a person does."""
    client = Client(headers={"User-Agent": FIREFOX}, **options)
    answer = client.post("/connexion/", {"username": compte.identifiant, "password": mot})
    return client, answer.status_code


def code(compte: Compte) -> str:
    """The code of the moment."""
    device = Application.objects.get(user=compte)
    Application.objects.filter(pk=device.pk).update(dernier_pas=-1, throttling_failure_count=0)
    return device.code(timezone.now())


def inscrire(client: Client, compte: Compte) -> None:
    """Enrol an application."""
    client.get("/second-facteur/inscrire/")
    right = Application.objects.get(user=compte).code(timezone.now())
    assert client.post("/second-facteur/inscrire/", {"code": right}).status_code == 302


def test_logging_in_gives_another_session_than_the_one_before(compte: Compte) -> None:
    """Who fixed a session in a browser beforehand does not have the one that is logged in."""
    client = Client()
    client.get("/connexion/")
    session = client.session
    session["fixee"] = True
    session.save()
    fixed = session.session_key
    client.cookies["sessionid"] = fixed
    client.post("/connexion/", {"username": "essai", "password": MOT})
    assert client.cookies["sessionid"].value != fixed
    assert not Session.objects.filter(session_key=fixed).exists()


def test_the_second_factor_gives_another_session_again(compte: Compte) -> None:
    """What was open with the password alone opens nothing once the code is given."""
    client, _ = entrer(compte)
    first = client.session.session_key
    inscrire(client, compte)
    second = client.session.session_key
    again, _ = entrer(compte)
    third = again.session.session_key
    again.post("/second-facteur/", {"code": code(compte)})
    assert len({first, second, third, again.session.session_key}) == 4
    assert not Session.objects.filter(session_key__in=[first, third]).exists()


def test_logging_in_does_not_tell_which_accounts_there_are(compte: Compte, monkeypatch: pytest.MonkeyPatch) -> None:
    """None, a closed one, one without a password here, a wrong password: the same bytes, the same work, the same end."""
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, *given: hashed.append("") or encode(self, *given))
    closed = gestion.ajouter("essai-ferme", Role.CCC, "Centre de contact (essai)", MOT)
    gestion.fermer(closed, timezone.now())
    invited = gestion.ajouter("essai-invite", Role.CCC, "Centre de contact (essai)", None)
    told = set()
    try:
        for name, word in (("essai", "faux"), ("personne-ici", MOT), ("essai-ferme", MOT), ("essai-invite", MOT)):
            client = Client(REMOTE_ADDR="192.0.2.7")
            hashed.clear()
            answers = [client.post("/connexion/", {"username": name, "password": word}) for _ in range(6)]
            texts = [re.sub(r'value="[^"]*"|[0-9a-f]{32}', "", each.content.decode()) for each in answers]
            told.add((tuple(each.status_code for each in answers), tuple(texts), len(hashed)))
    finally:
        Compte.objects.filter(pk__in=[closed.pk, invited.pk]).delete()
    [(statuses, _, work)] = told
    assert statuses == (200, 200, 200, 200, 429, 429)
    assert work > 0


def test_what_is_open_dies_with_the_account_however_it_is_closed(compte: Compte) -> None:
    """Sessions and tokens are asked again at each request whether their account still is one; a new role ends them too."""
    client, _ = entrer(compte)
    inscrire(client, compte)
    _, text = Jeton.creer(compte, "x", ["chronologie"], timezone.now() + timedelta(days=1))
    token = {"Authorization": f"Bearer {text}"}

    def opened() -> tuple[int, int]:
        return client.get("/compte/").status_code, Client().get("/api/v1/compte", headers=token).status_code

    assert opened() == (200, 200)
    Compte.objects.filter(pk=compte.pk).update(is_active=False)
    assert opened() == (302, 401)
    Compte.objects.filter(pk=compte.pk).update(is_active=True)
    assert Client().get("/api/v1/compte", headers=token).status_code == 200
    gestion.changer_role(compte, {"role": "pan"}, gestion.EXPLOITANT, timezone.now())
    assert opened() == (302, 401)
    assert not compte.sessions.exists()


def test_a_token_ends_on_its_day_and_says_when_it_served(compte: Compte) -> None:
    """Its last use is known to the minute; from its end on it opens nothing."""
    made, text = Jeton.creer(compte, "x", [], timezone.now() + timedelta(days=1))
    token = {"Authorization": f"Bearer {text}"}
    assert Client().get("/api/v1/compte", headers=token).status_code == 200
    made.refresh_from_db()
    assert made.servi_le is not None
    assert timezone.now() - made.servi_le < timedelta(minutes=1)
    Jeton.objects.filter(pk=made.pk).update(expire_le=timezone.now())
    assert Client().get("/api/v1/compte", headers=token).status_code == 401


def test_five_wrong_passwords_close_the_account_to_that_place_only(compte: Compte) -> None:
    """The right one is refused too, for a quarter of an hour; from elsewhere it still opens."""
    for _ in range(5):
        entrer(compte, "faux", REMOTE_ADDR="192.0.2.1")
    client, status = entrer(compte, REMOTE_ADDR="192.0.2.1")
    assert status == 429
    assert client.get("/compte/").status_code == 302
    assert entrer(compte, REMOTE_ADDR="192.0.2.2")[1] == 302


def test_wrong_codes_are_slowed_down(compte: Compte) -> None:
    """After a wrong code, the right one is not taken at once."""
    client, _ = entrer(compte)
    inscrire(client, compte)
    again, _ = entrer(compte)
    right = code(compte)
    again.post("/second-facteur/", {"code": "000000" if right != "000000" else "000001"})
    assert again.post("/second-facteur/", {"code": right}).status_code == 200
    assert again.get("/compte/").status_code == 302


def test_a_session_rests_for_half_an_hour_and_lasts_eight(site: Site) -> None:
    """Beyond, one logs in again; using it does not put its end off."""
    client = site.visiteur(Role.AGENT)
    assert client.get("/compte/").status_code == 200
    session = client.session
    ends = session.get_expiry_date()
    assert timedelta(hours=7, minutes=59) < ends - datetime.now(UTC) <= timedelta(hours=8)
    session["vue"] = (datetime.now(UTC) - timedelta(minutes=2)).isoformat()
    session.save()
    client.get("/compte/")
    assert client.session.get_expiry_date() == ends
    session = client.session
    session["vue"] = (datetime.now(UTC) - REPOS - timedelta(minutes=1)).isoformat()
    session.save()
    assert client.get("/compte/").status_code == 302
    assert client.get("/api/v1/compte").status_code == 401
    other = site.visiteur(Role.AGENT)
    Session.objects.filter(session_key=other.session.session_key).update(expire_date=timezone.now())
    assert other.get("/compte/").status_code == 302


def test_who_sees_only_their_own_is_not_cut_off_by_a_rest(site: Site) -> None:
    """An applicant who reads slowly."""
    client = site.visiteur(Role.USAGER)
    session = client.session
    session["vue"] = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    session.save()
    assert client.get("/compte/").status_code == 200


def test_every_open_session_is_seen_and_closed_from_any_other(compte: Compte) -> None:
    """By device, without the key that would open it; all the others at once too."""
    clients = [entrer(compte)[0] for _ in range(3)]
    inscrire(clients[0], compte)
    page = clients[0].get("/compte/").content.decode()
    assert page.count("Firefox, Linux") >= 3
    assert page.count("(celle-ci)") == 1
    assert not any(each.session.session_key in page for each in clients)
    named = re.findall(r'name="session" value="([0-9a-f]{24})"', page)
    here = clients[0].session.session_key
    other = next(each for each in named if each != gestion_nom(here))
    clients[0].post("/compte/sessions/fermer/", {"session": other})
    assert Session.objects.filter(compte=compte).count() == 2
    clients[0].post("/compte/sessions/fermer/", {"session": "autres"})
    assert [each.session_key for each in Session.objects.filter(compte=compte)] == [here]
    assert clients[1].get("/second-facteur/").status_code == 302
    assert clients[0].post("/compte/sessions/fermer/", {"session": gestion_nom(here)})["Location"] == "/connexion/"
    assert clients[0].get("/compte/").status_code == 302


def gestion_nom(key: str) -> str:
    """How the page names the session of this key."""
    return nom(Session(session_key=key))


def test_nobody_closes_a_session_or_a_token_of_another(site: Site, compte: Compte) -> None:
    """What a form names is looked for among one's own."""
    theirs, _ = entrer(compte)
    made, _ = Jeton.creer(compte, "à eux", [], timezone.now() + timedelta(days=1))
    mine = site.visiteur(Role.AGENT)
    mine.post("/compte/sessions/fermer/", {"session": gestion_nom(theirs.session.session_key)})
    mine.post("/compte/jetons/revoquer/", {"jeton": str(made.id)})
    made.refresh_from_db()
    assert made.revoque_le is None
    assert Session.objects.filter(compte=compte).exists()


def test_recovery_codes_are_shown_once_and_open_once(compte: Compte) -> None:
    """In place of the application's, whatever the case and the dashes; new ones void the old."""
    client, _ = entrer(compte)
    inscrire(client, compte)
    page = client.post("/compte/codes-de-secours/").content.decode()
    codes = re.findall(r"<li><code>([a-z0-9]{5}-[a-z0-9]{5})</code></li>", page)
    assert len(set(codes)) == 10
    assert not any(each in client.get("/compte/").content.decode() for each in codes)
    for attempt, opens in ((codes[0].upper(), True), (codes[0], False), (codes[1].replace("-", " "), True)):
        Secours.objects.filter(user=compte).update(throttling_failure_count=0)
        other, _ = entrer(compte)
        other.post("/second-facteur/", {"code": attempt})
        assert (other.get("/compte/").status_code == 200) is opens, attempt
    client.post("/compte/codes-de-secours/")
    assert CodeDeSecours.objects.filter(appareil__user=compte).count() == 10
    other, _ = entrer(compte)
    other.post("/second-facteur/", {"code": codes[2]})
    assert other.get("/compte/").status_code == 302


def test_another_telephone_is_enrolled_with_a_code_of_the_old_one(compte: Compte) -> None:
    """A wrong code changes nothing; a right one forgets the old key, and ends the other sessions."""
    client, _ = entrer(compte)
    inscrire(client, compte)
    old = Application.objects.get(user=compte).cle
    right = code(compte)
    wrong = client.post("/compte/second-facteur/remplacer/", {"code": "abcde-fghij"})
    assert wrong.status_code == 422
    assert "pas le bon" in wrong.content.decode()
    assert Application.objects.get(user=compte).cle == old
    entrer(compte)
    Application.objects.filter(user=compte).update(throttling_failure_count=0)
    done = client.post("/compte/second-facteur/remplacer/", {"code": right})
    assert done["Location"] == "/second-facteur/inscrire/"
    assert not Application.objects.filter(user=compte).exists()
    assert Session.objects.filter(compte=compte).count() == 1
    assert client.get("/compte/").status_code == 302


def test_what_is_kept_of_a_second_factor_opens_nothing(compte: Compte) -> None:
    """Neither the key nor a recovery code is in its rows; and what is kept of one account is nothing in another's."""
    client, _ = entrer(compte)
    inscrire(client, compte)
    codes = [gestion.propre(each) for each in gestion.codes_de_secours(compte)]
    device = Application.objects.get(user=compte)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a::text FROM web.comptes_application AS a UNION SELECT c::text FROM web.comptes_codedesecours AS c"
        )
        kept = " ".join(row[0] for row in cursor.fetchall())
    assert device.cle.hex() not in kept
    assert not any(each in kept or sha256(each.encode()).hexdigest() in kept for each in codes)
    other = gestion.ajouter("essai-2", Role.CCC, "Centre de contact (essai)", MOT)
    try:
        moved = Application.objects.create(user=other, name="x", confirmed=True, cle_chiffree=device.cle_chiffree)
        with pytest.raises(CoffreFermeError):
            moved.verify_token("000000")
    finally:
        other.delete()


def test_a_second_factor_that_does_not_open_is_told_and_a_recovery_code_still_opens(compte: Compte) -> None:
    """The key of the site was changed without keeping the old one: who enrols begins again, who has enrolled is told."""
    client, _ = entrer(compte)
    unconfirmed = Application.de(compte)
    Application.objects.filter(user=compte).update(cle_chiffree=b"x" * 60)
    assert Application.de(compte).cle != unconfirmed.cle
    inscrire(client, compte)
    [spare, *_] = gestion.codes_de_secours(compte)
    Application.objects.filter(user=compte).update(cle_chiffree=b"x" * 60)
    again, _ = entrer(compte)
    assert "ne peut plus être vérifiée" in again.post("/second-facteur/", {"code": "000000"}).content.decode()
    assert again.post("/second-facteur/", {"code": spare}).status_code == 302
    assert again.get("/compte/").status_code == 200


def test_second_factors_that_were_kept_in_clear_go_on_working_and_their_tables_are_gone(compte: Compte) -> None:
    """The confirmed application and the recovery codes of django-otp's tables; a key that nobody confirmed is dropped."""
    key = "0123456789abcdef0123456789abcdef01234567"
    with connection.cursor() as cursor:
        cursor.execute(ANCIENNES_TABLES)
        for confirmed, kept in ((True, key), (False, "ff" * 20)):
            cursor.execute(
                "INSERT INTO otp_totp_totpdevice (user_id, name, confirmed, key, drift, last_t) VALUES (%s, 'application', %s, %s, 1, 7)",
                [compte.pk, confirmed, kept],
            )
        cursor.execute(
            "INSERT INTO otp_static_staticdevice (id, user_id, name, confirmed) VALUES (77, %s, 'codes de secours', true)",
            [compte.pk],
        )
        cursor.execute("INSERT INTO otp_static_statictoken (device_id, token) VALUES (77, 'abcdefghjk')")
    with connection.schema_editor() as editor:
        import_module("web.comptes.migrations.0003_second_facteur_chiffre").reprendre(None, editor)
    device = Application.objects.get(user=compte)
    assert (device.cle.hex(), device.derive, device.dernier_pas, device.confirmed) == (key, 1, 7, True)
    spare = Secours.objects.get(user=compte)
    assert spare.verify_token("abcdefghjk")
    assert not spare.verify_token("abcdefghjk")
    assert Secours.objects.create(user=compte, name="suivant").pk > 77
    assert not {"otp_totp_totpdevice", "otp_static_staticdevice"} & set(connection.introspection.table_names())


ANCIENNES_TABLES = """
    CREATE TABLE otp_totp_totpdevice (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, user_id uuid NOT NULL
        REFERENCES comptes_compte DEFERRABLE INITIALLY DEFERRED, name varchar(64), confirmed boolean, key varchar(80),
        drift smallint, last_t bigint, created_at timestamptz);
    CREATE TABLE otp_static_staticdevice (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, user_id uuid NOT NULL
        REFERENCES comptes_compte DEFERRABLE INITIALLY DEFERRED, name varchar(64), confirmed boolean,
        created_at timestamptz);
    CREATE TABLE otp_static_statictoken (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, device_id bigint NOT
        NULL REFERENCES otp_static_staticdevice DEFERRABLE INITIALLY DEFERRED, token varchar(16));
"""
"""As django-otp made them, with what is read of them."""


NEUF = "une autre phrase, encore plus longue"


def test_ones_password_is_changed_with_the_old_one_and_a_fresh_code(compte: Compte) -> None:
    """Each thing that is wrong is told in place and changes nothing; a right one ends the other sessions, and is traced."""
    here, _ = entrer(compte)
    inscrire(here, compte)
    there, _ = entrer(compte)
    right = {"actuel": MOT, "nouveau": NEUF, "encore": NEUF}
    for wrong, said in (
        ({"actuel": "faux"}, "pas votre mot de passe actuel"),
        ({"code": "zzzzz-zzzzz"}, "pas le bon"),
        ({"code": ""}, "À corriger"),
        ({"encore": NEUF + "x"}, "saisies diffèrent"),
        ({"nouveau": "court", "encore": "court"}, "trop court"),
        ({"nouveau": "q1w2e3r4t5y6", "encore": "q1w2e3r4t5y6"}, "trop courant"),
        ({"nouveau": MOT, "encore": MOT}, "choisissez-en un autre"),
        ({"nouveau": "a\x00" * 20, "encore": "a\x00" * 20}, "À corriger"),
    ):
        answer = here.post("/compte/mot-de-passe/", {**right, "code": code(compte), **wrong})
        assert answer.status_code == 422, wrong
        assert said in answer.content.decode(), wrong
        assert NEUF not in answer.content.decode()
    compte.refresh_from_db()
    assert compte.check_password(MOT)
    key = here.session.session_key
    changed = len(gestion.changements(compte))
    Secours.objects.filter(user=compte).delete()
    assert here.post("/compte/mot-de-passe/", {**right, "code": code(compte)})["Location"] == "/compte/"
    page = here.get("/compte/").content.decode()
    assert "Mot de passe du compte changé, par ccc-" in page
    assert len(gestion.changements(compte)) == changed + 1
    assert here.session.session_key != key
    assert [each.session_key for each in Session.objects.filter(compte=compte)] == [here.session.session_key]
    assert there.get("/second-facteur/")["Location"].startswith("/connexion/")
    assert entrer(compte)[1] == 200
    assert entrer(compte, NEUF)[1] == 302


def test_trying_passwords_from_an_open_session_closes_the_account_to_that_place(compte: Compte) -> None:
    """Those typed on the page that changes it count with those of logging in."""
    client, _ = entrer(compte)
    inscrire(client, compte)
    given = {"actuel": "faux", "nouveau": NEUF, "encore": NEUF, "code": "000000"}
    assert [client.post("/compte/mot-de-passe/", given).status_code for _ in range(6)][-1] == 429
    assert entrer(compte)[1] == 429


def test_who_logs_in_by_proconnect_has_no_password_to_change(compte: Compte) -> None:
    """The page is not there, nor the way to it."""
    client, _ = entrer(compte)
    inscrire(client, compte)
    assert "/compte/mot-de-passe/" in client.get("/compte/").content.decode()
    compte.set_unusable_password()
    compte.save()
    client.force_login(compte, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[VERIFIE] = True
    session.save()
    assert client.get("/compte/mot-de-passe/").status_code == 404
    assert "/compte/mot-de-passe/" not in client.get("/compte/").content.decode()


def test_an_applicant_who_chose_two_factors_is_asked_for_both(site: Site) -> None:
    """From the next login on."""
    compte = gestion.ajouter("usager-essai", Role.USAGER, "Personne", MOT, sujet=bytes.fromhex(site.sujet()))
    try:
        client, _ = entrer(compte)
        assert client.get("/compte/").status_code == 200
        inscrire(client, compte)
        again, _ = entrer(compte)
        assert again.get("/compte/")["Location"].startswith("/second-facteur/")
        assert again.get("/api/v1/compte").status_code == 403
        again.post("/second-facteur/", {"code": code(compte)})
        assert again.get("/compte/").status_code == 200
    finally:
        compte.delete()


def test_a_token_is_shown_once_limited_and_revoked(site: Site) -> None:
    """No more than the role may, a year at most; kept as a digest only."""
    Jeton.objects.filter(compte=site.compte(Role.CCC)).delete()
    client = site.visiteur(Role.CCC)
    page = client.get("/compte/").content.decode()
    assert 'value="chronologie"' in page
    assert 'value="consultations"' not in page
    for wrong in (
        {"nom": "x", "portees": ["consultations"], "duree": "30"},
        {"nom": "x", "portees": ["comptes"], "duree": "30"},
        {"nom": "x", "portees": ["chronologie"], "duree": "3650"},
        {"nom": "x" * 81, "portees": ["chronologie"], "duree": "30"},
        {"nom": "", "portees": [], "duree": ""},
        {"nom": "x\x00", "portees": ["chronologie"], "duree": "30"},
    ):
        assert client.post("/compte/jetons/", wrong).status_code == 422, wrong
    naughty = "<script>alert(1)</script>\u202eRTL"
    made = client.post("/compte/jetons/", {"nom": naughty, "portees": ["chronologie"], "duree": "365"}).content.decode()
    [text] = re.findall(r"ctj_[A-Za-z0-9_-]{43}", made)
    page = client.get("/compte/").content.decode()
    assert text not in page
    assert "<script>alert" not in page
    token = Jeton.objects.get(nom=naughty)
    assert token.expire_le - timezone.now() <= timedelta(days=365)
    assert text not in str(vars(token))
    assert Client().get("/api/v1/compte", headers={"Authorization": f"Bearer {text}"}).status_code == 200
    client.post("/compte/jetons/revoquer/", {"jeton": str(token.id)})
    assert Client().get("/api/v1/compte", headers={"Authorization": f"Bearer {text}"}).status_code == 401
    token.delete()


def test_an_account_has_twenty_tokens_at_most(compte: Compte) -> None:
    """The twenty-first is refused, with what to do."""
    for place in range(20):
        Jeton.creer(compte, str(place), [], timezone.now() + timedelta(days=1))
    client, _ = entrer(compte)
    inscrire(client, compte)
    answer = client.post("/compte/jetons/", {"nom": "x", "portees": ["chronologie"], "duree": "30"})
    assert answer.status_code == 422
    assert "révoquez-en un" in answer.content.decode()


def test_closing_an_account_ends_all_it_opened(compte: Compte) -> None:
    """Sessions, tokens, the password."""
    client, _ = entrer(compte)
    made, _ = Jeton.creer(compte, "x", [], timezone.now() + timedelta(days=1))
    assert gestion.fermer(compte, timezone.now()) == (1, 1)
    made.refresh_from_db()
    assert made.revoque_le is not None
    assert client.get("/second-facteur/inscrire/").status_code == 302
    assert entrer(compte)[1] == 200


@pytest.mark.parametrize(
    ("role", "plus"),
    [
        (Role.AGENT, {}),
        (Role.USAGER, {}),
        (Role.DDD, {"prefecture": "Préfecture"}),
        (Role.DDD, {"sujet": bytes(16)}),
        (Role.DDD, {"mot_de_passe": "court"}),
        (Role.DDD, {"mot_de_passe": "compte-neuf-26"}),
        (Role.DDD, {"acteur": "ccc-exemple"}),
    ],
)
def test_an_account_that_is_not_as_its_role_demands_is_not_made(
    site: Site, role: Role, plus: dict[str, object]
) -> None:
    """Its perimeter, a password worth the name, a pseudonym of its own."""
    given = {"mot_de_passe": MOT, **plus}
    with pytest.raises(CompteError):
        gestion.ajouter("compte-neuf", role, "Service", given.pop("mot_de_passe"), **given)  # type: ignore[arg-type] # as above
    assert not Compte.objects.filter(identifiant="compte-neuf").exists()


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (FIREFOX, "Firefox, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("", "navigateur inconnu"),
        ("<b>" + "x" * 10_000, "navigateur inconnu"),
    ],
)
def test_a_device_is_named_by_a_few_words_of_ours(agent: str, told: str) -> None:
    """Nothing that a browser sends is kept as it is."""
    assert appareil(agent) == told

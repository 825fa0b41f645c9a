"""Who asks is who Django and django-otp would say, whatever became of the session, the account and the second factor."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from secrets import token_hex

import pytest
from django.conf import settings
from django.contrib import auth
from django.db import connection
from django.http import HttpRequest
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.middleware import OTPMiddleware

from tests.web.conftest import Site
from web.acces import Role
from web.comptes import sessions
from web.comptes.models import Application, Compte, Session
from web.comptes.reconnaissance import qui

BACKENDS = ["web.proconnect.ProConnect"]


@pytest.fixture(scope="module")
def site(walked: Site) -> Site:
    """The site, walked at the end of this file."""
    return walked


@pytest.fixture
def compte(site: Site) -> Iterator[Compte]:
    """An account of this test alone, with a second factor."""
    made = Compte.objects.creer("reconnu", None, Role.DDD, acteur="reconnu-p", service="Défenseur des droits")
    Application.de(made, confirmee=True)
    yield made
    Compte.objects.filter(pk=made.pk).delete()


def ouvrir(compte: Compte, facteur: str | None) -> str:
    """The key of a session of this account in which this factor was shown."""
    session = sessions.SessionStore()
    session[auth.SESSION_KEY] = str(compte.pk)
    session[auth.BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[auth.HASH_SESSION_KEY] = compte.get_session_auth_hash()
    if facteur is not None:
        session[DEVICE_ID_SESSION_KEY] = facteur
    session.create()
    assert session.session_key is not None
    return session.session_key


def demande(cle: str) -> HttpRequest:
    """A request with this session."""
    request = HttpRequest()
    request.session = sessions.SessionStore(cle)
    return request


def par_django(cle: str) -> tuple[object, bool]:
    """The account, and whether its second factor was shown, as the two libraries find them."""
    request = demande(cle)
    user = OTPMiddleware(lambda _: None)._verify_user_sync(request, auth.get_user(request))  # noqa: SLF001 - its oracle
    return user.pk, bool(user.is_verified())


def par_nous(cle: str) -> tuple[object, bool]:
    """The same, as the pages do."""
    request = demande(cle)
    user = qui(request)
    shown = request.session.get(DEVICE_ID_SESSION_KEY)
    return user.pk, isinstance(user, Compte) and shown in user.facteurs


def fermer(compte: Compte) -> None:
    """Close it."""
    Compte.objects.filter(pk=compte.pk).update(is_active=False)


def autre_mot_de_passe(compte: Compte) -> None:
    """Change its password elsewhere."""
    compte.set_password("une autre phrase, assez longue")
    compte.save()


def supprimer(compte: Compte) -> None:
    """Delete it: its sessions go with it."""
    Compte.objects.filter(pk=compte.pk).delete()


def finir(compte: Compte) -> None:
    """Its sessions have ended."""
    compte.sessions.update(expire_date=datetime.now(UTC) - timedelta(seconds=1))  # type: ignore[attr-defined] # reverse


def changer_de_main(compte: Compte) -> None:
    """The row is another account's than the session says."""
    other = Compte.objects.exclude(pk=compte.pk).first()
    Session.objects.filter(compte=compte).update(compte=other)


def perdre_la_main(compte: Compte) -> None:
    """The row is nobody's, though the session names the account."""
    Session.objects.filter(compte=compte).update(compte=None)


def oublier_l_application(compte: Compte) -> None:
    """Its second factor was wiped."""
    Application.objects.filter(user=compte).delete()


def application_a_confirmer(compte: Compte) -> None:
    """Its second factor is to be confirmed again."""
    Application.objects.filter(user=compte).update(confirmed=False)


def rien(compte: Compte) -> None:
    """Nothing happened."""


@pytest.mark.parametrize(
    ("arrive", "attendu"),
    [
        (rien, (True, True)),
        (fermer, (False, False)),
        (autre_mot_de_passe, (False, False)),
        (supprimer, (False, False)),
        (finir, (False, False)),
        (changer_de_main, (True, True)),
        (perdre_la_main, (True, True)),
        (oublier_l_application, (True, False)),
        (application_a_confirmer, (True, False)),
    ],
)
def test_whatever_becomes_of_a_session_who_asks_is_who_django_says(
    compte: Compte, arrive: Callable[[Compte], None], attendu: tuple[bool, bool]
) -> None:
    """Read at once, and no more is believed than by the two libraries one after the other."""
    mien = compte.pk
    cle = ouvrir(compte, Application.objects.get(user=compte).persistent_id)
    arrive(compte)
    found = par_nous(cle)
    assert found == (mien if attendu[0] else None, attendu[1])
    assert par_django(cle) == found


@pytest.mark.parametrize("facteur", [None, "comptes.application/0", "comptes.application/x", "autre", "d'un autre"])
def test_a_factor_that_is_not_one_of_the_account_is_none(site: Site, compte: Compte, facteur: str | None) -> None:
    """Whatever a session names: nothing, what does not exist, what is somebody else's."""
    if facteur == "d'un autre":
        facteur = Application.objects.get(user=site.compte(Role.CCC)).persistent_id
    assert par_nous(ouvrir(compte, facteur)) == (compte.pk, False)


@pytest.mark.parametrize("cle", ["", "a", "a" * 32, "é" * 32, "A" * 32, "a" * 31 + "\0"])
def test_a_key_that_opens_nothing_is_nobodys(site: Site, cle: str) -> None:
    """Whatever a cookie holds."""
    assert par_nous(cle) == (None, False)


def test_a_session_outlives_a_new_secret_of_the_site_and_not_a_way_in_that_was_taken_away(compte: Compte) -> None:
    """Django's to judge: it signs the session anew under the secret that is used now."""
    cle = ouvrir(compte, None)
    with override_settings(AUTHENTICATION_BACKENDS=BACKENDS):
        assert par_nous(cle) == (None, False)
    with override_settings(SECRET_KEY=token_hex(32), SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert par_nous(cle) == (compte.pk, False)


def test_a_page_asks_for_session_account_and_factors_once(site: Site) -> None:
    """One statement, and no more, on a page of which nothing else is Django's."""
    client = site.visiteur(Role.DDD)
    client.get(f"/dossiers/{site.sujet()}/")  # notes that the session is used, once a minute
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/dossiers/{site.sujet()}/").status_code == HTTPStatus.OK
    assert len(asked) == 1, asked.captured_queries

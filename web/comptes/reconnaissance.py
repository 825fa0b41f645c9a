"""Who asks: the session, its account and the second factors of that account, read at once.

Django and django-otp ask for them one after the other, on every page. What does not hold at first sight (an account
that was closed, a password that was changed, a site whose secret was renewed) is left to Django to judge.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from web.comptes.facteurs import Application, Secours
from web.comptes.models import Compte, Session

_COLONNES: Final = [each.column for each in Compte._meta.concrete_fields]
_CHAMPS: Final = [each.attname for each in Compte._meta.concrete_fields]
_FACTEURS: Final = " UNION ALL ".join(
    f"SELECT '{each.model_label()}/' || id FROM {each._meta.db_table} WHERE user_id = compte.id AND confirmed"
    for each in (Application, Secours)
)
_SESSION: Final = f"""
SELECT session.session_data, ARRAY({_FACTEURS}), {", ".join(f"compte.{each}" for each in _COLONNES)}
FROM {Session._meta.db_table} AS session LEFT JOIN {Compte._meta.db_table} AS compte ON compte.id = session.compte_id
WHERE session.session_key = %s AND session.expire_date > %s"""
_DU_COMPTE: Final = f"SELECT ARRAY({_FACTEURS}) FROM {Compte._meta.db_table} AS compte WHERE compte.id = %s"


class Ouverte(NamedTuple):
    """An open session as its row says it."""

    contenu: str
    """Signed: :meth:`SessionBase.decode`."""
    compte: Compte | None
    """Whose it is, with the second factors that it has confirmed; of a session in which nobody logged in, ``None``."""


def ouverte(cle: str | None, now: datetime) -> Ouverte | None:
    """The session of this key, when there is one and it has not ended."""
    with connection.cursor() as cursor:
        cursor.execute(_SESSION, (cle, now))
        row = cursor.fetchone()
    if row is None:
        return None
    contenu, facteurs, *valeurs = row
    if valeurs[_CHAMPS.index("id")] is None:
        return Ouverte(contenu, None)
    compte = Compte.from_db(connection.alias, _CHAMPS, valeurs)
    compte.facteurs = frozenset(facteurs)
    return Ouverte(contenu, compte)


class Reconnaissance:
    """Gives each request its account, once it is asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        request.user = SimpleLazyObject(lambda: qui(request))  # type: ignore[assignment] # as Django's own does
        return self._next(request)


def qui(request: HttpRequest) -> Compte | AnonymousUser:
    """The account of the session, or nobody."""
    session = request.session
    session.get(auth.SESSION_KEY)  # has the row read
    held: Compte | None = session.titulaire  # type: ignore[attr-defined] # ours, see SESSION_ENGINE
    if held is not None and _tient(session, held):
        return held
    found = auth.get_user(request)
    if isinstance(found, Compte):
        with connection.cursor() as cursor:
            cursor.execute(_DU_COMPTE, (found.pk,))
            found.facteurs = frozenset(*cursor.fetchone())
    return found


def _tient(session: SessionBase, compte: Compte) -> bool:
    """Whether Django would give this session this account: what it asks, of one that was read already."""
    return (
        compte.is_active
        and session.get(auth.SESSION_KEY) == str(compte.pk)
        and session.get(auth.BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(session.get(auth.HASH_SESSION_KEY) or "", compte.get_session_auth_hash())
    )

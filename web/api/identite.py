"""Who asks: a program by its token, or a person by the session of the pages, with the same guards as there."""

from datetime import timedelta
from typing import Any, Final

from django.contrib.auth import logout
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from web import debit
from web.acces import Objet
from web.api.problemes import Code, Probleme
from web.comptes.models import Jeton
from web.debit import Pris
from web.gardes import reposee, verifie
from web.registre import registre
from web.requete import Requete

EXACTITUDE: Final = timedelta(minutes=1)
"""How exactly the last use of a token is known."""
LONGUEUR: Final = 200


class Demande(Requete):
    """A request of the API. ``jeton``: by which it came, ``None`` for a session; ``debit``: what its bucket gave."""

    jeton: Jeton | None
    debit: Pris


class JetonPorteur(HttpBearer):
    """A token, made on the page of one's account (``Authorization: Bearer ctj_…``)."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The account of a valid token; one that is not is refused, whatever else came with it."""
        assert isinstance(request, HttpRequest)  # noqa: S101 - Django's
        return _par_jeton(request, token)  # type: ignore[arg-type] # the guard made it one of ours


def _par_jeton(request: Demande, texte: str) -> Any:
    found = Jeton.trouver(texte, request.now) if len(texte) <= LONGUEUR else None
    if found is None:
        raise Probleme(Code.JETON_REFUSE, "Il est inconnu, expiré ou révoqué, ou son compte est fermé.")
    mesurer(request, "jeton", str(found.id))
    if found.servi_le is None or request.now - found.servi_le > EXACTITUDE:
        found.servi_le = request.now
        found.save(update_fields=["servi_le"])
    request.user, request.profil, request.jeton = found.compte, found.compte.profil, found
    return found.compte


class SessionOuverte(APIKeyCookie):
    """The session of the pages; what writes also carries the form's token (``X-CSRFToken``)."""

    param_name = "sessionid"

    def __init__(self) -> None:
        super().__init__(csrf=True)

    def __call__(self, request: HttpRequest) -> Any:
        """The account of the session, when it is open and its two factors were shown."""
        return _par_session(request)  # type: ignore[arg-type] # the guard made it one of ours

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """Not asked: a session is Django's to find."""
        raise NotImplementedError


def _par_session(request: Demande) -> Any:
    if not request.user.is_authenticated:
        return None
    if check_csrf(request):
        raise Probleme(Code.FORMULAIRE_PERIME, "Envoyez l'en-tête X-CSRFToken, ou un jeton.")
    if reposee(request):
        logout(request)
        return None
    if not verifie(request):
        raise Probleme(Code.SECOND_FACTEUR, "Donnez-le sur le site, puis recommencez.")
    mesurer(request, "compte", str(request.user.pk))
    request.jeton = None
    return request.user


def mesurer(request: Demande, nom: str, qui: str) -> None:
    """Count this request, of a token or of the session's account.

    :raises Probleme: there were too many in the last minute; the answer says when the next one passes.
    """
    limite = registre().settings.web.debit_jeton
    if limite is None:
        return
    request.debit = debit.prendre(nom, qui, limite, request.now)
    if not request.debit.accepte:
        wait = request.debit.attendre
        raise Probleme(Code.DEBIT_DEPASSE, f"{limite} par minute au plus : recommencez dans {wait} s.")


def porte(request: Demande, objet: Objet) -> bool:
    """Whether the token that this came by, if any, was given for ``objet``; each may read its own account."""
    return request.jeton is None or objet is Objet.COMPTE or objet.value in request.jeton.portees

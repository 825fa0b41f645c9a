"""The answers to what cannot be answered: each says what happened and what to do, none what it must not."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string

from ledger.documents import StoreAwayError
from ledger.errors import ConstatError
from ledger.store import LOST
from web.acces import Objet
from web.debit import Pris
from web.pages.commun import remplir
from web.registre import registre
from web.requete import Requete, page

AU_LOIN: Final = (*LOST, OperationalError, InterfaceError, StoreAwayError)
"""What is raised of a server or of a store of documents that cannot be reached for the moment."""
RETOUR: Final = 10
"""Seconds after which it is worth asking again."""


@page(Objet.PUBLIC)
def introuvable(request: Requete, exception: Exception | None = None) -> HttpResponse:
    """There is no such page or dossier, or it is not for this account: the same words."""
    del exception
    return _dire(
        request,
        HTTPStatus.NOT_FOUND,
        "Cette page n'existe pas, ou votre compte n'y a pas accès",
        "Vérifiez l'adresse. Si vous cherchez un dossier, il peut relever d'un autre service.",
    )


@page(Objet.PUBLIC)
def interdit(request: Requete, exception: Exception | None = None) -> HttpResponse:
    """This role never sees this page."""
    del exception
    return _dire(
        request,
        HTTPStatus.FORBIDDEN,
        "Votre fonction ne donne pas accès à cette page",
        "Si vous en avez besoin, demandez à l'administrateur des comptes de votre service.",
    )


@page(Objet.PUBLIC)
def incomprise(request: Requete, exception: Exception | None = None) -> HttpResponse:
    """The request cannot be read, or is too large to be."""
    if isinstance(exception, RequestDataTooBig | TooManyFilesSent):
        return _dire(
            request,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "Ce que vous envoyez est trop gros",
            "Rien n'a été enregistré. Envoyez moins de texte, ou un fichier plus petit.",
        )
    return _dire(
        request,
        HTTPStatus.BAD_REQUEST,
        "Cette demande n'a pas été comprise",
        "Revenez à la page précédente, et recommencez.",
    )


@page(Objet.PUBLIC)
def panne(request: Requete) -> HttpResponse:
    """Something failed here; nothing was shown of a dossier, nothing was written by half.

    This answer asks nothing of what may have failed: no account, no session, no database. What is lost before a page is
    asked or after it is made, as its session, comes here too.
    """
    if isinstance(sys.exception(), AU_LOIN):
        return indisponible(request)
    return _sans_rien(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def hors_mandat(request: Requete, error: ConstatError) -> HttpResponse:
    """A mandate that is limited to some dossiers does not open this, or this cannot be told of them alone."""
    return _dire(request, HTTPStatus.FORBIDDEN, "Votre mandat n'ouvre pas cette page", str(error))


def indisponible(request: Requete) -> HttpResponse:
    """The ledger or its documents cannot be reached for the moment. A server of our own is brought back meanwhile."""
    with suppress(ConstatError):  # it is away, and that is what is said
        registre().opened.ledger.database.revive()
    return occupe(request)


def occupe(request: Requete) -> HttpResponse:
    """This process can take nothing more for the moment."""
    answer = _sans_rien(request, HTTPStatus.SERVICE_UNAVAILABLE)
    answer.headers["Retry-After"] = str(RETOUR)
    return answer


def _sans_rien(request: Requete, status: HTTPStatus) -> HttpResponse:
    page = render_to_string("panne.html", {"numero": getattr(request, "id", "")})
    return HttpResponse(page, status=status)


def methode(request: Requete, permises: Sequence[str]) -> HttpResponse:
    """This address is not asked for in this way."""
    answer = _dire(
        request,
        HTTPStatus.METHOD_NOT_ALLOWED,
        "Cette adresse ne se demande pas ainsi",
        "Rien n'a été montré ni enregistré. Revenez à la page précédente, et suivez un de ses liens.",
    )
    answer.headers["Allow"] = ", ".join(permises)
    return answer


def illisible(request: Requete) -> HttpResponse:
    """A text that was sent holds bytes that are none."""
    return _dire(
        request,
        HTTPStatus.BAD_REQUEST,
        "Un signe de ce que vous avez écrit ne se lit pas",
        "Rien n'a été enregistré. Revenez en arrière, retirez le signe « \ufffd » ou tapez de nouveau le mot, puis"
        " renvoyez le formulaire.",
    )


def formulaire_perime(request: Requete, reason: str = "") -> HttpResponse:
    """The form's token is not, or no longer, that of this session."""
    del reason
    return _dire(
        request,
        HTTPStatus.FORBIDDEN,
        "Ce formulaire n'est plus valable",
        "Rien n'a été enregistré. Revenez en arrière, rechargez la page, puis envoyez-le de nouveau.",
    )


def compte_bloque(request: Requete, credentials: Any = None, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """Too many wrong passwords."""
    del credentials
    return _dire(
        request,
        HTTPStatus.TOO_MANY_REQUESTS,
        "Trop d'essais : ce compte est fermé pour un quart d'heure",
        "Si ce n'est pas vous qui avez essayé, prévenez l'administrateur des comptes.",
    )


def trop_de_demandes(request: Requete, pris: Pris) -> HttpResponse:
    """This address sends too much; nothing of what it sent was read."""
    wait = max(pris.attendre, RETOUR)
    answer = _dire(
        request,
        HTTPStatus.TOO_MANY_REQUESTS,
        "Trop de demandes en peu de temps",
        f"Rien n'a été lu de ce que vous avez envoyé. Attendez {wait} secondes, puis recommencez.",
    )
    for name, value in pris.entetes.items():
        answer.headers[name] = value
    return answer


def _dire(request: Requete, status: HTTPStatus, titre: str, texte: str) -> HttpResponse:
    return remplir(request, "erreur.html", status, titre=titre, texte=texte, numero=getattr(request, "id", ""))

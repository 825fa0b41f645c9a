"""The first version of the API: its operations, and how every failure is said."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from app.suivi import ArriereError
from web.api import abonnements, actes, compte, lectures, statistiques
from web.api.corps import Corps
from web.api.identite import JetonPorteur, SessionOuverte
from web.api.problemes import Code, Probleme, champs, repondre
from web.limites import HorsMandatError

api = NinjaAPI(
    title="Constat",
    version="1",
    description=(
        "Les mêmes lectures et les mêmes actes que les pages, par les mêmes règles d'accès, avec la même trace. "
        "Toute erreur est un problème RFC 9457 avec un code stable. Jours civils de Paris, instants en UTC."
    ),
    urls_namespace="api-v1",
    openapi_url=None,
    docs_url=None,
    auth=[JetonPorteur(), SessionOuverte()],
    parser=Corps(),
)
for _router in (compte.router, lectures.router, statistiques.router, actes.router, abonnements.router):
    api.add_router("", _router)


@api.exception_handler(Probleme)
def _probleme(request: HttpRequest, error: Any) -> HttpResponse:
    return repondre(request, error)


@api.exception_handler(Http404)
def _introuvable(request: HttpRequest, error: Any) -> HttpResponse:
    del error
    return repondre(request, Probleme(Code.INTROUVABLE))


@api.exception_handler(HorsMandatError)
def _hors_mandat(request: HttpRequest, error: Any) -> HttpResponse:
    return repondre(request, Probleme(Code.MANDAT_LIMITE, str(error)))


@api.exception_handler(AuthenticationError)
def _inconnu(request: HttpRequest, error: Any) -> HttpResponse:
    del error
    return repondre(request, Probleme(Code.NON_IDENTIFIE, "Envoyez un jeton (Authorization: Bearer …) ou une session."))


@api.exception_handler(HttpError)
def _illisible(request: HttpRequest, error: Any) -> HttpResponse:
    why = error.__cause__  # ninja's own error stands for whatever the reader of bodies raised
    return repondre(request, why if isinstance(why, Probleme) else Probleme(Code.DEMANDE_ILLISIBLE))


@api.exception_handler(ValidationError)
def _champs(request: HttpRequest, error: Any) -> HttpResponse:
    return repondre(request, champs(error.errors))


@api.exception_handler(ArriereError)
def _en_retard(request: HttpRequest, error: Any) -> HttpResponse:
    return repondre(request, Probleme(Code.INDISPONIBLE, str(error)))

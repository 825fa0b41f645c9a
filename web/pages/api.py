"""The API for people: what it is, how one asks, and its description for programs."""

from django.http import HttpResponse

from web.acces import Objet
from web.api.problemes import CODES
from web.api.schema import schema
from web.pages.commun import remplir
from web.requete import Requete, page


@page(Objet.PUBLIC)
def aide(request: Requete) -> HttpResponse:
    """How to ask, and every code of error."""
    return remplir(request, "api.html", codes=[(code, status.value, title) for code, (status, title) in CODES.items()])


@page(Objet.PUBLIC)
def explorer(request: Requete) -> HttpResponse:
    """Every operation, by the explorer that comes with the library: no script but its files."""
    return remplir(request, "api_explorer.html")


@page(Objet.PUBLIC)
def description(request: Requete) -> HttpResponse:
    """OpenAPI 3.1."""
    del request
    return HttpResponse(schema(), content_type="application/json")

"""The API for people: what it is, how one asks, and its description for programs."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec
from django.http import HttpResponse

from web.acces import Objet
from web.api.problemes import CODES
from web.api.schema import schema
from web.pages.commun import remplir
from web.requete import Requete, page

OU: Final = {"query": "adresse", "header": "en-tête", "path": "chemin"}


@page(Objet.PUBLIC)
def aide(request: Requete) -> HttpResponse:
    """How to ask, every operation, every code of error: from the very description that programs read."""
    codes = [(code.value, status.value, title) for code, (status, title) in CODES.items()]
    return remplir(request, "api.html", operations=list(_operations()), codes=codes)


class Operation(NamedTuple):
    """One operation, as it is told."""

    nom: str
    methode: str
    chemin: str
    titre: str
    texte: str
    champs: list[tuple[str, str, str]]
    """Name, where it goes, what it says."""


def _operations() -> Iterator[Operation]:
    for path, methods in msgspec.json.decode(schema())["paths"].items():
        for method, told in methods.items():
            fields = [(each["name"], OU[each["in"]], each.get("description", "")) for each in told["parameters"]]
            yield Operation(
                told["operationId"], method.upper(), path, told["summary"], told.get("description", ""),
                [each for each in fields if each[2]],
            )  # fmt: skip


@page(Objet.PUBLIC)
def description(request: Requete) -> HttpResponse:
    """OpenAPI 3.1."""
    del request
    return HttpResponse(schema(), content_type="application/json")

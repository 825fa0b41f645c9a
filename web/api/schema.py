"""The description of the API (OpenAPI 3.1): operations by ninja, answers from the very types that are encoded."""

from functools import cache
from typing import Any, Final

import msgspec
from pydantic import BaseModel, TypeAdapter

from ledger.events.listes import FondementAcces
from web.api.actes import ActeEnregistre
from web.api.compte import CompteLu
from web.api.lectures import REPONSES
from web.api.operations import FONDEMENT, REFERENCE
from web.api.problemes import TYPE, URN, Code
from web.api.v1 import api

RACINE: Final = "/api/v1"
_REF: Final = "#/components/schemas/"
_ECRIT: Final = {"demander_acte": ActeEnregistre}
_STATUTS: Final = ("400", "401", "403", "404", "409", "413", "415", "422", "503")


@cache
def schema() -> bytes:
    """The whole of it, encoded once a process."""
    told: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=RACINE.removeprefix("/")))
    answers: dict[str, Any] = {**REPONSES, **_ECRIT, "lire_compte": CompteLu}
    roots, components = msgspec.json.schema_components(
        list(answers.values()), schema_hook=_du_modele, ref_template=_REF + "{name}"
    )
    schemas = told["components"].setdefault("schemas", {})
    for each in components.values():
        _sortir(each, schemas)
    schemas |= components | {"Probleme": _probleme()}
    made = dict(zip(answers, roots, strict=True))
    for path, methods in told["paths"].items():
        for method in methods.values():
            _completer(method, made, personne="{sujet}" in path)
    return msgspec.json.encode(told)


def _completer(method: dict[str, Any], made: dict[str, Any], *, personne: bool) -> None:
    name = method["operationId"].rpartition(".")[2].rpartition("lectures_")[2]
    name = next(each for each in made if name.endswith(each))
    method["operationId"] = name
    status = "201" if name in _ECRIT else "200"
    problem = {"description": "Un problème (RFC 9457).", "content": {TYPE: {"schema": {"$ref": f"{_REF}Probleme"}}}}
    method["responses"] = {
        status: {"description": "La réponse.", "content": {"application/json": {"schema": made[name]}}},
        **dict.fromkeys(_STATUTS, problem),
    }
    if personne:
        method.setdefault("parameters", []).extend(_motif())


def _motif() -> list[dict[str, Any]]:
    """The headers by which a program says why it opens a dossier."""
    names = [each.value for each in FondementAcces]
    return [
        {
            "in": "header", "name": FONDEMENT, "required": False, "schema": {"type": "string", "enum": names},
            "description": "À quel titre le dossier est ouvert ; la personne et son mandataire ne le disent pas.",
        },
        {
            "in": "header", "name": REFERENCE, "required": False, "schema": {"type": "string", "maxLength": 200},
            "description": "La référence de l'affaire, en UTF-8 et encodée comme dans une adresse (RFC 3986).",
        },
    ]  # fmt: skip


def _probleme() -> dict[str, Any]:
    codes = sorted(each.value for each in Code)
    return {
        "title": "Probleme",
        "description": "Une erreur (RFC 9457). « code » ne change jamais de sens.",
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": [URN + code for code in codes]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "enum": codes},
            "detail": {"type": "string"},
            "requete": {"type": "string", "description": "Le numéro de la demande, à donner à qui vous aide."},
            "erreurs": {"type": "array", "items": {"type": "object"}},
            "motifs": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["type", "title", "status", "code", "requete"],
    }


def _du_modele(kind: type) -> dict[str, Any]:
    """The schema of what msgspec writes as its own model does."""
    if issubclass(kind, BaseModel):
        return kind.model_json_schema(mode="serialization", ref_template=_REF + "{model}")
    return TypeAdapter(kind).json_schema(mode="serialization", ref_template=_REF + "{model}")


def _sortir(node: Any, schemas: dict[str, Any]) -> None:
    """Move the definitions that a model brought along to where every reference looks for them."""
    match node:
        case dict():
            schemas.update(node.pop("$defs", {}))
            for each in node.values():
                _sortir(each, schemas)
        case list():
            for each in node:
                _sortir(each, schemas)
        case _:
            return

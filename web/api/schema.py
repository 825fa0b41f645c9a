"""The description of the API (OpenAPI 3.1): operations by ninja, answers from the very types that are encoded."""

from functools import cache
from typing import Any, Final

import msgspec
from pydantic import BaseModel, TypeAdapter

from ledger.events.listes import FondementAcces
from replay.schemas import descriptions, nom_de, structures
from web.api import statistiques
from web.api.abonnements import AbonnementCree, AbonnementLu, Abonnements, SuiviLu
from web.api.actes import ActeEnregistre
from web.api.compte import CompteLu
from web.api.lectures import REPONSES
from web.api.operations import FONDEMENT, REFERENCE
from web.api.problemes import TYPE, URN, Code
from web.api.v1 import api
from web.avis.distribution import AJOUTE, CORRIGE, ESSAI, Message

RACINE: Final = "/api/v1"
_REF: Final = "#/components/schemas/"
_ECRIT: Final = {
    "demander_acte": ActeEnregistre,
    "contester_fait": ActeEnregistre,
    "lire_abonnements": Abonnements,
    "creer_abonnement": AbonnementCree,
    "renouveler_secret": AbonnementCree,
    "essayer_abonnement": AbonnementLu,
    "reprendre_abonnement": AbonnementLu,
    "supprimer_abonnement": None,
    "suivre_dossier": SuiviLu,
    "cesser_de_suivre": None,
}
"""What the operations answer that are no reads of a dossier."""
_REUSSITES: Final = {
    "demander_acte": "201",
    "contester_fait": "201",
    "creer_abonnement": "201",
    "essayer_abonnement": "202",
    "supprimer_abonnement": "204",
    "cesser_de_suivre": "204",
}
"""How each says that it is done; 200 where nothing is said."""
_AVIS: Final = {
    AJOUTE: "Un fait est arrivé à un dossier suivi",
    CORRIGE: "Un fait d'un dossier suivi en remplace un autre",
    ESSAI: "Un essai, qui ne dit rien",
}
_STATUTS: Final = ("400", "401", "403", "404", "409", "413", "415", "422", "429", "503")


@cache
def schema() -> bytes:
    """The whole of it, encoded once a process."""
    told: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=RACINE.removeprefix("/")))
    answers: dict[str, Any] = {**REPONSES, **statistiques.REPONSES, **_ECRIT, "lire_compte": CompteLu, "avis": Message}
    named = {name: each for name, each in answers.items() if each is not None}
    roots, components = msgspec.json.schema_components(
        list(named.values()), schema_hook=_du_modele, ref_template=_REF + "{name}"
    )
    for cls in {each: None for answer in named.values() for each in structures(answer)}:
        for name, said in descriptions(cls).items():
            components[nom_de(cls, components)]["properties"][name]["description"] = said
    schemas = told["components"].setdefault("schemas", {})
    for each in components.values():
        _sortir(each, schemas)
    schemas |= components | {"Probleme": _probleme()}
    made = dict.fromkeys(answers) | dict(zip(named, roots, strict=True))
    told["webhooks"] = {name: {"post": _avis(words, made["avis"])} for name, words in _AVIS.items()}
    for path, methods in told["paths"].items():
        for method in methods.values():
            _completer(method, made, personne="{sujet}" in path)
    return msgspec.json.encode(told)


def _completer(method: dict[str, Any], made: dict[str, Any], *, personne: bool) -> None:
    name = method["operationId"].rpartition(".")[2].rpartition("lectures_")[2]
    name = next(each for each in made if name.endswith(each))
    method["operationId"] = name
    problem = {"description": "Un problème (RFC 9457).", "content": {TYPE: {"schema": {"$ref": f"{_REF}Probleme"}}}}
    method["responses"] = {
        _REUSSITES.get(name, "200"): _reponse(made[name]),
        **dict.fromkeys(_STATUTS, problem),
    }
    if personne:
        method.setdefault("parameters", []).extend(_motif())


def _reponse(schema: dict[str, Any] | None) -> dict[str, Any]:
    if schema is None:
        return {"description": "C'est fait."}
    return {"description": "La réponse.", "content": {"application/json": {"schema": schema}}}


def _avis(words: str, schema: dict[str, Any] | None) -> dict[str, Any]:
    """A message that is sent, and what is expected of who receives it."""
    headers = {
        "webhook-id": "Le nom de l'avis, le même à chaque essai : un avis déjà reçu ne se traite pas deux fois.",
        "webhook-timestamp": "L'heure de cet essai, en secondes depuis 1970 : refusez-le au-delà de cinq minutes.",
        "webhook-signature": "« v1, » puis HMAC-SHA256, en base64, de id.timestamp.corps ; plusieurs, séparées d'une"
        " espace, quand le secret vient de changer.",
    }
    return {
        "summary": words,
        "description": "Signé comme le dit Standard Webhooks 1.0.0.",
        "parameters": [
            {"in": "header", "name": name, "required": True, "schema": {"type": "string"}, "description": text}
            for name, text in headers.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            "2XX": {"description": "Reçu."},
            "410": {"description": "N'en veut plus : l'abonnement s'arrête."},
            "default": {"description": "Renvoyé plus tard, de plus en plus tard, pendant trois jours."},
        },
    }


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

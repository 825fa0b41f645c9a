"""The JSON Schema (2020-12) of what answers about a person and checks print, made from the types that hold them.

``constat schema NAME`` prints one; ``docs/schema/`` keeps each, and a test refuses one that is not up to date.
"""

import ast
import inspect
from dataclasses import is_dataclass
from itertools import pairwise
from typing import Any, Final

import msgspec

from projections.imputation.blocage import Releve
from projections.imputation.prevision import Prevision
from projections.incidents import Atteinte, Resume
from projections.priorites import Priorite
from projections.statistiques import Statistiques
from replay.bring_back import BroughtBack
from replay.deux_jeux import EcartRegles
from replay.ensemble import PreuveDe
from replay.preuve import Preuve
from replay.results import EtatMiroir, FichierVerifie, Perte, Reecriture, Verification, VerificationMiroir
from replay.what_if import Hypothese

DUES: Final = ("au", "regles", "obligations", "journal", "faits")
"""The parts of the evidence that ``constat duties`` prints."""
NOMS: Final = (
    "evidence", "duties", "forecast", "what-if", "against-rules", "everybody", "queue", "incidents", "incident",
    "blockage", "stats", "verify", "verify-file", "mirror-check", "mirror-resume", "mirror-verify", "restore-check",
    "restore-bring-back",
)  # fmt: skip

_TYPES: Final[dict[str, tuple[str, Any]]] = {
    "evidence": ("constat evidence PERSON --json", Preuve),
    "duties": ("constat duties PERSON --json", Preuve),
    "forecast": ("constat forecast PERSON --json", list[Prevision]),
    "what-if": ("constat what-if PERSON --json", Hypothese),
    "against-rules": ("constat evidence PERSON --rules DIGEST --against-rules DIGEST --json", EcartRegles),
    "everybody": ("a line of constat evidence --all", PreuveDe),
    "queue": ("constat forecast --json", list[Priorite]),
    "incidents": ("constat incidents --json", list[Resume]),
    "incident": ("constat incidents REFERENCE --json", list[Atteinte]),
    "blockage": ("constat incidents --person PERSON --json", Releve),
    "stats": ("constat stats --json", Statistiques),
    "verify": ("constat verify --json", Verification),
    "verify-file": ("constat verify FILE --json", FichierVerifie),
    "mirror-check": ("constat mirror check --json", EtatMiroir),
    "mirror-resume": ("constat mirror resume --json", list[Reecriture]),
    "mirror-verify": ("constat mirror verify --json", VerificationMiroir),
    "restore-check": ("constat restore check --json", Perte),
    "restore-bring-back": ("constat restore bring-back --json", BroughtBack),
}
_REF: Final = "#/$defs/{name}"


def schema(nom: str) -> dict[str, Any]:
    """The schema of the answer ``nom``, one of :data:`NOMS`.

    Every property that is described is printed, always, and no other: readers may rely on both.
    """
    title, printed = _TYPES[nom]
    (root,), definitions = msgspec.json.schema_components([printed], ref_template=_REF)
    for cls in structures(printed):
        _completer(definitions[nom_de(cls, definitions)], cls)
    if nom == "duties":
        whole = definitions["Preuve"]
        whole["properties"] = {name: whole["properties"][name] for name in DUES}
        whole["required"] = list(DUES)
        definitions = _atteintes(root, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Constat : {title}",
        **root,
        "$defs": definitions,
    }


def structures(printed: Any) -> list[type]:
    """Every struct and dataclass that ``printed`` is made of."""
    found: dict[type, None] = {}

    def walk(each: Any) -> None:
        match each:
            case (
                msgspec.inspect.StructType(cls=cls, fields=fields)
                | msgspec.inspect.DataclassType(cls=cls, fields=fields)
            ):
                if cls not in found:
                    found[cls] = None
                    for field in fields:
                        walk(field.type)
            case msgspec.inspect.UnionType(types=types):
                for one in types:
                    walk(one)
            case msgspec.inspect.ListType() | msgspec.inspect.VarTupleType():
                walk(each.item_type)
            case _:
                return

    walk(msgspec.inspect.type_info(printed))
    return list(found)


def nom_de(cls: type, definitions: dict[str, Any]) -> str:
    """The name of its definition: the full one where two types are called the same."""
    return cls.__name__ if cls.__name__ in definitions else f"{cls.__module__}.{cls.__qualname__}"


def _completer(definition: dict[str, Any], cls: type) -> None:
    definition["required"] = list(definition["properties"])
    definition["additionalProperties"] = False
    definition["description"] = inspect.getdoc(cls) or ""
    for each in definition["properties"].values():
        each.pop("default", None)  # what is always printed is never left to a default
    for name, text in descriptions(cls).items():
        definition["properties"][name]["description"] = text


def descriptions(cls: type) -> dict[str, str]:
    """What the text under each field of ``cls``, and of the types it extends, says of it."""
    told: dict[str, str] = {}
    for each in reversed(cls.__mro__):
        if is_dataclass(each) or (issubclass(each, msgspec.Struct) and each is not msgspec.Struct):
            [body] = [node.body for node in ast.parse(inspect.getsource(each)).body if isinstance(node, ast.ClassDef)]
            for field, text in pairwise(body):
                match field, text:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                        told[name] = inspect.cleandoc(said)
    return told


def _atteintes(root: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The definitions that ``root`` still leads to."""
    kept: dict[str, Any] = {}

    def walk(node: Any) -> None:
        match node:
            case {"$ref": str(ref)} if (name := ref.rpartition("/")[2]) not in kept:
                kept[name] = definitions[name]
                walk(definitions[name])
            case dict():
                for each in node.values():
                    walk(each)
            case list():
                for each in node:
                    walk(each)
            case _:
                return

    walk(root)
    return {name: kept[name] for name in definitions if name in kept}

"""The glossary that jurists read, ``docs/glossary.md``: written from the code, never by hand.

``python -m ledger.glossary`` writes it; ``--check`` only says, by its exit code, whether it is up to date.
"""

import argparse
import ast
import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from ledger.days import Jours, Quand
from ledger.events import EVENTS, STAGES, listes, parts, types
from ledger.events.base import Article, Court, Event, Ref, Sha256, Texte
from ledger.events.types import CodeIncident

PATH: Final = Path(__file__).resolve().parents[1] / "docs" / "glossary.md"

_NAMES: Final[tuple[tuple[Any, str], ...]] = (
    (Jours, "jour ou intervalle de jours"),
    (Quand, "instant ou intervalle"),
    (Ref, "référence"),
    (Court, "libellé"),
    (Texte, "texte"),
    (Sha256, "empreinte SHA-256"),
    (Article, "article"),
    (parts.Centimes, "centimes"),
    (parts.Octets, "octets"),
    (parts.Nombre, "nombre"),
    (parts.Annees, "années"),
    (parts.Departement, "code de département"),
    (bool, "oui ou non"),
    (str, "texte"),
    (int, "nombre"),
)

_CITED: Final = re.compile(
    r"(?P<code>CESEDA|CRPA|CJA|RGPD|loi organique 2011-333)"
    r"|(?P<ruling>\b(?:CE avis|CE|TA Paris|arrêté du|circulaire du) (?:\d{6}|\d{1,2}(?:er)? [a-zéû]+ \d{4}))"
    r"|(?P<article>[LR]\.\*?\d+(?:-\d+)*(?: al\. \d+| \d°)?|\bart\. \d+)"
)

_HEAD: Final = """# Glossaire

Le vocabulaire du registre, tiré du code par `python -m ledger.glossary` ; ne pas le modifier à la main.

Un fait dit ce qui est arrivé. Son enveloppe dit qui a agi, par quel canal, d'après quelle source, avec quelle force de
preuve. Le nom enregistré ne change jamais. La ligne renvoie à la table du vocabulaire.
"""


def articles(text: str) -> list[str]:
    """The articles and rulings that ``text`` cites, in order, once each, with the code they belong to."""
    found: dict[str, None] = {}
    code = ""
    for cited in _CITED.finditer(" ".join(text.split())):
        if cited["code"]:
            code = cited["code"]
        else:
            found[cited["ruling"] or f"{code} {cited['article']}".strip()] = None
    return list(found)


def prose(event: type[Event]) -> tuple[str, str]:
    """The sentence of an event and the legal paragraph below it, each on one line."""
    first, _, rest = inspect.cleandoc(event.__doc__ or "").partition("\n")
    return first, " ".join(rest.split())


def cites(event: type[Event]) -> list[str]:
    """The articles that an event's docstring and its fields cite."""
    texts = [" ".join(prose(event)), *(field.description or "" for field in event.model_fields.values())]
    return list(dict.fromkeys(cited for text in texts for cited in articles(text)))


def type_name(hint: Any) -> str:
    """How the glossary names the type of a field, in French."""
    for known, name in _NAMES:
        if hint == known:
            return name
    match get_origin(hint):
        case origin if origin is Annotated:
            return type_name(get_args(hint)[0])
        case origin if origin in {Union, UnionType}:
            inner = [type_name(arg) for arg in get_args(hint) if arg is not NoneType]
            return " ou ".join(inner)
        case origin if origin is tuple:
            return f"liste : {type_name(get_args(hint)[0])}"
        case _:
            return f"`{hint.__name__}`"


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


def _fields(model: type[BaseModel]) -> Iterator[str]:
    hints = get_type_hints(model, include_extras=True)
    yield "| Champ | Type | Sens |"
    yield "|---|---|---|"
    for name, field in model.model_fields.items():
        need = "" if field.is_required() else ", facultatif"
        yield f"| `{name}` | {type_name(hints[name])}{need} | {_escape(field.description or '')} |"


def _event(event: type[Event]) -> Iterator[str]:
    sentence, law = prose(event)
    stream = "tout flux" if event.tout_flux else event.flux.value
    row = f", ligne {event.ligne}" if event.ligne else ""
    alone = f", écrit par « {event.ecrit_par} » seulement" if event.ecrit_par else ""
    yield f"### {event.__name__}"
    yield ""
    yield f"**{_escape(sentence)}** {_escape(law)}"
    yield ""
    yield f"`{event.nom}`, version {event.version}, flux {stream}{row}{alone}."
    if cited := cites(event):
        yield ""
        yield f"Textes : {_escape(', '.join(cited))}."
    yield ""
    yield from _fields(event)
    yield ""


def _member_docs(enum: type[StrEnum]) -> dict[str, str]:
    """The docstring written under each member, which Python itself does not keep."""
    tree = ast.parse(inspect.getsource(enum)).body[0]
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    docs = {}
    for member, doc in pairwise(body):
        match member, doc:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(text))):
                docs[name] = " ".join(text.split())
    return docs


def _enum(enum: type[StrEnum]) -> Iterator[str]:
    yield f"### {enum.__name__}"
    yield ""
    yield _escape(" ".join((enum.__doc__ or "").split()))
    yield ""
    if issubclass(enum, CodeIncident):
        yield "| Valeur | Nom | Étape | Sens |"
        yield "|---|---|---|---|"
        yield from (f"| `{code.value}` | `{code.name}` | {code.etape.value} | {code.libelle}. |" for code in enum)
    else:
        docs = _member_docs(enum)
        yield "| Valeur | Sens |"
        yield "|---|---|"
        yield from (f"| `{member.value}` | {_escape(docs.get(member.name, ''))} |" for member in enum)
    yield ""


def enums(module: ModuleType) -> list[type[StrEnum]]:
    """The closed lists that ``module`` defines."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, StrEnum) and value.__module__ == module.__name__
    ]


def _stage(stage: ModuleType) -> Iterator[str]:
    first, _, rest = inspect.cleandoc(stage.__doc__ or "").partition("\n")
    yield f"## {first.rstrip('.')}"
    yield ""
    if rest.strip():
        yield " ".join(rest.split())
        yield ""
    for event in EVENTS:
        if event.__module__ == stage.__name__:
            yield from _event(event)


def _part(part: type[BaseModel]) -> Iterator[str]:
    yield f"### {part.__name__}"
    yield ""
    yield " ".join((part.__doc__ or "").split())
    yield ""
    yield from _fields(part)
    yield ""


def _index() -> Iterator[str]:
    events: dict[str, list[str]] = {}
    for event in EVENTS:
        for cited in cites(event):
            events.setdefault(cited, []).append(f"`{event.nom}`")
    yield "| Texte | Faits |"
    yield "|---|---|"
    for cited in sorted(events, key=lambda text: [int(n) if n.isdigit() else n for n in re.split(r"(\d+)", text)]):
        yield f"| {_escape(cited)} | {', '.join(events[cited])} |"


def lines() -> Iterator[str]:
    """The glossary, line by line."""
    yield from _HEAD.splitlines()
    yield ""
    for stage in STAGES:
        yield from _stage(stage)
    yield "## Parties d'un fait"
    yield ""
    for part in (parts.PieceDeclaree, parts.PieceDemandee):
        yield from _part(part)
    yield "## Listes fermées"
    yield ""
    for module in (types, listes):
        for enum in enums(module):
            yield from _enum(enum)
    yield "## Textes cités"
    yield ""
    yield from _index()


def render() -> str:
    """The whole glossary."""
    return "\n".join(lines()) + "\n"


def main(arguments: Sequence[str] | None = None, path: Path = PATH) -> int:
    """Write the glossary, or with ``--check`` return 1 when the file at ``path`` differs from the code."""
    parser = argparse.ArgumentParser(prog="python -m ledger.glossary", description="Écrit docs/glossary.md.")
    parser.add_argument("--check", action="store_true", help="vérifie sans écrire")
    text = render()
    if parser.parse_args(arguments).check:
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            sys.stderr.write("docs/glossary.md n'est plus à jour : lancez python -m ledger.glossary\n")
            return 1
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

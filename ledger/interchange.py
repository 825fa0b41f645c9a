"""The interchange format: one fact per line of JSON (UTF-8), the same for import, ``record`` and export.

A line is an envelope (``id``, ``personne``, ``objet``, ``survenu``, ``acteur``, ``canal``, ``source`` …) with
the stored name of the event in ``type``, its version in ``v`` (1 when absent) and its payload in ``donnees``. Nothing
is refused here for being illegal or unlikely: only for being unreadable, and then with every problem at once.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Annotated, Any, Final

import msgspec
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from ledger import canonical
from ledger.days import Quand
from ledger.entry import Acteur, Avertissement, Entry, Fait, Piece, build_fait
from ledger.errors import Probleme, UnreadableError
from ledger.events import FROM_OUTSIDE
from ledger.events.base import Event
from ledger.events.types import Canal, Flux, Grade, Source
from ledger.events.upcast import UnknownEventError, to_current

MAX_LINE_BYTES: Final = 1 << 20
RESERVED: Final = frozenset({"evenement", "avertissements", "flux_choisi"})
_ENVELOPE: Final = TypeAdapter(Fait).validator
_PIECES: Final = TypeAdapter(Annotated[tuple[Piece, ...], Field(max_length=500, strict=True)]).validator
_BYTE: Final = re.compile(r"\(byte (\d+)\)")
"""Where a line stops being JSON, as the decoder says it: the first byte is its byte 0."""
_Ref = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]

_ERRORS: Final[dict[str, tuple[str, str]]] = {
    "missing": ("champ absent", "une valeur"),
    "extra_forbidden": ("champ inconnu", "aucun champ de ce nom"),
    "enum": ("valeur inconnue", "{expected}"),
    "literal_error": ("valeur inconnue", "{expected}"),
    "string_type": ("ce n'est pas un texte", "un texte entre guillemets"),
    "int_type": ("ce n'est pas un entier", "un nombre entier"),
    "int_from_float": ("ce n'est pas un entier", "un nombre entier"),
    "bool_type": ("ce n'est ni vrai ni faux", "true ou false"),
    "string_too_short": ("texte trop court", "une longueur d'au moins {min_length}"),
    "string_too_long": ("texte trop long", "une longueur d'au plus {max_length}"),
    "string_pattern_mismatch": ("forme inattendue", "{pattern}"),
    "too_long": ("liste trop longue", "une longueur d'au plus {max_length}"),
    "too_short": ("liste trop courte", "une longueur d'au moins {min_length}"),
    "model_type": ("ce n'est pas un objet", "un objet JSON entre accolades"),
    "tuple_type": ("ce n'est pas une liste", "une liste JSON entre crochets"),
    "greater_than_equal": ("nombre trop petit", "au moins {ge}"),
    "less_than_equal": ("nombre trop grand", "au plus {le}"),
    "greater_than": ("nombre trop petit", "plus que {gt}"),
    "less_than": ("nombre trop grand", "moins que {lt}"),
}


def read_line(raw: bytes) -> Fait:
    """The fact that one line tells, come from outside: it does not say what the ledger alone does.

    :raises UnreadableError: with every problem, each naming its field and what was expected.
    """
    fait = read_own_line(raw)
    if (command := fait.evenement.ecrit_par) is not None:
        problem = f"{fait.evenement.nom} dit ce que le registre fait lui-même, et lui seul l'écrit"
        raise UnreadableError([Probleme("type", problem, f"la commande « {command} », qui le fait")])
    return fait


def read_own_line(raw: bytes) -> Fait:
    """The same of a line that :func:`write_line` wrote, which may say anything that the ledger holds."""
    try:
        if _plain(raw):
            return _read_well_formed(raw)
    except (ValueError, RecursionError):
        pass
    value = json_object(raw)
    try:
        return _read_well_formed(_encode(value))
    except ValueError:
        return _read_with_problems(value)


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The envelope as the fast path reads it; whatever does not fit goes to pydantic, which names the problems.

    Written again, it has the keys that were read and no other.
    """

    id: _Ref
    type: str
    survenu: str
    acteur: msgspec.Raw
    canal: Canal
    source: Source
    grade: Grade
    donnees: msgspec.Raw
    personne: _Ref | msgspec.UnsetType | None = msgspec.UNSET
    objet: _Ref | msgspec.UnsetType | None = msgspec.UNSET
    v: Annotated[int, msgspec.Meta(ge=1)] | msgspec.UnsetType = msgspec.UNSET
    flux: Flux | msgspec.UnsetType | None = msgspec.UNSET
    connu_de_la_source: str | msgspec.UnsetType | None = msgspec.UNSET
    corrige: _Ref | msgspec.UnsetType | None = msgspec.UNSET
    cause: _Ref | msgspec.UnsetType | None = msgspec.UNSET
    correlation: _Ref | msgspec.UnsetType | None = msgspec.UNSET
    pieces: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_decode_line: Final = msgspec.json.Decoder(_Line).decode
_decode: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder().encode


def _plain(raw: bytes) -> bool:
    """Whether a line is taken as it stands: of an allowed length, no character spelt by its number, all in NFC."""
    return len(raw) <= MAX_LINE_BYTES and b"\\u" not in raw and canonical.in_nfc(raw)


def _read_well_formed(raw: bytes) -> Fait:
    """The fact of a line without a problem, its text in NFC; ``ValueError`` for any other line."""
    line = _decode_line(raw)
    if not _same_keys(_encode(line), raw):
        raise ValueError
    donnees = _without_repeated_keys(bytes(line.donnees))
    cls, donnees = to_current(line.type, line.v or 1, donnees)
    personne, objet, corrige = line.personne or None, line.objet or None, line.corrige or None
    if line.flux and line.flux is not cls.flux and not cls.tout_flux:
        raise ValueError
    if corrige == line.id or (personne.startswith("\0") if personne is not None else objet is None):
        raise ValueError
    return build_fait(
        id=line.id,
        personne=personne,
        objet=objet,
        survenu=Quand.lire(line.survenu),
        connu_de_la_source=Quand.lire(line.connu_de_la_source) if line.connu_de_la_source else None,
        acteur=_acteur(bytes(line.acteur)),
        canal=line.canal,
        source=line.source,
        grade=line.grade,
        corrige=corrige,
        cause=line.cause or None,
        correlation=line.correlation or None,
        flux_choisi=(line.flux or cls.flux) if cls.tout_flux else None,
        pieces=_PIECES.validate_json(_without_repeated_keys(bytes(line.pieces))) if line.pieces else (),
        avertissements=(),
        evenement=cls.__pydantic_validator__.validate_json(donnees),
    )


@lru_cache(maxsize=4096)
def _acteur(raw: bytes) -> Acteur:
    return Acteur.model_validate_json(_without_repeated_keys(raw))


def _same_keys(again: bytes, raw: bytes) -> bool:
    """Whether ``again``, what was read of ``raw``, has all its keys: one given twice loses a value, and quotes with it.

    Quotes spelt by their number (U+0022) must have been looked for before.
    """
    return again.count(b'"') == raw.count(b'"')


def _without_repeated_keys(raw: bytes) -> bytes:
    if not _same_keys(_encode(_decode(raw)), raw):
        raise ValueError
    return raw


def _read_with_problems(value: dict[str, Any]) -> Fait:
    donnees = value.pop("donnees", None)
    nom, version = value.pop("type", None), value.pop("v", 1)
    problems: list[Probleme] = []
    event = _event(nom, version, donnees, problems)
    chosen = _chosen_flux(value.pop("flux", None), event, problems)
    for name in RESERVED & value.keys():
        problems.append(Probleme(name, "champ réservé au registre", "aucun champ de ce nom"))
        del value[name]
    if str(value.get("personne") or "").startswith("\0"):
        problems.append(Probleme("personne", "commence par un caractère nul", "une référence pseudonyme"))
    fait = _envelope(value, event, chosen, problems)
    if fait is not None and fait.personne is None and fait.objet is None:
        problems.append(Probleme("personne", "ni personne ni objet", "l'un des deux au moins"))
    if fait is not None and fait.corrige == fait.id:
        problems.append(
            Probleme("corrige", "un fait ne peut pas se corriger lui-même", "l'identifiant d'un autre fait")
        )
    if problems or fait is None:
        raise UnreadableError(problems)
    return fait


def json_object(raw: bytes) -> dict[str, Any]:
    """The JSON object of one line, its text in NFC.

    :raises UnreadableError: too long, not JSON, not an object, or a key given twice.
    """
    if len(raw) > MAX_LINE_BYTES:
        raise UnreadableError([Probleme("ligne", f"{len(raw)} octets", f"au plus {MAX_LINE_BYTES}")])
    try:
        value = _decode(raw)
        compact = _encode(value)
        if not _same_keys(compact, raw) or b"\\u0022" in raw:
            _refuse_duplicate_keys(raw)
        if not canonical.in_nfc(compact):
            value = canonical.normalized(value)
    except (ValueError, RecursionError) as error:
        at = _BYTE.search(str(error))
        where = f" (octet {int(at[1]) + 1})" if at else ""
        raise UnreadableError(
            [Probleme("ligne", f"ce n'est pas du JSON en UTF-8{where}", "un objet JSON par ligne")]
        ) from error
    if not isinstance(value, dict):
        raise UnreadableError([Probleme("ligne", "ce n'est pas un objet JSON", "un objet entre accolades")])
    return value


def _refuse_duplicate_keys(raw: bytes) -> None:
    """A key given twice would silently lose one of its values. Only lines whose quotes do not add up come here."""
    import json  # noqa: PLC0415 - the slow parser, for the slow path only

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        seen = dict(items)
        if len(seen) != len(items):
            names = sorted(name for name, times in Counter(name for name, _ in items).items() if times > 1)
            raise UnreadableError([Probleme(name, "champ donné deux fois", "une seule fois") for name in names])
        return seen

    json.loads(raw, object_pairs_hook=pairs)


def _event(nom: Any, version: Any, donnees: Any, problems: list[Probleme]) -> Event | None:
    if not isinstance(nom, str):
        problems.append(Probleme("type", "type de fait absent ou qui n'est pas un texte", "un nom du vocabulaire"))
        return None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        problems.append(Probleme("v", "version illisible", "un entier à partir de 1"))
        return None
    if not isinstance(donnees, dict):
        problems.append(Probleme("donnees", "champ absent ou qui n'est pas un objet", "un objet JSON entre accolades"))
        return None
    try:
        cls, current = to_current(nom, version, msgspec.json.encode(donnees))
        return cls.model_validate_json(current)
    except UnknownEventError as error:
        problems.append(Probleme("type", str(error), "un nom du vocabulaire (constat schema)"))
    except ValidationError as error:
        problems.extend(_probleme(each, "donnees") for each in error.errors(include_url=False))
    return None


def _chosen_flux(flux: Any, event: Event | None, problems: list[Probleme]) -> Flux | None:
    if flux is None:
        return event.flux if event is not None and type(event).tout_flux else None
    if not isinstance(flux, str) or flux not in set(Flux):
        problems.append(Probleme("flux", "valeur inconnue", ", ".join(Flux)))
    elif event is not None and type(event).tout_flux:
        return Flux(flux)
    elif event is not None and flux != event.flux:
        problems.append(Probleme("flux", f"le type {event.nom} n'appartient pas au flux {flux}", event.flux.value))
    return None


def _envelope(value: dict[str, Any], event: Event | None, chosen: Flux | None, problems: list[Probleme]) -> Fait | None:
    try:
        fait = _ENVELOPE.validate_json(msgspec.json.encode({**value, "evenement": {}}))
    except ValidationError as error:
        problems.extend(_probleme(each) for each in error.errors(include_url=False))
        return None
    if event is None:
        return None
    read: Fait = fait.model_copy(update={"evenement": event, "flux_choisi": chosen})
    return read


def _probleme(error: ErrorDetails, prefix: str = "") -> Probleme:
    where = ".".join(str(step) for step in (*([prefix] if prefix else []), *error["loc"])) or "ligne"
    if error["type"] == "value_error":
        return Probleme(where, error["msg"].removeprefix("Value error, "))
    wrong, expected = _ERRORS.get(error["type"], ("valeur illisible", error["type"]))
    given = error["input"]
    shown = (
        f" ({given[:40]!r})" if isinstance(given, str) and error["type"] not in {"missing", "extra_forbidden"} else ""
    )
    return Probleme(where, wrong + shown, expected.format_map({**error.get("ctx", {})}).replace(" or ", " ou "))


def write_line(entry: Entry | Fait) -> bytes:
    """The line that tells a fact again: reading it gives an equal :class:`~ledger.entry.Fait`."""
    fait = entry.fait if isinstance(entry, Entry) else entry
    value = fait.model_dump(mode="json", exclude_defaults=True, exclude={"evenement", "flux_choisi", "avertissements"})
    value["type"] = fait.evenement.nom
    if fait.evenement.version != 1:
        value["v"] = fait.evenement.version
    if fait.flux_choisi is not None:
        value["flux"] = fait.flux_choisi.value
    value["donnees"] = fait.evenement.model_dump(mode="json", exclude_defaults=True)
    return canonical.encode(value)


def in_nfc(fait: Fait) -> Fait:
    """``fait`` as it is stored and will be read back: its text in NFC, and the stream that went without saying.

    :raises UnreadableError: in that form a text is longer than its field takes.
    """
    if fait.flux_choisi is None and fait.evenement.tout_flux:
        fait = fait.model_copy(update={"flux_choisi": fait.evenement.flux})
    text = fait.model_dump_json()
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return fait
    warnings = [canonical.normalized(each.model_dump()) for each in fait.avertissements]
    read = read_own_line(write_line(fait))
    return read.model_copy(update={"avertissements": tuple(Avertissement(**each) for each in warnings)})


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a line, made from the models: one alternative per event type that may come in."""
    envelope = TypeAdapter(Fait).json_schema(ref_template="#/$defs/{model}")
    definitions: dict[str, Any] = envelope.pop("$defs", {})
    for name in ("Event", "Avertissement", "Flux"):
        definitions.pop(name, None)
    shared = {
        name: rule
        for name, rule in envelope["properties"].items()
        if name not in {"evenement", "flux_choisi", "avertissements"}
    }
    payloads = []
    for cls in FROM_OUTSIDE:
        schema = cls.model_json_schema(ref_template="#/$defs/{model}")
        definitions |= schema.pop("$defs", {})
        definitions[cls.__name__] = schema
        payloads.append(
            {
                "properties": {"type": {"const": cls.nom}, "donnees": {"$ref": f"#/$defs/{cls.__name__}"}},
            }
        )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Constat : une ligne du format d'échange",
        "type": "object",
        "properties": {
            "type": {"enum": [cls.nom for cls in FROM_OUTSIDE], "description": "Le nom du type de fait."},
            "v": {"type": "integer", "minimum": 1, "default": 1, "description": "La version du type."},
            "flux": {
                "enum": [each.value for each in Flux],
                "description": "Le flux ; donné par le type, sauf fait_retire.",
            },
            "donnees": {"type": "object", "description": "Le contenu propre au type."},
            **shared,
        },
        "required": ["type", "donnees", *(name for name in envelope["required"] if name != "evenement")],
        "additionalProperties": False,
        "anyOf": [{"required": ["personne"]}, {"required": ["objet"]}],
        "oneOf": payloads,
        "$defs": definitions,
    }

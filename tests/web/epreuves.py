"""What people and machines send that no form asks for; and requests made from the API's own description."""

import json
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import quote

from hypothesis import strategies as st

PIEGES: Final = (
    "",
    " ",
    "undefined",
    "NaN",
    "-1",
    "0x1",
    "1e400",
    "9" * 400,
    "9223372036854775808",
    "\uff11\uff12",
    "0001-01-01",
    "9999-12-31",
    "2024-02-30",
    "9999-12-31T23:59:59-14:00",
    "2024-01-01T00:00:00",
    "\x00",
    "a\x00b",
    "\x01\x08\x1b[31m\x7f",
    "\x85\u2028\u2029",
    "\ufeff\u200b\u2060",
    "\u202etxt.exe\u2066",
    "\ufffe\U0010ffff",
    "e\u0301\u0327\u1e0b\u0323",
    "Z\u0351\u036b\u0343a\u0316l\u0347g\u0321o",
    "\u0130\u0131\ufb01\u1e9e",
    "\u212b\u2126\u2460",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd",
    "\u7530\u4e2d\u3055\u3093",
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "</textarea><svg onload=alert(1)>",
    "{{ 7*7 }}${7*7}<%= 7*7 %>",
    "' OR 1=1 --",
    "%s%n%x",
    "=cmd|' /C calc'!A0",
    "../../../../etc/passwd",
    "..\\..\\..%2f..%2f",
    "\r\nX-Injecte: 1\r\n\r\n<html>",
    "$(sleep 9);`sleep 9`",
    "//ailleurs.example/",
    "a" * 5_000,
)
"""After the Big List of Naughty Strings (Max Woolf, MIT): one of each kind, as this site may meet it."""
BALISES: Final = ("<script>alert(1)", "<img src=x", "<svg onload", "{{ 49")
"""What no answer may hold as it was sent, outside of a text."""

_TEXTE: Final = st.one_of(st.sampled_from(PIEGES), st.text(max_size=30))
_FAUX: Final = st.one_of(
    _TEXTE,
    st.sampled_from([None, True, -1, 2**31, 2**63, 10**30, 1.5]),
    st.lists(_TEXTE, max_size=2),
    st.dictionaries(_TEXTE, _TEXTE, max_size=2),
)
"""Of the wrong kind."""


def valeurs(schema: dict[str, Any], composants: dict[str, Any], *, juste: bool = False) -> st.SearchStrategy[Any]:
    """Values that a schema describes and, unless ``juste``, values that it does not."""
    made = _justes(schema, composants)
    return made if juste else st.one_of(made, made, _FAUX)


def _justes(  # noqa: C901, PLR0911 - one a kind of value
    schema: dict[str, Any], composants: dict[str, Any]
) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _justes(composants[schema["$ref"].rpartition("/")[2]], composants)
    if "anyOf" in schema:
        return st.one_of(*(_justes(each, composants) for each in schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"), schema.get("format"):
        case "string", "date":
            return st.dates().map(str)
        case "string", "date-time":
            return st.datetimes(timezones=st.timezones() | st.none()).map(lambda each: each.isoformat())
        case "string", _:
            return st.text(max_size=schema.get("maxLength", 40) % 80)
        case "integer", _:
            return st.integers(schema.get("minimum"), schema.get("maximum"))
        case "boolean", _:
            return st.booleans()
        case "null", _:
            return st.none()
        case "array", _:
            return st.lists(valeurs(schema["items"], composants), max_size=3)
        case "object", _:
            return _objets(schema, composants)
    return _FAUX


def _objets(schema: dict[str, Any], composants: dict[str, Any]) -> st.SearchStrategy[Any]:
    fields = {name: valeurs(each, composants) for name, each in schema.get("properties", {}).items()}
    if not fields:
        return st.dictionaries(_TEXTE, _FAUX, max_size=3)
    needed = {name: fields[name] for name in schema.get("required", ())}
    return st.fixed_dictionaries(needed, optional={n: each for n, each in fields.items() if n not in needed})


def adresse(value: object) -> str:
    """A value as an address writes it; half of a pair of surrogates too, as no browser would."""
    text = {True: "1", False: "0", None: ""}.get(value, value) if isinstance(value, bool | None) else value
    return quote(str(text).encode("utf-8", "surrogatepass"), safe="")


def json_de(value: object) -> bytes:
    """A body, escaped as JSON may be: what is no Unicode passes."""
    return json.dumps(value).encode()


class Formulaires(HTMLParser):
    """The forms of a page that are sent: the address of each, and its fields with the values that are offered."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.trouves: list[tuple[str, dict[str, list[tuple[str, str]]]]] = []
        self._dans: dict[str, list[tuple[str, str]]] | None = None
        self._liste = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form that is sent, or a field of it."""
        had = {name: value or "" for name, value in attrs}
        if tag == "form" and had.get("method", "").lower() == "post":
            self._dans = {}
            self.trouves.append((had.get("action", ""), self._dans))
        if tag == "select":
            self._liste = had.get("name", "")
        name = self._liste if tag == "option" else had.get("name", "")
        if self._dans is not None and name and tag in {"input", "textarea", "button", "option"}:
            self._dans.setdefault(name, []).append((had.get("type", tag), had.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        """Leave the form, or the list."""
        if tag == "form":
            self._dans = None
        if tag == "select":
            self._liste = ""

"""What is sent to the guichet, read: a form of a page or a JSON object, strictly, and cleaned of what no text holds."""

import json
import unicodedata
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl

from ledger.errors import ConstatError
from ledger.seal.attempt import FIELDS, problems
from ledger.seal.sheet import UNSAFE

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
MAX_BODY: Final = 16 << 10


class FormError(ConstatError):
    """Ce qui a été envoyé ne peut pas être déposé."""


def read(body: bytes, media_type: str) -> dict[str, str]:
    """What is deposited: the fields that were filled in, in NFC.

    :raises FormError: with every problem, in French.
    """
    pairs = _json_pairs(body) if media_type == JSON else _form_pairs(body)
    value: dict[str, str] = {}
    for name, text in pairs:
        if name in value:
            msg = f"champ « {name[:40]} » : il est donné deux fois"
            raise FormError(msg)
        value[name] = _clean(text)
    filled = {name: text for name, text in value.items() if text}
    found = list(problems(filled))
    if found:
        raise FormError("\n".join(found))
    return filled


def _form_pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=len(FIELDS) + 4,
        )
    except ValueError as error:
        msg = "le formulaire ne se lit pas (attendu : application/x-www-form-urlencoded, en UTF-8)"
        raise FormError(msg) from error


def _json_pairs(body: bytes) -> Iterable[tuple[str, str]]:
    try:
        given = json.loads(body.decode(), object_pairs_hook=list)
    except (ValueError, RecursionError) as error:
        msg = "ce n'est pas du JSON en UTF-8"
        raise FormError(msg) from error
    if not isinstance(given, list) or not all(isinstance(pair, tuple) and isinstance(pair[1], str) for pair in given):
        msg = "un objet JSON est attendu, dont chaque champ est un texte"
        raise FormError(msg)
    return given


def _clean(text: str) -> str:
    """A text as it is kept: line ends of one form, NFC, without what commands a terminal or reorders what is read."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return unicodedata.normalize("NFC", UNSAFE.sub(" ", lines)).strip()

"""Canonical JSON: the one byte form of a value, so that a digest can be redone by anyone.

RFC 8785 (JCS) on a restricted profile where the fast encoder and RFC 8785 agree byte for byte: ASCII keys,
no floats, integers within ±(2^53-1), text in Unicode NFC without lone surrogates. The package ``rfc8785`` is the
oracle of the tests.
"""

import unicodedata
from typing import Any, Final

import msgspec

MAX_SAFE_INTEGER: Final = 2**53 - 1

_encode = msgspec.json.Encoder(order="sorted").encode


class NotCanonicalError(ValueError):
    """La valeur ne tient pas dans le profil JSON canonique du registre."""


def encode(value: Any) -> bytes:
    """The canonical UTF-8 bytes of ``value`` (dicts, lists, str, int, bool, None, and structs of these).

    Values come from models that leave no float and no large integer; :func:`check` refuses those of any other origin.

    :raises NotCanonicalError: a lone surrogate, or a type that JSON does not have.
    """
    try:
        line = _encode(value)
    except (UnicodeEncodeError, TypeError, OverflowError) as error:
        msg = f"valeur hors du profil canonique : {error}"
        raise NotCanonicalError(msg) from error
    if not in_nfc(line):
        line = _encode(normalized(msgspec.json.decode(line)))
    return line


def in_nfc(raw: bytes) -> bool:
    """Whether a text in UTF-8 is in NFC. Below U+0300, hence in Latin-1, no character combines with another."""
    if raw.isascii():
        return True
    text = raw.decode()
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return unicodedata.is_normalized("NFC", text)
    return True


def normalized(value: Any) -> Any:
    """``value`` with its text in NFC, text by text: in JSON an accent would join the n of an escaped line feed."""
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case list():
            return [normalized(item) for item in value]
        case dict():
            return {normalized(name): normalized(item) for name, item in value.items()}
        case _:
            return value


def check(value: Any) -> None:
    """Refuse what the profile leaves out; text in another form than NFC is accepted, :func:`encode` normalises it.

    :raises NotCanonicalError: the value is outside the profile.
    """
    match value:
        case bool() | None:
            return
        case str():
            _check_text(value)
        case int():
            if abs(value) > MAX_SAFE_INTEGER:
                msg = f"entier trop grand pour être exact partout : {value}"
                raise NotCanonicalError(msg)
        case list() | tuple():
            for item in value:
                check(item)
        case dict():
            for key, item in value.items():
                _check_key(key)
                check(item)
        case _:
            msg = f"{type(value).__name__} n'a pas de forme canonique"
            raise NotCanonicalError(msg)


def _check_text(value: str) -> None:
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        msg = "le texte contient un demi-caractère isolé (surrogate), qui n'est pas de l'Unicode"
        raise NotCanonicalError(msg)


def _check_key(key: Any) -> None:
    if not isinstance(key, str) or not key.isascii():
        msg = f"nom de champ hors ASCII : {key!r}"
        raise NotCanonicalError(msg)


def decode(line: bytes) -> Any:
    """The value of a JSON text; ``ValueError`` when it is not JSON in UTF-8."""
    return msgspec.json.decode(line)

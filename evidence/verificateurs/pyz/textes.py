"""The texts that a bundle is made of, each in its one form: base64, whole numbers, canonical JSON, lines, instants."""

from __future__ import annotations

import binascii
import calendar
import json
import re
from base64 import b64decode, b64encode
from datetime import datetime, timedelta, timezone
from typing import Any, Final

PLUS_GRAND: Final = 2**53 - 1
LIGNE: Final = 1 << 20
"""Bytes of a line of a ``.jsonl`` file, its LF apart."""
LIGNES: Final = 500_000
"""Lines of a ``.jsonl`` file."""
PROFONDEUR: Final = 64
CHEMIN: Final = 63
"""Hashes of a proof: no tree is deeper (C2SP tlog-proof)."""

ENTIER: Final = "(?:0|[1-9][0-9]{0,15})"
HEX32: Final = "[0-9a-f]{32}"
HEX64: Final = "[0-9a-f]{64}"
REGISTRE: Final = "[a-z0-9./-]{3,80}"
HACHE: Final = "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="
"""32 bytes in base64: the two bits that are left are zero."""
PAS: Final = f'"path":\\[((?:"{HACHE}"(?:,"{HACHE}"){{0,{CHEMIN - 1}}})?)\\]'

_ENTIER: Final = re.compile(ENTIER)
_INSTANT: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{6})?Z", re.ASCII)
_EPOQUE: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_BLANCS: Final = frozenset("\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\x7f").union(
    map(chr, range(0x21)), map(chr, range(0x2000, 0x200B))
)


class IllisibleError(ValueError):
    """It does not have its one form."""


def base64_exact(texte: str) -> bytes:
    """The bytes of a base64 text (RFC 4648 section 4), padded, its unused bits zero.

    :raises IllisibleError: any other text.
    """
    try:
        octets = b64decode(texte, validate=True)
    except (binascii.Error, ValueError) as error:
        raise IllisibleError from error
    if b64encode(octets).decode() != texte:
        raise IllisibleError
    return octets


def chemin(ecrit: str) -> list[bytes]:
    """The hashes of a proof, as ``PAS`` finds them."""
    return [binascii.a2b_base64(un[1:-1]) for un in ecrit.split(",")] if ecrit else []


def entier(texte: str) -> int:
    """A whole number in its one form, at most 2^53-1.

    :raises IllisibleError: any other text.
    """
    if not _ENTIER.fullmatch(texte) or int(texte) > PLUS_GRAND:
        raise IllisibleError
    return int(texte)


def utf8(octets: bytes) -> str:
    """A text in UTF-8; a byte order mark stays, and no format allows one.

    :raises IllisibleError: it is not UTF-8.
    """
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError as error:
        raise IllisibleError from error


def nom_de_cle(nom: str) -> str:
    """The name of a key: not empty, no space of any kind, no ``+`` (C2SP signed-note).

    :raises IllisibleError: it is none.
    """
    if not nom or "+" in nom or not _BLANCS.isdisjoint(nom):
        raise IllisibleError
    return nom


def montre(nom: bytes) -> str:
    """A name that may be anything, as it is told: what is not printable ASCII becomes ``?``, 200 signs at most."""
    return "".join(chr(un) if 0x20 <= un < 0x7F else "?" for un in nom[:200])  # noqa: PLR2004 - printable ASCII


def _paires(paires: list[tuple[str, Any]]) -> dict[str, Any]:
    noms = [nom for nom, _ in paires]
    if not all(nom.isascii() for nom in noms) or any(a >= b for a, b in zip(noms, noms[1:])):
        raise IllisibleError
    return dict(paires)


def _refus(_texte: str) -> Any:
    raise IllisibleError


def _nombre(texte: str) -> int:
    if len(texte) > len(str(-PLUS_GRAND)) or abs(int(texte)) > PLUS_GRAND:
        raise IllisibleError
    return int(texte)


def _profondeur(valeur: Any) -> None:
    rang = [valeur]
    for _ in range(PROFONDEUR + 1):
        if not rang:
            return
        rang = [
            dedans
            for un in rang
            if isinstance(un, (list, dict))
            for dedans in (un.values() if isinstance(un, dict) else un)
        ]
    if rang:
        raise IllisibleError


def canonique(octets: bytes) -> Any:
    """The value of a canonical JSON text: RFC 8785 with ASCII keys and whole numbers, at most 64 levels.

    :raises IllisibleError: any other text.
    """
    texte = utf8(octets)
    try:
        valeur = json.loads(
            texte, object_pairs_hook=_paires, parse_int=_nombre, parse_float=_refus, parse_constant=_refus
        )
    except (ValueError, RecursionError) as error:
        raise IllisibleError from error
    _profondeur(valeur)
    if json.dumps(valeur, ensure_ascii=False, separators=(",", ":")) != texte:
        raise IllisibleError
    return valeur


def json_lisible(octets: bytes) -> Any:
    """The value of any JSON text, at most 64 levels, where its form is looked at later.

    :raises IllisibleError: it is none.
    """
    try:
        valeur = json.loads(utf8(octets), parse_int=float, parse_constant=_refus)
    except (ValueError, RecursionError) as error:
        raise IllisibleError from error
    _profondeur(valeur)
    return valeur


def secondes(annee: int, mois: int, jour: int, heure: int, minute: int, seconde: int) -> int:
    """Seconds since 1970 of a date in UTC.

    :raises IllisibleError: there is no such date.
    """
    try:
        dite = datetime(annee, mois, jour, heure, minute, seconde, tzinfo=timezone.utc)
    except ValueError as error:
        raise IllisibleError from error
    return calendar.timegm(dite.timetuple())


def est_instant(texte: str) -> bool:
    """Whether it is ``YYYY-MM-DDThh:mm:ssZ`` or ``YYYY-MM-DDThh:mm:ss.ffffffZ``, of a date that exists."""
    trouve = _INSTANT.fullmatch(texte)
    if trouve is None:
        return False
    try:
        secondes(*map(int, trouve.groups()))
    except IllisibleError:
        return False
    return True


def instant(depuis_1970: int) -> str:
    """Seconds since 1970 as ``YYYY-MM-DDThh:mm:ssZ``.

    :raises IllisibleError: beyond the year 9999.
    """
    try:
        dit = _EPOQUE + timedelta(seconds=depuis_1970)
    except OverflowError as error:
        raise IllisibleError from error
    return dit.replace(tzinfo=None).isoformat() + "Z"

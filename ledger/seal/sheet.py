"""A text that a person reads first and a machine verifies: a French header, then named parts (``.recu`` files).

::

    <header, made from the parts: lines of French>
    Empreinte SHA-256 de ce qui suit cette ligne : <64 hexadecimal digits>
    --- <name> ---
    <the part: lines>
    --- fin ---

UTF-8, lines ended by one line feed. The header holds nothing that the parts do not hold: whoever verifies makes it
again and compares, so that no byte of the file can be another one.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from ledger.francais import JOURS, jour
from ledger.seal.note import NoteError

MAX_BYTES: Final = 1 << 22
END: Final = "fin"
DIGEST: Final = "Empreinte SHA-256 de ce qui suit cette ligne : "
UNSAFE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What no text in a header may hold: commands to a terminal, other line ends, what would reorder it."""
_MARK: Final = re.compile(r"^--- ([a-z]+) ---\n", re.MULTILINE)
_PARIS: Final = ZoneInfo("Europe/Paris")


class Part(NamedTuple):
    """A named part. ``text``: one line or more, each ended by a line feed."""

    name: str
    text: str


def write(header: Iterable[str], parts: Sequence[Part]) -> bytes:
    """The file of a header's lines and of its parts."""
    body = "".join(f"--- {part.name} ---\n{part.text}" for part in (*parts, Part(END, ""))).encode()
    lines = [*header, f"{DIGEST}{sha256(body).hexdigest()}"]
    return "".join(f"{line}\n" for line in lines).encode() + body


def read(raw: bytes) -> list[Part]:
    """The parts of a file, in order; its header is not looked at.

    :raises NoteError: it is not such a file, or larger than what is read here (4 MiB).
    """
    if len(raw) > MAX_BYTES:
        msg = "le fichier est trop long"
        raise NoteError(msg)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        msg = "le fichier n'est pas en UTF-8"
        raise NoteError(msg) from error
    if "\r" in text:
        msg = "le fichier n'a plus ses fins de ligne : un programme l'a réécrit, vérifiez l'original"
        raise NoteError(msg)
    _, *found = _MARK.split(text)
    parts = [Part(*each) for each in zip(found[::2], found[1::2], strict=True)]
    if not parts or parts.pop() != Part(END, ""):
        msg = "le fichier n'est pas un reçu, ou il est coupé : il doit finir par « --- fin --- »"
        raise NoteError(msg)
    return parts


def one_line(part: Part) -> str:
    """The one line of a part, without its line feed.

    :raises NoteError: it has not exactly one.
    """
    line, feed, rest = part.text.partition("\n")
    if not feed or rest:
        msg = f"la partie « {part.name} » tient sur une ligne"
        raise NoteError(msg)
    return line


def in_paris(instant: str) -> str:
    """An instant (RFC 3339, UTC) as people say it: the day in full and the hour, in Paris.

    :raises NoteError: there is no such instant.
    """
    try:
        here = datetime.fromisoformat(instant).astimezone(_PARIS)
    except (ValueError, OverflowError) as error:
        msg = "l'instant n'existe pas"
        raise NoteError(msg) from error
    offset = f"{here:%z}"
    day = f"{JOURS[here.weekday()]} {jour(here)}"
    return f"{day} à {here:%H h %M min %S s}, heure de Paris (UTC{offset[:3]}:{offset[3:5]})"

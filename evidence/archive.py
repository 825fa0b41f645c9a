"""A ZIP in one form (docs/bundle.md, "Archive"): stored members, fixed dates, nothing between them.

Written here and not by the standard library, which switches to ZIP64 from 2 GiB and leaves header fields free: where
each byte has one possible value, a verifier needs no inflater and no byte can be changed unseen.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import IO, Final, NamedTuple
from zlib import crc32

from ledger.errors import ConstatError

VERSION: Final = 20
MADE_BY: Final = 0x0314
FIRST_DAY: Final = 0x0021
"""1980-01-01, the earliest that a ZIP can say."""
REGULAR_FILE: Final = 0o100644 << 16
MOST_BYTES: Final = (1 << 32) - 1
MOST_MEMBERS: Final = 20_000
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")


class TropGrandError(ConstatError):
    """L'export dépasse 4 Gio ou 20 000 fichiers : retenez moins de pièces, ou faites-en plusieurs."""


class Membre(NamedTuple):
    """A file of the archive. ``octets``: how many bytes ``contenu`` gives."""

    nom: str
    octets: int
    contenu: Iterable[bytes]


def ecrire(fichier: IO[bytes], racine: str, membres: Iterable[Membre]) -> None:
    """Write the archive of ``membres``, which come in the byte order of their names, under the folder ``racine``.

    ``fichier`` is open for writing at its beginning, and can seek. Contents are read once, and never held whole.

    :raises TropGrandError: it cannot hold as much.
    :raises ValueError: a member does not give as many bytes as it says, or is not in order.
    """
    central: list[bytes] = []
    before = b""
    for membre in membres:
        name, offset = f"{racine}/{membre.nom}".encode("ascii"), fichier.tell()
        if name <= before or len(central) == MOST_MEMBERS:
            _refuse(before, name)
        before = name
        if offset + membre.octets + 2 * (_CENTRAL.size + len(name)) > MOST_BYTES:
            raise TropGrandError(TropGrandError.__doc__)
        fichier.write(bytes(_LOCAL.size + len(name)))
        crc, size = _copy(fichier, membre.contenu)
        if size != membre.octets:
            msg = f"{membre.nom} gives {size} bytes and says {membre.octets}"
            raise ValueError(msg)
        said = (VERSION, 0, 0, 0, FIRST_DAY, crc, size, size, len(name), 0)
        fichier.seek(offset)
        fichier.write(_LOCAL.pack(b"PK\3\4", *said) + name)
        fichier.seek(0, 2)
        central.append(_CENTRAL.pack(b"PK\1\2", MADE_BY, *said, 0, 0, 0, REGULAR_FILE, offset) + name)
    _finish(fichier, central)


def _refuse(before: bytes, name: bytes) -> None:
    if name <= before:
        msg = f"{name!r} comes after {before!r}"
        raise ValueError(msg)
    raise TropGrandError(TropGrandError.__doc__)


def _finish(fichier: IO[bytes], central: list[bytes]) -> None:
    start, directory = fichier.tell(), b"".join(central)
    if start + len(directory) + _END.size > MOST_BYTES:
        raise TropGrandError(TropGrandError.__doc__)
    fichier.write(directory)
    fichier.write(_END.pack(b"PK\5\6", 0, 0, len(central), len(central), len(directory), start, 0))


def _copy(fichier: IO[bytes], contenu: Iterable[bytes]) -> tuple[int, int]:
    crc = size = 0
    for chunk in contenu:
        crc, size = crc32(chunk, crc), size + len(chunk)
        fichier.write(chunk)
    return crc, size


def lire(fichier: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """The members of an archive that this program wrote and kept, without its root, each whole.

    :raises ValueError: it is not one.
    """
    while (head := fichier.read(_LOCAL.size))[:4] == b"PK\3\4" and len(head) == _LOCAL.size:
        *_, size, length, _extra = _LOCAL.unpack(head)
        name = fichier.read(length).decode("ascii")
        content = fichier.read(size)
        if len(content) != size:
            msg = "the archive is cut short"
            raise ValueError(msg)
        yield name.partition("/")[2], content
    if head[:4] not in {b"PK\1\2", b"PK\5\6"}:
        msg = "this is no archive of ours"
        raise ValueError(msg)

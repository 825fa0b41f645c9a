"""A ZIP writer whose every field can be set: the bundle's one form by default, a hostile one where a test says so."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

LOCAL: Final = struct.Struct("<4s5H3I2H")
CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
FIN: Final = struct.Struct("<4s4H2IH")
JOUR: Final = 0x0021
MODE: Final = 0x81A40000


@dataclass(frozen=True)
class Membre:
    """A member. ``local``, ``central``: fields of its headers that are not what they should be, by name.

    ``avant``, ``apres``: bytes before its local header and after its data. ``octets``: what stands in the archive,
    where that is not ``donnees``.
    """

    nom: str | bytes
    donnees: bytes
    octets: bytes | None = None
    local: dict[str, Any] = field(default_factory=dict)
    central: dict[str, Any] = field(default_factory=dict)
    avant: bytes = b""
    apres: bytes = b""

    @property
    def nom_ecrit(self) -> bytes:
        """The name as bytes."""
        return self.nom if isinstance(self.nom, bytes) else self.nom.encode("utf-8", "surrogatepass")

    def avec(self, **changes: Any) -> "Membre":
        """The same with other fields."""
        return replace(self, **changes)

    def des_deux(self, **champs: Any) -> "Membre":
        """The same with a field changed in both its headers."""
        return replace(self, local=self.local | champs, central=self.central | champs)


def _commun(membre: Membre) -> dict[str, Any]:
    stored = membre.donnees if membre.octets is None else membre.octets
    return {
        "version": 20,
        "flags": 0,
        "method": 0,
        "time": 0,
        "date": JOUR,
        "crc": zlib.crc32(membre.donnees),
        "compressed": len(stored),
        "size": len(membre.donnees),
        "name": membre.nom_ecrit,
        "extra": b"",
    }


def _local(membre: Membre) -> bytes:
    said = {"signature": b"PK\3\4"} | _commun(membre) | membre.local
    name, extra = said["name"], said["extra"]
    keys = ("signature", "version", "flags", "method", "time", "date", "crc", "compressed", "size")
    lengths = said.get("name_length", len(name)), said.get("extra_length", len(extra))
    head: bytes = LOCAL.pack(*(said[key] for key in keys), *lengths) + name + extra
    return head


def _central(membre: Membre, offset: int) -> bytes:
    base = {"signature": b"PK\1\2", "made": 0x0314, "disk": 0, "internal": 0, "external": MODE, "comment": b""}
    said = base | {"offset": offset} | _commun(membre) | membre.central
    name, extra, comment = said["name"], said["extra"], said["comment"]
    keys = ("signature", "made", "version", "flags", "method", "time", "date", "crc", "compressed", "size")
    lengths = [said.get(f"{what}_length", len(said[what])) for what in ("name", "extra", "comment")]
    rest = (said[key] for key in ("disk", "internal", "external", "offset"))
    head: bytes = CENTRAL.pack(*(said[key] for key in keys), *lengths, *rest) + name + extra + comment
    return head


def ecrire(
    membres: Sequence[Membre],
    *,
    fin: dict[str, Any] | None = None,
    avant_centre: bytes = b"",
    avant_fin: bytes = b"",
    centre: Sequence[Membre] | None = None,
) -> bytes:
    """The archive. ``fin``: fields of its end that are not what they should be; ``centre``: what its directory lists.

    A member of ``centre`` that is not in ``membres`` needs a ``central`` with an ``offset``.
    """
    parts: list[bytes] = []
    offsets: dict[int, int] = {}
    at = 0
    for membre in membres:
        offsets[id(membre)] = at + len(membre.avant)
        stored = membre.donnees if membre.octets is None else membre.octets
        parts += [membre.avant, _local(membre), stored, membre.apres]
        at += sum(map(len, parts[-4:]))
    listed = membres if centre is None else centre
    directory = b"".join(_central(membre, offsets.get(id(membre), 0)) for membre in listed)
    said = {
        "signature": b"PK\5\6",
        "disk": 0,
        "start": 0,
        "here": len(listed) & 0xFFFF,
        "count": len(listed) & 0xFFFF,
        "size": len(directory),
        "offset": at + len(avant_centre),
        "comment": b"",
    } | (fin or {})
    keys = ("signature", "disk", "start", "here", "count", "size", "offset")
    comment = said["comment"]
    end = FIN.pack(*(said[key] for key in keys), said.get("comment_length", len(comment))) + comment
    return b"".join([*parts, avant_centre, directory, avant_fin, end])

"""QR codes (ISO/IEC 18004) as data that a template draws as one vector: level M, the smallest version, bytes as given.

No logo, no error level raised because there is room, no ECI header: the same content gives the same modules for ever,
and any reader gives the very bytes back.
"""

from typing import Any, Final, NamedTuple

import segno
from segno.encoder import DataOverflowError

from ledger.errors import ConstatError

LA_PLUS_GRANDE: Final = 40
"""The largest version there is: 2,331 bytes at level M."""
LISIBLE: Final = 25
"""The largest one to print here: 117 modules of half a millimetre, 997 bytes. Ours: readers differ, and paper ages."""


class QrError(ConstatError):
    """Ce contenu ne tient pas dans un code QR."""


class Qr(NamedTuple):
    """A code. ``rangs``: one text a row, « 1 » where the module is dark, without the quiet zone."""

    version: int
    rangs: tuple[str, ...]

    @property
    def donnees(self) -> dict[str, Any]:
        """What ``qr.typ`` draws."""
        return {"version": self.version, "rangs": list(self.rangs)}


def qr(contenu: bytes, *, version_max: int = LA_PLUS_GRANDE) -> Qr:
    """The code of ``contenu``, of the smallest version that holds it at level M.

    :raises QrError: it is empty, or needs a version above ``version_max`` (1 to 40).
    """
    if not contenu:
        msg = "rien à mettre dans le code QR : le contenu est vide"
        raise QrError(msg)
    try:
        made = segno.make_qr(contenu, error="m", mode="byte", boost_error=False)
    except DataOverflowError:
        made = None
    if made is None or int(made.version) > version_max:
        msg = f"{len(contenu)} octets ne tiennent pas dans un code QR de version {version_max} au plus, au niveau M"
        raise QrError(msg)
    return Qr(int(made.version), tuple("".join(map(str, row)) for row in made.matrix))

"""What the documents that carry their proof share: the file that is attached, its digest, the code that is scanned."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

from evidence.phrases import phrase
from evidence.qr import LISIBLE, QrError, qr

COTE: Final = 6_000
"""Hundredths of a millimetre that a code is wide, as near as its modules allow."""
MODULE: Final = (50, 100)
"""Hundredths of a millimetre that a module has, at least and at most."""


class Joint(NamedTuple):
    """A file to attach, byte for byte. ``nom``: ours, not the name that it had."""

    nom: str
    octets: bytes
    type_mime: str
    relation: str
    """PDF/A-3 ``AFRelationship``: ``source`` (the page is made from it) or ``data`` (it is made with the page)."""
    description: str

    @property
    def empreinte(self) -> str:
        """SHA-256, in hex."""
        return sha256(self.octets).hexdigest()

    @property
    def donnees(self) -> dict[str, Any]:
        """What the template attaches."""
        return {
            "nom": self.nom,
            "type": self.type_mime,
            "relation": self.relation,
            "description": phrase(self.description),
        }


def champ(nom: str, *lignes: str, chiffres: bool = False) -> dict[str, Any]:
    """A label and its lines, which can all be shown. ``chiffres``: it is a digest."""
    return {"nom": phrase(nom), "lignes": list(lignes), "chiffres": chiffres}


def code(contenus: Sequence[bytes], dits: Sequence[Iterable[str]], alt: str) -> dict[str, Any]:
    """The code of the first of ``contenus`` that can be printed to be read, and what of ``dits`` goes with it.

    :raises QrError: none can.
    """
    for contenu, dit in zip(contenus, dits, strict=True):
        try:
            made = qr(contenu, version_max=LISIBLE)
        except QrError:
            if contenu is contenus[-1]:
                raise
            continue
        module = min(max(COTE // (len(made.rangs) + 8), MODULE[0]), MODULE[1])
        return {"qr": made.donnees, "module": module, "alt": phrase(alt), "textes": [phrase(each) for each in dit]}
    msg = "rien à mettre dans le code QR"
    raise QrError(msg)


def designation(genre: str, *lignes: str) -> bytes:
    """A short text that names one thing for ever: « constat/1 <genre> », then a line each."""
    return "".join(f"{each}\n" for each in (f"constat/1 {genre}", *lignes)).encode()

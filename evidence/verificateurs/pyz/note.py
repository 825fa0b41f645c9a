"""Signed notes (C2SP signed-note v1) with Ed25519 signatures of a log (0x01) and cosignatures of witnesses (0x04)."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from evidence.verificateurs.pyz import ed25519
from evidence.verificateurs.pyz.textes import IllisibleError, base64_exact, entier, instant, nom_de_cle, utf8

if TYPE_CHECKING:
    from collections.abc import Iterable

JOURNAL: Final = 0x01
TEMOIN: Final = 0x04
OCTETS: Final = 1 << 18
SIGNATURES: Final = 64
MARQUE: Final = "— "
IDENTIFIANT: Final = 4
HEURE: Final = 8
HACHE: Final = 32


class SignatureFausseError(Exception):
    """A signature that names a known key is not that key's."""


class CleNommee(NamedTuple):
    """A public key with its name and its use, ``JOURNAL`` or ``TEMOIN``."""

    nom: str
    usage: int
    cle: bytes

    @property
    def identifiant(self) -> bytes:
        """The four bytes by which a signature names it."""
        return sha256(self.nom.encode() + b"\n" + bytes([self.usage]) + self.cle).digest()[:IDENTIFIANT]

    @property
    def vkey(self) -> str:
        """``name+hex(id)+base64(type || key)``."""
        return f"{self.nom}+{self.identifiant.hex()}+{b64encode(bytes([self.usage]) + self.cle).decode()}"

    @property
    def empreinte(self) -> str:
        """The vkey without its name: whole, since an id of four bytes can be met by trying."""
        return self.vkey[len(self.nom) + 1 :]

    @classmethod
    def lue(cls, vkey: str, usage: int) -> CleNommee:
        """Read ``name+hex(id)+base64(type || key)``.

        :raises IllisibleError: it is no key of this use.
        """
        parties = vkey.split("+", 2)
        if len(parties) != 3:  # noqa: PLR2004 - name, id, key
            raise IllisibleError
        materiel = base64_exact(parties[2])
        cle = cls(nom_de_cle(parties[0]), usage, materiel[1:])
        if materiel[:1] != bytes([usage]) or len(cle.cle) != HACHE or parties[1] != cle.identifiant.hex():
            raise IllisibleError
        return cle

    def verifie(self, texte: str, signature: bytes) -> int | None:
        """Check a signature of ``texte``; the time of a cosignature (seconds since 1970), none for a log's.

        :raises SignatureFausseError: it is not this key's, or a cosignature has no time that can be told.
        """
        heure, message = None, texte.encode()
        if self.usage == TEMOIN:
            heure, signature = int.from_bytes(signature[:HEURE], "big"), signature[HEURE:]
            message = f"cosignature/v1\ntime {heure}\n".encode() + message
        try:
            instant(heure or 0)
        except IllisibleError as error:
            raise SignatureFausseError from error
        if heure == 0 or not ed25519.verifie(self.cle, message, signature):
            raise SignatureFausseError
        return heure


class Signature(NamedTuple):
    """One line that signs a note."""

    nom: str
    identifiant: bytes
    valeur: bytes

    @classmethod
    def lue(cls, ligne: str) -> Signature:
        """Read a line, without its LF.

        :raises IllisibleError: it does not sign.
        """
        if not ligne.startswith(MARQUE):
            raise IllisibleError
        nom, _, ecrite = ligne[len(MARQUE) :].partition(" ")
        octets = base64_exact(ecrite)
        if len(octets) <= IDENTIFIANT:
            raise IllisibleError
        return cls(nom_de_cle(nom), octets[:IDENTIFIANT], octets[IDENTIFIANT:])


class Note(NamedTuple):
    """A text, which ends with LF, and its signatures."""

    texte: str
    signatures: tuple[Signature, ...]

    @classmethod
    def lue(cls, octets: bytes) -> Note:
        """Read a note; nothing is verified yet.

        :raises IllisibleError: it is none.
        """
        tout = utf8(octets)
        if len(octets) > OCTETS or any(signe < " " and signe != "\n" for signe in tout):
            raise IllisibleError
        texte, blanc, lignes = tout.rpartition("\n\n")
        signees = lignes.split("\n")
        if not blanc or not texte or signees.pop() != "" or not 0 < len(signees) <= SIGNATURES:
            raise IllisibleError
        return cls(texte + "\n", tuple(map(Signature.lue, signees)))

    def verifiee(self, connues: Iterable[CleNommee]) -> dict[CleNommee, int | None]:
        """Which of the known keys signed, and when their cosignature says so.

        :raises SignatureFausseError: a signature that names a known key is false.
        """
        par_nom = {(cle.nom, cle.identifiant): cle for cle in connues}
        trouvees: dict[CleNommee, int | None] = {}
        for signature in self.signatures:
            cle = par_nom.get((signature.nom, signature.identifiant))
            if cle is not None:
                trouvees[cle] = cle.verifie(self.texte, signature.valeur)
        return trouvees


def point_de_controle(texte: str) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint's text (C2SP tlog-checkpoint); its further lines have no meaning here.

    :raises IllisibleError: it is none.
    """
    lignes = texte.split("\n")
    if lignes.pop() != "" or len(lignes) < 3 or not all(lignes):  # noqa: PLR2004 - origin, size, root
        raise IllisibleError
    racine = base64_exact(lignes[2])
    if len(racine) != HACHE:
        raise IllisibleError
    return lignes[0], entier(lignes[1]), racine

"""Checkpoints (C2SP tlog-checkpoint) and self-contained proofs of one leaf (C2SP tlog-proof), as texts."""

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Final

from ledger.seal.note import Note, NoteError, exact_base64

PROOF_HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_PATH: Final = 63
HASH: Final = 32
LARGEST: Final = 2**63 - 1
_DECIMAL: Final = re.compile("0|[1-9][0-9]{0,18}")


def decimal(text: str) -> int:
    """A number in its one form.

    :raises NoteError: anything else.
    """
    if not _DECIMAL.fullmatch(text) or int(text) > LARGEST:
        msg = "un nombre s'écrit en chiffres, sans zéro devant"
        raise NoteError(msg)
    return int(text)


def hash_of(text: str) -> bytes:
    """A hash in base64.

    :raises NoteError: it is not one of 32 bytes.
    """
    value = exact_base64(text)
    if len(value) != HASH:
        msg = "une empreinte ne fait pas 32 octets"
        raise NoteError(msg)
    return value


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How large the log was and the root of its tree then. ``extensions``: further lines, of no meaning here."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the text of a checkpoint, without its signatures.

        :raises NoteError: it is not one.
        """
        lines = text.split("\n")
        if lines.pop() != "" or len(lines) < 3 or not all(lines):  # noqa: PLR2004 - origin, size, root
            msg = "un point de contrôle s'écrit : origine, taille, racine, une ligne chacune"
            raise NoteError(msg)
        origin, size, root, *extensions = lines
        return cls(origin, decimal(size), hash_of(root), tuple(extensions))

    @property
    def text(self) -> str:
        """What is signed."""
        return "".join(
            f"{line}\n" for line in (self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions)
        )


@dataclass(frozen=True, slots=True)
class TlogProof:
    """One leaf's proof: index (from 0), audit path, signed checkpoint, and free data that nothing vouches for."""

    index: int
    path: tuple[bytes, ...]
    note: Note
    extra: bytes = b""

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint of the note; its signatures are not verified by reading it."""
        return Checkpoint.parse(self.note.text)

    @classmethod
    def parse(cls, raw: bytes) -> "TlogProof":
        """Read a proof.

        :raises NoteError: it is not one.
        """
        head, separator, note = raw.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            msg = "la preuve n'est pas en ASCII"
            raise NoteError(msg) from error
        if not separator or lines.pop(0) != PROOF_HEADER:
            msg = f"une preuve commence par « {PROOF_HEADER} »"
            raise NoteError(msg)
        extra = exact_base64(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else b""
        if not lines or not lines[0].startswith("index ") or len(lines) > MAX_PATH + 1:
            msg = "une preuve donne l'index de la feuille, puis son chemin, une empreinte par ligne"
            raise NoteError(msg)
        index = decimal(lines.pop(0).removeprefix("index "))
        proof = cls(index, tuple(map(hash_of, lines)), Note.parse(note), extra)
        Checkpoint.parse(proof.note.text)
        return proof

    def __bytes__(self) -> bytes:
        extra = [f"extra {b64encode(self.extra).decode()}"] if self.extra else []
        path = [b64encode(each).decode() for each in self.path]
        head = "\n".join([PROOF_HEADER, *extra, f"index {self.index}", *path])
        return f"{head}\n\n".encode() + bytes(self.note)

"""The promise: what a log signs of a line at once, before it is sealed; and the keys that sign promises.

A C2SP signed note (Ed25519) whose text is six lines, none of them of a person::

    constat/1 promesse
    <origin of the log>
    <stream, 32 hexadecimal digits>
    <place of the line in its stream, from 1>
    <leaf hash of the line (RFC 6962), base64>
    <instant at which the line was recorded, YYYY-MM-DDThh:mm:ss.ffffffZ>

Promises have keys of their own, named ``<origin>/promesses``, in ``log`` lines of a policy: the program that answers
the public never holds the key that signs checkpoints, and a key of one kind is never taken for one of the other.
"""

import os
import re
import secrets
from base64 import b64encode
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.seal.checkpoint import hash_of
from ledger.seal.note import Note, NoteError, Verifier
from ledger.seal.signing import SigningKeys

HEADER: Final = "constat/1 promesse"
KEY_OF: Final = "/promesses"
INSTANT: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
ORIGIN: Final = r"[a-z0-9./-]{3,80}"
PLACE: Final = r"[1-9][0-9]{0,18}"
STREAM: Final = r"[0-9a-f]{32}"
_TEXT: Final = re.compile(
    rf"{HEADER}\n(?P<origin>{ORIGIN})\n(?P<stream>{STREAM})\n(?P<pos>{PLACE})\n(?P<leaf>[^\n]+)\n(?P<at>{INSTANT})\n"
)


def key_name(origin: str) -> str:
    """The name of the keys that sign the promises of a log."""
    return origin + KEY_OF


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised of a line. ``leaf``: its 32-byte leaf hash; ``at``: as the line writes it."""

    origin: str
    stream: str
    pos: int
    leaf: bytes
    at: str

    @classmethod
    def parse(cls, text: str) -> "Promise":
        """Read the text of a promise, without its signatures.

        :raises NoteError: it is not one.
        """
        read = _TEXT.fullmatch(text)
        if read is None:
            msg = f"une promesse s'écrit en six lignes, la première étant « {HEADER} »"
            raise NoteError(msg)
        return cls(read["origin"], read["stream"], int(read["pos"]), hash_of(read["leaf"]), read["at"])

    @property
    def text(self) -> str:
        """What is signed."""
        leaf = b64encode(self.leaf).decode()
        return "".join(f"{line}\n" for line in (HEADER, self.origin, self.stream, self.pos, leaf, self.at))


def signers(note: Note, name: str, known: Iterable[Verifier]) -> list[Verifier]:
    """Which of the ``known`` keys called ``name`` signed a note.

    :raises NoteError: a signature of one of them is false.
    """
    return list(note.verified(each for each in known if each.name == name))


def keys_at(path: Path, name: str) -> SigningKeys:
    """The keys called ``name`` of a file, which is made when it is not there: of those who make it at once, one does.

    :raises KeyFileError: the file is not one, or has the keys of another name.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.mine")
        SigningKeys.generate(name).save(beside)
        try:
            with suppress(FileExistsError):
                os.link(beside, path)  # never in place of a key that another process has just signed with
        finally:
            beside.unlink()
    return SigningKeys.load(path, name)

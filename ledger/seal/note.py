"""Signed notes (C2SP signed-note v1), Ed25519 signatures of a log (type 0x01) and cosignatures of a witness (0x04).

A note is a text and the lines that sign it. A key is written ``name+id+key`` (its *vkey*). Signatures of unknown keys
are ignored; one of a known key that does not verify makes the whole note worthless.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.errors import ConstatError

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04
KEY_BYTES: Final = 32
ID_BYTES: Final = 4
TIME_BYTES: Final = 8
LATEST: Final = 2**63 - 1
MAX_BYTES: Final = 1 << 18
MAX_SIGNATURES: Final = 64
MARK: Final = "— "
COMMANDS: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
"""Every sign below the space, but for the end of a line."""


class NoteError(ConstatError):
    """La note signée est illisible, ou une signature d'une clé connue est fausse."""


def exact_base64(text: str) -> bytes:
    """The bytes of a base64 text (RFC 4648 section 4) in its one canonical form.

    :raises NoteError: anything else.
    """
    try:
        value = b64decode(text, validate=True)
    except (Base64Error, ValueError) as error:
        msg = "une valeur n'est pas en base64"
        raise NoteError(msg) from error
    if b64encode(value).decode() != text:
        msg = "une valeur n'est pas en base64 sous sa seule forme exacte"
        raise NoteError(msg)
    return value


def _check_name(name: str) -> str:
    if not name or "+" in name or any(char.isspace() or char < " " for char in name):
        msg = "un nom de clé est vide, ou contient une espace ou un « + »"
        raise NoteError(msg)
    return name


def key_id(name: str, algorithm: int, key: bytes) -> bytes:
    """The four bytes by which a signature names its key (C2SP signed-note, "Signatures")."""
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + key).digest()[:ID_BYTES]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name: a log's (``ED25519``) or a witness's (``COSIGNATURE``)."""

    name: str
    algorithm: int
    key: bytes

    @classmethod
    def parse(cls, vkey: str) -> "Verifier":
        """Read ``name+hex(id)+base64(type || key)``.

        :raises NoteError: it is not one, its id is not that of its key, or its type is not known.
        """
        parts = vkey.split("+", 2)
        if len(parts) != 3:  # noqa: PLR2004 - name, id, key
            msg = "une clé de vérification s'écrit nom+identifiant+clé"
            raise NoteError(msg)
        name, claimed, encoded = parts
        material = exact_base64(encoded)
        verifier = cls(_check_name(name), material[0] if material else -1, material[1:])
        if verifier.algorithm not in {ED25519, COSIGNATURE} or len(verifier.key) != KEY_BYTES:
            msg = f"la clé de {name} n'est pas une clé Ed25519 de journal ou de témoin"
            raise NoteError(msg)
        if claimed != verifier.id.hex():
            msg = f"l'identifiant de la clé de {name} n'est pas le sien"
            raise NoteError(msg)
        return verifier

    @property
    def id(self) -> bytes:
        """The key id, 4 bytes."""
        return key_id(self.name, self.algorithm, self.key)

    @property
    def vkey(self) -> str:
        """``name+hex(id)+base64(type || key)``."""
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.algorithm]) + self.key).decode()}"

    def verify(self, text: str, signature: bytes) -> int | None:
        """Check a signature of ``text``; returns the time of a cosignature (seconds since 1970), ``None`` of a log's.

        :raises NoteError: the signature is not this key's.
        """
        time = None
        message = text.encode()
        if self.algorithm == COSIGNATURE:
            time = int.from_bytes(signature[:TIME_BYTES], "big")
            message, signature = cosigned(text, time), signature[TIME_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            msg = f"la signature de {self.name} est fausse"
            raise NoteError(msg) from error
        if time is not None and not 0 < time <= LATEST:
            msg = f"la cosignature de {self.name} n'est pas datée"
            raise NoteError(msg)
        return time


def cosigned(text: str, time: int) -> bytes:
    """What a witness signs: the text, dated (C2SP tlog-cosignature, "Ed25519 signed message")."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its name and use."""

    name: str
    algorithm: int
    private: Ed25519PrivateKey

    @property
    def verifier(self) -> Verifier:
        """Its public half."""
        return Verifier(self.name, self.algorithm, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> "Signature":
        """A log's signature of ``text``."""
        return Signature(self.name, self.verifier.id, self.private.sign(text.encode()))

    def cosign(self, text: str, time: int) -> "Signature":
        """A witness's cosignature of ``text`` at ``time`` (seconds since 1970)."""
        signature = self.private.sign(cosigned(text, time))
        return Signature(self.name, self.verifier.id, time.to_bytes(TIME_BYTES, "big") + signature)


@dataclass(frozen=True, slots=True)
class Signature:
    """One line that signs a note."""

    name: str
    key_id: bytes
    value: bytes

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """Read a signature line, without its newline.

        :raises NoteError: it is not one.
        """
        name, separator, encoded = line.removeprefix(MARK).partition(" ")
        raw = exact_base64(encoded)
        if not line.startswith(MARK) or not separator or len(raw) <= ID_BYTES:
            msg = "une ligne de signature s'écrit « — nom base64 »"
            raise NoteError(msg)
        return cls(_check_name(name), raw[:ID_BYTES], raw[ID_BYTES:])

    def __str__(self) -> str:
        return f"{MARK}{self.name} {b64encode(self.key_id + self.value).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, ending with a newline, and its signatures."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, raw: bytes) -> "Note":
        """Read a signed note; nothing is verified yet.

        :raises NoteError: it is not one, or larger than what is read here (256 kB, 64 signatures).
        """
        if len(raw) > MAX_BYTES:
            msg = "la note est trop longue"
            raise NoteError(msg)
        try:
            whole = raw.decode()
        except UnicodeDecodeError as error:
            msg = "la note n'est pas en UTF-8"
            raise NoteError(msg) from error
        if COMMANDS.search(whole):
            msg = "la note contient un caractère de commande"
            raise NoteError(msg)
        text, separator, lines = whole.rpartition("\n\n")
        signed = lines.split("\n")
        if not separator or not text or signed.pop() != "" or not 0 < len(signed) <= MAX_SIGNATURES:
            msg = "la note n'est pas un texte, une ligne vide, puis des signatures"
            raise NoteError(msg)
        return cls(text + "\n", tuple(Signature.parse(line) for line in signed))

    def __bytes__(self) -> bytes:
        return (self.text + "\n" + "".join(map(str, self.signatures))).encode()

    def signed(self, *signatures: Signature) -> "Note":
        """The same note with more signatures; one that it has already is not added twice."""
        more = [each for each in signatures if each not in self.signatures]
        return Note(self.text, (*self.signatures, *more))

    def verified(self, known: Iterable[Verifier]) -> dict[Verifier, int | None]:
        """Which of the ``known`` keys signed, and when (``None``: a log does not say).

        :raises NoteError: a signature that names a known key is not its.
        """
        by_name = {(verifier.name, verifier.id): verifier for verifier in known}
        found: dict[Verifier, int | None] = {}
        for signature in self.signatures:
            verifier = by_name.get((signature.name, signature.key_id))
            if verifier is not None:
                found[verifier] = verifier.verify(self.text, signature.value)
        return found

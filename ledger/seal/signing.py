"""The log's signing keys: a file of Ed25519 seeds, apart from the database and from the keys of the coffre.

While a key is replaced the file holds two, and both sign: whoever knows either can follow. The leaf ``cle`` says in the
log itself that one follows the other.
"""

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import KeyFileError
from ledger.seal import files
from ledger.seal.note import ED25519, KEY_BYTES, Note, NoteError, Signer, Verifier

KIND: Final = "cle"
"""The log's own leaf that says which key follows which: ``ancienne`` and ``nouvelle``, as vkeys."""


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The keys that sign this log's checkpoints, the oldest first. ``origin`` is the log's, and each key's name."""

    origin: str
    seeds: tuple[bytes, ...]

    @classmethod
    def generate(cls, origin: str) -> "SigningKeys":
        """One fresh random key."""
        return cls(origin, (secrets.token_bytes(KEY_BYTES),))

    @classmethod
    def load(cls, path: Path, origin: str) -> "SigningKeys":
        """Read the file of signing keys of the log ``origin``.

        :raises KeyFileError: it is missing, is not one, or is another log's.
        """
        try:
            stored = json.loads(path.read_text(encoding="ascii"))
            keys = cls(str(stored["origin"]), tuple(bytes.fromhex(seed) for seed in stored["seeds"]))
            usable = keys.seeds and all(len(seed) == KEY_BYTES for seed in keys.seeds)
        except FileNotFoundError as error:
            msg = (
                f"le fichier de clés de signature {path.name} manque : restaurez-le, sans lui rien ne peut être scellé"
            )
            raise KeyFileError(msg) from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            msg = f"{path.name} n'est pas un fichier de clés de signature"
            raise KeyFileError(msg) from error
        if not usable or keys.origin != origin:
            msg = f"{path.name} n'a pas les clés du journal {origin}"
            raise KeyFileError(msg)
        return keys

    def save(self, path: Path) -> None:
        """Write the file, readable by this user only. It replaces an older one as a whole, or not at all."""
        text = json.dumps({"origin": self.origin, "seeds": [seed.hex() for seed in self.seeds]})
        files.replace(path, text.encode("ascii"), mode=0o600)

    @property
    def signers(self) -> tuple[Signer, ...]:
        """The keys, ready to sign."""
        return tuple(Signer(self.origin, ED25519, Ed25519PrivateKey.from_private_bytes(seed)) for seed in self.seeds)

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """Their public halves."""
        return tuple(signer.verifier for signer in self.signers)

    def sign(self, text: str) -> Note:
        """A note signed with every key."""
        return Note(text, tuple(signer.sign(text) for signer in self.signers))

    def with_new(self) -> "SigningKeys":
        """The same with one more key, which signs too from now on."""
        return SigningKeys(self.origin, (*self.seeds, secrets.token_bytes(KEY_BYTES)))

    def without(self, key_id: str) -> "SigningKeys":
        """The same without the key of this id (8 hexadecimal digits).

        :raises KeyFileError: there is no such key, or no other one.
        """
        kept = tuple(
            seed for seed, verifier in zip(self.seeds, self.verifiers, strict=True) if verifier.id.hex() != key_id
        )
        if not kept or len(kept) == len(self.seeds):
            msg = f"la clé {key_id} n'est pas de celles qui signent, ou c'est la seule"
            raise KeyFileError(msg)
        return SigningKeys(self.origin, kept)


def succession(lines: Iterable[str], keys: Sequence[Verifier]) -> tuple[Verifier, ...]:
    """``keys`` and those that they took over from, as the log's leaves ``cle`` (``lines``, in order) say.

    A leaf counts only through a key that is known already: it is the newer key that vouches for the older one.
    """
    known = list(keys)
    for line in reversed(list(lines)):
        try:
            said = json.loads(line)
            older, newer = Verifier.parse(str(said["ancienne"])), Verifier.parse(str(said["nouvelle"]))
        except (ValueError, KeyError, TypeError, NoteError):
            continue
        if newer in known and older not in known and older.name == newer.name:
            known.append(older)
    return tuple(known)


def known_signers(note: Note, keys: Sequence[Verifier]) -> list[Verifier]:
    """Which of ``keys`` signed; a false signature counts for none."""
    try:
        return list(note.verified(keys))
    except NoteError:
        return []

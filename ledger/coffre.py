"""The coffre: one key per person, kept wrapped under the deployment's key, and everything derived from it.

From a person's key come, by HMAC-SHA256 with a label each: the key that seals the parts (AES-256-GCM), and two keys of
keyed BLAKE2b (RFC 7693) for the salts of the commitments and the random-looking ids of streams and facts. So nothing in
the ledger links back to a reference
without that key, and destroying it leaves every proof standing and nothing to read.

Additional data of every sealed part: log origin, subject, stream, place, event id, command id and part, so that a
ciphertext opens nowhere else than where it was written.
"""

import hmac
import json
import os
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID, SafeUUID

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg.adapt import Dumper
from psycopg.pq import Format

from ledger.errors import KeyDestroyedError, KeyFileError
from ledger.events.types import Flux

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
NONCES_DRAWN: Final = 512
CACHE_SIZE: Final = 4_096
TRIED: Final = 10
KEY_COLUMNS: Final = "blind_index, uuid_send(subject), kek_id, wrapped, reference"
SELECT_KEYS: Final = f"SELECT {KEY_COLUMNS} FROM ledger.person_key"


class Id(bytes):
    """Sixteen bytes that PostgreSQL keeps as a ``uuid``: a stream, a subject, a fact, a command."""

    __slots__ = ()


class IdDumper(Dumper):
    """Hands an :class:`Id` to PostgreSQL as it is, without a ``UUID`` object in between."""

    format = Format.BINARY
    oid = psycopg.postgres.types["uuid"].oid

    def dump(self, obj: Id) -> bytes:
        """The bytes themselves: the binary form of ``uuid``."""
        return obj


psycopg.adapters.register_dumper(Id, IdDumper)


def uuid_of(raw: bytes) -> UUID:
    """The UUID of 16 bytes; ``UUID(bytes=...)`` checks what cannot be wrong here and costs twice as much."""
    value = object.__new__(UUID)
    object.__setattr__(value, "int", int.from_bytes(raw, "big"))
    object.__setattr__(value, "is_safe", SafeUUID.unknown)
    return value


def nobody(flux: Flux, objet: str) -> str:
    """The reference of a subject that is no person: an incident declared for all, an audit without a dossier."""
    return f"\0{flux.value}\0{objet}"


def _share(conn: psycopg.Connection[Any], keys: Iterable["PersonKey"]) -> None:
    """Make the subjects that are no person known as such, before a fact of theirs is written."""
    shared = [(key.subject, key.shared) for key in keys if key.shared is not None]
    if shared:
        conn.execute(
            "INSERT INTO ledger.shared_subject SELECT * FROM unnest(%b::uuid[], %s::text[]) ON CONFLICT DO NOTHING",
            [list(column) for column in zip(*shared, strict=True)],
        )


def _derive(key: bytes, label: bytes) -> bytes:
    return hmac.digest(key, label, "sha256")


class _Nonces:
    """Random nonces, drawn many at a time: asking the system for each one would hand the interpreter over each time.

    ``pop`` is atomic, so that no two threads get the same one; a forked process forgets those it was born with.
    """

    def __init__(self) -> None:
        self._drawn: list[bytes] = []
        os.register_at_fork(after_in_child=self._drawn.clear)

    def next(self) -> bytes:
        """Twelve random bytes that nobody else has been given."""
        try:
            return self._drawn.pop()
        except IndexError:
            block = os.urandom(NONCE_BYTES * NONCES_DRAWN)
            nonces = [block[at : at + NONCE_BYTES] for at in range(0, len(block), NONCE_BYTES)]
            nonce = nonces.pop()
            self._drawn.extend(nonces)
            return nonce


_next_nonce = _Nonces().next


class PersonKey:
    """The open key of one person (or of one incident that is nobody's)."""

    __slots__ = ("_ids", "_salts", "_streams", "aead", "reference", "subject")

    def __init__(self, subject: Id, key: bytes, reference: str) -> None:
        self.subject = subject
        self.reference = reference
        self.aead = AESGCM(_derive(key, b"constat/1 parties"))
        self._ids = _derive(key, b"constat/1 identifiants")
        self._salts = _derive(key, b"constat/1 sels")
        self._streams: dict[tuple[str, str], Id] = {}

    @property
    def shared(self) -> str | None:
        """Of which kind of stream its subject is, when that is no person; ``None`` for a person."""
        return self.reference.split("\0")[1] if self.reference.startswith("\0") else None

    def stream(self, flux: str, objet: str) -> Id:
        """The id of one of this person's streams: 128 bits that say nothing without the key."""
        stream = self._streams.get((flux, objet))
        if stream is None:
            stream = self._id(b"flux", f"{flux}\0{objet}")
            self._streams[flux, objet] = stream
        return stream

    def event_id(self, fact_id: str) -> Id:
        """The id of a fact: the same fact of the same person always has the same one."""
        return self._id(b"fait", fact_id)

    def document(self, digest: str) -> str:
        """The name under which a document is stored: hex, and says nothing without the key."""
        return blake2b(digest.encode(), key=self._ids, person=b"document", digest_size=32).hexdigest()

    def salt(self, event_id: bytes, part: bytes) -> bytes:
        """The 32-byte salt of one part's commitment: opening one part says nothing about another's salt."""
        return blake2b(event_id, key=self._salts, person=part, digest_size=32).digest()

    def _id(self, kind: bytes, name: str) -> Id:
        return Id(blake2b(name.encode(), key=self._ids, person=kind, digest_size=16).digest())

    def seal(self, plain: bytes, bound_to: bytes) -> bytes:
        """Nonce, ciphertext and tag of ``plain``, which opens only with the same ``bound_to``."""
        nonce = _next_nonce()
        return nonce + self.aead.encrypt(nonce, plain, bound_to)

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """The plain bytes. ``cryptography.exceptions.InvalidTag`` when a byte or the place is not the right one."""
        return self.aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)


@dataclass(frozen=True, slots=True)
class DeploymentKeys:
    """The secrets of a deployment: the key that wraps (KEK), by id, and the key of the blind index."""

    keks: Mapping[str, bytes]
    current: str
    index: bytes

    @classmethod
    def generate(cls) -> "DeploymentKeys":
        """Fresh random keys."""
        kek = secrets.token_bytes(KEY_BYTES)
        kek_id = sha256(b"constat/1 kek\0" + kek).hexdigest()[:16]
        return cls({kek_id: kek}, kek_id, secrets.token_bytes(KEY_BYTES))

    @classmethod
    def load(cls, path: Path) -> "DeploymentKeys":
        """Read the key file.

        :raises KeyFileError: the file is missing or is not a key file.
        """
        try:
            stored = json.loads(path.read_text(encoding="ascii"))
            keks = {name: bytes.fromhex(value) for name, value in stored["keks"].items()}
            keys = cls(keks, str(stored["current"]), bytes.fromhex(stored["index"]))
        except FileNotFoundError as error:
            msg = f"le fichier de clés {path.name} manque : restaurez-le, sans lui le registre ne se lit pas"
            raise KeyFileError(msg) from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            msg = f"{path.name} n'est pas un fichier de clés de Constat"
            raise KeyFileError(msg) from error
        if keys.current not in keks or any(len(key) != KEY_BYTES for key in (*keks.values(), keys.index)):
            msg = f"{path.name} est incomplet : clé courante absente ou longueur inattendue"
            raise KeyFileError(msg)
        return keys

    def save(self, path: Path) -> None:
        """Write a new key file, readable by this user only; never over an existing one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(
            {
                "current": self.current,
                "index": self.index.hex(),
                "keks": {name: key.hex() for name, key in self.keks.items()},
            }
        )
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())


class Coffre:
    """Finds, opens and creates person keys. Keeps the most recently used ones open (``CACHE_SIZE``)."""

    def __init__(self, keys: DeploymentKeys) -> None:
        self._keys = keys
        self._aeads = {name: AESGCM(kek) for name, kek in keys.keks.items()}
        self._by_index: OrderedDict[bytes, PersonKey] = OrderedDict()
        self._by_subject: dict[bytes, PersonKey] = {}

    def blind_index(self, reference: str) -> bytes:
        """The keyed digest under which a reference is found."""
        return hmac.digest(self._keys.index, reference.encode(), "sha256")

    def find(self, conn: psycopg.Connection[Any], references: Iterable[str]) -> dict[str, PersonKey]:
        """The open keys of those ``references`` that the ledger knows; one query for all that are not cached."""
        references = set(references)
        found = self.opened(references)
        wanted = {self.blind_index(reference): reference for reference in references - found.keys()}
        if wanted:
            rows = conn.execute(
                f"{SELECT_KEYS} WHERE blind_index = ANY(%b)",
                (list(wanted),),
                binary=True,
            )
            for row in rows:
                found[wanted[bytes(row[0])]] = self._open(*row)
        return found

    def opened(self, references: Iterable[str]) -> dict[str, PersonKey]:
        """Those of the keys of ``references`` that are open already."""
        found = {reference: self._use(self.blind_index(reference)) for reference in references}
        return {reference: key for reference, key in found.items() if key is not None}

    def of_subjects(self, conn: psycopg.Connection[Any], subjects: Iterable[bytes]) -> dict[bytes, PersonKey]:
        """The open keys of ``subjects``; a subject whose key was destroyed is absent."""
        subjects = set(subjects)
        found = {subject: key for subject in subjects if (key := self._by_subject.get(subject)) is not None}
        wanted = [Id(subject) for subject in subjects - found.keys()]
        if wanted:
            rows = conn.execute(
                f"{SELECT_KEYS} WHERE subject = ANY(%b)",
                (wanted,),
                binary=True,
            )
            found |= {key.subject: key for key in (self._open(*row) for row in rows)}
        return found

    def ensure(self, conn: psycopg.Connection[Any], references: Iterable[str]) -> tuple[dict[str, PersonKey], set[str]]:
        """The keys of all ``references``, made where missing; and which of them are new to the ledger.

        ``conn`` is in autocommit: a key that was made stays, whatever becomes of the facts it was made for.
        """
        references = set(references)
        found = self.find(conn, references)
        missing = sorted(references - found.keys())
        if not missing:
            _share(conn, found.values())
            return found, set()
        made = [self._new_row(reference) for reference in missing]
        created = {
            bytes(index)
            for (index,) in conn.execute(
                "INSERT INTO ledger.person_key (blind_index, subject, kek_id, wrapped, reference)"
                " SELECT * FROM unnest(%b::bytea[], %b::uuid[], %s::text[], %b::bytea[], %b::bytea[])"
                " ON CONFLICT (blind_index) DO NOTHING RETURNING blind_index",
                [list(column) for column in zip(*(row for row, _ in made), strict=True)],
                binary=True,
            )
        }
        for (index, *_), person in made:
            if index in created:
                self._keep(index, person)
        new = {person.reference: person for (index, *_), person in made if index in created}
        found = found | new | self.find(conn, set(missing) - new.keys())
        _share(conn, found.values())
        return found, set(new)

    def check(self, conn: psycopg.Connection[Any]) -> None:
        """Make sure that these are the ledger's keys, before they find nobody and give everybody a second life.

        :raises KeyFileError: the ledger holds keys, and of the few tried none opens or is found with these.
        """
        rows = conn.execute(f"{SELECT_KEYS} LIMIT %b", (TRIED,), binary=True).fetchall()
        if rows and all(self.opens(row) is None for row in rows):
            msg = "ce fichier de clés n'est pas celui de ce registre : restaurez le bon, rien n'a été modifié"
            raise KeyFileError(msg)

    def opens(self, row: tuple[Any, ...]) -> PersonKey | None:
        """The key of a row of ``SELECT_KEYS``; ``None`` when it does not open with these keys, in its own place."""
        try:
            key = self._open(*row)
        except (KeyFileError, KeyDestroyedError):
            return None
        return key if self.blind_index(key.reference) == bytes(row[0]) else None

    def forget(self) -> None:
        """Close every open key."""
        self._by_index.clear()
        self._by_subject.clear()

    def _new_row(self, reference: str) -> tuple[tuple[bytes, Id, str, bytes, bytes], PersonKey]:
        index, subject, key = self.blind_index(reference), Id(secrets.token_bytes(16)), secrets.token_bytes(KEY_BYTES)
        nonce = _next_nonce()
        wrapped = nonce + self._aeads[self._keys.current].encrypt(nonce, key, subject + index)
        person = PersonKey(subject, key, reference)
        return (index, subject, self._keys.current, wrapped, person.seal(reference.encode(), subject)), person

    def _open(self, index: bytes, raw: bytes, kek_id: str, wrapped: bytes, reference: bytes) -> PersonKey:
        aead = self._aeads.get(kek_id)
        if aead is None:
            msg = f"ce registre a été scellé avec la clé {kek_id}, absente du fichier de clés"
            raise KeyFileError(msg)
        index, subject, wrapped = bytes(index), Id(raw), bytes(wrapped)
        try:
            key = aead.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], subject + index)
            person = PersonKey(subject, key, "")
            person.reference = person.open(bytes(reference), subject).decode()
        except (InvalidTag, ValueError) as error:
            msg = f"la clé du sujet {subject.hex()} ne s'ouvre pas : sa ligne a été modifiée"
            raise KeyDestroyedError(msg) from error
        self._keep(index, person)
        return person

    def _keep(self, index: bytes, person: PersonKey) -> None:
        self._by_index[index] = person
        self._by_subject[person.subject] = person
        if len(self._by_index) > CACHE_SIZE:
            _, oldest = self._by_index.popitem(last=False)
            self._by_subject.pop(oldest.subject, None)

    def _use(self, index: bytes) -> PersonKey | None:
        person = self._by_index.get(index)
        if person is not None:
            with suppress(KeyError):  # another thread may just have let it go
                self._by_index.move_to_end(index)
        return person

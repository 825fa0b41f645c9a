"""The coffre: one key per person, kept wrapped under the deployment's key, and everything derived from it.

From a person's key come, by HMAC-SHA256 with a label each: the key that seals the parts (AES-256-GCM), and two keys of
keyed BLAKE2b (RFC 7693) for the salts of the commitments and the random-looking ids of streams and facts. So nothing in
the ledger links back to a reference
without that key, and destroying it leaves every proof standing and nothing to read.

Additional data of every sealed part: log origin, subject, stream, place, event id, command id and part, so that a
ciphertext opens nowhere else than where it was written.
"""

import hmac
import os
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from hashlib import blake2b, sha256
from threading import Lock
from time import monotonic
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec
import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg.adapt import Dumper
from psycopg.pq import Format, TransactionStatus

from ledger.errors import KeyDestroyedError, KeyFileError
from ledger.events.types import Flux
from ledger.kek import KEY_BYTES, NONCE_BYTES, DeploymentKeys, UnknownKekError

__all__ = ["Coffre", "DeploymentKeys", "Id", "PersonKey", "nobody", "uuid_of"]

NONCES_DRAWN: Final = 512
CACHE_SIZE: Final = 4_096
LEASE_SECONDS: Final = 1.0
"""For how long an open key is used without asking whether keys were destroyed meanwhile."""
TRIED: Final = 10
KEY_LABEL: Final = b"constat/1 cle de personne\0"
"""What stands before a person's key in its digest."""
KEY_COLUMNS: Final = "blind_index, uuid_send(subject), kek_id, wrapped, reference"
SELECT_KEYS: Final = f"SELECT {KEY_COLUMNS} FROM ledger.person_key"
EPOCH: Final = "SELECT coalesce(max(id), 0) FROM ledger.erasure"


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
    """The UUID of 16 bytes; ``UUID(bytes=...)`` costs four times as much."""
    return msgspec.convert(raw, UUID)


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


class Coffre:
    """Finds, opens and creates person keys. Keeps the most recently used ones open (``CACHE_SIZE``).

    A key that was destroyed, by any process, is closed here too: each erasure has a number that every look into the
    database reads with the rows, and a new number closes all keys. Readers of many persons ask each time; who asks for
    one person at a time may be late by ``LEASE_SECONDS``. Likewise a key file that was replaced is read again when a
    row is wrapped by a key that is not known yet, or the current one is retired.
    """

    def __init__(self, keys: DeploymentKeys) -> None:
        self._keys = keys
        self._kek = keys.kek()
        self._by_index: OrderedDict[bytes, PersonKey] = OrderedDict()
        self._by_subject: dict[bytes, PersonKey] = {}
        self._lock = Lock()
        self._epoch = 0
        self._until = 0.0

    def blind_index(self, reference: str) -> bytes:
        """The keyed digest under which a reference is found."""
        return hmac.digest(self._keys.index, reference.encode(), "sha256")

    def find(self, conn: psycopg.Connection[Any], references: Iterable[str]) -> dict[str, PersonKey]:
        """The open keys of those ``references`` that the ledger knows; one query for all that are not cached."""
        references = set(references)
        if self._by_index and monotonic() >= self._until:
            self._renew(conn)
        found = self._cached(references)
        wanted = {self.blind_index(reference): reference for reference in references - found.keys()}
        if wanted:
            for index, key in self._select(conn, "blind_index = ANY(%b)", list(wanted)):
                found[wanted[index]] = key
        return found

    def person(self, conn: psycopg.Connection[Any], reference: str) -> bytes | None:
        """The subject of the person of this reference, whether or not ``conn`` shows her key."""
        index = self.blind_index(reference)
        row = conn.execute("SELECT uuid_send(ledger.person_named(%b))", (index,), binary=True).fetchone()
        return bytes(row[0]) if row is not None and row[0] is not None else None

    def opened(self, references: Iterable[str]) -> dict[str, PersonKey]:
        """Those of the keys of ``references`` that are open already; none when it is time to ask the database."""
        return self._cached(references) if monotonic() < self._until else {}

    def of_subjects(self, conn: psycopg.Connection[Any], subjects: Iterable[bytes]) -> dict[bytes, PersonKey]:
        """The open keys of ``subjects``; a subject whose key was destroyed is absent."""
        subjects = set(subjects)
        if not self._by_subject.keys().isdisjoint(subjects):
            self._renew(conn)
        found = {subject: key for subject in subjects if (key := self._by_subject.get(subject)) is not None}
        wanted = [Id(subject) for subject in subjects - found.keys()]
        if wanted:
            found |= {key.subject: key for _, key in self._select(conn, "subject = ANY(%b)", wanted)}
        return found

    def ensure(self, conn: psycopg.Connection[Any], references: Iterable[str]) -> tuple[dict[str, PersonKey], set[str]]:
        """The keys of all ``references``, made where missing; and which of them are new to the ledger.

        ``conn`` is in autocommit: a key that was made stays, whatever becomes of the facts it was made for.

        :raises KeyFileError: the current deployment key is retired, or gone, and the key file names no other.
        """
        references = set(references)
        found = self.find(conn, references)
        missing = sorted(references - found.keys())
        if not missing:
            _share(conn, found.values())
            return found, set()
        try:
            new = self._make(conn, missing)
        except (UnknownKekError, psycopg.errors.RestrictViolation) as error:
            if not self._reload():
                msg = "la clé de déploiement courante est retirée : mettez à jour le fichier de clés, puis recommencez"
                raise KeyFileError(msg) from error
            new = self._make(conn, missing)
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

    def digest(self, conn: psycopg.Connection[Any], subject: Id) -> tuple[str, bytes] | None:
        """Which deployment key wraps the key of ``subject``, and by which digest the latter is told once it is gone.

        SHA-256 over a label and the key; ``None`` when there is no such key.
        """
        row = conn.execute(f"{SELECT_KEYS} WHERE subject = %b", (subject,), binary=True).fetchone()
        if row is None:
            return None
        index, raw, kek_id, wrapped, _ = row
        return kek_id, sha256(KEY_LABEL + self._unwrap(kek_id, bytes(wrapped), bytes(raw) + bytes(index))).digest()

    def forget(self) -> None:
        """Close every open key."""
        with self._lock:
            self._by_index.clear()
            self._by_subject.clear()

    def _make(self, conn: psycopg.Connection[Any], references: list[str]) -> dict[str, PersonKey]:
        """New keys, stored; those that another session has made meanwhile are left out."""
        epoch = self._epoch
        made = [self._new_row(reference) for reference in references]
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
                self._keep(index, person, epoch)
        return {person.reference: person for (index, *_), person in made if index in created}

    def _new_row(self, reference: str) -> tuple[tuple[bytes, Id, str, bytes, bytes], PersonKey]:
        index, subject, key = self.blind_index(reference), Id(secrets.token_bytes(16)), secrets.token_bytes(KEY_BYTES)
        wrapped = self._kek.wrap(key, subject + index)
        person = PersonKey(subject, key, reference)
        return (index, subject, self._kek.current, wrapped, person.seal(reference.encode(), subject)), person

    def _select(
        self, conn: psycopg.Connection[Any], which: LiteralString, values: list[Any]
    ) -> list[tuple[bytes, PersonKey]]:
        """The keys of the rows of which ``which`` holds, each with its blind index."""
        asked = monotonic()
        query = f"SELECT {KEY_COLUMNS}, ({EPOCH}) FROM ledger.person_key WHERE {which}"
        rows = conn.execute(query, (values,), binary=True).fetchall()
        if rows:
            self._learn(conn, rows[0][-1], asked)
        found = []
        for index, *columns, epoch in rows:
            person = self._open(index, *columns)
            self._keep(bytes(index), person, epoch)
            found.append((bytes(index), person))
        return found

    def _open(self, index: bytes, raw: bytes, kek_id: str, wrapped: bytes, reference: bytes) -> PersonKey:
        index, subject = bytes(index), Id(raw)
        try:
            key = self._unwrap(kek_id, bytes(wrapped), subject + index)
            person = PersonKey(subject, key, "")
            person.reference = person.open(bytes(reference), subject).decode()
        except (InvalidTag, ValueError) as error:
            msg = f"la clé du sujet {subject.hex()} ne s'ouvre pas : sa ligne a été modifiée"
            raise KeyDestroyedError(msg) from error
        return person

    def _unwrap(self, kek_id: str, wrapped: bytes, bound: bytes) -> bytes:
        try:
            return self._kek.unwrap(kek_id, wrapped, bound)
        except UnknownKekError:
            if not self._reload():
                raise
            return self._kek.unwrap(kek_id, wrapped, bound)

    def _reload(self) -> bool:
        """Read the key file again if it was replaced, as a rotation does; ``False`` when there is nothing new."""
        keys = self._keys.reloaded()
        if keys is None or keys.index != self._keys.index:
            return False
        self._keys, self._kek = keys, keys.kek()
        return True

    def _renew(self, conn: psycopg.Connection[Any]) -> None:
        """Ask whether keys were destroyed since this was last asked."""
        asked = monotonic()
        row = conn.execute(EPOCH, binary=True, prepare=True).fetchone()
        self._learn(conn, row[0] if row else 0, asked)

    def _learn(self, conn: psycopg.Connection[Any], epoch: int, asked: float) -> None:
        with self._lock:
            if epoch > self._epoch:
                self._by_index.clear()
                self._by_subject.clear()
                self._epoch = epoch
        # What a long transaction sees may be old: it gives no lease to those who ask for one person at a time.
        if conn.info.transaction_status is TransactionStatus.IDLE:
            self._until = asked + LEASE_SECONDS

    def _keep(self, index: bytes, person: PersonKey, epoch: int) -> None:
        """Keep a key open that was read, or made, when ``epoch`` was the last erasure."""
        with self._lock:
            if epoch != self._epoch:
                return
            self._by_index[index] = person
            self._by_subject[person.subject] = person
            if len(self._by_index) > CACHE_SIZE:
                _, oldest = self._by_index.popitem(last=False)
                self._by_subject.pop(oldest.subject, None)

    def _cached(self, references: Iterable[str]) -> dict[str, PersonKey]:
        found = {reference: self._use(self.blind_index(reference)) for reference in references}
        return {reference: key for reference, key in found.items() if key is not None}

    def _use(self, index: bytes) -> PersonKey | None:
        person = self._by_index.get(index)
        if person is not None:
            with suppress(KeyError):  # another thread may just have let it go
                self._by_index.move_to_end(index)
        return person

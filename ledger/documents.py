"""Documents: streamed into an object store, sealed in chunks with the person's key, named by what only that key knows.

STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, 2015) over AES-256-GCM: a random 7-byte prefix, a 4-byte
counter and a last-chunk byte make each chunk's nonce, so chunks cannot be dropped, reordered or cut off. Constant
memory whatever the size. The store is ``obstore``'s: a local folder by default, S3-compatible by its URL.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Final

import obstore
import structlog
from cryptography.exceptions import InvalidTag
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from ledger.coffre import PersonKey
from ledger.entry import Piece
from ledger.errors import ConstatError, TamperedError

CHUNK: Final = 1 << 20
PART: Final = 5 << 20
"""How much is sent at a time: the least that S3 takes as a part of an upload."""
IN_FLIGHT: Final = 4
PREFIX: Final = 7
TAG: Final = 16

log = structlog.get_logger("constat.documents")


class StoreAwayError(ConstatError):
    """Le dépôt de documents ne répond pas, refuse ou est plein : vérifiez CONSTAT_DOCUMENTS, puis recommencez."""


@contextmanager
def _reached() -> Iterator[None]:
    """Whatever the store answers but that nothing is there, without its words: they may hold an address and a key."""
    try:
        yield
    except BaseError as error:
        log.warning("store_away", error=type(error).__name__)
        raise StoreAwayError(StoreAwayError.__doc__) from None


class DocumentStore:
    """Keeps documents of any size, and gives back only what is exactly what was announced.

    Every call raises :class:`StoreAwayError` when the store cannot be reached or refuses.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def take(self, key: PersonKey, piece: Piece, folder: Path) -> bool:
        """Store the file of ``folder`` named by the piece's digest (with any ending). ``False`` when it is not there.

        A file whose content does not have the announced digest is not the document: it is left where it is.
        """
        name = key.document(piece.sha256)
        if self._known(name):
            return True
        candidates = [folder / piece.sha256, *sorted(folder.glob(f"{piece.sha256}.*"))]
        for path in candidates:
            if (
                path.is_file()
                and not path.is_symlink()
                and _digest(path) == piece.sha256
                and self._keep(key, piece, path)
            ):
                return True
        return False

    def _keep(self, key: PersonKey, piece: Piece, path: Path) -> bool:
        """Store ``path``; ``False``, and nothing is kept, when it changed since its digest was taken."""
        name, seen = key.document(piece.sha256), sha256()

        def chunks(file: IO[bytes]) -> Iterator[bytes]:
            while chunk := file.read(CHUNK):
                seen.update(chunk)
                yield chunk

        with path.open("rb") as file, _reached():
            obstore.put(self._store, name, _seal(key, name, chunks(file)), chunk_size=PART, max_concurrency=IN_FLIGHT)
        if seen.hexdigest() == piece.sha256:
            return True
        with _reached():
            obstore.delete(self._store, name)
        return False

    def read(self, key: PersonKey, piece: Piece) -> Iterator[bytes]:
        """The content, chunk by chunk.

        :raises TamperedError: a chunk was changed, moved or cut off. What was given before must then be thrown away.
        :raises FileNotFoundError: the document was announced and never received.
        """
        name, seen = key.document(piece.sha256), sha256()
        with _reached():
            parts = iter(obstore.get(self._store, name).stream(min_chunk_size=CHUNK))
        for chunk in _open(key, name, _reaching(parts)):
            seen.update(chunk)
            yield chunk
        if seen.hexdigest() != piece.sha256:
            msg = "le document n'est pas celui qui a été annoncé"
            raise TamperedError(msg)

    def holds(self, key: PersonKey, piece: Piece) -> bool:
        """Whether the document was received; its content is not looked at."""
        return self._known(key.document(piece.sha256))

    def delete(self, name: str) -> bool:
        """Delete what is stored under ``name``, for ever; ``False`` when nothing was."""
        if not self._known(name):
            return False
        with _reached():
            obstore.delete(self._store, name)
        return True

    def _known(self, name: str) -> bool:
        try:
            with _reached():
                obstore.head(self._store, name)
        except FileNotFoundError:
            return False
        return True


def _reaching(parts: Iterator[bytes]) -> Iterator[bytes]:
    """``parts`` as they come from the store."""
    while True:
        with _reached():
            part = next(parts, None)
        if part is None:
            return
        yield part


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _seal(key: PersonKey, name: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    prefix = os.urandom(PREFIX)
    yield prefix
    current = next(chunks, b"")
    counter = 0
    while True:
        following = next(chunks, None)
        yield key.aead.encrypt(_nonce(prefix, counter, last=following is None), current, name.encode())
        if following is None:
            return
        current, counter = following, counter + 1


def _open(key: PersonKey, name: str, parts: Iterable[bytes]) -> Iterator[bytes]:
    buffer = bytearray()
    prefix = b""
    counter = 0
    for part in parts:
        buffer += part
        if not prefix and len(buffer) >= PREFIX:
            prefix = bytes(buffer[:PREFIX])
            del buffer[:PREFIX]
        while len(buffer) > CHUNK + TAG:
            yield _open_chunk(key, name, _nonce(prefix, counter, last=False), bytes(buffer[: CHUNK + TAG]))
            del buffer[: CHUNK + TAG]
            counter += 1
    yield _open_chunk(key, name, _nonce(prefix, counter, last=True), bytes(buffer))


def _open_chunk(key: PersonKey, name: str, nonce: bytes, sealed: bytes) -> bytes:
    try:
        return key.aead.decrypt(nonce, sealed, name.encode())
    except (InvalidTag, ValueError) as error:
        msg = "le document ne s'ouvre pas : il a été modifié, coupé, ou ce n'est pas sa clé"
        raise TamperedError(msg) from error


def _nonce(prefix: bytes, counter: int, *, last: bool) -> bytes:
    return prefix.ljust(PREFIX, b"\0") + counter.to_bytes(4, "big") + (b"\1" if last else b"\0")

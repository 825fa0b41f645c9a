"""Documents larger than memory: kept, given back, deleted, in the same few megabytes whatever their size."""

from hashlib import sha256
from pathlib import Path
from secrets import token_bytes

import pytest
from obstore.store import LocalStore, MemoryStore

from bench.coffre import peaks
from ledger.coffre import Id, PersonKey
from ledger.documents import DocumentStore
from ledger.entry import Piece

MIB = 1 << 20
MARGIN = 48
"""Megabytes: a document is sent in parts of 5 MB, four at a time, and read in chunks of 1 MB."""


def test_sixty_four_megabytes(tmp_path: Path) -> None:
    """A document of 64 MB takes less memory than it is long: its peak is within the margin of a small one's."""
    small, large = peaks(tmp_path, 64 * MIB, 60)
    assert large - small < MARGIN, f"{small} MB for 1 MB, {large} MB for 64 MB"


@pytest.mark.slow
def test_two_gigabytes(tmp_path: Path) -> None:
    """A document of two gigabytes takes no more memory than one of 64 megabytes."""
    small, large = peaks(tmp_path, 2048 * MIB, 900)
    assert large - small < MARGIN, f"{small} MB for 1 MB, {large} MB for 2 GB"


@pytest.mark.parametrize("kind", ["dossier", "mémoire"])
def test_a_document_is_deleted(tmp_path: Path, kind: str) -> None:
    """A deleted document is gone, and to delete it again, or one that never was, is no error."""
    (tmp_path / "kept").mkdir()
    store = DocumentStore(LocalStore(tmp_path / "kept") if kind == "dossier" else MemoryStore())
    key = PersonKey(Id(token_bytes(16)), token_bytes(32), "P-1")
    piece = _given(tmp_path, b"une attestation")
    assert store.take(key, piece, tmp_path)
    name = key.document(piece.sha256)
    assert (store.delete(name), store.delete(name), store.delete("0" * 64)) == (True, False, False)
    with pytest.raises(FileNotFoundError):
        next(store.read(key, piece))


def _given(folder: Path, content: bytes, *, mime: str | None = None) -> Piece:
    digest = sha256(content).hexdigest()
    (folder / digest).write_bytes(content)
    return Piece(nom="x.pdf", octets=len(content), sha256=digest, mime=mime)


@pytest.mark.parametrize("mime", [None, "application/pdf", "text/html", "../../etc", "x" * 500])
def test_the_declared_type_changes_nothing(tmp_path: Path, mime: str | None) -> None:
    """Whatever type is declared, the same content is stored under the same name and given back as the same bytes."""
    (tmp_path / "kept").mkdir()
    store = DocumentStore(LocalStore(tmp_path / "kept"))
    key = PersonKey(Id(token_bytes(16)), bytes(32), "P-1")
    piece = _given(tmp_path, b"<script>", mime=mime)
    assert store.take(key, piece, tmp_path)
    assert b"".join(store.read(key, piece)) == b"<script>"
    assert [path.name for path in (tmp_path / "kept").iterdir()] == [key.document(piece.sha256)]

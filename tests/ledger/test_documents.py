"""Documents: given back exactly as announced or not at all, to those who hold the person's key, in constant memory."""

import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes

import pytest
from obstore.store import LocalStore, MemoryStore, S3Store

from ledger.coffre import Id, PersonKey
from ledger.documents import CHUNK, PREFIX, TAG, DocumentStore, StoreAwayError
from ledger.entry import Piece
from ledger.errors import TamperedError

MIB = 1 << 20
SEALED = CHUNK + TAG
PROJECT = Path(__file__).parents[2]


@pytest.fixture
def key() -> PersonKey:
    """A person's key."""
    return PersonKey(Id(token_bytes(16)), token_bytes(32), "P-1")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """The folder of the store."""
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder


@pytest.fixture
def store(kept: Path) -> DocumentStore:
    """A store in a local folder."""
    return DocumentStore(LocalStore(kept))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where documents come from."""
    folder = tmp_path / "pieces"
    folder.mkdir()
    return folder


def given(folder: Path, content: bytes, *, ending: str = ".pdf") -> Piece:
    """A document in the folder, named by its digest, and the piece that announces it."""
    digest = sha256(content).hexdigest()
    (folder / f"{digest}{ending}").write_bytes(content)
    return Piece(nom="document.pdf", octets=len(content), sha256=digest)


def content_of(size: int) -> bytes:
    """Bytes that differ from chunk to chunk."""
    return b"".join(sha256(n.to_bytes(4, "big")).digest() for n in range(size // 32 + 1))[:size]


def read(store: DocumentStore, key: PersonKey, piece: Piece) -> bytes:
    """The whole content."""
    return b"".join(store.read(key, piece))


SIZES = [0, 1, TAG, PREFIX, CHUNK - 1, MIB, MIB + 1, SEALED, 2 * MIB, 5 * MIB, 5 * MIB + 17]


@pytest.mark.parametrize("size", SIZES)
def test_round_trip(store: DocumentStore, key: PersonKey, folder: Path, kept: Path, size: int) -> None:
    """A document of any size comes back byte for byte, in chunks, and nothing of it or its digest is stored readable."""
    content = content_of(size)
    piece = given(folder, content)
    assert store.take(key, piece, folder)
    chunks = list(store.read(key, piece))
    assert b"".join(chunks) == content
    assert all(len(chunk) == CHUNK for chunk in chunks[:-1])
    [path] = kept.iterdir()
    stored = path.read_bytes()
    assert len(stored) == PREFIX + size + TAG * max(1, -(-size // CHUNK))
    assert size < 64 or content[:64] not in stored
    assert piece.sha256 not in path.name


def test_a_document_is_taken_once(store: DocumentStore, key: PersonKey, folder: Path, kept: Path) -> None:
    """A document that is there is not stored again, also when its source is gone."""
    piece = given(folder, b"une attestation")
    assert store.take(key, piece, folder)
    [path] = kept.iterdir()
    before = path.read_bytes()
    (folder / f"{piece.sha256}.pdf").unlink()
    assert store.take(key, piece, folder)
    assert path.read_bytes() == before


@pytest.mark.parametrize("ending", ["", ".pdf", ".PDF", ".tar.gz", ".é"])
def test_any_ending(store: DocumentStore, key: PersonKey, folder: Path, ending: str) -> None:
    """A document is found by its digest, whatever the ending of its file."""
    assert store.take(key, given(folder, b"x", ending=ending), folder)


def damaged(stored: bytes) -> Iterator[tuple[str, bytes]]:
    """A sealed document of three chunks, damaged in every way that should not pass."""
    for place in (
        0,
        PREFIX - 1,
        PREFIX,
        PREFIX + CHUNK,
        PREFIX + SEALED - 1,
        PREFIX + SEALED,
        len(stored) - TAG - 1,
        len(stored) - 1,
    ):
        yield f"flipped {place}", stored[:place] + bytes([stored[place] ^ 1]) + stored[place + 1 :]
    head, rest = stored[:PREFIX], stored[PREFIX:]
    one, two, three = rest[:SEALED], rest[SEALED : 2 * SEALED], rest[2 * SEALED :]
    yield "last dropped", head + one + two
    yield "two last dropped", head + one
    yield "first dropped", head + two + three
    yield "middle dropped", head + one + three
    yield "swapped", head + two + one + three
    yield "doubled", head + one + one + two + three
    yield "last doubled", head + one + two + three + three
    yield "only the last", head + three
    yield "cut by one", stored[:-1]
    yield "cut in a chunk", stored[: PREFIX + SEALED + 1000]
    yield "cut in the prefix", stored[:3]
    yield "nothing", b""
    yield "only the prefix", head
    yield "one byte more", stored + b"\0"
    yield "a chunk more", stored + token_bytes(SEALED)


def test_a_damaged_document_is_refused(store: DocumentStore, key: PersonKey, folder: Path, kept: Path) -> None:
    """A byte flipped anywhere, a chunk dropped, moved or added, a file cut anywhere: the document is refused."""
    piece = given(folder, content_of(2 * MIB + 5))
    assert store.take(key, piece, folder)
    [path] = kept.iterdir()
    stored = path.read_bytes()
    for what, broken in damaged(stored):
        path.write_bytes(broken)
        with pytest.raises(TamperedError, match="modifié, coupé"):
            read(store, key, piece)
            pytest.fail(what)
    path.write_bytes(stored)
    assert sha256(read(store, key, piece)).hexdigest() == piece.sha256


def test_a_document_opens_only_where_it_was_stored(
    store: DocumentStore, key: PersonKey, folder: Path, kept: Path
) -> None:
    """A sealed document put in another one's place, of the same person, does not open as that other one."""
    one, other = given(folder, b"une preuve"), given(folder, b"une autre preuve")
    for piece in (one, other):
        assert store.take(key, piece, folder)
    paths = [kept / key.document(piece.sha256) for piece in (one, other)]
    paths[1].write_bytes(paths[0].read_bytes())
    assert read(store, key, one) == b"une preuve"
    with pytest.raises(TamperedError):
        read(store, key, other)


def test_another_person_s_key_opens_nothing(store: DocumentStore, key: PersonKey, folder: Path, kept: Path) -> None:
    """With another person's key a document is not found, and does not open where it is put within that key's reach."""
    stranger = PersonKey(Id(token_bytes(16)), token_bytes(32), "P-2")
    piece = given(folder, b"une preuve")
    assert store.take(key, piece, folder)
    with pytest.raises(FileNotFoundError):
        read(store, stranger, piece)
    (kept / key.document(piece.sha256)).rename(kept / stranger.document(piece.sha256))
    with pytest.raises(TamperedError):
        read(store, stranger, piece)


def test_two_persons_keep_one_document_apart(store: DocumentStore, key: PersonKey, folder: Path, kept: Path) -> None:
    """The same document of two persons is stored twice, under names that do not tell that it is the same."""
    stranger = PersonKey(Id(token_bytes(16)), token_bytes(32), "P-2")
    piece = given(folder, b"une preuve")
    assert store.take(key, piece, folder)
    assert store.take(stranger, piece, folder)
    assert len(list(kept.iterdir())) == 2
    assert read(store, key, piece) == read(store, stranger, piece) == b"une preuve"


def test_the_wrong_file_is_not_taken(store: DocumentStore, key: PersonKey, folder: Path, kept: Path) -> None:
    """A file whose content does not have the digest of its name is left where it is, and a right one beside it is taken."""
    piece = given(folder, b"la vraie")
    path = folder / f"{piece.sha256}.pdf"
    path.write_bytes(b"une fausse")
    assert not store.take(key, piece, folder)
    assert path.read_bytes() == b"une fausse"
    assert list(kept.iterdir()) == []
    (folder / f"{piece.sha256}.txt").write_bytes(b"la vraie")
    assert store.take(key, piece, folder)
    assert read(store, key, piece) == b"la vraie"


def test_only_plain_files_are_taken(store: DocumentStore, key: PersonKey, folder: Path, tmp_path: Path) -> None:
    """A symbolic link is not followed, even to the right content, and a folder or a missing file is not a document."""
    piece = given(folder, b"secret du serveur")
    path = folder / f"{piece.sha256}.pdf"
    path.rename(tmp_path / "ailleurs")
    path.symlink_to(tmp_path / "ailleurs")
    (folder / piece.sha256).mkdir()
    assert not store.take(key, piece, folder)
    path.unlink()
    assert not store.take(key, piece, folder)
    assert not store.take(key, piece, folder / "absent")


def test_a_document_that_never_came(store: DocumentStore, key: PersonKey, folder: Path) -> None:
    """A document that was announced and never received is missing, not damaged."""
    piece = given(folder, b"x")
    with pytest.raises(FileNotFoundError):
        read(store, key, piece)


def test_a_file_that_is_still_being_copied(store: DocumentStore, key: PersonKey, folder: Path) -> None:
    """A file that is not whole yet is not taken for the document, and is taken once it is."""
    piece = given(folder, content_of(3 * MIB))
    path = folder / f"{piece.sha256}.pdf"
    path.write_bytes(content_of(3 * MIB - 1))
    assert not store.take(key, piece, folder)
    path.write_bytes(content_of(3 * MIB))
    assert store.take(key, piece, folder)
    assert read(store, key, piece) == content_of(3 * MIB)


@pytest.mark.parametrize("size", [0, 1, 5 * MIB + 1])
def test_another_kind_of_store(key: PersonKey, folder: Path, size: int) -> None:
    """A store that is no folder keeps documents as well."""
    store = DocumentStore(MemoryStore())
    piece = given(folder, content_of(size))
    assert store.take(key, piece, folder)
    assert read(store, key, piece) == content_of(size)


MEASURE = """
import resource, sys
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from obstore.store import LocalStore
from ledger.coffre import Id, PersonKey
from ledger.documents import DocumentStore
from ledger.entry import Piece

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

folder, kept, size = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
key = PersonKey(Id(token_bytes(16)), token_bytes(32), "P-1")
store = DocumentStore(LocalStore(kept))
for octets in (8 << 20, size):
    digest = sha256()
    with (folder / "x").open("wb") as file:
        for n in range(octets >> 20):
            digest.update(block := bytes([n % 251]) * (1 << 20))
            file.write(block)
    (folder / "x").rename(folder / digest.hexdigest())
    piece = Piece(nom="x", octets=octets, sha256=digest.hexdigest())
    assert store.take(key, piece, folder)
    back = sha256()
    for chunk in store.read(key, piece):
        back.update(chunk)
    assert back.hexdigest() == piece.sha256
    print(peak())
"""


def test_memory_stays_flat(folder: Path, kept: Path) -> None:
    """Two hundred megabytes are kept and given back with hardly more memory than eight."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, folder, kept, str(200 * MIB)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    small, large = map(int, done.stdout.split())
    assert large - small < 60, f"{small} MB for 8 MiB, {large} MB for 200 MiB"


def test_a_store_that_is_away_is_said_to_be(key: PersonKey, folder: Path, kept: Path) -> None:
    """A store that cannot be reached is told in French by every call, without its address; nothing is taken for absent."""
    piece = given(folder, b"x" * 100)
    where = {"endpoint": "http://127.0.0.1:9", "access_key_id": "S3CRET", "secret_access_key": "S3CRET"}
    away = S3Store("seau", region="x", client_options={"allow_http": True}, retry_config={"max_retries": 0}, **where)  # type: ignore[arg-type]
    store = DocumentStore(away)
    for call in (
        lambda: store.take(key, piece, folder),
        lambda: list(store.read(key, piece)),
        lambda: store.delete(key.document(piece.sha256)),
    ):
        with pytest.raises(StoreAwayError, match="CONSTAT_DOCUMENTS") as refused:
            call()
        assert "127.0.0.1" not in str(refused.value)
        assert refused.value.__cause__ is None


def test_a_store_that_is_full_keeps_nothing(key: PersonKey, folder: Path, kept: Path) -> None:
    """When the store takes no more, the document is not kept, no part of it stays, and it is taken once there is room."""
    content = b"y" * (4 * MIB)
    piece = given(folder, content)
    code = (
        "import resource, signal, sys; from pathlib import Path; from obstore.store import LocalStore;"
        "from ledger.coffre import Id, PersonKey; from ledger.documents import DocumentStore, StoreAwayError;"
        "from ledger.entry import Piece;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20));"
        "key = PersonKey(Id(bytes(16)), bytes(32), 'P-1');"
        "piece = Piece(nom='x', octets=int(sys.argv[4]), sha256=sys.argv[3]);"
        "store = DocumentStore(LocalStore(Path(sys.argv[1])))\n"
        "try: store.take(key, piece, Path(sys.argv[2]))\n"
        "except StoreAwayError: print('plein')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, kept, folder, piece.sha256, str(piece.octets)],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.endswith("plein\n"), done.stderr
    assert [path for path in kept.iterdir() if path.is_file()] == []
    store = DocumentStore(LocalStore(kept))
    assert store.take(key, piece, folder)
    assert b"".join(store.read(key, piece)) == content

"""The published folder: whoever knows C2SP tlog-tiles reads the whole log from it, at every moment and after any crash."""

import base64
import hashlib
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.database import Database
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.log import SealedLog
from ledger.seal.publish import Publication, publish
from ledger.seal.resources import PublicationRefusedError, Resource, bundle, resources
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from tests import forked
from tests.seal.test_sealer import as_superuser, facts, lines

# ------------------------------------------------------ a reader written from the specification, knowing nothing of ours


def mth(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1 over leaf hashes."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


class Reader:
    """Reads a folder as tlog-tiles says, and believes nothing that is not signed."""

    def __init__(self, folder: Path, origin: str, key: bytes) -> None:
        self.folder, self.origin, self.key = folder, origin, key

    def checkpoint(self) -> tuple[int, bytes]:
        """The size and the root that the log's key signed."""
        text, _, signatures = (self.folder / "checkpoint").read_text().partition("\n\n")
        origin, size, root = text.split("\n")
        assert origin == self.origin
        for line in signatures.splitlines():
            _, name, signature = line.split(" ")
            if name == origin:
                Ed25519PublicKey.from_public_bytes(self.key).verify(
                    base64.b64decode(signature)[4:], f"{text}\n".encode()
                )
                return int(size), base64.b64decode(root)
        raise AssertionError(signatures)

    def at(self, kind: str, n: int, width: int) -> bytes:
        """A resource; the whole one in its place when a part of it has gone."""
        path = f"{n % 1000:03}"
        while n := n // 1000:
            path = f"x{n % 1000:03}/{path}"
        part = self.folder / f"tile/{kind}/{path}.p/{width}"
        return (part if width < 256 and part.exists() else self.folder / f"tile/{kind}/{path}").read_bytes()

    def lines(self, size: int) -> Iterator[bytes]:
        """The lines of the bundles."""
        for n in range(-(-size // 256)):
            width = min(256, size - 256 * n)
            data = self.at("entries", n, width)
            for _ in range(width):
                length = int.from_bytes(data[:2], "big")
                yield data[2 : 2 + length]
                data = data[2 + length :]
            assert data == b"" or width < 256

    def verify(self, size: int, root: bytes) -> list[bytes]:
        """Every line of the log, once each has been found in each tile and under the root."""
        found = list(self.lines(size))
        hashes = [hashlib.sha256(b"\x00" + line).digest() for line in found]
        assert mth(hashes) == root
        level = 0
        while size >> 8 * level:
            nodes = size >> 8 * level
            for n in range(-(-nodes // 256)):
                width = min(256, nodes - 256 * n)
                span = 256**level
                expected = b"".join(mth(hashes[(n * 256 + i) * span : (n * 256 + i + 1) * span]) for i in range(width))
                assert self.at(str(level), n, width)[: 32 * width] == expected
            level += 1
        return found

    def verify_current(self) -> list[bytes]:
        """The same, of the checkpoint that is there."""
        return self.verify(*self.checkpoint())


@pytest.fixture
def reader(tmp_path: Path, signing_keys: SigningKeys) -> Reader:
    """A reader of the folder ``publie`` who knows the log's key."""
    return Reader(tmp_path / "publie", signing_keys.origin, signing_keys.verifiers[0].key)


def put_out(database: Database, folder: Path, *, again: bool = False) -> Publication:
    """Publish."""
    with database.connect() as conn:
        return publish(SealedLog(conn), folder, again=again)


# ------------------------------------------------------------------------------------------------------- what is there


def test_whoever_knows_the_specification_reads_the_log(ledger: Ledger, sealer: Sealer, reader: Reader) -> None:
    """After each publication all lines are there, under the tiles and the signed root; a second one writes nothing new."""
    assert put_out(ledger.database, reader.folder) == Publication(0, 0, 0)
    assert not (reader.folder / "checkpoint").exists()
    size = 0
    for count in (1, 254, 1, 1, 300, 467):
        ledger.append(facts(count, 10_000 * size))
        sealer.seal()
        done = put_out(ledger.database, reader.folder)
        assert (done.before, done.size) == (size, size + count)
        size += count
        assert reader.verify_current() == lines(ledger.database)
        assert put_out(ledger.database, reader.folder).written == 1
    assert list(reader.folder.rglob("*.new")) == []


def test_each_signed_size_can_be_read(ledger: Ledger, sealer: Sealer, reader: Reader) -> None:
    """A size that was signed between two publications is as readable as the last one, and its parts go once it is whole."""
    signed = []
    for count in (5, 251, 40, 30, 7):
        ledger.append(facts(count, 1000 * len(signed)))
        note = sealer.seal()
        assert note is not None
        signed.append(Checkpoint.parse(note.text))
        if count == 5:
            put_out(ledger.database, reader.folder)
            assert (reader.folder / "tile/0/000.p/5").exists()
    put_out(ledger.database, reader.folder)
    for checkpoint in signed:
        reader.verify(checkpoint.size, checkpoint.root)
    parts = {str(path.relative_to(reader.folder)) for path in reader.folder.rglob("*.p/*")}
    assert parts == {f"tile/{kind}/001.p/{width}" for kind in ("0", "entries") for width in (40, 70, 77)} | {
        "tile/1/000.p/1"
    }


def test_cosignatures_that_come_later_are_published(ledger: Ledger, sealer: Sealer, reader: Reader) -> None:
    """The checkpoint in the folder is the one of the log with all its cosignatures, also when nothing else is new."""
    ledger.append(facts(3))
    sealer.seal()
    put_out(ledger.database, reader.folder)
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        line = "— temoin.test/un " + base64.b64encode(bytes(76)).decode() + "\n"
        conn.execute("INSERT INTO ledger.cosignature (size, witness, line) VALUES (3, 'temoin', %s)", (line,))
    put_out(ledger.database, reader.folder)
    assert (reader.folder / "checkpoint").read_text().endswith(line)


def test_a_folder_that_lost_files_is_filled_again(ledger: Ledger, sealer: Sealer, reader: Reader) -> None:
    """Asked to publish again, it writes everything, not only what is new."""
    ledger.append(facts(600))
    sealer.seal()
    put_out(ledger.database, reader.folder)
    (reader.folder / "tile/entries/000").unlink()
    put_out(ledger.database, reader.folder)
    with pytest.raises(FileNotFoundError):
        reader.verify_current()
    put_out(ledger.database, reader.folder, again=True)
    assert len(reader.verify_current()) == 600


# ------------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        (
            "UPDATE ledger.entry SET line = replace(line, '\"pos\":1', '\"pos\":2') WHERE originator_version = 1",
            "lignes",
        ),
        ("UPDATE ledger.leaf SET leaf_hash = sha256(leaf_hash) WHERE position = 599", "racine"),
        ("UPDATE ledger.tile SET data = overlay(data placing '\\x00' from 9), root = sha256(root)", "racine"),
        ("DELETE FROM ledger.entry WHERE originator_version = 3", "lignes"),
        ("DELETE FROM ledger.tile", "manquent"),
    ],
)
def test_what_was_not_signed_is_not_published(
    unchecked_ledger: Ledger, sealer: Sealer, reader: Reader, tampering: str, said: str
) -> None:
    """Once a line, a leaf or a tile was changed or removed, what the folder shows stays what it was."""
    unchecked_ledger.append(facts(10))
    sealer.seal()
    put_out(unchecked_ledger.database, reader.folder)
    unchecked_ledger.append(facts(590, 1000))
    sealer.seal()
    as_superuser(unchecked_ledger.database, tampering)
    with pytest.raises(PublicationRefusedError, match=said):
        put_out(unchecked_ledger.database, reader.folder)
    assert len(reader.verify_current()) == 10


def test_another_history_is_not_published_over_the_first(
    unchecked_ledger: Ledger, sealer: Sealer, signing_keys: SigningKeys, reader: Reader
) -> None:
    """A ledger that was set back and went on otherwise is not published where its first history is."""
    unchecked_ledger.append(facts(10))
    sealer.seal()
    put_out(unchecked_ledger.database, reader.folder)
    as_superuser(
        unchecked_ledger.database,
        "DELETE FROM ledger.checkpoint",
        "DELETE FROM ledger.leaf WHERE position > 5",
        "DELETE FROM ledger.sealing",
        "DELETE FROM ledger.entry WHERE notification_id NOT IN (SELECT notification_id FROM ledger.leaf)",
        "DELETE FROM ledger.leaf",
    )
    forgetful = Sealer(unchecked_ledger.database, signing_keys, Memory(sealer.memory.path.with_name("autre")))
    forgetful.seal()
    for _ in range(2):
        with pytest.raises(PublicationRefusedError, match="n'est pas la suite"):
            put_out(unchecked_ledger.database, reader.folder)
        unchecked_ledger.append(facts(20, 5000))
        forgetful.seal()
    forgetful.close()
    assert len(reader.verify_current()) == 10


def test_a_folder_of_something_else(ledger: Ledger, sealer: Sealer, reader: Reader) -> None:
    """A checkpoint in the folder that cannot be read is not overwritten."""
    ledger.append(facts(1))
    sealer.seal()
    reader.folder.mkdir()
    (reader.folder / "checkpoint").write_text("autre chose")
    with pytest.raises(PublicationRefusedError, match="retirez-le"):
        put_out(ledger.database, reader.folder)
    assert (reader.folder / "checkpoint").read_text() == "autre chose"


def test_a_line_too_long_for_a_bundle() -> None:
    """A line whose length does not fit in 16 bits is refused, the longest that does is not."""
    for length, fits in ((65_535, True), (65_536, False)):
        line = b"x" * length
        hashes = hashlib.sha256(b"\0" + line).digest()
        if fits:
            assert bundle([line], hashes) == b"\xff\xff" + line
        else:
            with pytest.raises(PublicationRefusedError, match="65535"):
                bundle([line], hashes)


# ------------------------------------------------------------------------------------------- at any moment, by several


PUBLISH: Final = """
import sys
from pathlib import Path
from ledger.database import Database
from ledger.seal.log import SealedLog
from ledger.seal.publish import publish

conninfo, role, folder = sys.argv[1:]
with Database(conninfo, role).connect() as conn:
    while True:
        publish(SealedLog(conn), Path(folder))
        print("publie", flush=True)
"""


def test_killed_at_any_moment(ledger: Ledger, sealer: Sealer, reader: Reader) -> None:
    """Killed at any moment, the publication leaves a folder that can be read whole, and the next one goes on from it."""
    for number in range(12):
        ledger.append(facts(120, 1000 * number))
        sealer.seal()
        process = forked.python(PUBLISH, ledger.database.conninfo, ledger.database.role or "", reader.folder)
        with process.stdout as told:
            before = time.monotonic()
            while not (reader.folder / "tile").exists() and time.monotonic() < before + 20:
                time.sleep(0.005)
            if number % 2:
                told.readline()
            ledger.append(facts(100, 1000 * number + 500))
            sealer.seal()
            time.sleep(0.004 * number)
            process.kill()
        if (reader.folder / "checkpoint").exists():
            reader.verify_current()
    put_out(ledger.database, reader.folder)
    assert reader.verify_current() == lines(ledger.database)


def test_what_a_killed_publication_left_goes(ledger: Ledger, sealer: Sealer, reader: Reader) -> None:
    """Files half written, which only a kill leaves, are gone after the next publication; no other file is."""
    ledger.append(facts(5))
    sealer.seal()
    left = [reader.folder / name for name in ("checkpoint.0a1b2c3d.new", "tile/0/000.p/5.0a1b2c3d.new")]
    other = reader.folder / "robots.txt"
    for each in (*left, other):
        each.parent.mkdir(parents=True, exist_ok=True)
        each.write_bytes(b"x")
    put_out(ledger.database, reader.folder)
    assert not any(each.exists() for each in left)
    assert other.exists()
    reader.verify_current()


def test_several_at_once_and_a_reader(ledger: Ledger, sealer: Sealer, reader: Reader) -> None:
    """While facts are sealed and three processes publish to one folder, its checkpoint only grows and is always readable."""
    stop = threading.Event()
    errors: list[BaseException] = []

    def run() -> None:
        try:
            while not stop.is_set():
                put_out(ledger.database, reader.folder)
        except BaseException as error:  # noqa: BLE001 - told to the test
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    sizes = [0]
    for number in range(12):
        ledger.append(facts(60, 100 * number))
        sealer.seal()
        if (reader.folder / "checkpoint").exists():
            size, root = reader.checkpoint()
            reader.verify(size, root)
            sizes.append(size)
    stop.set()
    for thread in threads:
        thread.join()
    assert not errors
    assert sizes == sorted(sizes)
    put_out(ledger.database, reader.folder)
    assert len(reader.verify_current()) == 720


# --------------------------------------------------------------------------------------------------------------- paths


def test_the_examples_of_the_specification() -> None:
    """A log of 70 000 leaves and one of 256 consist of what tlog-tiles says; index 1234067 is where it says."""
    widths: dict[int | None, list[int]] = {}
    for each in resources(0, 70_000):
        widths.setdefault(each.level, []).append(each.width)
    assert widths == {
        0: [256] * 273 + [112],
        1: [256, 17],
        2: [1],
        None: [256] * 273 + [112],
    }
    assert [(each.level, each.width) for each in resources(0, 256)] == [(0, 256), (1, 1), (None, 256)]
    assert Resource(3, 1_234_067).path == "tile/3/x001/x234/067"
    assert Resource(None, 7, 30).path == "tile/entries/007.p/30"


@given(st.integers(0, 63) | st.none(), st.integers(0, 10**15), st.integers(1, 256))
def test_a_path_reads_back(level: int | None, n: int, width: int) -> None:
    """Every resource has one path, and that path is of that resource."""
    resource = Resource(level, n, width)
    assert Resource.parse(resource.path) == resource
    assert re.fullmatch(r"[a-z0-9/.]+", resource.path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint",
        "tile/0",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x1234067",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/010",
        "tile/entries/000.p/",
        "tile/data/000",
        "tile/0/../../etc/passwd",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/٠٠٠",
        "tile/0/000\n",
        "tile/0/" + "x001/" * 40 + "000",
    ],
)
def test_no_other_path_is_one(path: str) -> None:
    """A path that is not in its only form is none."""
    with pytest.raises(LookupError):
        Resource.parse(path)


@given(st.integers(0, 200_000), st.integers(0, 70_000))
def test_what_is_published_is_the_difference(before: int, more: int) -> None:
    """Publishing in two steps writes all that publishing at once writes, and nothing twice but parts that grew."""
    size = before + more
    first, second, once = set(resources(0, before)), set(resources(before, size)), set(resources(0, size))
    assert once <= first | second
    assert first & second == set()
    assert all(each.within(size) for each in once)
    assert not any(each.within(before) for each in second)

"""Trees, roots and proofs: the published vectors, and what must hold for every tree."""

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.seal import merkle
from ledger.seal.merkle import FULL, HASH, Growth, Tile, leaf_hash, right_edge
from ledger.seal.proof import consistent, included

VECTORS: Final = Path(__file__).parents[1] / "vectors"
MERKLE: Final = VECTORS / "merkle"
SIZES: Final = st.integers(1, 70_000)
REFUSED_ON_PURPOSE: Final = {"sizes are equal (one) and proof is empty"}
"""Its "roots" are 12 bytes long: no SHA-256 gives them, and a strict verifier has nothing to compare."""


class Memory:
    """A tree kept in memory, tile by tile."""

    def __init__(self, leaves: int) -> None:
        self.full: dict[tuple[int, int], Tile] = {}
        self.growth = Growth()
        self.grow(leaves)

    def grow(self, leaves: int) -> None:
        """Add leaves that name their places."""
        start = self.growth.size
        for tile in self.growth.add(b"".join(leaf(index) for index in range(start, start + leaves))):
            assert (tile.level, tile.n) not in self.full
            self.full[tile.level, tile.n] = tile

    def tile(self, level: int, n: int, width: int) -> bytes:
        """As the stored tiles are read."""
        full = self.full.get((level, n))
        data = full.data if full else self.growth.edges[level]
        if len(data) < width * HASH:
            raise LookupError(level, n, width)
        return data[: width * HASH]


def leaf(index: int) -> bytes:
    """The hash of a leaf that names its place."""
    return leaf_hash(str(index).encode())


def naive_root(hashes: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, as it is written."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return sha256(b"\x01" + naive_root(hashes[:k]) + naive_root(hashes[k:])).digest()


LARGE: Final = Memory(70_000)
LEAVES: Final = [leaf(index) for index in range(70_000)]


def published(folder: str) -> list[Any]:
    """The vectors of a folder, each with its name."""
    paths = sorted((MERKLE / folder).rglob("*.json"))
    return [
        pytest.param(json.loads(path.read_text()), id=str(path.relative_to(MERKLE / folder).with_suffix("")))
        for path in paths
    ]


def raw(text: str | None) -> bytes:
    """The bytes of a vector's base64."""
    return b64decode(text) if text else b""


@pytest.mark.parametrize("vector", published("inclusion"))
def test_published_inclusion_vectors(vector: dict[str, Any]) -> None:
    """Every published inclusion proof is accepted or refused as its authors say."""
    path = [raw(each) for each in vector["proof"] or []]
    answer = included(
        leaf=raw(vector["leafHash"]),
        index=vector["leafIdx"],
        size=vector["treeSize"],
        path=path,
        root=raw(vector["root"]),
    )
    assert answer is not vector["wantErr"]


@pytest.mark.parametrize("vector", published("consistency"))
def test_published_consistency_vectors(vector: dict[str, Any]) -> None:
    """Every published consistency proof too, save one whose roots are no hashes, which is refused on purpose."""
    answer = consistent(
        old=vector["size1"],
        old_root=raw(vector["root1"]),
        size=vector["size2"],
        root=raw(vector["root2"]),
        path=[raw(each) for each in vector["proof"] or []],
    )
    assert answer is (not vector["wantErr"] and vector["desc"] not in REFUSED_ON_PURPOSE)


def test_reference_roots() -> None:
    """The roots of the reference leaves of RFC 6962 come out, at every size."""
    reference = json.loads((MERKLE / "reference_roots.json").read_text())
    growth = Growth()
    roots = [growth.root().hex()]
    for each in reference["leaf_inputs_hex"]:
        growth.add(leaf_hash(bytes.fromhex(each)))
        roots.append(growth.root().hex())
    assert roots == reference["root_by_size_hex"]


def test_decisions_about_the_empty_tree() -> None:
    """A tree of size 0 begins every tree, by an empty proof and its one root only; no other root, no path."""
    empty = sha256(b"").digest()
    root = LARGE.growth.root()
    assert consistent(old=0, old_root=empty, size=0, root=empty, path=[])
    assert consistent(old=0, old_root=empty, size=70_000, root=root, path=[])
    assert not consistent(old=0, old_root=root, size=70_000, root=root, path=[])
    assert not consistent(old=0, old_root=empty, size=70_000, root=root, path=[root])
    assert not consistent(old=0, old_root=root, size=0, root=root, path=[])
    assert not included(leaf=root, index=0, size=0, path=[], root=root)


@pytest.mark.parametrize("malformed", [b"", b"\0" * 31, b"\0" * 33, "0" * 32])
def test_hashes_of_another_length_are_refused(malformed: Any) -> None:
    """A root, a leaf or a path element that is not 32 bytes is refused, even where it would never be hashed."""
    sound = leaf(0)
    assert included(leaf=sound, index=0, size=1, path=[], root=sound)
    assert not included(leaf=malformed, index=0, size=1, path=[], root=malformed)
    assert not included(leaf=sound, index=0, size=2, path=[malformed], root=sound)
    assert not consistent(old=1, old_root=malformed, size=1, root=malformed, path=[])
    assert not consistent(old=1, old_root=sound, size=2, root=malformed, path=[sound])


@given(st.integers(0, 600))
def test_the_root_is_the_one_of_the_rfc(size: int) -> None:
    """A tree grown tile by tile has the root that RFC 6962 defines, read back from its tiles too."""
    expected = naive_root(LEAVES[:size])
    memory = Memory(size)
    assert memory.growth.root() == expected
    assert merkle.root_at(LARGE, size) == expected


@given(st.lists(st.integers(0, 700), min_size=1, max_size=8))
def test_how_a_tree_grew_does_not_show(steps: list[int]) -> None:
    """Leaves added in any batches give the same tiles and the same root as all at once."""
    grown = Memory(0)
    for step in steps:
        grown.grow(step)
    whole = Memory(sum(steps))
    assert grown.growth.root() == whole.growth.root()
    assert grown.full == whole.full
    assert [edge for edge in grown.growth.edges if edge] == [edge for edge in whole.growth.edges if edge]


@given(SIZES, st.integers(0, 600))
def test_a_tree_goes_on_from_its_tiles(size: int, more: int) -> None:
    """A tree resumed from its tiles at any size is the tree that was there, and grows the same."""
    resumed = Growth.resume(LARGE, size)
    assert resumed.root() == merkle.root_at(LARGE, size)
    more = min(more, 70_000 - size)
    resumed.add(b"".join(LEAVES[size : size + more]))
    assert resumed.root() == merkle.root_at(LARGE, size + more)


@given(SIZES, st.data())
def test_every_leaf_is_proved_in_every_tree(size: int, data: st.DataObject) -> None:
    """The audit path of any leaf in any tree is accepted, and no longer once anything in it is changed."""
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion(LARGE, index, size)
    root = merkle.root_at(LARGE, size)
    claim: dict[str, Any] = {"leaf": LEAVES[index], "index": index, "size": size, "path": path, "root": root}
    assert included(**claim)
    assert len(path) <= size.bit_length()
    assert not included(**{**claim, "leaf": leaf(70_001)})
    assert not included(**{**claim, "root": leaf(70_001)})
    assert not included(**{**claim, "path": [*path, root]})
    if size > 1:
        assert not included(**{**claim, "path": path[:-1]})
        assert not included(**{**claim, "index": (index + 1) % size})
        at = data.draw(st.integers(0, len(path) - 1))
        bit = bytes([path[at][0] ^ 1]) + path[at][1:]
        assert not included(**{**claim, "path": [*path[:at], bit, *path[at + 1 :]]})


@given(SIZES, st.data())
def test_every_tree_is_proved_to_begin_the_later_ones(size: int, data: st.DataObject) -> None:
    """A consistency proof between any two trees is accepted, and no longer once either is another tree."""
    old = data.draw(st.integers(1, size))
    path = merkle.consistency(LARGE, old, size)
    claim: dict[str, Any] = {
        "old": old,
        "old_root": merkle.root_at(LARGE, old),
        "size": size,
        "root": merkle.root_at(LARGE, size),
        "path": path,
    }
    assert consistent(**claim)
    assert not consistent(**{**claim, "old_root": leaf(70_001)})
    assert not consistent(**{**claim, "root": leaf(70_001)})
    assert not consistent(**{**claim, "path": [*path, claim["root"]]})
    if path:
        assert not consistent(**{**claim, "path": path[1:]})


def test_a_forked_tree_is_not_consistent() -> None:
    """A tree in which one old leaf was replaced proves nothing about the tree that was signed, whatever its own proofs."""
    forked = Growth()
    forked.add(b"".join([*LEAVES[:10], leaf(70_001), *LEAVES[11:300]]))
    memory = Memory(0)
    for tile in memory.growth.add(b"".join([*LEAVES[:10], leaf(70_001), *LEAVES[11:300]])):
        memory.full[tile.level, tile.n] = tile
    path = merkle.consistency(memory, 200, 300)
    assert consistent(
        old=200, old_root=merkle.root_at(memory, 200), size=300, root=forked.root(), path=path
    )  # fmt: skip
    assert not consistent(old=200, old_root=merkle.root_at(LARGE, 200), size=300, root=forked.root(), path=path)


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0)])
def test_no_proof_is_made_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    """A leaf outside the tree has no audit path."""
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion(LARGE, index, size)


def test_no_proof_is_made_back_in_time() -> None:
    """A larger tree does not begin a smaller one."""
    with pytest.raises(ValueError, match="does not begin"):
        merkle.consistency(LARGE, 6, 5)


def test_published_tiles() -> None:
    """The right edge of the published log, at each of its sizes, is the tile that its authors wrote."""
    log = VECTORS / "tlog-tiles" / "log"
    entries = (log / "tile" / "entries" / "000.p" / "15").read_bytes()
    growth, at = Growth(), 0
    for size in range(1, 16):
        length = int.from_bytes(entries[at : at + 2], "big")
        growth.add(leaf_hash(entries[at + 2 : at + 2 + length]))
        at += 2 + length
        tile = log / "tile" / "0" / "000.p" / str(size)
        if tile.exists():
            assert growth.edges[0] == tile.read_bytes()
        checkpoint = (log / f"checkpoint.{size}").read_text().split("\n")
        assert (str(size), growth.root()) == (checkpoint[1], b64decode(checkpoint[2]))


def test_right_edge_of_the_spec() -> None:
    """The example of C2SP tlog-tiles: 70,000 leaves end in a tile of 112, one of 17 and one of 1."""
    assert right_edge(70_000) == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert right_edge(256) == [(0, 1, 0), (1, 0, 1)]
    assert len(LARGE.full[1, 0].data) == FULL

"""Checks Merkle proofs by RFC 9162, sections 2.1.3.2 and 2.1.4.2. Makes none, and imports nothing of ours.

Hashes are 32 raw bytes of SHA-256. Every function answers; none raises, whatever it is given.

Two decisions that published vectors leave open. A tree of size 0 is the beginning of every tree, and only an empty
proof says so; its root is the hash of the empty string and no other (C2SP tlog-witness). A root or a path element that
is not 32 bytes is refused, also where nothing would have been hashed with it.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

DIGEST: Final = 32
EMPTY: Final = sha256(b"").digest()
DEEPEST: Final = 63
"""No tree of ours, nor any that C2SP tlog-witness takes a proof for, is deeper."""


def _sound(*hashes: bytes) -> bool:
    return all(isinstance(each, bytes) and len(each) == DIGEST for each in hashes)


def _children(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def included(*, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether ``leaf`` (a leaf hash) is leaf ``index``, from 0, of the tree of ``size`` leaves with this ``root``."""
    if not 0 <= index < size or len(path) > DEEPEST or not _sound(leaf, root, *path):
        return False
    place, last, computed = index, size - 1, leaf
    for beside in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            computed = _children(beside, computed)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            computed = _children(computed, beside)
        place, last = place >> 1, last >> 1
    return last == 0 and computed == root


def consistent(*, old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the tree of ``old`` leaves with ``old_root`` begins that of ``size`` leaves with ``root``."""
    if not 0 <= old <= size or len(path) > DEEPEST or not _sound(old_root, root, *path):
        return False
    if old == size:
        return not path and old_root == root and (size > 0 or root == EMPTY)
    if old == 0:
        return not path and old_root == EMPTY
    if not path:
        return False
    return _consistent(old, old_root, size, root, path)


def _consistent(old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> bool:
    hashes = list(path)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    then = now = hashes[0]
    for beside in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            then, now = _children(beside, then), _children(beside, now)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            now = _children(now, beside)
        place, last = place >> 1, last >> 1
    return last == 0 and then == old_root and now == root

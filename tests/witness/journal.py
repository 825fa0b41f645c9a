"""A log for the witness to watch, written after RFC 6962 and C2SP by itself: it shares no tree with ours."""

import struct
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from itertools import pairwise

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ORIGIN = "journal.example/a"
WITNESS = "temoin.example/w1"


@cache
def root(leaves: tuple[bytes, ...]) -> bytes:
    """RFC 6962 section 2.1, as it is written."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    k = split(len(leaves))
    return sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()


def split(count: int) -> int:
    """The largest power of two below ``count``."""
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def proof(old: int, leaves: tuple[bytes, ...], *, whole: bool = True) -> list[bytes]:
    """RFC 6962 section 2.1.2, SUBPROOF, as it is written."""
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    k = split(len(leaves))
    if old <= k:
        return [*proof(old, leaves[:k], whole=whole), root(leaves[k:])]
    return [*proof(old - k, leaves[k:], whole=False), root(leaves[:k])]


@dataclass(frozen=True)
class Key:
    """An Ed25519 key by its name, its type byte and its seed."""

    name: str
    kind: int
    seed: bytes

    @property
    def private(self) -> Ed25519PrivateKey:
        """Its private half."""
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def public(self) -> bytes:
        """Its public half, 32 octets."""
        return self.private.public_key().public_bytes_raw()

    @property
    def id(self) -> bytes:
        """The key id, as C2SP signed-note recommends it."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        """Its public half as policies write it."""
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"

    def line(self, text: str) -> str:
        """Its signature line under ``text``, of a log's kind."""
        return f"— {self.name} {b64encode(self.id + self.private.sign(text.encode())).decode()}\n"


@dataclass(frozen=True)
class Journal:
    """A log of numbered leaves. ``branch`` renames those from ``fork`` on: another history under the same name."""

    keys: tuple[Key, ...] = (Key(ORIGIN, 1, b"\1" * 32),)
    branch: str = ""
    fork: int = 0
    origin: str = ORIGIN
    extra: str = field(default="")

    def leaves(self, size: int) -> tuple[bytes, ...]:
        """The first leaves."""
        return tuple(f"{self.branch if n >= self.fork else ''}{n}".encode() for n in range(size))

    def root(self, size: int) -> bytes:
        """The root over them."""
        return root(self.leaves(size))

    def text(self, size: int) -> str:
        """A checkpoint's text."""
        return f"{self.origin}\n{size}\n{b64encode(self.root(size)).decode()}\n{self.extra}"

    def note(self, size: int) -> str:
        """A signed checkpoint."""
        text = self.text(size)
        return text + "\n" + "".join(key.line(text) for key in self.keys)

    def proof(self, old: int, size: int) -> list[bytes]:
        """The consistency proof from an old size."""
        return proof(old, self.leaves(size)) if 0 < old < size else []

    def request(self, old: int, size: int, path: Sequence[bytes] | None = None) -> bytes:
        """The body of an ``add-checkpoint``, with the right proof unless another is given."""
        lines = [b64encode(each).decode() for each in (self.proof(old, size) if path is None else path)]
        return "\n".join([f"old {old}", *lines, "", self.note(size)]).encode()


def cosigned_at(line: str, text: str, vkey: str) -> int:
    """When the key of ``vkey`` cosigned ``text``, by nothing but the specification (C2SP tlog-cosignature).

    :raises AssertionError: the line is not of the format.
    :raises InvalidSignature: the key did not sign that.
    """
    name, identity, material = vkey.split("+", 2)
    public = b64decode(material)
    assert (public[0], len(public)) == (0x04, 33)
    mark, signer, encoded, end = [*line.rstrip("\n").split(" "), line[-1]]
    raw = b64decode(encoded, validate=True)
    assert (mark, signer, end, len(raw)) == ("\u2014", name, "\n", 4 + 8 + 64)
    assert raw[:4].hex() == identity == sha256(name.encode() + b"\n" + public).hexdigest()[:8]
    [time] = struct.unpack(">Q", raw[4:12])
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(
        raw[12:], b"cosignature/v1\ntime %d\n%s" % (time, text.encode())
    )
    assert 0 < time < 2**63
    return int(time)


def assert_one_history(cosigned: Sequence[tuple[Journal, int, int]]) -> None:
    """Whatever was cosigned (log, size, time) is one history: no two branches, no smaller tree at a later time."""
    roots: dict[int, bytes] = {}
    for journal, size, _ in cosigned:
        assert roots.setdefault(size, journal.root(size)) == journal.root(size)
    beyond = {journal.branch for journal, size, _ in cosigned if size > journal.fork and journal.branch}
    plain = {size for journal, size, _ in cosigned if not journal.branch}
    for branch in beyond:
        fork = next(journal.fork for journal, _, _ in cosigned if journal.branch == branch)
        assert not [size for size in plain if size > fork]
    assert len(beyond) <= 1
    ordered = sorted(cosigned, key=lambda each: (each[1], each[2]))
    for (_, small, first), (_, large, then) in pairwise(ordered):
        assert small == large or first <= then

"""DER taken apart and put together again, rightly or with one thing written otherwise."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.evidence.attaques.jetons import der

CONSTRUIT = 0x20


@dataclass(frozen=True)
class Noeud:
    """A value: its tag, and its bytes or what it holds. ``brut``: how it is written, where that is not DER's way."""

    tag: int
    octets: bytes = b""
    dedans: tuple["Noeud", ...] | None = None
    brut: bytes | None = None

    @property
    def contenu(self) -> bytes:
        """What stands after its length."""
        return self.octets if self.dedans is None else b"".join(bytes(each) for each in self.dedans)

    def __bytes__(self) -> bytes:
        return der(self.tag, self.contenu) if self.brut is None else self.brut

    def a(self, *chemin: int) -> "Noeud":
        """What stands at these places, one in the other."""
        found = self
        for place in chemin:
            assert found.dedans is not None
            found = found.dedans[place]
        return found

    def avec(self, chemin: tuple[int, ...], change: "Callable[[Noeud], Noeud | None]") -> "Noeud":
        """The same with what stands there changed, or gone."""
        if not chemin:
            changed = change(self)
            assert changed is not None
            return changed
        assert self.dedans is not None
        place = range(len(self.dedans))[chemin[0]]
        below = self.dedans[place]
        new = change(below) if len(chemin) == 1 else below.avec(chemin[1:], change)
        return replace(self, dedans=(*self.dedans[:place], *([] if new is None else [new]), *self.dedans[place + 1 :]))


def lire(octets: bytes) -> Noeud:
    """One value that is DER, and nothing after it."""
    found, rest = _un(octets)
    assert not rest
    return found


def _un(octets: bytes) -> tuple[Noeud, bytes]:
    tag, length, at = octets[0], octets[1], 2
    if length & 0x80:
        at += length & 0x7F
        length = int.from_bytes(octets[2:at], "big")
    body, rest = octets[at : at + length], octets[at + length :]
    if not tag & CONSTRUIT:
        return Noeud(tag, body), rest
    inside = []
    while body:
        one, body = _un(body)
        inside.append(one)
    return Noeud(tag, dedans=tuple(inside)), rest


def longueur_longue(noeud: Noeud) -> Noeud:
    """Its length on one byte more than needed."""
    content = noeud.contenu
    return replace(noeud, brut=bytes([noeud.tag, 0x84]) + len(content).to_bytes(4, "big") + content)


def indefinie(noeud: Noeud) -> Noeud:
    """Its length left open, and an end mark."""
    return replace(noeud, brut=bytes([noeud.tag, 0x80]) + noeud.contenu + b"\0\0")


def suivi(noeud: Noeud) -> Noeud:
    """Something after what it holds."""
    return replace(noeud, brut=der(noeud.tag, noeud.contenu + b"\5\0"))


def rempli(noeud: Noeud) -> Noeud:
    """A whole number, or an OID, with a byte more in front than needed."""
    return replace(noeud, octets=(b"\x80" if noeud.tag == 6 else b"\0") + noeud.octets)


def retourne(noeud: Noeud) -> Noeud:
    """What it holds, the other way round."""
    assert noeud.dedans is not None
    assert len(noeud.dedans) > 1
    return replace(noeud, dedans=noeud.dedans[::-1])


def decoupe(noeud: Noeud) -> Noeud:
    """A text of bytes in two pieces, as BER allows."""
    half = len(noeud.octets) // 2
    return Noeud(
        noeud.tag | CONSTRUIT, dedans=(Noeud(noeud.tag, noeud.octets[:half]), Noeud(noeud.tag, noeud.octets[half:]))
    )


def octet(valeur: bytes) -> Callable[[Noeud], Noeud]:
    """Other bytes in its place."""
    return lambda noeud: replace(noeud, octets=valeur, dedans=None)


def etiquette(tag: int) -> Callable[[Noeud], Noeud]:
    """Another tag."""
    return lambda noeud: replace(noeud, tag=tag)


def ajoute(*plus: bytes) -> Callable[[Noeud], Noeud]:
    """More inside, at the end."""
    return lambda noeud: replace(noeud, dedans=(*(noeud.dedans or ()), *(Noeud(0, brut=each) for each in plus)))

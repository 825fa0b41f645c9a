"""ECDSA (FIPS 186-5 section 6.4.2) over P-256 and P-384, in whole numbers."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from evidence.verificateurs.pyz import der
from evidence.verificateurs.pyz.textes import IllisibleError

FENETRE: Final = 4
CLES: Final = 64

Affine = tuple[int, int]
Point = tuple[int, int, int]
"""X, Y, Z with x = X/Z², y = Y/Z³; Z is 0 at infinity."""
INFINI: Final[Point] = (1, 1, 0)


class Courbe(NamedTuple):
    """y² = x³ - 3x + b modulo p; its base point has the prime order n. ``octets``: of a coordinate."""

    p: int
    b: int
    n: int
    gx: int
    gy: int
    octets: int


P256: Final = Courbe(
    2**256 - 2**224 + 2**192 + 2**96 - 1,
    0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    32,
)
P384: Final = Courbe(
    2**384 - 2**128 - 2**96 + 2**32 - 1,
    0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
    0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
    48,
)


def point(courbe: Courbe, octets: bytes) -> Affine | None:
    """The point that is written without compression (SEC 1 section 2.3.4), when it is on the curve."""
    n = courbe.octets
    if len(octets) != 2 * n + 1 or octets[0] != 4:  # noqa: PLR2004 - the mark of a point without compression
        return None
    x, y = int.from_bytes(octets[1 : n + 1], "big"), int.from_bytes(octets[n + 1 :], "big")
    p = courbe.p
    sur = x < p and y < p and (y * y - (x * x - 3) * x - courbe.b) % p == 0
    return (x, y) if sur else None


def _double(point: Point, p: int) -> Point:
    x, y, z = point
    if not z or not y:
        return INFINI
    delta, gamma = z * z % p, y * y % p
    beta, alpha = x * gamma % p, 3 * (x - delta) * (x + delta) % p
    x3 = (alpha * alpha - 8 * beta) % p
    return x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % p, 2 * y * z % p


def _plus(point: Point, plus: Affine, p: int) -> Point:
    x, y, z = point
    if not z:
        return plus[0], plus[1], 1
    carre = z * z % p
    h, r = (plus[0] * carre - x) % p, (plus[1] * carre * z - y) % p
    if not h:
        return INFINI if r else _double(point, p)
    h2 = h * h % p
    h3, v = h2 * h % p, x * h2 % p
    x3 = (r * r - h3 - 2 * v) % p
    return x3, (r * (v - x3) - y * h3) % p, z * h % p


def _affine(point: Point, p: int) -> Affine:
    inverse = pow(point[2], -1, p)
    carre = inverse * inverse % p
    return point[0] * carre % p, point[1] * carre * inverse % p


@lru_cache(maxsize=CLES)
def _multiples(courbe: Courbe, x: int, y: int) -> list[Affine]:
    """One to fifteen times a point: none is at infinity, the order is prime."""
    multiples: list[Affine] = [(x, y)]
    for _ in range((1 << FENETRE) - 2):
        multiples.append(_affine(_plus((*multiples[-1], 1), (x, y), courbe.p), courbe.p))
    return multiples


def _somme(courbe: Courbe, u: int, v: int, cle: Affine) -> Point:
    """``u`` times the base point and ``v`` times the key, by common doublings (Straus)."""
    de_base, de_cle = _multiples(courbe, courbe.gx, courbe.gy), _multiples(courbe, *cle)
    somme, p = INFINI, courbe.p
    for place in range(8 * courbe.octets - FENETRE, -1, -FENETRE):
        for _ in range(FENETRE):
            somme = _double(somme, p)
        chiffre, autre = u >> place & 15, v >> place & 15
        if chiffre:
            somme = _plus(somme, de_base[chiffre - 1], p)
        if autre:
            somme = _plus(somme, de_cle[autre - 1], p)
    return somme


def _lue(signature: bytes) -> tuple[int, int] | None:
    try:
        champs = der.champs(signature)
        r, s = der.entier(champs.un(der.INTEGER)), der.entier(champs.un(der.INTEGER))
        champs.fini()
    except IllisibleError:
        return None
    return r, s


def verifie(courbe: Courbe, cle: Affine, empreinte: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (DER) of a message with this digest is that of ``cle``, a point on the curve."""
    lue = _lue(signature)
    if lue is None:
        return False
    r, s = lue
    n, p = courbe.n, courbe.p
    if not (0 < r < n and 0 < s < n):
        return False
    e = int.from_bytes(empreinte[: courbe.octets], "big")
    inverse = pow(s, -1, n)
    x, _, z = _somme(courbe, e * inverse % n, r * inverse % n, cle)
    carre = z * z % p
    return z != 0 and any(each < p and (each * carre - x) % p == 0 for each in (r, r + n))

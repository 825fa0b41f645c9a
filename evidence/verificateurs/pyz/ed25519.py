"""Ed25519 signatures (RFC 8032 section 5.1) in whole numbers: one form of a point, one of a number, no cofactor,
neither key nor signature of small order.

Every key is multiplied by a table of its own, made once: a log's few keys sign hundreds of checkpoints.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha512
from typing import Final

P: Final = 2**255 - 19
L: Final = 2**252 + 27742317777372353535851937790883648493
D: Final = -121665 * pow(121666, -1, P) % P
RACINE: Final = pow(2, (P - 1) // 4, P)
"""A square root of -1."""
FENETRES: Final = 64
OCTETS: Final = 32
CLES: Final = 64

Point = tuple[int, int, int, int]
"""X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z (Hisil and others, 2008)."""
Affine = tuple[int, int, int]
"""y + x, y - x, 2dxy: a point as it is added fastest."""
Table = list[list[Affine]]
NEUTRE: Final[Point] = (0, 1, 1, 0)


def _ouvert(octets: bytes) -> tuple[int, int] | None:
    """The point that is written in its one form (RFC 8032 section 5.1.3), or none."""
    ecrit = int.from_bytes(octets, "little")
    signe, y = ecrit >> 255, ecrit & (1 << 255) - 1
    if len(octets) != OCTETS or y >= P:
        return None
    haut, bas = (y * y - 1) % P, (D * y * y + 1) % P
    x = haut * bas**3 * pow(haut * bas**7 % P, (P - 5) // 8, P) % P
    if bas * x * x % P != haut:
        x = x * RACINE % P
    if bas * x * x % P != haut or (x == 0 and signe):
        return None
    return (P - x if x & 1 != signe else x), y


def _double(point: Point) -> Point:
    x, y, z, _ = point
    a, b = x * x % P, y * y % P
    h = a + b
    e, g = h - (x + y) ** 2, a - b
    f = 2 * z * z + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def _plus(point: Point, plus: Affine) -> Point:
    x, y, z, t = point
    a, b, c, d = (y - x) * plus[1] % P, (y + x) * plus[0] % P, t * plus[2] % P, 2 * z
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _affines(points: list[Point]) -> list[Affine]:
    """All of them with one inversion."""
    produits, produit = [], 1
    for point in points:
        produits.append(produit)
        produit = produit * point[2] % P
    inverse, affines = pow(produit, -1, P), []
    for point, avant in zip(reversed(points), reversed(produits)):
        z = inverse * avant % P
        inverse = inverse * point[2] % P
        x, y = point[0] * z % P, point[1] * z % P
        affines.append(((y + x) % P, (y - x) % P, 2 * D * x * y % P))
    return affines[::-1]


def _table(x: int, y: int) -> Table:
    """For each of 64 windows of four bits, one to eight times 16 to its power times the point."""
    bases: list[Point] = []
    point: Point = (x, y, 1, x * y % P)
    for _ in range(FENETRES):
        bases.append(point)
        for _ in range(4):
            point = _double(point)
    points = []
    for base, affine in zip(bases, _affines(bases)):
        fois = base
        points.append(fois)
        for _ in range(7):
            fois = _plus(fois, affine)
            points.append(fois)
    affines = _affines(points)
    return [affines[place : place + 8] for place in range(0, len(affines), 8)]


def _ajoute(point: Point, nombre: int, table: Table) -> Point:
    """``point`` and ``nombre`` times the point of ``table``; the number is cut into digits from -8 to 7."""
    for fenetre in table:
        chiffre = nombre & 15
        nombre >>= 4
        if chiffre >= 8:  # noqa: PLR2004 - half of sixteen
            nombre += 1
            plus, moins, deux = fenetre[15 - chiffre]
            point = _plus(point, (moins, plus, P - deux))
        elif chiffre:
            point = _plus(point, fenetre[chiffre - 1])
    return point


@lru_cache(maxsize=1)
def _base() -> Table:
    y = 4 * pow(5, -1, P) % P
    ouvert = _ouvert(y.to_bytes(OCTETS, "little"))
    assert ouvert is not None  # noqa: S101 - the base point is on the curve
    return _table(*ouvert)


def _petit(point: Point) -> bool:
    """Whether eight times the point is the neutral one: libraries differ on such keys and signatures."""
    x, y, z, _ = _double(_double(_double(point)))
    return x == 0 and y == z


@lru_cache(maxsize=CLES)
def _opposee(cle: bytes) -> Table | None:
    ouvert = _ouvert(cle)
    if ouvert is None or _petit((ouvert[0], ouvert[1], 1, ouvert[0] * ouvert[1] % P)):
        return None
    return _table(P - ouvert[0], ouvert[1])


def verifie(cle: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (64 bytes) is that of ``message`` by ``cle`` (32 bytes)."""
    table, s = _opposee(cle), int.from_bytes(signature[OCTETS:], "little")
    if table is None or len(signature) != 2 * OCTETS or s >= L:
        return False
    k = int.from_bytes(sha512(signature[:OCTETS] + cle + message).digest(), "little") % L
    reste = _ajoute(_ajoute(NEUTRE, s, _base()), k, table)
    x, y, z, _ = reste
    inverse = pow(z, -1, P)
    x, y = x * inverse % P, y * inverse % P
    return (y | (x & 1) << 255).to_bytes(OCTETS, "little") == signature[:OCTETS] and not _petit(reste)

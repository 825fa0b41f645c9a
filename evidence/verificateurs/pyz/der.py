"""Strict DER (X.690): definite lengths in their shortest form, short tags, nothing after a value."""

from __future__ import annotations

from typing import Final, NamedTuple

from evidence.verificateurs.pyz.textes import IllisibleError

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OID: Final = 0x06
UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31
COMPOSE: Final = 0x20
PROFONDEUR: Final = 32
LONGUE: Final = 0x80
LONGUEURS: Final = 4


class Valeur(NamedTuple):
    """A value: its tag (one byte), what is in it, and all of it."""

    tag: int
    corps: bytes
    brut: bytes


def _premiere(octets: bytes, place: int) -> tuple[Valeur, int]:
    if len(octets) < place + 2 or octets[place] & 0x1F == 0x1F:  # noqa: PLR2004 - a tag of several bytes
        raise IllisibleError
    debut, longueur = place + 2, octets[place + 1]
    if longueur >= LONGUE:
        combien = longueur - LONGUE
        debut += combien
        longueur = int.from_bytes(octets[place + 2 : debut], "big")
        if not 0 < combien <= LONGUEURS or longueur < LONGUE or longueur >> 8 * (combien - 1) == 0:
            raise IllisibleError
    fin = debut + longueur
    if fin > len(octets):
        raise IllisibleError
    return Valeur(octets[place], octets[debut:fin], octets[place:fin]), fin


def suite(corps: bytes) -> list[Valeur]:
    """The values that follow each other in ``corps``.

    :raises IllisibleError: it is not a row of values.
    """
    place, valeurs = 0, []
    while place < len(corps):
        valeur, place = _premiere(corps, place)
        valeurs.append(valeur)
    return valeurs


def seul(octets: bytes, tag: int) -> Valeur:
    """The one value that ``octets`` are, of this tag.

    :raises IllisibleError: they are not.
    """
    valeurs = suite(octets)
    if len(valeurs) != 1 or valeurs[0].tag != tag:
        raise IllisibleError
    return valeurs[0]


def bien_forme(octets: bytes, profondeur: int = PROFONDEUR) -> None:
    """Look at every value in ``octets``, at most 32 deep, also those that nobody reads.

    :raises IllisibleError: one of them is not DER.
    """
    if not profondeur:
        raise IllisibleError
    for valeur in suite(octets):
        if valeur.tag & COMPOSE:
            bien_forme(valeur.corps, profondeur - 1)


class Champs:
    """The fields of a SEQUENCE, one after the other."""

    def __init__(self, corps: bytes) -> None:
        self._valeurs = suite(corps)
        self._place = 0

    def facultatif(self, *tags: int) -> Valeur | None:
        """The next field, if it has one of these tags."""
        if self._place < len(self._valeurs) and self._valeurs[self._place].tag in tags:
            self._place += 1
            return self._valeurs[self._place - 1]
        return None

    def un(self, *tags: int) -> Valeur:
        """The next field, which has one of these tags.

        :raises IllisibleError: it has not, or there is none.
        """
        valeur = self.facultatif(*tags)
        if valeur is None:
            raise IllisibleError
        return valeur

    def fini(self) -> None:
        """Nothing is left.

        :raises IllisibleError: something is.
        """
        if self._place != len(self._valeurs):
            raise IllisibleError


def champs(octets: bytes, tag: int = SEQUENCE) -> Champs:
    """The fields of the one SEQUENCE that ``octets`` are.

    :raises IllisibleError: they are not.
    """
    return Champs(seul(octets, tag).corps)


def entier(valeur: Valeur) -> int:
    """A whole number, negative ones too.

    :raises IllisibleError: its form is not the shortest.
    """
    corps = valeur.corps
    if not corps or (len(corps) > 1 and corps[0] in {0, 0xFF} and corps[0] >> 7 == corps[1] >> 7):
        raise IllisibleError
    return int.from_bytes(corps, "big", signed=True)


def vrai(valeur: Valeur) -> bool:
    """A BOOLEAN whose default is false: it is written only where it is true.

    :raises IllisibleError: it is written otherwise.
    """
    if valeur.corps != b"\xff":
        raise IllisibleError
    return True


def bits(valeur: Valeur, inutiles: int = 0) -> bytes:
    """The bytes of a BIT STRING without unused bits.

    :raises IllisibleError: it has some.
    """
    if not valeur.corps or valeur.corps[0] != inutiles:
        raise IllisibleError
    return valeur.corps[1:]


def ensemble(corps: bytes) -> list[Valeur]:
    """The values of a SET OF, in the order of their bytes, each once.

    :raises IllisibleError: they are in another order.
    """
    valeurs = suite(corps)
    if any(a.brut >= b.brut for a, b in zip(valeurs, valeurs[1:])):
        raise IllisibleError
    return valeurs


def oid(ecrit: str) -> bytes:
    """The content of an OBJECT IDENTIFIER that is written with dots."""
    premier, second, *autres = map(int, ecrit.split("."))
    contenu = bytearray()
    for nombre in (40 * premier + second, *autres):
        groupes = [nombre & 0x7F]
        while nombre := nombre >> 7:
            groupes.append(nombre & 0x7F | 0x80)
        contenu += bytes(reversed(groupes))
    return bytes(contenu)

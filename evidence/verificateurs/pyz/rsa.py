"""RSA signatures by PKCS #1 v1.5 (RFC 8017 section 8.2.2): what must be signed is written out and compared whole."""

from __future__ import annotations

from typing import Final

from evidence.verificateurs.pyz.der import oid

BITS: Final = (2048, 8192)
EXPOSANT: Final = 2**64
HACHAGES: Final = {
    "sha256": oid("2.16.840.1.101.3.4.2.1"),
    "sha384": oid("2.16.840.1.101.3.4.2.2"),
    "sha512": oid("2.16.840.1.101.3.4.2.3"),
}


def admise(n: int, e: int) -> bool:
    """Whether a key is of a size that is read here: 2048 to 8192 bits, an odd exponent from 3 to 2^64."""
    return BITS[0] <= n.bit_length() <= BITS[1] and bool(n & 1) and 3 <= e < EXPOSANT and bool(e & 1)  # noqa: PLR2004 - the smallest exponent


def verifie(n: int, e: int, hachage: str, empreinte: bytes, signature: bytes) -> bool:
    """Whether ``signature`` of a message with this digest is that of the key (``n``, ``e``)."""
    octets = (n.bit_length() + 7) // 8
    nombre = int.from_bytes(signature, "big")
    if len(signature) != octets or nombre >= n:
        return False
    nom = HACHAGES[hachage]
    algorithme = bytes([0x30, len(nom) + 4, 0x06, len(nom)]) + nom + b"\x05\x00"
    info = algorithme + bytes([0x04, len(empreinte)]) + empreinte
    info = bytes([0x30, len(info)]) + info
    attendu = b"\x00\x01" + b"\xff" * (octets - len(info) - 3) + b"\x00" + info
    return pow(nombre, e, n).to_bytes(octets, "big") == attendu

"""Signatures by the verifier's own arithmetic: every published vector, as its authors judge it."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from evidence.verificateurs.pyz import ecdsa, ed25519, rsa

WYCHEPROOF: Final = Path(__file__).parents[1] / "vectors" / "wycheproof"
COURBES: Final = {"256": ecdsa.P256, "384": ecdsa.P384}


def vectors(name: str) -> tuple[int, Iterator[tuple[dict[str, Any], bytes, bytes, str]]]:
    """How many there are, and of each its key, its message, its signature and what its authors say."""
    said = json.loads((WYCHEPROOF / f"{name}_test.json").read_text())
    each = (
        (group["publicKey"], bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"]), test["result"])
        for group in said["testGroups"]
        for test in group["tests"]
    )
    return said["numberOfTests"], each


def test_ed25519_vectors() -> None:
    """Each of the 151 signatures is accepted or refused as its authors say."""
    number, each = vectors("ed25519")
    judged = [ed25519.verifie(bytes.fromhex(key["pk"]), msg, sig) == (said == "valid") for key, msg, sig, said in each]
    assert judged == [True] * number == [True] * 151


@pytest.mark.parametrize(("curve", "digest", "number"), [("256", "sha256", 484), ("384", "sha384", 504)])
def test_ecdsa_vectors(curve: str, digest: str, number: int) -> None:
    """Each signature over P-256 and P-384 is accepted or refused as its authors say."""
    counted, each = vectors(f"ecdsa_secp{curve}r1_{digest}")
    judged = []
    for key, msg, sig, said in each:
        point = ecdsa.point(COURBES[curve], bytes.fromhex(key["uncompressed"]))
        assert point is not None
        accepted = ecdsa.verifie(COURBES[curve], point, hashlib.new(digest, msg).digest(), sig)
        judged.append(accepted == (said == "valid"))
    assert judged == [True] * number
    assert counted == number


@pytest.mark.parametrize(("bits", "digest", "number"), [("2048", "sha256", 259), ("4096", "sha512", 259)])
def test_rsa_vectors(bits: str, digest: str, number: int) -> None:
    """Each signature is judged as its authors say; the one "acceptable" form, a hash without NULL, is refused."""
    counted, each = vectors(f"rsa_signature_{bits}_{digest}")
    judged = []
    for key, msg, sig, said in each:
        n, e = int(key["modulus"], 16), int(key["publicExponent"], 16)
        assert rsa.admise(n, e)
        judged.append(rsa.verifie(n, e, digest, hashlib.new(digest, msg).digest(), sig) == (said == "valid"))
    assert judged == [True] * number
    assert counted == number


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 64 * 8 - 1))
def test_ed25519_as_the_library(seed: bytes, message: bytes, bit: int) -> None:
    """What the library signs is accepted; with any bit changed, both judge the same."""
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert ed25519.verifie(key, message, signature)
    changed = (int.from_bytes(signature, "little") ^ 1 << bit).to_bytes(64, "little")
    assert not ed25519.verifie(key, message, changed)
    assert not ed25519.verifie(key, message + b"\0", signature)
    assert not ed25519.verifie(key, message, signature[:-1])
    assert not ed25519.verifie(key, message, signature + b"\0")


def test_points_of_ed25519_have_one_form() -> None:
    """A coordinate of p or more, a zero with a sign, a number of L or more, a key that is no point: refused."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signature = key.sign(b"")
    s = int.from_bytes(signature[32:], "little") + ed25519.L
    assert not ed25519.verifie(key.public_key().public_bytes_raw(), b"", signature[:32] + s.to_bytes(32, "little"))
    for y, sign in ((ed25519.P, 0), (ed25519.P + 1, 0), (1, 1), (ed25519.P - 1, 1), (2, 0)):
        point = (y | sign << 255).to_bytes(32, "little")
        assert not ed25519.verifie(point, b"", point + bytes(32)), (y, sign)


def test_no_key_or_signature_of_ed25519_is_of_small_order() -> None:
    """The neutral element, alone or as a nonce, passes the equation for every message: refused, whatever others do."""
    neutral = (1).to_bytes(32, "little")
    assert not ed25519.verifie(neutral, b"", neutral + bytes(32))
    key = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    assert not ed25519.verifie(key, b"", neutral + bytes(32))


@pytest.mark.parametrize(("curve", "named"), [(ecdsa.P256, ec.SECP256R1()), (ecdsa.P384, ec.SECP384R1())])
def test_ecdsa_as_the_library(curve: ecdsa.Courbe, named: ec.EllipticCurve) -> None:
    """What the library signs is accepted, under its own key and digest only."""
    private = ec.generate_private_key(named)
    numbers = private.public_key().public_numbers()
    octets = b"\4" + b"".join(each.to_bytes(curve.octets, "big") for each in (numbers.x, numbers.y))
    point = ecdsa.point(curve, octets)
    assert point is not None
    for hashed in (hashes.SHA256(), hashes.SHA384(), hashes.SHA512()):
        signature = private.sign(b"message", ec.ECDSA(hashed))
        digest = hashlib.new(hashed.name, b"message").digest()
        assert ecdsa.verifie(curve, point, digest, signature)
        assert not ecdsa.verifie(curve, point, hashlib.new(hashed.name, b"massage").digest(), signature)
        assert not ecdsa.verifie(curve, (curve.gx, curve.gy), digest, signature)
    assert ecdsa.point(curve, octets[:-1]) is None
    assert ecdsa.point(curve, b"\2" + octets[1:]) is None
    assert ecdsa.point(curve, octets[:-1] + bytes([octets[-1] ^ 1])) is None
    beyond = (
        octets[:1] + (numbers.x + curve.p).to_bytes(curve.octets + 1, "big")[-curve.octets :] + octets[-curve.octets :]
    )
    assert ecdsa.point(curve, beyond) is None


def test_rsa_keys_of_other_sizes_are_not_read() -> None:
    """A modulus below 2048 or above 8192 bits, or even; an exponent that is even, one, or as long as a key."""
    n = (1 << 2047) + 1
    assert rsa.admise(n, 3)
    assert rsa.admise((1 << 8191) + 1, 65537)
    for modulus, exponent in ((n >> 1 | 1, 3), (n + 1, 3), ((1 << 8192) + 1, 3), (n, 1), (n, 4), (n, (1 << 64) + 1)):
        assert not rsa.admise(modulus, exponent)


@pytest.mark.parametrize(
    "key",
    [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ],
)
def test_a_key_of_small_order_signs_nothing(key: str) -> None:
    """Libraries differ on them: R the base point, S one, holds under the neutral key for every message, and is refused."""
    base = (4 * pow(5, -1, ed25519.P) % ed25519.P).to_bytes(32, "little")
    signature = base + (1).to_bytes(32, "little")
    assert not any(ed25519.verifie(bytes.fromhex(key), bytes([n]), signature) for n in range(16))

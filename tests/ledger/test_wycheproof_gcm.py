"""Wycheproof's AES-GCM vectors on the cipher as it is used here: 256-bit keys, 96-bit nonces, 128-bit tags.

What does not apply is counted by reason, so that a vector neither runs nor is left out unseen: keys of 128 and 192 bits,
nonces of any other length and shorter tags have no way into the code, which makes its own keys and nonces.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.coffre import Id, PersonKey
from ledger.kek import FileKek

FILE: Final = Path(__file__).parents[1] / "vectors" / "wycheproof" / "aes_gcm_test.json"
GROUPS: Final = json.loads(FILE.read_text(encoding="utf-8"))["testGroups"]


def left_out(group: dict[str, Any]) -> str:
    """Why the vectors of a group do not apply; empty when they do."""
    if group["keySize"] != 256:
        return f"clé de {group['keySize']} bits"
    if group["ivSize"] != 96:
        return f"nonce de {group['ivSize']} bits"
    return "" if group["tagSize"] == 128 else f"tag de {group['tagSize']} bits"


EXPECTED: Final = {
    "applicable": 66, "clé de 128 bits": 108, "clé de 192 bits": 103,
    "nonce de 0 bits": 2, "nonce de 8 bits": 2, "nonce de 16 bits": 2, "nonce de 32 bits": 2, "nonce de 48 bits": 2, "nonce de 64 bits": 2, "nonce de 80 bits": 2, "nonce de 120 bits": 1, "nonce de 128 bits": 19, "nonce de 160 bits": 1, "nonce de 256 bits": 1, "nonce de 512 bits": 1, "nonce de 1024 bits": 1, "nonce de 2056 bits": 1,
}  # fmt: skip
APPLY: Final = [test for group in GROUPS if not left_out(group) for test in group["tests"]]


def test_every_vector_is_accounted_for() -> None:
    """Of the 316 vectors, those that apply are run; the others are left out for a reason that is counted."""
    reasons = Counter(left_out(group) or "applicable" for group in GROUPS for _ in group["tests"])
    assert reasons == EXPECTED
    assert len(APPLY) == EXPECTED["applicable"]


@pytest.mark.parametrize("test", APPLY, ids=lambda test: f"{test['tcId']} {test['result']}")
def test_a_vector(test: dict[str, Any]) -> None:
    """A valid vector seals to its ciphertext and opens to its message; any other does not open."""
    key, iv, aad, msg, ct, tag = (bytes.fromhex(test[name]) for name in ("key", "iv", "aad", "msg", "ct", "tag"))
    if test["result"] == "valid":
        assert AESGCM(key).encrypt(iv, msg, aad) == ct + tag
        assert AESGCM(key).decrypt(iv, ct + tag, aad) == msg
    else:
        with pytest.raises(InvalidTag):
            AESGCM(key).decrypt(iv, ct + tag, aad)


@pytest.mark.parametrize("test", APPLY, ids=lambda test: f"{test['tcId']} {test['result']}")
def test_a_vector_through_our_own_doors(test: dict[str, Any]) -> None:
    """The same through the two places that open what is stored: nonce, ciphertext and tag in one string."""
    key, iv, aad, msg, ct, tag = (bytes.fromhex(test[name]) for name in ("key", "iv", "aad", "msg", "ct", "tag"))
    person = PersonKey(Id(bytes(16)), bytes(32), "")
    person.aead = AESGCM(key)
    for opens in (
        lambda: person.open(iv + ct + tag, aad),
        lambda: FileKek({"k": key}, "k").unwrap("k", iv + ct + tag, aad),
    ):
        if test["result"] == "valid":
            assert opens() == msg
        else:
            with pytest.raises(InvalidTag):
                opens()


@pytest.mark.parametrize("size", [0, 1, 15, 17, 31, 33])
def test_a_key_of_another_length_is_refused(size: int) -> None:
    """No cipher is made with a key of a length that AES does not have."""
    with pytest.raises(ValueError, match="AESGCM key must be"):
        FileKek({"k": bytes(size)}, "k")

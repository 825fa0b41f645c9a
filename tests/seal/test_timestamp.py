"""Time-stamps: the published vectors, what must be refused, whatever bytes, and openssl's opinion beside ours."""

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from ledger.seal import authority, tsp
from ledger.seal.timestamp import Timestamp, TimestampError, Trust, granted, verify
from tests.seal.forge import SIGNED_AT, Forge, tlv
from tests.seal.tsa import TIME_STAMPING, certify, second_opinion

VECTORS: Final = Path(__file__).parents[1] / "vectors" / "rfc3161"
HELLO: Final = b"hello"
DIGEST: Final = hashlib.sha256(HELLO).digest()


def published(name: str) -> tuple[bytes, bytes, list[x509.Certificate]]:
    """The token of a published response, what it stamps, and the published chain, the root last."""
    folder = (VECTORS / name).parent
    response = asn1.decode_der(tsp.Response, (VECTORS / name).read_bytes())
    chain = (folder / "ts_chain.pem").read_bytes()
    payload = folder / "payload"
    certificates = (
        x509.load_pem_x509_certificates(chain)
        if chain.startswith(b"-----")
        else [x509.load_der_x509_certificate(chain)]
    )
    return asn1.encode_der(response.token), payload.read_bytes() if payload.exists() else HELLO, certificates


def stamped(token: bytes) -> tsp.TstInfo:
    """What a token says, not verified."""
    return asn1.decode_der(tsp.TstInfo, asn1.decode_der(tsp.Token, token).signed.content.octets)


def hashed(token: bytes, data: bytes) -> bytes:
    """The digest of ``data`` by the token's hash."""
    return hashlib.new(authority.hash_of(stamped(token).imprint.algorithm).name, data).digest()


@pytest.mark.parametrize(
    ("name", "supplied", "time", "tsa_name"),
    [
        ("identrust/issue-104.tsr", 0, "2025-03-11T08:52:08Z", "CN=TrustID Timestamp Authority,O=IdenTrust,C=US"),
        ("sigstage/response-sha256.tsr", 0, "2025-05-09T11:58:55Z", "CN=sigstore-tsa,O=sigstore.dev"),
        ("sigstage/response-sha384.tsr", 0, "2025-05-09T11:58:55Z", "CN=sigstore-tsa,O=sigstore.dev"),
        ("sigstage/response-sha512.tsr", 0, "2025-05-09T11:58:56Z", "CN=sigstore-tsa,O=sigstore.dev"),
        ("sigstage/response-no-embedded-cert.tsr", 1, "2025-06-18T08:13:02Z", "CN=sigstore-tsa,O=sigstore.dev"),
        ("sigstore.mock/response-expired.tsr", 1, "2023-02-01T00:00:00Z", "O=sigstore.mock,CN=tsa signing"),
        ("test_tsa/response.tsr", 1, "2024-10-08T15:40:32Z", "CN=Test TSA Timestamping,O=local"),
        ("test_tsa/response-injected-certs.tsr", 1, "2024-10-08T15:40:32Z", "CN=Test TSA Timestamping,O=local"),
    ],
)
def test_published_tokens(name: str, supplied: bool, time: str, tsa_name: str, tmp_path: Path) -> None:
    """Published tokens are accepted at their own date, with the certificates that they lack, by openssl too."""
    token, data, chain = published(name)
    digest, others = hashed(token, data), tuple(chain[:-1])
    found = verify(token, digest, Trust(roots=chain[-1:], certificates=others))
    assert (found.time, found.tsa, found.anchor) == (datetime.fromisoformat(time), tsa_name, chain[-1])
    assert (found.digest, found.policy) == (digest, stamped(token).policy.dotted_string)
    assert (found.qualified, found.label, found.revocation_checked) == (False, "horodatage non qualifié", False)
    assert second_opinion(token, data, chain[-1], tmp_path, others=others, at=found.time)
    if supplied:
        with pytest.raises(TimestampError):
            verify(token, digest, Trust(roots=chain[-1:]))
    else:
        assert verify(token, digest, Trust(roots=chain[-1:])) == found


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("sigstage/response-invalid-signature.tsr", "signature du jeton est fausse"),
        ("test_tsa/other_response.tsr", "que l'on croit"),
    ],
)
def test_published_tokens_that_are_false(name: str, because: str, tmp_path: Path) -> None:
    """A changed signature is refused, and so is an authority of the same name under another root."""
    token, data, chain = published(name)
    with pytest.raises(TimestampError, match=because):
        verify(token, hashed(token, data), Trust(roots=chain[-1:], certificates=chain))
    others = tuple(chain[:-1])
    assert not second_opinion(token, data, chain[-1], tmp_path, others=others, at=stamped(token).time.as_datetime())


def test_certificates_injected_beside_a_token() -> None:
    """A spoofed authority put into the bag is not the one that is named, and its own certificate roots nothing."""
    token, data, chain = published("test_tsa/response-injected-certs.tsr")
    bag = asn1.decode_der(tsp.Token, token).signed.certificates
    injected = [x509.load_der_x509_certificate(asn1.encode_der(each)) for each in bag or []]
    assert "CN=Spoofed TSA" in {each.subject.rfc4514_string() for each in injected}
    trust = Trust(roots=chain[-1:], certificates=chain[1:2])
    found = verify(token, hashed(token, data), trust)
    plain, _, _ = published("test_tsa/response.tsr")
    assert found == verify(plain, hashed(token, data), trust)
    spoofed = [each for each in injected if each != chain[0]]
    with pytest.raises(TimestampError, match="que l'on croit"):
        verify(token, hashed(token, data), Trust(roots=spoofed, certificates=chain))


# ---------------------------------------------------------------- any bytes


def accepted(token: bytes, digest: bytes, trust: Trust, masks: tuple[int, ...]) -> dict[int, set[Timestamp]]:
    """What each changed octet that is still accepted makes the token say, by offset."""
    found: dict[int, set[Timestamp]] = {}
    for at in range(len(token)):
        for mask in masks:
            changed = token[:at] + bytes([token[at] ^ mask]) + token[at + 1 :]
            try:
                found.setdefault(at, set()).add(verify(changed, digest, trust))
            except TimestampError:
                continue
    return {at: says for at, says in found.items() if says}


BITS: Final = tuple(1 << bit for bit in range(8))


@pytest.mark.filterwarnings("ignore::UserWarning")  # the library's, about certificates that an octet has spoilt
@pytest.mark.parametrize(
    ("name", "masks"),
    [
        ("test_tsa/response.tsr", BITS),
        ("sigstage/response-sha384.tsr", (0xFF, 0x01)),
        ("identrust/issue-104.tsr", (0xFF,)),
    ],
)
def test_no_octet_of_a_published_token_may_change(name: str, masks: tuple[int, ...]) -> None:
    """Tokens that carry nothing but what they need: whichever octet changes, they are refused, by our error."""
    token, data, chain = published(name)
    trust = Trust(roots=chain[-1:], certificates=chain[1:-1])
    assert verify(token, hashed(token, data), trust)
    assert accepted(token, hashed(token, data), trust, masks) == {}


@pytest.mark.filterwarnings("ignore::UserWarning")  # the library's, about certificates that an octet has spoilt
def test_octets_that_no_signature_covers() -> None:
    """Of a token with all that may lie beside, only that may change, and then it says the same of the same file."""
    root = certify("Racine", ca=True)
    forge = Forge(certify("Horodatage", root, usage=TIME_STAMPING), DIGEST)
    unneeded = root.certificate.public_bytes(Encoding.DER)
    revocations = b"\x30\x06\x02\x01\x07\x02\x01\x08"
    attribute = tsp.Attribute(oid=SIGNED_AT, values=asn1.SetOf([tlv(b"\x04\x08whatever")]))
    forge.signed |= {"certificates": [tlv(unneeded), tlv(forge.certificate)], "revocations": [tlv(revocations)]}
    forge.signer |= {"unsigned": [attribute]}
    token, trust = forge.token(), Trust(roots=[root.certificate])
    said = verify(token, DIGEST, trust)
    beside = {
        at
        for part in (unneeded, revocations, asn1.encode_der(attribute))
        for at in range(token.index(part), token.index(part) + len(part))
    }
    changed = accepted(token, DIGEST, trust, (*BITS, 0xFF))
    assert set(changed) <= beside
    assert set().union(*changed.values()) == {said}
    # Lengths and tags among them are not free: what is beside must still be DER.
    assert len(beside) - 40 < len(changed) < len(beside)


@cache
def _sound() -> tuple[bytes, Trust, Timestamp]:
    root = certify("Racine", ca=True)
    token = Forge(certify("Horodatage", root, usage=TIME_STAMPING), DIGEST).token()
    return token, Trust(roots=[root.certificate]), verify(token, DIGEST, Trust(roots=[root.certificate]))


@given(st.integers(0, 900), st.integers(0, 40), st.binary(max_size=40))
def test_edited_tokens(at: int, length: int, put: bytes) -> None:
    """A token of which a part is replaced, added or lost is refused by our error, or says what it said."""
    token, trust, said = _sound()
    try:
        assert verify(token[:at] + put + token[at + length :], DIGEST, trust) == said
    except TimestampError:
        assert token[at : at + length] != put


@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    """Whatever the bytes, a token and an answer are read, or refused by our error."""
    for read in (lambda: verify(raw, DIGEST, _sound()[1]), lambda: granted(raw, DIGEST, 1)):
        with pytest.raises(TimestampError):
            read()


@pytest.mark.parametrize("bent", ["trailing", "indefinite", "long length"])
def test_one_encoding_only(bent: str) -> None:
    """A token in BER, or with anything after it, is not read."""
    token, trust, _ = _sound()
    assert token[:2] == b"\x30\x82"
    bad = {
        "trailing": token + b"\0",
        "indefinite": b"\x30\x80" + token[4:] + b"\0\0",
        "long length": b"\x30\x83\0" + token[2:],
    }[bent]
    with pytest.raises(TimestampError):
        verify(bad, DIGEST, trust)

"""Asking an authority: a real one behind HTTP, and every way in which it can fail whoever asks."""

import hashlib
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat import asn1

from ledger.errors import ConstatError
from ledger.seal import tsp
from ledger.seal.post import PostError
from ledger.seal.timestamp import TimestampError, Trust, ask, granted, request, verify
from tests.seal import tsa
from tests.seal.forge import Forge, named
from tests.seal.tsa import POLICY, TIME_STAMPING, Behaviour, LocalTsa, certify, second_opinion

local_tsa = tsa.local_tsa

FILE: Final = b"journal.example/a\n12\nroot\n\nsignatures\n"
DIGEST: Final = hashlib.sha256(FILE).digest()
VECTORS: Final = Path(__file__).parents[1] / "vectors" / "rfc3161"


def test_a_token_is_asked_for_and_verified(local_tsa: LocalTsa, tmp_path: Path) -> None:
    """What a running authority answers is a token of now, under the policy that was asked, which openssl accepts too."""
    token = ask(local_tsa.url, DIGEST, policy=POLICY, login="constat:mot de passe é")
    found = verify(token, DIGEST, Trust(roots=[local_tsa.root.certificate]))
    assert abs(found.time - datetime.now(UTC)) < timedelta(seconds=60)
    assert (found.policy, found.label) == (POLICY, "horodatage non qualifié")
    assert second_opinion(token, FILE, local_tsa.root.certificate, tmp_path)
    assert local_tsa.logins == ["Basic Y29uc3RhdDptb3QgZGUgcGFzc2Ugw6k="]


def test_each_request_has_a_number_of_its_own(local_tsa: LocalTsa) -> None:
    """Two requests over one file differ by their nonce only; a login that is not set is not sent."""
    tokens = {ask(local_tsa.url, DIGEST) for _ in range(2)}
    first, second = (asn1.decode_der(tsp.Request, each) for each in local_tsa.asked)
    assert len(tokens) == 2
    assert first.nonce != second.nonce
    assert first.imprint.digest == second.imprint.digest == DIGEST
    assert local_tsa.logins == [None, None]


@pytest.mark.parametrize(
    ("behaviour", "kind", "because"),
    [
        (Behaviour.GARBAGE, TimestampError, "DER"),
        (Behaviour.WRONG_NONCE, TimestampError, "nombre de la demande"),
        (Behaviour.WRONG_IMPRINT, TimestampError, "empreinte demandée"),
        (Behaviour.REJECT, TimestampError, r"statut 2\) : politique non admise"),
        (Behaviour.REDIRECT, TimestampError, "307"),
        (Behaviour.FAIL, TimestampError, "503"),
        (Behaviour.HUGE, PostError, "65536 octets"),
        (Behaviour.SHORT, PostError, "à temps"),
        (Behaviour.DRIP, PostError, "à temps"),
        (Behaviour.SILENT, PostError, "à temps"),
    ],
)
def test_an_authority_that_fails(
    local_tsa: LocalTsa, behaviour: Behaviour, kind: type[ConstatError], because: str
) -> None:
    """Whatever it answers instead of the token that was asked for, nothing is kept, in time, and the message says why."""
    local_tsa.behaviour = behaviour
    began = time.monotonic()
    with pytest.raises(kind, match=because):
        ask(local_tsa.url, DIGEST, timeout=0.5)
    assert time.monotonic() - began < 5
    assert len(local_tsa.asked) == 1


def test_a_policy_that_was_not_asked(local_tsa: LocalTsa) -> None:
    """A token under another policy than the one asked for is not taken."""
    local_tsa.behaviour = Behaviour.OTHER_POLICY
    with pytest.raises(TimestampError, match=rf"politique {re.escape(POLICY)} et non 1\.2\.3"):
        ask(local_tsa.url, DIGEST, policy="1.2.3")


def test_nobody_there(local_tsa: LocalTsa) -> None:
    """An authority that is stopped is said to be out of reach."""
    local_tsa.stop()
    with pytest.raises(PostError, match="refusée"):
        ask(local_tsa.url, DIGEST)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "tsa.example",
        "http://",
        "http://tsa.example:99999/",
        "http://[::1/",
        "http://127.0.0.1:1/é",
        "http://127.0.0.1:1/a b",
        "http://127.0.0.1:1/\r\nX: y",
        "http://" + "a" * 64 + ".example/",
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    """Only http and https are spoken, to a host that is one."""
    with pytest.raises(PostError):
        ask(url, DIGEST, timeout=0.5)


def test_addresses_of_something_else(local_tsa: LocalTsa) -> None:
    """No other protocol is spoken to a host that is one, and no address with a password in it is used, nor shown."""
    for url in (local_tsa.url.replace("http", "ftp"), local_tsa.url.replace("//", "//nom:secret@")):
        with pytest.raises(PostError, match="s'écrit") as raised:
            ask(url, DIGEST)
        assert "secret" not in str(raised.value)
    assert local_tsa.asked == []


def test_a_password_does_not_travel_in_clear() -> None:
    """A login is refused over http to another machine, before anything is sent."""
    with pytest.raises(PostError, match=r"en clair vers 192\.0\.2\.1"):
        ask("http://192.0.2.1/", DIGEST, login="nom:secret")


def test_what_cannot_be_asked() -> None:
    """A request is about a SHA-256, with a nonce that fits and a policy that is an OID."""
    for digest, nonce, policy in (
        (DIGEST[1:], 1, None),
        (DIGEST, -1, None),
        (DIGEST, 1 << 128, None),
        (DIGEST, 1, "x"),
    ):
        with pytest.raises(TimestampError):
            request(digest, nonce, policy=policy)
    asked = asn1.decode_der(tsp.Request, request(DIGEST, 0, policy=POLICY))
    assert (asked.version, asked.nonce, asked.certificates) == (1, 0, True)
    assert asked.policy == x509.ObjectIdentifier(POLICY)


@pytest.mark.parametrize("name", ["sigstage/request.der", "test_tsa/request.der", "test_tsa/other_request.der"])
def test_published_requests(name: str) -> None:
    """Published requests read, and render to the same octets."""
    raw = (VECTORS / name).read_bytes()
    assert asn1.encode_der(asn1.decode_der(tsp.Request, raw)) == raw


def test_an_answer_that_grants_nothing() -> None:
    """A status that grants without a token, and one that refuses with one, give none."""
    refused = tsp.Status(status=0, text=["bien sûr"], failure=None)
    with pytest.raises(TimestampError, match="statut 0"):
        granted(asn1.encode_der(tsp.Response(status=refused, token=None)), DIGEST, 1)
    whole = asn1.decode_der(tsp.Response, (VECTORS / "sigstage" / "response-sha256.tsr").read_bytes())
    whole.status.status = 3
    with pytest.raises(TimestampError, match="statut 3"):
        granted(asn1.encode_der(whole), DIGEST, 1)


def test_a_status_without_end() -> None:
    """A status that is none, though it be a number too long to be printed, is refused by our error."""
    for status in (6, -1, 1 << 100_000):
        unknown = tsp.Status(status=status, text=None, failure=asn1.BitString(b"\0\0\0\x40", 6))
        with pytest.raises(TimestampError, match=r"statut inconnu\) : panne du service"):
            granted(asn1.encode_der(tsp.Response(status=unknown, token=None)), DIGEST, 1)


def test_an_answer_by_another_hash() -> None:
    """The same octets said to be of another hash are not what was asked about."""
    authority = certify("Horodatage", usage=TIME_STAMPING)
    for oid, fits in ((tsp.SHA256, True), (tsp.SHA384, False)):
        said = {"nonce": 5, "imprint": tsp.Imprint(algorithm=named(oid), digest=DIGEST)}
        token = asn1.decode_der(tsp.Token, Forge(authority, DIGEST, info=said).token())
        status = tsp.Status(status=0, text=None, failure=None)
        answer = asn1.encode_der(tsp.Response(status=status, token=token))
        if fits:
            assert granted(answer, DIGEST, 5)
        else:
            with pytest.raises(TimestampError, match="empreinte demandée"):
                granted(answer, DIGEST, 5)


def test_a_published_answer() -> None:
    """A published answer gives its token, to the request that it answers and to no other, with or without changes."""
    raw = (VECTORS / "sigstage" / "response-sha256.tsr").read_bytes()
    whole = asn1.decode_der(tsp.Response, raw)
    digest = hashlib.sha256(b"hello").digest()
    nonce = asn1.decode_der(tsp.TstInfo, whole.token.signed.content.octets).nonce
    for status in (0, 1):
        whole.status.status = status
        token = granted(asn1.encode_der(whole), digest, nonce, policy="1.3.6.1.4.1.57264.2")
        assert raw.endswith(token)
    with pytest.raises(TimestampError, match="nombre"):
        granted(raw, digest, nonce + 1)


# ---------------------------------------------------------------- over https


@pytest.fixture
def over_tls(local_tsa: LocalTsa, tmp_path: Path) -> str:
    """The authority's address over https, under a certificate of its own root."""
    name = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    server = certify("localhost", local_tsa.root, more=((name, False),))
    return local_tsa.over_tls(server, tmp_path)


def test_over_https(over_tls: str, local_tsa: LocalTsa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over https the server's certificate is verified: unknown it is refused, known the token comes."""
    with pytest.raises(PostError, match="son certificat"):
        ask(over_tls, DIGEST)
    assert local_tsa.asked == []
    (tmp_path / "known.pem").write_bytes(local_tsa.root.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "known.pem"))
    assert ask(over_tls, DIGEST, login="nom:secret")
    local_tsa.behaviour = Behaviour.DRIP
    with pytest.raises(PostError, match="à temps"):
        ask(over_tls, DIGEST, timeout=0.5)

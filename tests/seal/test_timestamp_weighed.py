"""What lists of revocation leave of a token, and what many tokens over one file prove together."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ledger.seal import tsp
from ledger.seal.timestamp import TimestampError, Trust, existence, verify
from tests.seal.forge import Forge, tlv
from tests.seal.tsa import TIME_STAMPING, Party, certify

DIGEST: Final = hashlib.sha256(b"journal.example/a\n12\nroot\n\nsignatures\n").digest()
ROOT: Final = certify("Racine", ca=True)
TSA: Final = certify("Horodatage", ROOT, usage=TIME_STAMPING)
OTHER: Final = certify("Horodatage", ROOT, usage=TIME_STAMPING)
TRUST: Final = Trust(roots=[ROOT.certificate])
NOW: Final = datetime.now(UTC).replace(microsecond=0)
STAMPED: Final = NOW - timedelta(hours=2)
BEFORE: Final = STAMPED - timedelta(hours=1)
AFTER: Final = STAMPED + timedelta(hours=1)


def revocations(
    *revoked: tuple[Party, datetime, x509.ReasonFlags | None],
    issuer: Party = ROOT,
    made: datetime = AFTER,
    critical: x509.ExtensionType | None = None,
) -> x509.CertificateRevocationList:
    """A list by ``issuer`` of who was revoked, when and why."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
    builder = builder.last_update(made).next_update(made + timedelta(days=1))
    for party, since, reason in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(party.certificate.serial_number).revocation_date(since)
        entry = entry if reason is None else entry.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    if critical is not None:
        builder = builder.add_extension(critical, critical=True)
    return builder.sign(issuer.key, hashes.SHA256())


FEW: Final = x509.IssuingDistributionPoint(
    full_name=None,
    relative_name=None,
    only_contains_user_certs=True,
    only_contains_ca_certs=False,
    only_some_reasons=None,
    indirect_crl=False,
    only_contains_attribute_certs=False,
)
SUPERSEDED: Final = x509.ReasonFlags.superseded
COMPROMISED: Final = x509.ReasonFlags.key_compromise
TOKEN: Final = Forge(TSA, DIGEST, time=STAMPED).token()


@pytest.mark.parametrize(
    ("given", "checked"),
    [
        ([], False),
        ([revocations()], True),
        ([revocations((OTHER, BEFORE, COMPROMISED))], True),
        ([revocations((TSA, AFTER, SUPERSEDED))], True),
        ([revocations((TSA, AFTER, x509.ReasonFlags.cessation_of_operation))], True),
        ([revocations(made=BEFORE)], False),
        ([revocations(made=BEFORE), revocations()], True),
        ([revocations(critical=FEW)], False),
        ([revocations((TSA, BEFORE, COMPROMISED), issuer=certify("Racine", ca=True))], False),
        ([revocations((TSA, BEFORE, COMPROMISED), issuer=OTHER)], False),
        ([revocations((TSA, BEFORE, COMPROMISED), issuer=Party(OTHER.certificate, ROOT.key))], False),
        ([revocations(made=NOW + timedelta(days=40))], False),
    ],
)
def test_what_lists_of_revocation_leave(given: list[x509.CertificateRevocationList], checked: bool) -> None:
    """A token stands when nothing that spoils it is said, and revocation counts as checked when the lists say enough."""
    found = verify(TOKEN, DIGEST, replace(TRUST, revocations=given))
    assert found.revocation_checked is checked
    assert any("révocation" in each for each in found.reserves) is not checked


@pytest.mark.parametrize(
    "revoked",
    [
        (TSA, BEFORE, SUPERSEDED),
        (TSA, STAMPED, SUPERSEDED),
        (TSA, AFTER, COMPROMISED),
        (TSA, AFTER, None),
        (TSA, AFTER, x509.ReasonFlags.certificate_hold),
    ],
)
def test_what_a_revocation_spoils(revoked: tuple[Party, datetime, x509.ReasonFlags | None]) -> None:
    """A token made once its certificate was revoked falls; so does an earlier one, unless the reason says otherwise."""
    for lists in ([revocations(revoked)], [revocations(), revocations(revoked, made=NOW)]):
        with pytest.raises(TimestampError, match="révoqué"):
            verify(TOKEN, DIGEST, replace(TRUST, revocations=lists))


@asn1.sequence
class _SignedList:
    content: asn1.TLV
    algorithm: asn1.TLV
    signature: asn1.BitString


def saying(first: tuple[str, bytes], second: tuple[str, bytes]) -> x509.CertificateRevocationList:
    """A list with two extensions that no builder would write, signed all the same."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(ROOT.certificate.subject)
    builder = builder.last_update(AFTER).next_update(AFTER)
    whole = revocations().public_bytes(Encoding.DER)
    for place, (_, value) in enumerate((first, second)):
        placeholder = x509.UnrecognizedExtension(x509.ObjectIdentifier(f"2.5.29.{90 + place}"), value)
        builder = builder.add_extension(placeholder, critical=False)
    content = builder.sign(ROOT.key, hashes.SHA256()).tbs_certlist_bytes
    for place, (oid, _) in enumerate((first, second)):
        placeholder_oid = asn1.encode_der(x509.ObjectIdentifier(f"2.5.29.{90 + place}"))
        content = content.replace(placeholder_oid, asn1.encode_der(x509.ObjectIdentifier(oid)))
    signed = asn1.decode_der(_SignedList, whole)
    signed.content = tlv(content)
    signed.signature = asn1.BitString(ROOT.key.sign(content, ec.ECDSA(hashes.SHA256())), 0)
    return x509.load_der_x509_crl(asn1.encode_der(signed))


AUTHORITY_KEY: Final = "2.5.29.35"


@pytest.mark.parametrize(
    ("second", "sound"),
    [
        (("2.5.29.99", b"\5\0"), True),
        (("2.5.29.98", b"\5\0"), False),
        ((AUTHORITY_KEY, b"\5\0"), False),
        ((AUTHORITY_KEY, bytes.fromhex("3009a104a3023000820101")), False),
    ],
    ids=["sound", "twice the same", "not of its type", "a name of an unknown kind"],
)
def test_lists_that_cannot_be_read(second: tuple[str, bytes], sound: bool) -> None:
    """A list of the issuer's that cannot be read may hold anything: the token is refused, by our error."""
    trust = replace(TRUST, revocations=[saying(("2.5.29.98", b"\5\0"), second)])
    if sound:
        assert verify(TOKEN, DIGEST, trust).revocation_checked
    else:
        with pytest.raises(TimestampError, match="liste de révocation"):
            verify(TOKEN, DIGEST, trust)


def test_an_authority_believed_by_itself() -> None:
    """Nobody revokes a certificate that is believed by itself: its revocation does not count as checked."""
    found = verify(TOKEN, DIGEST, Trust(roots=[TSA.certificate], revocations=[revocations()]))
    assert (found.anchor, found.revocation_checked) == (TSA.certificate, False)


def test_a_revoked_intermediate() -> None:
    """A revoked intermediate spoils what is beneath it; every certificate under the root needs its list."""
    middle = certify("Intermédiaire", ROOT, ca=True)
    forge = Forge(certify("Horodatage", middle, usage=TIME_STAMPING), DIGEST, time=STAMPED)
    trust = replace(TRUST, certificates=[middle.certificate])
    of_middle, of_root = revocations(issuer=middle), revocations()
    for lists, checked in (([of_middle], False), ([of_root], False), ([of_root, of_middle], True)):
        assert verify(forge.token(), DIGEST, replace(trust, revocations=lists)).revocation_checked is checked
    with pytest.raises(TimestampError, match="Intermédiaire"):
        verify(
            forge.token(), DIGEST, replace(trust, revocations=[revocations((middle, AFTER, COMPROMISED)), of_middle])
        )


def test_what_existed_before() -> None:
    """Of many tokens, those that hold are ranked by the latest date they leave open, and the others say why not."""
    second = tsp.Accuracy(seconds=7200, millis=None, micros=None)
    stranger = certify("Inconnue", usage=TIME_STAMPING)
    other = certify("Autre racine", ca=True)
    tokens = [
        Forge(TSA, DIGEST, time=AFTER).token(),
        Forge(TSA, DIGEST, time=BEFORE, info={"accuracy": second}).token(),
        Forge(stranger, DIGEST, time=BEFORE).token(),
        Forge(TSA, DIGEST, time=STAMPED).token(),
        Forge(certify("Horodatage", other, usage=TIME_STAMPING), DIGEST, time=STAMPED).token(),
        b"",
    ]
    found = existence(tokens, DIGEST, replace(TRUST, qualified=[other.certificate]))
    assert [each.latest for each in found.proven] == [STAMPED, STAMPED, AFTER, AFTER]
    assert [each.qualified for each in found.proven] == [True, False, False, False]
    assert [place for place, _ in found.refused] == [2, 5]
    assert "que l'on croit" in found.refused[0][1]
    assert found.before(AFTER) == found.proven[:2]
    assert found.before(STAMPED) == ()
    assert existence([], DIGEST, TRUST).proven == ()

"""Tokens that real keys signed: every kind that must be accepted, and one wrong thing at a time that must not."""

import hashlib
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, SignatureAlgorithmOID

from ledger.seal import tsp
from ledger.seal.timestamp import TimestampError, Trust, granted, request, verify
from tests.seal.forge import (
    RSA_PLAIN,
    Forge,
    cert_id,
    cert_id_v1,
    general_issuer,
    named,
    naming,
    pss,
    tlv,
)
from tests.seal.tsa import POLICY, TIME_STAMPING, Openssl, Party, certify, second_opinion

FILE: Final = b"journal.example/a\n12\nroot\n\nsignatures\n"
DIGEST: Final = hashlib.sha256(FILE).digest()
SHA1: Final = x509.ObjectIdentifier("1.3.14.3.2.26")
ROOT: Final = certify("Racine", ca=True)
TSA: Final = certify("Horodatage", ROOT, usage=TIME_STAMPING)
RSA_TSA: Final = certify("Horodatage RSA", ROOT, key=rsa.generate_private_key(65537, 2048), usage=TIME_STAMPING)
TRUST: Final = Trust(roots=[ROOT.certificate])


def der(party: Party) -> bytes:
    """A party's certificate, in DER."""
    return party.certificate.public_bytes(Encoding.DER)


def attributes(**changed: Any) -> dict[str, Any]:
    """Signed attributes other than those that a forged token has."""
    return {"attributes": {getattr(tsp, name): value for name, value in changed.items()}}


def key_usage(*uses: str) -> x509.KeyUsage:
    """What a key may be used for: nothing else than these."""
    every = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
    )
    known = {use: use in uses for use in every.split()}
    return x509.KeyUsage(**known, encipher_only=False, decipher_only=False)


# ---------------------------------------------------------------- what is accepted


def on(curve: ec.EllipticCurve) -> Party:
    """An authority whose key is on that curve."""
    return certify("Horodatage", ROOT, key=ec.generate_private_key(curve), usage=TIME_STAMPING)


ISSUER_SERIAL: Final = general_issuer(ROOT.certificate.subject, TSA.certificate.serial_number)
SOUND: Final[dict[str, Forge]] = {
    "P-256": Forge(TSA, DIGEST),
    "P-384": Forge(on(ec.SECP384R1()), DIGEST),
    "P-521": Forge(on(ec.SECP521R1()), DIGEST),
    "RSA, the hash named apart": Forge(RSA_TSA, DIGEST),
    "RSA with SHA-256": Forge(
        RSA_TSA, DIGEST, algorithm=tsp.Algorithm(oid=SignatureAlgorithmOID.RSA_WITH_SHA256, parameters=asn1.Null())
    ),
    "RSA-PSS": Forge(RSA_TSA, DIGEST, algorithm=pss()),
    "by SHA-1, as before RFC 5035": Forge(
        TSA,
        DIGEST,
        **attributes(SIGNING_CERTIFICATE_V2=None, SIGNING_CERTIFICATE=naming(cert_id_v1(TSA.certificate))),
    ),
    "by SHA-1 and SHA-256": Forge(TSA, DIGEST, **attributes(SIGNING_CERTIFICATE=naming(cert_id_v1(TSA.certificate)))),
    "by its issuer too": Forge(
        TSA, DIGEST, **attributes(SIGNING_CERTIFICATE_V2=naming(cert_id(TSA.certificate, issuer=ISSUER_SERIAL)))
    ),
    "with fractions of a second": Forge(TSA, DIGEST, time=datetime.now(UTC).replace(microsecond=120_000)),
    "with a usage of its key": Forge(
        certify("Horodatage", ROOT, usage=TIME_STAMPING, more=((key_usage("content_commitment"), True),)), DIGEST
    ),
    "without basic constraints": Forge(certify("Horodatage", ROOT, ca=None, usage=TIME_STAMPING), DIGEST),
}  # fmt: skip


@pytest.mark.parametrize("kind", SOUND)
def test_sound_tokens(kind: str, tmp_path: Path) -> None:
    """Each kind of signature and of naming is accepted, with what the token says; openssl agrees where it can."""
    forge = SOUND[kind]
    found = verify(forge.token(), DIGEST, TRUST)
    said = (found.time, found.latest, found.policy, found.serial, found.algorithm, found.digest)
    assert said == (forge.time, forge.time, POLICY, 12, "sha256", DIGEST)
    assert (found.certificate, found.anchor) == (forge.party.certificate, ROOT.certificate)
    assert any("exactitude" in each for each in found.reserves)
    # openssl's PKCS #7, by which its ts command verifies, knows no PSS.
    assert second_opinion(forge.token(), FILE, ROOT.certificate, tmp_path) is (kind != "RSA-PSS")


@pytest.mark.parametrize(("ess", "more"), [("sha256", ""), ("sha1", ""), ("sha512", "certs = {folder}/certs.pem")])
def test_tokens_of_openssl(ess: str, more: str, tmp_path: Path) -> None:
    """What ``openssl ts`` signs is accepted: by SHA-1 or SHA-2, and with an unsorted bag of certificates."""
    middle = certify("Intermédiaire", ROOT, ca=True, path_length=0)
    issued = certify("Horodatage", middle, usage=TIME_STAMPING)
    (tmp_path / "certs.pem").write_bytes(ROOT.pem + middle.pem)
    answer = Openssl(tmp_path, issued, ess=ess, more=more.format(folder=tmp_path)).reply(request(DIGEST, 7))
    token = granted(answer, DIGEST, 7)
    trust = replace(TRUST, certificates=() if more else [middle.certificate])
    found = verify(token, DIGEST, trust)
    assert abs(found.time - datetime.now(UTC)) < timedelta(seconds=60)
    assert (found.accuracy, found.latest) == (timedelta(seconds=1.5), found.time + timedelta(seconds=1.5))
    assert second_opinion(token, FILE, ROOT.certificate, tmp_path, others=(middle.certificate,))
    bag = asn1.decode_der(tsp.Token, token).signed.certificates or []
    assert len(bag) == (3 if more else 1)


def test_a_token_outlives_its_certificates(tmp_path: Path) -> None:
    """A token whose certificates have all expired is accepted at its date; one dated outside of them is not."""
    then = datetime(2015, 6, 1, 12, tzinfo=UTC)
    year = timedelta(days=365)
    root = certify("Racine", ca=True, since=then - year, until=then + year)
    old = certify("Horodatage", root, usage=TIME_STAMPING, since=then, until=then + timedelta(days=10))
    trust = Trust(roots=[root.certificate])
    token = Forge(old, DIGEST, time=then + timedelta(days=5)).token()
    assert verify(token, DIGEST, trust).time == then + timedelta(days=5)
    assert second_opinion(token, FILE, root.certificate, tmp_path, at=then + timedelta(days=5))
    assert not second_opinion(token, FILE, root.certificate, tmp_path)
    for days in (-1, 11):
        with pytest.raises(TimestampError, match="valide le"):
            verify(Forge(old, DIGEST, time=then + timedelta(days=days)).token(), DIGEST, trust)


def test_whom_one_believes() -> None:
    """A root, an intermediate or the authority itself may be believed; the qualified are looked at first."""
    middle = certify("Intermédiaire", ROOT, ca=True)
    issued = certify("Horodatage", middle, usage=TIME_STAMPING)
    token, beside = Forge(issued, DIGEST).token(), [middle.certificate]
    for anchor in (ROOT, middle, issued):
        trusted = Trust(roots=[anchor.certificate], certificates=beside)
        found = verify(token, DIGEST, trusted)
        assert (found.anchor, found.qualified, found.label) == (anchor.certificate, False, "horodatage non qualifié")
        found = verify(token, DIGEST, replace(trusted, qualified=[anchor.certificate]))
        assert (found.anchor, found.qualified, found.label) == (anchor.certificate, True, "horodatage qualifié")
        assert any("liste de confiance" in each for each in found.reserves)
    stranger = certify("Racine", ca=True).certificate
    assert not verify(
        token, DIGEST, Trust(roots=[ROOT.certificate], qualified=[stranger], certificates=beside)
    ).qualified
    for nobody in (Trust(), Trust(roots=[stranger], certificates=[*beside, ROOT.certificate])):
        with pytest.raises(TimestampError, match="que l'on croit"):
            verify(token, DIGEST, nobody)


# ---------------------------------------------------------------- what is refused


def signed_by(**how: Any) -> Forge:
    """By whoever is so certified, an authority for the rest."""
    return Forge(certify("Horodatage", how.pop("issuer", ROOT), **({"usage": TIME_STAMPING} | how)), DIGEST)


def beneath(**how: Any) -> Forge:
    """By an authority whose own issuer is not what it should be, and travels with the token."""
    middle = certify("Intermédiaire", how.pop("issuer", ROOT), **({"ca": True} | how))
    forge = signed_by(issuer=middle)
    forge.signed["certificates"] = [tlv(forge.certificate), tlv(der(middle))]
    return forge


BOTH: Final = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING])
ANY: Final = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])
ENCIPHERS: Final = key_usage("key_encipherment")
NAMELESS: Final = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.250.1.999.7"), b"\x05\x00")
OTHER: Final = certify("Horodatage", ROOT, usage=TIME_STAMPING)
IMPRINT: Final = tsp.Imprint(algorithm=named(tsp.SHA256), digest=hashlib.sha256(b"autre").digest())
CRITICAL: Final = tsp.Extension(oid=x509.ObjectIdentifier("1.2.3"), critical=True, value=b"")

NOT_AN_AUTHORITY: Final[dict[str, Forge]] = {
    "serves everything": signed_by(usage=None),
    "is not critical about it": signed_by(critical=False),
    "serves something else too": signed_by(usage=BOTH),
    "serves any use": signed_by(usage=ANY),
    "may issue certificates": signed_by(ca=True),
    "its key does not sign": signed_by(more=((ENCIPHERS, True),)),
    "says something unknown, critically": signed_by(more=((NAMELESS, True),)),
    "of another root": signed_by(issuer=certify("Racine", ca=True)),
    "certified by itself": signed_by(issuer=None),
    "beneath one that may not issue": beneath(ca=False),
    "beneath one that does not say": beneath(ca=None),
    "beneath one whose key does not sign certificates": beneath(more=((key_usage("digital_signature"), True),)),
    "beneath one that certifies for other uses": beneath(
        usage=x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    ),
    "beneath one that has expired": beneath(until=datetime.now(UTC) - timedelta(hours=1)),
    "beneath one issued by one that may not": beneath(issuer=certify("Avant", ROOT, ca=True, path_length=0)),
}

TWO_ISSUERS: Final = tsp.GeneralIssuer(names=ISSUER_SERIAL.names * 2, serial=TSA.certificate.serial_number)
SHORT: Final = rsa.generate_private_key(65537, 1024)  # noqa: S505 - what must be refused
A_SIGNATURE: Final = {"algorithm": tsp.Algorithm(oid=SignatureAlgorithmOID.RSA_WITH_SHA256, parameters=None)}
FALSE: Final[dict[str, tuple[Forge, str]]] = {
    "of another file": (Forge(TSA, DIGEST, info={"imprint": IMPRINT}), "ce fichier"),
    "by SHA-1": (Forge(TSA, DIGEST, info={"imprint": tsp.Imprint(algorithm=named(SHA1), digest=DIGEST[:20])}), "hachage"),
    "by a longer hash": (Forge(TSA, DIGEST, info={"imprint": tsp.Imprint(algorithm=named(tsp.SHA512), digest=DIGEST)}), "ce fichier"),
    "of another version": (Forge(TSA, DIGEST, info={"version": 2}), "version"),
    "of a number without end": (Forge(TSA, DIGEST, info={"serial": 1 << 160}), "trop long"),
    "with a critical extension": (Forge(TSA, DIGEST, info={"extensions": [CRITICAL]}), "critique"),
    "off by days": (Forge(TSA, DIGEST, info={"accuracy": tsp.Accuracy(seconds=10**40, millis=None, micros=None)}), "exactitude"),
    "off by less than nothing": (Forge(TSA, DIGEST, info={"accuracy": tsp.Accuracy(seconds=None, millis=-1, micros=None)}), "exactitude"),
    "by nobody": (Forge(TSA, DIGEST, signers=0), "un seul"),
    "by two": (Forge(TSA, DIGEST, signers=2), "un seul"),
    "in CMS of another version": (Forge(TSA, DIGEST, signed={"version": 1}), "version 3"),
    "by a signer of another version": (Forge(TSA, DIGEST, signer={"version": 3}), "un seul"),
    "of another kind": (Forge(TSA, DIGEST, content={"oid": tsp.SIGNED_DATA}), "pas un horodatage"),
    "by a hash not announced": (Forge(TSA, DIGEST, signed={"digests": asn1.SetOf([named(tsp.SHA512)])}), "annoncé"),
    "with a kind that is not its own": (Forge(TSA, DIGEST, **attributes(CONTENT_TYPE=[asn1.encode_der(tsp.SIGNED_DATA)])), "modifié"),
    "with a digest that is not its own": (Forge(TSA, DIGEST, **attributes(MESSAGE_DIGEST=[asn1.encode_der(DIGEST)])), "modifié"),
    "without its kind": (Forge(TSA, DIGEST, **attributes(CONTENT_TYPE=None)), "DER"),
    "without its digest": (Forge(TSA, DIGEST, **attributes(MESSAGE_DIGEST=None)), "DER"),
    "with two digests": (Forge(TSA, DIGEST, **attributes(MESSAGE_DIGEST=[asn1.encode_der(DIGEST), asn1.encode_der(b"")])), "plusieurs"),
    "with an attribute twice": (Forge(TSA, DIGEST, more_attributes=(tsp.Attribute(oid=tsp.CONTENT_TYPE, values=asn1.SetOf([tlv(b"\x05\0")])),)), "plusieurs"),
    "naming no certificate": (Forge(TSA, DIGEST, **attributes(SIGNING_CERTIFICATE_V2=None)), "quel certificat"),
    "naming none at all": (Forge(TSA, DIGEST, **attributes(SIGNING_CERTIFICATE_V2=naming())), "vide"),
    "naming another": (Forge(TSA, DIGEST, **attributes(SIGNING_CERTIFICATE_V2=naming(cert_id(OTHER.certificate)))), "ni dans le jeton"),
    "naming it second": (Forge(TSA, DIGEST, **attributes(SIGNING_CERTIFICATE_V2=naming(cert_id(OTHER.certificate), cert_id(TSA.certificate)))), "ni dans le jeton"),
    "naming two": (Forge(TSA, DIGEST, **attributes(SIGNING_CERTIFICATE=naming(cert_id_v1(OTHER.certificate)))), "ni dans le jeton"),
    "naming it by SHA-1, and another": (Forge(TSA, DIGEST, **attributes(SIGNING_CERTIFICATE=naming(cert_id_v1(TSA.certificate)), SIGNING_CERTIFICATE_V2=naming(cert_id(OTHER.certificate)))), "ni dans le jeton"),
    "naming it by SHA-1 where it may not": (Forge(TSA, DIGEST, **attributes(SIGNING_CERTIFICATE_V2=naming(cert_id(TSA.certificate, algorithm=named(SHA1))))), "hachage"),
    "naming another number": (Forge(TSA, DIGEST, **attributes(SIGNING_CERTIFICATE_V2=naming(cert_id(TSA.certificate, issuer=general_issuer(ROOT.certificate.subject, 5))))), "deux certificats"),
    "naming another issuer": (Forge(TSA, DIGEST, **attributes(SIGNING_CERTIFICATE_V2=naming(cert_id(TSA.certificate, issuer=general_issuer(TSA.certificate.subject, TSA.certificate.serial_number))))), "deux certificats"),
    "naming two issuers": (Forge(TSA, DIGEST, **attributes(SIGNING_CERTIFICATE_V2=naming(cert_id(TSA.certificate, issuer=TWO_ISSUERS)))), "deux certificats"),
    "by another number": (Forge(TSA, DIGEST, signer={"signer": tsp.IssuerAndSerial(issuer=tlv(ROOT.certificate.subject.public_bytes()), serial=5)}), "deux certificats"),
    "without its certificate": (Forge(TSA, DIGEST, signed={"certificates": None}), "ni dans le jeton"),
    "signed by another": (Forge(Party(TSA.certificate, OTHER.key), DIGEST), "fausse"),
    "not signed": (Forge(TSA, DIGEST, signer={"signature": b""}), "fausse"),
    "by RSA, of a key that is not": (Forge(TSA, DIGEST, signer=A_SIGNATURE), "n'est pas vérifiée ici"),
    "by ECDSA, of a key that is not": (Forge(RSA_TSA, DIGEST, signer={"algorithm": tsp.Algorithm(oid=SignatureAlgorithmOID.ECDSA_WITH_SHA256, parameters=None)}), "n'est pas vérifiée ici"),
    "by RSA with SHA-1": (Forge(RSA_TSA, DIGEST, algorithm=tsp.Algorithm(oid=SignatureAlgorithmOID.RSA_WITH_SHA1, parameters=None)), "n'est pas vérifiée ici"),
    "by RSA-PSS without parameters": (Forge(RSA_TSA, DIGEST, algorithm=tsp.Algorithm(oid=SignatureAlgorithmOID.RSASSA_PSS, parameters=None)), "n'est pas vérifiée ici"),
    "by RSA-PSS with two hashes": (Forge(RSA_TSA, DIGEST, algorithm=pss(mask=tsp.MaskGeneration(oid=tsp.MGF1, hash=named(tsp.SHA512)))), "PSS"),
    "by RSA-PSS with another mask": (Forge(RSA_TSA, DIGEST, algorithm=pss(mask=tsp.MaskGeneration(oid=RSA_PLAIN, hash=named(tsp.SHA256)))), "PSS"),
    "by RSA-PSS with an endless salt": (Forge(RSA_TSA, DIGEST, algorithm=pss(salt=10**30)), "PSS"),
    "by RSA-PSS with another salt": (Forge(RSA_TSA, DIGEST, algorithm=pss(salt=31)), "fausse"),
    "by RSA-PSS with another end": (Forge(RSA_TSA, DIGEST, algorithm=pss(trailer=2)), "PSS"),
    "by a short RSA key": (signed_by(key=SHORT), "n'est pas vérifiée ici"),
    "by Ed25519": (signed_by(key=ed25519.Ed25519PrivateKey.generate()), "n'est pas vérifiée ici"),
    "on a curve of no use": (signed_by(key=ec.generate_private_key(ec.BrainpoolP256R1())), "n'est pas vérifiée ici"),
}  # fmt: skip


@pytest.mark.parametrize("why", NOT_AN_AUTHORITY)
def test_who_is_no_authority(why: str) -> None:
    """A sound signature of whoever may not time-stamp, or may not have been certified, is refused; else it is not."""
    able = key_usage("key_cert_sign")
    for sound in (signed_by(), beneath(), beneath(more=((able, True),)), beneath(usage=BOTH), beneath(usage=ANY)):
        assert verify(sound.token(), DIGEST, TRUST).anchor == ROOT.certificate
    with pytest.raises(TimestampError, match="que l'on croit"):
        verify(NOT_AN_AUTHORITY[why].token(), DIGEST, TRUST)


@pytest.mark.parametrize("why", FALSE)
def test_false_tokens(why: str) -> None:
    """One thing is wrong in the token, and the message is about that one."""
    forge, because = FALSE[why]
    with pytest.raises(TimestampError, match=because):
        verify(forge.token(), DIGEST, TRUST)


def test_another_kind_of_content() -> None:
    """CMS that is not of signed data is no token, whatever it holds."""
    token = asn1.decode_der(tsp.Token, Forge(TSA, DIGEST).token())
    token.oid = tsp.TST_INFO
    with pytest.raises(TimestampError, match="CMS"):
        verify(asn1.encode_der(token), DIGEST, TRUST)


@pytest.mark.filterwarnings("ignore::UserWarning")  # the library's, about certificates that an octet has spoilt
def test_certificates_that_cannot_be_read() -> None:
    """A token may name any octets as its authority's certificate: of a good one, no octet but one may be changed.

    That one counts the unused bits of the signature, of which there are none; the library does not look at it.
    """
    good, unused = der(TSA), len(der(TSA)) - len(TSA.certificate.signature) - 1
    for at in range(4, len(good)):
        for mask in (1, 2, 8, 0x80, 0xFF):
            bad = good[:at] + bytes([good[at] ^ mask]) + good[at + 1 :]
            name = tsp.CertId(algorithm=None, digest=hashlib.sha256(bad).digest(), issuer=None)
            forge = Forge(TSA, DIGEST, **attributes(SIGNING_CERTIFICATE_V2=naming(name)))
            forge.signed = {"certificates": [tlv(bad)]}
            with suppress(TimestampError):
                verify(forge.token(), DIGEST, TRUST)
                assert at == unused


def test_a_name_of_the_wrong_type() -> None:
    """A name whose parts are not of their type, which the library takes for a mistake of ours, is refused as any."""
    of_bits = x509.NameAttribute(NameOID.X500_UNIQUE_IDENTIFIER, b"\0\7", x509.name._ASN1Type.BitString)  # noqa: SLF001 - nothing else makes it
    strange = certify("", subject=x509.Name([of_bits]), usage=TIME_STAMPING)
    assert verify(Forge(strange, DIGEST).token(), DIGEST, Trust(roots=[strange.certificate]))
    bad = der(strange).replace(b"\x55\x04\x2d", b"\x55\x04\x03")
    name = tsp.CertId(algorithm=None, digest=hashlib.sha256(bad).digest(), issuer=None)
    forge = Forge(TSA, DIGEST, **attributes(SIGNING_CERTIFICATE_V2=naming(name)))
    forge.signed = {"certificates": [tlv(bad)]}
    with pytest.raises(TimestampError, match="illisible"):
        verify(forge.token(), DIGEST, TRUST)


def test_what_cannot_be_read_beside_a_token() -> None:
    """What lies beside a token and is no certificate, or of no known version, hinders nothing."""
    of_version_8 = der(OTHER).replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07", 1)
    forge = Forge(TSA, DIGEST)
    forge.signed = {"certificates": [tlv(each) for each in (b"\x30\0", of_version_8, b"\xa1\0", forge.certificate)]}
    assert verify(forge.token(), DIGEST, TRUST).certificate == TSA.certificate


def test_the_end_of_time() -> None:
    """A token so late that its inaccuracy leads past the last date there is, is refused by our error."""
    end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    late = certify("Horodatage", usage=TIME_STAMPING, until=end)
    trust = Trust(roots=[late.certificate])
    second = {"accuracy": tsp.Accuracy(seconds=1, millis=None, micros=None)}
    assert verify(Forge(late, DIGEST, time=end).token(), DIGEST, trust).latest == end
    with pytest.raises(TimestampError, match="hors limites"):
        verify(Forge(late, DIGEST, time=end, info=second).token(), DIGEST, trust)


def test_more_than_is_read() -> None:
    """A token of more than 64 kB is not read, sound as it may be."""
    forge = Forge(TSA, DIGEST)
    forge.signed = {"certificates": [tlv(forge.certificate), tlv(asn1.encode_der(b"\0" * (1 << 16)))]}
    with pytest.raises(TimestampError, match="65536 octets"):
        verify(forge.token(), DIGEST, TRUST)

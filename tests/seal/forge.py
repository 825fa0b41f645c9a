"""Tokens made by hand, sound or with one thing wrong, signed by real keys."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha1, sha256
from typing import Annotated, Any, Final

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import SignatureAlgorithmOID

from ledger.seal import tsp
from tests.seal.tsa import POLICY, Party

RSA_PLAIN: Final = x509.ObjectIdentifier("1.2.840.113549.1.1.1")
SIGNED_AT: Final = x509.ObjectIdentifier("1.2.840.113549.1.9.5")


@asn1.sequence
class _Directory:
    name: Annotated[asn1.TLV, asn1.Explicit(4)]


def tlv(der: bytes) -> asn1.TLV:
    """Any value, as it stands inside another."""
    return asn1.decode_der(asn1.TLV, der)


def named(oid: x509.ObjectIdentifier) -> tsp.Hash:
    """A hash, with the NULL that most write."""
    return tsp.Hash(oid=oid, parameters=asn1.Null())


def cert_id(certificate: x509.Certificate, **changed: Any) -> tsp.CertId:
    """An ESSCertIDv2, by SHA-256 as long as nothing else is said."""
    digest = sha256(certificate.public_bytes(Encoding.DER)).digest()
    return tsp.CertId(**({"algorithm": None, "digest": digest, "issuer": None} | changed))


def cert_id_v1(certificate: x509.Certificate) -> tsp.CertId:
    """An ESSCertID, by SHA-1."""
    digest = sha1(certificate.public_bytes(Encoding.DER)).digest()  # noqa: S324 - what RFC 2634 has
    return cert_id(certificate, digest=digest)


def general_issuer(issuer: x509.Name, serial: int) -> tsp.GeneralIssuer:
    """An IssuerSerial; the name must be short."""
    directory = asn1.encode_der(_Directory(name=tlv(issuer.public_bytes())))
    return tsp.GeneralIssuer(names=[tlv(directory[2:])], serial=serial)


def naming(*ids: tsp.CertId) -> list[bytes]:
    """The value of an attribute that names these certificates."""
    return [asn1.encode_der(tsp.SigningCertificate(certificates=list(ids), policies=None))]


def pss(**changed: Any) -> tsp.Algorithm:
    """RSASSA-PSS with SHA-256 and a salt of 32 octets."""
    whole = {
        "hash": named(tsp.SHA256),
        "mask": tsp.MaskGeneration(oid=tsp.MGF1, hash=named(tsp.SHA256)),
        "salt": 32,
        "trailer": 1,
    }
    return tsp.Algorithm(oid=SignatureAlgorithmOID.RSASSA_PSS, parameters=tsp.Pss(**(whole | changed)))


@dataclass
class Forge:
    """A token over ``digest`` by ``party``. Each dictionary changes fields of one of its parts; ``None`` drops one."""

    party: Party
    digest: bytes
    time: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    info: dict[str, Any] = field(default_factory=dict)
    attributes: dict[x509.ObjectIdentifier, list[bytes] | None] = field(default_factory=dict)
    more_attributes: tuple[tsp.Attribute, ...] = ()
    signer: dict[str, Any] = field(default_factory=dict)
    content: dict[str, Any] = field(default_factory=dict)
    signed: dict[str, Any] = field(default_factory=dict)
    algorithm: tsp.Algorithm | None = None
    signers: int = 1

    @property
    def certificate(self) -> bytes:
        """The authority's certificate, in DER."""
        return self.party.certificate.public_bytes(Encoding.DER)

    def token(self) -> bytes:
        """The token, in DER; signed anew each time."""
        octets = asn1.encode_der(tsp.TstInfo(**(self._info() | self.info)))
        signer = tsp.SignerInfo(**(self._signer(octets) | self.signer))
        if "signature" not in self.signer:
            signer.signature = self._signature(asn1.encode_der(signer.attributes))
        whole = {
            "version": 3,
            "digests": asn1.SetOf([named(tsp.SHA256)]),
            "content": tsp.Content(**({"oid": tsp.TST_INFO, "octets": octets} | self.content)),
            "certificates": [tlv(self.certificate)],
            "revocations": None,
            "signers": asn1.SetOf([signer] * self.signers),
        }
        return asn1.encode_der(tsp.Token(oid=tsp.SIGNED_DATA, signed=tsp.SignedData(**(whole | self.signed))))

    def _info(self) -> dict[str, Any]:
        return {
            "version": 1,
            "policy": x509.ObjectIdentifier(POLICY),
            "imprint": tsp.Imprint(algorithm=named(tsp.SHA256), digest=self.digest),
            "serial": 12,
            "time": asn1.GeneralizedTime(self.time),
            "accuracy": None,
            "ordering": False,
            "nonce": None,
            "tsa": None,
            "extensions": None,
        }

    def _signer(self, octets: bytes) -> dict[str, Any]:
        certificate = self.party.certificate
        values = {
            tsp.CONTENT_TYPE: [asn1.encode_der(tsp.TST_INFO)],
            tsp.MESSAGE_DIGEST: [asn1.encode_der(sha256(octets).digest())],
            tsp.SIGNING_CERTIFICATE_V2: naming(cert_id(certificate)),
        } | self.attributes
        attributes = [
            tsp.Attribute(oid=oid, values=asn1.SetOf([tlv(each) for each in found]))
            for oid, found in values.items()
            if found is not None
        ]
        issuer = tlv(certificate.issuer.public_bytes())
        return {
            "version": 1,
            "signer": tsp.IssuerAndSerial(issuer=issuer, serial=certificate.serial_number),
            "digest": named(tsp.SHA256),
            "attributes": asn1.SetOf([*attributes, *self.more_attributes]),
            "algorithm": self.algorithm or self._algorithm(),
            "signature": b"",
            "unsigned": None,
        }

    def _algorithm(self) -> tsp.Algorithm:
        if isinstance(self.party.key, rsa.RSAPrivateKey):
            return tsp.Algorithm(oid=RSA_PLAIN, parameters=asn1.Null())
        return tsp.Algorithm(oid=SignatureAlgorithmOID.ECDSA_WITH_SHA256, parameters=None)

    def _signature(self, message: bytes) -> bytes:
        key, algorithm = self.party.key, self.algorithm or self._algorithm()
        if isinstance(key, rsa.RSAPrivateKey) and isinstance(algorithm.parameters, tsp.Pss):
            salted = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
            return key.sign(message, salted, hashes.SHA256())
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(message, ec.ECDSA(hashes.SHA256()))
        assert isinstance(key, ed25519.Ed25519PrivateKey)
        return key.sign(message)

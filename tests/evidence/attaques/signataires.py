"""Who may sign a token, each certified by a given root: those that count, and those that must not."""

from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID

from ledger.seal import tsp
from tests.evidence.attaques.jetons import DEPUIS, JUSQUE
from tests.seal.forge import RSA_PLAIN, Forge, named
from tests.seal.tsa import TIME_STAMPING, Party, certify

SHA1: Final = x509.ObjectIdentifier("1.3.14.3.2.26")
SHA3_256: Final = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.8")
P256_ORDRE: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
FAIBLE: Final = hashes.SHA1()  # noqa: S303 - what must not be believed
HACHAGES: Final = {
    tsp.SHA256: (hashes.SHA256(), SignatureAlgorithmOID.ECDSA_WITH_SHA256, SignatureAlgorithmOID.RSA_WITH_SHA256),
    tsp.SHA384: (hashes.SHA384(), SignatureAlgorithmOID.ECDSA_WITH_SHA384, SignatureAlgorithmOID.RSA_WITH_SHA384),
    tsp.SHA512: (hashes.SHA512(), SignatureAlgorithmOID.ECDSA_WITH_SHA512, SignatureAlgorithmOID.RSA_WITH_SHA512),
    SHA1: (FAIBLE, SignatureAlgorithmOID.ECDSA_WITH_SHA1, SignatureAlgorithmOID.RSA_WITH_SHA1),
}


@cache
def cle_rsa(bits: int, exposant: int = 65537) -> rsa.RSAPrivateKey:
    """An RSA key, made once."""
    return rsa.generate_private_key(exposant, bits)


def usages(*noms: str) -> tuple[x509.KeyUsage, bool]:
    """A key's usage, critical."""
    every = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
    )
    known = {each: each in noms for each in every.split()}
    return x509.KeyUsage(**known, encipher_only=False, decipher_only=False), True


def service(racine: Party, nom: str = "Horodatage d'essai", **changes: Any) -> Party:
    """An authority of time under ``racine``, as :func:`tests.seal.tsa.certify` makes them."""
    return certify(nom, racine, **({"usage": TIME_STAMPING, "since": DEPUIS, "until": JUSQUE} | changes))


def sous(racine: Party, nom: str = "Intermédiaire", **changes: Any) -> Party:
    """An authority of certificates under ``racine``."""
    return certify(nom, racine, **({"ca": True, "since": DEPUIS, "until": JUSQUE} | changes))


class ForgeDe(Forge):
    """A token signed with another hash than SHA-256, with the algorithm's name said whole or not."""

    def __init__(
        self, party: Party, digest: bytes, hachage: x509.ObjectIdentifier = tsp.SHA256, **changes: Any
    ) -> None:
        self.hachage = hachage
        self.entier = changes.pop("entier", False)
        self.haut = changes.pop("haut", None)
        super().__init__(party, digest, **changes)

    def _algorithm(self) -> tsp.Algorithm:
        _, with_ec, with_rsa = HACHAGES[self.hachage]
        if isinstance(self.party.key, rsa.RSAPrivateKey):
            return tsp.Algorithm(oid=with_rsa if self.entier else RSA_PLAIN, parameters=asn1.Null())
        if isinstance(self.party.key, ed25519.Ed25519PrivateKey):
            return tsp.Algorithm(oid=SignatureAlgorithmOID.ED25519, parameters=None)
        return tsp.Algorithm(oid=with_ec, parameters=None)

    def _signer(self, octets: bytes) -> dict[str, Any]:
        digest = hashes.Hash(HACHAGES[self.hachage][0])
        digest.update(octets)
        said = {tsp.MESSAGE_DIGEST: [asn1.encode_der(digest.finalize())]}
        before, self.attributes = self.attributes, said | self.attributes
        try:
            return super()._signer(octets) | {"digest": named(self.hachage)}
        finally:
            self.attributes = before

    def token(self) -> bytes:
        """The token, in DER."""
        self.signed = {"digests": asn1.SetOf([named(self.hachage)])} | self.signed
        return super().token()

    def _signature(self, message: bytes) -> bytes:
        key, hashed = self.party.key, HACHAGES[self.hachage][0]
        if self.algorithm is not None:
            return super()._signature(message)
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(message, padding.PKCS1v15(), hashed)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return _du_cote(key.sign(message, ec.ECDSA(hashed)), haut=self.haut)
        return super()._signature(message)


def _du_cote(signature: bytes, *, haut: bool | None) -> bytes:
    """An ECDSA signature over P-256 with s in the upper or the lower half, as asked."""
    r, s = decode_dss_signature(signature)
    if haut is None or (s > P256_ORDRE // 2) is haut:
        return signature
    return encode_dss_signature(r, P256_ORDRE - s)


def imprint(fichier: bytes, oid: x509.ObjectIdentifier, hashed: hashes.HashAlgorithm) -> tsp.Imprint:
    """The imprint of a file by another hash."""
    digest = hashes.Hash(hashed)
    digest.update(fichier)
    return tsp.Imprint(algorithm=named(oid), digest=digest.finalize())


def cle_de(courbe: ec.EllipticCurve) -> CertificateIssuerPrivateKeyTypes:
    """A key on a curve."""
    return ec.generate_private_key(courbe)


SERVEURS: Final = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
DEUX_USAGES: Final = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING])
TOUS_USAGES: Final = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])
INCONNUE: Final = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\5\0"), True)
ANCIEN: Final = datetime(2025, 12, 1, tzinfo=UTC)
FUTUR: Final = datetime(2027, 1, 1, tzinfo=UTC)


def empreinte(octets: bytes) -> bytes:
    """SHA-256."""
    return sha256(octets).digest()

"""Whether a signature is that of an authority of time: its algorithm, the chain of its certificate, its revocation."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import Certificate, CertificateRevocationList
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy, PolicyBuilder, Store

from ledger.seal import tsp
from ledger.seal.tsp import TimestampError, required

HASHES: Final = {tsp.SHA256: hashes.SHA256(), tsp.SHA384: hashes.SHA384(), tsp.SHA512: hashes.SHA512()}
ECDSA: Final = {
    SignatureAlgorithmOID.ECDSA_WITH_SHA256: hashes.SHA256(),
    SignatureAlgorithmOID.ECDSA_WITH_SHA384: hashes.SHA384(),
    SignatureAlgorithmOID.ECDSA_WITH_SHA512: hashes.SHA512(),
}
RSA: Final = {
    SignatureAlgorithmOID.RSA_WITH_SHA256: hashes.SHA256(),
    SignatureAlgorithmOID.RSA_WITH_SHA384: hashes.SHA384(),
    SignatureAlgorithmOID.RSA_WITH_SHA512: hashes.SHA512(),
}
RSA_ENCRYPTION: Final = x509.ObjectIdentifier("1.2.840.113549.1.1.1")
MAX_SALT: Final = 64
MIN_RSA_BITS: Final = 2048
CURVES: Final = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
STILL_GOOD_BEFORE: Final = {
    x509.ReasonFlags.unspecified,
    x509.ReasonFlags.affiliation_changed,
    x509.ReasonFlags.superseded,
    x509.ReasonFlags.cessation_of_operation,
}
"""Reasons that leave what was signed before good; any other, or none, spoils all of it (RFC 3161 section 4)."""


def hash_of(algorithm: tsp.Hash) -> hashes.HashAlgorithm:
    """The hash that is named.

    :raises TimestampError: it is not SHA-256, SHA-384 or SHA-512.
    """
    required(algorithm.oid in HASHES, f"l'algorithme de hachage {algorithm.oid.dotted_string} n'est pas admis")
    return HASHES[algorithm.oid]


def check_signature(signer: tsp.SignerInfo, certificate: Certificate) -> None:
    """Check that the key of ``certificate`` signed the signed attributes (RFC 5652 section 5.4).

    :raises TimestampError: it did not, or by an algorithm that is not read here.
    """
    key, oid, parameters = certificate.public_key(), signer.algorithm.oid, signer.algorithm.parameters
    signature, signed = signer.signature, asn1.encode_der(signer.attributes)
    try:
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, CURVES) and oid in ECDSA:
            return key.verify(signature, signed, ec.ECDSA(ECDSA[oid]))
        if isinstance(key, rsa.RSAPublicKey) and key.key_size >= MIN_RSA_BITS:
            if oid in RSA or oid == RSA_ENCRYPTION:
                return key.verify(signature, signed, padding.PKCS1v15(), RSA.get(oid) or hash_of(signer.digest))
            if oid == SignatureAlgorithmOID.RSASSA_PSS and isinstance(parameters, tsp.Pss):
                return key.verify(signature, signed, _pss(parameters), hash_of(parameters.hash))
    except InvalidSignature as error:
        msg = "la signature du jeton est fausse"
        raise TimestampError(msg) from error
    msg = f"une signature {oid.dotted_string} n'est pas vérifiée ici (attendu : RSA PKCS#1 ou PSS, ECDSA, avec SHA-2)"
    raise TimestampError(msg)


def _pss(parameters: tsp.Pss) -> padding.PSS:
    sound = parameters.mask.oid == tsp.MGF1 and parameters.mask.hash.oid == parameters.hash.oid
    required(sound and parameters.trailer == 1 and 0 <= parameters.salt <= MAX_SALT, "paramètres RSA-PSS non admis")
    return padding.PSS(mgf=padding.MGF1(hash_of(parameters.hash)), salt_length=parameters.salt)


def chain(
    certificate: Certificate, others: Sequence[Certificate], anchors: Sequence[Certificate], at: datetime
) -> list[Certificate]:
    """The certificates from ``certificate``, an authority's, to one of ``anchors``, all valid ``at`` that time.

    :raises VerificationError: there is no such chain.
    """
    builder = PolicyBuilder().store(Store(list(anchors))).time(at).extension_policies(ca_policy=_CA, ee_policy=_TSA)
    return builder.build_client_verifier().verify(certificate, list(others)).chain


def _signs_certificates(_policy: Policy, _certificate: Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        msg = "its key does not sign certificates"
        raise ValueError(msg)


def _may_certify_authorities(_policy: Policy, _certificate: Certificate, usage: x509.ExtendedKeyUsage | None) -> None:
    if usage is not None and not {ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE} & {
        *usage
    }:
        msg = "certifies for other uses"
        raise ValueError(msg)


def _issues_nothing(_policy: Policy, _certificate: Certificate, constraints: x509.BasicConstraints | None) -> None:
    if constraints is not None and constraints.ca:
        msg = "an authority of certification"
        raise ValueError(msg)


def _signs(_policy: Policy, _certificate: Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        msg = "its key does not sign"
        raise ValueError(msg)


def _stamps_only(_policy: Policy, _certificate: Certificate, usage: x509.ExtendedKeyUsage) -> None:
    if list(usage) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        msg = "not for time-stamping, or not only"
        raise ValueError(msg)


_CA: Final = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _signs_certificates)
    .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _may_certify_authorities)
)
_TSA: Final = (
    ExtensionPolicy.permit_all()
    .require_present(x509.ExtendedKeyUsage, Criticality.CRITICAL, _stamps_only)
    .may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, _issues_nothing)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _signs)
)


def check_revocations(path: Sequence[Certificate], lists: Sequence[CertificateRevocationList], at: datetime) -> bool:
    """Whether ``lists`` say of every certificate of ``path``, the last apart, that what it signed ``at`` is good.

    A list counts when the issuer signed it; it is complete for that date when it was made after it, and before the
    certificate expired (an expired one may have left it).

    :raises TimestampError: one is revoked, and that spoils what it signed.
    """
    complete = [_unrevoked(each, issuer, lists, at) for each, issuer in pairwise(path)]
    return bool(complete) and all(complete)


def _unrevoked(
    certificate: Certificate, issuer: Certificate, lists: Sequence[CertificateRevocationList], at: datetime
) -> bool:
    complete = False
    for each in _lists_of(issuer, lists):
        revoked = each.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if revoked is not None and not (_reason(revoked) in STILL_GOOD_BEFORE and at < revoked.revocation_date_utc):
            msg = (
                f"le certificat « {certificate.subject.rfc4514_string()} » est révoqué : ce qu'il a signé ne vaut plus"
            )
            raise TimestampError(msg)
        complete = complete or at <= each.last_update_utc <= certificate.not_valid_after_utc
    return complete


def _lists_of(issuer: Certificate, lists: Sequence[CertificateRevocationList]) -> Iterator[CertificateRevocationList]:
    """Those that ``issuer`` signed, which are about all that it issued: partial and indirect ones are critically so."""
    key = issuer.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return
    for each in lists:
        own = each.issuer == issuer.subject and each.is_signature_valid(key)
        if own and not any(extension.critical for extension in each.extensions):
            yield each


def _reason(revoked: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    for extension in revoked.extensions:
        if isinstance(extension.value, x509.CRLReason):
            return extension.value.reason
    return None

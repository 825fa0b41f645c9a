"""What the CMS of a time-stamp token signs, and which certificate it says is its signer's (RFC 3161 section 2.4.2)."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from ledger.seal import authority, tsp
from ledger.seal.tsp import decode, required

MAX_ACCURACY: Final = 86_400
"""Seconds: a date that is off by more dates nothing here."""

SERIAL_BITS: Final = 160
"""What any reader must be able to hold (RFC 3161 section 2.4.2); Python itself does not print numbers without limit."""

THOUSAND: Final = 1_000
DIRECTORY_NAME: Final = b"\xa4"
"""The tag of a directoryName (RFC 5280 section 4.2.1.6)."""


def opened(token: tsp.Token) -> tuple[tsp.SignedData, tsp.SignerInfo, tsp.TstInfo]:
    """What is signed, by whom, and what it says, once the signed attributes are known to be about it.

    Nothing says yet whose signature it is.

    :raises TimestampError: it is no time-stamp token of one signer, or its content is not what was signed.
    """
    signed, signers = token.signed, token.signed.signers.as_list()
    required(token.oid == tsp.SIGNED_DATA and signed.version == 3, "ce n'est pas une signature CMS de version 3")  # noqa: PLR2004 - RFC 5652 section 5.1
    required(len(signers) == 1 and signers[0].version == 1, "un jeton d'horodatage a un signataire, et un seul")
    signer, content = signers[0], signed.content
    required(content.oid == tsp.TST_INFO, "ce qui est signé n'est pas un horodatage")
    required(signer.digest.oid in {each.oid for each in signed.digests.as_list()}, "le hachage n'est pas celui annoncé")
    kind = decode(ObjectIdentifier, _attribute(signer, tsp.CONTENT_TYPE) or b"")
    hashed = decode(bytes, _attribute(signer, tsp.MESSAGE_DIGEST) or b"")
    name = authority.hash_of(signer.digest).name
    required(kind == content.oid and hashed == hashlib.new(name, content.octets).digest(), "le contenu a été modifié")
    said = decode(tsp.TstInfo, content.octets)
    required(said.version == 1, "cette version d'horodatage n'est pas connue")
    required(said.serial.bit_length() <= SERIAL_BITS, "le numéro du jeton est trop long")
    required(not any(each.critical for each in said.extensions or ()), "une extension critique n'est pas connue")
    return signed, signer, said


def _attribute(signer: tsp.SignerInfo, oid: ObjectIdentifier) -> bytes | None:
    """The DER of the one value of a signed attribute, if it is there."""
    found = [each.values.as_list() for each in signer.attributes.as_list() if each.oid == oid]
    required(
        len(found) <= 1 and all(len(each) == 1 for each in found), "un attribut signé a plusieurs valeurs, ou aucune"
    )
    return asn1.encode_der(found[0][0]) if found else None


def named_certificate(signer: tsp.SignerInfo, beside: Sequence[bytes]) -> x509.Certificate:
    """The certificate, among those ``beside`` (DER), that the signature says is its own: by hash, then by number.

    No other is even read: what else lies beside a token is of no weight (RFC 5035).

    :raises TimestampError: it is not there, or the signature does not say.
    """
    named = [*_named(signer, tsp.SIGNING_CERTIFICATE, "sha1"), *_named(signer, tsp.SIGNING_CERTIFICATE_V2, "sha256")]
    required(bool(named), "le jeton ne dit pas, sous sa signature, quel certificat est celui de l'autorité")
    found = [each for each in beside if all(hashlib.new(name, each).digest() == one.digest for name, one in named)]
    required(bool(found), "le certificat que nomme le jeton n'est ni dans le jeton, ni parmi ceux qui sont fournis")
    certificate = x509.load_der_x509_certificate(found[0])
    issuer, serial = certificate.issuer.public_bytes(), certificate.serial_number
    numbers = [(asn1.encode_der(signer.signer.issuer), signer.signer.serial)]
    numbers += [(_directory(one.issuer), one.issuer.serial) for _, one in named if one.issuer]
    required(all(each == (issuer, serial) for each in numbers), "le jeton donne deux certificats pour un seul")
    return certificate


def _named(signer: tsp.SignerInfo, oid: ObjectIdentifier, by_default: str) -> list[tuple[str, tsp.CertId]]:
    """The first certificate that such an attribute names, with the hash that does."""
    value = _attribute(signer, oid)
    if value is None:
        return []
    named = decode(tsp.SigningCertificate, value).certificates
    required(bool(named), "l'attribut qui nomme le certificat de l'autorité est vide")
    algorithm = named[0].algorithm
    return [(authority.hash_of(algorithm).name if algorithm else by_default, named[0])]


def _directory(issuer: tsp.GeneralIssuer) -> bytes:
    """The one directoryName that an IssuerSerial gives."""
    names = [bytes(each.data) for each in issuer.names if each.tag_bytes == DIRECTORY_NAME]
    return names[0] if len(names) == 1 else b""


def readable(beside: Sequence[bytes]) -> list[x509.Certificate]:
    """Those certificates that can be read; nobody answers for what lies beside a token."""
    found = []
    for each in beside:
        with suppress(ValueError, x509.InvalidVersion):
            found.append(x509.load_der_x509_certificate(each))
    return found


def accuracy(said: tsp.Accuracy | None) -> timedelta | None:
    """How far off the date may be, if the token says (RFC 3161 section 2.4.2).

    :raises TimestampError: more than a day.
    """
    if said is None:
        return None
    seconds, millis, micros = said.seconds or 0, said.millis or 0, said.micros or 0
    sound = 0 <= seconds <= MAX_ACCURACY and all(0 <= each < THOUSAND for each in (millis, micros))
    required(sound, "l'exactitude annoncée dépasse un jour, ou n'en est pas une")
    return timedelta(seconds=seconds, milliseconds=millis, microseconds=micros)

"""The shapes of RFC 3161 and of CMS (RFC 5652) that a time-stamp is made of: strict DER, read and written.

Decoding is cryptography's (the X.509 parser's own, in Rust): one encoding for each value, nothing after it, SET OF in
order, no default written out. Certificates and revocation lists that travel with a token are read in any order: real
authorities do not sort them, and no signature covers that bag.
"""

from typing import Annotated, Final, TypeVar

from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import TLV, BitString, Default, Explicit, GeneralizedTime, Implicit, Null, SetOf
from cryptography.x509 import ObjectIdentifier

from ledger.errors import ConstatError

MAX_OCTETS: Final = 1 << 16

SIGNED_DATA: Final = ObjectIdentifier("1.2.840.113549.1.7.2")
TST_INFO: Final = ObjectIdentifier("1.2.840.113549.1.9.16.1.4")
CONTENT_TYPE: Final = ObjectIdentifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST: Final = ObjectIdentifier("1.2.840.113549.1.9.4")
SIGNING_CERTIFICATE: Final = ObjectIdentifier("1.2.840.113549.1.9.16.2.12")
SIGNING_CERTIFICATE_V2: Final = ObjectIdentifier("1.2.840.113549.1.9.16.2.47")
SHA256: Final = ObjectIdentifier("2.16.840.1.101.3.4.2.1")
SHA384: Final = ObjectIdentifier("2.16.840.1.101.3.4.2.2")
SHA512: Final = ObjectIdentifier("2.16.840.1.101.3.4.2.3")
MGF1: Final = ObjectIdentifier("1.2.840.113549.1.1.8")

T = TypeVar("T")


class TimestampError(ConstatError):
    """Le jeton d'horodatage est illisible, ne vaut pas pour ce fichier, ou ne prouve rien ; ou il a été refusé."""


def decode(shape: type[T], der: bytes) -> T:
    """Read ``der`` as ``shape``.

    :raises TimestampError: it is not its DER, or larger than what is read here (64 kB).
    """
    if len(der) > MAX_OCTETS:
        msg = f"plus de {MAX_OCTETS} octets : ce n'est pas un jeton d'horodatage"
        raise TimestampError(msg)
    try:
        return asn1.decode_der(shape, der)
    except ValueError as error:
        msg = f"ce n'est pas le DER (X.690) exact d'une valeur {shape.__name__} d'un horodatage (RFC 3161)"
        raise TimestampError(msg) from error


def required(condition: bool, message: str) -> None:  # noqa: FBT001 - what must hold, as of assert
    """Refuse with ``message`` unless ``condition``.

    :raises TimestampError: it does not hold.
    """
    if not condition:
        raise TimestampError(message)


@asn1.sequence
class Hash:
    """AlgorithmIdentifier of a hash: its parameters are NULL, or absent (RFC 5754 section 2)."""

    oid: ObjectIdentifier
    parameters: Null | None


@asn1.sequence
class MaskGeneration:
    """AlgorithmIdentifier of MGF1 (RFC 4055 section 2.2)."""

    oid: ObjectIdentifier
    hash: Hash


@asn1.sequence
class Pss:
    """RSASSA-PSS-params (RFC 4055 section 3.1). Without the first two it would be SHA-1, which is not read here."""

    hash: Annotated[Hash, Explicit(0)]
    mask: Annotated[MaskGeneration, Explicit(1)]
    salt: Annotated[int, Explicit(2), Default(20)]
    trailer: Annotated[int, Explicit(3), Default(1)]


@asn1.sequence
class Algorithm:
    """AlgorithmIdentifier of a signature."""

    oid: ObjectIdentifier
    parameters: Null | Pss | None


@asn1.sequence
class Imprint:
    """MessageImprint (RFC 3161 section 2.4.1)."""

    algorithm: Hash
    digest: bytes


@asn1.sequence
class Extension:
    """Extension (RFC 5280 section 4.1)."""

    oid: ObjectIdentifier
    critical: Annotated[bool, Default(value=False)]
    value: bytes


@asn1.sequence
class Request:
    """TimeStampReq (RFC 3161 section 2.4.1)."""

    version: int
    imprint: Imprint
    policy: ObjectIdentifier | None
    nonce: int | None
    certificates: Annotated[bool, Default(value=False)]
    extensions: Annotated[list[Extension] | None, Implicit(0)]


@asn1.sequence
class Accuracy:
    """Accuracy (RFC 3161 section 2.4.2): seconds, thousandths, millionths."""

    seconds: int | None
    millis: Annotated[int | None, Implicit(0)]
    micros: Annotated[int | None, Implicit(1)]


@asn1.sequence
class TstInfo:
    """TSTInfo (RFC 3161 section 2.4.2). ``tsa``: the authority's name in its own words, which is not read."""

    version: int
    policy: ObjectIdentifier
    imprint: Imprint
    serial: int
    time: GeneralizedTime
    accuracy: Accuracy | None
    ordering: Annotated[bool, Default(value=False)]
    nonce: int | None
    tsa: Annotated[list[TLV] | None, Implicit(0)]
    extensions: Annotated[list[Extension] | None, Implicit(1)]


@asn1.sequence
class Attribute:
    """Attribute (RFC 5652 section 5.3)."""

    oid: ObjectIdentifier
    values: SetOf[TLV]


@asn1.sequence
class IssuerAndSerial:
    """IssuerAndSerialNumber (RFC 5652 section 10.2.4)."""

    issuer: TLV
    serial: int


@asn1.sequence
class SignerInfo:
    """SignerInfo (RFC 5652 section 5.3) that names its signer by issuer and serial number, and signs attributes."""

    version: int
    signer: IssuerAndSerial
    digest: Hash
    attributes: Annotated[SetOf[Attribute], Implicit(0)]
    algorithm: Algorithm
    signature: bytes
    unsigned: Annotated[list[Attribute] | None, Implicit(1)]


@asn1.sequence
class Content:
    """EncapsulatedContentInfo (RFC 5652 section 5.2)."""

    oid: ObjectIdentifier
    octets: Annotated[bytes, Explicit(0)]


@asn1.sequence
class SignedData:
    """SignedData (RFC 5652 section 5.1)."""

    version: int
    digests: SetOf[Hash]
    content: Content
    certificates: Annotated[list[TLV] | None, Implicit(0)]
    revocations: Annotated[list[TLV] | None, Implicit(1)]
    signers: SetOf[SignerInfo]


@asn1.sequence
class Token:
    """TimeStampToken: a ContentInfo that holds SignedData (RFC 3161 section 2.4.2)."""

    oid: ObjectIdentifier
    signed: Annotated[SignedData, Explicit(0)]


@asn1.sequence
class Status:
    """PKIStatusInfo (RFC 3161 section 2.4.2)."""

    status: int
    text: list[str] | None
    failure: BitString | None


@asn1.sequence
class Response:
    """TimeStampResp (RFC 3161 section 2.4.2)."""

    status: Status
    token: Token | None


@asn1.sequence
class GeneralIssuer:
    """IssuerSerial (RFC 5035 section 5.4.1.1): GeneralNames, of which one is a directoryName."""

    names: list[TLV]
    serial: int


@asn1.sequence
class CertId:
    """ESSCertIDv2 (RFC 5035 section 4); without ``algorithm`` the hash is SHA-256."""

    algorithm: Hash | None
    digest: bytes
    issuer: GeneralIssuer | None


@asn1.sequence
class SigningCertificate:
    """SigningCertificateV2 (RFC 5035 section 3). SigningCertificate (RFC 2634) reads the same, its hash is SHA-1."""

    certificates: list[CertId]
    policies: list[TLV] | None

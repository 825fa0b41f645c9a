"""Time-stamps (RFC 3161): asking an authority for one, and what its token proves of a file, to whoever reads it later.

A token says, in the word of an authority that the operator does not command, that a digest existed at a time. It is
judged at its own date: certificates that have expired since still prove what they proved.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.verification import VerificationError

from ledger.seal import authority, cms, tsp
from ledger.seal.post import post
from ledger.seal.tsp import TimestampError, decode, required

QUERY_TYPE: Final = "application/timestamp-query"
DIGEST: Final = 32
MAX_NONCE: Final = 1 << 128
OK: Final = 200
GRANTED: Final = (0, 1)
"""``granted`` and ``grantedWithMods`` (RFC 3161 section 2.4.2): what was modified is compared with what was asked."""

STATUSES: Final = range(6)
FAILURES: Final = {
    0: "algorithme non admis",
    2: "demande non admise",
    5: "format non admis",
    14: "horloge indisponible",
    15: "politique non admise",
    16: "extension non admise",
    17: "information indisponible",
    25: "panne du service",
}
"""PKIFailureInfo, by bit (RFC 3161 section 2.4.2)."""

_LIBRARY_REFUSES: Final = (
    ValueError,
    TypeError,  # a name whose parts are not of their type
    OverflowError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom to believe about time. It comes from outside, as a policy does: not from what is to be judged.

    ``roots``, ``qualified``: certificates that end a chain, which may also be an intermediate's or the authority's own.
    ``qualified``: those that a trusted list (eIDAS art. 22) names for a qualified service: the narrowest it names, for
    all beneath count as qualified. ``certificates``: what tokens that carry none need to be verified; not believed.
    ``revocations``: lists to be looked at.
    """

    roots: Sequence[x509.Certificate] = ()
    qualified: Sequence[x509.Certificate] = ()
    certificates: Sequence[x509.Certificate] = ()
    revocations: Sequence[x509.CertificateRevocationList] = ()


@dataclass(frozen=True, slots=True)
class Timestamp:
    """What a verified token says. ``digest``, by ``algorithm`` (``sha256`` …), existed at ``latest`` at the latest.

    ``time``: the authority's, UTC; ``accuracy``: how far off it may be, ``None`` when the token does not say;
    ``latest``: one plus the other. ``policy``: under which rules, an OID. ``tsa``: the authority's name (RFC 4514).
    ``anchor``: the configured certificate that its chain ends with.
    """

    time: datetime
    accuracy: timedelta | None
    latest: datetime
    algorithm: str
    digest: bytes
    policy: str
    serial: int
    tsa: str
    certificate: x509.Certificate
    anchor: x509.Certificate
    qualified: bool
    revocation_checked: bool

    @property
    def label(self) -> str:
        """What an export must print beside the date: eIDAS art. 41(2) presumes nothing of one that is not qualified."""
        return "horodatage qualifié" if self.qualified else "horodatage non qualifié"

    @property
    def reserves(self) -> tuple[str, ...]:
        """What nobody verified, one sentence each, to be printed with it."""
        unchecked = []
        if not self.revocation_checked:
            unchecked.append("La révocation des certificats du service d'horodatage n'a pas été vérifiée.")
        if self.accuracy is None:
            unchecked.append("Le jeton ne dit pas l'exactitude de sa date : elle est prise telle quelle.")
        if self.qualified:
            unchecked.append(
                "Le service est qualifié d'après les certificats configurés ; la liste de confiance n'a pas été lue."
            )
        return tuple(unchecked)


def request(digest: bytes, nonce: int, *, policy: str | None = None) -> bytes:
    """A TimeStampReq (RFC 3161 section 2.4.1) over a SHA-256, which asks for the authority's certificate too.

    :raises TimestampError: ``digest`` is not of 32 bytes, ``nonce`` of at most 128 bits, or ``policy`` an OID.
    """
    if len(digest) != DIGEST or not 0 <= nonce < MAX_NONCE:
        msg = "une demande porte une empreinte SHA-256 de 32 octets et un nombre d'au plus 128 bits"
        raise TimestampError(msg)
    imprint = tsp.Imprint(algorithm=tsp.Hash(oid=tsp.SHA256, parameters=asn1.Null()), digest=digest)
    return asn1.encode_der(
        tsp.Request(version=1, imprint=imprint, policy=_oid(policy), nonce=nonce, certificates=True, extensions=None)
    )


def granted(answer: bytes, digest: bytes, nonce: int, *, policy: str | None = None) -> bytes:
    """The token of a TimeStampResp, when it answers this request. Its signature remains to be verified (``verify``).

    :raises TimestampError: it is refused, unreadable, or about something else; the message says which.
    """
    response = decode(tsp.Response, answer)
    if response.status.status not in GRANTED or response.token is None:
        bits = response.status.failure.as_bytes() if response.status.failure else b""
        named = [name for bit, name in FAILURES.items() if bit // 8 < len(bits) and bits[bit // 8] << bit % 8 & 0x80]
        status = response.status.status if response.status.status in STATUSES else "inconnu"
        msg = f"l'autorité a refusé d'horodater (statut {status}) : {', '.join(named) or 'sans motif'}"
        raise TimestampError(msg)
    said = decode(tsp.TstInfo, response.token.signed.content.octets)
    if said.nonce != nonce:
        msg = "la réponse ne porte pas le nombre de la demande : elle répond à une autre"
        raise TimestampError(msg)
    if said.imprint.algorithm.oid != tsp.SHA256 or said.imprint.digest != digest:
        msg = "la réponse n'horodate pas l'empreinte demandée"
        raise TimestampError(msg)
    if policy is not None and said.policy != _oid(policy):
        msg = f"la réponse suit la politique {said.policy.dotted_string} et non {policy}"
        raise TimestampError(msg)
    return asn1.encode_der(response.token)


def ask(
    url: str, digest: bytes, *, policy: str | None = None, login: str | None = None, timeout: float = 10.0
) -> bytes:
    """Have a SHA-256 time-stamped by the authority at ``url``; returns the token, whose signature ``verify`` verifies.

    ``login`` and ``timeout``: as of ``ledger.seal.post.post``.

    :raises PostError: the authority cannot be reached, or does not answer in time.
    :raises TimestampError: it refuses, or answers something else than what was asked.
    """
    nonce = secrets.randbits(64)
    answer = post(url, request(digest, nonce, policy=policy), QUERY_TYPE, login=login, timeout=timeout)
    if answer.status != OK:
        msg = f"l'autorité a répondu {answer.status} au lieu de {OK} (aucune redirection n'est suivie)"
        raise TimestampError(msg)
    return granted(answer.body, digest, nonce, policy=policy)


def verify(token: bytes, digest: bytes, trust: Trust) -> Timestamp:
    """Judge a token (DER, at most 64 kB) over ``digest``, at the token's own date:

    1. it is strict DER: SignedData of one signer, over a TSTInfo of version 1 without critical extensions;
    2. its imprint is ``digest``, by SHA-256, SHA-384 or SHA-512 (RFC 3161 section 2.4.2);
    3. what is signed names the content, its type and the authority's certificate (RFC 5035; RFC 2634 by SHA-1 too), so
       that no certificate put beside it can take its place;
    4. the signature is that certificate's: RSA PKCS #1 v1.5 or PSS, or ECDSA, with SHA-2;
    5. a chain of certificates valid at that date leads to ``trust`` (RFC 5280; RSA from 2048 bits, P-256 to P-521):
       the authority's own serves time-stamping, critically, and nothing else (RFC 3161 section 2.3), and none above it
       is for other uses only;
    6. no list of ``trust.revocations`` revokes one of them in a way that spoils the token (RFC 3161 section 4).

    Not verified: revocation without such lists (``revocation_checked`` says it), the trusted list behind
    ``trust.qualified``, the ``tsa`` field and the extensions of the token, what is not signed (unsigned attributes,
    revocation lists and other certificates that travel with it). Brainpool curves and Ed25519 are refused.

    :raises TimestampError: it is not so; the message says the first that is not.
    """
    try:
        return _verify(decode(tsp.Token, token), digest, trust)
    except _LIBRARY_REFUSES as error:
        msg = "un certificat, une liste de révocation ou une valeur que signe le jeton est illisible, ou hors limites"
        raise TimestampError(msg) from error


@dataclass(frozen=True, slots=True)
class Existence:
    """What tokens over one file prove: ``proven``, strongest first, and which were ``refused``, by place, and why."""

    proven: tuple[Timestamp, ...]
    refused: tuple[tuple[int, str], ...]

    def before(self, moment: datetime) -> tuple[Timestamp, ...]:
        """Those that prove that the file existed before ``moment`` (aware), their inaccuracy counted against them."""
        return tuple(each for each in self.proven if each.latest < moment)


def existence(tokens: Iterable[bytes], digest: bytes, trust: Trust) -> Existence:
    """Judge many tokens over one file. The strongest proves the earliest date; of one date, the qualified first."""
    proven, refused = [], []
    for place, token in enumerate(tokens):
        try:
            proven.append(verify(token, digest, trust))
        except TimestampError as error:
            refused.append((place, str(error)))
    return Existence(tuple(sorted(proven, key=lambda each: (each.latest, not each.qualified))), tuple(refused))


def _verify(token: tsp.Token, digest: bytes, trust: Trust) -> Timestamp:
    signed, signer, said = cms.opened(token)
    hashed = authority.hash_of(said.imprint.algorithm)
    required(said.imprint.digest == digest and len(digest) == hashed.digest_size, "le jeton n'horodate pas ce fichier")
    beside = [asn1.encode_der(each) for each in signed.certificates or []]
    beside += [each.public_bytes(Encoding.DER) for each in trust.certificates]
    certificate = cms.named_certificate(signer, beside)
    authority.check_signature(signer, certificate)
    time, accuracy = said.time.as_datetime(), cms.accuracy(said.accuracy)
    path, qualified = _path(certificate, cms.readable(beside), trust, time)
    return Timestamp(
        time=time,
        accuracy=accuracy,
        latest=time + (accuracy or timedelta()),
        algorithm=hashed.name,
        digest=digest,
        policy=said.policy.dotted_string,
        serial=said.serial,
        tsa=certificate.subject.rfc4514_string(),
        certificate=certificate,
        anchor=path[-1],
        qualified=qualified,
        revocation_checked=authority.check_revocations(path, trust.revocations, time),
    )


def _path(
    certificate: x509.Certificate, beside: Sequence[x509.Certificate], trust: Trust, at: datetime
) -> tuple[list[x509.Certificate], bool]:
    """The chain to a configured certificate, and whether it is one of a qualified service."""
    refusal: VerificationError | None = None
    for anchors, qualified in ((trust.qualified, True), (trust.roots, False)):
        try:
            if anchors:
                return authority.chain(certificate, beside, anchors, at), qualified
        except VerificationError as error:
            refusal = error
    day = at.strftime("%d/%m/%Y")
    msg = f"le certificat n'est pas celui d'une autorité d'horodatage que l'on croit, valide le {day} (UTC)"
    raise TimestampError(msg) from refusal


def _oid(policy: str | None) -> ObjectIdentifier | None:
    try:
        return None if policy is None else ObjectIdentifier(policy)
    except ValueError as error:
        msg = f"« {policy} » n'est pas une politique (attendu : un OID, 1.2.3.4)"
        raise TimestampError(msg) from error

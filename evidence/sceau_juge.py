"""How a seal is judged. No sign of the library is believed alone: a file that was added to passes some of them."""

import asyncio
import logging
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from asn1crypto import x509 as asn1_x509  # type: ignore[import-untyped]  # the package has no types
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate, AdESStatus, AdESSubIndic
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.validation.ades import AdESLTAValidationResult, ades_lta_validation
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from evidence.sceau import LE_PLUS, Confiance, Etat, Niveau, SansSceauError, SceauError, Verdict
from ledger.days import paris_day
from ledger.francais import jour
from ledger.seal import timestamp
from ledger.seal.timestamp import Timestamp, Trust
from ledger.seal.tsp import TimestampError

CERTIFICATS: Final = 100
PADES: Final = "/ETSI.CAdES.detached"
SUITE_ADMISE: Final = {ModificationLevel.NONE, ModificationLevel.LTA_UPDATES}
COUVERT: Final = {SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION}
ILLISIBLE: Final = (
    PdfError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    NotImplementedError,
    OverflowError,
    RecursionError,
    UnsupportedAlgorithm,
    zlib.error,
)
"""What the library raises of a file that is none, or whose objects are not of the kind that it takes them for."""

MOTIFS: Final[dict[AdESSubIndic, str]] = {
    AdESFailure.HASH_FAILURE: "le document n'est plus celui qui a été scellé : son empreinte n'est pas celle du sceau",
    AdESFailure.SIG_CRYPTO_FAILURE: "la signature du sceau est fausse",
    AdESFailure.REVOKED: "un certificat du sceau était révoqué",
    AdESIndeterminate.REVOKED_NO_POE: "un certificat du sceau est révoqué, sans preuve que le sceau soit d'avant",
    AdESIndeterminate.REVOKED_CA_NO_POE: "une autorité du sceau est révoquée, sans preuve que le sceau soit d'avant",
    AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND: "le certificat du sceau ne remonte à aucune racine donnée",
    AdESIndeterminate.CERTIFICATE_CHAIN_GENERAL_FAILURE: "la chaîne de certificats du sceau n'est pas valable",
    AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE: "le certificat du sceau n'est pas fait pour signer",
    AdESIndeterminate.SIG_CONSTRAINTS_FAILURE: "le certificat du sceau n'est pas fait pour signer",
    AdESIndeterminate.OUT_OF_BOUNDS_NO_POE: "un certificat a expiré, sans preuve que le sceau soit d'avant",
    AdESIndeterminate.TRY_LATER: "la révocation d'un certificat du sceau n'a pas pu être vérifiée",
    AdESIndeterminate.NO_POE: "la révocation d'un certificat du sceau n'a pas pu être vérifiée à sa date",
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: "un algorithme du sceau n'est plus sûr",
}


for _name in ("pyhanko", "pyhanko_certvalidator"):
    # Tracebacks on standard error for what a message says: nothing of it is for a log.
    logging.getLogger(_name).addHandler(logging.NullHandler())
    logging.getLogger(_name).propagate = False


@dataclass(slots=True)
class _Constats:
    """What was found. ``faux``: what refuses; ``manque``: what is missing to believe it."""

    faux: list[str] = field(default_factory=list)
    manque: list[str] = field(default_factory=list)

    @property
    def etat(self) -> Etat:
        if self.faux:
            return Etat.NE_TIENT_PAS
        return Etat.NON_CONFIRME if self.manque else Etat.TIENT


def juger(pdf: bytes, confiance: Confiance) -> Verdict:
    """As of :func:`evidence.sceau.verifier_sceau`."""
    if len(pdf) > LE_PLUS:
        msg = f"le fichier fait plus de {LE_PLUS // 1_000_000} Mo : ce n'est pas un document que l'on ait scellé"
        raise SceauError(msg)
    try:
        return _juge(PdfFileReader(BytesIO(pdf)), confiance)
    except ILLISIBLE as error:
        msg = "le fichier, ou une signature qu'il porte, ne se lit pas : il est tronqué, altéré, ou n'est pas un PDF"
        raise SceauError(msg) from error


def _juge(reader: PdfFileReader, confiance: Confiance) -> Verdict:
    seals, stamps = reader.embedded_regular_signatures, reader.embedded_timestamp_signatures
    if not seals:
        msg = "le document ne porte aucun sceau"
        raise SansSceauError(msg)
    seal, found, lists = seals[0], _Constats(), _lists(reader)
    if len(seals) > 1:
        found.faux.append(f"le document porte {len(seals)} signatures, un document scellé n'en a qu'une")
    if seal.sig_object.get("/SubFilter") != PADES:
        found.manque.append("la signature n'est pas de la forme PAdES")
    for each in (seal, *stamps):
        _check_untouched(each, found)
    last, believed = _last_stamp(stamps, confiance.heure, lists, found)
    held, certificate = _held(reader, seal, stamps), _readable(seal.signer_cert)
    result = _ades(seal, confiance, held, last.time if last is not None and believed else None)
    if not _check_seal(result, confiance, found):
        found.manque += _known_of(certificate, held, lists)
    qualified = any(each in confiance.qualifiees for each in _path(result))
    if last is not None and believed:
        last = _checked(last, result, found)
    return Verdict(
        etat=found.etat,
        constats=tuple(dict.fromkeys((*found.faux, *found.manque))),
        signataire=certificate.subject.rfc4514_string(),
        emetteur=certificate.issuer.rfc4514_string(),
        niveau=_level(reader, seal, stamps),
        qualifie=qualified,
        date=seal.self_reported_timestamp,
        raison=_text(seal.sig_object.get("/Reason")),
        horodatage=last,
        reserves=tuple(_reserves(last, lists, qualified=qualified)),
    )


def _check_untouched(signature: EmbeddedPdfSignature, found: _Constats) -> None:
    """Whether nothing but validation data and time-stamps came after ``signature``, which covers all before it."""
    signature.compute_integrity_info()  # type: ignore[no-untyped-call]  # the library's own
    changes, allowed = signature.diff_result, signature.summarise_integrity_info()["docmdp_ok"]
    if signature.coverage not in COUVERT:
        found.faux.append("la signature ne couvre pas tout ce qui la précède dans le fichier")
    elif not isinstance(changes, DiffResult) or changes.modification_level not in SUITE_ADMISE:
        found.faux.append("le document a été modifié après avoir été scellé")
    elif allowed is not True:
        found.faux.append("le document a été modifié d'une façon que le sceau interdit")


def _last_stamp(
    stamps: Sequence[EmbeddedPdfSignature], trust: Trust, lists: "_Lists", found: _Constats
) -> tuple[Timestamp | None, bool]:
    """What the last time-stamp over the file says, and whether ``trust`` believes it."""
    if not stamps:
        found.manque.append("aucun horodatage ne couvre le document")
        return None, False
    if stamps[-1].coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        found.manque.append("le dernier horodatage ne couvre pas le fichier jusqu'à son dernier octet")
    token, digest = _token(stamps[-1], found), stamps[-1].compute_digest()
    try:
        return timestamp.verify(token, digest, replace(trust, revocations=[*trust.revocations, *lists.crls])), True
    except TimestampError as error:
        refused = f"horodatage : {error}"
    try:
        # By its own certificate: is the token false, or only somebody's whom nobody named?
        own = Trust(roots=[_readable(stamps[-1].signer_cert)])
        stranger = timestamp.verify(token, digest, own)
    except TimestampError:
        found.faux.append(refused)
        return None, False
    found.manque.append(refused)
    return stranger, False


def _token(stamp: EmbeddedPdfSignature, found: _Constats) -> bytes:
    """The token itself: the place that was kept for it is longer, and the rest of it must be empty."""
    held = bytes(stamp.pkcs7_content)
    size, start = held[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(held[2:start], "big")
    if held[start + size :].strip(b"\0"):
        found.faux.append("des octets étrangers suivent l'horodatage, là où rien ne les couvre")
    return held[: start + size]


def _checked(last: Timestamp, result: AdESLTAValidationResult, found: _Constats) -> Timestamp:
    """``last`` with what the library knows of its revocation: a chain of which every certificate was looked up."""
    if result.oldest_evidence_record_timestamp is None:
        found.manque.append("la révocation des certificats de l'horodatage n'a pas pu être vérifiée")
        return last
    return replace(last, revocation_checked=last.revocation_checked or last.anchor != last.certificate)


def _ades(
    seal: EmbeddedPdfSignature, confiance: Confiance, held: Sequence[x509.Certificate], at: datetime | None
) -> AdESLTAValidationResult:
    """What EN 319 102-1 (section 5.6.3) makes of it, by what the file holds: nothing is fetched."""
    time = confiance.heure
    spec = SignatureValidationSpec(
        cert_validation_policy=_policy(ancres([*confiance.racines, *confiance.qualifiees], held)),
        ts_cert_validation_policy=_policy(ancres([*time.roots, *time.qualified], [*held, *time.certificates])),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            RevinfoOnlineFetchingRule.LOCAL_ONLY, certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH
        ),
        local_knowledge=LocalKnowledge(known_certs=_asn1(time.certificates)),
        key_usage_settings=KeyUsageConstraints(
            key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False
        ),
    )
    moment = ValidationTimingInfo(at, at, point_in_time_validation=True) if at is not None else None
    return asyncio.run(ades_lta_validation(seal, PdfSignatureValidationSpec(spec), timing_info=moment))


def ancres(given: Sequence[x509.Certificate], known: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Where the library's chains may end: above each certificate that is ``given``, as far as ``known`` ones lead.

    It verifies no list that an intermediate signed when the chain ends with it. So the chain goes on above, and must
    pass by a certificate that is given (:func:`_check_seal`): who is above is not believed for that.
    """
    tops: list[x509.Certificate] = []
    for each in given:
        top, left = each, [*given, *known]
        while top.subject != top.issuer and (above := next((one for one in left if _issued(one, top)), None)):
            left.remove(above)
            top = above
        tops += [top] if top not in tops else []
    return tops


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _held(
    reader: PdfFileReader, seal: EmbeddedPdfSignature, stamps: Sequence[EmbeddedPdfSignature]
) -> list[x509.Certificate]:
    """Every certificate in the file: not believed, and at most so many."""
    found = [one for each in (seal, *stamps) for one in (each.signer_cert, *each.other_embedded_certs)]
    with suppress(NoDSSFoundError):
        found += DocumentSecurityStore.read_dss(reader).load_certs()
    return [_readable(each) for each in found[:CERTIFICATS]]


def _policy(anchors: Sequence[x509.Certificate]) -> CertValidationPolicySpec:
    return CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(_asn1(anchors)),
        revinfo_policy=CertRevTrustPolicy(RevocationCheckingPolicy.from_legacy("require")),
    )


def _check_seal(result: AdESLTAValidationResult, confiance: Confiance, found: _Constats) -> bool:
    """Whether the validation says yes, to a chain that passes by a certificate that is given."""
    status, indication = result.api_status, result.ades_subindic
    if status is None or not (status.intact and status.valid):
        found.faux.append(MOTIFS.get(indication, "la signature du sceau est fausse"))
        return False
    if indication.status is not AdESStatus.PASSED:
        said = MOTIFS.get(indication, f"la validation s'arrête à « {indication.standard_name} » (EN 319 102-1)")
        (found.faux if indication.status is AdESStatus.FAILED else found.manque).append(said)
        return False
    if not any(each in (*confiance.racines, *confiance.qualifiees) for each in _path(result)):
        found.manque.append(MOTIFS[AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND])
    elif not status.bottom_line and not found.faux and not found.manque:
        found.manque.append("l'horodatage de la signature n'est pas confirmé, ou un usage de la clé n'est pas admis")
    return True


def _known_of(certificate: x509.Certificate, held: Sequence[x509.Certificate], lists: "_Lists") -> Iterator[str]:
    """What may have led to a no that the library tells in other words."""
    if _issued(certificate, certificate):
        yield "le certificat du sceau s'est signé lui-même, et n'est pas de ceux que l'on croit"
    for each in dict.fromkeys(held):
        for one in lists.crls:
            entry = one.get_revoked_certificate_by_serial_number(each.serial_number)
            if entry is not None and one.issuer == each.issuer and _signed(one, held):
                since = jour(paris_day(entry.revocation_date_utc))
                name = each.subject.rfc4514_string()
                yield f"selon une liste que porte le document, « {name} » est révoqué depuis le {since}"


def _signed(found: x509.CertificateRevocationList, held: Sequence[x509.Certificate]) -> bool:
    for each in held:
        with suppress(ValueError, UnsupportedAlgorithm):
            key = each.public_key() if each.subject == found.issuer else None
            if isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey) and found.is_signature_valid(key):
                return True
    return False


def _path(result: AdESLTAValidationResult) -> list[x509.Certificate]:
    """The chain of the seal, its end included."""
    path = result.api_status.validation_path if result.api_status is not None else None
    return [] if path is None else [_readable(each) for each in path.iter_certs(include_root=True)]


@dataclass(frozen=True, slots=True)
class _Lists:
    """What the file holds about revocation, and when the oldest of it was made."""

    crls: Sequence[x509.CertificateRevocationList] = ()
    oldest: datetime | None = None


def _lists(reader: PdfFileReader) -> _Lists:
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return _Lists()
    crls = [x509.load_der_x509_crl(each.get_object().data) for each in store.crls]
    answers = [ocsp.load_der_ocsp_response(each.get_object().data) for each in store.ocsps]
    made = [each.last_update_utc for each in crls] + [each.produced_at_utc for each in answers]
    return _Lists(crls, min(made, default=None))


def _level(reader: PdfFileReader, seal: EmbeddedPdfSignature, stamps: Sequence[EmbeddedPdfSignature]) -> Niveau:
    if stamps and "/DSS" in reader.get_historical_root(stamps[-1].signed_revision):
        return Niveau.B_LTA
    if "/DSS" in reader.root:
        return Niveau.B_LT
    unsigned = seal.signer_info["unsigned_attrs"]
    stamped = any(each["type"].native == "signature_time_stamp_token" for each in unsigned or ())
    return Niveau.B_T if stamped or stamps else Niveau.B_B


def _reserves(last: Timestamp | None, lists: _Lists, *, qualified: bool) -> Iterator[str]:
    if lists.oldest is not None:
        made = jour(paris_day(lists.oldest))
        yield (
            f"La révocation est vérifiée par ce que porte le document, établi le {made} pour le plus ancien ; "
            "l'état des certificats depuis n'a pas été consulté."
        )
    if qualified:
        yield "Le sceau est dit qualifié d'après les certificats configurés ; la liste de confiance n'a pas été lue."
    if last is not None:
        yield from last.reserves


def _readable(certificate: Any) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificate.dump())


def _asn1(certificates: Sequence[x509.Certificate]) -> list[Any]:
    return [asn1_x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in certificates]


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str) else None

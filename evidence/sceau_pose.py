"""How a seal is put on a PDF. Nothing leaves half sealed: what cannot be verified here is not given back."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from asn1crypto import keys  # type: ignore[import-untyped]  # the package has no types
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper, SimpleSigner
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, TimestampDSSContentSettings
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import (
    CRLValidationError,
    ExpiredError,
    InsufficientRevinfoError,
    InvalidCertificateError,
    NotYetValidError,
    OCSPValidationError,
    PathBuildingError,
    PathError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.registry import SimpleCertificateStore

from evidence.sceau import LE_PLUS, Niveau, Sceau, SceauError
from evidence.sceau_juge import ancres, juger
from evidence.sceau_reseau import Budget, Stamper, fetchers
from ledger.days import paris_day
from ledger.errors import cause
from ledger.francais import jour

CHAMP: Final = "Sceau"
CHAMP_HEURE: Final = "Horodatage"
LIBELLE: Final = "Sceau électronique du registre"
LIBELLE_HEURE: Final = "Horodatage du document"
CLE_LE_PLUS: Final = 1 << 20
PHRASE_LE_PLUS: Final = 1024
MODULE: Final = 2048
"""Bits of an RSA key, at least."""
COURBES: Final = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
HORS_PAGE: Final = InvisSigSettings(box_out_of_bounds=True)
"""A field without tag is admitted by PDF/UA-1 out of the page only (7.18.1), by PDF/A-3 when it would be printed."""
AVANT_L_HEURE: Final = TimestampDSSContentSettings(include_vri=False, update_before_ts=True)
"""The last time-stamp covers the file to its last octet: whatever comes after it shows."""
REFUS: Final = (SigningError, ValidationError, PathError, CRLValidationError, OCSPValidationError)

MOTIFS: Final[tuple[tuple[tuple[type[Exception], ...], str], ...]] = (
    ((RevokedError,), "{certificat} est révoqué depuis le {le} ; demandez-en un autre"),
    ((ExpiredError,), "{certificat} a expiré le {le} ; renouvelez-le"),
    ((NotYetValidError,), "{certificat} n'est valable qu'à partir du {le} ; vérifiez l'horloge de cette machine"),
    (
        (InsufficientRevinfoError, CRLValidationError, OCSPValidationError),
        "la révocation d'un certificat n'a pas pu être vérifiée ({echecs}) ; réessayez quand ce service répondra",
    ),
    (
        (PathBuildingError,),
        (
            "un certificat ne remonte à aucune racine de CONSTAT_SEAL_ROOTS ou de CONSTAT_TSA_ROOTS ; ajoutez-la, et "
            "mettez les certificats intermédiaires dans le PKCS#12"
        ),
    ),
    (
        (InvalidCertificateError,),
        "le certificat n'annonce pas que sa clé sert à signer ; demandez un certificat de cachet électronique",
    ),
)


def sceller(pdf: bytes, sceau: Sceau, raison: str) -> bytes:
    """As of :func:`evidence.sceau.sceller`."""
    if len(pdf) > LE_PLUS:
        msg = f"le document fait plus de {LE_PLUS // 1_000_000} Mo : réduisez la période ou séparez-le, puis scellez"
        raise SceauError(msg)
    signer, budget = _signataire(sceau), Budget()
    try:
        scelle = asyncio.run(_pose(pdf, sceau, signer, raison, budget))
    except PdfError as error:
        msg = "le document à sceller n'est pas un PDF que l'on sache compléter"
        raise SceauError(msg) from error
    except REFUS as error:
        msg = f"le document n'a pas été scellé : {_motif(error, budget)}"
        raise SceauError(msg) from error
    verdict = juger(scelle, sceau.confiance)
    if not verdict.tient or verdict.niveau is not Niveau.B_LTA:
        pourquoi = " ; ".join(verdict.constats) or f"niveau {verdict.niveau.value}"
        msg = f"le sceau posé ne se vérifie pas, le document n'est pas rendu : {pourquoi}"
        raise SceauError(msg)
    return scelle


async def _pose(pdf: bytes, sceau: Sceau, signer: SimpleSigner, raison: str, budget: Budget) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    if next(iter(writer.prev.embedded_signatures), None) is not None:
        msg = "le document porte déjà une signature : scellez celui d'avant"
        raise SceauError(msg)
    trust = sceau.autorite.trust
    given = [*sceau.racines, *sceau.qualifiees, *trust.roots, *trust.qualified]
    above = [x509.load_der_x509_certificate(each.dump()) for each in signer.cert_registry]
    context = ValidationContext(
        trust_roots=_asn1(ancres(given, [*above, *trust.certificates])),
        other_certs=_asn1([*trust.certificates, *given]),
        fetchers=fetchers(budget),
        allow_fetching=True,
        revocation_mode="require",
    )
    stamper = Stamper(sceau.autorite, budget)
    metadata = PdfSignatureMetadata(
        field_name=CHAMP,
        md_algorithm="sha256",
        reason=raison,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        subfilter=SigSeedSubFilter.PADES,
        embed_validation_info=True,
        validation_context=context,
        signer_key_usage=_usage(signer),
        dss_settings=DSSContentSettings(include_vri=False),
    )
    field = SigFieldSpec(CHAMP, invis_sig_settings=HORS_PAGE, readable_field_name=LIBELLE)
    signed = BytesIO()
    await PdfSigner(metadata, signer, timestamper=stamper, new_field_spec=field).async_sign_pdf(writer, output=signed)
    last = PdfTimeStamper(stamper, field_name=CHAMP_HEURE, invis_settings=HORS_PAGE, readable_field_name=LIBELLE_HEURE)
    await last.async_timestamp_pdf(
        IncrementalPdfFileWriter(signed), "sha256", context, in_place=True, dss_settings=AVANT_L_HEURE
    )
    return signed.getvalue()


def _usage(signer: SimpleSigner) -> set[str]:
    """What its certificate must say that its key is for: to sign, in whichever of the two ways it says so."""
    declared = signer.signing_cert.key_usage_value if signer.signing_cert is not None else None
    stated = set() if declared is None else declared.native
    return {"digital_signature"} if "digital_signature" in stated else {"non_repudiation"}


def _signataire(sceau: Sceau) -> SimpleSigner:
    octets = _lu(sceau.cle, CLE_LE_PLUS, "CONSTAT_SEAL_P12")
    phrase = _phrase(sceau.phrase) if sceau.phrase is not None else None
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(octets, phrase)
    except (ValueError, UnsupportedAlgorithm):
        msg = (
            f"{sceau.cle.name} ne s'ouvre pas : ce n'est pas un fichier PKCS#12, ou sa phrase de passe n'est pas dans "
            "le fichier que CONSTAT_SEAL_P12_PASSWORD nomme"
        )
        raise SceauError(msg) from None
    if key is None or certificate is None or key.public_key() != certificate.public_key():
        msg = f"{sceau.cle.name} n'a pas une clé et son certificat : exportez les deux dans un fichier PKCS#12"
        raise SceauError(msg)
    if not _admise(key):
        attendu = f"ECDSA (P-256 à P-521), ou RSA d'au moins {MODULE} bits"
        msg = f"la clé de {sceau.cle.name} ne convient pas ; attendu : {attendu}"
        raise SceauError(msg)
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # the library's own
    store.register_multiple(_asn1(others))
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SimpleSigner(_asn1([certificate])[0], keys.PrivateKeyInfo.load(der), store)


def _admise(key: object) -> bool:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.key_size >= MODULE
    return isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, COURBES)


def _lu(path: Path, most: int, setting: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        msg = f"{path.name} ({setting}) : {cause(error)}"
        raise SceauError(msg) from error
    if not 0 < len(content) <= most:
        msg = f"{path.name} ({setting}) est vide ou trop long"
        raise SceauError(msg)
    return content


def _phrase(path: Path) -> bytes:
    first = _lu(path, PHRASE_LE_PLUS, "CONSTAT_SEAL_P12_PASSWORD").split(b"\n")[0].rstrip(b"\r")
    if not first:
        msg = f"{path.name} (CONSTAT_SEAL_P12_PASSWORD) : la première ligne est vide"
        raise SceauError(msg)
    return first


def _asn1(certificates: Sequence[x509.Certificate]) -> list[Any]:
    return [asn1_x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in certificates]


def _motif(error: BaseException, budget: Budget) -> str:
    """Why, and what to do: of the first cause that says it."""
    for each in _causes(error):
        if isinstance(each, SceauError):
            return str(each)
        for kinds, said in MOTIFS:
            if isinstance(each, kinds):
                echecs = " ; ".join(budget.echecs) or "aucune liste à jour n'en parle, ou il n'en nomme pas"
                return said.format(certificat=_nom(each), le=_le(each), echecs=echecs)
    return "un certificat n'est pas admis (chaîne ou algorithme) ; vérifiez celui du PKCS#12 et ceux au-dessus"


def _le(error: BaseException) -> str:
    moments = (getattr(error, name, None) for name in ("revocation_dt", "expired_dt", "valid_from"))
    return next((jour(paris_day(each)) for each in moments if isinstance(each, datetime)), "")


def _nom(error: BaseException) -> str:
    """Whose certificate: the last of the chain, of which the one that is meant may be above."""
    path = getattr(error, "original_path", None)
    if path is None or not isinstance(path.leaf, asn1_x509.Certificate):
        return "un certificat"
    return f"le certificat « {path.leaf.subject.native.get('common_name', '?')} », ou un au-dessus de lui,"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__

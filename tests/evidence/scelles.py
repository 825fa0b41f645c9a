"""Sealed documents, what is in them, and what somebody adds to them.

Another test module takes the fixture by naming it: ``sealed = scelles.sealed``.
"""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from typing import Any, Final

import pytest
from asn1crypto import crl as asn1_crl  # type: ignore[import-untyped]  # the package has no types
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore

from evidence.documents import inventaire_pdf
from evidence.inventaire import Inventaire, Piece
from evidence.sceau import Confiance, Etat, SceauError, sceller, verifier_sceau
from evidence.sceau_reseau import Budget, Stamper
from tests.evidence.pki import Maison
from tests.seal.tsa import Party

TOKEN: Final = b"/Contents <"
HEX: Final = re.compile(rb"/Contents <([0-9A-Fa-f]+)>")


@cache
def document(libelle: str = "Passeport fictif") -> bytes:
    """A document that may be sealed."""
    return inventaire_pdf(Inventaire().avec([Piece(libelle=libelle, sha256="a" * 64)]), date(2026, 7, 1))


@pytest.fixture(scope="module")
def sealed(maison: Maison) -> bytes:
    """It, sealed."""
    return sceller(document(), maison.sceau())


def outcome(pdf: bytes, confiance: Confiance) -> Etat | None:
    """What is thought of its seal; ``None`` where none can be read."""
    try:
        return verifier_sceau(pdf, confiance).etat
    except SceauError:
        return None


def contents(pdf: bytes) -> list[bytes]:
    """The signatures in the file, in order: that of the seal, then time-stamps; what was kept for them and is empty goes."""
    found = [bytes.fromhex(each.decode()) for each in HEX.findall(pdf)]
    return [each[: 4 + int.from_bytes(each[2:4], "big")] for each in found]


def ranges(pdf: bytes) -> list[bytes]:
    """What each of them signs."""
    found = re.findall(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+) *\]", pdf)
    return [b"".join(pdf[int(at) : int(at) + int(size)] for at, size in (each[:2], each[2:])) for each in found]


def ends(pdf: bytes) -> list[int]:
    """Where each revision of the file ends."""
    return [found.end() for found in re.finditer(rb"%%EOF\n?", pdf)]


def added(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], Any]) -> bytes:
    """``pdf`` with an incremental update, as an editor makes one."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def with_lists(pdf: bytes, *lists: bytes) -> bytes:
    """``pdf`` with more lists of revocation among its data of validation."""
    out = BytesIO(pdf)
    DocumentSecurityStore.add_dss(out, sig_contents=None, crls=[asn1_crl.CertificateList.load(each) for each in lists])
    return out.getvalue()


def stamped(pdf: bytes, maison: Maison) -> bytes:
    """``pdf`` with one more time-stamp over the whole of it, as renewals of B-LTA are."""
    out = BytesIO(pdf)
    stamper = PdfTimeStamper(Stamper(maison.sceau().autorite, Budget()), field_name="Encore")
    asyncio.run(stamper.async_timestamp_pdf(IncrementalPdfFileWriter(out), "sha256", in_place=True))
    return out.getvalue()


def revoking(issuer: Party, revoked: Party, at: datetime) -> bytes:
    """The list of now in which ``issuer`` says that ``revoked`` has been so since ``at``."""
    now = datetime.now(UTC)
    entry = x509.RevokedCertificateBuilder().serial_number(revoked.certificate.serial_number).revocation_date(at)
    identified = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.certificate.public_key())
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now)
        .next_update(now + timedelta(days=1))
        .add_extension(identified, critical=False)
        .add_extension(x509.CRLNumber(2), critical=False)
        .add_revoked_certificate(entry.build())
    )
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)

"""A sealed PDF: what it stays, what its seal proves, to whom, and who confirms nothing."""

import dataclasses
import shutil
import subprocess
import time
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader

from evidence.rapport import rapport_pdf
from evidence.sceau import Confiance, Etat, Niveau, SansSceauError, SceauError, Verdict, sceller, verifier_sceau
from ledger.seal.couriers import Authority
from ledger.seal.timestamp import Trust
from tests.evidence import pki, scelles
from tests.evidence.pdf import verifier_pdf
from tests.evidence.pki import Maison, publish_all, usage
from tests.evidence.rapports import du_cas
from tests.evidence.scelles import contents, document, ranges, revoking, stamped, with_lists
from tests.seal.tsa import TIME_STAMPING, LocalTsa, certify, second_opinion

maison = pki.maison
sealed = scelles.sealed

QUALIFIED = x509.UnrecognizedExtension(
    x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3"),
    bytes.fromhex("301f300806060400 8e460101 3013060604008e4601063009060704 008e46010602".replace(" ", "")),
)
"""What the certificate of a qualified seal says of itself: QcCompliance, QcType eseal (EN 319 412-5)."""


def test_it_stays_what_it_was_and_says_who_and_when(maison: Maison, sealed: bytes) -> None:
    """PDF/A-3a and PDF/UA-1 as before, level B-LTA, by whom, certified against every change, dated by the authority."""
    verifier_pdf(sealed, joints=[])
    assert sealed.startswith(document())
    verdict = verifier_sceau(sealed, maison.confiance)
    assert verdict.etat is Etat.TIENT
    assert (verdict.constats, verdict.niveau, verdict.qualifie) == ((), Niveau.B_LTA, False)
    assert (verdict.signataire, verdict.emetteur) == ("CN=Cachet fictif du registre", "CN=AC fictive")
    assert verdict.raison == "Document établi à partir du registre"
    now = datetime.now(UTC)
    assert verdict.horodatage is not None
    assert verdict.date is not None
    assert abs(verdict.horodatage.time - now) < timedelta(minutes=5)
    assert abs(verdict.date - now) < timedelta(minutes=5)
    assert verdict.horodatage.label == "horodatage non qualifié"
    reader = PdfFileReader(BytesIO(sealed))
    assert [each.docmdp_level.value for each in reader.embedded_regular_signatures] == [1]
    assert [str(each.coverage) for each in verified(reader)] == [
        "SignatureCoverageLevel.ENTIRE_REVISION", "SignatureCoverageLevel.ENTIRE_FILE",
    ]  # fmt: skip


def verified(reader: PdfFileReader) -> list[Any]:
    """The signatures of a file, once the library has looked at what they cover."""
    for each in reader.embedded_signatures:
        each.compute_integrity_info()
    return list(reader.embedded_signatures)


def test_what_was_not_verified_is_said(maison: Maison, sealed: bytes) -> None:
    """Lists are those of the file, and their date is given; nothing more is claimed of it."""
    said = verifier_sceau(sealed, maison.confiance).reserves
    assert [each for each in said if "par ce que porte le document, établi le" in each]
    assert not [each for each in said if "qualifié" in each]
    assert not [each for each in said if "service d'horodatage n'a pas été vérifiée" in each]


def test_other_tools_agree(maison: Maison, sealed: bytes, tmp_path: Path) -> None:
    """``openssl cms`` accepts the seal, ``openssl ts`` the time-stamp, ``pdfsig`` the signature, each by itself."""
    signature, stamp = contents(sealed)
    signed, stamped = ranges(sealed)
    roots, data = tmp_path / "racines.pem", tmp_path / "octets"
    roots.write_bytes(maison.root.pem)
    data.write_bytes(signed)
    (tmp_path / "cms").write_bytes(signature)
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "cms", "-content", data]
    done = subprocess.run(
        [*command, "-CAfile", roots, "-purpose", "any", "-out", "/dev/null"], capture_output=True, check=False
    )
    assert b"successful" in done.stderr, done
    data.write_bytes(signed[:-1])
    done = subprocess.run([*command, "-CAfile", roots, "-purpose", "any"], capture_output=True, check=False)
    assert done.returncode != 0
    assert second_opinion(stamp, stamped, maison.tsa.root.certificate, tmp_path)
    assert not second_opinion(stamp, stamped + b" ", maison.tsa.root.certificate, tmp_path)
    if shutil.which("pdfsig"):
        (tmp_path / "scelle.pdf").write_bytes(sealed)
        told = subprocess.run(["pdfsig", tmp_path / "scelle.pdf"], capture_output=True, check=False, text=True).stdout
        assert "Signature is Valid" in told
        assert "Cachet fictif du registre" in told
        assert "Total document signed" in told


def test_the_lists_are_inside(maison: Maison, sealed: bytes) -> None:
    """Certificates and lists of revocation, of the seal and of the authority of time, are in the file, once each."""
    reader = PdfFileReader(BytesIO(sealed))
    kept = [each.get_object().data for each in reader.root["/DSS"]["/CRLs"]]
    assert sorted(kept) == sorted(maison.lists.body[f"/{name}.crl"] for name in ("racine", "ac", "heure"))
    certificates = {each.get_object().data for each in reader.root["/DSS"]["/Certs"]}
    for party in (maison.seal, maison.issuer, maison.tsa.authority):
        assert party.certificate.public_bytes(Encoding.DER) in certificates


def test_a_renewal_holds(maison: Maison, sealed: bytes) -> None:
    """A time-stamp over the whole sealed file, as renewals of B-LTA are, is no change; the last one dates it."""
    before, after = (verifier_sceau(each, maison.confiance) for each in (sealed, stamped(sealed, maison)))
    assert after.tient
    assert before.horodatage is not None
    assert after.horodatage is not None
    assert after.horodatage.time >= before.horodatage.time
    assert after.horodatage.digest != before.horodatage.digest


def test_who_is_not_believed_confirms_nothing(maison: Maison, sealed: bytes) -> None:
    """Without the root of the seal, or of time, nothing is said to be false, and nothing to hold."""
    known = maison.confiance
    stranger = certify("Racine d'ailleurs", ca=True, more=(usage("key_cert_sign", "crl_sign"),)).certificate
    for confiance, because in (
        (Confiance(), "aucune racine"),
        (dataclasses.replace(known, racines=[stranger]), "aucune racine"),
        (dataclasses.replace(known, heure=Trust()), "horodatage"),
        (dataclasses.replace(known, heure=Trust(roots=[stranger])), "horodatage"),
        (Confiance(known.heure.roots, (), Trust(roots=known.racines)), "aucune racine"),
    ):
        verdict = verifier_sceau(sealed, confiance)
        assert verdict.etat is Etat.NON_CONFIRME
        assert because in " ; ".join(verdict.constats)
        assert verdict.signataire == "CN=Cachet fictif du registre"
        assert not verdict.qualifie


def test_an_intermediate_may_be_the_root(maison: Maison, sealed: bytes) -> None:
    """Whoever believes the issuing authority alone need not believe the root above it."""
    narrow = dataclasses.replace(maison.confiance, racines=[maison.issuer.certificate])
    assert verifier_sceau(sealed, narrow).tient


def test_qualified_is_what_is_configured_as_qualified(maison: Maison, sealed: bytes) -> None:
    """The issuing authority of the trusted list makes the seal qualified, its own root time; each with its reserve."""
    known = maison.confiance
    for each in (
        dataclasses.replace(known, racines=[], qualifiees=[maison.issuer.certificate]),
        dataclasses.replace(known, qualifiees=[maison.issuer.certificate]),
    ):
        verdict = verifier_sceau(sealed, each)
        assert verdict.tient
        assert verdict.qualifie
        assert [said for said in verdict.reserves if "Le sceau est dit qualifié" in said]
    clock = dataclasses.replace(known, heure=Trust(qualified=known.heure.roots))
    verdict = verifier_sceau(sealed, clock)
    assert not verdict.qualifie
    assert verdict.horodatage is not None
    assert verdict.horodatage.label == "horodatage qualifié"


def test_it_holds_when_its_lists_are_out_of_date(maison: Maison) -> None:
    """It is judged at the date of its time-stamp: a list that has expired since, and a certificate, take nothing away."""
    soon = maison.certified(until=datetime.now(UTC) + timedelta(seconds=4))
    try:
        for name, issuer in (("racine.crl", maison.root), ("ac.crl", maison.issuer), ("heure.crl", maison.tsa.root)):
            maison.lists.publish(name, issuer, until=timedelta(seconds=4))
        sealed = sceller(document(), maison.sceau(soon))
        time.sleep(5)
        verdict = verifier_sceau(sealed, maison.confiance)
        assert verdict.etat is Etat.TIENT
        assert verdict.constats == ()
    finally:
        publish_all(maison)


def test_an_answer_of_a_responder_will_do(maison: Maison) -> None:
    """A certificate that names no list but an OCSP responder is sealed with; the answer is in the file."""
    party = maison.certified(more=(usage("content_commitment"), maison.lists.responder("ocsp")))
    maison.lists.answer("ocsp", maison.issuer, party)
    sealed = sceller(document(), maison.sceau(party))
    reader = PdfFileReader(BytesIO(sealed))
    assert len(reader.root["/DSS"]["/OCSPs"]) == 1
    verdict = verifier_sceau(sealed, maison.confiance)
    assert verdict.tient


def test_another_authority_of_time_confirms_nothing(maison: Maison, tmp_path: Path) -> None:
    """Sealed with the time of somebody whom this reader does not believe: told as a stranger's, and not confirmed."""
    root = certify("Racine d'une autre heure", ca=True, more=(usage("key_cert_sign", "crl_sign"),))
    more = (usage("digital_signature"), maison.lists.at("autre.crl"))
    maison.lists.publish("autre.crl", root)
    tsa = LocalTsa(tmp_path, root, certify("Autre horloge", root, usage=TIME_STAMPING, more=more))
    try:
        theirs = maison.sceau(autorite=Authority(tsa.url, Trust(roots=[root.certificate])))
        sealed = sceller(document(), theirs)
    finally:
        tsa.stop()
    assert verifier_sceau(sealed, theirs.confiance).tient
    verdict = verifier_sceau(sealed, maison.confiance)
    assert verdict.etat is Etat.NON_CONFIRME
    assert verdict.horodatage is not None
    assert verdict.horodatage.tsa == "CN=Autre horloge"


def test_a_plain_document_and_no_document(maison: Maison) -> None:
    """No seal is no verdict; a file that is none is refused in words."""
    with pytest.raises(SansSceauError, match="aucun sceau"):
        verifier_sceau(document(), maison.confiance)
    for raw in (b"", b"%PDF-1.7\n", b"PK\x03\x04", b"%PDF-1.7\n1 0 obj<<>>endobj\nstartxref\n9\n%%EOF"):
        with pytest.raises(SceauError, match="ne se lit pas"):
            verifier_sceau(raw, maison.confiance)


def test_the_verdict_of_one_file_is_the_same_twice(maison: Maison, sealed: bytes) -> None:
    """No clock enters the verdict of a seal that holds."""
    verdicts: list[Verdict] = [verifier_sceau(sealed, maison.confiance) for _ in range(2)]
    assert verdicts[0] == verdicts[1]
    assert verdicts[0].horodatage is not None
    assert verdicts[0].horodatage.digest == sha256(ranges(sealed)[-1]).digest()


def test_a_sealed_report_stays_what_it_was(maison: Maison) -> None:
    """The report that a judge reads, sealed: still PDF/A-3a and PDF/UA-1 (as veraPDF says, in test_modeles), and its seal holds."""
    report = rapport_pdf(du_cas("A09"), date(2026, 11, 27))
    sealed = sceller(report, maison.sceau())
    verifier_pdf(sealed, joints=[])
    assert sealed.startswith(report)
    assert verifier_sceau(sealed, maison.confiance).tient


@pytest.mark.parametrize("renewed", [True, False], ids=["stamped again", "as it is"])
@pytest.mark.parametrize("who", ["seal", "issuer", "clock"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_what_was_revoked(maison: Maison, sealed: bytes, who: str, when: str, *, renewed: bool) -> None:
    """Revoked since it was sealed, as a later list in the file says: it holds, when a time-stamp covers that list.

    Revoked before, it does not; nor when nothing proves which was first, nor when it is the authority of time, whose word
    is worth nothing any more.
    """
    issuer, revoked = {
        "seal": (maison.issuer, maison.seal),
        "issuer": (maison.root, maison.issuer),
        "clock": (maison.tsa.root, maison.tsa.authority),
    }[who]
    stamp = verifier_sceau(sealed, maison.confiance).horodatage
    assert stamp is not None
    at = stamp.time + timedelta(seconds=1) if when == "after" else stamp.time - timedelta(hours=2)
    told = with_lists(sealed, revoking(issuer, revoked, at))
    verdict = verifier_sceau(stamped(told, maison) if renewed else told, maison.confiance)
    if renewed and when == "after" and who != "clock":
        assert (verdict.etat, verdict.constats) == (Etat.TIENT, ())
    else:
        assert verdict.etat is Etat.NON_CONFIRME
        assert [each for each in verdict.constats if "révoqué" in each], verdict.constats


def test_a_seal_that_pretends_to_be_qualified(maison: Maison) -> None:
    """Signed by itself, in the name of the true one, saying of itself that it is qualified: nobody, and not qualified.

    Its time-stamps are those of an authority that is believed, which stamps for anybody.
    """
    name = maison.seal.certificate.subject
    own = certify("x", subject=name, more=(usage("content_commitment"), (QUALIFIED, False)))
    twin = certify("x", ca=True, subject=maison.issuer.certificate.subject, more=(usage("key_cert_sign", "crl_sign"),))
    maison.lists.publish("jumelle.crl", twin)
    beneath = certify(
        "x", twin, subject=name, more=(usage("content_commitment"), maison.lists.at("jumelle.crl"), (QUALIFIED, False))
    )
    known = dataclasses.replace(maison.confiance, qualifiees=[maison.issuer.certificate])
    for party, root, others, because in (
        (own, own, (), "le certificat du sceau s'est signé lui-même, et n'est pas de ceux que l'on croit"),
        (beneath, twin, (twin,), "le certificat du sceau ne remonte à aucune racine donnée"),
    ):
        theirs = maison.sceau(party, others=others, racines=[root.certificate])
        verdict = verifier_sceau(sceller(document(), theirs), known)
        assert (verdict.etat, verdict.qualifie) == (Etat.NON_CONFIRME, False)
        assert because in verdict.constats
        assert verdict.signataire == "CN=Cachet fictif du registre"
        assert not [each for each in verdict.reserves if "qualifié" in each]

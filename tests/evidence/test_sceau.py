"""A sealed PDF: what it stays, what its seal proves, to whom, and that whatever was done to it since is seen."""

import asyncio
import dataclasses
import random
import re
import shutil
import subprocess
import time
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESStatus
from pyhanko.sign.signers import PdfTimeStamper

from evidence import sceau_juge
from evidence.documents import inventaire_pdf
from evidence.inventaire import Inventaire, Piece
from evidence.sceau import Confiance, Etat, Niveau, SansSceauError, SceauError, Verdict, sceller, verifier_sceau
from evidence.sceau_reseau import Budget, Stamper
from ledger.seal.couriers import Authority
from ledger.seal.timestamp import Trust
from tests.evidence import pki
from tests.evidence.pdf import verifier_pdf
from tests.evidence.pki import Maison, publish_all, usage
from tests.seal.tsa import TIME_STAMPING, LocalTsa, certify, second_opinion

maison = pki.maison

LOGGED = b"/Contents <"
HEX = re.compile(rb"/Contents <([0-9A-Fa-f]+)>")


def document(libelle: str = "Passeport fictif") -> bytes:
    """A document that may be sealed."""
    return inventaire_pdf(Inventaire().avec([Piece(libelle=libelle, sha256="a" * 64)]), date(2026, 7, 1))


@pytest.fixture(scope="module")
def sealed(maison: Maison) -> bytes:
    """It, sealed."""
    return sceller(document(), maison.sceau())


def contents(pdf: bytes) -> list[bytes]:
    """The signatures in the file, in order: that of the seal, then time-stamps; what was kept for them and is empty goes."""
    found = [bytes.fromhex(each.decode()) for each in HEX.findall(pdf)]
    return [each[: 4 + int.from_bytes(each[2:4], "big")] for each in found]


def ranges(pdf: bytes) -> list[bytes]:
    """What each of them signs."""
    found = re.findall(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+) *\]", pdf)
    return [b"".join(pdf[int(at) : int(at) + int(size)] for at, size in (each[:2], each[2:])) for each in found]


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


def added(pdf: bytes, change: Any) -> bytes:
    """``pdf`` with an incremental update, as an editor makes one."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def write_over(writer: IncrementalPdfFileWriter) -> None:
    """Something else is painted."""
    page = writer.root["/Pages"]["/Kids"].raw_get(0)
    painted = writer.add_object(generic.StreamObject(stream_data=b"BT /F 12 Tf (autre) Tj ET"))
    page.get_object()["/Contents"] = painted
    writer.mark_update(page)


def annotate(writer: IncrementalPdfFileWriter) -> None:
    """A note is stuck on it."""
    note = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
            generic.pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 300, 300))),
            generic.pdf_name("/Contents"): generic.TextStringObject("autre"),
        }
    )
    page = writer.root["/Pages"]["/Kids"].raw_get(0)
    found = page.get_object()
    found["/Annots"] = generic.ArrayObject([*found.get("/Annots", ()), writer.add_object(note)])
    writer.mark_update(page)


def rename(writer: IncrementalPdfFileWriter) -> None:
    """Its language is said to be another."""
    writer.root["/Lang"] = generic.TextStringObject("en")
    writer.update_root()


def fill(writer: IncrementalPdfFileWriter) -> None:
    """A field is added to its form."""
    field = generic.DictionaryObject(
        {
            generic.pdf_name("/FT"): generic.pdf_name("/Tx"),
            generic.pdf_name("/T"): generic.TextStringObject("champ"),
            generic.pdf_name("/V"): generic.TextStringObject("autre"),
        }
    )
    form = writer.root["/AcroForm"]
    form["/Fields"].append(writer.add_object(field))
    writer.update_container(form["/Fields"])


@pytest.mark.parametrize("change", [write_over, annotate, rename, fill])
def test_what_is_added_after_the_seal_is_refused(maison: Maison, sealed: bytes, change: Any) -> None:
    """An incremental update leaves the seal's own octets as they were, and is refused: the page, a note, the rest."""
    hostile = added(sealed, change)
    assert hostile.startswith(sealed)
    verdict = verifier_sceau(hostile, maison.confiance)
    assert verdict.etat is Etat.NE_TIENT_PAS
    assert [each for each in verdict.constats if "modifié" in each]


def test_no_sign_of_the_library_is_believed_alone(
    maison: Maison, sealed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The AdES validation of a file that was written over passes: only what was changed since, apart, refuses it."""
    hostile = added(sealed, write_over)
    seen = []

    def noted(*arguments: Any) -> Any:
        seen.append(real(*arguments))
        return seen[-1]

    real = sceau_juge._ades  # noqa: SLF001 - what the library says, before the rest is looked at
    monkeypatch.setattr(sceau_juge, "_ades", noted)
    assert not verifier_sceau(hostile, maison.confiance).tient
    assert [each.ades_subindic.status for each in seen] == [AdESStatus.PASSED]
    assert seen[0].api_status.intact
    assert seen[0].api_status.valid


def test_a_new_stamp_does_not_heal_it(maison: Maison, sealed: bytes) -> None:
    """Written over, then stamped again by the same authority, to the last octet: refused all the same."""
    out = BytesIO(added(sealed, write_over))
    stamper = PdfTimeStamper(Stamper(maison.sceau().autorite, Budget()), field_name="Encore")
    asyncio.run(stamper.async_timestamp_pdf(IncrementalPdfFileWriter(out), "sha256", in_place=True))
    assert verifier_sceau(out.getvalue(), maison.confiance).etat is Etat.NE_TIENT_PAS


def test_a_renewal_holds(maison: Maison, sealed: bytes) -> None:
    """A time-stamp over the whole sealed file, as renewals of B-LTA are, is no change; the last one dates it."""
    out = BytesIO(sealed)
    stamper = PdfTimeStamper(Stamper(maison.sceau().autorite, Budget()), field_name="Encore")
    asyncio.run(stamper.async_timestamp_pdf(IncrementalPdfFileWriter(out), "sha256", in_place=True))
    before, after = (verifier_sceau(each, maison.confiance) for each in (sealed, out.getvalue()))
    assert after.tient
    assert before.horodatage is not None
    assert after.horodatage is not None
    assert after.horodatage.time >= before.horodatage.time
    assert after.horodatage.digest != before.horodatage.digest


def test_octets_after_the_end_are_refused(maison: Maison, sealed: bytes) -> None:
    """A file may not go on after what the last time-stamp covers, were it by an empty line or by another document."""
    for more in (b"\n", b"% rien\n", b"%PDF-1.7\n", document()):
        assert outcome(sealed + more, maison.confiance) is not Etat.TIENT


def outcome(pdf: bytes, confiance: Confiance) -> Etat | None:
    """What is thought of its seal; ``None`` where none can be read."""
    try:
        return verifier_sceau(pdf, confiance).etat
    except SceauError:
        return None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1 << 32))
def test_no_octet_can_be_changed(maison: Maison, sealed: bytes, seed: int) -> None:
    """One octet of the file changed, wherever it is, outside the token itself: the seal does not hold, nothing crashes."""
    dice = random.Random(seed)  # noqa: S311 - a place in a file
    start = sealed.rindex(LOGGED) + len(LOGGED)
    covered = [*range(start), *range(sealed.index(b">", start), len(sealed))]
    place = dice.choice(covered)
    changed = bytearray(sealed)
    changed[place] ^= dice.randrange(1, 256)
    assert outcome(bytes(changed), maison.confiance) is not Etat.TIENT


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1 << 32))
def test_nothing_that_is_read_crashes(maison: Maison, sealed: bytes, seed: int) -> None:
    """Pieces cut out, doubled, or overwritten: a verdict or a refusal in words, and never that it holds."""
    dice = random.Random(seed)  # noqa: S311 - a place in a file
    start, size = dice.randrange(len(sealed)), dice.randrange(1, 5000)
    more = dice.choice([b"", sealed[start : start + size] * 2, b"\0" * size, b"<<" * size, b"[" * size])
    changed = sealed[:start] + more + sealed[start + size :]
    assert changed == sealed or outcome(changed, maison.confiance) is not Etat.TIENT


def test_octets_hidden_beside_the_token_are_refused(maison: Maison, sealed: bytes) -> None:
    """What was kept for the last token and is not used stays empty: nothing covers it."""
    end = sealed.rindex(b"00>")
    assert verifier_sceau(sealed[:end] + b"41>" + sealed[end + 3 :], maison.confiance).etat is Etat.NE_TIENT_PAS


def test_a_seal_whose_stamp_was_cut_off_is_not_confirmed(maison: Maison, sealed: bytes) -> None:
    """The file as it was before its last time-stamp, or before its seal: less is said of it, and no more than is so."""
    ends = [found.end() for found in re.finditer(rb"%%EOF\n?", sealed)]
    first, *_, before_stamp, whole = ends
    assert whole == len(sealed)
    verdict = verifier_sceau(sealed[:before_stamp], maison.confiance)
    assert verdict.etat is Etat.NON_CONFIRME
    assert verdict.niveau is Niveau.B_LT
    assert "aucun horodatage" in verdict.constats[0]
    with pytest.raises(SansSceauError):
        verifier_sceau(sealed[:first], maison.confiance)
    assert sealed[:first].rstrip() == document().rstrip()


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


def test_a_token_of_another_file_is_refused(maison: Maison, sealed: bytes) -> None:
    """The last time-stamp of one sealed file put into another: it does not date what it does not cover."""
    other = sceller(document("Acte fictif"), maison.sceau())
    (kept, taken) = (HEX.findall(each)[-1] for each in (sealed, other))
    forged = sealed.replace(kept, taken.ljust(len(kept), b"0")[: len(kept)])
    verdict = verifier_sceau(forged, maison.confiance)
    assert verdict.etat is Etat.NE_TIENT_PAS
    assert verdict.horodatage is None


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

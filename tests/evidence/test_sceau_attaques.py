"""Whatever was done to a sealed PDF is seen: what is added, changed, cut off, put in the place of something else."""

import dataclasses
import random
import zlib
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any, Final

import pikepdf
import pytest
from asn1crypto import x509 as asn1_x509  # type: ignore[import-untyped]  # the package has no types
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.ades.report import AdESFailure, AdESStatus
from pyhanko.sign.validation.dss import DocumentSecurityStore

from evidence import sceau_juge
from evidence.recus import recu_pdf
from evidence.sceau import LE_PLUS, Confiance, Etat, Niveau, SansSceauError, SceauError, sceller, verifier_sceau
from tests.evidence import pki, scelles
from tests.evidence.pki import Maison
from tests.evidence.scelles import HEX, TOKEN, added, document, ends, outcome, stamped
from tests.seal.receipts import GOLDEN
from tests.seal.tsa import certify

maison = pki.maison
sealed = scelles.sealed

RECU: Final = (GOLDEN / "acte.recu").read_bytes()
AUTRE: Final = RECU.replace(b"CRPA", b"XXXX")


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
    assert verifier_sceau(stamped(added(sealed, write_over), maison), maison.confiance).etat is Etat.NE_TIENT_PAS


def test_octets_after_the_end_are_refused(maison: Maison, sealed: bytes) -> None:
    """A file may not go on after what the last time-stamp covers, were it by an empty line or by another document."""
    for more in (b"\n", b"% rien\n", b"%PDF-1.7\n", document()):
        assert outcome(sealed + more, maison.confiance) is not Etat.TIENT


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1 << 32))
def test_no_octet_can_be_changed(maison: Maison, sealed: bytes, seed: int) -> None:
    """One octet of the file changed, wherever it is, outside the token itself: the seal does not hold, nothing crashes."""
    dice = random.Random(seed)  # noqa: S311 - a place in a file
    start = sealed.rindex(TOKEN) + len(TOKEN)
    covered = [*range(start), *range(sealed.index(b">", start), len(sealed))]
    place = dice.choice(covered)
    changed = bytearray(sealed)
    changed[place] ^= dice.randrange(1, 256)
    assert outcome(bytes(changed), maison.confiance) is not Etat.TIENT


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
    first, *_, before_stamp, whole = ends(sealed)
    assert whole == len(sealed)
    verdict = verifier_sceau(sealed[:before_stamp], maison.confiance)
    assert verdict.etat is Etat.NON_CONFIRME
    assert verdict.niveau is Niveau.B_LT
    assert "aucun horodatage" in verdict.constats[0]
    with pytest.raises(SansSceauError):
        verifier_sceau(sealed[:first], maison.confiance)
    assert sealed[:first].rstrip() == document().rstrip()


def test_a_token_of_another_file_is_refused(maison: Maison, sealed: bytes) -> None:
    """The last time-stamp of one sealed file put into another: it does not date what it does not cover."""
    other = sceller(document("Acte fictif"), maison.sceau())
    (kept, taken) = (HEX.findall(each)[-1] for each in (sealed, other))
    forged = sealed.replace(kept, taken.ljust(len(kept), b"0")[: len(kept)])
    verdict = verifier_sceau(forged, maison.confiance)
    assert verdict.etat is Etat.NE_TIENT_PAS
    assert verdict.horodatage is None


@pytest.fixture(scope="module")
def carrier(maison: Maison) -> bytes:
    """A sealed document that carries a file."""
    return sceller(recu_pdf(RECU, date(2026, 11, 27)), maison.sceau())


def carried(pdf: bytes) -> list[bytes]:
    """The files that a reader finds in it."""
    with pikepdf.open(BytesIO(pdf)) as found:
        return [each.get_file().read_bytes() for each in found.attachments.values()]


def specification(writer: IncrementalPdfFileWriter) -> Any:
    """What says which file is carried."""
    return writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]


def swap(writer: IncrementalPdfFileWriter) -> None:
    """Another file in the place of it."""
    held = specification(writer)["/EF"]
    entries = {key: value for key, value in held["/F"].items() if key not in ("/Filter", "/Length")}
    other = writer.add_object(generic.StreamObject(entries, stream_data=AUTRE))
    held.update(dict.fromkeys(held, other))
    writer.update_container(held)


def swap_inside(writer: IncrementalPdfFileWriter) -> None:
    """Another content in the very object of it."""
    reference = specification(writer)["/EF"].raw_get("/F").reference
    entries = {key: value for key, value in reference.get_object().items() if key not in ("/Filter", "/Length")}
    writer.objects[reference.generation, reference.idnum] = generic.StreamObject(entries, stream_data=AUTRE)


def add_file(writer: IncrementalPdfFileWriter) -> None:
    """One file more."""
    names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    more = generic.DictionaryObject(dict(specification(writer)))
    names += [generic.TextStringObject("zz.recu"), writer.add_object(more)]
    writer.update_container(names)


@pytest.mark.parametrize("change", [swap, swap_inside, add_file])
def test_a_file_put_in_the_place_of_the_one_that_is_carried_is_refused(
    maison: Maison, carrier: bytes, change: Callable[[IncrementalPdfFileWriter], None]
) -> None:
    """A reader finds the other file, or both; the seal no longer holds."""
    assert carried(carrier) == [RECU]
    assert verifier_sceau(carrier, maison.confiance).tient
    hostile = added(carrier, change)
    assert carried(hostile) in ([AUTRE], [RECU, RECU])
    verdict = verifier_sceau(hostile, maison.confiance)
    assert verdict.etat is Etat.NE_TIENT_PAS
    assert "le document a été modifié après avoir été scellé" in verdict.constats


def test_a_file_changed_where_it_is_is_refused(maison: Maison, carrier: bytes) -> None:
    """Octets of the same number in its place: the digest that was signed is no longer that of the document."""
    with pikepdf.open(BytesIO(carrier)) as found:
        [spec] = found.attachments.values()
        kept = spec.obj.EF.F.read_raw_bytes()
    assert carrier.count(kept) == 1
    hostile = carrier.replace(kept, zlib.compress(AUTRE[:200], 9).ljust(len(kept), b"\0"))
    assert carried(hostile) == [AUTRE[:200]]
    verdict = verifier_sceau(hostile, maison.confiance)
    assert verdict.etat is Etat.NE_TIENT_PAS
    assert sceau_juge.MOTIFS[AdESFailure.HASH_FAILURE] in verdict.constats


def test_a_seal_that_was_taken_out(maison: Maison, sealed: bytes) -> None:
    """Written anew without its fields, or with its form taken out by an update: there is no seal. Emptied: none is read."""
    with pikepdf.open(BytesIO(sealed)) as pdf:
        del pdf.Root.AcroForm
        for page in pdf.pages:
            del page.obj["/Annots"]
        out = BytesIO()
        pdf.save(out)
    for stripped in (out.getvalue(), added(sealed, drop("/AcroForm"))):
        with pytest.raises(SansSceauError, match="aucun sceau"):
            verifier_sceau(stripped, maison.confiance)
    first = HEX.findall(sealed)[0]
    with pytest.raises(SceauError, match="ne se lit pas"):
        verifier_sceau(sealed.replace(first, b"0" * len(first)), maison.confiance)


def drop(name: str) -> Callable[[IncrementalPdfFileWriter], None]:
    """Take an entry of the catalogue out."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        del writer.root[name]
        writer.update_root()

    return change


def test_what_lets_it_be_judged_cannot_be_taken_out(maison: Maison, sealed: bytes) -> None:
    """Its certificates and lists taken out by an update: it does not hold any more, with another time-stamp or without."""
    poorer = added(sealed, drop("/DSS"))
    assert outcome(poorer, maison.confiance) in (Etat.NE_TIENT_PAS, Etat.NON_CONFIRME)
    assert outcome(stamped(poorer, maison), maison.confiance) in (Etat.NE_TIENT_PAS, Etat.NON_CONFIRME)


def test_a_file_written_anew_is_no_longer_sealed(maison: Maison, sealed: bytes) -> None:
    """The same pages, by a program that orders the file in its own way, as a court's platform may do."""
    out = BytesIO()
    with pikepdf.open(BytesIO(sealed)) as pdf:
        pdf.save(out)
    assert outcome(out.getvalue(), maison.confiance) in (None, Etat.NE_TIENT_PAS)


def test_a_file_beyond_the_bound_is_not_read(maison: Maison) -> None:
    """One octet more than a document may have to be sealed: refused before anything looks at it."""
    with pytest.raises(SceauError, match="100 Mo"):
        verifier_sceau(bytes(LE_PLUS + 1), maison.confiance)


def test_a_key_that_nobody_knows_stops_nothing(maison: Maison, sealed: bytes) -> None:
    """A certificate that was put into the file, named as one above the seal's, of an unknown kind: not believed, no crash."""
    twin = certify("x", ca=True, subject=maison.root.certificate.subject)
    der = twin.certificate.public_bytes(Encoding.DER)
    kind = bytes.fromhex("06072a8648ce3d0201")
    assert der.count(kind) == 1
    out = BytesIO(sealed)
    strange = asn1_x509.Certificate.load(der.replace(kind, kind[:-1] + b"\x09"))
    DocumentSecurityStore.add_dss(out, sig_contents=None, certs=[strange])
    assert len(out.getvalue()) > len(sealed)
    narrow = dataclasses.replace(maison.confiance, racines=[maison.issuer.certificate])
    for confiance in (maison.confiance, narrow, Confiance()):
        assert verifier_sceau(out.getvalue(), confiance).etat is Etat.NON_CONFIRME

"""The helper that says of a PDF that it is PDF/A-3a and PDF/UA-1 refuses whatever is not."""

import os
import shutil
import stat
from collections.abc import Callable
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from evidence.documents import inventaire_pdf
from evidence.inventaire import Inventaire, Piece
from tests.evidence.pdf import valider, verifier_pdf


@cache
def good() -> bytes:
    """A document that is what it says, with a file and a figure put into it."""
    pieces = [Piece(libelle="Passeport", sha256="a" * 64), Piece(libelle="Attestation de dépôt", sha256="b" * 64)]
    with pikepdf.open(BytesIO(inventaire_pdf(Inventaire().avec(pieces), date(2026, 7, 1)))) as pdf:
        pdf.attachments["donnees.json"] = pikepdf.AttachedFileSpec(
            pdf, b"{}", filename="donnees.json", mime_type="application/json", relationship=pikepdf.Name.Data
        )
        if "/AF" not in pdf.Root:  # some versions of pikepdf see to it
            pdf.Root.AF = pikepdf.Array([pdf.attachments["donnees.json"].obj])
        document = pdf.Root.StructTreeRoot.K[0]
        element = {"/Type": pikepdf.Name.StructElem, "/S": pikepdf.Name.Figure, "/P": document, "/Alt": "Une frise"}
        document.K.append(pdf.make_indirect(pikepdf.Dictionary(element)))
        return saved(pdf)


def saved(pdf: pikepdf.Pdf) -> bytes:
    """The file of ``pdf``."""
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def changed(change: Callable[[pikepdf.Pdf], object]) -> bytes:
    """The good document, changed."""
    with pikepdf.open(BytesIO(good())) as pdf:
        change(pdf)
        return saved(pdf)


def claim(name: str, value: str | None) -> Callable[[pikepdf.Pdf], None]:
    """Change one claim of the metadata."""

    def change(pdf: pikepdf.Pdf) -> None:
        with pdf.open_metadata() as metadata:
            if value is None:
                del metadata[name]
            else:
                metadata[name] = value

    return change


def without(*path: str) -> Callable[[pikepdf.Pdf], None]:
    """Take one entry of the catalogue out."""

    def change(pdf: pikepdf.Pdf) -> None:
        found = pdf.Root
        for name in path[:-1]:
            found = found[name]
        del found[path[-1]]

    return change


def every(kind: str, change: Callable[[pikepdf.Object], object]) -> Callable[[pikepdf.Pdf], None]:
    """Change every object whose ``/Type`` or ``/S`` is ``kind``."""

    def changes(pdf: pikepdf.Pdf) -> None:
        for each in pdf.objects:
            if isinstance(each, pikepdf.Dictionary | pikepdf.Stream) and kind in (each.get("/Type"), each.get("/S")):
                change(each)

    return changes


def drop(*names: str) -> Callable[[pikepdf.Object], None]:
    """Take entries out of a dictionary."""

    def change(found: pikepdf.Object) -> None:
        for name in names:
            if name in found:
                del found[name]

    return change


def untag(pdf: pikepdf.Pdf) -> None:
    """Paint a word outside every tag."""
    page = pdf.pages[0]
    page.contents_add(b"BT /F 10 Tf (x) Tj ET")


def astray(pdf: pikepdf.Pdf) -> None:
    """A mark that the structure does not know."""
    pdf.pages[0].contents_add(b"/P <</MCID 9999>> BDC BT (x) Tj ET EMC")


def second_intent(pdf: pikepdf.Pdf) -> None:
    """Two conditions of printing."""
    pdf.Root.OutputIntents.append(pdf.Root.OutputIntents[0])


def unplaced(pdf: pikepdf.Pdf) -> None:
    """A page whose place in the structure is none."""
    pdf.pages[0].StructParents = 4321


def script(pdf: pikepdf.Pdf) -> None:
    """Something that is done on opening."""
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def stranger(pdf: pikepdf.Pdf) -> None:
    """A second file, in the list and not associated."""
    pdf.attachments["autre.txt"] = pikepdf.AttachedFileSpec(
        pdf, b"x", filename="autre.txt", mime_type="text/plain", relationship=pikepdf.Name.Data
    )
    pdf.Root.AF = pikepdf.Array(list(pdf.Root.AF)[:1])


def deepen(pdf: pikepdf.Pdf) -> None:
    """A level of headings is left out."""
    for each in pdf.objects:
        if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/H2":
            each.S = pikepdf.Name.H4


CHANGES: dict[str, tuple[Callable[[pikepdf.Pdf], object], str]] = {
    "part": (claim("pdfaid:part", "2"), "it claims"),
    "conformance": (claim("pdfaid:conformance", "B"), "it claims"),
    "ua": (claim("pdfuaid:part", None), "it claims"),
    "title": (claim("dc:title", None), "no title"),
    "marked": (without("/MarkInfo"), "MarkInfo"),
    "lang": (without("/Lang"), "language"),
    "english": (lambda pdf: setattr(pdf.Root, "Lang", "en"), "language"),
    "title_hidden": (without("/ViewerPreferences"), "title"),
    "no_intent": (without("/OutputIntents"), "0 output intents"),
    "two_intents": (second_intent, "2 output intents"),
    "intent_kind": (lambda pdf: setattr(pdf.Root.OutputIntents[0], "S", pikepdf.Name.GTS_PDFX), "not PDF/A's"),
    "no_profile": (every("/GTS_PDFA1", drop("/DestOutputProfile")), "no profile"),
    "script": (script, "acts by itself"),
    "font": (every("/FontDescriptor", drop("/FontFile", "/FontFile2", "/FontFile3")), "not inside"),
    "letters": (every("/Font", drop("/ToUnicode")), "cannot be copied"),
    "relation": (every("/Filespec", drop("/AFRelationship")), "AFRelationship"),
    "type": (every("/EmbeddedFile", drop("/Subtype")), "type of donnees.json"),
    "not_associated": (without("/AF"), r"not associated"),
    "stranger": (stranger, "not associated"),
    "not_listed": (without("/Names"), "in the list of files"),
    "structure": (without("/StructTreeRoot"), "no structure"),
    "empty": (without("/StructTreeRoot", "/K"), "structure is empty"),
    "kind": (every("/P", lambda each: setattr(each, "S", pikepdf.Name.Paragraphe)), "no type of structure"),
    "level": (deepen, "heading of level 4"),
    "headings": (every("/H1", lambda each: setattr(each, "S", pikepdf.Name.P)), "begin with a heading"),
    "alt": (every("/Figure", drop("/Alt")), r"\(Alt\)"),
    "heads": (every("/TH", lambda each: setattr(each, "S", pikepdf.Name.TD)), r"\(TH\)"),
    "scope": (every("/TH", drop("/A")), "Scope"),
    "page": (lambda pdf: drop("/StructParents")(pdf.pages[0].obj), "StructParents"),
    "parents": (without("/StructTreeRoot", "/ParentTree"), "ParentTree"),
    "unplaced": (unplaced, "ParentTree"),
    "untagged": (untag, "without a tag"),
    "astray": (astray, "leads nowhere"),
}


def test_a_good_document_passes() -> None:
    """What was not changed is accepted, by name of what it carries; and only by the right ones."""
    verifier_pdf(good(), joints=["donnees.json"], outils=False)
    with pytest.raises(AssertionError, match="it carries"):
        verifier_pdf(good(), joints=[], outils=False)


@pytest.mark.parametrize("name", CHANGES)
def test_each_defect_is_refused(name: str) -> None:
    """One thing less, or one thing wrong: the helper names it, without any tool of the machine."""
    change, said = CHANGES[name]
    with pytest.raises(AssertionError, match=said):
        verifier_pdf(changed(change), outils=False)


def test_an_encrypted_document_is_refused() -> None:
    """Nobody may need a password, and PDF/A admits none."""
    out = BytesIO()
    with pikepdf.open(BytesIO(good())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="x", user=""))
    with pytest.raises(AssertionError, match="encrypted"):
        verifier_pdf(out.getvalue(), outils=False)


def test_a_template_is_believed_on_its_own_bytes_only() -> None:
    """A test cannot say that a document comes of a template which did not lay it out."""
    document = inventaire_pdf(Inventaire(), date(2026, 7, 1))
    verifier_pdf(document, "inventaire", outils=False)
    for other, modele in ((good(), "inventaire"), (document, "commun")):
        with pytest.raises(AssertionError, match="did not lay this document out"):
            verifier_pdf(other, modele, outils=False)


def test_the_tools_of_the_machine_are_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken table is refused by qpdf; what veraPDF refuses is refused, even if it ends well, were it one of several."""
    document = inventaire_pdf(Inventaire(), date(2026, 7, 1))
    if shutil.which("qpdf"):
        broken = document.replace(b"endobj", b"endxbj", 1)
        with pytest.raises(AssertionError, match="qpdf"):
            verifier_pdf(broken)
    fake = tmp_path / "verapdf"
    fake.write_text('#!/bin/sh\necho "PASS $5 $2"\necho "FAIL $6 $2"\n')
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    valider(document)
    with pytest.raises(AssertionError, match="veraPDF, 3a"):
        valider(document, document)
    fake.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(AssertionError, match="veraPDF, 3a"):
        valider(document)

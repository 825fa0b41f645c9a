"""Whether a PDF is what it says: PDF/A-3a and PDF/UA-1, to the last tag. One helper for every document that leaves.

``verifier_pdf(document, "modele")`` is how a test says which template a document was laid out by. What is asserted there is
asserted wherever the tests run; qpdf and poppler are asked too where they are on the PATH, and so is, by ``valider``, veraPDF,
whose word on these standards is the one that counts. One document of each template is verified and validated in every run
(test_modeles.py).
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pikepdf

from evidence import composition

_TYPES: Final = (
    "Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 H4 H5 H6 L LI Lbl LBody "
    "Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry Code Link Annot Ruby RB RT RP Warichu WT WP "
    "Figure Formula Form"
)
STANDARD: Final = frozenset(_TYPES.split())
"""Structure types (ISO 32000-1, 14.8.4)."""
PAINTS: Final = frozenset(
    {"Tj", "TJ", "'", '"', "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Do", "sh", "INLINE IMAGE"}
)
"""Operators that put something on the page."""
RELATIONS: Final = frozenset({"/Source", "/Data", "/Alternative", "/Supplement", "/Unspecified"})
RELATED: Final = "/AFRelationship"
FONT_FILES: Final = frozenset({"/FontFile", "/FontFile2", "/FontFile3"})
DEPTH: Final = 100

laid_out: Final[dict[str, set[str]]] = {}
"""By template, the digests of what this process laid out with it."""


def verifier_pdf(
    document: bytes, modele: str | None = None, *, joints: Collection[str] | None = None, outils: bool = True
) -> int:
    """Assert all that makes ``document`` a PDF/A-3a and PDF/UA-1 file; an AssertionError names the first that is not so.

    Returns on how many pages it is so. ``modele``: the template that it must have been laid out by, in this process. ``joints``: the names of the files that
    it carries, all of them. ``outils``: ask the tools of this machine too.
    """
    if modele is not None:
        digest = hashlib.sha256(document).hexdigest()
        assert digest in laid_out.get(modele, ()), f"« {modele} » did not lay this document out, as it is"
    with pikepdf.open(BytesIO(document)) as pdf:
        assert not pdf.is_encrypted, "it is encrypted"
        _claims(pdf)
        _catalogue(pdf)
        _fonts(pdf)
        _attachments(pdf, joints)
        _tags(pdf)
        _pages(pdf)
        pages = len(pdf.pages)
    if outils:
        _tools(document)
    return pages


def valider(*documents: bytes) -> int:
    """Assert that veraPDF, where it is on the PATH, finds each to be PDF/A-3a and PDF/UA-1: one start for all of them.

    Returns how many it was asked about: all, or none where it is not there.
    """
    if shutil.which("verapdf") is None:
        return 0
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.pdf" for number in range(len(documents))]
        for path, document in zip(paths, documents, strict=True):
            path.write_bytes(document)
        for flavour in ("3a", "ua1"):
            done = _run("verapdf", "-f", flavour, "--format", "text", *paths)
            assert done.returncode == 0, f"veraPDF, {flavour}: {done.stdout}{done.stderr}"
            passed = [line for line in done.stdout.splitlines() if line.startswith("PASS")]
            assert len(passed) == len(documents), f"veraPDF, {flavour}: {done.stdout}"
    return len(documents)


def _claims(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata() as metadata:
        said = {name: metadata.get(name) for name in ("pdfaid:part", "pdfaid:conformance", "pdfuaid:part")}
        assert said == {"pdfaid:part": "3", "pdfaid:conformance": "A", "pdfuaid:part": "1"}, f"it claims {said}"
        assert metadata.get("dc:title"), "it has no title"


def _catalogue(pdf: pikepdf.Pdf) -> None:
    root = pdf.Root
    assert _get(root, "/MarkInfo", "/Marked") is True, "it is not said to be tagged (MarkInfo)"
    assert str(root.get("/Lang", "")).startswith("fr"), "its language is not French, or not said"
    assert _get(root, "/ViewerPreferences", "/DisplayDocTitle") is True, "a reader does not show its title"
    intents = root.get("/OutputIntents", [])
    assert len(intents) == 1, f"{len(intents)} output intents"
    assert intents[0].get("/S") == "/GTS_PDFA1", "the output intent is not PDF/A's"
    assert "/DestOutputProfile" in intents[0], "the output intent has no profile"
    assert not {"/OpenAction", "/AA"} & set(root.keys()), "it acts by itself"


def _get(found: Any, *names: str) -> Any:
    for name in names:
        found = found.get(name) if isinstance(found, pikepdf.Dictionary) else None
    return found


def _fonts(pdf: pikepdf.Pdf) -> None:
    fonts = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/Font"]
    assert fonts, "it has no font"
    for font in fonts:
        kind, name = font.get("/Subtype"), font.get("/BaseFont")
        if kind not in ("/CIDFontType0", "/CIDFontType2"):
            assert "/ToUnicode" in font, f"what is written in {name} cannot be copied (ToUnicode)"
        if kind not in ("/Type0", "/Type3"):
            assert FONT_FILES & set(font.get("/FontDescriptor", {})), f"{name} is not inside"


def _attachments(pdf: pikepdf.Pdf, expected: Collection[str] | None) -> None:
    """Each file that it carries is associated with the document, and said to be what to it."""
    associated = list(pdf.Root.get("/AF", []))
    for each in pdf.objects:
        if not (isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/Filespec"):
            continue
        name = str(each.get("/UF", ""))
        assert name, "an attached file has no name"
        assert str(each.get("/F", "")), "an attached file has no name for older readers"
        assert each.get(RELATED) in RELATIONS, f"what {name} is to the document is not said (AFRelationship)"
        stream = _get(each, "/EF", "/F")
        assert isinstance(stream, pikepdf.Stream), f"{name} is not inside"
        assert "/Subtype" in stream, f"the type of {name} is not said"
        assert any(each.objgen == other.objgen for other in associated), f"{name} is not associated (AF)"
    names = {str(each.get("/UF")) for each in associated}
    assert names == set(pdf.attachments), f"{names} are associated, {set(pdf.attachments)} are in the list of files"
    if expected is not None:
        assert names == set(expected), f"it carries {names}"


def _elements(found: Any, depth: int = 0) -> Iterator[pikepdf.Dictionary]:
    """Every element of the structure, in reading order."""
    assert depth < DEPTH, "its structure is too deep"
    for each in found if isinstance(found, pikepdf.Array) else [found]:
        if isinstance(each, pikepdf.Dictionary) and "/S" in each:
            yield each
            yield from _elements(each.get("/K"), depth + 1)


def _tags(pdf: pikepdf.Pdf) -> None:
    tree = pdf.Root.get("/StructTreeRoot")
    assert tree is not None, "it has no structure"
    roles = dict(tree.get("/RoleMap", {}).items())
    found = [(_role(each, roles), each) for each in _elements(tree.get("/K"))]
    assert found, "its structure is empty"
    assert found[0][0] == "Document", "its structure is not that of one document"
    headings = [int(kind[1]) for kind, _ in found if kind[0] == "H" and kind[1:].isdigit()]
    assert headings[:1] == [1], "it does not begin with a heading"
    for above, level in zip([0, *headings], headings, strict=False):
        assert level <= above + 1, f"a heading of level {level} stands under one of level {above}"
    for kind, each in found:
        if kind in ("Figure", "Formula"):
            assert str(each.get("/Alt", "")).strip(), "a figure has no text in its place (Alt)"
        if kind == "Table":
            _table(each, roles)


def _role(element: pikepdf.Dictionary, roles: dict[str, Any]) -> str:
    kind = str(element.S)
    for _ in range(DEPTH):
        if kind.removeprefix("/") in STANDARD:
            break
        kind = str(roles.get(kind, ""))
    assert kind.removeprefix("/") in STANDARD, f"{element.S} is no type of structure"
    return kind.removeprefix("/")


def _table(table: pikepdf.Dictionary, roles: dict[str, Any]) -> None:
    kinds = [(_role(each, roles), each) for each in _elements(table.get("/K"))]
    heads = [each for kind, each in kinds if kind == "TH"]
    assert heads, "a table has no header cells (TH)"
    for head in heads:
        given = head.get("/A", [])
        attributes = given if isinstance(given, pikepdf.Array) else [given]
        assert any("/Scope" in each for each in attributes), "a header cell does not say of what it is (Scope)"


def _pages(pdf: pikepdf.Pdf) -> None:
    """Everything on a page is either an artifact or found in the structure."""
    tree = pdf.Root.StructTreeRoot
    assert "/ParentTree" in tree, "pages do not lead to the structure (ParentTree)"
    parents = pikepdf.NumberTree(tree.ParentTree)
    for number, page in enumerate(pdf.pages, start=1):
        assert page.get("/Tabs") == "/S" or "/Annots" not in page, f"page {number}: not in the order of the structure"
        assert isinstance(page.get("/StructParents"), int), f"page {number} is not tagged (StructParents)"
        place = int(page.StructParents)
        assert place in parents, f"page {number} is not in the structure (ParentTree)"
        held = parents[place]
        for mark in _marks(page, number):
            assert mark < len(held), f"page {number}: mark {mark} leads nowhere"
            assert isinstance(held[mark], pikepdf.Dictionary), f"page {number}: mark {mark} leads nowhere"


def _marks(page: pikepdf.Page, number: int) -> set[int]:
    """The marks of what is painted; that nothing is painted outside one or an artifact is asserted."""
    marks, open_marks = set(), list[bool]()
    for instruction in pikepdf.parse_content_stream(page):
        operator, operands = str(instruction.operator), instruction.operands
        if operator in ("BDC", "BMC"):
            properties = operands[1] if operator == "BDC" else None
            mark = properties.get("/MCID") if isinstance(properties, pikepdf.Dictionary) else None
            open_marks.append(mark is not None or operands[0] == "/Artifact")
            if mark is not None:
                marks.add(int(mark))
        elif operator == "EMC":
            open_marks.pop()
        elif operator in PAINTS:
            assert any(open_marks), f"page {number}: something is painted without a tag"
    return marks


def _tools(document: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document.pdf"
        path.write_bytes(document)
        if shutil.which("qpdf"):
            done = _run("qpdf", "--check", path)
            assert done.returncode == 0, f"qpdf: {done.stdout}{done.stderr}"
        if shutil.which("pdfinfo"):
            done = _run("pdfinfo", "-struct", path)
            assert done.returncode == 0, f"pdfinfo: {done.stderr}"
            assert "H1" in done.stdout, f"pdfinfo finds no heading: {done.stdout[:200]}"


def _run(*command: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(each) for each in command],
        capture_output=True,
        check=False,
        encoding="utf-8",
        errors="replace",
        timeout=120,
    )


def _observed(command: list[str], **options: Any) -> "subprocess.CompletedProcess[bytes]":
    """``subprocess.run``, for the program: what it lays out, by which template, is noted as it comes."""
    done = subprocess.run(command, **options)  # noqa: PLW1510 - said by the program
    if done.returncode == 0 and command[:3] == [sys.executable, "-m", "evidence.compositeur"]:
        folder, modele = command[3:5]
        written = (Path(folder) / "document.pdf").read_bytes()
        laid_out.setdefault(modele, set()).add(hashlib.sha256(written).hexdigest())
    return done


composition.subprocess = SimpleNamespace(run=_observed, TimeoutExpired=subprocess.TimeoutExpired)  # type: ignore[assignment]  # noted on the way

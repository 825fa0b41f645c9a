"""The process that opens the PDFs of others: ``python -m evidence.examinateur BYTES``, of examen.py.

One JSON object a line on standard input, one answer a line on standard output. What a document could do to the program
that reads it, it does here, within so many bytes of memory.
"""

import json
import resource
import sys
from collections.abc import Iterator
from typing import Any, Final

OBJETS: Final = 200_000
"""How many objects of a document are looked at."""


def main() -> None:
    """Answer each line until there is none."""
    most = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    for line in sys.stdin:
        asked = json.loads(line)
        found = reunir(asked) if "pieces" in asked else examiner(asked["chemin"])
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


def examiner(path: str) -> dict[str, Any]:
    """What a document is: its pages, what should be known of it, why it cannot be filed."""
    import pikepdf  # noqa: PLC0415 - within the bound, and nowhere else in the program

    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:
            pages = len(pdf.pages)
            told = sorted({*_alertes(pdf), *(["restreint"] if pdf.is_encrypted else [])})
            if pdf.get_warnings():
                told.append("structure_reparee")
    except pikepdf.PasswordError:
        return {"pages": 0, "alertes": [], "refus": "chiffre"}
    except (pikepdf.PdfError, MemoryError, ValueError, RuntimeError, KeyError, TypeError, AttributeError):
        return {"pages": 0, "alertes": [], "refus": "illisible"}
    return {"pages": pages, "alertes": told, "refus": None if pages else "sans_page"}


def _alertes(pdf: Any) -> Iterator[str]:
    """What the document does, holds or is signed by, beside its pages."""
    for number, each in enumerate(_objets(pdf)):
        if number >= OBJETS:
            yield "trop_d_objets"
            return
        if "/JS" in each or each.get("/S") == "/JavaScript":
            yield "javascript"
        if each.get("/S") in {"/Launch", "/SubmitForm", "/ImportData"}:
            yield "action"
        if "/EmbeddedFiles" in each or each.get("/Type") == "/EmbeddedFile":
            yield "fichiers_joints"
        if "/XFA" in each:
            yield "formulaire"
        if each.get("/FT") == "/Sig" and "/V" in each:
            yield "signe"


def _objets(pdf: Any) -> Iterator[Any]:
    """Every dictionary, those that stand in another one too."""
    import pikepdf  # noqa: PLC0415 - as above

    for top in pdf.objects:
        held = [top]
        while held:
            each = held.pop()
            if isinstance(each, pikepdf.Array):
                held.extend(child for child in each if _direct(child))
            elif isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
                yield each
                held.extend(child for child in each.values() if _direct(child))


def _direct(child: Any) -> bool:
    """Whether it stands here, and is no reference to what is met elsewhere."""
    return not getattr(child, "is_indirect", True)


def reunir(asked: dict[str, Any]) -> dict[str, Any]:
    """Put documents one after the other in ``sortie``, each under the first outline that names it."""
    import pikepdf  # noqa: PLC0415 - as above

    try:
        with pikepdf.new() as whole:
            starts = []
            for piece in asked["pieces"]:
                starts.append((piece["titre"], len(whole.pages)))
                with pikepdf.open(piece["chemin"], suppress_warnings=True) as part:
                    whole.pages.extend(part.pages)
            with whole.open_outline() as outline:
                outline.root.extend(pikepdf.OutlineItem(title, page) for title, page in starts)
            whole.docinfo["/Title"] = asked["titre"]
            whole.Root.Lang = "fr-FR"
            whole.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
            pages = len(whole.pages)
            whole.save(
                asked["sortie"],
                deterministic_id=True,
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
                linearize=False,
            )
    except (pikepdf.PdfError, MemoryError, ValueError, RuntimeError, KeyError, TypeError, AttributeError):
        return {"refus": "illisible"}
    return {"refus": None, "pages": pages}


if __name__ == "__main__":
    main()

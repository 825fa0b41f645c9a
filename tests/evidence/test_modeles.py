"""No template is forgotten: one document of each that can leave is laid out, verified and validated in every run."""

import re
import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from evidence.composition import MODELES
from evidence.documents import inventaire_pdf
from evidence.inventaire import Inventaire, Piece
from evidence.rapport import rapport_pdf
from evidence.recu_effacement import effacement_pdf
from evidence.recus import recu_pdf
from evidence.sceau import sceller
from tests.evidence import (
    pki,
    test_releves_blocage,
    test_releves_demande,
    test_releves_historique,
    test_tribunal_documents,
)
from tests.evidence.dossiers import png
from tests.evidence.pdf import valider, verifier_pdf
from tests.evidence.rapports import du_cas
from tests.evidence.test_releves_effacement import RAW
from tests.evidence.vies_releves import cas
from tests.seal.receipts import GOLDEN

maison = pki.maison

JOUR: Final = date(2026, 11, 27)
CAS: Final = "dalia-exemple-c05"
IMPORTS: Final = re.compile(r'#?(?:import|include)\s+"([^"]+)\.typ"')
COMPOSED: Final = re.compile(r'\bcomposer\(\s*"([^"]+)"')
SOURCES: Final = [path for part in ("app", "evidence") for path in (MODELES.parents[1] / part).rglob("*.py")]


def parts() -> set[str]:
    """The templates that another one is made with: no document by themselves."""
    return {part for each in MODELES.glob("*.typ") for part in IMPORTS.findall(each.read_text(encoding="utf-8"))}


def image() -> bytes:
    """The page of an image, its file joined."""
    with tempfile.TemporaryDirectory() as folder:
        return test_tribunal_documents.page(Path(folder), png())


DOCUMENTS: Final[dict[str, Callable[[], bytes]]] = {
    "blocage": lambda: test_releves_blocage.document(cas(CAS), personne=CAS),
    "demande": lambda: test_releves_demande.lettre(cas(CAS)),
    "effacement": lambda: effacement_pdf(RAW, JOUR),
    "historique": lambda: test_releves_historique.volumes(test_releves_historique.vie())[0],
    "image": image,
    "inventaire": lambda: inventaire_pdf(Inventaire().avec([Piece(libelle="Fictif", sha256="a" * 64)]), JOUR),
    "rapport": lambda: rapport_pdf(du_cas("C04"), JOUR),
    "recu": lambda: recu_pdf((GOLDEN / "acte.recu").read_bytes(), JOUR),
}
"""How a document of each template is made."""


@cache
def document(modele: str) -> bytes:
    """It, made once."""
    return DOCUMENTS[modele]()


def test_each_template_is_known_or_part_of_one() -> None:
    """A template that no other is made with is a document, and stands above; so does each that the program names."""
    named = {name for path in SOURCES for name in COMPOSED.findall(path.read_text(encoding="utf-8"))}
    assert named == set(DOCUMENTS) == {each.stem for each in MODELES.glob("*.typ")} - parts()


@pytest.mark.parametrize("modele", DOCUMENTS)
def test_a_document_of_each_template_is_verified(modele: str) -> None:
    """It is PDF/A-3a and PDF/UA-1 to the last tag, and laid out by that template."""
    assert verifier_pdf(document(modele), modele) >= 1


def test_the_reference_validator_agrees(request: pytest.FixtureRequest) -> None:
    """Where veraPDF is on the machine, it finds every one of them to be what it says it is, and the report once sealed."""
    made = {modele: document(modele) for modele in DOCUMENTS}
    if shutil.which("openssl"):
        made["rapport"] = sceller(made["rapport"], request.getfixturevalue("maison").sceau())
    assert valider(*made.values()) == (len(made) if shutil.which("verapdf") else 0)


def test_what_is_looked_for_is_found() -> None:
    """The names come from the sources, however an import is written; a document laid out elsewhere is no document here."""
    assert {"commun", "releve", "rapport_une"} <= parts()
    assert IMPORTS.findall('#import "a.typ": b\n  include "c-d.typ"') == ["a", "c-d"]
    assert COMPOSED.findall('composer("a", {})\nreturn composer(\n    "b", x)\n_composer("c")') == ["a", "b"]
    with pytest.raises(AssertionError, match="did not lay this document out"):
        verifier_pdf(document("recu"), "rapport", outils=False)

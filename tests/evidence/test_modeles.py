"""No template is forgotten: each document that can leave is verified by a test, as it is laid out."""

import ast
import re
from pathlib import Path

import pytest

from evidence.composition import MODELES

TESTS = Path(__file__).parents[1]
IMPORTS = re.compile(r'#?(?:import|include)\s+"([^"]+)\.typ"')
NAMES = sorted(each.stem for each in MODELES.glob("*.typ"))


def parts() -> set[str]:
    """The templates that another one is made with: no document by themselves."""
    return {part for each in MODELES.glob("*.typ") for part in IMPORTS.findall(each.read_text(encoding="utf-8"))}


def verified() -> set[str]:
    """The templates that a test names to ``verifier_pdf``, which makes sure that they laid the document out."""
    found = set()
    for path in TESTS.rglob("test_*.py"):
        for each in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "verifier_pdf":
                given = [*each.args[1:2], *(one.value for one in each.keywords if one.arg == "modele")]
                found |= {one.value for one in given if isinstance(one, ast.Constant)}
    return found


@pytest.mark.parametrize("modele", NAMES)
def test_each_template_is_verified_or_part_of_one(modele: str) -> None:
    """A template that no other is made with is a document: some test calls ``verifier_pdf(document, "its name")``."""
    assert modele in verified() | parts(), (
        f'aucun test ne vérifie un document de {modele}.typ : appelez verifier_pdf(document, "{modele}")'
    )


def test_what_is_looked_for_is_found() -> None:
    """The names come from the sources: a template, a part of it, and no name that is none."""
    assert {"inventaire", "commun"} <= set(NAMES)
    assert "commun" in parts()
    assert "inventaire" in verified() - parts()
    assert IMPORTS.findall('#import "a.typ": b\n  include "c-d.typ"') == ["a", "c-d"]

"""``verifier.pyz`` is one file whose bytes depend on its sources alone, and whose sources need nothing but Python 3.9."""

import ast
import json
import os
import re
import subprocess
import sys
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZIP_STORED, ZipFile

import pytest

from evidence.verificateurs.ancres import Ancres
from evidence.verificateurs.assemblage import pyz
from evidence.verificateurs.pyz.paroles import COUCHES as NAMES
from evidence.verificateurs.pyz.paroles import PAROLES, VERDICTS, messages
from evidence.verificateurs.pyz.verdict import COUCHES

FOLDER: Final = Path(__file__).parents[2] / "evidence" / "verificateurs" / "pyz"
SOURCES: Final = sorted(FOLDER.glob("*.py"))
OURS: Final = {"evidence.verificateurs.pyz", "ledger.seal.proof"}
OUTCOMES: Final = {"Echec", "Impossible"}


def opened(octets: bytes) -> dict[str, bytes]:
    """The files of the program."""
    with ZipFile(BytesIO(octets)) as found:
        assert {each.compress_type for each in found.infolist()} == {ZIP_STORED}
        assert {each.date_time for each in found.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert found.namelist() == sorted(found.namelist())
        return {name: found.read(name) for name in found.namelist()}


def test_the_same_bytes_each_time() -> None:
    """Twice here, and in another process with another seed; others with other anchors, which are all that differs."""
    script = "from hashlib import sha256; from evidence.verificateurs.assemblage import pyz; print(sha256(pyz()).hexdigest())"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=FOLDER.parents[2], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONHASHSEED": "12"},
    )  # fmt: skip
    assert pyz() == pyz()
    assert done.stdout.strip() == sha256(pyz()).hexdigest()
    anchors = Ancres(politique="quorum none\n")
    plain, with_anchors = opened(pyz()), opened(pyz(anchors))
    [added] = with_anchors.keys() - plain.keys()
    assert json.loads(with_anchors.pop(added)) == {"politique": "quorum none\n", "racines": "", "qualifiees": ""}
    assert with_anchors == plain


def test_it_holds_its_sources_as_they_are() -> None:
    """It starts by its first line, and an expert who opens it finds what stands in the repository."""
    octets = pyz()
    assert octets.startswith(b"#!/usr/bin/env python3\n")
    files = opened(octets)
    for name, content in files.items():
        if name != "__main__.py":
            assert content == (FOLDER.parents[2] / name).read_bytes(), name
    assert {f"evidence/verificateurs/pyz/{each.name}" for each in SOURCES} <= files.keys()
    assert not any(name.endswith((".pyc", ".toml")) for name in files)


@pytest.mark.parametrize("name", sorted(opened(pyz())))
def test_it_needs_nothing_but_python_3_9(name: str) -> None:
    """The grammar of 3.9, and no module but the standard library's and those that go with it."""
    if not name.endswith(".py"):
        return
    tree = ast.parse(opened(pyz())[name], feature_version=(3, 9))
    for node in ast.walk(tree):
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for each in names:
            assert any(each.startswith(own) for own in OURS) or each.partition(".")[0] in sys.stdlib_module_names


def raised() -> dict[str, set[frozenset[str]]]:
    """The codes that layers raise, with the names of their parameters."""
    found: dict[str, set[frozenset[str]]] = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OUTCOMES:
                codes = [each.value for each in ast.walk(node.args[0]) if isinstance(each, ast.Constant)]
                for code in codes:
                    found.setdefault(str(code), set()).add(frozenset(str(each.arg) for each in node.keywords))
    return found


def test_each_code_has_its_sentence() -> None:
    """The parameters that are raised are those that both sentences name; no sentence is left without a use."""
    sentences, codes = messages(), raised()
    for code, parameters in codes.items():
        for language in ("fr", "en"):
            named = frozenset(re.findall(r"\{(\w+)\}", sentences[code][language]))
            assert parameters == {named}, code
    passed = {f"{layer}_passe" for layer in COUCHES} | {"temoins_aucun", "non_examinee"}
    assert codes.keys() | passed == sentences.keys()


def test_each_parole_is_in_both_languages() -> None:
    """The same names stand in both; layers and verdicts have one each."""
    for each in (*PAROLES.values(), *VERDICTS.values()):
        assert each.keys() == {"fr", "en"}
        assert set(re.findall(r"\{(\w+)\}", each["fr"])) == set(re.findall(r"\{(\w+)\}", each["en"]))
    assert NAMES.keys() == COUCHES.keys()

"""From a template and data to a PDF: PDF/A-3a and PDF/UA-1 in one file, the same bytes each time.

typst works in a process of its own, with a bound on memory and time, and gives the memory back when it ends. A template
reads the data as values, never as markup: what a person wrote cannot become a command. No font, package or file of the
machine is read, so that the bytes depend on the template, the data, the day and typst's version only.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from ledger import canonical
from ledger.errors import ConstatError

MODELES: Final = Path(__file__).parent / "modeles"
MEMOIRE: Final = 3 << 30
"""Bytes of address space; of these typst touches some 400 MB for 160 pages."""
SECONDES: Final = 120
NOM_JOINT: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,119}")


class CompositionError(ConstatError):
    """Un document n'a pas pu être mis en page."""


def composer(
    modele: str,
    donnees: Mapping[str, Any],
    jour: date,
    *,
    joints: Mapping[str, bytes | Path] = MappingProxyType({}),
    secondes: float = SECONDES,
) -> bytes:
    """The PDF of ``modele`` (a name in ``modeles/``, without its ending) with ``donnees``, dated ``jour``.

    ``donnees``: JSON values without floats; the template finds them in ``donnees.json``, with ``jour`` (YYYY-MM-DD).
    ``joints``: files that the template shows or attaches, which it finds in ``joints/``; their names are ours.

    :raises CompositionError: it takes more memory or time than allowed, or the template does not take the data.
    """
    with tempfile.TemporaryDirectory(prefix="constat-pdf-") as name:
        folder = Path(name)
        for template in MODELES.glob("*.typ"):
            (folder / template.name).write_bytes(template.read_bytes())
        (folder / "donnees.json").write_bytes(canonical.encode({**donnees, "jour": jour.isoformat()}))
        (folder / "joints").mkdir()
        for each, content in joints.items():
            if not NOM_JOINT.fullmatch(each):
                msg = f"a name that is not ours: {each!r}"
                raise ValueError(msg)
            if isinstance(content, Path):
                shutil.copyfile(content, folder / "joints" / each)
            else:
                (folder / "joints" / each).write_bytes(content)
        command = [sys.executable, "-m", "evidence.compositeur", name, modele, jour.isoformat(), str(MEMOIRE)]
        try:
            done = subprocess.run(  # noqa: S603 - our own module, no shell
                command, cwd=MODELES.parents[1], capture_output=True, check=False, timeout=secondes, env={}
            )
        except subprocess.TimeoutExpired as error:
            msg = f"la mise en page dépasse {secondes:g} secondes : réduisez la période ou le nombre de pièces"
            raise CompositionError(msg) from error
        if done.returncode:
            msg = f"la mise en page de « {modele} » a échoué (mémoire ou modèle) : réduisez la période exportée"
            raise CompositionError(msg)
        return (folder / "document.pdf").read_bytes()

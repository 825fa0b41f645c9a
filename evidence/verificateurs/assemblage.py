"""Puts ``verifier.pyz`` together: a zipapp whose bytes depend on the sources alone: its SHA-256 can be published."""

import io
import json
import zipfile
from dataclasses import asdict
from importlib.resources import files
from typing import Final

from evidence.verificateurs.ancres import Ancres
from evidence.verificateurs.pyz.__main__ import ANCRES
from evidence.verificateurs.pyz.verdict import confiance

SHEBANG: Final = b"#!/usr/bin/env python3\n"
JOUR: Final = (1980, 1, 1, 0, 0, 0)
MODE: Final = 0o100644 << 16
UNIX: Final = 3
VERIFICATEUR: Final = "evidence/verificateurs/pyz"
LANCEUR: Final = """import sys

if sys.version_info < (3, 9):
    sys.stderr.write("verifier.pyz: Python 3.9 ou plus récent est nécessaire (Python 3.9 or later is needed)\\n")
    sys.exit(64)
from evidence.verificateurs.pyz.__main__ import main

sys.exit(main())
"""
APPORTES: Final = {
    "evidence": ("__init__.py",),
    "evidence/verificateurs": ("__init__.py", "messages.json"),
    "ledger": ("__init__.py",),
    "ledger/seal": ("__init__.py", "proof.py"),
}


def pyz(ancres: Ancres | None = None) -> bytes:
    """The verifier as one file. ``ancres``: what it believes by itself, where nothing else is given to it.

    Nothing is compressed: no version of a compressor changes its bytes, and an expert reads it as it is.

    :raises IllisibleError: the policy or the certificates of ``ancres`` cannot be read.
    """
    membres = {"__main__.py": LANCEUR.encode()}
    for dossier, noms in APPORTES.items():
        membres |= {f"{dossier}/{nom}": _source(dossier, nom) for nom in noms}
    for fichier in files(VERIFICATEUR.replace("/", ".")).iterdir():
        if fichier.name.endswith(".py"):
            membres[f"{VERIFICATEUR}/{fichier.name}"] = fichier.read_bytes()
    if ancres is not None:
        dites = asdict(ancres)
        confiance(**dites)
        membres[f"{VERIFICATEUR}/{ANCRES}"] = json.dumps(dites, sort_keys=True).encode()
    return _archive(membres)


def _source(dossier: str, nom: str) -> bytes:
    return (files(dossier.replace("/", ".")) / nom).read_bytes()


def _archive(membres: dict[str, bytes]) -> bytes:
    sortie = io.BytesIO()
    sortie.write(SHEBANG)
    with zipfile.ZipFile(sortie, "w") as archive:
        for nom in sorted(membres):
            entete = zipfile.ZipInfo(nom, JOUR)
            entete.create_system, entete.external_attr = UNIX, MODE
            archive.writestr(entete, membres[nom])
    return sortie.getvalue()

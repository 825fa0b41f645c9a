"""Both verifiers at hand: the one of Python in this process, the page's in one process of node that answers as asked."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest

from evidence.verificateurs.ancres import Ancres
from evidence.verificateurs.assemblage_page import programme
from evidence.verificateurs.pyz import ed25519
from evidence.verificateurs.pyz.archive import Archive
from evidence.verificateurs.pyz.examen import Examen
from evidence.verificateurs.pyz.verdict import confiance, examiner, resultat
from tests.evidence.attaques.attaque import Attendu
from tests.evidence.attaques.monde import Monde
from tests.evidence.navigateurs import DRIVER, NODE

Avis = dict[str, Any]
SANS: Final = Ancres()


def ancres_de(monde: Monde) -> Ancres:
    """What somebody who believes this world's log, witnesses and authority gives from outside."""
    return Ancres(politique=monde.cles.politique(), racines=monde.autorite.racine.pem.decode())


def avis_de_python(fichier: Path, ancres: Ancres) -> Avis:
    """What the verifier of Python says of a file, but for its name."""
    with fichier.open("rb") as ouvert:
        examen = Examen(Archive(ouvert), confiance(ancres.politique, ancres.racines, ancres.qualifiees))
        return dict(json.loads(json.dumps(resultat(examen, examiner(examen))))) | {"verificateur": ""}


@dataclass
class Juges:
    """Both. ``fichier``: what they are asked about."""

    node: "subprocess.Popen[str]"
    fichier: Path

    def deux_avis(self, octets: bytes, ancres: Ancres) -> tuple[Avis, Avis]:
        """What each says of a bundle, but for its name: the one of Python, and the page, which is at work meanwhile."""
        assert self.node.stdin is not None
        assert self.node.stdout is not None
        self.fichier.write_bytes(octets)
        given = {"politique": ancres.politique, "racines": ancres.racines, "qualifiees": ancres.qualifiees}
        self.node.stdin.write(json.dumps({"chemin": str(self.fichier), "ancres": given}) + "\n")
        self.node.stdin.flush()
        python = avis_de_python(self.fichier, ancres)
        return python, dict(json.loads(self.node.stdout.readline())) | {"verificateur": ""}

    def avis(self, octets: bytes, ancres: Ancres) -> Avis:
        """What both say, which must be one thing."""
        python, page = self.deux_avis(octets, ancres)
        assert python == page, ecart(python, page)
        return python


def ecart(python: Avis, page: Avis) -> str:
    """Where two opinions part, in a few lines."""
    said = []
    for champ in sorted(python.keys() | page.keys()):
        ours, theirs = python.get(champ), page.get(champ)
        if champ == "couches" and ours and theirs:
            ours, theirs = next(((a, b) for a, b in zip(ours, theirs, strict=True) if a != b), (None, None))
        if ours != theirs:
            said.append(f"{champ} : python {str(ours)[:300]} ; page {str(theirs)[:300]}")
    return "\n".join(said)


def conforme(avis: Avis, attendu: Attendu) -> str:
    """Nothing where an opinion is what must be said; else what it says."""
    failed = [each for each in avis["couches"] if each["issue"] == "echoue"]
    first = failed[0] if failed else {"nom": None, "code": None}
    right = avis["verdict"] == attendu.verdict and first["nom"] == attendu.couche
    right &= attendu.couche is None or first["code"] in attendu.codes
    return "" if right else f"attendu {attendu}, rendu {avis['verdict']} {first}"


@contextmanager
def _signatures_retenues() -> Iterator[None]:
    """The same notes are in most of the bundles: each signature is computed once, another byte makes another one."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ed25519, "verifie", lru_cache(maxsize=None)(ed25519.verifie))
        yield


@contextmanager
def juges() -> Iterator[Juges]:
    """Both, until the block ends."""
    with _signatures_retenues(), TemporaryDirectory() as dossier:
        script = Path(dossier) / "noyau.mjs"
        script.write_text(programme("verifier") + DRIVER, encoding="utf-8")
        command = [str(NODE), "--no-warnings", str(script)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as node:
            yield Juges(node, Path(dossier) / "paquet.zip")
            assert node.stdin is not None
            node.stdin.close()
            assert node.wait(30) == 0

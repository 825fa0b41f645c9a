"""What is known of a PDF before it is filed, found in a process of its own: a document is never trusted.

A document that the process cannot survive, or that takes too long, is refused by name; those after it are looked at
all the same. Nothing of a document is changed here: a piece that goes alone is filed byte for byte.
"""

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from evidence.controle import FIN, SIGNATURE
from ledger.errors import ConstatError

MEMOIRE: Final = 2 << 30
"""Bytes of address space of the process that opens documents."""
SECONDES: Final = 60.0
"""How long one document, or one series, may take."""
_RACINE: Final = Path(__file__).parents[1]

REFUS: Final[Mapping[str, str]] = {
    "chiffre": "il est protégé par un mot de passe : le juge ne pourrait pas l'ouvrir",
    "illisible": "il ne se lit pas comme un PDF",
    "sans_page": "il n'a aucune page",
    "tronque": "sa fin manque",
    "vide": "il est vide",
    "trop_long": "il a pris trop de mémoire ou de temps à lire",
    "autre": "ce n'est ni un PDF, ni une image JPEG ou PNG",
}
"""Why a document cannot be filed as it is."""
ALERTES: Final[Mapping[str, str]] = {
    "restreint": "sa copie ou son impression est restreinte",
    "structure_reparee": "sa structure est abîmée, des lecteurs peuvent le refuser",
    "javascript": "il contient du JavaScript",
    "action": "il contient une action qui lance un programme ou envoie un formulaire",
    "fichiers_joints": "il porte des fichiers joints, que Télérecours peut perdre",
    "formulaire": "il contient un formulaire dynamique (XFA), que des lecteurs n'affichent pas",
    "signe": "il est signé : l'empreinte du dépôt (filigrane) peut faire paraître la signature rompue",
    "trop_d_objets": "il est trop compliqué pour être examiné en entier",
}
"""What should be known of a document that is filed all the same."""
SEULS: Final = frozenset({"restreint", "structure_reparee", "signe", "formulaire", "trop_d_objets"})
"""What keeps a document out of a series: put with others, it would be changed."""


class ExamenError(ConstatError):
    """Des documents n'ont pas pu être réunis dans un fichier."""


class Examen(NamedTuple):
    """What is known of a document."""

    pages: int
    alertes: tuple[str, ...]
    refus: str | None

    @property
    def joignable(self) -> bool:
        """Whether it may be put in one file with others."""
        return self.refus is None and not SEULS & set(self.alertes)


class _PerduError(Exception):
    """The process died, or did not answer in time."""


class Atelier:
    """The process, and how it is asked."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "evidence.examinateur", str(MEMOIRE)]
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            command, cwd=_RACINE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
        )
        self._read = b""

    def demander(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Its answer.

        :raises _PerduError: there is none.
        """
        assert self._process.stdin is not None  # noqa: S101 - given above
        try:
            self._process.stdin.write(json.dumps(asked).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise _PerduError from error
        answer: dict[str, Any] = json.loads(self._ligne())
        return answer

    def _ligne(self) -> bytes:
        assert self._process.stdout is not None  # noqa: S101 - given above
        out = self._process.stdout.fileno()
        with selectors.DefaultSelector() as waiting:
            waiting.register(out, selectors.EVENT_READ)
            while b"\n" not in self._read:
                if not waiting.select(SECONDES):
                    raise _PerduError
                more = os.read(out, 1 << 16)
                if not more:
                    raise _PerduError
                self._read += more
        line, _, self._read = self._read.partition(b"\n")
        return line

    def fermer(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with _sans_bruit():
                    pipe.close()
        self._process.wait()


@contextmanager
def _sans_bruit() -> Iterator[None]:
    try:
        yield
    except OSError:
        return


def examiner(paths: Sequence[Path]) -> list[Examen]:
    """What is known of each document, in their order."""
    found: list[Examen] = []
    while len(found) < len(paths):
        atelier = Atelier()
        try:
            for path in paths[len(found) :]:
                told = _tete(path)
                found.append(told or _lu(atelier.demander({"chemin": str(path)})))
        except _PerduError:
            found.append(Examen(0, (), "trop_long"))
        finally:
            atelier.fermer()
    return found


def _lu(answer: Mapping[str, Any]) -> Examen:
    return Examen(answer["pages"], tuple(answer["alertes"]), answer["refus"])


def _tete(path: Path) -> Examen | None:
    """What the first and the last bytes refuse already."""
    size = path.stat().st_size
    with path.open("rb") as file:
        first = file.read(1024)
        file.seek(max(0, size - 2048))
        last = file.read(2048)
    if not size:
        return Examen(0, (), "vide")
    if SIGNATURE not in first:
        return Examen(0, (), "autre")
    return Examen(0, (), "tronque") if FIN not in last else None


def reunir(pieces: Sequence[tuple[Path, str]], titre: str, sortie: Path) -> int:
    """Put these PDFs, each with its title, in one file at ``sortie``: the same bytes each time. How many pages it has.

    :raises ExamenError: one of them cannot be put with the others.
    """
    atelier = Atelier()
    try:
        told = [{"chemin": str(path), "titre": title} for path, title in pieces]
        answer = atelier.demander({"pieces": told, "titre": titre, "sortie": str(sortie)})
    except _PerduError:
        answer = {"refus": "trop_long"}
    finally:
        atelier.fermer()
    if answer["refus"] is not None:
        msg = f"la série « {titre} » n'a pas pu être réunie : déposez ses pièces une par une (--no-series)"
        raise ExamenError(msg)
    return int(answer["pages"])

"""The command line: ``python3 verifier.pyz BUNDLE.zip``. Exit: 0 INTEGRE, 1 ALTERE, 2 COHERENT, 64 misused."""

from __future__ import annotations

import argparse
import json
import os
import pkgutil
import sys
from hashlib import sha256
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final, NoReturn

from evidence.verificateurs.pyz.archive import Archive
from evidence.verificateurs.pyz.examen import Confiance, Examen
from evidence.verificateurs.pyz.paroles import PAROLES
from evidence.verificateurs.pyz.rapport import Rapport, montrable
from evidence.verificateurs.pyz.textes import IllisibleError
from evidence.verificateurs.pyz.verdict import confiance, examiner, resultat

SORTIES: Final = {"INTEGRE": 0, "ALTERE": 1, "COHERENT": 2}
USAGE: Final = 64
ANCRES: Final = "ancres.json"
"""What a published verifier believes by itself, where it has it."""
DONNEES: Final = 1 << 20


class _Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def _arguments() -> _Arguments:
    arguments = _Arguments(
        prog="verifier.pyz",
        description="Vérifie un paquet de preuve. Judges a bundle. Exit: 0 INTÈGRE, 1 ALTÉRÉ, 2 COHÉRENT.",
    )
    arguments.add_argument("paquet", metavar="BUNDLE.zip")
    arguments.add_argument(
        "--policy", metavar="FILE", help="politique de confiance (C2SP tlog-policy) venue d'ailleurs"
    )
    arguments.add_argument("--roots", metavar="PEM", help="autorités d'horodatage que vous croyez")
    arguments.add_argument("--qualified", metavar="PEM", help="celles d'un service qualifié (eIDAS)")
    arguments.add_argument("--json", action="store_true", help="le résultat en JSON")
    arguments.add_argument("--english", action="store_true", help="in English")
    return arguments


def _ancres() -> dict[str, str]:
    try:
        octets = pkgutil.get_data("evidence.verificateurs.pyz", ANCRES)
    except OSError:
        octets = None
    ancres: dict[str, str] = json.loads(octets) if octets else {}
    return ancres


def _texte(chemin: str | None, bati: str) -> str:
    """A file that was given, or what is built in."""
    if chemin is None:
        return bati
    with Path(chemin).open("rb") as fichier:
        octets = fichier.read(DONNEES + 1)
    if len(octets) > DONNEES or not octets.strip():
        raise IllisibleError
    return octets.decode("utf-8")


def _confiance(donne: argparse.Namespace) -> Confiance:
    ancres, textes = _ancres(), []
    for nom, chemin in (("politique", donne.policy), ("racines", donne.roots), ("qualifiees", donne.qualified)):
        try:
            textes.append(_texte(chemin, ancres.get(nom, "")))
            confiance(**{nom: textes[-1]})
        except (OSError, ValueError):
            _mal(donne, chemin or ANCRES)
    return confiance(*textes)


def _mal(donne: argparse.Namespace, nom: str) -> NoReturn:
    phrase = PAROLES["fichier"]["en" if donne.english else "fr"].format(nom=montrable(nom))
    sys.stderr.write(f"verifier.pyz: {phrase}\n")
    sys.exit(USAGE)


def _programme() -> str:
    """The SHA-256 of this program, where it is one file."""
    try:
        return sha256(Path(sys.argv[0]).read_bytes()).hexdigest()
    except OSError:
        return "?"


def _ecrire(texte: str) -> None:
    """Print; a reader that has gone away changes nothing of the verdict."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        sys.stdout.write(texte)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(arguments: list[str] | None = None) -> int:
    """Judge one bundle and say so; the exit code."""
    donne = _arguments().parse_args(arguments)
    connue = _confiance(donne)
    try:
        with Path(donne.paquet).open("rb") as fichier:
            examen = Examen(Archive(fichier), connue)
            dit: dict[str, Any] = resultat(examen, examiner(examen))
    except OSError:
        _mal(donne, donne.paquet)
    if donne.json:
        _ecrire(json.dumps(dit, ensure_ascii=False, sort_keys=True, indent=1) + "\n")
    else:
        rapport = Rapport(examen, dit, "en" if donne.english else "fr", _programme())
        _ecrire("\n".join(rapport.lignes()) + "\n")
    return SORTIES[dit["verdict"]]


if __name__ == "__main__":
    sys.exit(main())

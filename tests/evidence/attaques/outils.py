"""What attacks are made of: a file of a valid bundle changed in one way, and everything above it sealed again."""

from collections.abc import Callable
from typing import Any, Final

from tests.evidence.attaques.laxites import Octets
from tests.evidence.attaques.paquet import JOURNAL, Paquet


def par_ligne(nom: str, change: Octets, ou: Callable[[Paquet], int]) -> Callable[[Paquet], Paquet]:
    """One line of a file of the journal is written otherwise, and all is sealed again."""

    def faire(paquet: Paquet) -> Paquet:
        lines, at = paquet.lignes(nom), ou(paquet)
        changed = change(lines[at])
        assert changed != lines[at], "nothing was changed"
        lines[at] = changed
        paquet.ecrire_lignes(nom, lines)
        return paquet.sceller()

    return faire


def par_liste(nom: str, change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Paquet], Paquet]:
    """The lines of a file are others, and all is sealed again."""

    def faire(paquet: Paquet) -> Paquet:
        lines = paquet.lignes(nom)
        paquet.ecrire_lignes(nom, change(list(lines)))
        assert paquet.lignes(nom) != lines, "nothing was changed"
        return paquet.sceller()

    return faire


def par_fichier(nom: str, change: Octets) -> Callable[[Paquet], Paquet]:
    """The whole file is written otherwise, and all is sealed again."""

    def faire(paquet: Paquet) -> Paquet:
        paquet.membres[JOURNAL + nom] = change(paquet.membres[JOURNAL + nom])
        return paquet.sceller()

    return faire


def par_valeur(nom: str, n: int, change: Callable[[dict[str, Any]], Any]) -> Callable[[Paquet], Paquet]:
    """One line says something else, canonically, and all is sealed again."""

    def faire(paquet: Paquet) -> Paquet:
        before = paquet.membres[JOURNAL + nom]
        paquet.changer_ligne(nom, n, change)
        assert paquet.membres[JOURNAL + nom] != before, "nothing was changed"
        return paquet.sceller()

    return faire


def par_chemin(change: Callable[[list[str]], list[str]]) -> Callable[[dict[str, Any]], Any]:
    """A line whose path is other."""
    return lambda said: said | {"path": change(said["path"])}


UN: Final = "A" * 43 + "="
CHEMINS_FAUX: Final[dict[str, Callable[[list[str]], list[str]]]] = {
    "raccourci": lambda path: path[:-1],
    "vide": lambda _: [],
    "allonge": lambda path: [*path, UN],
    "retourne": lambda path: path[::-1],
    "change": lambda path: [UN, *path[1:]],
    "de_63": lambda path: path + [UN] * (63 - len(path)),
}
CHEMINS_LAXES: Final[dict[str, Callable[[list[str]], list[str]]]] = {
    "de_64": lambda path: path + [UN] * (64 - len(path)),
    "de_100000": lambda path: path + [UN] * 100_000,
    "bits_de_bourrage": lambda path: ["A" * 42 + "B=", *path[1:]],
    "sans_egal": lambda path: [path[0][:-1], *path[1:]],
    "url": lambda path: ["-" * 42 + "A=", *path[1:]],
    "saut": lambda path: [path[0][:20] + "\n" + path[0][20:], *path[1:]],
    "espace": lambda path: [" " + path[0], *path[1:]],
    "de_31_octets": lambda path: ["A" * 42 + "==", *path[1:]],
    "de_33_octets": lambda path: ["A" * 44, *path[1:]],
    "hexa": lambda path: ["0" * 64, *path[1:]],
    "vide_dedans": lambda path: ["", *path],
}

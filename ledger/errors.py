"""The few ways in which the ledger says no. Every message a user may see is in French."""

import errno
from dataclasses import dataclass
from typing import Final

CAUSES: Final = {
    errno.EACCES: "accès refusé",
    errno.EADDRINUSE: "cette adresse est déjà prise",
    errno.EADDRNOTAVAIL: "cette adresse n'est pas de cette machine",
    errno.EEXIST: "il y a déjà un fichier de ce nom",
    errno.EISDIR: "c'est un dossier, un fichier est attendu",
    errno.ENAMETOOLONG: "nom trop long",
    errno.ENOENT: "introuvable",
    errno.ENOSPC: "plus de place",
    errno.ENOTDIR: "ce n'est pas un dossier",
    errno.EROFS: "le support est en lecture seule",
}


def cause(error: OSError) -> str:
    """Why the system refused, in French."""
    return CAUSES.get(error.errno or 0, f"erreur {error.errno} du système")


class ConstatError(Exception):
    """Constat n'a pas pu faire ce qui était demandé."""


class ConflictError(ConstatError):
    """Le flux a avancé entre la lecture et l'écriture : relisez, puis recommencez."""


class KeyFileError(ConstatError):
    """Le fichier de clés manque, est illisible ou n'ouvre pas ce registre."""


class KeyDestroyedError(ConstatError):
    """La clé de cette personne a été détruite : le contenu n'est plus lisible, les preuves tiennent."""


class TamperedError(ConstatError):
    """Une entrée ne s'ouvre pas ou ne correspond pas à sa ligne : elle a été modifiée, ou ce n'est pas sa clé."""


class DatabaseUnfitError(ConstatError):
    """Le serveur PostgreSQL ne convient pas à un registre."""


class IdentityReusedError(ConstatError):
    """Cet identifiant désigne déjà un autre fait de la même personne."""


@dataclass(frozen=True, slots=True)
class Probleme:
    """One thing that cannot be read: the field, what is wrong, what was expected."""

    champ: str
    probleme: str
    attendu: str = ""

    def __str__(self) -> str:
        expected = f" ; attendu : {self.attendu}" if self.attendu else ""
        return f"champ « {self.champ} » : {self.probleme}{expected}"


class UnreadableError(ConstatError):
    """Le fait est illisible : chaque problème nomme son champ et ce qui était attendu."""

    def __init__(self, problemes: list[Probleme]) -> None:
        self.problemes = problemes
        super().__init__(" | ".join(str(each) for each in problemes))

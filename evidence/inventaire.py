"""L'inventaire détaillé : chaque pièce, son numéro continu et croissant, son libellé (CJA R.412-2).

Un numéro donné ne change plus : une requête déjà déposée cite « pièce n° 7 ». Une pièce ajoutée plus tard prend le
numéro suivant ; une pièce inscrite ne se retire pas, et un fichier déposé ne s'allonge pas.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from evidence.noms import nom_de_fichier

Libelle = Annotated[str, StringConstraints(min_length=3, max_length=300, strip_whitespace=True)]
"""Ce que la pièce contient, en toutes lettres : 3 à 300 caractères."""
Empreinte = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 du document, 64 chiffres hexadécimaux minuscules."""


class _Modele(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Piece(_Modele):
    """Un document à inscrire."""

    libelle: Libelle
    sha256: Empreinte
    serie: Libelle | None = None
    """Le libellé de la série homogène dont les documents sont groupés dans un seul fichier."""
    depose: Empreinte | None = None
    """L'empreinte du fichier déposé, quand ce n'est pas le document même : une image mise en page, une conversion."""


class Ligne(_Modele):
    """Une pièce inscrite. ``envoi`` : le dépôt qui l'a portée, à partir de 1."""

    numero: int
    envoi: int
    piece: Piece


class Fichier(_Modele):
    """Un fichier à déposer, et les pièces qu'il contient, dans leur ordre."""

    nom: str
    lignes: tuple[Ligne, ...]


class Inventaire(_Modele):
    """Les pièces d'une requête. Les numéros vont de 1 au nombre de pièces, sans trou."""

    lignes: tuple[Ligne, ...] = ()

    @model_validator(mode="after")
    def _sans_trou(self) -> Self:
        if [ligne.numero for ligne in self.lignes] != list(range(1, len(self.lignes) + 1)):
            msg = "les numéros vont de 1 au nombre de pièces, dans l'ordre et sans trou"
            raise ValueError(msg)
        envois = [ligne.envoi for ligne in self.lignes]
        if envois != sorted(envois) or set(envois) != set(range(1, len(set(envois)) + 1)):
            msg = "les envois vont de 1 au nombre d'envois, dans l'ordre et sans trou"
            raise ValueError(msg)
        return self

    def avec(self, pieces: Iterable[Piece]) -> "Inventaire":
        """Le même, avec un envoi de plus : les pièces qui n'y sont pas encore, à la suite, chaque série d'un tenant."""
        deja = {ligne.piece for ligne in self.lignes}
        nouvelles = [piece for piece in dict.fromkeys(pieces) if piece not in deja]
        rang = {cle: place for place, cle in reversed(list(enumerate(map(_cle, nouvelles))))}
        envoi = self.lignes[-1].envoi + 1 if self.lignes else 1
        numerotees = enumerate(sorted(nouvelles, key=lambda piece: rang[_cle(piece)]), start=len(self.lignes) + 1)
        ajoutees = [Ligne(numero=numero, envoi=envoi, piece=piece) for numero, piece in numerotees]
        return Inventaire(lignes=(*self.lignes, *ajoutees))

    @property
    def fichiers(self) -> tuple[Fichier, ...]:
        """Un fichier par pièce ; un par série homogène et envoi (CE Sect. 5 octobre 2018 n° 418233)."""
        suites = groupby(self.lignes, key=lambda ligne: (ligne.envoi, _cle(ligne.piece)))
        return tuple(_fichier(tuple(suite)) for _, suite in suites)


def _cle(piece: Piece) -> tuple[str, str]:
    """Ce qui va dans un même fichier."""
    return ("serie", piece.serie) if piece.serie is not None else (piece.sha256, piece.libelle)


def _fichier(lignes: tuple[Ligne, ...]) -> Fichier:
    premiere, derniere = lignes[0], lignes[-1]
    libelle = premiere.piece.serie or premiere.piece.libelle
    dernier = derniere.numero if len(lignes) > 1 else None
    return Fichier(nom=nom_de_fichier(premiere.numero, libelle, dernier=dernier), lignes=lignes)

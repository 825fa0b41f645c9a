"""What several events share: bounded lists and amounts, nested parts, and the one check that makes dates readable.

A payload is refused here only when it cannot be true at all (it ends before it begins). What is unlawful, late or
missing is still a fact, and stays readable.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, StringConstraints, model_serializer

from ledger.days import Jours, Quand
from ledger.events.base import Article, Court, Ref, Sha256, Texte

Textes = Annotated[tuple[Texte, ...], Field(max_length=100)]
"""Jusqu'à cent textes libres."""

Articles = Annotated[tuple[Article, ...], Field(max_length=100)]
"""Jusqu'à cent articles cités."""

Refs = Annotated[tuple[Ref, ...], Field(max_length=10_000)]
"""Jusqu'à dix mille références."""

Sujet = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""Une personne, par son identifiant aléatoire au registre : 32 chiffres hexadécimaux minuscules."""

Sujets = Annotated[tuple[Sujet, ...], Field(max_length=1_000)]
"""Jusqu'à mille personnes."""

Courts = Annotated[tuple[Court, ...], Field(max_length=1_000)]
"""Jusqu'à mille libellés."""

Centimes = Annotated[int, Field(ge=0, le=10**12)]
"""Un montant en centimes d'euro."""

Octets = Annotated[int, Field(ge=0, le=2**40)]
"""Une taille en octets."""

Annees = Annotated[int, Field(ge=0, le=100)]
"""Une durée en années."""

Nombre = Annotated[int, Field(ge=0, le=10**9)]
"""Un nombre entier, jamais négatif."""

Departement = Annotated[str, StringConstraints(pattern=r"^([0-9]{2,3}|2[AB])$")]
"""Le code d'un département."""

_CONFIG: Final = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)

_Model = TypeVar("_Model", bound=BaseModel)


class Part(BaseModel):
    """Une partie d'un fait."""

    model_config = _CONFIG


def in_order(first: str, last: str) -> Callable[[_Model], _Model]:
    """A validator that refuses a payload whose field ``last`` surely comes before its field ``first``."""

    def check(model: _Model) -> _Model:
        start, end = getattr(model, first), getattr(model, last)
        if isinstance(start, Jours) and isinstance(end, Jours):
            reversed_ = end.dernier < start.premier
        elif isinstance(start, Quand) and isinstance(end, Quand):
            reversed_ = end.fin < start.debut
        else:
            return model
        if reversed_:
            msg = f"« {last} » ({end}) précède « {first} » ({start})"
            raise ValueError(msg)
        return model

    return check


class MiseADisposition(BaseModel):
    """The day a document was made available: its key is always written, so that a source says what it ignores."""

    model_config = _CONFIG

    mise_a_disposition_le: Jours | None
    """Le jour de la mise à disposition de la personne, nul quand la source ne le connaît pas."""

    @model_serializer(mode="wrap")
    def _keep_the_key(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {"mise_a_disposition_le": None, **handler(self)}


class RemiseEnMain(BaseModel):
    """The day a document was handed over: its key is always written, so that a source says what it ignores."""

    model_config = _CONFIG

    remis_le: Jours | None
    """Le jour de la remise à la personne, nul quand la source ne le connaît pas."""

    @model_serializer(mode="wrap")
    def _keep_the_key(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {"remis_le": None, **handler(self)}


class PieceDeclaree(Part):
    """Une pièce jointe à une demande, telle que la personne la désigne."""

    nom: Court
    """La désignation de la pièce."""
    sha256: Sha256 | None = None
    """L'empreinte du fichier."""
    octets: Octets | None = None
    """La taille du fichier."""


class PieceDemandee(Part):
    """Une pièce que l'administration réclame."""

    nom: Court
    """La désignation de la pièce."""
    texte: Article | None = None
    """Le texte qui l'exige (CRPA L.114-5, R.112-11-4), absent quand l'acte n'en cite aucun."""
    indispensable: bool | None = None
    """Le caractère indispensable, quand l'acte le dit (CRPA L.114-5-1)."""


PiecesDeclarees = Annotated[tuple[PieceDeclaree, ...], Field(max_length=500)]
"""Les pièces déclarées."""

PiecesDemandees = Annotated[tuple[PieceDemandee, ...], Field(max_length=500)]
"""Les pièces réclamées."""

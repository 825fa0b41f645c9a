"""The envelope: an event becomes a fact when we know who acted, how it reached us and what it is worth as proof.

:class:`Fait` is what comes in, one JSON object a line in the interchange format. :class:`Entry` is what stands in the
ledger: the same fact with its place, its stream and the instant at which the database recorded it.
"""

from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

import msgspec
from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny

from ledger.days import Quand
from ledger.events.base import Article, Court, Event, Ref, Sha256, Texte
from ledger.events.types import Canal, Flux, Grade, NatureActeur, Source


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class Acteur(_Part):
    """Qui a agi, sous quelle qualité, et pour qui."""

    nature: NatureActeur
    """La catégorie de l'acteur."""
    id: Ref | None = None
    """L'identifiant pseudonyme de la personne qui agit, jamais son nom."""
    service: Court | None = None
    """Le service (préfecture, centre, organisme)."""
    qualite: Court | None = None
    """La qualité de l'agent (CRPA L.111-2, L.212-1)."""
    au_nom_de: Ref | None = None
    """L'identifiant pseudonyme de la personne représentée."""


@lru_cache(maxsize=4096)
def read_acteur(raw: bytes) -> Acteur:
    """The actor that a JSON text tells; a few services write most facts.

    :raises pydantic.ValidationError: it is not one.
    """
    return Acteur.model_validate_json(raw)


class Piece(_Part):
    """Un document que le fait cite, désigné par son empreinte ; son contenu est gardé à part."""

    nom: Court
    """Le nom du fichier à la source."""
    octets: Annotated[int, Field(ge=0, le=2**40)]
    """La taille en octets."""
    sha256: Sha256
    """L'empreinte SHA-256 du contenu en clair."""
    mime: Court | None = None
    """Le type déclaré, jamais cru sur parole."""


class Avertissement(_Part):
    """Ce que Constat a dit à l'auteur au moment de l'acte, gardé avec l'acte."""

    code: Ref
    """Le code stable de l'avertissement."""
    source: Article
    """L'article ou la règle."""
    texte: Texte
    """La phrase montrée."""


class Fait(_Part):
    """Un fait tel qu'une source le rapporte : une ligne du format d'échange."""

    id: Ref
    """L'identifiant du fait chez sa source ; le même identifiant ne désigne jamais deux faits d'une même personne."""
    personne: Ref | None = None
    """La référence pseudonyme de la personne ; absente seulement pour un incident qui n'est à personne."""
    objet: Ref | None = None
    """La référence du dossier, du titre, de l'incident, de l'effet ou de la réclamation."""
    survenu: Quand
    """Quand le fait est arrivé : un instant ou un intervalle « pas avant / pas après »."""
    connu_de_la_source: Quand | None = None
    """Quand la source l'a elle-même enregistré, si elle le dit."""
    acteur: Acteur
    canal: Canal
    """Le canal."""
    source: Source
    """Qui le rapporte."""
    grade: Grade
    """La force de preuve (A à E)."""
    corrige: Ref | None = None
    """L'identifiant du fait que celui-ci remplace ; rien n'est jamais modifié."""
    cause: Ref | None = None
    """L'identifiant du fait qui a directement provoqué celui-ci."""
    correlation: Ref | None = None
    """Ce qui relie des faits d'une même affaire."""
    flux_choisi: Flux | None = None
    """Le flux, pour les seuls types qui valent dans tous."""
    pieces: Annotated[tuple[Piece, ...], Field(max_length=500)] = ()
    avertissements: Annotated[tuple[Avertissement, ...], Field(max_length=100)] = ()
    evenement: SerializeAsAny[Event]
    """Le contenu propre au type de fait."""

    @property
    def flux(self) -> Flux:
        """The kind of stream this fact belongs to."""
        return self.flux_choisi or self.evenement.flux


_EVERY_FIELD = set(Fait.model_fields)
_set = object.__setattr__


def build_fait(**values: Any) -> Fait:
    """A :class:`Fait` of values already of the right types, all given: what ``model_construct`` does, faster."""
    fait = Fait.__new__(Fait)
    _set(fait, "__dict__", values)
    _set(fait, "__pydantic_fields_set__", _EVERY_FIELD)  # shared: pydantic copies it before it changes it
    _set(fait, "__pydantic_extra__", None)
    _set(fait, "__pydantic_private__", None)
    return fait


class Entry(msgspec.Struct, frozen=True):
    """A fact as it stands in the ledger.

    ``position`` is its place in the sealed order (from 1, ``None`` while unsealed); ``pos`` its place in its stream
    (from 1). ``recorded_at`` is the database's clock: no rule reads it, only as-of replay does.
    """

    position: int | None
    stream: UUID
    pos: int
    subject: UUID
    event_id: UUID
    recorded_at: datetime
    fait: Fait

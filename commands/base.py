"""What an act is, and the two answers it may get: a refusal with all its reasons, or a warning kept with the act.

Rules and guards *yield*; only :func:`commands.decide.decide` *raises*, once, with everything that was yielded.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ledger.days import Quand
from ledger.entry import Acteur, Avertissement, Fait, Piece
from ledger.errors import ConstatError
from ledger.events.base import Event
from ledger.events.types import Canal, Flux, Grade, Source
from rules.base import Source as Regle
from rules.base import Verification


def mention(regle: Regle) -> str:
    """What must be said of a rule that was not checked; nothing of one that was."""
    if regle.verification is Verification.I:
        return "règle non vérifiée : interprétation ou convention"
    return "règle non vérifiée" if regle.a_verifier else ""


@dataclass(frozen=True, slots=True)
class Motif:
    """Une raison de refuser un acte."""

    code: str
    """Le code stable de la raison."""
    regle: Regle
    """La règle et sa source."""
    texte: str
    """La phrase montrée."""

    @property
    def reference(self) -> str:
        """The rule as one cites it."""
        return self.regle.reference

    @property
    def a_verifier(self) -> bool:
        """Whether the rule's source was not checked."""
        return self.regle.a_verifier

    def __str__(self) -> str:
        said = mention(self.regle)
        return f"{self.texte} ({self.reference}{' ; ' + said if said else ''})"


Reponse = Motif | Avertissement
Reponses = Iterable[Reponse]
Garde = Callable[[Any, Any], Reponses]
"""A check or an act: it takes the situation and the payload, and yields what it has to say."""


class Refused(ConstatError):  # noqa: N818 - an answer, not an accident
    """L'acte est refusé ; toutes les raisons sont données."""

    def __init__(self, motifs: Iterable[Motif]) -> None:
        self.motifs = tuple(motifs)
        super().__init__("\n".join(["Acte refusé :", *(f"- {motif}" for motif in self.motifs)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Acte:
    """Ce qui est demandé : un contenu, et qui le demande, pour qui, quand, par quel canal."""

    evenement: Event
    """Le contenu du fait que l'acte produira."""
    command_id: UUID
    """L'identifiant de la demande : le même donne toujours le même fait, jamais deux."""
    acteur: Acteur
    canal: Canal
    personne: str | None = None
    objet: str | None = None
    survenu: Quand | None = None
    """Quand l'acte a lieu ; absent : au moment où il est demandé."""
    pieces: tuple[Piece, ...] = ()
    corrige: str | None = None
    cause: str | None = None
    correlation: str | None = None
    grade: Grade = Grade.A
    flux_choisi: Flux | None = None

    @property
    def flux(self) -> Flux:
        """The kind of stream that the act writes to."""
        return self.flux_choisi or self.evenement.flux

    @property
    def id(self) -> str:
        """The id of the fact, made from the command's."""
        return f"acte-{self.command_id}"

    def fait(self, survenu: Quand, avertissements: tuple[Avertissement, ...]) -> Fait:
        """The fact that the act becomes once it is accepted."""
        return Fait(
            id=self.id,
            personne=self.personne,
            objet=self.objet,
            survenu=survenu,
            acteur=self.acteur,
            canal=self.canal,
            source=Source.CONSTAT,
            grade=self.grade,
            corrige=self.corrige,
            cause=self.cause,
            correlation=self.correlation,
            flux_choisi=self.flux_choisi,
            pieces=self.pieces,
            avertissements=avertissements,
            evenement=self.evenement,
        )

    def moment(self, now: datetime) -> Quand:
        """When the act takes place, asked for at ``now``."""
        return self.survenu or Quand.le(now)


def avertir(code: str, regle: Regle, texte: str) -> Avertissement:
    """A warning to keep with the act; it names its source and says when that source was not checked."""
    said = mention(regle)
    return Avertissement(code=code, source=regle.reference, texte=f"{texte} ({said})" if said else texte)


def avertir_de(manquements: Iterable[tuple[str, Regle, str]]) -> Iterator[Avertissement]:
    """The warnings that a rule's ``manquements`` are."""
    return (avertir(code, regle, texte) for code, regle, texte in manquements)

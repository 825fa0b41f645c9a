"""What a report is made from: one person's facts, what they prove, and what makes them hard to change unseen.

Nothing here reads a ledger: who assembles a :class:`Rapport` does. It refuses what a report could not show whole.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from evidence.inventaire import Inventaire
from ledger.entry import Entry
from ledger.errors import ConstatError
from ledger.retained import known
from projections.couverture.modeles import Couverture
from projections.imputation.modeles import Constat
from replay.preuve import Preuve

PARTS = ("acteur", "fait", "pieces")
"""The parts of a fact that are opened, or withheld, one by one."""


class RapportError(ConstatError):
    """Le rapport ne peut pas être établi sur ces données."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retenue:
    """Une partie d'un fait qui n'est pas ouverte dans le paquet, et pourquoi."""

    entry: UUID
    part: str
    """One of :data:`PARTS`."""
    motif: str
    masquee: bool = False
    """The entry was masked: what it says now may be shown. Otherwise nothing of this part is printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scelle:
    """La place d'un fait dans le journal scellé, et entre quelles dates elle a été prise."""

    entry: UUID
    index: int
    """Of the leaf, from 0."""
    feuille: str
    """The leaf hash (RFC 6962), 64 hexadecimal digits."""
    pas_avant: datetime | None
    pas_apres: datetime | None
    qualifie: bool
    """Whether the tokens that give these bounds lead to a qualified authority that was configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jeton:
    """Un jeton d'horodatage (RFC 3161) sur un point de contrôle."""

    taille: int
    """The size of the checkpoint."""
    instant: datetime
    service: str
    qualifie: bool
    reserves: tuple[str, ...] = ()
    """What was not verified of it, in French."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemoinVu:
    """Un témoin qui a cosigné le dernier point, et l'instant qu'il en donne."""

    nom: str
    instant: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cle:
    """Une clé publique qui a signé, et son empreinte."""

    nom: str
    empreinte: str


@dataclass(frozen=True, slots=True)
class Expertise:
    """Le paquet qui prouve ce que le rapport imprime, quand il n'est pas remis avec lui."""

    export: str
    empreinte: str
    """SHA-256 of its list of lists (``tagmanifest-sha256.txt``), 64 hexadecimal digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrite:
    """Ce qui permet de refaire le contrôle sans le registre."""

    origine: str
    export: str
    """The export's id."""
    note: str
    """The text of the last checkpoint with all its signatures (C2SP signed-note), as it is in the bundle."""
    taille: int
    racine: str
    """The root, 64 hexadecimal digits."""
    scelles: tuple[Scelle, ...]
    jetons: tuple[Jeton, ...] = ()
    temoins: tuple[TemoinVu, ...] = ()
    recensement: date | None = None
    """The day of the census that shows that no fact was left out; ``None``: there is none."""
    cles: tuple[Cle, ...] = ()
    verifier_html: str
    """SHA-256 of the verifier, 64 hexadecimal digits."""
    verifier_pyz: str
    expertise: Expertise | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rapport:
    """Tout ce dont le rapport est fait.

    ``entries``: in the order of arrival, third parties masked; those of incidents of nobody may be among them.
    ``preuve``: made from the same entries, with its past.
    """

    personne: str
    entries: tuple[Entry, ...]
    masques: int
    """How many mentions of third parties were masked."""
    couverture: Couverture
    preuve: Preuve
    inventaire: Inventaire
    integrite: Integrite
    absentes: Mapping[str, str] = field(default_factory=dict)
    """By SHA-256, why a document that a fact cites is not among the pieces."""
    retenues: tuple[Retenue, ...] = ()
    affaire: str | None = None
    regards: int = 0
    """How many consultations, searches and exports are left out: they say nothing of what happened."""

    def __post_init__(self) -> None:
        """Refuse what could not be shown whole.

        :raises RapportError: the cover is of another day, a fact is cited that is not there, a part is withheld on
            which a finding rests, or a leaf is of no fact.
        """
        if self.couverture.au != self.preuve.au:
            msg = "la couverture et la preuve ne sont pas vues du même jour : refaites les deux"
            raise RapportError(msg)
        there = {entry.event_id for entry in self.connues}
        cited = faits_cites(self.preuve, self.couverture)
        if cited - there:
            msg = "la preuve cite un fait qui n'est pas parmi ceux du rapport : donnez tous les faits de la personne"
            raise RapportError(msg)
        placed = {*(each.entry for each in self.retenues), *(each.entry for each in self.integrite.scelles)}
        if placed - {entry.event_id for entry in self.entries}:
            msg = "une feuille ou une partie retenue est d'un fait étranger au rapport : donnez tous ses faits"
            raise RapportError(msg)
        for each in self.retenues:
            if each.part not in PARTS:
                msg = f"une partie retenue est l'une de : {', '.join(PARTS)}"
                raise RapportError(msg)
        hidden = {each.entry for each in self.retenues if each.part == "fait" and not each.masquee}
        if hidden & cited:
            msg = "un constat repose sur un fait dont le contenu est retenu : ouvrez-le, masquez-le, ou ôtez-le partout"
            raise RapportError(msg)

    @property
    def connues(self) -> tuple[Entry, ...]:
        """The entries that the evidence knew of."""
        return tuple(known(self.entries, self.preuve.connu_le))


def faits_cites(preuve: Preuve, couverture: Couverture) -> frozenset[UUID]:
    """The facts on which the evidence or the cover rests: those a report cannot do without."""
    cover = couverture
    found = {each.event_id for each in preuve.faits}
    for spans in (cover.droit, cover.preuve, cover.lacunes, cover.effets, cover.refus_implicites):
        found.update(each for span in spans for each in span.entries)
    found.update(each for link in constats(preuve) for each in link.entries)
    found.update(each for owed in preuve.obligations for each in owed.satisfaite_par)
    found.update(each for held in preuve.journal for each in held.entries)
    return frozenset(found)


def constats(preuve: Preuve) -> Iterator[Constat]:
    """Every finding of the evidence."""
    for owed in preuve.obligations:
        yield from owed.tous_constats
    for lost in preuve.attributions:
        yield from (*lost.chaine, *lost.contre)
        for side in lost.versions:
            yield from (*side.dits, *side.chaine)
    for apart in preuve.divergences:
        yield apart.constat

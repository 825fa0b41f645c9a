"""The facts that others dispute, and the histories that the sources leave possible when they contradict each other.

[I] Two holding facts of two sources that tell of one act and cannot both be true contradict each other, unless each
agrees with another telling of the other's source. Facts of the same force (A or B; C; D or E) dispute each other: each
is then left out in turn, and what follows from the histories is compared. A fact of a weaker force disputes nothing:
it is left aside, and shown as what speaks against the stronger one. A party that disputes a fact (a service before the
Défenseur des droits, a person who contests it or reports wrong dates on her certificate) changes no history, since the
word of a party is not proof; what rests on that fact is shown as contested.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from math import prod
from typing import Final, NamedTuple
from uuid import UUID

from ledger.entry import Entry
from ledger.events.base import Event
from ledger.events.correction import FaitConteste
from ledger.events.decision import DecisionAnnulee, DecisionRetiree
from ledger.events.listes import ErreurAttestation
from ledger.events.provisoire import (
    AttestationProlongationCorrigee,
    AttestationProlongationDelivree,
    AttestationProlongationRenouvelee,
    ErreurAttestationSignalee,
)
from ledger.events.reclamation import ExplicationsDddFournies
from ledger.events.types import Source
from projections import francais
from projections.imputation.actes_uniques import ACTES, DECISIONS, Dire, dires
from projections.imputation.exigence import constat
from projections.imputation.modeles import Constat, statut_de

FOIS: Final = 4
"""A source that tells of an act more often than this does not tell of an act that happens once. [I]"""
HISTOIRES: Final = 8
"""No more histories than this are replayed; beyond, one for each source that is contradicted, as it tells it."""
_CONTESTENT: Final[dict[type[Event], str]] = {
    ExplicationsDddFournies: "Le service interrogé conteste ce fait devant le Défenseur des droits",
    FaitConteste: "La personne conteste ce fait",
    ErreurAttestationSignalee: "Une erreur de dates a été signalée sur ce document et n'a pas été corrigée",
}
_ATTESTATIONS: Final = frozenset({AttestationProlongationDelivree, AttestationProlongationRenouvelee})
LUS_EN_LITIGE: Final[frozenset[type[Event]]] = frozenset(
    {*ACTES, DecisionAnnulee, DecisionRetiree, AttestationProlongationCorrigee, *_CONTESTENT}
)
"""The types of facts that disputes are read from."""
_NOMS: Final = {
    Source.CONSTAT: "Constat",
    Source.ANEF: "le téléservice ANEF",
    Source.AGDREF: "le fichier AGDREF",
    Source.PAPIER: "le dossier papier",
    Source.DEPOT: "une pièce déposée",
    Source.DECLARATION: "une déclaration",
    Source.TIERS: "un tiers",
    Source.JURIDICTION: "une juridiction",
}

Paire = tuple[Dire, Dire]


class Litige(NamedTuple):
    """Facts of several sources that cannot all be true."""

    paires: tuple[Paire, ...]
    versions: tuple[frozenset[UUID], ...]
    """Each largest set of them that can be true at once, by event id."""

    def manque(self) -> Iterator[str]:
        """What would decide, in French, for each act that is told in two ways."""
        for quoi in dict.fromkeys(one.acte.quoi for one, _ in self.paires):
            told = dict.fromkeys(each for pair in self.paires for each in pair if each.acte.quoi == quoi)
            said = ", ou ".join(sorted({d_apres(each) for each in told}))
            yield f"De quoi départager deux sources ({said}) : {next(iter(told)).acte.tranche}."


class Histoire(NamedTuple):
    """One history that the sources leave possible: a version of each dispute."""

    entries: tuple[Entry, ...]
    choix: tuple[int, ...] = ()
    """The version taken in each dispute."""


class Litiges(NamedTuple):
    """What is disputed among the facts of one person."""

    retenues: tuple[Entry, ...]
    """The entries but those that a stronger fact of another source contradicts."""
    histoires: tuple[Histoire, ...]
    """At least one; several when sources of the same force contradict each other."""
    litiges: tuple[Litige, ...] = ()
    entier: bool = True
    """Whether every combination of versions is among the histories."""
    contestes: Mapping[UUID, tuple[Constat, ...]] = {}
    """For each fact that is disputed, what disputes it."""
    contredits: Mapping[UUID, tuple[Constat, ...]] = {}
    """For each fact that a weaker one contradicts, what that one says."""

    @property
    def reserves(self) -> tuple[str, ...]:
        """What was not replayed, in French, when there are too many combinations."""
        text = f"Les autres combinaisons des faits contredits : {HISTOIRES} histoires au plus sont rejouées."
        return () if self.entier else (text,)

    def retenus(self, histoire: Histoire, lesquels: Iterable[int]) -> list[Dire]:
        """What is taken as true in ``histoire``, of the disputes ``lesquels``."""
        told = [
            each
            for index in lesquels
            for pair in self.litiges[index].paires
            for each in pair
            if each.entry.event_id in self.litiges[index].versions[histoire.choix[index]]
        ]
        return list({(each.entry.event_id, each.acte.quoi): each for each in told}.values())

    def decisifs(self, reponses: Sequence[Hashable]) -> list[int]:
        """The disputes that alone change the answer, ``reponses`` being those of the histories; all when none does."""
        found = set()
        for (one, a), (other, b) in combinations(zip(self.histoires, reponses, strict=True), 2):
            apart = [i for i, versions in enumerate(zip(one.choix, other.choix, strict=True)) if len(set(versions)) > 1]
            if a != b and len(apart) == 1:
                found.add(apart[0])
        return sorted(found) or list(range(len(self.litiges)))


def litiges(entries: Sequence[Entry]) -> Litiges:
    """What is disputed among the holding ``entries`` of one person, given in any order."""
    pairs = _contradictions(entries)
    contested = _contestations(entries)
    if not pairs:
        return Litiges(tuple(entries), (Histoire(tuple(entries)),), contestes=contested)
    weaker = _inegales(pairs)
    aside = {weak.entry.event_id for _, weak in weaker}
    equal = [pair for pair in pairs if not aside & {each.entry.event_id for each in pair}]
    for one, other in equal:
        for against, said in ((one, other), (other, one)):
            shown = constat("source_contraire", phrase(said), said.entry)
            contested[against.entry.event_id] = (*contested.get(against.entry.event_id, ()), shown)
    against_strong: dict[UUID, tuple[Constat, ...]] = {}
    for strong, weak in weaker:
        told = constat("source_plus_faible", f"D'une force moindre : {d_apres(weak)}.", weak.entry)
        against_strong[strong.entry.event_id] = (*against_strong.get(strong.entry.event_id, ()), told)
    kept = tuple(each for each in entries if each.event_id not in aside)
    found = _litiges(equal)
    choices = list(_choix(found, equal))
    return Litiges(
        kept,
        tuple(Histoire(_selon(kept, found, each), each) for each in choices),
        found,
        entier=len(choices) == prod(len(each.versions) for each in found),
        contestes=contested,
        contredits=against_strong,
    )


def d_apres(told: Dire) -> str:
    """« d'après le téléservice ANEF (force A), dépôt de la demande en ligne : 1er juillet 2025 »."""
    fait = told.entry.fait
    return f"d'après {_NOMS[fait.source]} (force {fait.grade.value}), {told.texte}"


def phrase(told: Dire) -> str:
    """The same as a sentence."""
    said = d_apres(told)
    return f"{said[:1].upper()}{said[1:]}."


def _inegales(pairs: Iterable[Paire]) -> list[Paire]:
    """The pairs whose facts are not of the same force, the stronger first."""
    sorted_ = [(one, other) if one.entry.fait.grade <= other.entry.fait.grade else (other, one) for one, other in pairs]
    return [(a, b) for a, b in sorted_ if statut_de(a.entry.fait.grade) is not statut_de(b.entry.fait.grade)]


def _contradictions(entries: Sequence[Entry]) -> list[Paire]:
    """The pairs that cannot both be true, in an order of their own."""
    undone = {e.fait.objet for e in entries if isinstance(e.fait.evenement, DecisionAnnulee | DecisionRetiree)}
    told: dict[Hashable, list[Dire]] = defaultdict(list)
    for entry in entries:
        if type(entry.fait.evenement) in ACTES and not (
            type(entry.fait.evenement) in DECISIONS and entry.fait.objet in undone
        ):
            for reference, said in dires(entry):
                told[reference].append(said)
    found: dict[tuple[UUID, UUID, str], Paire] = {}
    for tellings in told.values():
        times = Counter(each.entry.fait.source for each in tellings)
        if len(times) > 1 and max(times.values()) <= FOIS:
            for one, other in _opposes(sorted(tellings, key=_ordre)):
                found.setdefault((one.entry.event_id, other.entry.event_id, one.acte.quoi), (one, other))
    return sorted(found.values(), key=lambda pair: (_ordre(pair[0]), _ordre(pair[1]), pair[0].acte.quoi))


def _ordre(told: Dire) -> tuple[object, ...]:
    return str(told.valeur), told.entry.fait.source, told.entry.event_id.int


def _opposes(said: Sequence[Dire]) -> Iterator[Paire]:
    agreed = {
        (one.entry.event_id, other.entry.fait.source)
        for one in said
        for other in said
        if not one.contredit(other) and one.entry.fait.source is not other.entry.fait.source
    }
    for one, other in combinations(said, 2):
        sources = one.entry.fait.source, other.entry.fait.source
        alone = (one.entry.event_id, sources[1]) not in agreed and (other.entry.event_id, sources[0]) not in agreed
        if sources[0] is not sources[1] and alone and one.contredit(other):
            yield one, other


def _litiges(pairs: Iterable[Paire]) -> tuple[Litige, ...]:
    """The pairs grouped so that no fact is in two groups, each with the versions it leaves possible."""
    groups: dict[UUID, list[Paire]] = {}
    for pair in pairs:
        one, other = (groups.get(each.entry.event_id, []) for each in pair)
        merged = [*one, *(() if other is one else other), pair]
        for each in {told.entry.event_id for both in merged for told in both}:
            groups[each] = merged
    return tuple(
        Litige(tuple(group), _versions(group)) for group in {id(each): each for each in groups.values()}.values()
    )


def _versions(pairs: Sequence[Paire]) -> tuple[frozenset[UUID], ...]:
    against: dict[UUID, set[UUID]] = {}
    for one, other in pairs:
        against.setdefault(one.entry.event_id, set()).add(other.entry.event_id)
        against.setdefault(other.entry.event_id, set()).add(one.entry.event_id)
    found: dict[frozenset[UUID], None] = {}
    for first in against:
        kept = {first}
        for each, opposed in against.items():
            if not opposed & kept:
                kept.add(each)
        found[frozenset(kept)] = None
    return tuple(found)


def _choix(found: Sequence[Litige], pairs: Iterable[Paire]) -> Iterator[tuple[int, ...]]:
    """The version taken in each dispute: every combination, or, when they are too many, that of each source."""
    if prod(len(each.versions) for each in found) <= HISTOIRES:
        yield from product(*(range(len(each.versions)) for each in found))
        return
    sources = {each.entry.event_id: each.entry.fait.source for pair in pairs for each in pair}
    taken = {
        tuple(
            next((i for i, kept in enumerate(each.versions) if any(sources[k] is source for k in kept)), 0)
            for each in found
        ): None
        for source in sorted(set(sources.values()))
    }
    yield from list(taken)[:HISTOIRES]


def _selon(entries: Iterable[Entry], found: Sequence[Litige], choix: tuple[int, ...]) -> tuple[Entry, ...]:
    disputed = {each for litige in found for kept in litige.versions for each in kept}
    kept = {each for litige, index in zip(found, choix, strict=True) for each in litige.versions[index]}
    return tuple(each for each in entries if each.event_id not in disputed or each.event_id in kept)


def _contestations(entries: Sequence[Entry]) -> dict[UUID, tuple[Constat, ...]]:
    """The facts that a party disputes, each with what it says."""
    found: dict[UUID, tuple[Constat, ...]] = {}
    disputing = [e for e in entries if type(e.fait.evenement) in _CONTESTENT]
    for entry in sorted(disputing, key=lambda e: (e.fait.survenu.debut, e.event_id.int)):
        for target in _contestes(entry, entries):
            about = f"{type(target.fait.evenement).titre_fr()} ({francais.jours(target.fait.survenu.jours)})"
            shown = constat("fait_conteste", f"{_CONTESTENT[type(entry.fait.evenement)]} : {about}.", entry)
            found[target.event_id] = (*found.get(target.event_id, ()), shown)
    return found


def _contestes(entry: Entry, entries: Iterable[Entry]) -> list[Entry]:
    event = entry.fait.evenement
    if isinstance(event, ExplicationsDddFournies | FaitConteste):
        return [each for each in entries if each.fait.id in event.faits_contestes]
    if event.lire_champ("erreur") is not ErreurAttestation.DATES:
        return []
    meant = [each for each in entries if _meme_document(entry, each)]
    corrected = any(isinstance(each.fait.evenement, AttestationProlongationCorrigee) for each in meant)
    return [] if corrected else [each for each in meant if type(each.fait.evenement) in _ATTESTATIONS]


def _meme_document(one: Entry, other: Entry) -> bool:
    numbers = {each.fait.evenement.lire_champ("numero") for each in (one, other)}
    if None not in numbers:
        return len(numbers) == 1
    return one.fait.objet is not None and one.fait.objet == other.fait.objet

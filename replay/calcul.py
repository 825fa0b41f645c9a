"""How a conclusion was computed, step by step: each rule applied, what it was given, and what it counted.

The evidence is made again, and what the rules count on the way is noted (:mod:`rules.calcul`): nothing here is computed
beside the engine. A step is shown with the days that its rule counted from the dates of the facts of the chain.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any

import msgspec

from ledger import canonical
from ledger.days import Jours
from ledger.entry import Entry
from projections.imputation.modeles import Attribution, Constat, Obligation
from replay.as_of import Moment
from replay.preuve import Preuve, preuve
from rules.base import Source
from rules.calcul import Operation, noter
from rules.catalogue import Regle, cites
from rules.jeux import ACTUEL, Jeu


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """Une règle, là où elle sert."""

    regle: str
    """The name of its file."""
    lecture: int
    """Which reading of the rule the set follows."""
    source: Source
    operations: tuple[Operation, ...]
    """What it counted, in the order in which it did."""


class Etape(msgspec.Struct, frozen=True, kw_only=True):
    """Une étape : un constat de la chaîne, et les règles qui y mènent."""

    constat: Constat
    regles: tuple[Application, ...]
    """None: a finding that rests on facts alone."""


class Calcul(msgspec.Struct, frozen=True, kw_only=True):
    """Le calcul d'une conclusion."""

    etapes: tuple[Etape, ...]
    devoirs: tuple[Obligation, ...]
    """The duties whose breach the conclusion names: from when, until when, on which days they were not done."""
    empreinte: str


def rejouer(entries: Sequence[Entry], moment: Moment, jeu: Jeu = ACTUEL) -> tuple[Preuve, tuple[Operation, ...]]:
    """The evidence made anew from the facts, and all that rules counted on the way, each once."""
    with noter() as found:
        made = preuve(entries, moment, jeu)
    return made, tuple(dict.fromkeys(found))


def calcul(
    lost: Attribution, proof: Preuve, operations: Sequence[Operation], entries: Iterable[Entry], jeu: Jeu = ACTUEL
) -> Calcul:
    """How this conclusion of ``proof`` was computed."""
    by_id = {entry.event_id: entry for entry in entries}
    cited = [by_id[each] for link in lost.chaine for each in link.entries if each in by_id]
    known = {day for entry in cited for day in jours_de(entry)} | {lost.du, lost.au}
    told: set[Operation] = set()
    return Calcul(
        etapes=tuple(
            Etape(constat=link, regles=tuple(_applications(link, operations, known, told, jeu))) for link in lost.chaine
        ),
        devoirs=tuple(_devoirs(lost, proof)),
        empreinte=empreinte_de(lost, proof),
    )


def empreinte_de(lost: Attribution, proof: Preuve) -> str:
    """SHA-256 of the conclusion, its chain, the rules and the day, in canonical JSON; without earlier answers."""
    kept = msgspec.structs.replace(lost, connue_depuis=None, avant=())
    told = {"au": proof.au, "connu_le": proof.connu_le, "regles": proof.regles, "conclusion": kept}
    return sha256(canonical.encode(msgspec.to_builtins(told))).hexdigest()


def jours_de(entry: Entry) -> frozenset[date]:
    """Every day that a fact says."""
    told = entry.fait.survenu.jours
    return frozenset({told.premier, told.dernier, *_jours(entry.fait.evenement.__dict__)})


def _jours(value: Any) -> Iterator[date]:
    match value:
        case Jours():
            yield from (value.premier, value.dernier)
        case date():
            yield value
        case Mapping():
            for each in value.values():
                yield from _jours(each)
        case tuple() | list() | frozenset():
            for each in value:
                yield from _jours(each)


def _applications(
    link: Constat, operations: Sequence[Operation], known: set[date], told: set[Operation], jeu: Jeu
) -> Iterator[Application]:
    """``told``: what earlier steps counted already, which is not told again."""
    for regle, source in cites(link.articles, jeu):
        made = tuple(each for each in _suites(regle, operations, known) if each not in told)
        told |= set(made)
        yield Application(
            regle=regle.identifiant, lecture=jeu.lecture(regle.identifiant), source=source, operations=made
        )


def _suites(regle: Regle, operations: Sequence[Operation], known: set[date]) -> tuple[Operation, ...]:
    """What the rule counted from one of these days, and from what it had counted so far."""
    reached, found = set(known), []
    for each in operations:
        if each.regle == regle.identifiant and each.depart in reached:
            reached.add(each.fin)
            found.append(each)
    return tuple(found)


def _devoirs(lost: Attribution, proof: Preuve) -> Iterator[Obligation]:
    for cause in lost.causes:
        for owed in proof.obligations:
            same = (owed.code, owed.debiteur, owed.dossier) == (cause.code, cause.debiteur, cause.dossier)
            if same and any(each.du <= lost.au and each.au >= lost.du for each in owed.manquements):
                yield owed

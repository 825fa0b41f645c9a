"""Since when each answer has been the ledger's, and what it answered before: the same evidence at earlier instants.

A belief about a day counts once that day has begun: what the ledger would have foreseen is no verdict. Every answer is
that of :func:`projections.imputation.calcul.attributions` on what was recorded by an instant, seen on the same day of
observation: ``constat evidence --as-of`` gives it again.

[I] Of the facts that duties, coverage or disputes read, those recorded less than :data:`LOT` apart, one after the
other, are one batch, read at the last of them: nobody asked in the middle of an import. The most recent :data:`LOTS`
are looked at; :data:`REJEUX` of them at most are replayed, those after which some lost day had begun, as long as they
hold no more than :data:`FAITS` facts in all. What came before is not searched, and the evidence says since when it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from typing import Final, NamedTuple

import msgspec

from ledger.days import Quand, paris_day
from ledger.entry import Entry
from ledger.events.base import Event
from ledger.events.personne import ProtectionReconnue
from ledger.events.types import Source
from ledger.retained import holding, known
from projections.couverture.calcul import trame
from projections.couverture.effets import DEBUTS
from projections.imputation.calcul import attributions
from projections.imputation.contradictions import LUS_EN_LITIGE, litiges
from projections.imputation.exigences import REJOUES
from projections.imputation.matiere import temoin
from projections.imputation.modeles import Anterieure, Attribution, Imputation, Statut
from replay.preuve import Preuve
from rules.jeux import ACTUEL, Jeu, sous

LOT: Final = timedelta(minutes=10)
LOTS: Final = 100
REJEUX: Final = 24
FAITS: Final = 1_500
_JOUR: Final = timedelta(days=1)
_TICK: Final = timedelta(microseconds=1)
_LUS: Final = REJOUES | LUS_EN_LITIGE
_AILLEURS: Final[frozenset[type[Event]]] = frozenset({ProtectionReconnue, *DEBUTS})
"""The facts without which nothing is lost but days without proof."""

Verdict = tuple[Imputation | None, Statut | None]
_RIEN: Final[Verdict] = (None, None)
"""The ledger knew the person, and did not hold the day for lost."""


class Piste(NamedTuple):
    """What is followed from one state of the ledger to the next: the days without proof, or one loss."""

    couche: str
    nature: str = ""
    reference: str | None = None
    du: date | None = None


_PREUVE: Final = Piste("preuve")


class Etat(NamedTuple):
    """What the ledger answered from one instant on."""

    depuis: datetime
    attributions: tuple[Attribution, ...]
    premier: date | None
    """The first day it knew anything of; ``None`` while it knew of no document."""

    def verdict(self, piste: Piste, day: date) -> Verdict | None:
        """Its answer for one day; ``None`` where it could say nothing."""
        for each in self.attributions:
            if each.du <= day <= each.au and _piste(each) == piste:
                return each.imputation, each.statut
        without = piste == _PREUVE and self.premier is not None and self.premier <= day
        return _RIEN if without else None


class Tour(NamedTuple):
    """The same answer during a while; ``depuis`` is ``None`` when it was that of each day as soon as it began."""

    depuis: datetime | None
    jusqu_a: datetime | None
    verdict: Verdict | None


class Passe(NamedTuple):
    """Days of one past: the answers given for them since they began, in their order, the last one being today's."""

    du: date
    au: date
    tours: tuple[Tour, ...]


def avec_le_passe(entries: Sequence[Entry], found: Preuve, jeu: Jeu = ACTUEL) -> Preuve:
    """The evidence ``found`` of these ``entries``, each answer with since when it holds and what came before it.

    ``jeu``: the readings that it follows, and that the past is replayed by.
    """
    with sous(jeu):
        states, whole = _etats(entries, found)
    if not states:
        return found
    past = {each: list(_histoire(each, states)) for each in dict.fromkeys(map(_piste, found.attributions))}
    past.setdefault(_PREUVE, list(_histoire(_PREUVE, states)))
    given_up = [
        before
        for each in past[_PREUVE]
        if each.tours[-1].verdict in {None, _RIEN}
        for before in _anterieures(each, each.du, each.au)
        if before.imputation is not None
    ]
    return msgspec.structs.replace(
        found,
        attributions=tuple(_datee(each, past[_piste(each)]) for each in found.attributions),
        abandonnees=tuple(given_up),
        rejouee_depuis=None if whole else states[0].depuis,
    )


def _etats(entries: Sequence[Entry], found: Preuve) -> tuple[list[Etat], bool]:
    """The states of the ledger up to now, the last one being ``found``; and whether none is left out before them."""
    seen = known(entries, found.connu_le)
    states: list[Etat] = []
    after: object = None
    replayed: list[int] = []
    lots = _lots(seen, found.au)
    for instant in reversed(lots[-LOTS:]):
        held = holding(seen, at=instant, on=found.au)
        facts = frozenset(e.event_id for e in held if type(e.fait.evenement) in _LUS)
        mark = facts, frozenset(e.fait.source for e in held if temoin(e))
        if mark == after:
            states[-1] = states[-1]._replace(depuis=instant)
            continue
        after = mark
        premier, lost = _couverture(held, found.au)
        elsewhere = any(type(e.fait.evenement) in _AILLEURS for e in held)
        if not states:
            answered = found.attributions
        elif lost > _veille(states[-1].depuis) and not elsewhere:
            answered = ()  # no day lost had begun when the next fact came
        else:
            replayed.append(len(facts))
            if len(replayed) > REJEUX or sum(replayed) > FAITS:
                return states[::-1], False
            answered = attributions(held, found.au)
        states.append(Etat(instant, answered, premier))
    return states[::-1], len(lots) <= LOTS


def _couverture(held: Sequence[Entry], au: date) -> tuple[date | None, date]:
    """The first day of which anything is known, and the first that any history leaves uncovered."""
    read = [trame(each.entries, au) for each in litiges(held).histoires]
    first = [each.couches.premier for each in read if each.couches is not None]
    lost = [each.trous[0].du for each in read if each.trous]
    return (date.fromordinal(min(first)) if first else None), date.fromordinal(min(lost)) if lost else date.max


def _lots(seen: Sequence[Entry], au: date) -> list[datetime]:
    """The last instant of each batch of facts that may change an answer: those read, corrections, a source's first."""
    corrected = {entry.fait.corrige for entry in seen}
    told: set[Source] = set()
    found: set[datetime] = set()
    for entry in sorted(seen, key=lambda each: each.recorded_at):
        new = temoin(entry) and entry.fait.source not in told and entry.fait.survenu.jours.premier <= au
        if type(entry.fait.evenement) in _LUS or entry.fait.corrige is not None or new:
            found.add(entry.recorded_at)
        if new and entry.fait.id not in corrected:
            told.add(entry.fait.source)
    instants = sorted(found)
    return [one for one, other in pairwise(instants) if other - one > LOT] + instants[-1:]


def _piste(lost: Attribution) -> Piste:
    return _PREUVE if lost.couche == _PREUVE.couche else Piste(lost.couche, lost.nature, lost.reference, lost.du)


def _datee(lost: Attribution, past: Iterable[Passe]) -> Attribution:
    began = _minuit(lost.du)
    since, before = [began], list[Anterieure]()
    for each in past:
        first, last = max(each.du, lost.du), min(each.au, lost.au)
        if first <= last:
            since.append(each.tours[-1].depuis or began)
            before += _anterieures(each, first, last)
    return msgspec.structs.replace(lost, connue_depuis=max(since), avant=tuple(before))


def _histoire(piste: Piste, states: Sequence[Etat]) -> Iterator[Passe]:
    """The days that any state has an answer for, in their order, cut where their past differs."""
    cuts = {day for each in states for a in each.attributions if _piste(a) == piste for day in (a.du, a.au + _JOUR)}
    if not cuts:
        return
    inside = {_veille(each.depuis) + _JOUR for each in states} | {s.premier for s in states if s.premier}
    days = sorted(cuts | {day for day in inside if min(cuts) < day < max(cuts)})
    parts = [Passe(du, end - _JOUR, tuple(_tours(piste, states, du))) for du, end in pairwise(days)]
    for tours, same in groupby(parts, key=lambda part: part.tours):
        merged = list(same)
        if tours:
            yield Passe(merged[0].du, merged[-1].au, tours)


def _tours(piste: Piste, states: Sequence[Etat], day: date) -> Iterator[Tour]:
    """What was answered for ``day`` since it began, answers that stay the same made one."""
    began = _minuit(day)
    current: Tour | None = None
    for each, following in zip(states, [*states[1:], None], strict=True):
        if following is not None and following.depuis <= began:
            continue
        verdict = each.verdict(piste, day)
        if current is not None and current.verdict == verdict:
            continue
        since = None if each.depuis <= began else each.depuis
        if current is not None:
            yield current._replace(jusqu_a=since)
        current = Tour(since, None, verdict)
    if current is not None:
        yield current


def _anterieures(past: Passe, first: date, last: date) -> Iterator[Anterieure]:
    """What was answered before, for the days of ``past`` from ``first`` to ``last``."""
    for each in past.tours[:-1]:
        if each.verdict is not None and each.jusqu_a is not None:
            yield Anterieure(
                depuis=each.depuis or _minuit(first),
                jusqu_a=each.jusqu_a,
                du=first,
                au=last,
                imputation=each.verdict[0],
                statut=each.verdict[1],
            )


def _minuit(day: date) -> datetime:
    return Quand.lire(day.isoformat()).debut


def _veille(instant: datetime) -> date:
    """The last day that had begun before ``instant``."""
    return paris_day(instant - _TICK)

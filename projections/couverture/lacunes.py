"""From documents to segments and gaps: unions of spans, their complement, and what each uncovered day is.

A gap day is *certain* when it is a gap of that nature under every reading of the dates. When a date that is not exact
makes both an end of right and an interruption possible, the day is uncertain, whichever nature it is shown under.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import Enum, auto
from typing import NamedTuple
from uuid import UUID

from ledger.entry import Entry
from ledger.events.types import NatureDecision
from projections.couverture.documents import PROVISOIRES, Doc, Plage, Relais
from projections.couverture.faits import Bornes, Fin
from projections.couverture.modeles import Certitude, Lacune, NatureLacune, Segment

Intervalles = list[tuple[int, int]]


def morceaux(span: Plage) -> Iterator[tuple[int, int, Certitude]]:
    """The days of a span, cut where certainty changes."""
    s1, s2, e1, e2 = span
    if s2 > e1:
        if s1 <= e2:
            yield s1, e2, Certitude.INCERTAIN
        return
    if s1 < s2:
        yield s1, s2 - 1, Certitude.INCERTAIN
    yield s2, e1, Certitude.CERTAIN
    if e1 < e2:
        yield e1 + 1, e2, Certitude.INCERTAIN


def segments(docs: Iterable[Doc], relays: Iterable[Relais], au: int) -> tuple[list[Segment], list[Segment]]:
    """Both layers, right then proof, each in the order of days."""
    right: list[Segment] = []
    proof: list[Segment] = []
    for doc in docs:
        founded = _segments(doc, doc.droit, au)
        right += founded
        if doc.preuve is not None:
            proof += founded if doc.preuve == doc.droit else _segments(doc, doc.preuve, au)
    for relay in relays:
        entries = (*relay.avant.entries, *relay.apres.entries)
        for layer, (first, last) in ((right, relay.droit), (proof, relay.preuve)):
            if first <= last:
                layer.append(_segment(relay.avant, first, last, Certitude.CERTAIN, entries, ouvert=False))
    right.sort(key=_ordre)
    proof.sort(key=_ordre)
    return right, proof


def _ordre(each: Segment) -> tuple[date, date, str, int]:
    return each.du, each.au, each.base, each.entries[-1].int


def _segments(doc: Doc, span: Plage, au: int) -> list[Segment]:
    s1, s2, e1, e2 = span
    if e2 > _LAST:
        # An end that is not stated is shown at the day of observation, never guessed beyond it.
        e1, e2 = (e1 if e1 <= _LAST else max(au, s2)), max(au, s2)
    return [
        _segment(doc, first, last, certitude, doc.entries, ouvert=span[3] > _LAST and last == e2)
        for first, last, certitude in morceaux((s1, s2, e1, e2))
    ]


_LAST = date.max.toordinal()
_jour = date.fromordinal


def _segment(
    doc: Doc, first: int, last: int, certitude: Certitude, entries: tuple[Entry, ...], *, ouvert: bool
) -> Segment:
    return Segment(
        du=_jour(first),
        au=_jour(last),
        base=doc.base,
        certitude=certitude,
        source=doc.source,
        entries=tuple([e.event_id for e in entries]),
        reference=doc.reference,
        dossier=doc.dossier,
        ouvert=ouvert,
    )


def union(parts: Iterable[tuple[int, int]]) -> Intervalles:
    """Disjoint sorted intervals that hold the same days."""
    merged: Intervalles = []
    for first, last in sorted(parts):
        if first > last:
            continue
        if merged and first <= merged[-1][1] + 1:
            if last > merged[-1][1]:
                merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    return merged


def complement(parts: Intervalles, first: int, last: int) -> Intervalles:
    """The days of ``[first, last]`` that no part holds."""
    gaps: Intervalles = []
    for start, end in parts:
        if start > last:
            break
        if start > first:
            gaps.append((first, start - 1))
        first = max(first, end + 1)
    if first <= last:
        gaps.append((first, last))
    return gaps


class Couches(NamedTuple):
    """Both layers as unions of days: under every reading, under some."""

    premier: int
    """The first day that is covered, or that some reading leaves unproven after the cover began."""
    premier_sur: int
    """The first day covered by a document under every reading: before it, no gap is sure."""
    preuve_sure: Intervalles
    preuve_possible: Intervalles
    droit_sur: Intervalles
    droit_possible: Intervalles


def couches(docs: Sequence[Doc], relays: Sequence[Relais]) -> Couches | None:
    """The unions of each layer, or ``None`` when nothing covers any day."""
    begun = [d for d in docs if d.droit[0] <= d.droit[3]]
    if not begun:
        return None
    proof = [d.preuve for d in docs if d.preuve is not None]
    right = [d.droit for d in docs]
    proof_sure, right_sure = [(s2, e1) for _, s2, e1, _ in proof], [(s2, e1) for _, s2, e1, _ in right]
    proof_some, right_some = [(s1, e2) for s1, _, _, e2 in proof], [(s1, e2) for s1, _, _, e2 in right]
    proven = union([*proof_sure, *(r.preuve for r in relays)])
    founded = union([*right_sure, *(r.droit for r in relays)])
    return Couches(
        premier=min(_premier(d) for d in begun),
        premier_sur=min((d.droit[1] for d in begun if d.droit[1] <= d.droit[2]), default=_LAST),
        preuve_sure=proven,
        preuve_possible=proven if proof_some == proof_sure else union(proof_some),
        droit_sur=founded,
        droit_possible=founded if right_some == right_sure else union(right_some),
    )


def _premier(doc: Doc) -> int:
    """The first day that a document may leave unproven: a right that begins with its proof leaves none at its start."""
    s1, s2, e1, _ = doc.droit
    return s2 if doc.ensemble and s2 <= e1 else s1


class Regime(NamedTuple):
    """The days after a decision ended the right and before anything new covered the person."""

    fin: Fin
    possible: Bornes
    certain: Bornes


def regimes(ends: Iterable[Fin], docs: Sequence[Doc], favourable: Sequence[tuple[str | None, Bornes]]) -> list[Regime]:
    """For each decision that ends the right, the days its effect may last."""
    return [_regime(each, docs, favourable) for each in ends if each.finit_droit]


def _regime(end: Fin, docs: Sequence[Doc], favourable: Sequence[tuple[str | None, Bornes]]) -> Regime:
    n1, n2 = end.le
    some, every = _LAST, _LAST
    for doc in docs:
        s1, s2, e1, e2 = _donne(doc)
        carried = _porte(end, doc)
        if s1 > e2 or (s2 <= n1 and (carried is Porte.NON or e2 <= n1)):
            continue
        some = min(some, max(s1, n1 + 1))
        if s2 <= e1 and (s1 > n2 or (carried is Porte.OUI and e1 > n2)):
            every = min(every, max(s2, n2 + 1))
    for dossier, (p1, p2) in favourable:
        if dossier is not None and dossier == end.objet and p2 > n1 and end.nature is NatureDecision.REFUS_EXPRES:
            some = min(some, max(p1, n1 + 1))
            every = min(every, p2) if p1 > n2 else every
    sure = (n2 + 1, some - 1) if end.debout else (1, 0)
    return Regime(end, possible=(n1 + 1, every - 1), certain=sure)


def _donne(doc: Doc) -> Plage:
    """When a document was in the person's hands, or could be; its right alone when it never was."""
    proof = doc.preuve
    if proof is None or proof[0] > proof[3]:
        return doc.droit
    return proof if proof[1] <= proof[2] else (doc.droit[0], _LAST, proof[2], doc.droit[3])


class Porte(Enum):
    """Whether a document given before a decision carries the person past it."""

    OUI = auto()
    PEUT_ETRE = auto()
    NON = auto()


def _porte(end: Fin, doc: Doc) -> Porte:
    if end.nature is NatureDecision.RETRAIT_TITRE:
        other = doc.base in PROVISOIRES or doc.reference != end.objet
        return Porte.OUI if other else Porte.NON
    if doc.base not in PROVISOIRES or (doc.dossier is not None and doc.dossier == end.objet):
        return Porte.NON
    return Porte.PEUT_ETRE if doc.dossier is None else Porte.OUI


class Trou(NamedTuple):
    """Uncovered days of one nature and one certainty."""

    du: int
    au: int
    nature: NatureLacune
    certitude: Certitude


def trous(layers: Couches, ends: Sequence[Regime], au: int) -> list[Trou]:
    """The gaps of the proof layer up to ``au``, cut wherever nature or certainty changes."""
    cuts = {b for parts in layers[3:] for first, last in parts for b in (first, last + 1)}
    cuts |= {b for r in ends for first, last in (r.possible, r.certain) if first <= last for b in (first, last + 1)}
    cuts.add(layers.premier_sur)
    found: list[Trou] = []
    for first, last in complement(layers.preuve_sure, layers.premier, au):
        inner = sorted(b for b in cuts if first < b <= last)
        for start, end in zip([first, *inner], [*(b - 1 for b in inner), last], strict=True):
            nature, certitude = _classe(start, layers, ends)
            before = found[-1] if found else None
            if before and before.au == start - 1 and before[2:] == (nature, certitude):
                found[-1] = before._replace(au=end)
            else:
                found.append(Trou(start, end, nature, certitude))
    return found


def _dans(parts: Iterable[tuple[int, int]], day: int) -> bool:
    for first, last in parts:  # noqa: SIM110  # twice as fast as any() here, and asked for each piece of each gap
        if first <= day <= last:
            return True
    return False


def _classe(day: int, layers: Couches, ends: Iterable[Regime]) -> tuple[NatureLacune, Certitude]:
    """What an uncovered day is, and whether it is so under every reading."""
    proof = _dans(layers.preuve_possible, day)
    right = _dans(layers.droit_possible, day)
    ended = any(r.possible[0] <= day <= r.possible[1] for r in ends)
    surely_ended = any(r.certain[0] <= day <= r.certain[1] for r in ends)
    certain = not proof and day >= layers.premier_sur
    if _dans(layers.droit_sur, day):
        return NatureLacune.PREUVE_SEULE, _certitude(certain)
    if surely_ended:
        return NatureLacune.FIN_DE_DROIT, _certitude(certain and not right)
    # An inexact notification cuts the cover and ends the right at once: where a cover was possible, that end is meant.
    nature = NatureLacune.FIN_DE_DROIT if ended and (proof or right) else NatureLacune.RUPTURE
    return nature, _certitude(certain and not right and not ended)


def _certitude(certain: bool) -> Certitude:  # noqa: FBT001  # a verdict, not an option
    return Certitude.CERTAIN if certain else Certitude.INCERTAIN


def lacune(hole: Trou, *, ouverte: bool, motifs: Iterable[str], entries: Iterable[UUID]) -> Lacune:
    """The gap as a person reads it."""
    return Lacune(
        du=date.fromordinal(hole.du),
        au=date.fromordinal(hole.au),
        jours=hole.au - hole.du + 1,
        nature=hole.nature,
        certitude=hole.certitude,
        ouverte=ouverte,
        motifs=tuple(motifs),
        entries=tuple(entries),
    )

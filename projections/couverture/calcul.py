"""The fold itself: facts to documents, documents to layers, layers to gaps."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from ledger.entry import Entry
from ledger.events.decision import DecisionFavorablePrise
from ledger.events.personne import ProtectionReconnue
from projections.couverture.documents import Doc, decisions_favorables, dossier_unique, provisoires, titres
from projections.couverture.effets import effets
from projections.couverture.faits import Bornes, Demande, ParType, bornes, demandes, fins, par_type, tous
from projections.couverture.lacunes import (
    Couches,
    Regime,
    Trou,
    couches,
    lacune,
    morceaux,
    regimes,
    segments,
    trous,
)
from projections.couverture.lectures import Matiere, lectures
from projections.couverture.maintien import Hypothese, Maintien, maintiens
from projections.couverture.modeles import BaseCouverture, Couverture, Lacune, Segment
from projections.couverture.motifs import Contexte, phrases
from projections.couverture.silence import refus_implicites
from rules import ceseda_l424_1_protection


class Trame(NamedTuple):
    """What the facts of one person add up to before anything is said of it: documents, layers, gaps."""

    faits: ParType
    demandes: Sequence[Demande]
    docs: Sequence[Doc]
    couches: Couches | None
    regimes: Sequence[Regime]
    trous: Sequence[Trou]
    maintiens: Sequence[Maintien]
    hypotheses: Sequence[Hypothese]
    favorables: Sequence[tuple[Bornes, Entry]]
    droit: Sequence[Segment]
    preuve: Sequence[Segment]
    au: int


def trame(entries: Sequence[Entry], au: date) -> Trame:
    """The days covered and uncovered as seen on the day ``au``, from the entries that hold, in any order."""
    day = au.toordinal()
    faits = par_type(entries)
    filed = demandes(faits)
    ends = fins(faits, filed)
    seul = dossier_unique(filed, ends)
    cards = titres(faits, ends)
    certificates, corrected = provisoires(faits, ends, seul)
    favourable, handed = decisions_favorables(faits, ends, cards, seul)
    opened, supposed, following = maintiens(faits, filed, cards, ends)
    docs = [*cards, *certificates, *favourable, *(each.doc for each in opened)]
    relays = [*corrected, *handed, *following]

    layers = couches(docs, relays)
    granted = [(bornes(v.prise_le), e) for e, v in tous(faits, DecisionFavorablePrise)]
    ended = regimes(ends, docs, [(e.fait.objet, le) for le, e in granted])
    holes = [] if layers is None else trous(layers, ended, day)
    right, proof = segments(docs, relays, day)
    protected = _segments_protection(_protections(faits), day)
    return Trame(
        faits, filed, docs, layers, ended, holes, opened, supposed, granted, (*right, *protected), tuple(proof), day
    )


def couverture(entries: Sequence[Entry], au: date) -> Couverture:
    """The coverage of one person as seen on the day ``au``, from the entries that hold, in any order."""
    return dire(trame(entries, au))


def dire(found: Trame) -> Couverture:
    """The coverage, with its sentences and other readings, of facts that were added up already."""
    refusals = refus_implicites(found.faits, found.demandes, found.docs, found.au)
    context = Contexte(found.docs, found.regimes, _protections(found.faits), found.favorables)
    matter = Matiere(
        found.faits,
        found.demandes,
        found.docs,
        found.trous,
        found.regimes,
        found.maintiens,
        found.hypotheses,
        refusals,
        found.au,
    )
    return Couverture(
        au=date.fromordinal(found.au),
        premier_jour=None if found.couches is None else date.fromordinal(found.couches.premier),
        droit=tuple(found.droit),
        preuve=tuple(found.preuve),
        lacunes=tuple(_lacunes(found, context)),
        effets=tuple(effets(found.faits)),
        refus_implicites=tuple(refusals),
        lectures=tuple(lectures(matter)),
    )


def _lacunes(found: Trame, context: Contexte) -> Iterable[Lacune]:
    for hole in found.trous:
        said = list(phrases(hole, context))
        facts = dict.fromkeys(e.event_id for _, entries in said for e in entries)
        yield lacune(hole, ouverte=ouverte(hole, found), motifs=(text for text, _ in said), entries=facts)


def ouverte(hole: Trou, found: Trame) -> bool:
    """Whether a gap still runs on the day of observation, and nothing known ends it."""
    return hole.au == found.au and not any(
        d.preuve is not None and found.au < d.preuve[1] <= d.preuve[2] for d in found.docs
    )


def _protections(faits: ParType) -> list[tuple[Bornes, Entry]]:
    return [(bornes(v.reconnue_le), e) for e, v in tous(faits, ProtectionReconnue)]


def _segments_protection(protections: Iterable[tuple[Bornes, Entry]], au: int) -> Iterable[Segment]:
    """The right that a recognised protection gives: kept apart, it proves nothing and begins no cover."""
    for le, entry in protections:
        event: Any = entry.fait.evenement
        for first, last, certitude in morceaux((*le, max(au, le[1]), max(au, le[1]))):
            yield Segment(
                du=date.fromordinal(first),
                au=date.fromordinal(last),
                base=BaseCouverture.PROTECTION,
                certitude=certitude,
                source=ceseda_l424_1_protection.PAR_STATUT[event.statut].citation,
                entries=(entry.event_id,),
                reference=event.decision,
                ouvert=last >= au,
            )

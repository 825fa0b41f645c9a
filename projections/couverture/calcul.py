"""The fold itself: facts to documents, documents to layers, layers to gaps."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from ledger.entry import Entry
from ledger.events.decision import DecisionFavorablePrise
from ledger.events.personne import ProtectionReconnue
from projections.couverture.documents import decisions_favorables, dossier_unique, provisoires, titres
from projections.couverture.effets import effets
from projections.couverture.faits import Bornes, bornes, demandes, fins, par_type, tous
from projections.couverture.lacunes import Trou, couches, lacune, morceaux, regimes, segments, trous
from projections.couverture.lectures import Matiere, lectures
from projections.couverture.maintien import maintiens
from projections.couverture.modeles import BaseCouverture, Couverture, Lacune, Segment
from projections.couverture.motifs import Contexte, phrases
from projections.couverture.silence import refus_implicites
from rules import ceseda_l424_1_protection


def couverture(entries: Sequence[Entry], au: date) -> Couverture:
    """The coverage of one person as seen on the day ``au``, from the entries that hold, in any order."""
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
    protections = [(bornes(v.reconnue_le), e) for e, v in tous(faits, ProtectionReconnue)]
    refusals = refus_implicites(faits, filed, docs, day)
    context = Contexte(docs, ended, protections, granted)
    right, proof = segments(docs, relays, day)
    matter = Matiere(faits, filed, docs, holes, ended, opened, supposed, refusals, day)
    return Couverture(
        au=au,
        premier_jour=None if layers is None else date.fromordinal(layers.premier),
        droit=(*right, *_segments_protection(protections, day)),
        preuve=tuple(proof),
        lacunes=tuple(_lacunes(holes, context, day)),
        effets=tuple(effets(faits)),
        refus_implicites=tuple(refusals),
        lectures=tuple(lectures(matter)),
    )


def _lacunes(holes: Sequence[Trou], context: Contexte, au: int) -> Iterable[Lacune]:
    ahead = any(d.preuve is not None and au < d.preuve[1] <= d.preuve[2] for d in context.docs)
    for hole in holes:
        said = list(phrases(hole, context))
        facts = dict.fromkeys(e.event_id for _, entries in said for e in entries)
        yield lacune(hole, ouverte=hole.au == au and not ahead, motifs=(text for text, _ in said), entries=facts)


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

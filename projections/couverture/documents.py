"""From facts to documents: on each layer, between which days each one covers, under all or under some readings.

A span is four ordinals ``(s1, s2, e1, e2)``: it begins between ``s1`` and ``s2`` and ends between ``e1`` and ``e2``. It
covers ``[s2, e1]`` under every reading and ``[s1, e2]`` under some.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from ledger.days import Jours
from ledger.entry import Entry
from ledger.events.decision import DecisionFavorablePrise
from ledger.events.personne import ProtectionReconnue
from ledger.events.provisoire import (
    AttestationDecisionFavorableDelivree,
    AttestationProlongationCorrigee,
    AttestationProlongationDelivree,
    AttestationProlongationMiseADisposition,
    AttestationProlongationRenouvelee,
    RecepisseDelivre,
    RecepisseRenouvele,
)
from ledger.events.titre import AttestationDemandeAsileDelivree, TitreRemis
from ledger.events.types import NatureDecision, StatutProtection, TypeTitre
from projections.couverture.faits import Bornes, Demande, Fin, ParType, bornes, tous
from projections.couverture.modeles import BaseCouverture
from rules import (
    ceseda_l411_1_titres,
    ceseda_l541_1_demande_asile,
    ceseda_r431_12_recepisse,
    ceseda_r431_15_1_attestation,
    ceseda_r431_15_3_refugie,
)

Plage = tuple[int, int, int, int]

SANS_FIN: Final = 10**7
"""An ordinal after every day of the calendar."""

SOURCES: Final = {
    BaseCouverture.TITRE: ceseda_l411_1_titres.SOURCE.citation,
    BaseCouverture.API: ceseda_r431_15_1_attestation.SOURCE.citation,
    BaseCouverture.RECEPISSE: ceseda_r431_12_recepisse.SOURCE.citation,
    BaseCouverture.ADF: ceseda_r431_15_1_attestation.DECISION_FAVORABLE.citation,
    BaseCouverture.ATDA: ceseda_l541_1_demande_asile.SOURCE.citation,
}
PROVISOIRES: Final = frozenset(
    {BaseCouverture.API, BaseCouverture.RECEPISSE, BaseCouverture.ADF, BaseCouverture.L433_3}
)


class Doc(msgspec.Struct, kw_only=True):
    """A document, or the three months of L.433-3, as it covers."""

    base: BaseCouverture
    reference: str | None
    dossier: str | None
    entries: tuple[Entry, ...]
    source: str
    droit: Plage
    preuve: Plage | None
    """``None``: never known to be in the person's hands."""
    evenement: Any = None
    ensemble: bool = False
    """Right and proof begin on one and the same day, even when it is not known which."""
    retire: bool = False
    """A decision withdrew it before its stated end, surely or not."""


class Relais(msgspec.Struct, kw_only=True):
    """Days covered under every reading by one of two documents, though which one is not known."""

    avant: Doc
    apres: Doc
    droit: Bornes
    preuve: Bornes


def plage(start: Bornes, end: Bornes) -> Plage:
    """The span between two bounds."""
    return start[0], start[1], end[0], end[1]


def plus_tard(first: Bornes, second: Bornes) -> Bornes:
    """The later of two days, each within bounds."""
    return max(first[0], second[0]), max(first[1], second[1])


def finit(span: Plage, le: Bornes, *, surely: bool) -> Plage:
    """``span`` ended by something on the day ``le``, under every reading or under some only."""
    s1, s2, e1, e2 = span
    return s1, s2, min(e1, le[0]), min(e2, le[1]) if surely else e2


def titres(faits: ParType, ends: Sequence[Fin]) -> list[Doc]:
    """Residence permits and asylum certificates: the stated validity, proven once handed over."""
    found = []
    for entry, event in tous(faits, TitreRemis):
        if event.type_titre in _NE_COUVRENT_PAS:
            continue
        base = BaseCouverture.ATDA if event.type_titre is TypeTitre.ATTESTATION_DEMANDE_ASILE else BaseCouverture.TITRE
        doc = _doc(base, entry, event, event.remis_le, dossier=event.dossier)
        _retrait(doc, ends)
        found.append(doc)
    for entry, event in tous(faits, AttestationDemandeAsileDelivree):
        found.append(_doc(BaseCouverture.ATDA, entry, event, event.remise_le or event.valide_du, dossier=None))
    return found


_NE_COUVRENT_PAS: Final = ceseda_l411_1_titres.PAS_DES_TITRES - {TypeTitre.ATTESTATION_DEMANDE_ASILE}


def _doc(base: BaseCouverture, entry: Entry, event: Any, available: Jours | None, *, dossier: str | None) -> Doc:
    start = bornes(event.valide_du)
    end = bornes(event.valide_au) if event.valide_au is not None else (SANS_FIN, SANS_FIN)
    reached = None if available is None else bornes(available)
    return Doc(
        base=base,
        reference=entry.fait.objet,
        dossier=dossier,
        entries=(entry,),
        source=SOURCES[base],
        droit=plage(start, end),
        preuve=None if reached is None else plage(plus_tard(start, reached), end),
        evenement=event,
        ensemble=available is event.valide_du or (reached is not None and reached[1] <= start[0]),
    )


def _retrait(doc: Doc, ends: Iterable[Fin]) -> None:
    for each in ends:
        if each.nature is NatureDecision.RETRAIT_TITRE and each.objet is not None and each.objet == doc.reference:
            if each.le[0] < doc.droit[3]:
                doc.retire = True
            _finit(doc, each.le, surely=each.debout)


def _finit(doc: Doc, le: Bornes, *, surely: bool) -> None:
    doc.droit = finit(doc.droit, le, surely=surely)
    if doc.preuve is not None:
        doc.preuve = finit(doc.preuve, le, surely=surely)


def provisoires(faits: ParType, ends: Sequence[Fin], seul: str | None) -> tuple[list[Doc], list[Relais]]:
    """Extension certificates and récépissés; ``seul`` is the only dossier of the person, when there is one only."""
    certificates = _attestations(faits, seul)
    corrected = _corrigees(faits, seul)
    receipts = [
        _doc(BaseCouverture.RECEPISSE, entry, event, event.remis_le, dossier=event.dossier or seul)
        for entry, event in tous(faits, RecepisseDelivre, RecepisseRenouvele)
    ]
    found = certificates + corrected + receipts
    for each in ends:
        if each.nature is NatureDecision.REFUS_EXPRES:
            for doc in found:
                _refus(doc, each)
    return found, [relay for doc in corrected for relay in _corrige(certificates, doc)]


def _attestations(faits: ParType, seul: str | None) -> list[Doc]:
    issued = tous(faits, AttestationProlongationDelivree, AttestationProlongationRenouvelee)
    handed = tous(faits, AttestationProlongationMiseADisposition)
    source = _protegee(faits)
    found = []
    for entry, event in issued:
        available = event.mise_a_disposition_le
        if available is None and handed:
            alone = sum(other.fait.objet == entry.fait.objet for other, _ in issued) == 1
            available = _disponible(entry, handed, alone=alone)
        doc = _doc(BaseCouverture.API, entry, event, available, dossier=event.dossier or seul)
        doc.source = source or doc.source
        found.append(doc)
    return found


def _protegee(faits: ParType) -> str | None:
    """The article of a protected person's certificates (R.431-15-3, R.431-15-4), which need no earlier document."""
    rules = {
        StatutProtection.REFUGIE: ceseda_r431_15_3_refugie.SOURCE,
        StatutProtection.PROTECTION_SUBSIDIAIRE: ceseda_r431_15_3_refugie.PROTECTION_SUBSIDIAIRE,
    }
    known = [rules[event.statut] for _, event in tous(faits, ProtectionReconnue) if event.statut in rules]
    return known[0].citation if known else None


def _disponible(issued: Entry, handed: Iterable[tuple[Entry, Any]], *, alone: bool) -> Jours | None:
    """The first availability recorded for this certificate; a later renewal under one reference has its own."""
    since = issued.fait.survenu.jours.premier
    days = [
        event.mise_a_disposition_le
        for entry, event in handed
        if entry.fait.objet is not None
        and entry.fait.objet == issued.fait.objet
        and (alone or event.mise_a_disposition_le.dernier >= since)
    ]
    return min(days, default=None)


def _corrigees(faits: ParType, seul: str | None) -> list[Doc]:
    """Corrected certificates that state their end: they cover from the day they are available."""
    found: list[Doc] = []
    for entry, event in tous(faits, AttestationProlongationCorrigee):
        if event.valide_au is None or event.mise_a_disposition_le is None:
            continue
        start = bornes(event.mise_a_disposition_le)
        if event.valide_du is not None:
            start = plus_tard(start, bornes(event.valide_du))
        span = plage(start, bornes(event.valide_au))
        found.append(
            Doc(
                base=BaseCouverture.API,
                reference=entry.fait.objet,
                dossier=event.dossier or seul,
                entries=(entry,),
                source=SOURCES[BaseCouverture.API],
                droit=span,
                preuve=span,
                evenement=event,
                ensemble=True,
            )
        )
    return found


def _corrige(certificates: Iterable[Doc], corrected: Doc) -> Iterable[Relais]:
    """A corrected certificate takes over from the one that it corrects."""
    start = corrected.droit[:2]
    for old in certificates:
        if corrected.reference is not None and old.reference == corrected.reference and old.droit[0] <= start[1]:
            yield relais(old, corrected, start)
            _finit(old, (start[0] - 1, start[1] - 1), surely=True)


def relais(avant: Doc, apres: Doc, pivot: Bornes) -> Relais:
    """The days that ``avant`` covers if ``apres`` had not begun, and ``apres`` covers if it had."""
    return Relais(
        avant=avant,
        apres=apres,
        droit=_entre(avant.droit, apres.droit, pivot),
        preuve=_entre(avant.preuve, apres.preuve, pivot),
    )


def _entre(avant: Plage | None, apres: Plage | None, pivot: Bornes) -> Bornes:
    if avant is None or apres is None:
        return 1, 0
    return max(pivot[0], avant[1]), min(pivot[1] - 1, avant[2], apres[2])


def _refus(doc: Doc, refusal: Fin) -> None:
    """A refusal ends what was given for its dossier before it; what was given afterwards is a new act."""
    if doc.dossier is not None and doc.dossier != refusal.objet:
        return
    given = doc.preuve or doc.droit
    if given[0] > refusal.le[1]:
        return
    surely = refusal.debout and doc.dossier is not None and given[1] <= refusal.le[0]
    _finit(doc, refusal.le, surely=surely)


def decisions_favorables(
    faits: ParType, ends: Sequence[Fin], cards: Sequence[Doc], seul: str | None
) -> tuple[list[Doc], list[Relais]]:
    """Certificates of a favourable decision: until the card is handed over, or the end that a document states."""
    granted = tous(faits, DecisionFavorablePrise)
    found: list[Doc] = []
    relays: list[Relais] = []
    for entry, event in tous(faits, AttestationDecisionFavorableDelivree):
        dossier = event.dossier or seul
        doc = _doc(BaseCouverture.ADF, entry, event, event.mise_a_disposition_le, dossier=dossier)
        for taken, decision in granted:
            if dossier is not None and taken.fait.objet == dossier and decision.valide_au is not None:
                _finit(doc, bornes(decision.valide_au), surely=True)
        for each in ends:
            if each.nature is NatureDecision.FAVORABLE and dossier is not None and each.objet == dossier:
                _finit(doc, each.le, surely=each.debout)
        relays += _remise(doc, cards)
        found.append(doc)
    return found, relays


def _remise(doc: Doc, cards: Iterable[Doc]) -> list[Relais]:
    """The handover of the card of this dossier, or of any later card, ends the certificate the day before."""
    begins = doc.preuve or doc.droit
    ends: list[tuple[Doc, Bornes, bool]] = []
    for card in cards:
        if card.base is not BaseCouverture.TITRE or card.evenement.remis_le is None:
            continue
        handed = bornes(card.evenement.remis_le)
        same = card.dossier is not None and card.dossier == doc.dossier
        if same or handed[1] >= begins[0]:
            ends.append((card, handed, same or handed[0] >= begins[1]))
    relays = [
        relais(_sans(doc, ends, card), card, (max(handed[0], bornes(card.evenement.valide_du)[1]), handed[1]))
        for card, handed, _ in ends
        if handed[0] != handed[1]
    ]
    for _, handed, surely in ends:
        _finit(doc, (handed[0] - 1, handed[1] - 1), surely=surely)
    return relays


def _sans(doc: Doc, ends: Iterable[tuple[Doc, Bornes, bool]], but: Doc) -> Doc:
    """The certificate as every card but one ends it."""
    alone = msgspec.structs.replace(doc)
    for card, handed, surely in ends:
        if card is not but:
            _finit(alone, (handed[0] - 1, handed[1] - 1), surely=surely)
    return alone


def dossier_unique(filed: Iterable[Demande], ends: Iterable[Fin]) -> str | None:
    """The person's dossier when exactly one is known: a document that names none then belongs to it."""
    known = {d.dossier for d in filed} | {f.objet for f in ends if f.nature is NatureDecision.REFUS_EXPRES}
    known.discard(None)
    return known.pop() if len(known) == 1 else None

"""The refusal that silence gives birth to, per dossier; it is shown beside the cover and never ends it."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from ledger.entry import Entry
from ledger.events.decision import DecisionAnnulee, DecisionRetiree, RefusImpliciteNe
from ledger.events.instruction import ComplementDemande, ComplementRepondu, DelaiComplementProroge, DemandeRetiree
from projections.couverture.documents import Doc
from projections.couverture.faits import (
    Bornes,
    Demande,
    ParType,
    bornes,
    bornes_ou,
    decisions_expresses,
    effacement,
    tous,
)
from projections.couverture.modeles import BaseCouverture, RefusImplicite, StatutRefus
from projections.couverture.motifs import jour_fr
from rules import ceseda_r432_1_silence as loi


def refus_implicites(faits: ParType, filed: Sequence[Demande], docs: Iterable[Doc], au: int) -> list[RefusImplicite]:
    """Each birth that may be computed, by dossier then day; those the ledger records and no computation finds, too."""
    presumed = {d.dossier for d in docs if d.base in {BaseCouverture.API, BaseCouverture.RECEPISSE}}
    recorded = [(e, bornes(v.ne_le)) for e, v in tous(faits, RefusImpliciteNe)]
    first: dict[str | None, Demande] = {}
    for demande in filed:
        first.setdefault(demande.dossier, demande)
    found = [
        _calcule(faits, demande, delai, recorded, au, presumed=dossier in presumed)
        for dossier, demande in first.items()
        for delai in loi.delais(demande.evenement.motif_sejour, demande.evenement.fondement)
    ]
    used = {e for each in found for e in each.entries}
    found += [_inscrit(faits, entry, le, au) for entry, le in recorded if entry.event_id not in used]
    return sorted(found, key=lambda r: (r.dossier or "", r.ne_le, r.base))


def _calcule(
    faits: ParType,
    demande: Demande,
    delai: loi.Delai,
    recorded: Iterable[tuple[Entry, Bornes]],
    au: int,
    *,
    presumed: bool,
) -> RefusImplicite:
    first = _naissance(delai, demande.le[0])
    born = first, first if demande.le[1] == demande.le[0] else _naissance(delai, demande.le[1])
    facts = [e for e, le in recorded if e.fait.objet == demande.dossier and le[0] <= born[1] and born[0] <= le[1]]
    suspended = _suspension(faits, demande, born[1])
    until = loi.suspendu_jusqu_au(date.fromordinal(born[1]), suspended) if suspended else None
    return RefusImplicite(
        dossier=demande.dossier,
        ne_le=date.fromordinal(born[0]),
        ne_au_plus_tard=date.fromordinal(born[1]),
        base=delai.libelle,
        source=delai.source.citation,
        statut=_statut(faits, demande.dossier, born, au),
        suspendu_jusqu_au=until,
        constate=bool(facts),
        motifs=tuple(_motifs(until, presumed=presumed)),
        entries=(demande.entry.event_id, *(e.event_id for e in facts)),
    )


def _naissance(delai: loi.Delai, filed: int) -> int:
    return delai.naissance(date.fromordinal(filed)).toordinal()


def _inscrit(faits: ParType, entry: Entry, born: Bornes, au: int) -> RefusImplicite:
    dossier, event = entry.fait.objet, entry.fait.evenement
    rule = event.regle if isinstance(event, RefusImpliciteNe) else None
    return RefusImplicite(
        dossier=dossier,
        ne_le=date.fromordinal(born[0]),
        ne_au_plus_tard=date.fromordinal(born[1]),
        base="inscrit au registre",
        source=rule or loi.SOURCE.citation,
        statut=_statut(faits, dossier, born, au),
        constate=True,
        entries=(entry.event_id,),
    )


def _statut(faits: ParType, dossier: str | None, born: Bornes, au: int) -> StatutRefus:
    if any(effacement(e, dossier) for e, _ in tous(faits, DecisionAnnulee, DecisionRetiree)):
        return StatutRefus.EFFACE
    decided = [le for objet, le, _ in decisions_expresses(faits) if objet == dossier and le[0] <= au]
    withdrawn = [bornes_ou(v.retiree_le, e) for e, v in tous(faits, DemandeRetiree) if e.fait.objet == dossier]
    if any(le[1] < born[0] for le in decided + withdrawn):
        return StatutRefus.PREVENU
    if any(le[0] < born[1] for le in decided + withdrawn):
        return StatutRefus.INCERTAIN
    if born[1] > au:
        return StatutRefus.A_NAITRE if born[0] > au else StatutRefus.INCERTAIN
    return StatutRefus.REMPLACE if decided else StatutRefus.NE


def _suspension(faits: ParType, demande: Demande, born: int) -> int:
    """The days that conforming requests for missing pieces may suspend; one without a time limit suspends nothing."""
    days = 0
    for entry, event in tous(faits, ComplementDemande):
        asked = bornes_ou(event.demande_le, entry)[0]
        if entry.fait.objet != demande.dossier or event.echeance is None or asked >= born:
            continue
        limits = [event.echeance.dernier]
        limits += [
            v.nouvelle_echeance.dernier for e, v in tous(faits, DelaiComplementProroge) if _repond(e, v, entry, event)
        ]
        answers = [
            bornes_ou(v.repondu_le, e)[1]
            for e, v in tous(faits, ComplementRepondu)
            if _repond(e, v, entry, event) and v.toutes_les_pieces is not False
        ]
        answered = min((day for day in answers if day >= asked), default=None)
        days += loi.jours_suspendus(
            date.fromordinal(asked), max(limits), None if answered is None else date.fromordinal(answered)
        )
    return days


def _repond(entry: Entry, event: Any, asked: Entry, request: ComplementDemande) -> bool:
    """Whether this answer, or this extension, is about that request."""
    same = event.complement is None or request.complement is None or event.complement == request.complement
    return same and entry.fait.objet == asked.fait.objet


def _motifs(until: date | None, *, presumed: bool) -> Iterable[str]:
    if until is None:
        return
    yield (
        f"Si la demande de pièces a suspendu le délai ({loi.SUSPENSION.citation}), le refus naît le"
        f" {jour_fr(until.toordinal())} au plus tard."
    )
    if presumed:
        yield (
            "Une attestation ou un récépissé a été délivré, ce qui fait présumer le dossier complet"
            f" ({loi.AVIS_499904.citation}) : la première date est alors à retenir."
        )

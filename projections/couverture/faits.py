"""What coverage reads in the facts: who filed what when, and which decisions ended a right and still stand.

Days are ordinals here (``date.toordinal``): ``(first, last)`` possible day of one date. What a decision ends, it ends
under every reading only when the decision surely stands and surely concerns the document.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from ledger.days import Jours
from ledger.entry import Entry
from ledger.events.base import Event
from ledger.events.decision import (
    DecisionAnnulee,
    DecisionFavorablePrise,
    DecisionRetiree,
    RefusImpliciteNe,
    RefusNotifie,
)
from ledger.events.depot import DemandeDeposee, DemandePapierEnregistree
from ledger.events.effet import (
    CouvertureSantePerdue,
    CouvertureSanteRetablie,
    EmploiRepris,
    EmploiRompu,
    EmploiSuspendu,
    InscriptionFranceTravailRetablie,
    LogementOuBanqueAccorde,
    LogementOuBanqueRefuse,
    OffreEmploiRetiree,
    PrestationRetablie,
    PrestationSuspendue,
    RadiationFranceTravail,
)
from ledger.events.instruction import ComplementDemande, ComplementRepondu, DelaiComplementProroge, DemandeRetiree
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
from ledger.events.support import SubstitutionDemandee
from ledger.events.titre import AttestationDemandeAsileDelivree, TitreRemis, TitreRetire
from ledger.events.types import NatureDecision, NatureDemande

LUS: Final[tuple[type[Event], ...]] = (
    DemandeDeposee,
    DemandePapierEnregistree,
    DemandeRetiree,
    ComplementDemande,
    ComplementRepondu,
    DelaiComplementProroge,
    SubstitutionDemandee,
    RefusImpliciteNe,
    DecisionFavorablePrise,
    RefusNotifie,
    DecisionRetiree,
    DecisionAnnulee,
    TitreRemis,
    TitreRetire,
    AttestationDemandeAsileDelivree,
    AttestationProlongationDelivree,
    AttestationProlongationRenouvelee,
    AttestationProlongationMiseADisposition,
    AttestationProlongationCorrigee,
    RecepisseDelivre,
    RecepisseRenouvele,
    AttestationDecisionFavorableDelivree,
    ProtectionReconnue,
    OffreEmploiRetiree,
    EmploiSuspendu,
    EmploiRompu,
    EmploiRepris,
    PrestationSuspendue,
    PrestationRetablie,
    RadiationFranceTravail,
    InscriptionFranceTravailRetablie,
    CouvertureSantePerdue,
    CouvertureSanteRetablie,
    LogementOuBanqueRefuse,
    LogementOuBanqueAccorde,
)
"""The types of facts that coverage looks at; every other one is passed over."""

PERTINENTS: Final = frozenset(each.nom for each in LUS)
"""Their stored names."""

Bornes = tuple[int, int]
Lu = tuple[Entry, Any]
"""An entry and its event, whose type the caller has asked for."""

ParType = dict[type[Event], list[Lu]]


def bornes(days: Jours) -> Bornes:
    """The first and the last possible day, as ordinals."""
    first = days.premier.toordinal()
    return first, (first if days.dernier == days.premier else days.dernier.toordinal())


def bornes_ou(days: Jours | None, entry: Entry) -> Bornes:
    """The bounds of ``days``, or of the moment of the fact when the payload gives no day."""
    return bornes(entry.fait.survenu.jours if days is None else days)


def par_type(entries: Sequence[Entry]) -> ParType:
    """The facts that matter, by type; an order of their own makes the result independent of the order given."""
    groups: ParType = {}
    for entry in sorted(entries, key=_ordre) if len(entries) > 1 else entries:
        event = entry.fait.evenement
        kind = type(event)
        if kind in _LUS:
            groups.setdefault(kind, []).append((entry, event))
    return groups


_LUS: Final = frozenset(LUS)


def _ordre(entry: Entry) -> tuple[datetime, datetime, int]:
    when = entry.fait.survenu
    return when.debut, when.fin, entry.event_id.int


def tous(faits: ParType, *types: type[Event]) -> Sequence[Lu]:
    """The entries of these types, each with its event."""
    if len(types) == 1:
        return faits.get(types[0], ())
    return [each for kind in types for each in faits.get(kind, ())]


class Demande(NamedTuple):
    """A filed application."""

    dossier: str | None
    le: Bornes
    entry: Entry
    evenement: DemandeDeposee | DemandePapierEnregistree


def demandes(faits: ParType) -> list[Demande]:
    """The applications, by filing day."""
    online = [Demande(e.fait.objet, bornes(v.deposee_le), e, v) for e, v in tous(faits, DemandeDeposee)]
    paper = [Demande(e.fait.objet, bornes(v.recue_le), e, v) for e, v in tous(faits, DemandePapierEnregistree)]
    return sorted(online + paper, key=lambda d: d.le) if len(online) + len(paper) > 1 else online + paper


class Fin(NamedTuple):
    """A decision that ends a right after ``le``: a refusal, a withdrawn title, a withdrawn favourable decision."""

    nature: NatureDecision
    le: Bornes
    """The last day that the decision leaves covered."""
    debout: bool
    """It surely stands; otherwise its annulment or withdrawal is possible, not sure."""
    objet: str | None
    """The dossier, or the title that was withdrawn."""
    entry: Entry
    finit_droit: bool = True
    """Whether it ends the right of stay: the refusal of a duplicate or of a changed address does not."""


_SANS_FIN_DE_DROIT: Final = frozenset({NatureDemande.DUPLICATA, NatureDemande.MODIFICATION})


def fins(faits: ParType, filed: Sequence[Demande]) -> list[Fin]:
    """The decisions that end a right and were not, surely, annulled or withdrawn."""
    erased = tous(faits, DecisionRetiree, DecisionAnnulee)
    if not (erased or RefusNotifie in faits or TitreRetire in faits):
        return []
    harmless = {d.dossier for d in filed if d.evenement.nature in _SANS_FIN_DE_DROIT}
    refusals = [
        Fin(
            NatureDecision.REFUS_EXPRES,
            bornes(v.notifie_le),
            debout=True,
            objet=e.fait.objet,
            entry=e,
            finit_droit=e.fait.objet not in harmless,
        )
        for e, v in tous(faits, RefusNotifie)
    ]
    withdrawn = [
        Fin(NatureDecision.RETRAIT_TITRE, _veille_d_effet(v), debout=True, objet=e.fait.objet, entry=e)
        for e, v in tous(faits, TitreRetire)
    ]
    favourable = [
        Fin(NatureDecision.FAVORABLE, _jour(v), debout=True, objet=e.fait.objet, entry=e)
        for e, v in erased
        if v.vise is NatureDecision.FAVORABLE
    ]
    return [
        *_debout(refusals, [each for each in erased if each[1].vise is NatureDecision.REFUS_EXPRES]),
        *_debout(withdrawn, [each for each in erased if each[1].vise is NatureDecision.RETRAIT_TITRE]),
        *favourable,
    ]


def effacement(entry: Entry, dossier: str | None) -> bool:
    """Whether ``entry`` annuls or withdraws the implicit refusal of ``dossier``."""
    event = entry.fait.evenement
    return (
        isinstance(event, DecisionAnnulee | DecisionRetiree)
        and event.vise is NatureDecision.REFUS_IMPLICITE
        and entry.fait.objet == dossier
    )


def _veille_d_effet(event: TitreRetire) -> Bornes:
    if event.effet_le is None:
        return bornes(event.notifie_le)
    first, last = bornes(event.effet_le)
    return first - 1, last - 1


def _jour(event: DecisionAnnulee | DecisionRetiree) -> Bornes:
    return bornes(event.annulee_le if isinstance(event, DecisionAnnulee) else event.retiree_le)


def _debout(decisions: list[Fin], erased: Iterable[tuple[Entry, Any]]) -> list[Fin]:
    """``decisions`` without those surely erased; those possibly erased no longer surely stand."""
    gone: set[UUID] = set()
    shaken: set[UUID] = set()
    for entry, event in erased:
        aimed = _visees(decisions, entry, event)
        when = _jour(event)
        for each in aimed:
            if event.decision_du is not None or each.le[1] <= when[0]:
                gone.add(each.entry.event_id)
            else:
                shaken.add(each.entry.event_id)
    return [
        each._replace(debout=each.entry.event_id not in shaken) for each in decisions if each.entry.event_id not in gone
    ]


def _visees(decisions: list[Fin], entry: Entry, event: Any) -> list[Fin]:
    """The decisions that an annulment may concern: those of its dossier, narrowed by the day it names."""
    named = {entry.fait.objet, event.decision} - {None}
    related = [each for each in decisions if each.objet in named]
    if not related and event.vise is NatureDecision.RETRAIT_TITRE and len(decisions) == 1:
        # A judgment is recorded in a dossier's stream, a withdrawal in the title's: the only one there is, is meant.
        related = decisions
    if event.decision_du is not None:
        since = bornes(event.decision_du)[0]
        related = sorted((each for each in related if each.le[1] >= since), key=lambda each: each.le)[:1]
    return [each for each in related if each.le[0] <= _jour(event)[1]]


def decisions_expresses(faits: ParType) -> list[tuple[str | None, Bornes, Entry]]:
    """Each express decision with its dossier and its day: notification of a refusal, date of a favourable one."""
    favourable = [(e.fait.objet, bornes(v.prise_le), e) for e, v in tous(faits, DecisionFavorablePrise)]
    return favourable + [(e.fait.objet, bornes(v.notifie_le), e) for e, v in tous(faits, RefusNotifie)]

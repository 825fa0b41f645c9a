"""What duties are read from: the facts by type, the coverage they add up to, who could not act and until when.

Days are ordinals (``date.toordinal``), intervals include both ends.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from ledger.days import Jours
from ledger.entry import Entry
from ledger.events import cloture, decision, depot, incident, instruction, personne, support, titre
from ledger.events.base import Event
from ledger.events.listes import ResultatCcc, ResultatPan
from ledger.events.types import Flux, Grade, NatureDecision, NatureDemande, Source
from projections.couverture.calcul import Trame, trame
from projections.couverture.documents import Doc
from projections.couverture.faits import LUS, Demande, Lu, ParType, bornes, bornes_ou, fins
from projections.couverture.lacunes import Intervalles, complement, union
from projections.couverture.maintien import renouveles
from projections.couverture.modeles import BaseCouverture
from projections.imputation.modeles import Recherche, Statut, plus_faible
from rules.ce_435594_tentatives import tentatives_suffisantes

SANS_SEJOUR: Final = frozenset({NatureDemande.DUPLICATA, NatureDemande.MODIFICATION})
"""Applications that ask for no right of stay."""
TENUS: Final = frozenset({BaseCouverture.TITRE, BaseCouverture.API, BaseCouverture.RECEPISSE, BaseCouverture.ADF})
OFFICIELLES: Final = (Source.ANEF, Source.AGDREF, Source.CONSTAT, Source.JURIDICTION)
"""The sources that would contain an act of the administration, or in which a judge has looked for it."""
FORTS: Final = frozenset({Grade.A, Grade.B})


class Matiere(NamedTuple):
    """The facts of one person as duties read them."""

    entries: tuple[Entry, ...]
    faits: ParType
    trame: Trame
    au: int
    renouvellements: tuple[tuple[Demande, Doc, bool], ...]
    """Each application for a right of stay with the card it renews, and whether that is sure."""
    sources: frozenset[Source]
    """Those that the facts show to have told of a dossier."""
    tenus: Intervalles
    """The days surely proven by a document in the person's hands, the three months of L.433-3 left aside."""


def matiere(entries: Sequence[Entry], au: date, sources: frozenset[Source] | None = None) -> Matiere:
    """Read the holding ``entries`` of one person, in any order, as seen on the day ``au``.

    ``sources`` are given where a history is replayed: what was supposed tells nothing of where one has looked.
    """
    faits: ParType = {}
    for entry in sorted(entries, key=lambda e: (e.fait.survenu.debut, e.fait.survenu.fin, e.event_id.int)):
        event = entry.fait.evenement
        faits.setdefault(type(event), []).append((entry, event))
    found = trame(entries, au)
    cards = [d for d in found.docs if d.base is BaseCouverture.TITRE]
    filed = [d for d in found.demandes if d.evenement.nature not in SANS_SEJOUR]
    renewed = tuple((demande, card, surely) for demande in filed for card, surely in renouveles(demande, cards))
    if sources is None:
        sources = frozenset([entry.fait.source for entry in entries if temoin(entry)])
    return Matiere(tuple(entries), faits, found, au.toordinal(), renewed, sources, _tenus(found.docs))


def lus(m: Matiere, *types: type[Event]) -> list[Lu]:
    """The facts of these types, in the order of days."""
    found = [each for kind in types for each in m.faits.get(kind, ())]
    return sorted(found, key=lambda each: each[0].fait.survenu.debut) if len(types) > 1 else found


def jour(days: Jours | None, entry: Entry) -> int:
    """The latest day that a fact may mean: no party is charged with a day that another reading spares it."""
    return bornes_ou(days, entry)[1]


def grade(*entries: Entry) -> Grade | None:
    """The weakest grade among ``entries``."""
    return plus_faible([entry.fait.grade for entry in entries])


def soustraire(first: Intervalles, other: Intervalles) -> Intervalles:
    """The days of ``first`` that ``other`` does not hold."""
    held = union(other)
    return [part for du, au in union(first) for part in complement(held, du, au)]


def communs(first: Intervalles, other: Intervalles) -> Intervalles:
    """The days that both hold."""
    return soustraire(first, soustraire(first, other))


def _tenus(docs: Iterable[Doc]) -> Intervalles:
    return union((d.preuve[1], d.preuve[2]) for d in docs if d.preuve is not None and d.base in TENUS)


def cartes(m: Matiere) -> list[Doc]:
    """The residence permits."""
    return [d for d in m.trame.docs if d.base is BaseCouverture.TITRE]


def depots(m: Matiere) -> list[Demande]:
    """The applications for a right of stay, by filing day."""
    return [d for d in m.trame.demandes if d.evenement.nature not in SANS_SEJOUR]


def temoin(entry: Entry) -> bool:
    """Whether the fact shows its source to have told of a dossier.

    Neither a deduction, nor a read of the file, nor what was done with an account, nor an incident says that an act
    would be there.
    """
    event = entry.fait.evenement
    told = event.flux not in _SANS_DOSSIER or isinstance(event, _PERSONNE_LUS)
    return told and entry.fait.grade is not Grade.E


_SANS_DOSSIER: Final = frozenset({Flux.ACCES, Flux.PERSONNE, Flux.INCIDENT})
_PERSONNE_LUS: Final = (personne.ProtectionReconnue, personne.InstructionsAccesEnvoyees)


def recherche(
    m: Matiere, acte: str, du: int, au: int, ou: tuple[Source, ...] = OFFICIELLES
) -> tuple[Recherche, Statut]:
    """An act that was looked for and not found, and what its absence is worth with the sources that are there.

    ``ou``: the sources that would contain it.
    """
    found = tuple(each for each in ou if each in m.sources)
    looked = Recherche(
        acte=acte,
        du=date.fromordinal(du),
        au=date.fromordinal(min(au, m.au)),
        sources=ou,
        presentes=found,
    )
    if found:
        return looked, Statut.ETABLI
    return looked, Statut.PROBABLE if Source.PAPIER in m.sources else Statut.A_ETABLIR


class Instruction(NamedTuple):
    """How long an application was examined; ``fin`` is the last day without a decision, ``None`` while it lasts."""

    fin: int | None
    favorable: bool
    entry: Entry | None


def instruction_de(m: Matiere, dossier: str | None, depuis: int) -> Instruction:
    """The instruction of ``dossier`` from the day ``depuis``, until the first act that ends it."""
    ends = [each for each in _fins_d_instruction(m, dossier) if each[0] >= depuis - 1]
    if not ends:
        return Instruction(None, favorable=False, entry=None)
    day, favourable, entry = min(ends, key=lambda each: (each[0], not each[1], each[2].event_id.int))
    return Instruction(day, favourable, entry)


def _fins_d_instruction(m: Matiere, dossier: str | None) -> Iterator[tuple[int, bool, Entry]]:
    for each in fins(m.trame.faits, m.trame.demandes):
        if each.nature is NatureDecision.REFUS_EXPRES and each.objet == dossier and each.debout:
            yield each.le[1], False, each.entry
    undone = {
        e.fait.objet
        for e, v in lus(m, decision.DecisionAnnulee, decision.DecisionRetiree)
        if v.vise is NatureDecision.FAVORABLE
    }
    for entry, event in lus(m, decision.DecisionFavorablePrise):
        if entry.fait.objet == dossier and dossier not in undone:
            yield bornes(event.prise_le)[0] - 1, True, entry
    for doc in m.trame.docs:
        mine = {dossier} if doc.base is BaseCouverture.ADF else {dossier, None}
        if doc.base in {BaseCouverture.ADF, BaseCouverture.TITRE} and doc.dossier in mine:
            yield doc.droit[0] - 1, True, doc.entries[0]
    for entry, event in lus(m, instruction.DemandeRetiree):
        if entry.fait.objet == dossier:
            yield bornes_ou(event.retiree_le, entry)[0] - 1, False, entry


class Empechement(NamedTuple):
    """Days on which the person tried and could not file."""

    du: int
    au: int
    tentatives: tuple[Entry, ...]
    appuis: tuple[Entry, ...]
    """What else shows it: tickets, certificates, incidents, outages, a request to file otherwise."""
    suite: Demande | None
    """The application that came at last."""
    statut: Statut


_APPUIS: Final[tuple[type[Event], ...]] = (
    support.CccContacte,
    support.CccRepondu,
    support.SignalementTransmisDgef,
    support.BlocageAtteste,
    support.PanVisite,
    support.SubstitutionDemandee,
    support.SubstitutionProposee,
    incident.IncidentOuvert,
    incident.IncidentResolu,
    incident.PannePlateformeConstatee,
    titre.RestitutionNonEnregistree,
)
REJOUES: Final = frozenset(
    {
        *LUS,
        *_APPUIS,
        depot.PieceVersee,
        depot.TentativeDepotEchouee,
        depot.VersementEchoue,
        cloture.DossierClosAutomatiquement,
        cloture.DossierClosParAgent,
        cloture.DossierRouvert,
        incident.UsagerInformeResolution,
        instruction.ComplementMisADisposition,
        instruction.ComplementOuvert,
        instruction.RendezVousManque,
        personne.InstructionsAccesEnvoyees,
    }
)
"""The types of facts that a duty or the coverage reads: a history replayed needs no other."""
_RECONNAISSENT: Final = (
    support.BlocageAtteste,
    support.SignalementTransmisDgef,
    support.SubstitutionProposee,
    incident.IncidentOuvert,
    incident.IncidentResolu,
    incident.PannePlateformeConstatee,
    titre.RestitutionNonEnregistree,
)
_CONSTATS_PAN: Final = frozenset({ResultatPan.BLOCAGE_CONSTATE})
_CONSTATS_CCC: Final = frozenset({ResultatCcc.BLOCAGE_ATTESTE, ResultatCcc.TRANSMIS_DGEF})


def empechements(m: Matiere) -> list[Empechement]:
    """The stretches of failed attempts, each up to the application that followed it, in the order of days."""
    filed = depots(m)
    groups: dict[int, list[Lu]] = {}
    for entry, event in lus(m, depot.TentativeDepotEchouee):
        day = entry.fait.survenu.jours.dernier.toordinal()
        groups.setdefault(next((i for i, d in enumerate(filed) if d.le[0] >= day), len(filed)), []).append(
            (entry, event)
        )
    return [
        _empechement(m, attempts, filed[index] if index < len(filed) else None)
        for index, attempts in sorted(groups.items())
    ]


def _empechement(m: Matiere, attempts: Sequence[Lu], following: Demande | None) -> Empechement:
    days = [entry.fait.survenu.jours.dernier for entry, _ in attempts]
    first, last = min(days).toordinal(), max(days).toordinal()
    limit = m.au if following is None else following.le[0] - 1
    known = {event.incident for _, event in attempts} - {None}
    files = {entry.fait.objet for entry, _ in attempts} - {None}
    support_ = [each for each in lus(m, *_APPUIS) if _se_rapporte(each, known, files, limit)]
    enough = tentatives_suffisantes(days)
    told = resolution(m, known, files, first)
    pending = [jour(v.recue_le or v.demandee_le, e) for e, v in support_ if isinstance(v, support.SubstitutionDemandee)]
    recognised = [e for e, v in support_ if _reconnait(v)]
    if told is not None:
        until = max(first, told)
    elif pending or ((recognised or known) and following is not None) or (enough and recognised):
        until = limit  # the ball is with the administration until she can file
    else:
        until = last
    return Empechement(
        first,
        max(first, min(until, max(limit, last))),
        tuple(entry for entry, _ in attempts),
        tuple(entry for entry, _ in support_),
        following,
        _statut(attempts, support_, recognised, enough=enough),
    )


def _se_rapporte(each: Lu, incidents: set[Any], files: set[Any], limit: int) -> bool:
    entry, event = each
    if entry.fait.survenu.jours.premier.toordinal() > limit + 1:
        return False
    named = {event.lire_champ("dossier"), *(event.lire_champ("dossiers") or ())} - {None}
    about = {entry.fait.objet, event.lire_champ("incident")} - {None}
    return bool(named & files or about & (incidents | files) or (not named and not incidents))


def _reconnait(event: Event) -> bool:
    """Whether the fact is the administration's own acknowledgement that filing was impossible."""
    match event:
        case support.PanVisite(resultat=result):
            return result in _CONSTATS_PAN
        case support.CccRepondu(resultat=answer):
            return answer in _CONSTATS_CCC
        case _:
            return isinstance(event, _RECONNAISSENT)


def resolution(m: Matiere, incidents: set[Any], files: set[Any], since: int) -> int | None:
    """The day the person knew that she could file again; failing that, the day it was so."""

    def about(entry: Entry, event: Any) -> bool:
        named = {event.lire_champ("dossier"), *(event.lire_champ("dossiers") or ())} - {None}
        return entry.fait.objet in incidents or bool(named & files)

    told = [jour(v.ouvert_le or v.informe_le, e) for e, v in lus(m, incident.UsagerInformeResolution) if about(e, v)]
    solved = [jour(v.resolu_le, e) for e, v in lus(m, incident.IncidentResolu) if about(e, v)]
    return min((day for day in told or solved if day >= since), default=None)


def _statut(attempts: Iterable[Lu], support_: Sequence[Lu], recognised: Sequence[Entry], *, enough: bool) -> Statut:
    """How far the impossibility is established (CE 435594; never by declarations alone)."""
    if any(entry.fait.grade in FORTS for entry in recognised):
        return Statut.ETABLI
    logged = any(entry.fait.grade in FORTS for entry, _ in attempts)
    seconded = any(entry.fait.grade in FORTS for entry, _ in support_)
    if enough and (logged or seconded):
        return Statut.ETABLI
    if seconded or recognised or (enough and support_):
        return Statut.PROBABLE
    return Statut.A_ETABLIR


def fin_neutralisee(m: Matiere, premier: int, dernier: int, blocked: Iterable[Empechement]) -> int:
    """The window's last day, put off by the days on which she tried and could not that begin inside the window, and by
    an outage that covers its end. What is only declared puts nothing off.
    """
    tried = [(e.du, e.au) for e in blocked if e.statut is not Statut.A_ETABLIR and premier <= e.du <= dernier]
    down = [(max(du, premier), au) for du, au in pannes(m) if du <= dernier <= au]
    return dernier + sum(last - first + 1 for first, last in union([*tried, *down]))


def pannes(m: Matiere) -> Intervalles:
    """The outages of the téléservice that an official source records, among the facts of this person."""
    found: Intervalles = []
    for entry, event in lus(m, incident.PannePlateformeConstatee):
        if entry.fait.grade in FORTS:
            end = m.au if event.fin is None else event.fin.jours.premier.toordinal()
            found.append((event.debut.jours.dernier.toordinal(), end))
    return union(found)

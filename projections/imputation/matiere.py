"""What duties are read from: the facts by type, the coverage they add up to, who could not act and until when.

Days are ordinals (``date.toordinal``), intervals include both ends.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

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
from projections.couverture.motifs import jour_fr
from projections.imputation.incidents import DECLARES, SESSIONS, TOUCHABLES, Declares, Touche, touches
from projections.imputation.modeles import Recherche, Statut, plus_faible
from rules import ceseda_annexe_9_listes, ceseda_r431_5_fenetre
from rules.ce_435594_tentatives import ecart_suffisant

SANS_SEJOUR: Final = frozenset({NatureDemande.DUPLICATA, NatureDemande.MODIFICATION})
"""Applications that ask for no right of stay."""
TENUS: Final = frozenset({BaseCouverture.TITRE, BaseCouverture.API, BaseCouverture.RECEPISSE, BaseCouverture.ADF})
OFFICIELLES: Final = (Source.ANEF, Source.AGDREF, Source.CONSTAT, Source.JURIDICTION)
"""The sources that would contain an act of the administration, or in which a judge has looked for it."""
AU_REGISTRE: Final = (Source.CONSTAT, Source.JURIDICTION)
"""Where an exchange with the Défenseur des droits or about the data would be: no log of the administration holds it."""
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
    partages: Mapping[UUID, frozenset[UUID]]
    """The incidents of nobody that hit the person: by stream, the event ids of what each hit."""


def matiere(entries: Sequence[Entry], au: date, sources: frozenset[Source] | None = None) -> Matiere:
    """Read the holding ``entries`` of one person, in any order, as seen on the day ``au``.

    Those of incidents that are nobody's may be among them: one that hit nothing of hers is left aside. ``sources`` are
    given where a history is replayed: what was supposed tells nothing of where one has looked.
    """
    hers = [entry for entry in entries if entry.fait.personne is not None]
    faits = _par_type(hers)
    found = trame(hers, au)
    hit: dict[UUID, frozenset[UUID]] = {}
    if len(hers) < len(entries):
        declared = Declares(entry for entry in entries if entry.fait.personne is None)
        hit = declared.atteignent(touches(faits, fenetres(found)))
        entries = [entry for entry in entries if entry.fait.personne is not None or entry.stream in hit]
        faits = _par_type(entries)
    cards = [d for d in found.docs if d.base is BaseCouverture.TITRE]
    filed = [d for d in found.demandes if d.evenement.nature not in SANS_SEJOUR]
    renewed = tuple((demande, card, surely) for demande in filed for card, surely in renouveles(demande, cards))
    if sources is None:
        sources = frozenset([entry.fait.source for entry in entries if temoin(entry)])
    return Matiere(tuple(entries), faits, found, au.toordinal(), renewed, sources, _tenus(found.docs), hit)


def _par_type(entries: Iterable[Entry]) -> ParType:
    """By type, each in the order of days."""
    faits: ParType = {}
    for entry in sorted(entries, key=lambda e: (e.fait.survenu.debut, e.fait.survenu.fin, e.event_id.int)):
        event = entry.fait.evenement
        faits.setdefault(type(event), []).append((entry, event))
    return faits


def fenetres(found: Trame) -> Iterator[tuple[Entry, str | None, int, int]]:
    """The filing window of each card, before anything puts its end off: its card, its dossier, first and last day."""
    for card in found.docs:
        if card.base is BaseCouverture.TITRE and ceseda_r431_5_fenetre.vise(card.evenement.type_titre) is not False:
            filed = next((d for d in found.demandes if any(c is card for c, _ in renouveles(d, [card]))), None)
            first, last = ceseda_r431_5_fenetre.fenetre(
                card.evenement.valide_au.dernier, teleservice=en_ligne(card, filed)
            )
            yield card.entries[0], filed.dossier if filed else card.dossier, first.toordinal(), last.toordinal()


def en_ligne(card: Doc, filed: Demande | None) -> bool:
    """Whether the renewal of ``card`` is filed online: what the application says of it, else the lists of the arrêtés.

    Where they do not say, an application received at the desk is read by the desk's window, which closes later.
    """
    if filed is None:
        held = card.evenement
        listed = ceseda_annexe_9_listes.en_ligne(
            held.type_titre, held.motif_sejour, NatureDemande.RENOUVELLEMENT, held.valide_au.dernier
        )
        return listed is not False
    event = filed.evenement
    if event.en_teleservice_obligatoire is not None or isinstance(event, depot.DemandeDeposee):
        return event.en_teleservice_obligatoire is not False
    day = date.fromordinal(filed.le[0])
    return bool(
        ceseda_annexe_9_listes.en_ligne(
            event.titre_demande, event.motif_sejour, event.nature, day, fondement=event.fondement
        )
    )


def atteintes(m: Matiere) -> list[Touche]:
    """What an incident may have hit in the person's facts."""
    return touches(m.faits, fenetres(m.trame))


def lus(m: Matiere, *types: type[Event]) -> list[Lu]:
    """The facts of these types, in the order of days."""
    found = [each for kind in types for each in m.faits.get(kind, ())]
    return _par_jour(found) if len(types) > 1 else found


def _par_jour(found: Iterable[Lu]) -> list[Lu]:
    return sorted(found, key=lambda each: each[0].fait.survenu.debut)


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


def existe(doc: Doc) -> int:
    """The first day of its validity on which a document is known to exist: none before it was made or handed over."""
    first = doc.droit[0]
    if doc.preuve is not None and doc.preuve[0] <= first:
        return first
    made = doc.entries[0].fait.survenu.jours.premier.toordinal()
    return max(first, made if doc.preuve is None else min(made, doc.preuve[0]))


def suppose(entry: Entry) -> bool:
    """Whether the fact is none: a history replayed put it there."""
    return entry.fait.id.startswith(SUPPOSE)


SUPPOSE: Final = "suppose/"
"""How the ids of what a replay puts in begin."""


def depots(m: Matiere) -> list[Demande]:
    """The applications for a right of stay, by filing day."""
    return [d for d in m.trame.demandes if d.evenement.nature not in SANS_SEJOUR]


def temoin(entry: Entry) -> bool:
    """Whether the fact shows its source to have told of a dossier.

    Neither a deduction, nor a read of the file, nor what was done with an account, nor an incident, nor a complaint and
    what a service answers to it, says that an act would be there.
    """
    event = entry.fait.evenement
    told = event.flux not in _SANS_DOSSIER or isinstance(event, _PERSONNE_LUS)
    return told and entry.fait.grade is not Grade.E


_SANS_DOSSIER: Final = frozenset({Flux.ACCES, Flux.PERSONNE, Flux.INCIDENT, Flux.RECLAMATION})
_PERSONNE_LUS: Final = (personne.ProtectionReconnue, personne.InstructionsAccesEnvoyees)


def _plaintes(m: Matiere) -> frozenset[Source]:
    """The sources that tell of complaints and of what the person asked of the data: they would tell the answer."""
    about = {Flux.RECLAMATION, Flux.ACCES}
    told = (entry.fait for entry in m.entries if entry.fait.flux in about and entry.fait.grade is not Grade.E)
    return frozenset([fait.source for fait in told])


def recherche(
    m: Matiere, acte: str, du: int, au: int, ou: tuple[Source, ...] = OFFICIELLES
) -> tuple[Recherche, Statut]:
    """An act that was looked for and not found, and what its absence is worth with the sources that are there.

    ``ou``: the sources that would contain it.
    """
    told = m.sources if ou is not AU_REGISTRE else m.sources | _plaintes(m)
    found = tuple(each for each in ou if each in told)
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
    granted = []
    for entry, event in lus(m, decision.DecisionFavorablePrise):
        if entry.fait.objet == dossier and dossier not in undone:
            granted.append(bornes(event.prise_le)[0])
            yield granted[-1] - 1, True, entry
    for doc in m.trame.docs:
        mine = {dossier} if doc.base is BaseCouverture.ADF else {dossier, None}
        if doc.base in {BaseCouverture.ADF, BaseCouverture.TITRE} and doc.dossier in mine:
            decided = granted[:1] if doc.dossier == dossier else []
            yield max([existe(doc), *decided]) - 1, True, doc.entries[0]
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

    @property
    def dossier(self) -> str | None:
        """The dossier that the attempts name; ``None`` when only the account was out of reach."""
        named = (
            entry.fait.objet if entry.fait.flux is Flux.DOSSIER else entry.fait.evenement.lire_champ("dossier")
            for entry in self.tentatives
        )
        return next((each for each in named if each is not None), None)

    @property
    def recit(self) -> str:
        """What failed and when, in French, without a full stop."""
        days = ", ".join(f"le {jour_fr(entry.fait.survenu.jours.dernier.toordinal())}" for entry in self.tentatives)
        if all(entry.fait.flux is Flux.INCIDENT for entry in self.tentatives):
            return f"Blocage du dépôt attesté : {days}"
        account = any(entry.fait.flux is Flux.PERSONNE for entry in self.tentatives)
        tried = "de dépôt ou d'accès au compte" if account else "de dépôt"
        return f"Tentatives {tried} échouées : {days}"


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
REJOUES: Final[frozenset[type[Event]]] = frozenset(
    {
        *LUS,
        *_APPUIS,
        *DECLARES,
        *TOUCHABLES,
        depot.PieceVersee,
        cloture.DossierClosAutomatiquement,
        cloture.DossierClosParAgent,
        cloture.DossierRouvert,
        incident.UsagerInformeResolution,
        cloture.EnregistrementRefuse,
        instruction.ComplementOuvert,
        instruction.RendezVousManque,
        instruction.RendezVousPropose,
        instruction.RendezVousTenu,
        support.RendezVousSubstitutionTenu,
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
    """The stretches of failed attempts, each up to the application that followed it, in the order of days.

    A blockage that a service certified where no attempt is on record is one by itself.
    """
    filed = depots(m)
    groups: dict[int, list[Lu]] = {}
    certified: dict[int, list[Lu]] = {}
    for told, found in ((groups, _tentatives(m)), (certified, _attestes(m))):
        for entry, event in found:
            day = entry.fait.survenu.jours.dernier.toordinal()
            following = next((i for i, d in enumerate(filed) if d.le[0] >= day), len(filed))
            told.setdefault(following, []).append((entry, event))
    return [
        empechement(m, attempts, filed[index] if index < len(filed) else None)
        for index, attempts in sorted((certified | groups).items())
    ]


def _attestes(m: Matiere) -> list[Lu]:
    """The certificates of a service that filing was impossible, made while no application was examined."""
    return [
        each
        for each in lus(m, support.BlocageAtteste, support.PanVisite, support.CccRepondu)
        if (isinstance(each[1], support.BlocageAtteste) or _constate(each[1]))
        and not _examinee(m, each[0].fait.survenu.jours.premier.toordinal())
    ]


def _tentatives(m: Matiere) -> list[Lu]:
    """The attempts to file that failed; with them, what kept her out of the account that filing needs.

    A session that failed counts only for a catalogued malfunction, and only while no application is examined: who has
    filed has nothing to file.
    """
    sessions = [
        each
        for each in lus(m, *SESSIONS)
        if each[1].lire_champ("code_incident") is not None
        and not _examinee(m, each[0].fait.survenu.jours.premier.toordinal())
    ]
    return _par_jour([*lus(m, depot.TentativeDepotEchouee), *sessions])


def _examinee(m: Matiere, day: int) -> bool:
    """Whether an application for a right of stay may be under examination that day."""
    for filed in depots(m):
        if filed.le[0] <= day:
            end = instruction_de(m, filed.dossier, filed.le[0]).fin
            if end is None or end >= day:
                return True
    return False


def empechement(m: Matiere, attempts: Sequence[Lu], following: Demande | None) -> Empechement:
    """The stretch that these failed attempts make, with what else shows it, up to the application that followed."""
    days = [entry.fait.survenu.jours for entry, _ in attempts]
    sooner, later = min(each.dernier for each in days), max(each.premier for each in days)
    first, last = sooner.toordinal(), max(sooner, later).toordinal()  # the stretch that every reading of the days holds
    limit = m.au if following is None else following.le[0] - 1
    known = {event.lire_champ("incident") for _, event in attempts} - {None}
    files = {each for entry, event in attempts for each in (entry.fait.objet, event.lire_champ("dossier"))} - {None}
    tried = {entry.event_id for entry, _ in attempts}
    about = _APropos(known, files, frozenset(stream for stream, hit in m.partages.items() if hit & tried))
    support_ = [each for each in lus(m, *_APPUIS) if about.soutient(each, limit)]
    enough = ecart_suffisant(sooner, later)
    told = _resolution(m, about, first)
    asked = [jour(v.recue_le or v.demandee_le, e) for e, v in support_ if isinstance(v, support.SubstitutionDemandee)]
    pending = any(_utile(m, day, first, last) for day in asked)
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


def _utile(m: Matiere, day: int, first: int, last: int) -> bool:
    """Whether to ask, that day, for another way to file was still in time, the days blocked until then left out."""
    windows = [(opens, closes) for *_, opens, closes in fenetres(m.trame) if first <= closes and opens <= m.au]
    return not windows or any(day <= closes + last - max(first, opens) + 1 for opens, closes in windows)


class _APropos(NamedTuple):
    """What a stretch of attempts is known by: the incidents it names, its dossiers, the incidents of nobody."""

    incidents: set[Any]
    dossiers: set[Any]
    partages: frozenset[UUID]

    def soutient(self, each: Lu, limit: int) -> bool:
        """Whether a fact, no later than the day after ``limit``, speaks of these attempts."""
        entry, event = each
        if entry.fait.survenu.jours.premier.toordinal() > limit + 1:
            return False
        if entry.fait.personne is None:
            return entry.stream in self.partages
        named = _dossiers(event)
        about = {entry.fait.objet, event.lire_champ("incident")} - {None}
        return bool(
            named & self.dossiers or about & (self.incidents | self.dossiers) or (not named and not self.incidents)
        )

    def resout(self, each: Lu) -> bool:
        """Whether the end of an incident is that of what blocked these attempts."""
        entry, event = each
        named = _dossiers(event)
        if entry.fait.personne is None:
            return entry.stream in self.partages and (not named or bool(named & self.dossiers))
        return entry.fait.objet in self.incidents or bool(named & self.dossiers)


def _dossiers(event: Event) -> set[Any]:
    return {event.lire_champ("dossier"), *(event.lire_champ("dossiers") or ())} - {None}


def _reconnait(event: Event) -> bool:
    """Whether the fact is the administration's own acknowledgement that filing was impossible."""
    return isinstance(event, _RECONNAISSENT) or _constate(event)


def _constate(event: Event) -> bool:
    """Whether a service answered that it saw the blockage."""
    match event:
        case support.PanVisite(resultat=result):
            return result in _CONSTATS_PAN
        case support.CccRepondu(resultat=answer):
            return answer in _CONSTATS_CCC
        case _:
            return False


def resolution(m: Matiere, met: Entry, reference: str, since: int) -> int | None:
    """The day the person knew that the incident ``reference``, which ``met`` names, was over; failing that, it was."""
    shared = frozenset(stream for stream, hit in m.partages.items() if met.event_id in hit)
    return _resolution(m, _APropos({reference}, set(), shared), since)


def _resolution(m: Matiere, about: _APropos, since: int) -> int | None:
    """The day the person knew that she could file again; failing that, the day it was so."""
    told = [
        jour(v.ouvert_le or v.informe_le, e)
        for e, v in lus(m, incident.UsagerInformeResolution)
        if about.resout((e, v))
    ]
    solved = [jour(v.resolu_le, e) for e, v in lus(m, incident.IncidentResolu) if about.resout((e, v))]
    return min((day for day in told or solved if day >= since), default=None)


def _statut(attempts: Iterable[Lu], support_: Sequence[Lu], recognised: Sequence[Entry], *, enough: bool) -> Statut:
    """How far the impossibility is established: spaced attempts (CE 435594), or the administration's own finding.

    What the person alone declares is not agreed with by what she declares elsewhere; and that she reported it does not
    show it, where her attempts are not spaced.
    """
    if any(entry.fait.grade in FORTS for entry in recognised):
        return Statut.ETABLI
    logged = any(entry.fait.grade in FORTS for entry, _ in attempts)
    seconded = any(entry.fait.grade in FORTS for entry, _ in support_)
    if enough and (logged or seconded):
        return Statut.ETABLI
    agreeing = [*recognised, *([entry for entry, _ in [*attempts, *support_]] if enough else ())]
    return Statut.PROBABLE if any(entry.fait.grade is Grade.C for entry in agreeing) else Statut.A_ETABLIR


class Report(NamedTuple):
    """Days by which the end of a filing window is put off, and what shows them."""

    du: int
    au: int
    entries: tuple[Entry, ...]
    statut: Statut

    @property
    def recit(self) -> str:
        """These days, in French."""
        return f"du {jour_fr(self.du)} au {jour_fr(self.au)}"


def reports(m: Matiere, premier: int, dernier: int, blocked: Iterable[Empechement]) -> Iterator[Report]:
    """What puts the end of a window off: the days since its first on which she had tried and could not, when that began
    before it closed, and an outage that covers its end. What is only declared puts nothing off, nor an outage whose end
    is not known, save on the day on which it was seen.
    """
    for e in blocked:
        if e.statut is not Statut.A_ETABLIR and e.du <= dernier and premier <= e.au:
            yield Report(max(e.du, premier), e.au, (*e.tentatives, *e.appuis), e.statut)
    for du, au, entry in _pannes(m):
        if du <= dernier <= au:
            yield Report(max(du, premier), au, (entry,), Statut.ETABLI)


def pannes(m: Matiere) -> Intervalles:
    """The outages of the téléservice that an official source records."""
    return union((du, au) for du, au, _ in _pannes(m))


def _pannes(m: Matiere) -> Iterator[tuple[int, int, Entry]]:
    for entry, event in lus(m, incident.PannePlateformeConstatee):
        if entry.fait.grade in FORTS:
            du = event.debut.jours.dernier.toordinal()
            yield du, du if event.fin is None else event.fin.jours.premier.toordinal(), entry


def fin_neutralisee(m: Matiere, premier: int, dernier: int, blocked: Iterable[Empechement]) -> int:
    """The window's last day, put off by all that :func:`reports` finds, no day counted twice."""
    found = [(each.du, each.au) for each in reports(m, premier, dernier, blocked)]
    return dernier + sum(last - first + 1 for first, last in (union(found) if len(found) > 1 else found))

"""Who could not act, and until when: stretches of failed attempts, what else shows them, what ends them, outages.

Days are ordinals (``date.toordinal``), intervals include both ends.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from ledger.entry import Entry
from ledger.events import depot, incident, support, titre
from ledger.events.base import Event
from ledger.events.listes import ResultatCcc, ResultatPan
from ledger.events.types import Flux, Grade
from projections.couverture.faits import Demande, Lu
from projections.couverture.lacunes import Intervalles, union
from projections.couverture.motifs import jour_fr
from projections.imputation.incidents import SESSIONS
from projections.imputation.matiere import FORTS, Matiere, depots, fenetres, instruction_de, jour, lus, par_jour
from projections.imputation.modeles import Statut
from rules.ce_435594_tentatives import ecart_suffisant


class Deblocage(NamedTuple):
    """The end of what blocked the person, and how far she is shown to have known of it.

    Knowledge is shown by a message that was opened, not by one that was sent; that the incident was over does not show
    that she was told.
    """

    le: int
    entry: Entry
    statut: Statut


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
    fin: Deblocage | None = None
    """What ended it, when an incident was solved or she was told so."""

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


APPUIS: Final[tuple[type[Event], ...]] = (
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
    incident.PorteeIncidentFixee,
    titre.RestitutionNonEnregistree,
)
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
    filed has nothing to file. Nor does an attempt count in a dossier that was filed on an earlier day and is examined.
    """
    sessions = [
        each
        for each in lus(m, *SESSIONS)
        if each[1].lire_champ("code_incident") is not None
        and not _examinee(m, each[0].fait.survenu.jours.premier.toordinal())
    ]
    attempts = [each for each in lus(m, depot.TentativeDepotEchouee) if not _deja_deposee(m, each[0])]
    return par_jour([*attempts, *sessions])


def _deja_deposee(m: Matiere, entry: Entry) -> bool:
    """Whether the dossier of a failed attempt had surely been filed on an earlier day, and is still examined."""
    day = entry.fait.survenu.jours.premier.toordinal()
    return any(
        filed.dossier == entry.fait.objet and filed.le[1] < day and _instruite(m, filed, day) for filed in depots(m)
    )


def _examinee(m: Matiere, day: int) -> bool:
    """Whether an application for a right of stay may be under examination that day."""
    return any(filed.le[0] <= day and _instruite(m, filed, day) for filed in depots(m))


def _instruite(m: Matiere, filed: Demande, day: int) -> bool:
    """Whether an application that was filed may be under examination that day."""
    end = instruction_de(m, filed.dossier, filed.le[0]).fin
    return end is None or end >= day


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
    support_ = [each for each in lus(m, *APPUIS) if about.soutient(each, limit)]
    enough = ecart_suffisant(sooner, later)
    over = _deblocage(m, about, first)
    asked = [jour(v.recue_le or v.demandee_le, e) for e, v in support_ if isinstance(v, support.SubstitutionDemandee)]
    pending = any(_utile(m, day, first, last) for day in asked)
    recognised = [e for e, v in support_ if _reconnait(v)]
    if over is not None:
        until = max(first, over.le)
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
        over,
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
    over = _deblocage(m, _APropos({reference}, set(), shared), since)
    return None if over is None else over.le


def _deblocage(m: Matiere, about: _APropos, since: int) -> Deblocage | None:
    """The day the person knew that she could file again; failing that, the day it was so."""
    told = [
        Deblocage(jour(v.ouvert_le or v.informe_le, e), e, Statut.ETABLI if v.ouvert_le else Statut.PROBABLE)
        for e, v in lus(m, incident.UsagerInformeResolution)
        if about.resout((e, v))
    ]
    solved = [
        Deblocage(jour(v.resolu_le, e), e, Statut.A_ETABLIR)
        for e, v in lus(m, incident.IncidentResolu)
        if about.resout((e, v))
    ]
    return min((each for each in told or solved if each.le >= since), key=lambda each: each.le, default=None)


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

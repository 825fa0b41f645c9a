"""The statement of blockage: what the substitution channel asks of a person (CESEDA R.431-2 al. 3).

One statement for each stretch of days on which she tried and could not file: her attempts, the incidents that hit them,
what she did about it and with what answer, how far the impossibility is established, and what is not on record.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from ledger.entry import Entry
from ledger.events import support
from ledger.events.base import Event
from ledger.events.types import CodeIncident, Flux, Grade, Source
from projections.couverture.documents import SANS_FIN
from projections.imputation.empechements import Empechement, empechements, fin_neutralisee
from projections.imputation.incidents import Genre, Incident, Lien, Touche, atteint, incidents
from projections.imputation.matiere import Matiere, atteintes, cartes, fenetres, matiere
from projections.imputation.modeles import Periode, Statut
from rules import ce_435594_tentatives, ceseda_r431_2_substitution, ceseda_r431_2_teleservice
from rules.ceseda_r431_2_substitution import Condition, Regime


class Empeche(msgspec.Struct, frozen=True, kw_only=True):
    """Ce qui a échoué : une tentative, un versement, un accès au compte, un message illisible."""

    genre: Genre
    survenu: str
    """Day or moment, as the source gave it."""
    semaine: str
    """The ISO week of its first possible day, as « 2025-W22 »."""
    code: str | None
    """The catalogued malfunction."""
    libelle: str | None
    etape: str | None
    code_erreur: str | None
    texte_erreur: str | None
    capture_sha256: str | None
    source: Source
    grade: Grade
    event_id: UUID


class IncidentTouchant(msgspec.Struct, frozen=True, kw_only=True):
    """Un incident qui a touché ces tentatives, et par quoi il s'y rattache."""

    reference: str
    code: str | None
    """``None`` for an outage of the téléservice."""
    libelle: str
    du: date
    au: date | None
    """The day of its end, included; ``None`` while none is known."""
    lien: Lien
    entries: tuple[UUID, ...]


class Diligence(msgspec.Struct, frozen=True, kw_only=True):
    """Un acte fait pour débloquer la situation, de la personne ou d'un service, et ce qu'il a donné."""

    type: str
    libelle: str
    survenu: str
    resultat: str | None
    reference: str | None
    """The ticket or the number of the sending."""
    grade: Grade
    event_id: UUID


class Blocage(msgspec.Struct, frozen=True, kw_only=True):
    """Des jours pendant lesquels la personne a tenté de déposer sans le pouvoir."""

    dossier: str | None
    du: date
    au: date
    """The last blocked day, included."""
    en_cours: bool
    """No application followed yet, and nothing shows that filing became possible."""
    statut: Statut
    """How far the impossibility is established."""
    titre_expire_le: date | None
    fenetre: Periode | None
    """The filing window of the card held, when it has one."""
    fenetre_prolongee_au: date | None
    """The window's last day once the blocked days are neutralised."""
    empeches: tuple[Empeche, ...]
    incidents: tuple[IncidentTouchant, ...]
    diligences: tuple[Diligence, ...]
    depose_le: str | None
    """The day of the application that followed."""
    regime: str
    """The regime under which another way to file is due from the first day."""
    articles: tuple[str, ...]
    manque: tuple[str, ...]
    """What the substitution channel asks and the ledger does not hold."""
    ne_prouve_pas: tuple[str, ...]


class Releve(msgspec.Struct, frozen=True, kw_only=True):
    """Le relevé de blocage d'une personne, vu un jour donné."""

    au: date
    blocages: tuple[Blocage, ...]
    autres: tuple[Empeche, ...]
    """What failed outside these days, or is not an attempt to file."""


_DILIGENCES: Final[tuple[type[Event], ...]] = (
    support.CccContacte,
    support.CccRepondu,
    support.SignalementTransmisDgef,
    support.PanVisite,
    support.RendezVousPanIndisponible,
    support.BlocageAtteste,
    support.SubstitutionDemandee,
    support.SubstitutionRefusee,
    support.SubstitutionProposee,
    support.RendezVousSubstitutionTenu,
)
_AIDE: Final = (support.CccContacte, support.CccRepondu, support.SignalementTransmisDgef)
_ACCUEIL: Final = (support.PanVisite, support.RendezVousPanIndisponible)
_CONSTAT: Final = (support.BlocageAtteste, support.SignalementTransmisDgef, support.SubstitutionProposee)
_NE_PROUVE_PAS: Final = (
    "Ni que le dossier était complet, ni que la demande devait être acceptée.",
    "Ni que la personne ne pouvait déposer les jours où rien n'a été tenté.",
)


def releve(entries: Sequence[Entry], au: date) -> Releve:
    """The statement that the holding ``entries`` of one person give, those of incidents of nobody included."""
    if not entries:
        return Releve(au=au, blocages=(), autres=())
    m = matiere(entries, au)
    known, hit = incidents(m.entries), atteintes(m)
    blocked = empechements(m)
    told: dict[UUID, None] = {}
    found = []
    for each in blocked:
        hers = list(_pendant(each, hit))
        told |= dict.fromkeys(touche.entry.event_id for touche in hers)
        found.append(_blocage(m, each, hers, known, blocked))
    rest = [t for t in hit if t.genre is not Genre.FENETRE and t.entry.event_id not in told]
    return Releve(au=au, blocages=tuple(found), autres=tuple(_empeche(t) for t in _ordre(rest)))


def _pendant(blocked: Empechement, hit: Iterable[Touche]) -> Iterator[Touche]:
    """What failed on these days, the attempts first among them."""
    tried = {entry.event_id for entry in blocked.tentatives}
    for touche in hit:
        about = touche.dossier in {None, blocked.dossier}
        within = blocked.du <= touche.du and touche.au <= blocked.au and about
        if touche.entry.event_id in tried or (within and touche.genre in {Genre.VERSEMENT, Genre.SESSION}):
            yield touche


def _ordre(found: Iterable[Touche]) -> list[Touche]:
    return sorted(found, key=lambda t: (t.du, t.au, t.entry.event_id.int))


def _blocage(
    m: Matiere,
    each: Empechement,
    hers: Sequence[Touche],
    known: Iterable[Incident],
    blocked: Sequence[Empechement],
) -> Blocage:
    first = date.fromordinal(each.du)
    held = max((d for d in cartes(m) if d.droit[0] <= each.du), key=lambda d: d.droit[3], default=None)
    window = next(((a, b) for card, _, a, b in fenetres(m.trame) if held and card in held.entries), None)
    regime = ceseda_r431_2_substitution.regime(first)
    service = ceseda_r431_2_teleservice.version(first)
    spaced = ce_435594_tentatives.LECTURES.source()
    sources = [s for s in (service, regime.source if regime else None, spaced) if s is not None]
    acts = [e for e in each.appuis if isinstance(e.fait.evenement, _DILIGENCES)]
    acts += [e for e in m.entries if isinstance(e.fait.evenement, _DILIGENCES) and e not in acts and _proche(e, each)]
    days = [entry.fait.survenu.jours.dernier for entry in each.tentatives]
    return Blocage(
        dossier=each.dossier,
        du=first,
        au=date.fromordinal(each.au),
        en_cours=each.suite is None and each.au >= m.au,
        statut=each.statut,
        titre_expire_le=date.fromordinal(held.droit[3]) if held and held.droit[3] < SANS_FIN else None,
        fenetre=Periode(du=date.fromordinal(window[0]), au=date.fromordinal(window[1])) if window else None,
        fenetre_prolongee_au=date.fromordinal(fin_neutralisee(m, *window, blocked)) if window else None,
        empeches=tuple(_empeche(t) for t in _ordre(hers)),
        incidents=tuple(_touchants(known, hers)),
        diligences=tuple(_diligence(e) for e in sorted(acts, key=lambda e: e.fait.survenu.debut)),
        depose_le=None if each.suite is None else str(each.suite.entry.fait.survenu),
        regime=regime.libelle if regime else "aucun texte ne donnait d'autre voie de dépôt",
        articles=tuple(s.citation for s in sources),
        manque=tuple(_manque(days, acts, regime)),
        ne_prouve_pas=_NE_PROUVE_PAS,
    )


def _proche(entry: Entry, each: Empechement) -> bool:
    """Whether a step was taken on these days, about this dossier or none in particular."""
    day = entry.fait.survenu.jours.premier.toordinal()
    return each.du <= day <= each.au and entry.fait.evenement.lire_champ("dossier") in {None, each.dossier}


def _empeche(touche: Touche) -> Empeche:
    fait = touche.entry.fait
    said = fait.evenement.lire_champ
    year, week, _ = fait.survenu.jours.premier.isocalendar()
    return Empeche(
        genre=touche.genre,
        survenu=str(fait.survenu),
        semaine=f"{year}-W{week:02}",
        code=touche.code.value if touche.code else None,
        libelle=touche.code.libelle if touche.code else None,
        etape=said("etape"),
        code_erreur=said("code_erreur"),
        texte_erreur=said("texte_erreur"),
        capture_sha256=said("capture_sha256"),
        source=fait.source,
        grade=fait.grade,
        event_id=touche.entry.event_id,
    )


def _touchants(known: Iterable[Incident], hers: Sequence[Touche]) -> Iterator[IncidentTouchant]:
    order = list(Lien)
    for each in known:
        links = [link for touche in hers if (link := atteint(each, touche)) is not None]
        if links:
            yield IncidentTouchant(
                reference=each.reference,
                code=each.code.value if each.code else None,
                libelle=libelle(each.code),
                du=date.fromordinal(each.du),
                au=date.fromordinal(each.au) if each.au < SANS_FIN else None,
                lien=min(links, key=order.index),
                entries=tuple(entry.event_id for entry in each.entries),
            )


def libelle(code: CodeIncident | None) -> str:
    """The French wording of a malfunction, or of an outage."""
    return "Une panne du téléservice" if code is None else code.libelle


def _diligence(entry: Entry) -> Diligence:
    event = entry.fait.evenement
    result = event.lire_champ("resultat")
    number = event.lire_champ("ticket") or event.lire_champ("numero_envoi")
    return Diligence(
        type=event.nom,
        libelle=type(event).titre_fr(),
        survenu=str(entry.fait.survenu),
        resultat=None if result is None else result.value,
        reference=number or (entry.fait.objet if entry.fait.flux is Flux.INCIDENT else None),
        grade=entry.fait.grade,
        event_id=entry.event_id,
    )


def _manque(days: Iterable[date], acts: Sequence[Entry], regime: Regime | None) -> Iterator[str]:
    """What the regime of the first blocked day asks for and these facts do not show."""
    events = [entry.fait.evenement for entry in acts]
    asked = regime.conditions if regime else frozenset()
    if not ce_435594_tentatives.tentatives_suffisantes(days):
        cited = " ; ".join(source.citation for source in ce_435594_tentatives.LECTURES.suivie().sources)
        yield f"Des tentatives assez espacées : celles du registre sont trop proches les unes des autres ({cited})."
    if regime is not None and Condition.DILIGENCES in asked:
        if not any(isinstance(each, _AIDE) for each in events):
            yield f"Un contact avec le centre de contact citoyen ({regime.source.citation})."
        if not any(isinstance(each, _ACCUEIL) for each in events):
            yield f"Un passage au point d'accueil numérique ({regime.source.citation})."
    if regime is not None and Condition.CONSTAT in asked and not any(isinstance(each, _CONSTAT) for each in events):
        yield f"Le constat, par un service, de l'impossibilité de déposer ({regime.source.citation})."
    if regime is not None and not any(isinstance(each, support.SubstitutionDemandee) for each in events):
        yield f"La demande de déposer autrement ({regime.source.citation})."

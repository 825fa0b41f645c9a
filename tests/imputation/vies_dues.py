"""Generated lives for the laws of attribution: a card, an application anywhere, documents, attempts, a decision."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from hypothesis import strategies as st

from ledger.days import Jours, Quand
from ledger.entry import Entry
from ledger.events.acces import DossierConsulte, ExportProduit
from ledger.events.base import Event
from ledger.events.depot import TentativeDepotEchouee
from ledger.events.incident import IncidentOuvert, IncidentResolu, PannePlateformeConstatee
from ledger.events.instruction import ComplementDemande, ComplementOuvert, ComplementRepondu, RendezVousManque
from ledger.events.listes import FondementAcces, NatureExport, ObjetRendezVous, PartieAbsente
from ledger.events.parts import PieceDemandee
from ledger.events.personne import ConnexionReussie
from ledger.events.support import CccContacte, SignalementTransmisDgef, SubstitutionDemandee
from ledger.events.types import CodeIncident, Grade, Source, TypeTitre
from tests.projections.vies import adf, api, demande, e, favorable, recepisse, refus, titre

EXPIRY: Final = date(2025, 9, 30)
OBSERVED: Final = st.integers(-150, 250).map(lambda n: EXPIRY + timedelta(days=n))
SOURCES: Final = st.sampled_from((Source.DECLARATION, Source.DECLARATION, Source.DEPOT, Source.PAPIER, Source.ANEF))
GRADES: Final = st.sampled_from(tuple(Grade))


def jour(number: int) -> str:
    """The day ``number`` days after the card's last day."""
    return (EXPIRY + timedelta(days=number)).isoformat()


def graded(entry: Entry, grade: Grade) -> Entry:
    """The same fact, of this grade."""
    return msgspec.structs.replace(entry, fait=entry.fait.model_copy(update={"grade": grade}))


def sourced(entry: Entry, source: Source) -> Entry:
    """The same fact, told by this source."""
    return msgspec.structs.replace(entry, fait=entry.fait.model_copy(update={"source": source}))


def numbered(entries: Sequence[Entry], first: int = 1) -> list[Entry]:
    """The entries with ids of their own, the same for the same place in the life."""
    return [msgspec.structs.replace(each, event_id=UUID(int=n)) for n, each in enumerate(entries, start=first)]


def carte() -> Entry:
    """The card that expires on the day zero."""
    return titre("2024-10-01", EXPIRY.isoformat())


def tentative(day: int, *, code: str | None = None) -> Entry:
    """A failed attempt to file, linked to an incident when one is named."""
    return e("D-1", jour(day), TentativeDepotEchouee(incident=code, titre_demande=TypeTitre.CST))


def panne_de(life: Sequence[Entry], attempt: Entry, *, declaree: bool = False) -> list[Entry]:
    """The life with an outage, or a declared incident, that this attempt met: its own incident, or a new one."""
    event = attempt.fait.evenement
    assert isinstance(event, TentativeDepotEchouee)
    known = event.incident or "I-9"
    linked = attempt.fait.model_copy(update={"evenement": event.model_copy(update={"incident": known})})
    when = attempt.fait.survenu
    code = CodeIncident.PREVIOUS_TITRE_NOT_RETURNED
    met = IncidentOuvert(code=code, depuis=when) if declaree else PannePlateformeConstatee(debut=when)
    outage = e(known, str(when), met)
    told = [msgspec.structs.replace(each, fait=linked) if each is attempt else each for each in life]
    return [*told, *numbered([outage], 8_000)]


def etrangers(day: int) -> list[Entry]:
    """Facts that nothing of attribution looks at: a login, a file read, a file exported."""
    right = FondementAcces.INSTRUCTION
    facts: list[tuple[str, Event]] = [
        ("P", ConnexionReussie()),
        ("D-1", DossierConsulte(fondement=right, dossier="D-1")),
        ("D-1", ExportProduit(fondement=right, nature=NatureExport.HISTORIQUE)),
    ]
    told = [e(objet, jour(day), event) for objet, event in facts]
    return numbered([sourced(each, Source.CONSTAT) for each in told] + told, 9_000)


@st.composite
def _document(draw: st.DrawFn) -> Entry:
    build: Any = draw(st.sampled_from((api, api, api, recepisse)))
    first = draw(st.integers(-20, 120))
    last = first + draw(st.integers(0, 90))
    dispo = draw(st.sampled_from(("", "", jour(first + 9), None)))
    if build is recepisse:
        return recepisse(jour(first), jour(last), remis=dispo)
    return api(jour(first), jour(last), dispo=dispo)


def _ouvert(day: int) -> IncidentOuvert:
    return IncidentOuvert(
        code=CodeIncident.PREVIOUS_TITRE_NOT_RETURNED, depuis=Quand.lire(jour(day)), dossiers=("D-1",)
    )


@st.composite
def _obstacles(draw: st.DrawFn) -> list[Entry]:
    code = draw(st.sampled_from((None, "I-1")))
    days = draw(st.lists(st.integers(-130, 60), min_size=1, max_size=4))
    told = [tentative(day, code=code) for day in days]
    last = max(days)
    kinds = draw(st.sets(st.sampled_from(("ccc", "dgef", "incident", "resolu", "lrar"))))
    if "ccc" in kinds:
        told.append(e("I-1", jour(last), CccContacte(dossier="D-1", ticket="T")))
    if "dgef" in kinds:
        told.append(e("I-1", jour(last + 2), SignalementTransmisDgef(ticket="T")))
    if "incident" in kinds:
        told.append(e("I-1", jour(min(days)), _ouvert(min(days))))
    if "resolu" in kinds:
        told.append(e("I-1", jour(last + draw(st.integers(0, 40))), IncidentResolu(dossiers=("D-1",))))
    if "lrar" in kinds:
        told.append(e("I-1", jour(last + 1), SubstitutionDemandee(dossier="D-1")))
    return told


@st.composite
def _pieces(draw: st.DrawFn) -> list[Entry]:
    asked = draw(st.integers(-110, 60))
    limit = asked + draw(st.integers(0, 40))
    request = ComplementDemande(
        complement="C-1",
        demande_le=Jours.lire(jour(asked)),
        pieces=(PieceDemandee(nom="Bail", texte="CESEDA annexe 10"),),
        echeance=Jours.lire(jour(limit)),
    )
    told = [e("D-1", jour(asked), request)]
    if draw(st.booleans()):
        told.append(e("D-1", jour(asked + draw(st.integers(0, 20))), ComplementOuvert(complement="C-1")))
    if draw(st.booleans()):
        answer = ComplementRepondu(complement="C-1", toutes_les_pieces=True)
        told.append(e("D-1", jour(asked + draw(st.integers(0, 60))), answer))
    return told


@st.composite
def _decision(draw: st.DrawFn) -> list[Entry]:
    number = draw(st.none() | st.integers(-60, 200))
    if number is None:
        return []
    day = jour(number)
    match draw(st.sampled_from(("favorable", "refus", "adf", "titre"))):
        case "favorable":
            return [favorable(day)]
        case "refus":
            return [refus(day)]
        case "adf":
            return [favorable(day), adf(day)]
        case _:
            return [titre(day, jour(number + 364), ref="T-2", dossier="D-1")]


@st.composite
def vies(draw: st.DrawFn, *, gradees: bool = True) -> list[Entry]:
    """A renewal: the card, the filing day anywhere or none, and what may come with it."""
    told = [carte()]
    filed = draw(st.none() | st.integers(-140, 90))
    if filed is not None:
        width = draw(st.sampled_from((0, 0, 0, 4)))
        told.append(demande(jour(filed) if not width else f"{jour(filed)}/{jour(filed + width)}"))
    told += draw(st.lists(_document(), max_size=3))
    if draw(st.booleans()):
        told += draw(_obstacles())
    if draw(st.sampled_from((False, False, True))):
        told += draw(_pieces())
    if draw(st.sampled_from((False, False, False, True))):
        absent = draw(st.sampled_from(tuple(PartieAbsente)))
        missed = RendezVousManque(objet=ObjetRendezVous.DEPOT, partie_absente=absent)
        told.append(e("D-1", jour(draw(st.integers(-60, 60))), missed))
    told += draw(_decision())
    if gradees and draw(st.booleans()):
        told = [graded(each, draw(GRADES)) for each in told]
    if draw(st.sampled_from((False, False, True))):
        told = [sourced(each, draw(SOURCES)) for each in told]
    return numbered(told)

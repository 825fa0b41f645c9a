"""When a fact reached a side: the day it gives, or the day of the fact that carried it, under every reading."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

from ledger.days import Jours, Quand
from ledger.entry import Entry
from ledger.events.base import Event
from ledger.events.depot import PieceRecueParPrefecture
from ledger.events.incident import IncidentOuvert, IncidentResolu, PorteeIncidentFixee
from ledger.events.instruction import ComplementMisADisposition
from ledger.events.personne import ChangementAdresseVuPrefecture
from ledger.events.provisoire import AttestationProlongationMiseADisposition
from ledger.events.types import CodeIncident, Flux, Source
from projections.couverture.faits import Bornes, ParType
from projections.imputation.deux_vues_table import TABLE, Cote, Voie
from projections.imputation.matiere import temoin

_NUMEROTES: Final = (ChangementAdresseVuPrefecture, AttestationProlongationMiseADisposition)
"""The facts whose number is that of what they carry."""


class Vie(NamedTuple):
    """The facts of one person, as two views read them on the day ``au``."""

    entries: tuple[Entry, ...]
    faits: ParType
    au: int
    temoins: frozenset[Source]
    """The sources that the facts show to have told of a dossier."""
    relais: "dict[tuple[UUID, Cote], Arrivee | None]"
    """The arrivals of what carries other facts, each worked out once: one message may carry a hundred."""


def vie(entries: Sequence[Entry], au: date) -> Vie:
    """Read the holding ``entries`` of one person, in any order; what surely came after ``au`` is left out."""
    kept = sorted(
        (entry for entry in entries if entry.fait.survenu.jours.premier <= au),
        key=lambda e: (e.fait.survenu.debut, e.fait.survenu.fin, e.event_id.int),
    )
    faits: ParType = {}
    for entry in kept:
        faits.setdefault(type(entry.fait.evenement), []).append((entry, entry.fait.evenement))
    witnesses = frozenset([entry.fait.source for entry in kept if temoin(entry)])
    return Vie(tuple(kept), faits, au.toordinal(), witnesses, {})


def de_type(v: Vie, *types: type[Event]) -> list[Entry]:
    """The entries of these types."""
    return [entry for kind in types for entry, _ in v.faits.get(kind, ())]


class Arrivee(NamedTuple):
    """When a fact reached a side."""

    tot: int
    """The first day on which some reading has it there."""
    tard: int | None
    """The first day on which every reading has it there; ``None`` when one reading never has."""
    par: Entry | None = None
    """The fact that carried it."""
    connaissance: bool = False
    """Whether the side surely knew by the day of the view."""


def jours_de(entry: Entry, champs: Sequence[str]) -> Bornes | None:
    """The bounds of the first of these days that the fact gives."""
    for champ in champs:
        value = entry.fait.evenement.lire_champ(champ)
        if isinstance(value, Quand):
            value = value.jours
        if isinstance(value, Jours):
            return value.premier.toordinal(), value.dernier.toordinal()
    return None


def jour_du_fait(entry: Entry) -> Bornes:
    """The day of the fact: what it gives for either side, or its moment."""
    both = TABLE[type(entry.fait.evenement)]
    for way in both:
        if way.de_soi and (given := jours_de(entry, way.champs)):
            return given
    days = entry.fait.survenu.jours
    return days.premier.toordinal(), days.dernier.toordinal()


def _propre(voie: Voie, entry: Entry) -> Arrivee | None:
    """The day on which the fact reaches by itself; only a possible one when its source does not tell it."""
    given, base = jours_de(entry, voie.champs), jour_du_fait(entry)
    surely: bool | None = voie.de_soi or given is not None
    if voie.si is not None:
        surely = voie.si(entry)
    elif not surely and voie.champs:
        surely = None
    if surely is False:
        return None
    first, last = given or base
    return Arrivee(first, last if surely else None, None, voie.connaissance)


def arrivee(v: Vie, entry: Entry, cote: Cote, fin: Sequence[type[Event]] = ()) -> Arrivee | None:
    """When ``entry`` reached ``cote``, or one of the facts ``fin`` made that pointless; ``None`` when nothing says."""
    voie = TABLE[type(entry.fait.evenement)].de(cote)
    own = _propre(voie, entry)
    found = [] if own is None else [own]
    if voie.sauf is not None:
        found = _malgre(v, entry, voie.sauf, found)
    base = jour_du_fait(entry)
    for relay in de_type(v, *voie.relais):
        there = _relais(v, relay, cote)
        if there is not None:
            found += _porte(entry, relay, base, there, lien(entry, relay))
    if own is not None and own.tard is None and any(each.tard is not None for each in found[1:]):
        found = found[1:]  # the day that the source does not know, another fact gives
    for end in de_type(v, *fin):
        whole = not dossiers(entry) and not dossiers(end)  # an account is the person's, not a dossier's
        found += _porte(entry, end, base, Arrivee(*jour_du_fait(end)), True if whole else lien(entry, end))
    return au_plus_tot(found, v.au)


def _relais(v: Vie, relay: Entry, cote: Cote) -> Arrivee | None:
    key = relay.event_id, cote
    if key not in v.relais:
        v.relais[key] = arrivee(v, relay, cote)
    return v.relais[key]


def au_plus_tot(found: Sequence[Arrivee], au: int) -> Arrivee | None:
    """The first of these arrivals: possible from the first possible day, sure from the first sure one."""
    if not found:
        return None
    sure = [each.tard for each in found if each.tard is not None]
    first = min(found, key=lambda a: (a.tot, a.tard is None, a.tard or 0, a.par.event_id.int if a.par else 0))
    known = any(a.connaissance and a.tard is not None and a.tard <= au for a in found)
    return Arrivee(first.tot, min(sure, default=None), first.par, known)


def _porte(entry: Entry, relay: Entry, base: Bornes, there: Arrivee, same: bool | None) -> Iterator[Arrivee]:  # noqa: FBT001
    """What ``relay`` does for ``entry``: nothing when it is about something else or came before it."""
    if relay.event_id == entry.event_id or same is False or (there.tard is not None and there.tard < base[0]):
        return
    sure = there.tard is not None and same is True and there.tot >= base[0]
    yield Arrivee(
        max(base[0], there.tot),
        max(base[1], there.tard) if sure and there.tard is not None else None,
        relay,
        there.connaissance,
    )


def _malgre(v: Vie, entry: Entry, code: CodeIncident, own: list[Arrivee]) -> list[Arrivee]:
    """The arrival put off to the end of the malfunctions that kept it away."""
    event: Any = entry.fait.evenement
    if isinstance(event, ComplementMisADisposition) and event.lisible is True:
        return own
    base = jour_du_fait(entry)
    for start, end, entries in obstacles(v, code, entry):
        surely = start[1] <= base[0] and (end is None or base[1] < end[0])
        if (surely and own) or (not own and end is not None and end[0] >= base[0]):
            own = [] if end is None else [Arrivee(end[0], end[1], entries[-1])]
        elif own and start[0] <= base[1] and (end is None or base[0] < end[1]):
            own = [Arrivee(own[0].tot, None if end is None else max(own[0].tard or 0, end[1]))]
    return own


def obstacles(v: Vie, code: CodeIncident, entry: Entry) -> Iterator[tuple[Bornes, Bornes | None, tuple[Entry, ...]]]:
    """The malfunctions ``code`` that touch the dossier of ``entry``: beginning, resolution, facts."""
    mine = dossiers(entry)
    for opened in de_type(v, IncidentOuvert):
        event: Any = opened.fait.evenement
        same = opened.fait.objet
        scopes = [e for e in de_type(v, PorteeIncidentFixee) if same is not None and e.fait.objet == same]
        touched = dossiers(opened).union(*(dossiers(e) for e in scopes))
        if event.code is not code or (touched and not touched & mine):
            continue
        ends = [e for e in de_type(v, IncidentResolu) if same is not None and e.fait.objet == same]
        ends = [e for e in ends if jour_du_fait(e)[1] >= event.depuis.jours.premier.toordinal()]
        last = min(ends, key=lambda e: (jour_du_fait(e), e.event_id.int), default=None)
        start = event.depuis.jours
        yield (
            (start.premier.toordinal(), start.dernier.toordinal()),
            None if last is None else jour_du_fait(last),
            (opened, *scopes, *([last] if last else [])),
        )


def dossiers(entry: Entry) -> frozenset[str]:
    """The dossiers that a fact is about."""
    event = entry.fait.evenement
    named: set[Any] = {event.lire_champ("dossier"), *(event.lire_champ("dossiers") or ())}
    if entry.fait.flux is Flux.DOSSIER:
        named.add(entry.fait.objet)
    return frozenset(named - {None})


def incidents(entry: Entry) -> frozenset[str]:
    """The incidents that a fact is about."""
    named: set[Any] = {entry.fait.evenement.lire_champ("incident")}
    if entry.fait.flux is Flux.INCIDENT:
        named.add(entry.fait.objet)
    return frozenset(named - {None})


def lien(entry: Entry, other: Entry) -> bool | None:
    """Whether ``other`` is about the same thing as ``entry``; ``None`` when the facts do not say."""
    a: Any = entry.fait.evenement
    b: Any = other.fait.evenement
    answers: list[bool | None] = []
    if isinstance(b, ChangementAdresseVuPrefecture):
        return bool(a.numero is None or b.numero is None or a.numero == b.numero)
    files, incs = (dossiers(entry), dossiers(other)), (incidents(entry), incidents(other))
    if all(incs) and incs[0] & incs[1]:
        return True
    if all(files):
        answers.append(bool(files[0] & files[1]))
    for champ in ("complement", "champ", *(("numero",) if isinstance(b, _NUMEROTES) else ())):
        values = a.lire_champ(champ), b.lire_champ(champ)
        if None not in values:
            answers.append(values[0] == values[1])
    if isinstance(b, AttestationProlongationMiseADisposition) and not {a.numero, b.numero} - {None}:
        answers.append(True if entry.fait.objet == other.fait.objet else None)
    if isinstance(b, PieceRecueParPrefecture):
        answers.append(_meme_piece(a, b))
    if False in answers:
        return False
    return None if None in answers or not answers else True


def _meme_piece(sent: Any, got: PieceRecueParPrefecture) -> bool | None:
    """Whether a piece received is one of those sent: by digest, failing that by its name."""
    pieces = [(sent.piece, sent.sha256)] if hasattr(sent, "piece") else [(p.nom, p.sha256) for p in sent.pieces]
    if not pieces:
        return None
    answers: list[bool | None] = []
    for name, digest in pieces:
        known = {got.sha256_envoye, got.sha256} - {None}
        if digest is not None and digest in known:
            return True
        if digest is not None and got.sha256_envoye is not None:
            answers.append(False)
        else:
            answers.append(None if got.piece is None else name.casefold() == got.piece.casefold())
    return True if True in answers else (None if None in answers else False)

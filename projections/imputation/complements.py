"""The requests for missing pieces, as far as they bind the person: what they say, until when, whether she could answer.

Days are ordinals, intervals include both ends.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from ledger.entry import Entry
from ledger.events import cloture, depot, instruction
from projections.couverture.faits import Lu, bornes_ou
from projections.couverture.lacunes import Intervalles, union
from projections.couverture.modeles import BaseCouverture
from projections.imputation.matiere import FORTS, Matiere, communs, instruction_de, jour, lus, pannes, resolution

PRESUMENT: Final = frozenset({BaseCouverture.API, BaseCouverture.RECEPISSE})
"""The documents that make a file presumed complete (CE, avis, 6 mai 2025, n° 499904)."""


class Complement(NamedTuple):
    """A request for missing pieces, as far as it binds the person."""

    entry: Entry
    evenement: instruction.ComplementDemande
    echeance: int
    """The last day to answer, put off by the days on which she could not."""
    repondu: int | None
    reponses: tuple[Entry, ...]
    """What answered it on that day."""
    ouvert: Entry | None
    """The fact that the person opened it; without it, knowledge is not proven."""
    illisible: Entry | None
    """The fact that it could not be read."""
    clos: Intervalles
    """The days on which nothing is awaited any longer: file closed, decided, taken back, or presumed complete."""
    fermetures: tuple[Entry, ...]
    """What closed it, or made the file presumed complete."""
    doutes: tuple[Entry, ...]
    """The obstacles that are only declared: they put nothing off, and leave the breach to be established."""


def complements(m: Matiere) -> list[Complement]:
    """The requests that name pieces required by a text and set a time limit (CRPA L.114-5, R.112-11-4)."""
    found = []
    for entry, event in lus(m, instruction.ComplementDemande):
        if event.echeance is None or not event.pieces or any(piece.texte is None for piece in event.pieces):
            continue
        about = list(suites(m, entry, event))
        limits = [event.echeance.dernier.toordinal()]
        limits += [
            v.nouvelle_echeance.dernier.toordinal()
            for _, v in about
            if isinstance(v, instruction.DelaiComplementProroge)
        ]
        answers = [
            (jour(v.repondu_le, e), e)
            for e, v in about
            if isinstance(v, instruction.ComplementRepondu) and v.toutes_les_pieces is not False
        ]
        answers += [(e.fait.survenu.jours.dernier.toordinal(), e) for e, v in about if isinstance(v, depot.PieceVersee)]
        answered = min((day for day, _ in answers), default=None)
        opened = [e for e, v in about if isinstance(v, instruction.ComplementOuvert)]
        unreadable = [
            e for e, v in about if isinstance(v, instruction.ComplementMisADisposition) and v.lisible is False
        ]
        asked = bornes_ou(event.demande_le, entry)[0]
        lost, doubts = _obstacles(m, entry, event, (asked, max(limits)))
        closed = list(_fermetures(m, entry, asked))
        found.append(
            Complement(
                entry,
                event,
                max(limits) + sum(last - first + 1 for first, last in lost),
                answered,
                tuple(e for day, e in answers if day == answered),
                next(iter(opened), None),
                next(iter(unreadable), None) if not opened else None,
                union((first, last) for first, last, _ in closed),
                tuple(dict.fromkeys(each for first, _, each in closed if first <= m.au)),
                doubts,
            )
        )
    return found


def _obstacles(
    m: Matiere, asked: Entry, request: instruction.ComplementDemande, span: tuple[int, int]
) -> tuple[Intervalles, tuple[Entry, ...]]:
    """The days on which the person could not answer, and the facts that only declare others.

    A request that could not be read gives back the days until it was; an upload that failed, those until she knew that
    its incident was over; an outage, its own days when it covers the last one.
    """
    first, last = span
    about = list(suites(m, asked, request))
    opened = min((jour(v.ouvert_le, e) for e, v in about if isinstance(v, instruction.ComplementOuvert)), default=first)
    hidden = [
        (e, first, opened - 1)
        for e, v in about
        if isinstance(v, instruction.ComplementMisADisposition) and v.lisible is False
    ]
    failed = []
    for entry, event in lus(m, depot.VersementEchoue):
        day = entry.fait.survenu.jours.dernier.toordinal()
        same = event.complement is None or request.complement is None or event.complement == request.complement
        if entry.fait.objet == asked.fait.objet and same and first <= day <= last:
            over = resolution(m, {event.incident}, set(), day) if event.incident is not None else day + 1
            failed.append((entry, day, m.au if over is None else over - 1))
    down = [(max(du, first), au) for du, au in pannes(m) if du <= last <= au]
    told = [*hidden, *failed]
    lost = union([*((du, au) for e, du, au in told if e.fait.grade in FORTS), *down])
    return lost, tuple(e for e, _, _ in told if e.fait.grade not in FORTS)


def _fermetures(m: Matiere, asked: Entry, depuis: int) -> Iterator[tuple[int, int, Entry]]:
    """The days on which the answer is no longer awaited, with what puts an end to it.

    Closed, until it is opened again; decided or taken back; presumed complete by a document given on the day of the
    request or later (CE, avis, 6 mai 2025, n° 499904).
    """
    dossier = asked.fait.objet
    opened = [bornes_ou(v.rouvert_le, e)[0] for e, v in lus(m, cloture.DossierRouvert) if e.fait.objet == dossier]
    for entry, event in lus(m, cloture.DossierClosAutomatiquement, cloture.DossierClosParAgent):
        day = bornes_ou(event.clos_le, entry)[0]
        if entry.fait.objet == dossier and day >= depuis:
            yield day + 1, min((each - 1 for each in opened if each > day), default=m.au), entry
    decided = instruction_de(m, dossier, depuis)
    if decided.fin is not None and decided.entry is not None:
        yield decided.fin + 1, m.au, decided.entry
    for doc in m.trame.docs:
        if doc.dossier == dossier and doc.base in PRESUMENT and doc.droit[0] >= depuis:
            yield doc.droit[0], m.au, doc.entries[0]


def suites(m: Matiere, asked: Entry, request: instruction.ComplementDemande) -> Iterator[Lu]:
    """What followed a request for pieces: made available, opened, answered, put off, pieces sent."""
    kinds = (
        instruction.ComplementMisADisposition,
        instruction.ComplementOuvert,
        instruction.ComplementRepondu,
        instruction.DelaiComplementProroge,
        depot.PieceVersee,
    )
    for entry, event in lus(m, *kinds):
        named = event.complement
        if entry.fait.objet != asked.fait.objet or (isinstance(event, depot.PieceVersee) and named is None):
            continue
        if named is None or request.complement is None or named == request.complement:
            yield entry, event


def incomplets(m: Matiere, dossier: str | None) -> Intervalles:
    """The days on which the file was shown incomplete: a request that binds, opened, and not answered in its time.

    A document given afterwards presumes the file complete (CE, avis, 6 mai 2025, n° 499904).
    """
    given = [d.droit[0] for d in m.trame.docs if d.base in PRESUMENT and d.dossier == dossier]
    found: Intervalles = []
    for each in complements(m):
        late = each.echeance + 1
        if each.entry.fait.objet != dossier or each.ouvert is None or communs([(late, late)], each.clos):
            continue  # nothing was awaited any longer when the time given ended: she is not late
        until = m.au if each.repondu is None else each.repondu - 1
        found.append((late, min([until, *(day - 1 for day in given if day > each.echeance)])))
    return union(found)

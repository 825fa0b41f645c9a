"""Whether a file was complete, day by day: what was asked for, whether the person knew, what she produced.

A file is presumed complete (CE, avis, 6 mai 2025, n° 499904). A request that names the pieces, their text and a time
limit (CRPA L.114-5, R.112-11-4) disputes it once the person has read it. Read in time and left unanswered, it shows the
file incomplete; until it is answered, while its time runs, or when it was read too late, answered in part or answered
by an upload that failed, nothing is shown either way. Days are ordinals, intervals include both ends.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from ledger.entry import Entry
from ledger.events import cloture, depot, instruction
from projections.couverture.documents import Doc
from projections.couverture.faits import Lu, bornes_ou
from projections.couverture.lacunes import Intervalles, union
from projections.couverture.modeles import BaseCouverture
from projections.couverture.motifs import jour_fr
from projections.imputation.empechements import Empechement, empechement, pannes, resolution
from projections.imputation.matiere import FORTS, Matiere, instruction_de, jour, lus, suppose
from projections.imputation.modeles import Statut
from rules import ceseda_r431_10_dossier_incomplet, crpa_l114_5_complement
from rules.base import Source

PRESUMENT: Final = frozenset({BaseCouverture.API, BaseCouverture.RECEPISSE})
"""The documents that make a file presumed complete (CE, avis, 6 mai 2025, n° 499904)."""


class Complement(NamedTuple):
    """A request for missing pieces, as far as it binds the person."""

    entry: Entry
    evenement: instruction.ComplementDemande
    echeance: int
    """The last day to answer, put off by the days on which she is shown to have been unable to."""
    repondu: int | None
    """The day on which the last of the pieces was produced."""
    reponses: tuple[Entry, ...]
    """The facts that say so."""
    partiel: Entry | None
    """A piece that was produced when others are not."""
    ouvert: Entry | None
    """The fact that the person opened it; without it, knowledge is not proven."""
    lu_le: int | None
    illisible: Entry | None
    """The fact that it could not be read."""
    versements: Empechement | None
    """The uploads that failed before the limit, and how far they show that answering was impossible."""
    clos: Intervalles
    """The days on which nothing is awaited any longer: file closed, decided, taken back, or presumed complete."""
    fermetures: tuple[Entry, ...]
    """What closed it, or made the file presumed complete."""

    @property
    def connu_tard(self) -> bool:
        """Whether the person is only shown to have read it once its time had run."""
        return self.lu_le is not None and self.lu_le > self.echeance

    @property
    def statut(self) -> Statut:
        """How far leaving it unanswered is shown to be the person's own omission."""
        unsure = self.ouvert is None or self.connu_tard or self.partiel is not None or self.versements is not None
        return Statut.A_ETABLIR if unsure else Statut.ETABLI

    @property
    def empeche(self) -> bool:
        """Whether answering in time is shown to have been impossible."""
        return self.versements is not None and self.versements.statut is not Statut.A_ETABLIR


def complements(m: Matiere) -> list[Complement]:
    """The requests that name pieces required by a text and set a time limit (CRPA L.114-5, R.112-11-4)."""
    return [
        _complement(m, entry, event)
        for entry, event in lus(m, instruction.ComplementDemande)
        if event.echeance is not None and event.pieces and all(piece.texte for piece in event.pieces)
    ]


def _complement(m: Matiere, entry: Entry, event: instruction.ComplementDemande) -> Complement:
    about = list(suites(m, entry, event))
    limits = [each.dernier.toordinal() for each in (event.echeance,) if each is not None]
    limits += [
        v.nouvelle_echeance.dernier.toordinal() for _, v in about if isinstance(v, instruction.DelaiComplementProroge)
    ]
    answers = [
        (jour(v.repondu_le, e), e)
        for e, v in about
        if isinstance(v, instruction.ComplementRepondu) and v.toutes_les_pieces is not False
    ]
    sent = [each for each in about if isinstance(each[1], depot.PieceVersee)]
    names = [v.piece.casefold() for _, v in sent]
    complete = [e for n, (e, _) in enumerate(sent) if len(set(names[: n + 1])) >= len(event.pieces)]
    answers += [(_jour(e), e) for e in complete[:1]]
    answered = min((day for day, _ in answers), default=None)
    opened = next((each for each in about if isinstance(each[1], instruction.ComplementOuvert)), None)
    unreadable = [e for e, v in about if isinstance(v, instruction.ComplementMisADisposition) and v.lisible is False]
    failed = [each for each in about if isinstance(each[1], depot.VersementEchoue) and _jour(each[0]) <= max(limits)]
    uploads = empechement(m, failed, None) if failed else None
    asked, read = jour(event.demande_le, entry), jour(opened[1].ouvert_le, opened[0]) if opened else None
    lost = list(_perdus(m, unreadable, failed, uploads, (asked, max(limits)), read))
    closed = list(_fermetures(m, entry, asked))
    return Complement(
        entry,
        event,
        max(limits) + sum(last - first + 1 for first, last in union(lost)),
        answered,
        tuple(e for day, e in answers if day == answered),
        sent[0][0] if sent and answered is None else None,
        opened[0] if opened else None,
        read,
        next(iter(unreadable), None) if not opened else None,
        uploads,
        union((first, last) for first, last, _ in closed),
        tuple(dict.fromkeys(each for first, _, each in closed if first <= m.au)),
    )


def _perdus(
    m: Matiere,
    unreadable: Iterable[Entry],
    failed: Iterable[Lu],
    uploads: Empechement | None,
    span: tuple[int, int],
    read: int | None,
) -> Iterator[tuple[int, int]]:
    """The days of the time given on which she is shown to have been unable to answer.

    While the request could not be read, until she opened it; the day on which an upload failed, and those up to the one
    on which she knew that its incident was over; an outage over the last day. What is only declared gives nothing back.
    """
    first, last = span
    if read is not None and any(entry.fait.grade in FORTS for entry in unreadable):
        yield first, read - 1
    for entry, event in failed:
        day = _jour(entry)
        if entry.fait.grade in FORTS and day >= first:
            over = day if event.incident is None else resolution(m, entry, event.incident, day)
            yield day, m.au if over is None else max(day, over)
    if uploads is not None and uploads.statut is not Statut.A_ETABLIR:
        yield max(uploads.du, first), uploads.au
    for du, au in pannes(m):
        if du <= last <= au:
            yield max(du, first), au


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
    for doc in _donnes(m, dossier):
        if doc.droit[0] >= depuis:
            yield doc.droit[0], m.au, doc.entries[0]


def _jour(entry: Entry) -> int:
    return entry.fait.survenu.jours.dernier.toordinal()


def suites(m: Matiere, asked: Entry, request: instruction.ComplementDemande) -> Iterator[Lu]:
    """What followed a request for pieces: made available, opened, answered, put off, pieces sent or refused."""
    kinds = (
        instruction.ComplementMisADisposition,
        instruction.ComplementOuvert,
        instruction.ComplementRepondu,
        instruction.DelaiComplementProroge,
        depot.PieceVersee,
        depot.VersementEchoue,
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
    if instruction.ComplementDemande not in m.faits:
        return []
    given = _donnes(m, dossier)
    return union(
        (each.echeance + 1, _confirme(m, each, given, each.echeance))
        for each in complements(m)
        if each.entry.fait.objet == dossier and each.statut is Statut.ETABLI and not _clos_le(each, each.echeance + 1)
    )


def _clos_le(asked: Complement, day: int) -> bool:
    """Whether nothing was awaited any longer on that day: who is asked for nothing is not late."""
    return any(first <= day <= last for first, last in asked.clos)


def _confirme(m: Matiere, asked: Complement, given: Iterable[Doc], since: int) -> int:
    """The last day before an answer, or a document given after ``since``, settles that the file is complete."""
    until = m.au if asked.repondu is None else asked.repondu - 1
    return min([until, *(d.droit[0] - 1 for d in given if d.droit[0] > since)])


class Doute(NamedTuple):
    """Days on which nothing shows whether the file was complete, and what disputes it."""

    jours: Intervalles
    entries: tuple[Entry, ...]
    pourquoi: str
    """In French, without a full stop."""
    source: Source


def discutes(m: Matiere, dossier: str | None) -> Iterator[Doute]:
    """What disputes that the file was complete without showing it was not."""
    if m.faits.keys().isdisjoint((instruction.ComplementDemande, cloture.EnregistrementRefuse)):
        return
    given = _donnes(m, dossier)
    for each in complements(m):
        if each.entry.fait.objet == dossier and not each.empeche and (each.ouvert or each.repondu or each.partiel):
            asked = jour(each.evenement.demande_le, each.entry)
            presumed = any(d.droit[1] <= asked for d in given)
            last = _confirme(m, each, given, asked)
            if each.statut is Statut.ETABLI:
                last = min(last, each.echeance)
            facts = [each.ouvert, each.partiel, *(each.versements.tentatives if each.versements else ())]
            yield Doute(
                [(each.echeance + 1 if presumed else 1, last)],
                (each.entry, *(entry for entry in facts if entry is not None)),
                _pourquoi(each),
                crpa_l114_5_complement.SOURCE,
            )
    for entry, event in lus(m, cloture.EnregistrementRefuse):
        if entry.fait.objet == dossier and any(piece.texte for piece in event.pieces_manquantes):
            refused = jour(event.refuse_le, entry)
            last = min([m.au, *(d.droit[0] - 1 for d in given if d.droit[0] > refused)])
            why = "le refus d'enregistrer nomme une pièce et le texte qui l'exige"
            yield Doute([(1, last)], (entry,), why, ceseda_r431_10_dossier_incomplet.SOURCE)


def _pourquoi(asked: Complement) -> str:
    if asked.versements is not None:
        days = ", ".join(f"le {jour_fr(_jour(each))}" for each in asked.versements.tentatives)
        return f"un versement a échoué ({days}), et rien d'autre ne dit si produire les pièces était possible"
    if asked.lu_le is not None and asked.connu_tard:
        return (
            f"la demande de pièces, à satisfaire le {jour_fr(asked.echeance)} au plus tard, n'a été ouverte que le"
            f" {jour_fr(asked.lu_le)}"
        )
    if asked.partiel is not None:
        return "une partie seulement des pièces demandées est au registre"
    asked_on, limit = jour(asked.evenement.demande_le, asked.entry), asked.echeance
    text = f"des pièces ont été demandées le {jour_fr(asked_on)}, à produire le {jour_fr(limit)} au plus tard"
    return text if asked.repondu is None else f"{text}, et produites le {jour_fr(asked.repondu)}"


def _donnes(m: Matiere, dossier: str | None) -> Sequence[Doc]:
    return [d for d in m.trame.docs if d.base in PRESUMENT and d.dossier == dossier and not suppose(d.entries[0])]

"""What duties are read from: the facts by type, the coverage they add up to, who could not act and until when.

Days are ordinals (``date.toordinal``), intervals include both ends.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from ledger.days import Jours
from ledger.entry import Entry
from ledger.events import decision, depot, instruction, personne
from ledger.events.base import Event
from ledger.events.types import Flux, Grade, NatureDecision, NatureDemande, Source
from projections.couverture.calcul import Trame, trame
from projections.couverture.documents import Doc
from projections.couverture.faits import Demande, Lu, ParType, bornes, bornes_ou, fins
from projections.couverture.lacunes import Intervalles, complement, union
from projections.couverture.maintien import renouveles
from projections.couverture.modeles import BaseCouverture
from projections.imputation.incidents import Declares, Touche, touches
from projections.imputation.modeles import Recherche, Statut, plus_faible
from rules import ceseda_annexe_9_listes, ceseda_r431_5_fenetre

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
    return par_jour(found) if len(types) > 1 else found


def par_jour(found: Iterable[Lu]) -> list[Lu]:
    """These facts in the order of days."""
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

"""How a duty that changes no day of cover is told: an interval, what it supposes, what satisfied it, its breach.

It is an :class:`~projections.imputation.modeles.Obligation` from the start, without the edit that attribution replays.
Days are ordinals, intervals include both ends. Of a day that is not exact, the debtor is given the reading that spares
it: what is owed begins on the last possible day, what was done was done on the first.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from ledger.entry import Entry
from ledger.events import cloture, decision, titre
from ledger.events.base import Event
from ledger.events.types import NatureDecision, Source
from projections.couverture.faits import Demande, bornes_ou
from projections.couverture.motifs import jour_fr
from projections.imputation.exigence import constat
from projections.imputation.matiere import OFFICIELLES, Matiere, instruction_de, lus, recherche
from projections.imputation.modeles import Constat, Obligation, Partie, Periode, Portee, Statut, moins_etabli
from rules.base import Source as Regle

EN_LIGNE: Final = (Source.CONSTAT, Source.ANEF, Source.JURIDICTION)
"""The sources that would contain a receipt or a message of the téléservice."""


class Fait(NamedTuple):
    """An act that satisfies a duty, with its first possible day."""

    jour: int
    entries: tuple[Entry, ...]


def premier(found: Iterable[Fait]) -> Fait | None:
    """The earliest of these acts, whatever their order."""
    return min(found, key=lambda each: (each.jour, [e.event_id.int for e in each.entries]), default=None)


def actes(m: Matiere, dossier: str | None, depuis: int, champ: str, *types: type[Event]) -> Iterator[Fait]:
    """The acts of these types in ``dossier`` from the day ``depuis``, dated by their field ``champ`` if it is given."""
    for entry, _ in lus(m, *types):
        day = premier_jour(entry, champ)
        if entry.fait.objet == dossier and depuis <= day <= m.au:
            yield Fait(day, (entry,))


def premier_jour(entry: Entry, champ: str = "") -> int:
    """The first day that the field ``champ`` of a fact may mean, else the fact's own."""
    return bornes_ou(entry.fait.evenement.lire_champ(champ), entry)[0]


def dernier_jour(entry: Entry, champ: str = "") -> int:
    """The last day that the field ``champ`` of a fact may mean, else the fact's own."""
    return bornes_ou(entry.fait.evenement.lire_champ(champ), entry)[1]


def devoir(
    m: Matiere,
    code: str,
    texte: str,
    *,
    sources: Sequence[Regle],
    dossier: str | None,
    du: int,
    echeance: int | None,
    acte: str,
    prerequis: Iterable[Constat] = (),
    fait: Fait | None = None,
    fin: int | None = None,
    ou: tuple[Source, ...] = OFFICIELLES,
    plafond: Statut = Statut.ETABLI,
    constats: Iterable[Constat] = (),
) -> Iterator[Obligation]:
    """What the administration is to do from ``du`` and until ``echeance``; nothing when no text held on that day.

    ``echeance``: ``None`` where no text sets a day: nothing is then a breach. ``fin``: the last day on which it is
    still owed. ``acte`` names what is looked for, ``ou`` where it would be.
    """
    if du > m.au or not sources[0].en_vigueur(date.fromordinal(du)):
        return
    until = min([m.au, *([fin] if fin is not None else []), *([fait.jour - 1] if fait else [])])
    late = echeance is not None and echeance < until
    manque = _absence(m, code, acte, (du, until), ou, sources, plafond) if late else None
    links = tuple(prerequis)
    last = [each for each in (echeance, fin) if each is not None]
    yield Obligation(
        code=code,
        debiteur=Partie.ADMINISTRATION,
        dossier=dossier,
        texte=texte,
        articles=_articles(sources),
        du=date.fromordinal(du),
        au=date.fromordinal(max(du, min(last))) if last else None,
        prerequis=links,
        satisfaite_par=tuple(each.event_id for each in fait.entries) if fait else (),
        manquements=(_periode(max(du, (echeance or du) + 1), until),) if manque else (),
        manquement=manque,
        statut=moins_etabli(*(each.statut for each in (*links, *([manque] if manque else [])))),
        constats=tuple(constats),
        portee=Portee.HORS_JOURS,
    )


def forme(
    m: Matiere,
    code: str,
    texte: str,
    *,
    sources: Sequence[Regle],
    entry: Entry,
    jour: int,
    manque: Iterable[Constat],
    inconnu: Iterable[Constat] = (),
    prerequis: Iterable[Constat] = (),
    constats: Iterable[Constat] = (),
    fin: int | None = None,
) -> Iterator[Obligation]:
    """What an act of the administration is to contain on the day it is made; what it lacks lasts until ``fin``.

    ``manque``: each thing that it is shown to lack. ``inconnu``: each that the sources do not say; it is no breach.
    """
    if jour > m.au or not sources[0].en_vigueur(date.fromordinal(jour)):
        return
    shown, unsaid, links = tuple(manque), tuple(inconnu), tuple(prerequis)
    until = m.au if fin is None else min(fin, m.au)
    breach = _ensemble(code, shown, sources) if shown and jour <= until else None
    yield Obligation(
        code=code,
        debiteur=Partie.ADMINISTRATION,
        dossier=dossier_de(entry),
        texte=texte,
        articles=_articles(sources),
        du=date.fromordinal(jour),
        au=date.fromordinal(jour),
        prerequis=links,
        satisfaite_par=() if shown or unsaid else (entry.event_id,),
        manquements=(_periode(jour, until),) if breach else (),
        manquement=breach,
        statut=moins_etabli(*(each.statut for each in (*links, *([breach] if breach else [])))),
        constats=(*shown, *unsaid, *constats),
        portee=Portee.HORS_JOURS,
    )


def faculte(
    code: str,
    texte: str,
    *,
    sources: Sequence[Regle],
    dossier: str | None,
    du: int,
    au: int | None,
    prerequis: Iterable[Constat] = (),
    fait: Fait | None = None,
    constats: Iterable[Constat] = (),
) -> Obligation:
    """What the person may do until ``au``: not doing it is never a breach, and never counts against her."""
    links = tuple(prerequis)
    return Obligation(
        code=code,
        debiteur=Partie.USAGER,
        dossier=dossier,
        texte=texte,
        articles=_articles(sources),
        du=date.fromordinal(du),
        au=None if au is None else date.fromordinal(max(du, au)),
        prerequis=links,
        satisfaite_par=tuple(each.event_id for each in fait.entries) if fait else (),
        manquements=(),
        manquement=None,
        statut=moins_etabli(*(each.statut for each in links)),
        constats=tuple(constats),
        portee=Portee.FACULTE,
    )


def _absence(
    m: Matiere,
    code: str,
    acte: str,
    days: tuple[int, int],
    ou: tuple[Source, ...],
    sources: Sequence[Regle],
    plafond: Statut,
) -> Constat:
    """The act was looked for from the day it was owed: it might have come before its last day."""
    looked, statut = recherche(m, acte, days[0], days[1], ou)
    return Constat(
        code=f"sans_{code}",
        texte=f"Rien du {jour_fr(days[0])} au {jour_fr(days[1])} : {acte}.",
        articles=_articles(sources),
        recherche=looked,
        statut=moins_etabli(statut, plafond),
    )


def _ensemble(code: str, shown: Sequence[Constat], sources: Sequence[Regle]) -> Constat:
    """All that an act lacks as one finding, no better established than its best shown part is."""
    best = min(shown, key=lambda each: (moins_etabli_rang(each.statut), each.code))
    return Constat(
        code=f"sans_{code}",
        texte=" ".join(each.texte for each in shown),
        articles=tuple(dict.fromkeys(each for link in shown for each in link.articles)) or _articles(sources),
        entries=tuple(dict.fromkeys(each for link in shown for each in link.entries)),
        grade=best.grade,
        statut=best.statut,
    )


def moins_etabli_rang(statut: Statut) -> int:
    """The rank of a status, from what is established to what is contested."""
    return list(Statut).index(statut)


def _periode(du: int, au: int) -> Periode:
    return Periode(du=date.fromordinal(du), au=date.fromordinal(au))


def _articles(sources: Sequence[Regle]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.citation for each in sources))


# --------------------------------------------------------------------------- what several duties share


def dossier_de(entry: Entry) -> str | None:
    """The dossier that a fact names, else what its stream is about."""
    named: str | None = entry.fait.evenement.lire_champ("dossier")
    return named or entry.fait.objet


def dire(code: str, texte: str, *entries: Entry, sources: Sequence[Regle] = (), sur: bool = True) -> Constat:
    """A finding on facts; ``sur=False`` when the sources leave it open."""
    return constat(code, texte, *entries, sources=sources, plafond=None if sur else Statut.A_ETABLIR)


def deposee(demande: Demande) -> Constat:
    """The application, as a finding."""
    exact = demande.le[0] == demande.le[1]
    return dire("demande_deposee", f"Demande déposée le {jour_fr(demande.le[1])}.", demande.entry, sur=exact)


def fin_de_demande(m: Matiere, demande: Demande) -> int | None:
    """The last day on which what an application calls for is owed: the end of its examination, or the next filing.

    What a receipt announces is replaced by the decision. [I]
    """
    ends = [d.le[0] - 1 for d in m.trame.demandes if d.dossier == demande.dossier and d.le[0] > demande.le[1]]
    decided = instruction_de(m, demande.dossier, demande.le[0]).fin
    return min([*ends, *([decided] if decided is not None else [])], default=None)


def fin_de_decision(m: Matiere, dossier: str | None, nature: NatureDecision, depuis: int) -> int | None:
    """The eve of the day on which a decision of ``dossier`` was annulled or taken back: nothing of it is owed after.

    A file that is opened again has its closing taken back. [I] A judgment is told in a dossier, a withdrawal in its
    permit: the only withdrawal there is, is meant.
    """
    only = nature is NatureDecision.RETRAIT_TITRE and len(lus(m, titre.TitreRetire)) == 1
    reopened = lus(m, cloture.DossierRouvert) if nature is NatureDecision.CLOTURE else []
    undone = [
        *((e, premier_jour(e, "annulee_le")) for e, v in lus(m, decision.DecisionAnnulee) if v.vise is nature),
        *((e, premier_jour(e, "retiree_le")) for e, v in lus(m, decision.DecisionRetiree) if v.vise is nature),
        *((e, premier_jour(e, "rouvert_le")) for e, _ in reopened),
    ]
    days = [
        day - 1
        for entry, day in undone
        if day >= depuis and (only or dossier in {entry.fait.objet, entry.fait.evenement.lire_champ("decision")})
    ]
    return min(days, default=None)

"""The decision that is awaited, and the refusal that silence gives birth to beside the cover.

Silence has an effect in the texts, it breaches none: past its day the refusal is born, and both it and a document that
covers the person can be true (CE, avis, 6 mai 2025, n° 499904).
"""

from collections.abc import Iterator

from ledger.events import decision, instruction
from projections.couverture.faits import Demande
from projections.couverture.modeles import BaseCouverture, RefusImplicite, StatutRefus
from projections.couverture.motifs import jour_fr
from projections.couverture.silence import refus_implicites
from projections.imputation.devoir import (
    Fait,
    actes,
    deposee,
    devoir,
    dire,
    premier,
)
from projections.imputation.exigence import constat
from projections.imputation.matiere import Matiere, instruction_de
from projections.imputation.modeles import Constat, Obligation
from rules import ceseda_r432_1_silence


def silences(m: Matiere) -> list[RefusImplicite]:
    """The implicit refusals of every dossier, as coverage shows them."""
    return refus_implicites(m.trame.faits, m.trame.demandes, m.trame.docs, m.au)


def decisions(m: Matiere) -> Iterator[Obligation]:
    """R.*432-1, R.432-2: an application is decided before the day on which silence refuses it.

    Of several lengths, and of a suspension that a request for pieces may have caused, the last day is kept here; each
    other day is told beside it. Silence breaches no text: no day of it is a breach.
    """
    born = silences(m)
    first: dict[str | None, Demande] = {}
    for demande in m.trame.demandes:
        first.setdefault(demande.dossier, demande)
    for dossier, d in first.items():
        mine = [r for r in born if r.dossier == dossier and d.entry.event_id in r.entries]
        if not mine:
            continue
        covered = _document(m, dossier)
        last = max(_naissance_tardive(r, presumee=covered is not None) for r in mine)
        yield from devoir(
            m,
            "decision",
            f"Décider sur la demande avant le {jour_fr(last)}, jour où le silence la refuse",
            sources=(ceseda_r432_1_silence.SOURCE,),
            dossier=dossier,
            du=d.le[1],
            echeance=None,
            acte="une décision",
            prerequis=(deposee(d),),
            fait=premier(_decidee(m, dossier, d.le[0])),
            fin=last - 1,
            constats=[*(each for r in mine for each in _refus(m, r)), *([covered] if covered else [])],
        )


def _naissance_tardive(r: RefusImplicite, *, presumee: bool) -> int:
    put_off = None if presumee else r.suspendu_jusqu_au
    return (put_off or r.ne_au_plus_tard).toordinal()


def _document(m: Matiere, dossier: str | None) -> Constat | None:
    given = [
        d for d in m.trame.docs if d.dossier == dossier and d.base in {BaseCouverture.API, BaseCouverture.RECEPISSE}
    ]
    if not given:
        return None
    return constat(
        "couvert_et_refuse",
        "Un document provisoire a été délivré : il fait présumer le dossier complet, et il n'empêche ni n'efface le"
        " refus implicite. Les deux sont vrais.",
        *given[0].entries,
        sources=(ceseda_r432_1_silence.AVIS_499904,),
    )


def _decidee(m: Matiere, dossier: str | None, depuis: int) -> Iterator[Fait]:
    yield from actes(m, dossier, depuis, "prise_le", decision.DecisionFavorablePrise)
    yield from actes(m, dossier, depuis, "notifie_le", decision.RefusNotifie)
    yield from actes(m, dossier, depuis, "retiree_le", instruction.DemandeRetiree)
    ended = instruction_de(m, dossier, depuis)
    if ended.fin is not None and ended.entry is not None and ended.fin + 1 <= m.au:
        yield Fait(ended.fin + 1, (ended.entry,))


def _refus(m: Matiere, r: RefusImplicite) -> Iterator[Constat]:
    """The implicit refusal as a finding, with its second date when a request for pieces may have suspended the time."""
    facts = [entry for entry in m.entries if entry.event_id in r.entries]
    sure = r.statut not in {StatutRefus.A_NAITRE, StatutRefus.INCERTAIN} and r.ne_le == r.ne_au_plus_tard
    yield dire(
        f"refus_implicite_{r.statut.value}",
        f"Refus implicite {r.statut.libelle}, {r.base} : le {jour_fr(r.ne_le.toordinal())}.",
        *facts,
        sources=(ceseda_r432_1_silence.SOURCE,),
        sur=sure,
    )
    for text in r.motifs:
        yield constat("refus_implicite_autre_date", text, *facts, sources=(ceseda_r432_1_silence.SUSPENSION,))

"""The answers of the histories that contradictory sources leave possible, compared day by day.

Where all agree, the answer stands, as the first history gives it. Where they differ, the days are undetermined: each
answer is told with what it takes as true, and the proof that would decide is named.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple, Protocol
from uuid import UUID

from projections.couverture.modeles import Certitude, NatureLacune
from projections.couverture.motifs import jour_fr
from projections.imputation.constats import ne_prouve_pas
from projections.imputation.contradictions import Litiges, phrase
from projections.imputation.exigence import Exigence, constat
from projections.imputation.modeles import Attribution, Constat, Imputation, Statut, Version, force


class Reponse(NamedTuple):
    """The answer of one history for some days."""

    du: int
    au: int
    nature: NatureLacune
    certitude: Certitude
    verdict: Imputation
    cf_administration: bool | None
    cf_usager: bool | None
    causes: tuple[tuple[Exigence, bool], ...] = ()
    """Each breach that it rests on, and whether that one suffices alone."""


class Rejouee(Protocol):
    """A history that can be asked."""

    def reponses(self) -> Iterator[Reponse]:
        """The answers of the uncovered days, in their order."""

    def attribution(self, reponse: Reponse, contestes: Container[UUID] = ()) -> Attribution:
        """The answer with all that shows it, for the days it gives; findings on disputed facts are contested."""


_SELON = {
    Imputation.ADMINISTRATION: "ces jours sont imputables à l'administration",
    Imputation.APPLICANT: "ces jours sont imputables à la personne",
    Imputation.SHARED: "ces jours sont imputables à l'une et à l'autre",
    Imputation.END_OF_RIGHT_BY_DECISION: "une décision avait mis fin au droit",
    Imputation.UNDETERMINED: "l'imputation de ces jours reste indéterminée",
    None: "aucun de ces jours n'est perdu",
}


def recouper(told: Litiges, histoires: Sequence[Rejouee], au: int) -> Iterator[Attribution]:
    """The attributions of the days that at least one history leaves uncovered, in their order."""
    answers = [list(each.reponses()) for each in histoires]
    cuts = sorted({b for each in answers for r in each for b in (r.du, r.au + 1)})
    standing: tuple[Rejouee, Reponse, Reponse] | None = None
    for du, following in pairwise(cuts):
        given = [next((r for r in each if r.du <= du <= r.au), None) for each in answers]
        agreed = _accord(told, histoires, given, du)
        if agreed and standing and (agreed[0] is standing[0] and agreed[1] is standing[1]):
            standing = (*agreed, standing[2]._replace(au=following - 1))
            continue
        if standing:
            yield standing[0].attribution(standing[2], told.contestes)
        standing = (*agreed, agreed[1]._replace(du=du, au=following - 1)) if agreed else None
        if not agreed and any(given):
            yield _departage(told, histoires, (du, following - 1), given, ouvert=following - 1 == au)
    if standing:
        yield standing[0].attribution(standing[2], told.contestes)


def _accord(
    told: Litiges, histoires: Sequence[Rejouee], given: Sequence[Reponse | None], day: int
) -> tuple[Rejouee, Reponse] | None:
    """The answer that all give, as the history that establishes it least tells it; ``None`` when they differ."""
    answers = [(run, r) for run, r in zip(histoires, given, strict=True) if r is not None]
    if len(answers) < len(given) or len({r.verdict for _, r in answers}) > 1:
        return None
    return max(answers, key=lambda each: force(each[0].attribution(each[1]._replace(du=day), told.contestes).statut))


def _departage(
    told: Litiges,
    histoires: Sequence[Rejouee],
    span: tuple[int, int],
    given: Sequence[Reponse | None],
    *,
    ouvert: bool,
) -> Attribution:
    asked = [(run, r and r._replace(du=span[0], au=span[1])) for run, r in zip(histoires, given, strict=True)]
    decisive = told.decisifs([r and r.verdict for r in given])
    found = [r and run.attribution(r) for run, r in asked]
    sides = list(_versions(told, decisive, found))
    lost = [each for each in found if each is not None]
    missing = [*(text for index in decisive for text in told.litiges[index].manque()), *told.reserves]
    contre = _uniques(each for one in lost for each in one.contre if each.code != "rien_en_sens_contraire")
    said = [_selon(side) for side in sides]
    return Attribution(
        du=date.fromordinal(span[0]),
        au=date.fromordinal(span[1]),
        jours=span[1] - span[0] + 1,
        couche="preuve",
        nature=lost[0].nature,
        imputation=Imputation.UNDETERMINED,
        statut=Statut.CONTESTE,
        cf_administration=None,
        cf_usager=None,
        causes=(),
        chaine=(
            Constat(
                code="jours_contestes",
                texte=f"Du {jour_fr(span[0])} au {jour_fr(span[1])}, la réponse dépend de la source qui dit vrai.",
                entries=tuple(dict.fromkeys(each for one in said for each in one.entries)),
                statut=Statut.CONTESTE,
            ),
            *said,
        ),
        contre=tuple(contre or said),
        preuves_manquantes=tuple(dict.fromkeys(missing)),
        ne_prouve_pas=tuple(ne_prouve_pas(Imputation.UNDETERMINED)),
        ouvert=ouvert,
        versions=tuple(sides),
    )


def _versions(told: Litiges, decisive: Sequence[int], found: Sequence[Attribution | None]) -> Iterator[Version]:
    """One for each choice among the decisive disputes, the first of the histories that make it."""
    seen: set[tuple[int, ...]] = set()
    for histoire, lost in zip(told.histoires, found, strict=True):
        choice = tuple(histoire.choix[index] for index in decisive)
        if choice in seen:
            continue
        seen.add(choice)
        yield Version(
            dits=tuple(
                constat("dit_d_une_source", phrase(each), each.entry) for each in told.retenus(histoire, decisive)
            ),
            imputation=lost.imputation if lost else None,
            statut=lost.statut if lost else None,
            cf_administration=lost.cf_administration if lost else None,
            cf_usager=lost.cf_usager if lost else None,
            causes=lost.causes if lost else (),
            chaine=lost.chaine if lost else (),
        )


def _selon(side: Version) -> Constat:
    said = " ; ".join(each.texte.rstrip(".") for each in side.dits)
    return Constat(
        code="selon_une_source",
        texte=f"{said} ; alors {_SELON[side.imputation]}.",
        entries=tuple(dict.fromkeys(each for one in side.dits for each in one.entries)),
        grade=max((each.grade for each in side.dits if each.grade is not None), default=None),
        statut=Statut.CONTESTE,
    )


def _uniques(found: Iterable[Constat]) -> list[Constat]:
    told: dict[tuple[str, str, tuple[UUID, ...]], Constat] = {}
    for each in found:
        told.setdefault((each.code, each.texte, each.entries), each)
    return list(told.values())

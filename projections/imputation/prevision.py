"""The same engine run forward with no new fact: which days will be lost, by when, and which single act prevents it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from ledger.entry import Entry
from projections.imputation.calcul import imputer, lire, rejouees
from projections.imputation.modeles import Attribution, Imputation, Obligation, Partie

HORIZON: Final = 30
"""Days looked ahead unless another number is asked."""


class Acte(msgspec.Struct, frozen=True, kw_only=True):
    """Un acte qui, seul, préviendrait la perte, et de qui il est le devoir."""

    debiteur: Partie
    code: str
    texte: str
    au_plus_tard: date
    """The last day on which doing it prevents the loss as the law has it: that of the duty, or the eve of the loss."""
    articles: tuple[str, ...]
    suppose: tuple[str, ...]


class Prevision(msgspec.Struct, frozen=True, kw_only=True):
    """Des jours qui seront sans preuve si rien n'arrive."""

    du: date
    jours_restants: int
    """How many days are left before the first of them; 0 when it has begun."""
    imputation: Imputation
    """To whom they would be due, were nothing done until then."""
    actes: tuple[Acte, ...]


Dues = Mapping[tuple[Partie, str, str | None], Obligation]
"""The duties by debtor, code and dossier: by what a cause names them."""


def dues(owed: Iterable[Obligation]) -> Dues:
    """The duties by what a cause names them."""
    return {(each.debiteur, each.code, each.dossier): each for each in owed}


def previsions(entries: Sequence[Entry], au: date, jours: int = HORIZON) -> tuple[Prevision, ...]:
    """What will be lost within ``jours`` days of ``au`` if nothing happens, in the order of days.

    ``entries`` are those that hold on ``au``. The answer on ``au`` is what the history will say on ``au + jours`` of a
    life to which nothing was added.
    """
    if not entries:
        return ()
    lue = lire(entries, au + timedelta(days=jours))
    owed = dues(rejouees(lue))
    return tuple(
        Prevision(
            du=each.du,
            jours_restants=max(0, (each.du - au).days),
            imputation=each.imputation,
            actes=tuple(actes(each, owed)),
        )
        for each in imputer(lue)
        if each.couche == "preuve" and each.au >= au and each.imputation is not Imputation.END_OF_RIGHT_BY_DECISION
    )


def actes(lost: Attribution, owed: Dues) -> Iterator[Acte]:
    """The acts each of which, alone, would have kept these days covered."""
    eve = lost.du - timedelta(days=1)
    for cause in lost.causes:
        duty = owed.get((cause.debiteur, cause.code, cause.dossier))
        if duty is None or not cause.suffit:
            continue
        latest = eve if duty.debiteur is Partie.ADMINISTRATION or duty.au is None else min(duty.au, eve)
        yield Acte(
            debiteur=cause.debiteur,
            code=cause.code,
            texte=duty.texte,
            au_plus_tard=latest,
            articles=duty.articles,
            suppose=cause.suppose,
        )

"""What changes in the evidence of a person when another set of readings is followed: duties, attributions, days."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import date, datetime
from itertools import zip_longest
from typing import Annotated, TypeVar

import msgspec

from ledger.entry import Entry
from projections.imputation.modeles import Attribution, Imputation, Obligation
from replay.as_of import Moment
from replay.preuve import Preuve, preuve
from rules.catalogue import REGLES
from rules.jeux import Jeu

T = TypeVar("T", bound=Obligation | Attribution)
Paires = Iterator[tuple[T | None, T | None]]


class LectureChangee(msgspec.Struct, frozen=True, kw_only=True):
    """Une règle que les deux jeux ne lisent pas de même."""

    regle: str
    titre: str
    avant: int
    """The number of the reading that the first set follows."""
    apres: int


class ObligationChangee(msgspec.Struct, frozen=True, kw_only=True):
    """Une obligation que les deux jeux ne disent pas de même."""

    avant: Obligation | None
    """``None``: only the second set gives rise to it."""
    apres: Obligation | None


class AttributionChangee(msgspec.Struct, frozen=True, kw_only=True):
    """Des jours perdus que les deux jeux n'imputent pas de même, ou ne disent pas de même."""

    avant: Attribution | None
    """``None``: only the second set finds them."""
    apres: Attribution | None


class JoursChanges(msgspec.Struct, frozen=True, kw_only=True):
    """Combien de jours sans preuve chaque jeu impute ainsi."""

    imputation: Imputation
    avant: int
    apres: int


class EcartRegles(msgspec.Struct, frozen=True, kw_only=True):
    """Ce qui change entre deux jeux de règles, pour la même personne et du même moment."""

    connu_le: Annotated[datetime, msgspec.Meta(tz=True)] | None
    au: date
    avant: str
    """The digest of the first set."""
    apres: str
    lectures: tuple[LectureChangee, ...]
    """Empty when both sets follow the same reading of every rule."""
    obligations: tuple[ObligationChangee, ...]
    attributions: tuple[AttributionChangee, ...]
    jours: tuple[JoursChanges, ...]
    """Only those whose count changes."""

    @property
    def vide(self) -> bool:
        """Whether the evidence is the same under both sets."""
        return not (self.obligations or self.attributions)


def ecart_regles(entries: Sequence[Entry], moment: Moment, avant: Jeu, apres: Jeu) -> EcartRegles:
    """The difference that following ``apres`` instead of ``avant`` makes to the evidence of one person."""
    first, second = preuve(entries, moment, avant), preuve(entries, moment, apres)
    return EcartRegles(
        connu_le=moment.connu_le,
        au=moment.au,
        avant=first.regles,
        apres=second.regles,
        lectures=tuple(
            LectureChangee(regle=each.identifiant, titre=each.titre, avant=one, apres=other)
            for each in REGLES
            if (one := avant.lecture(each.identifiant)) != (other := apres.lecture(each.identifiant))
        ),
        obligations=tuple(
            ObligationChangee(avant=one, apres=other)
            for one, other in _changes(
                first.obligations, second.obligations, lambda o: (o.debiteur, o.code, o.dossier, o.du)
            )
        ),
        attributions=tuple(
            AttributionChangee(avant=one, apres=other)
            for one, other in _changes(
                first.attributions, second.attributions, lambda a: (a.couche, a.nature, a.reference, a.du)
            )
        ),
        jours=tuple(
            JoursChanges(imputation=each, avant=one, apres=other)
            for each in Imputation
            if (one := _jours(first, each)) != (other := _jours(second, each))
        ),
    )


def _changes(avant: Sequence[T], apres: Sequence[T], cle: Callable[[T], Hashable]) -> Paires[T]:
    """What only one side has, in the order of days, beside what the other side has under the same key."""
    gone = [each for each in avant if each not in apres]
    come = [each for each in apres if each not in avant]
    keys = dict.fromkeys(cle(each) for each in sorted([*gone, *come], key=lambda each: each.du))
    for key in keys:
        yield from zip_longest([x for x in gone if cle(x) == key], [x for x in come if cle(x) == key])


def _jours(found: Preuve, imputation: Imputation) -> int:
    return sum(a.jours for a in found.attributions if a.couche == "preuve" and a.imputation is imputation)

"""Laws of the coverage timeline, over generated lives: order, partition, monotony, and dates that are not exact."""

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import pairwise, product
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from hypothesis import event, given
from hypothesis import strategies as st

from ledger.days import Jours
from ledger.entry import Entry
from ledger.events.base import REGISTRY, Event
from ledger.events.decision import DecisionAnnulee, DecisionRetiree
from ledger.events.personne import ProtectionReconnue
from ledger.events.titre import TitreRetire
from ledger.events.types import NatureDecision, NatureDemande, StatutProtection, TypeTitre
from projections.couverture import PERTINENTS, Certitude, Couverture, NatureLacune, couverture
from tests.projections.vies import adf, api, demande, e, favorable, recepisse, refus, titre
from tests.strategies import event_of

ORIGIN: Final = date(2025, 1, 1)
HORIZON: Final = 200


class Day(NamedTuple):
    """A day after the origin, or one of ``width + 1`` days from there on."""

    first: int
    width: int


Write = Callable[[Day], str]


def iso(number: int) -> str:
    """The day ``number`` days after the origin."""
    return (ORIGIN + timedelta(days=number)).isoformat()


def as_told(day: Day) -> str:
    """The day or the interval, as a source writes it."""
    return iso(day.first) if day.width == 0 else f"{iso(day.first)}/{iso(day.first + day.width)}"


def days(least: int = 0, most: int = 60, *, exact: bool) -> st.SearchStrategy[Day]:
    """Days between two numbers, exact or with up to five days of doubt."""
    widths = st.just(0) if exact else st.sampled_from((0, 0, 0, 1, 5))
    return st.builds(Day, st.integers(least, most), widths)


def after(day: Day, *, least: int, most: int, exact: bool) -> st.SearchStrategy[Day]:
    """A day that surely comes after ``day``."""
    return days(day.first + day.width + least, day.first + day.width + most, exact=exact)


class Told(NamedTuple):
    """A fact of a life: its builder, its days, and what else the builder takes."""

    build: Callable[..., Entry]
    jours: tuple[Day | None, ...]
    given: dict[str, Any]


def write(life: Sequence[Told], how: Write = as_told) -> list[Entry]:
    """The life as entries; the same fact has the same id under every reading of its days."""
    entries = []
    for number, told in enumerate(life, start=1):
        texts = [None if day is None else how(day) for day in told.jours]
        entries.append(msgspec.structs.replace(told.build(*texts, **told.given), event_id=UUID(int=number)))
    return entries


def _titre(du: str, au: str, remis: str | None, **given: Any) -> Entry:
    return titre(du, au, remis=remis, **given)


def _api(du: str, au: str, dispo: str | None, **given: Any) -> Entry:
    return api(du, au, dispo=dispo, **given)


def _recepisse(du: str, au: str, remis: str | None, **given: Any) -> Entry:
    return recepisse(du, au, remis=remis, **given)


def _adf(du: str, au: str | None, dispo: str | None, **given: Any) -> Entry:
    return adf(du, au=au, dispo=dispo, **given)


def _retrait(le: str, effet: str | None, ref: str) -> Entry:
    return e(ref, le, TitreRetire(notifie_le=Jours.lire(le), effet_le=None if effet is None else Jours.lire(effet)))


def _efface(le: str, dossier: str, judge: bool, vise: NatureDecision) -> Entry:
    if judge:
        return e(dossier, le, DecisionAnnulee(annulee_le=Jours.lire(le), vise=vise))
    return e(dossier, le, DecisionRetiree(retiree_le=Jours.lire(le), vise=vise))


def _protection(le: str) -> Entry:
    return e("P", le, ProtectionReconnue(statut=StatutProtection.REFUGIE, reconnue_le=Jours.lire(le)))


DOSSIERS: Final = st.sampled_from(("D-1", "D-2"))
NATURES: Final = (NatureDemande.RENOUVELLEMENT, NatureDemande.RENOUVELLEMENT, NatureDemande.DUPLICATA)
VISEES: Final = (NatureDecision.REFUS_EXPRES, NatureDecision.RETRAIT_TITRE, NatureDecision.FAVORABLE)
CARDS: Final = st.sampled_from(
    (
        {"type_titre": TypeTitre.CST, "duree_annees": 1},
        {"type_titre": TypeTitre.CSP, "duree_annees": 4},
        {"type_titre": TypeTitre.CSP, "duree_annees": 2},
    )
)


@st.composite
def documents(draw: st.DrawFn, *, exact: bool) -> Told:
    """A document with its validity and, when known, the day it reached the person."""
    build = draw(st.sampled_from((_titre, _titre, _api, _recepisse, _adf)))
    du = draw(days(exact=exact))
    au: Day | None = draw(after(du, least=0, most=45, exact=exact))
    reached = draw(st.none() | days(max(0, du.first - 10), du.first + 30, exact=exact) | st.just(du))
    if build is _titre:
        number = draw(st.integers(1, 3))
        return Told(build, (du, au, reached), {"ref": f"T-{number}", **draw(CARDS)})
    if build is _adf:
        au = draw(st.sampled_from((au, None)))
        return Told(build, (du, au, reached), {"dossier": draw(DOSSIERS)})
    return Told(build, (du, au, reached), {"ref": f"A-{draw(st.integers(1, 9))}", "dossier": draw(DOSSIERS)})


@st.composite
def acts(draw: st.DrawFn, *, exact: bool) -> Told:
    """An application, a decision, what undoes it, or a protection."""
    build = draw(st.sampled_from((demande, demande, refus, refus, favorable, _retrait, _efface, _protection)))
    le = draw(days(exact=exact))
    if build is demande:
        nature = draw(st.sampled_from(NATURES))
        listed = draw(st.sampled_from((None, True, False)))
        return Told(build, (le,), {"dossier": draw(DOSSIERS), "nature": nature, "departement_liste_l433_3": listed})
    if build is _retrait:
        return Told(build, (le, draw(st.none() | days(exact=exact))), {"ref": f"T-{draw(st.integers(1, 3))}"})
    if build is _efface:
        vise = draw(st.sampled_from(VISEES))
        return Told(build, (le,), {"dossier": draw(DOSSIERS), "judge": draw(st.booleans()), "vise": vise})
    return Told(build, (le,), {} if build is _protection else {"dossier": draw(DOSSIERS)})


def lives(*, exact: bool = False, most: int = 8) -> st.SearchStrategy[list[Told]]:
    """A life of a few documents and acts."""
    return st.lists(documents(exact=exact) | acts(exact=exact), min_size=1, max_size=most)


OBSERVED: Final = st.integers(0, HORIZON).map(lambda n: ORIGIN + timedelta(days=n))


def covered(cover: Couverture) -> set[int]:
    """The days proven under every reading, up to the observation."""
    last = cover.au.toordinal()
    return {
        day
        for each in cover.preuve
        if each.certitude is Certitude.CERTAIN
        for day in range(each.du.toordinal(), min(each.au.toordinal(), last) + 1)
    }


def missing(cover: Couverture, *wanted: NatureLacune, certain: bool = False) -> set[int]:
    """The gap days of these natures (all when none is named), certain ones only when asked."""
    return {
        day
        for each in cover.lacunes
        if (not wanted or each.nature in wanted) and (each.certaine or not certain)
        for day in range(each.du.toordinal(), each.au.toordinal() + 1)
    }


@given(
    told=st.lists(
        st.tuples(
            st.sampled_from(("D-1", "D-2", "T-1", "A-1")),
            st.sampled_from(sorted(PERTINENTS)).flatmap(lambda name: event_of(REGISTRY[name])),
        ),
        max_size=6,
    ),
    au=st.dates(date(1900, 1, 1), date(2199, 12, 31)),
)
def test_any_facts_whatever_can_be_read(told: list[tuple[str, Event]], au: date) -> None:
    """Facts of every type, with any dates of the calendar, give a timeline and its JSON; none is refused."""
    found = couverture([e(objet, "2025-07-01", evenement) for objet, evenement in told], au)
    assert found.au == au
    assert all(gap.au <= au for gap in found.lacunes)
    assert json.loads(found.json())["au"] == au.isoformat()


@given(life=lives(), au=OBSERVED, data=st.data())
def test_the_order_of_the_entries_never_matters(life: list[Told], au: date, data: st.DataObject) -> None:
    """Any permutation of the entries gives the same bytes."""
    entries = write(life)
    assert couverture(data.draw(st.permutations(entries)), au).json() == couverture(entries, au).json()


@given(life=lives(), au=OBSERVED)
def test_every_day_is_proven_or_in_one_gap(life: list[Told], au: date) -> None:
    """From the first covered day to the observation, each day is either surely proven or in exactly one gap."""
    found = couverture(write(life), au)
    if found.premier_jour is None or found.premier_jour > au:
        assert found.lacunes == ()
        return
    every = set(range(found.premier_jour.toordinal(), au.toordinal() + 1))
    gaps = missing(found)
    assert len(gaps) == sum(each.jours for each in found.lacunes)
    assert gaps | (covered(found) & every) == every
    assert not gaps & covered(found)


@given(life=lives(), au=OBSERVED)
def test_gaps_are_sorted_apart_and_as_long_as_they_can_be(life: list[Told], au: date) -> None:
    """Gaps follow one another; two that touch differ in nature or in certainty."""
    for before, next_ in pairwise(couverture(write(life), au).lacunes):
        assert before.au < next_.du
        touching = before.au + timedelta(days=1) == next_.du
        assert not touching or (before.nature, before.certitude) != (next_.nature, next_.certitude)


@given(life=lives(exact=True), au=OBSERVED)
def test_exact_dates_leave_no_doubt(life: list[Told], au: date) -> None:
    """When every day is known, nothing is uncertain."""
    found = couverture(write(life), au)
    assert {each.certitude for each in found.droit + found.preuve} <= {Certitude.CERTAIN}
    assert all(each.certaine for each in found.lacunes)


@given(life=lives(), au=OBSERVED, start=st.integers(0, 90), length=st.integers(0, 60))
def test_one_more_document_never_uncovers_a_day(life: list[Told], au: date, start: int, length: int) -> None:
    """A récépissé of another dossier adds no gap day, and leaves none where it covers."""
    entries = write(life)
    without = couverture(entries, au)
    if without.premier_jour is None or without.premier_jour > ORIGIN + timedelta(days=start):
        event("begins before the life")
        return
    more = msgspec.structs.replace(
        recepisse(iso(start), iso(start + length), dossier="D-9", ref="R-9"), event_id=UUID(int=999)
    )
    found = couverture([*entries, more], au)
    assert missing(found) <= missing(without)
    first = (ORIGIN + timedelta(days=start)).toordinal()
    assert not missing(found) & set(range(first, first + length + 1))


@given(life=lives(), au=st.tuples(OBSERVED, OBSERVED).map(sorted))
def test_looking_later_does_not_change_the_days_before(life: list[Told], au: list[date]) -> None:
    """With the same facts, a later observation tells the same of every earlier day."""
    entries = write(life)
    early, late = couverture(entries, au[0]), couverture(entries, au[1])
    for nature in NatureLacune:
        until = {day for day in missing(late, nature) if day <= au[0].toordinal()}
        assert until == missing(early, nature)


@given(life=lives(most=5), au=OBSERVED)
def test_what_is_called_certain_holds_under_every_reading(life: list[Told], au: date) -> None:
    """Choosing any possible day for each doubtful date never contradicts what was called certain."""
    told = couverture(write(life), au)
    doubtful = list(dict.fromkeys(day for fact in life for day in fact.jours if day is not None and day.width))[:3]
    event(f"{len(doubtful)} doubtful dates")
    for choice in product(*([0, day.width // 2, day.width] for day in doubtful)):
        chosen = dict(zip(doubtful, choice, strict=True))
        read = couverture(write(life, lambda day: iso(day.first + chosen[day]) if day in chosen else as_told(day)), au)
        assert covered(told) <= covered(read)
        for nature in NatureLacune:
            assert missing(told, nature, certain=True) <= missing(read, nature, certain=True)
        assert missing(read) <= missing(told)


@given(life=lives(exact=True), au=OBSERVED)
def test_an_annulled_refusal_leaves_no_end_of_right(life: list[Told], au: date) -> None:
    """Once every refusal is annulled, no end of right by refusal remains and its days are interruptions or cover."""
    facts = [told for told in life if told.build in {_titre, _api, _recepisse, demande, refus}]
    judged = [Told(_efface, (Day(HORIZON, 0),), {"dossier": d, "judge": True, "vise": NatureDecision.REFUS_EXPRES})
              for d in ("D-1", "D-2")]  # fmt: skip
    assert couverture(write([*facts, *judged]), au).fins_de_droit == ()
    unrefused = [told for told in facts if told.build is not refus]
    annulled, never = couverture(write([*facts, *judged]), au), couverture(write(unrefused), au)
    assert (missing(annulled), covered(annulled)) == (missing(never), covered(never))

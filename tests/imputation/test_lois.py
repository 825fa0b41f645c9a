"""Laws of attribution over generated lives: what must hold of any answer, and what may not change it."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bench.imputation import last_day, long_life
from ledger.days import LAST_DAY
from ledger.entry import Entry
from ledger.events.base import REGISTRY, Event
from ledger.events.depot import TentativeDepotEchouee
from ledger.events.instruction import RendezVousManque
from ledger.events.listes import ObjetRendezVous, PartieAbsente
from ledger.events.types import Grade, Source
from projections.couverture import NatureLacune, couverture
from projections.imputation import calcul
from projections.imputation.calcul import attributions, imputation, obligations
from projections.imputation.contradictions import litiges
from projections.imputation.exigences import REJOUES
from projections.imputation.modeles import Attribution, Imputation, Portee, Statut
from tests.imputation.vies_dues import (
    EXPIRY,
    GRADES,
    OBSERVED,
    carte,
    etrangers,
    graded,
    jour,
    numbered,
    panne_de,
    sourced,
    tentative,
    vies,
)
from tests.projections.test_couverture_lois import lives, write
from tests.projections.vies import api, demande, e
from tests.strategies import event_of

PERDUS = {NatureLacune.RUPTURE.value, NatureLacune.PREUVE_SEULE.value}
FORCE = {Statut.ETABLI: 0, Statut.PROBABLE: 1, Statut.A_ETABLIR: 2, Statut.CONTESTE: 3}


def preuve(found: Sequence[Attribution]) -> list[Attribution]:
    """The attributions of uncovered days."""
    return [each for each in found if each.couche == "preuve"]


def par_jour(found: Sequence[Attribution]) -> dict[date, Attribution]:
    """The answer of each uncovered day."""
    return {each.du + timedelta(days=n): each for each in preuve(found) for n in range((each.au - each.du).days + 1)}


def du_demandeur(found: Sequence[Attribution]) -> int:
    """How many days are attributed to the person."""
    return sum(each.jours for each in preuve(found) if each.imputation is Imputation.APPLICANT)


def vus_le(found: Sequence[Attribution], au: date) -> list[tuple[object, ...]]:
    """The uncovered days up to ``au``, with their answer and its causes."""
    return [
        (each.du, min(each.au, au), each.nature, each.imputation, each.statut,
         tuple((cause.debiteur, cause.code, cause.dossier, cause.suffit) for cause in each.causes))
        for each in preuve(found)
        if each.du <= au
    ]  # fmt: skip


def assert_une_fois(entries: Sequence[Entry], au: date) -> None:
    """Assert that the uncovered days of coverage, and they alone, are attributed, each once, under their nature."""
    expected = {
        (gap.du + timedelta(days=n), gap.nature.value)
        for each in litiges(entries).histoires
        for gap in couverture(each.entries, au).lacunes
        for n in range(gap.jours)
    }
    days = [
        (each.du + timedelta(days=n), each.nature)
        for each in preuve(attributions(entries, au))
        for n in range(each.jours)
    ]
    assert set(days) <= expected
    assert Counter(day for day, _ in days) == dict.fromkeys([day for day, _ in expected], 1)


def incontestes(*lives: Sequence[Entry]) -> bool:
    """Whether no source contradicts another: a weaker word of one makes the other's firmer, and that is right."""
    return all(len(told.histoires) == 1 and not told.contredits for told in map(litiges, lives))


@given(life=vies(), au=OBSERVED)
def test_each_uncovered_day_of_a_renewal_is_attributed_once(life: list[Entry], au: date) -> None:
    """The days of coverage's gaps, and no covered day, each have one answer."""
    assert_une_fois(life, au)


@given(told=lives(), au=st.integers(0, 200).map(lambda n: date(2025, 1, 1) + timedelta(days=n)))
def test_each_uncovered_day_of_any_life_is_attributed_once(told: list, au: date) -> None:  # type: ignore[type-arg]
    """The same over lives of any documents and acts in two dossiers."""
    assert_une_fois(write(told), au)


@given(life=vies(), au=OBSERVED)
def test_the_end_of_a_right_is_nobodys_and_nothing_else_is(life: list[Entry], au: date) -> None:
    """The days after a right ended by decision are classed apart; lost days never are."""
    for each in preuve(attributions(life, au)):
        assert (each.imputation is Imputation.END_OF_RIGHT_BY_DECISION) is (each.nature not in PERDUS)


ECHANGE = {Imputation.ADMINISTRATION: Imputation.APPLICANT, Imputation.APPLICANT: Imputation.ADMINISTRATION}


@pytest.mark.parametrize(("a", "u", "ensemble"), list(product((True, False, None), (True, False, None), (True, False))))
def test_exchanging_the_answers_exchanges_the_parties(a: bool | None, u: bool | None, ensemble: bool) -> None:
    """What is asked of one party is asked of the other: the table has no side."""
    straight, crossed = imputation(a, u, ensemble=ensemble), imputation(u, a, ensemble=ensemble)
    assert crossed is ECHANGE.get(straight, straight)


@given(life=vies(), au=OBSERVED)
def test_the_answer_is_that_of_the_table(life: list[Entry], au: date) -> None:
    """A day's attribution follows from its two answers; the causes of a one-sided answer are of that side only."""
    for each in preuve(attributions(life, au)):
        if each.imputation is Imputation.END_OF_RIGHT_BY_DECISION:
            continue
        a, u = each.cf_administration, each.cf_usager
        assert each.imputation in {imputation(a, u, ensemble=both) for both in (True, False)}
        sides = {cause.debiteur.value for cause in each.causes}
        if each.imputation is Imputation.ADMINISTRATION:
            assert sides == {"administration"}
        if each.imputation is Imputation.APPLICANT:
            assert sides == {"usager"}


@given(life=vies(), au=OBSERVED)
def test_breaches_are_days_up_to_the_observation(life: list[Entry], au: date) -> None:
    """Facts that are dated after the day of observation make no breach before it, nor one that ends before it begins."""
    for duty in obligations(life, au):
        assert all(days.du <= days.au <= au for days in duty.manquements)


def test_attempts_yet_to_come_excuse_nothing() -> None:
    """Seen on the day after expiry, attempts of the following week do not make the administration answer for that day."""
    life = numbered([carte(), tentative(3), tentative(10)])
    found = preuve(attributions(life, EXPIRY + timedelta(days=1)))
    assert [each.imputation for each in found] == [Imputation.APPLICANT]


def test_two_duties_done_keep_the_earlier_application() -> None:
    """The prefecture's absence on the last day decides, whatever an attempt of the day after would have allowed."""
    absent = RendezVousManque(objet=ObjetRendezVous.DEPOT, partie_absente=PartieAbsente.PREFECTURE)
    life = numbered([carte(), tentative(1), e("D-1", jour(0), absent)])
    for told in (life, panne_de(life, life[1])):
        (found,) = preuve(attributions(told, EXPIRY + timedelta(days=1)))
        assert found.cf_administration


@given(life=vies(), au=OBSERVED, data=st.data())
def test_an_outage_that_blocked_her_never_charges_her_more(life: list[Entry], au: date, data: st.DataObject) -> None:
    """An incident that a recorded attempt met takes days from the person, or none."""
    tried = [each for each in life if isinstance(each.fait.evenement, TentativeDepotEchouee)]
    assume(tried)
    blocked = data.draw(st.sampled_from(tried))
    more = panne_de(life, blocked, declaree=data.draw(st.booleans()))
    assert du_demandeur(attributions(more, au)) <= du_demandeur(attributions(life, au))


@given(life=vies(), au=OBSERVED, day=st.integers(-400, 200))
def test_an_irrelevant_fact_changes_nothing(life: list[Entry], au: date, day: int) -> None:
    """A login, a file read and a file exported, whoever tells them, leave every word of the answer."""
    more = [*life, *etrangers(day)]
    assert attributions(more, au) == attributions(life, au)
    assert obligations(more, au) == obligations(life, au)


@given(
    life=vies(),
    au=OBSERVED,
    event=st.sampled_from(sorted(set(REGISTRY.values()) - REJOUES, key=lambda kind: kind.nom)).flatmap(event_of),
    day=st.integers(-150, 150),
)
def test_a_fact_that_replays_pass_over_decides_nothing(life: list[Entry], au: date, event: Event, day: int) -> None:
    """A declared fact of a type that no replay reads changes neither the answers of a day nor their causes."""
    told = sourced(graded(e("D-1", jour(day), event), Grade.D), Source.DECLARATION)
    more = [*life, *numbered([told], 7_000)]

    def answers(entries: Sequence[Entry]) -> list[object]:
        found = preuve(attributions(entries, au))
        return [(x.du, x.au, x.imputation, x.statut, x.cf_administration, x.cf_usager, x.causes) for x in found]

    assert answers(more) == answers(life)


@given(life=vies(), au=OBSERVED, data=st.data())
def test_the_order_of_recording_changes_nothing(life: list[Entry], au: date, data: st.DataObject) -> None:
    """Any permutation of the entries gives the same bytes."""
    other = data.draw(st.permutations(life))
    encode = msgspec.json.encode
    assert encode(attributions(other, au)) == encode(attributions(life, au))
    assert encode(obligations(other, au)) == encode(obligations(life, au))


@given(
    filed=st.integers(-119, -60),
    start=st.integers(2, 60),
    length=st.integers(20, 80),
    late=st.booleans(),
)
def test_a_certificate_a_day_later_moves_one_boundary(filed: int, start: int, length: int, late: bool) -> None:
    """Where nothing else touches it, the interval before it ends a day later, and all else stays."""
    filed = filed + 70 if late else filed
    assume(filed < start)

    def told(first: int) -> list[Entry]:
        return numbered([carte(), demande(jour(filed)), api(jour(first), jour(start + length))])

    au = EXPIRY + timedelta(days=start + length)
    before, after = preuve(attributions(told(start), au)), preuve(attributions(told(start + 1), au))
    assert [(each.du, each.imputation) for each in after] == [(each.du, each.imputation) for each in before]
    moved = [(one.au, two.au) for one, two in zip(before, after, strict=True) if one.au != two.au]
    assert moved == [(EXPIRY + timedelta(days=start - 1), EXPIRY + timedelta(days=start))]


@given(life=vies(), au=OBSERVED, data=st.data())
def test_a_weaker_fact_never_makes_a_breach_more_established(life: list[Entry], au: date, data: st.DataObject) -> None:
    """No path raises a grade: with one fact of a weaker grade, no duty is better established than before."""
    index = data.draw(st.integers(0, len(life) - 1))
    grade = data.draw(GRADES)
    assume(grade > life[index].fait.grade)
    weaker = [graded(each, grade) if n == index else each for n, each in enumerate(life)]
    assume(incontestes(life, weaker))
    strong = {(x.debiteur, x.code, x.dossier, x.du): x.statut for x in obligations(life, au)}
    for x in obligations(weaker, au):
        key = (x.debiteur, x.code, x.dossier, x.du)
        if key in strong:
            assert FORCE[x.statut] >= FORCE[strong[key]], key


@given(life=vies(), au=OBSERVED, data=st.data())
def test_a_weaker_fact_never_makes_an_answer_more_established(life: list[Entry], au: date, data: st.DataObject) -> None:
    """As long as the answer of a day and its causes stay, they are established no better by a weaker fact."""
    index = data.draw(st.integers(0, len(life) - 1))
    grade = data.draw(GRADES)
    assume(grade > life[index].fait.grade)
    weaker = [graded(each, grade) if n == index else each for n, each in enumerate(life)]
    assume(incontestes(life, weaker))
    strong = par_jour(attributions(life, au))
    for day, each in par_jour(attributions(weaker, au)).items():
        before = strong[day]
        if (before.imputation, [c.code for c in before.causes]) == (each.imputation, [c.code for c in each.causes]):
            assert FORCE[each.statut] >= FORCE[before.statut], day


def test_declarations_alone_decide_nothing() -> None:
    """A life of which each fact is only declared leaves every lost day undetermined, or uncaused."""
    life = numbered([graded(each, Grade.D) for each in (carte(), demande(jour(-90)), api(jour(20), jour(60)))])
    found = preuve(attributions(life, EXPIRY + timedelta(days=60)))
    assert [(each.imputation, each.statut) for each in found] == [(Imputation.UNDETERMINED, Statut.A_ETABLIR)]
    assert found[0].preuves_manquantes


REPLAY = """
import sys
from datetime import date
import msgspec
from ledger.retained import holding
from projections.imputation.calcul import attributions, obligations
from projections.imputation.journal import journal
from tests.samples.test_samples import BY_CASE, as_entries, facts
told = facts("cas.jsonl")
for case in BY_CASE.values():
    entries = holding(as_entries([fait for fait in told if fait.personne == case["personne"]]))
    au = date.fromisoformat(case["observe_le"])
    for fold in (attributions, obligations, journal):
        sys.stdout.buffer.write(msgspec.json.encode(fold(entries, au)) + b"\\n")
"""


def test_a_replay_elsewhere_gives_the_same_bytes() -> None:
    """Another process, another hash seed and another time zone give the same JSON of every sample life."""
    outputs = [
        subprocess.run(
            [sys.executable, "-c", REPLAY],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": "."},
        ).stdout
        for seed, zone in (("1", "UTC"), ("4242", "Pacific/Kiritimati"))
    ]
    assert outputs[0] == outputs[1]
    assert b"ADMINISTRATION" in outputs[0]
    assert b"APPLICANT" in outputs[0]


def test_a_life_of_a_thousand_entries_needs_few_replays(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a thousand entries and about twenty breaches, histories read stay within a few for each breach."""
    life = long_life(1_000)
    au = last_day(life)
    breaches = sum(bool(x.manquements) for x in obligations(life, au) if x.portee is Portee.JOURS)
    assert 15 <= breaches <= 40
    read: list[int] = []
    first = calcul.matiere
    monkeypatch.setattr(calcul, "matiere", lambda *given: read.append(1) or first(*given))
    assert preuve(attributions(life, au))
    assert len(read) <= 5 * breaches


@given(vies(), OBSERVED)
def test_what_is_seen_from_the_end_of_the_calendar_is_cut_at_the_day(life: list[Entry], au: date) -> None:
    """The answers of one day are those given from the last day of the calendar to the same facts, up to that day."""
    held = [entry for entry in life if entry.fait.survenu.jours.premier <= au]
    assert vus_le(attributions(held, au), au) == vus_le(attributions(held, LAST_DAY), au)


def test_a_breach_costs_nothing_before_it_begins() -> None:
    """The window put off to 5 October by blocked days is not missed before: until then only the blockage costs days."""
    life = numbered([carte(), tentative(-83, code="I-1"), tentative(-19, code="I-1")])
    found = [(each.du, each.imputation) for each in preuve(attributions(life, date(2025, 10, 20)))]
    assert found == [
        (date(2025, 10, 1), Imputation.ADMINISTRATION),
        (date(2025, 10, 6), Imputation.SHARED),
    ]


def test_a_missed_appointment_does_not_undo_a_missed_window() -> None:
    """Who missed the window and then an appointment lost the days before it to the window alone."""
    missed = RendezVousManque(objet=ObjetRendezVous.DEPOT, partie_absente=PartieAbsente.USAGER)
    life = numbered([carte(), e("D-1", jour(24), missed)])
    found = preuve(attributions(life, date(2025, 11, 30)))
    assert [(each.du, [cause.code for cause in each.causes]) for each in found] == [
        (date(2025, 10, 1), ["depot_dans_la_fenetre"]),
        (date(2025, 10, 24), ["depot_dans_la_fenetre", "rendez_vous"]),
    ]

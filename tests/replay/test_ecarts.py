"""What changed between two readings, in words: the same facts as the readings themselves, in both directions."""

from datetime import date, timedelta
from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.days import Quand
from ledger.entry import Entry
from ledger.events.correction import FaitRetire
from ledger.events.depot import TentativeDepotEchouee
from ledger.retained import known
from replay.as_of import Moment, ecart, lecture
from replay.ecarts import Differences, Lu, differences
from replay.preuve import preuve
from tests.evidence.vies_releves import APPRIS, cas, entrees
from tests.faits import fait

LE = date(2026, 2, 11)
VIE = [
    msgspec.structs.replace(entry, recorded_at=APPRIS + timedelta(days=n))
    for n, entry in enumerate(cas("amina-exemple-c01"))
]
MOMENTS = st.builds(
    Moment,
    st.none() | st.integers(-1, len(VIE)).map(lambda n: APPRIS + timedelta(days=n)),
    st.dates(date(2024, 9, 1), LE),
)


def lu(entries: list[Entry], moment: Moment) -> Lu:
    """One reading."""
    return Lu(lecture(entries, moment), preuve(entries, moment).attributions)


def entre(entries: list[Entry], avant: Moment, apres: Moment) -> Differences:
    """What changed from the one to the other."""
    return differences(entries, lu(entries, avant), lu(entries, apres))


def comptes(moment: Moment) -> set[str]:
    """The facts that a reading counts."""
    return {e.fait.id for e in known(VIE, moment.connu_le) if e.fait.survenu.jours.premier <= moment.au}


@settings(max_examples=30)
@given(MOMENTS, MOMENTS)
def test_every_fact_that_only_one_reading_counts_is_told_once(avant: Moment, apres: Moment) -> None:
    """Added or not counted any more, never both, never left out."""
    found = entre(VIE, avant, apres)
    told = [each.ligne.id for each in (*found.ajouts, *found.rectifications)]
    assert sorted(told) == sorted(comptes(apres) - comptes(avant))
    assert sorted(each.ligne.id for each in found.absents) == sorted(comptes(avant) - comptes(apres))


@settings(max_examples=30)
@given(MOMENTS, MOMENTS)
def test_exchanged_the_readings_exchange_before_and_after(avant: Moment, apres: Moment) -> None:
    """The days and the states that differ are the same; only their two sides change places."""
    one, other = entre(VIE, avant, apres), entre(VIE, apres, avant)
    turned = [each._replace(avant=each.apres, apres=each.avant) for each in other.jours]
    assert list(one.jours) == turned
    assert {(q, b, a) for q, a, b in other.etats} == set(one.etats)
    assert {each.ligne.id for each in one.absents} == {each.ligne.id for each in (*other.ajouts, *other.rectifications)}


@settings(max_examples=30)
@given(MOMENTS)
def test_a_moment_differs_in_nothing_from_itself(moment: Moment) -> None:
    """Empty in words, as it is in values."""
    assert entre(VIE, moment, moment).vide
    assert not ecart(VIE, moment, moment).changements


@settings(max_examples=30)
@given(MOMENTS, MOMENTS)
def test_days_told_apart_are_apart_and_never_overlap(avant: Moment, apres: Moment) -> None:
    """In one layer each day is told once at most, up to the earlier reading, with two different words."""
    for couche in ("droit", "preuve"):
        runs = [each for each in entre(VIE, avant, apres).jours if each.couche == couche]
        assert all(each.avant != each.apres and each.du <= each.au <= min(avant.au, apres.au) for each in runs)
        assert all(one.au < other.du for one, other in pairwise(runs))


def test_une_rectification_dit_le_champ_avant_et_apres() -> None:
    """And the correction of a fact that the first reading knew takes no fact away."""
    life = entrees(
        [
            fait(id="1", evenement=TentativeDepotEchouee(texte_erreur="E-503")),
            fait(id="2", corrige="1", survenu="2025-07-02", evenement=TentativeDepotEchouee(texte_erreur="E-504")),
        ]
    )
    life[1] = msgspec.structs.replace(life[1], recorded_at=APPRIS + timedelta(days=1))
    found = entre(life, Moment(APPRIS, LE), Moment(None, LE))
    [one] = found.rectifications
    assert (one.ancienne and one.ancienne.numero, one.ligne.numero, one.retrait) == (1, 2, False)
    assert ("message d'erreur affiché", "E-503", "E-504") in one.champs
    assert "quand" in {name for name, _, _ in one.champs}
    assert not found.absents


def test_un_retrait_est_dit_comme_tel() -> None:
    """What it withdraws is named; no field of the reason is taken for a change of the fact."""
    life = entrees([fait(id="1"), fait(id="2", corrige="1", evenement=FaitRetire(motif="doublon"))])
    life[1] = msgspec.structs.replace(life[1], recorded_at=APPRIS + timedelta(days=1))
    [one] = entre(life, Moment(APPRIS, LE), Moment(None, LE)).rectifications
    assert one.retrait
    assert one.champs == ()


def test_ce_que_la_source_savait_deja_est_dit() -> None:
    """A fact learned late that its official source had recorded before: it knew; one still to come: nothing is said."""
    before = APPRIS - timedelta(days=30)
    life = entrees(
        [
            fait(id="1", connu_de_la_source=Quand.lire("2025-07-02")),
            fait(id="2"),
            fait(id="3", survenu="2026-11-10"),
        ]
    )
    said = [
        each.savoir for each in entre(life, Moment(before, date(2026, 11, 20)), Moment(None, date(2026, 11, 20))).ajouts
    ]
    assert "2 juillet 2025" in said[0]
    assert said[1] == "Ce fait était déjà arrivé ; le registre ne l'avait pas encore appris."
    assert said[2] == ""

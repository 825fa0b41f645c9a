"""Where a person stands, told shortly: nothing but what the rights and the duties of that day say."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.entry import Entry
from ledger.retained import holding
from projections.couverture import couverture
from projections.etat import etats
from projections.imputation.calcul import obligations
from projections.imputation.modeles import Partie, Portee
from projections.ou_en_est import PHRASES, ou_en_est
from tests.samples.test_samples import DEMO, as_entries, facts

OBSERVES = {
    each["personne"]: date.fromisoformat(each["observe_le"])
    for each in json.loads((DEMO / "dossiers.json").read_bytes())
}
ALL = [fait for name in ("cas.jsonl", "decisions.jsonl") for fait in facts(name)]


def held(personne: str, au: date) -> list[Entry]:
    """What holds of a sample person on a day."""
    return holding(as_entries(fait for fait in ALL if fait.personne == personne), on=au)


@given(st.sampled_from(sorted(OBSERVES)), st.integers(-500, 200))
def test_it_says_what_the_rights_and_the_duties_of_that_day_say(personne: str, shift: int) -> None:
    """For every sample life and day: a document or its absence as the cover has it, and no duty that is not owed then."""
    au = OBSERVES[personne] + timedelta(days=shift)
    entries = held(personne, au)
    told = ou_en_est(entries, au)
    if not entries:
        assert (told.montrables, told.manque, told.demandes) == ((), None, ())
        return
    cover = couverture(entries, au)
    assert bool(told.montrables) is any(each.du <= au <= each.au for each in cover.preuve)
    assert (told.manque is not None) is any(each.du <= au <= each.au for each in cover.lacunes)
    assert [each.etat for each in told.demandes] == list(etats(entries))
    owed = {(each.debiteur, each.texte): each for each in obligations(entries, au)}
    for partie, expected in ((Partie.ADMINISTRATION, told.de_l_administration), (Partie.USAGER, told.de_la_personne)):
        for each in expected:
            duty = owed[partie, each.texte]
            assert each.portee is not Portee.FACULTE
            late = [run for run in duty.manquements if run.du <= au <= run.au]
            assert (each.retard_depuis is not None) is bool(late)
            assert late or (not duty.satisfaite_par and duty.du <= au and (duty.au is None or au <= duty.au))
    assert all(each.portee is Portee.FACULTE for each in told.facultes)


def test_every_duty_that_is_late_today_is_told() -> None:
    """Sayed waits for five acts, the two that would give him a document first, the oldest before the other."""
    au = date(2026, 11, 27)
    told = ou_en_est(held("sayed-exemple", au), au)
    assert told.manque is not None
    assert (told.manque.depuis, told.manque.jours) == (date(2024, 9, 24), 795)
    late = [(each.portee, each.retard_depuis) for each in told.de_l_administration]
    assert late[:2] == [(Portee.JOURS, date(2023, 12, 5)), (Portee.JOURS, date(2024, 9, 24))]
    assert len(late) == 5
    assert told.de_la_personne == ()


def test_the_first_day_without_a_document_is_told_before_it_comes() -> None:
    """Ten days before the card of Amina ends, with nothing done: the day after its last."""
    au = date(2025, 9, 20)
    told = ou_en_est(held("amina-exemple-c01", au), au)
    assert [each.jusqu_au for each in told.montrables] == [date(2025, 9, 30)]
    assert told.perte_prevue == date(2025, 10, 1)


def test_every_stage_is_told_in_a_sentence() -> None:
    """Each ends with a full stop, and speaks to her."""
    assert all(each.endswith(".") for each in PHRASES.values())


@pytest.mark.parametrize("personne", ["jana-exemple-n05"])
def test_the_end_of_a_right_is_not_called_a_missing_document(personne: str) -> None:
    """A refusal that was notified ended it."""
    au = OBSERVES[personne]
    told = ou_en_est(held(personne, au), au)
    assert told.manque is not None
    assert told.manque.nature.value == "fin_de_droit"

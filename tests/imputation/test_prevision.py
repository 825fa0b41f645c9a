"""Forecast: what will be lost if nothing happens, who can prevent it, and by when."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.entry import Entry
from ledger.retained import holding
from projections.imputation.calcul import attributions
from projections.imputation.modeles import Imputation, Partie
from projections.imputation.prevision import previsions
from tests.imputation.test_cas import ATTENDU, life
from tests.imputation.test_conduites import A_TEMPS, CARTE, attestation
from tests.samples.test_samples import as_entries


def lived(*facts: object) -> list[Entry]:
    """The holding entries of a life told by facts."""
    return holding(as_entries(facts))  # type: ignore[arg-type]


def test_an_application_filed_in_time_needs_a_certificate_by_the_day_of_expiry() -> None:
    """Ten days before expiry, the one act that keeps the cover is the administration's, due by the last covered day."""
    [ahead] = previsions(lived(CARTE, A_TEMPS), date(2025, 9, 20), 30)
    assert (f"{ahead.du}", ahead.jours_restants, ahead.imputation) == ("2025-10-01", 11, Imputation.ADMINISTRATION)
    [act] = ahead.actes
    assert (act.debiteur, act.code, f"{act.au_plus_tard}") == (
        Partie.ADMINISTRATION, "attestation_prolongation", "2025-09-30",
    )  # fmt: skip


def test_a_person_who_has_not_filed_is_told_by_when() -> None:
    """With the window still open, the act is hers, and its last day is the window's."""
    [ahead] = previsions(lived(CARTE), date(2025, 7, 20), 90)
    [act] = ahead.actes
    assert (act.debiteur, f"{act.au_plus_tard}") == (Partie.USAGER, "2025-08-01")


def test_a_covered_month_forecasts_nothing() -> None:
    """A certificate that reaches beyond the horizon leaves nothing to prevent."""
    told = lived(CARTE, A_TEMPS, attestation("2025-10-01", "2025-12-31"))
    assert previsions(told, date(2025, 11, 1), 30) == ()


def test_what_runs_already_is_told_first() -> None:
    """A gap that has begun has no day left, and is not forgotten for being old."""
    [ahead] = previsions(lived(CARTE, A_TEMPS), date(2025, 11, 15), 30)
    assert (f"{ahead.du}", ahead.jours_restants) == ("2025-10-01", 0)


@pytest.mark.parametrize("case", ATTENDU)
@given(ahead=st.integers(1, 200), back=st.integers(0, 400))
def test_forecast_is_the_history_of_a_life_where_nothing_happens(case: str, ahead: int, back: int) -> None:
    """Asked on a day for n days ahead, it says what the history of the same facts says n days later."""
    entries, end = life(case)
    day = end - timedelta(days=back)
    held = holding(entries, on=day)
    later = [
        (each.du, each.imputation)
        for each in attributions(held, day + timedelta(days=ahead))
        if each.couche == "preuve" and each.au >= day and each.imputation is not Imputation.END_OF_RIGHT_BY_DECISION
    ]
    assert [(each.du, each.imputation) for each in previsions(held, day, ahead)] == later

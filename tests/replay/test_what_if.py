"""What-if: the evidence of a supposed history beside the real one; nothing is recorded, nothing is guessed."""

from datetime import date

import pytest

from ledger.errors import UnreadableError
from projections.imputation.modeles import Imputation
from replay.as_of import Moment
from replay.what_if import what_if
from tests.imputation.test_conduites import A_TEMPS, CARTE, attestation, demande
from tests.samples.test_samples import as_entries

AU = Moment(None, date(2025, 11, 30))


def test_a_fact_that_had_not_happened() -> None:
    """Without its certificate, the life of a person who was covered has a gap, due to whoever owed it."""
    given = attestation("2025-10-01", "2025-12-31")
    found = what_if(as_entries([CARTE, A_TEMPS, given]), AU, [given.id], [])
    assert found.reelle.attributions == ()
    [lost] = found.supposee.attributions
    assert (lost.imputation, found.jours_evites) == (Imputation.ADMINISTRATION, -61)


def test_a_fact_that_had_happened() -> None:
    """Filed in time instead of late: the gap is no longer the person's."""
    late, in_time = demande("2025-09-10"), demande("2025-07-20")
    found = what_if(as_entries([CARTE, late]), AU, [late.id], [in_time])
    assert [each.imputation for each in found.reelle.attributions] == [Imputation.APPLICANT]
    assert [each.imputation for each in found.supposee.attributions] == [Imputation.ADMINISTRATION]
    assert (found.sans, found.avec) == ((late.id,), (in_time.id,))


@pytest.mark.parametrize(
    ("sans", "avec", "field"),
    [
        (["absent"], [], "sans"),
        ([], [A_TEMPS], "avec"),
        ([], [demande("2025-07-20").model_copy(update={"personne": "P-autre"})], "avec"),
    ],
)
def test_what_cannot_be_supposed_is_said(sans: list[str], avec: list[object], field: str) -> None:
    """Leaving out an unknown fact, adding one twice, or one of somebody else, is refused with the field and the reason."""
    with pytest.raises(UnreadableError) as refused:
        what_if(as_entries([CARTE, A_TEMPS]), AU, sans, avec)  # type: ignore[arg-type]
    assert [each.champ for each in refused.value.problemes] == [field]

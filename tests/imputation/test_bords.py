"""The edge tests of the legal ground as attributions, to the day: T01 to T06, T09 and T10.

T07 is in tests/replay/test_passe.py; T08 there and in test_conduites.py.
"""

from collections.abc import Sequence
from datetime import date

import pytest

from ledger.days import Quand
from ledger.entry import Fait
from ledger.events import instruction, titre
from ledger.events.types import NatureDemande, TypeTitre
from ledger.retained import holding
from projections.couverture import couverture
from projections.imputation.calcul import attributions, obligations
from projections.imputation.modeles import Imputation
from tests.imputation.test_conduites import (
    A_TEMPS,
    CARTE,
    PAPIER,
    J,
    attestation,
    carte,
    complement,
    demande,
    le,
    repondu,
    verdicts,
)
from tests.samples.test_samples import as_entries

ADMIN, USAGER = "ADMINISTRATION", "APPLICANT"
AU = "2025-11-30"


def reponses(facts: Sequence[Fait], au: str = AU) -> list[tuple[str, str, str]]:
    """Bounds and attribution of each interval without proof."""
    return [each[:3] for each in verdicts(list(facts), au)]


def depose(instant: str) -> Fait:
    """An application whose filing day is the civil day in Paris of this instant."""
    event = A_TEMPS.evenement.model_copy(update={"deposee_le": Quand.lire(instant).jours})
    return le(instant, event)


@pytest.mark.parametrize(("instant", "party"), [("2025-08-01T21:59:30Z", ADMIN), ("2025-08-01T22:00:30Z", USAGER)])
def test_t01_the_window_closes_at_midnight_in_paris(instant: str, party: str) -> None:
    """23:59:30 in Paris is the last day of the window, 00:00:30 is the day after: a minute decides who answers."""
    assert reponses([CARTE, depose(instant)]) == [("2025-10-01", "2025-11-30", party)]


@pytest.mark.parametrize(
    ("day", "party"),
    [("2025-06-01", ADMIN), ("2025-06-02", ADMIN), ("2025-08-01", ADMIN), ("2025-08-02", USAGER)],
)
def test_t02_both_ends_of_the_window(day: str, party: str) -> None:
    """D-121 is early and not late, D-120 and D-60 are in, D-59 is out."""
    assert reponses([CARTE, demande(day)]) == [("2025-10-01", "2025-11-30", party)]


def test_t03_a_certificate_over_a_card_is_counted_once() -> None:
    """A certificate that begins under the old card and ends under the new one covers each day once."""
    given, following = (
        attestation("2025-09-15", "2025-10-31"),
        carte("2025-11-21", "2026-11-20", objet="T-2", dossier="D-1"),
    )
    overlapping = attestation("2025-10-01", "2025-11-10").model_copy(update={"id": "A-2", "objet": "A-2"})
    found = attributions(holding(as_entries([CARTE, A_TEMPS, given, overlapping, following])), date(2025, 11, 30))
    assert [(f"{each.du}", f"{each.au}", each.jours, each.imputation.value) for each in found] == [
        ("2025-11-11", "2025-11-20", 10, ADMIN)
    ]


def test_t04_an_antedated_certificate_leaves_nineteen_days_without_proof() -> None:
    """Valid from the 1st, available on the 20th: the right was there, the proof was not, for nineteen days."""
    facts = [CARTE, A_TEMPS, attestation("2025-10-01", "2025-12-31", "2025-10-20")]
    [found] = attributions(holding(as_entries(facts)), date(2025, 11, 30))
    assert (f"{found.du}", f"{found.au}", found.jours) == ("2025-10-01", "2025-10-19", 19)
    assert (found.nature, found.imputation) == ("preuve_seule", Imputation.ADMINISTRATION)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("2025-09-20", [("2025-10-01", "2025-11-30", ADMIN)]),
        ("2025-09-30", [("2025-10-01", "2025-11-30", ADMIN)]),
        ("2025-10-15", [("2025-10-16", "2025-11-30", ADMIN)]),
    ],
)
def test_t05_a_certificate_before_expiry_does_not_move_the_start(
    last: str, expected: list[tuple[str, str, str]]
) -> None:
    """Given under the card, it counts for the days after it only, and its end is not an expiry of the card."""
    assert reponses([CARTE, A_TEMPS, attestation("2025-08-15", last)]) == expected


def test_t06_cover_is_the_person_s_and_duties_are_the_dossier_s() -> None:
    """A certificate of another dossier covers the person; it does not perform the duty of the first one after it ends."""
    second = A_TEMPS.evenement.model_copy(
        update={"nature": NatureDemande.CHANGEMENT_STATUT, "deposee_le": J("2025-09-20")}
    )
    other = attestation("2025-10-01", "2025-10-31")
    other = other.model_copy(update={"evenement": other.evenement.model_copy(update={"dossier": "D-2"})})
    facts = [CARTE, A_TEMPS, le("2025-09-20", second, "D-2"), other]
    assert reponses(facts) == [("2025-11-01", "2025-11-30", ADMIN)]
    owed = {(x.dossier, x.code): x for x in obligations(as_entries(facts), date(2025, 11, 30)) if x.manquements}
    assert {dossier for dossier, _ in owed} == {"D-1", "D-2"}
    assert owed["D-1", "attestation_prolongation"].satisfaite_par == ()
    [found] = attributions(holding(as_entries(facts)), date(2025, 11, 30))
    assert {cause.dossier for cause in found.causes} == {"D-1", "D-2"}


def csp(years: int) -> Fait:
    """A multi-year card that ends on 30 September 2025."""
    event = titre.TitreRemis(
        type_titre=TypeTitre.CSP, duree_annees=years, valide_du=J(f"{2025 - years}-10-01"), valide_au=J("2025-09-30"),
        remis_le=J(f"{2025 - years}-10-01"),
    )  # fmt: skip
    return le(f"{2025 - years}-10-01", event, "T-1", **PAPIER)


@pytest.mark.parametrize(
    ("years", "day", "expected"),
    [
        (4, "2025-07-01", [("2025-12-31", "2026-01-31", ADMIN)]),
        (2, "2025-07-01", [("2025-10-01", "2026-01-31", ADMIN)]),
        (4, "2025-09-10", [("2025-12-31", "2026-01-31", USAGER)]),
        (2, "2025-09-10", [("2025-10-01", "2026-01-31", USAGER)]),
    ],
)
def test_t09_three_months_for_a_four_year_card_only(years: int, day: str, expected: list[tuple[str, str, str]]) -> None:
    """L.433-3 al. 1 keeps a four-year card's right until 30 December; with two years the days begin at expiry."""
    event = A_TEMPS.evenement.model_copy(update={"titre_demande": TypeTitre.CSP, "deposee_le": J(day)})
    assert reponses([csp(years), le(day, event)], "2026-01-31") == expected


DISCUTE = "UNDETERMINED"
CENT = complement(echeance="2025-11-08").model_copy(
    update={
        "survenu": Quand.lire("2025-10-09"),
        "evenement": complement(echeance="2025-11-08").evenement.model_copy(update={"demande_le": J("2025-10-09")}),
    }
)
"""Asked a hundred days after the filing of 1 July, with thirty days to answer."""
LU = le("2025-10-10", instruction.ComplementOuvert(complement="C-1", ouvert_le=J("2025-10-10")))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (
            [CENT, LU, repondu("2025-10-29")],
            [("2025-10-01", "2025-10-28", DISCUTE), ("2025-10-29", "2025-11-30", ADMIN)],
        ),
        ([CENT, LU], [("2025-10-01", "2025-11-08", DISCUTE), ("2025-11-09", "2025-11-30", USAGER)]),
        (
            [CENT, LU, repondu("2025-11-20")],
            [
                ("2025-10-01", "2025-11-08", DISCUTE),
                ("2025-11-09", "2025-11-19", USAGER),
                ("2025-11-20", "2025-11-30", ADMIN),
            ],
        ),
        ([CENT], [("2025-10-01", "2025-11-30", ADMIN)]),
    ],
)
def test_t10_pieces_asked_on_the_hundredth_day(facts: list[Fait], expected: list[tuple[str, str, str]]) -> None:
    """The person answers for the days after the limit of a request that she opened, until she answers; for no other.

    Until then a request that she has read disputes that the file was complete (CE, avis n° 499904).
    """
    assert reponses([CARTE, A_TEMPS, *facts]) == expected


def silence(facts: Sequence[Fait]) -> list[tuple[str, str]]:
    """The birth of each implicit refusal, without and with the days of suspension."""
    found = couverture(as_entries(facts), date(2025, 12, 31)).refus_implicites
    return [(f"{each.ne_le}", f"{each.suspendu_jusqu_au or each.ne_le}") for each in found]


def test_t10_the_silence_has_two_dates_and_ends_no_duty() -> None:
    """Twenty days of suspension put off the implicit refusal by twenty days; the certificate is owed before and after."""
    told = [CARTE, A_TEMPS, CENT, LU, repondu("2025-10-29")]
    assert silence(told[:2]) == [("2025-11-01", "2025-11-01")]
    assert silence(told) == [("2025-11-01", "2025-11-21")]
    assert reponses(told[:2], "2025-12-31") == [("2025-10-01", "2025-12-31", ADMIN)]
    assert reponses(told, "2025-12-31") == [("2025-10-01", "2025-10-28", DISCUTE), ("2025-10-29", "2025-12-31", ADMIN)]


def test_t10_a_certificate_presumes_the_file_complete_and_both_dates_stay() -> None:
    """Unanswered, then a certificate: the file is presumed complete from that day, and both dates are still shown."""
    told = [CARTE, A_TEMPS, CENT, LU, attestation("2025-11-20", "2025-12-09")]
    assert reponses(told, "2025-12-31") == [
        ("2025-10-01", "2025-11-08", DISCUTE),
        ("2025-11-09", "2025-11-19", USAGER),
        ("2025-12-10", "2025-12-31", ADMIN),
    ]
    assert silence(told) == [("2025-11-01", "2025-12-01")]

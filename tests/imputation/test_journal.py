"""Who holds a dossier each day: the worked cases by hand, and the laws of a partition over generated lives."""

from datetime import date, timedelta
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.days import Jours
from ledger.entry import Entry
from ledger.events.cloture import DossierClosParAgent, DossierRouvert
from ledger.events.instruction import ComplementDemande, ComplementOuvert, ComplementRepondu, RendezVousManque
from ledger.events.listes import ObjetRendezVous, PartieAbsente
from ledger.events.parts import PieceDemandee
from ledger.events.support import CccContacte, SignalementTransmisDgef, SubstitutionDemandee
from ledger.events.titre import CartePrete, FabricationCarteCommandee
from ledger.events.types import Grade
from ledger.retained import holding
from projections.imputation.journal import journal
from projections.imputation.tenue import Tenue, TenuPar
from tests.imputation.vies_dues import OBSERVED, carte, etrangers, graded, jour, tentative, vies
from tests.projections.test_couverture_lois import lives, write
from tests.projections.vies import adf, api, demande, e, favorable, refus
from tests.samples.test_samples import BY_CASE, as_entries, facts

PERSONNE, USAGER, ADMINISTRATION = TenuPar.PERSONNE, TenuPar.USAGER, TenuPar.ADMINISTRATION
TIERS, DISPUTE = TenuPar.TIERS, TenuPar.DISPUTE


def de_cas(case: str) -> tuple[Tenue, ...]:
    """The day ledger of a sample person on the day of observation."""
    told = [fait for fait in facts("cas.jsonl") if fait.personne == BY_CASE[case]["personne"]]
    return journal(holding(as_entries(told)), date.fromisoformat(BY_CASE[case]["observe_le"]))


def mains(found: tuple[Tenue, ...], dossier: str | None) -> list[tuple[TenuPar, str]]:
    """The holders of one dossier one after the other, each with its first day."""
    mine = [each for each in found if each.dossier == dossier]
    return [
        (holder, min(each.du for each in group).isoformat())
        for holder, group in ((k, list(g)) for k, g in groupby(mine, key=lambda each: each.tenu_par))
    ]


def le(found: tuple[Tenue, ...], day: str, dossier: str | None = "D-1") -> Tenue:
    """What is told of one day."""
    wanted = date.fromisoformat(day)
    (held,) = [each for each in found if each.dossier == dossier and each.du <= wanted < each.avant]
    return held


CAS = {
    "C01": [(PERSONNE, "2024-10-01"), (USAGER, "2025-06-02"), (ADMINISTRATION, "2025-07-01")],
    "N01": [
        (PERSONNE, "2024-09-16"),
        (USAGER, "2025-05-18"),
        (ADMINISTRATION, "2025-09-01"),
        (PERSONNE, "2025-11-24"),
    ],
    "M02": [
        (PERSONNE, "2024-05-03"),
        (USAGER, "2025-01-02"),
        (ADMINISTRATION, "2025-02-28"),
        (USAGER, "2025-03-07"),
        (ADMINISTRATION, "2025-04-22"),
        (PERSONNE, "2025-06-16"),
    ],
    "C05": [(PERSONNE, "2024-08-30"), (USAGER, "2025-05-03"), (ADMINISTRATION, "2025-05-20")],
    "C04": [(DISPUTE, "2023-09-04"), (ADMINISTRATION, "2023-09-18")],
    "M03": [(PERSONNE, "2025-01-13"), (USAGER, "2025-01-21"), (ADMINISTRATION, "2025-03-17")],
    "N03": [(PERSONNE, "2023-12-01"), (USAGER, "2024-08-02"), (ADMINISTRATION, "2025-07-01")],
    "N05": [
        (PERSONNE, "2024-07-01"),
        (USAGER, "2025-03-02"),
        (ADMINISTRATION, "2025-04-10"),
        (PERSONNE, "2025-06-11"),
    ],
}


@pytest.mark.parametrize("case", CAS)
def test_the_hands_of_the_worked_cases(case: str) -> None:
    """Each worked case passes from hand to hand on the days that its facts and the texts say."""
    found = de_cas(case)
    assert mains(found, BY_CASE[case]["dossiers"][0]) == CAS[case]
    assert found[-1].avant == date.fromisoformat(BY_CASE[case]["observe_le"]) + timedelta(days=1)


def test_a_breach_is_told_apart_from_an_examination() -> None:
    """C01: the 42 days without the certificate are the administration's for another reason, and another article."""
    breach = [each for each in de_cas("C01") if "Non fait" in each.motif]
    assert [(f"{each.du}", f"{each.avant}") for each in breach] == [("2025-10-01", "2025-11-12")]
    assert any("R.431-15-1" in each for each in breach[0].articles)
    assert breach[0].entries


def test_every_day_held_says_why() -> None:
    """Each interval of the worked cases has its sentence, and rests on an article and on facts unless nobody holds it."""
    for case in CAS:
        for each in de_cas(case):
            assert each.motif.endswith(".")
            assert each.tenu_par is PERSONNE or (each.articles and each.entries)


def test_the_next_application_begins_with_the_new_card() -> None:
    """C02: after the card, the dossier is nobody's, and the application to come has its own days."""
    found = de_cas("C02")
    assert mains(found, "D-C02-1")[-1] == (PERSONNE, "2025-10-20")
    assert mains(found, None) == [(PERSONNE, "2025-10-20"), (USAGER, "2027-06-21")]


def pieces(*more: Entry) -> list[Entry]:
    """A renewal in which a binding request for pieces is made on 20 July, to be answered by 31 August."""
    request = ComplementDemande(
        complement="C-1",
        demande_le=Jours.lire("2025-07-20"),
        pieces=(PieceDemandee(nom="Bail", texte="CESEDA annexe 10"),),
        echeance=Jours.lire("2025-08-31"),
    )
    return [carte(), demande("2025-07-01"), e("D-1", "2025-07-20", request), *more]


OPENED = e("D-1", "2025-07-25", ComplementOuvert(complement="C-1"))
ANSWERED = e("D-1", "2025-08-10", ComplementRepondu(complement="C-1", toutes_les_pieces=True))


def test_a_request_that_was_read_is_in_her_hands_until_answered() -> None:
    """CRPA L.114-5: from the day she opened it to the eve of the answer, late or not."""
    answered = journal(pieces(OPENED, ANSWERED), date(2025, 9, 15))
    assert [le(answered, day).tenu_par for day in ("2025-07-24", "2025-07-25", "2025-08-09", "2025-08-10")] == [
        ADMINISTRATION,
        USAGER,
        USAGER,
        ADMINISTRATION,
    ]
    silent = journal(pieces(OPENED), date(2025, 9, 15))
    assert le(silent, "2025-08-31").tenu_par is le(silent, "2025-09-01").tenu_par is USAGER
    assert "Non fait par la personne" in le(silent, "2025-09-01").motif


def test_a_request_that_nobody_shows_read_leaves_the_dossier_where_it_is() -> None:
    """Until its limit the administration goes on holding it; after it, what is due is only alleged."""
    unread = journal(pieces(), date(2025, 9, 15))
    assert le(unread, "2025-08-31").tenu_par is ADMINISTRATION
    assert le(unread, "2025-09-01").tenu_par is DISPUTE


def test_a_refusal_ends_the_waiting_for_pieces() -> None:
    """Once it is decided, nobody waits for the pieces any longer."""
    found = journal(pieces(OPENED, refus("2025-09-10")), date(2025, 9, 20))
    assert [le(found, day).tenu_par for day in ("2025-09-10", "2025-09-11")] == [USAGER, PERSONNE]


def test_a_document_that_presumes_the_file_complete_ends_the_waiting_for_pieces() -> None:
    """Late with her pieces until a certificate is given; when that one runs out, its renewal is what is missing."""
    found = journal([*pieces(OPENED), api("2025-10-01", "2025-10-31")], date(2025, 11, 30))
    assert [le(found, day).tenu_par for day in ("2025-09-30", "2025-10-01", "2025-11-15")] == [
        USAGER,
        ADMINISTRATION,
        ADMINISTRATION,
    ]
    assert "Non fait par l'administration" in le(found, "2025-11-15").motif


def test_a_closed_file_awaits_no_pieces() -> None:
    """Closed on the second day of lateness, the file is awaited of her no longer, until it is opened again."""
    closed = e("D-1", "2025-09-02", DossierClosParAgent(clos_le=Jours.lire("2025-09-02")))
    opened = e("D-1", "2025-09-10", DossierRouvert(rouvert_le=Jours.lire("2025-09-10")))
    found = journal(pieces(OPENED, closed, opened), date(2025, 9, 20))
    days = ("2025-09-02", "2025-09-03", "2025-09-09", "2025-09-10")
    assert [le(found, day).tenu_par for day in days] == [USAGER, ADMINISTRATION, ADMINISTRATION, USAGER]


def test_both_in_breach_is_disputed() -> None:
    """Filing was impossible, and she was not at the appointment that was given her instead."""
    missed = RendezVousManque(objet=ObjetRendezVous.SUBSTITUTION, partie_absente=PartieAbsente.USAGER)
    found = journal(
        [
            carte(),
            tentative(-87),
            tentative(-72),
            e("I-1", jour(-67), SubstitutionDemandee(dossier="D-1")),
            e("D-1", jour(-29), missed),
        ],
        date.fromisoformat(jour(0)),
    )
    assert le(found, jour(-30)).tenu_par is ADMINISTRATION
    held = le(found, jour(-29))
    assert held.tenu_par is DISPUTE
    assert "Non fait par la personne" in held.motif
    assert "Non fait par l'administration" in held.motif


def test_a_breach_that_is_only_declared_is_disputed() -> None:
    """One attempt that the person alone tells establishes no impossibility."""
    attempt = graded(tentative(-100), Grade.D)
    found = journal([carte(), attempt, demande(jour(-90))], date.fromisoformat(jour(0)))
    assert le(found, jour(-101)).tenu_par is USAGER
    assert le(found, jour(-100)).tenu_par is DISPUTE
    assert le(found, jour(-99)).tenu_par is USAGER


def test_a_filing_day_that_is_not_exact_is_disputed() -> None:
    """From the first day on which it may have been filed to the eve of the last."""
    found = journal([carte(), demande("2025-07-01/2025-07-05")], date(2025, 8, 1))
    days = ("2025-06-30", "2025-07-01", "2025-07-04", "2025-07-05")
    assert [le(found, day).tenu_par for day in days] == [USAGER, DISPUTE, DISPUTE, ADMINISTRATION]


def test_a_card_being_made_is_held_by_its_maker() -> None:
    """From the order to the eve of the notice that it is ready; then nothing more is due in the dossier."""
    life = [
        carte(),
        demande("2025-07-01"),
        favorable("2025-08-01"),
        adf("2025-08-01"),
        e("D-1", "2025-08-05", FabricationCarteCommandee(dossier="D-1")),
        e("D-1", "2025-09-01", CartePrete(dossier="D-1")),
    ]
    found = journal(life, date(2025, 9, 10))
    days = ("2025-07-31", "2025-08-01", "2025-08-05", "2025-08-31", "2025-09-01")
    assert [le(found, day).tenu_par for day in days] == [ADMINISTRATION, PERSONNE, TIERS, TIERS, PERSONNE]


def test_a_ticket_sent_up_is_held_by_who_must_solve_it() -> None:
    """Before filing, a ticket at the central administration takes the dossier out of her hands; filing ends that."""
    life = [
        carte(),
        e("I-1", jour(-110), CccContacte(ticket="T", dossier="D-1")),
        e("I-1", jour(-108), SignalementTransmisDgef(ticket="T")),
        demande(jour(-90)),
    ]
    found = journal(life, date.fromisoformat(jour(0)))
    assert [le(found, jour(n)).tenu_par for n in (-109, -108, -91, -90)] == [USAGER, TIERS, TIERS, ADMINISTRATION]


def assert_partition(found: tuple[Tenue, ...], au: date) -> None:
    """Assert that each dossier's intervals follow one another without a hole, up to the day after ``au``."""
    for _, group in groupby(found, key=lambda each: each.dossier):
        mine = list(group)
        assert all(each.du < each.avant for each in mine)
        assert all(one.avant == two.du for one, two in pairwise(mine))
        assert mine[-1].avant == au + timedelta(days=1)
    known = [each for each, _ in groupby(found, key=lambda each: each.dossier)]
    assert len(known) == len(set(known))


@given(life=vies(), au=OBSERVED)
def test_each_day_of_a_renewal_has_one_holder(life: list[Entry], au: date) -> None:
    """The intervals are a partition of the days, and the dossier begins with its first fact."""
    found = journal(life, au)
    assert_partition(found, au)
    first = min(entry.fait.survenu.jours.premier for entry in life)
    assert not found or min(each.du for each in found) == first


@given(told=lives(), au=st.integers(0, 200).map(lambda n: date(2025, 1, 1) + timedelta(days=n)))
def test_each_day_of_any_life_has_one_holder(told: list, au: date) -> None:  # type: ignore[type-arg]
    """The same over lives of any documents and acts in two dossiers."""
    assert_partition(journal(write(told), au), au)


@given(life=vies(), au=OBSERVED, data=st.data())
def test_the_order_of_the_entries_changes_nothing(life: list[Entry], au: date, data: st.DataObject) -> None:
    """Any permutation gives the same days."""
    assert journal(data.draw(st.permutations(life)), au) == journal(life, au)


@given(life=vies(), au=OBSERVED, day=st.integers(-400, 200))
def test_a_fact_that_is_not_of_the_dossier_changes_nothing(life: list[Entry], au: date, day: int) -> None:
    """A login, a file read and a file exported leave every day as it was."""
    assert journal([*life, *etrangers(day)], au) == journal(life, au)

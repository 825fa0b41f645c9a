"""What rules count is noted when somebody asks, under the name of the rule that counted; never otherwise."""

from datetime import date

import pytest

from rules import ceseda_r431_5_fenetre, ceseda_r431_15_1_attestation, cja_r421_1_delai_franc, crpa_r112_11_2_accuses
from rules.calcul import Operation, decaler, lendemain, noter, quantieme
from rules.jours_ouvres import premier_ouvre


def test_an_operation_is_noted_under_the_rule_that_made_it() -> None:
    """Start, how much, of what, end: as the rule did it, tools of dates standing for nobody."""
    with noter() as found:
        ceseda_r431_5_fenetre.fenetre(date(2025, 9, 30))
        ceseda_r431_15_1_attestation.due_des(date(2025, 9, 30))
    assert found == [
        Operation("ceseda_r431_5_fenetre", date(2025, 9, 30), -120, "jours", date(2025, 6, 2)),
        Operation("ceseda_r431_5_fenetre", date(2025, 9, 30), -60, "jours", date(2025, 8, 1)),
        Operation("ceseda_r431_15_1_attestation", date(2025, 9, 30), 1, "jours", date(2025, 10, 1)),
    ]


@pytest.mark.parametrize(
    ("day", "put_off", "end"),
    [(date(2025, 11, 10), 0, date(2025, 11, 10)), (date(2025, 11, 8), 2, date(2025, 11, 10)),
     (date(2025, 11, 11), 1, date(2025, 11, 12))],
)  # fmt: skip
def test_a_day_that_is_put_off_says_by_how_much(day: date, put_off: int, end: date) -> None:
    """A working day, a Saturday, a holiday: one note each, whatever was tried on the way."""
    with noter() as found:
        assert premier_ouvre(day) == end
    assert found == [Operation("", day, put_off, "report", end)]


def test_working_days_and_chained_operations_are_whole() -> None:
    """Of a rule that counts working days, one note; of one that counts months then puts off, each in its order."""
    with noter() as found:
        crpa_r112_11_2_accuses.accuse_enregistrement_du_le(date(2025, 11, 5))
        cja_r421_1_delai_franc.dernier_jour(date(2025, 9, 7))
    assert {each.unite for each in found} == {"jours ouvrés", "mois", "jours", "report"}
    starts = {each.depart for each in found} - {each.fin for each in found}
    assert starts == {date(2025, 11, 5), date(2025, 9, 7)}
    assert all(each.fin == quantieme(each.depart, each.nombre) for each in found if each.unite == "mois")


def test_nothing_is_noted_unless_it_is_asked_for() -> None:
    """Neither before, nor after, nor in a block inside that notes for itself."""
    quantieme(date(2025, 1, 31), 1)
    with noter() as outer:
        lendemain(date(2025, 1, 1))
        with noter() as inner:
            decaler(date(2025, 1, 1), 3)
    lendemain(date(2025, 1, 5))
    assert [each.fin for each in outer] == [date(2025, 1, 2)]
    assert [each.fin for each in inner] == [date(2025, 1, 4)]

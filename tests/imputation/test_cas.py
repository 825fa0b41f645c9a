"""The thirteen worked cases: every uncovered day is due to whom it is due, to the day, and the other layers with it."""

from datetime import date
from typing import Final

import pytest

from ledger.entry import Entry
from ledger.retained import holding
from projections.imputation.calcul import attributions, obligations
from projections.imputation.modeles import Attribution, Imputation, Partie, Statut
from tests.samples.test_samples import BY_CASE, BY_DECISION, as_entries, facts

ATTENDU: Final[dict[str, list[tuple[str, str, str, bool, bool]]]] = {
    "C01": [("2025-10-01", "2025-11-11", "ADMINISTRATION", True, False)],
    "C02": [("2025-07-01", "2025-07-27", "ADMINISTRATION", True, False)],
    "C04": [("2024-03-18", "2024-06-23", "ADMINISTRATION", True, False)],
    "C05": [("2025-09-01", "2025-09-21", "ADMINISTRATION", True, False)],
    "C06": [("2025-06-16", "2025-07-21", "ADMINISTRATION", True, False)],
    "C09": [],
    "N01": [("2025-09-16", "2025-11-23", "APPLICANT", False, True)],
    "N03": [("2024-12-01", "2025-09-30", "APPLICANT", False, True)],
    "N04": [],
    "N05": [],
    "N07": [("2025-12-31", "2026-01-19", "APPLICANT", False, True)],
    "M02": [("2025-05-03", "2025-06-15", "SHARED", True, True)],
    "M03": [
        ("2025-02-01", "2025-03-16", "APPLICANT", False, True),
        ("2025-03-17", "2025-04-06", "ADMINISTRATION", True, False),
    ],
}
CAUSES: Final[dict[str, set[str]]] = {
    "C01": {"attestation_prolongation"},
    "C02": {"attestation_prolongation"},
    "C04": {"attestation_protege", "carte_protege"},
    "C05": {"depot_possible", "substitution"},
    "C06": {"depot_possible", "substitution"},
    "N01": {"depot_dans_la_fenetre"},
    "N03": {"depot_dans_la_fenetre"},
    "N07": {"depot_dans_la_fenetre"},
    "M02": {"depot_possible", "depot_dans_la_fenetre"},
    "M03": {"depot_protege", "attestation_protege"},
}


def life(case: str) -> tuple[list[Entry], date]:
    """The holding facts of a worked case or of a decision, and the day from which it is seen."""
    expected = BY_CASE.get(case) or BY_DECISION[case]
    names = ("cas.jsonl",) if case in BY_CASE else ("decisions.jsonl",)
    told = [fait for name in names for fait in facts(name) if fait.personne == expected["personne"]]
    return holding(as_entries(told)), date.fromisoformat(expected["observe_le"])


def found(case: str, couche: str = "preuve") -> list[Attribution]:
    """The attributions of one layer of a case."""
    return [each for each in attributions(*life(case)) if each.couche == couche]


@pytest.mark.parametrize("case", ATTENDU)
def test_every_uncovered_day_is_attributed_to_the_day(case: str) -> None:
    """Interval, attribution and both counterfactuals are those of the worked case."""
    told = [each for each in found(case) if each.imputation is not Imputation.END_OF_RIGHT_BY_DECISION]
    assert [
        (f"{each.du}", f"{each.au}", each.imputation.value, each.cf_administration, each.cf_usager) for each in told
    ] == ATTENDU[case]
    assert {each.statut for each in told} <= {Statut.ETABLI}


@pytest.mark.parametrize("case", CAUSES)
def test_each_conclusion_names_the_breaches_that_suffice(case: str) -> None:
    """A conclusion that is right for a wrong reason is wrong: the breaches replayed are those of the case."""
    causes = [cause for each in found(case) for cause in each.causes]
    assert {cause.code for cause in causes} == CAUSES[case]
    assert all(cause.suffit and cause.suppose for cause in causes)


def test_c04_other_layers() -> None:
    """Sayed: ninety-one days cut from a certificate, a card due since December, three losses that begin in the gap."""
    [duree] = found("C04", "duree")
    assert (f"{duree.du}", f"{duree.au}", duree.jours) == ("2024-09-24", "2024-12-23", 91)
    [delai] = found("C04", "delai")
    assert (f"{delai.du}", delai.ouvert) == ("2023-12-05", True)
    effects = found("C04", "effets")
    assert [f"{each.du}" for each in effects] == ["2024-04-12", "2024-04-15", "2024-05-01"]
    assert {each.imputation for each in (duree, delai, *effects)} == {Imputation.ADMINISTRATION}
    assert [each.statut for each in effects] == [Statut.PROBABLE, Statut.ETABLI, Statut.ETABLI]


def test_c09_a_loss_on_covered_days_is_the_third_party_s() -> None:
    """The benefit stopped while a certificate proved the stay: the third party's own act, never the préfecture's."""
    [effect] = found("C09", "effets")
    assert (f"{effect.du}", f"{effect.au}", effect.jours) == ("2025-06-01", "2025-07-14", 44)
    assert effect.imputation is Imputation.THIRD_PARTY


def test_n05_an_end_of_right_is_classed_apart() -> None:
    """After a notified refusal the days belong to nobody's breach."""
    [end] = found("N05")
    assert (f"{end.du}", end.imputation, end.ouvert) == ("2025-07-01", Imputation.END_OF_RIGHT_BY_DECISION, True)
    assert (end.cf_administration, end.cf_usager, end.causes) == (None, None, ())


def test_m02_blocked_days_put_the_window_off() -> None:
    """Seven blocked days: the window that closed on 3 March closes on 10 March for her."""
    [owed] = [each for each in obligations(*life("M02")) if each.code == "depot_dans_la_fenetre"]
    assert (owed.debiteur, f"{owed.au}") == (Partie.USAGER, "2025-03-10")
    assert [(f"{each.du}", f"{each.au}") for each in owed.manquements] == [("2025-03-11", "2025-04-21")]


@pytest.mark.parametrize("case", BY_DECISION)
def test_told_facts_alone_establish_nothing(case: str) -> None:
    """What is only reported by others, or dated by intervals, is never shown as established."""
    assert Statut.ETABLI not in {each.statut for each in found(case)}


@pytest.mark.parametrize("case", [*ATTENDU, *BY_DECISION])
def test_every_sentence_is_backed(case: str) -> None:
    """Each finding rests on a fact, an article or a search; what opposes the conclusion, or that nothing does, is told."""
    for each in attributions(*life(case)):
        for link in (*each.chaine, *each.contre):
            backed = link.entries or link.articles or link.recherche is not None
            assert backed or link.code in {"aucun_manquement", "jours_sans_preuve", "couverture_inconnue"}, link
        assert each.ne_prouve_pas
        if each.couche == "preuve" and each.imputation is not Imputation.END_OF_RIGHT_BY_DECISION:
            assert each.contre
        if each.imputation is Imputation.UNDETERMINED:
            assert each.preuves_manquantes
        assert "faute" not in " ".join(link.texte for link in (*each.chaine, *each.contre)).lower()

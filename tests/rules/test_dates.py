"""The date vectors of the legal ground, computed beforehand, and the laws that hold for every date."""

from calendar import monthrange
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.days import Quand
from ledger.events.types import StatutProtection, TypeTitre
from rules import (
    ceseda_l411_2_fin_de_droit,
    ceseda_l424_1_protection,
    ceseda_l433_3_maintien,
    ceseda_r431_5_fenetre,
    ceseda_r431_8_six_mois,
    ceseda_r431_15_1_attestation,
    ceseda_r431_15_3_refugie,
    ceseda_r432_1_silence,
    cja_r421_1_delai_franc,
    crpa_l112_12_opposabilite,
    crpa_r112_11_2_accuses,
    jours_ouvres,
)
from rules.base import quantieme
from rules.ceseda_l433_3_maintien import Alinea
from rules.ceseda_r431_5_fenetre import Moment

DATES = st.dates(date(1950, 1, 1), date(2150, 12, 31))


def day(text: str) -> date:
    """The day that ``text`` writes."""
    return date.fromisoformat(text)


EXPIRIES = [
    ("2024-02-29", "2023-11-01", "2023-12-31", "2024-05-29", "2024-08-29"),
    ("2024-04-30", "2024-01-01", "2024-03-01", "2024-07-30", "2024-10-30"),
    ("2024-11-30", "2024-08-02", "2024-10-01", "2025-02-28", "2025-05-30"),
    ("2024-12-31", "2024-09-02", "2024-11-01", "2025-03-31", "2025-06-30"),
    ("2025-01-31", "2024-10-03", "2024-12-02", "2025-04-30", "2025-07-31"),
    ("2025-06-29", "2025-03-01", "2025-04-30", "2025-09-29", "2025-12-29"),
    ("2026-02-28", "2025-10-31", "2025-12-30", "2026-05-28", "2026-08-28"),
]


@pytest.mark.parametrize(("expire", "ouvre", "ferme", "maintien", "six_mois"), EXPIRIES)
def test_les_vecteurs_d_expiration(expire: str, ouvre: str, ferme: str, maintien: str, six_mois: str) -> None:
    """Fenêtre, maintien de trois mois et limite de six mois tombent aux jours calculés d'avance."""
    last = day(expire)
    assert ceseda_r431_5_fenetre.fenetre(last) == (day(ouvre), day(ferme))
    assert ceseda_l433_3_maintien.fin(last) == day(maintien)
    assert ceseda_r431_8_six_mois.limite(last) == day(six_mois)


FILINGS = [
    ("2024-08-31", "2024-12-31", "2024-11-29", "2024-10-30", "2025-03-03"),
    ("2024-10-31", "2025-02-28", "2025-01-29", "2024-12-30", "2025-04-29"),
    ("2024-12-29", "2025-04-29", "2025-03-29", "2025-02-27", "2025-06-30"),
    ("2025-01-15", "2025-05-15", "2025-04-15", "2025-03-16", "2025-07-16"),
    ("2025-06-30", "2025-10-30", "2025-09-28", "2025-08-29", "2025-12-31"),
    ("2025-03-20", "2025-07-20", None, None, "2025-09-22"),
]


@pytest.mark.parametrize(("depot", "quatre_mois", "jours_90", "jours_60", "recours"), FILINGS)
def test_les_vecteurs_du_silence_et_du_recours(
    depot: str, quatre_mois: str, jours_90: str | None, jours_60: str | None, recours: str
) -> None:
    """Refus implicite à quatre mois, 90 et 60 jours ; dernier jour franc pour l'attaquer, le plus court montré."""
    filed, silence = day(depot), ceseda_r432_1_silence
    assert silence.QUATRE_MOIS.naissance(filed) == day(quatre_mois)
    if jours_90 is not None and jours_60 is not None:
        assert silence.JOURS_90.naissance(filed) == day(jours_90)
        assert silence.JOURS_60.naissance(filed) == day(jours_60)
    assert cja_r421_1_delai_franc.dernier_jour(day(quatre_mois)) == day(recours)


def test_les_deux_facons_de_compter_un_depart_en_fin_de_mois() -> None:
    """Du 28 février : 29 avril, ou 1er mai, férié, donc 2 mai ; la plus courte vient d'abord."""
    assert cja_r421_1_delai_franc.derniers_jours(day("2025-02-28")) == (day("2025-04-29"), day("2025-05-02"))


@pytest.mark.parametrize(
    ("envoi", "enregistrement", "reception"),
    [
        ("2025-04-18", "2025-04-22", "2025-05-06"),
        ("2025-04-30", "2025-05-02", "2025-05-16"),
        ("2025-12-24", "2025-12-26", "2026-01-09"),
    ],
)
def test_les_vecteurs_des_accuses(envoi: str, enregistrement: str, reception: str) -> None:
    """Un et dix jours ouvrés, fêtes légales comprises ; le vendredi saint est ouvré, le lundi de Pâques non."""
    sent = day(envoi)
    assert crpa_r112_11_2_accuses.accuse_enregistrement_du_le(sent) == day(enregistrement)
    assert crpa_r112_11_2_accuses.accuse_reception_du_le(sent) == day(reception)


def test_t01_le_jour_du_depot_est_celui_de_paris() -> None:
    """T01 : 21:59:30Z le 1er août est dans la fenêtre, 22:00:30Z est déjà le 2 août, hors délai."""
    expiry = day("2025-09-30")
    inside, outside = (Quand.lire(f"2025-08-01T{hour}Z").jours for hour in ("21:59:30", "22:00:30"))
    assert ceseda_r431_5_fenetre.moment(inside.premier, expiry) is Moment.DANS_LA_FENETRE
    assert ceseda_r431_5_fenetre.moment(outside.premier, expiry) is Moment.TARDIF


@pytest.mark.parametrize(
    ("before", "expected"),
    [(121, Moment.TROP_TOT), (120, Moment.DANS_LA_FENETRE), (60, Moment.DANS_LA_FENETRE), (59, Moment.TARDIF),
     (0, Moment.TARDIF), (-1, Moment.APRES_EXPIRATION)],
)  # fmt: skip
def test_t02_les_deux_bornes_de_la_fenetre_sont_incluses(before: int, expected: Moment) -> None:
    """T02 : D-120 et D-60 sont dans la fenêtre ; D-121 est trop tôt, D-59 trop tard."""
    expiry = day("2025-09-30")
    assert ceseda_r431_5_fenetre.moment(expiry - timedelta(days=before), expiry) is expected


def test_hors_teleservice_la_fenetre_est_de_deux_mois_jusqu_a_l_expiration() -> None:
    """Pour un titre hors du téléservice, les deux mois qui précèdent l'expiration, celle-ci comprise."""
    assert ceseda_r431_5_fenetre.fenetre(day("2025-04-30"), teleservice=False) == (day("2025-02-28"), day("2025-04-30"))


@pytest.mark.parametrize(
    ("depot", "exigible"),
    [("2025-07-01", "2025-10-01"), ("2025-08-01", "2025-10-01"), ("2025-08-02", None), ("2025-05-01", "2025-10-01")],
)
def test_l_attestation_est_exigible_le_lendemain_de_l_expiration(depot: str, exigible: str | None) -> None:
    """Exigible du lendemain de l'expiration pour un dépôt à temps, même trop tôt ; jamais pour un dépôt tardif."""
    due = ceseda_r431_15_1_attestation.exigible_le(day(depot), day("2025-09-30"))
    assert due == (None if exigible is None else day(exigible))


@pytest.mark.parametrize(("au", "over"), [("2025-08-05", False), ("2025-08-07", False), ("2025-08-08", True)])
def test_l_attestation_ne_depasse_pas_trois_mois(au: str, over: bool) -> None:
    """Trois mois au plus : 90 jours réels passent, un jour de trop se voit."""
    assert ceseda_r431_15_1_attestation.duree_depassee(day("2025-05-07"), day(au)) is over


def test_le_refugie_a_six_mois_et_ce_qui_manque_se_compte() -> None:
    """C04 : due le jour de la demande ; six mois promis jusqu'au 23 décembre, trois donnés : 91 jours manquent."""
    rule = ceseda_r431_15_3_refugie
    assert rule.exigible_le(day("2023-09-18")) == day("2023-09-18")
    assert rule.fin_promise(day("2023-09-18")) == day("2024-03-17")
    missing = rule.jours_manquants(day("2024-06-24"), day("2024-09-23"))
    assert missing == (day("2024-09-24"), day("2024-12-23"))
    assert (missing[1] - missing[0]).days + 1 == 91
    assert rule.jours_manquants(day("2023-09-18"), day("2024-03-17")) is None


def test_la_carte_du_refugie_est_due_sous_trois_mois() -> None:
    """R.424-1 : reconnu le 4 septembre, due le 4 décembre ; le 13 janvier donne le dimanche 13 avril, non reporté."""
    assert ceseda_l424_1_protection.carte_due_le(day("2023-09-04")) == day("2023-12-04")
    assert ceseda_l424_1_protection.carte_due_le(day("2025-01-13")) == day("2025-04-13")
    assert set(ceseda_l424_1_protection.PAR_STATUT) == set(StatutProtection)


def test_six_mois_apres_l_expiration_le_dernier_jour_est_encore_a_temps() -> None:
    """R.431-8 : le 30 mai est à temps, le 31 ne l'est plus."""
    rule = ceseda_r431_8_six_mois
    assert not rule.hors_delai(day("2025-05-30"), day("2024-11-30"))
    assert rule.hors_delai(day("2025-05-31"), day("2024-11-30"))


def test_la_fin_de_droit_commence_le_lendemain_de_la_notification() -> None:
    """L.411-2 : notifié le 10 juin, premier jour le 11."""
    assert ceseda_l411_2_fin_de_droit.premier_jour(day("2025-06-10")) == day("2025-06-11")


@pytest.mark.parametrize(
    ("motif", "fondement", "labels"),
    [
        (None, None, ["4 mois"]),
        ("vie privée et familiale", None, ["4 mois"]),
        ("Étudiante", None, ["90 jours si titre étudiant", "4 mois"]),
        ("recherche d'emploi ou création d'entreprise", None, ["90 jours si recherche d'emploi", "4 mois"]),
        (None, "CESEDA R.422-12", ["90 jours"]),
        ("étudiant", "CESEDA R.421-26", ["60 jours"]),
        (None, "CESEDA R.422-50", ["4 mois"]),
        (None, "CESEDA L.423-7", ["4 mois"]),
    ],
)
def test_le_delai_de_silence_depend_du_titre(motif: str | None, fondement: str | None, labels: list[str]) -> None:
    """Un article cité décide ; un motif seul donne les deux délais ; rien ne donne quatre mois."""
    assert [each.libelle for each in ceseda_r432_1_silence.delais(motif, fondement)] == labels


@pytest.mark.parametrize(
    ("answer", "days"), [(None, 30), ("2025-06-19", 10), ("2025-08-01", 30), ("2025-06-09", 0), ("2025-06-01", 0)]
)
def test_la_suspension_ne_depasse_pas_le_temps_donne(answer: str | None, days: int) -> None:
    """CRPA L.114-5 : de la demande à la réponse, au plus jusqu'à l'échéance, jamais moins que zéro."""
    given_to = day("2025-07-09")
    found = ceseda_r432_1_silence.jours_suspendus(day("2025-06-09"), given_to, None if answer is None else day(answer))
    assert found == days
    assert ceseda_r432_1_silence.suspendu_jusqu_au(day("2025-07-01"), found) == day("2025-07-01") + timedelta(days=days)


@pytest.mark.parametrize(
    ("mentions", "opposable"),
    [(None, False), ([], None), ([True, True], True), ([True, False], False), ([True, None], None),
     ([None, False], False)],
)  # fmt: skip
def test_l_accuse_incomplet_rend_le_delai_inopposable(
    mentions: list[bool | None] | None, opposable: bool | None
) -> None:
    """Sans accusé ou sans une mention : inopposable ; une mention dont on ne sait rien laisse la question ouverte."""
    assert crpa_l112_12_opposabilite.opposable(mentions) is opposable


@given(length=st.none() | st.integers(0, 12))
def test_un_alinea_ne_couvre_jamais_sans_raison(length: int | None) -> None:
    """L'alinéa 2 suppose un département listé et une CST ou une CSP ; l'alinéa 1, une carte qu'il nomme."""
    for kind, listed, treaty in product(TypeTitre, (None, True, False), (True, False)):
        found = ceseda_l433_3_maintien.alinea(kind, length, stipulation_internationale=treaty, departement_liste=listed)
        if found is Alinea.AL2:
            assert listed
            assert kind in {TypeTitre.CST, TypeTitre.CSP}
        if found is Alinea.AL1:
            four = kind is TypeTitre.CSP and length == 4
            assert kind is TypeTitre.CARTE_RESIDENT or four or (treaty and (length or 0) > 1)


@given(start=DATES, months=st.integers(-60, 60))
def test_same_day_of_month_never_skips_a_month(start: date, months: int) -> None:
    """The month is always the one counted; the day is the same, or the last one of a shorter month."""
    found = quantieme(start, months)
    assert (found.year * 12 + found.month) - (start.year * 12 + start.month) == months
    assert found.day == min(start.day, monthrange(found.year, found.month)[1])


@given(first=DATES, second=DATES, months=st.integers(-24, 24))
def test_same_day_of_month_keeps_the_order(first: date, second: date, months: int) -> None:
    """A later start never gives an earlier end: bounds of an inexact date stay bounds."""
    low, high = sorted((first, second))
    assert quantieme(low, months) <= quantieme(high, months)


@given(expiry=DATES)
def test_the_window_always_has_sixty_one_days(expiry: date) -> None:
    """From day 120 to day 60 before expiry, both included: 61 days, all before expiry."""
    first, last = ceseda_r431_5_fenetre.fenetre(expiry)
    assert (last - first).days + 1 == 61
    assert last < expiry


@given(start=st.dates(date(2000, 1, 1), date(2060, 12, 31)))
def test_an_appeal_ends_on_a_working_day_by_both_ways(start: date) -> None:
    """Both ways of counting end on a working day, never before two months; the one that is shown is never the later."""
    first, last = cja_r421_1_delai_franc.derniers_jours(start)
    assert jours_ouvres.est_ouvre(first)
    assert jours_ouvres.est_ouvre(last)
    assert quantieme(start, 2) <= first <= last


def test_un_depart_fin_decembre_montre_le_dernier_jour_de_fevrier() -> None:
    """Du 28 décembre 2000 : 1er mars, ou 28 février, à défaut de 29 ; la plus courte est montrée, même sans jour de plus."""
    assert cja_r421_1_delai_franc.derniers_jours(day("2000-12-28")) == (day("2001-02-28"), day("2001-03-01"))


@given(start=st.dates(date(2000, 1, 1), date(2060, 12, 31)), days=st.integers(1, 15))
def test_working_days_are_counted_one_by_one(start: date, days: int) -> None:
    """Between a day and its n-th working day after, there are exactly n working days."""
    end = jours_ouvres.apres(start, days)
    between = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    assert sum(jours_ouvres.est_ouvre(each) for each in between) == days


@pytest.mark.parametrize(
    "holiday",
    ["2025-01-01", "2025-04-21", "2025-05-01", "2025-05-08", "2025-05-29", "2025-06-09", "2025-07-14", "2025-08-15",
     "2025-11-11", "2025-12-25", "2024-11-01"],
)  # fmt: skip
def test_the_eleven_national_holidays_are_not_working_days(holiday: str) -> None:
    """Each of the eleven national holidays that falls on a weekday is no working day."""
    assert day(holiday).weekday() < 5
    assert not jours_ouvres.est_ouvre(day(holiday))

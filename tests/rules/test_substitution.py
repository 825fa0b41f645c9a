"""The other way to file: three regimes one after the other, each with its conditions."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import ceseda_r431_2_substitution as loi
from rules import ceseda_r431_2_teleservice as teleservice
from rules.ceseda_r431_2_substitution import Condition

DATES = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("le", "source"),
    [
        (date(2021, 5, 1), None),
        (date(2022, 6, 2), None),
        (date(2022, 6, 3), loi.PONT),
        (date(2023, 3, 23), loi.PONT),
        (date(2023, 3, 24), loi.SOURCE),
        (date(2023, 8, 4), loi.SOURCE),
        (date(2023, 8, 5), loi.ARRETE),
        (date(2026, 11, 26), loi.ARRETE),
    ],
)
def test_chaque_jour_a_son_regime(le: date, source: object) -> None:
    """Rien avant le 3 juin 2022, puis la décision, l'alinéa 3 le 24 mars 2023, l'arrêté le 5 août 2023."""
    found = loi.regime(le)
    assert (None if found is None else found.source) is source


def test_un_regime_commence_avec_la_source_qui_le_fonde() -> None:
    """Aucun régime ne commence un autre jour que son texte, et aucun jour ne manque entre deux."""
    for each in loi.REGIMES:
        assert each.depuis == each.source.en_vigueur_depuis
    for one, following in zip(loi.REGIMES, loi.REGIMES[1:], strict=False):
        assert following.depuis == one.jusqu_au + timedelta(days=1)


@pytest.mark.parametrize(
    ("remplies", "due"),
    [
        ({}, None),
        ({Condition.BLOCAGE: date(2021, 9, 1)}, date(2022, 6, 3)),
        ({Condition.BLOCAGE: date(2022, 10, 10)}, date(2022, 10, 10)),
        ({Condition.BLOCAGE: date(2023, 3, 24)}, None),
        ({Condition.BLOCAGE: date(2025, 5, 20)}, None),
        ({Condition.DILIGENCES: date(2025, 6, 4)}, None),
        ({Condition.BLOCAGE: date(2025, 5, 20), Condition.DILIGENCES: date(2025, 6, 4),
          Condition.CONSTAT: date(2025, 6, 26)}, date(2025, 6, 26)),
        ({Condition.DILIGENCES: date(2023, 7, 1), Condition.CONSTAT: date(2023, 9, 1)}, date(2023, 9, 1)),
        ({Condition.DILIGENCES: date(2022, 12, 1), Condition.CONSTAT: date(2022, 12, 9)}, date(2023, 3, 24)),
    ],
)  # fmt: skip
def test_la_derniere_condition_fixe_le_jour(remplies: dict[Condition, date], due: date | None) -> None:
    """C05 : centre de contact le 4 juin, blocage attesté le 26 : dû le 26. Une condition ancienne attend son texte."""
    assert loi.due_le(remplies) == due


@given(remplies=st.dictionaries(st.sampled_from(list(Condition)), DATES))
def test_ce_qui_est_du_l_est_sous_un_regime_dont_les_conditions_sont_remplies(remplies: dict[Condition, date]) -> None:
    """Le jour trouvé a un régime, et chacune de ses conditions est remplie ce jour-là."""
    due = loi.due_le(remplies)
    if due is None:
        return
    found = loi.regime(due)
    assert found is not None
    assert all(remplies[condition] <= due for condition in found.conditions)


@pytest.mark.parametrize(
    ("le", "source"),
    [
        (date(2021, 4, 30), None),
        (date(2021, 5, 1), teleservice.TELESERVICE_2021),
        (date(2023, 3, 23), teleservice.TELESERVICE_2021),
        (date(2023, 3, 24), teleservice.TELESERVICE),
    ],
)
def test_le_premier_alinea_a_deux_versions(le: date, source: object) -> None:
    """La version de 2021 vaut jusqu'au 23 mars 2023, la suivante depuis le 24."""
    assert teleservice.version(le) is source


def test_l_accompagnement_est_du_depuis_le_texte() -> None:
    """R.431-2 al. 2 : dû le jour où la personne est empêchée, jamais avant le 1er mai 2021."""
    assert teleservice.accueil_exigible_le(date(2025, 6, 26)) == date(2025, 6, 26)
    assert teleservice.accueil_exigible_le(date(2021, 4, 30)) is None

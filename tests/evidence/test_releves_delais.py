"""Les jours d'une demande de communication, de fin de mois en année bissextile."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.delais_acces import DelaiError, Mode, delais
from rules.jours_ouvres import est_ouvre


@pytest.mark.parametrize(
    ("envoi", "refus", "cada", "cada_ouvre"),
    [
        (date(2026, 1, 15), date(2026, 2, 15), date(2026, 4, 15), date(2026, 4, 15)),
        (date(2026, 1, 31), date(2026, 2, 28), date(2026, 4, 28), date(2026, 4, 28)),
        (date(2024, 1, 31), date(2024, 2, 29), date(2024, 4, 29), date(2024, 4, 29)),
        (date(2024, 1, 29), date(2024, 2, 29), date(2024, 4, 29), date(2024, 4, 29)),
        (date(2023, 12, 31), date(2024, 1, 31), date(2024, 3, 31), date(2024, 3, 29)),  # dimanche de Pâques
        (date(2026, 5, 31), date(2026, 6, 30), date(2026, 8, 30), date(2026, 8, 28)),  # dimanche
        (date(2026, 2, 1), date(2026, 3, 1), date(2026, 5, 1), date(2026, 4, 30)),  # 1er mai
        (date(2025, 11, 30), date(2025, 12, 30), date(2026, 2, 28), date(2026, 2, 27)),  # samedi
        (date(2028, 2, 29), date(2028, 3, 29), date(2028, 5, 29), date(2028, 5, 29)),
    ],
)
def test_de_quantieme_a_quantieme(envoi: date, refus: date, cada: date, cada_ouvre: date) -> None:
    """Un mois puis deux, chacun ramené au dernier jour du mois ; la réponse, la veille du refus ; jamais de report."""
    found = delais(envoi, Mode.REMISE)
    assert (found.recue_le, found.sure) == (envoi, True)
    assert (found.refus, found.cada, found.cada_ouvre, found.rgpd) == (refus, cada, cada_ouvre, refus)
    assert found.repondre_avant == refus - timedelta(days=1)


def test_la_reception_fait_partir_les_delais() -> None:
    """Reçue plus tard, tout part de ce jour ; une lettre dont on ne sait pas la réception n'a que des jours au plus tôt."""
    sent = date(2026, 1, 30)
    early = delais(sent, Mode.RECOMMANDE)
    assert (early.recue_le, early.sure) == (sent, False)
    known = delais(sent, Mode.RECOMMANDE, date(2026, 2, 3))
    assert (known.refus, known.cada, known.sure) == (date(2026, 3, 3), date(2026, 5, 3), True)
    assert [delais(sent, each).sure for each in Mode] == [True, False, False, True]


@given(st.dates(date(1900, 1, 1), date(2199, 6, 30)), st.integers(0, 60), st.sampled_from(Mode))
def test_les_jours_au_plus_tot_ne_font_rien_manquer(envoi: date, transit: int, mode: Mode) -> None:
    """Quelle que soit la réception, aucun jour compté depuis l'envoi n'est après celui compté depuis elle."""
    received = min(envoi + timedelta(days=transit), date(2199, 6, 30))
    early, known = delais(envoi, mode), delais(envoi, mode, received)
    assert early.refus <= known.refus
    assert early.cada <= known.cada
    assert early.rgpd <= known.rgpd
    assert envoi < known.refus < known.cada <= known.cada_ouvre + timedelta(days=4)
    assert est_ouvre(known.cada_ouvre)
    assert known.cada_ouvre <= known.cada


def test_des_jours_impossibles_sont_refuses() -> None:
    """Reçue avant d'être envoyée, ou hors du calendrier du registre."""
    with pytest.raises(DelaiError, match="avant d'être envoyée"):
        delais(date(2026, 1, 2), Mode.COURRIEL, date(2026, 1, 1))
    for day in (date(1, 1, 1), date(1899, 12, 31), date(2199, 12, 31), date.max):
        with pytest.raises(DelaiError, match="calendrier"):
            delais(day, Mode.COURRIEL)

"""How the evidence is told in French: what was believed before, which sources contradict each other."""

import pytest

from app import affichage_preuve
from tests.imputation.test_conduites import A_TEMPS, CARTE, attestation
from tests.imputation.test_contestes import TARD
from tests.replay.test_passe import U01, enregistres, vue


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed since the last time, on one line, the cuts of a narrow terminal taken away."""
    return " ".join(capsys.readouterr().out.split())


def test_what_was_believed_before_is_told_with_its_instants(capsys: pytest.CaptureFixture[str]) -> None:
    """A late outage: since when the answer is known, and to whom the days were due until then."""
    affichage_preuve.preuve("P-1", vue(U01))
    told = printed(capsys)
    assert "connu depuis le 15 janvier 2026 à 10:30:00 (heure de Paris)" in told
    assert (
        "auparavant, du 1er octobre 2025 à 00:00:00 (heure de Paris) au 15 janvier 2026 à 10:30:00 (heure de Paris), le"
        " registre disait les jours du 1er octobre 2025 au 30 novembre 2025 imputables à la personne (établi)"
    ) in told


def test_days_no_longer_lost_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A certificate recorded late: no day is lost any more, and what was answered is still told."""
    given = attestation("2025-10-01", "2025-12-31")
    facts = [(CARTE, "2024-10-02"), (A_TEMPS, "2025-07-01"), (given, "2025-11-05T12:00Z")]
    affichage_preuve.preuve("P-1", vue(enregistres(facts)))
    told = printed(capsys)
    assert "aucun jour perdu à cette date jours que le registre a dits perdus et ne tient plus pour tels" in told
    assert "du 1er octobre 2025 au 5 novembre 2025 imputables à l'administration (établi)" in told


def test_each_source_s_answer_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Two filing days: the days are contested, and each answer is told with the source it follows."""
    affichage_preuve.preuve(
        "P-1", vue(enregistres([(CARTE, "2024-10-02"), (A_TEMPS, "2025-07-01"), (TARD, "2025-07-01")]))
    )
    told = printed(capsys)
    assert "61 jours, toujours en cours : imputation indéterminée (contesté)" in told
    assert (
        "D'après le fichier AGDREF (force A), dépôt de la demande en ligne : 10 septembre 2025. Alors : imputables à la"
        " personne."
    ) in told

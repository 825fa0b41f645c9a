"""What the command line prints agrees in number, as French wants it: nought and one are singular."""

from pathlib import Path

import pytest

from app import affichage
from commands.importer import Outcome, Progress
from replay.checks.report import Check, Finding, Report
from replay.rebuild import Difference, Rebuilt


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed since the last time, the thin spaces of large numbers made plain."""
    return capsys.readouterr().out.replace("\u202f", " ")


@pytest.mark.parametrize(
    ("number", "facts", "documents"),
    [
        (0, "f.jsonl : 0 fait enregistré, 0 déjà là, 0 rejeté", "documents : 1 gardé, 0 annoncé et non fourni"),
        (1, "f.jsonl : 1 fait enregistré, 1 déjà là, 1 rejeté", "documents : 1 gardé, 1 annoncé et non fourni"),
        (2, "f.jsonl : 2 faits enregistrés, 2 déjà là, 2 rejetés", "documents : 2 gardés, 2 annoncés et non fournis"),
        (
            1000,
            "f.jsonl : 1 000 faits enregistrés, 1 000 déjà là, 1 000 rejetés",
            "documents : 1 000 gardés, 1 000 annoncés et non fournis",
        ),
    ],
)
def test_an_import_s_counts(number: int, facts: str, documents: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Facts, rejects and documents are counted in the singular below two and in the plural from there on."""
    progress = Progress(lines=3 * number, recorded=number, repeated=number, rejected=number)
    outcome = Outcome(progress, 0, max(number, 1), number, None, dry_run=False)
    affichage.bilan_import(Path("f.jsonl"), outcome)
    assert printed(capsys).splitlines() == [facts, documents]


def test_a_dry_run_s_counts(capsys: pytest.CaptureFixture[str]) -> None:
    """What a dry run would record is said as that."""
    for number, facts in ((1, "1 fait à enregistrer"), (2, "2 faits à enregistrer")):
        outcome = Outcome(Progress(recorded=number), 0, 0, 0, None, dry_run=True)
        affichage.bilan_import(Path("f.jsonl"), outcome)
        assert f"f.jsonl : {facts} (essai, rien n'est écrit), 0 déjà là, 0 rejeté" in printed(capsys)


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "0 entrée dans 0 flux, 0 position scellée, 0 point de contrôle"),
        (1, "1 entrée dans 1 flux, 1 position scellée, 1 point de contrôle"),
        (2, "2 entrées dans 2 flux, 2 positions scellées, 2 points de contrôle"),
        (1000, "1 000 entrées dans 1 000 flux, 1 000 positions scellées, 1 000 points de contrôle"),
    ],
)
def test_a_verification_s_counts(number: int, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Entries, streams and positions agree with their numbers."""
    affichage.rapport(Report(entries=number, streams=number, sealed=number, checkpoints=number))
    assert printed(capsys).splitlines()[0] == told


def test_findings_past_the_bound_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """One more finding, or several, are said as what they are."""
    for more, told in ((1, "… et 1 autre"), (2, "… et 2 autres")):
        affichage.rapport(Report(findings=[Finding(Check.LIGNE, "ici", "cela")], more=more))
        assert told in printed(capsys).splitlines()


@pytest.mark.parametrize(
    ("number", "followed", "rebuilt"),
    [
        (0, "etat : 0 entrée appliquée, à jour à la position 7", "etat : 0 entrée relue, mise en place"),
        (1, "etat : 1 entrée appliquée, à jour à la position 7", "etat : 1 entrée relue, mise en place"),
        (2, "etat : 2 entrées appliquées, à jour à la position 7", "etat : 2 entrées relues, mise en place"),
    ],
)
def test_a_projection_s_counts(number: int, followed: str, rebuilt: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What a follower applied and what a rebuild read agree with their numbers."""
    affichage.suivi("etat", number, 7)
    affichage.reconstructions([Rebuilt("etat", number, 7, (), swapped=True)])
    assert printed(capsys).splitlines()[:2] == [followed, rebuilt]


def test_a_rebuild_s_differences(capsys: pytest.CaptureFixture[str]) -> None:
    """The rows that only one side has are counted, each side in its number."""
    difference = Difference("dossier", 1, 2, ("P-1",))
    affichage.reconstructions([Rebuilt("etat", 3, 3, (difference,), swapped=True)])
    assert "sans égale en face : 1 ligne d'avant, 2 lignes refaites (par exemple P-1)" in printed(capsys)

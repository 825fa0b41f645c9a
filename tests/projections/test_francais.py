"""Un jour, un nombre et un mot du registre s'écrivent en français."""

import pytest

from projections.francais import compte


@pytest.mark.parametrize(
    ("nombre", "ecrit"),
    [
        (0, "0 fait enregistré"),
        (1, "1 fait enregistré"),
        (2, "2 faits enregistrés"),
        (1000, "1\u202f000 faits enregistrés"),
        (-1, "-1 fait enregistré"),
        (1_234_567, "1\u202f234\u202f567 faits enregistrés"),
    ],
)
def test_le_pluriel_commence_a_deux(nombre: int, ecrit: str) -> None:
    """Zéro et un sont au singulier, participe compris ; les milliers sont séparés par une espace fine."""
    assert compte(nombre, "fait enregistré") == ecrit


def test_un_mot_qui_ne_change_pas() -> None:
    """« flux » et « déjà là » n'ont pas de marque du pluriel."""
    assert compte(2, "flux") == "2 flux"
    assert compte(2, "déjà là", "déjà là") == "2 déjà là"

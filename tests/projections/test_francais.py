"""Un jour, un nombre et un mot du registre s'écrivent en français."""

import pytest

from evidence import phrases
from ledger.days import Jours
from ledger.events.effet import PrestationSuspendue
from ledger.events.types import Prestation
from projections import francais
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


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("montant_centimes", 63_570, "635,70\u00a0€"),
        ("remuneration_mensuelle_centimes", 185_000, "1\u202f850,00\u00a0€"),
        ("astreinte_par_jour_centimes", 5, "0,05\u00a0€"),
        ("duree_annees", 1, "1 an"),
        ("duree_annees", 10, "10 ans"),
        ("delai_depart_jours", 30, "30 jours"),
        ("duree_minutes", 0, "0 minute"),
        ("octets", 2_048, "2\u202f048 octets"),
        ("nombre_faits", 12, None),
        ("oqtf", True, None),
        ("montant_centimes", None, None),
    ],
)
def test_un_nombre_se_lit_avec_son_unite(name: str, value: object, told: str | None) -> None:
    """Un montant gardé en centimes se lit en euros : 63 570 centimes ne sont pas 63 570 euros."""
    assert francais.mesure(name, value) == told


def test_les_champs_d_un_fait_disent_leurs_unites() -> None:
    """Dans l'historique comme dans un document."""
    event = PrestationSuspendue(prestation=Prestation.RSA, depuis_le=Jours.lire("2025-12-01"), montant_centimes=63_570)
    assert ("montant mensuel perdu", "635,70\u00a0€") in francais.champs(event)
    assert ("montant mensuel perdu", "635,70\u00a0€") in phrases.champs(event)

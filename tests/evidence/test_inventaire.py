"""L'inventaire numérote sans trou, ne renumérote jamais, et chaque pièce est dans un fichier et un seul."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from evidence.inventaire import Inventaire, Ligne, Piece


def piece(number: int, serie: str | None = None) -> Piece:
    """Une pièce fictive."""
    return Piece(libelle=f"Pièce fictive {number}", sha256=f"{number:064x}", serie=serie)


def pieces() -> st.SearchStrategy[list[Piece]]:
    """Des pièces, dont certaines de séries."""
    return st.lists(st.builds(piece, st.integers(0, 30), st.sampled_from([None, "Captures", "Bulletins"])), max_size=12)


@given(envois=st.lists(pieces(), max_size=4))
def test_un_numero_donne_ne_change_plus(envois: list[list[Piece]]) -> None:
    """Ajouter des pièces laisse les lignes et les fichiers d'avant tels quels, et numérote la suite sans trou."""
    inventaire = Inventaire()
    for envoi in envois:
        suivant = inventaire.avec(envoi)
        assert suivant.lignes[: len(inventaire.lignes)] == inventaire.lignes
        assert suivant.fichiers[: len(inventaire.fichiers)] == inventaire.fichiers
        inventaire = suivant
    assert [ligne.numero for ligne in inventaire.lignes] == list(range(1, len(inventaire.lignes) + 1))
    assert {ligne.piece for ligne in inventaire.lignes} == set(chain.from_iterable(envois))
    assert inventaire.avec(chain.from_iterable(envois)) == inventaire


@given(envois=st.lists(pieces(), max_size=3))
def test_chaque_piece_est_dans_un_fichier_et_un_seul(envois: list[list[Piece]]) -> None:
    """Un fichier tient une pièce, ou une série d'un même envoi ; les noms diffèrent et suivent les numéros."""
    inventaire = Inventaire()
    for envoi in envois:
        inventaire = inventaire.avec(envoi)
    fichiers = inventaire.fichiers
    assert tuple(chain.from_iterable(fichier.lignes for fichier in fichiers)) == inventaire.lignes
    noms = [fichier.nom for fichier in fichiers]
    assert noms == sorted(set(noms))
    for fichier in fichiers:
        assert len(fichier.lignes) == 1 or len({(each.envoi, each.piece.serie) for each in fichier.lignes}) == 1
        assert len(fichier.lignes) == 1 or fichier.lignes[0].piece.serie is not None


def test_une_serie_est_d_un_tenant() -> None:
    """Les pièces d'une série se suivent, à la place de la première, dans un fichier qui dit leurs numéros."""
    donnees = [piece(1), piece(2, "Tentatives de dépôt"), piece(3), piece(4, "Tentatives de dépôt")]
    inventaire = Inventaire().avec(donnees)
    assert [ligne.piece for ligne in inventaire.lignes] == [donnees[0], donnees[1], donnees[3], donnees[2]]
    assert [fichier.nom for fichier in inventaire.fichiers] == [
        "001 Piece fictive 1.pdf", "002-003 Tentatives de depot.pdf", "004 Piece fictive 3.pdf",
    ]  # fmt: skip


@pytest.mark.parametrize("numeros", [[2], [1, 3], [2, 1], [1, 1], [0, 1]])
def test_un_inventaire_a_trou_n_existe_pas(numeros: list[int]) -> None:
    """Un inventaire lu d'un fichier et dont les numéros ne se suivent pas est refusé."""
    with pytest.raises(ValidationError, match="sans trou"):
        Inventaire(lignes=tuple(Ligne(numero=each, envoi=1, piece=piece(each)) for each in numeros))

"""Le nom d'un fichier de pièce est toujours admis, commence par son numéro et dit ce que la pièce contient."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.noms import IntituleError, en_ascii, nom_de_fichier

ADMIS = re.compile(r"([0-9]+)(?:-([0-9]+))? [A-Za-z0-9_-]+( [A-Za-z0-9_-]+)*\.pdf")


@pytest.mark.parametrize(
    ("libelle", "nom"),
    [
        ("Attestation de dépôt ANEF du 01/07/2025", "007 Attestation de depot ANEF du 01 07 2025.pdf"),
        ("Cœur de la décision : « refus » n° 4", "007 Coeur de la decision refus n 4.pdf"),
        ("L’avis d’échéance (loyer) 50 % & charges", "007 L avis d echeance loyer 50 charges.pdf"),
        ("../../etc/passwd", "007 etc passwd.pdf"),
        ("Łódź, Straße, Þór", "007 Lodz Strasse Thor.pdf"),
        ("contrat.v2.final.PDF", "007 contrat v2 final PDF.pdf"),
    ],
)
def test_le_nom_d_un_libelle(libelle: str, nom: str) -> None:
    """Les accents tombent, les ligatures s'ouvrent, tout autre signe devient une espace."""
    assert nom_de_fichier(7, libelle) == nom


@given(numero=st.integers(1, 4999), libelle=st.text(max_size=400), groupees=st.integers(0, 40))
def test_un_nom_est_toujours_admis(numero: int, libelle: str, groupees: int) -> None:
    """Quel que soit le libellé : signes admis, 80 caractères au plus, le numéro en tête ; ou un refus qui le nomme."""
    dernier = numero + groupees if groupees else None
    try:
        nom = nom_de_fichier(numero, libelle, dernier=dernier)
    except IntituleError as error:
        assert f"pièce {numero} " in str(error)
        assert not re.search("[A-Za-z]", en_ascii(libelle))
        return
    trouve = ADMIS.fullmatch(nom)
    assert trouve is not None, nom
    assert len(nom) <= 80
    assert int(trouve[1]) == numero
    assert (int(trouve[2]) if trouve[2] else None) == dernier


@pytest.mark.parametrize("libelle", ["", "   ", "شهادة", "证明", "2025", "…/…", "-_-"])
def test_un_libelle_sans_lettre_latine_est_refuse(libelle: str) -> None:
    """Rien n'est inventé : la personne qui dépose donne un libellé lisible par la juridiction."""
    with pytest.raises(IntituleError, match="lettre latine"):
        nom_de_fichier(1, libelle)


def test_un_nom_trop_long_est_coupe_a_la_fin_d_un_mot() -> None:
    """La coupe ne laisse pas de mot tronqué, sauf quand il n'y en a qu'un."""
    libelle = "Courrier recommandé avec avis de réception adressé au préfet de la Seine-Saint-Denis le 3 mars"
    nom = nom_de_fichier(12, libelle)
    assert nom == "012 Courrier recommande avec avis de reception adresse au prefet de la.pdf"
    assert nom_de_fichier(12, "x" * 200) == f"012 {'x' * 72}.pdf"


@pytest.mark.parametrize(
    ("libelle", "nom"),
    [
        (
            "Relances adressées à l'administration, du 3 novembre 2025 au 6 juillet 2026",
            "008-011 Relances adressees a l administration.pdf",
        ),
        (
            "Échanges avec le centre de contact citoyen, du 2 au 20 octobre 2025",
            "008-011 Echanges avec le centre de contact citoyen du 2 au 20 octobre 2025.pdf",
        ),
        (
            f"{'Pièces ' * 12}du 1er mai 2024 au 2 juin 2025",
            "008-011 Pieces Pieces Pieces Pieces Pieces Pieces Pieces Pieces Pieces.pdf",
        ),
    ],
)
def test_une_periode_est_entiere_ou_n_est_pas_dite(libelle: str, nom: str) -> None:
    """Coupée après « au 6 », elle en dirait une autre ; l'inventaire la donne en entier."""
    assert nom_de_fichier(8, libelle, dernier=11) == nom

"""Un dossier est contrôlé avant d'être déposé : chaque manquement est nommé avec sa sortie, et rien d'autre."""

import json
import os
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.controle import MO, controler
from evidence.inventaire import Inventaire, Piece
from tests import forked

PDF = b"%PDF-1.7\n% une page fictive\nstartxref\n9\n%%EOF\n"


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    """Trois pièces et leur inventaire, que rien ne ferait refuser."""
    folder = tmp_path / "requete"
    folder.mkdir()
    for nom in ("Inventaire detaille.pdf", "001 Passeport.pdf", "002-004 Tentatives.pdf", "005 Attestation.pdf"):
        (folder / nom).write_bytes(PDF)
    return folder


def test_rien_a_redire(dossier: Path) -> None:
    """Un dossier en règle ne donne aucun manquement."""
    assert list(controler(dossier)) == []


BREACHES: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "accent": (lambda d: (d / "006 Récépissé.pdf").write_bytes(PDF), "006 Récépissé.pdf", r"« é » \(U\+00E9\)"),
    "point": (lambda d: (d / "006 a.b.pdf").write_bytes(PDF), "006 a.b.pdf", r"U\+002E"),
    "esperluette": (lambda d: (d / "006 a & b, 5 %.pdf").write_bytes(PDF), "006 a & b, 5 %.pdf", r"« % » .*« & »"),
    "espace insécable": (lambda d: (d / "006 le\u202fseul.pdf").write_bytes(PDF), "006 le\u202fseul.pdf", r"U\+202F"),
    "sans numéro": (lambda d: (d / "Attestation.pdf").write_bytes(PDF), "Attestation.pdf", "numéro"),
    "sans libellé": (lambda d: (d / "006 1.pdf").write_bytes(PDF), "006 1.pdf", "ne dit pas"),
    "trop long": (lambda d: (d / f"006 {'a' * 73}.pdf").write_bytes(PDF), f"006 {'a' * 73}.pdf", "81 caractères"),
    "extension": (lambda d: (d / "006 Photo.jpg").write_bytes(PDF), "006 Photo.jpg", "« .jpg »"),
    "majuscules": (lambda d: (d / "006 Photo.PDF").write_bytes(PDF), "006 Photo.PDF", "« .PDF »"),
    "numéro double": (lambda d: (d / "003 Autre.pdf").write_bytes(PDF), "003 Autre.pdf", "aussi celui de"),
    "trou": (lambda d: (d / "007 Autre.pdf").write_bytes(PDF), "", "numéros 6$"),
    "zéro": (lambda d: (d / "000 Autre.pdf").write_bytes(PDF), "000 Autre.pdf", "numéros"),
    "à rebours": (lambda d: (d / "009-006 Autre.pdf").write_bytes(PDF), "009-006 Autre.pdf", "numéros"),
    "vide": (lambda d: (d / "001 Passeport.pdf").write_bytes(b""), "001 Passeport.pdf", "vide"),
    "pas un PDF": (lambda d: (d / "001 Passeport.pdf").write_bytes(b"PK\3\4" + b"0" * 99), "001 Passeport.pdf", "PDF"),
    "tronqué": (lambda d: (d / "001 Passeport.pdf").write_bytes(PDF[:20]), "001 Passeport.pdf", "tronqué"),
    "trop lourd": (
        lambda d: os.truncate(d / "001 Passeport.pdf", 3 * MO + 1), "001 Passeport.pdf", "3.0 Mo, la limite est 3 Mo"
    ),
    "dossier": (lambda d: (d / "006 Annexes").mkdir(), "006 Annexes", "pas un fichier"),
    "lien": (lambda d: (d / "006 Lien.pdf").symlink_to(d / "001 Passeport.pdf"), "006 Lien.pdf", "pas un fichier"),
}  # fmt: skip


@pytest.mark.parametrize("name", BREACHES)
def test_un_manquement_est_nomme(dossier: Path, name: str) -> None:
    """Ce qui ferait refuser un fichier est dit de lui, avec une sortie et un texte qui se dit non vérifié."""
    act, fichier, constat = BREACHES[name]
    act(dossier)
    found = list(controler(dossier, limite=3 * MO))
    of_it = [each for each in found if each.fichier == fichier]
    assert of_it, found
    assert any(re.search(constat, each.constat) for each in of_it), of_it
    assert all(each.remede and "non vérifié" in each.texte for each in found)


def test_le_dossier_et_l_inventaire_disent_la_meme_chose(dossier: Path) -> None:
    """Un fichier de trop, un qui manque, un autre document sous le même nom : chacun est nommé."""
    listed = [
        Piece(libelle="Passeport", sha256=sha256(PDF).hexdigest()),
        *[Piece(libelle=f"Capture {n}", sha256=f"{n:064x}", serie="Tentatives") for n in range(3)],
        Piece(libelle="Attestation", sha256=sha256(PDF).hexdigest()),
    ]
    inventaire = Inventaire().avec(listed)
    assert list(controler(dossier, inventaire)) == []
    (dossier / "001 Passeport.pdf").write_bytes(PDF.replace(b"fictive", b"echange"))
    (dossier / "005 Attestation.pdf").rename(dossier / "005 Autre.pdf")
    told = {each.fichier: each.constat for each in controler(dossier, inventaire)}
    assert "pas le document inscrit" in told["001 Passeport.pdf"]
    assert "le dossier ne l'a pas" in told["005 Attestation.pdf"]
    assert "ne l'annonce pas" in told["005 Autre.pdf"]


@given(name=st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_aucun_nom_n_arrete_le_controle(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """Quel que soit le nom d'un fichier, il est admis ou un manquement le nomme."""
    if name in {".", ".."} or len(name.encode()) > 255:
        return
    folder = tmp_path_factory.mktemp("noms")
    (folder / name).write_bytes(PDF)
    found = list(controler(folder))
    assert found or name.endswith(".pdf")
    assert all(each.fichier in {name, ""} for each in found)


def test_la_commande(dossier: Path, tmp_path: Path) -> None:
    """``constat export lint`` sort avec 0 sans manquement, 1 sinon, et refuse en français ce qui n'est pas un inventaire."""
    env = {**os.environ, "CONSTAT_HOME": str(tmp_path / "maison"), "COLUMNS": "160"}
    assert forked.constat(["export", "lint", dossier], env=env).stdout == (
        "requete : aucun manquement, le dossier peut être déposé\n"
    )
    (dossier / "006 Récépissé.pdf").write_bytes(PDF)
    refused = forked.constat(["export", "lint", dossier], env=env)
    assert refused.returncode == 1
    assert "006 Récépissé.pdf\n  signes refusés" in refused.stdout
    assert "1 manquement : corrigez, puis relancez" in refused.stdout
    [told] = json.loads(forked.constat(["export", "lint", dossier, "--json"], env=env).stdout)
    assert told["fichier"] == "006 Récépissé.pdf"
    bad = tmp_path / "inventaire.json"
    bad.write_text('{"lignes": [{"numero": "un"}]}')
    done = forked.constat(["export", "lint", dossier, "--inventory", bad], env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert "inventaire.json n'est pas un inventaire de pièces : lignes.0.numero ne se lit pas" in done.stderr
    assert not (tmp_path / "maison").exists()


def test_un_dossier_sans_piece_ne_peut_pas_etre_depose(tmp_path: Path) -> None:
    """Vide, ou avec son seul inventaire : rien n'est joint à la requête, et c'est dit."""
    for nom in (None, "Inventaire detaille.pdf"):
        if nom:
            (tmp_path / nom).write_bytes(PDF)
        assert [each.constat for each in controler(tmp_path)] == ["aucune pièce n'est dans le dossier"]

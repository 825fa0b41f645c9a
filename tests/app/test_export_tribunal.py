"""Le dossier à déposer : entier ou absent, chaque pièce dans son fichier, des numéros qui restent."""

import io
import json
import os
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import click
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import cli_export_tribunal, tribunal_export
from app.cli_export_tribunal import projet
from app.open import Opened
from app.tribunal_export import Ecrit, exporter
from app.tribunal_files import COURT
from evidence.controle import MO, controler
from evidence.inventaire import Inventaire, Piece
from evidence.procedures import Procedure
from evidence.tribunal import Ajout, Options, PieceError, Projet
from ledger.errors import ConstatError
from ledger.kek import DeploymentKeys
from ledger.store import Ledger
from replay.as_of import Moment
from tests.evidence.dossiers import (
    QUI,
    Depot,
    jpeg,
    nadia,
    pdf,
    pdf_avec_script,
    pdf_chiffre,
    pdf_sans_page,
    pdf_signe,
    png,
    png_immense,
)
from tests.evidence.pdf import verifier_pdf

AU = date(2025, 12, 1)
Ouvrir = Callable[[Depot], Opened]


@pytest.fixture
def depot(tmp_path: Path) -> Depot:
    """The facts and documents of a person, not recorded yet."""
    return nadia(Depot(tmp_path / "donnes"))


@pytest.fixture
def leger(tmp_path: Path) -> Depot:
    """A person with one document."""
    depot = Depot(tmp_path / "donnes")
    demande = {"titre_demande": "cst", "nature": "renouvellement", "deposee_le": "2025-07-01"}
    depot.fait("demande_deposee", "2025-07-01", demande, pdf("demande"))
    return depot


@pytest.fixture
def ouvrir(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> Ouvrir:
    """Record what a folder holds in a real ledger, its documents in a real store."""
    return lambda depot: depot.ouvrir(ledger, keys, tmp_path / "gardes")


def demander(opened: Opened, *, rapport: bool = False, **given: object) -> Projet:
    """The file of a suspension on 1 December 2025."""
    values = {"procedure": Procedure.SUSPENSION, "moment": Moment(None, AU), **given}
    return projet(opened, QUI, Options(**values), rapport=rapport)  # type: ignore[arg-type]


def ecrire(opened: Opened, folder: Path, **given: object) -> Ecrit:
    """The folder of that file."""
    return exporter(opened, QUI, demander(opened, **given), folder)


def noms(done: Ecrit) -> list[str]:
    """The files of the folder to upload."""
    return sorted(path.name for path in (done.folder / "requete").iterdir())


def contenu(done: Ecrit, debut: str) -> bytes:
    """The one file whose name begins so."""
    [path] = (done.folder / "requete").glob(f"{debut}*")
    return path.read_bytes()


# --------------------------------------------------------------------------- what is written


def test_un_pdf_est_depose_a_l_octet_pres_et_le_reste_mis_en_page(depot: Depot, ouvrir: Ouvrir, tmp_path: Path) -> None:
    """Un fichier par pièce, un par série, l'inventaire ; le dossier est celui que le tribunal prend."""
    opened = ouvrir(depot)
    done = ecrire(opened, tmp_path / "dossier", affaire="Nadia Exemple c/ préfet")
    assert noms(done) == [
        "001 Titre de sejour du 1er octobre 2024 document 1 sur 2.pdf",
        "002 Titre de sejour du 1er octobre 2024 document 2 sur 2.pdf",
        "003 Attestation de depot en ligne du 1er juillet 2025.pdf",
        "004-006 Tentatives de depot echouees du 10 au 20 juin 2025.pdf",
        "007-008 Echanges avec le centre de contact citoyen du 2 au 20 octobre 2025.pdf",
        "009 Suspension de la prestation du 15 octobre 2025.pdf",
        "Inventaire detaille.pdf",
    ]
    assert contenu(done, "003") == pdf("attestation")
    assert contenu(done, "009") == pdf("caf")
    for name in ("001", "Inv"):
        verifier_pdf(contenu(done, name), joints=[], outils=False)
    with pikepdf.open(io.BytesIO(contenu(done, "001"))) as opened_:
        [image] = opened_.pages[0].get_images().values()
        assert image.read_raw_bytes() == jpeg(teinte=90)
    with pikepdf.open(io.BytesIO(contenu(done, "007-008"))) as series, series.open_outline() as outline:
        assert len(series.pages) == 4
        assert [each.title for each in outline.root] == [
            "007 Demande au centre de contact citoyen du 2 octobre 2025",
            "008 Reponse du centre de contact citoyen du 20 octobre 2025",
        ]
    kept = Inventaire.model_validate_json((done.folder / "inventaire.json").read_bytes())
    assert kept == done.inventaire
    assert list(controler(done.folder / "requete", kept)) == []
    modes = {path.stat().st_mode & 0o077 for path in done.folder.rglob("*")}
    assert modes == {0}


def test_deux_exports_du_meme_etat_donnent_les_memes_octets(depot: Depot, ouvrir: Ouvrir, tmp_path: Path) -> None:
    """Rien n'y dépend de l'heure ni du hasard."""
    opened = ouvrir(depot)
    for name in ("a", "b"):
        ecrire(opened, tmp_path / name)
    first = {path.name: path.read_bytes() for path in (tmp_path / "a").rglob("*") if path.is_file()}
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "b").rglob("*") if path.is_file()}


def test_le_rapport_est_une_piece_qui_cite_les_numeros(depot: Depot, ouvrir: Ouvrir, tmp_path: Path) -> None:
    """Il reçoit l'inventaire, chaque pièce par l'empreinte de son document, puis prend son numéro et son empreinte."""
    opened = ouvrir(depot)
    told: list[Inventaire] = []

    def rapport(inventaire: Inventaire) -> bytes:
        told.append(inventaire)
        return pdf(f"rapport de {len(inventaire.lignes)} pièces")

    done = exporter(opened, QUI, demander(opened, rapport=True), tmp_path / "dossier", rapport=rapport)
    [asked] = told
    by_number = {each.numero: each.piece for each in asked.lignes}
    assert by_number[1].sha256 == sha256(jpeg(teinte=90)).hexdigest()
    assert by_number[4].sha256 == "0" * 64
    made = pdf("rapport de 10 pièces")
    assert contenu(done, "004 Rapport") == made
    assert done.inventaire.lignes[3].piece.sha256 == sha256(made).hexdigest()
    for has, given_ in ((True, None), (False, rapport)):
        with pytest.raises(ValueError, match="report"):
            exporter(opened, QUI, demander(opened, rapport=has), tmp_path / "autre", rapport=given_)


def test_ce_qui_a_ete_fait_est_dit(depot: Depot, ouvrir: Ouvrir, tmp_path: Path) -> None:
    """``export.json`` : les fichiers et leurs empreintes, les faits de chaque pièce, les pièges, ce qui n'y est pas."""
    depot.fait("relance_envoyee", "2025-10-12", {}, pdf("relance"), perdus=[pdf("jamais recue")])
    done = ecrire(ouvrir(depot), tmp_path / "dossier", ecartees=("9",))
    told = json.loads((done.folder / "export.json").read_bytes())
    for each in told["fichiers"]:
        path = done.folder / "requete" / each["nom"]
        assert (each["octets"], each["sha256"]) == (path.stat().st_size, sha256(path.read_bytes()).hexdigest())
    assert told["pieces"][2]["faits"] == ["F-006"]
    assert {each["code"] for each in told["pieges"]} == {each.code for each in done.projet.pieges}
    assert sorted(each["motif"] for each in told["retenues"]) == [
        "annoncé au registre, jamais reçu", "écartée à la demande de qui a produit le dossier"
    ]  # fmt: skip


# --------------------------------------------------------------------------- numbers stay


def test_une_piece_ajoutee_ensuite_garde_tous_les_numeros(depot: Depot, ouvrir: Ouvrir, tmp_path: Path) -> None:
    """Le second dossier reprend les fichiers déposés, à l'octet près, même ceux que le registre n'a pas."""
    opened = ouvrir(depot)
    joined = tmp_path / "passeport.pdf"
    joined.write_bytes(pdf("passeport"))
    found = demander(opened, rapport=True, ajouts=(Ajout("Passeport", joined),))
    first = exporter(opened, QUI, found, tmp_path / "un", rapport=lambda _: pdf("rapport un"))
    joined.unlink()
    more = Depot(tmp_path / "ensuite")
    more.lignes.extend([{}] * 100)
    more.fait("relance_envoyee", "2025-12-02", {"envoyee_le": "2025-12-02"}, png(teinte=77))
    opened = more_of(opened, more, tmp_path)
    found = demander(
        opened, rapport=True, deja=first.inventaire, precedent=tmp_path / "un", moment=Moment(None, date(2025, 12, 10))
    )
    second = exporter(opened, QUI, found, tmp_path / "deux", rapport=lambda _: pdf("rapport deux"))
    assert second.inventaire.lignes[: len(first.inventaire.lignes)] == first.inventaire.lignes
    assert [each.numero for each in second.inventaire.lignes[len(first.inventaire.lignes) :]] == [12, 13]
    for path in (tmp_path / "un" / "requete").glob("0*"):
        assert (tmp_path / "deux" / "requete" / path.name).read_bytes() == path.read_bytes()
    assert contenu(second, "012 Rapport") == pdf("rapport deux")
    assert "013 Relance du 2 decembre 2025.pdf" in noms(second)


def more_of(opened: Opened, more: Depot, tmp_path: Path) -> Opened:
    """The same ledger with more facts of the person."""
    more.lignes = [each for each in more.lignes if each]
    return more.ouvrir(opened.ledger, opened.keys, tmp_path / "gardes")


def test_sans_le_dossier_d_alors_un_fichier_du_registre_se_refait_a_l_identique(
    depot: Depot, ouvrir: Ouvrir, tmp_path: Path
) -> None:
    """L'inventaire seul suffit pour ce que le registre a ; ce qu'il n'a pas est nommé, et rien n'est écrit."""
    opened = ouvrir(depot)
    first = ecrire(opened, tmp_path / "un")
    second = ecrire(opened, tmp_path / "deux", deja=first.inventaire, moment=Moment(None, date(2026, 3, 1)))
    for path in (tmp_path / "un" / "requete").glob("0*"):
        assert (tmp_path / "deux" / "requete" / path.name).read_bytes() == path.read_bytes()
    assert second.inventaire == first.inventaire
    joined = tmp_path / "passeport.pdf"
    joined.write_bytes(pdf("passeport"))
    third = ecrire(opened, tmp_path / "trois", ajouts=(Ajout("Passeport", joined),))
    with pytest.raises(PieceError, match=r"pièce 10, « Passeport » .* n'est pas au registre .*--add"):
        ecrire(opened, tmp_path / "quatre", deja=third.inventaire)
    assert not (tmp_path / "quatre").exists()
    again = ecrire(opened, tmp_path / "cinq", deja=third.inventaire, ajouts=(Ajout("Passeport", joined),))
    assert again.inventaire == third.inventaire


def test_un_fichier_depose_puis_modifie_n_est_pas_repris(depot: Depot, ouvrir: Ouvrir, tmp_path: Path) -> None:
    """Changé dans le dossier d'alors, il est refait du registre ; une série changée aussi."""
    opened = ouvrir(depot)
    first = ecrire(opened, tmp_path / "un")
    for debut in ("003", "004-006"):
        [path] = (tmp_path / "un" / "requete").glob(f"{debut}*")
        path.write_bytes(pdf("contrefait"))
    second = ecrire(opened, tmp_path / "deux", deja=first.inventaire, precedent=tmp_path / "un")
    assert contenu(second, "003") == pdf("attestation")
    with pikepdf.open(io.BytesIO(contenu(second, "004-006"))) as opened_:
        assert len(opened_.pages) == 3


# --------------------------------------------------------------------------- what is refused

HOSTILES: dict[str, tuple[bytes, str]] = {
    "page web": (b"<html>" * 1_000, "ni un PDF, ni une image"),
    "mot de passe": (pdf_chiffre(ouvrable=False), "mot de passe"),
    "sans page": (pdf_sans_page(), "aucune page"),
    "illisible": (b"%PDF-1.7\nrien\n%%EOF\n", "ne se lit pas"),
    "tronqué": (pdf("long", poids=20_000)[:9_000], "sa fin manque"),
    "vide": (b"", "vide"),
    "image immense": (png_immense(), "millions de points"),
    "image coupée": (jpeg()[:200], "ne s'ouvre pas"),
    "imprimerie": (jpeg("CMYK"), "CMJN"),
    "écran sans fin": (b"\xff\xd8\xff\xff\xff\xff", "dimensions"),
}


@pytest.mark.parametrize("name", HOSTILES)
def test_un_document_que_le_juge_n_ouvrirait_pas_est_refuse_avec_sa_sortie(
    leger: Depot, ouvrir: Ouvrir, tmp_path: Path, name: str
) -> None:
    """Rien n'est écrit ; écarté ou converti, le dossier se fait."""
    content, why = HOSTILES[name]
    leger.fait("relance_envoyee", "2025-10-12", {"envoyee_le": "2025-10-12"}, content)
    opened = ouvrir(leger)
    short = sha256(content).hexdigest()[:COURT]
    with pytest.raises(PieceError) as refused:
        ecrire(opened, tmp_path / "dossier")
    assert why in str(refused.value)
    assert f"Relance du 12 octobre 2025 ({short})" in str(refused.value)
    assert f"--converted {short}=FICHIER" in str(refused.value)
    assert f"--without {short}" in str(refused.value)
    assert not list(tmp_path.glob(".dossier*"))
    assert not (tmp_path / "dossier").exists()
    left = ecrire(opened, tmp_path / "ecarte", ecartees=(short,))
    assert len(left.inventaire.lignes) == 1
    made = tmp_path / "converti.pdf"
    made.write_bytes(pdf("converti"))
    done = ecrire(opened, tmp_path / "converti", conversions=((short, made),))
    [line] = [each for each in done.inventaire.lignes if each.piece.libelle == "Relance du 12 octobre 2025"]
    assert line.piece.sha256.startswith(short)
    assert line.piece.depose == sha256(pdf("converti")).hexdigest()
    assert contenu(done, f"{line.numero:03}") == pdf("converti")


def test_tous_les_documents_refuses_sont_nommes_ensemble(leger: Depot, ouvrir: Ouvrir, tmp_path: Path) -> None:
    """Une seule réponse, pas une par essai."""
    for content, _ in HOSTILES.values():
        leger.fait("relance_envoyee", "2025-10-12", {"envoyee_le": "2025-10-12"}, content)
    with pytest.raises(PieceError) as refused:
        ecrire(ouvrir(leger), tmp_path / "dossier")
    assert str(refused.value).count("\n- ") == len(HOSTILES)


def test_ce_qui_se_depose_avec_une_reserve_est_dit_et_reste_seul(depot: Depot, ouvrir: Ouvrir, tmp_path: Path) -> None:
    """Un script, une signature : déposés à l'octet près avec un avertissement ; le PDF signé n'entre pas dans la série."""
    signed, scripted = pdf_signe(), pdf_avec_script()
    depot.fait("ccc_repondu", "2025-10-25", {"ticket": "T", "dossier": "D-1"}, signed, objet="T")
    depot.fait("attestation_depot_delivree", "2025-07-02", {"delivree_le": "2025-07-02"}, scripted)
    done = ecrire(ouvrir(depot), tmp_path / "dossier")
    told = dict(done.avertissements)
    by_label = {each.piece.libelle: each for each in done.inventaire.lignes}
    alone = by_label["Réponse du centre de contact citoyen du 25 octobre 2025"]
    assert alone.piece.serie is None
    assert contenu(done, f"{alone.numero:03} ") == signed
    assert "signé" in told[alone.numero]
    filed = by_label["Attestation de dépôt en ligne du 2 juillet 2025"]
    assert contenu(done, f"{filed.numero:03} ") == scripted
    assert "JavaScript" in told[filed.numero]


def test_un_document_de_31_mo_est_refuse_et_la_limite_se_regle(leger: Depot, ouvrir: Ouvrir, tmp_path: Path) -> None:
    """31 Mo ne passent pas sous 30 ; ils passent sous 32, à l'octet près."""
    heavy = pdf("lourd", poids=31 * MO)
    leger.fait("refus_notifie", "2025-11-20", {"notifie_le": "2025-11-20"}, heavy)
    opened = ouvrir(leger)
    with pytest.raises(PieceError, match=r"31\.0 Mo, la limite est 30 Mo"):
        ecrire(opened, tmp_path / "dossier")
    assert not (tmp_path / "dossier").exists()
    done = ecrire(opened, tmp_path / "dossier", limite=32 * MO)
    [name] = [each for each in noms(done) if "Notification du refus" in each]
    assert contenu(done, name[:3]) == heavy


def test_un_fait_qui_ment_sur_la_taille_n_emplit_pas_le_disque(depot: Depot, ouvrir: Ouvrir, tmp_path: Path) -> None:
    """Annoncé à cent octets, il en fait trois millions : la copie s'arrête à la limite."""
    number = depot.fait("refus_notifie", "2025-11-20", {"notifie_le": "2025-11-20"}, pdf("menteur", poids=3 * MO))
    next(each for each in depot.lignes if each["id"] == number)["pieces"][0]["octets"] = 100
    with pytest.raises(PieceError, match="plus de 2 Mo, quoi qu'en dise le fait"):
        ecrire(ouvrir(depot), tmp_path / "dossier", limite=2 * MO)


def test_une_serie_trop_lourde_se_met_en_plusieurs_fichiers(tmp_path: Path, ouvrir: Ouvrir) -> None:
    """Refusée d'abord, avec sa sortie ; scindée, ses parties se suivent, chacune sous la limite, les numéros aussi."""
    depot = Depot(tmp_path / "lourds")
    for day in range(10, 17):
        depot.fait("tentative_depot_echouee", f"2025-06-{day}", {"texte_erreur": "x"}, pdf(f"{day}", poids=800_000))
    opened = ouvrir(depot)
    with pytest.raises(PieceError, match=r"fait 5\.6 Mo, la limite est 2 Mo : ajoutez --split"):
        ecrire(opened, tmp_path / "dossier", limite=2 * MO)
    assert not (tmp_path / "dossier").exists()
    done = ecrire(opened, tmp_path / "dossier", limite=2 * MO, scinder=True)
    assert noms(done) == [
        "001-002 Tentatives de depot echouees partie 1 sur 4 du 10 au 16 juin 2025.pdf",
        "003-004 Tentatives de depot echouees partie 2 sur 4 du 10 au 16 juin 2025.pdf",
        "005-006 Tentatives de depot echouees partie 3 sur 4 du 10 au 16 juin 2025.pdf",
        "007 Tentatives de depot echouees partie 4 sur 4 du 10 au 16 juin 2025.pdf",
        "Inventaire detaille.pdf",
    ]
    assert all(each.octets <= 2 * MO for each in done.fichiers)
    assert {each.piece.serie for each in done.inventaire.lignes} == {
        f"Tentatives de dépôt échouées, partie {n} sur 4, du 10 au 16 juin 2025" for n in (1, 2, 3, 4)
    }


@given(sizes=st.lists(st.integers(1, 120), min_size=1, max_size=60), limite=st.integers(100, 200))
def test_les_parties_d_une_serie_se_suivent_sans_depasser(sizes: list[int], limite: int) -> None:
    """Chaque partie tient sous la limite dès que chaque document y tient, et les numéros de partie ne reculent pas."""
    parts = tribunal_export.repartir(sizes, limite)
    assert parts[0] == 1
    assert all(after - before in {0, 1} for before, after in pairwise(parts))
    for part in set(parts):
        held = [size for size, each in zip(sizes, parts, strict=True) if each == part]
        assert sum(held) <= limite or len(held) == 1


def test_une_personne_sans_piece_n_a_pas_de_dossier(ouvrir: Ouvrir, tmp_path: Path) -> None:
    """Sans document, rien n'est fait et la sortie est dite ; un fichier joint suffit à en faire un."""
    depot = Depot(tmp_path / "rien")
    depot.fait("tentative_depot_echouee", "2025-06-10", {"texte_erreur": "x"})
    opened = ouvrir(depot)
    with pytest.raises(PieceError, match="aucune pièce à déposer"):
        ecrire(opened, tmp_path / "dossier")
    assert not (tmp_path / "dossier").exists()
    joined = tmp_path / "photo.jpg"
    joined.write_bytes(jpeg())
    done = ecrire(opened, tmp_path / "dossier", ajouts=(Ajout("Photographie d'identité", joined),))
    assert noms(done) == ["001 Photographie d identite.pdf", "Inventaire detaille.pdf"]


# --------------------------------------------------------------------------- whole or not there


@pytest.mark.parametrize("where", ["_inscrire", "_fichier", "_verifier", "inventaire_pdf", "_sync", "resume"])
@pytest.mark.parametrize("what", [OSError(28, "plus de place"), KeyboardInterrupt()])
def test_un_demi_dossier_n_existe_jamais(
    leger: Depot, ouvrir: Ouvrir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, what: BaseException
) -> None:
    """Où que l'on soit arrêté, par une panne ou par Ctrl-C, il n'y a ni dossier de ce nom ni rien à côté."""

    def broken(*_: object, **__: object) -> None:
        raise what

    opened = ouvrir(leger)
    monkeypatch.setattr(tribunal_export, where, broken)
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(type(what)):
        ecrire(opened, tmp_path / "dossier")
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_un_document_abime_au_depot_n_est_pas_donne(
    depot: Depot, ouvrir: Ouvrir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Modifié ou disparu du dépôt de documents : nommé, et rien n'est écrit."""
    opened = ouvrir(depot)
    [stored] = [p for p in (tmp_path / "gardes").rglob("*") if p.is_file() and p.stat().st_size == len(pdf("caf")) + 23]
    content = bytearray(stored.read_bytes())
    content[-1] ^= 1
    stored.write_bytes(content)
    with pytest.raises(PieceError, match=r"Suspension de la prestation .* ne s'ouvre pas : modifié ou coupé"):
        ecrire(opened, tmp_path / "dossier")
    found = demander(opened)
    stored.unlink()
    with pytest.raises(PieceError, match="n'est plus au dépôt"):
        exporter(opened, QUI, found, tmp_path / "dossier")
    assert "jamais reçu" in demander(opened).retenues[0].motif
    assert not (tmp_path / "dossier").exists()


def test_ce_qui_refuse_la_publication_ne_laisse_rien(depot: Depot, ouvrir: Ouvrir, tmp_path: Path) -> None:
    """L'acte d'export s'inscrit avant que le dossier ait son nom : s'il ne le peut pas, il n'y a pas de dossier."""
    opened = ouvrir(depot)
    seen: list[Ecrit] = []

    def inscrire(done: Ecrit) -> None:
        seen.append(done)
        assert (done.folder / "requete" / "Inventaire detaille.pdf").is_file()
        assert not (tmp_path / "dossier").exists()
        msg = "le registre ne répond pas"
        raise ConstatError(msg)

    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(ConstatError, match="ne répond pas"):
        exporter(opened, QUI, demander(opened), tmp_path / "dossier", avant_publication=inscrire)
    assert len(seen) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_on_n_ecrit_pas_dans_ce_qui_est_la(depot: Depot, ouvrir: Ouvrir, tmp_path: Path) -> None:
    """Un dossier, un fichier, un lien qui ne mène nulle part : refusés, intacts."""
    opened = ouvrir(depot)
    (tmp_path / "plein").mkdir()
    (tmp_path / "fichier").write_text("x")
    (tmp_path / "lien").symlink_to(tmp_path / "ailleurs")
    for name in ("plein", "fichier", "lien"):
        with pytest.raises(ConstatError, match="existe déjà"):
            ecrire(opened, tmp_path / name)
    assert (tmp_path / "fichier").read_text() == "x"
    assert not os.path.lexists(tmp_path / "ailleurs")


@given(libelle=st.text(st.characters(exclude_categories=["Cs"]), min_size=3, max_size=120))
@settings(max_examples=40)
def test_tout_libelle_de_la_ligne_de_commande_est_un_nom_ou_un_refus(
    libelle: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Ce que l'avocat écrit devant son fichier : admis avec un nom que le contrôle accepte, ou refusé en français."""
    folder = tmp_path_factory.mktemp("joint")
    path = folder / "piece.pdf"
    path.write_bytes(pdf("x"))
    try:
        label, found = cli_export_tribunal.Labelled().convert(f"{libelle}={path}", None, None)
    except click.UsageError as error:
        assert error.message
        return
    assert found == path
    [fichier] = Inventaire().avec([Piece(libelle=label, sha256="a" * 64)]).fichiers
    (folder / "requete").mkdir()
    (folder / "requete" / fichier.nom).write_bytes(pdf("x"))
    assert list(controler(folder / "requete")) == []

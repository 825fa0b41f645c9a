"""L'inventaire d'une personne : ce que ses faits citent, nommé par eux, dans l'ordre ; ce qui s'écarte et ce qui reste."""

import json
import re
from datetime import date
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.bordereau import Document, EcarteError, a_inscrire, documents, en_series
from evidence.bordereau_noms import NOMS, Rang, nom_de
from evidence.controle import ADMIS, LONGUEUR
from evidence.inventaire import Inventaire
from evidence.noms import IntituleError, en_ascii, nom_de_fichier
from evidence.procedures import Procedure
from evidence.tribunal import JAMAIS_RECU, Ajout, Options, PieceError, Projet, projeter
from ledger.entry import Entry, Fait, Piece
from ledger.events import FROM_OUTSIDE
from ledger.events.acces import ExportProduit
from ledger.events.correction import FaitRetire
from ledger.events.listes import FondementAcces, NatureExport
from ledger.interchange import read_line
from replay.as_of import Moment
from tests.evidence.affaires import avec_piece, carte, tentative, vue
from tests.evidence.dossiers import Depot, nadia, pdf
from tests.faits import fait_of
from tests.imputation.vies_dues import OBSERVED, vies
from tests.projections.vies import api, demande, e
from tests.samples.test_samples import as_entries

AU = date(2025, 12, 1)


def entrees(depot: Depot) -> list[Entry]:
    """The facts of a folder as they would stand in a ledger."""
    return as_entries([read_line(json.dumps(each).encode()) for each in depot.lignes])


def projet(entries: list[Entry], *, rapport: bool = False, au: date = AU, **given: object) -> Projet:
    """The file of a suspension, every document received."""
    options = Options(procedure=Procedure.SUSPENSION, moment=Moment(None, au), **given)  # type: ignore[arg-type]
    return projeter(entries, options, recu=lambda _: True, rapport=rapport)


def lignes(found: Projet) -> list[tuple[int, str, str | None]]:
    """Number, label and series of each piece."""
    return [(each.numero, each.piece.libelle, each.piece.serie) for each in found.inventaire.lignes]


@pytest.fixture
def depot(tmp_path: Path) -> Depot:
    """The facts and documents of a person."""
    return nadia(Depot(tmp_path / "documents"))


def test_les_pieces_suivent_l_ordre_d_une_requete_et_disent_leur_nature_et_leur_jour(depot: Depot) -> None:
    """Titre, dépôt, rapport, tentatives en série, échanges en série, effets : chacune a son libellé et son numéro."""
    essais = "Tentatives de dépôt échouées, du 10 au 20 juin 2025"
    ccc = "Échanges avec le centre de contact citoyen, du 2 au 20 octobre 2025"
    assert lignes(projet(entrees(depot), rapport=True)) == [
        (1, "Titre de séjour du 1er octobre 2024, document 1 sur 2", None),
        (2, "Titre de séjour du 1er octobre 2024, document 2 sur 2", None),
        (3, "Attestation de dépôt en ligne du 1er juillet 2025", None),
        (4, "Rapport de preuve tiré du registre, vu le 1er décembre 2025", None),
        (5, "Tentative de dépôt échouée du 10 juin 2025", essais),
        (6, "Tentative de dépôt échouée du 13 juin 2025", essais),
        (7, "Tentative de dépôt échouée du 20 juin 2025", essais),
        (8, "Demande au centre de contact citoyen du 2 octobre 2025", ccc),
        (9, "Réponse du centre de contact citoyen du 20 octobre 2025", ccc),
        (10, "Suspension de la prestation du 15 octobre 2025", None),
    ]


def test_ce_qui_est_garde_d_un_export_n_est_pas_une_piece(depot: Depot) -> None:
    """Un export remis la veille ne s'inscrit ni ne se retient : le dossier se fait comme s'il n'avait pas eu lieu."""
    act = ExportProduit(nature=NatureExport.AUTRE, fondement=FondementAcces.PERSONNE_CONCERNEE, export="0f")
    export = e("export", "2025-11-30", act)
    cited = (Piece(nom="export-0f.zip", octets=10, sha256="9" * 64), Piece(nom="ANEF.pdf", octets=9, sha256="8" * 64))
    export = msgspec.structs.replace(export, fait=export.fait.model_copy(update={"pieces": cited}))
    alone, after = projet(entrees(depot)), projet([*entrees(depot), export])
    assert [line[1] for line in lignes(after)[len(lignes(alone)) :]] == [
        "Un export a été produit du 30 novembre 2025, document 2 sur 2"
    ]
    assert after.retenues == alone.retenues


def test_aucun_nom_de_la_source_n_entre_dans_un_libelle(depot: Depot) -> None:
    """Le nom du fichier à la source porte celui de la personne : ni l'inventaire ni les fichiers ne le disent."""
    told = projet(entrees(depot)).inventaire.model_dump_json()
    assert "Nadia" not in told
    assert "pdf" not in told


def test_un_document_cite_deux_fois_est_une_seule_piece(depot: Depot) -> None:
    """La même empreinte dans deux faits : une pièce, nommée par le premier dans l'ordre, et ses deux faits."""
    depot.fait("ccc_contacte", "2025-10-05", {"dossier": "D-1"}, pdf("attestation"), objet="T")
    found = [
        d for d in documents(vue(entrees(depot), "2025-12-01")) if d.sha256 == sha256(pdf("attestation")).hexdigest()
    ]
    assert [(d.libelle, len(d.faits)) for d in found] == [("Attestation de dépôt en ligne du 1er juillet 2025", 2)]


def test_deux_documents_de_meme_nature_et_de_meme_jour_se_distinguent(depot: Depot) -> None:
    """Deux relances du même jour ont deux libellés."""
    for number in (1, 2):
        depot.fait("relance_envoyee", "2025-10-12", {"envoyee_le": "2025-10-12"}, pdf(f"relance {number}"))
    labels = [d.libelle for d in documents(vue(entrees(depot), "2025-12-01")) if "Relance" in d.libelle]
    assert labels == ["Relance du 12 octobre 2025", "Relance du 12 octobre 2025 (2)"]


def test_un_jour_inexact_se_dit_dans_le_libelle(depot: Depot) -> None:
    """Un mois sans jour n'est pas écrit comme un jour."""
    depot.fait("relance_envoyee", "2025-10", {}, pdf("relance"))
    labels = [d.libelle for d in documents(vue(entrees(depot), "2025-12-01"))]
    assert "Relance, octobre 2025 (jour inconnu)" in labels


def test_un_seul_document_ne_fait_pas_une_serie_et_l_on_peut_n_en_vouloir_aucune(tmp_path: Path) -> None:
    """Une tentative seule va seule ; sans séries, chacune va seule."""
    alone = Depot(tmp_path / "un")
    alone.fait("tentative_depot_echouee", "2025-06-10", {"texte_erreur": "x"}, pdf("a"))
    assert [serie for _, _, serie in lignes(projet(entrees(alone)))] == [None]
    several = nadia(Depot(tmp_path / "dix"))
    assert {serie for _, _, serie in lignes(projet(entrees(several), series=False))} == {None}


def test_chaque_type_de_fait_peut_nommer_un_document() -> None:
    """Un mot a été choisi ou la phrase du fait en tient lieu : trois lettres latines au moins, une place, jamais « faute »."""
    for kind in FROM_OUTSIDE:
        name = NOMS.get(kind)
        text = name.nom if name is not None else kind.titre_fr()
        assert re.search("[A-Za-z]{3}", en_ascii(text)), kind
        assert "faute" not in text.lower()
    chosen = [name.nom for name in NOMS.values()]
    assert len(chosen) == len(set(chosen))


@given(fait=fait_of(*(kind for kind in FROM_OUTSIDE if kind not in {FaitRetire, ExportProduit})))
def test_tout_fait_donne_un_libelle_et_un_nom_de_fichier_admis(fait: Fait) -> None:
    """Quel que soit le fait : son document s'inscrit, et le nom de son fichier est de ceux que Télérecours prend."""
    [entry] = as_entries([fait])
    entry = avec_piece(entry)
    assert nom_de(entry.fait.evenement).rang in Rang
    found = documents(vue([entry], "2199-12-31"))
    [fichier] = Inventaire().avec(en_series(found)).fichiers
    assert len(fichier.nom) <= LONGUEUR
    assert ADMIS.fullmatch(fichier.nom.removesuffix(".pdf"))
    assert fichier.nom.startswith("001 ")


@given(libelle=st.text(min_size=3, max_size=300), numero=st.integers(1, 9_999))
def test_tout_libelle_donne_un_nom_admis_ou_un_refus_en_francais(libelle: str, numero: int) -> None:
    """Ce que l'avocat écrit fait un nom de fichier que Télérecours prend, ou l'erreur le dit."""
    try:
        name = nom_de_fichier(numero, libelle)
    except IntituleError as error:
        assert "lettre latine" in str(error)
    else:
        assert len(name) <= LONGUEUR
        assert ADMIS.fullmatch(name.removesuffix(".pdf"))
        assert name.startswith(f"{numero:03} ")


# --------------------------------------------------------------------------- numbers stay


def test_une_piece_ajoutee_plus_tard_prend_le_numero_suivant(depot: Depot, tmp_path: Path) -> None:
    """Un fait nouveau et un fichier joint ne déplacent aucun numéro, et un document ne change pas de numéro."""
    first = projet(entrees(depot), rapport=True)
    depot.fait("attestation_prolongation_delivree", "2025-12-05",
               {"valide_du": "2025-12-05", "valide_au": "2026-03-04", "mise_a_disposition_le": "2025-12-05", "dossier": "D-1"}, pdf("api"), objet="A-1")  # fmt: skip
    depot.fait(
        "tentative_depot_echouee", "2025-06-25", {"texte_erreur": "x"}, pdf("essai tardif"), source="depot", grade="D"
    )
    depot.fait("relance_envoyee", "2025-01-05", {}, pdf("attestation"))
    given_ = tmp_path / "passeport.pdf"
    given_.write_bytes(pdf("passeport"))
    second = projet(
        entrees(depot), rapport=True, au=date(2025, 12, 10), deja=first.inventaire, ajouts=(Ajout("Passeport", given_),)
    )
    assert second.inventaire.lignes[:10] == first.inventaire.lignes
    assert [(n, t, s) for n, t, s in lignes(second)[10:]] == [
        (11, "Tentative de dépôt échouée du 25 juin 2025", None),
        (12, "Attestation de prolongation d'instruction du 5 décembre 2025", None),
        (13, "Passeport", None),
    ]
    assert {each.envoi for each in second.inventaire.lignes[10:]} == {2}


@given(life=vies(), au=OBSERVED, cut=st.integers(0, 20))
def test_quels_que_soient_les_faits_ajoutes_les_numeros_restent(life: list[Entry], au: date, cut: int) -> None:
    """Un inventaire fait de quelques faits, puis de tous : le premier est le début du second, sans trou."""
    told = [avec_piece(entry, number) for number, entry in enumerate(life, start=1)]
    first = Inventaire().avec(en_series(documents(vue(told[:cut], au.isoformat()))))
    more = documents(vue(told, au.isoformat()))
    second = first.avec(en_series(a_inscrire(more, first)))
    assert second.lignes[: len(first.lignes)] == first.lignes
    assert {ligne.piece.sha256 for ligne in second.lignes} >= {each.sha256 for each in more}
    assert len({ligne.piece.sha256 for ligne in second.lignes}) == len(second.lignes)


# --------------------------------------------------------------------------- what is left out


def test_une_piece_s_ecarte_par_son_numero_ou_son_empreinte(depot: Depot) -> None:
    """Elle quitte l'inventaire, les numéros se resserrent, et ce qui n'est pas montré est dit."""
    whole = projet(entrees(depot))
    caf = whole.inventaire.lignes[-1].piece
    for chosen in (str(len(whole.inventaire.lignes)), caf.sha256, caf.sha256[:10].upper()):
        left = projet(entrees(depot), ecartees=(chosen,))
        assert caf.sha256 not in {each.piece.sha256 for each in left.inventaire.lignes}
        [told] = [each for each in left.retenues if each.sha256 == caf.sha256]
        assert told.libelle == caf.libelle
        assert "à la demande" in told.motif


@pytest.mark.parametrize("chosen", ["99", "0", "deadbeefdeadbeef", "abc", "", "-1", "1" * 70])
def test_ce_qui_ne_designe_rien_est_refuse(depot: Depot, chosen: str) -> None:
    """Un numéro inconnu, une empreinte trop courte ou d'ailleurs : dit en français, rien n'est écarté."""
    with pytest.raises(EcarteError, match="ne désigne aucune pièce"):
        projet(entrees(depot), ecartees=(chosen,))


def test_une_piece_inscrite_ne_se_retire_pas(depot: Depot) -> None:
    """Ce qui a été déposé reste à l'inventaire, par son numéro comme par son empreinte."""
    first = projet(entrees(depot))
    for chosen in ("1", first.inventaire.lignes[0].piece.sha256):
        with pytest.raises(EcarteError, match="une pièce inscrite ne se retire pas"):
            projet(entrees(depot), deja=first.inventaire, ecartees=(chosen,))


def test_ce_qui_va_contre_la_personne_ne_s_ecarte_pas() -> None:
    """La preuve d'un dépôt tardif est refusée avec sa raison ; la même pièce d'un dépôt à temps s'écarte."""
    late = [carte(), avec_piece(demande("2025-09-10"), 1), api("2025-11-12", "2026-02-11")]
    with pytest.raises(EcarteError, match=r"déposée le 10 septembre 2025, après la fermeture.*ne prouverait rien"):
        projet(late, ecartees=("1",))
    ontime = [carte(), avec_piece(demande("2025-07-01"), 1), avec_piece(api("2025-11-12", "2026-02-11"), 2)]
    assert len(projet(ontime, ecartees=("1",)).inventaire.lignes) == 1


def test_le_rapport_ne_s_ecarte_pas(depot: Depot) -> None:
    """Il dit aussi ce qui va en sens contraire."""
    with pytest.raises(EcarteError, match="sens contraire"):
        projet(entrees(depot), rapport=True, ecartees=("4",))


def test_ce_que_le_dossier_ne_montre_pas_est_dit(depot: Depot) -> None:
    """Jamais reçu, cité par un fait corrigé, d'un incident de tous : rien n'est inscrit, tout est nommé."""
    old = depot.fait("relance_envoyee", "2025-10-12", {}, pdf("fausse relance"))
    depot.fait("relance_envoyee", "2025-10-13", {}, pdf("vraie relance"), corrige=old)
    depot.fait("incident_ouvert", "2025-06-01", {"code": "B02", "depuis": "2025-06-01", "dossiers": ["D-1"]},
               pdf("incident de tous"), objet="I-1", personne=None)  # fmt: skip
    options = Options(procedure=Procedure.SUSPENSION, moment=Moment(None, AU))
    lost = sha256(pdf("caf")).hexdigest()
    found = projeter(entrees(depot), options, recu=lambda piece: piece.sha256 != lost, rapport=False)
    told = {each.libelle: each.motif for each in found.retenues}
    assert told["Suspension de la prestation du 15 octobre 2025"] == JAMAIS_RECU
    assert "corrigé" in told["Relance du 12 octobre 2025"] or "correction" in told["Relance du 12 octobre 2025"]
    assert "d'autres personnes" in told["Incident technique du 1er juin 2025"]
    there = {each.piece.sha256 for each in found.inventaire.lignes}
    assert not there & {each.sha256 for each in found.retenues}
    assert sha256(pdf("vraie relance")).hexdigest() in there


def test_un_fait_connu_plus_tard_n_est_pas_une_piece_d_hier(depot: Depot) -> None:
    """Vu tel que le registre le savait avant, le dossier n'a que ce qui était connu."""
    told = entrees(depot)
    options = Options(procedure=Procedure.SUSPENSION, moment=Moment(told[3].recorded_at, AU))
    found = projeter(told, options, recu=lambda _: True, rapport=False)
    assert len(found.inventaire.lignes) == 5
    assert found.retenues == ()


def test_une_personne_sans_document_n_a_pas_d_inventaire() -> None:
    """Les pièges sont dits tout de même, et rien n'est inscrit."""
    found = projet([carte(), tentative("2025-06-10")])
    assert found.inventaire == Inventaire()
    assert found.pieges
    assert projet([], au=AU).documents == ()


def test_un_fichier_joint_deja_connu_du_registre_n_est_pas_inscrit_deux_fois(depot: Depot, tmp_path: Path) -> None:
    """La même empreinte donnée par l'avocat garde le libellé de ses faits."""
    same = tmp_path / "attestation.pdf"
    same.write_bytes(pdf("attestation"))
    found = projet(entrees(depot), ajouts=(Ajout("Autre libellé", same), Ajout("Encore un autre", same)))
    assert "Autre libellé" not in {label for _, label, _ in lignes(found)}
    assert len(found.inventaire.lignes) == 9


def test_un_fichier_joint_trop_lourd_est_refuse_avant_tout(depot: Depot, tmp_path: Path) -> None:
    """Sa taille est dite, et la limite."""
    heavy = tmp_path / "scan.pdf"
    heavy.write_bytes(b"%PDF-" + b"0" * 2_000_000)
    with pytest.raises(PieceError, match=r"« scan.pdf » a 2.0 Mo, la limite est 1 Mo"):
        projet(entrees(depot), ajouts=(Ajout("Scan", heavy),), limite=1_000_000)


def test_un_document_ne_porte_pas_de_serie_sans_en_avoir_le_nom() -> None:
    """Une série est une suite de documents de même nature : elle n'est jamais vide ni d'un seul."""
    alone = Document(sha256="a" * 64, octets=1, libelle="Seule", rang=Rang.AUTRES, jour=AU, serie="Série")
    assert [each.serie for each in en_series([alone])] == [None]


@pytest.mark.parametrize(
    ("du", "au", "dit"),
    [
        ("2025-10-01", "2025-10-01", "le 1er octobre 2025"),
        ("2025-10-01", "2025-10-20", "du 1er au 20 octobre 2025"),
        ("2025-06-10", "2025-10-01", "du 10 juin au 1er octobre 2025"),
        ("2024-10-10", "2025-10-20", "du 10 octobre 2024 au 20 octobre 2025"),
        ("2024-12-31", "2025-01-01", "du 31 décembre 2024 au 1er janvier 2025"),
    ],
)
def test_une_serie_dit_ses_jours_en_peu_de_mots(du: str, au: str, dit: str) -> None:
    """Le mois et l'année ne sont dits qu'une fois quand ils sont les mêmes : le nom du fichier les garde entiers."""
    two = [
        Document(
            sha256=f"{n:064x}",
            octets=1,
            libelle=f"Pièce {n}",
            rang=Rang.AUTRES,
            jour=date.fromisoformat(day),
            serie="S",
        )
        for n, day in enumerate((du, au))
    ]
    assert {each.serie for each in en_series(two)} == {f"S, {dit}"}


@pytest.mark.parametrize("libelle", ["00A", "12 34", "aé1", "证件", "!!!"])
def test_un_libelle_qui_ne_dit_rien_est_refuse(libelle: str, depot: Depot, tmp_path: Path) -> None:
    """Trois lettres latines de suite au moins : sans elles, le contrôle refuserait le fichier."""
    given_ = tmp_path / "x.pdf"
    given_.write_bytes(pdf("x"))
    with pytest.raises(IntituleError):
        projet(entrees(depot), ajouts=(Ajout(libelle, given_),))

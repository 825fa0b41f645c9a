"""``constat export tribunal`` as a lawyer meets it: the traps first, then yes or no, then the folder, or nothing."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
import unicodedata
from functools import partial
from pathlib import Path

import pytest

from tests import forked
from tests.app.test_cli import Constat, constat  # noqa: F401 - the fixture of the command line
from tests.evidence.dossiers import QUI, Depot, nadia, pdf, png

ROOT = Path(__file__).parents[2]
SEUL = "solo-exemple"
VIDE = "vide-exemple"
RENE = "rené-exemple"


@pytest.fixture(scope="module")
def greffe(constat: Constat, tmp_path_factory: pytest.TempPathFactory) -> Constat:  # noqa: F811 - as above
    """The command line on a ledger that holds three persons: with documents, with many images, with none."""
    folder = tmp_path_factory.mktemp("documents")
    depot = nadia(Depot(folder))
    for number in range(30):
        day = f"2025-06-{number % 28 + 1:02}"
        images = [png(600, 400, teinte=number), png(400, 600, teinte=number)]
        depot.fait("tentative_depot_echouee", day, {"texte_erreur": "x"}, *images, personne=SEUL, objet="D-2")
    depot.fait("tentative_depot_echouee", "2025-06-10", {"texte_erreur": "x"}, personne=VIDE, objet="D-3")
    depot.fait("relance_envoyee", "2025-06-10", {}, pdf("relance"), personne=RENE, objet="D-4")
    facts = folder / "faits.jsonl"
    facts.write_text(depot.jsonl(), encoding="utf-8")
    done = constat("import", str(facts), "--documents", str(folder))
    assert done.returncode == 0, done.stderr
    return constat


def tribunal(greffe: Constat, *arguments: object, personne: str = QUI) -> subprocess.CompletedProcess[str]:
    """The command for a suspension on 1 December 2025."""
    asked = ("export", "tribunal", personne, "--procedure", "l521-1", "--on", "2025-12-01")
    return greffe(*asked, *map(str, arguments))


def test_check_montre_tout_et_n_ecrit_rien(greffe: Constat, tmp_path: Path) -> None:
    """Conditions, pièces, pièges avec leur étiquette, inventaire proposé ; code 0 ; aucun dossier."""
    done = tribunal(greffe, "--check", "--output", tmp_path / "dossier")
    assert (done.returncode, done.stderr) == (0, "")
    for told in (
        "Référé-suspension (CJA L.521-1), nadia-exemple, vu le 1er décembre 2025",
        "Identité et nationalité de la personne : rien au registre",
        "Pièges : 3",
        "[obstacle, dossier D-1] Aucune requête en annulation",
        "CJA, art. R.522-1 [F] texte lu dans une copie",
        "[S] connu par un résumé de tiers, texte non lu",
        "Inventaire proposé : 10 pièces",
        "Rapport de preuve tiré du registre, vu le 1er décembre 2025  (ne peut pas être écartée)",
        "5  Tentative de dépôt échouée du 10 juin 2025",
        "aucun nom de tiers n'y est masqué",
    ):
        assert told in done.stdout, told
    assert list(tmp_path.iterdir()) == []
    told = json.loads(tribunal(greffe, "--check", "--json").stdout)
    assert [each["numero"] for each in told["inventaire"]["lignes"]] == list(range(1, 11))
    assert {each["code"] for each in told["pieges"]} == {
        "requete_au_fond_absente", "delai_non_opposable", "motifs_non_demandes"
    }  # fmt: skip
    assert told["a_documenter"]["procedure"] == "l521-1"


def test_devant_des_pieges_et_sans_personne_pour_repondre_rien_n_est_ecrit(greffe: Constat, tmp_path: Path) -> None:
    """Sans terminal et sans --yes : refus, code 1, après avoir tout montré ; avec --yes, le dossier est là."""
    refused = tribunal(greffe, "--output", tmp_path / "dossier")
    assert refused.returncode == 1
    assert "Pièges : 3" in refused.stdout
    assert "3 pièges : rien n'a été écrit" in refused.stderr
    assert list(tmp_path.iterdir()) == []
    done = tribunal(greffe, "--output", tmp_path / "dossier", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert "8 fichiers à déposer" in done.stdout
    linted = greffe(
        "export", "lint", str(tmp_path / "dossier/requete"), "--inventory", str(tmp_path / "dossier/inventaire.json")
    )
    assert (linted.returncode, "aucun manquement" in linted.stdout) == (0, True)
    again = tribunal(greffe, "--output", tmp_path / "dossier", "--yes")
    assert (again.returncode, "existe déjà" in again.stderr) == (1, True)


@pytest.mark.parametrize(("reponse", "code", "fait"), [("oui", 0, True), ("non", 1, False), ("", 1, False)])
def test_devant_un_terminal_la_question_est_posee(
    greffe: Constat, tmp_path: Path, reponse: str, code: int, fait: bool
) -> None:
    """Oui fait le dossier ; non, ou rien, n'écrit rien."""
    ours, its = pty.openpty()
    asked = ("export", "tribunal", QUI, "--procedure", "l521-1", "--on", "2025-12-01", "--output", tmp_path / "dossier")
    os.write(ours, f"{reponse}\n".encode())
    done = forked.constat(asked, env=greffe.environment, terminal=its)
    os.close(its)
    os.close(ours)
    assert "3 pièges. Faire le dossier quand même ?" in done.stdout
    assert done.returncode == code
    assert (tmp_path / "dossier").exists() is fait
    assert ("rien n'a été écrit" in done.stdout + done.stderr) is not fait


def test_ctrl_c_au_milieu_ne_laisse_rien(greffe: Constat, tmp_path: Path) -> None:
    """Interrompue pendant qu'elle met soixante images en page, la commande le dit et rien ne reste."""
    command = [
        sys.executable,
        "-m",
        "app.cli",
        "export",
        "tribunal",
        SEUL,
        "--procedure",
        "l521-3",
        "--on",
        "2025-12-01",
    ]
    with subprocess.Popen(
        [*command, "--output", str(tmp_path / "dossier"), "--yes"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=greffe.environment,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - as in a terminal, one call
    ) as writing:  # fmt: skip
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob(".dossier.partiel-*/travail/*.pdf")):
            assert writing.poll() is None, writing.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        writing.send_signal(signal.SIGINT)
        _, err = writing.communicate(timeout=60)
    assert writing.returncode == 130
    assert "interrompu" in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_une_piece_jointe_et_un_rapport_puis_une_suite(greffe: Constat, tmp_path: Path) -> None:
    """--add, --report, --case, puis --inventory : les numéros du premier dossier restent dans le second."""
    passport, report, request = (tmp_path / name for name in ("passeport.pdf", "rapport.pdf", "requete.pdf"))
    for path in (passport, report, request):
        path.write_bytes(pdf(path.stem))
    first = tribunal(
        greffe, "--output", tmp_path / "un", "--yes", "--json", "--report", report, "--add", f"Passeport={passport}",
        "--case", "Nadia Exemple c/ préfet", "--without", "10",
    )  # fmt: skip
    assert first.returncode == 0, first.stderr
    told = json.loads(first.stdout)
    labels = [each["libelle"] for each in told["pieces"]]
    assert labels[3].startswith("Rapport de preuve")
    assert labels[-1] == "Passeport"
    assert len(labels) == 10
    second = tribunal(
        greffe, "--output", tmp_path / "deux", "--yes", "--json", "--inventory", tmp_path / "un/inventaire.json",
        "--add", f"Requête en annulation={request}",
    )  # fmt: skip
    assert second.returncode == 0, second.stderr
    after = json.loads(second.stdout)["pieces"]
    assert after[:10] == [{**each, "faits": each["faits"]} for each in told["pieces"]]
    assert [each["libelle"] for each in after[10:]] == [
        "Rapport de preuve tiré du registre, vu le 1er décembre 2025",
        "Suspension de la prestation du 15 octobre 2025",
        "Requête en annulation",
    ]


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler) is not on this machine")
def test_l_inventaire_dit_l_affaire_et_chaque_piece(greffe: Constat, tmp_path: Path) -> None:
    """Le PDF de l'inventaire se lit dans l'ordre : l'affaire, les numéros, les libellés, les fichiers."""
    done = tribunal(greffe, "--output", tmp_path / "un", "--yes", "--case", "Nadia Exemple c/ préfet")
    assert done.returncode == 0, done.stderr
    read = subprocess.run(
        ["pdftotext", tmp_path / "un/requete/Inventaire detaille.pdf", "-"], capture_output=True, text=True, check=True
    )
    told = " ".join(read.stdout.split())
    places = [told.index(each) for each in ("Nadia Exemple c/ préfet", "Série homogène", "Empreintes", "déposé :")]
    assert places == sorted(places)


def test_une_reference_a_accents_decomposes_est_la_meme(greffe: Constat) -> None:
    """Le é en deux signes désigne la même personne, et ses documents sont trouvés."""
    done = tribunal(greffe, "--check", personne=unicodedata.normalize("NFD", RENE))
    assert (done.returncode, "Inventaire proposé : 2 pièces" in done.stdout) == (0, True), done.stdout
    assert "jamais reçu" not in done.stdout


def test_un_paquet_aussi(greffe: Constat, tmp_path: Path) -> None:
    """Toute commande lit la référence comme les faits l'écrivent."""
    nfd = unicodedata.normalize("NFD", RENE)
    done = greffe("export", "bundle", nfd, "--output", str(tmp_path / "p.zip"))
    assert done.returncode == 0, done.stderr
    assert len(json.loads(greffe("export", "list", nfd, "--json").stdout)) == 1


REFUS = {
    "personne inconnue": (("--check",), "inconnue", 1, "aucune entrée pour « inconnue »"),
    "sans dossier": ((), QUI, 2, "il manque l'option --output"),
    "sans pièce": (("--yes", "--output", "X", "--no-report"), VIDE, 1, "aucune pièce à déposer"),
    "libellé sans fichier": (("--check", "--add", "Passeport"), QUI, 2, "LIBELLÉ=FICHIER"),
    "fichier absent": (("--check", "--add", "Passeport=/nulle/part.pdf"), QUI, 2, "n'existe pas"),
    "libellé vide": (("--check", "--add", f"ab={__file__}"), QUI, 2, "de 3 à 300 caractères"),
    "libellé muet": (("--check", "--add", f"1234={__file__}"), QUI, 2, "lettre latine"),
    "numéro inconnu": (("--check", "--without", "99"), QUI, 1, "ne désigne aucune pièce"),
    "conversion de rien": (("--yes", "--output", "X", "--converted", f"ffffffffffff={__file__}"), QUI, 1, "une pièce et une seule"),
    "inventaire": (("--check", "--inventory", __file__), QUI, 1, "n'est pas un inventaire de pièces"),
    "jour": (("--check", "--on", "hier"), QUI, 2, "n'est pas un jour"),
    "taille": (("--check", "--max-size", "0"), QUI, 2, "hors des bornes"),
    "pas un PDF": (("--yes", "--output", "X", "--add", f"Programme={__file__}"), QUI, 1, "ni un PDF, ni une image"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUS)
def test_ce_qui_ne_va_pas_est_dit_en_francais(greffe: Constat, tmp_path: Path, name: str) -> None:
    """Code 1 ou 2, une phrase qui dit quoi, aucune trace du programme, rien d'écrit."""
    arguments, personne, code, said = REFUS[name]
    given = [str(tmp_path / "dossier") if each == "X" else each for each in arguments]
    done = tribunal(greffe, *given, personne=personne)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_une_procedure_inconnue_nomme_les_cinq(greffe: Constat) -> None:
    """Les choix sont dits."""
    done = greffe("export", "tribunal", QUI, "--procedure", "l521-9", "--check")
    assert done.returncode == 2
    assert all(each in done.stderr for each in ("l521-1", "l521-2", "l521-3", "indemnitaire", "provision"))


@pytest.mark.parametrize("procedure", ["l521-1", "l521-2", "l521-3", "indemnitaire", "provision"])
def test_chaque_procedure_se_montre(greffe: Constat, procedure: str) -> None:
    """Ce qui est à établir et les pièces à réunir, sans jamais le mot faute."""
    done = greffe("export", "tribunal", QUI, "--procedure", procedure, "--check", "--on", "2025-12-01")
    assert done.returncode == 0, done.stderr
    assert "À établir" in done.stdout
    assert "faute" not in done.stdout.lower()


def test_vu_tel_que_connu_avant_rien_n_etait_connu(greffe: Constat) -> None:
    """--known-on avant l'import : aucun fait, aucune pièce, et la commande ne tombe pas."""
    done = tribunal(greffe, "--check", "--known-on", "2020-01-01")
    assert (done.returncode, "aucune pièce" in done.stdout) == (0, True)

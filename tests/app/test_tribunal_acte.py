"""A tribunal's folder from the command: its report quotes the pieces, it is checked, recorded, and comes again."""

import json
import shutil
import subprocess
import sys
import zipfile
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from evidence.documents import inventaire_pdf
from evidence.inventaire import Inventaire
from evidence.inventaire import Piece as Inscrite
from evidence.verificateurs.assemblage import pyz
from ledger.entry import Piece
from ledger.interchange import write_line
from tests.app.test_cli import Constat, constat  # noqa: F401 - the fixture of the command line
from tests.evidence.pdf import verifier_pdf
from tests.faits import fait

WHO = "P-1"


@pytest.fixture(scope="module")
def told(constat: Constat, tmp_path_factory: pytest.TempPathFactory) -> Constat:  # noqa: F811 - as above
    """The command line on a ledger of a person with three documents."""
    folder = tmp_path_factory.mktemp("documents")
    lines = []
    for n in (1, 2, 3):
        content = inventaire_pdf(
            Inventaire().avec([Inscrite(libelle=f"Fictif {n}", sha256=f"{n:064x}")]), date(2026, 1, n)
        )
        digest = sha256(content).hexdigest()
        (folder / f"{digest}.pdf").write_bytes(content)
        piece = Piece(nom=f"capture {n}.pdf", octets=len(content), sha256=digest)
        lines.append(write_line(fait(id=f"F-{n}", survenu=f"2026-01-{7 * n:02}T09:00:00Z", pieces=(piece,))))
    (folder / "faits.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    done = constat("import", str(folder / "faits.jsonl"), "--documents", str(folder))
    assert done.returncode == 0, done.stderr
    return constat


def test_a_folder_is_made_checked_recorded_and_comes_again(told: Constat, tmp_path: Path) -> None:
    """The lint finds nothing, the report is a piece that names the others by number, the second time gives the same bytes."""
    place = tmp_path / "dépôt"
    done = told(
        "export", "tribunal", WHO, "--procedure", "l521-3", "--output", str(place), "--on", "2026-02-20",
        "--case", "Requête fictive", "--yes", "--no-series",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    filed = sorted(path.name for path in (place / "requete").iterdir())
    assert [name[:3] for name in filed] == ["001", "002", "003", "004", "Inv"]
    lint = told("export", "lint", str(place / "requete"), "--inventory", str(place / "inventaire.json"))
    assert lint.returncode == 0, lint.stdout
    [report] = [name for name in filed if "apport" in name]
    for name in (report, filed[-1]):
        verifier_pdf((place / "requete" / name).read_bytes(), joints=[], outils=False)
    bundle, filing = json.loads(told("export", "list", WHO, "--json").stdout)
    assert [each["destinataire"] for each in (bundle, filing)] == ["tribunal administratif"] * 2
    assert (bundle["profil"], filing["profil"]) == ("expert", "tribunal, l521-3")
    assert bundle["empreinte"] in done.stdout
    for one, name in ((filing, "encore"), (bundle, "encore/expertise.zip")):
        again = told("export", "again", WHO, one["export"], "--output", str(tmp_path / name))
        assert again.returncode == 0, again.stderr
    assert _contents(tmp_path / "encore") == _contents(place)


def test_the_report_prints_which_bundle_proves_it(told: Constat, tmp_path: Path) -> None:
    """The bundle beside what is filed holds for who trusts its log, its list of lists has the digest that the report has."""
    place = tmp_path / "dépôt"
    done = told(
        "export", "tribunal", WHO, "--procedure", "l521-3", "--output", str(place), "--on", "2026-02-20", "--yes", "--json"
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)["expertise"]
    with zipfile.ZipFile(place / "expertise.zip") as bundle:
        [lists] = [name for name in bundle.namelist() if name.endswith("/tagmanifest-sha256.txt")]
        assert sha256(bundle.read(lists)).hexdigest() == printed["empreinte"]
    verifier = tmp_path / "verifier.pyz"
    verifier.write_bytes(pyz())
    judged = subprocess.run(
        [sys.executable, "-I", verifier, place / "expertise.zip"], capture_output=True, text=True, check=False
    )
    assert "COHÉRENT, ANCRAGE NON CONFIRMÉ" in judged.stdout
    if shutil.which("pdftotext"):
        [report] = place.glob("requete/*apport*.pdf")
        read = subprocess.run(["pdftotext", report, "-"], capture_output=True, text=True, check=True).stdout
        assert printed["empreinte"] in read
        assert printed["export"] in read


def test_what_was_exported_before_is_no_document_of_hers(told: Constat, tmp_path: Path) -> None:
    """Filed and copied the day after other exports: neither holds what was kept of them, which others may have seen."""
    for name in ("un", "deux"):
        done = told(
            "export", "tribunal", WHO, "--procedure", "l521-3", "--output", str(tmp_path / name), "--yes", "--json"
        )
        assert done.returncode == 0, done.stderr
        labels = [each["libelle"] for each in json.loads(done.stdout)["pieces"]]
        assert not any("xport" in each for each in labels), labels
        assert not any("xport" in each["libelle"] for each in json.loads(done.stdout)["retenues"])
    given = told("export", "history", WHO, "--output", str(tmp_path / "histoire.pdf"))
    assert given.returncode == 0, given.stderr
    copied = told("access-export", WHO, "--output", str(tmp_path / "copie"))
    assert copied.returncode == 0, copied.stderr
    listed = json.loads((tmp_path / "copie/documents.json").read_bytes())
    kept = [each for each in listed if "gardé pour être refait" in each["absent_parce_que"]]
    assert kept
    assert all(each["fichier"] == "" for each in kept)
    assert not any("xport" in each["nom"] for each in listed if each["fichier"])


def test_of_whom_nothing_was_known_then_no_report_is_filed(told: Constat, tmp_path: Path) -> None:
    """What the lawyer adds is filed alone, and the act of export is recorded all the same."""
    mine = tmp_path / "à moi.pdf"
    mine.write_bytes(inventaire_pdf(Inventaire().avec([Inscrite(libelle="Fictif", sha256="a" * 64)]), date(2026, 1, 1)))
    done = told(
        "export", "tribunal", WHO, "--procedure", "provision", "--output", str(tmp_path / "d"), "--yes",
        "--known-on", "2020-01-01", "--add", f"Passeport={mine}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "d/requete").iterdir()) == [
        "001 Passeport.pdf", "Inventaire detaille.pdf"
    ]  # fmt: skip


def test_without_a_yes_and_a_terminal_nothing_is_made(told: Constat, tmp_path: Path) -> None:
    """The traps are shown, nothing is written or recorded."""
    before = told("export", "list", WHO, "--json").stdout
    done = told(
        "export", "tribunal", WHO, "--procedure", "l521-1", "--output", str(tmp_path / "d"), "--on", "2026-02-20"
    )
    assert done.returncode != 0
    assert not (tmp_path / "d").exists()
    assert told("export", "list", WHO, "--json").stdout == before


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

"""The bulk folder on the command line: whole or not there, redone by its own figures, and refused when it should be."""

import json
import re
import shutil
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from app import bulk_export
from app.bulk_export import Exporte, Options, export
from app.open import Opened
from ledger.documents import DocumentStore
from ledger.errors import ConstatError
from ledger.interchange import write_line
from ledger.kek import DeploymentKeys
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from tests.app.test_cli import Constat, constat  # noqa: F401 - the fixture of the command line
from tests.conftest import ORIGIN
from tests.evidence.populations import d_autres, population
from tests.faits import fait

PLAIN = Options(checkpoint=None, au=None, du=None, minimum=5, mois=False, cle=None)
FILES = {
    "faits.csv", "faits.parquet", "intervalles.csv", "intervalles.parquet", "unites.csv", "unites.parquet",
    "statistiques.json", "dictionnaire.json", "dictionnaire.md", "csv-metadata.json", "point.note", "rapport.json",
    "manifest-sha256.txt",
}  # fmt: skip


@pytest.fixture(scope="module")
def filled(constat: Constat) -> Constat:  # noqa: F811 - as above
    """The command line on a sealed population."""
    path = constat.home / "population.jsonl"
    path.write_bytes(b"".join(write_line(each) + b"\n" for each in (*population(40), *d_autres(12))))
    assert constat("import", str(path)).returncode == 0
    assert constat("seal", "once").returncode == 0
    return constat


@pytest.fixture(scope="module")
def folder(filled: Constat) -> Path:
    """A bulk export of it."""
    folder = filled.home / "masse"
    done = filled("export", "bulk", "--output", str(folder), "--true-on", "2025-12-14", "--min-cell", "5")
    assert (done.returncode, done.stderr) == (0, "")
    assert "pseudonymes : clé tirée pour cet export, puis jetée" in done.stdout
    assert re.search(r"\d+ personnes? sur 41 seules de leur profil", done.stdout)
    return folder


def test_the_folder_holds_what_the_docs_say(folder: Path) -> None:
    """Its files, each with its digest; the report tells which checkpoint, and who may see it is nobody else."""
    assert {each.name for each in folder.iterdir()} == FILES
    for line in (folder / "manifest-sha256.txt").read_text().splitlines():
        digest, name = line.split("  ")
        assert sha256((folder / name).read_bytes()).hexdigest() == digest
    told = json.loads((folder / "rapport.json").read_bytes())
    assert told["taille"] == int((folder / "point.note").read_text().split("\n")[1])
    assert told["comptes"]["faits"] + told["comptes"]["du_registre"] == told["taille"]
    assert folder.stat().st_mode & 0o077 == 0


def test_figures_are_redone_from_the_folder_alone(filled: Constat, folder: Path, tmp_path: Path) -> None:
    """--check agrees without a ledger; one digit changed is found, with exit code 1."""
    nowhere = {"DATABASE_URL": "postgresql://nulle.part.invalid/rien"}
    done = filled("export", "stats", str(folder), "--check", **nowhere)
    assert done.returncode == 0, done.stderr
    assert "54 tableaux refaits, aucun écart" in done.stdout
    copy = tmp_path / "copie"
    shutil.copytree(folder, copy)
    path = copy / "statistiques.json"
    value = json.loads(path.read_bytes())
    shown = next(each for each in value["chiffres"] if each["resultat"] and not each["resultat"][0][1])
    shown["resultat"][0][2] += 1
    path.write_text(json.dumps(value))
    done = filled("export", "stats", str(copy), "--check", **nowhere)
    assert done.returncode == 1
    assert f"{shown['chiffre']} : la requête donne un autre résultat" in done.stdout
    path.write_text("{")
    done = filled("export", "stats", str(copy), "--check", **nowhere)
    assert (done.returncode, done.stdout) == (1, "")
    assert "qui se lise" in done.stderr


def test_figures_of_another_period(filled: Constat, folder: Path, tmp_path: Path) -> None:
    """Printed, or written to a file; the same whichever way."""
    asked = ("export", "stats", str(folder), "--from", "2025-01-01", "--to", "2025-06-30", "--min-cell", "5")
    printed = json.loads(filled(*asked).stdout)
    assert (printed["du"], printed["au"]) == ("2025-01-01", "2025-06-30")
    path = tmp_path / "chiffres.json"
    assert filled(*asked, "--output", str(path)).returncode == 0
    assert json.loads(path.read_bytes()) == printed
    assert path.stat().st_mode & 0o077 == 0


def test_a_kept_key_joins_two_exports(filled: Constat, tmp_path: Path) -> None:
    """Made once, closed to others, used again: the same pseudonyms; the report says that the key is kept."""
    key = tmp_path / "cle.hex"
    heads = []
    for name in ("un", "deux"):
        done = filled("export", "bulk", "--output", str(tmp_path / name), "--pseudonyms-key", str(key), "--json")
        assert done.returncode == 0, done.stderr
        heads.append(json.loads(done.stdout)["manifeste_sha256"])
        assert json.loads(done.stdout)["bilan"]["pseudonymes"] == "clé gardée par l'exportateur"
    assert heads[0] == heads[1]
    assert key.stat().st_mode & 0o077 == 0
    key.write_text("pas une clé")
    done = filled("export", "bulk", "--output", str(tmp_path / "trois"), "--pseudonyms-key", str(key))
    assert done.returncode == 1
    assert "64 chiffres hexadécimaux" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--output", "{home}/masse"), 1, "existe déjà"),
        (("--output", "{tmp}/x", "--checkpoint", "7000000"), 1, "aucun point de contrôle de taille 7000000"),
        (("--output", "{tmp}/x", "--from", "2025-01-02"), 1, "premier jour d'un mois"),
        (("--output", "{tmp}/x", "--min-cell", "4"), 2, "hors des bornes"),
        (("--output", "{tmp}/x", "--dates", "year"), 2, "attendu : day, month"),
        ((), 2, "--output"),
    ],
)
def test_what_is_refused_leaves_nothing(
    filled: Constat, folder: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    """The reason in French, the exit code, and no folder, whole or in part."""
    before = {each.name for each in filled.home.iterdir()}
    done = filled("export", "bulk", *(each.format(home=filled.home, tmp=tmp_path) for each in arguments))
    assert done.returncode == code
    assert told in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert {each.name for each in filled.home.iterdir()} == before


def test_check_takes_no_period(filled: Constat, folder: Path) -> None:
    """What is published is redone as it is."""
    done = filled("export", "stats", str(folder), "--check", "--from", "2025-01-01")
    assert done.returncode == 2
    assert "--check refait les chiffres publiés tels quels" in done.stderr


@pytest.fixture
def opened(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> Opened:
    """A small sealed ledger."""
    ledger.append(list(population(8)))
    sealer = Sealer(ledger.database, SigningKeys.generate(ORIGIN), Memory(tmp_path / "point"))
    sealer.seal()
    ledger.append([fait(id="APRES")])
    sealer.seal()
    sealer.close()
    return Opened(ledger, keys, DocumentStore(MemoryStore()))


def nothing(_: object) -> None:
    """Say nothing to anybody."""


def test_the_ledger_is_told_before_the_folder_is_there(opened: Opened, tmp_path: Path) -> None:
    """All is written when it is told, and the name is not given yet; when telling fails, nothing is left."""
    folder = tmp_path / "dehors" / "masse"
    folder.parent.mkdir()
    seen: list[Exporte] = []

    def tell(done: Exporte) -> None:
        assert not folder.exists()
        [beside] = folder.parent.iterdir()
        assert sha256((beside / "manifest-sha256.txt").read_bytes()).hexdigest() == done.manifeste
        seen.append(done)

    done = export(opened, folder, PLAIN, nothing, tell)
    assert seen == [done]
    assert {each.name for each in folder.iterdir()} == FILES

    def fail(_: Exporte) -> None:
        msg = "non"
        raise ConstatError(msg)

    with pytest.raises(ConstatError, match="non"):
        export(opened, folder.with_name("autre"), PLAIN, nothing, fail)
    assert [each.name for each in folder.parent.iterdir()] == ["masse"]


def test_an_older_checkpoint_is_exported_as_it_was(opened: Opened, tmp_path: Path) -> None:
    """The size that is asked for, the signature of that size, and the day on which it was signed."""
    done = export(opened, tmp_path / "vieux", PLAIN._replace(checkpoint=240), nothing, nothing)
    assert (done.bilan.taille, done.bilan.comptes.faits) == (240, 240)
    assert (tmp_path / "vieux" / "point.note").read_text().split("\n")[1] == "240"
    last = export(opened, tmp_path / "neuf", PLAIN._replace(au=date(2025, 12, 14)), nothing, nothing)
    assert last.bilan.taille == 241
    assert last.bilan.observe_le == date(2025, 12, 14)


def test_a_log_without_a_checkpoint_is_told_what_to_do(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """Nothing sealed, nothing exported."""
    empty = Opened(ledger, keys, DocumentStore(MemoryStore()))
    with pytest.raises(ConstatError, match="constat seal once"):
        export(empty, tmp_path / "rien", PLAIN, nothing, nothing)
    assert not (tmp_path / "rien").exists()


def test_each_export_draws_its_own_key(opened: Opened, tmp_path: Path) -> None:
    """Two exports at one checkpoint have no pseudonym in common."""
    for name in ("un", "deux"):
        export(opened, tmp_path / name, PLAIN, nothing, nothing)
    first, second = (set(re.findall(r"[0-9a-f]{32}", (tmp_path / n / "faits.csv").read_text())) for n in ("un", "deux"))
    assert first
    assert not first & second
    assert bulk_export.KEY_BYTES == 32

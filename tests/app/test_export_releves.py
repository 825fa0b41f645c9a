"""``constat export`` receipt, attempt, erasure, blockage, history, access-request: as a user meets them."""

import json
import subprocess
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest

import app
from app.access_export import export, history, volume_names
from app.open import Opened
from evidence import historique as historique_module
from evidence.recu_effacement import effacement_pdf
from ledger import erasure
from tests.app.effacements import BY_RULE, finished, lives, opened  # noqa: F401 - the fixtures of the ledger
from tests.app.test_cli import Constat, constat  # noqa: F401 - the fixture of the command line
from tests.evidence.lecture import d_un_trait, joints, needs_poppler
from tests.evidence.pdf import verifier_pdf
from tests.seal.receipts import GOLDEN

SAMPLES = Path(app.__file__).parent / "demo" / "cas.jsonl"
M02 = "lina-exemple-m02"
WHO = "fictif-5"
NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def told(constat: Constat) -> Constat:  # noqa: F811 - as above
    """The command line on a ledger that holds the worked cases."""
    assert constat("import", str(SAMPLES)).returncode == 0
    return constat


def made(told: Constat, output: Path, *arguments: str) -> bytes:
    """What a command wrote, readable by its owner only; it is said with its digest."""
    done = told("export", *arguments, "--output", str(output), "--on", "2026-11-27")
    assert (done.returncode, done.stderr) == (0, "")
    content = output.read_bytes()
    assert sha256(content).hexdigest() in "".join(done.stdout.split())
    assert output.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in output.parent.iterdir() if each.name.endswith(".new")] == []
    verifier_pdf(content, outils=False)
    return content


def refused(told: Constat, output: Path, *arguments: str, code: int = 1) -> str:
    """What is said of what is refused; nothing is written."""
    done = told("export", *arguments, "--output", str(output))
    assert done.returncode == code
    assert not output.exists()
    return done.stderr


def test_a_receipt_and_an_attempt(told: Constat, tmp_path: Path) -> None:
    """The page of each, made twice, is the same; its attachment is the file; a policy verifies it."""
    for kind, name in (("receipt", "acte"), ("attempt", "tentative")):
        file = GOLDEN / f"{name}.recu"
        arguments = (kind, str(file), "--policy", str(GOLDEN / "politique.txt"))
        content = made(told, tmp_path / f"{name}.pdf", *arguments)
        assert content == made(told, tmp_path / f"{name}-2.pdf", *arguments)
        assert [each for each, _ in joints(content).values()] == [file.read_bytes()]


def test_a_changed_receipt_is_refused(told: Constat, tmp_path: Path) -> None:
    """One bit, another kind, a policy that knows nobody: said in French, and nothing is written."""
    raw = bytearray((GOLDEN / "acte.recu").read_bytes())
    raw[300] ^= 1
    changed = tmp_path / "change.recu"
    changed.write_bytes(raw)
    nobody = tmp_path / "personne.txt"
    nobody.write_text("quorum none\n")
    output = tmp_path / "rien.pdf"
    assert "ce reçu n'est pas retenu" in refused(told, output, "receipt", str(changed))
    assert "ce reçu n'est pas retenu" in refused(told, output, "attempt", str(GOLDEN / "acte.recu"))
    arguments = ("receipt", str(GOLDEN / "acte.recu"), "--policy", str(nobody))
    assert "aucune clé" in refused(told, output, *arguments)
    assert "n'existe pas" in refused(told, output, "receipt", str(tmp_path / "absent"), code=2)


def test_what_was_there_stays_when_it_is_refused(told: Constat, tmp_path: Path) -> None:
    """A file that is refused leaves the PDF of before as it was."""
    output = tmp_path / "a.pdf"
    output.write_bytes(b"avant")
    assert told("export", "receipt", str(SAMPLES), "--output", str(output)).returncode == 1
    assert output.read_bytes() == b"avant"


def test_a_receipt_made_here_is_exported(told: Constat, tmp_path: Path) -> None:
    """From the ledger to the page: the receipt of a fact, with its content, under this deployment's own keys."""
    file = tmp_path / "ici.recu"
    assert told("receipt", M02, "--entry", "M02-002", "--open", "--output", str(file)).returncode == 0
    policy = tmp_path / "ici.txt"
    policy.write_text(f"log {told('receipt', 'key').stdout.strip()}\nquorum none\n")
    content = made(told, tmp_path / "ici.pdf", "receipt", str(file), "--policy", str(policy))
    assert [each for each, _ in joints(content).values()] == [file.read_bytes()]


def test_the_statement_of_blockage(told: Constat, tmp_path: Path) -> None:
    """It carries what ``constat incidents --person`` prints, and is dated by the option."""
    content = made(told, tmp_path / "b.pdf", "blockage", M02)
    [(data, _)] = joints(content).values()
    printed = json.loads(told("incidents", "--person", M02, "--true-on", "2026-11-27", "--json").stdout)
    assert json.loads(data)["releve"] == printed
    early = made(told, tmp_path / "b2.pdf", "blockage", M02, "--true-on", "2025-03-03")
    [(name, _)] = joints(early).items()
    assert name == "releve-blocage-2025-03-03.json"
    assert "aucune entrée pour" in refused(told, tmp_path / "c.pdf", "blockage", "inconnue")


@needs_poppler
def test_the_history(told: Constat, tmp_path: Path) -> None:
    """Every fact of the person, by its id, and her rights."""
    known = json.loads(told("history", M02, "--json").stdout)
    read = d_un_trait(made(told, tmp_path / "h.pdf", "history", M02), tmp_path)
    assert len(known) >= 8
    assert all(each["id"] in read for each in known)
    assert "5. Vos droits" in read
    assert "acces.json" not in read


@needs_poppler
def test_the_request_for_access(told: Constat, tmp_path: Path) -> None:
    """Addressed, signed and sent as asked; the days are counted from the option."""
    arguments = ("access-request", M02, "--prefecture", "Préfecture d'Exemple\\nService des étrangers")
    content = made(told, tmp_path / "d.pdf", *arguments, "--mode", "remise", "--name", "Lina Exemple")
    read = d_un_trait(content, tmp_path)
    for each in (
        "Lina Exemple",
        "Service des étrangers",
        "remise au guichet",
        "samedi 27 février 2027",
        "vendredi 26 février 2027",
        "D-M02-1",
    ):
        assert each in read, each
    read = d_un_trait(made(told, tmp_path / "d2.pdf", *arguments, "--received", "2026-11-30"), tmp_path)
    assert "mercredi 30 décembre 2026" in read
    output = tmp_path / "rien.pdf"
    early = ("--received", "2026-11-26", "--on", "2026-11-27")
    assert "avant d'être envoyée" in refused(told, output, *arguments, *early)
    assert "--prefecture" in refused(told, output, "access-request", M02, "--prefecture", " ")
    assert "--name" in refused(told, output, *arguments, "--name", "x" * 2_001)
    assert "n'est pas un choix" in refused(told, output, *arguments, "--mode", "pigeon", code=2)


def test_the_receipt_of_an_erasure(told: Constat, tmp_path: Path) -> None:
    """As ``constat erase`` handed it over; ``--check`` asks the register, which refuses what it does not know."""
    done = told(
        "erase", "amina-exemple-c01", "--reason", "r", "--rule", "rgpd_art17_effacement", "--output", str(tmp_path)
    )
    assert done.returncode == 0, done.stderr
    [file] = tmp_path.glob("recu-effacement-*.json")
    content = made(told, tmp_path / "e.pdf", "erasure", str(file), "--check")
    assert [each for each, _ in joints(content).values()] == [file.read_bytes()]
    other = tmp_path / "autre.json"
    other.write_bytes(file.read_bytes().replace(b'"documents":0', b'"documents":9'))
    made(told, tmp_path / "e2.pdf", "erasure", str(other))
    assert "reçu d'effacement" in refused(told, tmp_path / "e3.pdf", "erasure", str(other), "--check")
    assert "reçu d'effacement" in refused(told, tmp_path / "e4.pdf", "erasure", str(SAMPLES))


@needs_poppler
def test_a_real_erasure_has_its_page(opened: Opened, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    """The page of a receipt that the ledger has just given holds the digest and the subject that it keeps."""
    done = finished(opened, BY_RULE)
    [row] = erasure.register(opened.ledger)
    read = d_un_trait(effacement_pdf(done.text.encode(), date(2026, 11, 27)), tmp_path)
    assert row.receipt.hex() in read
    assert row.subject.hex() in read


def test_the_copy_of_a_person_holds_the_printed_history(opened: Opened, tmp_path: Path) -> None:  # noqa: F811
    """It is in the list of digests, which ``sha256sum -c`` takes, and is the very one that the command gives that day."""
    folder = tmp_path / "copie"
    done = export(opened, WHO, folder, NOW)
    printed = (folder / "historique.pdf").read_bytes()
    verifier_pdf(printed, "historique", joints=["historique.json"], outils=False)
    listed = (folder / "manifest-sha256.txt").read_text()
    assert f"{sha256(printed).hexdigest()}  historique.pdf\n" in listed
    assert sha256(listed.encode()).hexdigest() == done.manifest_sha256
    assert (
        subprocess.run(["sha256sum", "-c", "--quiet", "manifest-sha256.txt"], cwd=folder, check=False).returncode == 0
    )
    assert joints(printed)["historique.json"][0] == (folder / "historique.json").read_bytes()
    recorded = [e.fait.evenement for e in opened.ledger.life(WHO) if e.fait.evenement.nom == "export_produit"]
    assert recorded[-1].lire_champ("sha256") == done.manifest_sha256
    assert recorded[-1].lire_champ("octets") == sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())


def test_a_long_history_goes_in_volumes(opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """As many files as volumes, each in the list of digests."""
    monkeypatch.setattr(historique_module, "FAITS", 10)
    folder = tmp_path / "copie"
    export(opened, WHO, folder, NOW)
    names = {each.name for each in folder.glob("*.pdf")}
    assert names == {"historique.pdf", "historique-2.pdf", "historique-3.pdf"} == set(volume_names(3))
    for name in names:
        verifier_pdf((folder / name).read_bytes(), "historique", outils=False)
    assert len(history(opened, WHO, date(2026, 11, 27), NOW)) in {3, 4}  # the export is one fact more
    listed = (folder / "manifest-sha256.txt").read_text()
    assert all(f"  {name}\n" in listed for name in names)


def test_what_is_handed_over_is_known_and_comes_again(told: Constat, tmp_path: Path) -> None:
    """The ledger says that the statement left, with its digest, and gives the same bytes once more."""
    content = made(told, tmp_path / "a.pdf", "blockage", M02)
    last = json.loads(told("export", "list", M02, "--json").stdout)[-1]
    assert (last["profil"], last["empreinte"]) == ("relevé de blocage", sha256(content).hexdigest())
    assert told("export", "again", M02, last["export"], "--output", str(tmp_path / "b.pdf")).returncode == 0
    assert (tmp_path / "b.pdf").read_bytes() == content

"""keys, erase, erasures, open and access-export as a user meets them: what they print, refuse and leave on the disk."""

import json
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

import app
from app.settings import Settings
from ledger import canonical
from tests import forked
from tests.app.test_cli import Constat, constat  # noqa: F401 - the fixture of the command line

SAMPLES = Path(app.__file__).parent / "demo" / "cas.jsonl"
WHO = "lina-exemple-m02"
PIECE = {"nom": "bail.pdf", "octets": 4, "sha256": sha256(b"bail").hexdigest(), "mime": "text/html"}


@pytest.fixture(scope="module")
def told(constat: Constat, tmp_path_factory: pytest.TempPathFactory) -> Constat:  # noqa: F811 - as above
    """The command line on a ledger that holds the worked cases, and a document of one person."""
    folder = tmp_path_factory.mktemp("pieces")
    (folder / PIECE["sha256"]).write_bytes(b"bail")
    more = folder / "plus.jsonl"
    lines = [
        {**FAIT, "id": "PJ-1", "pieces": [PIECE]},
        {**FAIT, "id": "DD-1", "objet": None, "type": "demande_droits_recue", "donnees": DEMANDE},
    ]
    more.write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")
    assert constat("import", str(SAMPLES)).returncode == 0
    done = constat("import", str(more), "--documents", str(folder))
    assert done.returncode == 0, done.stdout
    return constat


FAIT: dict[str, Any] = {
    "personne": WHO, "objet": "D-9", "survenu": "2026-01-05T10:00:00Z", "acteur": {"nature": "usager", "id": WHO},
    "canal": "teleservice", "source": "anef", "grade": "A", "type": "tentative_depot_echouee",
    "donnees": {"texte_erreur": "E-503"},
}  # fmt: skip
DEMANDE = {"demande": "R-9", "droit": "effacement", "recue_le": "2026-01-05"}


# ---------------------------------------------------------------------- open


@pytest.mark.parametrize("part", ["fait", "acteur", "pieces"])
def test_an_opened_part_gives_the_commitment_with_sha256sum(told: Constat, tmp_path: Path, part: str) -> None:
    """The salt and the value that are printed, put one after the other into the real sha256sum, give what the line commits to."""
    opened = told("open", WHO, "--entry", "PJ-1", "--part", part)
    assert (opened.returncode, opened.stderr) == (0, "")
    said = json.loads(opened.stdout)
    assert list(said) == ["part", "pos", "salt", "value"]
    assert (said["part"], len(said["salt"])) == (part, 64)
    value = tmp_path / "valeur"
    value.write_bytes(canonical.encode(said["value"]))
    octal = "".join(f"\\{byte:03o}" for byte in bytes.fromhex(said["salt"]))
    script = f"{{ printf '{octal}'; cat {value}; }} | sha256sum"
    digest = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout.split()[0]
    with psycopg.connect(told.environment["DATABASE_URL"]) as conn:
        lines = [json.loads(row[0]) for row in conn.execute("SELECT line FROM ledger.entry")]
    [line] = [each for each in lines if each.get("c", {}).get(part) == digest]
    assert line["pos"] == said["pos"]
    raw = forked.octets(("open", WHO, "--entry", "PJ-1", "--part", part, "--bytes"), env=told.environment)
    assert (raw.returncode, sha256(raw.stdout).hexdigest()) == (0, digest)


def test_what_is_not_there_is_not_opened(told: Constat) -> None:
    """An unknown person, entry or part, and another person's entry, are said not to be there; nothing is printed."""
    other = json.loads(told("evidence", "sayed-exemple", "--json").stdout)["faits"][0]
    for arguments, why in (
        (("inconnue", "--entry", "PJ-1", "--part", "fait"), "aucune entrée"),
        ((WHO, "--entry", "inconnue", "--part", "fait"), "aucune entrée"),
        ((WHO, "--entry", other["event_id"], "--part", "fait"), "aucune entrée"),
        ((WHO, "--entry", "DD-1", "--part", "pieces"), "n'a pas de partie"),
    ):
        done = told("open", *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert why in done.stderr


# ---------------------------------------------------------------------- access-export


def test_a_copy_is_whole(told: Constat, tmp_path: Path) -> None:
    """Facts, history, documents, accesses and rights are there, sha256sum agrees with the manifest, and the ledger knows it."""
    folder = tmp_path / "copie"
    done = told("access-export", WHO, "--output", str(folder), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    checked = subprocess.run(
        ["sha256sum", "-c", "manifest-sha256.txt"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout
    assert len(checked.stdout.splitlines()) == len([path for path in folder.rglob("*") if path.is_file()]) - 1
    assert sha256((folder / "manifest-sha256.txt").read_bytes()).hexdigest() == said["manifest_sha256"]
    [document] = json.loads((folder / "documents.json").read_text())
    assert (document["fichier"], document["type_declare"]) == ("documents/0001.bin", "text/html")
    assert (folder / document["fichier"]).read_bytes() == b"bail"
    assert "RGPD, art. 15, de mémoire, non vérifié" in (folder / "informations.txt").read_text()
    given = next(each for each in json.loads(told("history", WHO, "--json").stdout) if each["type"] == "export_produit")
    assert ["empreinte de l'export", said["manifest_sha256"]] in given["details"]
    again = tmp_path / "encore"
    (tmp_path / "lignes.jsonl").write_bytes((folder / "faits.jsonl").read_bytes())
    assert told("import", str(tmp_path / "lignes.jsonl"), "--dry-run").returncode == 0
    assert told("access-export", WHO, "--output", str(again)).returncode == 0
    assert given["id"] in {each["id"] for each in json.loads((again / "acces.json").read_text())}
    refused = told("access-export", WHO, "--output", str(again))
    assert (refused.returncode, "existe déjà" in refused.stderr) == (1, True)


# ---------------------------------------------------------------------- keys


def test_keys_are_listed_rotated_and_retired(told: Constat) -> None:
    """A rotation and a retirement as an operator does them: what each says, and what is refused on the way."""
    [before] = json.loads(told("keys", "--json").stdout)
    refused = told("keys", "retire", before["cle"])
    assert (refused.returncode, "clé courante" in refused.stderr) == (1, True)
    rotated = json.loads(told("keys", "rotate", "--json").stdout)
    assert (rotated["neuve"], rotated["enveloppees"], rotated["restantes"]) == (True, before["personnes"], 0)
    current, old = json.loads(told("keys", "--json").stdout)
    assert (current["cle"], current["personnes"], old["cle"], old["personnes"]) == (
        rotated["cle"], before["personnes"], before["cle"], 0,
    )  # fmt: skip
    retired = told("keys", "retire", before["cle"])
    assert (retired.returncode, f"{before['cle']}  absente, détruite le" in retired.stdout) == (0, True)
    text = told("keys").stdout
    assert f"{rotated['cle']}  courante, dans le fichier" in text
    assert json.loads(told("verify", "--json").stdout)["intact"]


def test_where_the_keys_are(tmp_path: Path) -> None:
    """A path is the key file; a PKCS#11 address is the token, with the key file in the home or where the address says."""
    home = {"CONSTAT_HOME": str(tmp_path)}
    plain = Settings.read({**home, "CONSTAT_KEYS": "/cles.json"})
    token = Settings.read({**home, "CONSTAT_KEYS": "pkcs11:token=t?module-path=/m"})
    named = Settings.read({**home, "CONSTAT_KEYS": "pkcs11:token=t?module-path=/m&key-file=/cles.json"})
    (tmp_path / "adresse").write_text("pkcs11:token=t?module-path=/m&pin-value=1234\n")
    filed = Settings.read({**home, "CONSTAT_KEYS": str(tmp_path / "adresse")})
    assert [each.keys for each in (plain, token, named, filed)] == [
        Path("/cles.json"), tmp_path / "keys.json", Path("/cles.json"), tmp_path / "keys.json",
    ]  # fmt: skip
    assert [each.token is None for each in (plain, token, named, filed)] == [True, False, False, False]
    assert Settings.read({**home, "CONSTAT_KEYS": "pkcs11:token=t?module-path=/m"}, demo=True).token is None


def test_a_key_setting_that_cannot_be_used(told: Constat) -> None:
    """A PKCS#11 address that is wrong, or a module that is not there, is named in one line, without its PIN."""
    for setting, why in (
        ("pkcs11:token=t?module-path=/absent.so&pin-value=S3CRET", "pin-source"),
        ("pkcs11:token=t?module-path=/absent.so", "ne se charge pas"),
        ("pkcs11:object=t", "il manque token"),
    ):
        done = told("keys", CONSTAT_KEYS=setting)
        assert done.returncode == 5, done.stderr
        assert why in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert "S3CRET" not in done.stderr


# ---------------------------------------------------------------------- erase: last, it takes the person away


def test_an_erasure_from_refusal_to_register(told: Constat, tmp_path: Path) -> None:
    """Refused with its reasons, tried without effect, done at the person's request, told again with its receipt."""
    refused = told("erase", WHO, "--reason", "fin")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Le terme de conservation" in refused.stderr
    tried = told("erase", WHO, "--reason", "fin", "--request", "R-9", "--dry-run")
    assert tried.returncode == 0
    assert "rien n'est effacé" in tried.stdout
    assert "à peser" in tried.stdout
    assert told("history", WHO).returncode == 0
    folder = tmp_path / "recus"
    done = told("erase", WHO, "--reason", "à sa demande", "--request", "R-9", "--output", str(folder), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert (said["documents_effaces"], said["repris"], said["recu"]["reference"]) == (1, False, "R-9")
    assert told("history", WHO).returncode == 1
    [row] = json.loads(told("erasures", "--json").stdout)
    assert (row["sujet"], row["definitif_le"]) == (said["recu"]["sujet"], None)
    [receipt] = folder.glob("*.json")
    assert row["recu_sha256"] == sha256(receipt.read_bytes().rstrip(b"\n")).hexdigest()
    again = told("erasures", "--receipt", str(receipt))
    assert "Effacement pas encore définitif" in again.stdout
    assert again.stdout.split() == (folder / f"{receipt.stem}.txt").read_text().split()
    receipt.write_text(receipt.read_text().replace("R-9", "R-8"))
    assert told("erasures", "--receipt", str(receipt)).returncode == 1
    assert "1 entrée" not in told("erasures").stdout
    assert told("erase", WHO, "--reason", "encore").returncode == 1
    assert json.loads(told("verify", "--json").stdout)["intact"]

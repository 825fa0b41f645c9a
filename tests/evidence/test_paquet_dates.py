"""Between which time-stamps each act was logged: what a real authority stamped, and what the log says of its tokens."""

import json
import shutil
import subprocess
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from app.export_paquet import faire
from app.exports import politique_du_paquet, rafraichir, remettre
from evidence.journal import Bornes, lire_journal
from ledger.kek import DeploymentKeys
from ledger.seal.note import Note
from ledger.seal.policy import Policy
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from tests.evidence.ouverts import NOW, WHO, demande, exporter, ouvrir, reglages, remise
from tests.faits import fait, faits
from tests.seal import tsa

local_tsa = tsa.local_tsa
GO_PACKAGES = Path("/usr/share/gocode/src")
TEMPORARY = "/tmp/"  # noqa: S108 - what the recipe says, replaced


def test_each_act_is_dated_on_both_sides(
    ledger: Ledger, keys: DeploymentKeys, tmp_path: Path, local_tsa: tsa.LocalTsa
) -> None:
    """An act stands after the leaf that names one token, and in the tree that the next one stamps; the oldest has no lower
    bound. A token over a smaller tree whose leaf comes after the act dates it from above only.
    """
    roots = tmp_path / "racines.pem"
    roots.write_bytes(local_tsa.root.certificate.public_bytes(Encoding.PEM))
    settings = reglages(tmp_path / "home", CONSTAT_TSA_URL=local_tsa.url, CONSTAT_TSA_ROOTS=str(roots))
    opened = ouvrir(ledger, keys, tmp_path)
    rafraichir(settings, opened)
    ledger.append([*faits(7, personnes=3, first=700), fait(id="F-20")])
    rafraichir(settings, opened)
    ledger.append([fait(id="F-21"), *faits(7, personnes=3, first=800)])
    rafraichir(settings, opened)
    with ledger.connection() as conn:
        key = ledger.coffre.find(conn, [WHO])[WHO]
        journal = lire_journal(conn, ledger.origin, [key.subject], politique_du_paquet(settings, opened))
    asked = demande()
    made = faire(settings, opened, asked, NOW)
    remettre(opened, WHO, made.produit, remise(made, asked.id), tmp_path / "p.zip", NOW)
    with zipfile.ZipFile(tmp_path / "p.zip") as found:
        there = {name.partition("/")[2]: found.read(name) for name in found.namelist()}
    by_id = {each.event_id: each.rang for each in journal.actes}
    sizes = [point.taille for point in journal.points]
    assert len(sizes) == 3
    first, middle, last = (journal.bornes(by_id[key.event_id(name)]) for name in ("F-1", "F-20", "F-21"))
    assert (first, middle, last) == (Bornes(None, sizes[0]), Bornes(sizes[0], sizes[1]), Bornes(sizes[1], sizes[2]))
    for size in sizes:
        note, answer = (there[f"data/journal/points/{size}.{kind}"] for kind in ("note", "tsr"))
        assert _stamped_by(tmp_path, note, answer, roots)
        assert not _stamped_by(tmp_path, note.replace(b"\n", b"\n\n", 1), answer, roots)
    assert _stamped_by(tmp_path, there["manifeste.note"], there["manifeste.tsr"], roots)
    said = [json.loads(line) for line in there["data/journal/feuilles.jsonl"].splitlines()]
    stamps = [each for each in said if each.get("kind") == "jeton"]
    assert [each["frozen"] for each in stamps] == [
        sha256(there[f"data/journal/points/{size}.note"]).hexdigest() for size in sizes[:2]
    ]


def _stamped_by(folder: Path, note: bytes, answer: bytes, roots: Path) -> bool:
    """Whether ``openssl`` takes a response for one over these bytes."""
    (folder / "note").write_bytes(note)
    (folder / "tsr").write_bytes(answer)
    command = ["openssl", "ts", "-verify", "-data", "note", "-in", "tsr", "-CAfile", str(roots)]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def test_the_recipes_of_the_bundle_work(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """Each command of LISEZMOI.txt, run as it stands where the archive was opened, accepts it, and refuses what was changed."""
    for tool in ("openssl", "xxd", "base64", "sha256sum", "sh"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} n'est pas sur cette machine")
    opened = ouvrir(ledger, keys, tmp_path)
    exporter(reglages(tmp_path / "home"), opened, tmp_path / "p.zip")
    with zipfile.ZipFile(tmp_path / "p.zip") as found:
        found.extractall(tmp_path / "sac")
    [root] = (tmp_path / "sac").iterdir()
    # What a reader has from elsewhere, its keys changed since: an older one of the log stands first.
    policy = (root / "data" / "journal" / "politique.txt").read_text(encoding="utf-8")
    older = SigningKeys.generate(ledger.origin).verifiers[0].vkey
    (root / "politique.txt").write_text(f"log {older}\n{policy}", encoding="utf-8")
    (root / "data" / "journal" / "politique.txt").write_text("quorum none\n", encoding="utf-8")
    text = (root / "LISEZMOI.txt").read_text(encoding="utf-8")
    blocks = [block for block in text.split("\n\n") if block.startswith("    ")]
    runnable = ["\n".join(block.splitlines()).replace(TEMPORARY, f"{tmp_path}/") for block in blocks]
    chosen = [each for each in runnable if not any(word in each for word in ("bagit", "openssl ts", "verifier.pyz"))]
    digest, signature, commitment, go = chosen[-4:]
    lists = "sha256sum -c manifest-sha256.txt && sha256sum -c tagmanifest-sha256.txt"
    assert _runs(lists, root) is None
    (root / "data" / "journal" / "politique.txt").write_text(policy, encoding="utf-8")
    assert _runs(lists, root) is not None
    told = _runs(digest, root)
    assert told is not None
    assert told.split()[0] == (root / "manifeste.note").read_text(encoding="utf-8").splitlines()[2]
    assert "Verified Successfully" in (_runs(signature, root) or "")
    assert (_runs(commitment, root) or "").splitlines()[-1] == "1"
    if (GO_PACKAGES / "golang.org/x/mod/sumdb/tlog").is_dir() and shutil.which("go"):
        assert "inscrite : ligne" in (_runs(go, root) or "")
        leaves = root / "data" / "journal" / "feuilles.jsonl"
        kept = leaves.read_bytes()
        leaves.write_bytes(kept[:-4] + b"2}\n")
        assert _runs(go, root) is None
        leaves.write_bytes(kept)
        believed = (root / "politique.txt").read_text(encoding="utf-8")
        (root / "politique.txt").write_text(f"log {older}\nquorum none\n", encoding="utf-8")
        assert _runs(go, root) is None
        (root / "politique.txt").write_text(believed, encoding="utf-8")
    note = (root / "manifeste.note").read_bytes()
    (root / "manifeste.note").write_bytes(note.replace(b"constat/1", b"constat/2", 1))
    assert "Verified Successfully" not in (_runs(signature, root) or "")
    (root / "data" / "dossier.json").write_bytes(b"{}\n")
    assert _runs(lists, root) is None


def _runs(script: str, folder: Path) -> str | None:
    done = subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def test_older_points_verify_under_the_new_key_by_the_history(
    ledger: Ledger, keys: DeploymentKeys, tmp_path: Path
) -> None:
    """The policy that goes with a bundle has the log's keys, and those of exports, each once."""
    opened = ouvrir(ledger, keys, tmp_path)
    settings = reglages(tmp_path / "home")
    rafraichir(settings, opened)
    policy = politique_du_paquet(settings, opened)
    assert [each.name for each in policy.logs] == [ledger.origin, f"{ledger.origin}/exports"]
    assert Policy.parse(policy.text).text == policy.text
    with ledger.connection() as conn:
        key = ledger.coffre.find(conn, [WHO])[WHO]
        journal = lire_journal(conn, ledger.origin, [key.subject], policy)
    assert policy.judge(Note.parse(journal.tete.note)).accepted

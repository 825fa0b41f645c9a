"""The verifier judges bundles of a real ledger: sound, changed anywhere, cut, signed again, whatever bytes."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from app.exports import cles_exports, politique_du_paquet, rafraichir
from evidence import archive
from evidence.archive import Membre
from evidence.sac import PAYLOAD, TAGS, liste
from evidence.verificateurs.ancres import Ancres
from evidence.verificateurs.assemblage import pyz
from evidence.verificateurs.pyz.textes import IllisibleError
from evidence.verificateurs.pyz.verdict import COUCHES, verifier
from ledger import canonical
from ledger.kek import DeploymentKeys
from ledger.seal.note import COSIGNATURE, Signer
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from tests.evidence.ouverts import exporter, ouvrir, reglages
from tests.faits import fait, faits
from tests.seal import tsa
from tests.seal.tsa import certify

local_tsa = tsa.local_tsa


class Scellage:
    """A bundle taken apart, and put together again with lists that are true."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as found:
            self.membres = dict(archive.lire(found))
        self.racine = path.read_bytes()[30:].partition(b"/")[0].decode()

    def lignes(self, nom: str) -> list[bytes]:
        """The lines of a file of the journal."""
        return self.membres[f"data/journal/{nom}"].splitlines()

    def sceller(self, cles: SigningKeys | None = None) -> None:
        """Make the lists and the measure true again, and the exporter's signature where its keys are given."""
        payload = {nom: each for nom, each in self.membres.items() if nom.startswith("data/")}
        oxum = f"{sum(map(len, payload.values()))}.{len(payload)}"
        info = [line for line in self.membres["bag-info.txt"].decode().splitlines() if "Oxum" not in line]
        self.membres["bag-info.txt"] = "".join(f"{line}\n" for line in [*info, f"Payload-Oxum: {oxum}"]).encode()
        self.membres[PAYLOAD] = liste((nom, sha256(each).hexdigest()) for nom, each in payload.items())
        apart = {TAGS, "manifeste.note", "manifeste.tsr"}
        tags = {nom: each for nom, each in self.membres.items() if not nom.startswith("data/") and nom not in apart}
        self.membres[TAGS] = liste((nom, sha256(each).hexdigest()) for nom, each in tags.items())
        if cles is not None:
            origin = cles.origin.removesuffix("/exports")
            self.membres["manifeste.note"] = bytes(
                cles.sign(f"constat/1 export\n{origin}\n{sha256(self.membres[TAGS]).hexdigest()}\n")
            )
            self.membres.pop("manifeste.tsr", None)

    def ecrire(self, path: Path) -> Path:
        """Write it as an archive."""
        each = (Membre(nom, len(octets), [octets]) for nom, octets in sorted(self.membres.items()))
        with path.open("w+b") as made:
            archive.ecrire(made, self.racine, each)
        return path


class Essai(NamedTuple):
    """A bundle as a file, what an expert knows from elsewhere, and the exporter's keys."""

    chemin: Path
    ancres: Ancres
    cles: SigningKeys

    def juge(self, octets: bytes | None = None, **anchors: str) -> dict[str, Any]:
        """How the bundle, or other bytes in its place, are judged; by no anchors unless they are given."""
        path = self.chemin
        if octets is not None:
            path = self.chemin.with_suffix(".autre")
            path.write_bytes(octets)
        return verifier(path, **anchors)

    def defait(self) -> Scellage:
        """The bundle taken apart."""
        return Scellage(self.chemin)

    def refait(self, bundle: Scellage) -> dict[str, Any]:
        """How it is judged, by the expert's anchors, when its exporter has signed it again."""
        bundle.sceller(self.cles)
        return verifier(bundle.ecrire(self.chemin.with_suffix(".refait")), **asdict(self.ancres))


@pytest.fixture
def essai(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path, local_tsa: tsa.LocalTsa) -> Essai:
    """A stamped and counted bundle of a real ledger."""
    roots = local_tsa.root.certificate.public_bytes(Encoding.PEM)
    (tmp_path / "racines.pem").write_bytes(roots)
    settings = reglages(
        tmp_path / "home", CONSTAT_TSA_URL=local_tsa.url, CONSTAT_TSA_ROOTS=str(tmp_path / "racines.pem")
    )
    opened = ouvrir(ledger, keys, tmp_path)
    rafraichir(settings, opened)
    ledger.append([*faits(7, personnes=3, first=700), fait(id="F-20")])
    exporter(settings, opened, tmp_path / "p.zip")
    anchors = Ancres(politique_du_paquet(settings, opened).text, roots.decode())
    return Essai(tmp_path / "p.zip", anchors, cles_exports(settings, ledger.origin))


def fautive(said: dict[str, Any]) -> tuple[str, str] | None:
    """The layer that fails, and its code."""
    found = [(each["nom"], each["code"]) for each in said["couches"] if each["issue"] == "echoue"]
    assert len(found) <= 1
    assert said["verdict"] == ("ALTERE" if found else said["verdict"])
    return found[0] if found else None


def test_a_bundle_of_a_real_ledger(essai: Essai) -> None:
    """It is sound for who brings a policy and a root; without them it is consistent, and says what is missing.

    Every act has a date on one side at least, the last ones on both.
    """
    said = essai.juge(**asdict(essai.ancres))
    assert said["verdict"] == "INTEGRE"
    assert [each["nom"] for each in said["couches"]] == list(COUCHES)
    assert {each["issue"] for each in said["couches"]} == {"passe"}
    dossier = json.loads(essai.defait().membres["data/dossier.json"])
    assert len(said["dates"]) == dossier["evenements"]
    assert all(date["pas_apres"] and date["pas_apres"].endswith("Z") for date in said["dates"])
    assert said["dates"][0]["pas_avant"] is None
    assert said["dates"][-1]["pas_avant"] <= said["dates"][-1]["pas_apres"]
    assert [token["verifie"] for token in said["jetons"]] == [True] * len(said["jetons"])
    assert [key["nom"] for key in said["cles"]] == ["constat.test/essai", "constat.test/essai/exports"]
    assert said["pieces"] == {"liees": 3, "sans_fait": 0, "absentes": 1}
    assert said["retenues"] == len(dossier["retenues"])
    alone = essai.juge()
    assert alone["verdict"] == "COHERENT"
    left = {each["code"] for each in alone["couches"] if each["issue"] == "impossible"}
    assert left == {"horodatage_sans_racine", "ancrage_politique"}
    assert {date["pas_apres"] for date in alone["dates"]} == {None}
    qualified = essai.juge(politique=essai.ancres.politique, qualifiees=essai.ancres.racines)
    assert {date["qualifie"] for date in qualified["dates"]} == {True}
    other = certify("Autre racine", ca=True).pem.decode()
    unverified = essai.juge(politique=essai.ancres.politique, racines=other)
    codes = {each["code"] for each in unverified["couches"] if each["issue"] == "impossible"}
    assert (unverified["verdict"], codes) == ("COHERENT", {"horodatage_non_verifie", "ancrage_horodatage"})


def test_no_changed_bit_passes(essai: Essai) -> None:
    """Of three hundred bits anywhere, and where a CRC-32 is made true again, each is noticed; so is a bundle cut short."""
    whole, rng = essai.chemin.read_bytes(), Random(7)  # noqa: S311 - the same each time
    for place in rng.sample(range(len(whole)), 300):
        changed = whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :]
        assert fautive(essai.juge(changed)), place
    for place in rng.sample(range(len(whole)), 20):
        assert fautive(essai.juge(whole[:place])) == ("archive", "archive_fin")
    assert fautive(essai.juge(whole + b"\0")) == ("archive", "archive_fin")
    assert fautive(essai.juge(b"\0" + whole)) == ("archive", "archive_fin")
    for nom, content in essai.defait().membres.items():
        bundle = essai.defait()
        bundle.membres[nom] = content[:-1] + bytes([content[-1] ^ 1])
        found = fautive(verifier(bundle.ecrire(essai.chemin.with_suffix(".bit"))))
        assert found is not None, nom
        assert found[0] in {"sac", "export", "horodatage"}


def test_what_an_exporter_may_and_may_not(essai: Essai) -> None:
    """Whoever holds the exporter's keys may close a part and say so; not change it, nor say less than the rest shows."""
    path = "data/journal/contenus.jsonl"
    bundle = essai.defait()
    lines = bundle.lignes("contenus.jsonl")
    at = next(n for n, line in enumerate(lines) if b'"part":"acteur"' in line)
    closed = json.loads(lines[at])
    bundle.membres[path] = b"".join(line + b"\n" for line in lines[:at] + lines[at + 1 :])
    assert fautive(essai.refait(bundle)) == ("dossier", "dossier_autre")
    said = json.loads(bundle.membres["data/dossier.json"])
    said["retenues"].append({name: closed[name] for name in ("part", "pos", "stream")} | {"motif": "essai"})
    said["retenues"].sort(key=lambda each: (each["stream"], each["pos"], each["part"]))
    bundle.membres["data/dossier.json"] = canonical.encode(said) + b"\n"
    again = essai.refait(bundle)
    assert (again["verdict"], again["retenues"]) == ("INTEGRE", len(said["retenues"]))
    bundle = essai.defait()
    bundle.membres[path] = bundle.membres[path].replace(b'"salt":"', b'"salt":"0', 1)[: -len(b"0")] + b"\n"
    assert fautive(essai.refait(bundle)) == ("contenus", "contenu_illisible")
    bundle = essai.defait()
    name = next(nom for nom in bundle.membres if nom.startswith("data/pieces/"))
    bundle.membres[name] += b"!"
    assert fautive(essai.refait(bundle)) == ("pieces", "piece_autre")
    bundle = essai.defait()
    bundle.membres["data/journal/recensement.jsonl"] = b"".join(
        line + b"\n" for line in bundle.lignes("recensement.jsonl")[1:]
    )
    assert fautive(essai.refait(bundle)) in {
        ("recensement", "recensement_trou"),
        ("recensement", "recensement_inconnu"),
    }
    del bundle.membres["data/journal/recensement.jsonl"]
    assert essai.refait(bundle)["verdict"] == "COHERENT"


def test_a_policy_from_outside_wins(essai: Essai) -> None:
    """The bundle's own policy is not even looked at for keys, where another was given; what cannot be read is refused."""
    stranger = SigningKeys.generate("constat.test/essai").signers[0].verifier.vkey
    said = essai.juge(politique=f"log {stranger}\nquorum none\n")
    assert fautive(said) == ("export", "export_cle")
    witness = Signer("temoin.test/w", COSIGNATURE, Ed25519PrivateKey.generate()).verifier.vkey
    asked = essai.ancres.politique.replace("quorum none", f"witness w {witness}\nquorum w")
    assert fautive(essai.juge(politique=asked)) == ("temoins", "temoins_quorum")
    for wrong in ({"politique": "rien"}, {"racines": "rien"}, {"qualifiees": essai.ancres.racines[:-60]}):
        with pytest.raises(IllisibleError):
            essai.juge(**wrong)


PYTHONS: Final = ("python3.9", "python3.10", "python3.12", "python3.13")


def runs(python: str) -> bool:
    """Whether a Python of this name is here and works."""
    done = subprocess.run([python, "-c", ""], capture_output=True, check=False) if shutil.which(python) else None
    return done is not None and done.returncode == 0


def test_the_program_of_one_file(essai: Essai, tmp_path: Path) -> None:
    """On each Python that is here it says what the function says, in JSON, in French and in English; its exit tells."""
    program = tmp_path / "verifier.pyz"
    program.write_bytes(pyz())
    (tmp_path / "politique.txt").write_text(essai.ancres.politique)
    anchors = ["--policy", "politique.txt", "--roots", "racines.pem"]
    expected = essai.juge(**asdict(essai.ancres))
    for python in (sys.executable, *filter(runs, PYTHONS)):
        done = executer(python, program, str(essai.chemin), *anchors, "--json")
        assert (done.returncode, json.loads(done.stdout), done.stderr) == (0, expected, "")
    french = executer(sys.executable, program, str(essai.chemin), *anchors).stdout
    assert french.count("✓") == len(COUCHES)
    assert "\nINTÈGRE\n" in french
    assert "Un vérificateur venu avec ce qu'il vérifie ne prouve rien" in french
    assert sha256(program.read_bytes()).hexdigest() in french
    assert all(
        line.split("log ")[1] in french for line in essai.ancres.politique.splitlines() if line.startswith("log")
    )
    alone = executer(sys.executable, program, str(essai.chemin), "--english")
    assert alone.returncode == 2
    assert "CONSISTENT, ANCHORING NOT CONFIRMED" in alone.stdout
    assert "– anchoring" in alone.stdout
    (tmp_path / "abime.zip").write_bytes(essai.chemin.read_bytes()[:-7])
    broken = executer(sys.executable, program, "abime.zip")
    assert (broken.returncode, broken.stderr) == (1, "")
    assert "✗ archive" in broken.stdout
    assert "ALTÉRÉ OU INVÉRIFIABLE" in broken.stdout


def test_the_program_is_used_in_another_way(essai: Essai, tmp_path: Path) -> None:
    """No bundle, an option that is none, a file that is not there or cannot be read: 64, a sentence, no traceback."""
    program = tmp_path / "verifier.pyz"
    program.write_bytes(pyz())
    (tmp_path / "vide.pem").write_bytes(b"")
    (tmp_path / "octets.txt").write_bytes(b"\xff\xfe")
    bundle = str(essai.chemin)
    for wrong in (
        [], ["--rien", bundle], [bundle, bundle], ["absent.zip"], [str(tmp_path)], [bundle, "--policy", "absent"],
        [bundle, "--policy", "octets.txt"], [bundle, "--roots", "vide.pem"], [bundle, "--qualified", str(tmp_path)],
    ):  # fmt: skip
        done = executer(sys.executable, program, *wrong)
        assert (done.returncode, done.stdout) == (64, "")
        assert "verifier.pyz" in done.stderr
        assert "Traceback" not in done.stderr
    for content in (b"", b"PK", b"\0" * 5000, b"PK\5\6" + bytes(18)):
        (tmp_path / "octets.zip").write_bytes(content)
        done = executer(sys.executable, program, "octets.zip")
        assert (done.returncode, done.stderr) == (1, "")


def test_a_published_verifier_brings_its_own_anchors(essai: Essai, tmp_path: Path) -> None:
    """Built with a policy and roots, it confirms by itself; others that are given replace its own; unreadable, it is not built."""
    program = tmp_path / "verifier.pyz"
    program.write_bytes(pyz(essai.ancres))
    done = executer(sys.executable, program, str(essai.chemin), "--json")
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "INTEGRE")
    (tmp_path / "autre.pem").write_bytes(certify("Autre racine", ca=True).pem)
    assert executer(sys.executable, program, str(essai.chemin), "--roots", "autre.pem").returncode == 2
    with pytest.raises(IllisibleError):
        pyz(Ancres(politique="rien"))
    with pytest.raises(IllisibleError):
        pyz(Ancres(racines="rien"))


def executer(python: str, program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program, run where it lies, with nothing of this environment."""
    return subprocess.run(
        [python, "-I", program.name, *arguments],
        cwd=program.parent, capture_output=True, text=True, encoding="utf-8", check=False, env={"LANG": "C", "PATH": os.environ["PATH"]},
    )  # fmt: skip

"""A report is sealed where a seal is set, and the command says what a seal is worth."""

import json
import zipfile
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from app.open import sceau_of
from app.settings import SettingsError
from evidence.documents import inventaire_pdf
from evidence.inventaire import Inventaire, Piece
from evidence.sceau import SceauError, verifier_sceau
from ledger.kek import DeploymentKeys
from ledger.store import Ledger
from tests.app.test_cli import Constat, constat  # noqa: F401 - the fixture of the command line
from tests.evidence import pki
from tests.evidence.ouverts import exporter, ouvrir, reglages

maison = pki.maison


def environment(maison: pki.Maison, folder: Path) -> dict[str, str]:
    """What sets the seal and its authority of time-stamps."""
    sceau = maison.sceau()
    for name, certificate in (("sceaux", maison.root.certificate), ("heures", maison.tsa.root.certificate)):
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    return {
        "CONSTAT_SEAL_P12": str(sceau.cle),
        "CONSTAT_SEAL_P12_PASSWORD": str(sceau.phrase),
        "CONSTAT_SEAL_ROOTS": str(folder / "sceaux.pem"),
        "CONSTAT_TSA_URL": maison.tsa.url,
        "CONSTAT_TSA_ROOTS": str(folder / "heures.pem"),
    }


def test_the_report_of_a_bundle_is_sealed(
    ledger: Ledger,
    keys: DeploymentKeys,
    maison: pki.Maison,
    tmp_path: Path,
    constat: Constat,  # noqa: F811
) -> None:
    """Its seal holds for who believes the root; the command says so, says otherwise of a changed file, and of none."""
    settings = reglages(tmp_path / "home", **environment(maison, tmp_path))
    exporter(settings, ouvrir(ledger, keys, tmp_path), tmp_path / "p.zip")
    with zipfile.ZipFile(tmp_path / "p.zip") as found:
        [name] = [each for each in found.namelist() if each.endswith("rapport.pdf")]
        report = found.read(name)
    assert verifier_sceau(report, maison.confiance).tient
    (tmp_path / "r.pdf").write_bytes(report)
    done = constat("export", "seal-check", str(tmp_path / "r.pdf"), "--json")
    assert done.returncode == 1  # this deployment believes nobody
    assert json.loads(done.stdout)["etat"] == "non confirmé"
    (tmp_path / "x.pdf").write_bytes(report.replace(b"/Title", b"/Titre", 1))
    assert constat("export", "seal-check", str(tmp_path / "x.pdf")).returncode == 1
    plain = inventaire_pdf(Inventaire().avec([Piece(libelle="Fictif", sha256="0" * 64)]), date(2026, 1, 1))
    (tmp_path / "n.pdf").write_bytes(plain)
    none = constat("export", "seal-check", str(tmp_path / "n.pdf"))
    assert none.returncode == 1
    assert "ne porte aucun sceau" in none.stderr


def test_a_seal_that_cannot_be_made_stops_the_export(
    ledger: Ledger, keys: DeploymentKeys, maison: pki.Maison, tmp_path: Path
) -> None:
    """A wrong pass phrase: nothing is written, and the message holds no secret; without an authority, it is asked for."""
    given = environment(maison, tmp_path)
    (tmp_path / "fausse").write_text("pas la bonne phrase\n")
    settings = reglages(tmp_path / "home", **given | {"CONSTAT_SEAL_P12_PASSWORD": str(tmp_path / "fausse")})
    with pytest.raises(SceauError) as refused:
        exporter(settings, ouvrir(ledger, keys, tmp_path), tmp_path / "p.zip")
    assert "bonne phrase" not in str(refused.value)
    assert not (tmp_path / "p.zip").exists()
    with pytest.raises(SettingsError, match="autorité d'horodatage"):
        sceau_of(reglages(tmp_path / "home", CONSTAT_SEAL_P12=given["CONSTAT_SEAL_P12"]))

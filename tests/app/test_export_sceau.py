"""A report is sealed where a seal is set, and the command says what a seal is worth."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from app.open import sceau_of
from app.settings import SettingsError
from evidence.sceau import LE_PLUS, SceauError, verifier_sceau
from evidence.sceau_part import verifier_fichier
from ledger.errors import ConstatError
from ledger.kek import DeploymentKeys
from ledger.store import Ledger
from tests.app.test_cli import Constat, constat  # noqa: F401 - the fixture of the command line
from tests.evidence import pki, scelles
from tests.evidence.ouverts import exporter, ouvrir, reglages
from tests.evidence.pdf import verifier_pdf
from tests.evidence.scelles import added, document
from tests.evidence.test_sceau_attaques import write_over

maison = pki.maison
sealed = scelles.sealed


def believing(maison: pki.Maison, folder: Path) -> dict[str, str]:
    """What says whom to believe."""
    (folder / "sceaux.pem").write_bytes(maison.root.pem)
    (folder / "heures.pem").write_bytes(maison.tsa.root.pem)
    return {"CONSTAT_SEAL_ROOTS": str(folder / "sceaux.pem"), "CONSTAT_TSA_ROOTS": str(folder / "heures.pem")}


def environment(maison: pki.Maison, folder: Path) -> dict[str, str]:
    """What sets the seal and its authority of time-stamps."""
    sceau = maison.sceau()
    return {
        "CONSTAT_SEAL_P12": str(sceau.cle),
        "CONSTAT_SEAL_P12_PASSWORD": str(sceau.phrase),
        "CONSTAT_TSA_URL": maison.tsa.url,
        **believing(maison, folder),
    }


def test_the_report_of_a_bundle_is_sealed(
    ledger: Ledger,
    keys: DeploymentKeys,
    maison: pki.Maison,
    tmp_path: Path,
    constat: Constat,  # noqa: F811
) -> None:
    """It is still PDF/A-3a and PDF/UA-1; its seal holds for who believes the root, and is not confirmed to who does not."""
    settings = reglages(tmp_path / "home", **environment(maison, tmp_path))
    exporter(settings, ouvrir(ledger, keys, tmp_path), tmp_path / "p.zip")
    with zipfile.ZipFile(tmp_path / "p.zip") as found:
        [name] = [each for each in found.namelist() if each.endswith("rapport.pdf")]
        report = found.read(name)
    verifier_pdf(report, joints=[], outils=False)
    assert verifier_sceau(report, maison.confiance).tient
    (tmp_path / "r.pdf").write_bytes(report)
    done = constat("export", "seal-check", str(tmp_path / "r.pdf"))
    assert done.returncode == 1  # this deployment believes nobody
    assert "r.pdf : le sceau n'est pas confirmé (PAdES B-LTA)" in done.stdout
    assert "le certificat du sceau ne remonte à aucune racine donnée" in done.stdout


def test_a_seal_that_holds_is_told(maison: pki.Maison, sealed: bytes, tmp_path: Path, constat: Constat) -> None:  # noqa: F811
    """Whose it is, of which level, since when, in whose word, and what nobody verified; qualified by a setting only."""
    (tmp_path / "r.pdf").write_bytes(sealed)
    given = believing(maison, tmp_path)
    done = constat("export", "seal-check", str(tmp_path / "r.pdf"), **given)
    assert (done.returncode, done.stderr) == (0, "")
    for each in (
        "r.pdf : le sceau tient (PAdES B-LTA)", "scellé par CN=Cachet fictif du registre, certificat de CN=AC fictive",
        "au plus tard le ", "UTC (horodatage non qualifié, CN=Horloge fictive)", "n'a pas été consulté.",
    ):  # fmt: skip
        assert each in done.stdout, each
    (tmp_path / "ac.pem").write_bytes(maison.issuer.pem)
    done = constat(
        "export",
        "seal-check",
        str(tmp_path / "r.pdf"),
        "--json",
        **given,
        CONSTAT_SEAL_QUALIFIED=str(tmp_path / "ac.pem"),
    )
    told = json.loads(done.stdout)
    assert (told["etat"], told["constats"], told["niveau"], told["qualifie"]) == ("tient", [], "B-LTA", True)
    assert told["horodatage_qualifie"] is False
    assert [each for each in told["reserves"] if each.startswith("Le sceau est dit qualifié")]


def test_a_seal_that_does_not_hold_is_told(
    maison: pki.Maison,
    sealed: bytes,
    tmp_path: Path,
    constat: Constat,  # noqa: F811
) -> None:
    """Written over, or none at all: exit code 1 and a sentence, and no more."""
    given = believing(maison, tmp_path)
    cases = {
        "ajout": (added(sealed, write_over), "le document a été modifié après avoir été scellé"),
        "nu": (document(), "le document ne porte aucun sceau"),
    }
    for name, (content, said) in cases.items():
        (tmp_path / f"{name}.pdf").write_bytes(content)
        done = constat("export", "seal-check", str(tmp_path / f"{name}.pdf"), **given)
        assert done.returncode == 1, name
        assert said in done.stdout + done.stderr, name
        assert "Traceback" not in done.stdout + done.stderr
        assert "le sceau tient" not in done.stdout


def test_a_file_made_to_be_a_burden_is_given_up(maison: pki.Maison, sealed: bytes, tmp_path: Path) -> None:
    """It is judged in another process, which gives the same verdict, and ends with its memory or its time."""
    file = tmp_path / "r.pdf"
    file.write_bytes(sealed)
    listed = maison.lists.body["/heure.crl"]
    assert isinstance(listed, bytes)
    trust = replace(maison.confiance.heure, revocations=[x509.load_der_x509_crl(listed)])
    given = replace(maison.confiance, heure=trust, qualifiees=[maison.issuer.certificate])
    assert verifier_fichier(file, given) == verifier_sceau(sealed, given)
    with pytest.raises(SceauError, match="trop de mémoire"):
        verifier_fichier(file, given, memoire=64 << 20)
    with pytest.raises(SceauError, match="secondes"):
        verifier_fichier(file, given, secondes=0.05)
    with file.open("wb") as longer:
        longer.truncate(LE_PLUS + 1)
    with pytest.raises(SceauError, match="dépasse 100 Mo"):
        verifier_fichier(file, given)


def away(maison: pki.Maison, given: dict[str, str], folder: Path) -> dict[str, str]:
    """Nothing answers: neither the authority of time-stamps nor whoever publishes lists."""
    maison.lists.body.clear()
    return given | {"CONSTAT_TSA_URL": "http://127.0.0.1:9/tsa"}


def no_list(maison: pki.Maison, given: dict[str, str], folder: Path) -> dict[str, str]:
    """The last list that is asked for is not there, when the rest has been had."""
    del maison.lists.body["/heure.crl"]
    return given


def wrong_phrase(maison: pki.Maison, given: dict[str, str], folder: Path) -> dict[str, str]:
    """Another pass phrase."""
    (folder / "fausse").write_text("pas la bonne phrase\n")
    return given | {"CONSTAT_SEAL_P12_PASSWORD": str(folder / "fausse")}


def test_a_seal_that_cannot_be_made_stops_the_export(
    ledger: Ledger, keys: DeploymentKeys, maison: pki.Maison, tmp_path: Path
) -> None:
    """Nothing is written, not even beside it, nothing recorded as handed over; the message says what and holds no secret."""
    given, opened = environment(maison, tmp_path), ouvrir(ledger, keys, tmp_path)
    place = tmp_path / "sortie"
    place.mkdir()
    for spoil, said in (
        (wrong_phrase, "sceau.p12 ne s'ouvre pas"),
        (no_list, "la révocation d'un certificat n'a pas pu être vérifiée"),
        (away, "la connexion a été refusée"),
    ):
        settings = reglages(tmp_path / "home", **spoil(maison, given, tmp_path))
        with pytest.raises(ConstatError) as refused:
            exporter(settings, opened, place / "p.zip")
        pki.publish_all(maison)
        assert said in str(refused.value)
        assert "bonne phrase" not in str(refused.value)
        assert list(place.iterdir()) == []
        assert [each for each in ledger.life("P-1") if each.fait.evenement.nom == "export_produit"] == []
    with pytest.raises(SettingsError, match="autorité d'horodatage"):
        sceau_of(reglages(tmp_path / "home", CONSTAT_SEAL_P12=given["CONSTAT_SEAL_P12"]))


def test_the_command_says_why_it_did_not_seal(maison: pki.Maison, tmp_path: Path, constat: Constat) -> None:  # noqa: F811
    """With the network down in the middle: one sentence in French, exit code 1, no file."""
    given = no_list(maison, environment(maison, tmp_path), tmp_path)
    place = tmp_path / "sortie"
    place.mkdir()
    done = constat(
        "export", "bundle", "nadia-exemple", "--output", str(place / "p.zip"), "--ground", "juridiction",
        "--reference", "2600001", **given,
    )  # fmt: skip
    pki.publish_all(maison)
    assert (done.returncode, done.stdout, list(place.iterdir())) == (1, "", [])
    assert done.stderr.startswith("constat : le document n'a pas été scellé : la révocation d'un certificat")
    assert "réessayez quand ce service répondra" in " ".join(done.stderr.split())

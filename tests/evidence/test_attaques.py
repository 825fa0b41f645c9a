"""Both verifiers against every attack: the same verdict, the same first layer, the same code, and the same whole result."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.verificateurs.ancres import Ancres
from tests.evidence.attaques.archive import CENTRAL, FIN, LOCAL, ecrire
from tests.evidence.attaques.attaque import ALTERE, COHERENT, INTEGRE, Attaque, Attendu
from tests.evidence.attaques.corpus import ATTAQUES, PARTS
from tests.evidence.attaques.fabrique import TAILLES
from tests.evidence.attaques.jetons import Autorite
from tests.evidence.attaques.juges import SANS, Juges, ancres_de, avis_de_python, conforme, ecart, juges
from tests.evidence.attaques.monde import Monde, Options
from tests.evidence.attaques.mutations import muter
from tests.evidence.attaques.paquet import JOURNAL, Paquet
from tests.evidence.attaques.registre import Cles
from tests.evidence.navigateurs import node

OPTIONS = Options(evenements=24, taille=160, pieces=4)


@pytest.fixture(scope="module")
def paquet() -> Paquet:
    """The valid bundle that attacks are made from. Nothing changes it."""
    return Paquet.de(Monde(OPTIONS)).horodater()


@pytest.fixture(scope="module")
def deux() -> Iterator[Juges]:
    """Both verifiers."""
    with juges() as ouverts:
        yield ouverts


def _constat(deux: Juges, octets: bytes, ancres: Ancres, attendu: Attendu) -> list[str]:
    """What is not as it must be about one bundle."""
    python, page = deux.deux_avis(octets, ancres)
    said = [f"python : {conforme(python, attendu)}", f"page : {conforme(page, attendu)}", f"{ecart(python, page)}"]
    return [each for each in said if each and not each.endswith(" : ")]


def _cas(attaque: Attaque, ancres: Ancres) -> list[tuple[Ancres, Attendu]]:
    """With anchors; with none too, where another judgement is due, or where keys and tokens are what is attacked."""
    autre = attaque.sans.verdict != attaque.avec.verdict or attaque.avec.couche in {"export", "temoins", "horodatage"}
    return [(ancres, attaque.avec), *([(SANS, attaque.sans)] if autre else [])]


@pytest.mark.parametrize("part", PARTS)
def test_every_attack_is_judged_as_it_must_be(part: str, paquet: Paquet, deux: Juges) -> None:
    """Each attack of this part fails at its layer with its code, or passes where it must, for both verifiers alike."""
    ancres = ancres_de(paquet.monde)
    wrong = [
        f"{nom} ({'avec' if given is ancres else 'sans'} ancres) {each}"
        for nom, attaque in PARTS[part].toutes.items()
        for given, attendu in _cas(attaque, ancres)
        for each in _constat(deux, attaque.octets(paquet), given, attendu)
    ]
    assert wrong == []


def test_every_code_of_failure_is_provoked() -> None:
    """No sentence about a failure is there that no attack leads to, nor the other way round."""
    messages = json.loads((files("evidence") / "verificateurs" / "messages.json").read_text("utf-8"))
    other = {"non_examinee", "temoins_aucun", "recensement_absent", "ancrage_politique", "ancrage_horodatage"}
    other |= {"horodatage_aucun", "horodatage_sans_racine", "horodatage_non_verifie"}
    failures = {code for code in messages if code not in other and not code.endswith("_passe")}
    assert {code for each in ATTAQUES.values() for code in each.avec.codes} == failures


def test_the_attacks_leave_the_valid_bundle_as_it_was(paquet: Paquet, deux: Juges) -> None:
    """The bundle that every attack was made from still holds: they failed by what they changed, not by their start."""
    assert deux.avis(paquet.octets(), ancres_de(paquet.monde))["verdict"] == INTEGRE


@pytest.mark.parametrize("taille", TAILLES)
def test_valid_bundles_hold(taille: str, deux: Juges) -> None:
    """A valid bundle of any size is whole with anchors from outside, coherent without, and all that is said of it is right."""
    paquet = Paquet.de(Monde(TAILLES[taille]))
    monde, said = paquet.monde, paquet.dossier
    avis = deux.avis(paquet.octets(), ancres_de(monde))
    assert [each["issue"] for each in avis["couches"]] == ["passe"] * 13
    assert (avis["verdict"], avis["point"], avis["log"]) == (INTEGRE, said["point"], said["log"])
    assert (avis["lignes"], avis["retenues"]) == (len(monde.actes) + len(monde.propres), len(said["retenues"]))
    counted = avis["couches"][8]["parametres"]
    assert counted["suite"] == said["point"] - counted["taille"] > 0
    tied = sum(bool(each["faits"]) for each in said["pieces"])
    absent = len({each["sha256"] for each in said["absentes"]})
    assert avis["pieces"] == {"liees": tied, "sans_fait": len(said["pieces"]) - tied, "absentes": absent}
    assert avis["dates"] == [_date(monde, index) for index in monde.actes]
    assert [(each["taille"], each["instant"], each["verifie"]) for each in avis["jetons"]] == [
        (size, instant.strftime("%Y-%m-%dT%H:%M:%SZ"), True) for size, (_, instant) in monde.horodatages.items()
    ]
    assert [each["nom"] for each in avis["temoins"]] == ["alpha", "beta"]
    seul = deux.avis(paquet.octets(), SANS)
    assert seul["verdict"] == COHERENT
    assert {(each["pas_avant"], each["pas_apres"]) for each in seul["dates"]} == {(None, None)}


def _date(monde: Monde, index: int) -> dict[str, Any]:
    """Between which tokens a line was written, told from the world: each is exact to a second and a half."""
    later = [instant for size, (_, instant) in monde.horodatages.items() if size > index]
    said = [json.loads(monde.registre.lignes[each]) for each in monde.propres if each < index]
    before = [monde.horodatages[each["size"]][1] for each in said if each["kind"] == "jeton"]
    return {
        "index": index,
        "pas_avant": _instant(max(before) - timedelta(seconds=2)) if before else None,
        "pas_apres": _instant(min(later) + timedelta(seconds=2)) if later else None,
        "qualifie": False,
    }


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_qualified_services_are_told(paquet: Paquet, deux: Juges) -> None:
    """A root that is given as that of a qualified service makes its tokens qualified; another one does not."""
    monde = paquet.monde
    racine = monde.autorite.racine.pem.decode()
    autre = Autorite.nouvelle("Ailleurs").racine.pem.decode()
    avis = deux.avis(paquet.octets(), Ancres(politique=monde.cles.politique(), racines=autre, qualifiees=racine))
    assert {each["qualifie"] for each in avis["jetons"]} == {True}
    assert {each["qualifie"] for each in avis["dates"]} == {True}
    avis = deux.avis(paquet.octets(), Ancres(politique=monde.cles.politique(), racines=racine, qualifiees=autre))
    assert {each["qualifie"] for each in avis["jetons"]} == {False}
    assert avis["verdict"] == INTEGRE
    avis = deux.avis(paquet.octets(), Ancres(politique=monde.cles.politique(), racines=autre))
    assert (avis["verdict"], avis["couches"][7]["code"]) == (COHERENT, "horodatage_non_verifie")
    avis = deux.avis(paquet.octets(), Ancres(racines=racine))
    assert (avis["verdict"], avis["couches"][-1]["code"]) == (COHERENT, "ancrage_politique")


def test_a_bundle_is_of_one_log(paquet: Paquet, deux: Juges) -> None:
    """Under the policy of another log nothing is accepted, however well everything fits together."""
    policy = Cles.de("constat.test/autre").politique()
    avis = deux.avis(paquet.octets(), Ancres(politique=policy, racines=paquet.monde.autorite.racine.pem.decode()))
    assert conforme(avis, Attendu(ALTERE, "export", frozenset({"export_cle"}))) == ""


TROP_LONG = """
const dit = await $verifier.verifier({ size: 2 ** 32, slice: () => { throw new Error("lu"); } }, {});
console.log(JSON.stringify(dit.couches));
"""


def test_an_archive_of_4_gib_is_not_read(tmp_path: Path) -> None:
    """Beyond the bounds of a ZIP without extensions nothing is read, however it ends.

    The page is told of such a file by its size alone: node's own Blob counts sizes in 32 bits.
    """
    end = ecrire([])
    with (tmp_path / "immense.zip").open("wb") as sparse:
        sparse.truncate(2**32 - len(end))
        sparse.seek(2**32 - len(end))
        sparse.write(end)
    python = avis_de_python(tmp_path / "immense.zip", SANS)
    assert python["couches"] == json.loads(node(TROP_LONG))
    assert conforme(python, Attendu(ALTERE, "archive", frozenset({"archive_bornes"}))) == ""


# --- a byte ----------------------------------------------------------------------------------------------------------


def _en_tetes(octets: bytes) -> list[int]:
    """Where every byte of a header of each kind stands: a local one, one of the directory, the end."""
    directory = int.from_bytes(octets[-6:-2], "little")
    nom = int.from_bytes(octets[directory + 28 : directory + 30], "little")
    return [
        *range(LOCAL.size + nom),
        *range(directory, directory + CENTRAL.size + nom),
        *range(len(octets) - FIN.size, len(octets)),
    ]


def test_no_byte_can_change(paquet: Paquet, deux: Juges) -> None:
    """A thousand bytes spread over the archive, and every byte of a header of each kind: changed, the bundle is refused."""
    octets, ancres = paquet.octets(), ancres_de(paquet.monde)
    rng = Random(7)  # noqa: S311 - choices, not secrets
    places = sorted({*_en_tetes(octets), *(at * len(octets) // 1000 for at in range(1000))})
    assert len(places) > 1000
    accepted = []
    for place in places:
        changed = bytearray(octets)
        changed[place] ^= rng.randrange(1, 256)
        if deux.avis(bytes(changed), ancres)["verdict"] != ALTERE:
            accepted.append(place)
    assert accepted == []


def test_no_byte_can_change_under_a_mended_checksum(paquet: Paquet, deux: Juges) -> None:
    """A byte is changed in each file, and the archive written anew around it: the bag's lists show it.

    No list has the manifest's own token, which may be taken away: it dates nothing.
    """
    ancres, rng = ancres_de(paquet.monde), Random(8)  # noqa: S311 - choices, not secrets
    for nom, octets in paquet.membres.items():
        if nom == "manifeste.tsr":
            continue
        for _ in range(4):
            changed = bytearray(octets)
            changed[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
            other = Paquet(paquet.monde, paquet.membres | {nom: bytes(changed)})
            assert deux.avis(ecrire(other.entrees()), ancres)["verdict"] == ALTERE, nom


# --- mutations -------------------------------------------------------------------------------------------------------


def _dit(octets: bytes, nom: str) -> set[bytes]:
    """The lines of a file of an archive, read by Python's own zipfile."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        root = archive.namelist()[0].partition("/")[0]
        return set(archive.read(f"{root}/{JOURNAL}{nom}").split(b"\n"))


@given(graine=st.integers(0, 2**64))
def test_both_agree_on_every_mutation(graine: int, paquet: Paquet, deux: Juges) -> None:
    """Whatever field becomes something else, both say the same; what they accept tells no act that was not told before."""
    octets = muter(paquet, graine)
    avis = deux.avis(octets, ancres_de(paquet.monde) if graine % 5 else SANS)
    if avis["verdict"] != ALTERE:
        for nom in ("feuilles.jsonl", "contenus.jsonl"):
            assert _dit(octets, nom) <= set(paquet.membres[JOURNAL + nom].split(b"\n"))

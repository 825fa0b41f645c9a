"""The page's core and its assembly: deterministic, closed, and never stopped by what it is given; judged in V8 by node."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from evidence.verificateurs.ancres import Ancres
from evidence.verificateurs.assemblage_page import page
from tests.evidence.navigateurs import DRIVER, node, node_verifier

SOURCES: Final = Path(__file__).parents[2] / "evidence" / "verificateurs"
fabrique = pytest.importorskip("tests.evidence.attaques.monde", reason="the workshop of bundles is not in this tree")
paquets = pytest.importorskip("tests.evidence.attaques.paquet", reason="the workshop of bundles is not in this tree")


PEAK: Final = """
const { readFileSync } = await import("node:fs");
const sommet = /VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"));
console.log(sommet[1]);
"""


class Parts(HTMLParser):
    """What a page is made of: its policy, its scripts and styles, and every attribute."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.csp, self.open, self.attributes = "", "", list[tuple[str, str, str | None]]()
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self.data: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        said = dict(attrs)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if said.get("http-equiv") == "Content-Security-Policy":
            self.csp = str(said["content"])
        self.open = f"#{said['id']}" if tag == "script" and "id" in said else tag

    def handle_endtag(self, tag: str) -> None:
        """It ends."""
        self.open = ""

    def handle_data(self, data: str) -> None:
        """What is in it."""
        if self.open.startswith("#"):
            self.data[self.open[1:]] = self.data.get(self.open[1:], "") + data
        elif self.open in self.texts:
            self.texts[self.open].append(data)


def in_csp(text: str) -> str:
    """How a policy names a script or a style by its digest."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def test_the_page_is_the_same_bytes_twice_and_names_the_one_script_and_style_that_it_runs() -> None:
    """One script, one style, each with its digest in a policy that allows nothing else."""
    made = page()
    assert made == page()
    parts = Parts(made.decode())
    (script,), (style,) = parts.texts["script"], parts.texts["style"]
    rules = dict(rule.strip().split(" ", 1) for rule in parts.csp.split(";"))
    assert rules.pop("script-src") == in_csp(script)
    assert rules.pop("style-src") == in_csp(style)
    assert rules.pop("require-trusted-types-for") == "'script'"
    assert set(rules.values()) == {"'none'"}
    assert {"default-src", "connect-src", "form-action", "base-uri"} <= rules.keys()


def test_the_page_has_no_address_and_no_handler_in_its_markup() -> None:
    """Nothing is loaded, nothing is sent, and what is shown is text."""
    made = page().decode()
    parts = Parts(made)
    assert not re.search(r"https?://|//[a-z]", re.sub(r"^\s*//.*$", "", made, flags=re.MULTILINE))
    assert not [name for _, name, _ in parts.attributes if name.startswith("on") or name in {"src", "href", "style"}]
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|Function\(", made)


def test_the_sentences_of_the_page_are_the_shared_ones_and_both_languages_have_all() -> None:
    """``messages.json`` as it is; every text of the page in French and in English."""
    parts = Parts(page().decode())
    assert json.loads(parts.data["messages"]) == json.loads((SOURCES / "messages.json").read_text())
    texts = json.loads(parts.data["textes"])
    assert all(each.keys() == {"fr", "en"} and each["fr"] and each["en"] for each in texts.values())
    used = set(re.findall(r'data-texte="([a-z]+)"', page().decode()))
    assert used <= texts.keys()
    assert not texts.keys() & json.loads(parts.data["messages"]).keys()


def test_what_a_published_verifier_believes_is_in_it_as_text_only() -> None:
    """Anchors that would end the data block do not."""
    hostile = Ancres(politique="</script><script>alert(1)</script><!--", racines="é\u2028\\", qualifiees='"')
    parts = Parts(page(hostile).decode())
    assert len(parts.texts["script"]) == 1
    said = json.loads(parts.data["ancres"])
    assert said == {"politique": hostile.politique, "racines": hostile.racines, "qualifiees": hostile.qualifiees}
    assert json.loads(Parts(page().decode()).data["ancres"]) is None


@pytest.fixture(scope="module")
def world() -> Any:
    """A small world."""
    return fabrique.Monde(fabrique.Options(evenements=12, taille=60, pieces=3, octets_piece=100, autres_flux=10))


def anchors(world: Any) -> Ancres:
    """What comes from outside about a world."""
    return Ancres(world.cles.politique(), world.autorite.racine.pem.decode())


def test_a_valid_bundle_is_intact_with_anchors_and_coherent_without(world: Any, tmp_path: Path) -> None:
    """Every layer passes; without anchors, those that need them are not confirmed, and nothing fails."""
    bundle = tmp_path / "valide.zip"
    bundle.write_bytes(paquets.Paquet.de(world).horodater().octets())
    held = anchors(world)
    qualified = Ancres(held.politique, "", held.racines)
    intact, alone, best = node_verifier([bundle] * 3, [held, Ancres(), qualified])
    assert (intact["verdict"], alone["verdict"]) == ("INTEGRE", "COHERENT")
    assert {layer["issue"] for layer in intact["couches"]} == {"passe"}
    assert [layer["code"] for layer in alone["couches"] if layer["issue"] != "passe"] == [
        "horodatage_sans_racine",
        "ancrage_politique",
    ]
    assert len(intact["dates"]) == 12
    assert any(each["pas_avant"] and each["pas_apres"] and not each["qualifie"] for each in intact["dates"])
    assert any(each["qualifie"] for each in best["dates"])
    assert all(each["qualifie"] for each in best["jetons"])
    assert [each["nom"] for each in intact["cles"]] == ["constat.test/essai", "constat.test/essai/exports"]


def test_anchors_that_cannot_be_read_give_no_verdict(world: Any, tmp_path: Path) -> None:
    """An error to who gave them, and nothing that looks like a judgement."""
    bundle = tmp_path / "valide.zip"
    bundle.write_bytes(paquets.Paquet.de(world).octets())
    held = anchors(world)
    broken = [
        Ancres("log x", held.racines),
        Ancres(held.politique, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        Ancres(held.politique, held.racines, "x"),
    ]
    said = node_verifier([bundle] * 3, broken)
    assert [each.get("erreur") for each in said] == [
        f"AncreIllisible: {what}" for what in ("politique", "racines", "qualifiees")
    ]


def mutated(rng: Random, content: bytes) -> bytes:
    """Some bytes changed, taken away, put in or repeated."""
    made = bytearray(content or b"x")
    for _ in range(rng.choice((1, 1, 2, 5))):
        at, other, many = rng.randrange(len(made)), rng.randrange(len(made)), rng.randrange(1, 60)
        match rng.randrange(4):
            case 0:
                made[at] ^= 1 << rng.randrange(8)
            case 1:
                made[at : at + many] = made[other : other + many]
            case 2:
                del made[at : at + many]
            case _:
                made[at:at] = rng.choice((b"\n", b"\0", b'"', b"}", b"\xff", b"0", bytes(8)))
        made = made or bytearray(b"x")
    return bytes(made)


def test_no_byte_stops_it_and_no_changed_archive_is_accepted(world: Any, tmp_path: Path) -> None:
    """Changed archives and garbage are refused; members changed and sealed again are judged, whatever they hold."""
    rng = Random(20261127)  # noqa: S311 - seeded on purpose
    valid = paquets.Paquet.de(world).horodater()
    raw = valid.octets()
    cases = [mutated(rng, raw) for _ in range(120)]
    cases = [each for each in cases if each != raw]
    cases += [b"", b"PK\5\6" + bytes(18), rng.randbytes(5000), raw[:-1], raw + b"\0", raw * 2]
    refused = len(cases)
    for _ in range(200):
        changed = valid.copie()
        name = rng.choice([each for each in changed.membres if each.startswith("data/")])
        changed.membres[name] = mutated(rng, changed.membres[name])
        cases.append(changed.sceller().octets())
    paths = []
    for number, content in enumerate(cases):
        paths.append(tmp_path / f"{number}.zip")
        paths[-1].write_bytes(content)
    said = node_verifier(paths, anchors(world))
    assert not [each["erreur"] for each in said if "erreur" in each]
    assert {each["verdict"] for each in said[:refused]} == {"ALTERE"}
    reached = {layer["nom"] for each in said for layer in each["couches"] if layer["issue"] == "echoue"}
    assert {"archive", "feuilles", "points", "horodatage", "contenus", "pieces", "dossier"} <= reached
    messages = json.loads((SOURCES / "messages.json").read_text())
    for layer in (layer for each in said for layer in each["couches"]):
        wanted = set(re.findall(r"\{([a-z_]+)\}", messages[layer["code"]]["fr"]))
        assert wanted == layer["parametres"].keys(), layer


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell the peak of memory")
def test_a_file_of_two_hundred_megabytes_takes_no_memory_to_speak_of(world: Any, tmp_path: Path) -> None:
    """A large document goes through in pieces: the process stays far below its size."""
    large = paquets.Paquet.de(world)
    large.membres["data/echange/grand.bin"] = bytes(200 << 20)
    bundle = tmp_path / "grand.zip"
    bundle.write_bytes(large.sceller().octets())
    said = node(DRIVER + PEAK, json.dumps({"chemin": str(bundle), "ancres": {}}) + "\n").splitlines()
    assert json.loads(said[0])["verdict"] == "COHERENT"
    assert int(said[1]) < 180 << 10

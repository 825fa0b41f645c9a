"""The page as people open it: from a disk, in a real Chromium, by the chooser and by dropping, and nothing leaves."""

import json
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from evidence.verificateurs.ancres import Ancres
from evidence.verificateurs.assemblage_page import page
from tests.evidence.navigateurs import chromium, node_verifier

mondes = pytest.importorskip("tests.evidence.attaques.monde", reason="the workshop of bundles is not in this tree")
paquets = pytest.importorskip("tests.evidence.attaques.paquet", reason="the workshop of bundles is not in this tree")

VIOLATIONS: Final = "window.violations = []; document.addEventListener('securitypolicyviolation', (e) => violations.push(e.violatedDirective));"
SANS_ED25519: Final = """
const vrai = SubtleCrypto.prototype.importKey;
SubtleCrypto.prototype.importKey = function (forme, cle, algo, ...reste) {
  return algo === "Ed25519" ? Promise.reject(new DOMException("", "NotSupportedError")) : vrai.call(this, forme, cle, algo, ...reste);
};
"""
DROP: Final = """([fichiers]) => {
  const porte = new DataTransfer();
  for (const [nom, base64] of fichiers) {
    porte.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], nom));
  }
  for (const type of ["dragenter", "dragover", "drop"]) {
    document.querySelector("#depot").dispatchEvent(new DragEvent(type, { dataTransfer: porte, bubbles: true, cancelable: true }));
  }
}"""
JUDGE: Final = """async ([base64, ancres]) => {
  const paquet = new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]);
  const debut = performance.now();
  const dit = await window.constat.verifier(paquet, ancres);
  return [dit, performance.now() - debut];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """An installed Chromium, or the tests are skipped."""
    with chromium() as found:
        yield found


@dataclass
class Opened:
    """The page, and all that it was heard to do."""

    page: Page
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def give(self, *files: Path) -> None:
        """Choose files, and wait until they are judged."""
        self.page.set_input_files("#choisir", [str(each) for each in files])
        self.idle()

    def idle(self) -> None:
        """Wait until the last judgement is shown."""
        self.page.wait_for_selector("#page[aria-busy=false]")

    @property
    def verdict(self) -> str:
        """The verdict that is shown."""
        return self.page.inner_text("#verdict")

    def nothing_left(self) -> None:
        """Nothing was asked of anybody but the page itself, nothing was complained of."""
        assert self.requests == [self.page.url]
        assert self.said == []
        assert self.page.evaluate("window.violations") == []


@pytest.fixture
def opened(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Opened]:
    """The page from a disk; parameters: anchors, a script that runs before it."""
    given = getattr(request, "param", {})
    file = tmp_path / "verifier.html"
    file.write_bytes(page(given.get("ancres")))
    context = browser.new_context(viewport={"width": given.get("width", 1280), "height": 900}, offline=True)
    context.add_init_script(VIOLATIONS + given.get("before", ""))
    shown = Opened(context.new_page())
    shown.page.on("request", lambda one: shown.requests.append(one.url))
    shown.page.on("console", lambda one: shown.said.append(one.text))
    shown.page.on("pageerror", lambda one: shown.said.append(str(one)))
    shown.page.goto(file.as_uri())
    yield shown
    shown.nothing_left()
    context.close()


@pytest.fixture(scope="module")
def world() -> Any:
    """A small world."""
    return mondes.Monde(mondes.Options(evenements=12, taille=60, pieces=3, octets_piece=100, autres_flux=10))


@pytest.fixture(scope="module")
def files(world: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Its bundle, a damaged one, and its anchors, as files."""
    folder = tmp_path_factory.mktemp("monde")
    raw = paquets.Paquet.de(world).octets()
    damaged = bytearray(raw)
    damaged[raw.index(b"rapport fictif")] ^= 1
    contents = {
        "paquet.zip": raw,
        "abime.zip": bytes(damaged),
        "politique.txt": world.cles.politique().encode(),
        "racines.pem": world.autorite.racine.pem,
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in contents}


def anchors(world: Any) -> Ancres:
    """What comes from outside about a world."""
    return Ancres(world.cles.politique(), world.autorite.racine.pem.decode())


def test_chosen_files_are_judged_and_judged_again_when_more_is_given(opened: Opened, files: dict[str, Path]) -> None:
    """The bundle alone, then its policy, then its roots, then without the roots; each time the verdict follows."""
    opened.give(files["paquet.zip"])
    assert opened.verdict == "COHÉRENT, ANCRAGE NON CONFIRMÉ"
    assert opened.page.evaluate("document.activeElement.id") == "verdict"
    opened.give(files["politique.txt"])
    assert opened.verdict == "COHÉRENT, ANCRAGE NON CONFIRMÉ"
    assert "sous la politique donnée de l'extérieur" in opened.page.inner_text(".verdict")
    opened.give(files["racines.pem"])
    assert opened.verdict == "INTÈGRE"
    assert opened.page.locator(".couches li").count() == 13
    opened.page.get_by_label("services qualifiés").check()
    opened.page.wait_for_selector("text=vérifié, qualifié")
    opened.idle()
    opened.page.get_by_role("button", name="Retirer racines.pem").click()
    opened.page.wait_for_selector(".COHERENT")
    opened.idle()
    opened.give(files["abime.zip"])
    assert opened.verdict == "ALTÉRÉ OU INVÉRIFIABLE"
    assert "un fichier est abîmé (CRC-32)" in opened.page.inner_text(".verdict")


def test_dropped_files_are_judged_all_at_once(opened: Opened, files: dict[str, Path]) -> None:
    """Bundle, policy and roots in one gesture, in any order."""
    names = ("racines.pem", "paquet.zip", "politique.txt")
    opened.page.evaluate(DROP, [[[name, b64encode(files[name].read_bytes()).decode()] for name in names]])
    opened.page.wait_for_selector("#verdict")
    assert opened.verdict == "INTÈGRE"


@pytest.mark.parametrize("opened", [{"width": 320}], indirect=True)
def test_both_languages_say_the_same_and_fit_a_narrow_screen(opened: Opened, files: dict[str, Path]) -> None:
    """French first, English at a click, French again; no part is wider than 320 pixels."""
    opened.give(files["paquet.zip"], files["politique.txt"], files["racines.pem"])
    french = opened.page.inner_text("main")
    opened.page.click("#en")
    assert opened.verdict == "INTACT"
    assert opened.page.get_attribute("html", "lang") == "en"
    assert opened.page.get_attribute("#en", "aria-pressed") == "true"
    english = opened.page.inner_text("main")
    assert not {line for line in french.split("\n") if len(line) > 40 and " " in line} & set(english.split("\n"))
    assert opened.page.evaluate("document.documentElement.scrollWidth") == 320
    opened.page.click("#fr")
    assert opened.page.inner_text("main") == french
    assert "vérifiés sur 3, dont 0 qualifiés\u202f; révocation non vérifiée" in french


@pytest.mark.parametrize("opened", [{"before": SANS_ED25519}], indirect=True)
def test_without_ed25519_in_the_browser_the_page_computes_it(
    opened: Opened, world: Any, files: dict[str, Path]
) -> None:
    """The same result, and the page says which way it went."""
    raw = b64encode(files["paquet.zip"].read_bytes()).decode()
    held = anchors(world)
    said, _ = opened.page.evaluate(JUDGE, [raw, {"politique": held.politique, "racines": held.racines}])
    assert [said] == node_verifier([files["paquet.zip"]], held)
    opened.give(files["paquet.zip"])
    assert "BigInt" in opened.page.inner_text("#resultat")


def test_the_browser_says_what_node_says(opened: Opened, world: Any, files: dict[str, Path]) -> None:
    """``window.constat.verifier``, with the browser's own Ed25519: the same JSON, for a sound bundle and a damaged one."""
    held = anchors(world)
    for name in ("paquet.zip", "abime.zip"):
        raw = b64encode(files[name].read_bytes()).decode()
        said, _ = opened.page.evaluate(JUDGE, [raw, {"politique": held.politique, "racines": held.racines}])
        assert [said] == node_verifier([files[name]], held)
    assert opened.page.evaluate("window.constat.ed25519()") == "WebCrypto"


def test_a_published_verifier_believes_what_was_put_in_it(
    browser: Browser, world: Any, files: dict[str, Path], tmp_path: Path
) -> None:
    """The bundle alone is then intact, and the warning is another one."""
    file = tmp_path / "publie.html"
    file.write_bytes(page(anchors(world)))
    context = browser.new_context()
    shown = Opened(context.new_page())
    shown.page.goto(file.as_uri())
    shown.give(files["paquet.zip"])
    assert shown.verdict == "INTÈGRE"
    assert "publiée avec ce vérificateur" in shown.page.inner_text("#donnes").replace("Politique publiée", "publiée")
    assert "ne prouve rien par lui-même" not in shown.page.inner_text("#avis")
    context.close()


NAUGHTY: Final = '<img src=x onerror="window.pris=1">\u202e{taille}&amp;<script>window.pris=1</script>'


def test_names_that_look_like_markup_are_shown_as_they_are(opened: Opened, world: Any, tmp_path: Path) -> None:
    """Of witnesses, of withheld parts, of files that were chosen: text, and nothing else."""
    naughty = paquets.Paquet.de(world)
    said = naughty.dossier
    assert said["retenues"]
    said["retenues"][0]["motif"] = NAUGHTY
    naughty.ecrire_dossier(said)
    policy = naughty.membres["data/journal/politique.txt"].decode().replace(" alpha", " <b>alpha</b>")
    naughty.membres["data/journal/politique.txt"] = policy.encode()
    bundle = tmp_path / "<img src=x onerror=alert(1)>.zip"
    bundle.write_bytes(naughty.sceller().octets())
    opened.give(bundle)
    assert opened.verdict == "COHÉRENT, ANCRAGE NON CONFIRMÉ"
    opened.page.locator("summary").evaluate_all("(tous) => tous.forEach((un) => un.click())")
    shown = opened.page.inner_text("main")
    assert NAUGHTY in shown
    assert "<b>alpha</b>" in shown
    assert bundle.name in shown
    assert opened.page.locator("img, b b, #resultat script").count() == 0
    assert opened.page.evaluate("window.pris") is None


def test_what_is_no_bundle_is_told_and_stops_nothing(opened: Opened, files: dict[str, Path], tmp_path: Path) -> None:
    """An unreadable policy, certificates that are none, a text, an empty file, noise named as a bundle."""
    contents = {
        "politique cassée.txt": b"log x\nquorum none\n",
        "cassé.pem": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "lettre.txt": b"Madame, Monsieur",
        "vide.zip": b"",
        "bruit": bytes(range(256)) * 40,
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    opened.give(*(tmp_path / name for name in list(contents)[:3]))
    told = opened.page.locator("#donnes .erreur").all_inner_texts()
    assert [line.split("\u202f:")[0] for line in told] == list(contents)[:3]
    for name in list(contents)[3:]:
        opened.give(tmp_path / name)
        assert opened.verdict == "ALTÉRÉ OU INVÉRIFIABLE"
    opened.give(files["paquet.zip"])
    assert opened.verdict == "COHÉRENT, ANCRAGE NON CONFIRMÉ"


def test_five_hundred_events_of_a_log_of_a_million_lines_take_less_than_a_second(opened: Opened) -> None:
    """The best of three, in the page, of a bundle of a real size."""
    options = mondes.Options(evenements=500, taille=1_000_000, flux=12, pieces=14, autres_flux=20_000, graine=3)
    world = mondes.Monde(options)
    raw = b64encode(paquets.Paquet.de(world).octets()).decode()
    held = anchors(world)
    given = {"politique": held.politique, "racines": held.racines}
    times = []
    for _ in range(3):
        said, elapsed = opened.page.evaluate(JUDGE, [raw, given])
        assert (said["verdict"], said["point"], len(said["dates"])) == ("INTEGRE", said["point"], 500)
        times.append(elapsed)
    assert min(times) < 1000, times


def test_it_is_reached_by_the_keyboard_alone(opened: Opened, files: dict[str, Path]) -> None:
    """Tab goes to the languages, then to the chooser, which opens by a key; results are announced."""
    opened.page.keyboard.press("Tab")
    assert opened.page.evaluate("document.activeElement.id") == "fr"
    opened.page.keyboard.press("Tab")
    opened.page.keyboard.press("Enter")
    assert opened.page.get_attribute("html", "lang") == "en"
    opened.page.keyboard.press("Tab")
    assert opened.page.evaluate("document.activeElement.id") == "choisir"
    with opened.page.expect_file_chooser(timeout=10_000) as chosen:
        opened.page.keyboard.press("Space")
    chosen.value.set_files(str(files["paquet.zip"]))
    opened.page.wait_for_selector("#verdict")
    assert opened.page.get_attribute("#etat", "aria-live") == "polite"
    deadline = time.monotonic() + 5
    while opened.page.evaluate("document.activeElement.id") != "verdict":
        assert time.monotonic() < deadline
    assert json.loads(opened.page.inner_text("#ancres", timeout=1000) or "null") is None

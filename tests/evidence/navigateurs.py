"""The page's code where it runs: in the node that playwright ships, and in a Chromium that is installed here.

A test downloads nothing: where its browser is not there, it says so and is skipped; ``make test-web`` installs one.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import playwright
import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from evidence.verificateurs.ancres import Ancres
from evidence.verificateurs.assemblage_page import programme

NODE: Final = Path(playwright.__file__).parent / "driver" / "node"
CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NOTHING: Final = Ancres()
"""No anchors: the bundle's own policy, and nobody's time."""
DRIVER: Final = """
const { openAsBlob } = await import("node:fs");
const { createInterface } = await import("node:readline");
for await (const ligne of createInterface({ input: process.stdin })) {
  const { chemin, ancres } = JSON.parse(ligne);
  let dit;
  try {
    dit = await $verifier.verifier(await openAsBlob(chemin), ancres);
  } catch (erreur) {
    dit = { erreur: `${erreur.constructor.name}: ${erreur.message}`, pile: erreur.stack };
  }
  console.log(JSON.stringify(dit));
}
"""


def node(code: str, entree: str = "", *, module: str = "verifier", secondes: float = 300) -> str:
    """What ``code`` prints after the page's own, in node: the exports of its modules are those of ``$verifier`` and so on."""
    with TemporaryDirectory() as folder:
        script = Path(folder) / "noyau.mjs"
        script.write_text(programme(module) + code, encoding="utf-8")
        arguments = [str(NODE), "--no-warnings", str(script)]
        done = subprocess.run(arguments, input=entree, capture_output=True, text=True, timeout=secondes, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def node_verifier(paths: Sequence[Path | str], anchors: Ancres | Sequence[Ancres] = NOTHING) -> list[dict[str, Any]]:
    """The results (docs/bundle.md) of many bundles in one process of node, by the same anchors or each by its own."""
    each = [anchors] * len(paths) if isinstance(anchors, Ancres) else list(anchors)
    lines = [
        json.dumps(
            {
                "chemin": str(path),
                "ancres": {"politique": a.politique, "racines": a.racines, "qualifiees": a.qualifiees},
            }
        )
        for path, a in zip(paths, each, strict=True)
    ]
    said = node(DRIVER, "".join(line + "\n" for line in lines)).splitlines()
    assert len(said) == len(paths)
    return [dict(json.loads(line)) for line in said]


def chromium_path() -> str | None:
    """Where an installed Chromium is: ``CONSTAT_CHROMIUM``, by its usual names, or playwright's own."""
    found = os.environ.get("CONSTAT_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        with sync_playwright() as driver:
            own = driver.chromium.executable_path
        found = own if Path(own).exists() else None
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """An installed Chromium, driven by playwright; the test is skipped where there is none."""
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium is installed, nothing was tried in a browser: `make test-web` installs one")
    with sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=path, args=QUIET)
        except Error as error:
            pytest.skip(f"this Chromium does not start: {str(error).splitlines()[0]}")
        try:
            yield browser
        finally:
            browser.close()

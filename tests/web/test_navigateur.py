"""The pages in a real Chromium: accessibility by axe, three widths, no script, forced colours, print, keyboard, CSP.

Skipped where no Chromium is installed, which ``make test`` says.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import Browser, BrowserContext, Page

from tests.evidence.navigateurs import chromium
from tests.web.conftest import Site
from tests.web.test_parcours import ATTENDU, QUI, chemin, pages
from web.acces import Role

LARGEURS = (1280, 390, 320)
SANS_PAGE = frozenset(
    {
        "export-telecharger", "piece", "statistiques-csv", "integrite-telecharger", "recu", "deconnexion", "proconnect",
        "sante", "pret", "api-schema",
    }
)  # fmt: skip
"""Addresses that answer a file, or only go elsewhere."""


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@dataclass
class Ouvert:
    """A browser on the site."""

    browser: Browser
    adresse: str
    sessions: dict[Role, str]
    adresses: list[tuple[Role | None, str, str]]
    violations: list[str]

    def page(self, role: Role | None, **options: object) -> Page:
        """A page, logged in as a visitor of the tests is; what the policy of content refuses is noted."""
        context: BrowserContext = self.browser.new_context(**options)  # type: ignore[arg-type] # as playwright takes them
        if role is not None:
            session = {"name": settings.SESSION_COOKIE_NAME, "value": self.sessions[role], "url": self.adresse}
            context.add_cookies([session])  # type: ignore[list-item] # as playwright takes it
        page = context.new_page()
        page.on("console", lambda said: self.violations.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.violations.append(str(error)))
        return page


@pytest.fixture(scope="module")
def ouvert(served: Site) -> Iterator[Ouvert]:
    """A browser on a site that listens on a port of its own, with a session of each role."""
    # Before the browser: playwright keeps an event loop in this thread, in which Django refuses to ask its database.
    sessions = {role: served.visiteur(role).cookies[settings.SESSION_COOKIE_NAME].value for role in Role}
    where = adresses(served)
    with chromium() as browser:
        server = make_server("127.0.0.1", 0, StaticFilesHandler(get_wsgi_application()), _Server, _Silent)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Ouvert(browser, f"http://127.0.0.1:{server.server_port}", sessions, where, [])
        server.shutdown()
        server.server_close()


def adresses(site: Site) -> list[tuple[Role | None, str, str]]:
    """Each page once, by the first role that may see it, and the applicant's and the agent's view of a dossier."""
    routes = {pattern.name: route for route, pattern in pages()}
    found: list[tuple[Role | None, str, str]] = []
    for name, line in ATTENDU.items():
        if name in SANS_PAGE:
            continue
        seen = [who for who, status in zip(QUI, line.split(), strict=True) if status == "200"]
        shown = dict.fromkeys([*seen[:1], *[each for each in ("usager", "agent") if each in seen]])
        found += [(None if who == "-" else Role(who), name, chemin(routes[name], site.sujet())) for who in shown]
    return found


def test_no_page_has_a_violation_of_axe_at_any_width_nor_one_of_the_policy(ouvert: Ouvert, site: Site) -> None:
    """Every page, three widths: axe finds nothing, nothing is cut or scrolls sideways, no script or style is refused."""
    axe, said = Axe(), []
    for role, name, where in ouvert.adresses:
        page = ouvert.page(role, viewport={"width": LARGEURS[0], "height": 900})
        page.goto(ouvert.adresse + where)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        for width in LARGEURS:
            page.set_viewport_size({"width": width, "height": 900})
            if width != LARGEURS[1]:  # the middle one differs from its neighbours by lengths of lines only
                found = axe.run(page)
                said += [
                    f"{name} {role} {width} : {each['id']} {each['nodes'][0]['html'][:120]}"
                    for each in found.response["violations"]
                ]
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                said.append(f"{name} {role} {width} : scrolls sideways ({wide})")
        page.context.close()
    assert not said, "\n".join(said)
    assert not ouvert.violations, ouvert.violations


def test_axe_finds_what_is_put_wrong_on_purpose(ouvert: Ouvert, site: Site) -> None:
    """A label, the language, a name of a drawing, a contrast, an order of headings: each is found when it is taken away."""
    page = ouvert.page(Role.DDD)
    page.goto(f"{ouvert.adresse}/dossiers/{site.sujet()}/")
    page.evaluate(
        """() => {
            document.documentElement.removeAttribute("lang");
            document.querySelector("svg.frise").removeAttribute("aria-labelledby");
            document.querySelectorAll("svg.frise title, svg.frise desc").forEach((each) => each.remove());
            document.querySelector("label[for=texte]").remove();
            document.querySelector("h2").outerHTML = "<h5>Trop bas</h5>";
        }"""
    )
    found = {each["id"] for each in Axe().run(page).response["violations"]}
    assert {"html-has-lang", "svg-img-alt", "heading-order"} <= found
    assert {"label", "label-title-only"} & found
    page.context.close()


def test_the_timeline_is_filtered_without_any_script(ouvert: Ouvert, site: Site) -> None:
    """The form alone: fewer facts, the count told, the way back."""
    page = ouvert.page(Role.DDD, java_script_enabled=False)
    page.goto(f"{ouvert.adresse}/dossiers/{site.sujet()}/")
    every = page.locator("li.fait").count()
    page.check("input[value=tiers]")
    page.click("button:has-text('Filtrer')")
    some = page.locator("li.fait").count()
    assert 0 < some < every
    assert f"{some} faits affichés" in page.inner_text("[role=status]")
    page.click("text=Tout afficher")
    assert page.locator("li.fait").count() == every
    page.context.close()


def test_with_a_script_the_same_facts_come_without_the_page(ouvert: Ouvert, site: Site) -> None:
    """A box is ticked: a fragment comes, the address follows, the way back brings all of them again."""
    page = ouvert.page(Role.DDD)
    page.goto(f"{ouvert.adresse}/dossiers/{site.sujet()}/")
    every = page.locator("li.fait").count()
    with page.expect_response(lambda answer: "origine=tiers" in answer.url) as fragment:
        page.check("input[value=tiers]")
    assert "<html" not in fragment.value.text()
    page.wait_for_url("**origine=tiers**")
    some = page.locator("#faits li.fait").count()
    assert some < every
    page.go_back()
    page.wait_for_selector("#faits")
    page.reload()
    assert page.locator("li.fait").count() == every
    page.context.close()


def test_the_keyboard_alone_goes_everywhere(ouvert: Ouvert, site: Site) -> None:
    """The first key leads past the menu; each thing that takes the focus shows it, in the order of the page."""
    page = ouvert.page(Role.DDD)
    page.goto(f"{ouvert.adresse}/dossiers/{site.sujet()}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#contenu"
    tops = []
    for _ in range(25):
        page.keyboard.press("Tab")
        tops.append(page.evaluate("document.activeElement.getBoundingClientRect().top + scrollY"))
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2, page.evaluate("document.activeElement.outerHTML")
    assert all(after >= before - 60 for before, after in pairwise(tops)), tops
    page.context.close()


def test_forced_colours_and_print_keep_what_is_said(ouvert: Ouvert, site: Site) -> None:
    """The drawing keeps its patterns; on paper the filters go, the folded tables are there."""
    page = ouvert.page(Role.DDD, forced_colors="active")
    page.goto(f"{ouvert.adresse}/dossiers/{site.sujet()}/")
    assert page.evaluate("getComputedStyle(document.querySelector('.frise .etat')).forcedColorAdjust") == "none"
    page.context.close()
    page = ouvert.page(Role.DDD)
    page.goto(f"{ouvert.adresse}/dossiers/{site.sujet()}/")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".filtres").is_hidden()
    assert page.locator("details.table table").is_visible()
    page.context.close()


def test_a_page_weighs_less_than_two_hundred_kilobytes(ouvert: Ouvert, site: Site) -> None:
    """Everything that comes over the line for a timeline, as it comes."""
    page = ouvert.page(Role.DDD)
    weights: list[int] = []
    page.on("response", lambda answer: weights.append(len(answer.body())))
    page.goto(f"{ouvert.adresse}/dossiers/{site.sujet()}/", wait_until="networkidle")
    assert 0 < sum(weights) < 200_000, sum(weights)
    page.context.close()

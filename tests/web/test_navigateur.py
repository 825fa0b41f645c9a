"""The pages in a real Chromium: accessibility by axe, three widths, no script, forced colours, print, keyboard, CSP.

Skipped where no Chromium is installed, which ``make test`` says.
"""

import gzip
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from app.settings import Oidc
from ledger.days import Jours, Quand
from ledger.entry import Acteur, Fait
from ledger.events.listes import CritereFile
from ledger.events.support import CccContacte
from ledger.events.types import Canal, Grade, NatureActeur, Source
from tests.evidence.navigateurs import chromium
from tests.web.conftest import HERE, Site
from tests.web.test_parcours import ATTENDU, QUI, chemin, pages
from tests.web.test_reseau import servi
from web import demo
from web.acces import Role
from web.theme import NEUTRE, THEMES

LARGEURS = (1280, 390, 320)
SANS_PAGE = {
    "deconnexion", "proconnect", "proconnect-retour", "compte-session", "compte-codes", "compte-facteur",
    "compte-jetons", "compte-jeton-revoque", "abonnement", "suivre-choisir",
    "export-telecharger", "piece", "statistiques-csv", "integrite-telecharger", "recu", "api-schema",
}  # fmt: skip
"""Addresses that answer a file, or only go elsewhere."""
AUTREMENT = {"second-facteur", "proconnect-invitation"}
"""Pages that the table of roles shows to nobody: a test below comes to them by their own way."""
TOUT = {"resultTypes": ["violations"]}
LARGEUR_SEULE = {**TOUT, "runOnly": ["target-size", "scrollable-region-focusable"]}
"""What a width alone can break, beside what scrolls: other rules read the tree and its colours, the same at any width."""
AXE = "o => axe.run(document, o).then(r => r.violations.map(v => `${v.id} ${v.nodes[0].html.slice(0, 160)}`))"
DEPLIER = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@dataclass
class Ouvert:
    """A browser on the site, in one of its themes."""

    browser: Browser
    adresse: str
    sessions: dict[Role | str, str]
    adresses: list[tuple[Role | None, str, str]]
    theme: str = NEUTRE
    violations: list[str] = field(default_factory=list)

    def contexte(self, role: Role | str | None, **options: object) -> BrowserContext:
        """A browser logged in as a visitor of the tests is."""
        context = self.browser.new_context(**options)  # type: ignore[arg-type] # as playwright takes them
        if role is not None:
            session = {"name": settings.SESSION_COOKIE_NAME, "value": self.sessions[role], "url": self.adresse}
            context.add_cookies([session])  # type: ignore[list-item] # as playwright takes it
        return context

    def page(self, role: Role | str | None, **options: object) -> Page:
        """A page of such a browser; what the policy of content refuses, and what fails in a script, is noted."""
        return self.onglet(self.contexte(role, **options))

    def onglet(self, context: BrowserContext) -> Page:
        """A page of a browser; what the policy of content refuses, and what fails in a script, is noted."""
        page = context.new_page()
        page.on("console", lambda said: self.violations.append(said.text) if _fautif(said) else None)
        page.on("pageerror", lambda error: self.violations.append(str(error)))
        return page

    def controler(self, page: Page, nom: str) -> list[str]:
        """What axe finds on the page that is shown, everything unfolded, and what scrolls sideways, at three widths."""
        said = []
        page.evaluate(DEPLIER)
        page.evaluate(AXE_SCRIPT)
        for width in LARGEURS:
            page.set_viewport_size({"width": width, "height": 900})
            found = page.evaluate(AXE, TOUT if width == LARGEURS[0] else LARGEUR_SEULE)
            said += [f"{self.theme} {nom} {width} : {each}" for each in found]
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                said.append(f"{self.theme} {nom} {width} : scrolls sideways ({wide})")
        page.set_viewport_size({"width": LARGEURS[0], "height": 900})
        return said


def _fautif(said: ConsoleMessage) -> bool:
    """An error of the console, unless it only repeats that this page itself is not a 200."""
    itself = said.page is not None and said.location["url"] == said.page.url
    return said.type == "error" and not (itself and "responded with a status of" in said.text)


@pytest.fixture(scope="module")
def navigateur(served: Site) -> Iterator[Ouvert]:
    """A browser on a site that listens on a port of its own, with a session of each role."""
    # Before the browser: playwright keeps an event loop in this thread, in which Django refuses to ask its database.
    sessions: dict[Role | str, str] = {
        role: served.visiteur(role).cookies[settings.SESSION_COOKIE_NAME].value for role in Role
    }
    sessions["sans facteur"] = served.visiteur(Role.DDD, facteur=False).cookies[settings.SESSION_COOKIE_NAME].value
    where = adresses(served)
    with chromium() as browser:
        server = make_server("127.0.0.1", 0, StaticFilesHandler(get_wsgi_application()), _Server, _Silent)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Ouvert(browser, f"http://127.0.0.1:{server.server_port}", sessions, where)
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module", params=THEMES)
def ouvert(request: pytest.FixtureRequest, navigateur: Ouvert, served: Site) -> Iterator[Ouvert]:
    """The same browser, on the same site in each theme."""
    with servi(served, replace(HERE, theme=request.param)):
        yield replace(navigateur, theme=request.param, violations=[])


def adresses(site: Site) -> list[tuple[Role | None, str, str]]:
    """Each page once by the first role that may see it, and the applicant's and the agent's view where one must log in."""
    routes = {pattern.name: route for route, pattern in pages()}
    found: list[tuple[Role | None, str, str]] = []
    for name, line in ATTENDU.items():
        if name in SANS_PAGE:
            continue
        seen = [who for who, status in zip(QUI, line.split(), strict=True) if status == "200"]
        assert seen or name in AUTREMENT, f"{name}: no role comes to this page, and no test does otherwise"
        others = [each for each in ("usager", "agent") if each in seen and seen[0] != "-"]
        found += [
            (None if who == "-" else Role(who), name, chemin(routes[name], site.sujet()))
            for who in dict.fromkeys([*seen[:1], *others])
        ]
    return found


def test_no_page_has_a_violation_of_axe_at_any_width_nor_one_of_the_policy(ouvert: Ouvert, served: Site) -> None:
    """Every page, both themes, three widths: axe finds nothing, nothing scrolls sideways, no script or style is refused."""
    said: list[str] = []
    # Both themes show the same markup: what one role reads otherwise than another is looked at in the first.
    once = {each[1]: each for each in reversed(ouvert.adresses)}
    shown = sorted(ouvert.adresses if ouvert.theme == NEUTRE else once.values(), key=lambda each: str(each[0]))
    for role, group in groupby(shown, key=lambda each: each[0]):
        context = ouvert.contexte(role, viewport={"width": LARGEURS[0], "height": 900})
        page = ouvert.onglet(context)
        for _, name, where in group:
            page.goto(ouvert.adresse + where)
            said += ouvert.controler(page, f"{name} {role}")
        context.close()
    assert not said, "\n".join(said)
    assert not ouvert.violations, ouvert.violations


def test_pages_that_answer_a_form_or_an_error_have_none_either(ouvert: Ouvert, served: Site) -> None:
    """A wrong password, an act before it is done, a fingerprint looked up, the second factor, a page that is not there."""
    page = ouvert.page(None)
    page.goto(f"{ouvert.adresse}/nulle-part/")
    said = ouvert.controler(page, "erreur")
    page.goto(f"{ouvert.adresse}/connexion/")
    page.fill("input[name=username]", f"inconnue-{ouvert.theme}")
    page.fill("input[name=password]", "faux")
    page.click("main button")
    assert page.locator("[role=alert]").is_visible()
    said += ouvert.controler(page, "connexion refusée")
    page.goto(f"{ouvert.adresse}/verifier/")
    page.fill("input[name=empreinte]", "0" * 64)
    page.click("main button")
    said += ouvert.controler(page, "empreinte inconnue")
    with servi(served, replace(HERE, theme=ouvert.theme, oidc=Oidc("https://fi.example", "constat", Path()))):
        page.goto(f"{ouvert.adresse}/proconnect/invitation/")
        said += ouvert.controler(page, "invitation")
    page.context.close()
    page = ouvert.page("sans facteur")
    page.goto(f"{ouvert.adresse}/second-facteur/")
    assert page.locator("input[name*=code]").is_visible()
    said += ouvert.controler(page, "second facteur")
    page.context.close()
    page = ouvert.page(Role.AGENT)
    page.goto(f"{ouvert.adresse}/dossiers/{served.sujet()}/actes/clore_dossier/")
    page.click("text=Voir avant d'agir")
    said += ouvert.controler(page, "acte vu avant")
    page.context.close()
    assert not said, "\n".join(said)
    assert not ouvert.violations, ouvert.violations


def test_axe_finds_what_is_put_wrong_on_purpose(ouvert: Ouvert, site: Site) -> None:
    """A label, the language, a drawing's name, a contrast, the headings, the width, the policy: each fault is found."""
    page = ouvert.page(Role.DDD)
    page.goto(f"{ouvert.adresse}/dossiers/{site.sujet()}/")
    page.evaluate(
        """() => {
            document.documentElement.removeAttribute("lang");
            document.querySelector("svg.frise").removeAttribute("aria-labelledby");
            document.querySelectorAll("svg.frise title, svg.frise desc").forEach((each) => each.remove());
            document.querySelector("label[for=texte]").remove();
            document.querySelector("h2").outerHTML = "<h5>Trop bas</h5>";
            document.querySelector("h1").style.color = "#ccc";
            document.head.append(document.createElement("style"));
            document.head.lastChild.textContent = "h1 { color: red }";
        }"""
    )
    page.evaluate(AXE_SCRIPT)
    found = {each.split()[0] for each in page.evaluate(AXE, TOUT)}
    assert {"html-has-lang", "svg-img-alt", "heading-order", "color-contrast"} <= found
    assert {"label", "label-title-only"} & found
    page.evaluate("document.body.style.minWidth = '2000px'")
    assert any("scrolls sideways (2" in each for each in ouvert.controler(page, "trop large"))
    assert ouvert.violations
    assert all("Content Security Policy" in each for each in ouvert.violations)
    ouvert.violations.clear()
    page.context.close()


COUPES = """() => [...document.querySelectorAll(".phrases select")].flatMap((list) => {
    const shown = getComputedStyle(list), probe = document.createElement("p"), pad = parseFloat(shown.paddingInline);
    const arrow = shown.appearance === "none" ? parseFloat(shown.paddingInlineEnd) : pad + 20;
    Object.assign(probe.style, { font: shown.font, lineHeight: "normal", margin: 0, width: `${list.clientWidth - pad - arrow}px` });
    document.body.append(probe);
    const cut = [...list.options].map((each) => each.text).filter((text) => {
        probe.textContent = text;
        return probe.offsetHeight > list.clientHeight - 2 * parseFloat(shown.paddingBlock);
    });
    probe.remove();
    return cut;
})"""
"""The choices of which a list is too small to show the whole sentence."""


def test_no_choice_of_the_order_of_a_queue_is_cut(ouvert: Ouvert, site: Site) -> None:
    """Each criterion is a sentence: on one line where there is room, on several where there is not."""
    page = ouvert.page(Role.SUPERVISEUR)
    page.goto(f"{ouvert.adresse}/file/ordre/")
    assert page.locator(".phrases select").count() == 4
    for place in range(1, 5):  # where a list grows, it is as high as what it shows: the longest of them
        page.select_option(f"[name=place_{place}]", CritereFile.PERTE_DECLAREE.value)
    for width in LARGEURS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(COUPES) == [], width
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


def test_a_timeline_of_two_hundred_facts_weighs_less_than_two_hundred_kilobytes(
    navigateur: Ouvert, served: Site
) -> None:
    """All that comes over the line for it in the default theme; what is under /statique/ as the proxy compresses it."""
    day = date(2025, 1, 1)
    served.ledger.append(
        [
            Fait(
                id=f"poids-{each}",
                personne=demo.PERSONNE,
                objet=f"poids-{each}",
                survenu=Quand.le(datetime.combine(day + timedelta(each), time(9), UTC)),
                acteur=Acteur(nature=NatureActeur.USAGER, id=demo.PERSONNE),
                canal=Canal.TELEPHONE,
                source=Source.CONSTAT,
                grade=Grade.A,
                evenement=CccContacte(ticket=f"POIDS-{each}", contacte_le=Jours.lire(str(day + timedelta(each)))),
            )
            for each in range(200)
        ]
    )
    with servi(served, HERE):
        page = navigateur.page(Role.DDD)
        weights: dict[str, int] = {}
        page.on("response", lambda answer: weights.update({answer.url: _sur_la_ligne(answer)}))
        page.goto(f"{navigateur.adresse}/dossiers/{served.sujet()}/", wait_until="networkidle")
        assert page.locator("li.fait").count() >= 200
        page.context.close()
    assert len(weights) >= 5
    assert sum(weights.values()) < 200_000, weights


def _sur_la_ligne(answer: Response) -> int:
    body = answer.body()
    return len(gzip.compress(body)) if "/statique/" in answer.url else len(body)

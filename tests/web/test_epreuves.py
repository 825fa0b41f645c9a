"""The pages under what a hostile visitor sends: every field, address, header, file name; and how each may be asked."""

import re
from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from tests.web.conftest import HERE, Site
from tests.web.epreuves import BALISES, PIEGES, Formulaires, adresse
from tests.web.test_parcours import ATTENDU, chemin, pages
from tests.web.test_reseau import PROXIES, _production, servi
from tests.web.visiteurs import Visiteur
from web.acces import Role
from web.lecture import sujet_de
from web.reglages import ENTETES
from web.requete import LECTURE, methodes_de

CHAMPS = (
    "au", "du", "connu", "connu_b", "au_b", "origine", "texte", "vue", "page", "format", "genre", "organisation", "n",
    "fait", "next", "ligne", "quoi", "tableau", "par", "prefecture", "titre", "situation", "jours", "role", "actif",
)  # fmt: skip
"""The fields that addresses of the site have."""
AUTREMENT = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
PAR_FORMULAIRE = 4
"""So many strings each form is given, in turn: each string meets several forms."""
LAISSES = re.compile(r"deconnexion|second-facteur|sessions/fermer|comptes/[0-9a-f-]{36}/")
"""Forms that would end what the other trials need."""


@pytest.fixture(scope="module")
def site(walked: Site) -> Site:
    """The site, walked at the end of this file."""
    return walked


@pytest.fixture
def visiteurs(site: Site) -> dict[Role | None, Client]:
    """One visitor a role, to whom failures are answers."""
    return {role: site.visiteur(role, raise_request_exception=False) for role in (None, *Role)}


def sans_mal(answer: Any, sent: object) -> None:
    """No failure, nothing that was sent is obeyed, every header is there."""
    assert answer.status_code < 500, (sent, answer.status_code)
    body = b"" if answer.streaming else answer.content
    if "html" in answer["Content-Type"]:
        assert not [each for each in BALISES if each.encode() in body], sent
    assert "X-Injecte" not in answer.headers
    assert not re.match(r"(https?:)?[/\\]{2}(?!testserver)|javascript:", answer.get("Location", "")), sent
    assert answer["Cache-Control"] == "no-store"
    assert not ENTETES.keys() - answer.headers.keys()


def test_no_address_makes_a_page_fail(site: Site, visiteurs: dict[Role | None, Client]) -> None:
    """Every page with every field that addresses have, and with anything in the place of its parts."""
    strings = cycle(map(adresse, PIEGES))
    for number, (route, pattern) in enumerate(pages()):
        where = chemin(route, site.sujet())
        if LAISSES.search(where):
            continue
        role = _qui(str(pattern.name), number)
        query = "&".join(f"{name}={next(strings)}" for name in CHAMPS)
        sans_mal(visiteurs[role].get(f"{where}?{query}"), (where, query))
        for part in re.findall(r"<(?!uuid)\w+:\w+>", route):
            made = chemin(route.replace(part, next(strings) or "x"), site.sujet())
            sans_mal(visiteurs[Role.DDD].get(made), made)


def _qui(name: str, number: int) -> Role | None:
    """One of those who are shown the page, not always the same."""
    shown = [who for who, status in zip((None, *Role), ATTENDU[name].split(), strict=True) if status == "200"]
    return (shown or [Role.DDD])[number % len(shown or [0])]


def test_no_field_makes_a_form_fail(site: Site, visiteurs: dict[Role | None, Client]) -> None:
    """Every form of the site, as its page makes it, with anything in its texts, its choices and the name of its file."""
    seen, strings = set(), cycle(PIEGES)
    for role, client in visiteurs.items():
        for route, pattern in pages():
            where = chemin(route, site.sujet())
            if LAISSES.search(where):
                continue
            page = client.get(where)
            if page.status_code != 200 or "html" not in page["Content-Type"]:
                continue
            for action, fields in Formulaires(page.content.decode()).trouves:
                form = (pattern.name, action.partition("?")[0], frozenset(fields))
                if form in seen or LAISSES.search(action):
                    continue
                seen.add(form)
                for at in range(PAR_FORMULAIRE):
                    sent = remplir(fields, next(strings), at)
                    sans_mal(client.post(action or where, sent), (pattern.name, role, sent))
    assert len(seen) > 10, seen


def remplir(fields: dict[str, list[tuple[str, str]]], string: str, at: int) -> dict[str, object]:
    """A form with ``string`` in its texts; every other time in its choices too, and in what the page had hidden."""
    sent: dict[str, object] = {}
    for name, offered in fields.items():
        kind, value = offered[at % len(offered)]
        if kind == "file":
            known = "x" if string.rpartition("/")[2] in {"", ".", ".."} else string  # what no browser sends as a name
            sent[name] = SimpleUploadedFile(known, (b"", b"PK\x03\x04", b"%PDF-1.4", string.encode())[at % 4])
        else:
            sent[name] = string if kind in {"text", "textarea", "date", "password", "number"} or at % 2 else value
    return sent


def test_no_header_makes_a_page_fail(site: Site, visiteurs: dict[Role | None, Client]) -> None:
    """Nor a cookie, whatever signs it escapes; who is known stays known."""
    client = visiteurs[Role.DDD]
    names = (
        "HX-Request", "HX-Current-URL", "HX-History-Restore-Request", "Accept-Language", "User-Agent", "Referer", "Range",
        "If-None-Match", "If-Modified-Since", "X-CSRFToken", "X-HTTP-Method-Override", "X-Forwarded-For", "X-Original-URL",
    )  # fmt: skip
    for string, name in zip(PIEGES, cycle(names), strict=False):
        sent = {name: string.encode().decode("latin-1")}
        sans_mal(client.get("/recherche/", headers=sent), sent)
    for cookie in (
        'sessionid="aaaaaaaaaaaa\\000"',
        'sessionid="\\377"',
        "sessionid=" + "a" * 5_000,
        'csrftoken="\\000"',
    ):
        for where in ("/", "/connexion/", "/compte/", "/api/v1/compte"):
            answer = Client(raise_request_exception=False).get(where, headers={"Cookie": cookie})
            sans_mal(answer, cookie)


def test_bytes_that_are_no_text_are_refused_not_replaced(site: Site) -> None:
    """What would be recorded is not what was written: nothing is, and the sentence says what to do."""
    where = f"/dossiers/{site.sujet()}/motif/"
    for raw in (b"fondement=controle&reference=%ED%A0%80", b"fondement=controle&reference=%FF"):
        answer = site.visiteur(Role.AGENT, motif=False).post(
            where, raw, content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code == 400
        assert "ne se lit pas" in answer.content.decode()
    for unseen in ("\u202e", "a\u200bb", "a\nb"):
        sent = {"fondement": "controle", "reference": f"R-1{unseen}2"}
        answer = site.visiteur(Role.AGENT, motif=False).post(where, sent)
        assert answer.status_code == 200
        assert "un signe qui ne se voit pas" in answer.content.decode()


def test_a_page_is_asked_for_in_its_own_ways_only(site: Site) -> None:
    """Any other is refused to everybody, before anything is decided or recorded; a form goes where there is one."""
    vie = site.registre.lecteur.vie(sujet_de(site.sujet()) or b"")
    assert vie is not None
    before = len(site.consultations(vie))
    stranger, known = Client(), site.visiteur(Role.SUPERVISEUR)
    for route, pattern in pages():
        where, taken = chemin(route, site.sujet()), methodes_de(pattern.callback)
        others = [each for each in (*AUTREMENT, "POST") if each not in taken]
        assert set(LECTURE) <= set(taken), where
        for client, methods in ((stranger, others), (known, others[-1:])):
            for method in methods:
                answer = client.generic(method, where)
                assert (answer.status_code, answer["Allow"]) == (405, ", ".join(taken)), (where, method)
    assert len(site.consultations(vie)) == before


def test_to_ask_for_the_headers_alone_is_to_look(site: Site) -> None:
    """HEAD leaves the trace that GET leaves."""
    vie = site.registre.lecteur.vie(sujet_de(site.sujet()) or b"")
    assert vie is not None
    before = len(site.consultations(vie))
    assert site.visiteur(Role.DDD).head(f"/dossiers/{site.sujet()}/").status_code == 200
    assert len(site.consultations(vie)) == before + 1


def test_every_answer_has_its_headers(site: Site) -> None:
    """Pages, files, refusals, redirections, problems, health: also those that are given before a page is looked for."""
    client = site.visiteur(Role.DDD)
    paths = ("/", "/aide", "/nulle-part/", "/statique/neutre.css", "/statique/rien", "/sante", "/pret", "/api/v1/compte",
             "/api/rien", "/statistiques/chiffres.csv", f"/dossiers/{site.sujet()}/acces/?format=csv")  # fmt: skip
    answers = [client.get(each) for each in paths]
    answers += [client.post("/statique/neutre.css"), client.get("/", headers={"Host": "ailleurs.example"})]
    with servi(site, replace(HERE, https=True, proxies=PROXIES)), override_settings(**_production()):
        elsewhere = Client().get("/", headers={"Host": "ailleurs.example"})
        assert elsewhere.status_code == 400
        answers += [elsewhere, Client().get("/")]
    for answer in answers:
        answer.close()
        assert {name: answer.get(name) for name in ENTETES} == {**ENTETES, **_bac(answer)}, answer.request["PATH_INFO"]


def _bac(answer: Any) -> dict[str, str]:
    """What is downloaded is in a sandbox."""
    return {"Content-Security-Policy": "sandbox"} if "attachment" in answer.get("Content-Disposition", "") else {}


@pytest.mark.parametrize(
    "where", ["../web/urls.py", "%2e%2e/%2e%2e/etc/passwd", "..%2f..%2fetc/passwd", "%5c..%5c", "neutre.css%00"]
)
def test_no_file_but_those_of_the_site_is_served(site: Site, where: str) -> None:
    """Whatever the path is written like."""
    assert Client().get(f"/statique/{where}").status_code == 404


def test_a_name_of_another_site_is_not_spoken_to_nor_repeated(site: Site) -> None:
    """Neither as the host, nor as what a proxy that nobody declared would say; nor after logging in."""
    for headers in ({"X-Forwarded-Host": "ailleurs.example"}, {"X-Forwarded-Proto": "https"}, {"Forwarded": "host=a"}):
        answer = Client().get("/connexion/", headers=headers)
        assert answer.status_code == 200
        assert "ailleurs.example" not in answer.content.decode()
    for after in (
        "//ailleurs.example",
        "https://ailleurs.example",
        "/\\ailleurs.example",
        "javascript:alert(1)",
        "\x00//a",
    ):
        sent = {"fondement": "instruction", "reference": "R-1", "next": after}
        answer = site.visiteur(Role.AGENT, motif=False).post(f"/dossiers/{site.sujet()}/motif/", sent)
        assert (answer.status_code, answer["Location"]) == (302, "/")


def test_what_is_too_large_is_told_so(site: Site) -> None:
    """A form of three megabytes, two thousand fields, an address of a hundred thousand signs: never a failure."""
    her = Visiteur(site.visiteur(Role.USAGER))
    large = her.post("/compte/jetons/", {"nom": "x" * (3 << 20)})
    assert large.status_code == 413
    assert "trop gros" in large.content.decode()
    assert her.post("/compte/jetons/", {f"a{n}": "1" for n in range(2_000)}).status_code in {400, 413}
    assert her.get("/compte/?" + "a" * 100_000).status_code == 200
    assert her.get("/compte/?" + "&".join(f"a{n}=1" for n in range(2_000))).status_code in {200, 400}


def test_every_form_is_refused_without_the_token_of_its_page(site: Site) -> None:
    """On every address that takes one, for who is logged in and for who is not; nothing is written."""
    for route, pattern in pages():
        if "POST" in methodes_de(pattern.callback):
            for role in (None, Role.AGENT):
                client = site.visiteur(role, enforce_csrf_checks=True)
                answer = client.post(chemin(route, site.sujet()), {"texte": "x"})
                assert answer.status_code == 403, route
                assert "Ce formulaire n" in answer.content.decode()


@pytest.mark.parametrize("day", ["0001-01-01", "1900-01-01", "2149-12-31", "2199-12-31", "9999-12-31"])
def test_the_ends_of_time_are_days_like_others_or_none(site: Site, day: str) -> None:
    """From the first and the last day one looks at pages, figures and the API; what lies beyond is today, or refused."""
    page, api = f"/dossiers/{site.sujet()}", f"/api/v1/dossiers/{site.sujet()}"
    client = site.visiteur(Role.DDD, raise_request_exception=False)
    for where in (
        f"{page}/mon-historique/",
        f"{page}/preuves/",
        f"{page}/",
        "/statistiques/",
        "/statistiques/chiffres.csv",
    ):
        assert client.get(f"{where}?du={day}&au={day}&connu={day}").status_code == 200, where
    for where in ("preuves", "etat", "connu", "chronologie"):
        answer = client.get(f"{api}/{where}?au={day}")
        assert answer.status_code == (200 if "1900-01-01" <= day <= "2149-12-31" else 422), (
            where,
            answer.content[:200],
        )
    assert client.get(f"{api}/preuves?connu_le={day}T00:00:00").status_code == 422  # of no time zone

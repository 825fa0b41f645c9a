"""Every address of the site with every role: what each is answered, and what each look leaves in the ledger."""

import re
from collections.abc import Iterator

import psycopg
import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from ledger.events.acces import DossierConsulte
from tests.web.conftest import Site
from web import demo
from web.acces import Objet, Role, permis
from web.comptes.models import Compte
from web.lecture import sujet_de
from web.pages import chronologie
from web.requete import objet_de

QUI = ["-", "usager", "representant", "agent", "superviseur", "ccc", "pan", "ddd", "administrateur"]
ATTENDU = {
    # who:               -    usag repr agen supe ccc  pan  ddd  admi
    "accueil":         "200  302  302  302  302  302  302  302  302",
    "connexion":       "200  200  200  200  200  200  200  200  200",
    "invitation":      "200  200  200  200  200  200  200  200  200",
    "deconnexion":     "302  302  302  302  302  302  302  302  302",
    "second-facteur":  "302  302  302  302  302  302  302  302  302",
    "second-facteur-inscrire": "302 200 302  302  302  302  302  302  302",
    "aide":            "200  200  200  200  200  200  200  200  200",
    "accessibilite":   "200  200  200  200  200  200  200  200  200",
    "donnees-personnelles": "200 200 200 200 200 200  200  200  200",
    "proconnect":      "404  404  404  404  404  404  404  404  404",
    "proconnect-retour": "404 404 404  404  404  404  404  404  404",
    "proconnect-invitation": "404 404 404 404 404 404  404  404  404",
    "compte":          "302  200  200  200  200  200  200  200  200",
    "compte-mot-de-passe": "302 200 200 200 200  200  200  200  200",
    "compte-session":  "302  302  302  302  302  302  302  302  302",
    "compte-codes":    "302  302  302  302  302  302  302  302  302",
    "compte-facteur":  "302  302  302  302  302  302  302  302  302",
    "compte-jetons":   "302  302  302  302  302  302  302  302  302",
    "compte-jeton-revoque": "302 302 302 302 302 302  302  302  302",
    "abonnements":     "302  200  200  200  200  200  200  200  403",
    "abonnement":      "302  302  302  302  302  302  302  302  403",
    "suivre-choisir":  "302  302  302  302  302  302  302  302  403",
    "suivre":          "302  200  200  200  200  200  200  200  403",
    "api":             "200  200  200  200  200  200  200  200  200",
    "api-schema":      "200  200  200  200  200  200  200  200  200",
    "motif":           "302  403  403  200  200  200  200  200  403",
    "chronologie":     "302  200  200  200  200  200  200  200  403",
    "fait":            "302  200  200  200  200  200  200  200  403",
    "piece":           "302  404  404  404  404  403  403  404  403",
    "preuves":         "302  200  200  200  200  403  403  200  403",
    "obligations":     "302  200  200  200  200  403  403  200  403",
    "connu":           "302  200  200  200  200  200  200  200  403",
    "actes":           "302  403  403  200  200  403  403  200  403",
    "acte":            "302  403  403  200  200  403  403  404  403",
    "contradictoire":  "302  200  200  200  200  403  403  200  403",
    "export":          "302  200  200  403  403  403  403  200  403",
    "export-telecharger": "302 404 404 403  403  403  403  404  403",
    "mon-historique":  "302  200  200  200  200  200  200  200  403",
    "consultations":   "302  200  200  200  200  403  403  200  403",
    "recus":           "302  200  200  200  200  403  403  403  403",
    "recu":            "302  404  404  404  404  403  403  403  403",
    "signaler":        "302  200  200  403  403  403  403  403  403",
    "verifier":        "200  200  200  200  200  200  200  200  200",
    "file":            "302  403  403  200  200  403  403  403  403",
    "file-ordre":      "302  403  403  403  200  403  403  403  403",
    "recherche":       "302  403  200  200  200  200  200  200  403",
    "statistiques":    "302  403  403  403  200  403  403  200  403",
    "statistiques-csv": "302 403  403  403  200  403  403  200  403",
    "integrite":       "302  403  403  403  200  403  403  200  200",
    "integrite-telecharger": "302 403 403 403 404 403 403 404  404",
    "comptes":         "302  403  403  403  403  403  403  403  200",
    "compte-creer":    "302  403  403  403  403  403  403  403  200",
    "compte-un":       "302  403  403  403  403  403  403  403  200",
}  # fmt: skip
"""What GET answers on the dossier of the demonstration: 302 is the way to log in, or to where a role begins."""
VALEURS = {"acte": "clore_dossier", "export": "00000000-0000-4000-8000-000000000000", "numero": "1", "sha256": "0" * 64}
"""What stands in an address for its other parts."""
PROPRE_A_LA_REPONSE = r'[0-9a-f]{32}|(?<=csrfmiddlewaretoken" value=")[^"]+'
"""What differs between two answers that say the same: the number of the answer, the form's token."""


def pages(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the site, with its pattern."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            if each.app_name != "ninja":  # the API: test_api walks its operations
                yield from pages(each, prefix + str(each.pattern))
        else:
            yield prefix + str(each.pattern), each


def chemin(route: str, sujet: str) -> str:
    """An address with its dossier, its account, and its other parts."""
    compte = str(Compte.objects.get(role=Role.DDD.value).pk)
    made = route.replace("<str:sujet>", sujet).replace("<uuid:compte>", compte)
    for name, value in VALEURS.items():
        made = re.sub(rf"<\w+:{name}>", value, made)
    return f"/{made}"


def test_every_page_declares_what_it_shows_and_is_in_the_table(site: Site) -> None:
    """A page that was added without a rule, or without a line above, is found here."""
    named = {pattern.name: pattern for _, pattern in pages()}
    assert named.keys() == ATTENDU.keys()
    assert all(isinstance(objet_de(pattern.callback), Objet) for pattern in named.values())


@pytest.mark.parametrize("name", ATTENDU)
def test_every_role_is_answered_as_the_table_says(site: Site, name: str) -> None:
    """No more, no less, on a dossier that all have a tie with."""
    [route] = [route for route, pattern in pages() if pattern.name == name]
    for who, expected in zip(QUI, ATTENDU[name].split(), strict=True):
        client = site.visiteur(None if who == "-" else Role(who))
        answer = client.get(chemin(route, site.sujet()))
        assert answer.status_code == int(expected), (name, who)


@pytest.mark.parametrize("name", [name for name in ATTENDU if name != "motif"])
def test_a_dossier_of_others_and_one_that_is_not_are_answered_alike(site: Site, name: str) -> None:
    """The same words for the dossier of another person, of nobody, and a name that cannot be one."""
    [route] = [route for route, pattern in pages() if pattern.name == name]
    if "<str:sujet>" not in route:
        return
    others = site.sujet("jana-exemple-n05")
    [pattern] = [pattern for _, pattern in pages() if pattern.name == name]
    objet = objet_de(pattern.callback)
    assert objet is not None
    for role in (Role.USAGER, Role.REPRESENTANT, Role.CCC, Role.PAN, Role.DDD):
        if permis(role, objet) is None:
            continue
        client = site.visiteur(role)
        told = {
            re.sub(PROPRE_A_LA_REPONSE, "…", client.get(chemin(route, each)).content.decode())
            for each in (others, "0" * 32, "pas-un-sujet", "é" * 32)
        }
        assert len(told) == 1, role
        assert "pas accès" in told.pop()


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.ADMINISTRATEUR])
def test_each_tab_of_a_dossier_leads_where_the_role_may_go(site: Site, role: Role) -> None:
    """None is a dead end; every role that may follow a dossier by a program is led there, above them."""
    client = site.visiteur(role)
    page = client.get(f"/dossiers/{site.sujet()}/").content.decode()
    tabs = page[page.index('aria-label="Pages du dossier"') : page.index("<main")]
    leads = re.findall(r'href="([^"]+)"', tabs)
    assert f"/dossiers/{site.sujet()}/suivre/" in leads
    assert {client.get(each).status_code for each in leads} == {200}


def test_no_look_without_its_trace_and_no_trace_without_a_look(site: Site) -> None:
    """One entry a look, with the service, the reason and what was seen; a refusal leaves none."""
    vie = site.registre.lecteur.vie(sujet_de(site.sujet()) or b"")
    assert vie is not None
    before = len(site.consultations(vie))
    site.visiteur(Role.DDD).get(f"/dossiers/{site.sujet()}/?origine=usager&texte=secret")
    site.visiteur(Role.ADMINISTRATEUR).get(f"/dossiers/{site.sujet()}/")
    site.visiteur(Role.DDD, motif=False).get(f"/dossiers/{site.sujet()}/")
    traced = site.consultations(vie)[before:]
    [one] = traced
    assert isinstance(one.fait.evenement, DossierConsulte)
    assert one.fait.acteur.service == site.compte(Role.DDD).service
    assert one.fait.evenement.reference == demo.RECLAMATION
    assert one.fait.evenement.perimetre == "chronologie ; filtres : origine, texte"
    assert "secret" not in str(one.fait)


@pytest.mark.parametrize("where", ["/nulle-part/", "/dossiers//", "/dossiers/x/nulle-part/", "/%00", "/é"])
def test_an_address_that_is_none_is_answered_to_everybody(site: Site, where: str) -> None:
    """Logged in or not: the page that says so, never a failure."""
    for role in (None, *Role):
        answer = site.visiteur(role).get(where)
        assert answer.status_code == 404, role
        assert "n&#39;existe pas" in answer.content.decode()


def test_a_ledger_that_is_away_is_said_to_be_and_when_to_ask_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is lost while a page is made: no half of a page, nothing of the dossier, and a time to come back."""

    def lost(*_: object) -> None:
        raise psycopg.OperationalError

    client = site.visiteur(Role.DDD)
    assert client.get(f"/dossiers/{site.sujet()}/").status_code == 200
    monkeypatch.setattr(chronologie, "au_de", lost)
    answer = client.get(f"/dossiers/{site.sujet()}/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert demo.PERSONNE not in answer.content.decode()

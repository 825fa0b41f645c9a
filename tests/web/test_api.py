"""The API: every operation with every role, as on the pages; errors that programs read and that tell nothing."""

import json
import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.test import Client

from ledger.events.acces import DossierConsulte
from replay.verify import verify
from tests.web.conftest import Site
from tests.web.programme import MOTIFS, demander, jeton, lu, operations
from web import demo
from web.acces import Objet, Role
from web.api.objets import PORTEES
from web.api.problemes import TYPE, Code
from web.lecture import sujet_de
from web.requete import objet_de

QUI = ["-", "usager", "representant", "agent", "superviseur", "ccc", "pan", "ddd", "administrateur"]
ATTENDU = {
    # who:                  -    usag repr agen supe ccc  pan  ddd  admi
    "lire_compte":         "401  200  200  200  200  200  200  200  200",
    "lire_chronologie":    "401  200  200  200  200  200  200  200  403",
    "chercher_chronologie": "401 200  200  200  200  200  200  200  403",
    "lire_faits":          "401  200  200  200  200  200  200  200  403",
    "lire_fait":           "401  200  200  200  200  200  200  200  403",
    "lire_etat":           "401  200  200  200  200  200  200  200  403",
    "lire_couverture":     "401  200  200  200  200  200  200  200  403",
    "lire_connu":          "401  200  200  200  200  200  200  200  403",
    "lire_preuves":        "401  200  200  200  200  403  403  200  403",
    "lire_consultations":  "401  200  200  200  200  403  403  200  403",
    "lire_statistiques":   "401  403  403  403  200  403  403  200  403",
    "demander_acte":       "401  403  403  422  422  403  403  422  403",
    "contester_fait":      "401  422  422  403  403  403  403  403  403",
    "lire_abonnements":    "401  200  200  200  200  200  200  200  403",
    "creer_abonnement":    "401  422  422  422  422  422  422  422  422",
    "renouveler_secret":   "401  404  404  404  404  404  404  404  403",
    "essayer_abonnement":  "401  404  404  404  404  404  404  404  403",
    "reprendre_abonnement": "401 404  404  404  404  404  404  404  403",
    "supprimer_abonnement": "401 404  404  404  404  404  404  404  403",
    "suivre_dossier":      "401  404  404  404  404  404  404  404  403",
    "cesser_de_suivre":    "401  404  404  404  404  404  404  404  403",
}  # fmt: skip
"""What each operation answers on the dossier of the demonstration, with a reason; an act that nobody knows is not read."""
DE_QUELQU_UN = [each[1].view_func.__name__ for each in operations() if "{sujet}" in each[0]]
CORPS = {"demander_acte": {"acte": "inconnu"}, "contester_fait": {"fait": 10**8, "texte": "faux"}}
SECRETS = ("sayed-exemple", "jana-exemple")


@pytest.fixture(scope="module")
def site(served: Site) -> Iterator[Site]:
    """The site; the ledger is walked from end to end once all of this was asked."""
    yield served
    served.ledger.sequence()
    assert verify(served.ledger).intact


def test_every_operation_declares_what_it_shows_and_is_in_the_table(site: Site) -> None:
    """An operation that was added without a rule, or without a line above, is found here; tokens may be limited to it."""
    named = {each.view_func.__name__: objet_de(each.view_func) for _, each in operations()}
    assert named.keys() == ATTENDU.keys()
    assert all(isinstance(objet, Objet) for objet in named.values())
    assert set(named.values()) - {Objet.COMPTE} == set(PORTEES)


@pytest.mark.parametrize("name", ATTENDU)
def test_every_role_is_answered_as_the_table_says(site: Site, name: str) -> None:
    """By a token that is limited to nothing; refusals are problems that programs read."""
    [(path, operation)] = [each for each in operations() if each[1].view_func.__name__ == name]
    for who, expected in zip(QUI, ATTENDU[name].split(), strict=True):
        headers = {} if who == "-" else jeton(site, Role(who))
        headers = {**headers, "Idempotency-Key": str(uuid4())}
        answer = demander(path, headers, site.sujet(), method=operation.methods[0], body=CORPS.get(name))
        assert answer.status_code == int(expected), (name, who, answer.content)
        if answer.status_code >= 400:
            assert answer["Content-Type"] == TYPE
            assert lu(answer)["code"] in set(Code)


@pytest.mark.parametrize("name", DE_QUELQU_UN)
def test_a_dossier_of_others_and_one_that_is_not_are_answered_alike(site: Site, name: str) -> None:
    """The same problem for the dossier of another, of nobody, and a name that cannot be one; no trace is left."""
    [(path, operation)] = [each for each in operations() if each[1].view_func.__name__ == name]
    for role, expected in zip(list(Role), ATTENDU[name].split()[1:], strict=True):
        if role in {Role.AGENT, Role.SUPERVISEUR} or expected == "403":
            continue  # agents share the préfecture of all the samples
        others = (site.sujet("jana-exemple-n05"), "0" * 32, "pas-un-sujet")
        told = set()
        for each in others:
            answer = demander(path, jeton(site, role), each, method=operation.methods[0], body=CORPS.get(name))
            told.add((answer.status_code, re.sub(r'"requete":"[0-9a-f]{32}"', "", answer.content.decode())))
        [(status, text)] = told
        assert status == 404
        assert not any(secret in text for secret in SECRETS)


def test_a_token_opens_no_more_than_it_was_given(site: Site) -> None:
    """Limited to the timeline, it reads no evidence; expired, revoked or unknown, nothing; nor with an account closed."""
    limited = jeton(site, Role.DDD, Objet.CHRONOLOGIE)
    assert demander("/dossiers/{sujet}/chronologie", limited, site.sujet()).status_code == 200
    refused = demander("/dossiers/{sujet}/preuves", limited, site.sujet())
    assert (refused.status_code, lu(refused)["code"]) == (403, "portee_insuffisante")
    assert lu(demander("/compte", limited))["portees"] == ["chronologie"]
    for headers in (
        jeton(site, Role.DDD, jours=-1),
        {"Authorization": "Bearer ctj_inconnu"},
        {"Authorization": "Bearer " + "x" * 5_000},
    ):
        answer = demander("/compte", headers)
        assert (answer.status_code, lu(answer)["code"]) == (401, "jeton_refuse")
        assert answer["WWW-Authenticate"].startswith("Bearer")
    compte = site.compte(Role.DDD)
    compte.is_active = False
    compte.save()
    try:
        assert demander("/compte", limited).status_code == 401
    finally:
        compte.is_active = True
        compte.save()


def test_a_bad_token_is_not_saved_by_a_good_session(site: Site) -> None:
    """Who sends a token is known by it alone."""
    answer = site.visiteur(Role.USAGER).get("/api/v1/compte", headers={"Authorization": "Bearer ctj_inconnu"})
    assert answer.status_code == 401


def test_a_session_needs_its_second_factor_and_a_write_the_forms_token(site: Site) -> None:
    """The guards of the pages are those of the API."""
    assert site.visiteur(Role.AGENT).get("/api/v1/compte").status_code == 200
    without = site.visiteur(Role.AGENT, facteur=False).get("/api/v1/compte")
    assert (without.status_code, lu(without)["code"]) == (403, "second_facteur")
    strict = site.visiteur(Role.USAGER, enforce_csrf_checks=True)
    where = f"/api/v1/dossiers/{site.sujet()}/chronologie/recherche"
    refused = strict.post(where, "{}", content_type="application/json")
    assert (refused.status_code, lu(refused)["code"]) == (403, "formulaire_perime")
    assert site.visiteur(Role.USAGER).post(where, "{}", content_type="application/json").status_code == 200


def test_the_reason_is_asked_for_checked_and_written(site: Site) -> None:
    """Without one, with one of another role, with a complaint that is not hers: refused. With hers: in the trace."""
    headers = jeton(site, Role.DDD)
    del headers["Constat-Fondement"], headers["Constat-Reference"]
    path = "/dossiers/{sujet}/chronologie"
    assert lu(demander(path, headers, site.sujet()))["code"] == "motif_requis"
    for wrong in (
        {"Constat-Fondement": "instruction"},
        {"Constat-Fondement": "n'importe quoi"},
        {"Constat-Fondement": "reclamation_ddd"},
        {"Constat-Fondement": "reclamation_ddd", "Constat-Reference": "26-9999999"},
        {"Constat-Fondement": "reclamation_ddd", "Constat-Reference": "x" * 500},
    ):
        answer = demander(path, headers | wrong, site.sujet())
        assert (answer.status_code, lu(answer)["code"]) == (403, "motif_refuse")
    vie = site.registre.lecteur.vie(sujet_de(site.sujet()) or b"")
    assert vie is not None
    before = len(site.consultations(vie))
    demander(path + "/recherche", headers | MOTIFS[Role.DDD], site.sujet(), method="POST", body={"texte": "secret"})
    [one] = site.consultations(vie)[before:]
    assert isinstance(one.fait.evenement, DossierConsulte)
    assert one.fait.evenement.reference == demo.RECLAMATION
    assert one.fait.evenement.perimetre == "chronologie ; filtres : texte ; par un programme"
    assert "secret" not in str(one.fait)


def test_the_description_holds_every_operation_and_no_loose_end(site: Site) -> None:
    """OpenAPI 3.1; every reference leads somewhere, every operation says what it answers and how it fails."""
    told = lu(Client().get("/api/v1/openapi.json"))
    assert told["openapi"].startswith("3.1")
    methods = {method["operationId"]: method for path in told["paths"].values() for method in path.values()}
    assert methods.keys() == ATTENDU.keys()
    assert all({"401", "404", "422"} <= each["responses"].keys() for each in methods.values())
    text = json.dumps(told)
    for name in re.findall(r'"#/components/schemas/([^"]+)"', text):
        assert name in told["components"]["schemas"], name
    assert "#/$defs/" not in text
    assert set(told["components"]["securitySchemes"]) == {"JetonPorteur", "SessionOuverte"}

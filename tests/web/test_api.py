"""The API: every operation with every role, the same numbers as the pages, errors that programs read and that tell nothing."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from ninja.operation import Operation

from commands.ask import ask
from ledger.events.acces import DossierConsulte
from ledger.events.instruction import ComplementDemande
from projections.chronologie import Filtre, Origine
from replay.verify import verify
from tests.web.conftest import Site
from web import demo
from web.acces import Objet, Role
from web.api.objets import PORTEES
from web.api.problemes import TYPE, Code
from web.api.v1 import api
from web.comptes.models import Jeton
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
    "demander_acte":       "401  403  403  422  422  403  403  422  403",
}  # fmt: skip
"""What each operation answers on the dossier of the demonstration, with a reason; an act that nobody knows is not read."""
MOTIFS = {
    Role.AGENT: {"Constat-Fondement": "instruction"},
    Role.SUPERVISEUR: {"Constat-Fondement": "instruction"},
    Role.CCC: {"Constat-Fondement": "support_usager", "Constat-Reference": demo.TICKET},
    Role.PAN: {"Constat-Fondement": "support_usager", "Constat-Reference": demo.TICKET},
    Role.DDD: {"Constat-Fondement": "reclamation_ddd", "Constat-Reference": demo.RECLAMATION},
}
CORPS = {"demander_acte": {"acte": "inconnu"}}
SECRETS = ("sayed-exemple", "jana-exemple")


@pytest.fixture(scope="module")
def site(served: Site) -> Iterator[Site]:
    """The site; the ledger is walked from end to end once all of this was asked."""
    yield served
    served.ledger.sequence()
    assert verify(served.ledger).intact


def operations() -> Iterator[tuple[str, Operation]]:
    """Every operation of the API, with its path."""
    for router in api._get_bound_routers():  # noqa: SLF001 - the library has no other list
        for path, view in router.path_operations.items():
            for each in view.operations:
                yield path, each


def jeton(site: Site, role: Role, *portees: Objet, jours: int = 30) -> dict[str, str]:
    """The headers of a program that acts for the account of this role."""
    wanted = [each.value for each in portees or PORTEES]
    _, text = Jeton.creer(site.compte(role), "essai", wanted, datetime.now(UTC) + timedelta(days=jours))
    return {"Authorization": f"Bearer {text}", **MOTIFS.get(role, {})}


def demander(path: str, headers: dict[str, str], sujet: str = "", *, method: str = "GET", body: object = None) -> Any:
    """One request of a program."""
    where = "/api/v1" + path.replace("{sujet}", sujet).replace("{numero}", "1")
    data = {"data": json.dumps(body or {}), "content_type": "application/json"} if method == "POST" else {}
    return Client().generic(method, where, **data, headers=headers)  # type: ignore[arg-type] # as Client takes them


def lu(answer: Any) -> Any:
    """What an answer says."""
    return json.loads(answer.content)


# --------------------------------------------------------------------------- who may ask


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


@pytest.mark.parametrize("name", [name for name in ATTENDU if name != "lire_compte"])
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
    before = len(site.registre.lecteur.consultations(vie))
    demander(path + "/recherche", headers | MOTIFS[Role.DDD], site.sujet(), method="POST", body={"texte": "secret"})
    [one] = site.registre.lecteur.consultations(vie)[before:]
    assert isinstance(one.fait.evenement, DossierConsulte)
    assert one.fait.evenement.reference == demo.RECLAMATION
    assert one.fait.evenement.perimetre == "chronologie ; filtres : texte ; par un programme"
    assert "secret" not in str(one.fait)


# --------------------------------------------------------------------------- what is read


def filtres() -> st.SearchStrategy[Filtre]:
    """Filters as people set them."""
    days = st.none() | st.dates(date(2022, 1, 1), date(2026, 12, 31))
    return st.builds(
        Filtre,
        origine=st.lists(st.sampled_from(Origine), max_size=3, unique=True).map(tuple),
        piece=st.booleans(),
        texte=st.sampled_from(["", "attestation", "Échec", "demande dépôt", "introuvable", "<b>", "\u202e"]),
        du=days,
        au=days,
    )


@settings(max_examples=25)
@given(filtres())
def test_page_and_api_show_the_same_facts_for_the_same_filter(site: Site, filtre: Filtre) -> None:
    """Numbers and counts: by the address, by the body, and on the page."""
    said = {
        name: value
        for name, value in filtre.model_dump(mode="json", exclude_defaults=True).items()
        if value not in (None, "", [])
    }
    query = {**said, **({"piece": "1"} if "piece" in said else {})}
    visitor = site.visiteur(Role.USAGER)
    page = visitor.get(f"/dossiers/{site.sujet()}/", query).content.decode()
    shown = [int(each) for each in re.findall(r'id="n-(\d+)"', page)]
    where = f"/api/v1/dossiers/{site.sujet()}/chronologie"
    first = visitor.get(where, query)
    second = visitor.post(f"{where}/recherche", json.dumps(said), content_type="application/json")
    assert first.status_code == 200, first.content
    assert first.content == second.content
    told = lu(first)
    assert [each["ligne"]["numero"] for each in told["faits"] if each["ligne"]["numero"]] == shown
    assert told["montres"] == len(told["faits"])
    count = re.search(r'role="status" class="compte">([\d ]+) faits? affichés? sur (\d+)', page.replace("\u202f", ""))
    assert count is not None
    assert (told["montres"], told["total"]) == (int(count[1]), int(count[2]))


def test_pages_follow_one_another_and_hold_every_fact_once(site: Site) -> None:
    """Whatever the size of a page; a cursor that nobody gave out is refused."""
    headers = jeton(site, Role.USAGER)
    for path, key in (("chronologie", "faits"), ("faits", "faits"), ("consultations", "consultations")):
        whole = lu(demander(f"/dossiers/{{sujet}}/{path}?limite=1000", headers, site.sujet()))[key]
        assert whole
        read: list[Any] = []
        after = ""
        for _ in range(len(whole)):
            page = lu(demander(f"/dossiers/{{sujet}}/{path}?limite=3&apres={after}", headers, site.sujet()))
            read += page[key]
            after = page["suite"]
            if after is None or len(read) >= 9:
                break
        expected = whole if path != "consultations" else None
        if expected is not None:
            assert read == expected[: len(read)]
        wrong = demander(f"/dossiers/{{sujet}}/{path}?apres=bidon", headers, site.sujet())
        assert (wrong.status_code, lu(wrong)["code"]) == (422, "curseur_inconnu")


def test_who_looked_is_told_without_names(site: Site) -> None:
    """The service and the reason; never who of that service."""
    demander("/dossiers/{sujet}/etat", jeton(site, Role.AGENT), site.sujet())
    answer = demander("/dossiers/{sujet}/consultations", jeton(site, Role.USAGER), site.sujet())
    assert demo.PREFECTURE in answer.content.decode()
    assert "agent-exemple" not in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "champ"),
    [
        ("origin=usager", "origin"),
        ("origine=martien", "origine.0"),
        ("du=hier", "du"),
        ("limite=0", "limite"),
        ("limite=1001", "limite"),
        ("limite=beaucoup", "limite"),
        ("texte=" + "x" * 201, "texte"),
        ("piece=peut-etre", "piece"),
        ("apres=" + "x" * 500, "apres"),
    ],
)
def test_a_field_that_is_misspelt_or_out_of_bounds_is_named(site: Site, query: str, champ: str) -> None:
    """Never ignored: a program would believe that it had filtered. In French."""
    answer = demander(f"/dossiers/{{sujet}}/chronologie?{query}", jeton(site, Role.USAGER), site.sujet())
    assert answer.status_code == 422
    [said] = lu(answer)["erreurs"]
    assert said["champ"] == champ
    assert not re.search(r"\b(should|input|valid|field)\b", said["probleme"], flags=re.IGNORECASE)


def test_whatever_fails_under_the_api_is_a_problem(site: Site) -> None:
    """An address that is none, a method, a body that is no JSON: with a number to give to who helps."""
    headers = jeton(site, Role.AGENT)
    for answer, status, code in (
        (demander("/nulle-part", headers), 404, "introuvable"),
        (demander("/compte", headers, method="DELETE"), 405, "methode"),
        (
            Client().post(
                f"/api/v1/dossiers/{site.sujet()}/actes", "{", content_type="application/json", headers=headers
            ),
            400,
            "demande_illisible",
        ),
        (
            demander("/dossiers/{sujet}/faits/999999".replace("{numero}", "1"), headers, site.sujet()),
            404,
            "introuvable",
        ),
    ):
        assert (answer.status_code, lu(answer)["code"]) == (status, code)
        assert lu(answer)["requete"] == answer["X-Request-Id"]
        assert answer["Cache-Control"] == "no-store"


# --------------------------------------------------------------------------- what is done


def acte(objet: str, **donnees: object) -> dict[str, Any]:
    """A request for a missing document."""
    return {
        "acte": "demander_complement",
        "objet": objet,
        "donnees": {"pieces": [{"nom": "Justificatif de domicile"}], **donnees},
    }


def deposer(site: Site, objet: str) -> None:
    """The person of the demonstration files a request."""
    line = {
        "acte": "deposer_demande", "personne": demo.PERSONNE, "objet": objet, "acteur": {"nature": "usager"},
        "canal": "teleservice",
        "donnees": {"titre_demande": "cst", "nature": "renouvellement", "deposee_le": "2026-01-05"},
    }  # fmt: skip
    ask(site.ledger, json.dumps(line).encode(), datetime.now(UTC))


def test_an_act_is_done_once_by_the_account_that_asks(site: Site) -> None:
    """Sent twice, one fact; the author is the account, whatever the body says; another act under the key is refused."""
    headers = jeton(site, Role.AGENT) | {"Idempotency-Key": str(uuid4())}
    path, body = "/dossiers/{sujet}/actes", acte("D-INCONNU")
    deposit = demander(path, headers, site.sujet(), method="POST", body=body)
    refused = lu(deposit)
    assert (deposit.status_code, refused["code"]) == (409, "acte_refuse")
    assert {"code", "texte", "reference", "verifiee"} == refused["motifs"][0].keys()
    deposer(site, "D-API")
    body["objet"] = "D-API"
    first = demander(path, headers, site.sujet(), method="POST", body=body)
    again = demander(path, headers, site.sujet(), method="POST", body=body)
    assert (first.status_code, again.status_code) == (201, 201)
    assert lu(first) == lu(again)
    seen = lu(Client().get(first["Location"], headers=headers))
    assert seen["ligne"]["acteur"]["id"] == site.compte(Role.AGENT).acteur
    assert seen["ligne"]["type"] == ComplementDemande.nom
    assert lu(first)["avertissements"]
    other = demander(path, headers, site.sujet(), method="POST", body=acte("D-API", complement="C-2"))
    assert (other.status_code, lu(other)["code"]) == (422, "cle_reutilisee")


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (acte("D"), {}, 400, "cle_requise"),
        (acte("D"), {"Idempotency-Key": "un"}, 400, "cle_requise"),
        ({**acte("D"), "personne": "jana-exemple"}, {"Idempotency-Key": str(uuid4())}, 422, "champs_invalides"),
        ({**acte("D"), "acteur": {"nature": "ddd"}}, {"Idempotency-Key": str(uuid4())}, 422, "champs_invalides"),
        ({"acte": "donner_mandat", "donnees": {}}, {"Idempotency-Key": str(uuid4())}, 403, "acte_non_permis"),
        ({"acte": "consulter_dossier", "donnees": {}}, {"Idempotency-Key": str(uuid4())}, 403, "acte_non_permis"),
        (acte("D", inconnu=1), {"Idempotency-Key": str(uuid4())}, 422, "champs_invalides"),
        (acte("D\u0000\u202e" + "x" * 10_000), {"Idempotency-Key": str(uuid4())}, 422, "champs_invalides"),
    ],
)
def test_an_act_that_is_not_theirs_to_ask_for_is_refused(
    site: Site, body: dict[str, Any], headers: dict[str, str], status: int, code: str
) -> None:
    """No key, another person, another author, an act that gives access, a field that is not one."""
    answer = demander(
        "/dossiers/{sujet}/actes", jeton(site, Role.AGENT) | headers, site.sujet(), method="POST", body=body
    )
    assert (answer.status_code, lu(answer)["code"]) == (status, code), answer.content


# --------------------------------------------------------------------------- its description


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

"""The API asked by who read its description and by who did not: it answers as it says, whatever is sent."""

import json
from collections.abc import Iterator
from typing import Any
from unicodedata import normalize
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from commands.actes import NOMS
from replay.verify import verify
from tests.web.conftest import Site
from tests.web.epreuves import PIEGES, adresse, json_de, valeurs
from tests.web.programme import jeton
from tests.web.test_api_actes import AUTRE, acte, deposer
from web.acces import Role
from web.actes import PERMIS
from web.api.problemes import CODES, Code
from web.api.schema import schema

QUI = (Role.DDD, Role.USAGER, Role.AGENT, Role.REPRESENTANT, Role.CCC, Role.ADMINISTRATEUR)
TYPES = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "")


@pytest.fixture(scope="module")
def site(served: Site) -> Iterator[Site]:
    """The site; the ledger is walked from end to end once all of this was asked."""
    yield served
    served.ledger.sequence()
    assert verify(served.ledger).intact


@pytest.fixture(scope="module")
def entetes(site: Site) -> dict[Role, dict[str, str]]:
    """The headers of a program, by role."""
    return {role: jeton(site, role) for role in QUI}


def conforme(answer: Any, operation: dict[str, Any], composants: dict[str, Any]) -> None:
    """The answer is one of those that the operation declares: status, type, structure, and a code that has its status."""
    told = operation["responses"].get(str(answer.status_code))
    assert told is not None, (answer.status_code, answer.content[:300])
    [(kind, content)] = told["content"].items()
    assert answer["Content-Type"] == kind
    said = json.loads(answer.content)
    Draft202012Validator({**content["schema"], "components": {"schemas": composants}}).validate(said)
    if answer.status_code >= 400:
        assert CODES[Code(said["code"])][0] == answer.status_code


def test_whatever_is_asked_is_answered_as_the_description_says(site: Site, entetes: dict[Role, dict[str, str]]) -> None:
    """Every operation, with fields that are right and fields that are not, by several roles: never a failure."""
    told = json.loads(schema())
    composants, hers = told["components"]["schemas"], site.sujet()
    operations = [(path, method, each) for path, ms in told["paths"].items() for method, each in ms.items()]

    @given(st.data())
    @settings(max_examples=40)
    def ask(data: st.DataObject) -> None:
        path, method, operation = data.draw(st.sampled_from(operations))
        headers, query = dict(entetes[data.draw(st.sampled_from(QUI))]), []
        for field in operation["parameters"]:
            if field["in"] == "path" or not data.draw(st.booleans()):
                continue
            value = data.draw(valeurs(field["schema"], composants))
            if field["in"] == "query":
                query += [
                    f"{field['name']}={adresse(each)}" for each in (value if isinstance(value, list) else [value])
                ]
            else:
                headers[field["name"]] = adresse(value)
        where = path.replace("{sujet}", data.draw(st.sampled_from([hers, hers, hers, *map(adresse, PIEGES[-4:])])))
        where = where.replace("{numero}", data.draw(st.sampled_from(["1", "2", "0", "-1", "9" * 30, "x"])))
        body: dict[str, Any] = {}
        if "requestBody" in operation:
            [content] = operation["requestBody"]["content"].values()
            body = {
                "data": json_de(data.draw(valeurs(content["schema"], composants))),
                "content_type": "application/json",
            }
        answer = Client().generic(method.upper(), f"{where}?{'&'.join(query)}", headers=headers, **body)
        if not where.startswith(f"/api/v1/dossiers/{hers}") and answer.status_code == 404:
            return  # what is no address of the API is no operation of it
        conforme(answer, operation, composants)

    ask()


def test_an_act_with_one_thing_wrong_is_never_a_failure(site: Site, entetes: dict[Role, dict[str, str]]) -> None:
    """A right act, of which one field is anything: recorded as it was sent, or refused as declared."""
    told = json.loads(schema())
    composants = told["components"]["schemas"]
    operation = told["paths"]["/api/v1/dossiers/{sujet}/actes"]["post"]
    deposer(site, "D-EPREUVE")
    where, names = f"/api/v1/dossiers/{site.sujet(AUTRE)}/actes", list(NOMS)
    permitted = {event.nom: event for _, events in PERMIS[Role.AGENT] for event in events}

    @given(st.data())
    @settings(max_examples=40)
    def ask(data: st.DataObject) -> None:
        body = acte("D-EPREUVE")
        fields = composants["ActeDemande"]["properties"]
        name = data.draw(st.sampled_from([*fields, "donnees", "donnees", "nom"]))
        if name == "nom":
            body["donnees"] = {"pieces": [{"nom": data.draw(st.sampled_from(PIEGES))}]}
        elif name == "donnees":
            event = data.draw(st.sampled_from(list(permitted.values())))
            described = event.model_json_schema()
            body["acte"] = next(each for each in names if NOMS[each] is event)
            body["donnees"] = data.draw(valeurs(described, described.get("$defs", {})))
        else:
            body[name] = data.draw(valeurs(fields[name], composants))
        headers = {**entetes[Role.AGENT], "Idempotency-Key": str(uuid4())}
        conforme(
            Client().post(where, json_de(body), content_type="application/json", headers=headers), operation, composants
        )

    ask()


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 422, "champs_invalides"),
        (b"[", 400, "demande_illisible"),
        (b"[]", 400, "demande_illisible"),
        (b'"acte"', 400, "demande_illisible"),
        (b"[" * 100_000, 400, "demande_illisible"),
        (b'{"donnees":' * 400 + b"1" + b"}" * 400, 400, "demande_illisible"),
        (b'{"acte":"clore_dossier","acte":"demander_complement"}', 400, "demande_illisible"),
        (b'{"acte":NaN}', 400, "demande_illisible"),
        (b'{"acte":"\\ud800"}', 400, "demande_illisible"),
        (b'{"donnees":{"\\udfff":1},"acte":"clore_dossier"}', 400, "demande_illisible"),
        ('{"acte":"é"}'.encode("latin-1"), 400, "demande_illisible"),
        ('{"acte":"é"}'.encode("utf-16"), 400, "demande_illisible"),
        (b'\xef\xbb\xbf{"acte":"clore_dossier"}', 400, "demande_illisible"),
        (b'{"acte":"clore_dossier","donnees":{"a":["b\\u0000"]}}', 422, "champs_invalides"),
        (b'{"\\u0000":1}', 422, "champs_invalides"),
        (b" " * (3 << 20), 413, "trop_grand"),
    ],
)
def test_a_body_that_is_not_one_object_of_text_is_refused_whole(
    site: Site, entetes: dict[Role, dict[str, str]], raw: bytes, status: int, code: str
) -> None:
    """Cut, deep, doubled, in another encoding, with half a character or a null one, too large: a problem in French."""
    headers = {**entetes[Role.AGENT], "Idempotency-Key": str(uuid4())}
    where = f"/api/v1/dossiers/{site.sujet()}/actes"
    answer = Client().generic("POST", where, raw, content_type="application/json", headers=headers)
    assert (answer.status_code, json.loads(answer.content)["code"]) == (status, code), answer.content


@pytest.mark.parametrize("kind", TYPES)
def test_a_body_of_another_type_is_refused(site: Site, entetes: dict[Role, dict[str, str]], kind: str) -> None:
    """No form of another site is taken for an act, even one whose text is JSON."""
    headers = {**entetes[Role.AGENT], "Idempotency-Key": str(uuid4())}
    where = f"/api/v1/dossiers/{site.sujet()}/actes"
    answer = Client().generic("POST", where, json_de(acte("D")), content_type=kind, headers=headers)
    assert (answer.status_code, json.loads(answer.content)["code"]) == (415, "type_de_corps")


def test_a_text_comes_back_as_it_was_sent_in_its_one_form(site: Site, entetes: dict[Role, dict[str, str]]) -> None:
    """Whatever its signs: what was taken is what is read again, in NFC; what is not taken is said."""
    deposer(site, "D-TEXTE")
    hers = site.sujet(AUTRE)
    texts = [each for each in PIEGES if each and "\0" not in each and len(each) <= 500]
    body = {**acte("D-TEXTE"), "donnees": {"pieces": [{"nom": each} for each in texts]}}
    headers = {**entetes[Role.AGENT], "Idempotency-Key": str(uuid4())}
    done = Client().post(
        f"/api/v1/dossiers/{hers}/actes", json_de(body), content_type="application/json", headers=headers
    )
    assert done.status_code == 201, done.content
    read = json.loads(Client().get(done["Location"], headers=entetes[Role.AGENT]).content)
    assert [each["nom"] for each in read["donnees"]["pieces"]] == [normalize("NFC", each) for each in texts]

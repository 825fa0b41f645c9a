"""What the API writes: one act, once, by the account that asks."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from commands.ask import ask
from ledger.events.correction import FaitConteste
from ledger.events.instruction import ComplementDemande
from replay.verify import verify
from tests.web.conftest import Site
from tests.web.programme import demander, jeton, lu
from web.acces import Role

AUTRE = "jana-exemple-n05"


@pytest.fixture(scope="module")
def site(served: Site) -> Iterator[Site]:
    """The site; the ledger is walked from end to end once all of this was asked."""
    yield served
    served.ledger.sequence()
    assert verify(served.ledger).intact


def acte(objet: str, **donnees: object) -> dict[str, Any]:
    """A request for a missing document."""
    return {
        "acte": "demander_complement",
        "objet": objet,
        "donnees": {"pieces": [{"nom": "Justificatif de domicile"}], **donnees},
    }


def deposer(site: Site, objet: str) -> None:
    """Another person than the one of the demonstration files a request, whom agents see too."""
    line = {
        "acte": "deposer_demande", "personne": AUTRE, "objet": objet, "acteur": {"nature": "usager"},
        "canal": "teleservice",
        "donnees": {"titre_demande": "cst", "nature": "renouvellement", "deposee_le": "2026-01-05"},
    }  # fmt: skip
    ask(site.ledger, json.dumps(line).encode(), datetime.now(UTC))


def test_an_act_is_done_once_by_the_account_that_asks(site: Site) -> None:
    """Sent twice, one fact; the author is the account, whatever the body says; another act under the key is refused."""
    headers = jeton(site, Role.AGENT) | {"Idempotency-Key": str(uuid4())}
    hers, path, body = site.sujet(AUTRE), "/dossiers/{sujet}/actes", acte("D-INCONNU")
    deposit = demander(path, headers, hers, method="POST", body=body)
    refused = lu(deposit)
    assert (deposit.status_code, refused["code"]) == (409, "acte_refuse")
    assert {"code", "texte", "reference", "verifiee"} == refused["motifs"][0].keys()
    deposer(site, "D-API")
    body["objet"] = "D-API"
    first = demander(path, headers, hers, method="POST", body=body)
    again = demander(path, headers, hers, method="POST", body=body)
    assert (first.status_code, again.status_code) == (201, 201)
    assert lu(first) == lu(again)
    seen = lu(Client().get(first["Location"], headers=headers))
    assert seen["ligne"]["acteur"]["id"] == site.compte(Role.AGENT).acteur
    assert seen["ligne"]["type"] == ComplementDemande.nom
    assert lu(first)["avertissements"]
    other = demander(path, headers, hers, method="POST", body=acte("D-API", complement="C-2"))
    assert (other.status_code, lu(other)["code"]) == (422, "cle_reutilisee")


def test_a_program_contests_one_fact_once_by_its_number(site: Site) -> None:
    """In the name of who is represented; the fact says by what it is disputed, and stays; no number, no contestation."""
    headers, hers = jeton(site, Role.REPRESENTANT) | {"Idempotency-Key": str(uuid4())}, site.sujet()
    path, body = "/dossiers/{sujet}/contestations", {"fait": 2, "texte": "Ce n'est pas mon nume\u0301ro."}
    first, again = (demander(path, headers, hers, method="POST", body=body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert lu(first) == lu(again)
    seen = lu(Client().get(first["Location"], headers=headers))
    assert seen["ligne"]["type"] == FaitConteste.nom
    assert seen["ligne"]["conteste"] == [2]
    assert seen["donnees"]["motif"] == "Ce n'est pas mon numéro."
    told = lu(demander("/dossiers/{sujet}/faits/2", headers, hers))
    assert lu(first)["numero"] in told["ligne"]["contestee_par"]
    assert not told["ligne"]["remplacee"]
    for field, wrong in (
        ("fait", {"fait": 10**8, "texte": "x"}), ("fait", {"fait": 0, "texte": "x"}), ("texte", {"fait": 2, "texte": ""}),
        ("texte", {"fait": 2}), ("plus", {"fait": 2, "texte": "x", "plus": 1}),
    ):  # fmt: skip
        fresh = headers | {"Idempotency-Key": str(uuid4())}
        refused = demander(path, fresh, hers, method="POST", body=wrong)
        assert (refused.status_code, lu(refused)["code"]) == (422, "champs_invalides"), wrong
        assert [each["champ"] for each in lu(refused)["erreurs"]] == [field]
    other = demander(path, headers, hers, method="POST", body={**body, "fait": 3})
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

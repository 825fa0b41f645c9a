"""What the API reads: the same facts and numbers as the pages, every field checked, every page of it."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.events.listes import FondementAcces
from projections.chronologie import Filtre, Origine
from replay.verify import verify
from tests.web.conftest import Site
from tests.web.programme import demander, jeton, lu
from web import demo
from web.acces import Motif, Profil, Role
from web.lecture import sujet_de


@pytest.fixture(scope="module")
def site(served: Site) -> Iterator[Site]:
    """The site; the ledger is walked from end to end once all of this was asked."""
    yield served
    served.ledger.sequence()
    assert verify(served.ledger).intact


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
def test_page_files_and_api_show_the_same_facts_for_the_same_filter(site: Site, filtre: Filtre) -> None:
    """Numbers and counts: by the address, by the body, on the page, in its files, which say the filter."""
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
    handed = json.loads(visitor.get(f"/dossiers/{site.sujet()}/", {**query, "format": "json"}).content)
    assert (handed["faits"], handed["silences"], handed["total"]) == (told["faits"], told["silences"], told["total"])
    assert Filtre.model_validate(handed["filtre"]) == filtre
    text = visitor.get(f"/dossiers/{site.sujet()}/", {**query, "format": "csv"}).content.decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    assert [int(each["numero"]) for each in rows if each["numero"]] == shown
    assert {each["filtre"] for each in rows} == {handed["filtre_dit"]} == {filtre.dit}


def test_pages_follow_one_another_and_hold_every_fact_once(site: Site) -> None:
    """Whatever the size of a page; a cursor that nobody gave out is refused."""
    headers = jeton(site, Role.USAGER)
    for path, key in (("chronologie", "faits"), ("faits", "faits"), ("consultations", "lignes")):
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


def test_who_looked_is_told_as_on_the_page(site: Site) -> None:
    """The service, never who of it, to the person; an inspection is counted and not told before its time."""
    vie = site.registre.lecteur.vie(sujet_de(site.sujet()) or b"")
    assert vie is not None
    inspector = Profil(role=Role.SUPERVISEUR, acteur="controleur-de-l-api", service="Inspection de l'essai")
    site.registre.lecteur.tracer(
        inspector, vie, Motif(FondementAcces.CONTROLE, "C-1"), "chronologie", datetime.now(UTC)
    )
    demander("/dossiers/{sujet}/etat", jeton(site, Role.AGENT), site.sujet())
    hers = demander("/dossiers/{sujet}/consultations", jeton(site, Role.USAGER), site.sujet())
    assert demo.PREFECTURE in hers.content.decode()
    for name in ("agent-exemple", "Inspection de l'essai", "controleur-de-l-api", demo.RECLAMATION):
        assert name not in hers.content.decode(), name
    assert lu(hers)["tus"] >= 1
    audit = demander("/dossiers/{sujet}/consultations", jeton(site, Role.DDD), site.sujet())
    assert "controleur-de-l-api" in audit.content.decode()
    page = site.visiteur(Role.USAGER).get(f"/dossiers/{site.sujet()}/acces/").content.decode()
    assert f"{lu(hers)['total'] + 2}" in page.replace("\u202f", "")


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

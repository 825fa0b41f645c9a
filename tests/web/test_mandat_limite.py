"""A mandate for one dossier of two: on every page, operation, file and message, that one, whole, and nothing of the other."""

import csv
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given, settings

from evidence.delais_acces import Mode
from ledger.days import Jours
from ledger.entry import Fait
from ledger.events.acces import DossierConsulte, ExportProduit
from ledger.events.correction import FaitConteste
from ledger.events.instruction import RelanceEnvoyee
from ledger.events.listes import PorteeMandat
from ledger.events.personne import MandatDonne
from tests.faits import fait
from tests.replay.test_limite import FERME as L_AUTRE
from tests.replay.test_limite import OUVERT as CELUI_CI
from tests.replay.test_limite import histoires
from tests.web.conftest import Site
from tests.web.mandate import ELLE, FERME, LUI, MANDAT, OUVERT, OUVERT_LUI, SECRET, Mandate, enregistrer
from tests.web.programme import demander, jeton, lu, operations
from tests.web.recepteur import recepteur
from tests.web.test_api import ATTENDU as OPERATIONS
from tests.web.test_api import CORPS
from tests.web.test_parcours import ATTENDU, QUI, chemin, pages
from web import demo
from web.acces import Role, permis
from web.avis.service import une_fois
from web.avis.tri import trier
from web.lecture import sujet_de
from web.limites import AILLEURS
from web.registre import servir
from web.requete import objet_de

DIT = f"Mandat limité au dossier {OUVERT}"
FERMEES = {"export": 403, "export-telecharger": 403}
"""Pages of a whole life: they say why they do not open."""
DE_QUELQU_UN = [pattern.name for route, pattern in pages() if "<str:sujet>" in route]
REPRESENTANT = QUI.index("representant")


@pytest.fixture(scope="module")
def mandate(walked: Site, tmp_path_factory: pytest.TempPathFactory) -> Mandate:
    """Both persons, whose dossiers were read whole by others before anything is asked under the mandate."""
    made = enregistrer(walked, tmp_path_factory.mktemp("pieces"))
    for sujet in (made.elle, made.lui):
        for page in ("", "preuves/", "obligations/", "connu/", "reclamation/", "mon-historique/"):
            _agent(made, sujet, page)
    return made


def _agent(mandate: Mandate, sujet: str, page: str) -> str:
    client = mandate.site.visiteur(Role.AGENT)
    session = client.session
    session["motifs"] = {sujet: ["instruction", None]}
    session.save()
    answer = client.get(f"/dossiers/{sujet}/{page}")
    assert answer.status_code == 200, page
    return str(answer.content.decode())


def lire(mandate: Mandate, page: str = "", sujet: str = "", **query: str) -> str:
    """What a page answers to the representative."""
    answer = mandate.site.visiteur(Role.REPRESENTANT).get(f"/dossiers/{sujet or mandate.elle}/{page}", query)
    assert answer.status_code == 200, (page, answer.content[:400])
    return str(answer.content.decode())


def octets(answer: Any) -> bytes:
    """The whole of an answer, and its headers."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return bytes(body) + repr(sorted(answer.headers.items())).encode()


@pytest.mark.parametrize("nom", DE_QUELQU_UN)
def test_no_page_tells_anything_of_the_other_dossier(mandate: Mandate, nom: str) -> None:
    """Every address, answered as to a representative of the whole, and said to be limited; the secret is nowhere."""
    [(route, view)] = [(route, pattern.callback) for route, pattern in pages() if pattern.name == nom]
    expected = FERMEES.get(nom, int(ATTENDU[nom].split()[REPRESENTANT]))
    answer = mandate.site.visiteur(Role.REPRESENTANT).get(chemin(route, mandate.elle))
    assert answer.status_code == expected
    told = octets(answer)
    assert SECRET.encode() not in told
    objet = objet_de(view)
    assert objet is not None
    assert (DIT.encode() in told) is (permis(Role.REPRESENTANT, objet) is not None)


@pytest.mark.parametrize(
    "suite",
    [
        "?vue=journal", "?vue=resume", "?format=csv", "?format=json", "?annee=toutes", "?texte=secretissime",
        "?au=2026-10-05", "preuves/?connu=2026-11-01T00:00", "connu/?connu=2020-01-01T00:00", "mon-historique/?au=2026-11-27",
        "acces/?format=csv", "faits/2/", "faits/3/", "faits/9/", "signaler/?fait=3", "recus/?page=1",
    ],
)  # fmt: skip
def test_nor_does_any_other_way_to_ask_for_a_page(mandate: Mandate, suite: str) -> None:
    """Filters, files, moments, single facts."""
    answer = mandate.site.visiteur(Role.REPRESENTANT).get(f"/dossiers/{mandate.elle}/{suite}")
    assert answer.status_code == 200
    assert SECRET.encode() not in octets(answer)


def test_the_other_dossier_is_there_for_who_may_read_it(mandate: Mandate) -> None:
    """What is not found above is not what was never there."""
    assert _agent(mandate, mandate.elle, "").count(SECRET) > 5
    assert SECRET in _agent(mandate, mandate.lui, "")


def test_all_of_the_dossier_is_there_with_numbers_that_follow_each_other(mandate: Mandate) -> None:
    """Every fact of it, her mandate to who reads, the incident that hit both; nothing tells how many there are beside."""
    page = lire(mandate, annee="toutes")
    numbers = sorted(int(each) for each in re.findall(r'id="n-(\d+)"', page))
    assert numbers == list(range(1, 10))
    assert "9 faits affichés sur" in page.replace("\u202f", " ").replace("\u00a0", " ")
    file = json.loads(lire(mandate, format="json"))
    assert "sans acte de l'administration" not in unescape(page)
    assert "sans acte de l'administration" in unescape(_agent(mandate, mandate.elle, ""))
    assert file["silences"] == []
    assert {each["ligne"]["id"] for each in file["faits"] if each["ligne"]["numero"]} == {
        *(f"C01-00{n}" for n in range(1, 8)), "ML-1", "ML-2",
    }  # fmt: skip


def test_files_say_what_they_are_limited_to(mandate: Mandate) -> None:
    """On each row, and in the answer's own words."""
    rows = list(csv.DictReader(StringIO(lire(mandate, format="csv").removeprefix("\ufeff"))))
    assert rows
    assert all(each["filtre"].startswith(DIT) for each in rows)
    assert json.loads(lire(mandate, format="json"))["filtre_dit"].startswith(DIT)


LUES = [(path, each) for path, each in operations() if "{sujet}" in path]


@pytest.mark.parametrize("nom", [each.view_func.__name__ for _, each in LUES])
def test_no_operation_tells_anything_of_the_other_dossier(mandate: Mandate, nom: str) -> None:
    """And each names, in a header, the dossiers that it answers for."""
    [(path, operation)] = [each for each in LUES if each[1].view_func.__name__ == nom]
    headers = jeton(mandate.site, Role.REPRESENTANT)
    headers["Idempotency-Key"] = str(uuid4())
    answer = demander(path, headers, mandate.elle, method=operation.methods[0], body=CORPS.get(nom))
    assert answer.status_code == int(OPERATIONS[nom].split()[REPRESENTANT])
    assert SECRET.encode() not in octets(answer)
    if answer.status_code == 200:
        assert answer["Constat-Dossiers"] == OUVERT
    whole = demander(path, headers, mandate.site.sujet(), method=operation.methods[0])
    assert "Constat-Dossiers" not in whole


def test_conclusions_are_told_where_the_other_dossier_changes_nothing(mandate: Mandate) -> None:
    """The strip, the days, the chains: those that the whole of her gives too."""
    headers = jeton(mandate.site, Role.REPRESENTANT)
    assert 'class="graphique"' in lire(mandate)
    assert "imputable" in lire(mandate, "preuves/")
    proof = lu(demander("/dossiers/{sujet}/preuves", headers, mandate.elle))
    assert proof["attributions"]
    assert all(FERME not in str(each) for each in proof["attributions"])


TUES = ("preuves/", "obligations/", "connu/", "mon-historique/", "reclamation/")


@pytest.mark.parametrize("page", TUES)
def test_a_page_whose_conclusions_would_be_false_says_so(mandate: Mandate, page: str) -> None:
    """Another dossier gave a title: alone, this one would call days lost that were not. For any moment: none tells which."""
    client = mandate.site.visiteur(Role.REPRESENTANT)
    for moment in ("", "?au=2025-09-01", "?connu=2020-01-01T00:00"):
        answer = client.get(f"/dossiers/{mandate.lui}/{page}{moment}")
        assert answer.status_code == 403
        assert AILLEURS.split(" : ")[0].replace("'", "&#39;") in answer.content.decode()
        assert SECRET.encode() not in octets(answer)


def test_the_facts_are_told_even_where_conclusions_are_not(mandate: Mandate) -> None:
    """The timeline without its strip, a fact without what rests on it, the state of the dossier, which its facts give."""
    page = lire(mandate, sujet=mandate.lui)
    assert 'class="graphique"' not in page
    assert "d&#39;autres faits de la personne" in page
    assert "demande a été déposée" in page.lower() or "C02-002" in page or 'id="n-2"' in page
    assert "Rien n&#39;est montré" in lire(mandate, "faits/2/", sujet=mandate.lui)
    headers = jeton(mandate.site, Role.REPRESENTANT)
    states = lu(demander("/dossiers/{sujet}/etat", headers, mandate.lui))["etats"]
    assert [each["dossier"] for each in states] == ["D-C02-1"]
    for path in ("couverture", "connu", "preuves"):
        answer = demander(f"/dossiers/{{sujet}}/{path}", headers, mandate.lui)
        assert (answer.status_code, lu(answer)["code"]) == (403, "mandat_limite")


def test_a_document_of_the_other_dossier_is_not_handed_over(mandate: Mandate) -> None:
    """Nor one that is there for who knows its digest."""
    where = f"/dossiers/{mandate.elle}/pieces/{mandate.piece}/"
    assert mandate.site.visiteur(Role.REPRESENTANT).get(where).status_code == 404


def test_an_export_of_a_whole_life_is_refused_and_leaves_nothing(mandate: Mandate) -> None:
    """Whatever is posted: no export is recorded, and the page says who may ask for it."""
    before = [e for e in mandate.site.ledger.life(ELLE) if isinstance(e.fait.evenement, ExportProduit)]
    client = mandate.site.visiteur(Role.REPRESENTANT)
    for fields in ({"forme": "paquet", "etape": "voir"}, {"forme": "provision", "etape": "faire"}):
        answer = client.post(f"/dossiers/{mandate.elle}/export/", fields)
        assert answer.status_code == 403
        assert "peut le demander elle-même" in answer.content.decode()
    for quoi in ("historique", "blocage", "demande"):
        asked = {"quoi": quoi, "envoi": str(uuid4()), "prefecture": "P", "mode": Mode.RECOMMANDE.value}
        answer = client.post(f"/dossiers/{mandate.elle}/recus/", asked)
        assert answer.status_code == 422
        assert "peut le demander elle-même" in answer.content.decode()
    after = [e for e in mandate.site.ledger.life(ELLE) if isinstance(e.fait.evenement, ExportProduit)]
    assert len(after) == len(before)


def test_a_receipt_of_an_act_of_the_dossier_is_given_at_once(mandate: Mandate) -> None:
    """And recorded; of an act of the other dossier, whatever number is typed, there is none."""
    client = mandate.site.visiteur(Role.REPRESENTANT)
    where = f"/dossiers/{mandate.elle}/recus/"
    assert "recu-2" in client.get(where).content.decode()
    made = client.post(where, {"quoi": "recu-2", "envoi": str(uuid4())})
    assert (made.status_code, made["Content-Type"]) == (200, "application/pdf")
    last = [e for e in mandate.site.ledger.life(ELLE) if isinstance(e.fait.evenement, ExportProduit)][-1]
    assert last.fait.evenement.lire_champ("reference") == MANDAT
    page = client.get(where).content.decode()
    offered = {int(each) for each in re.findall(r'value="recu-(\d+)"', page)}
    for number in set(range(1, 25)) - offered:
        assert client.post(where, {"quoi": f"recu-{number}", "envoi": str(uuid4())}).status_code == 400


def test_a_contested_fact_is_the_one_that_bears_the_number_read(mandate: Mandate) -> None:
    """Numbers are those of the view: the fact that is written is about the fact that was chosen, and is read there."""
    client = mandate.site.visiteur(Role.REPRESENTANT)
    where = f"/dossiers/{mandate.elle}/signaler/"
    page = client.get(f"{where}?fait=7").content.decode()
    command = re.search(r'name="command_id" value="([^"]+)"', page)
    assert command is not None
    sent = {"command_id": command[1], "fait": "7", "texte": "La date est fausse."}
    answer = client.post(where, sent)
    assert answer.status_code == 303
    assert "?n=10#f-10" in answer["Location"]
    last = [e for e in mandate.site.ledger.life(ELLE) if isinstance(e.fait.evenement, FaitConteste)][-1]
    assert last.fait.evenement.lire_champ("faits_contestes") == ("C01-007",)
    assert client.post(where, {**sent, "command_id": str(uuid4()), "fait": "11"}).status_code == 422


def test_the_trace_says_by_which_mandate_and_of_which_dossiers(mandate: Mandate) -> None:
    """She reads that it was this dossier; who reads under the mandate reads of their own looks only."""
    lire(mandate, "preuves/")
    vie = mandate.site.registre.lecteur.vie(sujet_de(mandate.elle) or b"")
    assert vie is not None
    last = mandate.site.consultations(vie)[-1].fait.evenement
    assert isinstance(last, DossierConsulte)
    assert (last.perimetre, last.reference) == (f"preuves ; dossiers : {OUVERT}", MANDAT)
    journal = lire(mandate, "acces/")
    assert "que vos propres consultations" in journal
    assert "Préfecture d&#39;Exemple" not in journal


def test_the_list_of_mandates_names_the_dossiers_of_each(mandate: Mandate) -> None:
    """And no other of the same person."""
    page = mandate.site.visiteur(Role.REPRESENTANT).get("/recherche/").content.decode()
    assert OUVERT in page
    assert SECRET not in page


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISEUR])
def test_nobody_else_is_limited_by_it(mandate: Mandate, role: Role) -> None:
    """A page that was made for the representative is not the one that others get, nor the other way round."""
    lire(mandate)
    del role
    page = _agent(mandate, mandate.elle, "")
    assert "Mandat limité" not in page
    assert FERME in page


def test_a_whole_mandate_is_read_whole(mandate: Mandate) -> None:
    """The person of the demonstration limited nothing."""
    page = mandate.site.visiteur(Role.REPRESENTANT).get(f"/dossiers/{mandate.site.sujet(demo.PERSONNE)}/")
    assert "Mandat limité" not in page.content.decode()


def test_a_message_tells_of_this_dossier_alone_and_none_is_counted_for_the_other(mandate: Mandate) -> None:
    """Of three facts, one leaves, by the number that is read; what waits for the others is told to nobody."""
    served = mandate.site.registre
    web = replace(served.settings.web, avis_locaux=True)
    headers = jeton(mandate.site, Role.REPRESENTANT)
    ledger = mandate.site.ledger
    with servir(replace(served.settings, web=web), served.exploitant), recepteur() as chez:
        made = lu(demander("/abonnements", headers, method="POST", body={"nom": "essai", "adresse": chez.adresse}))
        name, secret = made["abonnement"]["id"], made["secret"]
        where = f"/dossiers/{{sujet}}/abonnements/{name}"
        assert demander(where, headers, mandate.elle, method="PUT").status_code == 201
        une_fois(ledger, datetime.now(UTC))
        chez.recus.clear()
        ledger.append(
            [
                fait(id=f"avis-{objet}-{n}", personne=ELLE, objet=objet, evenement=RelanceEnvoyee())
                for n, objet in enumerate((FERME, OUVERT, FERME))
            ]
        )
        ledger.sequence()
        while trier(ledger):
            pass
        [told] = lu(demander("/abonnements", headers))["abonnements"]
        assert told["en_attente"] == 1
        page = mandate.site.visiteur(Role.REPRESENTANT).get("/compte/abonnements/").content.decode()
        assert "Avis en attente : 1." in page
        une_fois(ledger, datetime.now(UTC))
        [message] = chez.verifies(secret)
        assert SECRET not in json.dumps(message)
        fact = lu(demander(f"/dossiers/{{sujet}}/faits/{message['data']['numero']}", headers, mandate.elle))
        assert fact["ligne"]["id"] == f"avis-{OUVERT}-1"


LUS = (
    "", "?format=json", "?format=csv", "preuves/", "obligations/", "connu/", "mon-historique/", "reclamation/", "faits/1/",
    "recus/", "signaler/",
)  # fmt: skip


@settings(max_examples=12)
@given(histoire=histoires())
def test_for_all_histories_of_two_dossiers_no_page_and_no_operation_tells_of_the_other(
    mandate: Mandate, histoire: tuple[list[Fait], list[Fait]]
) -> None:
    """Whatever facts they are, in whatever order they came: its name is in no byte of an answer."""
    who = f"personne-{uuid4()}"
    ledger = mandate.site.ledger
    begun = fait(id="debut", personne=who, objet=CELUI_CI, evenement=RelanceEnvoyee())
    given_ = MandatDonne(mandataire=demo.MANDATAIRE, portee=tuple(PorteeMandat), dossiers=(CELUI_CI,))
    told = [each.model_copy(update={"personne": who}) for each in histoire[1]]
    ledger.append([begun, *told, fait(id="mandat", personne=who, objet=None, evenement=given_)])
    sujet = mandate.site.sujet(who)
    client = mandate.site.visiteur(Role.REPRESENTANT)
    for page in LUS:
        answer = client.get(f"/dossiers/{sujet}/{page}")
        assert answer.status_code in {200, 403}, page
        assert L_AUTRE.encode() not in octets(answer), page
    headers = jeton(mandate.site, Role.REPRESENTANT)
    for path, operation in LUES:
        if operation.methods == ["GET"]:
            assert L_AUTRE.encode() not in octets(demander(path, headers, sujet)), path


def test_a_program_contests_the_fact_whose_number_it_reads(mandate: Mandate) -> None:
    """Where one mandate permits to look at all, and another to answer for one dossier; and where one permits both."""
    site, facts = mandate.site, "/dossiers/{sujet}/faits"
    for sujet, personne, more in ((mandate.elle, ELLE, 0), (mandate.lui, LUI, 1)):
        if more:
            whole = MandatDonne(mandat="M-VOIR", mandataire=demo.MANDATAIRE, valide_du=Jours.lire("2026-01-05"))
            site.ledger.append([fait(id="ML-VOIR", personne=personne, objet=None, evenement=whole)])
        headers = jeton(site, Role.REPRESENTANT)
        read = lu(demander(facts, headers, sujet))["faits"]
        mine = [each for each in read if each["objet"] in {OUVERT, OUVERT_LUI}][-1]
        body = {"fait": mine["numero"], "texte": "La date est fausse."}
        key = {"Idempotency-Key": str(uuid4())}
        done = demander("/dossiers/{sujet}/contestations", headers | key, sujet, method="POST", body=body)
        assert done.status_code == 201, lu(done)
        last = [e for e in site.ledger.life(personne) if isinstance(e.fait.evenement, FaitConteste)][-1]
        assert last.fait.evenement.lire_champ("faits_contestes") == (mine["id"],)
        assert lu(done)["numero"] == 1 + max(
            each["numero"] or 0 for each in read
        )  # as it is read, never as it stands in the whole
        told = lu(Client().get(done["Location"], headers=headers))
        assert told["ligne"]["id"] == last.fait.id

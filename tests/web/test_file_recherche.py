"""The queue and the search: one's own scope alone, exact references, and each list traced with whom it showed."""

import re
from datetime import UTC, datetime
from http import HTTPStatus

import pytest
from django.test import Client

from app.ordre_file import decider, decisions
from ledger.coffre import nobody
from ledger.days import Jours, paris_day
from ledger.entry import Acteur
from ledger.events.acces import RechercheEffectuee
from ledger.events.effet import EmploiSuspendu
from ledger.events.instruction import CompletudeAppreciee
from ledger.events.listes import CritereFile, FondementAcces
from ledger.events.titre import TitreRemis
from ledger.events.types import EtatCompletude, Flux, NatureActeur, TypeTitre
from projections.attaches import service
from tests.faits import fait
from tests.web.conftest import Site
from web import demo
from web.acces import Role
from web.gardes import MOTIFS
from web.lecture import CONSULTATIONS, sujet_de

DOSSIER = "D-C04-1"
NAUGHTY = ("<script>alert(1)</script>", "\u202eD-C04-1", "D-C04-1' OR '1'='1", "%", "é" * 200, "D-C04-1\u0301")


def traces(site: Site, role: Role) -> list[RechercheEffectuee]:
    """What the ledger says that this account looked for, in order."""
    stream = f"{CONSULTATIONS}-{site.compte(role).acteur}"
    life = site.ledger.life(nobody(Flux.ACCES, stream))
    return [each.fait.evenement for each in life if isinstance(each.fait.evenement, RechercheEffectuee)]


def shown(answer: object) -> list[str]:
    """The dossiers that an answer links to, in order, each once."""
    content = answer.content.decode()  # type: ignore[attr-defined] # a Django answer
    return list(dict.fromkeys(re.findall(r"/dossiers/([0-9a-f]{32})/", content)))


def search(client: Client, reference: str, **more: str) -> object:
    """A search, sent."""
    return client.post("/recherche/", {"reference": reference, **more})


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISEUR])
def test_the_queue_shows_those_of_the_service_and_says_whom_in_its_trace(site: Site, role: Role) -> None:
    """Everybody that is shown is in the charge of the account's own préfecture; the trace names them all."""
    before = len(traces(site, role))
    answer = site.visiteur(role).get("/file/?jours=90")
    assert answer.status_code == HTTPStatus.OK
    found = shown(answer)
    assert len(found) > 3
    for each in found:
        vie = site.registre.lecteur.vie(sujet_de(each) or b"")
        assert vie is not None
        assert service(demo.PREFECTURE) in vie.attaches.prefectures
    [trace] = traces(site, role)[before:]
    assert (trace.sujets, trace.nombre_resultats, trace.fondement) == (
        tuple(found),
        len(found),
        FondementAcces.INSTRUCTION,
    )


def test_no_address_asks_for_the_queue_of_another_service(site: Site) -> None:
    """Whatever parameter is tried, it is one's own queue."""
    client = site.visiteur(Role.AGENT)
    mine = shown(client.get("/file/"))
    for name in ("prefecture", "service", "en_charge", "sujet"):
        assert shown(client.get("/file/", {name: "Préfecture de l'Isère"})) == mine
    there = site.compte(Role.AGENT)
    there.prefecture = "Préfecture de l'Isère"
    there.save()
    try:
        others = shown(site.visiteur(Role.AGENT).get("/file/"))
    finally:
        there.prefecture = demo.PREFECTURE
        there.save()
    assert not set(others) & set(mine)


def test_the_parts_of_the_queue_are_what_one_acted_on_and_what_waits_no_more(site: Site) -> None:
    """By acts that the ledger holds: of this account among those who wait, of any agent among those who do not."""
    client, agent = site.visiteur(Role.AGENT), site.compte(Role.AGENT)
    queued = shown(client.get("/file/"))
    assert shown(client.get("/file/?onglet=suivis")) == shown(client.get("/file/?onglet=traites")) == []
    acteur = Acteur(nature=NatureActeur.AGENT, id=agent.acteur, service="Bureau du séjour")
    today = paris_day(datetime.now(UTC))
    held = TitreRemis(
        type_titre=TypeTitre.CSP, remis_le=Jours(today, today),
        valide_du=Jours(today, today), valide_au=Jours.lire("2030-01-01"),
    )  # fmt: skip
    done = acteur.model_copy(update={"id": "autre-agent", "service": demo.PREFECTURE})
    site.ledger.append(
        [
            fait(
                id="file-1", personne="hana-exemple-n03", objet="D-N03-1", survenu="2026-11-02", acteur=acteur,
                evenement=CompletudeAppreciee(etat=EtatCompletude.COMPLET),
            ),
            fait(id="file-2", personne="faite-exemple", objet="T-F", survenu=str(today), acteur=done, evenement=held),
        ]
    )  # fmt: skip
    assert shown(client.get("/file/?onglet=suivis")) == [site.sujet("hana-exemple-n03")]
    assert shown(client.get("/file/?bureau=bureau du sejour")) == [site.sujet("hana-exemple-n03")]
    assert shown(client.get("/file/?bureau=ailleurs")) == queued
    seen = client.get("/file/?onglet=traites")
    assert shown(seen) == [site.sujet("faite-exemple")]
    assert traces(site, Role.AGENT)[-1].sujets == (site.sujet("faite-exemple"),)
    counts = re.findall(r">(à traiter|suivis par moi|traités) \((\d+)\)", seen.content.decode())
    assert counts == [("à traiter", str(len(queued))), ("suivis par moi", "1"), ("traités", "1")]
    assert shown(site.visiteur(Role.SUPERVISEUR).get("/file/?onglet=suivis")) == []


def test_the_order_of_the_queue_is_decided_in_the_open(site: Site) -> None:
    """Who, when and why are in the ledger and on every agent's page; one criterion twice, or no reason, decides nothing."""
    head, agent = site.visiteur(Role.SUPERVISEUR), site.visiteur(Role.AGENT)
    lost = EmploiSuspendu(depuis_le=Jours.lire("2026-11-25"))
    site.ledger.append([fait(id="file-3", personne="gael-exemple-n01", survenu="2026-11-25", evenement=lost)])
    before = shown(agent.get("/file/"))
    given = {f"place_{n}": each.value for n, each in enumerate(reversed(CritereFile), start=1)}
    for bad in (
        {**given, "motif": ""},
        {**given, "place_1": given["place_2"], "motif": "x"},
        {**given, "place_1": "x"},
    ):
        assert "À corriger" in head.post("/file/ordre/", bad).content.decode()
    assert decisions(site.ledger, demo.PREFECTURE) == ()
    answer = head.post("/file/ordre/", {**given, "motif": "Délais <dépassés> d'abord"})
    assert (answer.status_code, answer["Location"]) == (302, "/file/")
    [decided] = decisions(site.ledger, demo.PREFECTURE)
    assert (decided.ordre, decided.par) == (tuple(reversed(CritereFile)), site.compte(Role.SUPERVISEUR).acteur)
    told = agent.get("/file/").content.decode()
    assert "Délais &lt;dépassés&gt; d&#39;abord" in told
    assert decided.par in told
    after = shown(agent.get("/file/"))
    assert sorted(after) == sorted(before)
    assert after != before
    with pytest.raises(ValueError, match="once"):
        decider(
            site.ledger, demo.PREFECTURE, (CritereFile.ECHEANCE,), "x", Acteur(nature=NatureActeur.AGENT), decided.le
        )


def test_a_wrong_filter_of_the_queue_is_none(site: Site) -> None:
    """An address that was cut or made up shows everything, never an error; what is out of bounds is not asked."""
    client = site.visiteur(Role.AGENT)
    mine = shown(client.get("/file/"))
    for bad in ("jours=0", "jours=99999", "page=-1", "motif=rien", "titre=%00", "situation=<script>"):
        answer = client.get(f"/file/?{bad}")
        assert answer.status_code == HTTPStatus.OK
        assert shown(answer) == mine
        assert b"<script>" not in answer.content
    assert shown(client.get("/file/?page=9999")) == []
    assert shown(client.get("/file/?situation=sans_preuve")) == mine


@pytest.mark.parametrize(
    ("role", "asked"),
    [
        (Role.AGENT, {"reference": demo.PERSONNE}),
        (Role.AGENT, {"reference": f"  {DOSSIER} "}),
        (Role.SUPERVISEUR, {"reference": DOSSIER}),
        (Role.DDD, {"reference": demo.RECLAMATION}),
        (Role.DDD, {"reference": demo.PERSONNE}),
        (Role.CCC, {"reference": demo.PERSONNE, "ticket": demo.TICKET}),
        (Role.PAN, {"reference": DOSSIER, "ticket": demo.TICKET}),
    ],
)
def test_each_role_finds_a_person_by_what_it_may(site: Site, role: Role, asked: dict[str, str]) -> None:
    """She is shown, the trace names her and the right, and what was typed is nowhere in it."""
    before = len(traces(site, role))
    answer = site.visiteur(role, motif=False).post("/recherche/", asked)
    assert shown(answer) == [site.sujet()]
    [trace] = traces(site, role)[before:]
    assert trace.sujets == (site.sujet(),)
    assert trace.nombre_resultats == 1
    assert trace.empreinte_criteres
    assert asked["reference"].strip() not in str(trace)


def test_who_is_not_there_and_who_is_not_theirs_are_answered_alike(site: Site) -> None:
    """The same words, but for what was typed; the trace tells of nobody."""
    other = "jana-exemple-n05"
    assert site.registre.lecteur.sujet(other) is not None
    cases = {
        Role.DDD: [{"reference": other}, {"reference": "n-existe-pas"}],
        Role.CCC: [
            {"reference": other, "ticket": demo.TICKET},
            {"reference": demo.PERSONNE, "ticket": "autre"},
            {"reference": "n-existe-pas", "ticket": demo.TICKET},
        ],
    }
    for role, asked in cases.items():
        client = site.visiteur(role)
        told = set()
        for each in asked:
            text = client.post("/recherche/", each).content.decode()
            for typed in each.values():
                text = text.replace(typed, "…")
            told.add(re.sub(r'[0-9a-f]{32}|(?<=csrfmiddlewaretoken" value=")[^"]+', "…", text))
            assert traces(site, role)[-1].sujets == ()
        assert len(told) == 1, role


def test_an_agent_elsewhere_does_not_find_her(site: Site) -> None:
    """The reference is exact and the person is there, for another préfecture."""
    account = site.compte(Role.AGENT)
    account.prefecture = "Préfecture de l'Isère"
    account.save()
    try:
        answer = search(site.visiteur(Role.AGENT), demo.PERSONNE)
    finally:
        account.prefecture = demo.PREFECTURE
        account.save()
    assert shown(answer) == []


@pytest.mark.parametrize("text", NAUGHTY)
def test_whatever_is_typed_is_text(site: Site, text: str) -> None:
    """Nothing is run, nobody near is found, and what was typed comes back escaped."""
    answer = search(site.visiteur(Role.AGENT), text)
    assert answer.status_code == HTTPStatus.OK  # type: ignore[attr-defined] # a Django answer
    assert shown(answer) == []
    assert b"<script>alert" not in answer.content  # type: ignore[attr-defined] # a Django answer


def test_nothing_and_too_much_are_refused_and_leave_no_trace(site: Site) -> None:
    """An empty field, a NUL, ten thousand signs: said in place, nothing looked for."""
    client, before = site.visiteur(Role.AGENT), len(traces(site, Role.AGENT))
    for text in ("", "   ", "a\0b", "x" * 10_000):
        answer = client.post("/recherche/", {"reference": text})
        assert "À corriger" in answer.content.decode()
    assert len(traces(site, Role.AGENT)) == before


def test_what_is_looked_for_never_comes_by_an_address(site: Site) -> None:
    """A GET with a reference shows the empty form."""
    answer = site.visiteur(Role.AGENT).get("/recherche/", {"reference": demo.PERSONNE})
    assert shown(answer) == []
    assert demo.PERSONNE not in answer.content.decode()


def test_who_searched_by_a_complaint_has_said_why(site: Site) -> None:
    """The reason is held for the session when the complaint is hers; a dossier's number alone gives none."""
    client = site.visiteur(Role.DDD, motif=False)
    search(client, DOSSIER)
    assert MOTIFS not in client.session
    search(client, demo.RECLAMATION)
    assert client.session[MOTIFS] == {site.sujet(): ["reclamation_ddd", demo.RECLAMATION]}
    assert client.get(f"/dossiers/{site.sujet()}/").status_code == HTTPStatus.OK
    agent = site.visiteur(Role.AGENT, motif=False)
    search(agent, DOSSIER)
    assert MOTIFS not in agent.session


def test_a_representative_sees_who_gave_a_mandate_that_runs(site: Site) -> None:
    """Once each, with what it permits; the list is traced by the mandate."""
    answer = site.visiteur(Role.REPRESENTANT).get("/recherche/")
    assert shown(answer) == [site.sujet()]
    assert "31 décembre 2030" in answer.content.decode()
    trace = traces(site, Role.REPRESENTANT)[-1]
    assert (trace.fondement, trace.sujets) == (FondementAcces.MANDAT, (site.sujet(),))
    account = site.compte(Role.REPRESENTANT)
    account.acteur = "autre-cabinet"
    account.save()
    try:
        none = site.visiteur(Role.REPRESENTANT).get("/recherche/?page=3")
    finally:
        account.acteur = demo.MANDATAIRE
        account.save()
    assert shown(none) == []
    assert "0 mandat" in none.content.decode()

"""What belongs to somebody else never comes with a dossier: other people, their exports, part of a mandate."""

from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse

from ledger.days import Quand
from ledger.entry import Acteur, Fait
from ledger.events.acces import ExportProduit
from ledger.events.cloture import DossierClosParAgent, DossierRouvert
from ledger.events.incident import IncidentOuvert
from ledger.events.types import Canal, CodeIncident, Grade, NatureActeur, Source
from tests.web.conftest import Site
from tests.web.test_actes import adresse, envoyer
from web import demo
from web.acces import Role
from web.lecture import Lecteur
from web.pages import erreurs

INCIDENTS = "SELECT subject FROM ledger.shared_subject WHERE flux = 'incident'"
LUS = "SELECT subject FROM ledger.entry WHERE topic <> 'constat/1/registre' UNION SELECT subject FROM ledger.person_key"
UNE_AUTRE = "amina-exemple-c01"
AUTRE = "D-DOSSIER-D-UNE-AUTRE"
AGENT = "agent-exemple"


@pytest.fixture(scope="module")
def partagee(served: Site) -> Site:
    """The site, on which an incident of everybody reached her and somebody else, and an agent closed her dossier."""
    incident = Fait(
        id="incident-fictif",
        objet="I-fictif",
        survenu=Quand.lire("2024-02-01"),
        acteur=Acteur(nature=NatureActeur.SYSTEME),
        canal=Canal.SYSTEME,
        source=Source.ANEF,
        grade=Grade.A,
        evenement=IncidentOuvert(
            code=CodeIncident("B19"), depuis=Quand.lire("2024-02-01"), dossiers=("D-C04-1", AUTRE)
        ),
    )
    served.ledger.append([incident])
    done = envoyer(served.visiteur(Role.AGENT), adresse(served, DossierClosParAgent), etape="faire")
    assert done.status_code == 303  # type: ignore[attr-defined]
    return served


CHEMINS = (
    "/dossiers/{}/", "/dossiers/{}/?vue=resume", "/dossiers/{}/connu/?connu=2020-01-01T00:00", "/dossiers/{}/reclamation/",
    "/dossiers/{}/preuves/", "/dossiers/{}/mon-historique/", "/api/v1/dossiers/{}/chronologie",
    "/api/v1/dossiers/{}/faits", "/api/v1/dossiers/{}/preuves", "/api/v1/dossiers/{}/connu",
)  # fmt: skip


@pytest.mark.parametrize("chemin", CHEMINS)
@pytest.mark.parametrize("role", [Role.USAGER, Role.REPRESENTANT])
def test_neither_another_dossier_nor_who_acted_comes_with_hers(
    partagee: Site, site: Site, chemin: str, role: Role
) -> None:
    """On every page and operation that tells her facts, whoever opened them before."""
    where = chemin.format(site.sujet())
    for first in (Role.DDD, role):
        answer = site.visiteur(first).get(where)
        assert answer.status_code == 200, answer.content[:300]
        text = answer.content.decode()
    assert AUTRE not in text
    assert AGENT not in text


def test_who_may_read_others_reads_them(partagee: Site, site: Site) -> None:
    """The same incident and act, whole, for who instructs the complaint: the masks are not of what was never there."""
    client = site.visiteur(Role.DDD)
    assert AUTRE in client.get(f"/dossiers/{site.sujet()}/").content.decode()
    assert AGENT in client.get(f"/api/v1/dossiers/{site.sujet()}/faits").content.decode()


def exporter(site: Site, role: Role) -> str:
    """Make a bundle by the page; the id that it was recorded under."""
    made = site.visiteur(role).post(f"/dossiers/{site.sujet()}/export/", {"forme": "paquet", "etape": "voir"})
    assert made.status_code == 303, made.content.decode()
    return str(made["Location"].partition("#e-")[2])


def test_an_export_is_taken_again_by_who_may_read_what_it_names(partagee: Site, site: Site) -> None:
    """Hers by her and by who instructs; that of the Défenseur des droits, which names others, by it alone."""
    ours, theirs = exporter(site, Role.USAGER), exporter(site, Role.DDD)
    where = f"/dossiers/{site.sujet()}/export/"
    for role, export, status in (
        (Role.USAGER, ours, 200), (Role.REPRESENTANT, ours, 200), (Role.DDD, ours, 200), (Role.DDD, theirs, 200),
        (Role.USAGER, theirs, 404), (Role.REPRESENTANT, theirs, 404),
    ):  # fmt: skip
        answer = site.visiteur(role).get(f"{where}{export}/")
        answer.close()
        assert answer.status_code == status, (role, export)
    assert f"{theirs}/" not in site.visiteur(Role.USAGER).get(where).content.decode()


def test_what_is_kept_of_an_export_is_no_piece(partagee: Site, site: Site) -> None:
    """Not even for who knows its digest."""
    exporter(site, Role.DDD)
    kept = [e.fait.pieces for e in site.ledger.life(demo.PERSONNE) if isinstance(e.fait.evenement, ExportProduit)]
    for pieces in kept:
        for piece in pieces:
            assert site.visiteur(Role.USAGER).get(f"/dossiers/{site.sujet()}/pieces/{piece.sha256}/").status_code == 404


def test_who_took_an_export_out_is_recorded_by_which_right(partagee: Site, site: Site) -> None:
    """The account and the mandate, not the operator of the ledger; so she is told of it at once."""
    where = f"/dossiers/{site.sujet()}/export/"
    made = site.visiteur(Role.REPRESENTANT).post(where, {"forme": "provision", "etape": "faire"})
    assert made.status_code == 303, made.content.decode()
    last = [e for e in site.ledger.life(demo.PERSONNE) if isinstance(e.fait.evenement, ExportProduit)][-1]
    assert (last.fait.acteur.nature, last.fait.acteur.id) == (NatureActeur.REPRESENTANT, demo.MANDATAIRE)
    assert last.fait.evenement.lire_champ("fondement").value == "mandat"
    assert "tribunal, provision" in site.visiteur(Role.USAGER).get(where).content.decode()


def test_an_agent_does_not_get_what_she_takes_out(partagee: Site, site: Site) -> None:
    """Her letters bear her name and address; her history tells who looked."""
    where = f"/dossiers/{site.sujet()}/recus/"
    made = site.visiteur(Role.USAGER).post(where, {"quoi": "historique", "envoi": str(uuid4())})
    assert made.status_code == 303
    assert site.visiteur(Role.USAGER).get(made["Location"]).status_code == 200
    assert site.visiteur(Role.AGENT).get(made["Location"]).status_code == 404
    assert made["Location"] not in site.visiteur(Role.AGENT).get(where).content.decode()


def test_an_act_done_after_an_export_leads_to_its_own_number(partagee: Site, site: Site) -> None:
    """What was taken out has no number: the next fact takes the next one."""
    exporter(site, Role.USAGER)
    done = envoyer(site.visiteur(Role.AGENT), adresse(site, DossierRouvert), etape="faire", motif="Encore")
    anchor = done["Location"].partition("#")[2]  # type: ignore[index]
    text = site.visiteur(Role.AGENT).get(f"/dossiers/{site.sujet()}/").content.decode()
    told = text[text.index(f'id="{anchor}"') :]
    assert "Encore" in told[: told.index("</li>")]


def sujets_lus(site: Site) -> set[str]:
    """Whose facts and keys a query without any filter gives, as code of a page would ask it; the log's own lines apart."""
    with site.registre.opened.ledger.connection() as conn:
        rows = conn.execute(LUS).fetchall()
    return {subject.hex for (subject,) in rows}


@pytest.mark.parametrize("chemin", ["/dossiers/{}/", "/api/v1/dossiers/{}/chronologie", "/dossiers/{}/preuves/"])
def test_a_page_that_forgets_its_filter_reads_her_alone(
    partagee: Site, site: Site, chemin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is everybody's; once she is not being answered, nobody."""
    lus: list[set[str]] = []
    rendu = Lecteur.rendu

    def curieux(lecteur: Lecteur, *given: Any) -> Any:
        lus.append(sujets_lus(site))
        return rendu(lecteur, *given)

    with site.ledger.connection() as conn:
        communs = {subject.hex for (subject,) in conn.execute(INCIDENTS).fetchall()}
    monkeypatch.setattr(Lecteur, "rendu", curieux)
    assert site.visiteur(Role.DDD).get(chemin.format(site.sujet())).status_code == 200
    assert lus
    assert all(seen == {site.sujet(), *communs} for seen in lus)
    assert sujets_lus(site) == set()


def test_a_dossier_that_is_refused_opens_nobody(partagee: Site, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Her life was read to decide; what answers in its place reads nothing of anybody."""
    lus: list[set[str]] = []
    dire = erreurs._dire  # noqa: SLF001 - what makes the page of an error

    def curieux(*given: Any) -> HttpResponse:
        lus.append(sujets_lus(site))
        return dire(*given)

    monkeypatch.setattr(erreurs, "_dire", curieux)
    assert site.visiteur(Role.USAGER).get(f"/dossiers/{site.sujet(UNE_AUTRE)}/").status_code == 404
    assert lus == [set()]

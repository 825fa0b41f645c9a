"""The applicant's pages: where she stands, who looked, her receipts; and what nobody else sees."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from app.exports import remis
from app.suivi import ArriereError
from ledger.days import paris_day
from ledger.entry import Acteur, Entry
from ledger.events.acces import DossierConsulte
from ledger.events.listes import FondementAcces
from ledger.events.types import NatureActeur
from projections.divulgation import DELAI
from tests.faits import fait
from tests.web.conftest import Site
from web import demo
from web.acces import Role
from web.lecture import CONSULTATIONS, sujet_de
from web.pages import consultations

NAUGHTY = "<script>alert(1)</script> \u202egnorw {{ 7*7 }} ' OR 1=1 -- é\u0301"
LUI = "controleur-au-nom-secret"


def page(site: Site, role: Role, quoi: str) -> str:
    """What a role reads at an address of the dossier."""
    answer = site.visiteur(role).get(f"/dossiers/{site.sujet()}/{quoi}")
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def vie(site: Site) -> tuple[Entry, ...]:
    """What the ledger holds of her, looks aside."""
    read = site.registre.lecteur.vie(sujet_de(site.sujet()) or b"")
    assert read is not None
    return read.entries


def regarde(site: Site, fondement: FondementAcces, at: datetime, reference: str = "IG-2026-1") -> None:
    """Somebody looked, as the guard writes it."""
    event = DossierConsulte(fondement=fondement, reference=reference, perimetre="chronologie")
    actor = Acteur(nature=NatureActeur.AGENT, id=LUI, service="Inspection générale")
    site.ledger.append(
        [
            fait(
                id=f"c-{uuid4()}",
                personne=demo.PERSONNE,
                objet=CONSULTATIONS,
                survenu=at.isoformat(),
                acteur=actor,
                evenement=event,
            )
        ]
    )


# --------------------------------------------------------------------------- where she stands


def test_the_first_page_answers_in_its_first_lines(site: Site) -> None:
    """No document, since when; the application; who owes what; and the way to the proof."""
    text = page(site, Role.USAGER, "mon-historique/?au=2026-11-27")
    told = re.sub(r"<[^>]+>|\s+", " ", text)
    for said in (
        "aucun document valable",
        "24 septembre 2024",
        "Votre demande est déposée",
        "Mettre à disposition la carte",
    ):
        assert said in told, said
    assert text.index("aucun document valable") < text.index("Ce qui est attendu") < text.index("Que faire maintenant")
    assert not re.search(r"[0-9a-f]{40}", re.sub(r"<details.*?</details>|value=\"[^\"]*\"", "", text, flags=re.DOTALL))
    assert text.count("<h1") == 1


def test_another_reads_what_she_reads_and_is_told_so(site: Site) -> None:
    """An agent sees her page, with whom « vous » is; links lead only where they may go."""
    text = page(site, Role.CCC, "mon-historique/")
    assert "celle que la personne lit" in text
    assert "/signaler/" not in text
    assert "/recus/" not in text
    assert "celle que la personne lit" not in page(site, Role.USAGER, "mon-historique/")


# --------------------------------------------------------------------------- who looked


def test_she_reads_service_day_and_reason_and_never_who(site: Site) -> None:
    """Neither the account nor the file of an agent, wherever it may stand on the page or in its file."""
    agent = site.compte(Role.AGENT)
    site.visiteur(Role.AGENT).get(f"/dossiers/{site.sujet()}/")
    site.visiteur(Role.DDD).get(f"/dossiers/{site.sujet()}/")
    for role in (Role.USAGER, Role.REPRESENTANT):
        for text in (page(site, role, "acces/"), page(site, role, "acces/?format=csv")):
            assert agent.service.replace("'", "&#39;") in text or agent.service in text
            assert "Instruction de la demande" in text
            assert agent.acteur not in text
            assert "ddd-exemple" not in text
    assert "ddd-exemple" in page(site, Role.DDD, "acces/")


def test_a_search_or_a_list_that_showed_her_is_told_too(site: Site) -> None:
    """To her: the service and the day; who searched for somebody else is nowhere, nor is what was looked for."""
    site.visiteur(Role.AGENT).get("/file/")
    site.visiteur(Role.AGENT).post("/recherche/", {"reference": demo.PERSONNE})
    site.visiteur(Role.SUPERVISEUR).post("/recherche/", {"reference": "hana-exemple-n03"})
    hers = page(site, Role.USAGER, "acces/?genre=recherche&format=csv")
    today = [line for line in hers.splitlines() if ",recherche," in line and str(paris_day(datetime.now(UTC))) in line]
    assert [line.split(",")[4] for line in today] == ["2"], hers
    assert site.compte(Role.AGENT).acteur not in hers
    told = page(site, Role.DDD, "acces/?genre=recherche&format=csv")
    assert told.count(site.compte(Role.AGENT).acteur) == 2
    assert site.compte(Role.SUPERVISEUR).acteur not in told
    assert "hana" not in told


def test_an_api_that_must_wait_for_its_tables_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the page does: come back later, and no part of an answer."""

    def late(*_: object) -> None:
        raise ArriereError

    monkeypatch.setattr(consultations, "recherches_montrant", late)
    client = site.visiteur(Role.USAGER)
    for where in (f"/api/v1/dossiers/{site.sujet()}/consultations", f"/dossiers/{site.sujet()}/acces/"):
        answer = client.get(where)
        assert answer.status_code == 503, where
        assert "revenez" in answer.content.decode()


def test_an_inspection_is_counted_and_not_told_before_its_time(site: Site) -> None:
    """Nor shown by any filter; the Défenseur des droits sees it; after the delay everybody concerned does."""
    regarde(site, FondementAcces.CONTROLE, datetime.now(UTC) - timedelta(days=1))
    for quoi in ("acces/", "acces/?genre=consultation", "acces/?format=csv"):
        text = page(site, Role.USAGER, quoi)
        assert "Inspection générale" not in text, quoi
        assert "ne peut pas encore" in text or "ne peuvent pas encore" in text, quoi
    assert "Inspection générale" not in page(site, Role.AGENT, "acces/")
    yesterday = paris_day(datetime.now(UTC) - timedelta(days=1))
    assert LUI in page(site, Role.DDD, f"acces/?au={yesterday}")


def test_an_old_inspection_is_told_without_its_number(site: Site) -> None:
    """The ledger's own clock counts: what was recorded today waits, however early it is dated."""
    regarde(site, FondementAcces.CONTROLE, datetime.now(UTC) - 2 * DELAI, "IG-ANCIENNE")
    assert "Inspection générale" not in page(site, Role.USAGER, "acces/")


def test_the_page_and_its_file_hold_the_same_rows(site: Site) -> None:
    """For each filter; no cell is a formula."""
    site.visiteur(Role.AGENT).get(f"/dossiers/{site.sujet()}/")
    for filtre in ("", "genre=export", "du=2026-01-01&au=2026-12-31", "inhabituel=1"):
        text = page(site, Role.SUPERVISEUR, f"acces/?{filtre}")
        rows = [*csv.reader(io.StringIO(page(site, Role.SUPERVISEUR, f"acces/?{filtre}&format=csv")))][1:]
        shown = len(re.findall(r"<tr>\s*<th scope=\"row\"", text))
        kept = [row for row in rows if len(row) > 1]
        # the look at the page itself stands in the file that is asked for after it
        assert shown <= len(kept) <= shown + 1 or len(kept) > 100, filtre
        assert all(cell[:1] not in "=+-@" for row in kept for cell in row if cell)


# --------------------------------------------------------------------------- receipts


def recus(site: Site, client: Client, quoi: str, envoi: str, **champs: object) -> HttpResponse:
    """Press a button of the page of receipts."""
    answer = client.post(f"/dossiers/{site.sujet()}/recus/", {"quoi": quoi, "envoi": envoi, **champs})
    assert isinstance(answer, HttpResponse)
    return answer


@pytest.mark.parametrize(
    ("quoi", "profil"), [("recu-2", "reçu"), ("blocage", "relevé de blocage"), ("historique", "historique")]
)
def test_a_document_is_made_once_recorded_and_comes_again(site: Site, quoi: str, profil: str) -> None:
    """Sent twice, one export; a PDF, as an attachment that runs nothing; recorded as hers, under its digest."""
    client, envoi = site.visiteur(Role.USAGER), str(uuid4())
    before = len(remis(vie(site)))
    answers = [recus(site, client, quoi, envoi) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert answers[0]["Location"] == answers[1]["Location"]
    *_, last = remis(vie(site))
    assert len(remis(vie(site))) == before + 1
    assert last.event.profil == profil
    assert last.event.fondement is FondementAcces.PERSONNE_CONCERNEE
    assert (last.entry.fait.acteur.nature, last.entry.fait.acteur.id) == (NatureActeur.USAGER, demo.PERSONNE)
    got = client.get(answers[0]["Location"])
    assert got.content.startswith(b"%PDF-")
    assert got["Content-Disposition"].startswith("attachment")
    assert got["Content-Security-Policy"] == "sandbox"
    assert client.get(answers[0]["Location"]).content == got.content
    assert "Un export a été produit" not in page(site, Role.USAGER, "recus/")


def test_a_letter_is_made_of_what_is_typed_and_another_one_of_other_words(site: Site) -> None:
    """Naughty words go into the PDF and nowhere else; an empty addressee is said at the field."""
    client, envoi = site.visiteur(Role.REPRESENTANT), str(uuid4())
    first = recus(site, client, "demande", envoi, prefecture=NAUGHTY, mode="recommande")
    again = recus(site, client, "demande", envoi, prefecture=NAUGHTY, mode="recommande")
    other = recus(site, client, "demande", envoi, prefecture="Préfecture B", mode="courriel")
    assert first["Location"] == again["Location"] != other["Location"]
    assert client.get(first["Location"]).content.startswith(b"%PDF-")
    empty = recus(site, client, "demande", envoi, prefecture=" ", mode="recommande")
    assert empty.status_code == 422
    assert "id_prefecture" in empty.content.decode()
    assert recus(site, client, "demande", envoi, prefecture="x\x00y", mode="courriel").status_code == 422


@pytest.mark.parametrize("quoi", ["recu-1", "recu-999", "recu-x", "recu-²", "", "paquet", "recu-" + "9" * 40])
def test_what_has_no_receipt_gets_none(site: Site, quoi: str) -> None:
    """The act of a service, a number of nothing, a button that does not exist: 400, and nothing is recorded."""
    before = len(remis(vie(site)))
    assert recus(site, site.visiteur(Role.USAGER), quoi, str(uuid4())).status_code == 400
    assert recus(site, site.visiteur(Role.USAGER), "blocage", "pas-un-uuid").status_code == 400
    assert len(remis(vie(site))) == before


def test_a_file_that_is_no_receipt_of_an_attempt_is_refused_in_place(site: Site) -> None:
    """Nothing is written, the reason is shown, escaped."""
    client = site.visiteur(Role.USAGER)
    given = SimpleUploadedFile("<b>x</b>.recu", b"<script>alert(1)</script>")
    answer = recus(site, client, "tentative", str(uuid4()), recu=given)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.content.decode()


def test_an_export_of_another_page_is_not_downloaded_here(site: Site) -> None:
    """An agent, who may hand receipts over, gets no bundle by the address of a receipt."""
    client = site.visiteur(Role.REPRESENTANT)
    made = client.post(f"/dossiers/{site.sujet()}/export/", {"forme": "paquet", "etape": "voir"})
    export = str(UUID(made["Location"].partition("#e-")[2]))
    for role in (Role.AGENT, Role.USAGER):
        assert site.visiteur(role).get(f"/dossiers/{site.sujet()}/recus/{export}/").status_code == 404

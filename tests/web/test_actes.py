"""Acts, complaints and exports by the pages: what they cost is shown first, each is carried out once, all is kept."""

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from commands.actes import ACTES
from evidence.verificateurs.assemblage import pyz
from ledger.entry import Entry
from ledger.events import cloture, instruction, reclamation
from ledger.events.base import Event
from tests.web.conftest import Site
from web import demo
from web.acces import Role
from web.actes import PERMIS, nom
from web.formulaires import formulaire

NAUGHTY = "<script>alert(1)</script> \u202egnorw {{ 7*7 }} \x00 ' OR 1=1 --"


def vie(site: Site) -> tuple[Entry, ...]:
    """All that the ledger holds of the person of the demonstration."""
    return site.ledger.life(demo.PERSONNE)


def adresse(site: Site, event: type[Event]) -> str:
    """Where the form of an act is."""
    return f"/dossiers/{site.sujet()}/actes/{nom(event)}/"


def envoyer(client: Client, where: str, **champs: object) -> object:
    """Send the form of an act, as its page made it."""
    return client.post(where, {"command_id": str(uuid4()), "objet": "D-C04-1", **champs})


@pytest.mark.parametrize("event", [event for _, events in PERMIS[Role.AGENT] for event in events])
def test_every_act_of_an_agent_has_a_form_that_its_event_reads(site: Site, event: type[Event]) -> None:
    """The page is there, asks for every field of the fact, and what it misses is said in French at the field."""
    answer = site.visiteur(Role.AGENT).get(adresse(site, event))
    assert answer.status_code == 200
    text = answer.content.decode()
    for name in event.model_fields:
        assert f'name="{name}"' in text, name
    empty = formulaire(event)({})
    if not empty.is_valid():
        assert not re.search(r"[Ff]ield required|Input should", str(empty.errors))


def test_what_an_act_costs_is_shown_before_and_kept_with_it(site: Site) -> None:
    """A closure without reasons: nothing is written by looking; the warnings are those that the fact keeps."""
    client, where, before = site.visiteur(Role.AGENT), adresse(site, cloture.DossierClosParAgent), len(vie(site))
    shown = envoyer(client, where, etape="apercu").content.decode()  # type: ignore[attr-defined]
    assert "énonce aucun motif de fait" in shown
    assert not any(isinstance(entry.fait.evenement, cloture.DossierClosParAgent) for entry in vie(site)[before:])
    asked = {"command_id": str(uuid4()), "objet": "D-C04-1", "etape": "faire", "clos_le": "2026-11-20"}
    done = [client.post(where, asked), client.post(where, asked)]
    assert [each.status_code for each in done] == [303, 303]
    [entry] = [entry for entry in vie(site) if isinstance(entry.fait.evenement, cloture.DossierClosParAgent)]
    assert any("motif de fait" in each.texte for each in entry.fait.avertissements)
    assert entry.fait.acteur.service == demo.PREFECTURE
    assert f"#n-{[e.event_id for e in vie_sans_regards(site)].index(entry.event_id) + 1}" in done[0]["Location"]


def vie_sans_regards(site: Site) -> list[Entry]:
    """The entries that pages number."""
    return [entry for entry in vie(site) if entry.fait.objet != "consultations"]


def test_a_refused_act_says_all_its_reasons_and_writes_nothing(site: Site) -> None:
    """Reopening a dossier that is open, a day that does not exist: told in place, the input kept."""
    client = site.visiteur(Role.AGENT)
    before = vie_sans_regards(site)
    where = adresse(site, instruction.DelaiComplementProroge)
    refused = envoyer(client, where, etape="faire", nouvelle_echeance="2026-12-24", motif="Pour voir").content.decode()  # type: ignore[attr-defined]
    assert "Cet acte est refusé" in refused
    assert "Pour voir" in refused
    wrong = envoyer(client, where, etape="faire", nouvelle_echeance="2026-02-30").content.decode()  # type: ignore[attr-defined]
    assert "existe pas dans le calendrier" in wrong
    assert vie_sans_regards(site) == before


def test_what_people_write_is_shown_never_obeyed(site: Site) -> None:
    """Markup, directions and templates in a field come back as text, in the form and on the timeline."""
    client, where = site.visiteur(Role.DDD), adresse(site, reclamation.ExplicationsDddDemandees)
    back = envoyer(client, where, etape="apercu", questions=NAUGHTY, objet="x").content.decode()  # type: ignore[attr-defined]
    assert "<script>alert" not in back
    asked = {
        "numero": demo.RECLAMATION,
        "demandees_le": "2026-01-10",
        "questions": NAUGHTY.replace("\0", ""),
        "echeance": "2026-12-31",
    }
    done = envoyer(client, where, etape="faire", objet="demo-1", **asked)
    assert done.status_code == 303, done.content.decode()  # type: ignore[attr-defined]
    for page in ("", "reclamation/"):
        shown = client.get(f"/dossiers/{site.sujet()}/{page}").content.decode()
        assert "<script>alert" not in shown
        assert "{{ 7*7 }}" in shown or "49" not in shown


def test_both_sides_of_a_complaint_are_side_by_side(site: Site) -> None:
    """The question of the Défenseur des droits, the answer of the service, the deadline; each with its grade."""
    ddd, agent = site.visiteur(Role.DDD), site.visiteur(Role.AGENT)
    asked = {"numero": demo.RECLAMATION, "questions": "Pourquoi aucune carte ?", "echeance": "2026-12-15"}
    where = adresse(site, reclamation.ExplicationsDddDemandees)
    assert envoyer(ddd, where, etape="faire", objet="demo-1", demandees_le="2026-11-20", **asked).status_code == 303  # type: ignore[attr-defined]
    said = {"numero": demo.RECLAMATION, "explications": "La carte est en fabrication.", "fournies_le": "2026-11-27"}
    where = adresse(site, reclamation.ExplicationsDddFournies)
    assert envoyer(agent, where, etape="faire", objet="demo-1", **said).status_code == 303  # type: ignore[attr-defined]
    text = ddd.get(f"/dossiers/{site.sujet()}/reclamation/").content.decode()
    article = text[text.index("Pourquoi aucune carte") :].partition("</article>")[0]
    assert "La carte est en fabrication" in article


@pytest.mark.parametrize("role", [each for each in Role if each not in PERMIS])
def test_who_may_not_act_writes_nothing(site: Site, role: Role) -> None:
    """Whatever they send."""
    before = vie_sans_regards(site)
    client = site.visiteur(role)
    answer = envoyer(client, adresse(site, cloture.DossierClosParAgent), etape="faire")
    assert answer.status_code == 403  # type: ignore[attr-defined]
    assert vie_sans_regards(site) == before


def test_no_act_is_offered_that_the_ledger_does_not_know() -> None:
    """Each has a guard, and a name of its own."""
    offered = [event for groups in PERMIS.values() for _, events in groups for event in events]
    assert all(event in ACTES for event in offered)
    names = {nom(event) for event in offered}
    assert len(names) == len(set(offered))


def test_an_export_is_made_once_kept_and_verifies_without_us(site: Site, tmp_path: Path) -> None:
    """The same bytes at each download, a bundle that the verifier takes, recorded for whom it was made."""
    client = site.visiteur(Role.REPRESENTANT)
    where = f"/dossiers/{site.sujet()}/export/"
    made = client.post(where, {"forme": "paquet", "etape": "voir"})
    assert made.status_code == 303, made.content.decode()
    link = where + made["Location"].partition("#e-")[2] + "/"
    first, second = (b"".join(client.get(link).streaming_content) for _ in range(2))  # type: ignore[attr-defined]
    assert first == second
    (tmp_path / "paquet.zip").write_bytes(first)
    (tmp_path / "verifier.pyz").write_bytes(pyz())
    judged = subprocess.run(
        [sys.executable, "-I", tmp_path / "verifier.pyz", tmp_path / "paquet.zip"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "COHÉRENT" in judged.stdout
    other = site.visiteur(Role.USAGER).get(f"/dossiers/{site.sujet()}/export/{uuid4()}/")
    assert other.status_code == 404


def test_a_filing_shows_its_traps_before_it_is_made(site: Site) -> None:
    """Looking makes nothing; the folder that is made holds one file a piece and the inventory, the same twice."""
    client = site.visiteur(Role.REPRESENTANT)
    where = f"/dossiers/{site.sujet()}/export/"
    seen = client.post(where, {"forme": "l521-3", "etape": "voir"}).content.decode()
    assert "Pièges" in seen
    assert "Rapport de preuve" in seen
    made = client.post(where, {"forme": "l521-3", "etape": "faire"})
    assert made.status_code == 303, made.content.decode()
    link = where + made["Location"].partition("#e-")[2] + "/"
    first, second = (b"".join(client.get(link).streaming_content) for _ in range(2))  # type: ignore[attr-defined]
    assert first == second
    names = zipfile.ZipFile(io.BytesIO(first)).namelist()
    assert any("001 Rapport de preuve" in name for name in names)
    assert any("Inventaire detaille.pdf" in name for name in names)

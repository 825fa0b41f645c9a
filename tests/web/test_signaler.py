"""Contesting a fact: one more fact in her name, once; the contested one untouched, the piece sealed, a receipt at hand."""

import re
import unicodedata
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from ledger.entry import Entry
from ledger.events.correction import FaitConteste
from ledger.events.types import Flux, NatureActeur
from replay.as_of import Moment
from replay.preuve import preuve
from tests.web.conftest import Site
from tests.web.test_usager import NAUGHTY, recus, vie
from web import demo
from web.acces import Role


def contestations(site: Site) -> Iterator[Entry]:
    """The facts that contest."""
    return (entry for entry in vie(site) if isinstance(entry.fait.evenement, FaitConteste))


def signaler(site: Site, client: Client, **champs: object) -> HttpResponse:
    """Send the form."""
    given = {"command_id": str(uuid4()), "fait": "3", "texte": "La date est fausse.", **champs}
    answer = client.post(f"/dossiers/{site.sujet()}/signaler/", given)
    assert isinstance(answer, HttpResponse)
    return answer


def test_she_contests_a_fact_once_however_often_it_is_sent(site: Site) -> None:
    """A new fact in her name, the contested one untouched, its receipt at hand; the evidence shows the dispute."""
    client, once, before = site.visiteur(Role.USAGER), str(uuid4()), len(list(contestations(site)))
    answers = [signaler(site, client, command_id=once, texte=NAUGHTY) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303], answers[0].content.decode()
    *_, new = contestations(site)
    assert len(list(contestations(site))) == before + 1
    assert isinstance(new.fait.evenement, FaitConteste)
    assert new.fait.evenement.faits_contestes == ("C04-003",)
    assert new.fait.evenement.motif == unicodedata.normalize("NFC", NAUGHTY)
    assert (new.fait.flux, new.fait.corrige, new.fait.acteur.id) == (Flux.PERSONNE, None, demo.PERSONNE)
    shown = client.get(answers[0]["Location"].partition("#")[0]).content.decode()
    assert "Votre signalement est inscrit" in shown
    number = re.search(r"n=(\d+)", answers[0]["Location"])
    assert number is not None
    assert f'value="recu-{number[1]}"' in shown
    assert recus(site, client, f"recu-{number[1]}", str(uuid4())).status_code == 303
    disputed = [
        each
        for each in preuve(vie(site), Moment(None, new.fait.survenu.jours.premier)).attributions
        if each.couche == "preuve"
    ]
    assert any("fait_conteste" in {found.code for found in each.contre} for each in disputed)
    for where in ("", "recus/", "signaler/?fait=3"):
        assert "<script>alert" not in client.get(f"/dossiers/{site.sujet()}/{where}").content.decode()


def test_a_piece_is_kept_sealed_and_never_believed(site: Site) -> None:
    """Whatever it is called and said to be: its digest, its size, no type; the store gives back the same bytes."""
    client, content = site.visiteur(Role.REPRESENTANT), b"MZ" + bytes(range(256)) * 20_000
    given = SimpleUploadedFile("..\\..\\é\u202e\x07fdp.exe", content, content_type="text/html")
    assert signaler(site, client, piece=given).status_code == 303
    *_, new = contestations(site)
    [piece] = new.fait.pieces
    assert (piece.octets, piece.mime) == (len(content), None)
    assert not re.search(r"[\\/\x00-\x1f\u202e]", piece.nom.replace("\\u202e", "").replace("\\x07", ""))
    assert (new.fait.acteur.nature, new.fait.acteur.au_nom_de) == (NatureActeur.REPRESENTANT, demo.PERSONNE)
    opened = site.registre.exploitant
    with opened.ledger.connection() as conn:
        key = opened.ledger.coffre.find(conn, [demo.PERSONNE])[demo.PERSONNE]
    assert b"".join(opened.documents.read(key, piece)) == content


@pytest.mark.parametrize(
    "champs",
    [
        {"fait": ""}, {"fait": "999"}, {"fait": "x"}, {"texte": ""}, {"texte": "  "}, {"texte": "a\x00b"},
        {"texte": "x" * 10_000}, {"command_id": "non"}, {"command_id": ""},
    ],
)  # fmt: skip
def test_what_is_missing_is_said_in_place_and_what_was_typed_is_kept(site: Site, champs: dict[str, str]) -> None:
    """422, the reasons on top, nothing written."""
    before = len(vie(site))
    answer = signaler(site, site.visiteur(Role.USAGER), **{"texte": "Mots gardés.", **champs})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'role="alert"' in text or "command_id" in champs
    assert "texte" in champs or "Mots gardés." in text
    assert len(vie(site)) == before


def test_the_same_form_with_other_words_is_refused(site: Site) -> None:
    """An id that was used names one act for ever."""
    client, once = site.visiteur(Role.USAGER), str(uuid4())
    assert signaler(site, client, command_id=once, texte="Ceci.").status_code == 303
    other = signaler(site, client, command_id=once, texte="Cela.")
    assert other.status_code == 409
    assert "Cela." in other.content.decode()


def test_a_piece_too_large_is_refused_before_it_is_kept(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its form; and by the guard of all uploads, which reads no further."""
    monkeypatch.setattr("web.pages.signaler.PIECE", 1_000)
    client = site.visiteur(Role.USAGER)
    assert signaler(site, client, piece=SimpleUploadedFile("a.pdf", b"x" * 1_001)).status_code == 422
    monkeypatch.setattr("web.televersement.MAX", 2_000)
    assert signaler(site, client, piece=SimpleUploadedFile("a.pdf", b"x" * 5_000)).status_code == 413

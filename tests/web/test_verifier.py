"""Verifying without an account: what holds, what was changed, what is not known; nothing that is brought does harm."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from app.export_lecture import EXPERT, Demande
from app.export_paquet import faire
from app.exports import lecture, rafraichir
from app.promises import receipts
from tests.web.conftest import Site
from web import demo, verification
from web.acces import Role


def verdict(text: str) -> str:
    """What the page says first."""
    found = re.search(r'<h2 id="verdict">([^<]+)</h2>', text)
    assert found is not None, text[:2_000]
    return found[1]


def apporter(content: bytes, name: str = "fichier") -> str:
    """Bring a file, without an account; what the page says."""
    answer = Client().post("/verifier/", {"fichier": SimpleUploadedFile(name, content)})
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


@pytest.fixture(scope="module")
def recu(served: Site) -> bytes:
    """The receipt of an act, with its content."""
    opened = served.registre.exploitant
    [entry] = [each for each in served.ledger.life(demo.PERSONNE) if each.fait.id == "C04-002"]
    return bytes(receipts(served.registre.settings, opened).of(entry, opened=True))


@pytest.fixture(scope="module")
def paquet(served: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[bytes]:
    """The bundle of a life."""
    settings, opened = served.registre.settings, served.registre.exploitant
    rafraichir(settings, opened)
    asked = Demande(id=uuid4(), personne=demo.PERSONNE, profil=EXPERT, au=date(2026, 11, 27), tiers=False)
    made = faire(settings, opened, asked, datetime.now(UTC))
    path = tmp_path_factory.mktemp("paquet") / "p.zip"
    made.produit.ecrire(path, lecture(opened, demo.PERSONNE, made.produit.sujets))
    return path.read_bytes()  # type: ignore[return-value] # one value, no end to wait for


def test_a_receipt_holds_and_one_changed_octet_does_not(site: Site, recu: bytes) -> None:
    """Every octet counts, wherever it is."""
    assert verdict(apporter(recu)) == "COHÉRENT, ancrage non confirmé"  # no witness is asked for here
    assert "la ligne promise est là" in apporter(recu)
    for place in range(60, len(recu), len(recu) // 12):
        changed = recu[:place] + bytes([recu[place] ^ 1]) + recu[place + 1 :]
        assert verdict(apporter(changed)) == "ALTÉRÉ OU INVÉRIFIABLE", place


def test_a_bundle_is_judged_by_the_published_verifier(site: Site, paquet: bytes) -> None:
    """Its verdict and its words; one changed octet is named; the words are escaped."""
    text = apporter(paquet, "<b>.zip")
    assert verdict(text) == "COHÉRENT, ancrage non confirmé"
    assert "chaque ligne est dans l&#39;arbre" in text or "chaque ligne est dans l'arbre" in text
    middle = len(paquet) // 2
    changed = paquet[:middle] + bytes([paquet[middle] ^ 1]) + paquet[middle + 1 :]
    assert verdict(apporter(changed)) == "ALTÉRÉ OU INVÉRIFIABLE"


def test_a_pdf_handed_over_is_known_by_its_digest_and_names_nobody(site: Site) -> None:
    """By the file and by what is typed, spaces and case aside; the person is not told of."""
    client = site.visiteur(Role.USAGER)
    where = f"/dossiers/{site.sujet()}/recus/"
    made = client.post(where, {"quoi": "blocage", "envoi": str(uuid4())})
    content = client.get(made["Location"]).content
    digest = sha256(content).hexdigest()
    typed = Client().post("/verifier/", {"empreinte": f"  {digest[:32].upper()} {digest[32:]} "}).content.decode()
    for text in (apporter(content), typed):
        assert verdict(text) == "CONNU"
        assert "relevé de blocage" in text
        assert demo.PERSONNE not in text
        assert site.sujet() not in text


@pytest.mark.parametrize(
    "content",
    [b"x", b"%PDF-1.7 autre", b"\x00" * 100, b"<script>alert(1)</script>", b"\x1f\x8b" * 9, "é".encode() * 99],
)
def test_what_is_not_known_is_answered_alike(site: Site, content: bytes) -> None:
    """The same words for anything else, whatever it looks like; nothing of it comes back."""
    text = apporter(content)
    assert verdict(text) == "INCONNU"
    assert "<script>alert" not in text
    ours = sha256(b"autre chose").hexdigest()
    other = Client().post("/verifier/", {"empreinte": ours}).content.decode()
    told = [each[each.index('<section class="verdict') : each.index("</section>")] for each in (text, other)]
    assert len({re.sub("[0-9a-f]{64}", "…", each) for each in told}) == 1


def test_a_bomb_and_a_broken_archive_end_in_a_verdict(site: Site) -> None:
    """The verifier ends by itself, within its bounds."""
    for content in (b"PK\x03\x04", b"PK\x03\x04" + bytes(3_000_000), b"PK\x03\x04" + b"PK\x01\x02" * 10_000):
        assert verdict(apporter(content)) in {"ALTÉRÉ OU INVÉRIFIABLE", "INCONNU"}


def test_a_verifier_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Past its time, or greedy: no verdict, no words, and the page goes on."""
    monkeypatch.setattr(verification, "SECONDES", 1)
    for program in (b"while True: pass", b"import time; time.sleep(60)", b"x = bytearray(3 << 30)"):
        monkeypatch.setattr(verification, "verificateur", lambda program=program: program)
        code, _ = verification._juger(tmp_path, b"", "")  # noqa: SLF001 - the bounds are what is tested
        assert code not in {0, 1, 2} or program.startswith(b"x")


def test_the_verifier_sees_nothing_of_this_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No environment, no other module of ours."""
    monkeypatch.setenv("CONSTAT_SECRET_D_ESSAI", "dit")
    monkeypatch.setattr(
        verification, "verificateur", lambda: b"import os, sys; print(dict(os.environ)); print(sys.flags.isolated)"
    )
    _, said = verification._juger(tmp_path, b"", "")  # noqa: SLF001
    assert "CONSTAT" not in said
    assert said.endswith("1\n")


def test_three_at_once_are_too_many(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The third is told to come back; nothing waits."""
    held = [verification.ENSEMBLE.acquire(blocking=False) for _ in range(2)]
    try:
        assert held == [True, True]
        answer = Client().post("/verifier/", {"fichier": SimpleUploadedFile("a.zip", b"PK\x03\x04")})
        assert answer.status_code == 503
    finally:
        for _ in held:
            verification.ENSEMBLE.release()


@pytest.mark.parametrize("champs", [{}, {"empreinte": "zz"}, {"empreinte": "a" * 63}, {"empreinte": "a\x00"}])
def test_nothing_to_verify_is_said_in_place(site: Site, champs: dict[str, str]) -> None:
    """422, and what to do."""
    answer = Client().post("/verifier/", champs)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_a_file_too_large_is_sent_to_the_published_verifier(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not read here."""
    monkeypatch.setattr(verification, "PAQUET", 10)
    answer = Client().post("/verifier/", {"fichier": SimpleUploadedFile("a.zip", b"x" * 11)})
    assert answer.status_code == 422
    assert "vérificateur publié" in answer.content.decode()


@pytest.mark.parametrize("page", ["verifier", "aide", "accessibilite", "donnees-personnelles"])
def test_public_pages_have_one_title_and_headings_in_order(site: Site, page: str) -> None:
    """One h1, no level passed over, French; nothing fetched from elsewhere."""
    text = Client().get(f"/{page}/").content.decode()
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert not re.search(r"(src|href)=\"(https?:)?//|style=|\son\w+=", text)
    assert "faute" not in text.lower().replace("faute d'audit", "")

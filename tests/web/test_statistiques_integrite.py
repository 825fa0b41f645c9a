"""Figures and integrity: one's own scope, small cells masked in every form, nothing named, one line and one file checked."""

import csv
import json
import re
from datetime import UTC, date, datetime
from hashlib import sha256
from html import unescape
from http import HTTPStatus
from io import BytesIO, StringIO
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest

from app import integrite
from app.audit import record_audit
from app.open import sealer_of
from app.transversal import recherches_montrant
from bench.dossiers import lines
from ledger.events.acces import ExportProduit
from ledger.events.listes import FondementAcces, NatureExport
from ledger.events.types import TypeTitre
from ledger.interchange import read_line
from ledger.seal.checkpoint import Checkpoint, TlogProof
from ledger.seal.checks import line_hash
from ledger.seal.log import SealedLog
from ledger.seal.proof import included
from projections.chiffres_filtres import Filtre
from projections.imputation.modeles import Imputation
from projections.statistiques import JoursPerdus, Par, Statistiques
from replay.checks.report import Check
from replay.verify import verify
from tests.faits import fait
from tests.web.conftest import Site
from web import demo
from web.acces import Role
from web.barres import Barre, Barres, Segment
from web.chiffres import Demande
from web.pages.integrite import age
from web.pages.statistiques import jours_perdus, vers

PERIOD = "annee=2026"


@pytest.fixture(scope="module")
def peuple(served: Site) -> Site:
    """The site with sixty more persons, in another préfecture."""
    served.ledger.append([read_line(line) for line in lines(30 * 60)])
    served.ledger.sequence()
    return served


def rows(text: str) -> list[dict[str, str]]:
    """The rows of a CSV that was downloaded."""
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"))))


def figures(text: str) -> str:
    """What the page tells, without its form."""
    return text[text.index("<h1>") : text.index("<form method")] + text[text.index("</form>", text.index("filtres")) :]


def test_the_page_its_file_and_the_api_say_the_same(peuple: Site, site: Site) -> None:
    """Each figure of the file stands in the page and in the answer to a program; what is masked is so in all three."""
    client = site.visiteur(Role.DDD)
    for asked in (f"{PERIOD}&par=mois", f"{PERIOD}&par=mois&rupture=APPLICANT", f"{PERIOD}&mois=5&par=titre"):
        page = client.get(f"/statistiques/?{asked}").content.decode()
        answer = client.get(f"/statistiques/chiffres.csv?{asked}&tableau=jours")
        found = rows(answer.content.decode())
        told = json.loads(client.get(f"/api/v1/statistiques?{asked}").content)["statistiques"]["jours_perdus"]
        assert [each["jours"] for each in found] == [str(each["total"] or "masqué") for each in told]
        assert {each["periode"] for each in found} == ({"mai 2026"} if "mois=5" in asked else {"2026"})
        for each in found:
            assert f"<td>{each['jours']}</td>" in page
            assert each["jours"] == "masqué" or int(each["personnes"]) >= 10
            assert int(each["personnes"].replace("masqué", "0")) % 10 == 0
    assert len(rows(client.get(f"/statistiques/chiffres.csv?{PERIOD}&par=mois&tableau=jours").content.decode())) > 5
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Security-Policy"] == "sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_every_figure_leaves_in_one_file_with_its_filter(peuple: Site, site: Site) -> None:
    """One a row, each with the period, every filter and the minimum."""
    client = site.visiteur(Role.DDD)
    found = rows(client.get(f"/statistiques/chiffres.csv?{PERIOD}").content.decode())
    assert {each["minimum"] for each in found} == {"10"}
    assert {each["dossiers"] for each in found} == {"70"}
    assert len({each["tableau"] for each in found}) > 2
    assert all(each["valeur"] for each in found)
    found = rows(client.get(f"/statistiques/chiffres.csv?{PERIOD}&incident=aucun&rupture=APPLICANT").content.decode())
    assert {each["filtre_dysfonctionnement"] for each in found} == {"aucun dysfonctionnement reconnu"}
    assert {each["filtre_rupture"] for each in found} == {"imputable à la personne"}
    assert {each["filtre_titre"] for each in found} == {"tous"}
    assert {each["tableau"] for each in found} == {"jours"}


def test_each_filter_counts_less_and_says_so(peuple: Site, site: Site) -> None:
    """« n dossiers · n ruptures » of a title, of a rupture, of both: never more than without, and masked at last."""
    client = site.visiteur(Role.DDD)
    seen = []
    for more in ("", "&rupture=APPLICANT", "&rupture=APPLICANT&mois=5", "&rupture=SHARED&mois=2&titre=cst"):
        text = client.get(f"/statistiques/?{PERIOD}{more}").content.decode()
        told = re.search(r"<strong>([\d\W]+) dossiers? · ([\d\W]+) ruptures?</strong>", text)
        seen.append([int(re.sub(r"\D", "", each)) for each in told.groups()] if told else [0, 0])
        assert told or "effectifs sont masqués" in text
    assert all(more <= less for less, more in pairwise(seen))
    assert seen[-1] == [0, 0]
    assert [0, 0] < seen[1] < seen[0]
    page = client.get(f"/statistiques/?{PERIOD}&rupture=APPLICANT").content.decode()
    assert 'value="APPLICANT" selected' in page
    assert "n'ont pas de rupture" in page


def test_a_supervisor_sees_their_own_prefecture_alone(peuple: Site, site: Site) -> None:
    """Whatever the address says, page, file and API; no other préfecture is even named."""
    client = site.visiteur(Role.SUPERVISEUR)
    plain = client.get(f"/statistiques/?{PERIOD}").content.decode()
    for more in ("prefecture=prefecture fictive", "par=prefecture", "prefecture=", "prefecture=%00"):
        text = client.get(f"/statistiques/?{PERIOD}&{more}").content.decode()
        assert "fecture fictive" not in text
        assert figures(text) == figures(plain)
        table = rows(client.get(f"/statistiques/chiffres.csv?{PERIOD}&{more}").content.decode())
        assert {each["prefecture"] for each in table} <= {demo.PREFECTURE}
    refused = client.get(f"/api/v1/statistiques?{PERIOD}&prefecture=prefecture fictive")
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    own = json.loads(client.get(f"/api/v1/statistiques?{PERIOD}").content)
    everybody = json.loads(site.visiteur(Role.DDD).get(f"/api/v1/statistiques?{PERIOD}").content)
    assert own["dossiers"] is None or own["dossiers"] < everybody["dossiers"]
    text = site.visiteur(Role.DDD).get(f"/statistiques/?{PERIOD}&par=prefecture").content.decode()
    assert "Préfecture fictive" in text


def test_a_filter_that_cannot_be_read_is_none(peuple: Site, site: Site) -> None:
    """A year, month, préfecture, title, malfunction or rupture that is none: as if not written; refused by the API."""
    client = site.visiteur(Role.DDD)
    plain = figures(client.get("/statistiques/").content.decode())
    for bad in (
        "annee=hier",
        "annee=9999",
        "annee=2149",
        "mois=13",
        "par=rien",
        "prefecture=<script>alert(1)</script>",
        "titre=rien",
        "incident=B99",
        "rupture=END_OF_RIGHT_BY_DECISION",
        "rupture=faux",
    ):
        answer = client.get(f"/statistiques/?{bad}")
        assert answer.status_code == HTTPStatus.OK
        assert b"alert(1)" not in answer.content
        assert figures(answer.content.decode()) == plain, bad
        if (
            bad != "annee=2149"
        ):  # a year that can be written, of which nothing is counted yet: the last one stands for it
            refused = client.get(f"/api/v1/statistiques?{bad}")
            assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, bad
    assert client.get("/statistiques/chiffres.csv?tableau=../../etc").status_code == HTTPStatus.NOT_FOUND
    assert client.get("/api/v1/statistiques?du=2025-01-01").status_code == HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.mark.parametrize("par", list(Par))
def test_every_breakdown_is_drawn(peuple: Site, site: Site, par: Par) -> None:
    """With a chart that has a name, unless all its cells are masked, and its table."""
    text = site.visiteur(Role.DDD).get(f"/statistiques/?annee=2025&par={par.value}").content.decode()
    assert 'role="img"' in text or "Effectifs masqués" in text
    assert text.count("<caption>") > 5
    assert "style=" not in text


def test_each_bar_leads_to_what_it_counts_with_the_filter_kept(peuple: Site, site: Site) -> None:
    """One more filter, broken down by what is left open; a title of one's own service leads into its queue."""
    client = site.visiteur(Role.DDD)
    asked = f"{PERIOD}&rupture=APPLICANT"
    for par, kept in ((Par.MOIS, asked), (Par.PREFECTURE, PERIOD)):
        text = client.get(f"/statistiques/?{kept}&par={par}").content.decode()
        links = [unescape(each) for each in re.findall(r'<th scope="row"><a href="(/statistiques/\?[^"]*)"', text)]
        assert links
        for link in links:
            fields = parse_qs(urlsplit(link).query)
            assert parse_qs(kept).items() <= fields.items()
            assert par.value in fields
            assert fields["par"] != [par.value]
        assert "effectifs sont masqués" not in client.get(links[0]).content.decode()
    demande = Demande(Filtre(annee=2026, mois=2, titre=TypeTitre.CST, par=Par.INCIDENT), date(2026, 11, 1), None, {})
    fields = parse_qs(urlsplit(vers(demande, file=False)("B02")).query)
    assert fields == {
        "annee": ["2026"], "mois": ["2"], "titre": ["cst"], "incident": ["B02"], "par": ["ensemble"],
    }  # fmt: skip
    assert vers(demande, file=False)("*") == ""
    own = site.visiteur(Role.SUPERVISEUR).get(f"/statistiques/?{PERIOD}&par=titre").content.decode()
    for queue in re.findall(r'href="(/file/\?titre=[a-z_]+)"', own)[:1]:
        assert site.visiteur(Role.SUPERVISEUR).get(queue).status_code == HTTPStatus.OK
    assert "/file/" not in client.get(f"/statistiques/?{PERIOD}&par=titre").content.decode()


def test_what_is_masked_is_not_in_the_drawing_nor_the_file() -> None:
    """Neither its number nor its length, by whatever form."""
    told = Statistiques(
        du=datetime(2025, 1, 1, tzinfo=UTC).date(), au=datetime(2025, 2, 1, tzinfo=UTC).date(), par=Par.PREFECTURE,
        prefecture=None, minimum=10, tableaux=(), masquage="",
        jours_perdus=(
            JoursPerdus(cle="a", masquee=True),
            JoursPerdus(cle="<b>", masquee=False, personnes=40, total=400,
                        jours={Imputation.ADMINISTRATION.value: None, Imputation.APPLICANT.value: 250, Imputation.SHARED.value: None}),
        ),
    )  # fmt: skip
    drawn = jours_perdus(told, {"a": "=HYPERLINK(1)"})
    first, second = drawn.barres
    assert set(first.cellules) == {None}
    assert [each.etat for each in second.segments] == ["applicant"]
    svg, text = drawn.svg("x"), drawn.csv()
    assert "<b>" not in svg
    assert "&lt;b&gt;" in svg
    assert svg.count('class="part ') == 2
    assert "'=HYPERLINK" in text
    assert text.splitlines()[1].count("masqué") == len(first.cellules)


def test_bars_are_as_long_as_their_numbers() -> None:
    """The longest takes the whole width, and the parts of a bar follow one another."""
    bars = Barres(
        code="c", titre="t", unite="u", legende=(("oui", "o"), ("reste", "r")), colonnes=("n", "v"),
        barres=(
            Barre(nom="long", valeur=40, texte="40", segments=(Segment(etat="oui", valeur=10), Segment(etat="reste", valeur=30)), cellules=(40,)),
            Barre(nom="court", valeur=20, texte="20", cellules=(20,)),
        ),
    )  # fmt: skip
    svg = bars.svg("g")
    assert 'x="0.0%" y="20" width="25.0%"' in svg
    assert 'x="25.0%" y="20" width="75.0%"' in svg
    assert 'width="50.0%"' in svg
    assert bars.cles == (("oui", "o"), ("reste", "r"))
    assert "long\u202f: 40" in bars.description


# ------------------------------------------------------------------ integrity


def test_the_page_tells_the_last_audit_and_verifies_nothing_itself(site: Site) -> None:
    """None at first; then what was recorded, favourable or not, the checks that failed named."""
    client = site.visiteur(Role.ADMINISTRATEUR)
    assert "Aucune vérification complète" in client.get("/integrite/").content.decode()
    report = verify(site.ledger)
    record_audit(site.ledger, report, None, datetime.now(UTC))
    assert "Aucun écart" in client.get("/integrite/").content.decode()
    report.add(Check.PLACE, "position <12>", "essai")
    record_audit(site.ledger, report, None, datetime.now(UTC))
    text = client.get("/integrite/").content.decode()
    assert "1 écart" in text
    assert "position &lt;12&gt;" in text
    assert "position <12>" not in text


def test_a_line_is_proved_by_what_can_be_downloaded(site: Site) -> None:
    """The line, its proof and the checkpoint, put together by hand, lead to the root that was signed."""
    client = site.visiteur(Role.DDD)
    sealer = sealer_of(site.registre.settings, site.registre.exploitant)
    sealer.seal()
    sealer.close()
    text = client.get("/integrite/?ligne=3").content.decode()
    assert "intacte, et dans l'arbre signé" in text
    line = client.get("/integrite/telecharger/?quoi=ligne&ligne=3").content
    proof = TlogProof.parse(client.get("/integrite/telecharger/?quoi=preuve&ligne=3").content)
    point = proof.checkpoint
    assert included(leaf=line_hash(line), index=2, size=point.size, path=proof.path, root=point.root)
    assert point.origin.encode() in client.get("/integrite/telecharger/?quoi=point").content
    assert "Aucune ligne n'a cette position" in client.get("/integrite/?ligne=99999999").content.decode()
    for bad in ("ligne=0", "ligne=-1", "ligne=abc", "ligne=1e3"):
        assert client.get(f"/integrite/?{bad}").status_code == HTTPStatus.OK
    assert client.get("/integrite/telecharger/?quoi=ligne&ligne=99999999").status_code == HTTPStatus.NOT_FOUND
    assert client.get("/integrite/telecharger/?quoi=preuve").status_code == HTTPStatus.NOT_FOUND


def test_the_last_lines_are_verified_at_once_and_a_wrong_one_is_named(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a button: how many and from where to where; or the first wrong line, both hashes, and the exports since."""
    client = site.visiteur(Role.SUPERVISEUR)
    monkeypatch.setattr(integrite, "DERNIERES", 5)
    text = client.post("/integrite/", {"maintenant": "1"}).content.decode()
    assert "aucun écart" in text
    [(lines, first, last)] = re.findall(r"(\d+) lignes refaites, de la position (\d+) à la position (\d+)", text)
    assert (int(lines), int(last) - int(first)) == (5, 4)
    assert "À corriger" not in text
    true = integrite.checks.line_hash
    wrong = integrite.ligne(site.registre.exploitant, int(first) + 2)
    assert wrong is not None
    monkeypatch.setattr(integrite.checks, "line_hash", lambda raw: true(raw + b" " * (raw == wrong.ligne.encode())))
    text = client.post("/integrite/", {"maintenant": "1"}).content.decode()
    assert f"La ligne {int(first) + 2} n'est pas celle qui a été scellée" in text
    assert wrong.empreinte in text
    assert true(wrong.ligne.encode() + b" ").hex() in text
    assert "0 export" in text
    assert DEPUIS_LA_LIGNE not in text
    assert site.visiteur(Role.AGENT).post("/integrite/", {"maintenant": "1"}).status_code == HTTPStatus.FORBIDDEN


DEPUIS_LA_LIGNE = "Exports remis depuis cette ligne"
DEPUIS_L_AUDIT = "Exports remis depuis la dernière vérification sans écart"


def lignes_du_tableau(text: str, nom: str) -> list[list[str]]:
    """The cells of each row of the table of exports that has this name."""
    begins = text.index("Où le lire", text.index(f'aria-label="{nom}"'))
    body = text[begins : text.index("</tbody>", begins)]
    return [re.findall(r"<t[hd](?: scope=\"row\")?>(.*?)</t[hd]>", row) for row in body.split("<tr>")[1:]]


def test_the_exports_at_risk_are_listed_for_who_may_read_them(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hers rest on her wrong line, another person's on its place alone; a link for who may export, traced as a list is."""
    facts = (("export-elle", demo.PERSONNE, "relevé"), ("export-autre", "jana-exemple-n05", None))
    wrong = site.ledger.append([fait(id="a-fausser", personne=demo.PERSONNE, objet="D-C04-1")])[0]
    for ident, who, profil in facts:
        event = ExportProduit(
            nature=NatureExport.HISTORIQUE, fondement=FondementAcces.PERSONNE_CONCERNEE, sha256="3" * 64, profil=profil,
            export=ident,
        )  # fmt: skip
        site.ledger.append([fait(id=ident, personne=who, objet="exports", evenement=event)])
    site.ledger.sequence()
    sealed = next(e for e in site.ledger.life(demo.PERSONNE) if e.event_id == wrong.event_id)
    assert sealed.position is not None
    line = integrite.ligne(site.registre.exploitant, sealed.position)
    assert line is not None
    true = integrite.checks.line_hash
    monkeypatch.setattr(integrite.checks, "line_hash", lambda raw: true(raw + b" " * (raw == line.ligne.encode())))
    text = unescape(site.visiteur(Role.DDD).post("/integrite/", {"maintenant": "1"}).content.decode())
    assert "2 exports : ce qu'ils disent" in text.replace("\u202f", " ")
    other, hers = lignes_du_tableau(text, DEPUIS_LA_LIGNE)
    assert hers[2:4] == ["relevé", "ce qu'il conclut"]
    assert other[2:] == ["historique", "la preuve de sa place seulement", "non ouvert à votre compte"]
    assert f"/dossiers/{site.sujet()}/export/#e-export-elle" in hers[4]
    assert site.sujet("jana-exemple-n05") not in text
    shown = recherches_montrant(site.registre.suivi, site.registre.exploitant, bytes.fromhex(site.sujet()))
    assert shown[-1].fait.acteur.service == site.compte(Role.DDD).service
    for role in (Role.SUPERVISEUR, Role.ADMINISTRATEUR):
        text = unescape(site.visiteur(role).post("/integrite/", {"maintenant": "1"}).content.decode())
        assert [row[4] for row in lignes_du_tableau(text, DEPUIS_LA_LIGNE)] == ["non ouvert à votre compte"] * 2
        assert site.sujet() not in text


def test_a_recorded_finding_lists_what_left_since_the_last_sound_audit(site: Site) -> None:
    """Not what left before it; without any sound audit, everything."""
    client = site.visiteur(Role.SUPERVISEUR)
    report = verify(site.ledger)
    event = ExportProduit(nature=NatureExport.AUTRE, fondement=FondementAcces.PERSONNE_CONCERNEE, sha256="4" * 64)
    site.ledger.append([fait(id="avant", personne=demo.PERSONNE, objet="exports", evenement=event)])
    site.ledger.sequence()
    sealer = sealer_of(site.registre.settings, site.registre.exploitant)
    sealer.seal()
    sealer.close()
    with site.ledger.connection() as conn:
        note = SealedLog(conn).latest()
    assert note is not None
    record_audit(site.ledger, report, Checkpoint.parse(note.text), datetime.now(UTC))
    assert "Exports à revoir" not in client.get("/integrite/").content.decode()
    report.add(Check.PLACE, "position 12", "essai")
    record_audit(site.ledger, report, None, datetime.now(UTC))
    text = client.get("/integrite/").content.decode()
    assert "0 export remis depuis la dernière vérification sans écart" in text
    site.ledger.append([fait(id="apres", personne=demo.PERSONNE, objet="exports", evenement=event)])
    site.ledger.sequence()
    [[_, _, what, _]] = lignes_du_tableau(client.get("/integrite/").content.decode(), DEPUIS_L_AUDIT)
    assert what == "autre"


def test_a_file_is_known_by_its_bytes_or_by_its_digest_and_names_nobody(peuple: Site, site: Site) -> None:
    """The kind of fact and its line; not whose it is. One octet more, and it is unknown."""
    client = site.visiteur(Role.DDD)
    known = sha256(b"fictif-3/0").hexdigest()
    for sent in ({"empreinte": known.upper()}, {"fichier": BytesIO(b"fictif-3/0")}):
        text = client.post("/integrite/", sent).content.decode()
        assert "au registre" in text
        assert "Une pièce a été versée" in text
        assert "fictif-3" not in text
    assert "inconnue du registre" in client.post("/integrite/", {"fichier": BytesIO(b"fictif-3/0.")}).content.decode()


def test_both_or_neither_and_what_is_no_digest_are_refused_in_place(site: Site) -> None:
    """With the words that say what to do."""
    client = site.visiteur(Role.DDD)
    for sent in ({}, {"empreinte": "ab"}, {"empreinte": "a" * 64, "fichier": BytesIO(b"x")}, {"fichier": BytesIO(b"")}):
        assert "À corriger" in client.post("/integrite/", sent).content.decode()


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, "jamais"),
        (3.0, "il y a moins d'une minute"),
        (120.0, "il y a 2 minutes"),
        (7_300.0, "il y a 2 heures"),
        (90_000.0, "il y a 1 jour"),
    ],
)
def test_an_age_is_said_in_words(seconds: float | None, told: str) -> None:
    """Rounded down to the unit one thinks in."""
    assert age(seconds) == told

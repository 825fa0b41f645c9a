"""The pages of proof: every conclusion with its chain, what speaks against it, and the facts that it rests on."""

import re
from dataclasses import replace
from datetime import date
from hashlib import sha256
from html import unescape
from pathlib import Path

import pytest

from ledger.coffre import Id
from projections.chronologie import Filtre
from replay.as_of import Moment
from replay.preuve import Preuve, preuve
from tests.web.conftest import Site
from tests.web.vie_prouvee import AGENT, CONTENU, PIEGE, Prouvee, enregistrer
from web.acces import Role
from web.gabarit import fr
from web.lecture import Vie, sujet_de
from web.lu import montrees, preuve_de, ramene
from web.pages import chronologie
from web.pages.preuves import intervalles

AU = "2026-02-11"
ETRANGES = ("9999-12-31", "0001-01-01", "2026-02-30", "\x00", "\u202e", "x" * 10_000, "<script>", "2026-W01-1")


@pytest.fixture
def prouvee(site: Site, tmp_path: Path) -> Prouvee:
    """Her."""
    return enregistrer(site, tmp_path)


def vie(prouvee: Prouvee) -> Vie:
    """Her life, as the site reads it."""
    found = prouvee.site.registre.lecteur.vie(sujet_de(prouvee.sujet) or b"")
    assert found is not None
    return found


def preuve_d_elle(prouvee: Prouvee) -> Preuve:
    """What the evidence says of her."""
    return preuve(vie(prouvee).entries, Moment(None, date.fromisoformat(AU)))


def texte(html: str) -> str:
    """The words of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def dit(words: str) -> str:
    """A sentence as a page shows it, its spaces made one."""
    return " ".join(fr(words).split())


def test_chaque_intervalle_a_son_ancre_et_la_chronologie_y_mene(prouvee: Prouvee) -> None:
    """One click from the timeline; every anchor is there once."""
    page = prouvee.lire(Role.REPRESENTANT, f"preuves/?au={AU}")
    lost = [each for each in preuve_d_elle(prouvee).attributions if each.couche == "preuve"]
    anchors = re.findall(r'id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))
    assert lost
    assert {f"du-{each.du}" for each in lost} <= set(anchors)
    assert {each.ancre for each in intervalles(preuve_d_elle(prouvee), vie(prouvee))} <= set(anchors)
    timeline = prouvee.lire(Role.REPRESENTANT, f"?au={AU}")
    assert all(f"/preuves/?au={AU}#du-{each.du}" in timeline for each in lost)


def test_une_longue_chronologie_se_lit_par_annee_ou_d_un_coup(
    prouvee: Prouvee, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond what one page shows, the last year and a counter for each; what is handed over, and « tout », hold all."""
    monkeypatch.setattr(chronologie, "ENTIERE", 3)
    client, where = prouvee.comme(Role.REPRESENTANT), f"/dossiers/{prouvee.sujet}/"
    page = client.get(f"{where}?au=2026-06-01").content.decode()
    years = {year: int(count) for year, count in re.findall(r"annee=(\d{4})[^>]*>\1 \((\d+)\)", page)}
    assert len(years) > 1

    def montres(query: str) -> int:
        return len(re.findall(r'id="[ni]-', client.get(f"{where}?au=2026-06-01&{query}").content.decode()))

    assert montres("") == montres(f"annee={max(years)}") == years[max(years)]
    assert {year: montres(f"annee={year}") for year in years} == years
    assert montres("annee=toutes") == sum(years.values())
    handed = client.get(f"{where}?au=2026-06-01&annee={max(years)}&format=json").json()
    assert handed["montres"] == len(handed["faits"]) == sum(years.values())


def test_le_formulaire_de_la_chronologie_ne_demande_que_ce_qu_elle_sait_filtrer(prouvee: Prouvee) -> None:
    """A field that the filter does not know would be set and change nothing."""
    page = prouvee.lire(Role.AGENT, "")
    form = page.partition('class="filtres"')[2].partition("</form>")[0]
    assert set(re.findall(r'name="([^"]+)"', form)) == {*Filtre.model_fields, "vue"}
    assert 'class="selon-ecran"' in page


def test_chaque_echec_dit_ce_que_la_personne_avait_fait_avant(prouvee: Prouvee) -> None:
    """Folded under the failure, each action by its number; the summary leaves it out."""
    other = replace(prouvee, sujet=prouvee.site.sujet("dalia-exemple-c05"))
    page = other.lire(Role.AGENT, "")
    [fold, *_] = re.findall(r"<details><summary>Avant cet échec : (.*?)</details>", page, re.DOTALL)
    assert re.search(r'href="faits/\d+/"', fold)
    assert "Avant cet échec" not in other.lire(Role.AGENT, "?vue=resume")


def test_qui_ne_voit_pas_les_preuves_n_y_est_pas_mene(prouvee: Prouvee) -> None:
    """The contact centre sees the timeline and the fact, and no link to what it is refused."""
    for page in (f"?au={AU}", "faits/1/"):
        assert "/preuves/" not in prouvee.lire(Role.CCC, page)
    assert "/preuves/" in prouvee.lire(Role.AGENT, "faits/1/")


def test_tout_constat_de_la_chaine_est_montre_avec_ses_textes(prouvee: Prouvee) -> None:
    """Nothing of the evidence is left out, whichever side it favours; a text that was not verified says so."""
    shown = texte(prouvee.lire(Role.DDD, f"preuves/?au={AU}"))
    for lost in preuve_d_elle(prouvee).attributions:
        assert lost.imputation.libelle in shown.lower()
        for link in (*lost.chaine, *lost.contre):
            assert dit(link.texte) in shown
            assert all(dit(each) in shown for each in link.articles)
            if link.recherche is not None:
                assert dit(link.recherche.acte) in shown
    assert "(non vérifié)" in shown
    assert "faute" not in shown.lower()


def test_ce_qui_a_ete_cherche_en_sens_contraire_est_dit(site: Site) -> None:
    """Where nothing speaks for the other side, the page says what was looked for, on which days, in which sources."""
    hers = site.registre.lecteur.vie(sujet_de(site.sujet()) or b"")
    assert hers is not None
    page = site.visiteur(Role.USAGER).get(f"/dossiers/{site.sujet()}/preuves/", {"au": "2024-09-30"})
    shown = texte(page.content.decode())
    found = [each for lost in preuve_de(hers, Moment(None, date(2024, 9, 30))).attributions for each in lost.contre]
    assert [each.recherche for each in found if each.recherche]
    for link in found:
        assert dit(link.texte) in shown
    assert "Cherché, non trouvé un manquement de la personne, du 4 septembre 2023 au" in shown
    assert "Sources présentes le téléservice (ANEF)" in shown


def test_chaque_fait_cite_s_ouvre(prouvee: Prouvee) -> None:
    """The number of a fact leads to its page, which says what rests on it."""
    client = prouvee.comme(Role.AGENT)
    page = client.get(f"/dossiers/{prouvee.sujet}/preuves/", {"au": AU}).content.decode()
    links = set(re.findall(rf"/dossiers/{prouvee.sujet}/faits/\d+/", page))
    assert links
    for link in links:
        answer = client.get(link, {"au": AU})
        assert answer.status_code == 200, link
    cited = client.get(f"/dossiers/{prouvee.sujet}/faits/1/", {"au": AU}).content.decode()
    assert "#du-2025-10-01" in cited


def test_un_fait_conteste_le_dit_dans_la_preuve(prouvee: Prouvee) -> None:
    """Who disputes it is told beside the chain, and the conclusion is « contesté »."""
    shown = texte(prouvee.lire(Role.REPRESENTANT, f"preuves/?au={AU}"))
    assert dit("Le service interrogé conteste ce fait devant le Défenseur des droits :") in shown
    assert "contesté" in shown


def test_un_fait_conteste_l_est_a_l_etape_qui_repose_sur_lui(prouvee: Prouvee) -> None:
    """In the chain at that step and no other, in the timeline, on its page; what disputes it says which fact."""
    target, against = (numero(prouvee, each) for each in ("C01-001", "P-3"))
    page = prouvee.lire(Role.REPRESENTANT, f"preuves/?au={AU}")
    said = f"le fait n° {target}"
    [chain, *_] = re.findall(r'<ol class="chaine">(.*?)</ol>', page, re.DOTALL)
    steps = [texte(each) for each in re.findall(r"<li>(.*?)</li>", chain, re.DOTALL)]
    disputed = [each for each in steps if "est contesté par" in each]
    assert disputed
    assert len(disputed) < len(steps)
    assert all(said.replace(" ", "") in each.replace("\u00a0", "").replace(" ", "") for each in disputed)
    assert all("contesté" in each.partition("Fait")[0] for each in disputed)
    before = prouvee.lire(Role.REPRESENTANT, "preuves/?au=2026-01-31")
    assert "dans la fenêtre" in before
    assert "est contesté par" not in before
    timeline = prouvee.lire(Role.REPRESENTANT, f"?au={AU}&annee=toutes")
    rows = {n: re.search(rf'id="n-{n}">.*?</li>', timeline, re.DOTALL) for n in (target, against)}
    assert f'contesté</span> par le fait <a href="#n-{against}"' in (rows[target] or [""])[0]
    assert f'Conteste le fait <a href="#n-{target}"' in (rows[against] or [""])[0]
    assert "Ce fait est contesté par" in texte(prouvee.lire(Role.REPRESENTANT, f"faits/{target}/"))
    assert "Ce fait en conteste" in texte(prouvee.lire(Role.REPRESENTANT, f"faits/{against}/"))


def test_chaque_fait_de_la_chaine_se_conteste_par_son_numero(prouvee: Prouvee) -> None:
    """A link at each step, for who may, that names the fact; nobody else has one."""
    page = prouvee.lire(Role.REPRESENTANT, f"preuves/?au={AU}")
    links = set(re.findall(r'href="([^"]*/signaler/\?fait=\d+)"', page))
    assert f"/dossiers/{prouvee.sujet}/signaler/?fait={numero(prouvee, 'C01-001')}" in links
    form = prouvee.comme(Role.REPRESENTANT).get(min(links)).content.decode()
    assert "Vous contestez le fait" in form
    assert "/signaler/" not in prouvee.lire(Role.AGENT, f"preuves/?au={AU}")


def test_le_calcul_se_lit_pas_a_pas(prouvee: Prouvee) -> None:
    """Each finding with its rule, its version, how far it was verified, its facts, and what it counted."""
    page = prouvee.lire(Role.DDD, f"preuves/?au={AU}")
    folds = [texte(each) for each in re.findall(r'<details class="calcul">(.*?)</details>', page, re.DOTALL)]
    proof = preuve_d_elle(prouvee)
    assert len(folds) == len(proof.attributions)
    counted = texte(" ".join(folds))
    assert "Calcul : voir la règle pas à pas" in counted.replace("\u202f", " ")
    for words in (
        "30 septembre 2025 , moins 120 jours : 2 juin 2025",
        "30 septembre 2025 , moins 60 jours : 1er août 2025",
        "30 septembre 2025 , le lendemain : 1er octobre 2025",
        "ceseda_r431_5_fenetre , lecture 1, version LEGIARTI",
        "[S] connu par un résumé de tiers, texte non lu",
    ):
        assert words in counted, words
    assert "faute" not in counted.lower()


def test_une_conclusion_se_rejoue_et_se_compare(prouvee: Prouvee) -> None:
    """The same digest, said beside it; one that nothing has is said to be none; what is no digest changes nothing."""
    page = prouvee.lire(Role.AGENT, f"preuves/?au={AU}")
    links = [unescape(each) for each in re.findall(r'href="(/dossiers/[^"]*rejouer=[^"]*)"', page)]
    assert len(links) == len(preuve_d_elle(prouvee).attributions)
    client = prouvee.comme(Role.AGENT)
    again = client.get(links[0]).content.decode()
    assert again.count("même conclusion, même empreinte") == 1
    elsewhere = client.get(links[0].replace(AU, "2026-02-10")).content.decode()
    assert "même conclusion" not in elsewhere
    assert "aucune conclusion de cette page n'a l'empreinte" in texte(elsewhere)
    assert "Rejoué" not in prouvee.lire(Role.AGENT, f"preuves/?au={AU}&rejouer=<script>")
    assert "Rejoué" not in prouvee.lire(Role.AGENT, f"preuves/?au={AU}")


def test_une_preuve_dit_depuis_quand_elle_est_connue(prouvee: Prouvee) -> None:
    """With the facts by which it became so."""
    assert "Connu depuis le" in texte(prouvee.lire(Role.AGENT, f"preuves/?au={AU}"))


def test_avant_que_rien_ne_soit_connu_rien_n_est_affirme(prouvee: Prouvee) -> None:
    """As known on a day before the first fact came."""
    shown = texte(prouvee.lire(Role.AGENT, f"preuves/?au={AU}&connu=2020-01-01"))
    assert "Aucun jour sans preuve n'est connu au registre à cette date" in shown
    assert "connaissait le 1er janvier 2020" in shown


def test_les_obligations_disent_qui_quand_et_ce_qui_n_a_pas_ete_fait(prouvee: Prouvee) -> None:
    """Each duty of the ledger; the filter leaves those that were not done, and only them."""
    owed = preuve_d_elle(prouvee).obligations
    every, missed = (texte(prouvee.lire(Role.AGENT, f"obligations/?au={AU}{q}")) for q in ("", "&manquements=1"))
    assert all(dit(each.texte) in every for each in owed)
    assert [dit(each.texte) in missed for each in owed] == [bool(each.manquements) for each in owed]
    assert any(each.manquements for each in owed)
    assert not all(each.manquements for each in owed)


@pytest.mark.parametrize("page", ["preuves/", "obligations/", "connu/", "faits/1/", ""])
def test_une_adresse_etrange_montre_aujourd_hui(prouvee: Prouvee, page: str) -> None:
    """What cannot be read in an address is as if it had not been written; nothing of it is run or shown."""
    client = prouvee.comme(Role.AGENT)
    for odd in ETRANGES:
        given = dict.fromkeys(("au", "connu", "connu_b", "au_b"), odd)
        answer = client.get(f"/dossiers/{prouvee.sujet}/{page}", given)
        assert answer.status_code == 200, odd
        assert "<script>" not in answer.content.decode()


def test_what_people_wrote_is_shown_and_never_obeyed(prouvee: Prouvee) -> None:
    """Markup, directions of writing: as text, by their code."""
    page = prouvee.lire(Role.AGENT, f"faits/{numero(prouvee, 'P-1')}/")
    assert PIEGE not in page
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "x" * 10_000 in prouvee.lire(Role.AGENT, f"faits/{numero(prouvee, 'P-2')}/")


def numero(prouvee: Prouvee, fait: str) -> int:
    """The number of one of her facts."""
    return [entry.fait.id for entry in vie(prouvee).entries if entry.fait.personne].index(fait) + 1


def test_corrections_are_linked_both_ways(prouvee: Prouvee) -> None:
    """The corrected fact stays readable, and says which one holds."""
    old, new = numero(prouvee, "P-1"), numero(prouvee, "P-2")
    assert f"/faits/{new}/" in prouvee.lire(Role.AGENT, f"faits/{old}/").split("</section>")[0]
    assert f"/faits/{old}/" in prouvee.lire(Role.AGENT, f"faits/{new}/").split("</section>")[0]


def test_qui_peut_contester_un_fait_y_est_mene(prouvee: Prouvee) -> None:
    """From the fact with its number, from the proof; an agent has another way, a corrected fact none."""
    numbers = {fait: numero(prouvee, fait) for fait in ("P-1", "P-2")}
    assert f"/signaler/?fait={numbers['P-2']}" in prouvee.lire(Role.REPRESENTANT, f"faits/{numbers['P-2']}/")
    assert "/signaler/?" not in prouvee.lire(Role.REPRESENTANT, f"faits/{numbers['P-1']}/")
    assert "Contester un fait" in prouvee.lire(Role.REPRESENTANT, f"preuves/?au={AU}")
    assert "/signaler/" not in prouvee.lire(Role.AGENT, f"preuves/?au={AU}")
    assert "Mettre dans un export" in prouvee.lire(Role.REPRESENTANT, f"preuves/?au={AU}")
    assert "Mettre dans un export" not in prouvee.lire(Role.AGENT, f"preuves/?au={AU}")


def test_only_agents_and_the_defenseur_see_which_agent_acted(prouvee: Prouvee) -> None:
    """Everybody else sees a number, in the page and in the technical view."""
    page = f"faits/{numero(prouvee, 'P-1')}/"
    for role in (Role.AGENT, Role.SUPERVISEUR, Role.DDD):
        assert AGENT in prouvee.lire(role, page)
    for role in (Role.REPRESENTANT, Role.CCC, Role.PAN):
        shown = prouvee.lire(role, page)
        assert AGENT not in shown
        assert re.search(r"tiers-\d", shown)
    for name in ("preuves/", "obligations/", "connu/", ""):
        assert AGENT not in prouvee.lire(Role.REPRESENTANT, name)


def test_masking_changes_no_conclusion(prouvee: Prouvee) -> None:
    """The evidence of her facts is the same, other people masked or not."""
    masked = preuve(montrees(vie(prouvee), Role.REPRESENTANT), Moment(None, date.fromisoformat(AU)))
    assert masked == preuve_d_elle(prouvee)


def test_the_leaf_of_a_fact_is_that_of_the_log(prouvee: Prouvee) -> None:
    """Whoever hashes the line that is shown finds the leaf of the ledger again."""
    prouvee.site.ledger.sequence()
    entry = next(each for each in vie(prouvee).entries if each.fait.id == "P-1")
    page = unescape(prouvee.lire(Role.AGENT, f"faits/{numero(prouvee, 'P-1')}/"))
    found = re.search(r'aria-label="Ligne scellée"><code>([^<]+)</code>', page)
    assert found is not None
    leaf = sha256(b"\0" + found[1].encode()).hexdigest()
    with prouvee.site.ledger.connection() as conn:
        row = conn.execute(
            "SELECT encode(l.leaf_hash, 'hex'), l.position FROM ledger.leaf AS l JOIN ledger.entry AS e"
            " USING (notification_id) WHERE e.event_id = %b",
            (Id(entry.event_id.bytes),),
        ).fetchone()
    assert row is not None
    assert (leaf, f"feuille {row[1] - 1}" in texte(page)) == (row[0], True)
    assert leaf in page


def test_a_number_that_is_not_hers_is_not_found(prouvee: Prouvee) -> None:
    """Nor one too long to be a number."""
    client = prouvee.comme(Role.AGENT)
    for number in ("0", "9999", "9" * 400):
        assert client.get(f"/dossiers/{prouvee.sujet}/faits/{number}/").status_code == 404


def test_a_document_is_downloaded_and_never_opened_in_the_page(prouvee: Prouvee) -> None:
    """Whatever it is: as an attachment, without a type that a browser runs, in a sandbox; and it is the one received."""
    answer = prouvee.comme(Role.REPRESENTANT).get(f"/dossiers/{prouvee.sujet}/pieces/{prouvee.pieces['reçue']}/")
    assert b"".join(answer.streaming_content) == CONTENU  # type: ignore[attr-defined] # a streaming answer's
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert not re.search(r"etc|/|\.html", answer.headers["Content-Disposition"].partition("utf-8''")[2])
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Length"] == str(len(CONTENU))


def test_a_missing_or_altered_document_is_said_and_not_given(prouvee: Prouvee) -> None:
    """Announced and never received; changed in the store; not cited by any of her facts."""
    client = prouvee.comme(Role.REPRESENTANT)
    absent = client.get(f"/dossiers/{prouvee.sujet}/pieces/{prouvee.pieces['absente']}/")
    assert absent.status_code == 404
    assert "jamais été reçue" in texte(absent.content.decode())
    spoil(prouvee, prouvee.pieces["changée"])
    changed = client.get(f"/dossiers/{prouvee.sujet}/pieces/{prouvee.pieces['changée']}/")
    assert changed.status_code == 409
    assert b"%PDF" not in changed.content
    assert "modifiée ou coupée" in texte(changed.content.decode())
    for other in ("0" * 64, "x", "é" * 300):
        assert client.get(f"/dossiers/{prouvee.sujet}/pieces/{other}/").status_code == 404


def spoil(prouvee: Prouvee, digest: str) -> None:
    """Turn one bit of a document in the store."""
    store = prouvee.site.registre.opened.documents._store  # noqa: SLF001 - what an intruder reaches
    with prouvee.site.ledger.connection() as conn:
        key = prouvee.site.ledger.coffre.find(conn, ["preuve-exemple"])["preuve-exemple"]
    name = key.document(digest)
    sealed = bytearray(store.get(name).bytes())
    sealed[-1] ^= 1
    store.put(name, bytes(sealed))


def test_the_page_of_a_fact_says_what_became_of_its_documents(prouvee: Prouvee) -> None:
    """Received, or announced and never received; who may not download has no link."""
    page = f"faits/{numero(prouvee, 'P-1')}/"
    shown = prouvee.lire(Role.AGENT, page)
    assert f"/pieces/{prouvee.pieces['reçue']}/" in shown
    assert f"/pieces/{prouvee.pieces['absente']}/" not in shown
    assert "annoncée, jamais reçue" in texte(shown)
    assert "/pieces/" not in prouvee.lire(Role.CCC, page)


def test_the_same_reading_is_made_once(prouvee: Prouvee) -> None:
    """Two instants between the same facts are one reading; a fact that comes makes a new one."""
    hers, day = vie(prouvee), date.fromisoformat(AU)
    last = max(entry.recorded_at for entry in hers.entries)
    assert ramene(hers, Moment(last, day)) == Moment(None, day)
    assert preuve_de(hers, Moment(last, day)) is preuve_de(hers, Moment(None, day))

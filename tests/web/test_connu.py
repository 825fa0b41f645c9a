"""What was known on a day, compared: the address gives the same answer again; changes are said in words."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from tests.web.conftest import Site
from tests.web.test_preuves import texte, vie
from tests.web.vie_prouvee import Prouvee, enregistrer
from web.acces import Role
from web.moments import exact


@pytest.fixture
def prouvee(site: Site, tmp_path: Path) -> Prouvee:
    """Her."""
    return enregistrer(site, tmp_path)


def avant_tout(prouvee: Prouvee) -> str:
    """The instant before the ledger knew of her."""
    return exact(min(entry.recorded_at for entry in vie(prouvee).entries) - timedelta(seconds=1))


def test_une_rectification_est_dite_avant_et_apres(prouvee: Prouvee) -> None:
    """With both numbers, the field in words, what it said and what it says; no path of any data."""
    shown = texte(prouvee.lire(Role.AGENT, f"connu/?connu={avant_tout(prouvee)}"))
    assert "1 rectification, rien de supprimé" in shown
    assert re.search(r"n°\W\d+ remplace n°\W\d+", shown)
    assert "message d'erreur affiché" in shown
    assert not re.search(r"etats\[|couverture\.|UUID\(|<Etape|datetime", shown)


def test_les_jours_vus_autrement_viennent_avant_les_frises(prouvee: Prouvee) -> None:
    """The text list first, the strips after it."""
    shown = prouvee.lire(Role.AGENT, f"connu/?connu={avant_tout(prouvee)}&au=2026-02-11&au_b=2026-02-11")
    assert "imputable à l'administration" in texte(shown)
    assert shown.index("Jours vus autrement") < shown.index("<svg")
    assert shown.count('role="img"') == 1
    assert "Aucun titre ni document n'était connu" in texte(shown)


def test_l_adresse_a_citer_redonne_la_meme_comparaison(prouvee: Prouvee) -> None:
    """Both moments are in it, whole; nothing of the person is."""
    client = prouvee.comme(Role.AGENT)
    page = client.get(f"/dossiers/{prouvee.sujet}/connu/", {"connu": avant_tout(prouvee)}).content.decode()
    found = re.search(r'class="adresse" href="([^"]+)"', page)
    assert found is not None
    address = unescape(found[1])
    assert all(f"{name}=2" in address for name in ("connu", "au", "connu_b", "au_b"))
    assert "preuve-exemple" not in address
    again = client.get(address).content.decode()

    def body(html: str) -> str:
        return html[html.index('id="titre-change"') : html.index('id="titre-choix"')]

    assert body(again) == body(page)


def test_sans_rien_demander_on_voit_ce_que_le_registre_vient_d_apprendre(prouvee: Prouvee) -> None:
    """The first reading is the one before the last arrival."""
    shown = texte(prouvee.lire(Role.AGENT, "connu/"))
    assert re.search(r"[1-9]\d* ajouts?, ", shown)
    assert "Juste avant le" in shown


def test_deux_fois_le_meme_moment_ne_change_rien(prouvee: Prouvee) -> None:
    """And it is said."""
    shown = texte(prouvee.lire(Role.AGENT, "connu/?au=2026-02-11&au_b=2026-02-11"))
    assert "0 ajout, 0 rectification, rien de supprimé" in shown
    assert "Les deux lectures disent la même chose" in shown


def test_la_frise_s_ecrit_de_meme_sur_les_trois_pages(prouvee: Prouvee) -> None:
    """The figure and the table are one piece: same rows, same legend, under names and ids that differ in a page."""

    def dessin(page: str, ident: str) -> tuple[str, str]:
        begins = page.index(f'aria-labelledby="{ident}-titre')
        legend = page[page.index('<ul class="legende">', begins) : page.index("</ul>", begins)]
        return legend, page[page.index("<tbody>", begins) : page.index("</tbody>", begins)]

    timeline = dessin(prouvee.lire(Role.AGENT, ""), "frise")
    known = exact(max(entry.recorded_at for entry in vie(prouvee).entries))
    both = prouvee.lire(Role.AGENT, f"connu/?connu={known}")
    assert timeline == dessin(prouvee.lire(Role.AGENT, "mon-historique/"), "mes-droits") == dessin(both, "frise-2")
    assert 'role="figure" aria-label="Seconde lecture, Droit' in both
    assert 'aria-label="Tableau de la frise 1"' in both
    assert 'aria-label="Tableau de la frise 2"' in both
    assert "<summary>Lire cette frise sous forme de tableau</summary>" in both

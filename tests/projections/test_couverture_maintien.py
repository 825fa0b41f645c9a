"""The three months of L.433-3: which cards, which applications, what stops them, what stays a reading."""

from typing import Any

import pytest

from ledger.days import Jours
from ledger.entry import Entry
from ledger.events.instruction import DemandeRetiree
from ledger.events.types import NatureDemande, TypeTitre
from projections.couverture import CodeLecture, NatureLacune
from tests.projections.vies import (
    CARTE,
    QUATRE_ANS,
    couverts,
    demande,
    e,
    favorable,
    lacunes,
    periodes,
    refus,
    ruptures,
    titre,
    vue,
)


@pytest.mark.parametrize(
    ("card", "listed", "end"),
    [
        ({"type_titre": TypeTitre.CSP, "duree_annees": 4}, False, "2025-12-30"),
        ({"type_titre": TypeTitre.CSP, "duree_annees": 2}, False, None),
        ({"type_titre": TypeTitre.CSP, "duree_annees": 2}, True, "2025-12-30"),
        ({"type_titre": TypeTitre.CST, "duree_annees": 1}, True, "2025-12-30"),
        ({"type_titre": TypeTitre.CST, "duree_annees": 1}, None, None),
        ({"type_titre": TypeTitre.CARTE_RESIDENT, "duree_annees": 10}, False, "2025-12-30"),
        ({"type_titre": TypeTitre.RESIDENT_LONGUE_DUREE_UE, "duree_annees": 10}, False, None),
        ({"type_titre": TypeTitre.CERTIFICAT_RESIDENCE_ALGERIEN, "duree_annees": 10,
          "stipulation_internationale": True}, False, "2025-12-30"),
        ({"type_titre": TypeTitre.CERTIFICAT_RESIDENCE_ALGERIEN, "duree_annees": 1,
          "stipulation_internationale": True}, False, None),
        ({"type_titre": TypeTitre.CSP, "duree_annees": None}, True, "2025-12-30"),
        ({"type_titre": TypeTitre.CSP, "duree_annees": None}, False, None),
        ({"type_titre": TypeTitre.VLS_TS, "duree_annees": 1}, True, None),
    ],
)  # fmt: skip
def test_t09_le_maintien_de_trois_mois_depend_de_la_carte(
    card: dict[str, Any], listed: bool | None, end: str | None
) -> None:
    """T09 : carte de quatre ans, de résident ou d'un accord : couverte ; deux ans : si le département est listé."""
    life = [titre("2021-10-01", "2025-09-30", **card), demande("2025-09-30", departement_liste_l433_3=listed)]
    proof = couverts(vue(life, "2026-02-01").preuve)
    assert [au for base, _, au in proof if base == "L433_3"] == ([] if end is None else [end])


@pytest.mark.parametrize(
    ("card", "given", "code"),
    [
        ({"type_titre": TypeTitre.CSP, "duree_annees": None}, {"departement_liste_l433_3": False},
         CodeLecture.L433_3_DONNEE_MANQUANTE),
        ({"type_titre": TypeTitre.CST, "duree_annees": 1}, {}, CodeLecture.L433_3_DONNEE_MANQUANTE),
        ({"type_titre": TypeTitre.RESIDENT_LONGUE_DUREE_UE, "duree_annees": 10}, {},
         CodeLecture.L433_3_LONGUE_DUREE_UE),
    ],
)  # fmt: skip
def test_ce_que_l_on_ignore_est_une_lecture_jamais_une_couverture(
    card: dict[str, Any], given: dict[str, Any], code: CodeLecture
) -> None:
    """Durée ou liste inconnue, carte de longue durée-UE : les trois mois sont dits possibles, et ne couvrent pas."""
    found = vue([titre("2021-10-01", "2025-09-30", **card), demande("2025-09-01", **given)], "2026-02-01")
    assert ruptures(found) == [("2025-10-01", "2026-02-01", 124)]
    assert [(r.code, r.jours, r.deviendrait) for r in found.lectures] == [(code, 91, None)]


def test_la_demande_du_jour_de_l_expiration_est_a_temps_et_la_lecture_stricte_se_dit() -> None:
    """Déposée le dernier jour : couverte par l'alinéa 2 ; le mot « avant », lu strictement, ôterait les 91 jours."""
    found = vue([CARTE, demande("2025-09-30", departement_liste_l433_3=True)], "2026-02-01")
    (strict,) = (r for r in found.lectures if r.code is CodeLecture.L433_3_DEPOT_JOUR_EXPIRATION)
    assert (strict.jours, strict.deviendrait) == (91, NatureLacune.RUPTURE)
    assert ruptures(found)[0][0] == "2025-12-31"


def test_le_maintien_suppose_un_renouvellement_demande_avant_l_expiration() -> None:
    """Ni un changement de statut, ni une demande faite le lendemain de l'expiration n'ouvrent le maintien."""
    card = titre("2021-10-01", "2025-09-30", **QUATRE_ANS)
    for filed in (demande("2025-09-01", nature=NatureDemande.CHANGEMENT_STATUT), demande("2025-10-01")):
        assert ruptures(vue([card, filed], "2025-10-31")) == [("2025-10-01", "2025-10-31", 31)]


def test_le_maintien_ne_vaut_que_pour_la_carte_dont_le_renouvellement_est_demande() -> None:
    """La carte que la demande nomme, sinon la dernière à expirer ; une autre carte n'est pas prolongée."""
    old = titre("2017-10-01", "2021-09-30", ref="T-0", **QUATRE_ANS)
    new = titre("2021-10-01", "2025-09-30", **QUATRE_ANS)
    for filed in (demande("2021-09-01", titre_precedent="T-1"), demande("2025-09-01")):
        grace = [du for base, du, _ in couverts(vue([old, new, filed], "2026-02-01").preuve) if base == "L433_3"]
        assert grace == ["2025-10-01"]


@pytest.mark.parametrize("decision", [favorable("2025-11-10"), refus("2025-11-10")], ids=["favorable", "refus"])
def test_une_decision_expresse_arrete_le_maintien_ce_jour_inclus(decision: Entry) -> None:
    """Le jour de la décision est encore couvert ; le lendemain ne l'est plus."""
    life = [titre("2021-10-01", "2025-09-30", **QUATRE_ANS), demande("2025-07-01"), decision]
    assert ("L433_3", "2025-10-01", "2025-11-10") in couverts(vue(life, "2025-12-31").preuve)


def test_le_retrait_de_la_demande_arrete_le_maintien() -> None:
    """Qui retire sa demande ne demande plus le renouvellement : le maintien s'arrête ce jour-là."""
    withdrawn = e("D-1", "2025-10-15", DemandeRetiree(retiree_le=Jours.lire("2025-10-15")))
    life = [titre("2021-10-01", "2025-09-30", **QUATRE_ANS), demande("2025-07-01"), withdrawn]
    assert ruptures(vue(life, "2025-10-31")) == [("2025-10-16", "2025-10-31", 16)]


def test_le_maintien_se_prouve_par_la_carte_remise() -> None:
    """Sans carte entre les mains de la personne, les trois mois fondent le droit et ne se prouvent pas."""
    life = [titre("2021-10-01", "2025-09-30", remis=None, **QUATRE_ANS), demande("2025-07-01")]
    assert lacunes(life, "2025-12-30") == [("2021-10-01", "2025-12-30", "preuve_seule", "certain")]


def test_le_maintien_de_l_alinea_2_et_la_decision_favorable() -> None:
    """L'alinéa 2 ne dit pas que la décision arrête le maintien : la lecture est donnée, avec ses jours."""
    life = [CARTE, demande("2025-08-20", departement_liste_l433_3=True), favorable("2025-11-10")]
    found = vue(life, "2025-12-31")
    (other,) = (r for r in found.lectures if r.code is CodeLecture.L433_3_DECISION_FAVORABLE)
    assert periodes(other.change) == [("2025-11-11", "2025-12-30")]


def test_la_decision_favorable_sans_document_ne_comble_rien_et_se_dit() -> None:
    """Favorable le 10 octobre, aucun document : l'interruption demeure et nomme la décision."""
    (gap,) = vue([CARTE, demande("2025-08-20"), favorable("2025-10-10")], "2025-10-31").interruptions
    assert gap.jours == 31
    assert any("Décision favorable prise le 10 octobre 2025" in motif for motif in gap.motifs)


def test_une_expiration_incertaine_suivie_du_maintien_reste_couverte() -> None:
    """La carte expire en septembre, on ne sait quand : les trois mois la suivent, aucun jour n'est perdu avant."""
    life = [titre("2021-10-01", "2025-09", **QUATRE_ANS), demande("2025-07-01")]
    assert lacunes(life, "2025-12-31") == [
        ("2025-12-02", "2025-12-30", "rupture", "incertain"), ("2025-12-31", "2025-12-31", "rupture", "certain"),
    ]  # fmt: skip

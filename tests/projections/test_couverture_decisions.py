"""Refusals, withdrawals, annulments and closures: what they end, and what they leave."""

import pytest

from ledger.days import Jours
from ledger.events.cloture import DossierClosAutomatiquement, DossierClosParAgent
from ledger.events.decision import DecisionAnnulee, DecisionRetiree, RefusDecide
from ledger.events.titre import TitreRetire
from ledger.events.types import NatureDecision, NatureDemande
from projections.couverture import CodeLecture
from tests.projections.vies import (
    CARTE,
    adf,
    annule,
    api,
    couverts,
    demande,
    e,
    favorable,
    lacunes,
    recepisse,
    refus,
    vue,
)


def test_le_refus_arrete_l_attestation_et_le_recepisse_de_son_dossier() -> None:
    """Notifié le 1er novembre : ce jour est couvert, le lendemain ouvre la fin de droit."""
    for document in (api("2025-10-01", "2025-12-31"), recepisse("2025-10-01", "2025-12-31")):
        life = [CARTE, demande("2025-07-01"), document, refus("2025-11-01")]
        assert lacunes(life, "2025-12-31") == [("2025-11-02", "2025-12-31", "fin_de_droit", "certain")]


def test_un_refus_decide_et_non_notifie_n_arrete_rien() -> None:
    """Le refus ne produit effet contre la personne qu'une fois notifié."""
    decided = e("D-1", "2025-11-01", RefusDecide(decide_le=Jours.lire("2025-11-01")))
    assert lacunes([CARTE, demande("2025-07-01"), api("2025-10-01", "2025-12-31"), decided], "2025-12-31") == []


def test_le_titre_garde_sa_validite_propre_malgre_le_refus() -> None:
    """Le refus notifié avant l'expiration laisse le titre couvrir jusqu'à son dernier jour."""
    assert couverts(vue([CARTE, demande("2025-07-01"), refus("2025-08-01")], "2025-12-31").preuve) == [
        ("TITRE", "2024-10-01", "2025-09-30")
    ]


def test_un_document_donne_apres_le_refus_est_un_acte_nouveau() -> None:
    """Une attestation délivrée après le refus, même pour ce dossier, couvre ; sa fin ouvre une interruption."""
    life = [CARTE, demande("2025-07-01"), refus("2025-10-10"), api("2025-11-01", "2025-11-30")]
    assert lacunes(life, "2025-12-31") == [
        ("2025-10-01", "2025-10-10", "rupture", "certain"),
        ("2025-10-11", "2025-10-31", "fin_de_droit", "certain"),
        ("2025-12-01", "2025-12-31", "rupture", "certain"),
    ]


def test_apres_l_attestation_d_un_autre_dossier_le_trou_est_une_interruption() -> None:
    """Le premier dossier refusé, le second couvert puis abandonné sans document : interruption, non fin de droit."""
    life = [CARTE, demande("2025-07-01"), refus("2025-09-01"), demande("2025-09-02", dossier="D-2"),
            api("2025-10-01", "2025-11-30", dossier="D-2")]  # fmt: skip
    assert lacunes(life, "2025-12-31") == [("2025-12-01", "2025-12-31", "rupture", "certain")]


def test_une_autre_demande_sans_document_est_une_lecture() -> None:
    """Le refus tient, une autre demande attend sans rien : fin de droit, et la lecture contraire est donnée."""
    life = [CARTE, demande("2025-07-01"), refus("2025-09-01"), demande("2025-09-15", dossier="D-2")]
    found = vue(life, "2025-10-31")
    (other,) = found.lectures
    assert (other.code, other.dossier, other.jours) == (CodeLecture.FIN_DE_DROIT_AUTRE_DEMANDE, "D-2", 31)
    assert found.interruptions == ()


def test_le_refus_d_un_duplicata_ne_met_pas_fin_au_droit() -> None:
    """Refuser un duplicata n'est pas refuser le séjour : le trou qui suit l'expiration est une interruption."""
    life = [CARTE, demande("2025-07-01", nature=NatureDemande.DUPLICATA), refus("2025-08-01")]
    assert lacunes(life, "2025-10-31") == [("2025-10-01", "2025-10-31", "rupture", "certain")]


def test_t08_un_refus_annule_rend_aussi_ce_qu_il_avait_coupe() -> None:
    """T08 : annulé, le refus n'a jamais existé : l'attestation couvre de nouveau jusqu'à la date qu'elle porte."""
    life = [CARTE, demande("2025-07-01"), api("2025-10-01", "2025-12-31"), refus("2025-11-01")]
    assert lacunes([*life, annule("2026-03-01")], "2026-01-31") == [("2026-01-01", "2026-01-31", "rupture", "certain")]


def test_un_refus_retire_par_l_administration_se_relit_de_meme() -> None:
    """Le retrait du refus a l'effet de l'annulation."""
    taken_back = DecisionRetiree(retiree_le=Jours.lire("2025-12-01"), vise=NatureDecision.REFUS_EXPRES)
    life = [CARTE, demande("2025-07-01"), refus("2025-09-01"), e("D-1", "2025-12-01", taken_back)]
    assert lacunes(life, "2025-12-31") == [("2025-10-01", "2025-12-31", "rupture", "certain")]


def test_l_annulation_d_un_refus_laisse_debout_celui_qui_le_suit() -> None:
    """Annulé puis refusé de nouveau : interruption jusqu'au second refus, fin de droit ensuite."""
    life = [CARTE, demande("2025-07-01"), refus("2025-09-01"), annule("2025-11-01"), refus("2025-12-01")]
    assert lacunes(life, "2025-12-31") == [
        ("2025-10-01", "2025-12-01", "rupture", "certain"), ("2025-12-02", "2025-12-31", "fin_de_droit", "certain"),
    ]  # fmt: skip


def test_l_annulation_qui_nomme_la_date_ne_vise_que_cette_decision() -> None:
    """Deux refus, le jugement nomme le second : le premier demeure."""
    life = [CARTE, demande("2025-07-01"), refus("2025-09-01"), refus("2025-10-15"),
            annule("2025-12-01", decision_du=Jours.lire("2025-10-10"))]  # fmt: skip
    assert lacunes(life, "2025-12-31") == [("2025-10-01", "2025-12-31", "fin_de_droit", "certain")]


def test_l_annulation_dans_un_autre_dossier_ne_touche_pas_ce_refus() -> None:
    """Le jugement d'un autre dossier laisse ce refus debout."""
    judged = DecisionAnnulee(annulee_le=Jours.lire("2025-12-01"), vise=NatureDecision.REFUS_EXPRES)
    life = [CARTE, demande("2025-07-01"), refus("2025-09-01"), e("D-2", "2025-12-01", judged)]
    assert lacunes(life, "2025-12-31") == [("2025-10-01", "2025-12-31", "fin_de_droit", "certain")]


@pytest.mark.parametrize(
    ("effet", "first"), [("2025-05-01", "2025-05-01"), (None, "2025-04-16")], ids=["effet", "notification"]
)
def test_un_titre_retire_cesse_de_couvrir(effet: str | None, first: str) -> None:
    """Le titre couvre jusqu'à la veille de l'effet, à défaut jusqu'à la notification incluse ; puis fin de droit."""
    event = TitreRetire(notifie_le=Jours.lire("2025-04-15"), effet_le=None if effet is None else Jours.lire(effet))
    life = [CARTE, e("T-1", "2025-04-15", event)]
    assert lacunes(life, "2025-12-31") == [(first, "2025-12-31", "fin_de_droit", "certain")]


def test_un_retrait_de_titre_annule_rend_le_titre() -> None:
    """Le retrait annulé n'a jamais existé : le titre couvre jusqu'à sa date, l'interruption commence ensuite."""
    event = TitreRetire(notifie_le=Jours.lire("2025-04-15"))
    life = [CARTE, e("T-1", "2025-04-15", event), annule("2025-08-01", NatureDecision.RETRAIT_TITRE)]
    assert lacunes(life, "2025-10-31") == [("2025-10-01", "2025-10-31", "rupture", "certain")]


def test_la_decision_favorable_retiree_arrete_son_attestation() -> None:
    """L'attestation de décision favorable suit la décision : retirée, elle ne couvre plus le lendemain."""
    taken_back = DecisionRetiree(retiree_le=Jours.lire("2025-10-20"), vise=NatureDecision.FAVORABLE)
    life = [CARTE, demande("2025-07-01"), favorable("2025-10-01"), adf("2025-10-01")]
    life.append(e("D-1", "2025-10-20", taken_back))
    assert lacunes(life, "2025-10-31") == [("2025-10-21", "2025-10-31", "fin_de_droit", "certain")]


@pytest.mark.parametrize("cloture", [DossierClosAutomatiquement(), DossierClosParAgent()])
def test_la_cloture_d_un_dossier_n_est_pas_un_refus(cloture: DossierClosAutomatiquement | DossierClosParAgent) -> None:
    """Clore un dossier, par le système ou par un agent, ne change aucun jour."""
    life = [CARTE, demande("2025-07-01"), api("2025-10-01", "2025-12-31")]
    closed = e("D-1", "2025-11-01", cloture)
    assert vue([*life, closed], "2026-01-31").json() == vue(life, "2026-01-31").json()


def test_une_notification_incertaine_donne_une_fin_de_droit_incertaine() -> None:
    """Refus notifié un jour de novembre : ces jours sont fin de droit sous certaines lectures seulement."""
    life = [CARTE, demande("2025-07-01"), api("2025-10-01", "2025-12-31"), refus("2025-11")]
    assert lacunes(life, "2025-12-31") == [
        ("2025-11-02", "2025-11-30", "fin_de_droit", "incertain"),
        ("2025-12-01", "2025-12-31", "fin_de_droit", "certain"),
    ]


def test_une_annulation_a_date_incertaine_n_efface_pas_surement_le_second_refus() -> None:
    """Le jugement de « 2025 » vise-t-il le refus de septembre ? On ne sait : la nature de ces jours est incertaine."""
    life = [CARTE, demande("2025-07-01"), refus("2025-09-01"), annule("2025")]
    assert lacunes(life, "2025-10-31") == [("2025-10-01", "2025-10-31", "rupture", "incertain")]


def test_un_document_sans_dossier_parmi_deux_reste_incertain_apres_un_refus() -> None:
    """L'attestation ne dit pas à quel dossier elle tient : le refus de l'un d'eux la touche peut-être."""
    life = [CARTE, demande("2025-07-01"), demande("2025-07-02", dossier="D-2"),
            api("2025-10-01", "2025-12-31", dossier=None), refus("2025-11-01")]  # fmt: skip
    assert lacunes(life, "2025-12-31") == [("2025-11-02", "2025-12-31", "fin_de_droit", "incertain")]

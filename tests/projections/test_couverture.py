"""Coverage at its edges: overlaps, late availability, refusals, withdrawals, L.433-3, dates that are not exact."""

import json

import pytest

from ledger.days import Jours
from ledger.entry import Entry
from ledger.events import EVENTS
from ledger.events.cloture import DossierClosAutomatiquement, DossierClosParAgent
from ledger.events.decision import DecisionAnnulee, DecisionRetiree, RefusDecide, RefusImpliciteNe
from ledger.events.effet import EmploiRepris, EmploiRompu, EmploiSuspendu
from ledger.events.instruction import ComplementDemande, ComplementRepondu, DelaiComplementProroge, DemandeRetiree
from ledger.events.provisoire import AttestationProlongationCorrigee, AttestationProlongationMiseADisposition
from ledger.events.titre import TitreRetire
from ledger.events.types import NatureDecision, NatureDemande, TypeTitre
from projections.couverture import PERTINENTS, Certitude, CodeLecture, NatureLacune, StatutRefus
from tests.projections.vies import (
    adf,
    api,
    couverts,
    demande,
    e,
    favorable,
    periodes,
    recepisse,
    refus,
    ruptures,
    titre,
    vue,
)

CARTE = titre("2024-10-01", "2025-09-30")
QUATRE_ANS = {"type_titre": TypeTitre.CSP, "duree_annees": 4}


def lacunes(entries: list[Entry], au: str) -> list[tuple[str, str, str, str]]:
    """The gaps as (first day, last day, nature, certainty)."""
    return [
        (g.du.isoformat(), g.au.isoformat(), g.nature.value, g.certitude.value) for g in vue(entries, au).lacunes
    ]


def annule(le: str, vise: NatureDecision = NatureDecision.REFUS_EXPRES, **given: Jours) -> Entry:
    """A judgment that annuls a decision of dossier D-1."""
    return e("D-1", le, DecisionAnnulee(annulee_le=Jours.lire(le), vise=vise, **given))


def test_sans_document_il_n_y_a_ni_couverture_ni_lacune() -> None:
    """Une demande seule ne couvre rien et n'ouvre aucune interruption : rien n'a commencé."""
    found = vue([demande("2025-07-01")], "2026-01-01")
    assert (found.premier_jour, found.droit, found.preuve, found.lacunes) == (None, (), (), ())


def test_t03_deux_documents_qui_se_recouvrent_ne_comptent_qu_une_fois() -> None:
    """T03 : titre et attestation qui se recouvrent : aucune lacune, deux segments, leurs dates écrites."""
    found = vue([CARTE, api("2025-08-01", "2025-10-31")], "2025-10-31")
    assert found.lacunes == ()
    assert couverts(found.preuve) == [("TITRE", "2024-10-01", "2025-09-30"), ("API", "2025-08-01", "2025-10-31")]


def test_t04_une_attestation_antidatee_laisse_dix_neuf_jours_sans_preuve() -> None:
    """T04 : valable du 1er octobre, mise à disposition le 20 : le droit y est, la preuve manque 19 jours."""
    found = vue([CARTE, api("2025-10-01", "2025-12-31", dispo="2025-10-20")], "2025-12-31")
    (gap,) = found.lacunes
    assert (gap.nature, gap.jours, gap.certaine) == (NatureLacune.PREUVE_SEULE, 19, True)
    assert periodes([gap]) == [("2025-10-01", "2025-10-19")]
    assert found.interruptions == ()
    assert any("20 octobre 2025" in motif for motif in gap.motifs)


def test_une_attestation_jamais_mise_a_disposition_ne_prouve_rien() -> None:
    """Émise n'est pas remise : sans mise à disposition connue, toute la validité reste sans preuve."""
    assert lacunes([CARTE, api("2025-10-01", "2025-12-31", dispo=None)], "2025-12-31") == [
        ("2025-10-01", "2025-12-31", "preuve_seule", "certain")
    ]


def test_la_mise_a_disposition_peut_etre_un_fait_a_part() -> None:
    """Un fait de mise à disposition, sous la même référence, fait commencer la preuve ce jour-là."""
    available = AttestationProlongationMiseADisposition(mise_a_disposition_le=Jours.lire("2025-10-05"))
    life = [CARTE, api("2025-10-01", "2025-12-31", dispo=None), e("A-1", "2025-10-05", available)]
    assert lacunes(life, "2025-12-31") == [("2025-10-01", "2025-10-04", "preuve_seule", "certain")]


def test_chaque_renouvellement_sous_une_meme_reference_a_sa_mise_a_disposition() -> None:
    """Deux attestations sous une référence : la première mise à disposition ne vaut pas pour la seconde."""
    first = AttestationProlongationMiseADisposition(mise_a_disposition_le=Jours.lire("2025-10-01"))
    second = AttestationProlongationMiseADisposition(mise_a_disposition_le=Jours.lire("2026-01-11"))
    life = [
        CARTE, api("2025-10-01", "2025-12-31", dispo=None), e("A-1", "2025-10-01", first),
        api("2026-01-01", "2026-03-31", dispo=None), e("A-1", "2026-01-11", second),
    ]  # fmt: skip
    assert lacunes(life, "2026-03-31") == [("2026-01-01", "2026-01-10", "preuve_seule", "certain")]


def test_t05_une_attestation_donnee_avant_l_expiration_ne_deplace_rien() -> None:
    """T05 : donnée puis expirée avant l'expiration du titre, elle ne change pas le premier jour découvert."""
    life = [CARTE, api("2025-06-01", "2025-08-31")]
    assert ruptures(vue(life, "2025-10-10")) == [("2025-10-01", "2025-10-10", 10)]


def test_t06_deux_dossiers_en_parallele_couvrent_une_seule_personne() -> None:
    """T06 : l'attestation d'un dossier couvre les jours que l'autre dossier laisse sans rien."""
    life = [CARTE, demande("2025-07-01"), demande("2025-07-02", dossier="D-2"),
            api("2025-10-01", "2025-12-31", dossier="D-2")]  # fmt: skip
    assert vue(life, "2025-12-31").lacunes == ()


def test_t06_le_refus_d_un_dossier_ne_touche_pas_l_attestation_de_l_autre() -> None:
    """T06 : un refus n'arrête que les documents de son dossier."""
    life = [CARTE, demande("2025-07-01"), demande("2025-07-02", dossier="D-2"),
            api("2025-10-01", "2025-12-31", dossier="D-2"), refus("2025-11-01")]  # fmt: skip
    assert vue(life, "2025-12-31").lacunes == ()


def test_t07_un_fait_appris_tard_change_la_lecture_et_laisse_l_ancienne() -> None:
    """T07 : la même vie, sans puis avec le fait tardif, donne les deux lectures ; aucune n'efface l'autre."""
    known = [CARTE]
    late = api("2025-10-01", "2025-12-31")
    assert ruptures(vue(known, "2025-11-01")) == [("2025-10-01", "2025-11-01", 32)]
    assert ruptures(vue([*known, late], "2025-11-01")) == []


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
def test_t09_le_maintien_de_trois_mois_depend_de_la_carte(card: dict[str, object], listed: bool | None, end: str | None) -> None:
    """T09 : carte de quatre ans, de résident ou d'un accord : couverte ; deux ans : dans un département listé seulement."""
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
    card: dict[str, object], given: dict[str, object], code: CodeLecture
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
    """Le titre couvre jusqu'à la veille de l'effet, à défaut jusqu'à la notification incluse ; ensuite, fin de droit."""
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
    life = [CARTE, demande("2025-07-01"), favorable("2025-10-01"), adf("2025-10-01"), e("D-1", "2025-10-20", taken_back)]
    assert lacunes(life, "2025-10-31") == [("2025-10-21", "2025-10-31", "fin_de_droit", "certain")]


@pytest.mark.parametrize("cloture", [DossierClosAutomatiquement(), DossierClosParAgent()])
def test_la_cloture_d_un_dossier_n_est_pas_un_refus(cloture: DossierClosAutomatiquement | DossierClosParAgent) -> None:
    """Clore un dossier, par le système ou par un agent, ne change aucun jour."""
    life = [CARTE, demande("2025-07-01"), api("2025-10-01", "2025-12-31")]
    closed = e("D-1", "2025-11-01", cloture)
    assert vue([*life, closed], "2026-01-31").json() == vue(life, "2026-01-31").json()


def test_un_titre_dont_la_remise_est_inconnue_fonde_le_droit_seulement() -> None:
    """Sans remise connue, le titre ne prouve rien ; le droit y est, certain."""
    assert lacunes([titre("2024-10-01", "2025-09-30", remis=None)], "2025-10-31") == [
        ("2024-10-01", "2025-09-30", "preuve_seule", "certain"), ("2025-10-01", "2025-10-31", "rupture", "certain"),
    ]  # fmt: skip


def test_un_titre_de_voyage_ne_couvre_pas_le_sejour() -> None:
    """Un titre de voyage n'est pas un titre de séjour."""
    life = [CARTE, titre("2025-10-01", "2027-09-30", ref="TV", type_titre=TypeTitre.TITRE_VOYAGE)]
    assert ruptures(vue(life, "2025-10-31")) == [("2025-10-01", "2025-10-31", 31)]


def test_l_attestation_favorable_sans_fin_reste_ouverte_jusqu_a_l_observation() -> None:
    """Sans carte ni date, elle couvre et se montre jusqu'au jour d'observation, sans fin inventée."""
    found = vue([CARTE, adf("2025-10-01")], "2025-12-31")
    assert found.lacunes == ()
    assert [(s.au.isoformat(), s.ouvert) for s in found.preuve] == [("2025-09-30", False), ("2025-12-31", True)]


def test_l_attestation_favorable_suit_sa_propre_date_si_elle_en_porte_une() -> None:
    """La première des deux fins l'emporte : la date écrite, ou la veille de la remise de la carte."""
    card = titre("2025-12-01", "2026-11-30", ref="T-2")
    life = [CARTE, adf("2025-10-01", au="2025-11-15"), card]
    assert ruptures(vue(life, "2025-12-31")) == [("2025-11-16", "2025-11-30", 15)]


def test_la_remise_d_une_carte_plus_ancienne_n_arrete_pas_l_attestation() -> None:
    """Seule une remise postérieure à l'attestation y met fin ; la carte d'avant, remise avant, ne compte pas."""
    assert vue([CARTE, adf("2025-05-01")], "2026-03-01").lacunes == ()


def test_une_remise_a_date_incertaine_ne_troue_pas_une_couverture_continue() -> None:
    """Attestation jusqu'à la remise, carte depuis la remise : quel que soit le jour, l'un des deux couvre."""
    card = titre("2025-11-01", "2026-10-31", remis="2025-11", ref="T-2")
    found = vue([CARTE, adf("2025-10-01"), card], "2026-10-31")
    assert found.lacunes == ()
    assert ("ADF", "2025-11-01", "2025-11-29") in couverts(s for s in found.preuve if s.certitude is Certitude.CERTAIN)


def test_une_expiration_incertaine_suivie_du_maintien_reste_couverte() -> None:
    """La carte expire en septembre, on ne sait quand : les trois mois la suivent, aucun jour n'est perdu avant."""
    life = [titre("2021-10-01", "2025-09", **QUATRE_ANS), demande("2025-07-01")]
    assert lacunes(life, "2025-12-31") == [
        ("2025-12-02", "2025-12-30", "rupture", "incertain"), ("2025-12-31", "2025-12-31", "rupture", "certain"),
    ]  # fmt: skip


def test_une_date_de_fin_incertaine_coupe_la_lacune_la_ou_la_certitude_change() -> None:
    """Un titre valable « jusqu'en septembre » : incertain en septembre, certain ensuite ; jamais deviné."""
    assert lacunes([titre("2024-10-01", "2025-09")], "2025-10-31") == [
        ("2025-09-02", "2025-09-30", "rupture", "incertain"), ("2025-10-01", "2025-10-31", "rupture", "certain"),
    ]  # fmt: skip


def test_un_debut_incertain_n_ouvre_pas_de_lacune_avant_le_premier_document() -> None:
    """Avant le premier document, rien n'a commencé, quelle que soit la lecture de sa date."""
    found = vue([titre("2024-10", "2025-09-30", remis="2024-09-20")], "2025-09-30")
    assert found.lacunes == ()
    assert [s.certitude for s in found.preuve] == [Certitude.INCERTAIN, Certitude.CERTAIN]


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


def test_une_attestation_corrigee_prend_le_relais_avec_sa_propre_fin() -> None:
    """Corrigée le 1er décembre et valable jusqu'en mars, elle remplace celle qui finissait trop tard ou trop tôt."""
    event = AttestationProlongationCorrigee(
        mise_a_disposition_le=Jours.lire("2025-12-01"), valide_au=Jours.lire("2026-03-31")
    )
    life = [CARTE, api("2025-10-01", "2026-12-31"), e("A-1", "2025-12-01", event)]
    assert couverts(vue(life, "2026-04-30").preuve)[1:] == [
        ("API", "2025-10-01", "2025-11-30"), ("API", "2025-12-01", "2026-03-31"),
    ]  # fmt: skip


def test_une_lacune_suivie_d_un_document_connu_n_est_pas_ouverte() -> None:
    """Le jour d'observation est découvert, un document déjà connu commence demain : la lacune n'est pas ouverte."""
    life = [CARTE, api("2025-10-11", "2026-01-10")]
    assert [g.ouverte for g in vue(life, "2025-10-10").lacunes] == [False]
    assert [g.ouverte for g in vue(life[:1], "2025-10-10").lacunes] == [True]


def complement(**given: object) -> list[Entry]:
    """T10: an application of 1 March, pieces asked on day 100 with thirty days to answer."""
    asked = ComplementDemande(
        complement="C-1", demande_le=Jours.lire("2025-06-09"), echeance=Jours.lire("2025-07-09"), **given
    )
    return [demande("2025-03-01"), e("D-1", "2025-06-09", asked)]


def test_t10_la_demande_de_pieces_donne_une_seconde_date_jamais_la_seule() -> None:
    """T10 : sans réponse, trente jours de suspension : le 31 juillet, à côté du 1er juillet."""
    (found,) = vue(complement(), "2026-01-01").refus_implicites
    assert (found.ne_le.isoformat(), str(found.suspendu_jusqu_au)) == ("2025-07-01", "2025-07-31")
    assert len(found.motifs) == 1


def test_t10_la_reponse_arrete_la_suspension_et_l_attestation_fait_presumer_le_dossier_complet() -> None:
    """T10 : répondu au dixième jour, dix jours de suspension ; l'attestation délivrée rend la première date préférable."""
    answered = ComplementRepondu(complement="C-1", repondu_le=Jours.lire("2025-06-19"))
    life = [*complement(), e("D-1", "2025-06-19", answered), api("2025-08-01", "2025-10-31")]
    (found,) = vue(life, "2026-01-01").refus_implicites
    assert (found.ne_le.isoformat(), str(found.suspendu_jusqu_au)) == ("2025-07-01", "2025-07-11")
    assert any("présumer le dossier complet" in motif for motif in found.motifs)


def test_t10_une_prorogation_allonge_la_suspension() -> None:
    """T10 : le délai prorogé de dix jours suspend quarante jours."""
    later = DelaiComplementProroge(complement="C-1", nouvelle_echeance=Jours.lire("2025-07-19"))
    (found,) = vue([*complement(), e("D-1", "2025-07-01", later)], "2026-01-01").refus_implicites
    assert str(found.suspendu_jusqu_au) == "2025-08-10"


def test_t10_une_demande_de_pieces_sans_delai_ne_suspend_rien() -> None:
    """T10 : le texte exige que la demande fixe un délai ; sans lui, une seule date."""
    asked = ComplementDemande(demande_le=Jours.lire("2025-06-09"))
    (found,) = vue([demande("2025-03-01"), e("D-1", "2025-06-09", asked)], "2026-01-01").refus_implicites
    assert found.suspendu_jusqu_au is None


def test_un_refus_implicite_inscrit_a_une_autre_date_est_montre_aussi() -> None:
    """Ce que le registre inscrit et ce que le texte donne sont montrés tous deux, jamais fondus."""
    written = e("D-1", "2025-07-09", RefusImpliciteNe(ne_le=Jours.lire("2025-07-09")))
    found = vue([demande("2025-03-01"), written], "2026-01-01").refus_implicites
    assert [(r.ne_le.isoformat(), r.base, r.constate) for r in found] == [
        ("2025-07-01", "4 mois", False), ("2025-07-09", "inscrit au registre", True),
    ]  # fmt: skip


def test_un_refus_implicite_annule_ou_une_demande_retiree_se_disent() -> None:
    """Annulé par le juge : effacé ; demande retirée avant : prévenu."""
    judged = annule("2025-12-01", NatureDecision.REFUS_IMPLICITE)
    withdrawn = e("D-1", "2025-05-01", DemandeRetiree(retiree_le=Jours.lire("2025-05-01")))
    for more, statut in ((judged, StatutRefus.EFFACE), (withdrawn, StatutRefus.PREVENU)):
        assert [r.statut for r in vue([demande("2025-03-01"), more], "2026-01-01").refus_implicites] == [statut]


def test_un_depot_a_date_incertaine_donne_un_intervalle() -> None:
    """Déposée en mars : le refus naît entre le 1er et le 31 juillet ; le 15, on ne sait s'il est né."""
    (found,) = vue([demande("2025-03")], "2025-07-15").refus_implicites
    assert (found.ne_le.isoformat(), found.ne_au_plus_tard.isoformat()) == ("2025-07-01", "2025-07-31")
    assert found.statut is StatutRefus.INCERTAIN


def test_un_effet_finit_au_fait_suivant_de_la_meme_reference() -> None:
    """Suspendu, rompu puis repris sous une référence : trois faits, deux pertes qui se suivent sans se recouvrir."""
    life = [
        e("E-1", "2025-10-05", EmploiSuspendu(depuis_le=Jours.lire("2025-10-05"))),
        e("E-1", "2025-11-01", EmploiRompu(depuis_le=Jours.lire("2025-11-01"))),
        e("E-1", "2025-12", EmploiRepris(repris_le=Jours.lire("2025-12"))),
    ]
    first, second = vue(life, "2026-01-01").effets
    assert (str(first.du), str(first.au), first.certitude) == ("2025-10-05", "2025-10-31", Certitude.CERTAIN)
    assert (str(second.du), str(second.au), str(second.au_certain)) == ("2025-11-01", "2025-12-30", "2025-11-30")
    assert second.certitude is Certitude.INCERTAIN


def test_les_noms_pertinents_existent_et_le_reste_ne_change_rien() -> None:
    """Chaque nom regardé est un nom stocké ; un fait dont le nom n'y est pas ne change aucun octet."""
    assert {each.nom for each in EVENTS} >= PERTINENTS
    closed = e("D-1", "2025-11-01", DossierClosAutomatiquement())
    assert closed.fait.evenement.nom not in PERTINENTS


def test_la_couverture_s_ecrit_en_json_avec_des_noms_francais() -> None:
    """Le JSON porte les mêmes noms que le modèle, les dates en AAAA-MM-JJ et le nombre de jours."""
    (gap,) = json.loads(vue([CARTE], "2025-10-31").json())["lacunes"]
    assert (gap["du"], gap["au"], gap["jours"], gap["nature"], gap["ouverte"]) == (
        "2025-10-01", "2025-10-31", 31, "rupture", True,
    )  # fmt: skip

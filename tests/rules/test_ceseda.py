"""The rules of residence: who must hold what, by when to apply, which document is due, and from which day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.events.types import NatureDecision, NatureDemande, StatutProtection, TypeTitre
from rules import (
    ce_499904_completude,
    ceseda_l411_1_titres,
    ceseda_l424_1_protection,
    ceseda_l433_3_maintien,
    ceseda_r431_4_premiere_demande,
    ceseda_r431_5_fenetre,
    ceseda_r431_5_jeune_majeur,
    ceseda_r431_8_six_mois,
    ceseda_r431_10_dossier_incomplet,
    ceseda_r431_12_recepisse,
    ceseda_r431_13_duree,
    ceseda_r431_14_travail,
    ceseda_r431_15_1_attestation,
    ceseda_r431_15_2_travail,
    ceseda_r431_15_3_refugie,
    ceseda_r431_20_prefet,
    circulaire_2013_06_25_point_de_depart,
)
from rules.base import Source, Verification, quantieme
from rules.ceseda_r431_15_2_travail import Travail

DATES = st.dates(date(1950, 1, 1), date(2150, 12, 31))
PREMIERE, RENOUVELLEMENT = NatureDemande.PREMIERE_DEMANDE, NatureDemande.RENOUVELLEMENT


def test_un_document_est_exige_apres_trois_mois() -> None:
    """L.411-1 : entré le 15 janvier, sans document jusqu'au 15 avril ; exigé le 16."""
    assert ceseda_l411_1_titres.exige_le(date(2025, 1, 15)) == date(2025, 4, 16)
    assert ceseda_l411_1_titres.exige_le(date(2025, 11, 30)) == date(2026, 3, 1)


@pytest.mark.parametrize("titre", list(TypeTitre))
def test_la_fenetre_vise_les_documents_des_2_a_8(titre: TypeTitre) -> None:
    """R.431-5 1° : du visa valant titre à l'autorisation provisoire, sauf le résident de longue durée-UE."""
    listed = {TypeTitre.VLS_TS, TypeTitre.CST, TypeTitre.CSP, TypeTitre.CARTE_RESIDENT, TypeTitre.CARTE_RETRAITE,
              TypeTitre.APS}  # fmt: skip
    outside = {TypeTitre.CERTIFICAT_RESIDENCE_ALGERIEN, TypeTitre.CARTE_SEJOUR_UE, TypeTitre.CARTE_ACCORD_RETRAIT,
               TypeTitre.AUTRE, TypeTitre.INCONNU}  # fmt: skip
    expected = True if titre in listed else None if titre in outside else False
    assert ceseda_r431_5_fenetre.vise(titre) is expected
    assert ceseda_r431_8_six_mois.vise(titre) is (titre is not TypeTitre.RESIDENT_LONGUE_DUREE_UE)


def test_une_premiere_demande_se_fait_dans_les_deux_mois() -> None:
    """R.431-4 : entré le 31 décembre, jusqu'au dernier jour de février."""
    assert ceseda_r431_4_premiere_demande.limite(date(2024, 12, 31)) == date(2025, 2, 28)
    assert ceseda_r431_4_premiere_demande.limite(date(2025, 3, 10)) == date(2025, 5, 10)


@pytest.mark.parametrize(
    ("fondement", "limites"),
    [
        ("CESEDA L.424-1", (date(2026, 5, 9),)),
        ("CESEDA L.423-22", (date(2026, 5, 9),)),
        ("CESEDA L.423-7", (date(2025, 7, 10), date(2026, 5, 9))),
        (None, (date(2025, 7, 10), date(2026, 5, 9))),
    ],
)
def test_le_jeune_majeur_a_un_an_ou_deux_mois(fondement: str | None, limites: tuple[date, ...]) -> None:
    """Dix-huit ans le 10 mai 2025 : la veille des dix-neuf ans, ou le 10 juillet ; un article inconnu donne les deux."""
    assert ceseda_r431_5_jeune_majeur.limites(date(2025, 5, 10), fondement) == limites


def test_qui_perd_la_nationalite_a_deux_mois() -> None:
    """Perdue le 1er mars : jusqu'au 1er mai."""
    assert ceseda_r431_5_jeune_majeur.limite_nationalite(date(2025, 3, 1)) == date(2025, 5, 1)


@given(majority=DATES)
def test_les_limites_du_jeune_majeur_viennent_dans_l_ordre(majority: date) -> None:
    """Deux mois passent toujours avant la veille des dix-neuf ans, et cette veille précède l'anniversaire."""
    soon, late = ceseda_r431_5_jeune_majeur.limites(majority)
    assert majority < soon < late
    assert late + timedelta(days=1) == quantieme(majority, 12)


@pytest.mark.parametrize(("etabli", "vaut"), [(True, NatureDecision.REFUS_ENREGISTREMENT),
                                              (False, NatureDecision.REFUS_IMPLICITE)])  # fmt: skip
def test_seul_un_dossier_vraiment_incomplet_change_le_sens_du_silence(etabli: bool, vaut: NatureDecision) -> None:
    """CE 494718 : refus d'enregistrer, qui ne fait pas grief, si l'incomplétude est établie ; refus implicite sinon."""
    assert ceseda_r431_10_dossier_incomplet.silence_vaut(incomplet_etabli=etabli) is vaut
    assert ceseda_r431_10_dossier_incomplet.fait_grief(incomplet_etabli=etabli) is not etabli


def test_le_recepisse_est_du_le_jour_de_la_demande_sauf_au_demandeur_d_asile() -> None:
    """R.431-12 : au guichet, le jour même ; rien à qui détient une attestation de demande d'asile."""
    assert ceseda_r431_12_recepisse.exigible_le(date(2025, 9, 22)) == date(2025, 9, 22)
    assert ceseda_r431_12_recepisse.exigible_le(date(2025, 9, 22), attestation_asile=True) is None


def test_un_recepisse_ne_finit_pas_avant_un_mois() -> None:
    """R.431-13 : du 22 septembre, au plus tôt jusqu'au 21 octobre."""
    assert ceseda_r431_13_duree.fin_au_plus_tot(date(2025, 9, 22)) == date(2025, 10, 21)


@pytest.mark.parametrize(
    ("nature", "motif", "fondement", "allowed"),
    [
        (PREMIERE, "salarié", None, True),
        (PREMIERE, "passeport talent", None, True),
        (PREMIERE, "vie privée et familiale", "CESEDA L.423-7", True),
        (PREMIERE, "vie privée et familiale", "CESEDA L.423-23", None),
        (PREMIERE, "étudiant", None, None),
        (RENOUVELLEMENT, "salarié", None, None),
    ],
)
def test_le_recepisse_de_la_liste_lue_permet_de_travailler(
    nature: NatureDemande, motif: str, fondement: str | None, allowed: bool | None
) -> None:
    """R.431-14 : oui pour la partie lue, jamais « non » pour le reste."""
    assert ceseda_r431_14_travail.autorise(nature, motif, fondement) is allowed


@pytest.mark.parametrize(
    ("nature", "fondement", "held", "expected"),
    [
        (PREMIERE, "CESEDA L.423-7", None, Travail.PERMIS),
        (PREMIERE, "CESEDA L.424-9", None, Travail.PERMIS),
        (PREMIERE, "CESEDA L.421-1", None, Travail.SOUS_CONDITION),
        (PREMIERE, "CESEDA L.426-12", None, Travail.EXCLU),
        (PREMIERE, "CESEDA L.426-13", None, Travail.APRES_UN_AN),
        (PREMIERE, "CESEDA L.426-12 et L.426-13", None, Travail.APRES_UN_AN),
        (PREMIERE, "CESEDA L.422-1", None, Travail.INCONNU),
        (PREMIERE, None, True, Travail.INCONNU),
        (RENOUVELLEMENT, "CESEDA L.422-1", True, Travail.PERMIS),
        (RENOUVELLEMENT, "CESEDA L.423-7", None, Travail.INCONNU),
        (RENOUVELLEMENT, "CESEDA L.423-7", False, Travail.INCONNU),
    ],
)
def test_l_attestation_permet_de_travailler_selon_le_titre(
    nature: NatureDemande, fondement: str | None, held: bool | None, expected: Travail
) -> None:
    """R.431-15-2 : la liste pour une première demande, le titre tenu pour un renouvellement, l'inconnu reste inconnu."""
    assert ceseda_r431_15_2_travail.travail(nature, fondement, titre_precedent_le_permettait=held) is expected


def test_l_attestation_de_depot_et_celle_de_decision_sont_dues_le_jour_meme() -> None:
    """R.431-15-1 al. 1 et 4 : immédiatement après le dépôt, dès la décision favorable."""
    assert ceseda_r431_15_1_attestation.attestation_depot_due_le(date(2025, 7, 1)) == date(2025, 7, 1)
    assert ceseda_r431_15_1_attestation.decision_favorable_due_le(date(2025, 5, 12)) == date(2025, 5, 12)


@pytest.mark.parametrize(
    ("decision", "due"),
    [
        (None, date(2025, 7, 1)),
        (date(2025, 7, 1), date(2025, 7, 1)),
        (date(2025, 6, 30), None),
        (date(2025, 6, 1), None),
    ],
)
def test_le_renouvellement_est_du_le_lendemain_tant_que_le_prefet_n_a_pas_statue(
    decision: date | None, due: date | None
) -> None:
    """C02 : valable jusqu'au 30 juin, la suivante est due le 1er juillet, sauf décision prise entre-temps."""
    assert ceseda_r431_15_1_attestation.renouvellement_du_le(date(2025, 6, 30), decision) == due
    assert ceseda_r431_15_3_refugie.renouvellement_du_le(date(2025, 6, 30), decision) == due


def test_sans_document_precedent_l_attestation_est_due_du_jour_du_depot() -> None:
    """Al. 3 : déposée au plus tard le dernier jour, due ce jour-là ; déposée après, elle ne l'est pas."""
    limit = date(2025, 7, 10)
    assert ceseda_r431_15_1_attestation.exigible_sans_document_le(limit, limit) == limit
    assert ceseda_r431_15_1_attestation.exigible_sans_document_le(limit + timedelta(days=1), limit) is None


def test_le_protege_est_informe_des_sa_reconnaissance() -> None:
    """R.431-15-3 : reconnu le 13 janvier, informé ce jour-là."""
    assert ceseda_r431_15_3_refugie.information_due_le(date(2025, 1, 13)) == date(2025, 1, 13)


def test_la_remise_de_la_carte_n_a_pas_la_meme_source_pour_tous() -> None:
    """R.424-1 pour le réfugié, une ancienne fiche pour la protection subsidiaire, rien pour l'apatride."""
    sources = ceseda_l424_1_protection.REMISE_PAR_STATUT
    assert sources[StatutProtection.REFUGIE].verification is Verification.F
    assert sources[StatutProtection.PROTECTION_SUBSIDIAIRE].verification is Verification.S
    assert StatutProtection.APATRIDE not in sources


def test_le_prefet_de_la_residence_est_competent() -> None:
    """R.431-20 : même département ; à Paris, le préfet de police ; une résidence inconnue ne tranche rien."""
    rule = ceseda_r431_20_prefet
    assert [rule.competent("69", "69"), rule.competent("69", "38"), rule.competent("69", None)] == [True, False, None]
    assert [rule.autorite("75"), rule.autorite("69")] == ["préfet de police", "préfet"]


ARRETE = Source("Arrêté", "essai", "x", Verification.M, date(2022, 1, 1), date(2023, 12, 31))


@pytest.mark.parametrize(
    ("departement", "le", "declare", "expected"),
    [
        ("93", date(2023, 6, 1), None, True),
        ("75", date(2023, 6, 1), None, False),
        ("93", date(2021, 6, 1), None, None),
        ("93", date(2024, 1, 1), None, None),
        (None, date(2023, 6, 1), None, None),
        ("93", date(2023, 6, 1), False, False),
        ("75", date(2024, 6, 1), True, True),
    ],
)
def test_les_faits_priment_sur_la_table_des_departements(
    departement: str | None, le: date, declare: bool | None, expected: bool | None
) -> None:
    """L.433-3 al. 2 : ce que la demande dit d'abord, puis la liste en vigueur ce jour-là, sinon l'inconnu."""
    found = ceseda_l433_3_maintien.departement_liste(
        departement, le, declare=declare, listes=[(ARRETE, frozenset({"93"}))]
    )
    assert found is expected


@given(le=DATES, departement=st.sampled_from(["2A", "69", "75", "93", "974"]))
def test_la_table_des_departements_est_vide_et_ne_tranche_rien(le: date, departement: str) -> None:
    """Aucun arrêté n'a été trouvé : sans fait qui le dise, l'inscription reste inconnue, quel que soit le jour."""
    assert ceseda_l433_3_maintien.LISTES == ()
    assert ceseda_l433_3_maintien.departement_liste(departement, le, declare=None) is None


@pytest.mark.parametrize(
    ("demande", "delivre", "complet"),
    [
        (None, None, True),
        (None, date(2025, 7, 1), True),
        (date(2025, 6, 9), None, False),
        (date(2025, 6, 9), date(2025, 6, 8), False),
        (date(2025, 6, 9), date(2025, 6, 9), True),
        (date(2025, 6, 9), date(2025, 7, 1), True),
    ],
)
def test_une_attestation_donnee_apres_la_demande_de_pieces_confirme_le_dossier(
    demande: date | None, delivre: date | None, complet: bool
) -> None:
    """CE 499904 : complet sans demande conforme, en question après elle, confirmé par un document délivré ensuite."""
    assert ce_499904_completude.presume_complet(demande, delivre) is complet


def test_le_titre_renouvele_ne_remonte_pas() -> None:
    """Expiré le 30 septembre, décidé le 12 novembre : il commence ce jour-là, et 42 jours restent sans titre."""
    rule = circulaire_2013_06_25_point_de_depart
    assert rule.debut(date(2025, 11, 12), date(2025, 9, 30)) == date(2025, 11, 12)
    found = rule.jours_sans_titre(date(2025, 11, 12), date(2025, 9, 30))
    assert found == (date(2025, 10, 1), date(2025, 11, 11))
    assert (found[1] - found[0]).days + 1 == 42


@pytest.mark.parametrize("decision", [date(2025, 9, 30), date(2025, 8, 1)])
def test_un_titre_decide_avant_l_expiration_ne_laisse_aucun_jour(decision: date) -> None:
    """L'ancien titre court encore : aucun jour découvert, et la circulaire ne dit pas quand le nouveau commence."""
    rule = circulaire_2013_06_25_point_de_depart
    assert rule.debut(decision, date(2025, 9, 30)) is None
    assert rule.jours_sans_titre(decision, date(2025, 9, 30)) is None
    assert rule.jours_sans_titre(date(2025, 10, 1), date(2025, 9, 30)) is None

"""The remedies: which one is open on which day, what it must enclose, and when the time to use it is over."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.days import LAST_DAY
from ledger.events.types import BaseRecours, NatureDecision, NatureDemande, StatutProtection
from rules import (
    caa_24pa02879_prejudice,
    ce_498497_urgence,
    ceseda_r142_11_conservation,
    cja_l521_1_suspension,
    cja_l521_2_liberte,
    cja_l521_3_mesures_utiles,
    cja_l911_1_injonction,
    cja_r412_1_piece_jointe,
    cja_r421_1_delai_franc,
    cja_r421_2_reclamation,
    cja_r421_5_voies_et_delais,
    cja_r431_2_avocat,
    cja_r522_1_refere,
    jours_ouvres,
    loi_1968_prescription,
    loi_2011_333_suites,
    rgpd_art12_acces,
)
from rules.ce_435594_tentatives import suffisantes_le, tentatives_suffisantes
from rules.cja_r412_1_piece_jointe import PieceJointe

DATES = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("jours", "suffisantes"),
    [
        ([], None),
        ([date(2025, 2, 28)], None),
        ([date(2019, 9, 13), date(2019, 9, 14), date(2019, 9, 16), date(2019, 9, 18)], None),
        ([date(2025, 6, 1), date(2025, 6, 2)], None),
        ([date(2025, 6, 2), date(2025, 6, 8)], None),
        ([date(2025, 6, 2), date(2025, 6, 9)], date(2025, 6, 9)),
        ([date(2025, 6, 24), date(2025, 5, 20), date(2025, 6, 3)], date(2025, 6, 3)),
        ([date(2024, 2, 26), date(2024, 3, 6), date(2024, 3, 18)], date(2024, 3, 6)),
        ([date(2025, 3, 4), date(2025, 3, 18), date(2025, 4, 8)], date(2025, 3, 18)),
    ],
)
def test_les_tentatives_suffisent_sept_jours_apres_la_premiere(jours: list[date], suffisantes: date | None) -> None:
    """CE 435594 : du 13 au 18 septembre 2019, non ; un dimanche et le lundi, non ; C04, C05 et C06, à la deuxième."""
    assert suffisantes_le(jours) == suffisantes
    assert tentatives_suffisantes(jours) is (suffisantes is not None)


@given(jours=st.lists(DATES, max_size=6), autre=DATES)
def test_une_tentative_de_plus_ne_nuit_jamais(jours: list[date], autre: date) -> None:
    """Ajouter une tentative ne rend pas insuffisantes celles qui suffisaient ; l'ordre dans lequel on les dit est égal."""
    assert suffisantes_le(jours) == suffisantes_le(reversed(jours))
    if tentatives_suffisantes(jours):
        assert tentatives_suffisantes([*jours, autre])


@given(start=DATES, gap=st.integers(0, 30))
def test_l_ecart_se_mesure_en_jours_jamais_en_semaines_du_calendrier(start: date, gap: int) -> None:
    """Deux tentatives suffisent si et seulement si sept jours les séparent, quel que soit le jour de la semaine."""
    assert tentatives_suffisantes([start, start + timedelta(days=gap)]) is (gap >= 7)


def test_les_mesures_utiles_ferment_la_veille_du_refus() -> None:
    """C01 : refus implicite le 1er novembre ; la voie est ouverte jusqu'au 31 octobre, puis vient la suspension."""
    refusal = date(2025, 11, 1)
    rule = cja_l521_3_mesures_utiles
    assert rule.dernier_jour(refusal) == date(2025, 10, 31)
    assert rule.ouvert(date(2025, 10, 31), refusal)
    assert not rule.ouvert(refusal, refusal)
    assert rule.ouvert(date(2026, 5, 1), None)
    assert cja_l521_1_suspension.ouvert_le(refusal, date(2025, 10, 15)) == refusal


@given(day=DATES, refusal=DATES)
def test_jamais_les_deux_voies_a_la_fois(day: date, refusal: date) -> None:
    """Un jour donné, ou bien aucune décision n'existe, ou bien elle peut être attaquée : une voie, pas deux."""
    suspension = cja_l521_1_suspension.ouvert_le(refusal, refusal)
    assert suspension is not None
    assert cja_l521_3_mesures_utiles.ouvert(day, refusal) is not (suspension <= day)


@pytest.mark.parametrize(
    ("decision", "requete", "ouvert"),
    [
        (date(2025, 11, 1), date(2025, 11, 20), date(2025, 11, 20)),
        (None, date(2025, 11, 20), None),
        (date(2025, 11, 1), None, None),
    ],
)
def test_la_suspension_suppose_une_decision_attaquee(
    decision: date | None, requete: date | None, ouvert: date | None
) -> None:
    """L.521-1 : sans décision, ou sans requête au fond, pas de suspension."""
    assert cja_l521_1_suspension.ouvert_le(decision, requete) == ouvert


@pytest.mark.parametrize("base", list(BaseRecours))
def test_seule_la_suspension_joint_la_requete_au_fond(base: BaseRecours) -> None:
    """R.522-1 : la copie de la requête au fond n'est exigée que pour suspendre."""
    assert cja_r522_1_refere.copie_au_fond_exigee(base) is (base is BaseRecours.REFERE_SUSPENSION)


@pytest.mark.parametrize("base", list(BaseRecours))
def test_un_avocat_pour_demander_de_l_argent(base: BaseRecours) -> None:
    """R.431-2 : indemnité et provision ; ailleurs l'article ne tranche pas, et jamais « non »."""
    money = base in {BaseRecours.INDEMNITAIRE, BaseRecours.REFERE_PROVISION}
    assert cja_r431_2_avocat.avocat_exige(base) is (True if money else None)


@pytest.mark.parametrize("base", list(BaseRecours))
def test_une_somme_se_demande_d_abord_a_l_administration(base: BaseRecours) -> None:
    """R.421-1 et CE 427923 : une décision préalable pour l'indemnité et la provision, pour elles seules."""
    money = base in {BaseRecours.INDEMNITAIRE, BaseRecours.REFERE_PROVISION}
    assert cja_r421_1_delai_franc.demande_prealable_exigee(base) is money


def test_la_seconde_lecture_laisse_la_premiere_en_place() -> None:
    """R.421-1 : connu d'abord par une copie de 2012, relu dans sa version de 2020 ; les deux lectures restent."""
    first, second = (each.sources[0] for each in cja_r421_1_delai_franc.LECTURES.toutes)
    assert (first.lecture, second.lecture) == (1, 2)
    assert first.connue_le < second.connue_le
    assert (first.a_verifier, second.a_verifier) == (True, False)


def test_l_ordonnance_de_liberte_est_attendue_sous_deux_jours() -> None:
    """L.521-2 : saisi le 1er avril, jusqu'au 3."""
    assert cja_l521_2_liberte.ordonnance_attendue_le(date(2025, 4, 1)) == date(2025, 4, 3)


def test_une_injonction_se_compte_du_lendemain_de_sa_notification() -> None:
    """L.911-1 : notifiée le 27 juin, quinze jours : jusqu'au 12 juillet."""
    assert cja_l911_1_injonction.execution_due_le(date(2025, 6, 27), 15) == date(2025, 7, 12)
    assert cja_l911_1_injonction.execution_due_le(date(2025, 6, 27), 10**9) == LAST_DAY


@pytest.mark.parametrize("vise", list(NatureDecision))
def test_contre_un_silence_on_joint_la_preuve_du_depot(vise: NatureDecision) -> None:
    """R.412-1 : la décision elle-même, sauf quand il n'y en a pas d'écrite."""
    silent = vise is NatureDecision.REFUS_IMPLICITE
    assert cja_r412_1_piece_jointe.a_joindre(vise) is (PieceJointe.PREUVE_DU_DEPOT if silent else PieceJointe.DECISION)


def test_une_reclamation_sans_reponse_est_rejetee_apres_deux_mois() -> None:
    """R.421-2 : reçue le 15 mai, rejetée le 15 juillet, attaquable jusqu'au 16 septembre, franc."""
    assert cja_r421_2_reclamation.rejet_le(date(2025, 5, 15)) == date(2025, 7, 15)
    assert cja_r421_2_reclamation.dernier_jour_recours(date(2025, 5, 15)) == date(2025, 9, 16)


@pytest.mark.parametrize(
    ("notifiee", "mention", "opposable"),
    [(None, True, False), (date(2025, 6, 10), True, True), (date(2025, 6, 10), False, False),
     (date(2025, 6, 10), None, None)],
)  # fmt: skip
def test_un_delai_qui_n_a_pas_ete_dit_n_est_pas_opposable(
    notifiee: date | None, mention: bool | None, opposable: bool | None
) -> None:
    """R.421-5 : notifié et mentionné ; une mention inconnue laisse la question ouverte."""
    assert cja_r421_5_voies_et_delais.opposable(notifiee, mention=mention) is opposable


@pytest.mark.parametrize("nature", list(NatureDemande))
def test_l_urgence_se_presume_d_un_renouvellement(nature: NatureDemande) -> None:
    """CE 498497 et 503085 : pour un renouvellement, et pour la protection subsidiaire ; sinon elle se justifie."""
    renewal = nature is NatureDemande.RENOUVELLEMENT
    assert ce_498497_urgence.presumee(nature) is (True if renewal else None)
    assert ce_498497_urgence.presumee(nature, StatutProtection.PROTECTION_SUBSIDIAIRE) is True
    assert ce_498497_urgence.presumee(nature, StatutProtection.REFUGIE) is (True if renewal else None)


@pytest.mark.parametrize(
    ("perte", "compatible"),
    [(date(2024, 3, 17), False), (date(2024, 3, 18), True), (date(2024, 4, 12), True), (date(2024, 6, 23), True),
     (date(2024, 6, 24), False)],
)  # fmt: skip
def test_une_perte_nee_pendant_la_rupture_est_compatible_avec_elle(perte: date, compatible: bool) -> None:
    """C04 : découvert du 18 mars au 23 juin ; l'emploi perdu le 12 avril l'est pendant."""
    found = caa_24pa02879_prejudice.dates_compatibles(perte, date(2024, 3, 18), date(2024, 6, 23))
    assert found is compatible


@pytest.mark.parametrize("fait", [date(2025, 1, 1), date(2025, 10, 1), date(2025, 12, 31)])
def test_la_preuve_d_une_rupture_de_2025_se_garde_jusqu_a_la_fin_de_2029(fait: date) -> None:
    """Quatre ans à partir du 1er janvier 2026."""
    assert loi_1968_prescription.dernier_jour(fait) == date(2029, 12, 31)


@pytest.mark.parametrize(
    ("informe", "au", "retard"),
    [
        (None, date(2025, 9, 30), False),
        (None, date(2025, 10, 1), True),
        (date(2025, 9, 30), date(2025, 12, 1), False),
        (date(2025, 10, 2), date(2025, 12, 1), True),
    ],
)
def test_les_suites_sont_dues_au_jour_que_le_defenseur_fixe(informe: date | None, au: date, retard: bool) -> None:
    """Article 25 : fixé au 30 septembre, ce jour-là est encore à temps."""
    assert loi_2011_333_suites.en_retard(date(2025, 9, 30), informe, au) is retard


def test_une_demande_d_acces_recoit_reponse_dans_le_mois() -> None:
    """RGPD, article 12(3) : reçue le 31 janvier, jusqu'au 28 février."""
    assert rgpd_art12_acces.reponse_due_le(date(2025, 1, 31)) == date(2025, 2, 28)


def test_des_donnees_sans_mise_a_jour_se_revoient_apres_cinq_ans() -> None:
    """R.142-11, d'après d'anciennes pages : mises à jour le 29 février 2020, à revoir le 28 février 2025."""
    assert ceseda_r142_11_conservation.a_revoir_le(date(2020, 2, 29)) == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("departement", "certain"),
    [("69", True), ("2A", True), ("57", False), ("67", False), ("68", False), ("971", False), ("976", False),
     ("988", False), ("97", False), (None, None)],
)  # fmt: skip
def test_le_calendrier_est_incertain_en_alsace_moselle_et_outre_mer(
    departement: str | None, certain: bool | None
) -> None:
    """Leurs jours fériés propres ne sont pas comptés : un délai en jours ouvrés y est incertain, et on le dit."""
    assert jours_ouvres.calendrier_certain(departement) is certain

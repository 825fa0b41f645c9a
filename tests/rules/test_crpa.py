"""The rules between the public and the administration: receipts, silence, notifications, appeals, access to documents."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.events.types import Canal
from rules import (
    crpa_l112_3_accuse,
    crpa_l112_9_voie_electronique,
    crpa_l112_12_opposabilite,
    crpa_l112_13_date,
    crpa_l112_15_notification,
    crpa_l114_3_transmission,
    crpa_l114_6_regularisation,
    crpa_l121_1_contradictoire,
    crpa_l231_1_silence_acceptation,
    crpa_l232_4_motifs,
    crpa_l311_1_documents,
    crpa_l411_2_recours_administratif,
    crpa_r112_11_1_mentions,
    crpa_r311_12_acces,
)
from rules.crpa_l112_13_date import Depot
from rules.crpa_r112_11_1_mentions import Mention

DATES = st.dates(date(2016, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize("canal", list(Canal))
def test_l_accuse_papier_ne_vise_pas_l_envoi_electronique(canal: Canal) -> None:
    """L.112-3 : tout canal, sauf le téléservice et le courriel, qui suivent L.112-11."""
    assert crpa_l112_3_accuse.s_applique(canal) is (canal not in {Canal.TELESERVICE, Canal.COURRIEL})


@pytest.mark.parametrize(
    ("canal", "teleservice", "ecarte"),
    [
        (Canal.COURRIEL, True, True),
        (Canal.COURRIEL, False, False),
        (Canal.COURRIEL, None, None),
        (Canal.TELESERVICE, True, False),
        (Canal.GUICHET, True, False),
        (Canal.COURRIER, None, False),
    ],
)
def test_un_teleservice_ecarte_le_courriel(canal: Canal, teleservice: bool | None, ecarte: bool | None) -> None:
    """L.112-9 : la voie électronique passe par le téléservice ; la règle ne dit rien du guichet ni de la poste."""
    assert crpa_l112_9_voie_electronique.ecarte(canal, teleservice=teleservice) is ecarte


def test_l_accuse_dit_ses_cinq_mentions() -> None:
    """R.112-11-1 : ce qui manque est nommé dans l'ordre du texte, et ce dont la source ne dit rien manque aussi."""
    complete = dict.fromkeys(Mention, True)
    assert crpa_r112_11_1_mentions.manquantes(complete) == ()
    assert crpa_r112_11_1_mentions.manquantes({}) == tuple(Mention)
    partial = {**complete, Mention.VOIES_RECOURS: False, Mention.SERVICE: None}
    assert crpa_r112_11_1_mentions.manquantes(partial) == (Mention.SERVICE, Mention.VOIES_RECOURS)


@pytest.mark.parametrize(
    ("notifiee", "implicite", "opposable"),
    [
        (None, date(2025, 11, 1), False),
        (date(2025, 10, 31), date(2025, 11, 1), True),
        (date(2025, 11, 1), date(2025, 11, 1), False),
        (date(2025, 10, 31), None, False),
    ],
)
def test_une_decision_expresse_notifiee_a_temps_couvre_le_defaut_d_accuse(
    notifiee: date | None, implicite: date | None, opposable: bool
) -> None:
    """L.112-12 al. 2 : la veille de la décision implicite, oui ; ce jour-là, trop tard."""
    found = crpa_l112_12_opposabilite.opposable(None, expresse_notifiee_le=notifiee, implicite_le=implicite)
    assert found is opposable


def test_une_decision_expresse_ne_rend_pas_ses_mentions_a_l_accuse() -> None:
    """L.112-12 al. 2 ne parle que du défaut d'accusé : un accusé incomplet le reste."""
    found = crpa_l112_12_opposabilite.opposable(
        [True, False], expresse_notifiee_le=date(2025, 10, 1), implicite_le=date(2025, 11, 1)
    )
    assert found is False


ARE, ENREGISTREMENT, CAPTURE = date(2025, 7, 1), date(2025, 7, 2), date(2025, 6, 30)


@pytest.mark.parametrize(
    ("reception", "enregistrement", "autre", "found"),
    [
        (ARE, ENREGISTREMENT, CAPTURE, Depot(ARE, contestable=False)),
        (None, ENREGISTREMENT, CAPTURE, Depot(ENREGISTREMENT, contestable=False)),
        (None, None, CAPTURE, Depot(CAPTURE, contestable=True)),
        (None, None, None, None),
    ],
)
def test_la_date_de_l_accuse_fait_foi(
    reception: date | None, enregistrement: date | None, autre: date | None, found: Depot | None
) -> None:
    """L.112-13 : l'accusé de réception, sinon celui d'enregistrement ; sinon toute preuve, contestable."""
    depot = crpa_l112_13_date.depot(
        accuse_reception=reception, accuse_enregistrement=enregistrement, autre_preuve=autre
    )
    assert depot == found


@pytest.mark.parametrize(
    ("consultee", "au", "notifiee"),
    [
        (None, date(2025, 6, 17), None),
        (None, date(2025, 6, 18), date(2025, 6, 2)),
        (date(2025, 6, 10), date(2025, 6, 30), date(2025, 6, 10)),
        (date(2025, 6, 17), date(2025, 6, 30), date(2025, 6, 17)),
        (date(2025, 6, 18), date(2025, 6, 30), date(2025, 6, 2)),
        (date(2025, 6, 10), date(2025, 6, 9), None),
    ],
)
def test_un_document_non_consulte_est_notifie_le_jour_de_sa_mise_a_disposition(
    consultee: date | None, au: date, notifiee: date | None
) -> None:
    """R.112-20 : disponible le 2 juin, consultable à temps jusqu'au 17 ; ensuite, réputé notifié le 2."""
    found = crpa_l112_15_notification.notifiee_le(date(2025, 6, 2), consultee, au)
    assert found == notifiee


@given(available=DATES, opened=st.none() | st.integers(0, 40), seen=st.integers(0, 60))
def test_une_notification_ne_change_plus_une_fois_acquise(available: date, opened: int | None, seen: int) -> None:
    """Ce qui est notifié un jour l'est, à la même date, tous les jours suivants, et au plus quinze jours après."""
    opening = None if opened is None else available + timedelta(days=opened)
    day = available + timedelta(days=seen)
    found = crpa_l112_15_notification.notifiee_le(available, opening, day)
    if found is not None:
        assert crpa_l112_15_notification.notifiee_le(available, opening, day + timedelta(days=1)) == found
        assert available <= found <= available + timedelta(days=15)


def test_le_silence_court_de_la_premiere_reception() -> None:
    """L.114-3 : reçue par erreur le 3 mars, par la compétente le 20 : le délai part du 3, la transmission est due ce jour."""
    assert crpa_l114_3_transmission.depart([date(2025, 3, 20), date(2025, 3, 3)]) == date(2025, 3, 3)
    assert crpa_l114_3_transmission.transmission_due_le(date(2025, 3, 3)) == date(2025, 3, 3)


@pytest.mark.parametrize(
    ("delai", "formalites", "textes", "opposable"),
    [(True, True, True, True), (True, False, True, False), (None, True, True, None), (None, False, True, False)],
)
def test_une_invitation_incomplete_rend_le_delai_inopposable(
    delai: bool | None, formalites: bool | None, textes: bool | None, opposable: bool | None
) -> None:
    """L.114-6 : il suffit qu'une indication manque ; une inconnue laisse la question ouverte."""
    found = crpa_l114_6_regularisation.opposable(delai=delai, formalites=formalites, textes=textes)
    assert found is opposable


def test_la_procedure_contradictoire_ne_precede_pas_la_reponse_a_une_demande() -> None:
    """L.121-1 : exigée avant un retrait, non avant le refus d'un titre demandé."""
    assert crpa_l121_1_contradictoire.exigee(sur_demande=False)
    assert not crpa_l121_1_contradictoire.exigee(sur_demande=True)


def test_deux_mois_de_silence_en_regle_generale() -> None:
    """L.231-1 : reçue le 31 décembre, née le dernier jour de février."""
    assert crpa_l231_1_silence_acceptation.naissance(date(2024, 12, 31)) == date(2025, 2, 28)


def test_les_motifs_demandes_a_temps_prorogent_le_recours() -> None:
    """L.232-4 : reçus sous un mois ; communiqués le 15 mai, le recours va au 16 juillet, franc."""
    assert crpa_l232_4_motifs.due_le(date(2025, 4, 15)) == date(2025, 5, 15)
    assert crpa_l232_4_motifs.recours_proroge(date(2025, 5, 15)) == date(2025, 7, 16)
    assert crpa_l232_4_motifs.demandes_a_temps(date(2025, 7, 16), date(2025, 7, 16))
    assert not crpa_l232_4_motifs.demandes_a_temps(date(2025, 7, 17), date(2025, 7, 16))


@pytest.mark.parametrize(
    ("preparatoire", "personnel", "interesse", "expected"),
    [(False, True, True, True), (False, True, False, False), (False, False, False, True), (True, True, True, False)],
)
def test_un_document_personnel_ne_se_communique_qu_a_l_interesse(
    preparatoire: bool, personnel: bool, interesse: bool, expected: bool
) -> None:
    """L.311-2 et L.311-6 : son propre dossier, oui ; celui d'autrui, non ; un document préparatoire, à personne."""
    found = crpa_l311_1_documents.communicable(preparatoire=preparatoire, personnel=personnel, a_l_interesse=interesse)
    assert found is expected


def test_les_delais_de_l_acces_aux_documents() -> None:
    """R.311-13, R.343-1, R.343-5 : reçue le 31 janvier, refusée le 28 février, saisir avant le 28 avril ; deux mois."""
    assert crpa_r311_12_acces.refus_le(date(2025, 1, 31)) == date(2025, 2, 28)
    assert crpa_r311_12_acces.saisir_avant_le(date(2025, 2, 28)) == date(2025, 4, 28)
    assert crpa_r311_12_acces.confirmation_le(date(2025, 3, 10)) == date(2025, 5, 10)


def test_un_recours_gracieux_interrompt_et_le_delai_repart_du_dernier_rejet() -> None:
    """L.411-2 et L.411-7 : reçu le 16 juillet, rejeté le 16 septembre ; le recours va au 17 novembre, franc."""
    rule = crpa_l411_2_recours_administratif
    assert rule.interrompt(date(2025, 7, 16), date(2025, 7, 16))
    assert not rule.interrompt(date(2025, 7, 17), date(2025, 7, 16))
    assert rule.rejet_le(date(2025, 7, 16)) == date(2025, 9, 16)
    assert rule.nouveau_dernier_jour([date(2025, 9, 1), date(2025, 9, 16)]) == date(2025, 11, 17)

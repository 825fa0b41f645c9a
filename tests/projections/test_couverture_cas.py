"""The thirteen worked cases, day for day: cover, interruptions, end of right, effects, readings."""

from collections.abc import Sequence

import pytest

from ledger.days import Jours
from ledger.entry import Entry
from ledger.events.decision import DecisionAnnulee
from ledger.events.effet import OffreEmploiRetiree, PrestationRetablie, PrestationSuspendue, RadiationFranceTravail
from ledger.events.personne import ProtectionReconnue
from ledger.events.support import SubstitutionDemandee
from ledger.events.titre import AttestationDemandeAsileDelivree
from ledger.events.types import NatureDecision, NatureDemande, Prestation, StatutProtection, TypeTitre
from projections.couverture import BaseCouverture, CodeLecture, NatureLacune, StatutRefus
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

RESIDENT = {"titre_demande": TypeTitre.CARTE_RESIDENT, "nature": NatureDemande.PREMIERE_DEMANDE}
PROTEGE = ProtectionReconnue(statut=StatutProtection.REFUGIE, reconnue_le=Jours.lire("2023-09-04"))
PROTEGE_2025 = ProtectionReconnue(statut=StatutProtection.REFUGIE, reconnue_le=Jours.lire("2025-01-13"))
ATDA = AttestationDemandeAsileDelivree(valide_du=Jours.lire("2024-08-01"), valide_au=Jours.lire("2025-01-31"))
SANS_EMPLOI = OffreEmploiRetiree(depuis_le=Jours.lire("2024-04-12"))
RADIE = RadiationFranceTravail(depuis_le=Jours.lire("2024-04-15"))
RSA = PrestationSuspendue(prestation=Prestation.RSA, organisme="CAF", depuis_le=Jours.lire("2024-05-01"))
APL = PrestationSuspendue(prestation=Prestation.AIDE_LOGEMENT, organisme="CAF", depuis_le=Jours.lire("2025-06-01"))
APL_RETABLIE = PrestationRetablie(prestation=Prestation.AIDE_LOGEMENT, retablie_le=Jours.lire("2025-07-15"))

C01 = [titre("2024-10-01", "2025-09-30"), demande("2025-07-01"), api("2025-11-12", "2026-02-11")]
C02 = [
    titre("2023-04-01", "2025-03-31", type_titre=TypeTitre.CSP, duree_annees=2), demande("2025-01-10"),
    api("2025-04-01", "2025-06-30"), api("2025-07-28", "2025-10-27", ref="A-2"),
    titre("2025-10-20", "2027-10-19", ref="T-2"),
]  # fmt: skip
C04 = [
    e("P", "2023-09-04", PROTEGE), demande("2023-09-18", **RESIDENT), api("2023-09-18", "2024-03-17"),
    api("2024-06-24", "2024-09-23", ref="A-2"), e("emploi", "2024-04-12", SANS_EMPLOI),
    e("ft", "2024-04-15", RADIE), e("rsa", "2024-05-01", RSA),
]  # fmt: skip
C05 = [titre("2024-09-01", "2025-08-31"), recepisse("2025-09-22", "2025-12-21")]
C06 = [
    titre("2021-06-16", "2025-06-15", type_titre=TypeTitre.CSP, duree_annees=4), demande("2025-07-22"),
    api("2025-07-22", "2025-10-21"),
]  # fmt: skip
C09 = [
    titre("2024-06-01", "2025-05-31"), demande("2025-03-10"), favorable("2025-05-12"), adf("2025-05-12"),
    titre("2025-07-15", "2026-07-14", ref="T-2"), e("apl", "2025-06-01", APL), e("apl", "2025-07-15", APL_RETABLIE),
]  # fmt: skip
N01 = [
    titre("2024-09-16", "2025-09-15"), demande("2025-09-01", motif_sejour="étudiant"),
    favorable("2025-11-24", du="2025-11-24", au="2026-11-23"), adf("2025-11-24"),
]  # fmt: skip
N03 = [titre("2023-12-01", "2024-11-30"), demande("2025-07-01", motif_sejour="étudiante")]
N04 = [
    titre("2024-07-01", "2025-06-30"), demande("2025-03-20"), api("2025-07-01", "2025-09-30"),
    favorable("2025-09-15"), adf("2025-09-15"), titre("2025-10-08", "2027-10-07", ref="T-2"),
]  # fmt: skip
N05 = [titre("2024-07-01", "2025-06-30"), demande("2025-04-10"), refus("2025-06-10")]
N07 = [
    titre("2024-10-01", "2025-09-30"), demande("2025-08-20", departement_liste_l433_3=True),
    favorable("2026-01-20", du="2026-01-20", au="2027-01-19"), adf("2026-01-20"),
]  # fmt: skip
M02 = [
    titre("2024-05-03", "2025-05-02"), demande("2025-04-22"),
    favorable("2025-06-16", du="2025-06-16", au="2026-06-15"), adf("2025-06-16"),
]  # fmt: skip
M03 = [
    e("atda", "2024-08-01", ATDA), e("P", "2025-01-13", PROTEGE_2025), demande("2025-03-17", **RESIDENT),
    api("2025-04-07", "2025-10-06"),
]  # fmt: skip

CASES = [
    ("C01", C01, "2026-02-11", [("2025-10-01", "2025-11-11", 42)],
     [("TITRE", "2024-10-01", "2025-09-30"), ("API", "2025-11-12", "2026-02-11")]),
    ("C02", C02, "2027-10-19", [("2025-07-01", "2025-07-27", 27)],
     [("TITRE", "2023-04-01", "2025-03-31"), ("API", "2025-04-01", "2025-06-30"),
      ("API", "2025-07-28", "2025-10-27"), ("TITRE", "2025-10-20", "2027-10-19")]),
    ("C04", C04, "2024-09-23", [("2024-03-18", "2024-06-23", 98)],
     [("API", "2023-09-18", "2024-03-17"), ("API", "2024-06-24", "2024-09-23")]),
    ("C05", C05, "2025-12-21", [("2025-09-01", "2025-09-21", 21)],
     [("TITRE", "2024-09-01", "2025-08-31"), ("RECEPISSE", "2025-09-22", "2025-12-21")]),
    ("C06", C06, "2025-10-21", [("2025-06-16", "2025-07-21", 36)],
     [("TITRE", "2021-06-16", "2025-06-15"), ("API", "2025-07-22", "2025-10-21")]),
    ("C09", C09, "2026-07-14", [],
     [("TITRE", "2024-06-01", "2025-05-31"), ("ADF", "2025-05-12", "2025-07-14"),
      ("TITRE", "2025-07-15", "2026-07-14")]),
    ("N01", N01, "2026-11-23", [("2025-09-16", "2025-11-23", 69)],
     [("TITRE", "2024-09-16", "2025-09-15"), ("ADF", "2025-11-24", "2026-11-23")]),
    ("N03", N03, "2025-09-30", [("2024-12-01", "2025-09-30", 304)], [("TITRE", "2023-12-01", "2024-11-30")]),
    ("N04", N04, "2027-10-07", [],
     [("TITRE", "2024-07-01", "2025-06-30"), ("API", "2025-07-01", "2025-09-30"),
      ("ADF", "2025-09-15", "2025-10-07"), ("TITRE", "2025-10-08", "2027-10-07")]),
    ("N05", N05, "2025-12-31", [], [("TITRE", "2024-07-01", "2025-06-30")]),
    ("N07", N07, "2027-01-19", [("2025-12-31", "2026-01-19", 20)],
     [("TITRE", "2024-10-01", "2025-09-30"), ("L433_3", "2025-10-01", "2025-12-30"),
      ("ADF", "2026-01-20", "2027-01-19")]),
    ("M02", M02, "2026-06-15", [("2025-05-03", "2025-06-15", 44)],
     [("TITRE", "2024-05-03", "2025-05-02"), ("ADF", "2025-06-16", "2026-06-15")]),
    ("M03", M03, "2025-10-06", [("2025-02-01", "2025-04-06", 65)],
     [("ATDA", "2024-08-01", "2025-01-31"), ("API", "2025-04-07", "2025-10-06")]),
]  # fmt: skip


@pytest.mark.parametrize(("vie", "au", "interruptions", "cover"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_le_cas_se_retrouve_au_jour_pres(
    vie: Sequence[Entry], au: str, interruptions: list[tuple[str, str, int]], cover: list[tuple[str, str, str]]
) -> None:
    """Chaque cas d'école donne exactement ses jours couverts et ses interruptions, tous certains."""
    found = vue(vie, au)
    assert ruptures(found) == interruptions
    assert couverts(found.preuve) == cover
    assert all(each.certaine for each in found.lacunes)


def test_n03_reste_ouverte_le_jour_de_l_observation() -> None:
    """N03 : l'interruption touche le jour d'observation et rien ne la ferme : 304 jours, ouverte."""
    (gap,) = vue(N03, "2025-09-30").interruptions
    assert (gap.jours, gap.ouverte, gap.certaine) == (304, True, True)
    assert vue(N03, "2025-10-01").interruptions[0].jours == 305


def test_n03_donne_les_deux_dates_du_refus_implicite_etudiant() -> None:
    """N03 : 29 septembre si les 90 jours valent pour l'étudiant, 1er novembre sinon ; l'une se dit non vérifiée."""
    found = vue(N03, "2025-09-30").refus_implicites
    assert [(r.ne_le.isoformat(), r.base, r.statut) for r in found] == [
        ("2025-09-29", "90 jours si titre étudiant", StatutRefus.NE),
        ("2025-11-01", "4 mois", StatutRefus.A_NAITRE),
    ]
    assert found[0].source.endswith("(non vérifié)")


@pytest.mark.parametrize(
    ("vie", "ne_le", "statut"),
    [(C01, "2025-11-01", StatutRefus.NE), (C02, "2025-05-10", StatutRefus.NE), (C04, "2024-01-18", StatutRefus.NE),
     (C06, "2025-11-22", StatutRefus.NE), (C09, "2025-07-10", StatutRefus.PREVENU),
     (N04, "2025-07-20", StatutRefus.REMPLACE), (N05, "2025-08-10", StatutRefus.PREVENU),
     (N07, "2025-12-20", StatutRefus.REMPLACE), (M03, "2025-07-17", StatutRefus.NE)],
)  # fmt: skip
def test_le_refus_implicite_se_calcule_a_cote(vie: Sequence[Entry], ne_le: str, statut: StatutRefus) -> None:
    """Le silence de quatre mois donne le jour attendu ; une décision expresse le prévient ou le remplace."""
    (found,) = vue(vie, "2026-11-01").refus_implicites
    assert (found.ne_le.isoformat(), found.statut, found.base) == (ne_le, statut, "4 mois")


def test_un_refus_implicite_n_ote_aucune_couverture() -> None:
    """C02 : le refus né le 10 mai ne retire rien à l'attestation valable jusqu'au 30 juin."""
    assert ("API", "2025-04-01", "2025-06-30") in couverts(vue(C02, "2026-01-01").preuve)


def test_c04_le_droit_du_refugie_continue_sans_combler_la_preuve() -> None:
    """C04 : la protection fonde le droit dès la reconnaissance, l'interruption demeure et le dit."""
    found = vue(C04, "2024-09-23")
    (gap,) = found.interruptions
    assert any("le droit continue" in motif for motif in gap.motifs)
    assert ("PROTECTION", "2023-09-04", "2024-09-23") in couverts(found.droit)
    assert "PROTECTION" not in {base for base, _, _ in couverts(found.preuve)}
    assert found.premier_jour is not None
    assert found.premier_jour.isoformat() == "2023-09-18"


def test_c04_les_effets_restent_une_couche_a_part() -> None:
    """C04 : emploi, France Travail et RSA commencent dans l'interruption et restent ouverts."""
    found = vue(C04, "2024-09-23").effets
    assert [(f.du.isoformat(), f.au, f.nature) for f in found] == [
        ("2024-04-12", None, "offre_emploi_retiree"),
        ("2024-04-15", None, "radiation_france_travail"),
        ("2024-05-01", None, "prestation_suspendue"),
    ]
    assert found[1].organisme == "France Travail"


def test_c09_aucune_interruption_mais_quarante_quatre_jours_d_effet() -> None:
    """C09 : le séjour est continu, la prestation manque du 1er juin au 14 juillet."""
    found = vue(C09, "2025-12-31")
    assert found.lacunes == ()
    ((du, au),) = periodes(found.effets)
    assert (du, au) == ("2025-06-01", "2025-07-14")
    assert (found.effets[0].au - found.effets[0].du).days + 1 == 44  # type: ignore[operator]


def test_n05_le_refus_est_une_fin_de_droit_ouverte_et_datee() -> None:
    """N05 : à partir du 1er juillet, fin de droit par décision, classée à part, sans interruption."""
    found = vue(N05, "2025-12-31")
    (end,) = found.fins_de_droit
    assert (end.du.isoformat(), end.au.isoformat(), end.ouverte, end.certaine) == (
        "2025-07-01", "2025-12-31", True, True,
    )  # fmt: skip
    assert found.lacunes == (end,)
    assert any("L.411-2" in motif for motif in end.motifs)


def test_n05_annule_les_memes_jours_deviennent_une_interruption() -> None:
    """N05 et T08 : le refus annulé n'a jamais existé ; l'interruption court du 1er juillet."""
    judged = DecisionAnnulee(annulee_le=Jours.lire("2025-12-01"), vise=NatureDecision.REFUS_EXPRES)
    found = vue([*N05, e("D-1", "2025-12-01", judged)], "2025-12-31")
    assert ruptures(found) == [("2025-07-01", "2025-12-31", 184)]
    assert found.fins_de_droit == ()


def test_n01_la_validite_que_dit_la_decision_borne_l_attestation() -> None:
    """N01 : la décision dit jusqu'au 23 novembre 2026 ; sans carte remise, le lendemain est découvert."""
    found = vue(N01, "2026-12-02")
    assert couverts(found.preuve)[-1] == ("ADF", "2025-11-24", "2026-11-23")
    assert ruptures(found)[-1] == ("2026-11-24", "2026-12-02", 9)


def test_n07_la_lecture_du_refus_implicite_est_donnee_sans_rien_changer() -> None:
    """N07 : si le refus implicite du 20 décembre arrêtait le maintien, dix jours changeraient ; ils ne changent pas."""
    found = vue(N07, "2026-03-01")
    (other,) = (r for r in found.lectures if r.code is CodeLecture.L433_3_REFUS_IMPLICITE)
    assert periodes(other.change) == [("2025-12-21", "2025-12-30")]
    assert (other.jours, other.deviendrait, other.dossier) == (10, NatureLacune.RUPTURE, "D-1")
    assert "alinéa 2" in other.texte
    assert ruptures(found) == [("2025-12-31", "2026-01-19", 20)]


def test_c06_la_demande_tardive_ouvre_une_lecture_de_l_alinea_1() -> None:
    """C06 : le texte ne fixe pas de date à la demande ; lue ainsi, l'interruption de 36 jours serait couverte."""
    (other,) = vue(C06, "2025-10-21").lectures
    assert other.code is CodeLecture.L433_3_DEPOT_TARDIF
    assert periodes(other.change) == [("2025-06-16", "2025-07-21")]
    assert (other.jours, other.deviendrait, other.verification) == (36, None, "texte lu dans une copie")


def test_c06_l_envoi_papier_complet_ouvre_une_autre_lecture() -> None:
    """C06 : si l'envoi reçu le 14 avril vaut demande, les 36 jours ne manquent plus que de preuve."""
    sent = SubstitutionDemandee(recue_le=Jours.lire("2025-04-14"), dossier_complet_joint=True)
    found = vue([*C06, e("I-1", "2025-04-14", sent)], "2025-10-21")
    (other,) = (r for r in found.lectures if r.code is CodeLecture.L433_3_ENVOI_PAPIER)
    assert periodes([other]) == [("2025-06-16", "2025-09-15")]
    assert (other.jours, other.deviendrait) == (36, NatureLacune.PREUVE_SEULE)
    assert ruptures(found) == [("2025-06-16", "2025-07-21", 36)]


def test_chaque_segment_cite_son_texte_et_ses_faits() -> None:
    """Un segment nomme son article, son document et le fait qui le fonde ; un texte non lu se dit non vérifié."""
    found = vue(M03, "2025-10-06")
    asylum, certificate = found.preuve
    assert asylum.base is BaseCouverture.ATDA
    assert asylum.source == "CESEDA, art. L.541-1 (non vérifié)"
    assert certificate.source == "CESEDA, art. R.431-15-3"
    assert (certificate.reference, certificate.entries) == ("A-1", (M03[3].event_id,))

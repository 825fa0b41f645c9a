"""Les pièges des trois référés d'urgence, au jour près : quand chacun doit paraître, et quand il ne le doit pas."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import app
from evidence.procedures import Etat, Gravite, Piege, Procedure, a_documenter, pieges
from ledger.entry import Entry
from ledger.events.cloture import EnregistrementRefuse
from ledger.events.decision import MotifsCommuniques, MotifsDemandes, RefusDecide, RefusNotifie
from ledger.events.effet import EmploiRepris, EmploiSuspendu
from ledger.events.instruction import ComplementDemande
from ledger.events.parts import PieceDemandee
from ledger.events.personne import ProtectionReconnue
from ledger.events.provisoire import RenouvellementAttestationEchoue
from ledger.events.support import RendezVousPanIndisponible
from ledger.events.types import NatureDecision, NatureDemande, StatutProtection
from rules.base import Verification
from tests.evidence.affaires import (
    LIBERTE,
    MESURES,
    SUSPENSION,
    J,
    attestation,
    au_fond,
    avec_piece,
    carte,
    tentative,
    trouves,
    vue,
)
from tests.imputation.devoirs_dits import accuse
from tests.imputation.vies_dues import OBSERVED, vies
from tests.projections.vies import adf, annule, api, demande, e, favorable, titre
from tests.samples.test_samples import as_entries, facts

DEPOT = "2025-07-01"
NE_LE = "2025-11-01"
DEPOSEE = [carte(), demande(DEPOT)]
PIEGES_521_3 = {"refus_implicite_ne", "refus_implicite_a_naitre", "refus_implicite_incertain"}

# --------------------------------------------------------------------------- L.521-3


@pytest.mark.parametrize(
    ("au", "code", "gravite"),
    [
        ("2025-10-31", "refus_implicite_a_naitre", Gravite.ECHEANCE),
        (NE_LE, "refus_implicite_ne", Gravite.OBSTACLE),
        ("2026-03-01", "refus_implicite_ne", Gravite.OBSTACLE),
    ],
)
def test_un_refus_implicite_ferme_les_mesures_utiles_le_jour_ou_il_nait(au: str, code: str, gravite: Gravite) -> None:
    """La veille, la voie est ouverte et sa fin est dite ; le jour même, elle est fermée et la suspension proposée."""
    told = trouves(MESURES, DEPOSEE, au)
    assert PIEGES_521_3 & told.keys() == {code}
    found = told[code]
    assert found.gravite is gravite
    assert "1er novembre 2025 (4 mois)" in found.texte
    assert found.le == (date(2025, 10, 31) if code.endswith("naitre") else date(2025, 11, 1))
    assert found.dossier == "D-1"
    assert DEPOSEE[1].event_id in found.entries
    assert ("L.521-1" in found.remede) is True


def test_entre_l_expiration_et_le_refus_la_fenetre_est_dite() -> None:
    """Couverte jusqu'au 30 septembre, refus le 1er novembre : saisir juste après, et au plus tard le 31 octobre."""
    told = trouves(MESURES, DEPOSEE, "2025-09-01")
    assert "couverte jusqu'au 30 septembre 2025" in told["refus_implicite_a_naitre"].remede
    assert "31 octobre 2025" in told["refus_implicite_a_naitre"].remede
    assert told["encore_couverte"].le == date(2025, 9, 30)
    assert "encore_couverte" not in trouves(MESURES, DEPOSEE, "2025-10-01")


def test_quand_le_titre_couvre_au_dela_du_refus_il_n_y_a_pas_de_fenetre() -> None:
    """Déposée cent vingt jours avant la fin du titre, la demande peut être refusée avant qu'il n'expire."""
    told = trouves(MESURES, [carte(), demande("2025-05-01")], "2025-06-01")
    assert "encore couverte le 31 août 2025" in told["refus_implicite_a_naitre"].remede


@pytest.mark.parametrize(
    "fin", [favorable("2025-10-15"), adf("2025-10-15"), titre("2025-10-15", "2026-10-14", ref="T-2", dossier="D-1")]
)
def test_une_demande_deja_accueillie_ne_ferme_rien(fin: Entry) -> None:
    """Décision favorable, attestation ou carte venue avant quatre mois : aucun refus ne naît de ce silence."""
    assert not PIEGES_521_3 & trouves(MESURES, [*DEPOSEE, fin], "2025-12-01").keys()


def test_un_refus_annule_ou_remplace_ne_ferme_plus_rien() -> None:
    """Effacé par le juge, ou suivi d'une décision expresse, le refus implicite n'est plus un obstacle."""
    erased = annule("2025-12-01", NatureDecision.REFUS_IMPLICITE)
    assert not PIEGES_521_3 & trouves(MESURES, [*DEPOSEE, erased], "2025-12-15").keys()
    assert not PIEGES_521_3 & trouves(MESURES, [*DEPOSEE, favorable("2025-12-01")], "2025-12-15").keys()


def test_deux_delais_possibles_sont_montres_tous_les_deux() -> None:
    """Étudiant : 90 jours peut-être, sinon quatre mois ; entre les deux, le refus est incertain et les deux jours dits."""
    life = [carte(), demande("2025-09-01", motif_sejour="étudiant")]
    told = trouves(MESURES, life, "2025-12-05")
    assert PIEGES_521_3 & told.keys() == {"refus_implicite_incertain"}
    text = told["refus_implicite_incertain"].texte
    assert "30 novembre 2025 (90 jours si titre étudiant)" in text
    assert "1er janvier 2026 (4 mois)" in text
    assert PIEGES_521_3 & trouves(MESURES, life, "2025-11-29").keys() == {"refus_implicite_a_naitre"}
    assert PIEGES_521_3 & trouves(MESURES, life, "2026-01-01").keys() == {"refus_implicite_ne"}


def test_un_jour_de_depot_incertain_donne_un_jour_de_refus_incertain() -> None:
    """Déposée en juillet sans jour connu : entre le 1er et le 30 novembre, on ne sait pas si le refus est né."""
    life = [carte(), demande("2025-07")]
    told = trouves(MESURES, life, "2025-11-10")
    assert "entre le 1er novembre 2025 et le 30 novembre 2025" in told["refus_implicite_incertain"].texte
    assert "refus_implicite_ne" in trouves(MESURES, life, "2025-12-01")


def complement(jour: str, limite: str) -> Entry:
    """A conforming request for pieces."""
    pieces_ = (PieceDemandee(nom="bail", texte="CESEDA, annexe 10"),)
    event = ComplementDemande(
        complement="C-1", demande_le=J(jour), pieces=pieces_, echeance=J(limite), mention_l114_5=True
    )
    return e("D-1", jour, event)


def test_une_demande_de_pieces_donne_une_seconde_date() -> None:
    """Trente jours de suspension possibles : du 1er au 30 novembre le refus est dit incertain, avec les deux dates."""
    life = [*DEPOSEE, complement("2025-08-01", "2025-08-31")]
    told = trouves(MESURES, life, "2025-11-15")
    assert "1er décembre 2025" in told["refus_implicite_incertain"].texte
    assert told["refus_implicite_incertain"].le == date(2025, 11, 1)
    assert PIEGES_521_3 & trouves(MESURES, life, "2025-12-01").keys() == {"refus_implicite_ne"}


def test_une_decision_expresse_ferme_aussi_les_mesures_utiles() -> None:
    """Un refus notifié, un refus d'enregistrer : la mesure ferait obstacle à leur exécution ; annulés, ils ne ferment plus."""
    refused = e("D-1", "2025-08-01", RefusNotifie(notifie_le=J("2025-08-01"), mention_voies_recours=True))
    told = trouves(MESURES, [*DEPOSEE, refused], "2025-08-02")
    assert told["decision_expresse"].gravite is Gravite.OBSTACLE
    assert told["decision_expresse"].entries == (refused.event_id,)
    assert "decision_expresse" not in trouves(MESURES, DEPOSEE, "2025-08-02")
    assert "decision_expresse" not in trouves(MESURES, [*DEPOSEE, refused, annule("2025-08-20")], "2025-09-01")


@pytest.mark.parametrize(
    ("jours", "code"),
    [
        ([], "aucune_tentative"),
        (["2025-06-10"], "tentatives_rapprochees"),
        (["2025-06-13", "2025-06-18"], "tentatives_rapprochees"),
        (["2025-06-13", "2025-06-14", "2025-06-16", "2025-06-18"], "tentatives_rapprochees"),
        (["2025-06-10", "2025-06-16"], "tentatives_rapprochees"),
        (["2025-06-10", "2025-06-17"], None),
        (["2025-06-10", "2025-06/2025-07"], "tentatives_espacement_incertain"),
        (["2025-06-10", "2025-06-17/2025-06-20"], None),
    ],
)
def test_les_tentatives_s_espacent_de_sept_jours_entre_la_premiere_et_la_derniere(
    jours: list[str], code: str | None
) -> None:
    """Cinq jours à cheval sur deux semaines ne suffisent pas (CE 435594), sept jours suffisent, jamais les semaines."""
    life = [carte(), *[avec_piece(tentative(each), n) for n, each in enumerate(jours, start=1)]]
    told = trouves(MESURES, life, "2025-07-10")
    of_them = {each for each in told if each.startswith("tentative") or each == "aucune_tentative"}
    assert of_them == ({code} if code else set())
    if code is not None:
        assert any(c.etiquette is Verification.S for c in told[code].sources)


def test_la_prochaine_tentative_utile_est_datee() -> None:
    """Une tentative le 10 juin, vue le 12 : la suivante compte à partir du 17."""
    told = trouves(MESURES, [carte(), tentative("2025-06-10")], "2025-06-12")
    assert "le 17 juin 2025 ou après" in told["tentatives_rapprochees"].remede
    assert (
        "dès maintenant"
        in trouves(MESURES, [carte(), tentative("2025-06-10")], "2025-06-17")["tentatives_rapprochees"].remede
    )


def test_des_tentatives_espacees_sans_capture_restent_a_prouver() -> None:
    """Sept jours d'écart, aucun document : la capture manque ; avec un document, le piège disparaît."""
    bare = [carte(), tentative("2025-06-10"), tentative("2025-06-17")]
    assert "tentatives_sans_capture" in trouves(MESURES, bare, "2025-07-01")
    assert "tentatives_sans_capture" not in trouves(MESURES, [*bare[:2], avec_piece(bare[2])], "2025-07-01")


def test_apres_le_depot_ce_sont_les_renouvellements_d_attestation_qui_comptent() -> None:
    """La demande déposée, les tentatives de dépôt ne comptent plus ; un renouvellement tenté une seule fois est un piège."""
    life = [carte(), tentative("2025-06-10"), demande(DEPOT)]
    assert not [each for each in trouves(MESURES, life, "2025-10-05") if "tentative" in each]
    tried = e("A-1", "2025-10-02", RenouvellementAttestationEchoue(dossier="D-1"))
    assert "tentatives_rapprochees" in trouves(MESURES, [*life, tried], "2025-10-05")


def test_l_absence_de_rendez_vous_au_point_d_accueil_n_est_pas_une_tentative() -> None:
    """Elle est dite, et ne remplace pas une tentative de dépôt."""
    seen = e("I-1", "2025-06-10", RendezVousPanIndisponible(constate_le=J("2025-06-10")))
    found = trouves(MESURES, [carte(), seen], "2025-07-01")["aucune_tentative"]
    assert "point d'accueil" in found.texte
    assert found.entries == (seen.event_id,)


def test_l_urgence_des_mesures_utiles_est_presumee_pour_un_renouvellement_seulement() -> None:
    """Renouvellement, ou titre détenu sans dépôt possible : présumée ; première demande, ou rien : à justifier."""
    assert "urgence_a_justifier" not in trouves(MESURES, DEPOSEE, "2025-10-05")
    assert "urgence_a_justifier" not in trouves(MESURES, [carte(), tentative("2025-06-10")], "2025-07-01")
    first = demande(DEPOT, nature=NatureDemande.PREMIERE_DEMANDE)
    assert "première demande" in trouves(MESURES, [first], "2025-10-05")["urgence_a_justifier"].texte
    assert "urgence_a_justifier" in trouves(MESURES, [tentative("2025-06-10")], "2025-07-01")


# --------------------------------------------------------------------------- L.521-1


def test_sans_decision_rien_n_est_a_suspendre_et_le_jour_de_la_prochaine_est_dit() -> None:
    """La veille du refus implicite, aucune décision ; le jour même, elle existe."""
    found = trouves(SUSPENSION, DEPOSEE, "2025-10-31")["sans_decision"]
    assert (found.gravite, found.le) == (Gravite.OBSTACLE, date(2025, 11, 1))
    assert "L.521-3" in found.remede
    assert "sans_decision" not in trouves(SUSPENSION, DEPOSEE, NE_LE)
    replaced = trouves(SUSPENSION, [*DEPOSEE, favorable("2025-12-01")], "2025-12-15")["sans_decision"]
    assert "remplacé" in replaced.texte
    assert replaced.le is None


def test_une_decision_qui_ne_l_est_que_selon_une_lecture_est_dite() -> None:
    """Étudiant au 95e jour : la suspension serait prématurée si le délai est de quatre mois ; le jour sûr est donné."""
    life = [carte(), demande("2025-09-01", motif_sejour="étudiant")]
    found = trouves(SUSPENSION, life, "2025-12-05")["refus_implicite_incertain"]
    assert found.le == date(2026, 1, 1)
    assert "refus_implicite_incertain" not in trouves(SUSPENSION, life, "2026-01-01")


def test_la_suspension_demande_une_requete_au_fond_distincte_et_sa_copie() -> None:
    """Absente : irrecevable ; inscrite sans document : copie à joindre ; avec son document : plus rien à dire."""
    assert trouves(SUSPENSION, DEPOSEE, "2025-11-10")["requete_au_fond_absente"].gravite is Gravite.OBSTACLE
    filed = au_fond("2025-11-05")
    told = trouves(SUSPENSION, [*DEPOSEE, filed], "2025-11-10")
    assert "requete_au_fond_absente" not in told
    assert filed.event_id in told["copie_au_fond_absente"].entries
    both = {"requete_au_fond_absente", "copie_au_fond_absente"}
    assert not both & trouves(SUSPENSION, [*DEPOSEE, avec_piece(filed)], "2025-11-10").keys()


COMPLET = [*DEPOSEE, accuse("2025-07-02")]
INCOMPLET = [*DEPOSEE, accuse("2025-07-02", sauf=("voies_recours",))]
MUET = [*DEPOSEE, accuse("2025-07-02", tues=("voies_recours",))]


@pytest.mark.parametrize(
    ("life", "au", "code", "gravite"),
    [
        (COMPLET, "2025-11-02", "delai_de_recours", Gravite.ECHEANCE),
        (COMPLET, "2026-01-02", "delai_de_recours", Gravite.ECHEANCE),
        (COMPLET, "2026-01-03", "delai_expire", Gravite.OBSTACLE),
        (MUET, "2026-01-03", "delai_expire", Gravite.RISQUE),
        (INCOMPLET, "2025-11-02", "delai_non_opposable", Gravite.RISQUE),
        (INCOMPLET, "2026-06-01", "delai_non_opposable", Gravite.RISQUE),
        (DEPOSEE, "2026-06-01", "delai_non_opposable", Gravite.RISQUE),
    ],
)
def test_le_delai_de_recours_est_franc_et_opposable_avec_un_accuse_complet(
    life: list[Entry], au: str, code: str, gravite: Gravite
) -> None:
    """Refus né le 1er novembre 2025 : dernier jour le 2 janvier 2026 ; sans accusé complet, il n'est pas opposable."""
    told = {each: p for each, p in trouves(SUSPENSION, life, au).items() if each.startswith("delai")}
    assert told.keys() == {code}
    assert told[code].gravite is gravite
    if code != "delai_non_opposable":
        assert told[code].le == date(2026, 1, 2)
    else:
        assert "2 janvier 2026" in told[code].texte


def test_un_recours_forme_a_temps_ne_laisse_plus_de_delai_et_forme_tard_se_dit() -> None:
    """Formé le dernier jour : rien ; le lendemain : tardif."""
    ontime, late = au_fond("2026-01-02"), au_fond("2026-01-03")
    assert not [c for c in trouves(SUSPENSION, [*COMPLET, ontime], "2026-02-01") if "delai" in c or "tardif" in c]
    found = trouves(SUSPENSION, [*COMPLET, late], "2026-02-01")["recours_tardif"]
    assert (found.gravite, found.le) == (Gravite.OBSTACLE, date(2026, 1, 2))


def test_une_oqtf_a_ses_propres_delais() -> None:
    """Le délai de deux mois n'est pas montré comme le sien."""
    refused = RefusNotifie(
        notifie_le=J("2025-08-01"), mention_voies_recours=True, oqtf=True, delai_recours="trente jours"
    )
    told = trouves(SUSPENSION, [*DEPOSEE, e("D-1", "2025-08-01", refused)], "2025-08-02")
    assert "trente jours" in told["delai_oqtf"].texte
    assert "delai_de_recours" not in told


def test_un_refus_d_enregistrer_peut_ne_pas_etre_attaquable() -> None:
    """Il l'est peut-être pas, et c'est dit ; un refus sur la demande ne porte pas ce piège."""
    event = EnregistrementRefuse(refuse_le=J("2025-07-10"), mention_voies_recours=True)
    told = trouves(SUSPENSION, [*DEPOSEE, e("D-1", "2025-07-10", event)], "2025-07-11")
    assert "incomplet" in told["decision_peut_etre_inattaquable"].texte
    assert "pas un refus" in told["urgence_a_justifier"].texte
    assert "decision_peut_etre_inattaquable" not in trouves(SUSPENSION, DEPOSEE, "2025-11-10")


def test_le_jour_de_la_demande_se_prouve_par_un_document() -> None:
    """Rien : obstacle ; une attestation sans document : risque ; avec son document : plus rien ; jour inexact : dit."""
    assert trouves(SUSPENSION, DEPOSEE, "2025-11-10")["depot_non_prouve"].gravite is Gravite.OBSTACLE
    shown = attestation(DEPOT)
    assert trouves(SUSPENSION, [*DEPOSEE, shown], "2025-11-10")["depot_non_prouve"].gravite is Gravite.RISQUE
    of_it = {"depot_non_prouve", "depot_date_incertaine"}
    assert not of_it & trouves(SUSPENSION, [*DEPOSEE, avec_piece(shown)], "2025-11-10").keys()
    vague = [carte(), demande("2025-07"), avec_piece(attestation("2025-07"))]
    assert of_it & trouves(SUSPENSION, vague, "2025-12-10").keys() == {"depot_date_incertaine"}


def test_contre_une_decision_expresse_c_est_elle_que_l_on_joint() -> None:
    """Sans son document, elle manque ; avec lui, rien ; la preuve du dépôt n'est pas demandée."""
    refused = e("D-1", "2025-08-01", RefusNotifie(notifie_le=J("2025-08-01"), mention_voies_recours=True))
    told = trouves(SUSPENSION, [*DEPOSEE, refused], "2025-08-02")
    assert "decision_non_jointe" in told
    assert "depot_non_prouve" not in told
    assert "decision_non_jointe" not in trouves(SUSPENSION, [*DEPOSEE, avec_piece(refused)], "2025-08-02")


def motifs(jour: str, recue: str | None) -> Entry:
    """The reasons of the refusal asked for."""
    return e("D-1", jour, MotifsDemandes(demandes_le=J(jour), recue_le=J(recue) if recue else None))


@pytest.mark.parametrize(
    ("ask", "au", "code"),
    [
        ((), "2025-11-10", "motifs_non_demandes"),
        (("2025-11-05", "2025-11-07"), "2025-12-07", "motifs_attendus"),
        (("2025-11-05", "2025-11-07"), "2025-12-08", None),
        (("2025-11-05", None), "2025-12-08", "motifs_reception_non_prouvee"),
        (("2025-10-05", "2025-10-07"), "2025-12-08", "motifs_demandes_trop_tot"),
    ],
)
def test_les_motifs_demandes_et_tus_pendant_un_mois(ask: tuple[str, ...], au: str, code: str | None) -> None:
    """Reçue le 7 novembre, la demande attend jusqu'au 7 décembre inclus ; ensuite l'absence de réponse est acquise."""
    life = [*COMPLET, *([motifs(*ask)] if ask else [])]
    told = {each for each in trouves(SUSPENSION, life, au) if each.startswith("motifs")}
    assert told == ({code} if code else set())


def test_des_motifs_donnes_ne_sont_plus_un_piege() -> None:
    """La réponse au registre, il n'y a plus à attendre ni à demander."""
    given = e("D-1", "2025-11-20", MotifsCommuniques(communiques_le=J("2025-11-20")))
    life = [*COMPLET, motifs("2025-11-05", "2025-11-07"), given]
    assert not [each for each in trouves(SUSPENSION, life, "2025-12-20") if each.startswith("motifs")]


def test_des_motifs_demandes_apres_le_delai_le_sont_trop_tard() -> None:
    """Le dernier jour pour les demander est celui du recours ; ensuite le remède le dit."""
    found = trouves(SUSPENSION, COMPLET, "2026-01-02")["motifs_non_demandes"]
    assert "au plus tard le 2 janvier 2026" in found.remede
    assert "a fini le 2 janvier 2026" in trouves(SUSPENSION, COMPLET, "2026-01-03")["motifs_non_demandes"].remede


def test_l_urgence_de_la_suspension() -> None:
    """Présumée pour un renouvellement, pour la protection subsidiaire, même avec une attestation ; sinon à justifier."""
    assert "urgence_a_justifier" not in trouves(SUSPENSION, DEPOSEE, "2025-11-10")
    held = api("2025-10-20", "2026-01-19")
    assert "urgence_a_justifier" not in trouves(SUSPENSION, [*DEPOSEE, held], "2025-11-10")
    first = [demande(DEPOT, nature=NatureDemande.PREMIERE_DEMANDE)]
    assert "urgence_a_justifier" in trouves(SUSPENSION, first, "2025-11-10")
    status = ProtectionReconnue(statut=StatutProtection.PROTECTION_SUBSIDIAIRE, reconnue_le=J("2025-06-01"))
    assert "urgence_a_justifier" not in trouves(SUSPENSION, [*first, e("P", "2025-06-01", status)], "2025-11-10")
    status = ProtectionReconnue(statut=StatutProtection.REFUGIE, reconnue_le=J("2025-06-01"))
    assert "urgence_a_justifier" in trouves(SUSPENSION, [*first, e("P", "2025-06-01", status)], "2025-11-10")


# --------------------------------------------------------------------------- L.521-2


def test_le_refere_liberte_a_un_seuil_eleve_et_quarante_huit_heures() -> None:
    """Le seuil est toujours rappelé, avec le jour de l'ordonnance et une source non verifiée qui le dit."""
    found = trouves(LIBERTE, DEPOSEE, "2025-10-05")["seuil_eleve"]
    assert found.le == date(2025, 10, 7)
    assert any("497485" in c.citation and c.citation.endswith("(non vérifié)") for c in found.sources)
    assert "seuil_eleve" not in trouves(SUSPENSION, DEPOSEE, "2025-10-05")


def test_l_urgence_a_48_heures_tient_a_une_perte_qui_dure() -> None:
    """Aucune perte : obstacle ; en cours sans pièce : risque ; avec sa pièce : rien ; finie la veille : obstacle."""
    lost = e("E-1", "2025-10-02", EmploiSuspendu(depuis_le=J("2025-10-02")))
    codes = {"urgence_48h_non_documentee", "urgence_48h_sans_piece"}
    assert codes & trouves(LIBERTE, DEPOSEE, "2025-10-05").keys() == {"urgence_48h_non_documentee"}
    assert codes & trouves(LIBERTE, [*DEPOSEE, lost], "2025-10-05").keys() == {"urgence_48h_sans_piece"}
    assert not codes & trouves(LIBERTE, [*DEPOSEE, avec_piece(lost)], "2025-10-05").keys()
    back = e("E-1", "2025-10-06", EmploiRepris(repris_le=J("2025-10-06")))
    assert not codes & trouves(LIBERTE, [*DEPOSEE, avec_piece(lost), back], "2025-10-05").keys()
    assert "urgence_48h_non_documentee" in trouves(LIBERTE, [*DEPOSEE, avec_piece(lost), back], "2025-10-06")


def test_qui_peut_prouver_son_sejour_ce_jour_la_l_entend_dire() -> None:
    """Le dernier jour du titre : couverte ; le lendemain : non."""
    assert trouves(LIBERTE, DEPOSEE, "2025-09-30")["couverte"].le == date(2025, 9, 30)
    assert "couverte" not in trouves(LIBERTE, DEPOSEE, "2025-10-01")


# --------------------------------------------------------------------------- what holds of all


def test_ce_qui_est_a_etablir_est_dit_avec_ce_que_le_registre_en_a() -> None:
    """Le titre est au registre sans document, la preuve du dépôt avec un, l'identité pas du tout."""
    asked = a_documenter(SUSPENSION, vue([*DEPOSEE, avec_piece(attestation(DEPOT), 7)], "2025-11-10"))
    lacks = {each.code: each.manque for each in asked.pieces}
    assert lacks["identite"] == "rien au registre"
    assert lacks["titre"] == "le fait est au registre, sans document"
    assert lacks["depot"] is None
    states = {each.code: each.etat for each in asked.conditions}
    assert states == {"decision": Etat.DOCUMENTEE, "urgence": Etat.PRESUMEE, "doute_serieux": Etat.DOCUMENTEE}
    before = {each.code: each.etat for each in a_documenter(SUSPENSION, vue(DEPOSEE, "2025-10-31")).conditions}
    assert before["decision"] is Etat.A_JUSTIFIER


def _complet(found: Piege) -> bool:
    words = f"{found.texte} {found.remede}".lower()
    known = {each.value for each in Verification}
    labelled = all(c.etiquette.value in known and c.sens for c in found.sources)
    return bool(found.sources) and labelled and "faute" not in words and found.texte.strip().endswith(".")


@given(life=vies(), au=OBSERVED, procedure=st.sampled_from(list(Procedure)))
def test_quelle_que_soit_la_vie_chaque_piege_a_sa_source_et_ses_faits(
    life: list[Entry], au: date, procedure: Procedure
) -> None:
    """Aucune vie n'arrête la lecture ; chaque piège cite un texte étiqueté et des faits connus, et ne dit jamais faute."""
    seen = vue(life, au.isoformat())
    ids = {entry.event_id for entry in life}
    found = pieges(procedure, seen)
    assert all(_complet(each) for each in found), [each for each in found if not _complet(each)]
    assert all(set(each.entries) <= ids for each in found)
    asked = a_documenter(procedure, seen)
    assert asked.conditions
    assert asked.pieces
    assert pieges(procedure, vue(list(reversed(life)), au.isoformat())) == found


def test_les_dossiers_d_exemple_se_lisent_pour_les_cinq_procedures() -> None:
    """Chaque dossier d'exemple donne ses pièges sans erreur, et C01 ferme les mesures utiles le 1er novembre 2025."""
    folder = Path(app.__file__).parent / "demo"
    known = as_entries([fait for name in ("cas.jsonl", "decisions.jsonl") for fait in facts(name)])
    for each in json.loads((folder / "dossiers.json").read_bytes()):
        hers = [entry for entry in known if entry.fait.personne == each["personne"]]
        for procedure in Procedure:
            assert all(_complet(p) for p in pieges(procedure, vue(hers, each["observe_le"])))
    amina = [entry for entry in known if entry.fait.personne == "amina-exemple-c01"]
    assert trouves(MESURES, amina, "2025-10-31")["refus_implicite_a_naitre"].le == date(2025, 10, 31)
    assert trouves(MESURES, amina, "2025-11-01")["refus_implicite_ne"].le == date(2025, 11, 1)


def test_la_decision_elle_meme_est_la_piece_attaquee() -> None:
    """L'arrêté est cité par le fait du refus, non par celui de sa notification : il est là, rien ne manque."""
    taken = e("D-1", "2025-07-28", RefusDecide(decide_le=J("2025-07-28")))
    earlier = e("D-2", "2025-07-20", RefusDecide(decide_le=J("2025-07-20")))
    told = e("D-1", "2025-08-01", RefusNotifie(notifie_le=J("2025-08-01")))
    with_it = [*DEPOSEE, avec_piece(taken), told]
    assert "decision_non_jointe" not in trouves(SUSPENSION, with_it, "2025-08-02")
    [asked] = [p for p in a_documenter(SUSPENSION, vue(with_it, "2025-08-02")).pieces if p.code == "decision"]
    assert len(asked.documents) == 1
    assert "decision_non_jointe" in trouves(SUSPENSION, [*DEPOSEE, taken, told], "2025-08-02")
    assert "decision_non_jointe" in trouves(SUSPENSION, [*DEPOSEE, avec_piece(earlier), told], "2025-08-02")

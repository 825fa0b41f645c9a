"""Implicit refusals and effects: shown beside the cover, never in it."""

from ledger.days import Jours
from ledger.entry import Entry
from ledger.events.decision import RefusImpliciteNe
from ledger.events.effet import EmploiRepris, EmploiRompu, EmploiSuspendu
from ledger.events.instruction import ComplementDemande, ComplementRepondu, DelaiComplementProroge, DemandeRetiree
from ledger.events.types import NatureDecision
from projections.couverture import Certitude, StatutRefus
from tests.projections.vies import (
    annule,
    api,
    demande,
    e,
    vue,
)


def complement() -> list[Entry]:
    """T10: an application of 1 March, pieces asked on day 100 with thirty days to answer."""
    asked = ComplementDemande(complement="C-1", demande_le=Jours.lire("2025-06-09"), echeance=Jours.lire("2025-07-09"))
    return [demande("2025-03-01"), e("D-1", "2025-06-09", asked)]


def test_t10_la_demande_de_pieces_donne_une_seconde_date_jamais_la_seule() -> None:
    """T10 : sans réponse, trente jours de suspension : le 31 juillet, à côté du 1er juillet."""
    (found,) = vue(complement(), "2026-01-01").refus_implicites
    assert (found.ne_le.isoformat(), str(found.suspendu_jusqu_au)) == ("2025-07-01", "2025-07-31")
    assert len(found.motifs) == 1


def test_t10_la_reponse_arrete_la_suspension_et_l_attestation_fait_presumer_le_dossier_complet() -> None:
    """T10 : répondu au dixième jour, dix jours de suspension ; l'attestation désigne la première date."""
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

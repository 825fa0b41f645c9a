"""Coverage and documents: overlaps, late availability, handover, validity, dates that are not exact."""

import json

import pytest

from ledger.days import Jours
from ledger.entry import Entry
from ledger.events import EVENTS
from ledger.events.depot import AttestationDepotDelivree
from ledger.events.provisoire import AttestationProlongationCorrigee, AttestationProlongationMiseADisposition
from ledger.events.types import NatureDemande, TypeTitre
from projections.couverture import PERTINENTS, Certitude, CodeLecture, NatureLacune
from tests.projections.vies import (
    CARTE,
    adf,
    api,
    couverts,
    demande,
    e,
    lacunes,
    periodes,
    refus,
    ruptures,
    titre,
    vue,
)


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


def test_un_titre_dont_la_remise_est_inconnue_fonde_le_droit_seulement() -> None:
    """Sans remise connue, le titre ne prouve rien ; le droit y est, certain."""
    assert lacunes([titre("2024-10-01", "2025-09-30", remis=None)], "2025-10-31") == [
        ("2024-10-01", "2025-09-30", "preuve_seule", "certain"), ("2025-10-01", "2025-10-31", "rupture", "certain"),
    ]  # fmt: skip


def test_un_titre_de_voyage_ne_couvre_pas_le_sejour() -> None:
    """Un titre de voyage n'est pas un titre de séjour."""
    life = [CARTE, titre("2025-10-01", "2027-09-30", ref="TV", type_titre=TypeTitre.TITRE_VOYAGE)]
    assert ruptures(vue(life, "2025-10-31")) == [("2025-10-01", "2025-10-31", 31)]


def test_un_titre_inconnu_couvre_et_laisse_ouverte_la_question_du_maintien() -> None:
    """Il couvre les jours qu'il porte ; le maintien de trois mois, que sa nature déciderait, est une autre lecture."""

    def life(kind: TypeTitre) -> list[Entry]:
        card = titre("2021-10-01", "2025-09-30", type_titre=kind, duree_annees=4)
        return [card, demande("2025-09-01", titre_demande=kind, departement_liste_l433_3=False)]

    unknown, other = vue(life(TypeTitre.INCONNU), "2026-02-01"), vue(life(TypeTitre.AUTRE), "2026-02-01")
    assert couverts(unknown.preuve) == couverts(other.preuve) == [("TITRE", "2021-10-01", "2025-09-30")]
    assert ruptures(unknown) == ruptures(other) == [("2025-10-01", "2026-02-01", 124)]
    assert ([each.code for each in unknown.lectures], other.lectures) == ([CodeLecture.L433_3_DONNEE_MANQUANTE], ())


@pytest.mark.parametrize("nature", [NatureDemande.INCONNU, NatureDemande.AUTRE])
def test_une_demande_de_nature_inconnue_se_lit_comme_une_autre(nature: NatureDemande) -> None:
    """Elle n'ouvre pas le maintien réservé au renouvellement, et son refus met fin au droit."""
    told = [CARTE, demande("2025-07-01", nature=nature), refus("2025-08-15")]
    assert lacunes(told, "2025-12-31") == [("2025-10-01", "2025-12-31", "fin_de_droit", "certain")]


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


def test_un_document_seulement_possible_n_ouvre_pas_de_lacune_certaine() -> None:
    """Valable du 1er ou du 20 janvier jusqu'au 10 : peut-être rien ; la suite n'est une lacune que s'il a existé."""
    doubtful = titre("2025-01-01/2025-01-20", "2025-01-10", remis="2024-12-01", ref="T-0")
    assert lacunes([doubtful, titre("2025-02-01", "2025-12-31")], "2025-03-01") == [
        ("2025-01-01", "2025-01-31", "rupture", "incertain")
    ]


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


def test_les_noms_pertinents_existent_et_eux_seuls_comptent() -> None:
    """Chaque nom regardé est un nom stocké ; l'attestation de dépôt, qui ne prouve rien, n'en est pas."""
    assert {each.nom for each in EVENTS} >= PERTINENTS
    assert "attestation_depot_delivree" not in PERTINENTS
    told = e("D-1", "2025-07-01", AttestationDepotDelivree(delivree_le=Jours.lire("2025-07-01")))
    assert vue([CARTE, told], "2025-10-31").json() == vue([CARTE], "2025-10-31").json()


def test_la_couverture_s_ecrit_en_json_avec_des_noms_francais() -> None:
    """Le JSON porte les mêmes noms que le modèle, les dates en AAAA-MM-JJ et le nombre de jours."""
    (gap,) = json.loads(vue([CARTE], "2025-10-31").json())["lacunes"]
    assert (gap["du"], gap["au"], gap["jours"], gap["nature"], gap["ouverte"]) == (
        "2025-10-01", "2025-10-31", 31, "rupture", True,
    )  # fmt: skip

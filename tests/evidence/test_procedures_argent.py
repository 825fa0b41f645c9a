"""Les pièges du recours indemnitaire et de la provision, au jour près : demande préalable, avocat, jours, pertes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.procedures import Gravite, Situation, a_documenter, chefs, intervalles
from evidence.procedures.contre import contre_elle, faits_contraires
from ledger.entry import Entry
from ledger.events.effet import CouvertureSantePerdue, LogementOuBanqueRefuse, PrestationOuverte, PrestationRetablie
from ledger.events.listes import DocumentPresente, PorteeMandat, QualiteMandataire, ServiceRefuse
from ledger.events.personne import MandatDonne, MandatRevoque
from ledger.events.recours import RecoursAdministratifRejete, RecoursForme
from ledger.events.types import BaseRecours, Grade, Prestation, Source
from projections.imputation.modeles import Imputation, Statut
from tests.evidence.affaires import INDEMNITAIRE, PROVISION, J, avec_piece, carte, reclamation, rsa, trouves, vue
from tests.imputation.devoirs_dits import de, declare
from tests.imputation.vies_dues import OBSERVED, vies
from tests.projections.vies import api, demande, e, refus, titre
from tests.samples.test_samples import as_entries, facts

MANQUE = [carte(), demande("2025-07-01"), api("2025-11-12", "2026-02-11")]
"""Forty-two days without proof, due to the administration: 1 October to 11 November 2025."""
TARD = [carte(), demande("2025-09-10"), api("2025-11-12", "2026-02-11")]
"""The same days, due to the person: she filed after the window had closed."""
SOMMES = pytest.mark.parametrize("procedure", [INDEMNITAIRE, PROVISION])


# --------------------------------------------------------------------------- the claim made first


@SOMMES
def test_une_somme_se_demande_d_abord_a_l_administration(procedure: object) -> None:
    """Sans demande préalable, la requête est irrecevable ; avec elle, ce piège disparaît."""
    assert trouves(procedure, MANQUE, "2026-01-10")["demande_prealable_absente"].gravite is Gravite.OBSTACLE
    claimed = [*MANQUE, reclamation("2026-01-05", "2026-01-07")]
    assert "demande_prealable_absente" not in trouves(procedure, claimed, "2026-01-10")


@SOMMES
def test_deux_mois_de_silence_rejettent_la_demande_prealable(procedure: object) -> None:
    """Reçue le 7 janvier 2026, elle est pendante jusqu'au 6 mars, rejetée le 7."""
    claimed = [*MANQUE, avec_piece(reclamation("2026-01-05", "2026-01-07"))]
    found = trouves(procedure, claimed, "2026-03-06")["demande_prealable_pendante"]
    assert (found.gravite, found.le) == (Gravite.OBSTACLE, date(2026, 3, 7))
    assert "demande_prealable_pendante" not in trouves(procedure, claimed, "2026-03-07")


def test_une_reponse_rejette_avant_les_deux_mois() -> None:
    """Rejetée expressément le 20 janvier : plus rien n'est pendant, et le délai court de ce jour."""
    said = e("D-1", "2026-01-20", RecoursAdministratifRejete(rejete_le=J("2026-01-20")))
    claimed = [*MANQUE, avec_piece(reclamation("2026-01-05", "2026-01-07")), said]
    told = trouves(INDEMNITAIRE, claimed, "2026-01-20")
    assert "demande_prealable_pendante" not in told
    assert told["delai_indemnitaire"].le == date(2026, 3, 23)
    assert said.event_id in told["delai_indemnitaire"].entries


@pytest.mark.parametrize(
    ("au", "code"),
    [
        ("2026-05-08", "delai_indemnitaire"),
        ("2026-05-11", "delai_indemnitaire"),
        ("2026-05-12", "delai_indemnitaire_expire"),
    ],
)
def test_le_delai_apres_le_rejet_est_franc(au: str, code: str) -> None:
    """Rejetée le 7 mars 2026 par le silence : 8 mai, jour férié puis fin de semaine, donc le lundi 11 mai."""
    claimed = [*MANQUE, avec_piece(reclamation("2026-01-05", "2026-01-07"))]
    told = {each: p for each, p in trouves(INDEMNITAIRE, claimed, au).items() if each.startswith("delai_indem")}
    assert told.keys() == {code}
    assert told[code].le == date(2026, 5, 11)
    seized = e("D-1", "2026-05-02", RecoursForme(base=BaseRecours.INDEMNITAIRE, forme_le=J("2026-05-02")))
    assert not [each for each in trouves(INDEMNITAIRE, [*claimed, seized], au) if each.startswith("delai_indem")]


def test_la_reception_de_la_demande_prealable_se_prouve() -> None:
    """Sans jour de réception, puis sans document, puis avec les deux."""
    codes = {"demande_prealable_reception_inconnue", "demande_prealable_sans_piece"}
    life = [*MANQUE, reclamation("2026-01-05")]
    assert codes & trouves(INDEMNITAIRE, life, "2026-04-01").keys() == {"demande_prealable_reception_inconnue"}
    life = [*MANQUE, reclamation("2026-01-05", "2026-01-07")]
    assert codes & trouves(INDEMNITAIRE, life, "2026-04-01").keys() == {"demande_prealable_sans_piece"}
    life = [*MANQUE, avec_piece(reclamation("2026-01-05", "2026-01-07"))]
    assert not codes & trouves(INDEMNITAIRE, life, "2026-04-01").keys()


# --------------------------------------------------------------------------- the lawyer


def mandat(**given: object) -> Entry:
    """A mandate given to a lawyer on 1 January 2026."""
    values = {"mandat": "M-1", "mandataire": "avocat", "qualite": QualiteMandataire.AVOCAT, **given}
    return e("P", "2026-01-01", MandatDonne(**values))


@pytest.mark.parametrize(
    ("given", "au", "manque"),
    [
        ({}, "2026-01-01", False),
        ({"portee": (PorteeMandat.REPRESENTER_EN_JUSTICE,)}, "2026-01-10", False),
        ({"portee": (PorteeMandat.CONSULTER,)}, "2026-01-10", True),
        ({"qualite": QualiteMandataire.ASSOCIATION}, "2026-01-10", True),
        ({"valide_au": J("2026-01-31")}, "2026-01-31", False),
        ({"valide_au": J("2026-01-31")}, "2026-02-01", True),
        ({"valide_du": J("2026-01-15")}, "2026-01-14", True),
    ],
)
def test_une_somme_d_argent_se_demande_par_un_avocat(given: dict[str, object], au: str, manque: bool) -> None:
    """Un mandat d'avocat qui permet de représenter, valable ce jour-là, et lui seul, ôte le piège."""
    assert ("avocat_obligatoire" in trouves(INDEMNITAIRE, [*MANQUE, mandat(**given)], au)) is manque
    assert ("avocat_obligatoire" in trouves(PROVISION, [*MANQUE, mandat(**given)], au)) is manque


def test_un_mandat_revoque_n_en_est_plus_un() -> None:
    """La veille de la fin du mandat, il vaut ; ensuite, non."""
    ended = e("P", "2026-01-20", MandatRevoque(mandat="M-1"))
    assert "avocat_obligatoire" not in trouves(INDEMNITAIRE, [*MANQUE, mandat()], "2026-01-19")
    assert "avocat_obligatoire" in trouves(INDEMNITAIRE, [*MANQUE, mandat(), ended], "2026-01-20")


# --------------------------------------------------------------------------- the days


def test_les_jours_dus_a_l_administration_sont_retenus_par_les_deux() -> None:
    """Quarante-deux jours établis : retenus, rien d'exclu, aucun piège de jours."""
    for procedure in (INDEMNITAIRE, PROVISION):
        found = intervalles(vue(MANQUE, "2026-01-10"), procedure)
        assert [(x.du, x.au, x.jours) for x in found.retenus] == [(date(2025, 10, 1), date(2025, 11, 11), 42)]
        assert found.exclus == ()
        told = trouves(procedure, MANQUE, "2026-01-10")
        assert not {"aucun_intervalle", "intervalle_exclu", "jours_partages", "manquement_non_etabli"} & told.keys()


def test_les_jours_dus_a_la_personne_ne_sont_jamais_retenus() -> None:
    """Déposée hors de la fenêtre : aucun jour retenu, et l'exclusion est dite avec ses jours."""
    for procedure in (INDEMNITAIRE, PROVISION):
        told = trouves(procedure, TARD, "2026-01-10")
        assert told["aucun_intervalle"].gravite is Gravite.OBSTACLE
        assert "du 1er octobre 2025 au 11 novembre 2025 (42 jours)" in told["intervalle_exclu"].texte
        assert "conduite de la personne" in told["intervalle_exclu"].texte


def test_une_fin_de_droit_par_decision_n_est_pas_une_interruption() -> None:
    """Un refus notifié avant l'expiration : les jours qui suivent sont exclus, et dits comme tels."""
    told = trouves(INDEMNITAIRE, [carte(), demande("2025-07-01"), refus("2025-09-01")], "2025-12-01")
    assert "pas une interruption" in told["intervalle_exclu"].texte
    assert told["intervalle_exclu"].remede == "Ne demandez rien pour ces jours."


def test_la_provision_ecarte_ce_qui_est_partage_ou_n_est_pas_etabli() -> None:
    """Partagés, ou tenus à un tiers : retenus pour l'indemnité avec leur réserve, jamais pour la provision."""
    lina = [each for each in as_entries(facts("cas.jsonl")) if each.fait.personne == "lina-exemple-m02"]
    [kept] = intervalles(vue(lina, "2026-06-15"), INDEMNITAIRE).retenus
    assert kept.imputation is Imputation.SHARED
    assert intervalles(vue(lina, "2026-06-15"), PROVISION).retenus == ()
    assert "jours_partages" in trouves(INDEMNITAIRE, lina, "2026-06-15")
    assert "conduite de la personne" in trouves(PROVISION, lina, "2026-06-15")["intervalle_exclu"].texte
    said = [carte(), declare(demande("2025-07-01"))]
    for procedure in (INDEMNITAIRE, PROVISION):
        assert "une preuve manque" in trouves(procedure, said, "2026-01-10")["intervalle_exclu"].texte
    witnessed = [carte(), de(demande("2025-07-01"), grade=Grade.C, source=Source.TIERS)]
    assert (
        "du 1er octobre 2025 au 10 janvier 2026"
        in trouves(INDEMNITAIRE, witnessed, "2026-01-10")["manquement_non_etabli"].texte
    )
    left = trouves(PROVISION, witnessed, "2026-01-10")
    assert "n'est pas établi (probable)" in left["intervalle_exclu"].texte
    assert "aucun_intervalle" in left


@given(life=vies(), au=OBSERVED)
def test_la_provision_ne_retient_que_l_etabli_et_n_exclut_rien_sans_le_dire(life: list[Entry], au: date) -> None:
    """Quelle que soit la vie : jours de l'administration, établis ; les autres jours sans preuve sont tous nommés."""
    seen = vue(life, au.isoformat())
    found = intervalles(seen, PROVISION)
    assert all(x.imputation is Imputation.ADMINISTRATION and x.statut is Statut.ETABLI for x in found.retenus)
    lost = [x for x in seen.preuve.attributions if x.couche == "preuve"]
    assert sorted(x.du for x in lost) == sorted([x.du for x in found.retenus] + [x.du for x, _ in found.exclus])
    wider = intervalles(seen, INDEMNITAIRE)
    assert found.jours <= wider.jours
    told = trouves(PROVISION, life, au.isoformat())
    assert ("intervalle_exclu" in told) is bool(found.exclus)
    assert ("aucun_intervalle" in told) is not bool(found.retenus)


# --------------------------------------------------------------------------- the heads of loss


def chef(entry: Entry, *more: Entry, au: str = "2026-01-10") -> tuple[Situation, int, int, int, bool]:
    """Where the one loss falls: situation, days, days inside at least and at most, whether it begins inside."""
    [found] = chefs(vue([*MANQUE, entry, *more], au), INDEMNITAIRE)
    return found.situation, found.jours, found.dedans, found.dedans_au_plus, found.commence_dedans


def retabli(jour: str) -> Entry:
    """The benefit given back."""
    return e("RSA-1", jour, PrestationRetablie(prestation=Prestation.RSA, retablie_le=J(jour)))


@pytest.mark.parametrize(
    ("du", "fin", "attendu", "code"),
    [
        ("2025-10-01", "2025-11-12", (Situation.DEDANS, 42, 42, 42, True), None),
        ("2025-10-15", "2025-11-01", (Situation.DEDANS, 17, 17, 17, True), None),
        ("2025-10-15", "2025-11-13", (Situation.EN_PARTIE, 29, 28, 28, True), "chef_en_partie"),
        ("2025-09-30", "2025-11-01", (Situation.EN_PARTIE, 32, 31, 31, False), "chef_en_partie"),
        ("2025-11-12", "2025-12-12", (Situation.DEHORS, 30, 0, 0, False), "chef_hors_intervalle"),
        ("2025-08-01", "2025-09-01", (Situation.DEHORS, 31, 0, 0, False), "chef_hors_intervalle"),
        ("2025-11-11", None, (Situation.EN_PARTIE, 61, 1, 1, True), "chef_en_partie"),
    ],
)
def test_chaque_perte_est_situee_au_jour_pres(
    du: str, fin: str | None, attendu: tuple[object, ...], code: str | None
) -> None:
    """Dedans, en partie, dehors : le nombre de jours de chaque côté des bornes, et le piège qui le dit."""
    life = [rsa(du), *([retabli(fin)] if fin else [])]
    assert chef(*life) == attendu
    told = trouves(INDEMNITAIRE, [*MANQUE, *life], "2026-01-10")
    assert {"chef_en_partie", "chef_hors_intervalle"} & told.keys() == ({code} if code else set())
    if code is not None:
        assert f"sur {attendu[1]} jours" in told[code].texte


def test_une_perte_dont_le_jour_est_incertain_donne_deux_nombres() -> None:
    """Perdue en septembre ou en octobre : entre 12 et 42 jours dedans, et rien ne dit qu'elle y commence."""
    situation, _, least, most, begins = chef(rsa("2025-09-15/2025-10-31"), retabli("2025-11-12"))
    assert (situation, least, most, begins) == (Situation.EN_PARTIE, 12, 42, False)
    told = trouves(INDEMNITAIRE, [*MANQUE, rsa("2025-09-15/2025-10-31"), retabli("2025-11-12")], "2026-01-10")
    assert "entre 12 et 42 jours" in told["chef_en_partie"].texte


def test_une_perte_d_apres_ne_se_rattache_pas_a_des_jours_de_la_personne() -> None:
    """Les mêmes jours, dus à la personne : la perte est dehors."""
    [found] = chefs(vue([*TARD, rsa("2025-10-15")], "2026-01-10"), INDEMNITAIRE)
    assert found.situation is Situation.DEHORS


def test_une_perte_a_venir_n_est_pas_encore_un_chef() -> None:
    """Un arrêt annoncé pour plus tard n'est pas compté avant son premier jour."""
    assert chefs(vue([*MANQUE, rsa("2026-02-01")], "2026-01-31"), INDEMNITAIRE) == ()
    assert len(chefs(vue([*MANQUE, rsa("2026-02-01")], "2026-02-01"), INDEMNITAIRE)) == 1


def test_chaque_perte_se_prouve_et_son_lien_se_montre() -> None:
    """Sans document, la pièce est demandée mois par mois ; sans motif ni document refusé, le lien l'est ; sinon rien."""
    told = trouves(INDEMNITAIRE, [*MANQUE, rsa("2025-10-15"), retabli("2025-11-02")], "2026-01-10")
    assert "octobre 2025, novembre 2025." in told["chef_sans_piece"].remede
    assert "chef_sans_lien" in told
    shown = avec_piece(rsa("2025-10-15", document_refuse=DocumentPresente.ATTESTATION_DEPOT))
    told = trouves(INDEMNITAIRE, [*MANQUE, shown], "2026-01-10")
    assert not {"chef_sans_piece", "chef_sans_lien", "aucun_chef"} & told.keys()
    assert "aucun_chef" in trouves(INDEMNITAIRE, MANQUE, "2026-01-10")


def test_les_autres_pertes_ne_se_demandent_pas_mois_par_mois() -> None:
    """Un refus de logement, une couverture de santé perdue : la pièce, sans liste de mois."""
    refused = e(
        "L-1", "2025-10-05", LogementOuBanqueRefuse(service=ServiceRefuse.LOGEMENT_PRIVE, depuis_le=J("2025-10-05"))
    )
    health = e("S-1", "2025-10-05", CouvertureSantePerdue(depuis_le=J("2025-10-05")))
    for loss in (refused, health):
        assert "mois par mois" not in trouves(INDEMNITAIRE, [*MANQUE, loss], "2026-01-10")["chef_sans_piece"].remede


def test_les_notifications_se_comptent_mois_par_mois() -> None:
    """Un document en octobre et un autre en décembre : novembre et janvier manquent ; chaque mois avec le sien, rien."""
    life = [*MANQUE, avec_piece(rsa("2025-10-15"), 1)]
    november, december = (
        avec_piece(e("RSA-1", day, PrestationOuverte(prestation=Prestation.RSA, depuis_le=J(day))), number)
        for number, day in enumerate(("2025-11-15", "2025-12-15"), start=2)
    )

    def reste(*entries: Entry, au: str) -> str | None:
        asked = a_documenter(INDEMNITAIRE, vue([*life, *entries], au))
        [found] = [each for each in asked.pieces if each.code == "notifications"]
        return found.manque

    assert reste(december, au="2026-01-10") == "sans document pour novembre 2025, janvier 2026"
    assert reste(december, november, au="2025-12-31") is None
    assert not [
        each for each in a_documenter(INDEMNITAIRE, vue(MANQUE, "2026-01-10")).pieces if each.code == "notifications"
    ]


# --------------------------------------------------------------------------- four years


@pytest.mark.parametrize(
    ("au", "code"),
    [
        ("2028-12-29", None),
        ("2028-12-30", "prescription_proche"),
        ("2029-12-31", "prescription_proche"),
        ("2030-01-01", "prescription_acquise"),
    ],
)
def test_quatre_ans_a_compter_du_premier_janvier_qui_suit(au: str, code: str | None) -> None:
    """Des jours de 2025 se réclament jusqu'au 31 décembre 2029 ; le texte n'a pas été lu, et c'est dit."""
    life = [*MANQUE, titre("2026-02-12", "2036-02-11", ref="T-2", dossier="D-1")]
    told = {each: p for each, p in trouves(INDEMNITAIRE, life, au).items() if each.startswith("prescription")}
    assert told.keys() == ({code} if code else set())
    if code is not None:
        assert told[code].le == date(2029, 12, 31)
        assert told[code].sources[0].citation.endswith("(non vérifié)")


# --------------------------------------------------------------------------- what speaks against her


def test_ce_qui_va_contre_elle_est_trouve_par_les_faits() -> None:
    """Le dépôt hors de la fenêtre ne peut pas être écarté ; un dépôt à temps le peut."""
    late, ontime = TARD[1], MANQUE[1]
    assert late.event_id in faits_contraires(vue(TARD, "2026-01-10"))
    assert ontime.event_id not in faits_contraires(vue(MANQUE, "2026-01-10"))


@given(life=vies(), au=OBSERVED, pick=st.randoms(use_true_random=False))
def test_ce_qui_va_contre_elle_ne_depend_pas_de_l_ordre_des_faits(life: list[Entry], au: date, pick: object) -> None:
    """Les mêmes faits dans un autre ordre donnent les mêmes pièces à garder, toutes connues, chacune avec sa raison."""
    shuffled = list(life)
    pick.shuffle(shuffled)  # type: ignore[attr-defined]
    found = faits_contraires(vue(life, au.isoformat()))
    assert found.keys() == faits_contraires(vue(shuffled, au.isoformat())).keys()
    assert found.keys() <= {entry.event_id for entry in life}
    assert all(found.values())
    seen = vue(life, au.isoformat())
    for x in seen.preuve.attributions:
        if x.imputation is Imputation.ADMINISTRATION:
            against = [c for c in x.contre if c.code != "rien_en_sens_contraire"]
            assert list(contre_elle(seen, x)) == against
            assert {each for c in against for each in c.entries} <= found.keys()

"""La demande de communication nomme ce que le registre sait exister à la préfecture, et rien de ce qui n'y est pas."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from evidence.delais_acces import Mode
from evidence.demande_acces import GROUPES, TEXTES, Demandeur, demande_pdf
from ledger.days import Jours
from ledger.entry import Entry, Fait
from ledger.errors import ConstatError
from ledger.events.cloture import DossierClosAutomatiquement
from ledger.events.correction import FaitRetire
from ledger.events.decision import RefusNotifie
from ledger.events.depot import TentativeDepotEchouee
from ledger.events.effet import EmploiRompu
from ledger.events.instruction import ComplementDemande
from ledger.events.listes import CategorieVulnerabilite
from ledger.events.personne import VulnerabiliteSignalee
from ledger.events.types import Flux, Grade, Source
from rules.base import Verification
from tests.evidence.lecture import d_un_trait, dans_la_page, needs_poppler
from tests.evidence.pdf import verifier_pdf
from tests.evidence.vies_releves import cas, entrees
from tests.faits import fait

ENVOI = date(2026, 1, 31)
QUI = Demandeur("P-1", "Préfecture d'Exemple\nService des étrangers")


def lettre(faits: Sequence[Fait] | list[Entry], mode: Mode = Mode.COURRIEL, **given: object) -> bytes:
    """La lettre que ces faits donnent."""
    entries = [each if isinstance(each, Entry) else None for each in faits]
    known = [each for each in entries if each is not None] or entrees(each for each in faits if isinstance(each, Fait))
    qui = given.pop("qui", QUI)
    return demande_pdf(qui, "constat.test/essai", known, ENVOI, mode, **given)  # type: ignore[arg-type]  # as given


def test_la_meme_lettre_a_les_memes_octets() -> None:
    """Archive, accessible, reproductible ; une autre préfecture ou un autre mode en fait une autre."""
    life = cas("dalia-exemple-c05")
    made = lettre(life)
    verifier_pdf(made, "demande", joints=[])
    assert made == lettre(life)
    assert made != lettre(life, Mode.REMISE)
    assert made != lettre(life, qui=Demandeur("P-1", "Autre"))


@needs_poppler
def test_elle_nomme_ce_qui_existe_jour_par_jour(tmp_path: Path) -> None:
    """Messages, décisions et pièces d'un dossier, avec leurs dates et leurs références, sous leur rubrique."""
    refus = RefusNotifie(notifie_le=Jours.lire("2025-06-01"), numero_envoi="RAR-9")
    demande = ComplementDemande(complement="C-7", demande_le=Jours.lire("2025-03-01"), message="Merci de compléter.")
    read = d_un_trait(lettre([
        fait(id="F-1", survenu="2025-03-01", evenement=demande),
        fait(id="F-2", survenu="2025-06-01T08:00:00Z", evenement=refus),
        fait(id="F-3", survenu="2025-01", source=Source.DECLARATION, grade=Grade.D),
    ]), tmp_path)  # fmt: skip
    assert "Dossier D-1" in read
    assert "3 éléments" in read
    for each in (
        "1er mars 2025 : la préfecture a demandé de compléter le dossier",
        "référence de la demande de complément : C-7 ; jour de la demande : 1er mars 2025)",
        "1er juin 2025 à 10:00:00 : le refus a été notifié à la personne (jour de la notification : 1er juin 2025 ;",
        "numéro de l'envoi recommandé : RAR-9)",
        "janvier 2025 (jour inconnu) : une tentative de dépôt a échoué (d'après ma déclaration)",
    ):
        assert each in read, each
    assert [read.index(GROUPES[n]) for n in (1, 3, 7)] == sorted(read.index(GROUPES[n]) for n in (1, 3, 7))
    assert "Merci de compléter" not in read


@needs_poppler
def test_ce_qui_n_est_pas_a_la_prefecture_n_y_est_pas(tmp_path: Path) -> None:
    """Ni déductions, ni effets chez des tiers, ni vulnérabilité, ni fait retiré, ni fait d'après l'envoi."""
    vulnerable = VulnerabiliteSignalee(categorie=CategorieVulnerabilite.VICTIME_TRAITE, consentement=True)
    read = d_un_trait(lettre([
        fait(id="F-1", survenu="2025-06-01", grade=Grade.E),
        fait(id="F-2", survenu="2025-06-02", objet="E-1", evenement=EmploiRompu(depuis_le=Jours.lire("2025-06-02"))),
        fait(id="F-3", survenu="2025-06-03", objet=None, evenement=vulnerable),
        fait(id="F-4", survenu="2025-06-04"),
        fait(id="F-5", survenu="2025-06-05", corrige="F-4", flux_choisi=Flux.DOSSIER, evenement=FaitRetire(motif="m")),
        fait(id="F-6", survenu="2026-02-01"),
    ]), tmp_path)  # fmt: skip
    assert "Le registre ne nomme aucun document précis" in read
    assert "juin 2025" not in read
    assert "traite" not in read
    assert "3 faits du registre n'y sont pas" in read


@needs_poppler
def test_un_seul_dossier_peut_etre_demande(tmp_path: Path) -> None:
    """Les autres n'y sont pas."""
    facts = [fait(id="F-1", objet="D-1"), fait(id="F-2", objet="D-2"), fait(id="F-3", objet="D-3")]
    read = d_un_trait(lettre(facts, dossiers=("D-3", "D-1")), tmp_path)
    assert ["Dossier D-1" in read, "Dossier D-2" in read, "Dossier D-3" in read] == [True, False, True]
    assert "d'autres dossiers que ceux qui sont demandés : 1 élément" in read
    assert "n'y est pas" not in read


@needs_poppler
def test_les_jours_de_la_feuille_et_ceux_de_la_lettre(tmp_path: Path) -> None:
    """Envoyée par courriel le 31 janvier 2026 : refus le 28 février, CADA jusqu'au 28 avril, données le 28 février."""
    read = d_un_trait(lettre([fait()]), tmp_path)
    for each in (
        "Reçue le 31 janvier 2026, la demande serait refusée par le silence le 28 février 2026",
        "au plus tard le vendredi 27 février 2026", "le samedi 28 février 2026 (CRPA, art. R.*311-12 (texte lu",
        "au plus tard le mardi 28 avril 2026 (CRPA, art. R.343-1 (texte lu dans une copie))",
        "réponse au plus tard le samedi 28 février 2026 (RGPD, art. 12(3) (de mémoire, non vérifié))",
    ):  # fmt: skip
        assert each in read, each


@needs_poppler
def test_une_lettre_ne_promet_aucun_jour_de_reception(tmp_path: Path) -> None:
    """Par la poste, la lettre ne dit aucun jour, la feuille dit les premiers possibles ; l'avis revenu, les vrais."""
    read = d_un_trait(lettre([fait()], Mode.RECOMMANDE), tmp_path)
    assert "serait refusée par le silence le" not in read
    assert "samedi 31 janvier 2026 au plus tôt" in read
    assert "ce sont les premiers possibles" in read
    assert "Un courriel est compté reçu" not in read
    assert "Un courriel est compté reçu" in d_un_trait(lettre([fait()]), tmp_path)
    assert "Un courriel est compté reçu" not in d_un_trait(lettre([fait()], recue_le=date(2026, 2, 2)), tmp_path)
    read = d_un_trait(lettre([fait()], Mode.RECOMMANDE, recue_le=date(2026, 2, 2)), tmp_path)
    assert "Reçue le 2 février 2026, la demande serait refusée par le silence le 2 mars 2026" in read
    assert "Ce jour n'est pas ouvré et aucun report n'est compté : le jeudi 30 avril 2026" in read
    assert "ce sont les premiers possibles" not in read


@needs_poppler
def test_tout_texte_non_verifie_le_dit(tmp_path: Path) -> None:
    """Chaque mention du RGPD dans la lettre est suivie de « non vérifié » ; chaque texte a sa ligne, et son degré."""
    read = d_un_trait(lettre([fait()]), tmp_path)
    body = read[: read.index("Les textes, et jusqu'où")]
    for article in ("RGPD, art. 15", "RGPD, art. 12(3)"):
        mentions = body.split(article)[1:]
        assert mentions
        assert all("non vérifié)" in each[:40] for each in mentions), article
    for each in TEXTES:
        assert each.reference in read
    assert {each.verification for each in TEXTES} >= {Verification.F, Verification.M, Verification.S, Verification.I}


@needs_poppler
def test_une_cloture_automatique_fait_demander_ses_regles(tmp_path: Path) -> None:
    """Le traitement algorithmique n'est demandé que là où le registre en tient un, et la lecture est dite telle."""
    closed = fait(evenement=DossierClosAutomatiquement(clos_le=Jours.lire("2025-05-01")))
    read = d_un_trait(lettre([closed]), tmp_path)
    assert "je demande son degré de contribution" in read
    assert "CRPA, art. L.311-3-1 (lecture) (interprétation ou convention de calcul)" in read
    assert "L.311-3-1" not in d_un_trait(lettre([fait()]), tmp_path)


@needs_poppler
def test_des_noms_extremes_restent_dans_la_page(tmp_path: Path) -> None:
    """Noms, adresses et références de toute longueur et de toute écriture : montrés, pliés, jamais interprétés."""
    qui = Demandeur("p" * 200, "#panic() " + "P" * 300, "证 " + "N" * 300, "a\nb\nc")
    facts = [fait(id="F" * 200, objet="D" * 200, evenement=TentativeDepotEchouee(incident="I" * 200))]
    made = lettre(facts, qui=qui)
    read = d_un_trait(made, tmp_path)
    assert "#panic()" in read
    assert "[U+8BC1]" in read
    dans_la_page(made, tmp_path)


def test_un_dossier_inconnu_est_refuse() -> None:
    """Une référence mal tapée ferait une lettre qui ne nomme rien."""
    with pytest.raises(ConstatError, match="« D-9 » : vérifiez sa référence"):
        lettre([fait(objet="D-1")], dossiers=("D-1", "D-9"))

"""L'historique remis à la personne : chaque fait, ses deux dates, qui a regardé, les tiers masqués ; en volumes s'il le faut."""

import re
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from evidence import historique as module
from evidence.historique import FLUX, historique_pdf
from evidence.joint import designation
from evidence.mots import ACTEURS, GRADES, SOURCES, dire
from ledger.days import Jours
from ledger.entry import Acteur, Avertissement, Entry, Piece
from ledger.events import acces
from ledger.events.correction import FaitRetire
from ledger.events.depot import DemandeDeposee
from ledger.events.listes import FondementAcces, NatureExport
from ledger.events.types import (
    Canal,
    CodeIncident,
    Flux,
    Grade,
    NatureActeur,
    NatureDecision,
    NatureDemande,
    Prestation,
    Source,
    TypeTitre,
)
from replay.tiers import Masque
from tests.evidence.lecture import codes, d_un_trait, dans_la_page, joints, needs_poppler, needs_zbar
from tests.evidence.pdf import verifier_pdf
from tests.evidence.vies_releves import entrees
from tests.faits import fait

JOUR = date(2026, 11, 27)
REGISTRE = "constat.test/essai"
AGENT = Acteur(nature=NatureActeur.AGENT, id="agent-dupont", service="Préfecture d'Exemple", qualite="instructeur")
DATA = b'[{"numero": 1}]\n'
SECTIONS = [("Vos droits", ["Vous pouvez faire rectifier vos données."])]


def vie() -> list[Entry]:
    """Des faits, dont un corrigé, deux regards et un export ; masqués comme la copie l'est."""
    demande = DemandeDeposee(
        titre_demande=TypeTitre.CARTE_RESIDENT,
        nature=NatureDemande.PREMIERE_DEMANDE,
        deposee_le=Jours.lire("2025-07-01"),
    )
    entries = entrees([
        fait(id="F-1", evenement=demande, survenu="2025-07-01T22:30:00Z",
             pieces=(Piece(nom="bail.pdf", octets=1, sha256="e" * 64),),
             avertissements=(Avertissement(code="c", source="CRPA L.112-8", texte="Rien à répéter."),)),
        fait(id="F-2", acteur=AGENT, survenu="2025-07"),
        fait(id="F-3", acteur=Acteur(nature=NatureActeur.AGENT, id="agent-martin", au_nom_de="P-1")),
        fait(id="F-4", corrige="F-2", flux_choisi=Flux.DOSSIER, evenement=FaitRetire(motif="erreur de saisie")),
        fait(id="A-1", objet=None, acteur=AGENT, evenement=acces.DossierConsulte(
            fondement=FondementAcces.RECLAMATION_DDD, dossier="D-1", perimetre="tout le dossier")),
        fait(id="A-2", objet=None, acteur=AGENT, survenu="2026-03-01", evenement=acces.ExportProduit(
            nature=NatureExport.DOSSIER_DE_PREUVE, fondement=FondementAcces.MANDAT, destinataire="son avocat")),
    ])  # fmt: skip
    masque = Masque("P-1", entries)
    return [masque.entry(entry) for entry in entries]


def volumes(entries: list[Entry]) -> tuple[bytes, ...]:
    """L'historique de ces entrées."""
    return historique_pdf("P-1", REGISTRE, entries, SECTIONS, DATA, JOUR)


def test_il_porte_ses_donnees_et_se_refait_a_l_identique() -> None:
    """Un volume, les données jointes, les mêmes octets deux fois."""
    [made] = volumes(vie())
    assert [made] == list(volumes(vie()))
    assert joints(made) == {"historique.json": (DATA, "/Source")}
    verifier_pdf(made, "historique")


@needs_poppler
def test_chaque_fait_dit_ses_deux_dates_et_qui(tmp_path: Path) -> None:
    """Quand il est arrivé, quand le registre l'a appris, par qui et par quelle voie, en français, le tiers par un numéro."""
    read = d_un_trait(volumes(vie())[0], tmp_path)
    for each in (
        "1. 2 juillet 2025 à 00:30:00 : Le demandeur a déposé sa demande en ligne",
        "2. juillet 2025 (jour inconnu) : Une tentative de dépôt a échoué",
        "20 novembre 2026 à 10:00:00 ; ligne 1 du journal", "carte de résident", "première demande",
        "téléservice ; le téléservice (ANEF) ; A, journal d'un système ou acte signé à la source",
        "un agent (tiers-1), Préfecture d'Exemple, instructeur", "un agent (tiers-2), en votre nom",
        "bail.pdf", "1 octet", "e" * 64, "Rien à répéter. (CRPA L.112-8)",
        "remplace le fait n° 2", "un autre fait le remplace : le fait n° 4", "Vos droits",
    ):  # fmt: skip
        assert each in read, each
    assert "agent-dupont" not in read
    assert "agent-martin" not in read


@needs_poppler
def test_qui_a_regarde_est_dit_par_service_et_a_quel_titre(tmp_path: Path) -> None:
    """Une consultation et un export : service, titre juridique, ce qui a été vu ou remis, à qui."""
    read = d_un_trait(volumes(vie())[0], tmp_path)
    looked = read[read.index("Qui a regardé vos données") :]
    for each in ("réclamation DDD", "tout le dossier", "mandat", "son avocat", "dossier de preuve", "1er mars 2026"):
        assert each in looked, each
    assert looked.count("Préfecture d'Exemple") == 2


@needs_poppler
def test_personne_n_a_regarde(tmp_path: Path) -> None:
    """Sans regard au registre, le document le dit."""
    assert "ne connaît aucune consultation" in d_un_trait(volumes(entrees([fait()]))[0], tmp_path)


@needs_poppler
def test_une_longue_vie_va_en_volumes_sans_rien_perdre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chaque fait est dans un volume et un seul, dans l'ordre ; qui a regardé, à la fin du dernier."""
    monkeypatch.setattr(module, "FAITS", 20)
    look = acces.DossierConsulte(fondement=FondementAcces.INSTRUCTION)
    facts = [fait(id=f"F-{n}", survenu=f"2025-01-{1 + n % 28:02}") for n in range(47)]
    made = volumes(entrees([*facts, fait(id="A-1", objet=None, evenement=look, survenu="2024-01-01")]))
    assert len(made) == 3
    read = [d_un_trait(each, tmp_path) for each in made]
    found = [re.findall(r"\bF-\d+\b", each) for each in read]
    assert sorted(name for each in found for name in each) == sorted(each.id for each in facts)
    assert [f"volume {n} sur 3" in each for n, each in enumerate(read, start=1)] == [True] * 3
    assert ["Qui a regardé" in each for each in read] == [False, False, True]
    assert [bool(joints(each)) for each in made] == [True, False, False]


@needs_poppler
def test_des_textes_extremes_restent_dans_la_page(tmp_path: Path) -> None:
    """Un message sans espace de cent mille signes, un nom de pièce de cinq cents : coupés ou pliés, jamais perdus."""
    long = fait(
        acteur=Acteur(nature=NatureActeur.PREFECTURE, service="S" * 500),
        objet="D" * 200,
        pieces=(Piece(nom="n" * 500, octets=2**40, sha256="f" * 64),),
        evenement=FaitRetire(motif="m" * 100_000),
        corrige="F-0",
        flux_choisi=Flux.DOSSIER,
    )
    [made] = volumes(entrees([long]))
    read = d_un_trait(made, tmp_path)
    assert "sur 100 000 signes : le tout est dans les données jointes" in read
    assert sum(map(len, re.findall("m{10,}", read))) == 20_000
    dans_la_page(made, tmp_path)


@needs_zbar
def test_le_code_nomme_les_donnees(tmp_path: Path) -> None:
    """Registre, jour et empreinte des données jointes."""
    expected = designation("historique", REGISTRE, "2026-11-27", sha256(DATA).hexdigest())
    assert codes(volumes(vie())[0], tmp_path) == [expected]


def test_chaque_liste_a_ses_mots() -> None:
    """Acteurs, sources, forces et flux sont tous dits ; aucun mot sans accent là où la liste en perd."""
    assert (set(ACTEURS), set(SOURCES), set(GRADES), set(FLUX)) == (
        set(NatureActeur),
        set(Source),
        set(Grade),
        set(Flux),
    )
    assert {each.nom for each in acces.REGARDS} < {each.nom for each in acces.Event.__subclasses__()}
    said = [
        (Canal.TELESERVICE, "téléservice"), (Canal.CCC, "CCC"), (NatureDecision.REFUS_EXPRES, "refus exprès"),
        (Prestation.RSA, "RSA"), (Prestation.RETRAITE, "retraite"), (TypeTitre.CARTE_RETRAITE, "carte de retraité"),
        (CodeIncident("B06"), "B06, Des pièces transmises ne sont jamais reçues par la préfecture"),
        (Canal.PAN, "PAN"), (NatureActeur.PAN, "le point d'accueil numérique"), (Source.TIERS, "un tiers"),
    ]  # fmt: skip
    assert [dire(each) for each, _ in said] == [words for _, words in said]

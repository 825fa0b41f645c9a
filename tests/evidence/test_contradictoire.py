"""Both sides of a complaint: paired by complaint and day, each with its own grade, deadlines as the duties have them."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.contradictoire import DEFENSEUR, Contradictoire, Etat, contradictoire, en_json
from evidence.contradictoire_tableau import CONTESTES, DEMANDES, ETATS, IMPUTATIONS, JOURS, REGARDS, STATUTS, tableau
from ledger.days import Jours
from ledger.entry import Acteur, Entry
from ledger.events import reclamation
from ledger.events.base import Event
from ledger.events.depot import DemandeDeposee
from ledger.events.instruction import ComplementDemande
from ledger.events.titre import TitreRemis
from ledger.events.types import Grade, NatureActeur, NatureDemande, Source, TypeTitre
from projections.imputation.modeles import Imputation, Statut
from replay.as_of import Moment
from replay.preuve import Preuve, preuve
from tests.evidence.vies_echange import entries, lives
from tests.faits import fait

AU = date(2026, 3, 1)
SERVICE = "Préfecture d'Exemple"


def said(id_: str, day: str, event: Event, **given: Any) -> Any:
    """A fact of complaint R-1."""
    values = {"objet": "R-1", "source": Source.CONSTAT, "grade": Grade.B, **given}
    return fait(id=id_, survenu=day, evenement=event, **values)


def opened() -> Any:
    """The complaint."""
    return said("O", "2025-12-01", reclamation.ReclamationDddOuverte(numero="25-001", griefs=("aucune attestation",)))


def asked(id_: str = "Q", day: str = "2025-12-05", due: str | None = "2026-01-05", **given: Any) -> Any:
    """Explanations asked for, with two proposed findings."""
    values: dict[str, Any] = {
        "numero": "25-001",
        "constats_proposes": ("un", "deux"),
        "questions": ("pourquoi ?",),
        **given,
    }
    event = reclamation.ExplicationsDddDemandees(echeance=Jours.lire(due) if due else None, **values)
    return said(id_, day, event, acteur=Acteur(nature=NatureActeur.DDD), grade=Grade.A)


def answered(id_: str = "A", day: str = "2026-01-02", grade: Grade = Grade.D, **given: Any) -> Any:
    """The service's explanations."""
    values = {"numero": "25-001", "service": SERVICE, "explications": "le dossier était incomplet", **given}
    return said(id_, day, reclamation.ExplicationsDddFournies(**values), grade=grade, source=Source.DECLARATION)


def card() -> Any:
    """A card that ran out on the last of September 2025."""
    event = TitreRemis(
        type_titre=TypeTitre.CST, duree_annees=1, valide_du=Jours.lire("2024-10-01"), valide_au=Jours.lire("2025-09-30"),
        remis_le=Jours.lire("2024-10-01"),
    )  # fmt: skip
    return fait(id="T", objet="T-1", survenu="2024-10-01", evenement=event)


def filing() -> Any:
    """A renewal filed online, in its window."""
    event = DemandeDeposee(
        titre_demande=TypeTitre.CST, nature=NatureDemande.RENOUVELLEMENT, deposee_le=Jours.lire("2025-07-01"),
        titre_precedent="T-1",
    )  # fmt: skip
    return fait(id="D", survenu="2025-07-01", evenement=event)


def both(*facts: Any, au: date = AU, numero: str | None = None) -> tuple[Contradictoire, Preuve]:
    """Both sides of these facts, and the evidence they were read with."""
    lot = entries(facts)
    found = preuve(lot, Moment(None, au))
    return contradictoire(lot, found, numero), found


def test_what_is_asked_stands_beside_what_is_answered() -> None:
    """The proposed findings, their answer in its own words and of its own grade, the day set and kept."""
    found, proof = both(opened(), asked(), answered())
    [one] = found.echanges
    assert (one.nature, one.reclamation, one.etat, one.jours_de_retard) == ("explications", "25-001", Etat.REPONDU, 0)
    assert (one.demande.par, one.demande.grade, one.demande.textes) == (DEFENSEUR, "A", ("pourquoi ?",))
    [answer] = one.reponses
    assert (answer.par, answer.grade, answer.source) == (SERVICE, "D", "declaration")
    assert answer.textes == ("le dossier était incomplet",)
    assert one.constats_proposes == ("un", "deux")
    assert "(non vérifié)" not in one.article
    [complaint] = found.reclamations
    assert complaint.griefs == ("aucune attestation",)
    duty = next(each for each in proof.obligations if each.code == "explications_ddd")
    assert duty.satisfaite_par == (answer.event_id,)


@pytest.mark.parametrize(
    ("facts", "au", "etat", "late"),
    [
        ((asked(), answered(day="2026-01-10")), AU, Etat.REPONDU_APRES, 4),
        ((asked(),), AU, Etat.SANS_REPONSE, 55),
        ((asked(),), date(2026, 1, 5), Etat.ATTENDU, 0),
        ((asked(due=None),), AU, Etat.SANS_ECHEANCE, 0),
        ((asked(due=None), answered()), AU, Etat.REPONDU, 0),
        ((asked(), answered(numero="25-002")), AU, Etat.SANS_REPONSE, 55),
        ((asked(), answered(day="2025-12-04")), AU, Etat.SANS_REPONSE, 55),
    ],
)
def test_deadlines_are_those_of_the_duties(facts: tuple[Any, ...], au: date, etat: Etat, late: int) -> None:
    """Answered in time, after, not yet, never, or where no day was set; another complaint or an earlier day is no answer."""
    found, proof = both(*facts, au=au)
    [one] = found.echanges
    assert (one.etat, one.jours_de_retard) == (etat, late)
    [duty] = [each for each in proof.obligations if each.code == "explications_ddd"]
    assert bool(duty.satisfaite_par) is (etat in {Etat.REPONDU, Etat.REPONDU_APRES})
    assert sum((each.au - each.du).days + 1 for each in duty.manquements) == late


def test_each_request_has_the_answers_that_came_before_the_next() -> None:
    """Two requests, an answer after each, and a second one to the last."""
    facts = (
        asked("Q1", "2025-12-05"), answered("A1", "2025-12-20"), asked("Q2", "2026-01-10", "2026-02-10"),
        answered("A2", "2026-01-20"), answered("A3", "2026-02-01"),
    )  # fmt: skip
    found, _ = both(*facts)
    assert [[each.fait for each in one.reponses] for one in found.echanges] == [["A1"], ["A2", "A3"]]


def test_a_recommendation_and_what_the_authority_says_of_it() -> None:
    """Followed or not in its own words; nothing is concluded from it here."""
    told = reclamation.RecommandationDddEmise(
        numero="25-001", echeance=Jours.lire("2026-02-01"), recommandations=("délivrer une attestation",)
    )
    reported = reclamation.SuiteRecommandationRapportee(numero="25-001", suivie=False, suites="non")
    found, _ = both(said("R", "2026-01-02", told), said("S", "2026-01-20", reported))
    [one] = found.echanges
    assert (one.nature, one.suivie, one.etat) == ("recommandation", False, Etat.REPONDU)
    assert one.reponses[0].textes == ("non",)


def test_a_disputed_fact_stands_beside_who_disputes_it_and_what_rests_on_it() -> None:
    """The fact with its grade, the service with its own, the days whose answer rests on the fact; and an unknown one."""
    found, proof = both(card(), filing(), asked(), answered(faits_contestes=("D", "INCONNU")))
    filed, unknown = found.faits_contestes
    assert filed.dit is not None
    assert (filed.type, filed.dit.grade, filed.contestation.grade) == ("demande_deposee", "A", "D")
    assert (unknown.type, unknown.dit, unknown.touche) == (None, None, ())
    assert {(each.du, each.statut) for each in filed.touche} >= {(date(2025, 10, 1), Statut.CONTESTE)}
    assert all((each.du, each.au) in {(a.du, a.au) for a in proof.attributions} for each in filed.touche)


def test_what_each_side_could_see_has_its_column() -> None:
    """A request for pieces that the person could not read: seen by the préfecture alone."""
    event = ComplementDemande(complement="C-1", demande_le=Jours.lire("2025-08-01"))
    found, proof = both(card(), filing(), fait(id="C", survenu="2025-08-01", evenement=event))
    assert len(found.regards) == len(proof.divergences) > 0
    one = next(each for each in found.regards if each.dossier == "D-1" and "pouvait le voir" in each.administration)
    assert "rien au registre" in one.usager


def test_days_keep_what_leads_to_the_answer_and_what_speaks_against_it() -> None:
    """Every run of lost days of the evidence, both chains whole."""
    found, proof = both(card(), filing())
    assert [(each.du, each.au, each.chaine, each.contre) for each in found.jours_perdus] == [
        (each.du, each.au, each.chaine, each.contre) for each in proof.attributions
    ]
    assert found.jours_perdus[0].imputation is Imputation.ADMINISTRATION


def test_one_complaint_of_several() -> None:
    """By its number: requests and answers of the other are left out, by whichever of both it is named."""
    other = said("Q9", "2025-12-06", reclamation.ExplicationsDddDemandees(numero="25-009"), objet="R-9")
    unnumbered = said("Q8", "2025-12-07", reclamation.ExplicationsDddDemandees(), objet="R-1")
    facts = (opened(), asked(), answered(), other, unnumbered)
    assert len(both(*facts)[0].echanges) == 3
    assert [each.demande.fait for each in both(*facts, numero="25-001")[0].echanges] == ["Q", "Q8"]
    assert [each.demande.fait for each in both(*facts, numero="25-009")[0].echanges] == ["Q9"]
    assert both(*facts, numero="rien")[0].echanges == ()


def test_what_no_longer_holds_is_not_told() -> None:
    """An answer that a later one replaces counts once, as it was put right."""
    right = answered("A2", "2026-01-03", explications="voici").model_copy(update={"corrige": "A"})
    found, _ = both(opened(), asked(), answered(), right)
    assert [each.textes for each in found.echanges[0].reponses] == [("voici",)]


def test_the_table_has_two_columns_for_each_thing() -> None:
    """One row a proposed finding, then disputes, views and days; each status in French, nobody judged."""
    event = ComplementDemande(complement="C-1", demande_le=Jours.lire("2025-08-01"))
    facts = (card(), filing(), fait(id="C", survenu="2025-08-01", evenement=event), opened(), asked(),
             answered(faits_contestes=("D",)))  # fmt: skip
    found, _ = both(*facts)
    rows = tableau(found)
    parts = [each.partie for each in rows]
    assert parts == sorted(parts, key=[DEMANDES, CONTESTES, REGARDS, JOURS].index)
    assert parts.count(DEMANDES) == 2
    first = rows[0]
    assert first.objet == "Demande d'explications du 5 décembre 2025, constat 1"
    assert "Constat proposé : un" in first.gauche
    assert first.droite == (f"{SERVICE}, 2 janvier 2026 (source declaration, force D)", "le dossier était incomplet")
    assert first.suite == "échéance : 5 janvier 2026 ; répondu"
    assert rows[-1].suite == "imputables à l'administration (contesté)"
    assert (set(ETATS), set(STATUTS), set(IMPUTATIONS)) == (set(Etat), set(Statut), set(Imputation))
    text = json.dumps([[*each.gauche, *each.droite, each.suite] for each in rows], ensure_ascii=False)
    assert "faute" not in text
    assert "(non vérifié)" in json.dumps([each.articles for each in rows], ensure_ascii=False)


def test_the_file_is_canonical_and_the_same_twice() -> None:
    """JSON that reads back, with every part, the same bytes for the same facts."""
    found, _ = both(card(), filing(), opened(), asked(), answered(faits_contestes=("D",)))
    raw = en_json(found)
    assert raw == en_json(both(card(), filing(), opened(), asked(), answered(faits_contestes=("D",)))[0])
    value = json.loads(raw)
    assert value["format"] == "constat/contradictoire/1"
    assert value["echanges"][0]["echeance"] == "2026-01-05"
    assert set(value) == {"format", "au", "reclamations", "echanges", "faits_contestes", "regards", "jours_perdus"}


TYPES = (
    reclamation.ReclamationDddOuverte, reclamation.ExplicationsDddDemandees, reclamation.ExplicationsDddFournies,
    reclamation.RecommandationDddEmise, reclamation.SuiteRecommandationRapportee,
)  # fmt: skip


@settings(max_examples=40)
@given(lives(8, *TYPES), st.dates(date(1990, 1, 1), date(2150, 1, 1)))
def test_whatever_was_said_is_told_and_can_be_shown(lot: list[Entry], au: date) -> None:
    """Any complaint facts: every request of the day is there, every row is text, and the file is JSON."""
    found = contradictoire(lot, preuve(lot, Moment(None, au)))
    rows = tableau(found)
    assert len(rows) >= len(found.echanges)
    assert all(isinstance(text, str) for row in rows for text in (*row.gauche, *row.droite, row.objet, row.suite))
    assert json.loads(en_json(found))["au"] == str(au)
    for each in found.echanges:
        assert all(answer.pas_apres >= each.demande.pas_avant for answer in each.reponses)

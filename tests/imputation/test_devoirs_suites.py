"""What a judge orders, what the Défenseur des droits waits for, documents, data, and the young adult's first permit."""

from typing import Any

import pytest

from ledger.days import Quand
from ledger.entry import Entry
from ledger.events.acces import DemandeDroitsRecue, DemandeDroitsRepondue
from ledger.events.decision import DecisionAnnulee
from ledger.events.instruction import RendezVousPropose
from ledger.events.listes import DroitPersonne, Injonction
from ledger.events.personne import MajoriteAtteinte
from ledger.events.reclamation import (
    DemandeCadaDeposee,
    DocumentsAdministratifsDemandes,
    ExplicationsDddDemandees,
    ExplicationsDddFournies,
    RecommandationDddEmise,
    SuiteRecommandationRapportee,
)
from ledger.events.recours import JugementRendu, OrdonnanceRendue
from ledger.events.types import NatureDecision, NatureDemande, Source
from projections.imputation.modeles import Partie, Portee, Statut
from tests.imputation.devoirs_dits import J, codes, de, dit, dus, jours
from tests.imputation.vies_dues import tentative
from tests.projections.vies import api, demande, e, favorable, refus, titre

AU = "2025-12-31"


def ordonnance(order: Injonction, jours: int | None = 15, notifiee: str | None = "2025-09-03") -> Entry:
    """An order of 1 September 2025, notified on the 3rd."""
    event = OrdonnanceRendue(
        rendue_le=J("2025-09-01"),
        notifiee_le=J(notifiee) if notifiee else None,
        injonctions=(order,),
        delai_injonction_jours=jours,
    )
    return de(e("D-1", "2025-09-01", event), source=Source.JURIDICTION)


# --------------------------------------------------------------------------- judgments


@pytest.mark.parametrize(
    ("order", "done"),
    [
        (Injonction.DELIVRER_PROVISOIRE, api("2025-10-01", "2025-12-31")),
        (Injonction.DELIVRER_TITRE, titre("2025-10-01", "2026-09-30", dossier="D-1")),
        (Injonction.ENREGISTRER_DEMANDE, demande("2025-10-01")),
        (Injonction.FIXER_RENDEZ_VOUS, e("D-1", "2025-10-01", RendezVousPropose(prevu=Quand.lire("2025-10-20")))),
        (Injonction.REEXAMINER, refus("2025-10-01")),
        (Injonction.STATUER, favorable("2025-10-01")),
    ],
    ids=lambda each: each.value if isinstance(each, Injonction) else "",
)
def test_an_order_is_carried_out_within_its_days(order: Injonction, done: Entry) -> None:
    """Fifteen days from the notification of 3 September: until the 18th; done on 1 October."""
    owed = dit(f"execution_{order.value}", [ordonnance(order), done], AU)
    assert (f"{owed.du}", f"{owed.au}", jours(owed)) == ("2025-09-03", "2025-09-18", [("2025-09-19", "2025-09-30")])
    assert owed.satisfaite_par == (done.event_id,)
    assert jours(dit(f"execution_{order.value}", [ordonnance(order)], AU)) == [("2025-09-19", AU)]


def test_a_document_given_before_the_order_carries_nothing_out() -> None:
    """A certificate that ran before the ruling is not its execution."""
    before = api("2025-08-01", "2025-10-31")
    assert dit("execution_delivrer_provisoire", [ordonnance(Injonction.DELIVRER_PROVISOIRE), before], AU).manquements


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (ordonnance(Injonction.STATUER, None), "delai_d_execution_inconnu"),
        (ordonnance(Injonction.STATUER, notifiee=None), "delai_d_execution_inconnu"),
        (ordonnance(Injonction.AUTRE), "execution_inconnaissable"),
    ],
    ids=["no days", "not notified", "no fact tells it"],
)
def test_without_a_day_or_a_way_to_know_nothing_is_late(entry: Entry, told: str) -> None:
    """A delay that is not written, a notification that is not told, a measure that no type of fact tells."""
    (owed,) = [*dus("execution_statuer", [entry], AU), *dus("execution_autre", [entry], AU)]
    assert (owed.manquements, codes(owed)) == ((), {told})


def test_an_annulment_told_twice_orders_once() -> None:
    """The judgment and the annulment it is recorded with are one ruling."""
    ruling = JugementRendu(
        rendu_le=J("2025-09-01"), notifie_le=J("2025-09-03"), injonctions=(Injonction.STATUER,),
        delai_injonction_jours=30,
    )  # fmt: skip
    gone = DecisionAnnulee(
        annulee_le=J("2025-09-01"), vise=NatureDecision.REFUS_EXPRES, injonction="Réexaminer.",
        delai_injonction_jours=30,
    )  # fmt: skip
    judged, annulled = e("D-1", "2025-09-01", ruling), e("D-1", "2025-09-01", gone)
    assert not dus("execution_autre", [judged, annulled], AU)
    assert f"{dit('execution_statuer', [judged, annulled], AU).au}" == "2025-10-03"
    assert dus("execution_autre", [annulled], AU)


# --------------------------------------------------------------------------- Défenseur des droits

ECHANGES: list[tuple[str, Any, Any, str]] = [
    (
        "explications_ddd",
        ExplicationsDddDemandees(numero="R-1", demandees_le=J("2025-09-01"), echeance=J("2025-10-01")),
        ExplicationsDddFournies(numero="R-1", fournies_le=J("2025-10-11")),
        "Loi organique n° 2011-333, art. 18",
    ),
    (
        "suites_recommandation",
        RecommandationDddEmise(numero="R-1", emise_le=J("2025-09-01"), echeance=J("2025-10-01")),
        SuiteRecommandationRapportee(numero="R-1", rapportee_le=J("2025-10-11")),
        "Loi organique n° 2011-333, art. 25",
    ),
]


@pytest.mark.parametrize(("code", "asked", "answered", "article"), ECHANGES, ids=[each[0] for each in ECHANGES])
def test_the_defenseur_is_answered_by_the_day_he_sets(code: str, asked: Any, answered: Any, article: str) -> None:
    """The day is read in the request; what another complaint received answers nothing; without a day nothing is late."""
    request = de(e("R-1", "2025-09-01", asked), source=Source.CONSTAT)
    answer = e("R-1", "2025-10-11", answered)
    owed = dit(code, [request, answer], AU)
    assert (f"{owed.au}", jours(owed), owed.articles) == ("2025-10-01", [("2025-10-02", "2025-10-10")], (article,))
    assert jours(dit(code, [request, e("R-2", "2025-10-11", answered)], AU)) == [("2025-10-02", AU)]
    assert not dit(code, [e("R-1", "2025-09-01", asked.model_copy(update={"echeance": None}))], AU).manquements


def test_only_the_register_itself_establishes_that_nothing_was_answered() -> None:
    """The téléservice's log would not contain an answer to the Défenseur des droits."""
    entry = e("R-1", "2025-09-01", ECHANGES[0][1])
    assert dit("explications_ddd", [entry], AU).statut is Statut.A_ETABLIR
    assert dit("explications_ddd", [de(entry, source=Source.CONSTAT)], AU).statut is Statut.ETABLI


# --------------------------------------------------------------------------- documents and data


def test_a_month_of_silence_refuses_documents_and_opens_two_for_the_commission() -> None:
    """Received on 31 January: refused on 28 February, the commission until 28 April; no fact can tell a breach."""
    event = DocumentsAdministratifsDemandes(demandes_le=J("2025-01-29"), recue_le=J("2025-01-31"))
    asked = e("R-1", "2025-01-29", event)
    owed = dit("communication_documents", [asked], AU)
    assert (f"{owed.du}", f"{owed.au}", owed.manquements, codes(owed)) == (
        "2025-01-31",
        "2025-02-27",
        (),
        {"refus_de_communiquer"},
    )
    seized = e(
        "R-1", "2025-03-10", DemandeCadaDeposee(deposee_le=J("2025-03-10"), enregistree_le=J("2025-03-12"))
    )  # fmt: skip
    faculty = dit("saisine_cada", [asked, seized], AU)
    assert (f"{faculty.du}", f"{faculty.au}", faculty.portee) == ("2025-02-28", "2025-04-28", Portee.FACULTE)
    assert faculty.satisfaite_par == (seized.event_id,)
    assert "12 mai 2025" in faculty.constats[0].texte
    assert not dus("saisine_cada", [asked], "2025-02-27")


def test_a_request_about_her_data_is_answered_in_a_month() -> None:
    """RGPD, from memory: the citation says that it was not checked."""
    asked = de(
        e("P", "2025-01-31", DemandeDroitsRecue(demande="Q-1", droit=DroitPersonne.ACCES, recue_le=J("2025-01-31"))),
        source=Source.CONSTAT,
    )
    answer = e("P", "2025-03-05", DemandeDroitsRepondue(demande="Q-1", repondue_le=J("2025-03-05")))
    owed = dit("droits_sur_les_donnees", [asked, answer], AU)
    assert (f"{owed.au}", jours(owed)) == ("2025-02-28", [("2025-03-01", "2025-03-04")])
    assert owed.articles == ("RGPD, art. 12(3) (non vérifié)",)


# --------------------------------------------------------------------------- the young adult


MAJEUR = e("P", "2025-03-10", MajoriteAtteinte(atteinte_le=J("2025-03-10")))


def premiere(day: str, **given: Any) -> Entry:
    """A first application."""
    return demande(day, nature=NatureDemande.PREMIERE_DEMANDE, **given)


def test_a_young_adult_applies_by_the_eve_of_nineteen_or_within_two_months() -> None:
    """Eighteen on 10 March 2025: 10 May, or 9 March 2026 for the titles of a list; the later day where both may hold."""
    late = dit("depot_jeune_majeur", [MAJEUR], "2026-04-01")
    assert (late.debiteur, f"{late.au}", jours(late)) == (
        Partie.USAGER,
        "2026-03-09",
        [("2026-03-10", "2026-04-01")],
    )
    assert codes(late) == {"autre_limite"}
    assert not dit("depot_jeune_majeur", [MAJEUR], "2026-03-09").manquements
    named = dit("depot_jeune_majeur", [MAJEUR, premiere("2026-03-12", fondement="L.423-21")], "2026-04-01")
    assert (jours(named), codes(named)) == ([("2026-03-10", "2026-03-11")], set())


def test_a_young_adult_who_tried_and_could_not_is_not_late() -> None:
    """From the first attempt to the last one she was blocked, and the days between are none of her lateness."""
    tried = [tentative(170), tentative(180)]
    assert jours(dit("depot_jeune_majeur", [MAJEUR, *tried], "2026-04-05")) == [
        ("2026-03-10", "2026-03-18"),
        ("2026-03-30", "2026-04-05"),
    ]


def test_who_holds_a_permit_renews_it_instead() -> None:
    """A card held on that day has a window of its own."""
    assert not dus("depot_jeune_majeur", [titre("2025-01-01", "2025-12-31"), MAJEUR], "2026-04-01")


def test_filed_in_time_a_certificate_is_due_from_the_filing_day() -> None:
    """R.431-15-1 al. 3, without a document before; given three weeks later."""
    given = api("2025-05-22", "2025-08-21")
    owed = dit("attestation_jeune_majeur", [MAJEUR, premiere("2025-05-01"), given], AU)
    assert (f"{owed.du}", jours(owed)) == ("2025-05-01", [("2025-05-02", "2025-05-21")])
    assert not dus("attestation_jeune_majeur", [MAJEUR, premiere("2026-03-10")], "2026-04-01")

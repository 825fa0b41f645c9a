"""Receipts: due days to the day, what they leave out, what ends them, and what their absence is worth."""

from datetime import date, timedelta

import pytest

from ledger.entry import Entry
from ledger.events.depot import (
    AccuseEnregistrementDelivre,
    AttestationDepotDelivree,
    PieceVersee,
    ReceptionPieceAccusee,
)
from ledger.events.instruction import ComplementRepondu, DemandeTransmise
from ledger.events.parts import PieceDeclaree
from ledger.events.support import SubstitutionDemandee, SubstitutionProposee
from ledger.events.types import Canal, Source
from projections.imputation.modeles import Partie, Portee, Statut
from tests.imputation.devoirs_dits import J, accuse, codes, de, declare, dit, dus, jours, papier, par_anef
from tests.projections.vies import demande, e, refus

VECTEURS = [
    ("2025-04-18", "2025-04-22", "2025-05-06"),
    ("2025-04-30", "2025-05-02", "2025-05-16"),
    ("2025-12-24", "2025-12-26", "2026-01-09"),
]
"""Sent electronically; registration receipt due; acknowledgement of receipt due."""


def lendemain(day: str) -> str:
    """The day after."""
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def piece(day: str, nom: str = "bail", **given: str) -> Entry:
    """A piece sent through the téléservice."""
    return par_anef("D-1", day, PieceVersee(piece=nom, **given))


@pytest.mark.parametrize(("sent", "registered", "received"), VECTEURS)
def test_an_application_is_registered_in_one_working_day_and_acknowledged_in_ten(
    sent: str, registered: str, received: str
) -> None:
    """The last day is the vector's, and the breach begins the day after it."""
    for code, due in (("accuse_enregistrement", registered), ("accuse_reception", received)):
        owed = dit(code, [demande(sent)], "2026-02-28")
        assert (f"{owed.du}", f"{owed.au}", owed.debiteur, owed.portee) == (
            sent,
            due,
            Partie.ADMINISTRATION,
            Portee.HORS_JOURS,
        )
        assert jours(owed) == [(lendemain(due), "2026-02-28")]
        assert not dit(code, [demande(sent)], due).manquements


@pytest.mark.parametrize(("sent", "registered", "received"), VECTEURS)
def test_each_piece_is_acknowledged_too(sent: str, registered: str, received: str) -> None:
    """A piece sent alone has the same two receipts, in the same time."""
    for code, due in (("accuse_enregistrement_piece", registered), ("accuse_reception_piece", received)):
        owed = dit(code, [piece(sent)], "2026-02-28")
        assert (f"{owed.du}", f"{owed.au}", jours(owed)) == (sent, due, [(lendemain(due), "2026-02-28")])


def test_an_absence_says_what_was_looked_for_when_and_where() -> None:
    """The interval searched begins when the receipt was owed, and the sources are those that would contain it."""
    owed = dit("accuse_reception", [demande("2025-04-18")], "2025-06-01")
    assert owed.manquement is not None
    looked = owed.manquement.recherche
    assert looked is not None
    assert (f"{looked.du}", f"{looked.au}") == ("2025-04-18", "2025-06-01")
    assert looked.presentes == (Source.ANEF,)
    assert owed.statut is Statut.ETABLI


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (demande("2025-04-18"), Statut.ETABLI),
        (declare(demande("2025-04-18")), Statut.A_ETABLIR),
        (de(demande("2025-04-18"), source=Source.AGDREF), Statut.A_ETABLIR),
        (de(demande("2025-04-18"), source=Source.PAPIER), Statut.PROBABLE),
    ],
    ids=["the téléservice's log", "declared only", "the foreigners' file", "paper"],
)
def test_an_absence_is_worth_what_its_sources_are(entry: Entry, expected: Statut) -> None:
    """Only a source that would contain a receipt of the téléservice establishes that there is none."""
    assert dit("accuse_reception", [entry], "2025-06-01").statut is expected


def test_a_receipt_ends_the_breach_on_its_eve() -> None:
    """Registered late, acknowledged in time: the acknowledgement is no late registration once it came."""
    late = e("D-1", "2025-04-25", AccuseEnregistrementDelivre(delivre_le=J("2025-04-25")))
    life = [demande("2025-04-18"), late, accuse("2025-05-06")]
    owed = dit("accuse_enregistrement", life, "2025-06-01")
    assert (jours(owed), owed.satisfaite_par) == ([("2025-04-23", "2025-04-24")], (late.event_id,))
    assert not dit("accuse_reception", life, "2025-06-01").manquements


def test_an_instantaneous_acknowledgement_is_a_registration_too() -> None:
    """No other receipt is owed (L.112-11)."""
    owed = dit("accuse_enregistrement", [demande("2025-04-18"), accuse("2025-04-18")], "2025-06-01")
    assert not owed.manquements
    assert owed.satisfaite_par


def test_a_filing_certificate_may_be_read_as_the_registration_receipt() -> None:
    """The texts do not say so: the breach is then to be established, and the other reading is told."""
    certificate = e("D-1", "2025-04-18", AttestationDepotDelivree(delivree_le=J("2025-04-18")))
    owed = dit("accuse_enregistrement", [demande("2025-04-18"), certificate], "2025-06-01")
    assert (owed.statut, codes(owed)) == (Statut.A_ETABLIR, {"attestation_vaut_accuse"})


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2025-04-18", []), ("2025-04-20", [("2025-04-19", "2025-04-19")]), (None, [("2025-04-19", "2025-06-01")])],
)
def test_the_filing_certificate_is_due_at_once(day: str | None, expected: list[tuple[str, str]]) -> None:
    """From the day after the filing it is late (R.431-15-1 al. 1)."""
    given = [e("D-1", day, AttestationDepotDelivree(delivree_le=J(day)))] if day else []
    owed = dit("attestation_depot", [demande("2025-04-18"), *given], "2025-06-01")
    assert (f"{owed.au}", jours(owed)) == ("2025-04-18", expected)


def test_no_certificate_was_owed_before_its_text() -> None:
    """R.431-15-1 has held since 1 May 2021."""
    assert not dus("attestation_depot", [demande("2021-04-30")], "2021-06-01")
    assert dus("attestation_depot", [demande("2021-05-01")], "2021-06-01")


def test_a_decision_replaces_what_the_receipts_would_announce() -> None:
    """Refused on 10 June: no receipt is owed after that day."""
    owed = dit("accuse_reception", [demande("2025-04-18"), refus("2025-06-10")], "2025-12-31")
    assert jours(owed) == [("2025-05-07", "2025-06-10")]


def test_a_local_holiday_may_put_the_day_off() -> None:
    """In Alsace-Moselle, Good Friday is a holiday that is not counted: it is told."""
    assert codes(dit("accuse_reception", [demande("2025-04-17", departement="67")], "2025-06-01")) == {
        "calendrier_local"
    }
    assert not codes(dit("accuse_reception", [demande("2025-04-17", departement="75")], "2025-06-01"))


# --------------------------------------------------------------------------- mentions


def test_each_missing_mention_is_a_finding_and_one_breach() -> None:
    """Two mentions are missing, one is not told: two findings in the breach, one to be established beside it."""
    receipt = accuse("2025-04-22", sauf=("voies_recours", "date_decision_implicite"), tues=("service",))
    owed = dit("mentions_accuse", [demande("2025-04-18"), receipt], "2025-06-01")
    assert jours(owed) == [("2025-04-22", "2025-06-01")]
    assert codes(owed) == {
        "sans_mention_voies_recours",
        "sans_mention_date_decision_implicite",
        "mention_service_inconnue",
    }
    assert owed.articles == ("CRPA, art. R.112-11-1",)
    assert owed.manquement is not None
    assert "service" not in owed.manquement.texte


def test_what_the_source_does_not_say_is_no_breach() -> None:
    """A receipt of which no mention is told is neither complete nor incomplete."""
    names = ("date_reception", "service", "sens_du_silence", "date_decision_implicite", "voies_recours")
    owed = dit("mentions_accuse", [demande("2025-04-18"), accuse("2025-04-22", tues=names)], "2025-06-01")
    assert (owed.manquements, owed.satisfaite_par, len(owed.constats)) == ((), (), 5)


def test_another_receipt_makes_up_for_an_incomplete_one() -> None:
    """What the first leaves out lasts until the eve of the second."""
    life = [demande("2025-04-18"), accuse("2025-04-22", sauf=("service",)), accuse("2025-05-05")]
    first, second = dus("mentions_accuse", life, "2025-06-01")
    assert (jours(first), jours(second)) == ([("2025-04-22", "2025-05-04")], [])


@pytest.mark.parametrize(("written", "told"), [("2025-08-18", set()), ("2025-06-18", {"date_annoncee_autre"})])
def test_the_day_that_the_receipt_announces_is_compared(written: str, told: set[str]) -> None:
    """Four months after 18 April is 18 August; a receipt that says two months is told."""
    receipt = accuse("2025-04-22", date_decision_implicite=J(written))
    assert codes(dit("mentions_accuse", [demande("2025-04-18"), receipt], "2025-06-01")) == told


def test_a_paper_application_is_acknowledged_without_a_day() -> None:
    """L.112-3 sets none that was read: the absence is told, and is no breach; its mentions follow R.112-5."""
    owed = dit("accuse_reception_papier", [papier("2025-04-18")], "2025-06-01")
    assert (owed.manquements, owed.au, codes(owed)) == ((), None, {"accuse_absent_du_registre"})
    assert not dus("accuse_reception", [papier("2025-04-18")], "2025-06-01")
    life = [papier("2025-04-18"), accuse("2025-04-22", sauf=("service",))]
    assert not codes(dit("accuse_reception_papier", life, "2025-06-01"))
    assert dit("mentions_accuse", life, "2025-06-01").articles == ("CRPA, art. R.112-5",)


# --------------------------------------------------------------------------- pieces


def test_pieces_of_one_day_are_told_together_and_the_missing_receipts_named() -> None:
    """Two sent, one acknowledged: the other is named, and the duty is not done."""
    receipt = e("D-1", "2025-04-22", ReceptionPieceAccusee(piece="Bail"))
    life = [piece("2025-04-18"), piece("2025-04-18", "passeport"), receipt]
    owed = dit("accuse_reception_piece", life, "2025-06-01")
    assert owed.satisfaite_par == ()
    assert "« passeport »" in owed.texte
    assert "bail" not in owed.texte


def test_pieces_are_acknowledged_by_digest_or_by_name() -> None:
    """A receipt of another file of the same name is not theirs; the last receipt ends the breach."""
    one, other = "a" * 64, "b" * 64
    life = [piece("2025-04-18", sha256=one)]
    wrong = e("D-1", "2025-04-22", ReceptionPieceAccusee(piece="bail", sha256=other))
    right = e("D-1", "2025-05-09", ReceptionPieceAccusee(piece="bail", sha256=one))
    assert jours(dit("accuse_reception_piece", [*life, wrong, right], "2025-06-01")) == [("2025-05-07", "2025-05-08")]


def test_pieces_sent_with_an_answer_count_once() -> None:
    """The same designation told twice is one sending; what was brought to the desk has no electronic receipt."""
    answer = ComplementRepondu(repondu_le=J("2025-04-18"), pieces=(PieceDeclaree(nom="bail"),))
    sent = par_anef("D-1", "2025-04-18", answer)
    assert len(dus("accuse_reception_piece", [sent], "2025-06-01")) == 1
    both = dit("accuse_reception_piece", [sent, piece("2025-04-18")], "2025-06-01")
    assert both.texte.count("« bail »") == 1
    assert not dus("accuse_reception_piece", [de(sent, canal=Canal.GUICHET)], "2025-06-01")


# --------------------------------------------------------------------------- sending on


def envoi(day: str, *, avise: bool | None) -> Entry:
    """The application sent on to another préfecture."""
    return e("D-1", day, DemandeTransmise(transmise_le=J(day), usager_avise=avise))


def test_the_ten_days_run_from_the_competent_authority() -> None:
    """Sent on a month later, the receipt is the second authority's; the registration stays the first one's."""
    life = [demande("2025-04-18"), envoi("2025-05-19", avise=True)]
    owed = dit("accuse_reception", life, "2025-07-01")
    assert (f"{owed.du}", f"{owed.au}") == ("2025-05-19", "2025-06-03")
    assert f"{dit('accuse_enregistrement', life, '2025-07-01').au}" == "2025-04-22"


@pytest.mark.parametrize(("avise", "breach", "told"), [(True, 0, 0), (False, 1, 1), (None, 0, 1)])
def test_the_person_is_told_of_the_transfer(avise: bool | None, breach: int, told: int) -> None:
    """Not told is a breach; not said is to be established."""
    owed = dit("avis_transmission", [demande("2025-04-18"), envoi("2025-05-19", avise=avise)], "2025-07-01")
    assert (len(owed.manquements), len(owed.constats)) == (breach, told)


def test_a_transfer_is_due_at_once_and_never_established() -> None:
    """Without a day in the text, that it was due at reception is a convention, and residence may have changed since."""
    owed = dit("transmission", [demande("2025-04-18"), envoi("2025-05-19", avise=True)], "2025-07-01")
    assert (jours(owed), owed.statut) == ([("2025-04-19", "2025-05-18")], Statut.A_ETABLIR)


def test_a_request_to_file_otherwise_is_answered_without_a_day() -> None:
    """No text sets one: waiting is an interval without breach, until the answer, or until she could file."""
    asked = e("I-1", "2025-07-02", SubstitutionDemandee(recue_le=J("2025-07-02"), dossier="D-1"))
    offer = e("I-1", "2025-09-15", SubstitutionProposee(proposee_le=J("2025-09-15")))
    waiting = dit("reponse_substitution", [asked], "2025-12-31")
    assert (waiting.dossier, waiting.manquements, waiting.au) == ("D-1", (), None)
    assert dit("reponse_substitution", [asked, offer], "2025-12-31").satisfaite_par == (offer.event_id,)
    assert f"{dit('reponse_substitution', [asked, demande('2025-08-01')], '2025-12-31').au}" == "2025-07-31"


def test_a_whole_file_sent_by_post_may_be_the_application() -> None:
    """Received on 14 April 2025: as another reading, silence refuses it on 14 August."""
    event = SubstitutionDemandee(recue_le=J("2025-04-14"), dossier="D-1", dossier_complet_joint=True)
    owed = dit("reponse_substitution", [e("I-1", "2025-04-14", event)], "2025-12-31")
    (told,) = [each for each in owed.constats if each.code == "envoi_vaut_demande"]
    assert ("14 août 2025" in told.texte, told.statut) == (True, Statut.A_ETABLIR)

"""Requests for pieces: what they say, whether they could be read, what they ask again, and how long one may answer."""

from typing import Any

import pytest

from ledger.days import Quand
from ledger.entry import Entry
from ledger.events.cloture import DossierClosAutomatiquement, DossierRouvert
from ledger.events.depot import PieceVersee, VersementEchoue
from ledger.events.incident import IncidentResolu, PannePlateformeConstatee
from ledger.events.instruction import (
    ComplementDemande,
    ComplementMisADisposition,
    ComplementOuvert,
    ComplementRepondu,
    DemandeRetiree,
)
from ledger.events.listes import ModeNotification
from ledger.events.parts import PieceDeclaree, PieceDemandee
from ledger.events.personne import ConsentementNotificationElectroniqueDonne
from projections.imputation.modeles import Statut
from tests.imputation.devoirs_dits import J, codes, declare, dit, dus, jours
from tests.projections.vies import CARTE, api, demande, e, refus

DEPOT = demande("2025-07-01")
AU = "2025-10-31"


def demandees(day: str = "2025-08-01", **given: Any) -> Entry:
    """A request for a lease, due on 31 August, that says all it must unless said otherwise."""
    values = {
        "complement": "C-1",
        "demande_le": J(day),
        "pieces": (PieceDemandee(nom="bail", texte="CESEDA, annexe 10"),),
        "echeance": J("2025-08-31"),
        "mention_l114_5": True,
        "auteur_qualite": "agent instructeur",
        **given,
    }
    return e("D-1", day, ComplementDemande(**values))


def ouvert(day: str) -> Entry:
    """She opened the request."""
    return e("D-1", day, ComplementOuvert(complement="C-1", ouvert_le=J(day)))


def mis(*, lisible: bool | None) -> Entry:
    """The request was made available on 1 August."""
    event = ComplementMisADisposition(complement="C-1", mis_a_disposition_le=J("2025-08-01"), lisible=lisible)
    return e("D-1", "2025-08-01", event)


def repondu(day: str, *pieces: str) -> Entry:
    """She answered."""
    named = tuple(PieceDeclaree(nom=piece) for piece in pieces)
    return e("D-1", day, ComplementRepondu(complement="C-1", repondu_le=J(day), toutes_les_pieces=True, pieces=named))


# --------------------------------------------------------------------------- what it says


@pytest.mark.parametrize(
    ("given", "expected", "starts"),
    [
        ({}, set(), True),
        ({"pieces": ()}, {"complement_sans_piece", "delai_non_couru"}, False),
        ({"pieces": (PieceDemandee(nom="bail"),)}, {"piece_sans_texte", "delai_non_couru"}, False),
        ({"echeance": None}, {"complement_sans_delai", "delai_non_couru"}, False),
        ({"mention_l114_5": False}, {"complement_sans_effet"}, True),
    ],
    ids=["complete", "no piece", "no text", "no time limit", "no effect"],
)
def test_a_request_says_the_pieces_their_text_the_time_and_its_effect(
    given: dict[str, Any], expected: set[str], starts: bool
) -> None:
    """Each thing left out is a finding; without a piece, a text or a time limit, no time runs against the person."""
    life = [DEPOT, demandees(**given), ouvert("2025-08-02")]
    owed = dit("demande_de_pieces", life, AU)
    assert codes(owed) == expected
    assert jours(owed) == ([("2025-08-01", AU)] if expected else [])
    assert bool(dus("reponse_complement", life, AU)) is starts


def test_an_effect_that_the_source_does_not_tell_is_no_breach() -> None:
    """The request may have said it."""
    owed = dit("demande_de_pieces", [DEPOT, demandees(mention_l114_5=None)], AU)
    assert (owed.manquements, codes(owed)) == ((), {"complement_sans_effet"})


def test_what_a_request_lacks_lasts_until_it_is_answered_or_decided() -> None:
    """Answered on 10 August; refused on 10 September."""
    wrong = demandees(echeance=None)
    assert jours(dit("demande_de_pieces", [DEPOT, wrong, repondu("2025-08-10")], AU)) == [("2025-08-01", "2025-08-09")]
    assert jours(dit("demande_de_pieces", [DEPOT, wrong, refus("2025-09-10")], AU)) == [("2025-08-01", "2025-09-10")]


def test_an_author_who_is_not_told_is_to_be_established() -> None:
    """L.111-2: what the register does not say may have stood on the letter."""
    owed = dit("auteur_de_la_demande", [DEPOT, demandees(auteur_qualite=None)], AU)
    assert (owed.manquements, codes(owed)) == ((), {"auteur_inconnu"})
    assert not codes(dit("auteur_de_la_demande", [DEPOT, demandees()], AU))


# --------------------------------------------------------------------------- whether it could be read


def test_a_request_that_cannot_be_read_is_the_administration_s_breach_until_it_is() -> None:
    """Made available unreadable on 1 August, opened on the 20th."""
    owed = dit("demande_lisible", [DEPOT, demandees(), mis(lisible=False), ouvert("2025-08-20")], AU)
    assert (jours(owed), owed.statut) == ([("2025-08-01", "2025-08-19")], Statut.ETABLI)
    assert jours(dit("demande_lisible", [DEPOT, demandees(), mis(lisible=False)], AU)) == [("2025-08-01", AU)]


def test_a_reading_that_nobody_shows_is_told_and_charged_to_nobody() -> None:
    """Neither a breach of the administration's nor an established one of hers."""
    life = [DEPOT, demandees(), mis(lisible=None)]
    assert codes(dit("demande_lisible", life, AU)) == {"lecture_non_etablie"}
    assert dit("reponse_complement", life, AU).statut is Statut.A_ETABLIR


@pytest.mark.parametrize(("au", "deemed"), [("2025-08-16", False), ("2025-08-17", True)])
def test_with_a_consent_it_counts_as_notified_after_fifteen_days(au: str, deemed: bool) -> None:
    """R.112-20, as another reading: on the sixteenth day it is deemed notified on the first."""
    consent = e("P", "2025-01-01", ConsentementNotificationElectroniqueDonne())
    life = [consent, DEPOT, demandees(mode=ModeNotification.TELESERVICE), mis(lisible=True)]
    assert ("notification_reputee" in codes(dit("demande_lisible", life, au))) is deemed
    assert "notification_reputee" not in codes(dit("demande_lisible", life[1:], au))


# --------------------------------------------------------------------------- once only


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (e("D-1", "2025-07-02", PieceVersee(piece="Bail")), 1),
        (e("D-1", "2025-08-01", PieceVersee(piece="bail")), 0),
        (e("D-1", "2025-07-02", PieceVersee(piece="passeport")), 0),
        (e("D-2", "2025-07-02", PieceVersee(piece="bail")), 0),
    ],
    ids=["sent before", "sent that day", "another piece", "another dossier"],
)
def test_a_piece_already_sent_is_not_asked_for_again(held: Entry, expected: int) -> None:
    """Of one name in one dossier, sent before it was asked for: told, never established."""
    found = dus("une_seule_fois", [DEPOT, held, demandees()], AU)
    assert len(found) == expected
    assert {each.statut for each in found} <= {Statut.A_ETABLIR}


def test_a_piece_asked_for_twice_is_told() -> None:
    """Produced in answer to a first request, asked for by a second one."""
    second = demandees("2025-09-01", complement="C-2", echeance=J("2025-09-30"))
    (found,) = dus("une_seule_fois", [DEPOT, demandees(), repondu("2025-08-10", "bail"), second], AU)
    assert f"{found.du}" == "2025-09-01"


# --------------------------------------------------------------------------- how long she may answer


def reponse(*life: Entry, au: str = AU) -> list[tuple[str, str]]:
    """The days on which she is late with her answer."""
    return jours(dit("reponse_complement", [CARTE, DEPOT, demandees(), *life], au))


CLOS = e("D-1", "2025-09-05", DossierClosAutomatiquement(clos_le=J("2025-09-05")))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([], [("2025-09-01", AU)]),
        ([repondu("2025-09-10")], [("2025-09-01", "2025-09-09")]),
        ([CLOS], [("2025-09-01", "2025-09-05")]),
        (
            [CLOS, e("D-1", "2025-09-20", DossierRouvert(rouvert_le=J("2025-09-20")))],
            [("2025-09-01", "2025-09-05"), ("2025-09-20", AU)],
        ),
        ([refus("2025-09-10")], [("2025-09-01", "2025-09-10")]),
        ([e("D-1", "2025-09-10", DemandeRetiree(retiree_le=J("2025-09-10")))], [("2025-09-01", "2025-09-09")]),
        ([api("2025-10-01", "2025-10-15")], [("2025-09-01", "2025-09-30")]),
        ([api("2025-08-15", "2025-10-15")], []),
        ([e("D-1", "2025-08-20", DossierClosAutomatiquement(clos_le=J("2025-08-20")))], []),
    ],
    ids=[
        "nothing", "answered late", "closed", "closed then opened", "refused", "taken back", "certificate after",
        "certificate before the limit", "closed before the limit",
    ],
)  # fmt: skip
def test_nothing_is_awaited_of_her_once_it_is_closed_decided_or_presumed_complete(
    more: list[Entry], expected: list[tuple[str, str]]
) -> None:
    """Her lateness ends on the day the file is closed or decided, or on the eve of a document that presumes it complete."""
    assert reponse(ouvert("2025-08-02"), *more) == expected


def test_a_document_that_overtakes_the_request_is_named() -> None:
    """The breach says from when, and why, the pieces were no longer awaited."""
    life = [CARTE, DEPOT, demandees(), ouvert("2025-08-02"), api("2025-10-01", "2025-10-15")]
    told = {each.code: each.texte for each in dit("reponse_complement", life, AU).prerequis}
    assert "1er octobre 2025" in told["reponse_plus_attendue"]
    assert "présumer le dossier complet" in told["reponse_plus_attendue"]


def panne(du: str, au: str) -> Entry:
    """An outage of the téléservice."""
    return e("I-1", du, PannePlateformeConstatee(debut=Quand.lire(du), fin=Quand.lire(au)))


def echec(day: str, incident: str | None = None) -> Entry:
    """An upload that failed."""
    return e("D-1", day, VersementEchoue(complement="C-1", incident=incident))


@pytest.mark.parametrize(
    ("more", "first"),
    [
        ([panne("2025-08-30", "2025-09-02")], "2025-09-05"),
        ([panne("2025-08-10", "2025-08-12")], "2025-09-01"),
        ([echec("2025-08-20")], "2025-09-02"),
        (
            [echec("2025-08-20", "I-2"), e("I-2", "2025-08-25", IncidentResolu(resolu_le=J("2025-08-25")))],
            "2025-09-07",
        ),
        ([mis(lisible=False)], "2025-09-02"),
    ],
    ids=["outage over the limit", "outage before", "failed upload", "failed until solved", "unreadable for a day"],
)
def test_the_days_on_which_she_could_not_answer_are_given_back(more: list[Entry], first: str) -> None:
    """As many days as were lost are added to the time she was given."""
    assert reponse(ouvert("2025-08-02"), *more) == [(first, AU)]


def test_an_upload_whose_incident_is_not_solved_leaves_her_no_lateness() -> None:
    """She tried and still cannot."""
    assert reponse(ouvert("2025-08-02"), echec("2025-08-20", "I-2")) == []


def test_an_obstacle_that_is_only_declared_puts_nothing_off_and_establishes_nothing() -> None:
    """The breach is then to be established."""
    life = [CARTE, DEPOT, demandees(), ouvert("2025-08-02"), declare(echec("2025-08-20", "I-2"))]
    owed = dit("reponse_complement", life, AU)
    assert (jours(owed), owed.statut) == ([("2025-09-01", AU)], Statut.A_ETABLIR)

"""The implicit refusal beside the cover, its reasons, and until when each decision may be taken to court."""

from typing import Any

import pytest

from ledger.entry import Entry
from ledger.events.cloture import DossierClosAutomatiquement, EnregistrementRefuse
from ledger.events.decision import MotifsCommuniques, MotifsDemandes, RefusNotifie
from ledger.events.instruction import ComplementDemande, ComplementRepondu
from ledger.events.parts import PieceDemandee
from ledger.events.recours import RecoursAdministratifRejete, RecoursForme
from ledger.events.types import BaseRecours, NatureDecision, Source, TypeTitre
from projections.imputation.modeles import Partie, Portee, Statut
from tests.imputation.devoirs_dits import J, accuse, codes, de, dit, dus, jours, papier
from tests.projections.vies import annule, api, demande, e, favorable, refus, titre

# --------------------------------------------------------------------------- the silence

SILENCES = [
    ("2024-08-31", "2024-12-31", "2024-11-29", "2024-10-30"),
    ("2024-10-31", "2025-02-28", "2025-01-29", "2024-12-30"),
    ("2024-12-29", "2025-04-29", "2025-03-29", "2025-02-27"),
    ("2025-01-15", "2025-05-15", "2025-04-15", "2025-03-16"),
    ("2025-06-30", "2025-10-30", "2025-09-28", "2025-08-29"),
]
"""Filed; four months; 90 days; 60 days."""


@pytest.mark.parametrize("vector", SILENCES)
def test_silence_refuses_on_the_day_of_the_text(vector: tuple[str, ...]) -> None:
    """The last day to decide is its eve, for each of the three lengths; silence itself is no breach."""
    filed, *births = vector
    for fondement, birth in zip((None, "R.421-43", "R.421-26"), births, strict=True):
        owed = dit("decision", [demande(filed, fondement=fondement)], "2025-12-31")
        assert (f"{owed.du}", owed.manquements) == (filed, ())
        assert (J(birth).premier - owed.au).days == 1  # type: ignore[operator]
        assert codes(owed) == {"refus_implicite_ne"}


def test_a_length_that_only_the_motive_suggests_is_told_beside_the_other() -> None:
    """A student's title: 30 November if ninety days, 1 January otherwise; the later is kept, both are told."""
    owed = dit("decision", [demande("2025-09-01", motif_sejour="étudiant")], "2026-02-01")
    assert f"{owed.au}" == "2025-12-31"
    told = [each.texte for each in owed.constats]
    assert ["30 novembre 2025" in text or "1er janvier 2026" in text for text in told] == [True, True]


def complement(day: str, limit: str) -> Entry:
    """A conforming request for pieces."""
    event = ComplementDemande(
        complement="C-1",
        demande_le=J(day),
        pieces=(PieceDemandee(nom="bail", texte="CESEDA, annexe 10"),),
        echeance=J(limit),
        mention_l114_5=True,
    )
    return e("D-1", day, event)


T10 = [demande("2025-03-20"), complement("2025-06-28", "2025-07-28")]
"""Filed on 20 March; on the hundredth day, pieces are asked for, with thirty days to answer."""


@pytest.mark.parametrize(
    ("more", "second", "last"),
    [
        ([], "19 août 2025", "2025-08-18"),
        (
            [e("D-1", "2025-07-08", ComplementRepondu(complement="C-1", repondu_le=J("2025-07-08")))],
            "30 juillet 2025",
            "2025-07-29",
        ),
        ([api("2025-07-01", "2025-09-30")], "19 août 2025", "2025-07-19"),
    ],
    ids=["not answered", "answered after ten days", "a certificate presumes the file complete"],
)
def test_t10_a_request_for_pieces_suspends_and_both_days_are_told(more: list[Entry], second: str, last: str) -> None:
    """Four months end on 20 July; suspended, as many days later as were used; with a certificate, the first day counts."""
    owed = dit("decision", [*T10, *more], "2025-12-31")
    assert f"{owed.au}" == last
    told = " ".join(each.texte for each in owed.constats)
    assert "20 juillet 2025" in told
    assert second in told
    assert ("couvert_et_refuse" in codes(owed)) is ((len(more) == 1 and "API" in told) or "document provisoire" in told)


def test_a_decision_in_time_prevents_the_refusal_and_a_late_one_replaces_it() -> None:
    """The duty is done by the decision, whichever it is."""
    filed = demande("2025-03-20")
    early = dit("decision", [filed, favorable("2025-07-19")], "2025-12-31")
    late = dit("decision", [filed, favorable("2025-09-15")], "2025-12-31")
    assert (codes(early), codes(late)) == ({"refus_implicite_prevenu"}, {"refus_implicite_remplace"})
    assert early.satisfaite_par
    assert late.satisfaite_par


# --------------------------------------------------------------------------- going to court

DERNIERS = [
    ("2024-08-31", "2025-03-03", False),
    ("2024-10-31", "2025-04-29", True),
    ("2024-12-29", "2025-06-30", False),
    ("2025-01-15", "2025-07-16", False),
    ("2025-06-30", "2025-12-31", False),
    ("2025-03-20", "2025-09-22", False),
]
"""Filed; last day against the four-month refusal; whether the other way of counting gives another day."""


def implicite(filed: str, *more: Entry, au: str = "2026-06-01") -> Any:
    """The appeal period of the implicit refusal of an application whose receipt is complete."""
    return dit("recours_refus_implicite", [demande(filed), accuse(filed), *more], au)


@pytest.mark.parametrize(("filed", "last", "other"), DERNIERS)
def test_the_last_day_against_silence_is_that_of_the_vectors(filed: str, last: str, other: bool) -> None:
    """Two clear months from the birth, put off to a working day; of two ways of counting, the earlier day is kept."""
    owed = implicite(filed)
    assert (f"{owed.au}", owed.debiteur, owed.portee) == (last, Partie.USAGER, Portee.FACULTE)
    assert ("autre_comptage" in codes(owed)) is other


def test_both_ways_of_counting_are_told() -> None:
    """Born on 28 February 2025: 29 April by the one, 2 May by the other, 1 May being a holiday."""
    (told,) = [each.texte for each in implicite("2024-10-31").constats if each.code == "autre_comptage"]
    assert "2 mai 2025" in told


def test_missing_a_period_is_never_a_breach() -> None:
    """Years after its last day, nothing is held against her."""
    owed = implicite("2025-03-20", au="2028-01-01")
    assert (owed.manquements, owed.manquement) == ((), None)


@pytest.mark.parametrize(
    ("receipts", "last", "told"),
    [
        ([], "None", "non_opposable"),
        ([accuse("2025-03-24", sauf=("voies_recours",))], "None", "non_opposable"),
        ([accuse("2025-03-24", tues=("voies_recours",))], "2025-09-22", "opposabilite_inconnue"),
        ([accuse("2025-03-24", sauf=("voies_recours",)), accuse("2025-03-25")], "2025-09-22", "opposable"),
    ],
    ids=["no receipt", "a mention is missing", "a mention is not told", "a complete one after"],
)
def test_the_period_runs_against_her_only_with_a_complete_receipt(receipts: list[Entry], last: str, told: str) -> None:
    """CRPA L.112-12; what is not told leaves the earlier day to be kept, for her safety."""
    owed = dit("recours_refus_implicite", [demande("2025-03-20"), *receipts], "2026-06-01")
    assert f"{owed.au}" == last
    assert told in {each.code for each in owed.prerequis}


def test_a_receipt_that_no_source_would_hold_leaves_the_period_open() -> None:
    """Told on paper only, the absence of a receipt of the téléservice is not established."""
    owed = dit("recours_refus_implicite", [de(demande("2025-03-20"), source=Source.DECLARATION)], "2026-06-01")
    assert (f"{owed.au}", "opposabilite_inconnue" in {each.code for each in owed.prerequis}) == ("2025-09-22", True)


def test_on_paper_the_receipt_is_looked_for_where_paper_is_registered() -> None:
    """The foreigners' file would tell of a receipt given at the desk."""
    life = [de(papier("2025-03-20"), source=Source.AGDREF)]
    owed = dit("recours_refus_implicite", life, "2026-06-01")
    assert ("non_opposable" in {each.code for each in owed.prerequis}, owed.au) == (True, None)


def test_an_express_decision_takes_the_implicit_refusal_s_place() -> None:
    """Refused after the silence: the refusal is what may be attacked; its own day runs from its notification."""
    life = [demande("2025-03-20"), accuse("2025-03-20"), refus_avec(mention=True)]
    assert not dus("recours_refus_implicite", life, "2026-06-01")
    assert f"{dit('recours_refus_expres', life, '2026-06-01').au}" == "2025-11-12"


def refus_avec(**given: Any) -> Entry:
    """A refusal notified on 10 September 2025."""
    mention = given.pop("mention", None)
    event = RefusNotifie(notifie_le=J("2025-09-10"), mention_voies_recours=mention, **given)
    return e("D-1", "2025-09-10", event)


@pytest.mark.parametrize(("mention", "last"), [(True, "2025-11-12"), (False, "None"), (None, "2025-11-12")])
def test_a_refusal_runs_when_its_notification_tells_the_ways_to_contest_it(mention: bool | None, last: str) -> None:
    """CJA R.421-5; 11 November is a holiday."""
    life = [demande("2025-06-01"), refus_avec(mention=mention)]
    assert f"{dit('recours_refus_expres', life, '2026-06-01').au}" == last


def test_an_order_to_leave_has_shorter_periods_of_its_own() -> None:
    """Two months are never shown to her who has less: no day is, and the notification's own words are."""
    owed = dit("recours_refus_expres", [refus_avec(mention=True, oqtf=True, delai_recours="un mois")], "2026-06-01")
    assert (owed.au, codes(owed)) == (None, {"oqtf"})
    assert "« un mois »" in owed.constats[0].texte


def forme(day: str, base: BaseRecours, **given: Any) -> Entry:
    """An appeal."""
    return e("D-1", day, RecoursForme(base=base, forme_le=J(day), **given))


@pytest.mark.parametrize(
    ("more", "last"),
    [
        ([forme("2025-10-01", BaseRecours.GRACIEUX)], "2026-02-02"),
        (
            [
                forme("2025-10-01", BaseRecours.GRACIEUX, numero="RG-1"),
                e("D-1", "2025-10-20", RecoursAdministratifRejete(rejete_le=J("2025-10-20"), recours="RG-1")),
            ],
            "2025-12-22",
        ),
        ([forme("2025-10-01", BaseRecours.GRACIEUX), forme("2025-10-15", BaseRecours.HIERARCHIQUE)], "2026-02-16"),
        ([forme("2025-11-13", BaseRecours.GRACIEUX)], "2025-11-12"),
        ([forme("2025-10-01", BaseRecours.GRACIEUX, vise=NatureDecision.CLOTURE)], "2025-11-12"),
    ],
    ids=["rejected by silence", "rejected expressly", "both kinds", "formed too late", "against another decision"],
)
def test_an_administrative_appeal_in_time_interrupts_the_period(more: list[Entry], last: str) -> None:
    """L.411-2, L.411-7: two months of silence reject it, and the period starts again from the last rejection."""
    owed = dit("recours_refus_expres", [refus_avec(mention=True), *more], "2026-06-01")
    assert f"{owed.au}" == last


def test_going_to_court_is_what_uses_the_period() -> None:
    """The request is named; an administrative appeal is not one."""
    taken = forme("2025-10-01", BaseRecours.EXCES_DE_POUVOIR)
    asked = forme("2025-09-20", BaseRecours.GRACIEUX)
    assert dit("recours_refus_expres", [refus_avec(mention=True), asked, taken], "2026-06-01").satisfaite_par == (
        taken.event_id,
    )


def test_an_annulled_decision_is_attacked_no_longer() -> None:
    """The period ends on the eve of the judgment."""
    life = [refus_avec(mention=True), annule("2025-10-01", decision_du=J("2025-09-10"))]
    assert f"{dit('recours_refus_expres', life, '2026-06-01').au}" == "2025-09-30"


def test_a_closing_and_a_refusal_to_register_have_their_periods() -> None:
    """What they do not tell makes no day certain; that a really incomplete file cannot be attacked is told."""
    closed = e("D-1", "2025-09-01", DossierClosAutomatiquement(clos_le=J("2025-09-01"), mention_voies_recours=False))
    turned = e("D-2", "2025-09-01", EnregistrementRefuse(refuse_le=J("2025-09-01"), mention_voies_recours=True))
    assert dit("recours_cloture", [closed], "2026-06-01").au is None
    owed = dit("recours_refus_enregistrement", [turned], "2026-06-01")
    assert (f"{owed.au}", codes(owed)) == ("2025-11-03", {"grief"})


# --------------------------------------------------------------------------- reasons


def demandes(day: str) -> Entry:
    """The reasons were asked for, and the request received that day."""
    return e("D-1", day, MotifsDemandes(demandes_le=J(day), recue_le=J(day)))


def donnes(day: str) -> Entry:
    """The reasons were given."""
    return e("D-1", day, MotifsCommuniques(communiques_le=J(day), motifs=("Ressources insuffisantes.",)))


def test_reasons_are_due_within_a_month_and_hold_the_period_open() -> None:
    """Asked for on 31 August, due on 30 September; without them the two months do not start again."""
    life = [demande("2025-03-20"), accuse("2025-03-20"), demandes("2025-08-31")]
    owed = dit("communication_motifs", life, "2025-12-31")
    assert (f"{owed.au}", jours(owed)) == ("2025-09-30", [("2025-10-01", "2025-12-31")])
    assert codes(owed) == {"recours_non_expire"}
    period = dit("recours_refus_implicite", life, "2025-12-31")
    assert (period.au, "motifs_attendus" in codes(period)) == (None, True)


def test_reasons_given_late_start_two_months_again() -> None:
    """Given on 15 October: late by fifteen days, and the period goes to 16 December."""
    life = [demande("2025-03-20"), accuse("2025-03-20"), demandes("2025-08-31"), donnes("2025-10-15")]
    assert jours(dit("communication_motifs", life, "2025-12-31")) == [("2025-10-01", "2025-10-14")]
    assert f"{dit('recours_refus_implicite', life, '2025-12-31').au}" == "2025-12-16"


@pytest.mark.parametrize(("asked", "owed"), [("2025-09-22", 1), ("2025-09-23", 0)])
def test_reasons_asked_for_after_the_period_are_not_owed(asked: str, owed: int) -> None:
    """The last day of the period is 22 September."""
    life = [demande("2025-03-20"), accuse("2025-03-20"), demandes(asked)]
    assert len(dus("communication_motifs", life, "2025-12-31")) == owed


def test_reasons_asked_for_before_the_refusal_are_to_be_established() -> None:
    """Nothing was refused yet that the facts know of."""
    owed = dit("communication_motifs", [demande("2025-03-20"), demandes("2025-07-19")], "2025-12-31")
    assert owed.statut is Statut.A_ETABLIR


def test_an_express_decision_makes_the_reasons_of_silence_useless() -> None:
    """They are owed until it."""
    life = [demande("2025-03-20"), demandes("2025-08-31"), refus("2025-10-10")]
    assert jours(dit("communication_motifs", life, "2025-12-31")) == [("2025-10-01", "2025-10-10")]


# --------------------------------------------------------------------------- a permit again

SIX_MOIS = [
    ("2024-02-29", "2024-08-29"),
    ("2024-04-30", "2024-10-30"),
    ("2024-11-30", "2025-05-30"),
    ("2024-12-31", "2025-06-30"),
    ("2025-01-31", "2025-07-31"),
    ("2025-06-29", "2025-12-29"),
    ("2026-02-28", "2026-08-28"),
]
"""Expiry; last day without proving the entry conditions again."""


@pytest.mark.parametrize(("expiry", "last"), SIX_MOIS)
def test_six_months_after_expiry_the_entry_is_proven_again(expiry: str, last: str) -> None:
    """R.431-8, the vectors; a faculty, whose end is nobody's breach."""
    card = titre(f"{int(expiry[:4]) - 1}-01-01", expiry)
    owed = dit("demande_sans_visa", [card], "2027-01-01")
    assert (f"{owed.au}", owed.portee, owed.manquements) == (last, Portee.FACULTE, ())


def test_it_is_not_told_to_whom_it_does_not_concern() -> None:
    """Filed before expiry, followed by another card, or a long-term resident of the Union."""
    card = titre("2024-10-01", "2025-09-30")
    assert not dus("demande_sans_visa", [card, demande("2025-07-01")], "2027-01-01")
    assert len(dus("demande_sans_visa", [card, titre("2025-10-01", "2026-09-30", ref="T-2")], "2027-01-01")) == 1
    union = titre("2024-10-01", "2025-09-30", type_titre=TypeTitre.RESIDENT_LONGUE_DUREE_UE)
    assert not dus("demande_sans_visa", [union], "2027-01-01")


def test_a_permit_ends_what_silence_had_refused() -> None:
    """Handed over on 20 October: the silence is nothing to attack from that day, and the application is decided."""
    life = [demande("2025-03-20"), titre("2025-10-20", "2026-10-19", dossier="D-1")]
    assert f"{dit('recours_refus_implicite', life, '2026-06-01').au}" == "2025-10-19"
    assert dit("decision", life, "2026-06-01").satisfaite_par == (life[1].event_id,)

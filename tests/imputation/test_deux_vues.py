"""Two views: each side sees only what reached it, and what lasts apart is a finding with the search that shows it."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.days import Jours, Quand
from ledger.entry import Entry
from ledger.events import EVENTS, acces, cloture, decision, depot, incident, instruction, personne, provisoire, support
from ledger.events.base import Event
from ledger.events.listes import FondementAcces, ModeNotification
from ledger.events.parts import PieceDeclaree
from ledger.events.types import Canal, CodeIncident, EtatCompletude, Flux, Grade, NatureDemande, Source, TypeTitre
from ledger.retained import holding
from projections.imputation.deux_vues import Divergence, divergences, vue_agent, vue_usager
from projections.imputation.deux_vues_ecarts import ECARTS, JOURS_OUVRES_TOLERES
from projections.imputation.deux_vues_table import TABLE, Cote, Voie
from projections.imputation.modeles import Statut
from rules import crpa_l112_8_saisine, crpa_r112_11_2_accuses
from tests.faits import fait, fait_of
from tests.samples.test_samples import BY_CASE, CASES, as_entries, facts

AU: Final = date(2025, 9, 30)
HASH: Final = "a" * 64
OBJETS: Final = {Flux.PERSONNE: None, Flux.INCIDENT: "I-1", Flux.TITRE: "A-1"}
PIECE: Final = depot.PieceVersee(piece="Bail", sha256=HASH)
RECUE: Final = depot.PieceRecueParPrefecture(piece="Bail", sha256_envoye=HASH)
DEMANDE: Final = instruction.ComplementDemande(complement="C-1")
MISE: Final = instruction.ComplementMisADisposition(complement="C-1", lisible=True)
ILLISIBLE: Final = instruction.ComplementMisADisposition(complement="C-1", lisible=False)
OUVERT: Final = instruction.ComplementOuvert(complement="C-1")
ECHEC: Final = depot.TentativeDepotEchouee()
ADRESSE: Final = personne.ChangementAdresseDeclare()
ADRESSE_VUE: Final = personne.ChangementAdresseVuPrefecture()


def le(day: str) -> Jours:
    """A day or an interval."""
    return Jours.lire(day)


def deposee(day: str) -> depot.DemandeDeposee:
    """An application filed online."""
    return depot.DemandeDeposee(titre_demande=TypeTitre.CST, nature=NatureDemande.RENOUVELLEMENT, deposee_le=le(day))


def attestation(day: str | None) -> provisoire.AttestationProlongationDelivree:
    """A certificate, made available on ``day`` if its source knows."""
    return provisoire.AttestationProlongationDelivree(
        valide_du=le("2025-08-01"),
        valide_au=le("2025-10-31"),
        mise_a_disposition_le=le(day) if day else None,
        dossier="D-1",
    )


def vie(*told: tuple[str, Event], **given_: Any) -> list[Entry]:
    """The entries of these facts, each on its day."""
    return as_entries(
        fait(**{"id": f"F-{n}", "survenu": day, "objet": OBJETS.get(event.flux, "D-1"), "evenement": event, **given_})
        for n, (day, event) in enumerate(told, start=1)
    )


def trouvees(entries: list[Entry], au: date = AU) -> list[tuple[str, str, str, bool, bool]]:
    """Code, first and last day, open, certain."""
    return [(d.code, f"{d.du}", f"{d.au}", d.ouverte, d.certaine) for d in divergences(entries, au)]


def seule(entries: list[Entry], au: date = AU) -> Divergence:
    """The one divergence there is."""
    (found,) = divergences(entries, au)
    return found


def noms(entries: list[Entry], cote: Cote, au: date = AU) -> list[str]:
    """What a side sees, by stored name."""
    view = vue_usager if cote is Cote.USAGER else vue_agent
    return [each.evenement for each in view(entries, au)]


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: e.nom)
def test_every_event_has_an_answer_for_both_sides(event: type[Event]) -> None:
    """The table says of every event how it reaches each side; its fields exist, its relays reach on their own."""
    for cote in Cote:
        way = TABLE[event].de(cote)
        assert way.comment
        assert not way.champs or set(way.champs) & set(event.model_fields)
        assert set(way.champs) <= set(event.model_fields) or event.flux is Flux.EFFET
        assert all(not _passe_par(TABLE[relay].de(cote), event, cote) for relay in way.relais)


def _passe_par(way: Voie, event: type[Event], cote: Cote) -> bool:
    return any(relay is event or _passe_par(TABLE[relay].de(cote), event, cote) for relay in way.relais)


def test_the_table_holds_nothing_but_events() -> None:
    """Table and vocabulary are the same set: no default, no leftover."""
    assert set(TABLE) == set(EVENTS)
    assert set(ECARTS) <= set(EVENTS)


@pytest.mark.parametrize("event", list(ECARTS), ids=lambda e: e.nom)
def test_a_finding_starts_on_the_side_that_has_it(event: type[Event]) -> None:
    """What may diverge reaches one side by itself, and the other only otherwise, or not while a malfunction lasts."""
    cote = ECARTS[event].vu_par
    other = TABLE[event].de(cote.autre)
    assert TABLE[event].de(cote).de_soi
    assert not other.de_soi or other.sauf is not None


def test_the_tolerance_is_that_of_the_registration_receipt() -> None:
    """One working day, as CRPA R.112-11-2 gives for the registration receipt."""
    assert JOURS_OUVRES_TOLERES == crpa_r112_11_2_accuses.JOURS_ENREGISTREMENT == 1


def test_a_request_never_made_available_is_seen_by_the_agent_alone() -> None:
    """B05: the request reaches the agent when made; the applicant has it only once it can be read."""
    entries = vie(("2025-09-01", DEMANDE))
    assert noms(entries, Cote.AGENT) == ["complement_demande"]
    assert noms(entries, Cote.USAGER) == []
    assert trouvees(entries) == [("B05", "2025-09-01", "2025-09-30", True, True)]
    assert seule(entries).vu_par is Cote.AGENT


def test_an_unreadable_message_reaches_nobody() -> None:
    """B05: made available and not readable is not reached, and the fact that says so is among the evidence."""
    entries = vie(("2025-09-01", DEMANDE), ("2025-09-01", ILLISIBLE))
    assert noms(entries, Cote.USAGER) == []
    assert seule(entries).entries == tuple(e.event_id for e in entries)


def test_a_request_unread_then_the_file_closed_by_itself() -> None:
    """P06: the closure tells her nothing of the request: she sees the closure alone, and the divergence goes on."""
    closed = cloture.DossierClosAutomatiquement(clos_le=le("2025-09-20"))
    entries = vie(("2025-09-01", DEMANDE), ("2025-09-01", ILLISIBLE), ("2025-09-20", closed))
    assert trouvees(entries) == [("B05", "2025-09-01", "2025-09-30", True, True)]
    assert noms(entries, Cote.USAGER) == ["dossier_clos_automatiquement"]
    assert noms(entries, Cote.AGENT) == [e.fait.evenement.nom for e in entries]
    ignored = vie(("2025-09-01", DEMANDE), ("2025-09-01", MISE), ("2025-09-02", OUVERT), ("2025-09-20", closed))
    assert trouvees(ignored) == []


def test_a_message_readable_late_closes_the_divergence() -> None:
    """B05: it lasts to the day before the message can be read."""
    entries = vie(("2025-09-01", DEMANDE), ("2025-09-01", ILLISIBLE), ("2025-09-15", MISE))
    assert trouvees(entries) == [("B05", "2025-09-01", "2025-09-14", False, True)]


def test_opened_and_ignored_is_no_divergence() -> None:
    """The reverse side: she opened it and did not answer; both had it, and her knowledge is proven."""
    entries = vie(("2025-09-01", DEMANDE), ("2025-09-01", MISE), ("2025-09-02", OUVERT))
    assert trouvees(entries) == []
    assert [(each.evenement, each.depuis.day, each.connaissance) for each in vue_usager(entries, AU)] == [
        ("complement_demande", 1, True),
        ("complement_mis_a_disposition", 1, True),
        ("complement_ouvert", 2, True),
    ]


def test_available_and_unopened_is_no_divergence_and_no_knowledge() -> None:
    """A message that could be read reached her; that she knew is not proven."""
    entries = vie(("2025-09-01", DEMANDE), ("2025-09-01", MISE))
    assert trouvees(entries) == []
    assert [each.connaissance for each in vue_usager(entries, AU)] == [False, False]


def test_an_incident_on_messages_hides_what_is_made_available() -> None:
    """B05: while messages cannot be read, one made available reaches her only at the resolution."""
    down = incident.IncidentOuvert(
        code=CodeIncident.MESSAGES_NOT_READABLE, depuis=Quand.lire("2025-08-20"), dossiers=("D-1",)
    )
    told = instruction.ComplementMisADisposition(complement="C-1")
    solved = incident.IncidentResolu(resolu_le=le("2025-09-10"))
    informed = incident.UsagerInformeResolution(informe_le=le("2025-09-10"), dossier="D-1")
    entries = vie(
        ("2025-08-20", down),
        ("2025-09-01", DEMANDE),
        ("2025-09-01", told),
        ("2025-09-10", solved),
        ("2025-09-10", informed),
    )
    assert trouvees(entries) == [("B05", "2025-09-01", "2025-09-09", False, True)]


def test_an_incident_of_unknown_beginning_hides_under_one_reading_only() -> None:
    """B05: where the incident may have begun after the message, the divergence is not certain."""
    down = incident.IncidentOuvert(
        code=CodeIncident.MESSAGES_NOT_READABLE, depuis=Quand.lire("2025-08-25/2025-09-05"), dossiers=("D-1",)
    )
    told = instruction.ComplementMisADisposition(complement="C-1")
    found = seule(vie(("2025-08-25", down), ("2025-09-01", DEMANDE), ("2025-09-01", told)))
    assert (found.code, found.certaine, found.constat.statut) == ("B05", False, Statut.A_ETABLIR)
    assert trouvees(vie(("2025-08-25", down), ("2025-09-01", DEMANDE), ("2025-09-01", MISE))) == []


def test_a_message_said_readable_is_readable() -> None:
    """What the source says of the message itself holds against an incident that would hide it."""
    down = incident.IncidentOuvert(code=CodeIncident.MESSAGES_NOT_READABLE, depuis=Quand.lire("2025-08-20"))
    assert trouvees(vie(("2025-08-20", down), ("2025-09-01", DEMANDE), ("2025-09-01", MISE))) == []


def test_a_letter_is_looked_for_on_paper() -> None:
    """A request by post is not a message of the téléservice: another code, another source to look in."""
    letter = instruction.ComplementDemande(complement="C-1", mode=ModeNotification.LETTRE_RECOMMANDEE)
    found = seule(vie(("2025-09-01", letter)))
    assert found.code == "demande_par_lettre_sans_reception"
    assert found.constat.recherche is not None
    assert found.constat.recherche.sources == (Source.PAPIER,)
    assert found.constat.statut is Statut.A_ETABLIR


def test_a_piece_sent_and_not_received() -> None:
    """B06: the applicant has it at once, the agent not at all; in law the sending is enough, and it is said."""
    entries = vie(("2025-09-01", PIECE))
    found = seule(entries)
    assert noms(entries, Cote.USAGER) == ["piece_versee"]
    assert noms(entries, Cote.AGENT) == []
    assert (found.code, found.dossier, found.vu_par, found.du) == ("B06", "D-1", Cote.USAGER, date(2025, 9, 1))
    assert crpa_l112_8_saisine.SOURCE.citation in found.constat.texte
    assert found.constat.articles == (crpa_l112_8_saisine.SOURCE.citation, crpa_r112_11_2_accuses.SOURCE.citation)
    assert found.constat.statut is Statut.ETABLI


@pytest.mark.parametrize(
    ("received", "expected"),
    [("2025-09-01", []), ("2025-09-02", []), ("2025-09-03", [("B06", "2025-09-01", "2025-09-02", False, True)])],
)
def test_the_tolerance_counts_working_days(received: str, expected: list[Any]) -> None:
    """Sent on a Monday: Tuesday is still in time, Wednesday is not."""
    assert trouvees(vie(("2025-09-01", PIECE), (received, RECUE))) == expected


def test_another_measure_of_what_lasts_can_be_given() -> None:
    """Ten working days, those of the acknowledgement, leave until 15 September to what was sent on the 1st."""
    ten = crpa_r112_11_2_accuses.JOURS_RECEPTION
    for received, expected in (("2025-09-15", 0), ("2025-09-16", 1)):
        entries = vie(("2025-09-01", PIECE), (received, RECUE))
        assert len(divergences(entries, AU)) == 1
        assert len(divergences(entries, AU, durable=ten)) == expected


def test_the_week_end_does_not_count() -> None:
    """Sent on a Friday, received on the Monday: in time."""
    assert trouvees(vie(("2025-09-05", PIECE), ("2025-09-08", RECUE))) == []


def test_another_piece_received_changes_nothing() -> None:
    """B06: what the préfecture received is matched by digest, then by name."""
    other = depot.PieceRecueParPrefecture(piece="Passeport", sha256_envoye="b" * 64)
    assert [each[0] for each in trouvees(vie(("2025-09-01", PIECE), ("2025-09-01", other)))] == ["B06"]
    named = vie(("2025-09-01", depot.PieceVersee(piece="Bail")), ("2025-09-01", RECUE))
    assert trouvees(named) == []


def test_a_piece_sent_again_is_not_the_one_received_before() -> None:
    """B06: what was received before the sending is another sending; another digest under one name is another file."""
    again = vie(("2025-09-01", PIECE), ("2025-09-01", RECUE), ("2025-09-10", PIECE))
    assert trouvees(again) == [("B06", "2025-09-10", "2025-09-30", True, True)]
    altered = depot.PieceRecueParPrefecture(piece="Bail", sha256_envoye="b" * 64)
    assert seule(vie(("2025-09-01", PIECE), ("2025-09-01", altered))).certaine


def test_a_reception_that_names_nothing_leaves_a_doubt() -> None:
    """A reception that may be of another piece: the divergence is one reading only, and says so."""
    unnamed = depot.PieceRecueParPrefecture()
    found = seule(vie(("2025-09-01", PIECE), ("2025-09-01", unnamed)))
    assert (found.certaine, found.constat.statut) == (False, Statut.A_ETABLIR)


def test_a_receipt_is_evidence_and_not_reception() -> None:
    """B06: the receipt shows that the administration is seized; the agent still has not the piece."""
    receipt = depot.ReceptionPieceAccusee(piece="Bail", sha256=HASH)
    entries = vie(("2025-09-01", PIECE), ("2025-09-01", receipt))
    assert seule(entries).entries == tuple(e.event_id for e in entries)


def test_a_piece_handed_over_at_the_desk_is_seen_by_both() -> None:
    """What is given at the desk reaches the agent at once."""
    assert trouvees(vie(("2025-09-01", PIECE), canal=Canal.GUICHET)) == []


def test_an_answer_is_followed_by_its_pieces() -> None:
    """B06 once only: for the answer when its pieces are not told apart, for each piece when they are."""
    answer = instruction.ComplementRepondu(complement="C-1", pieces=(PieceDeclaree(nom="Bail", sha256=HASH),))
    asked = depot.PieceVersee(piece="Bail", sha256=HASH, complement="C-1")
    assert [each[0] for each in trouvees(vie(("2025-09-01", answer)))] == ["B06"]
    assert [each[0] for each in trouvees(vie(("2025-09-01", answer), ("2025-09-01", asked)))] == ["B06"]
    assert trouvees(vie(("2025-09-01", answer), ("2025-09-01", RECUE))) == []


def test_a_change_of_address_seen_late() -> None:
    """B07: on her dashboard from the day it is declared, in the préfecture's when it is seen."""
    entries = vie(("2025-09-01", ADRESSE), ("2025-09-12", ADRESSE_VUE))
    assert trouvees(entries) == [("B07", "2025-09-01", "2025-09-11", False, True)]
    assert noms(entries, Cote.AGENT, date(2025, 9, 11)) == []
    assert trouvees(vie(("2025-09-01", ADRESSE), ("2025-09-01", ADRESSE_VUE))) == []


def test_a_change_of_address_is_matched_by_its_number() -> None:
    """B07: the préfecture that saw another change has not seen this one."""
    declared = personne.ChangementAdresseDeclare(numero="N-1")
    seen = [personne.ChangementAdresseVuPrefecture(numero=each) for each in ("N-1", "N-2")]
    assert trouvees(vie(("2025-09-01", declared), ("2025-09-01", seen[0]))) == []
    assert seule(vie(("2025-09-01", declared), ("2025-09-01", seen[1]))).ouverte


def test_an_application_hidden_from_the_prefecture() -> None:
    """B07: the incident hides the application from its beginning to its resolution, or the first act on the file."""
    hidden = incident.IncidentOuvert(
        code=CodeIncident.PROCEDURE_INVISIBLE_TO_PREFECTURE, depuis=Quand.lire("2025-07-20"), dossiers=("D-1",)
    )
    start = [("2025-07-01", deposee("2025-07-01")), ("2025-07-20", hidden)]
    entries = vie(*start)
    assert trouvees(entries) == [("B07", "2025-07-20", "2025-09-30", True, True)]
    assert "demande_deposee" in noms(entries, Cote.AGENT, date(2025, 7, 10))
    assert "demande_deposee" not in noms(entries, Cote.AGENT)
    act = vie(*start, ("2025-08-04", instruction.CompletudeAppreciee(etat=EtatCompletude.COMPLET)))
    assert trouvees(act) == [("B07", "2025-07-20", "2025-08-03", False, True)]
    assert "demande_deposee" in noms(act, Cote.AGENT)


def invisible(days: str) -> incident.IncidentOuvert:
    """A malfunction that hides the application from the préfecture."""
    code = CodeIncident.PROCEDURE_INVISIBLE_TO_PREFECTURE
    return incident.IncidentOuvert(code=code, depuis=Quand.lire(days), dossiers=("D-1",))


def test_an_incident_over_before_the_filing_hid_nothing() -> None:
    """B07: resolved on 10 June, it says nothing of an application filed in July."""
    solved = incident.IncidentResolu(resolu_le=le("2025-06-10"))
    entries = vie(
        ("2025-06-01", invisible("2025-06-01")), ("2025-06-10", solved), ("2025-07-01", deposee("2025-07-01"))
    )
    assert "B07" not in [each[0] for each in trouvees(entries)]
    assert "demande_deposee" in noms(entries, Cote.AGENT)


@pytest.mark.parametrize(
    ("began", "acts", "expected"),
    [
        ("2025-07-20", ["2025-07-10/2025-08-04"], ("B07", "2025-07-20", "2025-09-30", True, False)),
        ("2025-07-10/2025-07-30", ["2025-07-20"], ("B07", "2025-07-10", "2025-09-30", True, False)),
        ("2025-07-20", ["2025-07-10/2025-08-04", "2025-08-20"], ("B07", "2025-07-20", "2025-08-19", False, False)),
    ],
    ids=["act inexact", "beginning inexact", "a sure act after an inexact one"],
)
def test_an_act_that_may_precede_the_incident_settles_nothing(began: str, acts: list[str], expected: Any) -> None:
    """B07: an act seen before the malfunction does not end it; where the order is not known, it is not certain."""
    done = [(day, instruction.CompletudeAppreciee(etat=EtatCompletude.COMPLET)) for day in acts]
    entries = vie(("2025-07-01", deposee("2025-07-01")), (began, invisible(began)), *done)
    assert trouvees(entries) == [expected]
    assert seule(entries).constat.statut is Statut.A_ETABLIR


def test_an_act_that_names_no_dossier_may_be_on_this_one() -> None:
    """B07: a certificate that does not say its application may show this one seen: only the days before are certain."""
    unnamed = attestation("2025-08-01").model_copy(update={"dossier": None})
    entries = vie(
        ("2025-07-01", deposee("2025-07-01")), ("2025-07-20", invisible("2025-07-20")), ("2025-08-01", unnamed)
    )
    assert trouvees(entries) == [("B07", "2025-07-20", "2025-07-31", False, True)]


def test_what_may_be_hidden_is_not_surely_seen() -> None:
    """On a day when the malfunction may have begun, the agent's view has the application without certainty."""
    entries = vie(("2025-07-01", deposee("2025-07-01")), ("2025-07-10/2025-07-30", invisible("2025-07-10/2025-07-30")))
    for day, expected in ((9, [True]), (10, [False]), (29, [False]), (30, [])):
        view = vue_agent(entries, date(2025, 7, day))
        assert [each.certain for each in view if each.evenement == "demande_deposee"] == expected


def test_an_ordinary_pending_application_is_seen_by_both() -> None:
    """The reverse side: silence on a file is not a file unseen."""
    assert trouvees(vie(("2025-07-01", deposee("2025-07-01")))) == []


def test_a_second_procedure_that_cannot_be_filed() -> None:
    """B09: the second procedure is the applicant's alone, and the first, already filed, is named."""
    first = fait(id="F-1", objet="D-1", survenu="2025-07-01", evenement=deposee("2025-07-01"))
    second = fait(
        id="F-2",
        objet="D-2",
        survenu="2025-09-01",
        evenement=depot.TentativeDepotEchouee(code_incident=CodeIncident.SINGLE_PROCEDURE_ONLY),
    )
    found = seule(as_entries([first, second]))
    linked = second.model_copy(update={"evenement": depot.TentativeDepotEchouee(incident="I-7")})
    named = fait(
        id="F-3",
        objet="I-7",
        survenu="2025-09-01",
        evenement=incident.IncidentOuvert(
            code=CodeIncident.SINGLE_PROCEDURE_ONLY, depuis=Quand.lire("2025-09-01"), dossiers=("D-2",)
        ),
    )
    assert seule(as_entries([first, linked, named])).code == "B09"
    assert (found.code, found.dossier, found.ouverte, len(found.entries)) == ("B09", "D-2", True, 2)
    assert "D-1" in found.constat.texte


def test_a_failed_attempt_is_known_when_reported() -> None:
    """A failed attempt reaches the administration by a ticket or a certificate, not by itself."""
    ticket = support.CccContacte(contacte_le=le("2025-09-10"), dossier="D-1")
    entries = vie(("2025-09-01", ECHEC), ("2025-09-10", ticket))
    assert trouvees(entries) == [("echec_inconnu_de_la_prefecture", "2025-09-01", "2025-09-09", False, True)]
    assert trouvees(vie(("2025-09-01", ECHEC), ("2025-09-02", ticket)), date(2025, 9, 30))[0][2] == "2025-09-09"
    alone = support.PanVisite(visite_le=le("2025-09-02"), agent_present=False, dossier="D-1")
    assert seule(vie(("2025-09-01", ECHEC), ("2025-09-02", alone))).ouverte


def test_a_refusal_decided_and_not_notified() -> None:
    """The agent knows the decision from its day, the applicant from its notification."""
    refusal = decision.RefusDecide(decide_le=le("2025-09-01"))
    notified = decision.RefusNotifie(notifie_le=le("2025-09-20"))
    assert trouvees(vie(("2025-09-01", refusal), ("2025-09-20", notified))) == [
        ("decision_non_notifiee", "2025-09-01", "2025-09-19", False, True)
    ]
    assert seule(vie(("2025-09-01", refusal))).ouverte


def test_a_certificate_issued_and_made_available_late() -> None:
    """Issued is not made available; a source that does not know the day leaves it to be established."""
    available = provisoire.AttestationProlongationMiseADisposition(mise_a_disposition_le=le("2025-08-20"))
    late = [("document_emis_non_remis", "2025-08-01", "2025-08-19", False, True)]
    assert trouvees(vie(("2025-08-01", attestation("2025-08-20")))) == late
    assert trouvees(vie(("2025-08-01", attestation(None)), ("2025-08-20", available))) == late
    assert trouvees(vie(("2025-08-01", attestation("2025-08-01")))) == []
    unknown = seule(vie(("2025-08-01", attestation(None))))
    assert (unknown.ouverte, unknown.constat.statut) == (True, Statut.A_ETABLIR)


def test_a_favourable_decision_and_its_certificate_are_told_once() -> None:
    """One finding from the decision to the certificate; a certificate whose day is not known leaves a doubt."""
    taken = decision.DecisionFavorablePrise(prise_le=le("2025-08-01"), titre_accorde=TypeTitre.CST)
    late, unknown = (
        provisoire.AttestationDecisionFavorableDelivree(
            valide_du=le("2025-08-01"), mise_a_disposition_le=day, dossier="D-1"
        )
        for day in (le("2025-08-20"), None)
    )
    assert trouvees(vie(("2025-08-01", taken), ("2025-08-01", late))) == [
        ("decision_non_notifiee", "2025-08-01", "2025-08-19", False, True)
    ]
    found = seule(vie(("2025-08-01", taken), ("2025-08-01", unknown)))
    assert (found.certaine, found.constat.statut) == (False, Statut.A_ETABLIR)
    assert seule(vie(("2025-08-01", late))).code == "document_emis_non_remis"


def test_what_the_ledger_deduced_is_no_source() -> None:
    """A deadline computed by the ledger does not show that it holds what the téléservice would contain."""
    deduced = fait(
        id="E-1",
        objet="D-1",
        grade=Grade.E,
        source=Source.CONSTAT,
        evenement=decision.RefusImpliciteNe(ne_le=le("2025-07-01")),
    )
    sent = fait(id="E-2", objet="D-1", survenu="2025-09-01", grade=Grade.B, source=Source.PAPIER, evenement=PIECE)
    assert seule(as_entries([deduced, sent])).constat.statut is Statut.A_ETABLIR


@pytest.mark.parametrize(
    ("objet", "source", "event"),
    [
        ("S-1", Source.CONSTAT, acces.DossierConsulte(fondement=FondementAcces.INSTRUCTION, dossier="D-1")),
        (None, Source.ANEF, personne.ConnexionReussie()),
        ("I-1", Source.ANEF, incident.PannePlateformeConstatee(debut=Quand.lire("2025-09-01"))),
    ],
    ids=lambda value: value.nom if isinstance(value, Event) else "",
)
def test_who_looked_or_logged_in_is_no_source(objet: str | None, source: Source, event: Event) -> None:
    """A read of the file, a connection or an outage does not show that the ledger holds what was sent and received."""
    sent = fait(id="F-1", survenu="2025-09-01", source=Source.PAPIER, grade=Grade.B, evenement=PIECE)
    other = fait(id="F-2", survenu="2025-09-02", objet=objet, source=source, evenement=event)
    found = seule(as_entries([sent, other]))
    assert found.constat.recherche is not None
    assert (found.constat.recherche.presentes, found.constat.statut) == ((), Statut.A_ETABLIR)
    filed = fait(id="F-3", survenu="2025-09-03", evenement=deposee("2025-09-03"))
    assert seule(as_entries([sent, other, filed])).constat.statut is Statut.ETABLI


def test_the_fact_at_issue_shows_its_own_source() -> None:
    """A change of address that the téléservice tells is looked for where the téléservice tells it."""
    assert seule(vie(("2025-09-01", ADRESSE))).constat.statut is Statut.ETABLI
    said = vie(
        ("2025-09-01", ADRESSE), ("2025-09-02", personne.ConnexionReussie()), source=Source.PAPIER, grade=Grade.B
    )
    assert seule(said).constat.statut is Statut.A_ETABLIR


def test_the_dossier_of_a_resolution_is_that_of_its_incident() -> None:
    """A resolution that names no dossier is about those its incident touches."""
    opened = incident.IncidentOuvert(
        code=CodeIncident.PROCEDURE_NOT_SELECTABLE, depuis=Quand.lire("2025-08-01"), dossiers=("D-1",)
    )
    entries = vie(("2025-08-01", opened), ("2025-09-01", incident.IncidentResolu(resolu_le=le("2025-09-01"))))
    assert seule(entries).dossier == "D-1"


def test_an_incident_of_another_dossier_hides_nothing() -> None:
    """A malfunction counts only where it touched the dossier."""
    down = incident.IncidentOuvert(
        code=CodeIncident.MESSAGES_NOT_READABLE, depuis=Quand.lire("2025-08-01"), dossiers=("D-9",)
    )
    told = instruction.ComplementMisADisposition(complement="C-1")
    assert trouvees(vie(("2025-08-01", down), ("2025-09-01", DEMANDE), ("2025-09-01", told))) == []


def test_an_incident_resolved_and_not_told() -> None:
    """The administration knows the resolution; the applicant when told, or when she files after all."""
    solved = incident.IncidentResolu(resolu_le=le("2025-09-01"), dossiers=("D-1",))
    told = incident.UsagerInformeResolution(informe_le=le("2025-09-01"))
    assert seule(vie(("2025-09-01", solved))).code == "resolution_non_annoncee"
    assert trouvees(vie(("2025-09-01", solved), ("2025-09-01", told))) == []
    assert trouvees(vie(("2025-09-01", solved), ("2025-09-01", deposee("2025-09-01")))) == []


def test_a_closure_and_a_transfer_the_person_was_not_told_of() -> None:
    """A closure without a day of notification is to be established; a transfer said not to be told is established."""
    closed = seule(vie(("2025-09-01", cloture.DossierClosParAgent(clos_le=le("2025-09-01")))))
    assert (closed.code, closed.constat.statut) == ("decision_non_notifiee", Statut.A_ETABLIR)
    moved = seule(vie(("2025-09-01", instruction.DemandeTransmise(usager_avise=False))))
    assert (moved.code, moved.constat.statut) == ("transmission_sans_avis", Statut.ETABLI)
    assert seule(vie(("2025-09-01", instruction.DemandeTransmise()))).constat.statut is Statut.A_ETABLIR


def test_without_a_source_that_would_contain_it_nothing_is_established() -> None:
    """An absence proves nothing when the ledger holds nothing from where it would be."""
    found = seule(vie(("2025-09-01", PIECE), source=Source.TIERS, grade=Grade.B))
    assert found.constat.recherche is not None
    assert found.constat.recherche.presentes == ()
    assert found.constat.statut is Statut.A_ETABLIR
    held = seule(vie(("2025-09-01", PIECE)))
    assert held.constat.recherche is not None
    assert (held.constat.recherche.presentes, held.constat.recherche.du) == ((Source.ANEF,), date(2025, 9, 1))


def test_inexact_days_are_certain_only_under_every_reading() -> None:
    """From the latest day it may have been sent to the day before the earliest it may have been received."""
    apart = vie(("2025-08-01/2025-08-10", PIECE), ("2025-09-01/2025-09-10", RECUE))
    assert trouvees(apart) == [("B06", "2025-08-10", "2025-08-31", False, True)]
    near = vie(("2025-08-01/2025-08-10", PIECE), ("2025-08-05/2025-08-20", RECUE))
    assert trouvees(near) == [("B06", "2025-08-01", "2025-08-19", False, False)]
    assert seule(near).constat.statut is Statut.A_ETABLIR
    assert [each.certain for each in vue_agent(near, date(2025, 8, 15))] == [False, False]


def test_the_day_of_observation_bounds_what_is_read() -> None:
    """Seen before the reception, the divergence is open; the day after the sending it is not one yet."""
    entries = vie(("2025-09-01", PIECE), ("2025-09-15", RECUE))
    assert trouvees(entries, date(2025, 8, 31)) == []
    assert trouvees(entries, date(2025, 9, 2)) == []
    assert trouvees(entries, date(2025, 9, 3)) == [("B06", "2025-09-01", "2025-09-03", True, True)]
    assert trouvees(entries) == [("B06", "2025-09-01", "2025-09-14", False, True)]


def test_days_are_those_of_paris() -> None:
    """Sent at 22:30 UTC on 31 August, it is 1 September in Paris."""
    assert seule(vie(("2025-08-31T22:30:00Z", PIECE))).du == date(2025, 9, 1)


RELATED: Final = (
    DEMANDE, MISE, ILLISIBLE, OUVERT, PIECE, RECUE, ECHEC, ADRESSE, ADRESSE_VUE, attestation(None),
    deposee("2025-07-01"), support.CccContacte(dossier="D-1"), incident.IncidentResolu(dossiers=("D-1",)),
    incident.IncidentOuvert(code=CodeIncident.MESSAGES_NOT_READABLE, depuis=Quand.lire("2025-08")),
    incident.IncidentOuvert(code=CodeIncident.PROCEDURE_INVISIBLE_TO_PREFECTURE, depuis=Quand.lire("2025-07-15")),
)  # fmt: skip
DAYS: Final = st.dates(date(2025, 7, 1), date(2025, 9, 30))
LIVES: Final = st.lists(
    st.tuples(DAYS, st.integers(0, 20), st.sampled_from(RELATED)).map(
        lambda t: (f"{t[0]}/{t[0] + timedelta(days=t[1])}", t[2])
    ),
    max_size=8,
).map(lambda told: vie(*told))


@given(LIVES, st.randoms(use_true_random=False), DAYS)
def test_the_order_of_entries_changes_nothing(entries: list[Entry], chance: Any, au: date) -> None:
    """Views and divergences are read from the facts, not from the order in which they are given."""
    other = list(entries)
    chance.shuffle(other)
    for read in (vue_usager, vue_agent, divergences):
        assert read(entries, au) == read(other, au)


SPANS: Final = st.tuples(DAYS, st.integers(0, 20)).map(lambda t: f"{t[0]}/{t[0] + timedelta(days=t[1])}")
DATED: Final[tuple[Callable[[str], Event], ...]] = (
    deposee, invisible, lambda days: incident.IncidentResolu(resolu_le=le(days)),
    lambda days: incident.IncidentOuvert(code=CodeIncident.MESSAGES_NOT_READABLE, depuis=Quand.lire(days)),
)  # fmt: skip
"""The facts that give their own day: in a life, it is that on which they happened."""
COMPLET: Final = instruction.CompletudeAppreciee(etat=EtatCompletude.COMPLET)
TOLD: Final = st.sampled_from((DEMANDE, MISE, ILLISIBLE, OUVERT, PIECE, RECUE, ADRESSE, ADRESSE_VUE, COMPLET))
COHERENT: Final = st.lists(
    SPANS.flatmap(lambda days: st.tuples(st.just(days), TOLD | st.sampled_from(DATED).map(lambda of: of(days)))),
    max_size=6,
).map(lambda told: vie(*told))


@given(COHERENT, DAYS)
def test_the_views_show_every_certain_divergence(entries: list[Entry], au: date) -> None:
    """Symmetric use: on its first and last day, one side surely had the fact and the other did not, whichever it is."""
    views = {Cote.USAGER: vue_usager, Cote.AGENT: vue_agent}
    for d in divergences(entries, au):
        for day in (d.du, d.au) if d.certaine else ():
            sure = {cote: {each.entry for each in view(entries, day) if each.certain} for cote, view in views.items()}
            assert d.entries[0] in sure[d.vu_par]
            assert d.entries[0] not in sure[d.vu_par.autre]


DES_DEUX: Final = tuple(
    e for e in EVENTS if e not in ECARTS and all(w.de_soi and not w.si and not w.sauf for w in TABLE[e])
)
"""The events that reach both sides by themselves, whatever they hold."""


@given(COHERENT, fait_of(*DES_DEUX), DAYS, DAYS)
def test_a_fact_that_reached_both_sides_adds_no_divergence(entries: list[Entry], new: Any, day: date, au: date) -> None:
    """What both had opens nothing between them: it may only close, or cast doubt on, what was already apart."""
    objet = "D-1" if new.evenement.flux is Flux.DOSSIER else new.objet
    told = new.model_copy(
        update={"id": "N-1", "personne": "P-1", "objet": objet, "survenu": Quand.lire(f"{day}"), "corrige": None}
    )
    more = divergences(as_entries([*(e.fait for e in entries), told]), au)
    assert {d.entries[0] for d in more} <= {d.entries[0] for d in divergences(entries, au)}


@given(LIVES, DAYS)
def test_what_is_told_stays_inside_the_days_read(entries: list[Entry], au: date) -> None:
    """No divergence outlives the day of observation, nor begins after it ends; each rests on its facts."""
    ids = {e.event_id for e in entries}
    for d in divergences(entries, au):
        assert d.du <= d.au <= au
        assert d.ouverte == (d.au == au)
        assert d.entries
        assert set(d.entries) <= ids
        assert d.certaine or d.constat.statut is Statut.A_ETABLIR
        assert d.constat.recherche is not None
        assert "faute" not in d.constat.texte
    for view in (vue_usager, vue_agent):
        assert all(each.depuis <= au for each in view(entries, au))


@given(st.lists(fait_of(), max_size=5), DAYS)
def test_any_life_can_be_read(told: list[Any], au: date) -> None:
    """No history of the vocabulary, however strange, is refused, and nothing is said of days to come."""
    entries = as_entries(told)
    assert all(each.du <= each.au <= au for each in divergences(entries, au))
    assert all(each.depuis <= au for each in (*vue_agent(entries, au), *vue_usager(entries, au)))


def exemple(case: str) -> tuple[list[Entry], date]:
    """One sample life and its day of observation."""
    told = [each for each in facts("cas.jsonl") if each.personne == BY_CASE[case]["personne"]]
    return holding(as_entries(told)), date.fromisoformat(BY_CASE[case]["observe_le"])


@pytest.mark.parametrize("case", sorted(set(CASES) - {"C04", "C05", "C06"}))
def test_samples_without_a_failed_attempt_unreported_diverge_nowhere(case: str) -> None:
    """In these lives each act reached the other side in time."""
    assert divergences(*exemple(case)) == ()


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("C04", [("2024-02-26", "2024-03-06"), ("2024-03-18", "2024-06-23")]),
        ("C05", [("2025-05-20", "2025-06-03"), ("2025-06-24", "2025-06-25")]),
        ("C06", [("2025-03-04", "2025-04-13"), ("2025-03-18", "2025-04-13"), ("2025-04-08", "2025-04-13")]),
    ],
)
def test_samples_with_failed_attempts(case: str, expected: list[tuple[str, str]]) -> None:
    """An attempt that failed is the applicant's alone until it is reported; her word alone leaves it to establish."""
    found = divergences(*exemple(case))
    assert [(f"{d.du}", f"{d.au}") for d in found] == expected
    assert {(d.code, d.vu_par, d.constat.statut) for d in found} == {
        ("echec_inconnu_de_la_prefecture", Cote.USAGER, Statut.A_ETABLIR)
    }


def test_sentences_are_french_and_cite_through_the_rules() -> None:
    """Each text is a sentence in French, and each article is cited as its rule cites it."""
    found = seule(vie(("2025-09-01", ADRESSE)))
    assert re.match(r"« .+ » : la personne pouvait le voir depuis le 1er septembre 2025 ;", found.constat.texte)
    assert found.constat.articles[0] == crpa_l112_8_saisine.SOURCE.citation

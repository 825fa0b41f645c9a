"""The state of dossiers: what a person reads, and the rows kept for all persons."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.entry import Entry
from ledger.events import EVENTS, decision, depot, instruction
from ledger.events.base import Event
from ledger.events.types import Flux
from projections.etat import PERTINENTS, Etat, etats
from tests.commands.actes import COMPLEMENT, DEPOSEE, SILENCE, entry, le, life
from tests.strategies import event_of

LIVES = st.lists(st.sampled_from(EVENTS).flatmap(event_of), max_size=8).map(lambda events: life(*events))


def state(*events: Event) -> dict[str, Any]:
    """The state, as JSON, of the one dossier that ``events`` tell of."""
    (only,) = etats(life(*events))
    read: dict[str, Any] = only.model_dump(mode="json")
    return read


def test_stage_and_implicit_refusal_are_two_fields() -> None:
    """A dossier that waits for pieces and is implicitly refused says both."""
    read = state(DEPOSEE, SILENCE, COMPLEMENT)
    assert read["etape"] == "complement_demande"
    assert read["refus_implicite"]["ne_le"] == "2025-11-01"


def test_each_dossier_of_a_person_has_its_state() -> None:
    """Two dossiers of one person are read apart, by reference; facts of other streams are not dossiers."""
    other = entry(9, DEPOSEE)
    renamed = Entry(None, other.stream, 9, other.subject, other.event_id, other.recorded_at,
                    other.fait.model_copy(update={"objet": "A-0"}))  # fmt: skip
    assert [each.dossier for each in etats([*life(DEPOSEE), renamed])] == ["A-0", "D-1"]


def test_corrected_fact_no_longer_counts() -> None:
    """The filing date that was corrected is not read any more."""
    first = entry(1, DEPOSEE)
    right = entry(2, DEPOSEE.model_copy(update={"deposee_le": le("2025-07-03")}))
    fixed = Entry(None, right.stream, 2, right.subject, right.event_id, right.recorded_at,
                  right.fait.model_copy(update={"corrige": "F-1"}))  # fmt: skip
    (read,) = etats([first, fixed])
    assert read.depose_le == le("2025-07-03")


def test_days_of_a_request_for_pieces_are_read() -> None:
    """The request, its deadline, its reading and its answer each have their day."""
    opened = instruction.ComplementOuvert(complement="C-1", ouvert_le=le("2025-08-01"))
    answered = instruction.ComplementRepondu(complement="C-1", repondu_le=le("2025-08-10"))
    (request,) = state(DEPOSEE, COMPLEMENT, opened, answered)["complements"]
    assert (request["demande_le"], request["echeance"]) == ("2025-07-20", "2025-08-31")
    assert (request["ouvert_le"], request["repondu_le"]) == ("2025-08-01", "2025-08-10")


def test_what_a_person_reads_is_french_and_leaves_out_the_unknown() -> None:
    """Each line has a label and a value; nothing is said of what no fact tells."""
    (read,) = etats(life(DEPOSEE, SILENCE))
    lines = dict(read.lignes())
    assert lines["Étape"] == "depose"
    assert lines["Déposé le"] == "1er juillet 2025"
    assert lines["Refus implicite, né le"] == "1er novembre 2025"
    assert "Clôture, clos le" not in lines


def test_all_dossier_facts_and_withdrawals_matter() -> None:
    """The view gathers every fact of a dossier's stream, and the withdrawals that may take them back."""
    assert {event.nom for event in EVENTS if event.flux is Flux.DOSSIER} | {"fait_retire"} == PERTINENTS


@given(LIVES)
def test_rows_say_what_the_live_reading_says(entries: Sequence[Entry]) -> None:
    """For any life, each row is the live state: the same columns, and JSON that PostgreSQL can hold."""
    live = etats(entries)
    rows = [cells for _, cells in Etat().rows(sorted(entries, key=lambda each: each.fait.survenu.debut))]
    assert [(cells[0], cells[1]) for cells in rows] == [(each.dossier, each.etape.value) for each in live]
    for cells, each in zip(rows, live, strict=True):
        assert "\\u0000" not in cells[4].replace("\\\\", "")
        said = json.loads(cells[4])
        assert said == json.loads(
            each.model_dump_json().replace("\\\\", "\x01").replace("\\u0000", "\ufffd").replace("\x01", "\\\\")
        )


def test_row_has_the_first_day_of_an_interval() -> None:
    """A filing known to a month sorts by its first day."""
    month = depot.DemandeDeposee(titre_demande=DEPOSEE.titre_demande, nature=DEPOSEE.nature, deposee_le=le("2025-07"))
    born = decision.RefusImpliciteNe(ne_le=le("2025-11"))
    ((_, cells),) = Etat().rows(life(month, born))
    assert [str(cells[2]), str(cells[3])] == ["2025-07-01", "2025-11-01"]

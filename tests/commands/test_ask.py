"""The line in which an act is asked for: what it may leave out, and what it may not say."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from commands.ask import ask, read_act
from ledger.errors import UnreadableError
from ledger.store import Ledger

NOW = datetime(2025, 7, 1, 8, 0, tzinfo=UTC)
ACT = {
    "acte": "deposer_demande",
    "personne": "nadia-exemple",
    "objet": "D-1",
    "acteur": {"nature": "usager"},
    "canal": "teleservice",
    "donnees": {"titre_demande": "cst", "nature": "renouvellement", "deposee_le": "2025-07-01"},
}
COMMAND = "123e4567-e89b-42d3-a456-426614174000"


def test_the_same_command_asked_again_later_gives_the_same_entry(ledger: Ledger) -> None:
    """Without a moment of its own an act takes place now; asked again an hour later it is still the first one."""
    line = json.dumps({**ACT, "command_id": COMMAND}).encode()
    [first] = ask(ledger, line, NOW)
    [again] = ask(ledger, line, NOW + timedelta(hours=1))
    assert again.event_id == first.event_id
    assert again.fait == first.fait
    assert len(ledger.life("nadia-exemple")) == 1


def test_an_act_is_named_in_the_infinitive_or_by_its_fact() -> None:
    """``acte`` and ``type`` name the same thing."""
    named = read_act(json.dumps({**ACT, "command_id": COMMAND}).encode(), NOW)
    typed = {key: value for key, value in ACT.items() if key != "acte"} | {"type": "demande_deposee"}
    assert read_act(json.dumps({**typed, "command_id": COMMAND}).encode(), NOW) == named


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "x"}, "id"),
        ({"source": "anef"}, "source"),
        ({"acte": "prendre_le_the"}, "acte"),
        ({"command_id": "pas-un-uuid"}, "command_id"),
    ],
    ids=["id", "source", "acte", "command_id"],
)
def test_what_only_the_ledger_may_say_is_refused_by_its_field(change: dict[str, str], field: str) -> None:
    """An act that names its own id, another source, an unknown act or a wrong command says which field is wrong."""
    with pytest.raises(UnreadableError) as refused:
        read_act(json.dumps({**ACT, **change}).encode(), NOW)
    assert field in {each.champ for each in refused.value.problemes}


def test_a_key_given_twice_is_never_lost_in_silence() -> None:
    """Two values for one key make the act unreadable."""
    with pytest.raises(UnreadableError, match="deux fois"):
        read_act(b'{"personne":"a","personne":"b"}', NOW)

"""The line in which an act is asked for: what it may leave out, and what it may not say."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from commands.ask import ask, read_act
from commands.importer import import_file
from commands.record import record
from ledger.coffre import DeploymentKeys
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


DETRUITE = {
    "id": "X-1",
    "personne": "nadia-exemple",
    "survenu": "2025-07-01",
    "acteur": {"nature": "administrateur"},
    "canal": "systeme",
    "source": "constat",
    "grade": "A",
    "type": "cle_personnelle_detruite",
    "donnees": {"motif": "à sa demande"},
}
VERIFIEE = {
    **{key: value for key, value in DETRUITE.items() if key != "personne"},
    "objet": "integrite",
    "type": "integrite_verifiee",
    "donnees": {"conforme": True},
}


@pytest.mark.parametrize(("said", "command"), [(DETRUITE, "constat erase"), (VERIFIEE, "constat verify --record")])
def test_what_only_the_ledger_does_enters_by_no_door(
    ledger: Ledger, keys: DeploymentKeys, tmp_path: Path, said: dict[str, object], command: str
) -> None:
    """Asked for, recorded or imported, a destroyed key or an audit that never was is refused, and nothing is written."""
    asked = {key: value for key, value in said.items() if key != "id"}
    for door in (
        lambda: ask(ledger, json.dumps(asked).encode(), NOW),
        lambda: record(ledger, json.dumps(said).encode()),
    ):
        with pytest.raises(UnreadableError, match=command):
            door()
    path = tmp_path / "faits.jsonl"
    path.write_text(json.dumps(said) + "\n")
    done = import_file(ledger, keys, path)
    assert (done.progress.recorded, done.progress.rejected) == (0, 1)
    assert done.rejects_file is not None
    assert command in done.rejects_file.read_text()
    with ledger.connection() as conn:
        assert conn.execute("SELECT count(*) FROM ledger.entry").fetchone() == (0,)

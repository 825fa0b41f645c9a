"""The evidence of everybody: each person's own, in one order, the same bytes however it is worked out."""

import json
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from bench.dossiers import lines
from ledger.coffre import DeploymentKeys
from ledger.days import Quand
from ledger.events.incident import PannePlateformeConstatee
from ledger.events.types import Grade, Source
from ledger.interchange import read_line
from ledger.store import Ledger
from replay.as_of import Moment
from replay.ensemble import PERSONS, preuves
from replay.preuve import preuve
from replay.vie import vie
from tests.faits import fait

AU = date(2025, 6, 1)


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """More persons than one task holds, and an outage of nobody that covers windows' ends."""
    ledger.append([read_line(line) for line in lines(30 * (PERSONS + 7))])
    outage = PannePlateformeConstatee(debut=Quand.lire("2024-11-01"), fin=Quand.lire("2024-11-20"))
    ledger.append([
        fait(id="O-1", personne=None, objet="O", survenu="2024-11-01", source=Source.ANEF, grade=Grade.A, evenement=outage)
    ])  # fmt: skip
    ledger.sequence()
    return ledger


@pytest.mark.parametrize("workers", [0, 2])
def test_each_line_is_the_evidence_of_one_person(filled: Ledger, keys: DeploymentKeys, workers: int) -> None:
    """Every person once, with exactly what is answered of that person alone, whatever the number of workers."""
    moment = Moment(datetime.now(UTC), AU)
    found = list(preuves(filled, keys, moment, workers=workers))
    told = [json.loads(line) for _, part in found for line in part.splitlines()]
    assert sum(persons for persons, _ in found) == len(told) == PERSONS + 7
    assert {each["personne"] for each in told} == {f"fictif-{number}" for number in range(PERSONS + 7)}
    for each in told:
        alone = preuve(vie(filled, each["personne"]), moment)
        assert each["preuve"] == json.loads(msgspec.json.encode(alone))


def test_the_same_moment_gives_the_same_bytes(filled: Ledger, keys: DeploymentKeys) -> None:
    """One process or three, and facts recorded since: what was known at the moment gives the same bytes."""
    moment = Moment(datetime.now(UTC) - timedelta(microseconds=1), AU)
    first = b"".join(part for _, part in preuves(filled, keys, moment, workers=0))
    filled.append([fait(id="Z-1", personne="tardive"), fait(id="Z-2", personne="fictif-3", survenu="2025-01-02")])
    assert b"".join(part for _, part in preuves(filled, keys, moment, workers=3)) == first != b""


def test_an_empty_ledger_gives_nothing(ledger: Ledger, keys: DeploymentKeys) -> None:
    """Nobody, no line."""
    assert list(preuves(ledger, keys, Moment(None, AU), workers=0)) == []

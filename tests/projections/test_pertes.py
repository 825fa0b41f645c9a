"""A person's lost days read from the table are those of her facts; where the table is late, it says nothing."""

from datetime import date

from bench.dossiers import lines
from ledger.days import Quand
from ledger.events.acces import DossierConsulte
from ledger.events.incident import IncidentOuvert
from ledger.events.listes import FondementAcces
from ledger.events.types import CodeIncident, Flux
from ledger.follower import Follower, live_schema
from ledger.interchange import read_line
from ledger.store import Ledger, stream_of
from projections.interruptions import Interruptions
from projections.pertes import Perte, lues, pertes
from replay.as_of import Moment
from replay.preuve import preuve
from replay.vie import vie
from tests.faits import fait
from tests.projections.test_interruptions import shared

VUE = Interruptions()
AU = date(2026, 6, 15)
APART = "consultations"
LOOKED = DossierConsulte(fondement=FondementAcces.INSTRUCTION)
OPENED = IncidentOuvert(code=CodeIncident.APPLICATION_ALREADY_PENDING, depuis=Quand.lire("2025-01-01"))


def follow(ledger: Ledger) -> None:
    """Bring the projection up to date."""
    ledger.sequence()
    with Follower(ledger, VUE) as follower:
        follower.catch_up()


def de(ledger: Ledger, person: str) -> tuple[Perte, ...] | None:
    """What the table says of her."""
    with ledger.connection() as conn:
        key = ledger.coffre.find(conn, [person])[person]
        return lues(conn, live_schema(VUE), key.subject, AU, apart=stream_of(key, Flux.ACCES, APART))


def test_the_table_says_what_her_facts_say_and_nothing_when_it_is_late(ledger: Ledger) -> None:
    """Not made, not filled, up to date, late by a fact of hers, by one of an incident of nobody, never by who looked."""
    ledger.append([read_line(line) for line in lines(300)])
    assert de(ledger, "fictif-1") is None
    follow(ledger)
    live = {f"fictif-{n}": pertes(preuve(vie(ledger, f"fictif-{n}"), Moment(None, AU)).attributions) for n in range(10)}
    assert any(live.values())
    for person, found in live.items():
        assert de(ledger, person) == found
    ledger.append([fait(id="regard", personne="fictif-1", objet=APART, evenement=LOOKED)])
    assert de(ledger, "fictif-1") == live["fictif-1"]
    ledger.append([fait(id="de plus", personne="fictif-1")])
    assert de(ledger, "fictif-1") is None
    assert de(ledger, "fictif-2") == live["fictif-2"]
    follow(ledger)
    assert de(ledger, "fictif-1") is not None
    ledger.append([shared(1, OPENED)])
    assert de(ledger, "fictif-1") is de(ledger, "fictif-2") is None


def test_a_table_that_does_not_say_how_far_it_came_says_nothing(ledger: Ledger) -> None:
    """What follows nothing yet is not « nothing was lost »."""
    ledger.append([read_line(line) for line in lines(60)])
    follow(ledger)
    assert de(ledger, "fictif-1") is not None
    with ledger.database.as_owner() as conn:
        conn.execute(f"DELETE FROM {live_schema(VUE)}.tracking")
    assert de(ledger, "fictif-1") is None

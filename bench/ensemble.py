"""``python -m bench.ensemble``: the evidence of a whole ledger of ``--persons``, and what is read across persons."""

import time
from datetime import UTC, date, datetime
from typing import Final

from bench.__main__ import peak_memory, say
from bench.dossiers import FACTS_PER_PERSON, lines
from bench.peuple import peuple
from ledger.coffre import DeploymentKeys
from ledger.follower import Follower, live_schema
from ledger.store import Ledger
from projections import incidents, priorites
from projections.interruptions import Interruptions
from projections.statistiques import Par, statistiques
from replay.as_of import Moment
from replay.ensemble import preuves

AU: Final = date(2025, 12, 1)


def everybody(ledger: Ledger, keys: DeploymentKeys, persons: int) -> None:
    """The evidence of everybody, every line of it, and the memory it takes."""
    with peak_memory() as memory:
        start, size, seen = time.perf_counter(), 0, 0
        for looked, found in preuves(ledger, keys, Moment(datetime.now(UTC), AU)):
            seen, size = seen + looked, size + len(found)
        taken = time.perf_counter() - start
    assert seen == persons, seen  # noqa: S101 - a figure over lost persons would be worthless
    say(
        f"evidence of {persons:,} persons, {persons * FACTS_PER_PERSON:,} entries",
        f"{taken:,.0f} s",
        f"{persons / taken:,.0f} persons/s, {size / 1e6:,.0f} MB of JSON, peak memory {memory():,.0f} MB"
        f" (floor: 100,000 in 600 s, {100_000 / persons * taken:,.0f} s at this rate)",
    )


def across(ledger: Ledger, persons: int) -> None:
    """The projection that queries across persons read, then these queries."""
    view = Interruptions()
    with Follower(ledger, view) as follower:
        start = time.perf_counter()
        follower.catch_up()
        taken = time.perf_counter() - start
    say(f"follower catch-up, projection {view.name}", f"{persons / taken:,.0f} persons/s", f"{taken:,.0f} s")
    schema = live_schema(view)
    with ledger.connection() as conn:
        for par in Par:
            start = time.perf_counter()
            statistiques(conn, schema, du=date(2025, 1, 1), au=AU, par=par)
            say(f"statistics by {par.value}", f"{time.perf_counter() - start:.2f} s")
        start = time.perf_counter()
        found = priorites.lignes(conn, schema, date(2025, 6, 1))
        say(f"the agents' queue, first {len(found)} persons", f"{time.perf_counter() - start:.2f} s")
        start = time.perf_counter()
        incidents.resumes(conn, schema, AU)
        say("incidents and what they hit", f"{time.perf_counter() - start:.2f} s")


def main() -> None:
    """Fill a ledger, then measure."""
    with peuple(
        "python -m bench.ensemble", __doc__, lambda persons: lines(persons * FACTS_PER_PERSON), persons=2_000
    ) as filled:
        everybody(filled.ledger, filled.keys, filled.persons)
        across(filled.ledger, filled.persons)


if __name__ == "__main__":
    main()

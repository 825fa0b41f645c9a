"""No statement of the application ever reads the ledger's large tables from end to end, whenever it was planned."""

from pathlib import Path

import psycopg

from bench.dossiers import lines
from commands.importer import import_file
from ledger.coffre import DeploymentKeys
from ledger.events.types import Flux
from ledger.follower import Follower
from ledger.store import Ledger
from projections.droits import Droits
from tests.faits import fait, faits

LARGE = ("entry", "leaf", "person_key")


def whole_readings(ledger: Ledger) -> dict[str, int]:
    """How many times each large table has been read from end to end."""
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        return dict(
            conn.execute(
                "SELECT relname::text, seq_scan FROM pg_stat_user_tables"
                " WHERE schemaname = 'ledger' AND relname = ANY(%s)",
                (list(LARGE),),
            ).fetchall()
        )


def test_plans_made_while_the_ledger_is_empty_stay_right(
    unchecked_ledger: Ledger, keys: DeploymentKeys, tmp_path: Path
) -> None:
    """Sessions that planned every statement on an empty ledger go on looking rows up, one by one, when it has grown.

    Opening the ledger tries its keys on a few rows of the table of keys: that is the one reading allowed.
    """
    ledger = unchecked_ledger
    before = whole_readings(ledger)
    path = tmp_path / "f.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines(3_000)))
    with Follower(ledger, Droits(), batch=500) as follower:
        for number in range(12):  # a prepared statement keeps its plan from the sixth time on
            ledger.append([fait(id=f"X-{number}", objet=f"D-{number}")])
            follower.catch_up()
            ledger.life("P-1")
            ledger.history("P-1", Flux.DOSSIER, f"D-{number}")
            ledger.already([fait(id=f"X-{number}", objet=f"D-{number}")])
        import_file(ledger, keys, path)
        import_file(ledger, keys, path)
        follower.catch_up()
        ledger.append(list(faits(50)))
        ledger.life("fictif-3")
    ledger.close()  # sessions hand in their counts when they end
    after = whole_readings(ledger)
    assert {name: after[name] - before[name] for name in LARGE} == dict.fromkeys(LARGE, 0)

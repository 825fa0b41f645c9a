"""``python -m bench.seal``: what sealing costs, how soon it comes, how long a proof and a verification take.

``--facts`` sets the size of the import and of the verifications; ``--leaves`` fills a tree of so many synthetic leaves
and measures proofs there (33 million take some minutes and 9 GB).
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil

from app.embedded import SETTINGS, EmbeddedServer
from app.settings import default_home
from bench.__main__ import fresh, say
from bench.dossiers import lines
from commands.importer import import_file
from console import logs
from ledger.database import Database
from ledger.interchange import read_line
from ledger.seal.log import SealedLog
from ledger.seal.merkle import leaf_hash
from ledger.seal.proof import included
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from replay.verify import Trust, verify

SECONDS: Final = 10.0
ROUNDS: Final = 4
PACE: Final = 500
PROOFS: Final = 300
WORKERS: Final = 2

SEAL: Final = """
import sys, threading
from pathlib import Path
from ledger.database import Database
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.service import SealService
from ledger.seal.signing import SigningKeys
conninfo, role, folder, origin = sys.argv[1:]
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
home = Path(folder)
sealer = Sealer(Database(conninfo, role), SigningKeys.load(home / "cles", origin), Memory(home / "point"))
print("sealing", flush=True)
SealService(sealer).run(stop)
"""


@contextmanager
def sealing(database: Database, folder: Path, origin: str) -> Iterator[None]:
    """A process that seals meanwhile, as ``constat seal run`` does."""
    arguments = [database.conninfo, database.role or "", str(folder), origin]
    with subprocess.Popen(
        [sys.executable, "-c", SEAL, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None  # noqa: S101 - asked for above
        assert process.stdout is not None  # noqa: S101 - asked for above
        process.stdout.readline()
        try:
            yield
        finally:
            process.stdin.close()
            process.wait()


def appended(ledger: Ledger, prefix: str, seconds: float, *, pace: int | None) -> float:
    """Append one fact a commit for so long; how many a second. ``pace``: no more than so many a second."""
    faits = [read_line(line) for line in lines(200_000 if pace is None else int(pace * seconds) + 60, prefix=prefix)]
    started = time.perf_counter()
    count = 0
    for fait in faits:
        if time.perf_counter() - started >= seconds:
            break
        ledger.append([fait])
        count += 1
        if pace is not None and (ahead := count / pace - (time.perf_counter() - started)) > 0:
            time.sleep(ahead)
    return count / (time.perf_counter() - started)


def measure_appends(ledger: Ledger, database: Database, folder: Path, origin: str) -> None:
    """Appends with and without a sealer at work, in turn; then how late the seal comes."""
    rates: dict[bool, list[float]] = {True: [], False: []}
    for number in range(ROUNDS):
        rates[False].append(appended(ledger, f"sans-{number}", SECONDS / ROUNDS * 2, pace=None))
        with sealing(database, folder, origin):
            rates[True].append(appended(ledger, f"avec-{number}", SECONDS / ROUNDS * 2, pace=None))
    without, with_ = statistics.median(rates[False]), statistics.median(rates[True])
    say("append, one writer, no sealer", f"{without:,.0f}/s")
    say("append, one writer, sealed meanwhile", f"{with_:,.0f}/s", f"ratio {with_ / without:.2f} (floor 0.90)")
    with sealing(database, folder, origin):
        time.sleep(1)
        with database.connect() as conn:
            [(before,)] = conn.execute("SELECT coalesce(max(notification_id), 0) FROM ledger.entry").fetchall()
        appended(ledger, "cadence", SECONDS, pace=PACE)
        time.sleep(2)
    with database.connect() as conn:
        conn.execute("SET enable_hashjoin = on")
        lags = [
            float(lag)
            for (lag,) in conn.execute(
                "SELECT extract(epoch FROM (SELECT c.signed_at FROM ledger.checkpoint AS c WHERE c.size >= l.position"
                " ORDER BY c.size LIMIT 1) - e.recorded_at) FROM ledger.entry AS e JOIN ledger.leaf AS l"
                " USING (notification_id) WHERE notification_id > %s",
                (before,),
            )
        ]
    say(
        f"lag of the seal at {PACE} appends/s, median", f"{statistics.median(lags) * 1000:.0f} ms", f"{len(lags)} facts"
    )
    say(f"lag of the seal at {PACE} appends/s, worst", f"{max(lags) * 1000:.0f} ms", "floor 1 000 ms")


def measure_import(facts: int) -> None:
    """An import with a sealer at work: how fast, and how long after its end everything is sealed."""
    with _fresh() as (database, ledger, keys, folder):
        file = folder / "faits.jsonl"
        with file.open("wb") as out:
            out.writelines(line + b"\n" for line in lines(facts))
        signing = SigningKeys.load(folder / "cles", ledger.origin)
        with sealing(database, folder, ledger.origin):
            started = time.perf_counter()
            import_file(ledger, keys, file)
            took = time.perf_counter() - started
            ended = time.perf_counter()
            while _sealed(database) < facts:
                time.sleep(0.02)
            late = time.perf_counter() - ended
        say(f"import of {facts:,} facts, sealed meanwhile", f"{facts / took:,.0f}/s", "floor 20 000/s")
        say("everything sealed after the end of the import", f"{late * 1000:.0f} ms")
        trust = Trust(signing.verifiers)
        for name, opening, reading in (
            ("sealed parts left closed", False, False),
            ("every part opened", True, False),
            ("every part opened and every fact read", True, True),
        ):
            started = time.perf_counter()
            report = verify(ledger, trust=trust, workers=(keys, WORKERS), opening=opening, reading=reading)
            took = time.perf_counter() - started
            assert report.intact, report.findings  # noqa: S101 - a figure of a broken ledger is none
            say(f"verification, {name}", f"{report.entries / took:,.0f}/s", f"{took:.1f} s, {WORKERS} processes")


def measure_proofs(leaves: int) -> None:
    """Proofs from a tree of so many leaves, each verified."""
    with _fresh() as (database, ledger, _, folder):
        with database.as_owner() as conn:
            conn.execute("ALTER TABLE ledger.leaf DISABLE TRIGGER append_only")
            for first in range(0, leaves, 1_000_000):
                conn.execute(
                    "INSERT INTO ledger.leaf SELECT n, n, sha256('\\x00'::bytea || convert_to(n::text, 'UTF8'))"
                    " FROM generate_series(%s::bigint, %s::bigint) AS n",
                    (first + 1, min(first + 1_000_000, leaves)),
                )
            conn.execute("VACUUM ANALYZE ledger.leaf")
        sealer = Sealer(database, SigningKeys.load(folder / "cles", ledger.origin), Memory(folder / "point"))
        started = time.perf_counter()
        sealer.seal()
        say(f"sealing {leaves:,} leaves", f"{leaves / (time.perf_counter() - started):,.0f}/s")
        sealer.close()
        with database.connect() as conn:
            log = SealedLog(conn)
            note = log.latest()
            assert note is not None  # noqa: S101 - sealed above
            times = []
            for position in random.Random(1).sample(range(1, leaves + 1), min(PROOFS, leaves)):  # noqa: S311 - no secret
                started = time.perf_counter()
                proof = log.prove(position, note)
                times.append(time.perf_counter() - started)
                point = proof.checkpoint
                leaf = leaf_hash(str(position).encode())
                assert included(  # noqa: S101 - a figure of a wrong proof is none
                    leaf=leaf, index=position - 1, size=point.size, path=proof.path, root=point.root
                )
        times.sort()
        say(f"inclusion proof from {leaves:,} leaves, median", f"{statistics.median(times) * 1000:.2f} ms")
        say(
            f"inclusion proof from {leaves:,} leaves, 99th percentile",
            f"{times[int(len(times) * 0.99)] * 1000:.2f} ms",
            "floor 5 ms",
        )


@contextmanager
def _fresh() -> Iterator[tuple[Database, Ledger, Any, Path]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        fresh(server().conninfo) as (database, ledger, keys),
    ):
        SigningKeys.generate(ledger.origin).save(Path(folder) / "cles")
        yield database, ledger, keys, Path(folder)


def server() -> EmbeddedServer:
    """The embedded server of the measures, given a quarter of the memory, as PostgreSQL's manual advises (19.4.1)."""
    quarter = {"shared_buffers": f"{psutil.virtual_memory().total // 4 >> 20}MB"}
    return EmbeddedServer(Path(os.environ.get("CONSTAT_HOME") or default_home()) / "bench", SETTINGS | quarter)


def _sealed(database: Database) -> int:
    with database.connect() as conn:
        row = conn.execute("SELECT coalesce(max(size), 0) FROM ledger.checkpoint").fetchone()
    return int(row[0]) if row else 0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.seal")
    parser.add_argument("--facts", type=int, default=200_000)
    parser.add_argument("--leaves", type=int, default=1_000_000)
    given = parser.parse_args()
    logs.configure(verbose=False)
    with server().running():
        with _fresh() as (database, ledger, _, folder):
            measure_appends(ledger, database, folder, ledger.origin)
        measure_import(given.facts)
        measure_proofs(given.leaves)


if __name__ == "__main__":
    main()

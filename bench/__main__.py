"""``python -m bench``: every floor, with its peer in the same run. ``--facts`` sets the size of the large measures."""

import argparse
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import psutil
import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier

from app.embedded import EmbeddedServer, create_database
from app.settings import default_home
from bench.dossiers import lines
from commands.importer import import_file
from console import logs
from ledger.coffre import DeploymentKeys, Id, uuid_of
from ledger.database import Database, prepare
from ledger.follower import Follower
from ledger.interchange import read_line
from ledger.recorder import columns
from ledger.store import Ledger
from projections.toutes import PROJECTIONS
from replay.verify import verify

SECONDS: Final = 4.0
LONG_LIFE: Final = 300
MEASURED: Final = (PROJECTIONS["etat"], PROJECTIONS["couverture"])
"""The projections that are counted in entries; ``bench.ensemble`` counts the other one in persons."""


def say(what: str, figure: str, note: str = "") -> None:
    """One row of the table."""
    print(f"{what:<58} {figure:>16}  {note}", flush=True)


@contextmanager
def fresh(conninfo: Callable[[str], str]) -> Iterator[tuple[Database, Ledger, DeploymentKeys]]:
    """An empty ledger in a database of its own, dropped at the end."""
    name = f"constat_bench_{secrets.token_hex(4)}"
    create_database(conninfo("postgres"), name)
    database = prepare(Database(conninfo(name)), origin="constat.local/bench")
    keys = DeploymentKeys.generate()
    ledger = Ledger(database, keys)
    try:
        yield database, ledger, keys
    finally:
        ledger.close()
        with psycopg.connect(conninfo("postgres"), autocommit=True) as conn:
            conn.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def rate(writers: int, act: Callable[[int], None]) -> float:
    """Acts a second by ``writers`` threads over ``SECONDS``."""
    stop = time.perf_counter() + SECONDS
    done = [0] * writers

    def work(index: int) -> None:
        while time.perf_counter() < stop:
            act(index)
            done[index] += 1

    threads = [threading.Thread(target=work, args=(index,)) for index in range(writers)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - start)


def appends(conninfo: Callable[[str], str]) -> None:
    """One event per commit: ours and the library's default recorder, the same bytes, in turn."""
    with fresh(conninfo) as (database, ledger, _):
        given = conninfo_to_dict(database.conninfo)
        library = PostgresApplicationRecorder(
            PostgresDatastore(
                dbname=str(given["dbname"]),
                host=str(given.get("host", "")),
                port=str(given.get("port", "5432")),
                user=str(given.get("user", "")),
                password=str(given.get("password", "")),
                pool_size=16,
                max_overflow=4,
            )
        )
        library.create_table()
        fait = read_line(next(lines(1)))
        with ledger.connection() as conn:
            keys, _ = ledger.coffre.ensure(conn, ["fictif-0"])
        sealed = ledger.entries.seal(ledger.draft(keys["fictif-0"], fait))

        def ours(_: int) -> None:
            event = sealed._replace(stream=Id(os.urandom(16)), event_id=Id(os.urandom(16)))
            ledger.commits.append(columns([event]), [1])

        def whole(_: int) -> None:
            ledger.append([fait.model_copy(update={"id": secrets.token_hex(8), "objet": secrets.token_hex(8)})])

        def theirs(_: int) -> None:
            library.insert_events([StoredEvent(uuid_of(os.urandom(16)), 1, sealed.topic, sealed.state)])

        for writers in (1, 16):
            figures: dict[str, list[float]] = {"library": [], "recorder": [], "ledger": []}
            for _ in range(3):
                figures["library"].append(rate(writers, theirs))
                figures["recorder"].append(rate(writers, ours))
                figures["ledger"].append(rate(writers, whole))
            peer = statistics.median(figures["library"])
            floor = "floor 5.0" if writers > 1 else "floor 1.0"
            say(f"append, {writers} writer(s): library's default recorder", f"{peer:,.0f}/s")
            say(
                "  ours, ready-made bytes",
                f"{statistics.median(figures['recorder']):,.0f}/s",
                f"ratio {statistics.median(figures['recorder']) / peer:.1f} ({floor})",
            )
            say(
                "  ours, whole ledger (checked, sealed, chained)",
                f"{statistics.median(figures['ledger']):,.0f}/s",
                f"ratio {statistics.median(figures['ledger']) / peer:.1f}",
            )
        library.datastore.close()


def library_bulk(conninfo: Callable[[str], str], facts: int, commit: int) -> float:
    """Events a second that the library's recorder takes in commits of ``commit``: ready-made bytes, not sealed."""
    with fresh(conninfo) as (database, _, _):
        given = conninfo_to_dict(database.conninfo)
        library = PostgresApplicationRecorder(
            PostgresDatastore(
                dbname=str(given["dbname"]),
                host=str(given.get("host", "")),
                port=str(given.get("port", "5432")),
                user=str(given.get("user", "")),
                password=str(given.get("password", "")),
            )
        )
        library.create_table()
        state = next(lines(1))
        events = [StoredEvent(uuid_of(os.urandom(16)), 1, "fait", state) for _ in range(facts)]
        start = time.perf_counter()
        for first in range(0, facts, commit):
            library.insert_events(events[first : first + commit])
        taken = time.perf_counter() - start
        library.datastore.close()
        return facts / taken


def bulk(conninfo: Callable[[str], str], facts: int) -> None:
    """A whole import, end to end, and the memory it takes; then what stands on the imported ledger."""
    peer = library_bulk(conninfo, min(facts, 50_000), 1_000)
    say("bulk: library's recorder, 1,000 a commit, ready-made bytes", f"{peer:,.0f}/s")
    for size in sorted({10_000, min(facts, 100_000), facts}):
        with fresh(conninfo) as (_, ledger, keys), tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "facts.jsonl"
            with path.open("wb") as file:
                file.writelines(line + b"\n" for line in lines(size))
            with peak_memory() as memory:
                start = time.perf_counter()
                outcome = import_file(ledger, keys, path)
                taken = time.perf_counter() - start
            assert outcome.progress.recorded == size, outcome  # noqa: S101 - a figure over lost facts would be worthless
            say(
                f"import, {size:,} facts, read, sealed, chained, sequenced",
                f"{size / taken:,.0f}/s",
                f"peak memory {memory():,.0f} MB, all processes (floor 20,000/s, 300 MB);"
                f" {size / taken / peer:.2f} of the library",
            )
            if size == facts:
                standing(ledger, keys, facts)


def interleaved(conninfo: Callable[[str], str], facts: int) -> None:
    """Follower catch-up where lives are mixed up, as they are when facts come in the order of their days."""
    with fresh(conninfo) as (_, ledger, keys), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "facts.jsonl"
        mixed = sorted(lines(facts), key=lambda line: str(msgspec.json.decode(line)["survenu"]))
        path.write_bytes(b"".join(line + b"\n" for line in mixed))
        import_file(ledger, keys, path)
        for projection in MEASURED:
            with Follower(ledger, projection) as follower:
                start = time.perf_counter()
                applied = follower.catch_up()
                say(
                    f"follower catch-up, interleaved lives, {projection.name}",
                    f"{applied / (time.perf_counter() - start):,.0f}/s",
                    "floor 50,000/s" if projection.name == "couverture" else "",
                )


def standing(ledger: Ledger, keys: DeploymentKeys, facts: int) -> None:
    """Follower, whole life and verification on a ledger of ``facts`` entries."""
    for projection in MEASURED:
        with Follower(ledger, projection) as follower:
            start = time.perf_counter()
            applied = follower.catch_up()
            floor = "floor 50,000/s" if projection.name == "couverture" else ""
            say(
                f"follower catch-up, projection {projection.name}",
                f"{applied / (time.perf_counter() - start):,.0f}/s",
                floor,
            )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.jsonl"
        path.write_bytes(
            b"".join(
                line.replace(
                    b"long-" + str(n // 30).encode() + b"-", b"long-x" + str(n // 30).encode() + b"-", 1
                ).replace(b'"personne":"long-' + str(n // 30).encode() + b'"', b'"personne":"long"')
                + b"\n"
                for n, line in enumerate(lines(LONG_LIFE, prefix="long"))
            )
        )
        import_file(ledger, keys, path)
    times = []
    for _ in range(50):
        start = time.perf_counter()
        entries = ledger.life("long")
        times.append(time.perf_counter() - start)
    assert len(entries) == LONG_LIFE, len(entries)  # noqa: S101 - as above
    say(
        f"whole history of a {LONG_LIFE}-event person at {facts:,} entries",
        f"{statistics.median(times) * 1000:.1f} ms",
        f"max {max(times) * 1000:.1f} ms (floor 10 ms)",
    )
    start = time.perf_counter()
    report = verify(ledger)
    assert report.intact, report.findings[:3]  # noqa: S101 - as above
    say("verification, every check", f"{report.entries / (time.perf_counter() - start):,.0f}/s")


@contextmanager
def peak_memory() -> Iterator[Callable[[], float]]:
    """The largest memory of this process and its workers together, in MB (PSS: what is shared counts once)."""
    own = psutil.Process()
    largest = [0.0]
    stop = threading.Event()

    def look() -> None:
        total = own.memory_full_info().pss
        for child in own.children(recursive=True):
            try:
                total += child.memory_full_info().pss if "postgres" not in child.name() else 0
            except psutil.Error:
                continue
        largest[0] = max(largest[0], total)

    def watch() -> None:
        look()
        while not stop.wait(0.5):  # each look costs a few milliseconds of a core
            look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield lambda: largest[0] / 1e6
    finally:
        stop.set()
        watcher.join()


def demo_start() -> None:
    """The whole demonstration in a home that does not exist yet, PostgreSQL's first start included."""
    with tempfile.TemporaryDirectory(prefix="constat-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        start = time.perf_counter()
        subprocess.run(
            [Path(sys.executable).parent / "constat", "demo"],
            check=True,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "CONSTAT_HOME": f"{folder}/home"},
        )
        say("demo, from an empty home to the last line", f"{time.perf_counter() - start:.1f} s", "floor 30 s")


def measures(conninfo: Callable[[str], str], facts: int) -> None:
    """Every measure that needs a server only."""
    appends(conninfo)
    bulk(conninfo, facts)
    interleaved(conninfo, min(facts, 100_000))


def main() -> None:
    """Run every measure."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--facts", type=int, default=200_000, help="size of the large measures (1000000 for the whole floor)"
    )
    given = parser.parse_args()
    logs.configure()
    configured: Any = os.environ.get("DATABASE_URL")
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    demo_start()
    if configured:

        def conninfo(name: str) -> str:
            return make_conninfo(configured, dbname=name)

        measures(conninfo, given.facts)
        return
    server = EmbeddedServer(default_home() / "postgresql")
    with server.running():
        measures(server.conninfo, given.facts)


if __name__ == "__main__":
    main()

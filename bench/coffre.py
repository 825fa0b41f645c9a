"""``python -m bench.coffre``: keys wrapped anew, one person erased among many, one large document in little memory.

``--keys`` sets how many keys are wrapped anew, ``--persons`` among how many one is erased, ``--document`` the large
document's size in MiB (it is written to the temporary folder, and once more sealed).
"""

import argparse
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from obstore.store import MemoryStore

from app.erase import Request, erase
from app.open import Opened
from bench.__main__ import fresh, say
from bench.dossiers import lines
from bench.seal import server
from console import logs
from ledger.coffre import Coffre
from ledger.database import Database
from ledger.documents import DocumentStore
from ledger.interchange import read_line
from ledger.kek import DeploymentKeys
from ledger.rotation import rotate
from ledger.store import Ledger

MADE_AT_ONCE: Final = 5_000
FACTS: Final = 1_000
RULE: Final = "rgpd_art17_effacement"
ERASED: Final = 5
PROJECT: Final = Path(__file__).parents[1]

DOCUMENT: Final = """
import re, resource, sys
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from obstore.store import LocalStore
from ledger.coffre import Id, PersonKey
from ledger.documents import DocumentStore
from ledger.entry import Piece

def peak():
    status = Path("/proc/self/status")  # what getrusage says counts the peak of the parent too, on Linux
    if status.exists():
        return int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

folder, kept, size = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
key = PersonKey(Id(token_bytes(16)), token_bytes(32), "P-1")
store = DocumentStore(LocalStore(kept))
for octets in (1 << 20, size):
    digest = sha256()
    with (folder / "x").open("wb") as file:
        for n in range(octets >> 20):
            digest.update(block := n.to_bytes(4, "big") * (1 << 18))
            file.write(block)
    (folder / "x").rename(folder / digest.hexdigest())
    piece = Piece(nom="x", octets=octets, sha256=digest.hexdigest())
    assert store.take(key, piece, folder)
    (folder / digest.hexdigest()).unlink()
    back, seen = sha256(), 0
    for chunk in store.read(key, piece):
        back.update(chunk)
        seen += len(chunk)
    assert (back.hexdigest(), seen) == (piece.sha256, octets)
    assert store.delete(key.document(piece.sha256))
    print(peak(), flush=True)
"""
"""Keeps a document of 1 MB, then one of the size given, gives each back, and prints its peak memory so far (MB)."""


def peaks(folder: Path, size: int, timeout: float) -> tuple[int, int]:
    """Peak resident memory, in MB, of a process after one document of 1 MB, then after one of ``size`` bytes.

    :raises subprocess.CalledProcessError: a document did not come back as it was given.
    """
    given, kept = folder / "pieces", folder / "kept"
    for each in (given, kept):
        each.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", DOCUMENT, given, kept, str(size)],
        cwd=PROJECT, capture_output=True, text=True, check=True, timeout=timeout,
    )  # fmt: skip
    small, large = map(int, done.stdout.split())
    return small, large


def measure_rewrap(database: Database, folder: Path, count: int) -> None:
    """Every key wrapped anew with a fresh KEK, each opened again before it is stored."""
    DeploymentKeys.generate().save(folder / "keys.json")
    keys = DeploymentKeys.load(folder / "keys.json")
    coffre = Coffre(keys)
    with database.connect() as conn:
        for first in range(0, count, MADE_AT_ONCE):
            coffre.ensure(conn, [f"P-{n}" for n in range(first, min(first + MADE_AT_ONCE, count))])
    started = time.perf_counter()
    done = rotate(database, keys)
    took = time.perf_counter() - started
    assert done.rewrapped == count, done  # noqa: S101 - a figure of a half rotation is none
    say(f"rotation, {count:,} keys wrapped anew", f"{count / took:,.0f}/s", f"{took:.1f} s (floor 5 000/s)")


def erased(ledger: Ledger, keys: DeploymentKeys, first: int) -> float:
    """How long the fastest of some erasures took, from the reading of the life to the receipt."""
    opened, now, times = Opened(ledger, keys, DocumentStore(MemoryStore())), datetime.now(UTC), []
    for number in range(first, first + ERASED):
        started = time.perf_counter()
        erase(opened, Request(f"fictif-{number}", "mesure", rule=RULE), now)
        times.append(time.perf_counter() - started)
    return min(times)


def measure_erasure(database: Database, ledger: Ledger, keys: DeploymentKeys, persons: int) -> None:
    """One person erased among a few, then among many: it takes no longer."""
    ledger.append([read_line(line) for line in lines(FACTS)])
    few = erased(ledger, keys, 0)
    with database.as_owner() as conn:
        conn.execute(
            "INSERT INTO ledger.person_key (blind_index, subject, kek_id, wrapped, reference)"
            " SELECT sha256(n::text::bytea), gen_random_uuid(), %s, sha256(n::text::bytea) || sha256('x'), sha256('y')"
            " FROM generate_series(1, %s::bigint) AS n",
            (keys.current, persons),
        )
        conn.execute("VACUUM ANALYZE ledger.person_key")
    many = erased(ledger, keys, ERASED)
    say("erasure of one person among a few", f"{few * 1000:.0f} ms")
    note = f"ratio {many / few:.1f} (ceiling 3)"
    say(f"erasure of one person among {persons:,}", f"{many * 1000:.0f} ms", note)


def measure_document(folder: Path, mebibytes: int) -> None:
    """A large document kept and given back, in little more memory than a small one."""
    started = time.perf_counter()
    small, large = peaks(folder, mebibytes << 20, 3_600)
    took = time.perf_counter() - started
    say(
        f"a document of {mebibytes:,} MiB, peak memory",
        f"{large} MB",
        f"{large - small:+} MB (ceiling +48), {took:.0f} s",
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.coffre")
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--document", type=int, default=2_048)
    given = parser.parse_args()
    logs.configure(verbose=False)
    with server().running(), tempfile.TemporaryDirectory() as name:
        with fresh(server().conninfo) as (database, _, _):
            measure_rewrap(database, Path(name), given.keys)
        with fresh(server().conninfo) as (database, ledger, keys):
            measure_erasure(database, ledger, keys, given.persons)
        measure_document(Path(name), given.document)


if __name__ == "__main__":
    main()

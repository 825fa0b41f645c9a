"""``python -m bench.exports``: what an export costs, for a person of ``--events`` facts in a log of ``--leaves`` lines.

Prints the time and memory of the report and of the whole bundle, and how long each verifier takes over it.
"""

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import uuid4

from obstore.store import LocalStore
from playwright.sync_api import sync_playwright

from app.export_lecture import Demande
from app.export_paquet import faire
from app.exports import Remise, rafraichir, remettre
from app.open import Opened
from app.settings import Settings
from bench.__main__ import fresh, say
from bench.dossiers import life, lines
from bench.seal import server
from console import logs
from evidence.verificateurs.assemblage import pyz
from evidence.verificateurs.assemblage_page import page
from ledger.database import Database
from ledger.documents import DocumentStore
from ledger.entry import Fait, Piece
from ledger.events.listes import FondementAcces, NatureExport
from ledger.interchange import read_line

WHO: Final = "fictif-exporte"
DOCUMENTS: Final = 60
VERDICT: Final = "#verdict"
AU: Final = date(2027, 1, 1)
AROUND: Final = 3_000


def hers(events: int, folder: Path) -> Iterator[Fait]:
    """So many facts of one invented person, some with a document, which is written to ``folder``."""
    for n in range(events):
        fact = read_line(list(life(WHO, n // 30))[n % 30])
        piece = _document(folder, n) if n % max(events // DOCUMENTS, 1) == 0 else None
        yield fact.model_copy(update={"id": f"E-{n}", "personne": WHO, "pieces": (piece,) if piece else ()})


def _document(folder: Path, n: int) -> Piece:
    content = b"%PDF-1.7\n" + f"piece fictive {n}".encode() * 2_000 + b"\n%%EOF\n"
    digest = sha256(content).hexdigest()
    (folder / digest).write_bytes(content)
    return Piece(nom=f"piece fictive {n}.pdf", octets=len(content), sha256=digest)


def fill(database: Database, leaves: int) -> None:
    """Give the log so many synthetic leaves, before any fact."""
    with database.as_owner() as conn:
        conn.execute("ALTER TABLE ledger.leaf DISABLE TRIGGER append_only")
        conn.execute(
            "INSERT INTO ledger.leaf SELECT n, n, sha256('\\x00'::bytea || convert_to(n::text, 'UTF8'))"
            " FROM generate_series(1, %s::bigint) AS n",
            (leaves,),
        )
        conn.execute("SELECT setval(pg_get_serial_sequence('ledger.entry', 'notification_id'), %s)", (leaves,))
        conn.execute(
            "INSERT INTO ledger.sealing (last_position, horizon)"
            " SELECT %s, pg_snapshot_xmin(pg_current_snapshot()) WHERE %s > 0",
            (leaves, leaves),
        )
        conn.execute("VACUUM ANALYZE ledger.leaf")


def measure(events: int, leaves: int, folder: Path) -> Path:
    """Make one bundle and tell what it cost; where it is."""
    given, kept = folder / "given", folder / "kept"
    given.mkdir()
    kept.mkdir()
    place = folder / "paquet.zip"
    settings = Settings.read({"CONSTAT_HOME": str(folder / "home")})
    with fresh(server().conninfo) as (database, ledger, keys):
        fill(database, leaves)
        facts = list(hers(events, given))
        ledger.append([read_line(line) for line in lines(AROUND)])
        ledger.append(facts)
        documents = DocumentStore(LocalStore(kept))
        with ledger.connection() as conn:
            key = ledger.coffre.find(conn, [WHO])[WHO]
        assert all(documents.take(key, each, given) for fact in facts for each in fact.pieces)  # noqa: S101 - just written
        opened = Opened(ledger, keys, documents)
        rafraichir(settings, opened)
        started, asked = time.perf_counter(), uuid4()
        made = faire(settings, opened, Demande(id=asked, personne=WHO, profil="expert", au=AU), datetime.now(UTC))
        say("bundle, made", f"{time.perf_counter() - started:.2f} s", f"{len(made.lu.entries)} facts")
        remise = Remise(
            id=asked, nature=NatureExport.DOSSIER_DE_PREUVE, fondement=FondementAcces.JURIDICTION, profil="expert"
        )
        remettre(opened, WHO, made.produit, remise, place, datetime.now(UTC))
    took = time.perf_counter() - started
    say("bundle, made, recorded and written", f"{took:.2f} s", "floor 10 s")
    say("bundle, size", f"{place.stat().st_size / 1e6:.1f} MB")
    own, children = (
        resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    say("memory of the program, and of its typesetter", f"{own} and {children} MB", "floor 600 MB")
    return place


def judge(bundle: Path, folder: Path) -> None:
    """How long each verifier takes, as it is published: a process from its start, a page from the file's choice."""
    (folder / "verifier.pyz").write_bytes(pyz())
    (folder / "verifier.html").write_bytes(page())
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-I", folder / "verifier.pyz", bundle], capture_output=True, check=False)
    say("verifier.pyz, whole process", f"{time.perf_counter() - started:.2f} s", f"exit code {done.returncode}")
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        say("verifier.html", "not measured", "no Chromium on this machine")
        return
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        shown = opened.new_page()
        shown.goto((folder / "verifier.html").as_uri())
        started = time.perf_counter()
        shown.set_input_files("input[type=file]", bundle)
        shown.wait_for_selector(VERDICT)
        say(
            "verifier.html in Chromium, from the choice to the verdict",
            f"{time.perf_counter() - started:.2f} s",
            "floor 1 s",
        )
        opened.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.exports")
    parser.add_argument("--events", type=int, default=500)
    parser.add_argument("--leaves", type=int, default=1_000_000)
    given = parser.parse_args()
    logs.configure(verbose=False)
    with server().running(), tempfile.TemporaryDirectory() as folder:
        judge(measure(given.events, given.leaves, Path(folder)), Path(folder))


if __name__ == "__main__":
    main()

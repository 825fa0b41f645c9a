"""Import: everything once, in the order of the file, whatever is wrong with a line and whoever is killed meanwhile."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import psutil
import pytest
from obstore.store import LocalStore

from app.embedded import EmbeddedServer
from bench.dossiers import lines as invented
from commands.importer import CHUNK_LINES, Outcome, Progress, import_file
from ledger.coffre import DeploymentKeys
from ledger.database import Database, prepare
from ledger.documents import DocumentStore
from ledger.entry import Entry, Fait, Piece
from ledger.events.depot import TentativeDepotEchouee
from ledger.interchange import read_line, write_line
from ledger.rows import read_sealed
from ledger.store import Ledger
from replay.verify import verify
from tests.faits import fait, faits, line

ROOT = Path(__file__).parents[2]
ALL = 1_000_000
IMPORT = """
import sys
from pathlib import Path
from commands.importer import import_file
from ledger.coffre import DeploymentKeys
from ledger.database import Database
from ledger.store import Ledger

conninfo, role, keys, path, workers = sys.argv[1:]
keys = DeploymentKeys.load(Path(keys))
ledger = Ledger(Database(conninfo, role or None), keys)
outcome = import_file(
    ledger, keys, Path(path), workers=int(workers), on_progress=lambda done: print(done.lines, flush=True)
)
ledger.close()
print("fini", outcome.resumed_at, flush=True)
"""


class Interrupted(Exception):  # noqa: N818 - a signal of the tests, not a failure
    """What stops an import half-way."""


def write(path: Path, lines: Sequence[bytes]) -> Path:
    """A file of ``lines``."""
    path.write_bytes(b"".join(each + b"\n" for each in lines))
    return path


def told(ledger: Ledger) -> list[Entry]:
    """Every entry in the sealed order."""
    ledger.sequence()
    with ledger.connection() as conn:
        rows = read_sealed(conn, 0, ALL)
    return [entry for first in range(0, len(rows), 5_000) for entry in ledger.open(rows[first : first + 5_000])]


def ids(ledger: Ledger) -> list[str]:
    """The ids of all facts, in the sealed order."""
    return [entry.fait.id for entry in told(ledger)]


def rejects_of(path: Path) -> list[dict[str, Any]]:
    """What stands in the rejects file of ``path``; nothing when there is none."""
    rejects = path.with_name(path.name + ".rejets.jsonl")
    return [json.loads(each) for each in rejects.read_bytes().splitlines()] if rejects.exists() else []


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    """Lines, recorded, repeated, rejected."""
    done = outcome.progress
    return done.lines, done.recorded, done.repeated, done.rejected


def rows_by_table(database: Database) -> dict[str, int]:
    """How many rows each table of the ledger and of its working notes has."""
    with database.as_owner() as conn:
        tables = conn.execute(
            "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('ledger', 'work')"
        ).fetchall()
        return {name: len(conn.execute(f"SELECT 1 FROM {name}".encode()).fetchall()) for (name,) in tables}


def stop_after(done_lines: int) -> Callable[[Progress], None]:
    """Interrupts the import once ``done_lines`` lines are done."""

    def moved(progress: Progress) -> None:
        if progress.lines >= done_lines:
            raise Interrupted

    return moved


def with_bad_lines(facts: int) -> tuple[list[bytes], list[dict[str, Any]], list[str]]:
    """Invented facts with an unreadable line here and there: the lines, the rejects to expect, the ids to expect."""
    lines = list(invented(facts))
    for place in range(700, len(lines), 1_900):
        lines.insert(place, b'{"id": "illisible-%d"}' % place)
    bad = [(number, text) for number, text in enumerate(lines, start=1) if text.startswith(b'{"id": "illisible')]
    expected = [{"ligne": number, "contenu": text.decode()} for number, text in bad]
    good = [json.loads(text)["id"] for text in lines if not text.startswith(b'{"id": "illisible')]
    return lines, expected, good


def located(rejects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where each reject is and what it says, without its problems; there must be some."""
    assert all(each["problemes"] for each in rejects)
    return [{"ligne": each["ligne"], "contenu": each["contenu"]} for each in rejects]


# ---------------------------------------------------------------------- order, repetition, workers


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_every_fact_in_the_order_of_the_file(
    ledger: Ledger, keys: DeploymentKeys, tmp_path: Path, workers: int
) -> None:
    """However many workers read, the ledger holds the file's facts, equal, and in the order of its lines."""
    lines = list(invented(2_500))
    outcome = import_file(ledger, keys, write(tmp_path / "f.jsonl", lines), workers=workers)
    assert counts(outcome) == (2_500, 2_500, 0, 0)
    entries = told(ledger)
    assert [entry.position for entry in entries] == list(range(1, 2_501))
    assert [entry.fait for entry in entries] == [read_line(each) for each in lines]


def test_importing_twice_adds_nothing(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """The second import of a file finds every fact there, and so does that of a longer file which begins with it."""
    lines = [write_line(each) for each in faits(300)]
    path = write(tmp_path / "f.jsonl", lines[:200])
    assert counts(import_file(ledger, keys, path)) == (200, 200, 0, 0)
    assert counts(import_file(ledger, keys, path)) == (200, 0, 200, 0)
    assert counts(import_file(ledger, keys, write(tmp_path / "g.jsonl", lines))) == (300, 100, 200, 0)
    assert ids(ledger) == [f"F-{n}" for n in range(1, 301)]


def test_a_fact_repeated_within_the_file_is_counted(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """The same line again, in the same chunk or in a later one, is a repetition and not a reject."""
    lines = [write_line(each) for each in faits(CHUNK_LINES + 10)]
    path = write(tmp_path / "f.jsonl", [lines[0], lines[0], *lines[1:], lines[0], lines[-1]])
    outcome = import_file(ledger, keys, path)
    assert counts(outcome) == (len(lines) + 3, len(lines), 3, 0)
    assert outcome.rejects_file is None
    assert ids(ledger) == [f"F-{n}" for n in range(1, CHUNK_LINES + 11)]


# ---------------------------------------------------------------------- what cannot be taken


def test_bad_lines_are_named_and_good_ones_are_recorded(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """Each reject gives its line number, the field, what was expected and the line; the others are in the ledger."""
    good = json.loads(line())
    bad: list[tuple[bytes, str, str]] = [
        (b"{", "« ligne »", "un objet JSON par ligne"),
        (b"[1]", "« ligne »", "un objet entre accolades"),
        (json.dumps({**good, "canal": "pigeon"}).encode(), "« canal »", "teleservice"),
        (json.dumps({**good, "type": "inconnu"}).encode(), "« type »", "un nom du vocabulaire"),
        (json.dumps({n: v for n, v in good.items() if n != "survenu"}).encode(), "« survenu »", "une valeur"),
        (json.dumps({**good, "donnees": {"etape": 3}}).encode(), "« donnees.etape »", "attendu : "),
        (line().replace(b'"id":"F-1"', b'"id":"F-1","id":"F-2"'), "« id »", "une seule fois"),
        (json.dumps({**good, "personne": "\0x"}).encode(), "« personne »", "une référence pseudonyme"),
    ]
    lines = [each for n, (text, _, _) in enumerate(bad) for each in (text, line(id=f"B-{n}"))]
    path = write(tmp_path / "f.jsonl", lines)
    outcome = import_file(ledger, keys, path)
    assert counts(outcome) == (2 * len(bad), len(bad), 0, len(bad))
    assert outcome.rejects_file == tmp_path / "f.jsonl.rejets.jsonl"
    rejects = rejects_of(path)
    assert [each["ligne"] for each in rejects] == list(range(1, 2 * len(bad), 2))
    assert [each["contenu"] for each in rejects] == [text.decode() for text, _, _ in bad]
    for reject, (_, field, expected) in zip(rejects, bad, strict=True):
        assert any(field in problem and expected in problem for problem in reject["problemes"]), reject
    assert ids(ledger) == [f"B-{n}" for n in range(len(bad))]


def test_all_problems_of_a_line_are_named_at_once(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """A line that is wrong in three fields is rejected once, with three problems."""
    wrong = {**json.loads(line()), "canal": "pigeon", "grade": "Z", "survenu": "hier"}
    path = write(tmp_path / "f.jsonl", [json.dumps(wrong).encode()])
    assert counts(import_file(ledger, keys, path)) == (1, 0, 0, 1)
    [reject] = rejects_of(path)
    assert len(reject["problemes"]) == 3


@pytest.mark.parametrize("apart", [0, CHUNK_LINES])
def test_an_id_that_names_another_fact_is_rejected(
    ledger: Ledger, keys: DeploymentKeys, tmp_path: Path, apart: int
) -> None:
    """Of two facts with one id in a file, the second is rejected with its line, be it near or a chunk away."""
    between = [write_line(each) for each in faits(apart, first=10)]
    other = line(evenement=TentativeDepotEchouee(texte_erreur="autre"))
    path = write(tmp_path / "f.jsonl", [line(), *between, other, b"illisible", line(id="F-2")])
    assert counts(import_file(ledger, keys, path)) == (apart + 4, apart + 2, 0, 2)
    reused, unreadable = rejects_of(path)
    assert (reused["ligne"], reused["contenu"]) == (apart + 2, other.decode())
    assert "« id »" in reused["problemes"][0]
    assert "un identifiant neuf" in reused["problemes"][0]
    assert unreadable["ligne"] == apart + 3
    assert [entry.fait for entry in told(ledger) if entry.fait.id == "F-1"] == [fait()]


def test_an_id_taken_by_another_file_is_rejected(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """An id of an earlier file, or of a fact appended by hand, cannot name another fact; of another person it can."""
    import_file(ledger, keys, write(tmp_path / "a.jsonl", [line(), line(id="F-2")]))
    ledger.append([fait(id="F-3")])
    lines = [line(objet="D-9"), line(id="F-2"), line(id="F-3", survenu="2025"), line(personne="P-2", objet="D-9")]
    path = write(tmp_path / "b.jsonl", lines)
    assert counts(import_file(ledger, keys, path)) == (4, 1, 1, 2)
    assert [each["ligne"] for each in rejects_of(path)] == [1, 3]
    assert [(entry.fait.id, entry.fait.personne) for entry in told(ledger)] == [
        ("F-1", "P-1"), ("F-2", "P-1"), ("F-3", "P-1"), ("F-1", "P-2"),
    ]  # fmt: skip


def test_rejects_of_an_earlier_run_do_not_stay(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """A file that was mended and is imported again leaves no rejects file."""
    path = write(tmp_path / "f.jsonl", [line(), b"illisible"])
    import_file(ledger, keys, path)
    assert len(rejects_of(path)) == 1
    outcome = import_file(ledger, keys, write(path, [line(), line(id="F-2")]))
    assert (counts(outcome), rejects_of(path)) == ((2, 1, 1, 0), [])


# ---------------------------------------------------------------------- the form of the file


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"\xef\xbb\xbf%a\n%b\n", 2),
        (b"%a\r\n%b\r\n", 2),
        (b"\n%a\n\n   \n%b\n\n", 6),
        (b"%a\n%b", 2),
        (b"  %a\t\n %b ", 2),
        (b"\xef\xbb\xbf\r\n%a\r\n\r\n%b", 4),
    ],
    ids=["bom", "crlf", "blank", "no-final-newline", "spaces", "all"],
)
def test_forms_of_a_text_file(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path, content: bytes, lines: int) -> None:
    """A byte order mark, CRLF, blank lines and a missing last newline change nothing of the facts."""
    path = tmp_path / "f.jsonl"
    path.write_bytes(content.replace(b"%a", line()).replace(b"%b", line(id="F-2")))
    assert counts(import_file(ledger, keys, path)) == (lines, 2, 0, 0)
    assert [entry.fait for entry in told(ledger)] == [fait(), fait(id="F-2")]


def test_an_empty_file_is_nothing(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """A file without a line is imported without a fact, a reject or an error."""
    assert counts(import_file(ledger, keys, write(tmp_path / "f.jsonl", []))) == (0, 0, 0, 0)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_line_that_is_too_long_is_one_reject(
    ledger: Ledger, keys: DeploymentKeys, tmp_path: Path, workers: int
) -> None:
    """A line of 2 MiB is rejected alone, with its number; the one before and the one after are recorded."""
    long = line().replace(b"E-503", b"x" * (2 << 20))
    hidden = line(id="F-8") + b" " * (2 << 20) + line(id="F-9")
    path = write(tmp_path / "f.jsonl", [line(), long, line(id="F-2"), hidden, line(id="F-3")])
    assert counts(import_file(ledger, keys, path, workers=workers)) == (5, 3, 0, 2)
    rejects = rejects_of(path)
    assert [each["ligne"] for each in rejects] == [2, 4]
    assert all("au plus 1048576" in each["problemes"][0] for each in rejects)
    assert all(len(each["contenu"]) <= 4_096 for each in rejects)
    assert ids(ledger) == ["F-1", "F-2", "F-3"]


def test_bytes_that_are_not_text_are_rejected(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """Invalid UTF-8 and a raw zero byte are rejected with their line, and the rejects file itself is valid UTF-8."""
    broken = line().replace(b"E-503", b"\xff\xfe\xc3")
    zero = line().replace(b"E-503", b"\0")
    path = write(tmp_path / "f.jsonl", [broken, zero, b"\0\0\0", line()])
    assert counts(import_file(ledger, keys, path)) == (4, 1, 0, 3)
    rejects = rejects_of(path)
    assert [each["ligne"] for each in rejects] == [1, 2, 3]
    assert all("JSON en UTF-8" in each["problemes"][0] for each in rejects)
    assert rejects[0]["contenu"] == broken.decode("utf-8", "replace")
    assert ids(ledger) == ["F-1"]


def test_a_zero_character_in_a_text_is_kept(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """An escaped U+0000, which PostgreSQL cannot hold as text, is part of the fact and read back."""
    told_us = fait(id="F\0-1", objet="D\0", evenement=TentativeDepotEchouee(texte_erreur="a\0b"))
    import_file(ledger, keys, write(tmp_path / "f.jsonl", [write_line(told_us)]))
    assert [entry.fait for entry in told(ledger)] == [told_us]


# ---------------------------------------------------------------------- dry run, documents


@pytest.mark.parametrize("workers", [0, 2])
def test_a_dry_run_writes_nothing(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path, workers: int) -> None:
    """A dry run counts what it would do; no table gains a row and no file appears or changes, rejects included."""
    path = write(tmp_path / "f.jsonl", [line(), b"illisible"])
    import_file(ledger, keys, path)
    ledger.sequence()
    new = write(tmp_path / "g.jsonl", [*invented(1_200), b"illisible"])
    rows = rows_by_table(ledger.database)
    files = {each: each.read_bytes() for each in tmp_path.iterdir()}
    for again in (path, new):
        outcome = import_file(ledger, keys, again, dry_run=True, workers=workers)
        assert (outcome.dry_run, outcome.rejects_file, outcome.progress.rejected) == (True, None, 1)
    assert counts(outcome) == (1_201, 1_200, 0, 1)
    assert rows_by_table(ledger.database) == rows
    assert {each: each.read_bytes() for each in tmp_path.iterdir()} == files


def test_documents_are_taken_by_their_digest(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """The document whose name is the announced digest is kept, sealed and readable; the others count as missing."""
    folder, kept = tmp_path / "documents", tmp_path / "coffre"
    folder.mkdir()
    kept.mkdir()
    content = b"%PDF-1.7 bail" * 1_000
    digests = [sha256(content).hexdigest(), sha256(b"absent").hexdigest(), sha256(b"autre contenu").hexdigest()]
    pieces = tuple(Piece(nom=f"{n}.pdf", octets=len(content), sha256=each) for n, each in enumerate(digests))
    (folder / f"{digests[0]}.pdf").write_bytes(content)
    (folder / digests[2]).write_bytes(b"faux")
    store = DocumentStore(LocalStore(kept))
    path = write(tmp_path / "f.jsonl", [line(pieces=pieces)])
    outcome = import_file(ledger, keys, path, documents=(folder, store))
    assert (outcome.documents_stored, outcome.documents_missing) == (1, 2)
    with ledger.connection() as conn:
        key = ledger.coffre.find(conn, ["P-1"])["P-1"]
    assert b"".join(store.read(key, pieces[0])) == content
    [sealed] = [each for each in kept.rglob("*") if each.is_file()]
    assert content[:13] not in sealed.read_bytes()
    assert import_file(ledger, keys, path).documents_missing == 3


# ---------------------------------------------------------------------- interrupted, killed


@pytest.mark.parametrize("workers", [0, 2])
def test_an_interrupted_import_goes_on_where_it_was(
    ledger: Ledger, keys: DeploymentKeys, tmp_path: Path, workers: int
) -> None:
    """Run again after an interruption, an import says at which line it resumed, and its counts cover both runs."""
    lines, expected, good = with_bad_lines(4_500)
    path = write(tmp_path / "f.jsonl", lines)
    with pytest.raises(Interrupted):
        import_file(ledger, keys, path, workers=workers, on_progress=stop_after(2_000))
    half = len(told(ledger))
    outcome = import_file(ledger, keys, path, workers=workers)
    assert 2_000 <= outcome.resumed_at < len(lines)
    assert half == outcome.resumed_at - sum(each["ligne"] <= outcome.resumed_at for each in expected)
    assert counts(outcome) == (len(lines), len(good), 0, len(expected))
    assert ids(ledger) == good
    assert located(rejects_of(path)) == expected
    assert import_file(ledger, keys, path, workers=workers).resumed_at == 0


def test_rejects_taken_away_meanwhile_are_written_again(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """When the rejects of an interrupted import are gone, the file is read anew so that its rejects file is whole."""
    lines, expected, good = with_bad_lines(4_500)
    path = write(tmp_path / "f.jsonl", lines)
    with pytest.raises(Interrupted):
        import_file(ledger, keys, path, on_progress=stop_after(2_000))
    path.with_name(path.name + ".rejets.jsonl").unlink()
    import_file(ledger, keys, path)
    assert located(rejects_of(path)) == expected
    assert ids(ledger) == good


def test_an_import_that_is_killed_again_and_again(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """Killed at random moments and run to its end, an import has every fact once, in order, and its rejects exactly."""
    lines, expected, good = with_bad_lines(20_000)
    path = write(tmp_path / "f.jsonl", lines)
    keys.save(tmp_path / "keys.json")
    chance = random.Random(20_250_701)  # noqa: S311 - seeded on purpose
    database = ledger.database
    command = [
        sys.executable, "-c", IMPORT, database.conninfo, database.role or "", str(tmp_path / "keys.json"), str(path),
    ]  # fmt: skip
    resumed: list[int] = []
    for workers in (2, 1, 0):
        with subprocess.Popen([*command, str(workers)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            seen = list(islice(process.stdout, chance.randrange(1, 5)))
            assert all(each.strip().isdigit() for each in seen), seen
            time.sleep(chance.uniform(0, 0.15))
            family = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            process.communicate()
            resumed.append(int(seen[-1]))
        _, alive = psutil.wait_procs(family, timeout=20)
        assert not alive, "a worker outlived the import that was killed"
    done = subprocess.run(
        [*command, "2"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=120
    ).stdout.split()
    assert done[-2] == "fini"
    assert resumed[-1] <= int(done[-1]) < len(lines)
    assert resumed == sorted(set(resumed)), "no run began again from the start"
    assert ids(ledger) == good
    assert located(rejects_of(path)) == expected


@pytest.fixture
def own_server() -> Iterator[EmbeddedServer]:
    """A server of the test's own, which it may kill."""
    folder = Path(tempfile.mkdtemp(prefix="constat-", dir="/tmp"))
    folder.chmod(0o755)
    server = EmbeddedServer(folder / "pg")
    try:
        with server.running():
            server.ensure_database("constat")
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def kill_server(server: EmbeddedServer) -> None:
    """SIGKILL for the postmaster and for every process of it."""
    try:
        postmaster = psutil.Process(int((server.data / "postmaster.pid").read_text(encoding="ascii").split("\n")[0]))
        family = [postmaster, *postmaster.children(recursive=True)]
    except (FileNotFoundError, psutil.NoSuchProcess):
        return  # it is down already
    for each in family:
        try:
            os.kill(each.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    psutil.wait_procs(family, timeout=20)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_server_that_is_killed_during_an_import(
    own_server: EmbeddedServer, keys: DeploymentKeys, tmp_path: Path, workers: int
) -> None:
    """PostgreSQL killed at random moments is brought back by the import, which loses and repeats nothing."""
    lines, expected, good = with_bad_lines(3_500)
    path = write(tmp_path / "f.jsonl", lines)
    (tmp_path / "documents").mkdir()
    (tmp_path / "coffre").mkdir()
    bare = Database(own_server.conninfo("constat"), revive=own_server.start)
    ledger = Ledger(prepare(bare, origin="constat.test/essai"), keys)
    chance = random.Random(workers)  # noqa: S311 - seeded on purpose
    moments = [1_000, 2_000]
    timers: list[threading.Timer] = []

    def moved(progress: Progress) -> None:
        if moments and progress.lines >= moments[0]:
            moments.pop(0)
            timers.append(threading.Timer(chance.uniform(0, 0.2), kill_server, [own_server]))
            timers[-1].start()

    try:
        outcome = import_file(
            ledger,
            keys,
            path,
            workers=workers,
            on_progress=moved,
            documents=(tmp_path / "documents", DocumentStore(LocalStore(tmp_path / "coffre"))),
        )
        for timer in timers:
            timer.join()
        own_server.start()
        assert len(timers) == 2
        assert counts(outcome) == (len(lines), len(good), 0, len(expected))
        assert ids(ledger) == good
        assert located(rejects_of(path)) == expected
        report = verify(ledger)
        assert report.intact, report.findings[:5]
    finally:
        ledger.close()


def test_a_server_that_is_down_while_workers_read_is_brought_back(
    own_server: EmbeddedServer, keys: DeploymentKeys, tmp_path: Path
) -> None:
    """A server killed before the first chunk is read, when nothing waits to be written, is brought back all the same."""
    bare = Database(own_server.conninfo("constat"), revive=own_server.start)
    ledger = Ledger(prepare(bare, origin="constat.test/essai"), keys)
    lines = list(invented(3_000))
    waiting = threading.Event()

    def moved(progress: Progress) -> None:
        if not waiting.is_set():
            waiting.set()
            kill_server(own_server)

    begun = time.monotonic()
    try:
        outcome = import_file(ledger, keys, write(tmp_path / "f.jsonl", lines), workers=1, on_progress=moved)
        assert counts(outcome) == (3_000, 3_000, 0, 0)
        assert ids(ledger) == [json.loads(each)["id"] for each in lines]
        assert time.monotonic() - begun < 40
    finally:
        ledger.close()


# ---------------------------------------------------------------------- others write meanwhile


def test_another_writer_meanwhile(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """While a file is imported, another thread appends to the same streams: everything is there, every chain holds."""
    imported = list(faits(4_000, personnes=5))
    path = write(tmp_path / "f.jsonl", [write_line(each) for each in imported])
    over = threading.Event()
    appended: list[Fait] = []
    failed: list[BaseException] = []

    def write_meanwhile() -> None:
        try:
            for batch in range(10_000):
                if over.wait(0.015):  # some ten times in each commit of the import: each of them meets another writer
                    return
                mine = list(faits(3, first=1_000_000 + 3 * batch, personnes=5))
                ledger.append(mine)
                appended.extend(mine)
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            failed.append(error)

    other = threading.Thread(target=write_meanwhile)
    other.start()
    try:
        outcome = import_file(ledger, keys, path, workers=2)
    finally:
        over.set()
        other.join()
    assert not failed
    assert counts(outcome) == (4_000, 4_000, 0, 0)
    entries = told(ledger)
    known = {each.id for each in imported}
    assert [entry.fait for entry in entries if entry.fait.id in known] == imported
    assert [entry.fait for entry in entries if entry.fait.id not in known] == appended
    assert len(appended) > 3

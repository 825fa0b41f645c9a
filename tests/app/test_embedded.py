"""The embedded server: started by who needs it, stopped by the last who used it, whatever happened to the others."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psutil
import psycopg
import pytest

from app.embedded import EmbeddedServer
from ledger.errors import DatabaseUnfitError

ROOT = Path(__file__).parents[2]
USE = """
import sys, time
from pathlib import Path
from app.embedded import EmbeddedServer

with EmbeddedServer(Path(sys.argv[1])).running():
    print("pret", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def home(workplace: Path) -> Iterator[Path]:
    """A folder that the server's user can pass through, on a path short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="e-", dir=workplace))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedServer]:
    """A server that has never run; stopped at the end if a test leaves it running."""
    server = EmbeddedServer(home / "pg")
    yield server
    if (server.data / "postmaster.pid").exists():
        server.stop()


def answers(server: EmbeddedServer) -> bool:
    """Whether the server can be reached."""
    try:
        psycopg.connect(server.conninfo("postgres"), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def run(server: EmbeddedServer, statement: str) -> list[tuple[object, ...]]:
    """What a statement gives, committed."""
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as conn:
        cursor = conn.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def postmaster(server: EmbeddedServer) -> int:
    """The server's process."""
    return int((server.data / "postmaster.pid").read_text().split()[0])


def user_of(server: EmbeddedServer) -> subprocess.Popen[str]:
    """Another process that uses the server until its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", USE, server.folder], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "pret\n"
    return process


def leave(process: subprocess.Popen[str]) -> None:
    """The other process is done."""
    process.communicate("\n", timeout=60)
    assert process.returncode == 0


def kill(server: EmbeddedServer) -> None:
    """End the server as a power cut would: no process of it gets to say goodbye."""
    pid = postmaster(server)
    os.kill(pid, signal.SIGKILL)
    while answers(server):
        time.sleep(0.02)


def test_started_and_stopped(server: EmbeddedServer) -> None:
    """The server runs for the time of the block and not longer, and what it holds is there the next time."""
    assert not answers(server)
    with server.running():
        assert answers(server)
        run(server, "CREATE TABLE garde AS SELECT 'é'::text AS x")
        server.ensure_database("constat")
        server.ensure_database("constat")
    assert not answers(server)
    assert not (server.data / "postmaster.pid").exists()
    assert list(server.socket_folder.iterdir()) == []
    with server.running():
        assert run(server, "SELECT x FROM garde") == [("é",)]
        assert run(server, "SELECT count(*) FROM pg_database WHERE datname = 'constat'") == [(1,)]
        assert run(server, "SHOW listen_addresses") == [("",)]
        assert run(server, "SHOW fsync") == run(server, "SHOW synchronous_commit") == [("on",)]


def test_it_is_closed_to_others(server: EmbeddedServer) -> None:
    """Nobody but the server's own user can read its data or reach its socket, and no other permission is changed."""
    above = server.folder.parent.stat().st_mode
    with server.running():
        for folder in (server.folder, server.data, server.socket_folder):
            assert folder.stat().st_mode & 0o077 == 0, folder
        [socket] = [path for path in server.socket_folder.iterdir() if path.is_socket()]
        assert socket.stat().st_mode & 0o077 == 0
    assert server.folder.parent.stat().st_mode == above


def test_the_last_user_stops_it(server: EmbeddedServer) -> None:
    """Of several users of one server, in one process or in several, only the last to leave stops it."""
    with ExitStack() as last:
        with server.running():
            last.enter_context(server.running())
            pid = postmaster(server)
        assert answers(server)
        other = user_of(server)
        last.close()
        assert answers(server)
        with server.running():
            assert postmaster(server) == pid
        assert answers(server)
        leave(other)
    assert not answers(server)


def test_a_user_that_was_killed_does_not_count(server: EmbeddedServer) -> None:
    """A user that ends without leaving keeps nobody else from stopping the server."""
    other = user_of(server)
    other.kill()
    other.communicate()
    assert answers(server)
    with server.running():
        assert answers(server)
    assert not answers(server)


def test_many_users_at_once(server: EmbeddedServer) -> None:
    """Processes that start a new server at the same time all get the same one; when all have left it is stopped."""
    with ThreadPoolExecutor(4) as pool:
        users = list(pool.map(lambda _: user_of(server), range(4)))
        assert run(server, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'checkpointer'") == [(1,)]
        list(pool.map(leave, users))
    assert not answers(server)


def test_users_that_come_and_go(server: EmbeddedServer) -> None:
    """Users that come while others leave always find a server that answers."""
    rng = random.Random(1)  # noqa: S311 - a test wants the same luck every time
    pauses = [rng.random() / 20 for _ in range(24)]

    def use(pause: float) -> None:
        time.sleep(pause)
        with server.running():
            assert run(server, "SELECT 1") == [(1,)]
            time.sleep(pause)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(use, pauses))
    assert not answers(server)


def test_a_server_that_was_killed_is_brought_back(server: EmbeddedServer) -> None:
    """After SIGKILL the server is started again over its old lock file, with all that was committed, and by its users too."""
    with server.running():
        run(server, "CREATE TABLE garde (n int)")
        for number in range(2):
            run(server, f"INSERT INTO garde VALUES ({number})")
            kill(server)
            assert (server.data / "postmaster.pid").exists()
            server.start()
            assert run(server, "SELECT count(*) FROM garde") == [(number + 1,)]
        kill(server)
    with server.running():
        assert run(server, "SELECT count(*) FROM garde") == [(2,)]


def test_a_start_that_was_killed(server: EmbeddedServer) -> None:
    """A first start that is killed at any moment leaves nothing that the next one does not put right."""
    code = "import sys; from pathlib import Path; from app.embedded import EmbeddedServer; EmbeddedServer(Path(sys.argv[1])).start()"
    for pause in (0.3, 0.45, 0.6, 0.8, 1.1):
        process = subprocess.Popen([sys.executable, "-c", code, server.folder], cwd=ROOT)
        time.sleep(pause)
        process.kill()
        process.wait()
    with server.running():
        assert run(server, "SELECT 1") == [(1,)]


def test_what_a_start_left_half_done(server: EmbeddedServer) -> None:
    """Half-made data of an earlier start is thrown away; an empty data folder is filled; a missing socket folder is made."""
    server.folder.mkdir(parents=True)
    (server.folder / "data.new" / "base").mkdir(parents=True)
    (server.folder / "data.new" / "PG_VERSION").write_text("18\n")
    server.data.mkdir()
    with server.running():
        run(server, "CREATE TABLE garde (n int)")
    shutil.rmtree(server.socket_folder)
    with server.running():
        assert run(server, "SELECT count(*) FROM garde") == [(0,)]
    assert {path.name for path in server.folder.iterdir() if path.is_dir()} == {"data", "run"}


def test_data_that_is_not_a_server_s_is_left_alone(server: EmbeddedServer) -> None:
    """A data folder that holds something else is refused, in French, and nothing in it is touched."""
    server.data.mkdir(parents=True)
    (server.data / "memoires.txt").write_text("à garder")
    with pytest.raises(DatabaseUnfitError, match="n'est pas un dossier de données PostgreSQL"):
        server.start()
    assert [path.name for path in server.data.iterdir()] == ["memoires.txt"]
    assert (server.data / "memoires.txt").read_text() == "à garder"


@pytest.mark.parametrize("name", ["é" * 60, "l'été, une étude", "%h;#&(*)?[~]=!"], ids=ascii)
def test_folders_of_any_name(home: Path, name: str) -> None:
    """A path that is too long for a socket, or that means something to a shell or to libpq, is a folder like any other."""
    server = EmbeddedServer(home / name / "pg")
    (home / name).mkdir()
    try:
        with server.running():
            assert run(server, "SELECT 1") == [(1,)]
            assert server.socket_folder.stat().st_mode & 0o077 == 0
        assert not answers(server)
    finally:
        if server.socket_folder.parent != server.folder:
            shutil.rmtree(server.socket_folder)
    assert len(list(home.iterdir())) == 1


@pytest.mark.parametrize("name", ['x"y', "$HOME", "`id`", "a\\b", "a\nb"], ids=ascii)
def test_a_name_that_a_shell_would_read(home: Path, name: str) -> None:
    """A folder whose name PostgreSQL's own launcher would give to a shell is refused at once, and nothing is made."""
    with pytest.raises(DatabaseUnfitError, match="dossier de ce nom"):
        EmbeddedServer(home / name).start()
    assert list(home.iterdir()) == []


def test_two_long_folders_do_not_share_a_socket(home: Path) -> None:
    """Servers whose sockets do not fit in their folders have socket folders of their own."""
    one, other = EmbeddedServer(home / ("a" * 120)), EmbeddedServer(home / ("b" * 120))
    assert one.socket_folder != other.socket_folder
    assert one.socket_folder == EmbeddedServer(home / ("a" * 120)).socket_folder
    assert len(os.fsencode(one.socket_folder)) < 80


@pytest.mark.parametrize(
    "environment",
    [
        {"LANG": "xx_YY.UTF-8", "LC_ALL": "tlh_AA", "LC_NUMERIC": "fr_FR", "LANGUAGE": "tlh", "TZ": "Mars/Olympus"},
        {"PGPORT": "6543", "PGUSER": "inconnu", "PGPASSWORD": "x", "PGDATABASE": "inconnue", "PGDATA": "/nulle/part"},
        {"PATH": "/nulle/part", "TMPDIR": "/nulle/part", "HOME": "/nulle/part", "PGSSLMODE": "prefer"},
    ],
    ids=lambda environment: next(iter(environment)),
)
def test_an_odd_environment(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    """Locales that are not installed, and variables meant for another server, do not keep this one from starting."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with server.running():
        assert run(server, "SELECT 'é'::text COLLATE \"C\"") == [("é",)]
        assert run(server, "SHOW server_encoding") == [("UTF8",)]


def test_a_folder_that_the_server_cannot_reach(home: Path) -> None:
    """Under a closed folder, root's unprivileged server is refused with advice and no permission is widened; ours works."""
    closed = home / "ferme"
    closed.mkdir(mode=0o700)
    server = EmbeddedServer(closed / "pg")
    if os.geteuid() == 0:
        with pytest.raises(DatabaseUnfitError, match="sous un dossier fermé"):
            server.start()
    else:
        with server.running():
            assert answers(server)
    assert closed.stat().st_mode & 0o777 == 0o700


def test_a_run_of_the_suite_that_is_killed_leaves_nothing() -> None:
    """When pytest is killed, the server that it had started stops and its folder goes."""
    environment = {n: v for n, v in os.environ.items() if not n.startswith(("PG", "PYTEST_")) and n != "DATABASE_URL"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "tests/ledger/test_follower.py"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as run:
        children = psutil.Process(run.pid).children
        while not (guards := [each for each in children() if each.cmdline()[1:2] == ["-c"]]):
            time.sleep(0.05)
            assert run.poll() is None
        [guard] = guards
        server = EmbeddedServer(Path(guard.cmdline()[-1]) / "pg")
        while not answers(server):
            time.sleep(0.05)
            assert run.poll() is None
        pid = postmaster(server)
        run.terminate()
    psutil.wait_procs([guard], timeout=30)
    assert not guard.is_running()
    assert not psutil.pid_exists(pid)
    assert not server.folder.parent.exists()

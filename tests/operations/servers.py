"""What an operator does with PostgreSQL's own programs: archive, back up, restore, stand by. As docs/operations.md says."""

import os
import shutil
import signal
import time
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from app.embedded import EmbeddedServer


def owned(server: EmbeddedServer, folder: Path) -> Path:
    """A folder of the server's own user."""
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = server.data.stat()
    os.chown(folder, owner.st_uid, owner.st_gid)
    return folder


def setting(server: EmbeddedServer, name: str, value: str) -> None:
    """Change a setting of a running server, and have it read."""
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as conn:
        conn.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
        conn.execute("SELECT pg_reload_conf()")


ARCHIVING = {"archive_mode": "on", "archive_command": "test ! -f {archive}/%f && cp %p {archive}/%f"}
RESTORING = {
    "archive_mode": "off",
    "synchronous_standby_names": "",
    "restore_command": "cp {archive}/%f %p",
    "recovery_target_time": "{upto}",
    "recovery_target_action": "promote",
}
STANDING_BY = {
    "hot_standby_feedback": "on",
    "sync_replication_slots": "on",
    "synchronous_standby_names": "",
    "synchronized_standby_slots": "",
}
LEADING = {"synchronous_standby_names": "{name}", "synchronized_standby_slots": "{name}"}
BASE_BACKUP = ("-c", "fast")
STANDBY_BACKUP = ("-c", "fast", "-X", "stream", "-C", "-S")
PROMOTE = ("promote", "-w")


def archive(server: EmbeddedServer, folder: Path) -> None:
    """Keep every segment of the log in ``folder``, never over another one."""
    owned(server, folder)
    for name, value in ARCHIVING.items():
        setting(server, name, value.format(archive=folder))
    server.stop()
    server.start()


def archived(server: EmbeddedServer) -> None:
    """Wait until all that is written is archived."""
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as conn:
        row = conn.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        deadline = time.monotonic() + 30
        done = False
        while not done:
            assert time.monotonic() < deadline
            time.sleep(0.1)
            last = conn.execute("SELECT last_archived_wal >= %s FROM pg_stat_archiver", row).fetchone()
            done = last is not None and bool(last[0])


def base_backup(server: EmbeddedServer, folder: Path, *options: str) -> EmbeddedServer:
    """A copy of the running server in ``folder``, which can be started there."""
    owned(server, folder)
    other = EmbeddedServer(folder)
    server.run("pg_basebackup", "-d", server.conninfo("postgres"), "-D", str(other.data), *(options or BASE_BACKUP))
    return other


def restore(backup: EmbeddedServer, folder: Path, archive_: Path, upto: datetime | None) -> EmbeddedServer:
    """A server made of a copy of ``backup`` and of the archive, up to an instant; not started yet."""
    owned(backup, folder)
    shutil.copytree(backup.data, folder / "data", symlinks=True)
    server = EmbeddedServer(folder)
    wanted = {name: value for name, value in RESTORING.items() if upto or not name.startswith("recovery_")}
    configure(server, wanted, archive=str(archive_), upto=upto.isoformat() if upto else "")
    (server.data / "recovery.signal").touch()
    owner = backup.data.stat()
    for path in (server.data, *server.data.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
    return server


def standby(primary: EmbeddedServer, folder: Path, name: str) -> EmbeddedServer:
    """A standby that follows ``primary`` as ``name`` and keeps its mirrors' slots; not started yet."""
    other = base_backup(primary, folder, *STANDBY_BACKUP, name)
    follows = {"primary_conninfo": f"{primary.conninfo('postgres')} application_name={name}", "primary_slot_name": name}
    configure(other, {**STANDING_BY, **follows})
    (other.data / "standby.signal").touch()
    owner = primary.data.stat()
    os.chown(other.data / "standby.signal", owner.st_uid, owner.st_gid)
    return other


def configure(server: EmbeddedServer, settings: dict[str, str], **values: str) -> None:
    """Settings of a server that does not run."""
    with (server.data / "postgresql.auto.conf").open("a") as file:
        for name, value in settings.items():
            quoted = value.format(**values).replace("'", "''")
            file.write(f"{name} = '{quoted}'\n")


def lead(server: EmbeddedServer, name: str) -> None:
    """Have a server acknowledge nothing that its standby has not on disk, and send its mirrors nothing else."""
    for setting_, value in LEADING.items():
        setting(server, setting_, value.format(name=name))


def promote(server: EmbeddedServer) -> None:
    """Have a standby take over."""
    server.run("pg_ctl", *PROMOTE, "-D", str(server.data))


def either(first: EmbeddedServer, second: EmbeddedServer, dbname: str, user: str = "postgres") -> str:
    """How libpq reaches whichever of two servers takes writes."""
    hosts = f"{first.socket_folder},{second.socket_folder}"
    return make_conninfo(
        host=hosts, port="5432,5432", user=user, dbname=dbname, target_session_attrs="read-write", connect_timeout=5
    )


def kill(server: EmbeddedServer) -> None:
    """End a server as a power cut would."""
    os.kill(int((server.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    while True:
        try:
            psycopg.connect(server.conninfo("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return
        time.sleep(0.02)

"""The schema that Django has to itself, under a role that reads nothing of the ledger."""

import secrets
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from app.settings import SettingsError
from ledger.database import MIGRATION_LOCK, Database
from ledger.recorder import RETRY_SECONDS
from ledger.seal import files

ROLE: Final = "constat_web"
SCHEMA: Final = "web"
SECRET_BYTES: Final = 48
SECRET_SIGNS: Final = 32
"""Of the shortest key that is taken."""
CONNEXIONS: Final = 4
"""Connections that a process has for accounts and sessions, at most."""
PATIENCE: Final = 3
"""Seconds that who asks waits for one of them: a server that was lost is told to be away, and what waits is bounded."""


def preparer(database: Database) -> bool:
    """Make the role and the schema where they are missing; whether the role can be taken.

    On a server that gives one role only, the schema belongs to that role.
    """
    with database.as_owner() as conn, conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
        own = database.role is not None and _role(conn)
        conn.execute("SELECT set_config('client_min_messages', 'warning', true)")
        owner = Identifier(ROLE) if own else SQL("CURRENT_USER")
        conn.execute(SQL("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}").format(Identifier(SCHEMA), owner))
    return own


def _role(conn: psycopg.Connection[Any]) -> bool:
    row = conn.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user").fetchone()
    known = conn.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,)).fetchone() is not None
    if not known and row is not None and row[0]:
        conn.execute(SQL("CREATE ROLE {} NOLOGIN").format(Identifier(ROLE)))
        known = True
    if known and conn.execute("SELECT pg_has_role(%s, 'MEMBER')", (ROLE,)).fetchone() != (True,):
        conn.execute(SQL("GRANT {} TO CURRENT_USER").format(Identifier(ROLE)))
    return known


def connexion(database: Database, *, role: bool) -> dict[str, Any]:
    """How Django reaches its schema: the ledger's server, another role."""
    options = f"-c search_path={SCHEMA} -c timezone=UTC" + (f" -c role={ROLE}" if role else "")
    given = conninfo_to_dict(database.conninfo)
    name = given.pop("dbname", None)
    return {
        "ENGINE": "web.moteur",
        "NAME": name or "",
        "OPTIONS": {
            **given,
            "options": options,
            "application_name": "constat-web",
            "pool": {"min_size": 1, "max_size": CONNEXIONS, "timeout": PATIENCE, "reconnect_timeout": RETRY_SECONDS},
        },
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


def secret(path: Path) -> tuple[str, ...]:
    """What signs cookies and closes small secrets, made where there is none and readable by this user only.

    One a line: the first is used, those below it are earlier ones, which still open what they closed.

    :raises SettingsError: there is none in the file, or one that is too short or not ASCII.
    """
    if not path.exists():
        files.replace(path, secrets.token_urlsafe(SECRET_BYTES).encode(), mode=0o600)
    held = tuple(path.read_text(encoding="ascii", errors="replace").split())
    if not held or not all(len(each) >= SECRET_SIGNS and each.isascii() for each in held):
        msg = f"CONSTAT_WEB_SECRET ne convient pas (attendu : une clé par ligne, {SECRET_SIGNS} signes ASCII au moins)"
        raise SettingsError(msg)
    return held

"""The PostgreSQL server: how to reach it, whether it is fit for a ledger, and its forward-only migrations.

Roles, held by the server itself: ``constat_owner`` owns the tables, ``constat_app`` may only read and call
``ledger.append``, ``constat_sealer`` adds tiles and checkpoints, ``constat_keeper`` wraps keys again and destroys them.
Every connection of the application takes ``constat_app`` as it starts. The site reads under ``constat_reader``, which
sees the rows of the persons opened in its transaction, and lists under ``constat_lister`` (:mod:`ledger.reading`).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import psycopg
import structlog
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier, Literal

from ledger.errors import DatabaseUnfitError

OWNER: Final = "constat_owner"
APPLICATION: Final = "constat_app"
SEALER: Final = "constat_sealer"
KEEPER: Final = "constat_keeper"
READER: Final = "constat_reader"
LISTER: Final = "constat_lister"
READERS: Final = (READER, LISTER)
"""Those whose rows are counted to them: they own nothing, and make nothing."""
ROLES: Final = (OWNER, APPLICATION, SEALER, KEEPER, *READERS)
SQL_FOLDER: Final = Path(__file__).parent / "sql"
MIGRATION_LOCK: Final = 0x436F6E73746174
LOCK_WAIT: Final = "800ms"
"""How long a migration waits for a table, and so keeps appends waiting behind it, before it lets them pass and tries
again. Below ``deadlock_timeout`` (1 s): where the two wait for one another it is the migration that gives way."""
PAUSES: Final = (0.5, 1, 1, 2, 2, 4, 4, 8, 8, 15, 15)
"""Seconds between the tries: a minute in all."""

PLANS: Final = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
"""Every statement of the application looks rows up by an index. Planned while a table is small, and kept prepared, some
would read it from end to end for ever after; these settings leave them the one plan that is right at any size."""

IDLE_MILLISECONDS: Final = 60_000
"""How long a transaction may stay open with nothing asked: beyond, its client is lost, and it holds the order back."""

log = structlog.get_logger("constat.database")


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Database:
    """A server and a database. ``conninfo`` is libpq's; ``revive`` brings a server of our own back after a crash.

    ``readers``: the password by which each of ``READERS`` logs in by itself, empty where the server asks for none;
    ``None`` where the service's own user takes their roles, and could leave them.
    """

    conninfo: str
    role: str | None = None
    revive: Callable[[], None] = field(default=_nothing, compare=False)
    readers: str | None = field(default=None, repr=False)

    def connect(self, *, autocommit: bool = True) -> psycopg.Connection[Any]:
        """One connection, under the application's role once :func:`prepare` has run."""
        return psycopg.connect(self.application_conninfo, autocommit=autocommit)

    @property
    def application_conninfo(self) -> str:
        """The connection string under which the application works: its role and limits are set by the server."""
        options = f"-c idle_in_transaction_session_timeout={IDLE_MILLISECONDS} -c timezone=UTC {PLANS}"
        if self.role:
            options += f" -c role={self.role}"
        return make_conninfo(self.conninfo, options=options, application_name="constat")

    def acting_as(self, role: str) -> "Database":
        """The same database under another of its roles, where it has any."""
        if self.role and role in READERS and self.readers is not None:
            password = {"password": self.readers} if self.readers else {}
            return replace(self, conninfo=make_conninfo(self.conninfo, user=role, **password), role=None)
        return replace(self, role=role if self.role else None)

    @contextmanager
    def as_owner(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection as the user that was configured, for migrations and for tests of the guards."""
        with psycopg.connect(self.conninfo, autocommit=True) as conn:
            yield conn


def prepare(database: Database, *, origin: str, folder: Path = SQL_FOLDER) -> Database:
    """Check the server, bring its schema up to date, and return the database under the application's role.

    ``folder``: where the migrations are. Others may go on appending and reading meanwhile.

    :raises DatabaseUnfitError: commits would not be durable, the schema is newer than this program, or the readers
        are to log in by themselves and cannot.
    """
    with database.as_owner() as conn:
        _check_durable(conn)
        role = _ensure_roles(conn)
        _migrate(conn, folder, origin=origin, app=role)
        if role is not None and database.readers is not None:
            _let_in(conn, database.readers)
    prepared = replace(database, role=role)
    if role is not None and database.readers is not None:
        _check_let_in(prepared)
    return prepared


def _check_durable(conn: psycopg.Connection[Any]) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        row = conn.execute("SELECT current_setting(%s)", (setting,)).fetchone()
        if row is not None and row[0] == "off":
            msg = f"le réglage {setting} = off perdrait des faits acquittés lors d'une panne : remettez-le à on"
            raise DatabaseUnfitError(msg)
    version = conn.info.server_version
    if version < 150000:  # noqa: PLR2004 - the oldest version that the tests run on
        msg = f"PostgreSQL 15 ou plus récent est nécessaire (ce serveur : {version // 10000})"
        raise DatabaseUnfitError(msg)


def _ensure_roles(conn: psycopg.Connection[Any]) -> str | None:
    """Create the roles where we may; ``None`` when the server gives us one role only and no right to add others.

    :raises DatabaseUnfitError: some are there, others are missing, and we may not add them.
    """
    row = conn.execute("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user").fetchone()
    may_create = row is not None and any(row)
    known = {name for (name,) in conn.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", (list(ROLES),))}
    missing = [name for name in ROLES if name not in known]
    if missing and not may_create:
        if known:
            made = " ".join(f"CREATE ROLE {name} NOLOGIN; GRANT {name} TO {conn.info.user};" for name in missing)
            msg = (
                f"des rôles manquent sur le serveur ({', '.join(missing)}) : faites-les créer ({made}), et recommencez"
            )
            raise DatabaseUnfitError(msg)
        log.warning(
            "one_role_only", meaning="append-only is held by triggers, not by grants; no row is hidden from a page"
        )
        return None
    for name in ROLES:
        if name not in known:
            _create_role(conn, name)
    if may_create:
        _grant(conn)
    return APPLICATION


def _let_in(conn: psycopg.Connection[Any], password: str) -> None:
    """Give the readers a login of their own, where we may make roles; the server is told a digest of the password."""
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
        ours = conn.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user").fetchone()
        barred = "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND (NOT rolcanlogin OR %s)"
        for (name,) in conn.execute(barred, (list(READERS), bool(password))).fetchall() if ours == (True,) else ():
            secret = (
                conn.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256") if password else b""
            )
            known = SQL(" PASSWORD {}").format(Literal(secret.decode())) if secret else SQL("")
            conn.execute(SQL("ALTER ROLE {} LOGIN").format(Identifier(name)) + known)


def _check_let_in(database: Database) -> None:
    for name in READERS:
        try:
            database.acting_as(name).connect().close()
        except psycopg.OperationalError as error:
            made = f"ALTER ROLE {name} LOGIN PASSWORD '…'"
            msg = f"{name} ne peut pas se connecter au serveur : faites exécuter {made}, et recommencez"
            raise DatabaseUnfitError(msg) from error


def _create_role(conn: psycopg.Connection[Any], name: str) -> None:
    try:
        conn.execute(SQL("CREATE ROLE {} NOLOGIN").format(Identifier(name)))
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        log.info("role_created_meanwhile", role=name)


def _grant(conn: psycopg.Connection[Any]) -> None:
    """Grant what is missing, one process at a time: PostgreSQL refuses two that grant the same thing at once."""
    settable = "SET" if conn.info.server_version >= 160000 else "MEMBER"  # noqa: PLR2004 - the version that has it
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
        for name in ROLES:
            has = conn.execute(
                "SELECT pg_has_role(%(role)s, %(settable)s),"
                " has_database_privilege(%(role)s, current_database(), 'CREATE')"
                " AND has_database_privilege(%(role)s, current_database(), 'TEMPORARY')",
                {"role": name, "settable": settable},
            ).fetchone()
            settable_by_us, may_make = has or (False, False)
            role, database = Identifier(name), Identifier(conn.info.dbname)
            if not settable_by_us:
                conn.execute(SQL("GRANT {} TO CURRENT_USER").format(role))
            if not may_make and name not in READERS:
                conn.execute(SQL("GRANT CREATE, TEMPORARY ON DATABASE {} TO {}").format(database, role))


def _migrate(conn: psycopg.Connection[Any], folder: Path, *, origin: str, app: str | None) -> None:
    """Apply what is not applied yet, all of it or nothing; a reader in the way is waited for, never stopped."""
    for pause in PAUSES:
        try:
            _try_migrate(conn, folder, origin=origin, app=app)
        except psycopg.errors.LockNotAvailable:
            log.warning("migration_waits", meaning="a long transaction holds a table; appends go on")
            time.sleep(pause)
        else:
            return
    msg = "une transaction longue retient une table que la migration change : attendez qu'elle finisse, et recommencez"
    raise DatabaseUnfitError(msg)


def _try_migrate(conn: psycopg.Connection[Any], folder: Path, *, origin: str, app: str | None) -> None:
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
        conn.execute("SELECT set_config('lock_timeout', %s, true)", (LOCK_WAIT,))
        if app is not None:
            conn.execute(SQL("SET LOCAL ROLE {}").format(Identifier(OWNER)))
        conn.execute("SELECT set_config('client_min_messages', 'warning', true)")
        applied = _applied(conn, folder)
        for path in sorted(folder.glob("*.sql")):
            text = path.read_text(encoding="utf-8")
            digest = sha256(text.encode()).hexdigest()
            if path.name not in applied:
                conn.execute(_filled_in(conn, text, origin=origin, app=app).encode())
                conn.execute("INSERT INTO migration.applied (name, digest) VALUES (%s, %s)", (path.name, digest))
                log.info("migration_applied", name=path.name)
            elif applied[path.name] != digest:
                msg = f"la migration {path.name} a été modifiée après avoir été appliquée à ce registre"
                raise DatabaseUnfitError(msg)


def _filled_in(conn: psycopg.Connection[Any], text: str, *, origin: str, app: str | None) -> str:
    """A migration with the log's origin and the roles in place of their names; one role for all where there is one."""
    one = SQL("CURRENT_USER")
    named = {
        ":origin": Literal(origin),
        ":app": Identifier(app) if app else one,
        ":sealer": Identifier(SEALER) if app else one,
        ":keeper": Identifier(KEEPER) if app else one,
        ":reader": Identifier(READER) if app else one,
        ":lister": Identifier(LISTER) if app else one,
    }
    for placeholder, value in named.items():
        text = text.replace(placeholder, value.as_string(conn))
    return text


def _applied(conn: psycopg.Connection[Any], folder: Path) -> dict[str, str]:
    """Digest by name of the migrations already applied. The table is made on the first run."""
    if conn.execute("SELECT to_regclass('migration.applied')").fetchone() == (None,):
        conn.execute("CREATE SCHEMA migration")
        conn.execute(
            "CREATE TABLE migration.applied (name text PRIMARY KEY, digest text NOT NULL,"
            " applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
        )
        return {}
    applied = dict(conn.execute("SELECT name, digest FROM migration.applied").fetchall())
    unknown = applied.keys() - {path.name for path in folder.glob("*.sql")}
    if unknown:
        msg = f"ce registre est plus récent que ce programme (migrations inconnues : {', '.join(sorted(unknown))})"
        raise DatabaseUnfitError(msg)
    return applied

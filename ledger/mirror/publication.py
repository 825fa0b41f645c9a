"""The operator's side: what is published, and to whom.

A publication of inserts only, and a role that may read the published tables and follow them. Nothing that the operator
does afterwards to a row that was sent can reach a mirror: no DELETE, no UPDATE, no TRUNCATE, no DROP is ever published.
"""

import secrets
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.sql import SQL, Composable, Identifier, Literal

from ledger.errors import ConstatError, DatabaseUnfitError
from ledger.mirror.tables import BY_NAME, MIRRORED, SCHEMA

PUBLICATION: Final = "constat_mirror"
ROLE: Final = "constat_mirror"
COPIES_THE_SERVER: Final = """
WITH rule AS (
    SELECT line_number, type, address, auth_method FROM pg_hba_file_rules
    WHERE 'replication' = ANY(database) AND user_name && ARRAY['all', %(role)s]
)
SELECT line_number FROM rule WHERE auth_method <> 'reject' AND NOT EXISTS (
    SELECT FROM rule AS above WHERE above.line_number < rule.line_number AND above.auth_method = 'reject'
        AND (above.type = rule.type OR above.type = 'host' AND rule.type <> 'local')
        AND (above.type = 'local' OR above.address IN ('all', rule.address)))
ORDER BY 1
"""
OTHER_PLUGINS: Final = ("test_decoding", "wal2json", "decoderbufs", "pglogical_output")
"""Output plugins that give whatever is written, in any table, to whoever may follow one."""


FOLLOWER: Final = """
SELECT rolcanlogin AND rolreplication AND NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls)
    AND NOT EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid)
    AND NOT EXISTS (SELECT FROM pg_class WHERE relowner = r.oid)
FROM pg_roles AS r WHERE rolname = %s
"""
"""Whether a role may follow, and nothing else."""


class PublicationError(ConstatError):
    """La publication du miroir ne peut pas être faite."""


@dataclass(frozen=True, slots=True)
class Published:
    """What was made. ``password``: of a role that is new, or was asked a new one; ``warnings``: what else to close."""

    origin: str
    dbname: str
    role: str
    password: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What a publication does not give: tables that are missing, and tables of which only a part is sent."""

    missing: tuple[str, ...]
    partial: tuple[str, ...]


def publish(conn: psycopg.Connection[Any], *, role: str = ROLE, new_password: bool = False) -> Published:
    """Publish the ledger of ``conn`` (in autocommit, as its owner) to ``role``; again is harmless, and adds new tables.

    :raises PublicationError: there is no ledger in this database, or ``role`` is one that may do more than follow.
    :raises DatabaseUnfitError: the server does not keep what a subscriber needs (``wal_level``).
    :raises psycopg.errors.InsufficientPrivilege: this user may not make a role that follows.
    """
    if _value(conn, "SELECT to_regclass('ledger.log')") is None:
        msg = "cette base n'a pas de registre : publiez depuis celle de l'exploitant"
        raise PublicationError(msg)
    if _value(conn, "SHOW wal_level") != "logical":
        msg = "le réglage wal_level doit être « logical » pour qu'un miroir puisse suivre : changez-le et redémarrez"
        raise DatabaseUnfitError(msg)
    tables = SQL(", ").join(Identifier(SCHEMA, table.name) for table in MIRRORED)
    with conn.transaction():
        _publish_inserts(conn, tables)
        password = _ensure_role(conn, role, new_password=new_password)
        conn.execute(SQL("GRANT USAGE ON SCHEMA {} TO {}").format(Identifier(SCHEMA), Identifier(role)))
        conn.execute(SQL("GRANT SELECT ON {} TO {}").format(tables, Identifier(role)))
        conn.execute(SQL("GRANT CONNECT ON DATABASE {} TO {}").format(Identifier(conn.info.dbname), Identifier(role)))
    origin = str(_value(conn, "SELECT origin FROM ledger.log"))
    return Published(origin, conn.info.dbname, role, password, tuple(exposures(conn, role)))


def _publish_inserts(conn: psycopg.Connection[Any], tables: Composable) -> None:
    name = Identifier(PUBLICATION)
    if _value(conn, "SELECT 1 FROM pg_publication WHERE pubname = %s", PUBLICATION) is None:
        conn.execute(SQL("CREATE PUBLICATION {}").format(name))
    conn.execute(SQL("ALTER PUBLICATION {} SET TABLE {}").format(name, tables))
    conn.execute(SQL("ALTER PUBLICATION {} SET (publish = 'insert', publish_via_partition_root = true)").format(name))


def _ensure_role(conn: psycopg.Connection[Any], role: str, *, new_password: bool) -> str | None:
    follower = _value(conn, FOLLOWER, role)
    if follower is None:
        conn.execute(SQL("CREATE ROLE {} LOGIN REPLICATION CONNECTION LIMIT 8").format(Identifier(role)))
    elif not follower:
        msg = f"le rôle « {role} » existe, et ne fait pas que suivre (LOGIN, REPLICATION) : donnez-en un autre à --role"
        raise PublicationError(msg)
    elif not new_password:
        return None
    password = secrets.token_urlsafe(24)
    # Hashed here: a password in clear would stand in the server's log.
    hashed = conn.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    conn.execute(SQL("ALTER ROLE {} PASSWORD {}").format(Identifier(role), Literal(hashed)))
    return password


def exposures(conn: psycopg.Connection[Any], role: str) -> list[str]:
    """By what other ways a role that may follow would reach what is not published (in French), as far as can be seen.

    PostgreSQL's right to follow (``REPLICATION``) is not one to a publication: these close the rest.
    """
    found = []
    others = conn.execute(
        "SELECT DISTINCT pubname::text FROM pg_publication_tables WHERE schemaname = %s AND tablename <> ALL(%s)",
        (SCHEMA, list(BY_NAME)),
    ).fetchall()
    found += [f"la publication « {name} » envoie d'autres tables du registre : retirez-les-en" for (name,) in others]
    try:
        with conn.transaction():
            found += _exposures_of_the_server(conn, role)
    except psycopg.errors.InsufficientPrivilege:
        found.append("pg_hba.conf et les greffons de décodage n'ont pas pu être vérifiés : ce compte n'y a pas droit")
    if _value(conn, "SHOW max_slot_wal_keep_size") == "-1":
        found.append(
            "max_slot_wal_keep_size = -1 : un miroir arrêté remplirait le disque du serveur ; fixez une limite"
        )
    return found


def _exposures_of_the_server(conn: psycopg.Connection[Any], role: str) -> list[str]:
    lines = conn.execute(COPIES_THE_SERVER, {"role": role}).fetchall()
    found = [
        f"pg_hba.conf, ligne {number} : elle laisse {role} copier le serveur entier, clés comprises ; refusez-la-lui"
        for (number,) in lines
    ]
    plugins = conn.execute(
        "SELECT p FROM unnest(%s::text[]) AS p WHERE p || '.so' IN"
        " (SELECT pg_ls_dir(setting) FROM pg_config WHERE name = 'PKGLIBDIR')",
        (list(OTHER_PLUGINS),),
    ).fetchall()
    found += [
        f"le greffon {name} donne les écritures de toute table à qui peut suivre : retirez-le" for (name,) in plugins
    ]
    return found


def shortfall(conn: psycopg.Connection[Any]) -> Shortfall:
    """What the publication of the operator of ``conn`` no longer sends whole."""
    inserts = _value(conn, "SELECT pubinsert FROM pg_publication WHERE pubname = %s", PUBLICATION)
    rows = conn.execute(
        "SELECT t.tablename::text, t.rowfilter IS NOT NULL OR cardinality(t.attnames) < (SELECT count(*)"
        " FROM pg_attribute AS a WHERE a.attrelid = format('%%I.%%I', t.schemaname, t.tablename)::regclass"
        " AND a.attnum > 0 AND NOT a.attisdropped)"
        " FROM pg_publication_tables AS t WHERE t.pubname = %s AND t.schemaname = %s",
        (PUBLICATION, SCHEMA),
    ).fetchall()
    sent = dict(rows) if inserts else {}
    return Shortfall(
        missing=tuple(table.name for table in MIRRORED if table.name not in sent),
        partial=tuple(table.name for table in MIRRORED if sent.get(table.name)),
    )


def _value(conn: psycopg.Connection[Any], query: str, *values: str) -> object:
    row = conn.execute(query.encode(), values or None).fetchone()
    return row[0] if row else None

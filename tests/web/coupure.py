"""A database that is lost for a while: every connection ended, none let in; then it is there again, nobody restarted."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier


def perdre(server_conninfo: str, conninfo: str) -> None:
    """End the connections to the database that ``conninfo`` names, and let none in."""
    _ouvrir(server_conninfo, conninfo, ouverte=False)


def retrouver(server_conninfo: str, conninfo: str) -> None:
    """Let connections in again."""
    _ouvrir(server_conninfo, conninfo, ouverte=True)


@contextmanager
def coupee(server_conninfo: str, conninfo: str) -> Iterator[None]:
    """The database is lost for the time of the block."""
    perdre(server_conninfo, conninfo)
    try:
        yield
    finally:
        retrouver(server_conninfo, conninfo)


def _ouvrir(server_conninfo: str, conninfo: str, *, ouverte: bool) -> None:
    name = str(conninfo_to_dict(conninfo)["dbname"])
    with psycopg.connect(server_conninfo, autocommit=True) as conn:
        conn.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(Identifier(name), SQL(str(ouverte).lower())))
        if not ouverte:
            conn.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))

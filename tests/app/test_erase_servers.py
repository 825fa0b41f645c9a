"""Erasure among a million persons, and on a server that gives one role only."""

import time
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from app import erase as erasing
from app.embedded import EmbeddedServer
from app.erase import erase
from app.open import Opened
from commands.base import Refused
from ledger import erasure
from ledger.database import Database, prepare
from ledger.follower import live_schema
from ledger.kek import DeploymentKeys
from ledger.rotation import rotate
from ledger.store import Ledger
from projections.toutes import PROJECTIONS
from projections.vue import PersonView
from replay.verify import verify
from tests.app import effacements
from tests.app.effacements import (
    BY_RULE,
    GEL,
    NOW,
    fill,
    finished,
    subject_of,
)
from tests.faits import fait

lives, opened = effacements.lives, effacements.opened


@pytest.mark.slow
def test_one_among_a_million(unchecked_ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """Erasing one person among a million takes well under a second of database work, and reads no table from end to end."""
    ledger, opened = unchecked_ledger, fill(unchecked_ledger, keys, tmp_path)
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        conn.execute(
            "INSERT INTO ledger.person_key (blind_index, subject, kek_id, wrapped, reference)"
            " SELECT sha256(n::text::bytea), gen_random_uuid(), %s, sha256(n::text::bytea) || sha256('x'), sha256('y')"
            " FROM generate_series(1, 1000000) AS n",
            (opened.keys.current,),
        )
        conn.execute("ANALYZE ledger.person_key")
        conn.execute("SELECT pg_stat_reset()")
    order = erasing._order(opened, BY_RULE, NOW)  # noqa: SLF001 - what is not database work
    begun = time.perf_counter()
    erasure.destroy(ledger, order)
    spent = time.perf_counter() - begun
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        time.sleep(1.5)
        scans = conn.execute(
            "SELECT seq_scan FROM pg_stat_user_tables WHERE relname IN ('person_key', 'entry')"
        ).fetchall()
    assert spent < 1
    assert scans == [(0,), (0,)]


def test_views_are_found_by_their_columns(opened: Opened) -> None:
    """The tables that are purged are all those of the projections that hold a subject, and no other."""
    with opened.ledger.connection() as conn:
        found = conn.execute(erasure.VIEWS, {"name": "", "column": "subject"}).fetchall()
    schemas = {live_schema(view) for view in PROJECTIONS.values()}
    assert {schema for schema, _ in found} == schemas
    for view in PROJECTIONS.values():
        tables = {table for schema, table in found if schema == live_schema(view)}
        kept = {"gathered", "unsettled"} if isinstance(view, PersonView) else set()
        assert tables >= kept | {name for name, _ in view.tables}


def test_on_a_server_that_gives_one_role_only(own_server: EmbeddedServer, tmp_path: Path) -> None:
    """Where there is one role only, keys are rotated and a person erased all the same, and a hold still holds."""
    with psycopg.connect(own_server.conninfo("postgres"), autocommit=True) as conn:
        conn.execute("CREATE ROLE seule LOGIN")
        conn.execute("CREATE DATABASE seule OWNER seule")
    conninfo = make_conninfo(own_server.conninfo("seule"), user="seule")
    database = prepare(Database(conninfo), origin="essai.test/un")
    assert database.role is None
    path = tmp_path / "keys.json"
    DeploymentKeys.generate().save(path)
    with Ledger(database, DeploymentKeys.load(path)) as ledger:
        opened = fill(ledger, DeploymentKeys.load(path), tmp_path)
        ledger.append([fait(id="G-1", personne="fictif-4", objet=None, evenement=GEL)])
        keys = rotate(database, opened.keys).keys
        assert finished(Opened(ledger, keys, opened.documents)).documents == 3
        with pytest.raises(Refused, match="gel de conservation court"):
            erase(opened, BY_RULE._replace(person="fictif-4"), NOW)
        with ledger.connection() as conn, pytest.raises(psycopg.errors.RestrictViolation):
            conn.execute("DELETE FROM ledger.person_key WHERE subject = %s", (subject_of(ledger, "fictif-4"),))
        ledger.sequence()
        assert verify(ledger).intact

"""The guards that the database itself holds: triggers, grants and functions, as the migrations made them."""

from itertools import pairwise
from typing import Any, Final

import psycopg

from ledger.database import APPLICATION, SQL_FOLDER
from ledger.seal.guards import KIND, fingerprint
from replay.checks.own import own_leaves
from replay.checks.report import MAX_FINDINGS, Check, Report
from replay.checks.streams import at_text

GUARDED: Final = (
    "entry",
    "leaf",
    "sealing",
    "log",
    "person_key",
    "shared_subject",
    "tile",
    "checkpoint",
    "cosignature",
    "token",
    "hold",
    "erasure",
    "rewrapping",
    "kek_end",
    "receipt",
    "claimed_attempt",
)
FILLED_BY_THE_APPLICATION: Final = frozenset({"person_key", "shared_subject"})
BEFORE, DELETE, UPDATE, TRUNCATE = 2, 8, 16, 32  # bits of pg_trigger.tgtype
EACH_KEY: Final = 31  # before the insertion, update or deletion of each row


def verify_untouched(conn: psycopg.Connection[Any], origin: str, report: Report) -> None:
    """Check that the guards are those that the log itself last told of, and changed only as migrations were applied.

    A guard that was taken away and put back reads as before, and is told of all the same (``ledger.seal.guards``).
    """
    told = [(at, said.get("sha256")) for at, said in own_leaves(conn, origin, KIND)]
    if not told:
        report.not_possible[Check.GARDES] = "vérifiées telles qu'elles sont ; le journal n'en a encore rien dit"
        return
    migrations = [at for (at,) in conn.execute("SELECT applied_at FROM migration.applied ORDER BY applied_at")]
    for (before, _), (after, _) in pairwise(told):
        if not any(before < at <= after for at in migrations):
            where = f"entre {at_text(before)} et {at_text(after)}"
            report.add(Check.GARDES, where, "les gardes ont été touchées, sans qu'une migration l'explique")
    if fingerprint(conn) != told[-1][1] and not any(at > told[-1][0] for at in migrations):
        report.add(Check.GARDES, f"depuis {at_text(told[-1][0])}", "les gardes ont été touchées, même si remises")


def verify_guards(conn: psycopg.Connection[Any], report: Report) -> None:
    """Check that nobody but the functions of the migrations can write, and that nothing can be changed."""
    _verify_functions(conn, report)
    on = {
        name
        for (name,) in conn.execute(
            "SELECT c.relname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
            " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " CROSS JOIN LATERAL ("
            "SELECT %(acts)s - CASE c.relname WHEN 'person_key' THEN %(delete)s ELSE 0 END) AS a(acts)"
            " WHERE n.nspname = 'ledger' AND t.tgname = 'append_only' AND t.tgenabled = 'A' AND t.tgqual IS NULL"
            " AND t.tgfoid = to_regproc('ledger.refuse_change') AND t.tgtype & a.acts = a.acts",
            {"acts": BEFORE | DELETE | UPDATE | TRUNCATE, "delete": DELETE},
        )
    }
    for table in GUARDED:
        if table not in on:
            report.add(
                Check.GARDES, f"table {table}", "le déclencheur qui refuse toute modification manque ou est désactivé"
            )
    _verify_each_key(conn, report)
    if conn.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (APPLICATION,)).fetchone() is None:
        return
    for (table,) in conn.execute(
        "SELECT name FROM unnest(%(tables)s::text[]) WITH ORDINALITY AS t(name, number) WHERE"
        " has_any_column_privilege(%(role)s, 'ledger.' || name,"
        " CASE WHEN name = ANY(%(filled)s) THEN 'UPDATE' ELSE 'INSERT, UPDATE' END)"
        " OR has_table_privilege(%(role)s, 'ledger.' || name, 'DELETE, TRUNCATE') ORDER BY number",
        {"role": APPLICATION, "tables": list(GUARDED), "filled": list(FILLED_BY_THE_APPLICATION)},
    ):
        report.add(
            Check.GARDES, f"table {table}", "le rôle de l'application peut y écrire sans passer par ledger.append"
        )


def _verify_each_key(conn: psycopg.Connection[Any], report: Report) -> None:
    """Check that each key row is guarded: it leaves by an erasure only, and never while a hold stands."""
    row = conn.execute(
        "SELECT 1 FROM pg_trigger WHERE tgrelid = 'ledger.person_key'::regclass AND tgname = 'guard_key'"
        " AND tgenabled = 'A' AND tgqual IS NULL AND tgfoid = to_regproc('ledger.guard_key') AND tgtype = %s",
        (EACH_KEY,),
    ).fetchone()
    if row is None:
        report.add(Check.GARDES, "table person_key", "le déclencheur qui garde chaque clé manque ou est désactivé")
    back = conn.execute(
        "SELECT subject FROM ledger.erasure JOIN ledger.person_key USING (subject) LIMIT %s", (MAX_FINDINGS,)
    )
    for (subject,) in back:
        report.add(Check.GARDES, f"clé du sujet {subject.hex}", "elle a été détruite, et se trouve là de nouveau")


def _verify_functions(conn: psycopg.Connection[Any], report: Report) -> None:
    migrations = "".join(path.read_text(encoding="utf-8") for path in SQL_FOLDER.glob("*.sql"))
    for name, body in conn.execute(
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'ledger'::regnamespace AND prokind = 'f' ORDER BY 1"
    ):
        if body not in migrations:
            report.add(Check.GARDES, f"fonction {name}", "son texte n'est pas celui des migrations")

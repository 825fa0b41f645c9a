"""The guards that the database itself holds: triggers, grants, functions and policies, as the program made them."""

from itertools import pairwise
from typing import Any, Final

import psycopg

from ledger.database import APPLICATION, LISTER, OWNER, READER, READERS, SQL_FOLDER
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
_SUBJECT: Final = "(subject = ANY (( SELECT ledger.opened() AS opened)::uuid[]))"
_INCIDENT: Final = (
    "(subject IN ( SELECT s.subject FROM ledger.shared_subject s"
    " WHERE ((s.flux = 'incident'::text) AND (( SELECT ledger.opened() AS opened) IS NOT NULL))))"
)
_EVERYBODY: Final = "PERMISSIVE everybody ALL {public} true"
_OPENED: Final = f"PERMISSIVE opened ALL {{{READER}}} {_SUBJECT}"
POLICIES: Final = {
    "entry": {
        _EVERYBODY,
        f"RESTRICTIVE opened ALL {{{READER}}} ({_SUBJECT} OR (topic = 'constat/1/registre'::text) OR {_INCIDENT})",
    },
    "person_key": {_EVERYBODY, f"RESTRICTIVE opened ALL {{{LISTER},{READER}}} ({_SUBJECT} OR {_INCIDENT})"},
    "shared_subject": set(),  # which subjects are no person
    "stream_head": set(),  # random ids and hashes: what proves that a recensement leaves nobody out
    "gathered": {_OPENED},
}
"""What bounds the rows that the readers see of a table with subjects, as PostgreSQL writes it out."""
OF_A_PROJECTION: Final = {_OPENED, f"PERMISSIVE listed ALL {{{LISTER}}} true"}
SHOWN: Final = """
SELECT n.nspname, c.relname, c.relrowsecurity, array(
    SELECT concat_ws(' ', p.permissive, p.policyname, p.cmd, p.roles,
        regexp_replace(p.qual, '[[:space:]]+', ' ', 'g'), p.with_check)
    FROM pg_policies AS p WHERE p.schemaname = n.nspname AND p.tablename = c.relname)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'subject'
WHERE n.nspname !~ '^pg_' AND c.relkind IN ('r', 'v', 'm', 'p') AND EXISTS (
    SELECT FROM pg_roles AS r WHERE r.rolname = ANY(%s) AND has_column_privilege(r.oid, c.oid, a.attnum, 'SELECT'))
ORDER BY 1, 2
"""
"""The tables with subjects that a reader may read, and what bounds its rows."""
BEYOND: Final = """
SELECT rolname FROM pg_roles AS r WHERE rolname = ANY(%s) AND (
    rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication
    OR EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid))
"""
"""The readers that may read past the policies, or become who may."""
WRITABLE: Final = """
SELECT name, bool_or(rolname = %(app)s)
FROM unnest(%(tables)s::text[]) WITH ORDINALITY AS t(name, number), pg_roles
WHERE (rolname = %(app)s OR rolname = ANY(%(readers)s)) AND (
    has_any_column_privilege(oid, 'ledger.' || name,
        CASE WHEN rolname = %(app)s AND name = ANY(%(filled)s) THEN 'UPDATE' ELSE 'INSERT, UPDATE' END)
    OR has_table_privilege(oid, 'ledger.' || name, 'DELETE, TRUNCATE'))
GROUP BY name, number ORDER BY number
"""
"""Tables that a role may write which must not, and whether it is the application's."""
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
    _verify_reading(conn, report)
    for table, written in conn.execute(
        WRITABLE,
        {
            "app": APPLICATION,
            "readers": list(READERS),
            "tables": list(GUARDED),
            "filled": list(FILLED_BY_THE_APPLICATION),
        },
    ):
        said = "le rôle de l'application peut y écrire sans passer par ledger.append"
        report.add(Check.GARDES, f"table {table}", said if written else "un rôle qui ne fait que lire peut y écrire")


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


def _verify_reading(conn: psycopg.Connection[Any], report: Report) -> None:
    """Check that of persons the readers see the rows of those opened in their transaction (ADR 0012).

    Where one role does everything, no row is hidden from it.
    """
    owner = conn.execute(
        "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'ledger.entry'::regclass"
    ).fetchone()
    if owner != (OWNER,):
        return
    for (role,) in conn.execute(BEYOND, (list(READERS),)):
        report.add(Check.GARDES, f"rôle {role}", "il peut lire ou devenir plus que ce qui lui est ouvert")
    for schema, table, bounded, policies in conn.execute(SHOWN, (list(READERS),)):
        expected = POLICIES.get(table, OF_A_PROJECTION)
        if set(policies) != expected or bounded is not bool(expected):
            where = table if schema == "ledger" else f"{schema}.{table}"
            report.add(
                Check.GARDES, f"table {where}", "ce que les pages en lisent n'est pas borné aux personnes ouvertes"
            )


def _verify_functions(conn: psycopg.Connection[Any], report: Report) -> None:
    migrations = "".join(path.read_text(encoding="utf-8") for path in SQL_FOLDER.glob("*.sql"))
    for name, body in conn.execute(
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'ledger'::regnamespace AND prokind = 'f' ORDER BY 1"
    ):
        if body not in migrations:
            report.add(Check.GARDES, f"fonction {name}", "son texte n'est pas celui des migrations")

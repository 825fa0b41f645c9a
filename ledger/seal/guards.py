"""The guards of the database, as one digest: whoever takes a trigger off and puts it back leaves another one.

The catalogue's rows carry the transaction that wrote them: a trigger or a policy that was dropped and made again, or
switched off and on, reads the same and is another row. Of rights, those to write: who else may read, as the role that a
mirror follows with, changes nothing. The sealer puts each new digest into the log, so that the tree dates it.
"""

from hashlib import sha256
from typing import Any, Final

import psycopg

KIND: Final = "gardes"
GUARDS: Final = """
SELECT concat_ws(' ', kind, name, oid, written, text) FROM (
    SELECT 'trigger', c.relname || '.' || t.tgname, t.oid, t.xmin::text, t.tgenabled::text || t.tgtype::text
    FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'ledger'::regnamespace AND NOT t.tgisinternal
    UNION ALL
    SELECT 'function', p.proname, p.oid, p.xmin::text, encode(sha256(convert_to(coalesce(p.prosrc, ''), 'UTF8')), 'hex')
    FROM pg_proc AS p WHERE p.pronamespace = 'ledger'::regnamespace
    UNION ALL
    SELECT 'policy', c.relname || '.' || p.polname, p.oid, p.xmin::text, concat_ws(' ', p.polpermissive, p.polcmd,
        p.polroles, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
    FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid WHERE c.relnamespace = 'ledger'::regnamespace
    UNION ALL
    SELECT 'table', c.relname, c.oid, '', concat_ws(' ', c.relrowsecurity, c.relforcerowsecurity, (
        SELECT string_agg(concat_ws('=', a.grantee, a.privilege_type, a.is_grantable), ',' ORDER BY a)
        FROM aclexplode(c.relacl) AS a WHERE a.grantee <> c.relowner AND a.privilege_type <> 'SELECT'))
    FROM pg_class AS c WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind = 'r'
) AS g(kind, name, oid, written, text) ORDER BY kind COLLATE "C", name COLLATE "C", oid
"""


def fingerprint(conn: psycopg.Connection[Any]) -> str:
    """SHA-256, in hex, of a line for each trigger, function, policy and table of the ledger, as they stand."""
    digest = sha256()
    for (line,) in conn.execute(GUARDS.encode()):
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()

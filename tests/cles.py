"""Keys for tests: destroyed as the ledger destroys them, by its one function, or refused."""

from uuid import UUID

import psycopg

from ledger.store import Ledger


def detruire(ledger: Ledger, subject: UUID) -> None:
    """Destroy the key of ``subject``, as the configured user, with a digest and a receipt that say nothing."""
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        conn.execute(
            "SELECT ledger.destroy_key(%(subject)s, (SELECT count(*) FROM ledger.entry WHERE subject = %(subject)s),"
            " sha256('cle'), sha256('recu'))",
            {"subject": subject},
        )
    ledger.coffre.forget()

"""The persons' keys: each one opens in its own row, and says itself whether it is anybody's."""

from typing import Any, Final

import psycopg

from ledger.coffre import KEY_COLUMNS, Coffre
from replay.checks.report import Check, Report

FETCH: Final = 2_000


def verify_keys(conn: psycopg.Connection[Any], coffre: Coffre, report: Report) -> None:
    """Open every key where it stands."""
    with conn.cursor(name="keys", binary=True) as cursor:
        cursor.itersize = FETCH
        cursor.execute(
            f"SELECT (SELECT flux FROM ledger.shared_subject AS s WHERE s.subject = k.subject), {KEY_COLUMNS}"
            " FROM ledger.person_key AS k ORDER BY subject"
        )
        for flux, *row in cursor:
            key = coffre.opens(tuple(row))
            where = f"clé du sujet {row[1].hex()}"
            if key is None:
                report.add(Check.OUVERTURE, where, "elle ne s'ouvre pas à cette place : sa ligne a été modifiée")
            elif key.shared != flux:
                report.add(Check.OUVERTURE, where, "la table shared_subject ne dit pas ce qu'il est")

"""How often one may ask: a bucket that refills steadily, one a program or a network address, in one atomic statement.

What is kept of a bucket is the instant at which it will be full again (the « generic cell rate algorithm », the same
thing as a token bucket with one number instead of two). A refusal writes nothing, so asking more does not wait longer.

Where the accounts' server does not answer, nobody passes: the tokens, the passwords and the ledger are read from the
same server, so there is nothing that letting them through would give, and a bound that opens when it is pressed hard
enough is none.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address
from math import ceil
from typing import Any, Final, NamedTuple

from django.db import connection
from django.utils.crypto import salted_hmac

MINUTE: Final = timedelta(minutes=1)
RESEAU: Final = 64
"""Bits of an IPv6 address that one subscriber is given: the rest is theirs to change at each request."""

_PRENDRE: Final = """
WITH pris AS (
    INSERT INTO seau AS s (cle, plein_le) VALUES (%(cle)s, %(now)s + %(pas)s)
    ON CONFLICT (cle) DO UPDATE SET plein_le = greatest(s.plein_le, %(now)s) + %(pas)s
    WHERE greatest(s.plein_le, %(now)s) + %(pas)s <= %(now)s + %(minute)s
    RETURNING plein_le
)
SELECT plein_le, true FROM pris
UNION ALL SELECT plein_le, false FROM seau WHERE cle = %(cle)s AND NOT EXISTS (SELECT FROM pris)
"""


class Pris(NamedTuple):
    """What a bucket answered."""

    nom: str
    """Of what it counts: « jeton » or « adresse »."""
    accepte: bool
    limite: int
    """Requests a minute on average, and at most at once."""
    reste: int
    """Those that would still pass now."""
    plein: int
    """Seconds until it is full again."""
    attendre: int
    """Seconds until the next one passes; 0 where this one did."""

    @property
    def entetes(self) -> Mapping[str, str]:
        """The headers that programs read (draft-ietf-httpapi-ratelimit-headers, RFC 9110 section 10.2.3)."""
        told = {
            "RateLimit-Policy": f'"{self.nom}";q={self.limite};w={MINUTE.seconds}',
            "RateLimit": f'"{self.nom}";r={self.reste};t={self.plein}',
        }
        return told if self.accepte else {**told, "Retry-After": str(self.attendre)}


def prendre(nom: str, qui: str, limite: int, now: datetime) -> Pris:
    """Take one from the bucket of ``qui``, when it holds one.

    :raises django.db.OperationalError: the server does not answer: nobody passes.
    """
    cle, pas = bytes(salted_hmac(f"constat.debit.{nom}", qui, algorithm="sha256").digest()), MINUTE / limite
    with connection.cursor() as cursor:
        given: dict[str, Any] = {"cle": cle, "now": now, "pas": pas, "minute": MINUTE}
        cursor.execute(_PRENDRE, given)
        found = cursor.fetchone() or (now + MINUTE, False)  # made and emptied by others since this statement began
        if cle[0] == 0:  # one bucket in 256 sweeps those that are full, and so say nothing
            cursor.execute("DELETE FROM seau WHERE plein_le < %s", [now])
    plein_le, accepte = found
    missing = plein_le - now
    wait = 0 if accepte else max(1, ceil((missing + pas - MINUTE).total_seconds()))
    return Pris(nom, bool(accepte), limite, max(0, (MINUTE - missing) // pas), ceil(missing.total_seconds()), wait)


def reseau(adresse: str) -> str:
    """What an address is counted as: itself, or of IPv6 the network of its subscriber."""
    try:
        known = ip_address(adresse)
    except ValueError:
        return adresse
    return known.exploded[: RESEAU // 16 * 5] if known.version == 6 else adresse  # noqa: PLR2004 - the version of IP

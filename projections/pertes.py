"""Les jours perdus d'une personne, lus dans la table tenue à jour quand elle tient tout ce que le registre sait d'elle.

Replaying the duties of a long life takes a tenth of a second; the follower of :mod:`projections.interruptions` has done
it already. Where it is late, even by one fact of hers, nothing is answered here, and the caller reads her live.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from ledger.coffre import Id
from ledger.events.types import Flux
from projections.imputation.modeles import Attribution, Imputation, Statut

_LIRE: Final = """
WITH place AS (SELECT notification_id AS applied FROM {tracking}), hers AS (
    SELECT e.notification_id FROM ledger.entry AS e WHERE e.subject = %(subject)b AND e.originator_id <> %(apart)b
    UNION ALL
    SELECT e.notification_id FROM ledger.shared_subject AS s JOIN ledger.entry AS e ON e.subject = s.subject
    WHERE s.flux = %(shared)s
), tenue AS (
    SELECT EXISTS (SELECT FROM place) AND NOT EXISTS (
        SELECT FROM hers LEFT JOIN ledger.leaf USING (notification_id), place
        WHERE leaf.position IS NULL OR leaf.position > place.applied
    ) AND NOT EXISTS (SELECT FROM {unsettled} WHERE subject = %(subject)b) AS a_jour
)
SELECT tenue.a_jour, du, least(au, %(au)s), nature, imputation, statut
FROM tenue LEFT JOIN {perdu} ON a_jour AND subject = %(subject)b AND couche = 'preuve' AND du <= %(au)s ORDER BY du, au
"""
"""One row that says whether the table is up to date, with each run of lost days when it is."""


class Perte(msgspec.Struct, frozen=True, kw_only=True):
    """Des jours sans preuve qui se suivent, bornes incluses, et à qui ils tiennent."""

    du: date
    au: date
    nature: str
    imputation: Imputation
    statut: Statut

    @property
    def jours(self) -> int:
        """How many days."""
        return (self.au - self.du).days + 1


def pertes(attributions: Sequence[Attribution]) -> tuple[Perte, ...]:
    """The same, of evidence that was read live."""
    return tuple(
        Perte(du=each.du, au=each.au, nature=each.nature, imputation=each.imputation, statut=each.statut)
        for each in attributions
        if each.couche == "preuve"
    )


def lues(
    conn: psycopg.Connection[Any], schema: str, subject: bytes, au: date, *, apart: bytes
) -> tuple[Perte, ...] | None:
    """Her lost days up to ``au``, on or after the day of her last fact; ``None`` when the table is late, or not there.

    ``apart``: the stream of hers that no evidence reads: who looked.
    """
    given = {"subject": Id(subject), "apart": Id(apart), "shared": Flux.INCIDENT.value, "au": au}
    named = {name: Identifier(schema, name) for name in ("tracking", "unsettled", "perdu")}
    try:
        rows = conn.execute(SQL(_LIRE).format(**named), given, prepare=True).fetchall()
    except (
        psycopg.errors.UndefinedTable,
        psycopg.errors.InsufficientPrivilege,
    ):  # not made yet, or by an older program
        return None
    if not all(current for current, *_ in rows):
        return None
    return tuple(
        Perte(du=du, au=end, nature=nature, imputation=Imputation(whose), statut=Statut(sure))
        for _, du, end, nature, whose, sure in rows
        if du is not None
    )

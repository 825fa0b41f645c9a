"""Les recherches et les listes qui ont montré une personne (async), d'après la trace laissée par qui a cherché.

One row a person and search, filled from each search once and never drawn again; who looked is read from the ledger
itself. A person who was erased is in no row, even when the tables are filled anew.
"""

from hashlib import sha256
from typing import Any, ClassVar, Final

import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from ledger.coffre import Id
from ledger.events.acces import RechercheEffectuee
from ledger.follower import Batch
from ledger.store import Ledger

_NOM: Final = RechercheEffectuee.nom


class _Montres(msgspec.Struct):
    """What a row needs of the payload of a search."""

    sujets: list[str] = []


class Recherches:
    """Which searches showed whom."""

    name: ClassVar[str] = "recherches"
    tables: ClassVar[tuple[tuple[str, str], ...]] = (("montre", "subject uuid NOT NULL, recherche uuid NOT NULL"),)

    @property
    def shape(self) -> str:
        """A digest of the table and of what fills it."""
        return sha256(f"1 {_NOM} {self.tables}".encode()).hexdigest()[:16]

    def create(self, conn: psycopg.Connection[Any], schema: str) -> None:
        """Make the empty table."""
        for table, columns in self.tables:
            where = Identifier(schema, table)
            conn.execute(SQL("CREATE TABLE {} ({})").format(where, SQL(columns)))
            conn.execute(SQL("CREATE INDEX ON {} (subject)").format(where))

    def apply(self, conn: psycopg.Connection[Any], schema: str, batch: Batch) -> None:
        """Add whom the searches of ``batch`` showed; whose key is gone is left out."""
        shown = [
            (Id(bytes.fromhex(subject)), Id(row.event_id))
            for row, _, fait in batch.opened()
            if fait.nom == _NOM
            for subject in dict.fromkeys(msgspec.json.decode(fait.donnees, type=_Montres).sujets)
        ]
        if shown:
            conn.execute(
                SQL(
                    "INSERT INTO {} SELECT s.subject, s.recherche FROM unnest(%b::uuid[], %b::uuid[])"
                    " AS s (subject, recherche) JOIN ledger.person_key USING (subject)"
                ).format(Identifier(schema, "montre")),
                ([subject for subject, _ in shown], [search for _, search in shown]),
            )

    def settle(self, conn: psycopg.Connection[Any], schema: str, ledger: Ledger) -> int:  # noqa: ARG002 - nothing is left to draw
        """Nothing: a search is never corrected."""
        return 0


def montrant(conn: psycopg.Connection[Any], schema: str, sujet: bytes) -> list[Id]:
    """The searches that showed ``sujet``: the ids of their entries."""
    found = conn.execute(
        SQL("SELECT uuid_send(recherche) FROM {} WHERE subject = %b").format(Identifier(schema, "montre")),
        (Id(sujet),),
        binary=True,
    ).fetchall()
    return [Id(recherche) for (recherche,) in found]

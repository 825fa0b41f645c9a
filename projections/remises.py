"""Ce qui est sorti du registre (async), par empreinte : de quoi dire d'un fichier qu'il en vient, sans dire de qui.

One row an export, erased with the person's key like every other: a file of hers is then unknown here, and still proves
itself.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar, Final, NamedTuple

import psycopg
from psycopg.sql import SQL, Identifier

from ledger.days import paris_day
from ledger.entry import Entry
from ledger.events.acces import ExportProduit
from projections.vue import Cells, PersonView

MAX: Final = 20
"""Exports of one digest that are told: the same bytes may be handed over again."""


class Remise(NamedTuple):
    """Un export tel que chacun peut le lire : quel jour, de quelle nature, à quelle ligne du journal."""

    produit_le: date
    nature: str
    profil: str | None
    position: int | None


class Remises(PersonView):
    """Table ``remise``: one row an export of a person."""

    name: ClassVar[str] = "remises"
    pertinents: ClassVar[frozenset[str]] = frozenset({ExportProduit.nom})
    tables: ClassVar[tuple[tuple[str, str], ...]] = (
        ("remise", "sha256 text, produit_le date, nature text, profil text, place bigint"),
    )

    def create(self, conn: psycopg.Connection[Any], schema: str) -> None:
        """Make the empty tables; exports are looked for by their digest."""
        super().create(conn, schema)
        conn.execute(SQL("CREATE INDEX ON {} (sha256)").format(Identifier(schema, "remise")))

    def rows(self, entries: Sequence[Entry], shared: Any = None) -> Iterable[tuple[str, Cells]]:  # noqa: ARG002 - nobody's
        """The rows of one person."""
        for entry in entries:
            event = entry.fait.evenement
            if isinstance(event, ExportProduit) and event.sha256 is not None:
                day = paris_day(entry.fait.survenu.debut)
                yield "remise", (event.sha256, day, event.nature.value, event.profil, entry.position)


def remises(conn: psycopg.Connection[Any], schema: str, sha256: str) -> tuple[Remise, ...]:
    """The exports of this digest (64 lowercase hexadecimal digits), the oldest first; none when it is not known."""
    query = SQL("SELECT produit_le, nature, profil, place FROM {} WHERE sha256 = %s ORDER BY place LIMIT %s").format(
        Identifier(schema, "remise")
    )
    return tuple(Remise(*row) for row in conn.execute(query, (sha256, MAX)))

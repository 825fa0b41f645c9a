"""How many persons each cell of the statistics holds: what masking is decided on.

All the tables that add up to one whole are counted and masked together, whichever one is asked for: what one answer
hides, another one of the same period and préfecture does not give away.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from projections.masquage import TOTAL, TOUT, Case, masquer


class Par(StrEnum):
    """Selon quoi on ventile."""

    ENSEMBLE = "ensemble"
    PREFECTURE = "prefecture"
    TITRE = "titre"
    INCIDENT = "incident"
    """By malfunction: a dossier that met several counts in each, and in « aucun » when it met none."""
    MOIS = "mois"
    """The month in which a unit is counted, or into which lost days fall."""


ADDITIFS: Final = (Par.PREFECTURE, Par.TITRE, Par.MOIS)
"""By these, the cells add up to the whole; by malfunction, one dossier may count in several."""
MALFUNCTIONS: Final = "CROSS JOIN unnest(CASE codes WHEN '{}' THEN '{aucun}' ELSE codes END) AS malfunction"

_PEOPLE: Final = """count(DISTINCT subject),
       CASE WHEN count(DISTINCT subject) < %(minimum)s THEN array_agg(DISTINCT subject) END"""
PLACE: Final = "coalesce(prefecture, 'inconnue') AS prefecture, coalesce(titre, 'inconnu') AS titre"
_UNITES: Final = f"""
SELECT mesure, NULL AS imputation, prefecture, titre, mois, NULL, {_PEOPLE}
FROM (SELECT subject, mesure, {PLACE}, to_char(le, 'YYYY-MM') AS mois FROM {{table}}
      WHERE le BETWEEN %(du)s AND %(au)s AND (%(prefecture)s::text IS NULL OR prefecture = %(prefecture)s)) AS counted
GROUP BY GROUPING SETS ((mesure, prefecture), (mesure, titre), (mesure, mois), (mesure))
"""
_UNITES_INCIDENT: Final = f"""
SELECT mesure, NULL, NULL, NULL, NULL, malfunction, {_PEOPLE}
FROM {{table}} {MALFUNCTIONS.replace("{", "{{").replace("}", "}}")}
WHERE le BETWEEN %(du)s AND %(au)s AND (%(prefecture)s::text IS NULL OR prefecture = %(prefecture)s)
GROUP BY mesure, malfunction
"""
LOST: Final = """(SELECT *, greatest(du, %(du)s) AS first, least(au, %(au)s) AS last FROM {table}
      WHERE couche = 'preuve' AND imputation <> 'END_OF_RIGHT_BY_DECISION' AND du <= %(au)s AND au >= %(du)s
      AND (%(prefecture)s::text IS NULL OR prefecture = %(prefecture)s)) AS lost"""
_JOURS: Final = f"""
SELECT 'jours', imputation, prefecture, titre, NULL, NULL, {_PEOPLE}
FROM (SELECT subject, imputation, {PLACE} FROM {LOST}) AS counted
GROUP BY GROUPING SETS ((prefecture, imputation), (prefecture), (titre, imputation), (titre), (imputation), ())
"""
_JOURS_MOIS: Final = f"""
SELECT 'jours', imputation, NULL, NULL, to_char(month, 'YYYY-MM'), NULL, {_PEOPLE}
FROM {LOST} CROSS JOIN LATERAL
     generate_series(date_trunc('month', first), date_trunc('month', last), interval '1 month') AS month
GROUP BY GROUPING SETS ((month, imputation), (month))
"""
_JOURS_INCIDENT: Final = f"""
SELECT 'jours', imputation, NULL, NULL, NULL, malfunction, {_PEOPLE}
FROM {LOST} {MALFUNCTIONS.replace("{", "{{").replace("}", "}}")}
GROUP BY GROUPING SETS ((malfunction, imputation), (malfunction))
"""
_CLES: Final = (Par.PREFECTURE, Par.TITRE, Par.MOIS, Par.INCIDENT)
JOURS: Final = "jours"
"""How the lost days are named among what is counted."""


class Effectifs(NamedTuple):
    """The persons of each cell of the tables of one measure."""

    tables: dict[Par, dict[Case, int]]
    peu: dict[tuple[Par, Case], frozenset[Any]]
    """Who they are, by subject, where they are fewer than the minimum: only to count several cells together."""

    def masques(self, minimum: int) -> dict[Par, frozenset[Case]]:
        """The cells of each table that are not shown."""

        def ensemble(par: Par, cases: Sequence[Case]) -> int:
            few = [self.peu.get((par, case)) for case in cases]
            # One that is not small holds as many as the minimum by itself.
            return minimum if None in few else len(frozenset[Any]().union(*filter(None, few)))

        return masquer(self.tables, Par.ENSEMBLE, ADDITIFS, minimum, ensemble)


def effectifs(
    conn: psycopg.Connection[Any], schema: str, given: Mapping[str, Any], *, incident: bool
) -> dict[str, Effectifs]:
    """By measure, and for :data:`JOURS`, who is counted where. ``incident``: by malfunction too."""
    units, lost = Identifier(schema, "unite"), Identifier(schema, "perdu")
    asked = [(_UNITES, units), (_JOURS, lost), (_JOURS_MOIS, lost)]
    asked += [(_UNITES_INCIDENT, units), (_JOURS_INCIDENT, lost)] if incident else []
    found: dict[str, Effectifs] = {}
    for query, table in asked:
        _ranger(found, conn.execute(_compose(query, table), given).fetchall())
    return found


def _compose(query: str, table: Identifier) -> Composed:
    return SQL(query).format(table=table)


def _ranger(found: dict[str, Effectifs], rows: Iterable[tuple[Any, ...]]) -> None:
    for mesure, imputation, *keys, people, few in rows:
        if not people:
            continue  # the whole of nothing
        par, key = next(((par, key) for par, key in zip(_CLES, keys, strict=True) if key is not None), (None, TOUT))
        held = found.setdefault(mesure, Effectifs({Par.ENSEMBLE: {}}, {}))
        table, case = par or Par.ENSEMBLE, (key, imputation or TOTAL)
        held.tables.setdefault(table, {})[case] = people
        if few is not None:
            held.peu[table, case] = frozenset(few)

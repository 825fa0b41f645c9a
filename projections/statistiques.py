"""What the Défenseur des droits reads across dossiers: by préfecture, title, malfunction or month, nobody named.

One query a table, over the rows of :mod:`projections.interruptions`; no person is opened. Every figure is given with
its denominator. A cell of fewer persons than ``minimum`` is masked, and so are those that would give it away by any sum
that is published of the same period and préfecture (:mod:`projections.masquage`; loi organique n° 2011-333, art. 38).
Seen on the day ``au``: what came later is not counted.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
from psycopg.sql import SQL, Composable, Composed, Identifier

from projections.effectifs import ADDITIFS, JOURS, MALFUNCTIONS, Effectifs, Par, effectifs
from projections.imputation.mesures import MESURES
from projections.imputation.modeles import Imputation
from projections.masquage import TOTAL, TOUT, Case, regle

__all__ = ["ADDITIFS", "MINIMUM", "PLANCHER", "Par", "Statistiques", "statistiques"]

MINIMUM: Final = 10
"""How many persons a cell must hold to be shown, unless another number is asked; fewer than 5 is refused."""
PLANCHER: Final = 5


_CLES: Final[dict[Par, tuple[str, str]]] = {
    Par.ENSEMBLE: ("'ensemble'", ""),
    Par.PREFECTURE: ("coalesce(prefecture, 'inconnue')", ""),
    Par.TITRE: ("coalesce(titre, 'inconnu')", ""),
    Par.INCIDENT: (
        "malfunction",
        MALFUNCTIONS.replace("{", "{{").replace("}", "}}"),
    ),
}
_FILTRE: Final = """(%(prefecture)s::text IS NULL OR prefecture = %(prefecture)s)
      AND (%(titre)s::text IS NULL OR titre = %(titre)s)
      AND (%(incident)s::text IS NULL OR %(incident)s = ANY (CASE codes WHEN '{}' THEN '{aucun}' ELSE codes END))"""
_UNITES: Final = """
SELECT mesure, {key} AS cell, count(*) AS unites, count(DISTINCT subject) AS personnes, count(*) FILTER (WHERE oui),
       count(*) FILTER (WHERE fait_le <= %(vu)s),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY {delay}), percentile_disc(0.9) WITHIN GROUP (ORDER BY {delay})
FROM {table} {join}
WHERE le BETWEEN %(du)s AND %(au)s AND {filtre}
GROUP BY mesure, cell ORDER BY mesure, cell
"""
_DELAI: Final = "CASE WHEN fait_le <= %(vu)s THEN fait_le - le ELSE 2147483647 END"
"""What has not come by then is longer than any delay."""
_JOURS: Final = """
SELECT {key} AS cell, imputation, sum(days)::bigint, count(DISTINCT subject)
FROM (SELECT *, greatest(du, %(du)s) AS first, least(au, %(au)s) AS last FROM {table}
      WHERE couche = 'preuve' AND imputation <> 'END_OF_RIGHT_BY_DECISION' AND du <= %(au)s AND au >= %(du)s
      AND (%(rupture)s::text IS NULL OR imputation = %(rupture)s) AND {filtre}) AS lost {join}
CROSS JOIN LATERAL ({days}) AS counted
GROUP BY GROUPING SETS ((cell, imputation), (cell)) ORDER BY cell, imputation NULLS FIRST
"""
_TOUS_LES_JOURS: Final = "SELECT last - first + 1 AS days"
_PAR_MOIS: Final = """
SELECT to_char(month, 'YYYY-MM') AS mois,
       least(last, (month + interval '1 month')::date - 1) - greatest(first, month::date) + 1 AS days
FROM generate_series(date_trunc('month', first), date_trunc('month', last), interval '1 month') AS month
"""


_JAMAIS: Final = 2147483647


class Portee(NamedTuple):
    """What is counted, and seen from which day; ``None``: whatever it is."""

    du: date
    au: date
    prefecture: str | None = None
    titre: str | None = None
    incident: str | None = None
    rupture: str | None = None
    """An attribution of lost days; nothing else has one."""
    vu: date | None = None
    """The last day that is seen, where it is not the last one counted."""

    def donnees(self) -> dict[str, Any]:
        """As queries take it."""
        return {**self._asdict(), "vu": self.vu or self.au}


class Cellule(msgspec.Struct, frozen=True, kw_only=True):
    """Ce qu'une mesure compte dans une case."""

    cle: str
    masquee: bool
    """Fewer persons than the minimum: no figure is given. The figures below are then ``None``."""
    unites: int | None = None
    """The denominator."""
    personnes: int | None = None
    oui: int | None = None
    """The numerator: of how many units the question is true."""
    part: float | None = None
    """``oui`` over ``unites``."""
    faits: int | None = None
    """How many units had come to their end on the day of observation."""
    mediane: int | None = None
    """Days; over all units, those that have not come yet being longer than any: ``None`` when it is one of these."""
    p90: int | None = None


class Tableau(msgspec.Struct, frozen=True, kw_only=True):
    """Une mesure, case par case."""

    mesure: str
    unite: str
    """What is counted, in French: the denominator."""
    question: str
    delai: str | None
    articles: tuple[str, ...]
    cellules: tuple[Cellule, ...]


class JoursPerdus(msgspec.Struct, frozen=True, kw_only=True):
    """Les jours sans preuve d'une case, selon ce à quoi ils tiennent ; les fins de droit par décision n'en sont pas."""

    cle: str
    masquee: bool
    personnes: int | None = None
    total: int | None = None
    jours: dict[str, int | None] | None = None
    """By attribution; ``None`` where few persons are meant, or where the total would give these away."""
    indeterminee: float | None = None
    """The share of undetermined days: it measures the quality of the record itself."""


class Statistiques(msgspec.Struct, frozen=True, kw_only=True):
    """Les statistiques d'une période, vues le dernier de ses jours."""

    du: date
    au: date
    par: Par
    prefecture: str | None
    minimum: int
    tableaux: tuple[Tableau, ...]
    jours_perdus: tuple[JoursPerdus, ...]
    masquage: str
    """What masking did, in French."""


def statistiques(
    conn: psycopg.Connection[Any],
    schema: str,
    *,
    du: date,
    au: date,
    par: Par = Par.ENSEMBLE,
    prefecture: str | None = None,
    minimum: int = MINIMUM,
    people: Mapping[str, Effectifs] | None = None,
) -> Statistiques:
    """What the rows of ``schema`` add up to from ``du`` to ``au``, both included, seen on ``au``.

    ``people``: who is counted where (:func:`projections.effectifs.effectifs`), when that is known already.

    :raises ValueError: ``minimum`` is below what keeps a person from being recognised.
    """
    if minimum < PLANCHER:
        msg = f"une case de moins de {PLANCHER} personnes peut en désigner une"
        raise ValueError(msg)
    if people is None:
        given = {"du": du, "au": au, "prefecture": prefecture, "minimum": minimum}
        people = effectifs(conn, schema, given, incident=par is Par.INCIDENT)
    hidden = {mesure: _masques(each, par, minimum) for mesure, each in people.items()}
    return compter(
        conn,
        schema,
        Portee(du, au, prefecture),
        par,
        minimum,
        lambda mesure, case: case in hidden.get(mesure, ()),
        regle(minimum),
    )


Masque = Callable[[str, Case], bool]
"""Whether a cell of a measure, or of :data:`JOURS`, is not shown."""


def compter(
    conn: psycopg.Connection[Any], schema: str, portee: Portee, par: Par, minimum: int, masque: Masque, masquage: str
) -> Statistiques:
    """What the rows of ``schema`` add up to, without what ``masque`` hides; ``masquage`` says how, in French."""
    given = portee.donnees()
    units = conn.execute(_unites(schema, par), given).fetchall()
    days = conn.execute(_jours(schema, par), given).fetchall()
    return Statistiques(
        du=portee.du,
        au=portee.au,
        par=par,
        prefecture=portee.prefecture,
        minimum=minimum,
        tableaux=tuple(_tableaux(units, masque)),
        jours_perdus=tuple(_jours_perdus(days, masque)),
        masquage=masquage,
    )


def _masques(people: Effectifs, par: Par, minimum: int) -> frozenset[Case]:
    """The cells of the table ``par`` that are not shown, under the keys that its rows have."""
    found = people.masques(minimum).get(par, frozenset())
    return frozenset((Par.ENSEMBLE.value if key == TOUT else key, answer) for key, answer in found)


def _unites(schema: str, par: Par) -> Composed:
    key, join = ("to_char(le, 'YYYY-MM')", "") if par is Par.MOIS else _CLES[par]
    return _compose(_UNITES, Identifier(schema, "unite"), key, join, delay=SQL(_DELAI))


def _jours(schema: str, par: Par) -> Composed:
    key, join = ("mois", "") if par is Par.MOIS else _CLES[par]
    days = SQL(_PAR_MOIS if par is Par.MOIS else _TOUS_LES_JOURS)
    return _compose(_JOURS, Identifier(schema, "perdu"), key, join, days=days)


def _compose(query: str, table: Identifier, key: str, join: str, **parts: Composable) -> Composed:
    return SQL(query).format(table=table, key=SQL(key), join=SQL(join).format(), filtre=SQL(_FILTRE), **parts)


def _tableaux(rows: Sequence[tuple[Any, ...]], masque: Masque) -> Iterator[Tableau]:
    for mesure in MESURES:
        mine = [row[1:] for row in rows if row[0] == mesure.code]
        yield Tableau(
            mesure=mesure.code,
            unite=mesure.unite,
            question=mesure.question,
            delai=mesure.delai,
            articles=tuple(each.citation for each in mesure.sources),
            cellules=tuple(
                _cellule(row, timed=mesure.delai is not None, hidden=masque(mesure.code, (row[0], TOTAL)))
                for row in mine
            ),
        )


def _cellule(row: tuple[Any, ...], *, timed: bool, hidden: bool) -> Cellule:
    key, units, persons, yes, done, median, p90 = row
    if hidden:
        return Cellule(cle=key, masquee=True)
    return Cellule(
        cle=key,
        masquee=False,
        unites=units,
        personnes=persons,
        oui=yes,
        part=round(yes / units, 4),
        faits=done if timed else None,
        mediane=_atteint(median) if timed else None,
        p90=_atteint(p90) if timed else None,
    )


def _atteint(days: int | None) -> int | None:
    return None if days == _JAMAIS else days


def _jours_perdus(rows: Sequence[tuple[Any, ...]], masque: Masque) -> Iterator[JoursPerdus]:
    totals = {key: (days, people) for key, answer, days, people in rows if answer is None}
    parts = {(key, answer): days for key, answer, days, _ in rows if answer is not None}
    for key, (total, people) in totals.items():
        if masque(JOURS, (key, TOTAL)):
            yield JoursPerdus(cle=key, masquee=True)
            continue
        unknown, known = (key, Imputation.UNDETERMINED.value), {each for each in parts if each[0] == key}
        yield JoursPerdus(
            cle=key,
            masquee=False,
            personnes=people,
            total=total,
            jours={each[1]: None if masque(JOURS, each) else parts[each] for each in sorted(known)},
            indeterminee=None if masque(JOURS, unknown) else round(parts.get(unknown, 0) / total, 4),
        )

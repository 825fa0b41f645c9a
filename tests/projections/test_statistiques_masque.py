"""Masking of the figures that are asked for one table at a time: all answers of one period are held against each other."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.sql import SQL, Identifier

from ledger.store import Ledger
from projections.effectifs import ADDITIFS, Par
from projections.imputation.modeles import Imputation
from projections.interruptions import Interruptions
from projections.masquage import TOTAL
from projections.statistiques import Statistiques, statistiques
from tests.matrices import Echelon

DU, AU, MINIMUM = date(2025, 1, 1), date(2025, 6, 30), 5
PARS = (Par.ENSEMBLE, *ADDITIFS)
ANSWERS = (Imputation.ADMINISTRATION, Imputation.APPLICANT, Imputation.SHARED, Imputation.UNDETERMINED)
LOSS = st.tuples(
    st.integers(1, 40),
    st.sampled_from(("nord", "rhone", "creuse", None)),
    st.sampled_from(("cst", "csp", None)),
    st.sampled_from(ANSWERS),
    st.integers(0, 170),
    st.integers(0, 20),
)
Loss = tuple[int, str | None, str | None, Imputation, int, int]
Cell = tuple[Par, str, str]


@contextmanager
def tables(ledger: Ledger, losses: list[Loss]) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """The tables of the projection, holding these losses and a unit for each, for the time of the block."""
    view, schema = Interruptions(), "vue_essai"
    with ledger.connection() as conn, conn.transaction(force_rollback=True):
        conn.execute("CREATE SCHEMA vue_essai")
        view.create(conn, schema)
        for person, where, title, answer, start, length in losses:
            day = DU + timedelta(days=start)
            row = (UUID(int=person), day, day + timedelta(days=length), answer.value, where, title)
            conn.execute(
                SQL(
                    "INSERT INTO {} (subject, du, au, couche, imputation, codes, prefecture, titre)"
                    " VALUES (%s, %s, %s, 'preuve', %s, '{{}}', %s, %s)"
                ).format(Identifier(schema, "perdu")),
                row,
            )
            conn.execute(
                SQL(
                    "INSERT INTO {} (subject, mesure, le, oui, codes, prefecture, titre)"
                    " VALUES (%s, 'complement', %s, true, '{{}}', %s, %s)"
                ).format(Identifier(schema, "unite")),
                (UUID(int=person), day, where, title),
            )
        yield conn, schema


def people(losses: list[Loss]) -> dict[Cell, int]:
    """How many persons each cell of lost days holds, counted here one loss after the other."""
    found: dict[Cell, set[int]] = defaultdict(set)
    for person, where, title, answer, start, length in losses:
        months = {f"{DU + timedelta(days=start + each):%Y-%m}" for each in range(length + 1) if start + each <= 180}
        keys = {Par.ENSEMBLE: {"ensemble"}, Par.PREFECTURE: {where or "inconnue"}, Par.TITRE: {title or "inconnu"}}
        for par, cells in (keys | {Par.MOIS: months}).items():
            for key in cells:
                found[par, key, answer.value].add(person)
                found[par, key, TOTAL].add(person)
    return {cell: len(persons) for cell, persons in found.items()}


def shown(told: dict[Par, Statistiques]) -> dict[Cell, int | None]:
    """Every cell of lost days that is told, and its figure; ``None`` where it is masked."""
    return {
        (par, each.cle, answer): days
        for par, found in told.items()
        for each in found.jours_perdus
        for answer, days in {TOTAL: each.total, **(each.jours or {})}.items()
    }


def sums(cells: set[Cell]) -> list[tuple[Cell, list[Cell]]]:
    """What adds up to what: the answers of a cell to its total, and the cells of each table to those of the whole."""
    found: list[tuple[Cell, list[Cell]]] = []
    for par, key in {(par, key) for par, key, _ in cells}:
        found.append(((par, key, TOTAL), [c for c in cells if c[:2] == (par, key) and c[2] != TOTAL]))
    for par in ADDITIFS:
        for answer in {answer for *_, answer in cells}:
            mine = [c for c in cells if c[0] is par and c[2] == answer]
            found.append(((Par.ENSEMBLE, "ensemble", answer), mine))
    return [(total, parts) for total, parts in found if parts]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LOSS, min_size=5, max_size=60))
def test_no_masked_figure_follows_from_all_that_is_told(ledger: Ledger, losses: list[Loss]) -> None:
    """Asking table after table of one period, no masked number of days has one value only, and no small one is told."""
    with tables(ledger, losses) as (conn, schema):
        told = {par: statistiques(conn, schema, du=DU, au=AU, par=par, minimum=MINIMUM) for par in PARS}
    counted = people(losses)
    figures = dict.fromkeys(counted) | shown(told)
    assert figures.keys() == counted.keys()
    hidden = {cell for cell, days in figures.items() if days is None}
    assert {cell for cell, persons in counted.items() if persons < MINIMUM} <= hidden
    unknown = sorted(hidden)
    lines = sums(set(counted))
    for total, parts in lines:
        if all(figures[each] is not None for each in (total, *parts)):
            assert figures[total] == sum(figures[each] or 0 for each in parts)
    known = Echelon()
    for total, parts in lines:
        told_sum = {unknown.index(each): 1 for each in parts if each in hidden}
        known.add(told_sum | ({unknown.index(total): -1} if total in hidden else {}))
    for at, cell in enumerate(unknown):
        assert not known.determines({at: 1}) or counted[cell] >= MINIMUM, cell


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LOSS, max_size=40))
def test_a_masked_unit_is_never_the_rest_of_a_total(ledger: Ledger, losses: list[Loss]) -> None:
    """Of each measure, the masked cells of a table are none, or two at least, or the whole is masked too."""
    with tables(ledger, losses) as (conn, schema):
        told = {par: statistiques(conn, schema, du=DU, au=AU, par=par, minimum=MINIMUM) for par in Par}
    counted = {par: next(t for t in found.tableaux if t.mesure == "complement") for par, found in told.items()}
    whole = counted[Par.ENSEMBLE].cellules
    for par in ADDITIFS:
        hidden = [cell for cell in counted[par].cellules if cell.masquee]
        assert len(hidden) != 1 or whole[0].masquee
        if not hidden and whole and not whole[0].masquee:
            assert sum(cell.unites or 0 for cell in counted[par].cellules) == whole[0].unites == len(losses)

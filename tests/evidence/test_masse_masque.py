"""What is generalised and what is masked: enough, whatever the population, and no more than the rule asks."""

from collections.abc import Iterable, Mapping
from itertools import product

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.masse_colonnes import TABLES
from evidence.masse_masque import Masqueur
from projections.masquage import TOTAL, TOUT, Case, Ligne, determinees, lignes, supprimer
from tests.matrices import Echelon

ANSWERS = ("ADMINISTRATION", "APPLICANT", "SHARED", "UNDETERMINED")
TITLES = ("cst", "csp", "aps", "autre")
WHERE = ("nord", "rhone", "creuse")


def tables(people: Iterable[tuple[str | None, tuple[str, ...]]]) -> duckdb.DuckDBPyConnection:
    """Raw tables in which person number ``n`` has these préfecture and titles, told by facts of two types."""
    db = duckdb.connect()
    for table, columns in TABLES.items():
        db.execute(f"CREATE TABLE brut_{table} ({', '.join(f'{each.nom} {each.sorte.sql}' for each in columns)})")
    rows = [
        f"('p{number}', 'demande_deposee', 'f{number}{title}', DATE '2025-01-02', {repr(where) if where else 'NULL'}, '{title}')"
        for number, (where, titles) in enumerate(people)
        for title in titles
    ]
    if rows:
        columns = "personne, type, fait, survenu_pas_avant, prefecture, titre_demande"
        db.execute(f"INSERT INTO brut_faits ({columns}) VALUES {', '.join(rows)}")
    return db


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(
            st.sampled_from((None, *WHERE)), st.lists(st.sampled_from(TITLES), max_size=3, unique=True).map(tuple)
        ),
        max_size=60,
    ),
    st.integers(2, 12),
)
def test_every_cell_that_leaves_holds_enough_persons(
    people: list[tuple[str | None, tuple[str, ...]]], minimum: int
) -> None:
    """At least the minimum in each couple of préfecture and title, or one préfecture and title for all that are told."""
    with tables(people) as db:
        masqueur = Masqueur(db, minimum, mois=False)
        masques = masqueur.generaliser()
        for table in TABLES:
            db.execute(f"CREATE TABLE {table} AS {masqueur.select(table)}")
        found = masqueur.verifier()
        told = db.execute(
            "SELECT prefecture, titre_demande, count(DISTINCT personne) FROM faits"
            " WHERE prefecture IS NOT NULL AND titre_demande IS NOT NULL GROUP BY ALL"
        ).fetchall()
    assert all(n >= minimum for *_, n in told) or {cell[:2] for cell in told} == {("autre", "autre")}
    counts: dict[tuple[str | None, str], int] = {}
    wheres: dict[str | None, int] = {}
    everywhere: dict[str, int] = {}
    for where, titles in people:
        if titles:
            wheres[where] = wheres.get(where, 0) + 1
        for title in titles:
            counts[where, title] = counts.get((where, title), 0) + 1
            everywhere[title] = everywhere.get(title, 0) + 1
    enough = [n >= minimum for each in (counts, wheres, everywhere) for key, n in each.items() if key is not None]
    if all(enough):
        assert (masques.prefectures, masques.titres) == (0, 0)
    assert found.personnes == sum(1 for _, titles in people if titles)


def solved(lines: list[Ligne[Case]], hidden: frozenset[Case]) -> set[Case]:
    """The hidden cells that a reader works out from all that is published."""
    unknown = sorted(hidden)
    known = Echelon()
    for line in lines:
        if line.total is not None:
            known.add({at: -1 if cell == line.total else 1 for at, cell in enumerate(unknown) if cell in line.toutes})
    return {cell for at, cell in enumerate(unknown) if known.determines({at: 1})}


def whole_of(cells: Mapping[Case, int]) -> dict[Case, int]:
    """The totals of a table: by attribution, and in all (each person in one cell of the table)."""
    found: dict[Case, int] = {}
    for (_, answer), people in cells.items():
        found[TOUT, answer] = found.get((TOUT, answer), 0) + people
    return found


@st.composite
def two_ways(draw: st.DrawFn) -> dict[Case, int]:
    """A table by préfecture and attribution, with the totals of each préfecture."""
    keys = [f"k{number}" for number in range(draw(st.integers(1, 6)))]
    cells = {
        case: people for case in product(keys, ANSWERS) if (people := draw(st.integers(0, 25) | st.integers(0, 6))) > 0
    }
    totals: dict[Case, int] = {}
    for (key, _), people in cells.items():
        totals[key, TOTAL] = totals.get((key, TOTAL), 0) + people
    return cells | totals


@settings(max_examples=200)
@given(two_ways(), st.integers(5, 12))
def test_no_masked_cell_can_be_worked_out(table: dict[Case, int], minimum: int) -> None:
    """By elimination over all published sums, rows, columns and the whole, no masked cell has one value only."""
    whole = whole_of(table)
    both = table | whole
    lines = lignes(table, whole, seule=False)

    def together(cells: Iterable[Case]) -> int:
        return sum(both[cell] for cell in cells)

    hidden = supprimer(both, lines, minimum, together)
    assert {cell for cell, people in both.items() if people < minimum} <= hidden
    assert solved(lines, hidden) == set() == determinees(lines, hidden)
    for line in lines:
        mine = [cell for cell in line.cellules if cell in hidden]
        if mine and line.total is not None and line.total not in hidden:
            assert together(mine) >= minimum
            assert len(mine) > 1


def test_a_cell_that_only_a_row_and_a_column_give_away_together_is_found() -> None:
    """Two pairs of masked cells joined by one: each line has two, and yet that one is determined."""
    cells = [("a", "w"), ("a", "x"), ("b", "w"), ("b", "x"), ("b", "y"), ("c", "y"), ("c", "z"), ("d", "y"), ("d", "z")]
    by_row = [Ligne(tuple(c for c in cells if c[0] == row), (row, TOTAL)) for row in "abcd"]
    by_column = [Ligne(tuple(c for c in cells if c[1] == column), (TOUT, column)) for column in "wxyz"]
    lines = [*by_row, *by_column]
    assert determinees(lines, cells) == {("b", "y")} == solved(lines, frozenset(cells))


def test_a_table_of_large_cells_is_shown_whole() -> None:
    """Nothing is masked without need."""
    table = {("a", TOTAL): 20, ("b", TOTAL): 30}
    whole = {(TOUT, TOTAL): 50}
    assert supprimer(table | whole, lignes(table, whole, seule=False), 10, lambda _: 0) == frozenset()


def test_two_small_cells_of_the_same_persons_are_not_enough() -> None:
    """Hidden together they would still tell of three persons: a third cell joins them."""
    table = {("2025-01", TOTAL): 3, ("2025-02", TOTAL): 3, ("2025-03", TOTAL): 12, ("2025-04", TOTAL): 40}
    whole = {(TOUT, TOTAL): 43}
    hidden = supprimer(
        table | whole,
        lignes(table, whole, seule=False),
        5,
        lambda cells: 3 if set(cells) <= {("2025-01", TOTAL), ("2025-02", TOTAL)} else 15,
    )
    assert hidden == {("2025-01", TOTAL), ("2025-02", TOTAL), ("2025-03", TOTAL)}

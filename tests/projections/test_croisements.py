"""Filtered figures: who asks every filter and subtracts what is given never comes upon a few persons."""

from collections.abc import Iterator
from itertools import combinations, product

from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from projections.croisements import Atome, Cellule, Croisement, croiser
from tests.matrices import Echelon

MINIMUM = 5
PLACES, TITLES, MONTHS = ("nord", "rhone", "creuse"), ("cst", "csp", "cr"), ("01", "02", "03")
CODES = ((), ("B07",), ("B02",), ("B02", "B07"))
Units = list[tuple[int, tuple[tuple[str, ...], ...]]]


def units(most: int) -> st.SearchStrategy[Units]:
    """Units of a few persons; most have the same values, so that small groups stand beside large ones."""
    usual = st.tuples(
        st.sampled_from((*PLACES, *PLACES[:1] * 4)).map(lambda each: (each,)),
        st.sampled_from((*TITLES, *TITLES[:1] * 4)).map(lambda each: (each,)),
        st.sampled_from((*CODES, *CODES[:1] * 4)).map(lambda each: each or ("aucun",)),
        st.sampled_from(MONTHS).map(lambda each: (each,)),
    )
    return st.lists(st.tuples(st.integers(1, 60), usual), min_size=most // 3, max_size=most)


@st.composite
def tables(draw: st.DrawFn) -> Units:
    """Units counted cell by cell, each of a person of its own: just enough, just too few, and none, side by side."""
    some = [draw(st.integers(1, 3)) for _ in range(3)]
    found: Units = []
    for where, title, month in product(PLACES[: some[0]], TITLES[: some[1]], MONTHS[: some[2]]):
        for _ in range(draw(st.sampled_from((0, 1, 3, 5, 5, 6, 12, 12)))):
            found.append((len(found), ((where,), (title,), ("aucun",), (month,))))
    return found


POPULATIONS = units(150) | tables()


def crossed(units: Units) -> Croisement:
    """What is given of these."""
    atoms: dict[tuple[tuple[str, ...], ...], set[int]] = {}
    for person, values in units:
        atoms.setdefault(values, set()).add(person)
    return croiser([Atome(v, frozenset(who), len(who)) for v, who in atoms.items()], 4, MINIMUM)


def holds(cell: Cellule, values: tuple[tuple[str, ...], ...]) -> bool:
    """Whether what has these values is in the cell."""
    return all(each is None or each in mine for each, mine in zip(cell, values, strict=True))


def everything(found: Croisement) -> Iterator[Cellule]:
    """Every cell that may be asked for."""
    yield from product(*((None, *known) for known in found.valeurs))


def opened(cell: Cellule, axes: tuple[int, ...]) -> Cellule:
    """The cell with these axes left open."""
    return tuple(None if axis in axes else value for axis, value in enumerate(cell))


def finer(cell: Cellule, whole: Cellule) -> bool:
    """Whether the cell is inside the other one whatever the units are."""
    return all(kept in {None, each} for each, kept in zip(cell, whole, strict=True))


def pairs(cells: list[Cellule]) -> Iterator[tuple[Cellule, Cellule]]:
    """Those that have nothing in common, as far as who asks can know; malfunctions may, and are tried too."""
    for one, other in combinations(cells, 2):
        if any(None not in {a, b} and a != b for a, b in zip(one, other, strict=True)):
            yield one, other


def few(people: set[int]) -> bool:
    """Whether these are somebody, and not enough."""
    return 0 < len(people) < MINIMUM


@settings(max_examples=150, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(POPULATIONS)
def test_no_difference_of_two_figures_is_about_a_few_persons(units: Units) -> None:
    """Of every two cells that are given, one inside the other, and of each given cell less two apart inside it."""
    found = crossed(units)
    inside = {
        cell: frozenset(at for at, (_, values) in enumerate(units) if holds(cell, values))
        for cell in everything(found)
        if found.donne(cell)
    }
    event(f"given: {min(len(inside) // 20, 5) * 20}+")
    for part, held in inside.items():
        assert not few({units[at][0] for at in held}), part
    for whole, held in inside.items():
        within = [cell for cell in inside if cell != whole and finer(cell, whole)]
        for apart in [*((each,) for each in within), *pairs(within)]:
            left = held.difference(*(inside[each] for each in apart))
            assert not few({units[at][0] for at in left}), (whole, apart)
    for cell in inside:
        for one, other in combinations([axis for axis, value in enumerate(cell) if value is not None], 2):
            whole, row, column = (opened(cell, axes) for axes in ((one, other), (one,), (other,)))
            left = inside[whole] - inside[row] - inside[column]
            assert not few({units[at][0] for at in left}), ("neither", cell, one, other)


@settings(max_examples=100, deadline=None)
@given(POPULATIONS)
def test_nothing_is_given_inside_what_is_not(units: Units) -> None:
    """Nor is a reserved value beside a gap; without a gap, everything is given."""
    found = crossed(units)
    asked = list(everything(found))
    for cell in asked:
        for axis, value in enumerate(cell):
            assert value is None or not found.donne(cell) or found.donne(opened(cell, (axis,))), (cell, axis)
    if all(len({person for person, mine in units if holds(cell, mine)}) >= 3 * MINIMUM for cell in asked):
        assert all(found.donne(cell) for cell in asked)


def table(counts: dict[str, int]) -> Croisement:
    """What is given of a table of two axes, written « row column » and how many persons; each has one unit."""
    people = iter(range(10_000))
    return croiser(
        [
            Atome(((cell[0],), (cell[1],)), frozenset(next(people) for _ in range(count)), count)
            for cell, count in counts.items()
            if count
        ],
        2,
        MINIMUM,
    )


def test_two_values_are_reserved_at_least() -> None:
    """With one, its row and its column each have one gap, and both follow from the totals: so would where they cross."""
    found = table({"ax": 50, "ay": 12, "bx": 12, "by": 3})
    assert all(found.donne(each) for each in (("a", None), ("b", None), (None, "x"), (None, "y")))
    assert not any(found.donne(each) for each in product("ab", "xy"))


def test_the_rest_of_all_rows_and_columns_is_of_nobody_or_of_enough() -> None:
    """Every inner cell is large, rows and columns have enough besides: where reserved values cross, three persons."""
    counts = {a + b: 30 for a, b in product("abc", "xyz")}
    counts |= dict.fromkeys(("ar", "as", "br", "bs", "cr", "cs", "px", "py", "pz", "qx", "qy", "qz"), 8)
    found = table(counts | {"pr": 3, "qs": 0, "ps": 0, "qr": 0})
    assert not all(found.donne(each) for each in product("abc", "xyz"))
    found = table(counts | {"pr": 3, "qs": 3, "ps": 0, "qr": 0})
    assert all(found.donne(each) for each in product("abc", "xyz"))


def test_what_is_in_neither_row_nor_column_of_a_given_cell_is_of_nobody_or_of_enough() -> None:
    """The whole, less the row, less the column, and the cell again: three persons would be told apart."""
    counts = {"ax": 40, "ay": 4, "az": 2, "aw": 4, "bx": 4, "cx": 4, "dx": 3}
    assert not table(counts | {"by": 1, "bz": 2}).donne(("a", "x"))
    assert table(counts | {"by": 3, "bz": 2}).donne(("a", "x"))


@settings(max_examples=60, deadline=None)
@given(POPULATIONS)
def test_no_sum_of_what_is_given_determines_a_small_cell(units: Units) -> None:
    """Whoever solves all the sums that are given, at once, finds no cell of one to four persons."""
    found = crossed(units)
    codes = sorted({code for _, values in units for code in values[2]} - {"aucun"})
    sets = [("aucun",), *(each for size in range(1, len(codes) + 1) for each in combinations(codes, size))]
    axes = [[(v,) for v in known] for known in found.valeurs]
    atoms = list(product(*axes[:2], sets, axes[3]))

    def row(cell: Cellule) -> dict[int, int]:
        return {at: 1 for at, each in enumerate(atoms) if holds(cell, each)}

    known = Echelon()
    for cell in everything(found):
        if found.donne(cell):
            known.add(row(cell))
    for cell in everything(found):
        people = {person for person, mine in units if holds(cell, mine)}
        if few(people):
            assert not found.donne(cell)
            assert not known.determines(row(cell)), cell

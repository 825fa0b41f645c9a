"""Which cells of published tables are not shown, so that nobody can work out a small one from those that are.

Cells of fewer than a minimum of persons are hidden first. Then, line by line (the cells that a published total adds
up), more are hidden until the total gives away neither a hidden cell nor a group of them that holds too few persons;
and until the whole system of lines determines no hidden cell (a row and a column that cross can, where neither alone
does). What is added is always the smallest cell of a line, its total last. Tables that share the totals of one whole
are masked together: what one of them hides of the whole, none of them gives.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final, Generic, NamedTuple, TypeVar

TOTAL: Final = "TOTAL"
"""What stands for all answers together."""
TOUT: Final = "ENSEMBLE"
"""The one cell of the whole: no préfecture, title, malfunction or month is so written."""

Cle = TypeVar("Cle", bound=Hashable)
Table = TypeVar("Table", bound=Hashable)
Case = tuple[str, str]
"""A cell: its key, and an answer or « TOTAL »."""


class Ligne(NamedTuple, Generic[Cle]):
    """Cells whose sum is published in ``total``; ``None``: no sum is, and they are kept from being hidden alone."""

    cellules: tuple[Cle, ...]
    total: Cle | None = None

    @property
    def toutes(self) -> tuple[Cle, ...]:
        """The cells, then their total."""
        return self.cellules if self.total is None else (*self.cellules, self.total)


Reunion = Callable[[Sequence[Cle]], int]
"""How many persons, each counted once, some cells of one line hold together."""


def supprimer(
    personnes: Mapping[Cle, int],
    lignes: Sequence[Ligne[Cle]],
    minimum: int,
    reunion: "Reunion[Cle]",
    deja: Iterable[Cle] = (),
) -> frozenset[Cle]:
    """The cells of ``personnes`` that are not shown. ``deja``: those that are hidden whatever this table says."""
    hidden = {cell for cell, people in personnes.items() if people < minimum} | {c for c in deja if c in personnes}
    while True:
        more = {cell for line in lignes if (cell := _de_plus(line, personnes, hidden, minimum, reunion)) is not None}
        if not more:
            more = _contre(determinees(lignes, hidden), lignes, personnes, hidden)
        if not more:
            return frozenset(hidden)
        hidden |= more


def _de_plus(
    line: Ligne[Cle], personnes: Mapping[Cle, int], hidden: set[Cle], minimum: int, reunion: "Reunion[Cle]"
) -> Cle | None:
    """One more cell of the line to hide, if the line needs it and has one."""
    mine = [cell for cell in line.toutes if cell in hidden]
    shown_total = line.total is not None and line.total not in hidden
    if not mine or (len(mine) > 1 and not (shown_total and reunion(mine) < minimum)):
        return None
    return _plus_petite(line, personnes, hidden)


def _plus_petite(line: Ligne[Cle], personnes: Mapping[Cle, int], hidden: set[Cle]) -> Cle | None:
    rest = [cell for cell in line.toutes if cell not in hidden]
    return min(rest, key=lambda cell: (cell == line.total, personnes[cell], str(cell)), default=None)


def _contre(
    found: Iterable[Cle], lignes: Sequence[Ligne[Cle]], personnes: Mapping[Cle, int], hidden: set[Cle]
) -> set[Cle]:
    """For the first hidden cell that can be worked out, one more cell: of a line of its own, or else of any line."""
    for cell in sorted(found, key=str):
        for line in sorted(lignes, key=lambda line: cell not in line.toutes):
            if (other := _plus_petite(line, personnes, hidden)) is not None:
                return {other}
    return set()


def determinees(lignes: Sequence[Ligne[Cle]], hidden: Iterable[Cle]) -> set[Cle]:
    """The hidden cells that the sums determine: each is alone in a row of the reduced form of the system."""
    unknown = sorted(hidden, key=str)
    rows = [
        {cell: Fraction(-1 if cell == line.total else 1) for cell in line.toutes if cell in set(unknown)}
        for line in lignes
        if line.total is not None
    ]
    reduced: list[tuple[Cle, dict[Cle, Fraction]]] = []
    for row in rows:
        for pivot, other in reduced:
            _retirer(row, other, pivot)
        if not row:
            continue
        pivot = min(row, key=str)
        scale = row[pivot]
        made = {cell: value / scale for cell, value in row.items()}
        for _, other in reduced:
            _retirer(other, made, pivot)
        reduced.append((pivot, made))
    return {pivot for pivot, row in reduced if len(row) == 1}


def _retirer(row: dict[Cle, Fraction], other: Mapping[Cle, Fraction], pivot: Cle) -> None:
    """Take from ``row`` as many times ``other`` as leaves it without ``pivot``."""
    times = row.get(pivot)
    if not times:
        return
    for cell, value in other.items():
        left = row.get(cell, Fraction(0)) - times * value
        if left:
            row[cell] = left
        else:
            row.pop(cell, None)


def regle(minimum: int) -> str:
    """The rule of masking, in French."""
    return (
        f"Une case de moins de {minimum} personnes est masquée. Dans chaque ligne dont le total est publié, la plus"
        " petite des autres l'est aussi, jusqu'à ce que le total ne livre ni une case masquée ni un groupe de moins de"
        f" {minimum} personnes, et que l'ensemble des totaux publiés ne détermine aucune case masquée. Deux"
        " publications de périodes qui se recouvrent ne doivent pas être rapprochées."
    )


def masquer(
    tables: Mapping[Table, Mapping[Case, int]],
    ensemble: Table,
    additives: Collection[Table],
    minimum: int,
    reunion: Callable[[Table, Sequence[Case]], int],
) -> dict[Table, frozenset[Case]]:
    """The masked cells of each of ``tables`` (persons by cell), all sharing the totals of the table ``ensemble``.

    ``additives``: those whose cells add up to the whole. ``reunion``: how many persons cells of a table hold together.
    """
    whole = tables[ensemble]
    hidden: dict[Table, frozenset[Case]] = dict.fromkeys(tables, frozenset())
    shared: frozenset[Case] = frozenset()
    while True:
        for name, table in tables.items():
            adds = name in additives
            lines = lignes(table, whole if adds else {}, seule=name == ensemble)
            together = _reunion(reunion, ensemble, name)
            found = supprimer({**table, **(whole if adds else {})}, lines, minimum, together, shared)
            hidden[name] = frozenset(cell for cell in found if cell in table)
            shared |= {cell for cell in found if cell in whole}
        if shared <= hidden[ensemble]:
            return hidden


def _reunion(
    reunion: Callable[[Table, Sequence[Case]], int], ensemble: Table, name: Table
) -> Callable[[Sequence[Case]], int]:
    """How many persons cells of the table, or of the whole beside it, hold together."""
    return lambda cells: reunion(ensemble if cells[0][0] == TOUT else name, cells)


def lignes(table: Mapping[Case, int], whole: Mapping[Case, int], *, seule: bool) -> list[Ligne[Case]]:
    """The sums that a table, and the ``whole`` that it adds up to, publish. ``seule``: it is the whole itself."""
    keys = dict.fromkeys(key for key, _ in table)
    answers = dict.fromkeys(answer for _, answer in table if answer != TOTAL)
    rows = {key: tuple((key, each) for each in answers if (key, each) in table) for key in keys}
    found = [Ligne(cells, (key, TOTAL)) for key, cells in rows.items() if cells]
    if seule:
        return found
    for each in (*answers, TOTAL):
        cells = tuple((key, each) for key in keys if (key, each) in table)
        found.append(Ligne(cells, (TOUT, each) if whole else None))
    if whole and answers:
        found.append(Ligne(tuple(cell for cell in whole if cell[1] != TOTAL), (TOUT, TOTAL)))
    return found

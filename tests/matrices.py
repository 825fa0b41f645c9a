"""Exact linear algebra: how much a set of published figures determines."""

from collections.abc import Sequence
from fractions import Fraction


def determined(rows: Sequence[Sequence[int]]) -> set[int]:
    """The columns whose unknown has one value only, whatever the sums that the rows say are equal to.

    Once the rows are reduced as far as they go, such an unknown is alone in one of them: a vector of one unknown that
    follows from the rows is the sum of those whose first unknown it holds, hence that row itself.
    """
    reduced: list[list[Fraction]] = []
    for row in rows:
        left = _less(list(map(Fraction, row)), reduced)
        first = _first(left)
        if first is not None:
            scaled = [each / left[first] for each in left]
            reduced = [*(_less(each, [scaled]) for each in reduced), scaled]
    return {at for row in reduced if (at := _first(row)) is not None and not any(row[at + 1 :])}


def _first(row: list[Fraction]) -> int | None:
    return next((at for at, each in enumerate(row) if each), None)


def _less(row: list[Fraction], others: list[list[Fraction]]) -> list[Fraction]:
    """The row, with nothing left where another one begins."""
    for other in others:
        first = _first(other)
        if first is not None and row[first]:
            times = row[first]
            row = [a - times * b if b else a for a, b in zip(row, other, strict=True)]
    return row

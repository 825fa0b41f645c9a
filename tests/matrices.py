"""Exact linear algebra: how much a set of published figures determines."""

from fractions import Fraction


def rank(rows: list[list[Fraction]]) -> int:
    """The rank of a matrix, by plain elimination."""
    rows = [list(row) for row in rows]
    done = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((at for at in range(done, len(rows)) if rows[at][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        for at in range(done + 1, len(rows)):
            times = rows[at][column] / rows[done][column]
            rows[at] = [a - times * b for a, b in zip(rows[at], rows[done], strict=True)]
        done += 1
    return done

"""Exact linear algebra: how much a set of published figures determines."""

from collections.abc import Mapping
from typing import Final

PRIME: Final = 2**61 - 1
"""What is counted here are ones and their sums: modulo a prime of this size they are as independent as they are."""


class Echelon:
    """Sums that are known, reduced as they come: what they determine is asked of them, many times."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[int, int]] = {}

    def add(self, row: Mapping[int, int]) -> None:
        """One more sum that is known: the coefficients that are not zero, by column."""
        left = self._reduce(row)
        if left:
            pivot = min(left)
            inverse = pow(left[pivot], -1, PRIME)
            self._rows[pivot] = {at: value * inverse % PRIME for at, value in left.items()}

    def determines(self, row: Mapping[int, int]) -> bool:
        """Whether this sum follows from those that are known."""
        return not self._reduce(row)

    def _reduce(self, row: Mapping[int, int]) -> dict[int, int]:
        left = {at: value % PRIME for at, value in row.items() if value % PRIME}
        at = -1
        while (at := min((each for each in left if each > at), default=-1)) >= 0:
            known = self._rows.get(at)
            if known is None:
                continue
            times = left[at]
            for column, value in known.items():
                kept = (left.get(column, 0) - times * value) % PRIME
                if kept:
                    left[column] = kept
                else:
                    left.pop(column, None)
        return left

"""Which figures of filtered tables are given, so that no two of them, subtracted, tell of a few persons (ADR 0014).

What is counted once (a unit, the days of a month) has a value on each axis: préfecture, title, malfunctions, month,
rupture. A cell fixes some axes and leaves the others open; a filter and a breakdown ask for cells, and nothing else is
ever answered. All cells of a year are decided of together, whoever asks for which:

1. a cell of fewer persons than the minimum, none included, is not given, nor is anything finer than it;
2. in a table where a cell is not given, neither are those of the *reserved* values: on each axis the least populous,
   two at least, that hold the minimum together;
3. in a line (what one axis splits), what is not given holds nobody, or the minimum at least; so do what is neither in
   this row nor in that column of a given cell, and where the rows and columns of reserved values cross.

By 2, a cell that is not given can be more or less than it is with nothing given changing: shift as much from it to the
reserved value of one axis, and back on another. No sum of what is given determines it. By 3, no difference of two given
figures, one holding the other, is about one to fewer than the minimum.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import combinations, product
from math import prod
from typing import Any, Final, NamedTuple

RESERVEES: Final = 2
"""How many values of an axis are reserved at least: one of them then stands for the other."""

_PERSONNE: Final[frozenset[Any]] = frozenset()
Cellule = tuple[str | None, ...]
"""A value on each axis; ``None``: whatever it is."""
Axes = tuple[int, ...]
Lignes = Mapping[Cellule, Sequence[Cellule]]


class Atome(NamedTuple):
    """What is the same on every axis."""

    valeurs: tuple[tuple[str, ...], ...]
    """On each axis; several where a dossier met several malfunctions."""
    sujets: frozenset[Any]
    """Whose it is: as many as the minimum are enough."""
    personnes: int
    """How many they are."""


class Croisement(NamedTuple):
    """What may be given of one measure in one year."""

    valeurs: tuple[tuple[str, ...], ...]
    """Those that each axis has."""
    donnees: frozenset[Cellule]

    def donne(self, cellule: Cellule) -> bool:
        """Whether the figures of this cell are given."""
        return _simple(cellule, self.valeurs) in self.donnees


def _simple(cell: Cellule, valeurs: Sequence[Sequence[str]]) -> Cellule:
    """The cell without the axes that have one value only: whether these are fixed makes no difference."""
    return tuple(None if tuple(known) == (each,) else each for each, known in zip(cell, valeurs, strict=True))


def croiser(atomes: Sequence[Atome], axes: int, minimum: int) -> Croisement:
    """Which cells of these are given."""
    values = tuple(tuple(sorted({v for atome in atomes for v in atome.valeurs[axis]})) for axis in range(axes))
    return Croisement(values, frozenset(_Choix(atomes, values, minimum).donnees()))


class _Choix:
    """The choice, table after table, those that fix fewer axes first."""

    def __init__(self, atomes: Sequence[Atome], valeurs: Sequence[Sequence[str]], minimum: int) -> None:
        self._atomes = atomes
        self._minimum = minimum
        self._valeurs = valeurs
        self._axes = tuple(axis for axis, known in enumerate(valeurs) if len(known) > 1)
        self._rien: Cellule = (None,) * len(valeurs)
        self._gens: defaultdict[Cellule, set[Any]] = defaultdict(set)
        """Persons of each cell, no more of them than the minimum."""
        self._poids: defaultdict[Cellule, int] = defaultdict(int)
        self._par_valeur: defaultdict[tuple[int, str], list[Atome]] = defaultdict(list)
        self._multiples = {a for a in self._axes if any(len(atome.valeurs[a]) > 1 for atome in atomes)}
        self._parts: defaultdict[tuple[tuple[str, ...] | None, ...], set[Any]] = defaultdict(set)
        """The same as :attr:`_gens`, malfunctions that were met together being one value: these add up."""
        for atome in atomes:
            self._ranger(atome)
        self._choisis: dict[object, list[tuple[str, ...]]] = {}
        self._sortes = {axis: self._par_taille(axis) for axis in self._axes}
        """The values of an axis that add up, the most populous first: enough persons are found at once, if at all."""
        self._reservees = {axis: self._reserver(axis, valeurs[axis]) for axis in self._axes}
        self._donnees: set[Cellule] = set()

    def _ranger(self, atome: Atome) -> None:
        for axis in self._axes:
            for value in atome.valeurs[axis]:
                self._par_valeur[axis, value].append(atome)
        for cell in product(*((None, *(v if a in self._axes else ())) for a, v in enumerate(atome.valeurs))):
            self._poids[cell] += atome.personnes
            if len(self._gens[cell]) < self._minimum:
                self._gens[cell] |= atome.sujets
        for part in product(*((None, v) if a in self._axes else (None,) for a, v in enumerate(atome.valeurs))):
            if len(self._parts[part]) < self._minimum:
                self._parts[part] |= atome.sujets

    def _par_taille(self, axis: int) -> list[tuple[str, ...]]:
        found: defaultdict[tuple[str, ...], int] = defaultdict(int)
        for atome in self._atomes:
            found[atome.valeurs[axis]] += atome.personnes
        return sorted(found, key=lambda each: (-found[each], each))

    def _reserver(self, axis: int, valeurs: Sequence[str]) -> frozenset[str]:
        """The least populous values of an axis, two at least, that hold the minimum together."""
        found: list[str] = []
        people: set[Any] = set()
        for value in sorted(valeurs, key=lambda value: (self._poids[self._fixe((axis,), (value,))], value)):
            if len(found) >= RESERVEES and len(people) >= self._minimum:
                break
            found.append(value)
            people |= self._gens[self._fixe((axis,), (value,))]
        return frozenset(found)

    def _fixe(self, axes: Axes, values: Sequence[str | None]) -> Cellule:
        cell = list(self._rien)
        for axis, value in zip(axes, values, strict=True):
            cell[axis] = value
        return tuple(cell)

    def donnees(self) -> set[Cellule]:
        """Every cell that is given."""
        tables: defaultdict[Axes, list[Cellule]] = defaultdict(list)
        for cell in self._gens:
            tables[_axes(cell)].append(cell)
        for axes in sorted(tables, key=lambda axes: (len(axes), axes)):
            self._table(axes, tables[axes])
        return self._donnees

    def _table(self, axes: Axes, cells: Sequence[Cellule]) -> None:
        given = {cell for cell in cells if self._seule(cell, axes)}
        if len(given) < prod(len(self._valeurs[axis]) for axis in axes):
            given = self._sans_reservees(given, axes)
        lines = [(axis, _lignes(axis, cells, self._donnees)) for axis in axes]
        while more := self._de_trop(lines, given) or self._coins(axes, given):
            given = self._sans_reservees(given - more, axes)
        self._donnees |= given

    def _seule(self, cell: Cellule, axes: Axes) -> bool:
        """Whether the cell may be given as far as it alone, and what is coarser, says."""
        if len(self._gens[cell]) < self._minimum or not all(each in self._donnees for each in _plus_larges(cell)):
            return False
        apart = (each for size in range(1, len(axes) + 1) for each in combinations(axes, size))
        return not any(self._hors(_ouvrir(cell, each), {a: {str(cell[a])} for a in each}) for each in apart)

    def _sans_reservees(self, given: set[Cellule], axes: Axes) -> set[Cellule]:
        """By rule 2."""
        return {cell for cell in given if not any(cell[axis] in self._reservees[axis] for axis in axes)}

    def _de_trop(self, lines: Sequence[tuple[int, Lignes]], given: set[Cellule]) -> set[Cellule]:
        """By rule 3, of each line whose rest is of too few, the smallest cell that was to be given."""
        found: set[Cellule] = set()
        for axis, by_context in lines:
            for context, cells in by_context.items():
                kept = [cell for cell in cells if cell in given]
                # Malfunctions overlap: any two of them, taken from the whole, leave a rest of their own.
                told = [kept, *combinations(kept, 2)] if axis in self._multiples else [kept]
                found |= {min(each, key=self._taille) for each in told if each and self._reste(context, axis, each)}
        return found

    def _reste(self, context: Cellule, axis: int, given: Sequence[Cellule]) -> bool:
        return self._hors(context, {axis: {str(cell[axis]) for cell in given}})

    def _taille(self, cell: Cellule) -> tuple[int, str]:
        return self._poids[cell], str(cell)

    def _trop_peu(self, cells: Iterable[Cellule]) -> bool:
        """Whether these hold together somebody, and fewer than the minimum."""
        people: set[Any] = set()
        for cell in cells:
            people |= self._gens.get(cell, set())
            if len(people) >= self._minimum:
                return False
        return bool(people)

    def _hors(self, cell: Cellule, apart: Mapping[int, AbstractSet[str]]) -> bool:
        """Whether what the cell holds, and has none of the values ``apart``, is of somebody, and of too few."""
        kept = [(axis, value) for axis, value in enumerate(cell) if value is not None]
        near = min((self._par_valeur[each] for each in kept), key=len, default=self._atomes)
        choices = [self._choix(axis, value, apart.get(axis)) for axis, value in enumerate(cell)]
        people: set[Any] = set()
        if prod(map(len, choices)) <= len(near):
            found = (self._parts.get(each, _PERSONNE) for each in product(*choices))
        else:
            found = (
                atome.sujets
                for atome in near
                if all(value in atome.valeurs[axis] for axis, value in kept)
                and all(values.isdisjoint(atome.valeurs[axis]) for axis, values in apart.items())
            )
        for each in found:
            people |= each
            if len(people) >= self._minimum:
                return False
        return bool(people)

    def _choix(self, axis: int, value: str | None, apart: AbstractSet[str] | None) -> Sequence[tuple[str, ...] | None]:
        """What the axis may be, for it to have that value, or none of those."""
        if apart is None and (value is None or axis not in self._multiples):
            return (None,) if value is None else ((value,),)
        key = (axis, value, None if apart is None else frozenset(apart))
        if key not in self._choisis:
            known = self._sortes[axis]
            self._choisis[key] = (
                [each for each in known if value in each]
                if apart is None
                else [each for each in known if apart.isdisjoint(each)]
            )
        return self._choisis[key]

    def _coins(self, axes: Axes, given: set[Cellule]) -> set[Cellule]:
        """Where all else is given, the crossings of reserved values are what is left: one cell less, if few."""
        found: set[Cellule] = set()
        for across in (each for size in range(2, len(axes) + 1) for each in combinations(axes, size)):
            slices: defaultdict[Cellule, list[Cellule]] = defaultdict(list)
            for cell in given:
                slices[_ouvrir(cell, across)].append(cell)
            inner = prod(len(self._valeurs[axis]) - len(self._reservees[axis]) for axis in across)
            corners = list(product(*(sorted(self._reservees[axis]) for axis in across)))
            for context, cells in slices.items():
                if len(cells) == inner and self._trop_peu(_mis(context, across, each) for each in corners):
                    found.add(min(cells, key=self._taille))
        return found


def _mis(cell: Cellule, axes: Axes, values: Sequence[str]) -> Cellule:
    chosen = dict(zip(axes, values, strict=True))
    return tuple(chosen.get(axis, value) for axis, value in enumerate(cell))


def _axes(cell: Cellule) -> Axes:
    return tuple(axis for axis, value in enumerate(cell) if value is not None)


def _ouvrir(cell: Cellule, axes: Axes) -> Cellule:
    for axis in axes:
        cell = (*cell[:axis], None, *cell[axis + 1 :])
    return cell


def _plus_larges(cell: Cellule) -> Iterator[Cellule]:
    """The cells that fix one axis less."""
    return (_ouvrir(cell, (axis,)) for axis in _axes(cell))


def _lignes(axis: int, cells: Sequence[Cellule], donnees: AbstractSet[Cellule]) -> Lignes:
    """What the axis splits, by the cell that is split, where that one is given."""
    found: defaultdict[Cellule, list[Cellule]] = defaultdict(list)
    for cell in cells:
        context = _ouvrir(cell, (axis,))
        if context in donnees:
            found[context].append(cell)
    return found

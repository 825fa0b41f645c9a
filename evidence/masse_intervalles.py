"""What the attribution engine says of everybody at one checkpoint, as rows: lost days, month by month, and units.

The same rows as those that ``projections.statistiques`` adds up, drawn by the same function from the entries that the
checkpoint holds, and cut at the day of observation.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from typing import Any, Final

import msgspec

from evidence.masse_colonnes import APART, CODES_TUS, RARE
from evidence.masse_lignes import Cellule, Ligne, Pseudonymes, prefecture, titre
from ledger.entry import Entry
from ledger.events.types import Flux
from ledger.retained import holding
from ledger.store import Ledger
from projections.imputation.incidents import Declares
from projections.interruptions import Interruptions
from replay.ensemble import Travail

VUE: Final = Interruptions()
_encode: Final = msgspec.msgpack.Encoder().encode
lire_tables: Final = msgspec.msgpack.Decoder(tuple[bytes, bytes]).decode
"""The CSV lines of ``intervalles`` and of ``unites`` that a piece of work gave."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The rows of the persons, from the entries up to position ``point``, seen from the day ``au``."""

    point: int
    au: date
    cle: bytes

    def commencer(self, ledger: Ledger) -> Travail:
        """Read the incidents of nobody, and give what draws the rows."""
        return _Tireur(ledger, self).lignes


class _Tireur:
    """Draws the rows of a few persons."""

    def __init__(self, ledger: Ledger, asked: Tables) -> None:
        self._ledger = ledger
        self._asked = asked
        self._p = Pseudonymes(asked.cle)
        self._declared = Declares(self._held(ledger.shared(Flux.INCIDENT)))

    def lignes(self, subjects: list[bytes]) -> bytes:
        """The CSV lines of both tables."""
        lost, units = StringIO(), StringIO()
        write_lost, write_units = csv.writer(lost, lineterminator="\n"), csv.writer(units, lineterminator="\n")
        lives = self._ledger.lives(subjects)
        for subject in subjects:
            for table, cells in VUE.rows(self._held(lives.get(subject, ())), self._declared):
                if table == "perdu":
                    write_lost.writerows(self._perdu(subject, cells))
                elif table == "unite":
                    write_units.writerows(self._unite(subject, cells))
        return _encode((lost.getvalue().encode(), units.getvalue().encode()))

    def _held(self, entries: Sequence[Entry]) -> list[Entry]:
        return holding(e for e in entries if e.position is not None and e.position <= self._asked.point)

    def _perdu(self, subject: bytes, cells: tuple[Any, ...]) -> Iterator[Ligne]:
        du, au, couche, nature, imputation, statut, codes, _, _, _, where, title = cells
        place = _place(where, title, codes)
        for first, last in par_mois(du, min(au, self._asked.au)):
            days: list[Cellule] = [str(first.replace(day=1)), str(first), str(last), (last - first).days + 1]
            yield [self._p.personne(subject), couche, nature, imputation, statut, *days, *place]

    def _unite(self, subject: bytes, cells: tuple[Any, ...]) -> Iterator[Ligne]:
        mesure, le, fait_le, oui, codes, _, where, title = cells
        if le > self._asked.au:
            return
        done = fait_le if fait_le is not None and fait_le <= self._asked.au else None
        delay = None if done is None else (done - le).days
        told = "true" if oui else "false"
        if mesure in APART:
            days = [str(each.replace(day=1)) if each is not None else None for each in (le, done)]
            yield [self._p.a_part(subject, mesure), mesure, *days, delay, told, None, None, None]
        else:
            days = [str(le), str(done) if done is not None else None]
            yield [self._p.personne(subject), mesure, *days, delay, told, *_place(where, title, codes)]


def par_mois(du: date, au: date) -> Iterator[tuple[date, date]]:
    """The days from ``du`` to ``au``, both included, month by month; none when they end before they begin."""
    while du <= au:
        following = (du.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield du, min(au, following - timedelta(days=1))
        du = following


def _place(where: str | None, title: str | None, codes: Sequence[str]) -> Ligne:
    told = sorted({RARE if each in CODES_TUS else each for each in codes})
    return [prefecture(where), titre(title), ";".join(told) or None]

"""The evidence of everybody, as one stream: persons in the order of their random ids, each a line of JSON.

Worker processes read and prove a few dozen persons at a time, and only so many of these at once: memory does not grow
with the ledger. The same moment gives the same bytes, whatever the number of workers. What else is said of everybody,
person by person, goes the same way (:func:`parcourir`).
"""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Final, Protocol

import msgspec

from ledger.coffre import DeploymentKeys
from ledger.database import Database
from ledger.entry import Entry
from ledger.events.types import Flux
from ledger.retained import holding
from ledger.store import Ledger
from ledger.workers import forkserver, settle_in
from projections.imputation.calcul import lire
from projections.imputation.incidents import Declares
from projections.imputation.matiere import atteintes
from replay.as_of import Moment
from replay.preuve import Preuve, prouver
from rules.jeux import ACTUEL, JEUX, Jeu, sous

PERSONS: Final = 50
"""How many persons a worker proves at a time."""
IN_FLIGHT: Final = 3
"""How many such tasks are under way for each worker."""


class PreuveDe(msgspec.Struct, frozen=True, kw_only=True):
    """La preuve d'une personne, avec sa référence."""

    personne: str
    preuve: Preuve


class _Prouveur:
    """Proves persons from one moment."""

    def __init__(self, ledger: Ledger, moment: Moment, jeu: Jeu) -> None:
        self.ledger = ledger
        self.moment = moment
        self.jeu = jeu
        self.declared = Declares(self._held(ledger.shared(Flux.INCIDENT)))

    def _held(self, entries: tuple[Entry, ...] | list[Entry]) -> list[Entry]:
        return holding(entries, at=self.moment.connu_le, on=self.moment.au)

    def lines(self, subjects: list[bytes]) -> bytes:
        """The lines of these persons, in this order; a person of whom nothing was known by then has none."""
        lives = self.ledger.lives(subjects)
        with sous(self.jeu):
            return b"".join([self._line(lives[subject]) for subject in subjects if subject in lives])

    def _line(self, entries: list[Entry]) -> bytes:
        held = self._held(entries)
        if not held:
            return b""
        lue = lire(held, self.moment.au)
        met = self.declared.entries(atteintes(lue.m))
        found = prouver(lire(self._held([*entries, *met]), self.moment.au) if met else lue, self.moment)
        return _encode(PreuveDe(personne=entries[0].fait.personne or "", preuve=found)) + b"\n"


_encode: Final = msgspec.json.Encoder().encode
Travail = Callable[[list[bytes]], bytes]
"""What is said of a few persons, given by their random ids, in this order."""


class Tache(Protocol):
    """What is to be said of each person; a worker is handed it once, and begins it on its own ledger."""

    def commencer(self, ledger: Ledger) -> Travail:
        """Read once what all persons share, and give what says the rest."""


@dataclass(frozen=True, slots=True)
class _Preuves:
    """The evidence from one moment, by the readings of the set of rules of that name."""

    moment: Moment
    jeu: str

    def commencer(self, ledger: Ledger) -> Travail:
        """Give what proves."""
        return _Prouveur(ledger, self.moment, next(each for each in JEUX if each.nom == self.jeu)).lines


_travail: Travail | None = None


def _start(database: Database, keys: DeploymentKeys, tache: Tache) -> None:
    """Begin what this worker process is there for."""
    global _travail  # noqa: PLW0603 - one a worker process, made once
    _travail = tache.commencer(Ledger(database, keys))
    settle_in()


def _work(subjects: list[bytes]) -> bytes:
    assert _travail is not None  # noqa: S101 - the pool's initializer ran
    return _travail(subjects)


def preuves(
    ledger: Ledger, keys: DeploymentKeys, moment: Moment, jeu: Jeu = ACTUEL, *, workers: int | None = None
) -> Generator[tuple[int, bytes], None, None]:
    """The evidence of every person from ``moment``, by the readings of ``jeu``: how many were seen, and their lines.

    ``workers``: how many processes; as many as the machine has processors unless said otherwise, 0 for this one alone.
    """
    yield from parcourir(ledger, keys, _Preuves(moment, jeu.nom), workers=workers)


def parcourir(
    ledger: Ledger, keys: DeploymentKeys, tache: Tache, *, workers: int | None = None
) -> Generator[tuple[int, bytes], None, None]:
    """What ``tache`` says of every person, a few at a time: how many were seen, and what was said, in their order.

    ``workers``: as for :func:`preuves`.
    """
    count = (os.cpu_count() or 1) if workers is None else workers
    tasks = _tasks(ledger)
    if count == 0:
        here = tache.commencer(ledger)
        yield from ((len(subjects), here(subjects)) for subjects in tasks)
        return
    with ProcessPoolExecutor(
        count,
        mp_context=forkserver(__name__),
        initializer=_start,
        initargs=(replace(ledger.database, revive=_nothing), keys, tache),
    ) as pool:
        waiting: deque[tuple[int, Future[bytes]]] = deque()
        for subjects in tasks:
            waiting.append((len(subjects), pool.submit(_work, subjects)))
            if len(waiting) >= IN_FLIGHT * count:
                persons, done = waiting.popleft()
                yield persons, done.result()
        while waiting:
            persons, done = waiting.popleft()
            yield persons, done.result()


def _tasks(ledger: Ledger) -> Iterator[list[bytes]]:
    last = b""
    while subjects := ledger.persons(last, PERSONS):
        yield subjects
        last = subjects[-1]


def _nothing() -> None:
    return None

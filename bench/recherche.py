"""``python -m bench.recherche``: finding one person among ``--persons``, and the mandates of one representative.

Each search is whole: the tables brought up to date, the rows found, the references opened. What writes the trace of it
is measured beside, as any append is.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, Final

import msgspec
from obstore.store import LocalStore

from app.open import Opened
from app.suivi import ATTACHES, Suivi
from app.transversal import chercher, mandantes
from bench.__main__ import say
from bench.peuple import peuple
from ledger.documents import DocumentStore
from ledger.follower import Follower
from projections.attaches import Attache, service

FLOOR: Final = 200
"""Milliseconds that a search takes at most."""
SEARCHES: Final = 200
PREFECTURES: Final = 100
MANDATED: Final = 20
"""One person in so many has a representative, each of whom has fifty persons."""
TODAY: Final = date(2026, 1, 1)
_encode: Final = msgspec.json.Encoder().encode


def lines(persons: int) -> Iterator[bytes]:
    """Four facts a person: a title, an application, its receipt, and a mandate or a complaint or a call."""
    for number in range(persons):
        day = str(date(2025, 1, 1) + timedelta(days=number % 300))
        where = f"Préfecture {number % PREFECTURES}"
        yield _fact(number, 1, "titre_remis", day, f"T-{number}", where, type_titre="cst", valide_du=day, valide_au=day)
        yield _fact(number, 2, "demande_deposee", day, f"D-{number}", where, deposee_le=day, prefecture=where)
        yield _fact(number, 3, "relance_envoyee", day, f"D-{number}", where)
        if number % MANDATED == 0:
            who = f"cabinet-{number // (50 * MANDATED)}"
            yield _fact(number, 4, "mandat_donne", day, None, where, mandat=f"M-{number}", mandataire=who)
        elif number % MANDATED == 1:
            yield _fact(number, 4, "reclamation_ddd_ouverte", day, None, where, numero=f"26-{number}", ouverte_le=day)
        else:
            yield _fact(number, 4, "ccc_contacte", day, None, where, ticket=f"C-{number}", contacte_le=day)


def _fact(number: int, step: int, type_: str, day: str, objet: str | None, where: str, **donnees: Any) -> bytes:
    named = {} if objet is None else {"objet": objet}
    return _encode(
        {
            "id": f"r-{number}-{step}",
            "personne": f"cherche-{number}",
            "type": type_,
            "survenu": f"{day}T09:00:00Z",
            "acteur": {"nature": "prefecture", "service": where},
            "canal": "teleservice",
            "source": "anef",
            "grade": "A",
            "donnees": donnees,
            **named,
        }
    )


def timed(what: str, act: Callable[[int], int], numbers: list[int]) -> None:
    """How long ``act`` takes, for each of ``numbers``; it returns how many persons it found, one at least."""
    taken = []
    for number in numbers:
        start = time.perf_counter()
        found = act(number)
        taken.append(1_000 * (time.perf_counter() - start))
        assert found, number  # noqa: S101 - a search that finds nobody measures nothing
    ninety = statistics.quantiles(taken, n=20)[-1]
    say(what, f"{statistics.median(taken):.1f} ms", f"95 in 100 under {ninety:.1f} ms (floor {FLOOR} ms)")


def measures(opened: Opened, persons: int) -> None:
    """Every kind of search."""
    drawn = random.Random(7)  # noqa: S311 - the same searches at each run
    anybody = [drawn.randrange(persons) for _ in range(SEARCHES)]
    with_complaint = [number - number % MANDATED + 1 for number in anybody]
    suivi = Suivi(opened.ledger)
    try:
        charge = [Attache("en_charge", "service", service(f"Préfecture {each}")) for each in range(PREFECTURES)]
        of = [charge[number % PREFECTURES] for number in range(persons)]
        timed("by the person's reference", lambda n: len(chercher(suivi, opened, f"cherche-{n}", of[n])), anybody)
        timed("by the reference of a dossier", lambda n: len(chercher(suivi, opened, f"D-{n}", of[n])), anybody)
        timed(
            "by the number of a complaint",
            lambda n: len(chercher(suivi, opened, f"26-{n}", Attache("reclamation"))),
            with_complaint,
        )
        timed(
            "fifty mandates of a representative",
            lambda n: mandantes(suivi, f"cabinet-{n // (50 * MANDATED)}", TODAY, depuis=0, limite=50)[1],
            anybody[:50],
        )
    finally:
        suivi.close()


def main() -> None:
    """Fill a ledger, then measure."""
    with peuple("python -m bench.recherche", __doc__, lines, persons=5_000) as filled:
        start = time.perf_counter()
        with Follower(filled.ledger, ATTACHES) as follower:
            follower.catch_up()
        taken = time.perf_counter() - start
        speed = f"{filled.persons / taken:,.0f} persons/s"
        say(f"follower catch-up, projection {ATTACHES.name}", speed, f"{taken:,.0f} s")
        documents = DocumentStore(LocalStore(filled.folder))
        measures(Opened(filled.ledger, filled.keys, documents), filled.persons)


if __name__ == "__main__":
    main()

"""The commands that look across persons: incidents, the agents' queue, statistics.

They read the tables of one projection, which they bring up to date first: what is shown holds for all that was
committed when the command began.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import psycopg

from app.open import Opened
from ledger.errors import ConstatError
from ledger.follower import Follower, live_schema
from projections import incidents, priorites, statistiques
from projections.imputation.incidents import lire
from projections.interruptions import Interruptions

VUE = Interruptions()


@contextmanager
def suivie(opened: Opened) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """A connection and the schema to be read, once the projection holds all that is committed."""
    with Follower(opened.ledger, VUE) as follower:
        follower.catch_up()
    with opened.ledger.connection() as conn:
        yield conn, live_schema(VUE)


def liste(opened: Opened, au: date, limite: int) -> tuple[incidents.Resume, ...]:
    """The incidents and how much each hit."""
    with suivie(opened) as (conn, schema):
        return incidents.resumes(conn, schema, au, limite)


def touches(opened: Opened, reference: str, au: date) -> tuple[incidents.Atteinte, ...]:
    """What one incident hit.

    :raises ConstatError: there is no such incident, or it hit nothing.
    """
    with suivie(opened) as (conn, schema):
        rows = incidents.lignes(conn, schema, reference, au)
        names = _references(opened, conn, rows)
    if not rows:
        msg = f"aucun fait touché par « {reference} » le {au} : « constat incidents » donne les incidents connus"
        raise ConstatError(msg)
    return tuple(incidents.atteinte(names[bytes(row[0])], row) for row in rows if bytes(row[0]) in names)


def file(opened: Opened, au: date, jours: int, prefecture: str | None, limite: int) -> tuple[priorites.Priorite, ...]:
    """The agents' queue."""
    with suivie(opened) as (conn, schema):
        rows = priorites.lignes(
            conn, schema, au, jours=jours, prefecture=lire(prefecture) if prefecture else None, limite=limite
        )
        names = _references(opened, conn, rows)
    return tuple(
        priorites.priorite(rank, names[bytes(row[0])], row, au)
        for rank, row in enumerate((row for row in rows if bytes(row[0]) in names), start=1)
    )


def chiffres(
    opened: Opened, du: date, au: date, par: statistiques.Par, prefecture: str | None, minimum: int
) -> statistiques.Statistiques:
    """The statistics of a period."""
    with suivie(opened) as (conn, schema):
        return statistiques.statistiques(
            conn, schema, du=du, au=au, par=par, prefecture=lire(prefecture) if prefecture else None, minimum=minimum
        )


def _references(opened: Opened, conn: psycopg.Connection[Any], rows: Sequence[tuple[Any, ...]]) -> dict[bytes, str]:
    """By subject, the reference that a person is known by here; one whose key was destroyed is absent."""
    keys = opened.ledger.coffre.of_subjects(conn, {bytes(row[0]) for row in rows})
    return {subject: key.reference for subject, key in keys.items()}

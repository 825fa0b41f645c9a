"""Incidents across persons: what each hit, and whom. One query a reading, over :mod:`projections.interruptions`."""

from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from ledger.days import LAST_DAY
from ledger.events.types import CodeIncident
from projections.imputation.blocage import libelle
from projections.imputation.incidents import Genre, Lien
from projections.interruptions import atteintes_sql

_LISTE: Final = """
SELECT i.reference, i.code, min(i.du), max(i.au), bool_or(i.partage), bool_or(i.generale),
       count(DISTINCT hit.subject), count(DISTINCT (hit.subject, hit.dossier)) FILTER (WHERE hit.dossier IS NOT NULL),
       count(*) FILTER (WHERE hit.genre = 'tentative'), count(*) FILTER (WHERE hit.genre = 'fenetre'),
       count(*) FILTER (WHERE hit.genre NOT IN ('tentative', 'fenetre'))
FROM {incident} AS i LEFT JOIN ({hits}) AS hit ON hit.incident_subject = i.subject AND hit.reference = i.reference
     AND hit.incident_du = i.du AND hit.du <= %(au)s
WHERE i.du <= %(au)s
GROUP BY i.reference, i.code ORDER BY 3 DESC, i.reference, i.code LIMIT %(limit)s
"""
_TOUCHES: Final = """
SELECT uuid_send(subject), genre, dossier, lien, du, au, code, event_id FROM ({hits}) AS hit
WHERE reference = %(reference)s AND du <= %(au)s ORDER BY du, subject, genre, event_id
"""
LIMITE: Final = 100
_CODES: Final = {each.value: each for each in CodeIncident}


class Resume(msgspec.Struct, frozen=True, kw_only=True):
    """Un incident et ce qu'il a touché, compté."""

    reference: str
    code: str | None
    """``None`` for an outage of the téléservice."""
    libelle: str
    du: date
    au: date | None
    """The day of its end, included; ``None`` while none is known."""
    partage: bool
    """Declared for all, of nobody."""
    generale: bool
    personnes: int
    dossiers: int
    tentatives: int
    fenetres: int
    autres: int


class Atteinte(msgspec.Struct, frozen=True, kw_only=True):
    """Ce qu'un incident a touché chez une personne."""

    personne: str
    genre: Genre
    dossier: str | None
    lien: Lien
    """By what it is known to be hit."""
    du: date
    au: date
    code: str | None
    event_id: UUID


def resumes(conn: psycopg.Connection[Any], schema: str, au: date, limite: int = LIMITE) -> tuple[Resume, ...]:
    """The incidents begun by ``au``, the latest first, each with how much it hit."""
    query = SQL(_LISTE).format(incident=Identifier(schema, "incident"), hits=atteintes_sql(schema))
    return tuple(_resume(row, au) for row in conn.execute(query, {"au": au, "limit": limite}))


def _resume(row: tuple[Any, ...], au: date) -> Resume:
    reference, code, first, last, shared, general, persons, dossiers, attempts, windows, others = row
    return Resume(
        reference=reference,
        code=code,
        libelle=libelle(_CODES[code] if code else None),
        du=first,
        au=last if last <= min(au, LAST_DAY) else None,
        partage=shared,
        generale=general,
        personnes=persons,
        dossiers=dossiers,
        tentatives=attempts,
        fenetres=windows,
        autres=others,
    )


def lignes(conn: psycopg.Connection[Any], schema: str, reference: str, au: date) -> list[tuple[Any, ...]]:
    """What the incident ``reference`` hit by ``au``, in the order of days; the first cell is the subject."""
    query = SQL(_TOUCHES).format(hits=atteintes_sql(schema))
    return conn.execute(query, {"reference": reference, "au": au}).fetchall()


def atteinte(personne: str, ligne: tuple[Any, ...]) -> Atteinte:
    """One line of it."""
    _, genre, dossier, link, first, last, code, event_id = ligne
    return Atteinte(
        personne=personne,
        genre=Genre(genre),
        dossier=dossier,
        lien=Lien(link),
        du=first,
        au=last,
        code=code,
        event_id=event_id,
    )

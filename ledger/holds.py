"""Legal holds: which facts place and lift them, and the rows by which the database itself keeps a held person's key.

A row is written before the fact that places the hold, by whatever way that fact comes in; a hold is lifted in the table
only when her facts, read whole, say that it is over. So a crash in between leaves one hold too many, never one too few.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

from ledger.coffre import Coffre, Id, PersonKey
from ledger.entry import Entry, Fait
from ledger.events.acces import GelConservationLeve, GelConservationPose
from ledger.mapper import Draft
from ledger.retained import holding


def standing(faits: Iterable[Fait]) -> list[Fait]:
    """Of the ``faits`` that hold, in their order, those whose legal hold was not lifted, whatever its last day."""
    held: list[tuple[Fait, GelConservationPose]] = []
    for fait in faits:
        event = fait.evenement
        if isinstance(event, GelConservationPose):
            held.append((fait, event))
        elif isinstance(event, GelConservationLeve):
            held = [(each, placed) for each, placed in held if event.gel is not None and placed.gel != event.gel]
    return [fait for fait, _ in held]


def among(drafts: Iterable[Draft]) -> list[Draft]:
    """Those of ``drafts`` that place a hold."""
    return [draft for draft in drafts if isinstance(draft.fait.evenement, GelConservationPose)]


def place(conn: psycopg.Connection[Any], drafts: Iterable[Draft], coffre: Coffre) -> None:
    """Have the database keep the keys, got from ``coffre``, of those whom ``drafts`` hold. ``conn`` is in autocommit.

    :raises psycopg.errors.ForeignKeyViolation: a key was destroyed a moment ago: these are the first facts of another
        life, once ``coffre`` has made its key.
    """
    try:
        for draft in drafts:
            _place(conn, draft.key.subject, draft.event_id, draft.fait)
    except psycopg.errors.ForeignKeyViolation:
        coffre.forget()
        raise


def reconcile(conn: psycopg.Connection[Any], key: PersonKey, entries: Sequence[Entry]) -> None:
    """Make the database's holds on a person those of her ``entries``, which are all of hers.

    A row whose fact is not among them stays: the fact may be on its way. It is lifted by a later fact that lifts all.
    """
    held = [entry.fait for entry in holding(entries)]
    stands = {key.event_id(fait.id): fait for fait in standing(held)}
    known = {key.event_id(entry.fait.id) for entry in entries}
    all_lifted = max(
        (
            entry.recorded_at
            for entry in holding(entries)
            if isinstance(entry.fait.evenement, GelConservationLeve) and entry.fait.evenement.gel is None
        ),
        default=None,
    )
    rows = conn.execute(
        "SELECT uuid_send(p.hold), p.at FROM ledger.hold AS p WHERE p.subject = %b AND p.act = 'placed' AND NOT EXISTS"
        " (SELECT FROM ledger.hold AS l WHERE l.subject = p.subject AND l.hold = p.hold AND l.act = 'lifted')",
        (key.subject,),
        binary=True,
    ).fetchall()
    placed = {Id(hold): at for hold, at in rows}
    for hold, fait in stands.items():
        if hold not in placed:
            _place(conn, key.subject, hold, fait)
    for hold, at in placed.items():
        if hold not in stands and (hold in known or (all_lifted is not None and at < all_lifted)):
            conn.execute("SELECT ledger.lift_hold(%b, %b)", (key.subject, hold))


def held(conn: psycopg.Connection[Any], subject: Id) -> bool:
    """Whether the database keeps the key of ``subject`` today."""
    return conn.execute("SELECT ledger.held(%b)", (subject,)).fetchone() == (True,)


def _place(conn: psycopg.Connection[Any], subject: Id, hold: Id, fait: Fait) -> None:
    until = fait.evenement.lire_champ("jusqu_au")
    conn.execute("SELECT ledger.place_hold(%b, %b, %s)", (subject, hold, until.dernier if until else None))

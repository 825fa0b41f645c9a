"""Entries made without a ledger, and lives of every type of the vocabulary, for what is derived from entries alone."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from hypothesis import strategies as st

from ledger.entry import Entry, Fait
from ledger.events import EVENTS
from ledger.events.base import Event
from tests.faits import fait_of

DEBUT = datetime(2026, 11, 23, 8, tzinfo=UTC)


def uuid(*parts: str | None) -> UUID:
    """A random-looking id, the same for the same parts."""
    return UUID(bytes=sha256(repr(parts).encode()).digest()[:16])


def entries(faits: Iterable[Fait]) -> list[Entry]:
    """``faits`` as the ledger holds them, sealed in their order, each stream of its person and object."""
    places: dict[UUID, int] = {}
    found = []
    for position, fait in enumerate(faits, start=1):
        stream = uuid(fait.personne, fait.flux, fait.objet)
        places[stream] = places.get(stream, 0) + 1
        found.append(
            Entry(
                position=position,
                stream=stream,
                pos=places[stream],
                subject=uuid(fait.personne, None if fait.personne else fait.objet),
                event_id=uuid(fait.personne, fait.id, str(position)),
                recorded_at=DEBUT + timedelta(seconds=position),
                fait=fait,
            )
        )
    return found


def lives(most: int = 6, *types: type[Event]) -> st.SearchStrategy[list[Entry]]:
    """Lots of any facts of one person, of these types, or of every type that the ledger may hold."""
    facts = st.lists(fait_of(*(types or EVENTS)), max_size=most)
    return facts.map(lambda found: entries(each.model_copy(update={"personne": "P-1"}) for each in found))

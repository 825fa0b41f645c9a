"""The mandates of a person that still stand: what she gave, less what she took back."""

from collections.abc import Iterable

from ledger.events.base import Event
from ledger.events.personne import MandatDonne, MandatRevoque


def en_cours(events: Iterable[Event]) -> tuple[MandatDonne, ...]:
    """The mandates given and not revoked by ``events``, in the order of the facts, whatever their dates."""
    given: list[MandatDonne] = []
    for event in events:
        if isinstance(event, MandatDonne):
            given.append(event)
        elif isinstance(event, MandatRevoque):
            given = [each for each in given if not revoque(event, each)]
    return tuple(given)


def revoque(event: MandatRevoque, mandat: MandatDonne) -> bool:
    """Whether ``event`` ends ``mandat``: by its reference, else by its representative, else it ends them all."""
    if event.mandat is not None:
        return event.mandat == mandat.mandat
    return event.mandataire in {None, mandat.mandataire}

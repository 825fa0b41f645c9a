"""The closed vocabulary: every fact that the ledger can hold, one module per stage of the procedure."""

from typing import Final

from ledger.events import (
    acces,
    cloture,
    correction,
    decision,
    depot,
    effet,
    incident,
    instruction,
    personne,
    provisoire,
    reclamation,
    recours,
    support,
    titre,
)
from ledger.events.base import REGISTRY, Event

STAGES: Final = (
    depot,
    instruction,
    cloture,
    decision,
    recours,
    personne,
    titre,
    provisoire,
    incident,
    support,
    effet,
    acces,
    reclamation,
    correction,
)

EVENTS: Final[tuple[type[Event], ...]] = tuple(
    event for stage in STAGES for event in REGISTRY.values() if event.__module__ == stage.__name__
)
"""Every event class, in the order of the procedure."""

FROM_OUTSIDE: Final = tuple(event for event in EVENTS if event.ecrit_par is None)
"""Those that may be asked for, recorded or imported; the others are written by the command that does what they say."""

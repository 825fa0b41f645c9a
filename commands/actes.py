"""The table of contents of the system: for each type of fact that may be asked for, the one act that asks for it."""

from collections.abc import Mapping
from typing import Final

from commands import (
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
from commands.base import Garde
from ledger.events.base import Event

ACTES: Final[Mapping[type[Event], Garde]] = {
    **depot.ACTES,
    **instruction.ACTES,
    **cloture.ACTES,
    **decision.ACTES,
    **recours.ACTES,
    **personne.ACTES,
    **titre.ACTES,
    **provisoire.ACTES,
    **incident.ACTES,
    **support.ACTES,
    **effet.ACTES,
    **acces.ACTES,
    **reclamation.ACTES,
    **correction.ACTES,
}
"""The act of each event class."""

NOMS: Final[Mapping[str, type[Event]]] = {acte.__name__: event for event, acte in ACTES.items()}
"""The name of each act, in the infinitive, and the fact that it asks for."""

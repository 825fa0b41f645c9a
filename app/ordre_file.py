"""In which order a service's queue stands: what was decided of it last, by whom and why; each decision is a fact."""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import uuid4

from ledger.coffre import nobody
from ledger.days import Quand
from ledger.entry import Acteur, Entry, Fait
from ledger.events.acces import OrdreFileDecide
from ledger.events.listes import CritereFile
from ledger.events.types import Canal, Flux, Grade, Source
from ledger.store import Ledger
from projections import attaches

DEFAUT: Final = tuple(CritereFile)
"""The order where nothing was decided: by harm, then by what is left of time."""


class Decision(NamedTuple):
    """One decision, as the ledger holds it."""

    le: datetime
    par: str
    ordre: tuple[CritereFile, ...]
    motif: str


def decider(
    ledger: Ledger, service: str, ordre: tuple[CritereFile, ...], motif: str, acteur: Acteur, now: datetime
) -> Entry:
    """Record that ``service`` serves in this order from now on.

    :raises ValueError: a criterion is missing, or is there twice.
    """
    if sorted(ordre) != sorted(CritereFile):
        msg = "each criterion has its place, once"
        raise ValueError(msg)
    [entry] = ledger.append(
        [
            Fait(
                id=f"ordre-{uuid4()}",
                objet=_objet(service),
                survenu=Quand.le(now),
                acteur=acteur,
                canal=Canal.SYSTEME,
                source=Source.CONSTAT,
                grade=Grade.A,
                evenement=OrdreFileDecide(service=service, ordre=ordre, motif=motif),
            )
        ]
    )
    return entry


def decisions(ledger: Ledger, service: str) -> tuple[Decision, ...]:
    """What was decided of the queue of ``service``, the last first."""
    return tuple(
        Decision(entry.recorded_at, entry.fait.acteur.id or "", event.ordre, event.motif)
        for entry in reversed(ledger.life(nobody(Flux.ACCES, _objet(service))))
        if isinstance(event := entry.fait.evenement, OrdreFileDecide)
    )


def _objet(service: str) -> str:
    return f"ordre-file-{attaches.service(service)}"

"""The ledger's audit of itself: a verification is a fact of the log, and one that did not take place is an alarm."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import structlog

from ledger.coffre import nobody
from ledger.days import Quand
from ledger.entry import Acteur, Entry, Fait
from ledger.events.acces import IntegriteVerifiee
from ledger.events.types import Canal, Flux, Grade, NatureActeur, Source
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.note import Note
from ledger.store import Ledger
from replay.checks.report import Report

OBJET: Final = "integrite"
DUE: Final = timedelta(hours=36)
"""A daily audit that is half a day late is missing."""
MOST: Final = 20
"""How many of the checks and places that failed are named in the fact."""

log = structlog.get_logger("constat.audit")


def record_audit(ledger: Ledger, report: Report, point: Checkpoint | None, now: datetime) -> Entry:
    """Record what a verification found, favourable or not."""
    failed = [f"{each.check.value} : {each.where}"[:200] for each in report.findings[:MOST]]
    event = IntegriteVerifiee(
        conforme=report.intact,
        perimetre="tout le registre",
        position_journal=point.size if point is not None else None,
        racine_journal=point.root.hex() if point is not None else None,
        anomalies=tuple(failed),
    )
    [entry] = ledger.append(
        [
            Fait(
                id=f"verification-{uuid4()}",
                objet=OBJET,
                survenu=Quand.le(now),
                acteur=Acteur(nature=NatureActeur.SYSTEME),
                canal=Canal.SYSTEME,
                source=Source.CONSTAT,
                grade=Grade.A,
                evenement=event,
            )
        ]
    )
    with ledger.writing() as conn:
        conn.execute("INSERT INTO work.verification (intact) VALUES (%s)", (report.intact,))
    return entry


def audits(ledger: Ledger) -> tuple[Entry, ...]:
    """The verifications that the ledger recorded of itself, in their order."""
    life = ledger.life(nobody(Flux.ACCES, OBJET))
    return tuple(entry for entry in life if isinstance(entry.fait.evenement, IntegriteVerifiee))


def last_audit(ledger: Ledger) -> Entry | None:
    """The last of them."""
    return next(iter(reversed(audits(ledger))), None)


def missing(ledger: Ledger, now: datetime) -> bool:
    """Whether no verification was recorded for longer than ``DUE``."""
    last = last_audit(ledger)
    return last is None or now - last.recorded_at > DUE


@dataclass(frozen=True, slots=True)
class AuditWatch:
    """Says aloud that the audit is late, each time that it is handed a checkpoint, which is once an hour at least."""

    ledger: Ledger
    clock: Callable[[], datetime]

    def __call__(self, _note: Note) -> None:
        """Look for the last audit."""
        if missing(self.ledger, self.clock()):
            log.critical("audit_missing", due_hours=DUE // timedelta(hours=1))

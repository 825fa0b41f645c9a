"""The path by which Constat's own acts enter the ledger: read, decide, append."""

from datetime import datetime
from typing import Final

import structlog

from commands.base import Acte, Refused
from commands.decide import decide
from commands.situation import situation
from ledger.coffre import nobody
from ledger.entry import Entry
from ledger.errors import ConflictError, IdentityReusedError
from ledger.events.types import Flux
from ledger.store import History, Ledger

ESSAIS: Final = 5

log = structlog.get_logger("constat.commands")


def handle(ledger: Ledger, acte: Acte, now: datetime) -> tuple[Entry, ...]:
    """Carry out ``acte``, asked for at ``now``, and return the entry it added; the same command again, the same entry.

    :raises Refused: with all the reasons.
    :raises ConflictError: the dossier kept changing while this was decided.
    :raises IdentityReusedError: the command's id was already used for another act.
    """
    asked = log.bind(acte=acte.evenement.nom, command_id=str(acte.command_id))
    for attempt in range(1, ESSAIS + 1):
        life = ledger.life(acte.personne if acte.personne is not None else nobody(acte.flux, acte.objet or ""))
        done = _already(ledger, acte, life)
        if done is not None:
            asked.info("command_repeated")
            return (done,)
        try:
            fait = decide(situation(entourage(ledger, life), acte, now), acte, now)
            written = ledger.append([fait], command_id=acte.command_id, after=_history(ledger, acte, life))
        except Refused as refused:
            asked.info("command_refused", motifs=len(refused.motifs))
            raise
        except (ConflictError, IdentityReusedError):
            # Another writer came first, perhaps with this very command: what it wrote is read, then decided again.
            asked.info("command_raced", attempt=attempt)
            if attempt == ESSAIS:
                raise
            continue
        asked.info("command_carried_out", avertissements=len(fait.avertissements))
        return written
    raise AssertionError  # the last attempt returned or raised


def entourage(ledger: Ledger, life: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The person's life, and the incidents of nobody that it cites."""
    cited = {ref for entry in life if isinstance(ref := getattr(entry.fait.evenement, "incident", None), str)}
    return (*life, *(entry for ref in sorted(cited) for entry in ledger.life(nobody(Flux.INCIDENT, ref))))


def _history(ledger: Ledger, acte: Acte, life: tuple[Entry, ...]) -> History:
    """The stream that the act writes to, read only once the act is accepted: a refused act leaves nothing behind."""
    history = ledger.history(acte.personne, acte.flux, acte.objet)
    if history.entries and all(history.entries[-1].event_id != entry.event_id for entry in life):
        msg = "le dossier a changé pendant que vous agissiez : relisez-le, puis recommencez"
        raise ConflictError(msg)
    return history


def _already(ledger: Ledger, acte: Acte, entries: tuple[Entry, ...]) -> Entry | None:
    """The entry that this command made before; the warnings it carries are those of that day."""
    for entry in entries:
        if entry.fait.id == acte.id:
            survenu = acte.survenu or entry.fait.survenu
            found = ledger.already([acte.fait(survenu, entry.fait.avertissements)])
            return found.get(0)
    return None

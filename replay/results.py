"""What the checks of a ledger, of a mirror, of a file and of a restore print as JSON.

Digests are in hexadecimal, instants in UTC. An exit code says the same as ``intact``, ``tient`` and ``rien_ne_manque``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self

import msgspec

from ledger.mirror.conflicts import Conflict
from ledger.mirror.subscription import Here, There
from ledger.seal import checks
from replay.checks.report import Check, Finding, Outcome, Report
from replay.divergences import Comparison
from replay.restore import Loss, Lost

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification of the whole ledger read and found."""

    entries: int
    streams: int
    sealed: int
    """Entries that have a position."""
    hashed: int
    """Lines that the last checkpoint counts, each hashed again."""
    checkpoints: int
    unreadable: int
    """Entries whose content cannot be read: the person's key was destroyed."""
    findings: list[Finding]
    """The first ones; empty when all that was checked is intact."""
    more: int
    """How many findings there are beside."""
    not_possible: dict[Check, str]
    """Checks that were not made, or in part only, and why."""
    intact: bool
    controles: list[Outcome]
    """Every check, whatever became of it."""

    @classmethod
    def of(cls, report: Report) -> "Verification":
        """A report, as it is printed."""
        return Verification(**_read(report))


def _read(report: Report) -> dict[str, Any]:
    """The fields of a :class:`Verification`."""
    named = {name: getattr(report, name) for name in Verification.__struct_fields__ if name != "controles"}
    return {**named, "controles": report.outcomes}


class Reecriture(msgspec.Struct, frozen=True, kw_only=True):
    """A row that the operator sent for a place where the mirror has another one."""

    table: str
    where: str
    ours: str
    """SHA-256 of the row that the mirror keeps."""
    theirs: str
    """SHA-256 of the row that came."""
    kept_leaf: str | None
    """The hash of the line that the mirror keeps; ``None`` where the row is not one of a line."""
    sent_leaf: str | None
    content: str
    """The row that came, as JSON: nothing in it can be read without a person's key."""

    @classmethod
    def of(cls, found: Conflict) -> Self:
        """A conflict, as it is printed."""
        return cls(
            table=found.table,
            where=found.where,
            ours=found.ours.hex(),
            theirs=found.theirs.hex(),
            kept_leaf=found.kept_leaf.hex() if found.kept_leaf else None,
            sent_leaf=found.sent_leaf.hex() if found.sent_leaf else None,
            content=found.content,
        )


class VerificationMiroir(Verification, frozen=True, kw_only=True):
    """What a verification of a mirror read and found."""

    reecritures: list[Reecriture]
    """What it keeps of rows that were written again."""
    comparaison: Comparison | None
    """With the operator's database; ``None`` when that was not asked for, or did not answer (exit code 5)."""

    @classmethod
    def with_evidence(cls, report: Report, kept: Sequence[Conflict], comparison: Comparison | None) -> Self:
        """A report and what else there is to say of a mirror, as it is printed."""
        return cls(**_read(report), reecritures=[*map(Reecriture.of, kept)], comparaison=comparison)


class EtatMiroir(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a mirror follows, and how far each side is."""

    suit: bool
    ici: Here
    exploitant: There | None
    """``None`` when it cannot be reached."""
    reecritures: list[Reecriture]
    """What stops the mirror."""


class Manquantes(msgspec.Struct, frozen=True):
    """Positions that are missing, both ends included."""

    de: int
    a: int
    nombre: int


class Perte(msgspec.Struct, frozen=True, kw_only=True):
    """What a restored ledger has not of what was published, or of what a mirror holds."""

    origin: str
    size: int
    """Lines that the published checkpoint counts."""
    reached: int
    """Positions that the ledger has."""
    other_history: bool
    """It has as many lines, or more, and not the root that was published."""
    last: Instant | None
    """When the last entry that is there was recorded."""
    lost: list[Lost]
    """By the mirror, the first ones."""
    count: int | None
    """By the mirror, how many; ``None`` when none was asked."""
    first_lost: Instant | None
    last_lost: Instant | None
    rien_ne_manque: bool
    manquent: Manquantes | None

    @classmethod
    def of(cls, loss: Loss) -> Self:
        """A loss, as it is printed."""
        missing = loss.missing
        return cls(
            origin=loss.origin,
            size=loss.size,
            reached=loss.reached,
            other_history=loss.other_history,
            last=loss.last,
            lost=list(loss.lost),
            count=loss.count,
            first_lost=loss.first_lost,
            last_lost=loss.last_lost,
            rien_ne_manque=loss.nothing,
            manquent=Manquantes(missing.start, missing.stop - 1, len(missing)) if missing else None,
        )


class FichierVerifie(msgspec.Struct, frozen=True, kw_only=True):
    """What a receipt, a proof or a checkpoint shows by itself."""

    fichier: str
    controles: list[checks.Check]
    tient: bool

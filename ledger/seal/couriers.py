"""What is done with a checkpoint once it is published: witnesses cosign it, an authority stamps it; both are kept.

Nothing of it is needed for a fact to be filed or sealed: what does not come is missed, loudly, and asked for again with
the next checkpoint.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import psycopg
import structlog

from ledger.database import SEALER, Database
from ledger.seal import timestamp
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.log import SealedLog
from ledger.seal.note import Note
from ledger.seal.policy import Policy
from ledger.seal.publish import publish, published
from ledger.seal.sealer import Sealer
from ledger.seal.timestamp import Timestamp, Trust
from ledger.seal.witnesses import Reason, WitnessFailure, gather

ALARMING: Final = frozenset({Reason.AHEAD, Reason.INCONSISTENT, Reason.UNPROVEN})
"""What an honest log never meets: a witness that has seen another log under our name, or more of ours than we have."""
STAMP: Final = "jeton"
STAMPED_EACH: Final = timedelta(days=1)

log = structlog.get_logger("constat.seal")


@dataclass(slots=True)
class Cosigning:
    """Has every witness of ``policy`` cosign, and keeps what they signed."""

    database: Database
    policy: Policy
    _sizes: dict[str, int] = field(default_factory=dict)

    def __call__(self, note: Note) -> bool:
        """Ask for the cosignatures that ``note`` lacks; what does not come is logged, by the witness's name.

        Whether all that can be asked for came: a policy need not say where each witness is.
        """
        size = Checkpoint.parse(note.text).size
        failures = self.ask(note)
        for failure in failures:
            tell = log.critical if failure.reason in ALARMING else log.warning
            tell("cosignature_missing", witness=failure.name, reason=failure.reason.value, size=size)
        return all(self.policy.witnesses[each.name].url is None for each in failures)

    def ask(self, note: Note) -> tuple[WitnessFailure, ...]:
        """Have every witness cosign ``note`` that did not yet, and keep what comes; who gave nothing, and why."""
        size = Checkpoint.parse(note.text).size
        with self.database.acting_as(SEALER).connect() as conn:
            sealed = SealedLog(conn)
            known = sealed.cosigned(size, bytes(note).decode())
            gathered = gather(self.policy, known, sealed.consistency, self._sizes)
            _keep(conn, self.policy, gathered.note)
        self._sizes = dict.fromkeys(self.policy.witnesses, size)
        self._sizes |= {each.name: each.size or 0 for each in gathered.failures}
        return gathered.failures


def _keep(conn: psycopg.Connection[Any], policy: Policy, note: Note) -> None:
    """Keep the cosignatures that ``note`` bears of the policy's witnesses."""
    size = Checkpoint.parse(note.text).size
    by_id = {(each.verifier.name, each.verifier.id): each.verifier for each in policy.witnesses.values()}
    for signature in note.signatures:
        verifier = by_id.get((signature.name, signature.key_id))
        if verifier is not None:
            conn.execute(
                "INSERT INTO ledger.cosignature (size, witness, line) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                (size, verifier.vkey, str(signature)),
            )


@dataclass(frozen=True, slots=True)
class Authority:
    """Where tokens are asked for, and whom to believe about them. ``login``: ``user:password``, where it wants one."""

    url: str
    trust: Trust
    policy: str | None = None
    login: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class Stamping:
    """Has the newest checkpoint stamped once a day, its cosignatures included, and says so in the log."""

    sealer: Sealer
    authority: Authority
    clock: Callable[[], datetime]

    def __call__(self, note: Note) -> None:
        """Stamp ``note`` if the last token is a day old."""
        with self.sealer.database.acting_as(SEALER).connect() as conn:
            row = conn.execute("SELECT max(received_at) FROM ledger.token").fetchone()
            if row is not None and row[0] is not None and self.clock() - row[0] < STAMPED_EACH:
                return
            frozen = SealedLog(conn).cosigned(Checkpoint.parse(note.text).size, bytes(note).decode())
        self.stamp(frozen)

    def stamp(self, frozen: Note) -> Timestamp:
        """Have a frozen checkpoint stamped now; what the token says, verified, once it is kept and the log says so.

        :raises TimestampError: the authority refuses, or its token does not hold.
        :raises PostError: it does not answer.
        """
        digest = sha256(bytes(frozen)).digest()
        token = timestamp.ask(self.authority.url, digest, policy=self.authority.policy, login=self.authority.login)
        stamp = timestamp.verify(token, digest, self.authority.trust)
        size = Checkpoint.parse(frozen.text).size
        with self.sealer.database.acting_as(SEALER).connect() as conn:
            conn.execute(
                "INSERT INTO ledger.token (sha256, size, frozen, token) VALUES (%b, %s, %s, %b)",
                (sha256(token).digest(), size, bytes(frozen).decode(), token),
            )
            self.sealer.say(STAMP, {"size": size, "frozen": digest.hex(), "sha256": sha256(token).hexdigest()}, conn)
        return stamp


@dataclass(frozen=True, slots=True)
class Publishing:
    """Writes the log out as a folder of files that anybody may copy (C2SP tlog-tiles)."""

    database: Database
    folder: Path

    def __call__(self, note: Note) -> None:
        """Publish all that ``note`` signs, with the cosignatures that came; the newest, where more is published."""
        size = Checkpoint.parse(note.text).size
        with self.database.connect() as conn:
            sealed = SealedLog(conn)
            there = published(self.folder)
            newer = there is not None and there.size > size
            publish(sealed, self.folder, None if newer else sealed.cosigned(size, bytes(note).decode()))

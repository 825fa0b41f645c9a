"""A witness at work: asks the clock and the folder, decides, and answers only what is on disk."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import structlog

from ledger.seal.note import NoteError, Signer
from witness import evidence
from witness.core import Answer, Cosigned, Misconduct, Request, decide, unreadable
from witness.state import State, WitnessError, origin_hash

log = structlog.get_logger("constat.witness")

UNAVAILABLE: Final = Answer(HTTPStatus.SERVICE_UNAVAILABLE, "le témoin ne peut rien garder pour l'instant\n")


def _clock() -> int:
    return int(time.time())


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness with its key and its folder. ``clock`` gives seconds since 1970."""

    state: State
    signer: Signer
    clock: Callable[[], int] = _clock

    @classmethod
    def open(cls, state: State) -> "Witness":
        """The witness of a folder; what a killed one left half written goes.

        :raises ConstatError: its key or a log's file is missing or damaged.
        """
        witness = cls(state, state.signer())
        state.sweep()
        for origin in state.logs():
            witness.latest(origin)
        return witness

    def latest(self, origin: str) -> Cosigned | None:
        """The latest checkpoint cosigned for the log of that hash; ``None``: never any, or the log is not followed.

        :raises WitnessError: a file is missing or damaged.
        """
        return self.state.latest(origin, self.signer.verifier) if self.state.keys(origin) else None

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a request. Whatever fails on the way, a cosignature is never answered before it is on disk."""
        try:
            request = Request.parse(body)
        except NoteError as error:
            return unreadable(error)
        origin = origin_hash(request.checkpoint.origin)
        try:
            answer = self._answer(origin, request)
        except (WitnessError, OSError) as error:
            kind, number = type(error).__name__, getattr(error, "errno", None)
            log.error("state_unavailable", origin=origin, error=kind, errno=number)  # noqa: TRY400 - never a stack
            return UNAVAILABLE
        log.info("checkpoint_answered", origin=origin, size=request.checkpoint.size, status=int(answer.status))
        return answer

    def _answer(self, origin: str, request: Request) -> Answer:
        known = self.state.keys(origin)
        if not known:
            # Before the lock: nobody makes this witness open a file for each origin that he thinks of.
            return decide(None, request, (), self.signer.cosign, self.clock())
        with self.state.locked(origin):
            last = self.state.latest(origin, self.signer.verifier)
            now = self.clock()
            answer = decide(last, request, known, self.signer.cosign, now)
            if answer.keep is not None:
                self.state.keep(origin, bytes(answer.keep))
            if answer.misconduct is not None:
                self._keep_evidence(origin, answer.misconduct, request, last, now)
        return answer

    def _keep_evidence(self, origin: str, kind: Misconduct, request: Request, last: Cosigned | None, now: int) -> None:
        try:
            kept = evidence.keep(self.state.evidence, origin, kind, request, last, now)
        except OSError as error:
            # The refusal is owed all the same.
            log.error("evidence_lost", origin=origin, kind=kind, errno=error.errno)  # noqa: TRY400 - as above
        else:
            log.warning("misconduct" if kept else "evidence_full", origin=origin, kind=kind)

    def checkpoint(self, origin: str) -> bytes | None:
        """The latest cosigned checkpoint for the log of that hash, as monitors are given it.

        :raises WitnessError: a file is missing or damaged.
        """
        last = self.latest(origin)
        return bytes(last.note) if last else None

    def healthy(self) -> bool:
        """Whether what is cosigned could be kept."""
        folder = self.state.origins
        try:
            room = os.statvfs(folder).f_bavail > 0
        except OSError:
            return False
        return room and os.access(folder, os.W_OK | os.X_OK, effective_ids=True)

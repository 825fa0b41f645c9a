"""What a witness answers to ``add-checkpoint`` (C2SP tlog-witness v1): from what it last cosigned and what it is sent.

Nothing here reads a clock, a file or a socket. The checks are made in the order of the specification; the first that
fails is the answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final, NamedTuple

from ledger.seal.checkpoint import Checkpoint, decimal, hash_of
from ledger.seal.note import Note, NoteError, Signature, Verifier
from ledger.seal.proof import EMPTY, consistent

MAX_REQUEST: Final = 1 << 17
"""Octets of a request. A proof of 63 hashes takes 2 835; a note that was sent can be read again once it is cosigned."""

MAX_PROOF: Final = 63
SIZE_TYPE: Final = "text/x.tlog.size"
TEXT_TYPE: Final = "text/plain; charset=utf-8"


class Misconduct(StrEnum):
    """In what a checkpoint that the log signed does not follow the one that this witness cosigned last."""

    FORK = "fork"
    """Two roots at one size: the two signed checkpoints prove it by themselves."""

    INCONSISTENT = "inconsistent"
    """A larger tree that the proof sent does not show to begin with the smaller: it is for the log to show it."""

    ROLLBACK = "rollback"
    """A smaller tree: a log gone back, or an old checkpoint sent again by anybody."""


@dataclass(frozen=True, slots=True)
class Request:
    """An ``add-checkpoint`` request, and its ``body``. ``old``: the size from which ``proof`` proves."""

    body: bytes
    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint

    @classmethod
    def parse(cls, body: bytes) -> "Request":
        """Read the body of a request.

        :raises NoteError: it is not one.
        """
        if len(body) > MAX_REQUEST:
            msg = f"la demande dépasse {MAX_REQUEST} octets"
            raise NoteError(msg)
        head, separator, signed = body.partition(b"\n\n")
        lines = head.split(b"\n")
        if not separator or not head.isascii() or not lines[0].startswith(b"old ") or len(lines) > MAX_PROOF + 1:
            msg = "une demande s'écrit : old, la taille d'avant, jusqu'à 63 empreintes, une ligne vide, la note signée"
            raise NoteError(msg)
        old, *proof = head.decode("ascii").split("\n")
        note = Note.parse(signed)
        size = decimal(old.removeprefix("old "))
        return cls(body, size, tuple(map(hash_of, proof)), note, Checkpoint.parse(note.text))


class Cosigned(NamedTuple):
    """The latest checkpoint that a witness cosigned for a log, and when (seconds since 1970)."""

    note: Note
    checkpoint: Checkpoint
    time: int

    @classmethod
    def read(cls, raw: bytes, witness: Verifier) -> "Cosigned":
        """Read what :func:`decide` gave to keep.

        :raises NoteError: it is not that, or this witness did not cosign it.
        """
        note = Note.parse(raw)
        time = note.verified([witness]).get(witness)
        if time is None:
            msg = "ce témoin n'a pas cosigné ce point de contrôle"
            raise NoteError(msg)
        return cls(note, Checkpoint.parse(note.text), time)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered, what must be on disk before it is, and in what the log misbehaved, if it did."""

    status: HTTPStatus
    body: str
    media_type: str = TEXT_TYPE
    keep: Note | None = None
    misconduct: Misconduct | None = None


def unreadable(error: NoteError) -> Answer:
    """The answer to what is no request."""
    return Answer(HTTPStatus.BAD_REQUEST, f"{error}\n")


def decide(
    last: Cosigned | None,
    request: Request,
    log: Sequence[Verifier],
    cosign: Callable[[str, int], Signature],
    now: int,
) -> Answer:
    """The answer to ``request``. ``log``: the keys of its origin, none when it is not known; ``now``: since 1970.

    A cosignature is never dated before the one before it, also when the clock went back: it would say that the
    smaller tree was the largest one seen at a time when the larger one had been.
    """
    if not log:
        return Answer(HTTPStatus.NOT_FOUND, "ce journal n'est pas de ceux que ce témoin suit\n")
    try:
        signed = request.note.verified(log)
    except NoteError as error:
        return Answer(HTTPStatus.FORBIDDEN, f"{error}\n")
    if not signed:
        return Answer(HTTPStatus.FORBIDDEN, "aucune clé connue de ce journal n'a signé ce point de contrôle\n")
    refusal = _refusal(last, request)
    if refusal is not None:
        return refusal
    text = request.note.text
    cosignature = cosign(text, max(now, last.time if last else 1))
    # One signature a key: a log may make as many as it likes, and what is kept must be read again.
    by_key = {(each.name, each.key_id): each for each in request.note.signatures}
    vouched = [by_key[verifier.name, verifier.id] for verifier in signed]
    return Answer(HTTPStatus.OK, str(cosignature), keep=Note(text, (*vouched, cosignature)))


def _refusal(last: Cosigned | None, request: Request) -> Answer | None:
    checkpoint = request.checkpoint
    size, root = (last.checkpoint.size, last.checkpoint.root) if last else (0, EMPTY)
    misconduct = _misconduct(size, root, checkpoint)
    if request.old > checkpoint.size:
        return Answer(
            HTTPStatus.BAD_REQUEST, "la taille d'avant dépasse celle du point de contrôle\n", misconduct=misconduct
        )
    if request.old != size:
        return Answer(HTTPStatus.CONFLICT, f"{size}\n", SIZE_TYPE, misconduct=misconduct)
    if consistent(old=size, old_root=root, size=checkpoint.size, root=checkpoint.root, path=request.proof):
        return None
    if 0 < size < checkpoint.size:
        misconduct = Misconduct.INCONSISTENT
    return Answer(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "ce point de contrôle ne prolonge pas celui que ce témoin a cosigné, ou sa preuve est fausse\n",
        misconduct=misconduct,
    )


def _misconduct(size: int, root: bytes, checkpoint: Checkpoint) -> Misconduct | None:
    if checkpoint.size < size:
        return Misconduct.ROLLBACK
    return Misconduct.FORK if checkpoint.size == size and checkpoint.root != root else None

"""The log's side of C2SP tlog-witness v1: asks witnesses to cosign a checkpoint, and brings them up to date.

A witness that does not answer, or answers badly, is a value: no filing waits for it or fails by it. What it signs is
verified before it is believed.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from threading import Thread
from time import monotonic
from typing import Final

from ledger.errors import ConstatError
from ledger.seal.checkpoint import Checkpoint, decimal
from ledger.seal.note import Note, NoteError, Signature, Verifier
from ledger.seal.policy import Policy, Witness
from ledger.seal.post import PostError, post

TIMEOUT_SECONDS: Final = 3.0
"""For connecting, and for the whole answer then."""

ROUND_SECONDS: Final = 10.0
"""For all witnesses to answer one question; the threads of those that do not are left behind."""

CONTENT_TYPE: Final = "text/plain; charset=utf-8"


class Reason(StrEnum):
    """Why there is no cosignature."""

    UNREACHABLE = "unreachable"
    """No answer in time, or the policy does not say where to ask."""

    REFUSED = "refused"
    """It does not know the log or its key, or cannot work."""

    INCONSISTENT = "inconsistent"
    """It holds that this checkpoint does not follow the one that it cosigned: a fork, or a wrong proof."""

    AHEAD = "ahead"
    """It has seen more than we have: our log went back (a restored backup), or forked."""

    OUTRUN = "outrun"
    """Its size changed between two questions: another process of ours is asking."""

    UNREADABLE = "unreadable"
    """What it answered is not of the protocol."""

    FALSE = "false"
    """What it answered under its name is not signed by its key."""

    UNPROVEN = "unproven"
    """Our own log could not make the proof that it asks for."""


SENTENCES: Final[Mapping[Reason, str]] = {
    Reason.UNREACHABLE: "pas de réponse à temps, ou pas d'adresse dans la politique",
    Reason.REFUSED: "il refuse : ce journal ou sa clé ne lui sont pas connus, ou il ne peut rien garder",
    Reason.INCONSISTENT: "il tient ce point de contrôle pour incohérent avec le dernier qu'il a cosigné",
    Reason.AHEAD: "il a vu plus que ce que nous avons : sauvegarde restaurée, ou journal bifurqué",
    Reason.OUTRUN: "sa taille a changé entre deux demandes : un autre processus la fait avancer",
    Reason.UNREADABLE: "sa réponse n'est pas celle d'un témoin",
    Reason.FALSE: "sa cosignature est fausse, ou d'une autre clé que celle de la politique",
    Reason.UNPROVEN: "notre journal ne peut pas montrer qu'il prolonge ce que le témoin a vu",
}


@dataclass(frozen=True, slots=True)
class WitnessFailure:
    """No cosignature from the witness of this name, and why. ``size``: the one that it told, if it did."""

    name: str
    reason: Reason
    size: int | None = None

    def __str__(self) -> str:
        told = "" if self.size is None else f" (sa taille : {self.size})"
        return f"témoin {self.name} : {SENTENCES[self.reason]}{told}"


@dataclass(frozen=True, slots=True)
class Behind:
    """The witness holds a checkpoint of another size than the one that we said."""

    size: int


Reply = Signature | Behind | WitnessFailure
Proving = Callable[[int, int], Sequence[bytes]]
"""The consistency proof from an old size to the size of the checkpoint; raises ``LookupError`` or ``ValueError``."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The checkpoint with every cosignature that came, and who gave none."""

    note: Note
    failures: tuple[WitnessFailure, ...]


def ask(url: str, old_size: int, proof: Sequence[bytes], note: Note, verifier: Verifier) -> Reply:
    """Ask the witness at ``url`` (its submission prefix) once; its cosignature is verified."""
    lines = [f"old {old_size}", *(b64encode(each).decode() for each in proof), "", ""]
    try:
        answer = post(
            f"{url.rstrip('/')}/add-checkpoint",
            "\n".join(lines).encode() + bytes(note),
            CONTENT_TYPE,
            timeout=TIMEOUT_SECONDS,
        )
    except PostError:
        return WitnessFailure(verifier.name, Reason.UNREACHABLE)
    try:
        return _read(answer.status, answer.body, note, verifier)
    except NoteError:
        return WitnessFailure(verifier.name, Reason.UNREADABLE)


def _read(status: int, body: bytes, note: Note, verifier: Verifier) -> Reply:
    match status:
        case HTTPStatus.OK:
            return _cosignature(body, note, verifier)
        case HTTPStatus.CONFLICT:
            size = decimal(body.decode("ascii", "replace").removesuffix("\n"))
            if size > Checkpoint.parse(note.text).size:
                return WitnessFailure(verifier.name, Reason.AHEAD, size)
            return Behind(size)
        case HTTPStatus.UNPROCESSABLE_ENTITY:
            return WitnessFailure(verifier.name, Reason.INCONSISTENT)
        case _:
            return WitnessFailure(verifier.name, Reason.REFUSED)


def _cosignature(body: bytes, note: Note, verifier: Verifier) -> Reply:
    """The first line of the witness's key, verified; lines of unknown keys are ignored, as the specification says."""
    answered = Note.parse(note.text.encode() + b"\n" + body)
    if answered.text != note.text:
        raise NoteError(SENTENCES[Reason.UNREADABLE])
    for signature in answered.signatures:
        if (signature.name, signature.key_id) == (verifier.name, verifier.id):
            try:
                verifier.verify(note.text, signature.value)
            except NoteError:
                break
            return signature
    return WitnessFailure(verifier.name, Reason.FALSE)


def gather(policy: Policy, note: Note, consistency: Proving, sizes: Mapping[str, int] | None = None) -> Gathered:
    """Have every witness of ``policy`` that has not cosigned ``note`` yet do so, all at once.

    ``sizes``: what each is thought to hold, by its name in the policy; one that holds another size says so and is
    asked once more. ``consistency`` is called on the caller's thread only.

    :raises NoteError: ``note`` is no checkpoint, or bears a false signature of a witness's key.
    """
    size = Checkpoint.parse(note.text).size
    present = note.verified(each.verifier for each in policy.witnesses.values())
    waiting = [each for each in policy.witnesses.values() if each.verifier not in present]
    guesses = {each.name: min((sizes or {}).get(each.name, 0), size) for each in waiting}
    replies = _round(waiting, guesses, note, size, consistency)
    told = {name: reply.size for name, reply in replies.items() if isinstance(reply, Behind)}
    replies |= _round([each for each in waiting if each.name in told], told, note, size, consistency)
    return Gathered(
        note.signed(*(reply for reply in replies.values() if isinstance(reply, Signature))),
        tuple(failure for name, reply in replies.items() if (failure := _failure(name, reply))),
    )


def _failure(name: str, reply: Reply) -> WitnessFailure | None:
    """What is told of a reply under the witness's name in the policy; two different sizes in a row are a failure."""
    match reply:
        case WitnessFailure():
            return WitnessFailure(name, reply.reason, reply.size)
        case Behind():
            return WitnessFailure(name, Reason.OUTRUN, reply.size)
        case Signature():
            return None


def _round(
    witnesses: Sequence[Witness], olds: Mapping[str, int], note: Note, size: int, consistency: Proving
) -> dict[str, Reply]:
    """Ask each once, all at the same time; nobody is waited for beyond ``ROUND_SECONDS``."""
    replies: dict[str, Reply] = {each.name: WitnessFailure(each.name, Reason.UNREACHABLE) for each in witnesses}
    heard: dict[str, Reply] = {}
    proofs = {old: _proof(consistency, old, size) for old in {olds[each.name] for each in witnesses}}
    threads = []
    for each in witnesses:
        proof = proofs[olds[each.name]]
        if proof is None:
            replies[each.name] = WitnessFailure(each.name, Reason.UNPROVEN, olds[each.name])
        elif each.url is not None:
            threads.append(Thread(target=_hear, args=(heard, each, olds[each.name], proof, note), daemon=True))
    for thread in threads:
        thread.start()
    until = monotonic() + ROUND_SECONDS
    for thread in threads:
        thread.join(max(0.0, until - monotonic()))
    return replies | dict(heard)


def _hear(heard: dict[str, Reply], witness: Witness, old: int, proof: Sequence[bytes], note: Note) -> None:
    heard[witness.name] = ask(witness.url or "", old, proof, note, witness.verifier)


def _proof(consistency: Proving, old: int, size: int) -> Sequence[bytes] | None:
    if old in {0, size}:
        return []
    try:
        return consistency(old, size)
    except (LookupError, ValueError, ConstatError):
        return None

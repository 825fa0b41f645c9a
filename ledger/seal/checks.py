"""Named checks of what a file shows by itself, under a policy that comes from elsewhere.

Each check passed, failed, or was not possible, and says why. Nothing here reads a database, a clock or a socket.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from ledger.seal.checkpoint import TlogProof
from ledger.seal.note import Note, NoteError
from ledger.seal.policy import NOBODY, Judgement, Policy
from ledger.seal.proof import included

AUTHORS: Final = frozenset({"promesse", "point"})
"""The checks of who signed: without one of them, a file shows nothing."""


class Verdict(StrEnum):
    """How a check ended: of a file, or of the whole ledger (``replay.checks.report``)."""

    PASSED = "passé"
    FAILED = "échoué"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Check:
    """A check by its stable name, how it ended, and what was found, in French."""

    name: str
    outcome: Verdict
    said: str

    @property
    def failed(self) -> bool:
        """Whether it failed."""
        return self.outcome is Verdict.FAILED


def passed(name: str, said: str) -> Check:
    """A check that passed."""
    return Check(name, Verdict.PASSED, said)


def failed(name: str, said: str) -> Check:
    """A check that failed."""
    return Check(name, Verdict.FAILED, said)


def impossible(name: str, said: str) -> Check:
    """A check that could not be made."""
    return Check(name, Verdict.IMPOSSIBLE, said)


def verdict(name: str, *, holds: bool, yes: str, no: str) -> Check:
    """A check that passed or failed, with what to say of it."""
    return passed(name, yes) if holds else failed(name, no)


def unreadable(names: Sequence[str], error: Exception) -> list[Check]:
    """The checks of a file that cannot be read: the first of ``names`` failed, the others were not possible."""
    return [failed(names[0], str(error)), *(impossible(each, "le fichier ne se lit pas") for each in names[1:])]


def holding(checks: Iterable[Check]) -> bool:
    """Whether no check failed, and a known key signed."""
    checks = list(checks)
    signed = any(each.name in AUTHORS and each.outcome is Verdict.PASSED for each in checks)
    return signed and not any(each.failed for each in checks)


def line_hash(line: bytes) -> bytes:
    """RFC 6962 section 2.1: SHA-256 of a zero byte and the line. Made again here: what checks shares no code."""
    return sha256(b"\0" + line).digest()


def check_form(*, same: bool) -> Check:
    """``forme`` of a receipt that was read: whether its header, made again from its parts, is ``same`` to the byte."""
    return verdict(
        "forme",
        holds=same,
        yes="le reçu se lit, et son en-tête est celui de ses parties",
        no="le fichier a été modifié : son en-tête n'est pas celui de ses parties",
    )


def check_point(note: Note, origin: str, policy: Policy) -> Check:
    """``point``: a key that the policy gives to the log ``origin`` signed the checkpoint, which is of that log."""
    try:
        signers = note.verified(each for each in policy.logs if each.name == origin)
    except NoteError as error:
        return failed("point", str(error))
    if note.text.partition("\n")[0] != origin:
        return failed("point", "le point de contrôle est celui d'un autre registre")
    return verdict(
        "point",
        holds=bool(signers),
        yes=f"point de contrôle signé par {origin} (clé {', '.join(each.id.hex() for each in signers)})",
        no=f"aucune clé que la politique donne à {origin} n'a signé le point de contrôle",
    )


def judged(note: Note, policy: Policy) -> Judgement | NoteError:
    """What a policy says of a checkpoint, or why it can say nothing of it."""
    try:
        return policy.judge(note)
    except NoteError as error:
        return error


def check_witnesses(said: Judgement | NoteError, policy: Policy) -> Check:
    """``temoins``: the witnesses that the policy asks for have cosigned the checkpoint of which it ``said`` that."""
    if policy.quorum == NOBODY:
        return impossible("temoins", "la politique ne demande aucun témoin")
    if isinstance(said, NoteError):
        return failed("temoins", str(said))
    told = ", ".join(f"{name} le {instant(time)}" for name, time in said.cosigned.items())
    return verdict(
        "temoins",
        holds=said.quorum,
        yes=f"cosigné par {told}",
        no=f"les témoins que la politique demande n'ont pas tous cosigné ({told or 'aucun connu'})",
    )


def check_inclusion(line: bytes, proof: TlogProof) -> Check:
    """``inclusion``: the line is the leaf that the proof says, in the tree of its checkpoint."""
    point = proof.checkpoint
    holds = included(leaf=line_hash(line), index=proof.index, size=point.size, path=proof.path, root=point.root)
    return verdict(
        "inclusion",
        holds=holds,
        yes=f"la ligne est la {rank(proof.index + 1)} des {point.size} du point de contrôle",
        no=f"le chemin ne mène pas de la ligne à la racine du point de contrôle de {point.size} lignes",
    )


def rank(number: int) -> str:
    """A place, of a line: « 1re », « 2e »."""
    return "1ʳᵉ" if number == 1 else f"{number}ᵉ"


def instant(seconds: int) -> str:
    """Seconds since 1970 as an instant in UTC; as they are when no calendar has them."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, ValueError, OSError):
        return f"{seconds} s"

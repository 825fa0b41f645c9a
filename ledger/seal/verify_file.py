"""Verifies a file that somebody holds: a receipt, a proof, a checkpoint. No database, no network, nothing is raised."""

from datetime import datetime
from typing import Final

from ledger.seal import attempt, checks, receipt
from ledger.seal.checkpoint import PROOF_HEADER, Checkpoint, TlogProof
from ledger.seal.checks import Check
from ledger.seal.note import Note, NoteError
from ledger.seal.policy import Policy

OF_A_PROOF: Final = ("forme", "inclusion", "point", "temoins")
OF_A_CHECKPOINT: Final = ("forme", "point", "temoins")


def verify_file(raw: bytes, policy: Policy, now: datetime | None = None) -> list[Check]:
    """What a file shows, whichever it is: told by how it begins."""
    if raw.startswith(receipt.TITLE.encode()):
        return receipt.verify_receipt(raw, policy, now)
    if raw.startswith(attempt.TITLE.encode()):
        return attempt.verify_attempt(raw, policy, now)
    if raw.startswith(PROOF_HEADER.encode()):
        return verify_proof_file(raw, policy)
    return verify_checkpoint_file(raw, policy)


def verify_proof_file(raw: bytes, policy: Policy, *, line: bytes | None = None) -> list[Check]:
    """What a C2SP tlog-proof shows: the checks of ``OF_A_PROOF``. ``line``: the line of the log that it is to be of.

    A proof does not hold its line: without it ``inclusion`` is not possible.
    """
    try:
        proof = TlogProof.parse(raw)
        same = bytes(proof) == raw
    except NoteError as error:
        return checks.unreadable(OF_A_PROOF, error)
    return [
        _form(same=same, what=f"preuve de la ligne {proof.index + 1}"),
        checks.check_inclusion(line, proof)
        if line is not None
        else checks.impossible("inclusion", "une preuve ne contient pas sa ligne : donnez-la pour la vérifier"),
        checks.check_point(proof.note, proof.checkpoint.origin, policy),
        checks.check_witnesses(checks.judged(proof.note, policy), policy),
    ]


def verify_checkpoint_file(raw: bytes, policy: Policy) -> list[Check]:
    """What a C2SP tlog-checkpoint shows: the checks of ``OF_A_CHECKPOINT``."""
    try:
        note = Note.parse(raw)
        point = Checkpoint.parse(note.text)
    except NoteError as error:
        other = NoteError(f"ce n'est ni un reçu, ni une preuve, ni un point de contrôle : {error}")
        return checks.unreadable(OF_A_CHECKPOINT, other)
    return [
        _form(same=bytes(note) == raw, what=f"point de contrôle de {point.size} lignes, racine {point.root.hex()}"),
        checks.check_point(note, point.origin, policy),
        checks.check_witnesses(checks.judged(note, policy), policy),
    ]


def _form(*, same: bool, what: str) -> Check:
    return checks.verdict("forme", holds=same, yes=what, no="le fichier n'est pas sous sa seule forme")

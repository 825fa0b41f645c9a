"""What a receipt must not be believed for: keys, promises, dates and policies that are others."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ledger.receipts import Receipts
from ledger.seal import checks
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.note import Note, NoteError
from ledger.seal.policy import Policy
from ledger.seal.promise import HEADER, Promise, key_name
from ledger.seal.receipt import SKEW, Receipt, verify_receipt
from ledger.seal.sealer import Sealer
from ledger.seal.signing import SigningKeys
from ledger.seal.verify_file import verify_checkpoint_file, verify_file, verify_proof_file
from tests.seal.receipts import WITNESSES, cosign, failing, filed, outcomes, policy_of


def test_a_checkpoint_key_is_no_promise_key_and_the_other_way_round(
    complete: bytes, policy: Policy, signing_keys: SigningKeys, promise_keys: SigningKeys
) -> None:
    """A promise signed by the log's key, or a checkpoint by the key of promises, is not what it should be."""
    receipt = Receipt.parse(complete)
    assert receipt.proof is not None
    swapped = SigningKeys(promise_keys.origin, signing_keys.seeds)
    assert failing(
        verify_receipt(bytes(replace(receipt, promise=signing_keys.sign(receipt.promise.text))), policy)
    ) == {"promesse"}
    assert failing(verify_receipt(bytes(replace(receipt, promise=swapped.sign(receipt.promise.text))), policy)) == {
        "promesse"
    }
    note = Note(
        receipt.proof.note.text,
        (*promise_keys.sign(receipt.proof.note.text).signatures, *receipt.proof.note.signatures[1:]),
    )
    assert failing(verify_receipt(bytes(replace(receipt, proof=replace(receipt.proof, note=note))), policy)) == {
        "point"
    }
    with pytest.raises(NoteError):
        Checkpoint.parse(receipt.promise.text)
    assert receipt.promise.text.startswith(HEADER)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("another place", {"ligne"}),
        ("another instant", {"dates"}),
        ("another line", {"ligne"}),
        ("another log", {"ligne"}),
    ],
)
def test_a_promise_of_something_else(
    complete: bytes, policy: Policy, promise_keys: SigningKeys, change: str, expected: set[str]
) -> None:
    """A promise that a known key signed, but of another line, place, log or instant, is not this line's."""
    receipt = Receipt.parse(complete)
    said = Promise.parse(receipt.promise.text)
    other = {
        "another place": replace(said, pos=said.pos + 1),
        "another instant": replace(said, at=f"2020{said.at[4:]}"),
        "another line": replace(said, leaf=bytes(32)),
        "another log": replace(said, origin="constat.test/autre"),
    }[change]
    if change == "another log":
        promise_keys = SigningKeys(key_name(other.origin), promise_keys.seeds)
        policy = policy_of([policy.logs[0], *promise_keys.verifiers])
    found = verify_receipt(bytes(replace(receipt, promise=promise_keys.sign(other.text))), policy)
    assert failing(found) == expected


def test_cosigned_before_it_was_recorded(receipts: Receipts, sealer: Sealer, policy: Policy) -> None:
    """A cosignature from before the line by more than clocks may differ, or from after the verification, is refused."""
    entry = filed(receipts.ledger)
    note = sealer.seal()
    assert note is not None
    cosign(receipts.ledger.database, note, WITNESSES, entry.recorded_at)
    receipt = receipts.of(entry)
    assert receipt.proof is not None
    for moved, wrong in ((-SKEW / 2, False), (-SKEW * 2, True), (timedelta(days=1), True)):
        time = int((entry.recorded_at + moved).timestamp())
        again = Note(
            receipt.proof.note.text,
            (receipt.proof.note.signatures[0], *(each.cosign(note.text, time) for each in WITNESSES)),
        )
        raw = bytes(replace(receipt, proof=replace(receipt.proof, note=again)))
        assert failing(verify_receipt(raw, policy, datetime.now(UTC))) == ({"dates"} if wrong else set())
    [dates] = [each for each in verify_receipt(bytes(receipt), policy) if each.name == "dates"]
    assert "au plus tard le" in dates.said
    assert failing(verify_receipt(bytes(receipt), policy, entry.recorded_at - timedelta(days=1))) == {"dates"}


def test_a_policy_that_knows_less_says_less(complete: bytes, policy: Policy) -> None:
    """Without a key of promises that check is not possible; without the log's key nothing holds."""
    log, promise = policy.logs
    found = verify_receipt(complete, policy_of([log]))
    assert outcomes(found)["promesse"] == "impossible"
    assert checks.holding(found)
    assert failing(verify_receipt(complete, policy_of([promise]))) == {"point"}
    assert not checks.holding(verify_receipt(complete, policy_of([])))


def test_proofs_and_checkpoints_by_themselves(complete: bytes, policy: Policy) -> None:
    """The proof and the checkpoint of a receipt verify as files of their own; a proof needs its line to prove it."""
    receipt = Receipt.parse(complete)
    assert receipt.proof is not None
    raw, line = bytes(receipt.proof), receipt.line.text.encode()
    assert outcomes(verify_file(raw, policy)) == {
        "forme": "passé",
        "inclusion": "impossible",
        "point": "passé",
        "temoins": "passé",
    }
    assert checks.holding(verify_proof_file(raw, policy, line=line))
    assert failing(verify_proof_file(raw, policy, line=line + b" ")) == {"inclusion"}
    point = bytes(receipt.proof.note)
    assert outcomes(verify_file(point, policy)) == dict.fromkeys(("forme", "point", "temoins"), "passé")
    assert failing(verify_checkpoint_file(point, policy_of([]))) == {"point"}
    alone = bytes(Note(receipt.proof.note.text, receipt.proof.note.signatures[:1]))
    assert failing(verify_checkpoint_file(alone, policy)) == {"temoins"}
    assert verify_file(complete, policy) == verify_receipt(complete, policy)

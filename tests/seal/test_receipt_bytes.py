"""No byte of a receipt can be another one, and any bytes get an answer."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.receipts import Receipts
from ledger.seal import checks
from ledger.seal.checks import Verdict
from ledger.seal.note import NoteError, Verifier
from ledger.seal.policy import Policy
from ledger.seal.receipt import NAMES, Receipt, verify_receipt
from ledger.seal.verify_file import verify_checkpoint_file, verify_file, verify_proof_file
from tests.seal.receipts import GOLDEN, failing, filed, policy_of

BITS: Final = [1 << bit for bit in range(8)]


@pytest.fixture(autouse=True)
def each_signature_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signature that held is not computed again for every byte that is changed beside it: what it is of is the same."""
    monkeypatch.setattr(Verifier, "verify", lru_cache(maxsize=None)(Verifier.verify))


@pytest.mark.parametrize("flips", [BITS, pytest.param(range(1, 256), marks=pytest.mark.slow)], ids=["bits", "bytes"])
def test_no_byte_of_a_receipt_can_be_another_one(complete: bytes, policy: Policy, flips: Iterable[int]) -> None:
    """Each byte of a complete receipt, changed in one bit (slow: in any way), cut before or taken out, is refused."""
    assert checks.holding(verify_receipt(complete, policy))
    for at in range(len(complete)):
        assert failing(verify_receipt(complete[:at], policy)), at
        assert failing(verify_receipt(complete[:at] + complete[at + 1 :], policy)), at
        for flip in flips:
            changed = complete[:at] + bytes([complete[at] ^ flip]) + complete[at + 1 :]
            assert failing(verify_receipt(changed, policy)), (at, flip)


def test_no_byte_can_be_another_one_even_with_a_header_made_again(complete: bytes, policy: Policy) -> None:
    """Somebody who changes one byte below and makes the header anew fails on what is signed, never on the form alone.

    Only the mention is nobody's word: the header says that nothing proves it.
    """
    start = complete.index(b"--- ligne ---")
    mention = complete.index(b"--- mention ---"), complete.index(b"--- promesse ---")
    read = 0
    for at in range(start, len(complete)):
        if mention[0] <= at < mention[1]:
            continue
        for bit in range(8):
            changed = complete[:at] + bytes([complete[at] ^ 1 << bit]) + complete[at + 1 :]
            try:
                again = bytes(Receipt.parse(changed))
            except NoteError:
                continue
            read += 1
            assert failing(verify_receipt(again, policy)) - {"forme"}, (at, bit)
    assert read > 1_000


def test_the_promise_alone_is_as_strict(receipts: Receipts, policy: Policy) -> None:
    """Each bit of a receipt that is not sealed yet, changed, is refused."""
    raw = bytes(receipts.of(filed(receipts.ledger)))
    for at in range(len(raw)):
        for bit in range(8):
            changed = raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :]
            assert failing(verify_receipt(changed, policy)), (at, bit)


@given(st.binary(max_size=300))
@settings(max_examples=300)
def test_any_bytes_get_an_answer(raw: bytes) -> None:
    """Whatever the bytes, every check is named and answered, and nothing is raised."""
    policy = policy_of([])
    for given_ in (raw, b"--- ligne ---\n" + raw + b"\n--- promesse ---\n" + raw + b"\n--- fin ---\n"):
        assert [each.name for each in verify_receipt(given_, policy)] == list(NAMES)
        for verify in (verify_file, verify_proof_file, verify_checkpoint_file):
            assert failing(verify(given_, policy))


@pytest.mark.parametrize("name", ["acte", "promesse", "tentative"])
def test_receipts_that_were_handed_over_verify_for_ever(name: str) -> None:
    """A receipt of the first day, kept as a file, still verifies whole: the wording of its header is a format."""
    raw = (GOLDEN / f"{name}.recu").read_bytes()
    policy = Policy.parse((GOLDEN / "politique.txt").read_text())
    found = verify_file(raw, policy)
    assert checks.holding(found)
    assert {each.name for each in found if each.outcome is Verdict.IMPOSSIBLE} == (
        {"engagement", "inclusion", "point", "temoins"} if name == "promesse" else set()
    )

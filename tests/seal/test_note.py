"""Signed notes, checkpoints, proofs and policies: the published vectors, and what must be refused."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.seal.checkpoint import Checkpoint, TlogProof
from ledger.seal.note import COSIGNATURE, ED25519, MAX_BYTES, Note, NoteError, Signer, Verifier
from ledger.seal.policy import Policy, PolicyError

VECTORS: Final = Path(__file__).parents[1] / "vectors"
NOTES: Final = json.loads((VECTORS / "signed-note" / "vectors.json").read_text())
LOG: Final = Signer("journal.example/a", ED25519, Ed25519PrivateKey.from_private_bytes(b"\1" * 32))
WITNESSES: Final = [
    Signer(f"temoin.example/{n}", COSIGNATURE, Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in (2, 3, 4)
]
CHECKPOINT: Final = Checkpoint(LOG.name, 12, b"\7" * 32)
SIGNED: Final = Note(CHECKPOINT.text, (LOG.sign(CHECKPOINT.text),))


@pytest.mark.parametrize("vector", [each for each in NOTES if each["note"]], ids=lambda each: each["source"][:30])
def test_published_notes(vector: dict[str, Any]) -> None:
    """Published notes verify with their keys, render back to the byte, and do not verify once changed."""
    raw = vector["note"].encode()
    verifiers = [Verifier.parse(vkey) for vkey in vector["vkeys"]]
    note = Note.parse(raw)
    assert list(note.verified(verifiers)) == verifiers
    assert bytes(note) == raw
    with pytest.raises(NoteError, match="fausse"):
        Note(note.text.replace("e", "o", 1), note.signatures).verified(verifiers)


@pytest.mark.parametrize("vkey", [vkey for each in NOTES for vkey in each["vkeys"]])
def test_published_keys(vkey: str) -> None:
    """Published keys, a real witness's included, read and render back; one changed sign is refused."""
    assert Verifier.parse(vkey).vkey == vkey
    for at in range(len(vkey)):
        changed = vkey[:at] + ("b" if vkey[at] != "b" else "c") + vkey[at + 1 :]
        with pytest.raises(NoteError):
            Verifier.parse(changed)


def test_published_checkpoints() -> None:
    """The sixteen checkpoints of the published log verify with its key and read as they were written."""
    folder = VECTORS / "tlog-tiles"
    verifier = Verifier.parse((folder / "vkey.txt").read_text().strip())
    for size in range(16):
        raw = (folder / "log" / f"checkpoint.{size}").read_bytes()
        note = Note.parse(raw)
        assert list(note.verified([verifier])) == [verifier]
        checkpoint = Checkpoint.parse(note.text)
        assert (checkpoint.size, checkpoint.text) == (size, note.text)
        assert bytes(note) == raw


def test_published_ed25519_vectors() -> None:
    """Every Wycheproof signature is accepted or refused by the library that we verify with, as its authors say."""
    wycheproof = json.loads((VECTORS / "wycheproof" / "ed25519_test.json").read_text())
    count = 0
    for group in wycheproof["testGroups"]:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(group["publicKey"]["pk"]))
        for vector in group["tests"]:
            try:
                key.verify(bytes.fromhex(vector["sig"]), bytes.fromhex(vector["msg"]))
                verdict = "valid"
            except InvalidSignature:
                verdict = "invalid"
            assert verdict == vector["result"], vector
            count += 1
    assert count == wycheproof["numberOfTests"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"texte\n",
        b"texte\n\n",
        b"texte\n\nligne\n",
        b"\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"texte\n\n\xe2\x80\x94 a+b AAAAAAA=\n",
        b"texte\n\n\xe2\x80\x94 a AAAAAAA\n",
        b"texte\n\n\xe2\x80\x94 a AAAAAAB=\n",
        b"texte\n\n\xe2\x80\x94 a AAAA\n",
        b"texte\n\n\xe2\x80\x94 a AAAAAAA=",
        b"te\txte\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"te\xffxte\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"x" * MAX_BYTES + b"\n\n\xe2\x80\x94 a AAAAAAA=\n",
    ],
)
def test_what_is_no_note(raw: bytes) -> None:
    """What is not exactly a text, an empty line and signatures is refused before anything is verified."""
    with pytest.raises(NoteError):
        Note.parse(raw)


@given(st.binary(max_size=300))
def test_any_bytes(raw: bytes) -> None:
    """Whatever the bytes, reading a note, a proof or a policy answers or raises our error, and a note renders back."""
    for parse in (Note.parse, TlogProof.parse, lambda given: Policy.parse(given.decode("latin-1"))):
        try:
            read = parse(raw)
        except NoteError:
            continue
        assert isinstance(read, Policy) or bytes(read) == raw


def test_the_unknown_is_ignored_and_the_false_is_not() -> None:
    """A signature of an unknown key says nothing; a false one of a known key spoils the note."""
    note = SIGNED.signed(WITNESSES[0].cosign(SIGNED.text, 1_700_000_000))
    assert note.verified([LOG.verifier]) == {LOG.verifier: None}
    assert note.verified([]) == {}
    other = Signer(LOG.name, ED25519, Ed25519PrivateKey.from_private_bytes(b"\x09" * 32))
    assert note.verified([other.verifier]) == {}
    forged = Note(note.text, (note.signatures[0], WITNESSES[0].cosign("autre\n", 1)))
    with pytest.raises(NoteError, match="fausse"):
        forged.verified([WITNESSES[0].verifier])


def test_a_cosignature_is_dated() -> None:
    """The time of a cosignature is signed with it, is not zero, and is that of nobody else's text."""
    signature = WITNESSES[0].cosign(SIGNED.text, 1_700_000_000)
    note = SIGNED.signed(signature)
    assert note.verified([WITNESSES[0].verifier]) == {WITNESSES[0].verifier: 1_700_000_000}
    for time in (0, 2**63):
        undated = SIGNED.signed(WITNESSES[0].cosign(SIGNED.text, time))
        with pytest.raises(NoteError, match="datée"):
            undated.verified([WITNESSES[0].verifier])


@pytest.mark.parametrize(
    "text",
    ["", "o\n1\n", "o\n01\nAAA=\n", "o\n-1\nAAA=\n", "o\n1\nAAA=\n", "o\n1\n" + "A" * 43 + "=", "o\n9223372036854775808\n" + "A" * 43 + "=\n", "o\n\n" + "A" * 43 + "=\n", "o\n+1\n" + "A" * 43 + "=\n", "o\n1\n" + "A" * 43 + "=\n\n"],
)  # fmt: skip
def test_what_is_no_checkpoint(text: str) -> None:
    """A checkpoint has its one form: a size without leading zeros, a root of 32 bytes, no empty line."""
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


def test_a_proof_reads_back() -> None:
    """A self-contained proof renders and reads to the same, with and without free data."""
    for extra in (b"", b"promesse"):
        proof = TlogProof(3, (b"\1" * 32, b"\2" * 32), SIGNED, extra)
        assert TlogProof.parse(bytes(proof)) == proof
        assert proof.checkpoint == CHECKPOINT


# ---------------------------------------------------------------------- policies

KEYS: Final = {f"w{n}": witness.verifier.vkey for n, witness in enumerate(WITNESSES)}
LINES: Final = f"log {LOG.verifier.vkey}\n" + "".join(f"witness {name} {vkey}\n" for name, vkey in KEYS.items())


@pytest.mark.parametrize(
    ("rule", "signers", "accepted"),
    [
        ("quorum none\n", [], True),
        ("quorum w0\n", [], False),
        ("quorum w0\n", [1], False),
        ("quorum w0\n", [0], True),
        ("group g any w0 w1\nquorum g\n", [1], True),
        ("group g all w0 w1\nquorum g\n", [1], False),
        ("group g all w0 w1\nquorum g\n", [0, 1], True),
        ("group g 2 w0 w1 w2\nquorum g\n", [2], False),
        ("group g 2 w0 w1 w2\nquorum g\n", [0, 2], True),
        ("group g any w0 w1\ngroup h all g w2\nquorum h\n", [0, 1], False),
        ("group g any w0 w1\ngroup h all g w2\nquorum h\n", [1, 2], True),
        ("# une remarque\n\n\tgroup  g\tany w0\n quorum g\n", [0], True),
    ],
)
def test_a_quorum(rule: str, signers: list[int], accepted: bool) -> None:
    """Enough witnesses cosigned, or not: groups, thresholds, groups of groups."""
    policy = Policy.parse(LINES + rule)
    note = SIGNED.signed(*(WITNESSES[n].cosign(SIGNED.text, 5) for n in signers))
    judgement = policy.judge(note)
    assert judgement.accepted is accepted
    assert judgement.cosigned == {f"w{n}": 5 for n in signers}
    assert Policy.parse(policy.text).judge(note) == judgement


def test_groups_as_deep_as_a_policy_is_long() -> None:
    """Groups of groups of groups are counted, however many there are."""
    groups = "".join(f"group g{n} any {f'g{n - 1}' if n else 'w0'}\n" for n in range(5000))
    policy = Policy.parse(f"{LINES}{groups}quorum g4999\n")
    assert not policy.judge(SIGNED).accepted
    assert policy.judge(SIGNED.signed(WITNESSES[0].cosign(SIGNED.text, 5))).accepted


def test_a_log_that_is_not_named() -> None:
    """A checkpoint of another log, or of another origin signed with the log's key, is not accepted."""
    policy = Policy.parse(f"log {LOG.verifier.vkey}\nquorum none\n")
    elsewhere = Checkpoint("journal.example/b", 12, b"\7" * 32).text
    assert not policy.judge(Note(elsewhere, (LOG.sign(elsewhere),))).accepted
    other = Signer("journal.example/b", ED25519, Ed25519PrivateKey.from_private_bytes(b"\x09" * 32))
    assert not policy.judge(Note(elsewhere, (other.sign(elsewhere),))).accepted


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("quorum w9\n", 5),
        ("quorum none\nquorum none\n", 6),
        ("group g 0 w0\nquorum g\n", 5),
        ("group g 2 w0\nquorum g\n", 5),
        ("group g 01 w0\nquorum g\n", 5),
        ("group g two w0\nquorum g\n", 5),
        ("group g ² w0\nquorum g\n", 5),
        (f"group g {'9' * 5000} w0\nquorum g\n", 5),
        ("group g any w0 w0\nquorum g\n", 5),
        ("group g any w0\ngroup h any w0\nquorum h\n", 6),
        ("group w0 any w1\nquorum w0\n", 5),
        ("group none any w1\nquorum none\n", 5),
        ("group g any none\nquorum g\n", 5),
        (f"witness w9 {KEYS['w0']}\nquorum none\n", 5),
        (f"witness w0 {LOG.verifier.vkey}\nquorum none\n", 5),
        (f"log {LOG.verifier.vkey}\nquorum none\n", 5),
        (f"log {KEYS['w0']}\nquorum none\n", 5),
        ("journal x\nquorum none\n", 5),
        ("log\nquorum none\n", 5),
    ],
)
def test_what_is_no_policy(text: str, line: int) -> None:
    """What breaks the format is refused, and the message names the line."""
    with pytest.raises(PolicyError, match=f"ligne {line} ") as refused:
        Policy.parse(LINES + text)
    assert "invalid" not in str(refused.value)


def test_a_policy_without_a_quorum() -> None:
    """A policy that does not say how many must cosign is none."""
    with pytest.raises(PolicyError, match="quorum"):
        Policy.parse(LINES)
    with pytest.raises(PolicyError, match="commande"):
        Policy.parse("quorum none\r\n")

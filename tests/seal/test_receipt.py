"""Receipts: given at once, the same for ever, proved once sealed, verified without the ledger, and against it."""

import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.absence import DELAY, Presence, in_lines, in_mirror
from ledger.coffre import DeploymentKeys
from ledger.database import APPLICATION, OWNER, SEALER, Database
from ledger.entry import Acteur, Entry
from ledger.events.types import NatureActeur
from ledger.receipts import NoReceiptError, Receipts
from ledger.seal import checks, sheet
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.checks import Check, Outcome
from ledger.seal.note import COSIGNATURE, Note, NoteError, Signer
from ledger.seal.policy import Policy
from ledger.seal.promise import HEADER, Promise, key_name, keys_at
from ledger.seal.receipt import NAMES, SKEW, Receipt, verify_receipt
from ledger.seal.sealer import Sealer
from ledger.seal.signing import SigningKeys
from ledger.seal.verify_file import verify_checkpoint_file, verify_file, verify_proof_file
from ledger.store import Ledger
from tests.conftest import ORIGIN
from tests.faits import fait, faits

WITNESSES: Final = [
    Signer(f"temoin.example/{n}", COSIGNATURE, Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in (2, 3)
]
PROJECT: Final = Path(__file__).parents[2]
GOLDEN: Final = PROJECT / "tests" / "golden"


@pytest.fixture
def promise_keys() -> SigningKeys:
    """The keys that sign promises."""
    return SigningKeys.generate(key_name(ORIGIN))


@pytest.fixture
def policy(signing_keys: SigningKeys, promise_keys: SigningKeys) -> Policy:
    """The log's key, its key of promises, and two witnesses who must both have cosigned."""
    return policy_of([*signing_keys.verifiers, *promise_keys.verifiers])


def policy_of(logs: Iterable[Any], quorum: str = "group tous all t2 t3\nquorum tous") -> Policy:
    """A policy with these keys and the two witnesses."""
    lines = [f"log {each.vkey}" for each in logs]
    lines += [f"witness t{n} {each.verifier.vkey}" for n, each in zip((2, 3), WITNESSES, strict=True)]
    return Policy.parse("\n".join([*lines, quorum, ""]))


def cosign(database: Database, note: Note, witnesses: Iterable[Signer], at: datetime | None = None) -> None:
    """Have the last checkpoint cosigned, as the sealer keeps it."""
    time = int((at or datetime.now(UTC)).timestamp()) + 1
    size = Checkpoint.parse(note.text).size
    with database.acting_as(SEALER).connect() as conn:
        for each in witnesses:
            conn.execute(
                "INSERT INTO ledger.cosignature (size, witness, line) VALUES (%s, %s, %s)",
                (size, each.verifier.vkey, str(each.cosign(note.text, time))),
            )


def filed(ledger: Ledger, n: int = 1) -> Entry:
    """An act of the person, recorded among others."""
    ledger.append(list(faits(5, first=100 * n)))
    return ledger.append([fait(id=f"depot-{n}")])[0]


def outcomes(found: list[Check]) -> dict[str, str]:
    """How each check ended."""
    return {each.name: each.outcome.value for each in found}


def failing(found: list[Check]) -> set[str]:
    """The checks that failed."""
    return {each.name for each in found if each.failed}


@pytest.fixture
def receipts(ledger: Ledger, promise_keys: SigningKeys, policy: Policy) -> Receipts:
    """What hands receipts over."""
    return Receipts(ledger, promise_keys, policy)


@pytest.fixture
def complete(receipts: Receipts, sealer: Sealer) -> bytes:
    """A receipt that is sealed, cosigned by exactly those who must, with its content shown."""
    entry = filed(receipts.ledger)
    note = sealer.seal()
    assert note is not None
    cosign(receipts.ledger.database, note, WITNESSES)
    return bytes(receipts.of(entry, opened=True, mention="dépôt au téléservice"))


# ---------------------------------------------------------------------- what is handed over


def test_a_receipt_is_given_at_once_and_completed_when_enough_have_cosigned(
    receipts: Receipts, sealer: Sealer, policy: Policy
) -> None:
    """The promise comes before any seal; the proof comes with the quorum, not before; the promise never changes."""
    entry = filed(receipts.ledger)
    first = receipts.of(entry)
    found = verify_receipt(bytes(first), policy)
    assert outcomes(found) == dict.fromkeys(("forme", "ligne", "promesse", "dates"), "passé") | dict.fromkeys(
        ("engagement", "inclusion", "point", "temoins"), "impossible"
    )
    assert checks.holding(found)
    note = sealer.seal()
    assert note is not None
    assert bytes(receipts.of(entry)) == bytes(first)
    cosign(receipts.ledger.database, note, WITNESSES[:1])
    assert bytes(receipts.of(entry)) == bytes(first)
    cosign(receipts.ledger.database, note, WITNESSES[1:])
    last = receipts.of(entry)
    assert last.promise == first.promise
    found = verify_receipt(bytes(last), policy, datetime.now(UTC))
    assert outcomes(found) == dict.fromkeys(NAMES, "passé") | {"engagement": "impossible"}
    filed(receipts.ledger, 2)
    later = sealer.seal()
    assert later is not None
    cosign(receipts.ledger.database, later, WITNESSES)
    assert bytes(receipts.of(entry)) == bytes(last)


def test_the_first_checkpoint_that_enough_have_cosigned_is_the_one(
    receipts: Receipts, sealer: Sealer, policy: Policy
) -> None:
    """A checkpoint with too few cosignatures is passed over, and so is one of which a cosignature is false."""
    entry = filed(receipts.ledger)
    sizes = []
    for n in (2, 3, 4):
        note = sealer.seal()
        assert note is not None
        sizes.append(Checkpoint.parse(note.text).size)
        if n == 2:
            cosign(receipts.ledger.database, note, WITNESSES[:1])
        if n == 3:
            other = Checkpoint(ORIGIN, sizes[-1], bytes(32)).text
            with receipts.ledger.database.acting_as(SEALER).connect() as conn:
                conn.execute(
                    "INSERT INTO ledger.cosignature (size, witness, line) VALUES (%s, %s, %s)",
                    (sizes[-1], "faux", str(WITNESSES[0].cosign(other, 1))),
                )
        if n == 4:
            cosign(receipts.ledger.database, note, WITNESSES)
        filed(receipts.ledger, n)
    proof = receipts.of(entry).proof
    assert proof is not None
    assert proof.checkpoint.size == sizes[2]
    assert checks.holding(verify_receipt(bytes(receipts.of(entry)), policy))


def test_without_a_policy_the_first_checkpoint_completes_and_a_policy_may_still_come(
    receipts: Receipts, sealer: Sealer, policy: Policy
) -> None:
    """Where nobody is asked to cosign the first checkpoint is kept; where witnesses come later, theirs is kept beside."""
    entry = filed(receipts.ledger)
    alone = replace(receipts, policy=None)
    promised = bytes(alone.of(entry))
    note = sealer.seal()
    assert note is not None
    sealed = bytes(alone.of(entry))
    assert sealed != promised
    assert outcomes(verify_receipt(sealed, policy))["temoins"] == "échoué"
    nobody = policy_of(policy.logs, "quorum none")
    assert outcomes(verify_receipt(sealed, nobody))["temoins"] == "impossible"
    assert checks.holding(verify_receipt(sealed, nobody))
    filed(receipts.ledger, 2)
    sealer.seal()
    assert bytes(alone.of(entry)) == sealed
    cosign(receipts.ledger.database, note, WITNESSES)
    assert bytes(alone.of(entry)) == sealed
    cosigned = bytes(receipts.of(entry))
    assert outcomes(verify_receipt(cosigned, policy))["temoins"] == "passé"
    assert bytes(alone.of(entry)) == cosigned


def test_a_person_reads_what_it_is(receipts: Receipts) -> None:
    """The header says in French what was recorded, when in Paris, where it stands, and what it is not."""
    entry = filed(receipts.ledger)
    text = bytes(receipts.of(entry, mention="dépôt d'une demande")).decode()
    head = text.partition("--- ligne ---")[0]
    assert "heure de Paris (UTC+" in head
    assert f"place {entry.pos}" in head
    assert "Mention, non prouvée  : dépôt d'une demande" in head
    assert "ne remplace pas" in head
    assert "CRPA L.112-11" in head
    shown = bytes(receipts.of(entry, opened=True)).decode()
    assert "tentative_depot_echouee (d'après le contenu montré ci-dessous)" in shown
    assert "Une erreur est survenue (E-503)." in shown


def test_a_sealed_receipt_says_nothing_of_the_person(receipts: Receipts) -> None:
    """Without its content, neither the person, the dossier, nor what was done can be read in a receipt or its table."""
    entry = filed(receipts.ledger)
    raw = bytes(receipts.of(entry))
    with receipts.ledger.connection() as conn:
        kept = "".join(str(row) for row in conn.execute("SELECT * FROM ledger.receipt").fetchall())
    for said in ("P-1", "D-1", "depot-1", "tentative", "E-503", "usager"):
        assert said.encode() not in raw
        assert said not in kept


def test_the_content_shown_is_what_was_filed_and_not_who(receipts: Receipts, policy: Policy) -> None:
    """Opened, the receipt proves the fact and its documents; who acted stays sealed, which the check says."""
    entry = filed(receipts.ledger)
    receipt = receipts.of(entry, opened=True)
    [engagement] = [each for each in verify_receipt(bytes(receipt), policy) if each.name == "engagement"]
    assert engagement.outcome is Outcome.PASSED
    assert engagement.said.endswith("non montré : acteur")
    assert receipt.opened[0].commitment == receipt.line.c["fait"]
    for changed in (
        replace(receipt.opened[0], value=receipt.opened[0].value.replace("E-503", "E-504")),
        replace(receipt.opened[0], salt=bytes(32)),
        replace(receipt.opened[0], pos=receipt.opened[0].pos + 1),
        replace(receipt.opened[0], part="acteur"),
        replace(receipt.opened[0], part="pieces"),
    ):
        assert failing(verify_receipt(bytes(replace(receipt, opened=(changed,))), policy)) == {"engagement"}


@pytest.mark.parametrize(
    ("acteur", "hers"),
    [
        (Acteur(nature=NatureActeur.USAGER), True),
        (Acteur(nature=NatureActeur.REPRESENTANT, id="avocat-1", au_nom_de="P-1"), True),
        (Acteur(nature=NatureActeur.ACCOMPAGNANT), True),
        (Acteur(nature=NatureActeur.AGENT, id="agent-1", au_nom_de="P-1"), True),
        (Acteur(nature=NatureActeur.AGENT), False),
        (Acteur(nature=NatureActeur.SYSTEME), False),
    ],
)
def test_un_recu_se_donne_de_ce_que_fait_la_personne(receipts: Receipts, acteur: Acteur, hers: bool) -> None:
    """A receipt is given of what the person did, or somebody for her; not of what was done to her."""
    [entry] = receipts.ledger.append([fait(acteur=acteur)])
    if hers:
        assert receipts.of(entry).line.pos == 1
    else:
        with pytest.raises(NoReceiptError, match="acte de la personne"):
            receipts.of(entry)


@pytest.mark.parametrize(
    "mention", ["deux\nlignes", "x" * 201, " au bord", "--- fin ---", "\x1b[2J", "a\u202eb", "a\tb"]
)
def test_what_a_mention_may_not_hold(receipts: Receipts, mention: str) -> None:
    """A mention that would not stay on its line, or would pass for a part or a command, is refused."""
    with pytest.raises(NoteError, match="mention"):
        receipts.of(filed(receipts.ledger), mention=mention)


# ---------------------------------------------------------------------- once and for ever

ASK: Final = """
import os, signal, sys
from uuid import UUID
from ledger.coffre import DeploymentKeys
from ledger.database import Database
from ledger.receipts import Receipts
from ledger.seal.promise import keys_at, key_name
from ledger.store import Ledger
from pathlib import Path
from tests.faits import fait

conninfo, keys, path, entry, kill = sys.argv[1:]
ledger = Ledger(Database(conninfo, "constat_app"), DeploymentKeys.load(Path(keys)))
receipts = Receipts(ledger, keys_at(Path(path), key_name(ledger.origin)))
if kill == "after append":
    ledger.append([fait(id=entry)])
    os.kill(os.getpid(), signal.SIGKILL)
[found] = [each for each in ledger.life("P-1") if each.fait.id == entry]
sys.stdin.readline()
receipt = receipts.of(found)
if kill == "after promise":
    os.kill(os.getpid(), signal.SIGKILL)
sys.stdout.buffer.write(bytes(receipt))
"""


def asking(
    ledger: Ledger, folder: Path, keys: DeploymentKeys, *, kill: str = "", path: str = "promises.json"
) -> subprocess.Popen[bytes]:
    """Another process that asks for the receipt of the act ``depot``, once it is told to."""
    if not (folder / "keys.json").exists():
        keys.save(folder / "keys.json")
    return subprocess.Popen(
        [sys.executable, "-c", ASK, ledger.database.conninfo, folder / "keys.json", folder / path, "depot", kill],
        cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def test_two_processes_that_ask_at_once_get_one_promise(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """Four processes, of which two make the key file together and two have other keys, are all given the same bytes."""
    ledger.append([fait(id="depot")])
    asked = [asking(ledger, tmp_path, keys, path=path) for path in ("a.json", "a.json", "b.json", "c.json")]
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda each: each.communicate(b"\n", timeout=60)[0], asked))
    assert len(set(given)) == 1
    assert given[0].startswith("REÇU".encode())
    with ledger.connection() as conn:
        assert conn.execute("SELECT count(*) FROM ledger.receipt").fetchone() == (1,)


@pytest.mark.parametrize("kill", ["after append", "after promise"])
def test_killed_on_the_way_it_is_one_promise_all_the_same(
    ledger: Ledger, keys: DeploymentKeys, tmp_path: Path, kill: str
) -> None:
    """Killed between the append and the promise, or before its answer: whoever asks again gets one, dated by the line."""
    if kill == "after promise":
        ledger.append([fait(id="depot")])
    killed = asking(ledger, tmp_path, keys, kill=kill)
    killed.communicate(b"\n", timeout=60)
    assert killed.returncode == -signal.SIGKILL
    given = {asking(ledger, tmp_path, keys).communicate(b"\n", timeout=60)[0] for _ in range(2)}
    [raw] = given
    [entry] = ledger.life("P-1")
    assert Promise.parse(Receipt.parse(raw).promise.text).at == f"{entry.recorded_at:%Y-%m-%dT%H:%M:%S.%fZ}"


def test_the_key_changes_and_the_old_promise_stands(receipts: Receipts, policy: Policy) -> None:
    """After a change of key the old promise is given as it was, and verifies by the policy that knows the old key."""
    ledger = receipts.ledger
    old, new = filed(ledger), filed(ledger, 2)
    before = bytes(receipts.of(old))
    both = receipts.keys.with_new()
    after = Receipts(ledger, both.without(both.verifiers[0].id.hex()), policy)
    assert bytes(after.of(old)) == before
    assert checks.holding(verify_receipt(before, policy))
    newer = policy_of([*policy.logs, *after.keys.verifiers])
    assert checks.holding(verify_receipt(before, newer))
    assert checks.holding(verify_receipt(bytes(after.of(new)), newer))
    assert failing(verify_receipt(bytes(after.of(new)), policy)) == {"promesse"}
    assert failing(verify_receipt(before, policy_of([policy.logs[0], *after.keys.verifiers]))) == {"promesse"}


def test_the_key_file_is_made_once(tmp_path: Path) -> None:
    """Of many who make it together one does, nothing is left beside it, and it is never replaced."""
    path = tmp_path / "new" / "promises.json"
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: keys_at(path, key_name(ORIGIN)), range(16)))
    assert len({each.seeds for each in made}) == 1
    assert [each.name for each in path.parent.iterdir()] == ["promises.json"]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "change", ["promise of another line", "no signature", "another position", "another checkpoint", "not sealed"]
)
def test_the_table_takes_nothing_but_what_is_signed_of_the_line(
    receipts: Receipts, sealer: Sealer, change: str
) -> None:
    """The function that keeps receipts refuses any text that is not the promise, or a proof, of that very line."""
    first, second = filed(receipts.ledger), filed(receipts.ledger, 2)
    promise = receipts.of(first).promise
    if change != "not sealed":
        sealer.seal()
    proof = replace(receipts, policy=None).of(first).proof
    with receipts.ledger.connection() as conn:
        ids = {pos: n for n, pos in conn.execute("SELECT notification_id, event_id FROM ledger.entry").fetchall()}
        a, b = ids[first.event_id], ids[second.event_id]
        keep: tuple[str, tuple[Any, ...]] = {
            "promise of another line": ("SELECT ledger.keep_promise(%s, %s)", (b, bytes(promise).decode())),
            "no signature": ("SELECT ledger.keep_promise(%s, %s)", (a, f"{promise.text}\nNadia\n")),
            "another position": (
                "SELECT ledger.keep_proof(%s, 'scellement', 12, %s)",
                (b, bytes(proof or promise).decode()),
            ),
            "another checkpoint": (
                "SELECT ledger.keep_proof(%s, 'scellement', 11, %s)",
                (a, bytes(proof or promise).decode()),
            ),
            "not sealed": ("SELECT ledger.keep_proof(%s, 'scellement', 12, 'c2sp.org/tlog-proof@v1')", (a,)),
        }[change]
        with pytest.raises(psycopg.errors.CheckViolation):
            conn.execute(keep[0].encode(), keep[1])


@pytest.mark.parametrize("table", ["receipt", "claimed_attempt"])
def test_what_was_handed_over_is_not_changed(receipts: Receipts, table: str) -> None:
    """Neither the application nor the owner can change, remove or, save through the functions, add a row."""
    receipts.of(filed(receipts.ledger))
    with psycopg.connect(receipts.ledger.database.conninfo, autocommit=True) as conn:
        for role in (OWNER, APPLICATION):
            conn.execute(f"SET ROLE {role}".encode())
            for statement in (
                f"DELETE FROM ledger.{table}",
                f"TRUNCATE ledger.{table}",
                f"UPDATE ledger.{table} SET {'text = text' if table == 'receipt' else 'claim = claim'}",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    conn.execute(statement.encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(f"INSERT INTO ledger.{table} SELECT * FROM ledger.{table}".encode())


# ---------------------------------------------------------------------- one byte


BITS: Final = [1 << bit for bit in range(8)]


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
    assert {each.name for each in found if each.outcome is Outcome.IMPOSSIBLE} == (
        {"engagement", "inclusion", "point", "temoins"} if name == "promesse" else set()
    )


# ---------------------------------------------------------------------- what must be refused


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


# ---------------------------------------------------------------------- against the ledger


def test_a_promise_that_was_not_kept(
    unchecked_ledger: Ledger, promise_keys: SigningKeys, sealer: Sealer, policy: Policy
) -> None:
    """The operator drops the fact: the promise still verifies, and a later copy is shown not to hold what it promised."""
    ledger = unchecked_ledger
    entry = filed(ledger)
    receipt = Receipts(ledger, promise_keys, policy).of(entry)
    with ledger.database.connect() as conn:
        assert in_mirror(conn, receipt.line).presence is Presence.PRESENTE
    with ledger.database.as_owner() as conn:
        conn.execute("ALTER TABLE ledger.entry DISABLE TRIGGER append_only")
        conn.execute("DELETE FROM ledger.entry WHERE event_id = %s", (entry.event_id,))
        conn.execute("ALTER TABLE ledger.entry ENABLE ALWAYS TRIGGER append_only")
    ledger.append(list(faits(3, first=900)))
    sealer.seal()
    found = verify_receipt(bytes(receipt), policy)
    assert checks.holding(found)
    assert {each.name for each in found if each.outcome is Outcome.IMPOSSIBLE} >= {"inclusion", "point", "temoins"}
    with pytest.raises(NoReceiptError, match="n'est plus au registre"):
        Receipts(ledger, promise_keys, policy).of(entry)
    with ledger.database.connect() as conn:
        assert in_mirror(conn, receipt.line).presence is Presence.TROP_TOT
        old = replace(receipt.line, at=f"{entry.recorded_at - 2 * DELAY:%Y-%m-%dT%H:%M:%S.%fZ}")
        search = in_mirror(conn, old)
        assert search.presence is Presence.ABSENTE
        assert search.lines == 8
        rows = conn.execute("SELECT line FROM ledger.leaf JOIN ledger.entry USING (notification_id) ORDER BY position")
        lines = [f"{line}\n".encode() for (line,) in rows]
    assert in_lines(lines, old).presence is Presence.ABSENTE
    assert in_lines([*lines, f"{receipt.line.text}\n".encode()], receipt.line).presence is Presence.PRESENTE
    other = receipt.line.text.replace(receipt.line.c["fait"], "0" * 64)
    assert in_lines([*lines, f"{other}\n".encode()], receipt.line).presence is Presence.REMPLACEE
    assert in_lines([b"\xff\n", b"{}\n"], receipt.line).presence is Presence.TROP_TOT


# ---------------------------------------------------------------------- with the tools of others


def shell(folder: Path, command: str) -> str:
    """What a command prints, run by a shell where the files are."""
    done = subprocess.run(["sh", "-euc", command], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def documented(title: str) -> str:
    """The commands of the section of docs/receipts.md that is called so."""
    text = (PROJECT / "docs" / "receipts.md").read_text(encoding="utf-8")
    section = text.partition(f"### {title}\n")[2].partition("\n### ")[0]
    return section.partition("```sh\n")[2].partition("```")[0]


@pytest.mark.parametrize("damage", [False, True])
def test_the_documented_commands_verify_it(
    complete: bytes, promise_keys: SigningKeys, tmp_path: Path, damage: bool
) -> None:
    """``openssl`` and ``sha256sum``, as the documentation gives them, accept the receipt and refuse it once changed."""
    if damage:
        complete = complete.replace(
            b"constat/1 promesse\n" + ORIGIN.encode(), b"constat/1 promesse\n" + ORIGIN[:-1].encode() + b"y"
        )
        complete = complete.replace(b"E-503", b"E-504")
    (tmp_path / "acte.recu").write_bytes(complete)
    (tmp_path / "cle.txt").write_text(promise_keys.verifiers[0].vkey + "\n")
    line, content = documented("1. The line"), documented("2. The content shown")
    promise, proof = documented("3. The promise"), documented("5. The proof")
    receipt = Receipt.parse(complete)
    assert shell(tmp_path, line).split()[0] == receipt.line.leaf.hex()
    assert (shell(tmp_path, content).split()[0] == receipt.line.c["fait"]) is not damage
    if damage:
        with pytest.raises(AssertionError):
            shell(tmp_path, promise)
    else:
        assert "Signature Verified Successfully" in shell(tmp_path, promise)
    shell(tmp_path, proof)
    assert (tmp_path / "preuve.tlog-proof").read_bytes() == bytes(receipt.proof or b"")


def test_the_digest_of_the_header_is_that_of_what_follows(complete: bytes, tmp_path: Path) -> None:
    """The digest that the header gives is that of the rest of the file, as ``sha256sum`` computes it."""
    (tmp_path / "acte.recu").write_bytes(complete)
    told = shell(tmp_path, documented("4. The whole file")).split()[0]
    assert f"{sheet.DIGEST}{told}" in complete.decode()
    assert told == sha256(complete[complete.index(b"--- ligne ---") :]).hexdigest()
    assert b64encode(Receipt.parse(complete).line.leaf) in complete

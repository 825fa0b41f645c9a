"""A receipt without the ledger, and against it: later copies of the log, and the tools of others."""

import subprocess
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.absence import DELAY, Presence, in_lines, in_mirror
from ledger.receipts import NoReceiptError, Receipts
from ledger.seal import checks, sheet
from ledger.seal.checks import Verdict
from ledger.seal.policy import Policy
from ledger.seal.receipt import Receipt, verify_receipt
from ledger.seal.sealer import Sealer
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from tests.conftest import ORIGIN
from tests.faits import faits
from tests.seal.receipts import PROJECT, filed


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
    assert {each.name for each in found if each.outcome is Verdict.IMPOSSIBLE} >= {"inclusion", "point", "temoins"}
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

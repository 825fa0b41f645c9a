"""A receipt is made once and for ever: whoever asks, however often, whatever is killed, whichever key signs."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from ledger.coffre import DeploymentKeys
from ledger.database import APPLICATION, OWNER
from ledger.receipts import Receipts
from ledger.seal import checks
from ledger.seal.policy import Policy
from ledger.seal.promise import Promise, key_name, keys_at
from ledger.seal.receipt import Receipt, verify_receipt
from ledger.seal.sealer import Sealer
from ledger.store import Ledger
from tests.conftest import ORIGIN
from tests.faits import fait
from tests.seal.receipts import PROJECT, failing, filed, policy_of

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

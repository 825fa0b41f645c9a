"""What the tests of receipts share: acts, witnesses who cosign, a policy, and how checks ended."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.database import SEALER, Database
from ledger.entry import Entry
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.checks import Check
from ledger.seal.note import COSIGNATURE, Note, Signer
from ledger.seal.policy import Policy
from ledger.store import Ledger
from tests.faits import fait, faits

WITNESSES: Final = [
    Signer(f"temoin.example/{n}", COSIGNATURE, Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in (2, 3)
]
PROJECT: Final = Path(__file__).parents[2]
GOLDEN: Final = PROJECT / "tests" / "golden"


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

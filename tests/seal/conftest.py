"""A log that seals, and the receipts of its acts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.database import Database
from ledger.receipts import Receipts
from ledger.seal.policy import Policy
from ledger.seal.promise import key_name
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from tests.conftest import ORIGIN
from tests.seal.receipts import WITNESSES, cosign, filed, policy_of


@pytest.fixture
def signing_keys() -> SigningKeys:
    """The log's keys."""
    return SigningKeys.generate(ORIGIN)


@pytest.fixture
def sealer(database: Database, signing_keys: SigningKeys, tmp_path: Path) -> Iterator[Sealer]:
    """A sealer of the test's own ledger."""
    sealer = Sealer(database, signing_keys, Memory(tmp_path / "point"))
    yield sealer
    sealer.close()


@pytest.fixture
def promise_keys() -> SigningKeys:
    """The keys that sign promises."""
    return SigningKeys.generate(key_name(ORIGIN))


@pytest.fixture
def policy(signing_keys: SigningKeys, promise_keys: SigningKeys) -> Policy:
    """The log's key, its key of promises, and two witnesses who must both have cosigned."""
    return policy_of([*signing_keys.verifiers, *promise_keys.verifiers])


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

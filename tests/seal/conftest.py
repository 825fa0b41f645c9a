"""A log that seals, and what every published checkpoint must go on being."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.database import Database
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.signing import SigningKeys
from tests.conftest import ORIGIN


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

"""A sealed population, and the bulk tables made of it."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from evidence.masse import Bilan, Demande, ecrire
from ledger.coffre import DeploymentKeys
from ledger.database import Database
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from rules.catalogue import empreinte
from rules.jeux import ACTUEL
from tests.conftest import ORIGIN

AU = date(2025, 12, 14)
CLE = bytes(range(32))


@pytest.fixture
def sealer(database: Database, tmp_path: Path) -> Iterator[Sealer]:
    """A sealer of the test's own ledger."""
    sealer = Sealer(database, SigningKeys.generate(ORIGIN), Memory(tmp_path / "point"))
    yield sealer
    sealer.close()


@pytest.fixture
def masse(ledger: Ledger, keys: DeploymentKeys, sealer: Sealer, tmp_path: Path) -> Callable[..., tuple[Path, Bilan]]:
    """Seals what there is, unless a note is given, and writes the bulk tables into a new folder."""
    made = iter(range(100))

    def write(**given: Any) -> tuple[Path, Bilan]:
        sealed = given.pop("point", None) or sealer.seal() or sealer.latest()
        folder = tmp_path / f"masse-{next(made)}"
        folder.mkdir()
        values = {"au": AU, "cle": CLE, "cle_gardee": True, "minimum": 5, "mois": False, "regles": empreinte(ACTUEL)}
        asked = Demande(point=bytes(sealed or b""), **{**values, **given})
        return folder, ecrire(ledger, keys, folder, asked, lambda _: None)

    return write

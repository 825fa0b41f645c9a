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
from tests.conftest import ORIGIN, Template
from tests.evidence.populations import d_autres, population

AU = date(2025, 12, 14)
CLE = bytes(range(32))


@pytest.fixture
def sealer(database: Database, tmp_path: Path) -> Iterator[Sealer]:
    """A sealer of the test's own ledger."""
    sealer = Sealer(database, SigningKeys.generate(ORIGIN), Memory(tmp_path / "point"))
    yield sealer
    sealer.close()


@pytest.fixture(scope="module")
def peuple(
    template: Template, keys: DeploymentKeys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Ledger, Path]]:
    """A sealed population, what is protected and what is of nobody included, and its bulk tables, for a whole module."""
    folder = tmp_path_factory.mktemp("peuple")
    with template.copy() as database, Ledger(database, keys) as ledger:
        sealer = Sealer(database, SigningKeys.generate(ORIGIN), Memory(folder / "point"))
        try:
            ledger.append([*population(80), *d_autres(12)])
            (folder / "masse").mkdir()
            ecrire(ledger, keys, folder / "masse", demande(bytes(sealer.seal() or b"")), lambda _: None)
            yield ledger, folder / "masse"
        finally:
            sealer.close()


def demande(point: bytes, **given: Any) -> Demande:
    """What is asked for in these tests, unless said otherwise."""
    values = {"au": AU, "cle": CLE, "cle_gardee": True, "minimum": 5, "mois": False, "regles": empreinte(ACTUEL)}
    return Demande(point=point, **{**values, **given})


@pytest.fixture
def masse(ledger: Ledger, keys: DeploymentKeys, sealer: Sealer, tmp_path: Path) -> Callable[..., tuple[Path, Bilan]]:
    """Seals what there is, unless a note is given, and writes the bulk tables into a new folder."""
    made = iter(range(100))

    def write(**given: Any) -> tuple[Path, Bilan]:
        sealed = given.pop("point", None) or sealer.seal() or sealer.latest()
        folder = tmp_path / f"masse-{next(made)}"
        folder.mkdir()
        return folder, ecrire(ledger, keys, folder, demande(bytes(sealed or b""), **given), lambda _: None)

    return write

"""Each attack of a hostile administrator is noticed by those it must be noticed by, and docs/tamper.md says so."""

from pathlib import Path
from typing import Final

import pytest

from bench.tamper import ATTACKS, Attack, attacked, looked, row, sealed_world
from tests.conftest import on

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "tamper.md"


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda each: each.name)
def test_an_attack_is_noticed(server_conninfo: str, attack: Attack) -> None:
    """Who had to notice it did, and the document's line is what comes out."""
    noticed = attacked(lambda name: on(server_conninfo, name), attack)
    assert attack.noticed_by <= {each.by for each in noticed}
    assert f"| {' | '.join(row(attack, noticed)[:2])} |" in DOCUMENT.read_text(encoding="utf-8")


def test_nobody_cries_wolf(server_conninfo: str) -> None:
    """On a log that nobody touched, nobody notices anything."""
    with sealed_world(lambda name: on(server_conninfo, name)) as world:
        assert list(looked(world)) == []

"""docs/operations.md says what the tests do."""

from pathlib import Path

import pytest

from ledger.seal import sealer
from tests.operations import servers

TEXT = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "settings",
    [servers.ARCHIVING, servers.RESTORING, servers.STANDING_BY, servers.LEADING],
    ids=lambda each: next(iter(each)),
)
def test_every_setting_of_the_tests_is_in_the_document(settings: dict[str, str]) -> None:
    """What a test sets on a server, the document tells the operator to set, to the same value."""
    example = {"archive": "/archive", "name": "secours", "upto": "2026-11-27 08:00:00+00"}
    for name, value in settings.items():
        assert f"\n{name} = '{value.format(**example)}'" in TEXT, name


def test_every_program_is_run_with_the_options_of_the_document() -> None:
    """The base backups and the promotion are those of the tests."""
    assert f"pg_basebackup {' '.join(servers.BASE_BACKUP)} -D" in TEXT
    assert f"pg_basebackup {' '.join(servers.STANDBY_BACKUP)} secours" in TEXT
    assert f"pg_ctl {' '.join(servers.PROMOTE)}" in TEXT


def test_the_heading_that_the_sealer_names_is_there() -> None:
    """Who is told to look under « Après une restauration » finds it."""
    assert "docs/operations.md, « Après une restauration »" in Path(sealer.__file__).read_text(encoding="utf-8")
    assert "\n## After a restore (« Après une restauration »)\n" in TEXT

"""A file that is written whole takes the place of a file only: what else stands there stays."""

import os
import stat
from pathlib import Path

import pytest

from ledger.seal import files
from ledger.seal.files import PasUnFichierError


def test_a_file_takes_the_place_of_a_file(tmp_path: Path) -> None:
    """A file that was there is replaced, and one that was not is made, with the mode that was asked for."""
    place = tmp_path / "dossier" / "point"
    files.replace(place, b"premier")
    files.replace(place, b"second", mode=0o600)
    assert place.read_bytes() == b"second"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [each.name for each in place.parent.iterdir()] == ["point"]


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    """A pipe, a folder, a link to the null device stay what they are: root could replace /dev/null itself."""
    os.mkfifo(tmp_path / "tube")
    (tmp_path / "vide").mkdir()
    (tmp_path / "nul").symlink_to(os.devnull)
    for nom in ("tube", "vide", "nul"):
        with pytest.raises(PasUnFichierError, match=nom):
            files.replace(tmp_path / nom, b"autre")
    assert stat.S_ISFIFO((tmp_path / "tube").stat().st_mode)
    assert stat.S_ISCHR((tmp_path / "nul").stat().st_mode)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["nul", "tube", "vide"]

"""Files that are written whole, or not at all."""

import os
from pathlib import Path

import pytest

from ledger.seal import files


def test_what_is_no_file_is_never_replaced(tmp_path: Path) -> None:
    """A pipe or a device keeps its place: `/dev/null` replaced by a file would be gone for the whole machine."""
    pipe = tmp_path / "tuyau"
    os.mkfifo(pipe)
    with pytest.raises(FileExistsError):
        files.replace(pipe, b"contenu")
    with pytest.raises(IsADirectoryError):
        files.replace(tmp_path, b"contenu")
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    """What was there gives its place, and nothing else stays beside."""
    path = tmp_path / "dossier" / "point"
    for content in (b"un", b"deux"):
        files.replace(path, content, mode=0o600)
        assert (path.read_bytes(), path.stat().st_mode & 0o777) == (content, 0o600)
    assert list(path.parent.iterdir()) == [path]

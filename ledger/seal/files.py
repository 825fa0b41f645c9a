"""Files that are there whole or not at all."""

import errno
import os
import secrets
from pathlib import Path


def replace(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write ``content`` in place of what was at ``path``: after a crash it is the one or the other, and on disk.

    :raises OSError: ``path`` is there and is no file: a device (``/dev/null``) would be gone for the whole machine.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EISDIR if path.is_dir() else errno.EEXIST, "not a file", str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

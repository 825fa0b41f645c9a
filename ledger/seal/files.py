"""Files that are there whole or not at all."""

import os
import secrets
from pathlib import Path

from ledger.errors import ConstatError


class PasUnFichierError(ConstatError):
    """Ce qui est à cet endroit n'est pas un fichier ordinaire : rien n'y est écrit."""


def replace(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write ``content`` in place of what was at ``path``: after a crash it is the one or the other, and on disk.

    :raises PasUnFichierError: a folder or a device is there: a rename would put a file in its place, /dev/null's too.
    """
    if path.exists() and not path.is_file():
        msg = f"« {path} » n'est pas un fichier ordinaire : rien n'y est écrit"
        raise PasUnFichierError(msg)
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

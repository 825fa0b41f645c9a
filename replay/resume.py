"""A verification that was cut off goes on: what was read of which streams, kept in a file beside.

Each range of streams is read as the ledger stood when the verification began, so that the ranges done before and after
a break add up to one instant. The order, the tree and the guards are quick, and are redone whole each time.

The file is JSON Lines: what is verified, then a line for each range that is done. A line that a break cut short is
taken for one that was not written.
"""

import os
from pathlib import Path
from typing import Self

import msgspec

from ledger.errors import ConstatError
from replay.checks.streams import Found


class ResumeError(ConstatError):
    """Le fichier de reprise n'est pas celui d'une vérification de ce registre."""


class _Whole(msgspec.Struct, forbid_unknown_fields=True):
    origin: str
    upto: int
    how: str


class _Done(msgspec.Struct, array_like=True):
    number: int
    found: Found


class Resumption:
    """What a verification has read so far. ``upto``: the last arrival that it reads."""

    def __init__(self, path: Path, upto: int, done: dict[int, Found]) -> None:
        self.path = path
        self.upto = upto
        self._done = done

    @classmethod
    def open(cls, path: Path, *, origin: str, upto: int, how: str) -> Self:
        """Go on with the verification that ``path`` tells of, or begin one that reads up to ``upto``.

        ``how``: what is checked, which must be the same throughout.

        :raises ResumeError: the file is of another ledger, of another kind of verification, or of none.
        """
        if not path.exists():
            _append(path, msgspec.json.encode(_Whole(origin, upto, how)))
            return cls(path, upto, {})
        first, *lines = path.read_bytes().split(b"\n")
        try:
            whole = msgspec.json.decode(first, type=_Whole)
            done = [msgspec.json.decode(line, type=_Done) for line in lines[:-1]]
        except msgspec.DecodeError as error:
            msg = f"{path.name} n'est pas un fichier de reprise : retirez-le pour recommencer du début"
            raise ResumeError(msg) from error
        if (whole.origin, whole.how) != (origin, how):
            msg = f"{path.name} est d'un autre registre ou d'une autre sorte de vérification : donnez un autre fichier"
            raise ResumeError(msg)
        if lines[-1]:
            os.truncate(path, path.stat().st_size - len(lines[-1]))
        return cls(path, whole.upto, {each.number: each.found for each in done})

    def result(self, number: int) -> Found | None:
        """What was found in a range that was done before the break."""
        return self._done.get(number)

    def keep(self, number: int, found: Found) -> None:
        """Remember that a range is done: on disk before this returns."""
        _append(self.path, msgspec.json.encode(_Done(number, found)))

    def end(self) -> None:
        """All is done: nothing is left to go on with."""
        self.path.unlink(missing_ok=True)


def _append(path: Path, line: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())

"""A verification that was cut off goes on: what was read of which streams, kept in a file beside.

Each range of streams is read as the ledger stood when the verification began, so that the ranges done before and after
a break add up to one instant. The order, the tree and the guards are quick, and are redone whole each time.
"""

from pathlib import Path
from typing import Any, Self

import msgspec

from ledger.errors import ConstatError
from ledger.seal import files
from replay.checks.report import Report


class ResumeError(ConstatError):
    """Le fichier de reprise n'est pas celui d'une vérification de ce registre."""


class _State(msgspec.Struct):
    origin: str
    upto: int
    how: str
    done: dict[int, Any]


class Resumption:
    """What a verification has read so far. ``upto``: the last arrival that it reads."""

    def __init__(self, path: Path, state: _State) -> None:
        self.path = path
        self._state = state

    @classmethod
    def open(cls, path: Path, *, origin: str, upto: int, how: str) -> Self:
        """Go on with the verification that ``path`` tells of, or begin one that reads up to ``upto``.

        ``how``: what is checked, which must be the same throughout.

        :raises ResumeError: the file is of another ledger, of another kind of verification, or of none.
        """
        if not path.exists():
            return cls(path, _State(origin, upto, how, {}))
        try:
            state = msgspec.json.decode(path.read_bytes(), type=_State)
        except msgspec.DecodeError as error:
            msg = f"{path.name} n'est pas un fichier de reprise : retirez-le pour recommencer du début"
            raise ResumeError(msg) from error
        if (state.origin, state.how) != (origin, how):
            msg = f"{path.name} est d'un autre registre ou d'une autre sorte de vérification : donnez un autre fichier"
            raise ResumeError(msg)
        return cls(path, state)

    @property
    def upto(self) -> int:
        """The last arrival that is read."""
        return self._state.upto

    def result(self, number: int) -> Report | None:
        """What was found in a range that was done before the break."""
        kept = self._state.done.get(number)
        return msgspec.convert(kept, Report) if kept is not None else None

    def keep(self, number: int, report: Report) -> None:
        """Remember that a range is done: on disk before this returns."""
        self._state.done[number] = msgspec.to_builtins(report)
        files.replace(self.path, msgspec.json.encode(self._state), mode=0o600)

    def end(self) -> None:
        """All is done: nothing is left to go on with."""
        self.path.unlink(missing_ok=True)

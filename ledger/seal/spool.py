"""How the spool of a guichet is read: segments of lines, one chain through all of them.

A folder of files ``000001.jsonl``, ``000002.jsonl`` …; each line ends with a line feed. Bytes after the last line feed
were being written: nobody was given a receipt for them, and they are not read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from ledger.errors import ConstatError
from ledger.seal.attempt import MAX_LINE_BYTES, Line
from ledger.seal.note import NoteError

_SEGMENT: Final = re.compile(r"[0-9]{6}\.jsonl")


class SpoolError(ConstatError):
    """Le registre d'attente du guichet n'est pas dans l'état attendu."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with a spool: in which file, at which of its lines (from 1), and what."""

    file: str
    number: int
    found: str


def segments(folder: Path) -> list[Path]:
    """The segments of a spool, in order.

    :raises SpoolError: there is no such folder.
    """
    if not folder.is_dir():
        msg = f"« {folder} » n'est pas le dossier d'un guichet"
        raise SpoolError(msg)
    return sorted(path for path in folder.iterdir() if _SEGMENT.fullmatch(path.name))


def walk(folder: Path) -> Iterator[Line | Damage]:
    """Every line of a spool in order, and every place where one is not as it was written or does not follow.

    A line that stands by itself is given even where it does not follow the one before: what it says is not lost.

    :raises SpoolError: the folder is not there, or no guichet ever wrote in it.
    """
    before: Line | None = None
    there = segments(folder)
    if not there:
        msg = f"« {folder} » n'est pas le dossier d'un guichet : aucun fichier 000001.jsonl n'y est"
        raise SpoolError(msg)
    for path in there:
        for number, raw in _lines(path):
            try:
                line = Line.parse(raw)
            except NoteError as error:
                yield Damage(path.name, number, str(error))
                continue
            if before is not None and (line.spool, line.n, line.prev) != (
                before.spool,
                before.n + 1,
                before.leaf.hex(),
            ):
                yield Damage(
                    path.name,
                    number,
                    f"la ligne {line.n} ne suit pas la ligne {before.n} : une ligne a été retirée ou modifiée",
                )
            before = line
            yield line


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(MAX_LINE_BYTES):
            if raw.endswith(b"\n"):
                number += 1
                yield number, raw[:-1]
            elif len(raw) == MAX_LINE_BYTES:
                number += 1
                yield number, b""
                _skip_line(file)


def _skip_line(file: IO[bytes]) -> None:
    while (more := file.readline(MAX_LINE_BYTES)) and not more.endswith(b"\n"):
        pass

"""The spool: what was deposited, one line after the other, on disk before anybody is given a receipt.

One process writes it (the file ``lock`` is held). A line is written whole, then ``fsync``; only then is its receipt
made. Whatever stands behind the last whole line when the spool is opened was being written by a process that was
killed: it is put aside in a file of its own, and the chain goes on from the last line.
"""

import fcntl
import os
import secrets
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from ledger.seal.attempt import MAX_LINE_BYTES, SALT_BYTES, Line, at_text
from ledger.seal.note import NoteError
from ledger.seal.spool import SpoolError, segments

SEGMENT_BYTES: Final = 1 << 26
TOTAL_BYTES: Final = 1 << 30


class SpoolFullError(SpoolError):
    """Le guichet est plein : ce qui a été déposé doit être relevé avant qu'il puisse en prendre d'autres."""


class Spool:
    """A spool open for writing. ``segment_bytes``: when a file is full; ``total_bytes``: when the spool is."""

    def __init__(self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES, total_bytes: int = TOTAL_BYTES) -> None:
        """Open the spool of ``folder``, which is made when it is not there.

        :raises SpoolError: another process writes it, or its last line is not one.
        """
        self.folder = folder
        self._segment_bytes, self._total_bytes = segment_bytes, total_bytes
        self._writing = threading.Lock()
        self._handle: int | None = None
        self._last: Line | None = None
        self._id = ""
        self._number = self._size = self._total = 0
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = os.open(folder / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            msg = f"un autre guichet écrit déjà dans « {folder} »"
            raise SpoolError(msg) from error
        self._recover()

    def append(self, value: Mapping[str, str], now: datetime) -> Line:
        """Add what was deposited at ``now``; on disk when this returns.

        :raises SpoolFullError: there is no room left.
        :raises OSError: the disk does not take it: whether the line is there is not known, and no receipt is given.
        """
        with self._writing:
            if self._handle is None:
                self._recover()
            last = self._last
            line = Line(
                self._id,
                last.n + 1 if last else 1,
                at_text(now),
                secrets.token_bytes(SALT_BYTES),
                dict(value),
                last.leaf.hex() if last else None,
            )
            self._write(bytes(line) + b"\n")
            self._last = line
            return line

    def close(self) -> None:
        """Let go of the spool."""
        with self._writing:
            self._release()
            os.close(self._lock)

    def _release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
        self._handle = None

    def _write(self, raw: bytes) -> None:
        if self._total + len(raw) > self._total_bytes:
            self._total = _octets(segments(self.folder))  # what was drained may have been put away meanwhile
            if self._total + len(raw) > self._total_bytes:
                raise SpoolFullError(SpoolFullError.__doc__)
        handle = self._handle
        assert handle is not None  # noqa: S101 - opened by _recover
        gone = os.fstat(handle).st_nlink == 0  # put away under our hands: what is written there is in no folder
        if gone or (self._size and self._size + len(raw) > self._segment_bytes):
            handle = self._open(self._number + 1)
        try:
            _write_whole(handle, raw)
        except OSError:
            # What is on disk now is not known: the next one finds out, as after a kill.
            self._release()
            raise
        self._size += len(raw)
        self._total += len(raw)

    def _recover(self) -> None:
        """Find the last whole line, put aside what stands behind it, and go on from there.

        :raises SpoolError: the last line is not one: somebody changed it.
        """
        self._release()
        there = segments(self.folder)
        self._last = None
        for path in reversed(there):
            _put_aside(path)
            if path.stat().st_size:
                self._last = _last_line(path)
                break
        self._id = self._last.spool if self._last else secrets.token_hex(16)
        self._total = _octets(there)
        self._open(int(there[-1].stem) if there else 1)

    def _open(self, number: int) -> int:
        """Write to the segment ``number`` from now on; its handle."""
        path = self.folder / f"{number:06}.jsonl"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        _sync_folder(self.folder)
        self._release()
        self._handle, self._number, self._size = handle, number, os.fstat(handle).st_size
        return handle


def _octets(paths: Iterable[Path]) -> int:
    return sum(path.stat().st_size for path in paths)


def _write_whole(handle: int, raw: bytes) -> None:
    if os.write(handle, raw) < len(raw):
        msg = "the disk took a part of a line only"
        raise OSError(msg)
    os.fsync(handle)


def _put_aside(path: Path) -> None:
    """Move what stands behind the last line feed of a segment to a file beside it."""
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        start = max(0, size - 2 * MAX_LINE_BYTES)
        file.seek(start)
        tail = file.read()
        whole = tail.rfind(b"\n") + 1
        if whole == len(tail):
            return
        if not whole and start:
            msg = f"{path.name} ne finit pas par une ligne : il a été modifié"
            raise SpoolError(msg)
        beside = path.with_name(f"{path.stem}.{start + whole}.{secrets.token_hex(4)}.reste")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as kept:
            kept.write(tail[whole:])
            kept.flush()
            os.fsync(kept.fileno())
        _sync_folder(path.parent)
        file.truncate(start + whole)
        os.fsync(file.fileno())


def _last_line(path: Path) -> Line:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - MAX_LINE_BYTES))
        raw = file.read().removesuffix(b"\n").rpartition(b"\n")[2]
    try:
        return Line.parse(raw)
    except NoteError as error:
        msg = f"la dernière ligne de {path.name} n'en est pas une : elle a été modifiée. Mettez ce dossier de côté"
        raise SpoolError(msg) from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""The log as a folder of files that any web server can give out, and anybody copy (C2SP tlog-tiles).

Tiles and bundles are written first, each whole or not at all; the checkpoint comes last. So whatever moment a crash
chooses, and whatever moment a reader does, all that the checkpoint in the folder signs is in the folder.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.seal import files
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.log import SealedLog
from ledger.seal.merkle import HEIGHT, WIDTH, right_edge
from ledger.seal.note import Note, NoteError
from ledger.seal.resources import CHECKPOINT, PublicationRefusedError, Resource, content, resources, with_bundles

LOCK: Final = ".publication"


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication came to: the sizes of the log before and after it, and how many files it wrote."""

    before: int
    size: int
    written: int


def publish(log: SealedLog, folder: Path, note: Note | None = None, *, again: bool = False) -> Publication:
    """Write to ``folder`` what ``note``, or the last checkpoint of ``log``, signs and the folder does not have yet.

    ``again``: write all of it, also what must be there already. Two publications of one folder wait for one another.

    :raises PublicationRefusedError: what would be published is not what was signed, or not what was published before.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        before = published(folder)
        note = note or log.latest()
        if note is None:
            return Publication(before.size if before else 0, 0, 0)
        try:
            return _publish(log, note, folder, before, again=again)
        except LookupError as error:
            msg = "des tuiles ou des lignes manquent sous le dernier point de contrôle : rien n'est publié"
            raise PublicationRefusedError(msg) from error


def _publish(log: SealedLog, note: Note, folder: Path, before: Checkpoint | None, *, again: bool) -> Publication:
    checkpoint = Checkpoint.parse(note.text)
    _check(log, checkpoint, before)
    start = before.size if before and not again else 0
    wanted = [*resources(start, checkpoint.size), *_parts_between(log, start, checkpoint.size)]
    _sweep(folder, wanted)
    for resource in wanted:
        files.replace(folder / resource.path, content(log.conn, resource))
    files.replace(folder / CHECKPOINT, bytes(note))
    _drop_parts(folder, start, checkpoint.size)
    return Publication(before.size if before else 0, checkpoint.size, len(wanted) + 1)


def published(folder: Path) -> Checkpoint | None:
    """The checkpoint that is in ``folder``; ``None`` when nothing was published there.

    :raises PublicationRefusedError: it cannot be read.
    """
    try:
        return Checkpoint.parse(Note.parse((folder / CHECKPOINT).read_bytes()).text)
    except FileNotFoundError:
        return None
    except NoteError as error:
        msg = f"{folder.name}/{CHECKPOINT} n'est pas un point de contrôle : retirez-le, tout sera publié de nouveau"
        raise PublicationRefusedError(msg) from error


def _check(log: SealedLog, checkpoint: Checkpoint, before: Checkpoint | None) -> None:
    """Refuse to publish another tree than the one that is signed, or than the one that was published."""
    if log.root(checkpoint.size) != checkpoint.root:
        msg = f"l'arbre de {checkpoint.size} lignes n'a pas la racine qui est signée : rien n'est publié"
        raise PublicationRefusedError(msg)
    if before is None:
        return
    if before.origin != checkpoint.origin or before.size > checkpoint.size or log.root(before.size) != before.root:
        msg = (
            f"le dossier contient déjà le point de contrôle de {before.size} lignes de {before.origin}, dont ce journal"
            " n'est pas la suite : rien n'est publié"
        )
        raise PublicationRefusedError(msg)


def _parts_between(log: SealedLog, before: int, size: int) -> list[Resource]:
    """The parts of tiles with which the checkpoints between two publications end, while no whole tile has them.

    A log must serve them to whoever holds such a checkpoint (C2SP tlog-tiles, "Partial Tiles").
    """
    parts: list[Resource] = []
    for level, n, width in right_edge(size):
        rows = log.conn.execute(
            "SELECT DISTINCT (size >> %(height)b) & 255::bigint FROM ledger.checkpoint"
            " WHERE size > %(before)b AND size < %(size)b AND size >> %(height)b > %(first)b",
            {"height": HEIGHT * level, "before": before, "size": size, "first": n * WIDTH},
        ).fetchall()
        parts += [Resource(level, n, part) for (part,) in sorted(rows) if 0 < part < width]
    return with_bundles(parts)


def _sweep(folder: Path, wanted: list[Resource]) -> None:
    """Remove what a killed publication, which wanted the same, had begun to write and nobody reads."""
    for place in {folder, *((folder / each.path).parent for each in wanted)}:
        for left in place.glob("*.new"):
            left.unlink()


def _drop_parts(folder: Path, before: int, size: int) -> None:
    """Remove the parts of the tiles that have become whole since ``before``, and so have taken their place."""
    for level, n, _ in right_edge(before):
        whole = Resource(level, n)
        if whole.within(size):
            for each in (whole, Resource(None, n)) if level == 0 else (whole,):
                shutil.rmtree(folder / f"{each.path}.p", ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
